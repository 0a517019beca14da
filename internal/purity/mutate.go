package purity

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// place is a location as the source spells it: a variable and the way from there. A step that
// leaves the variable's own memory, through a slice, a map or a pointer, is "[]" or "^".
type place struct {
	root types.Object
	path string
}

// reach is a place together with how an expression gets there.
type reach struct {
	place
	via    int  // steps, from the variable named in the expression, that leave its memory
	direct bool // the variable named is root itself, not a local alias
	addr   bool // the value is the address of the place
}

// write is one change that a function makes.
type write struct {
	reach
	at   ast.Node
	what string
}

// tracer walks one function in the order of its source and finds what it writes through the
// variables it follows: parameters or package variables, and local names for parts of them.
type tracer struct {
	p      *Package
	follow func(types.Object) bool
	// how many steps deep functions of the package change a parameter; -1 is the receiver
	changed map[*types.Func]map[int]int
	alias   map[types.Object]reach
	fresh   map[place]int // replaced by memory of the function's own, this many steps deep
	writes  []write
}

const deep = 1 << 20

func (t *tracer) walk(body ast.Node) {
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			t.assign(n)
		case *ast.ValueSpec:
			for i, name := range n.Names {
				if len(n.Values) == len(n.Names) {
					t.bind(name, n.Values[i])
				}
			}
		case *ast.IncDecStmt:
			t.write(n.X, n, "changes", 0)
		case *ast.RangeStmt:
			t.iterate(n)
		case *ast.CallExpr:
			t.call(n)
		case *ast.UnaryExpr:
			if r, ok := t.reach(n); ok && n.Op == token.AND {
				t.writes = append(t.writes, write{r, n, "takes the address of"})
			}
		}
		return true
	})
}

func (t *tracer) assign(n *ast.AssignStmt) {
	for i, lhs := range n.Lhs {
		var rhs ast.Expr
		if len(n.Rhs) == len(n.Lhs) {
			rhs = n.Rhs[i]
		}
		if n.Tok != token.DEFINE {
			t.write(lhs, n, "assigns to", 0)
		}
		if n.Tok == token.DEFINE || n.Tok == token.ASSIGN {
			t.bind(lhs, rhs)
		}
	}
}

// bind notes what a plain assignment means for later: the left side becomes another name for a
// followed place, or a followed place gets memory of its own.
func (t *tracer) bind(lhs, rhs ast.Expr) {
	id, isIdent := ast.Unparen(lhs).(*ast.Ident)
	var from reach
	shared := false
	if rhs != nil {
		from, shared = t.reach(rhs)
		shared = shared && refers(t.p.Info.TypeOf(rhs), nil)
	}
	if isIdent {
		obj := t.object(id)
		if obj == nil {
			return
		}
		if shared {
			if !t.follow(obj) && from.root != obj {
				from.via, from.direct = 0, false
				t.alias[obj] = from
			}
			return
		}
	}
	to, ok := t.reach(lhs)
	if !ok || shared {
		return
	}
	depth := deep
	if rhs != nil {
		depth = t.depth(rhs)
	}
	t.fresh[to.place] = depth
	if isIdent && !to.direct {
		delete(t.alias, t.object(id))
		delete(t.fresh, to.place)
	}
}

// depth returns how many steps from a value lead to memory nobody else has: one for a shallow copy.
func (t *tracer) depth(e ast.Expr) int {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return deep
	}
	switch name := calleeName(t.p, call); {
	case strings.HasPrefix(name, "slices."), strings.HasPrefix(name, "maps."), name == "append":
		return 1
	}
	return deep
}

func (t *tracer) iterate(n *ast.RangeStmt) {
	for _, e := range []ast.Expr{n.Key, n.Value} {
		if e == nil {
			continue
		}
		if n.Tok == token.ASSIGN {
			t.write(e, n, "assigns to", 0)
		}
	}
	r, ok := t.reach(n.X)
	id, isIdent := n.Value.(*ast.Ident)
	if !ok || !isIdent || n.Tok != token.DEFINE {
		return
	}
	if obj := t.object(id); obj != nil && refers(obj.Type(), nil) {
		t.alias[obj] = reach{place: place{r.root, r.path + "[]"}}
	}
}

