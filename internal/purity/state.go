package purity

import (
	"go/ast"
	"go/types"
	"strings"
)

func newTracer(p *Package, changed map[*types.Func]map[int]int, follow func(types.Object) bool) *tracer {
	return &tracer{p: p, changed: changed, follow: follow, alias: map[types.Object]reach{}, fresh: map[place]int{}}
}

// variables is P5: no variable of a package is assigned, changed in part, handed to something that
// changes it, or given away as a slice, map or pointer that others could change. An exported
// variable anyone can assign, so only errors may be.
func variables(p *Package) (found []Finding) {
	changed := changedParameters(p)
	for _, f := range p.Files {
		for _, decl := range f.Decls {
			t := newTracer(p, changed, isVariable)
			t.walk(decl)
			for _, w := range t.writes {
				if w.direct || w.via > 0 {
					found = p.report(found, "P5", w.at, "%s package variable %s", w.what, w.root.Name())
				}
			}
			if fun, ok := decl.(*ast.FuncDecl); ok && fun.Name.IsExported() {
				found = append(found, givenAway(t, fun)...)
			}
			found = append(found, exportedVariables(p, decl)...)
		}
	}
	return found
}

func givenAway(t *tracer, fun *ast.FuncDecl) (found []Finding) {
	ast.Inspect(fun, func(n ast.Node) bool {
		ret, ok := n.(*ast.ReturnStmt)
		if !ok {
			return true
		}
		for _, e := range ret.Results {
			r, ok := t.reach(e)
			if !ok || !refers(t.p.Info.TypeOf(e), nil) || constant(r.root) {
				continue
			}
			found = t.p.report(found, "P5", e, "gives package variable %s away; return a copy", r.root.Name())
		}
		return true
	})
	return found
}

// constant reports whether a variable holds an error, or a pointer to what nobody can change.
func constant(obj types.Object) bool {
	errorType := types.Universe.Lookup("error").Type().Underlying().(*types.Interface)
	return types.Implements(obj.Type(), errorType) || readOnly(obj.Type())
}

func exportedVariables(p *Package, decl ast.Decl) (found []Finding) {
	gen, ok := decl.(*ast.GenDecl)
	if !ok {
		return nil
	}
	for _, spec := range gen.Specs {
		vs, ok := spec.(*ast.ValueSpec)
		if !ok {
			continue
		}
		for _, name := range vs.Names {
			if v, ok := p.Info.Defs[name].(*types.Var); ok && name.IsExported() && !constant(v) {
				found = p.report(found, "P5", name,
					"exported variable %s can be assigned by anyone; make it a function", name.Name)
			}
		}
	}
	return found
}

// arguments is P6: an exported function, or a method of an exported type, changes nothing that its
// parameters or its value receiver refer to. A parameter named dst is there to be changed, and so is
// what a room of the control plane owns.
func arguments(p *Package) (found []Finding) {
	changed := changedParameters(p)
	for _, fun := range p.functions() {
		recv := p.receiver(fun)
		if !fun.Name.IsExported() || recv != nil && !receiverName(recv.Type()).Exported() {
			continue
		}
		params := p.parameters(fun)
		for _, w := range parameterWrites(p, fun, changed) {
			i := params[w.root]
			_, pointer := under(w.root.Type()).(*types.Pointer)
			if i == -1 && pointer || w.root.Name() == "dst" || p.ownedBy(recv, w.root) {
				continue
			}
			found = p.report(found, "P6", w.at, "%s the caller's %s", w.what,
				strings.TrimSuffix(w.root.Name()+w.path, "^"))
		}
	}
	return found
}

// ownedBy reports whether recv and obj point to things of rooms: rooms change the plane's tasks and
// services, which nobody outside of the plane has.
func (p *Package) ownedBy(recv *types.Var, obj types.Object) bool {
	if !strings.HasPrefix(p.Path, rooms) || recv == nil {
		return false
	}
	own := func(t types.Type) bool {
		if list, ok := types.Unalias(t).(*types.Slice); ok {
			t = list.Elem()
		}
		pointer, ok := types.Unalias(t).(*types.Pointer)
		if !ok {
			return false
		}
		named, ok := types.Unalias(pointer.Elem()).(*types.Named)
		return ok && named.Obj().Pkg() != nil &&
			(named.Obj().Pkg() == p.Pkg || strings.HasPrefix(named.Obj().Pkg().Path(), Module+"/"+rooms))
	}
	return own(recv.Type()) && own(obj.Type())
}

func receiverName(t types.Type) *types.TypeName {
	if ptr, ok := types.Unalias(t).(*types.Pointer); ok {
		t = ptr.Elem()
	}
	return types.Unalias(t).(*types.Named).Obj()
}

func (p *Package) receiver(fun *ast.FuncDecl) *types.Var {
	f, ok := p.Info.Defs[fun.Name].(*types.Func)
	if !ok {
		return nil
	}
	return f.Signature().Recv()
}

// parameters returns the index of each parameter; that of the receiver is -1.
func (p *Package) parameters(fun *ast.FuncDecl) map[types.Object]int {
	index := map[types.Object]int{}
	f, ok := p.Info.Defs[fun.Name].(*types.Func)
	if !ok {
		return index
	}
	if r := f.Signature().Recv(); r != nil {
		index[r] = -1
	}
	for i := range f.Signature().Params().Len() {
		index[f.Signature().Params().At(i)] = i
	}
	return index
}

// parameterWrites returns the changes a function makes to what its parameters refer to. Taking an
// address changes nothing yet.
func parameterWrites(p *Package, fun *ast.FuncDecl, changed map[*types.Func]map[int]int) (through []write) {
	params := p.parameters(fun)
	t := newTracer(p, changed, func(obj types.Object) bool {
		_, ok := params[obj]
		return ok
	})
	t.walk(fun.Body)
	for _, w := range t.writes {
		if _, address := w.at.(*ast.UnaryExpr); w.via > 0 && !address {
			through = append(through, w)
		}
	}
	return through
}

// changedParameters returns, for every function of the package, the parameters it changes, itself
// or through other functions of the package, and how many steps away from the parameter.
func changedParameters(p *Package) map[*types.Func]map[int]int {
	const limit = 8 // functions that call themselves would go deeper and deeper
	changed := map[*types.Func]map[int]int{}
	for more := true; more; {
		more = false
		for _, fun := range p.functions() {
			def := p.Info.Defs[fun.Name].(*types.Func)
			params := p.parameters(fun)
			for _, w := range parameterWrites(p, fun, changed) {
				i, depth := params[w.root], min(w.via, limit)
				if changed[def][i] >= depth {
					continue
				}
				if changed[def] == nil {
					changed[def] = map[int]int{}
				}
				changed[def][i] = depth
				more = true
			}
		}
	}
	return changed
}

// functions returns the declared functions and methods that have a body.
func (p *Package) functions() (list []*ast.FuncDecl) {
	for _, f := range p.Files {
		for _, decl := range f.Decls {
			if fun, ok := decl.(*ast.FuncDecl); ok && fun.Body != nil {
				list = append(list, fun)
			}
		}
	}
	return list
}