// call looks for functions that change what they are given.
func (t *tracer) call(call *ast.CallExpr) {
	name := calleeName(t.p, call)
	if id, ok := ast.Unparen(call.Fun).(*ast.Ident); ok {
		if b, ok := t.p.Info.Uses[id].(*types.Builtin); ok {
			t.builtin(b.Name(), call)
			return
		}
	}
	if changesFirst(name) && len(call.Args) > 0 {
		t.write(call.Args[0], call, name+" changes", 1)
		return
	}
	fun := callee(t.p, call)
	if fun == nil {
		return
	}
	sel, isSel := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	method := isSel && t.p.Info.Selections[sel] != nil
	if method && t.p.Info.Selections[sel].Kind() == types.MethodVal {
		_, wants := under(fun.Signature().Recv().Type()).(*types.Pointer)
		_, has := under(t.p.Info.TypeOf(sel.X)).(*types.Pointer)
		known := t.changed[fun.Origin()]
		switch {
		case wants && fun.Pkg() != t.p.Pkg && !readOnly(fun.Signature().Recv().Type()):
			t.pointerCall(sel.X, call, name)
		case known[-1] > 0 && wants && !has: // the first step is to the address of sel.X
			t.write(sel.X, call, name+" changes", known[-1]-1)
		case known[-1] > 0:
			t.write(sel.X, call, name+" changes", known[-1])
		case wants && !has:
			t.pointerCall(sel.X, call, name)
		}
	}
	last := fun.Signature().Params().Len() - 1
	for i, arg := range call.Args {
		if last < 0 {
			break
		}
		if depth := t.changed[fun.Origin()][min(i, last)]; depth > 0 {
			t.write(arg, call, name+" changes", depth)
		}
	}
}

// pointerCall is the call of a method on the address of a followed place, of which nothing more is
// known. It counts for a variable of the package, whose methods must not have a pointer receiver.
func (t *tracer) pointerCall(x ast.Expr, at ast.Node, name string) {
	r, ok := t.reach(x)
	if ok && r.direct && isVariable(r.root) {
		t.writes = append(t.writes, write{r, at, "calls pointer method " + name + " of"})
	}
}

// readOnly reports whether the methods of a pointer type of the standard library never change what
// it points to.
func readOnly(t types.Type) bool {
	switch t.String() {
	case "*regexp.Regexp", "*time.Location", "*encoding/base64.Encoding":
		return true
	}
	return false
}

func (t *tracer) builtin(name string, call *ast.CallExpr) {
	switch name {
	case "copy", "delete", "clear":
		t.write(call.Args[0], call, name+" changes", 1)
	case "append":
		if s, ok := ast.Unparen(call.Args[0]).(*ast.SliceExpr); ok && s.Max != nil {
			return
		}
		t.write(call.Args[0], call, "append may write behind the end of", 1)
	}
}

// changesFirst reports whether a function of the standard library changes its first argument.
func changesFirst(name string) bool {
	pkg, f, _ := strings.Cut(name, ".")
	switch pkg {
	case "sort":
		return !strings.HasPrefix(f, "Search") && !strings.HasSuffix(f, "AreSorted") && f != "Reverse" && f != "Find"
	case "slices":
		for _, prefix := range []string{"Sort", "Delete", "Compact", "Replace", "Reverse", "Insert"} {
			if strings.HasPrefix(f, prefix) && !strings.HasPrefix(f, "Sorted") {
				return true
			}
		}
	case "maps":
		return f == "Copy" || f == "DeleteFunc" || f == "Insert"
	case "container/heap":
		return true
	}
	return false
}

func callee(p *Package, call *ast.CallExpr) *types.Func {
	fun := ast.Unparen(call.Fun)
	if ix, ok := fun.(*ast.IndexExpr); ok {
		fun = ix.X
	}
	switch fun := fun.(type) {
	case *ast.Ident:
		f, _ := p.Info.Uses[fun].(*types.Func)
		return f
	case *ast.SelectorExpr:
		f, _ := p.Info.Uses[fun.Sel].(*types.Func)
		return f
	}
	return nil
}

// write notes a change of what e denotes, or, with steps 1, of what e refers to.
func (t *tracer) write(e ast.Expr, at ast.Node, what string, steps int) {
	r, ok := t.reach(e)
	if !ok {
		return
	}
	if r.addr && steps > 0 {
		steps-- // &x handed to a function that writes through it: x itself
		r.via++
	}
	r.via += steps
	r.path += strings.Repeat("[]", steps)
	if !t.owned(r.place) {
		t.writes = append(t.writes, write{r, at, what})
	}
}

// owned reports whether the function replaced, on the way to the place, the part it writes to.
func (t *tracer) owned(to place) bool {
	for from, depth := range t.fresh { //order:any asks whether one exists
		rest, ok := strings.CutPrefix(to.path, from.path)
		if !ok || from.root != to.root {
			continue
		}
		if rest == "" || strings.Count(rest, "[]")+strings.Count(rest, "^") <= depth {
			return true
		}
	}
	return false
}

func (t *tracer) object(id *ast.Ident) types.Object {
	obj := t.p.Info.Uses[id]
	if obj == nil {
		obj = t.p.Info.Defs[id]
	}
	if v, ok := obj.(*types.Var); ok {
		return v
	}
	return nil
}

// reach resolves an expression to a followed place.
func (t *tracer) reach(e ast.Expr) (reach, bool) {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		obj := t.object(e)
		if obj == nil {
			return reach{}, false
		}
		if t.follow(obj) {
			return reach{place: place{root: obj}, direct: true}, true
		}
		r, ok := t.alias[obj]
		return r, ok
	case *ast.SelectorExpr:
		if t.p.Info.Selections[e] == nil {
			obj, ok := t.p.Info.Uses[e.Sel].(*types.Var)
			if !ok || !t.follow(obj) {
				return reach{}, false
			}
			return reach{place: place{root: obj}, direct: true}, true
		}
		if t.p.Info.Selections[e].Kind() != types.FieldVal {
			return reach{}, false
		}
		r, ok := t.reach(e.X)
		return t.through(r, e.X).step("."+e.Sel.Name, 0), ok
	case *ast.IndexExpr:
		r, ok := t.reach(e.X)
		switch under(t.p.Info.TypeOf(e.X)).(type) {
		case *types.Array:
			return r.step("[i]", 0), ok
		case *types.Pointer: // to an array
			return t.through(r, e.X).step("[i]", 0), ok
		case *types.Slice, *types.Map:
			return r.step("[]", 1), ok
		}
		return reach{}, false
	case *ast.SliceExpr:
		r, ok := t.reach(e.X)
		if _, array := under(t.p.Info.TypeOf(e.X)).(*types.Array); array {
			r.addr = true
		}
		return r, ok
	case *ast.StarExpr:
		r, ok := t.reach(e.X)
		return t.through(r, e.X), ok
	case *ast.UnaryExpr:
		if e.Op != token.AND {
			return reach{}, false
		}
		r, ok := t.reach(e.X)
		r.addr = true
		return r, ok
	case *ast.TypeAssertExpr:
		return t.reach(e.X)
	case *ast.CallExpr:
		return t.reachCall(e)
	}
	return reach{}, false
}

// reachCall follows conversions, and append, whose result shares the memory of its first argument.
func (t *tracer) reachCall(e *ast.CallExpr) (reach, bool) {
	if len(e.Args) == 0 {
		return reach{}, false
	}
	if tv := t.p.Info.Types[e.Fun]; tv.IsType() {
		_, str := under(tv.Type).(*types.Basic)
		if str || strings.HasPrefix(t.p.Info.TypeOf(e.Args[0]).Underlying().String(), "string") {
			return reach{}, false
		}
		return t.reach(e.Args[0])
	}
	if calleeName(t.p, e) == "append" {
		if s, ok := ast.Unparen(e.Args[0]).(*ast.SliceExpr); ok && s.Max != nil {
			return reach{}, false
		}
		return t.reach(e.Args[0])
	}
	return reach{}, false
}

func (r reach) step(s string, via int) reach {
	r.path += s
	r.via += via
	r.addr = false
	return r
}

// through dereferences x, if it is a pointer.
func (t *tracer) through(r reach, x ast.Expr) reach {
	if _, ok := under(t.p.Info.TypeOf(x)).(*types.Pointer); !ok {
		return r
	}
	if r.addr { // the address of a followed place, or a local name for it
		r.addr = false
		r.via++
		return r
	}
	return r.step("^", 1)
}

// refers reports whether a copy of a value of type t still shares memory with it.
func refers(t types.Type, seen []types.Type) bool {
	if t == nil || slices.Contains(seen, t) {
		return false
	}
	seen = append(seen, t)
	switch u := t.Underlying().(type) {
	case *types.Slice, *types.Map, *types.Pointer:
		return true
	case *types.Array:
		return refers(u.Elem(), seen)
	case *types.Struct:
		for f := range u.Fields() {
			if refers(f.Type(), seen) {
				return true
			}
		}
	}
	return false
}

// isVariable reports whether obj is a variable of a package.
func isVariable(obj types.Object) bool {
	v, ok := obj.(*types.Var)
	return ok && !v.IsField() && v.Pkg() != nil && v.Parent() == v.Pkg().Scope()
}
