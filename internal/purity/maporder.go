package purity

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// mapOrder is P7. What a range over a map collects must be sorted later in the same function; the
// same holds for the iterators of packages maps and reflect. A range that binds neither key nor value cannot
// tell one order from another.
func mapOrder(p *Package) (found []Finding) {
	for _, f := range p.Files {
		excused := excuses(p.Fset, f)
		var bodies []*ast.BlockStmt // innermost function last
		var visit func(ast.Node) bool
		walk := func(body *ast.BlockStmt) {
			if body != nil {
				bodies = append(bodies, body)
				ast.Inspect(body, visit)
				bodies = bodies[:len(bodies)-1]
			}
		}
		judge := func(n ast.Node, what string, collected map[types.Object]bool) {
			line := p.Fset.Position(n.Pos()).Line
			if excused[line] || excused[line-1] {
				return
			}
			for _, body := range bodies {
				if sortedAfter(p, body, n.End(), collected) {
					return
				}
			}
			found = p.report(found, "P7", n, "%s: sort what it collects, or say //order:any and why", what)
		}
		visit = func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				walk(n.Body)
				return false
			case *ast.FuncLit:
				walk(n.Body)
				return false
			case *ast.RangeStmt:
				if _, ok := under(p.Info.TypeOf(n.X)).(*types.Map); ok && binds(n) {
					judge(n, "range over a map", written(p, n.Body))
				}
			case *ast.AssignStmt: // keys := slices.Collect(maps.Keys(m)); slices.Sort(keys)
				if call := mapIterator(p, n); call != nil {
					judge(call, "iteration over a map", written(p, n))
					return false
				}
			case *ast.CallExpr:
				if name := calleeName(p, n); strings.HasPrefix(name, "slices.Sorted") {
					return false
				}
				if mapsCall(p, n) {
					judge(n, "iteration over a map", nil)
				}
			}
			return true
		}
		ast.Inspect(f, visit)
	}
	return found
}

func binds(n *ast.RangeStmt) bool {
	blank := func(e ast.Expr) bool {
		id, ok := e.(*ast.Ident)
		return e == nil || ok && id.Name == "_"
	}
	return !blank(n.Key) || !blank(n.Value)
}

// excuses returns the lines with a comment //order:any that gives a reason.
func excuses(fset *token.FileSet, f *ast.File) map[int]bool {
	lines := map[int]bool{}
	for _, group := range f.Comments {
		for _, c := range group.List {
			if why, ok := strings.CutPrefix(c.Text, "//order:any "); ok && strings.TrimSpace(why) != "" {
				lines[fset.Position(c.Pos()).Line] = true
			}
		}
	}
	return lines
}

// written returns the variables that n assigns to, whole or in part.
func written(p *Package, n ast.Node) map[types.Object]bool {
	objs := map[types.Object]bool{}
	ast.Inspect(n, func(n ast.Node) bool {
		if a, ok := n.(*ast.AssignStmt); ok {
			for _, lhs := range a.Lhs {
				if obj := rootObject(p, lhs); obj != nil {
					objs[obj] = true
				}
			}
		}
		return true
	})
	return objs
}

// sortedAfter reports whether body, past pos, calls a function whose name starts with sort, in
// any letter case, or one of package sort, on one of the variables.
func sortedAfter(p *Package, body ast.Node, pos token.Pos, vars map[types.Object]bool) bool {
	ok := false
	ast.Inspect(body, func(n ast.Node) bool {
		call, isCall := n.(*ast.CallExpr)
		if !isCall || call.Pos() < pos || ok {
			return !ok
		}
		name := calleeName(p, call)
		last := name[strings.LastIndexByte(name, '.')+1:]
		if strings.HasPrefix(name, "sort.") && !strings.HasPrefix(last, "Search") ||
			strings.HasPrefix(strings.ToLower(last), "sort") {
			for _, arg := range call.Args {
				obj := rootObject(p, arg)
				ok = ok || obj != nil && vars[obj]
			}
		}
		return true
	})
	return ok
}

// calleeName returns "package.Function" for a call of a function of another package, the bare name
// for one of this package or a method, "" for anything else.
func calleeName(p *Package, call *ast.CallExpr) string {
	switch fun := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		return fun.Name
	case *ast.IndexExpr:
		return calleeName(p, &ast.CallExpr{Fun: fun.X})
	case *ast.SelectorExpr:
		if obj, ok := p.Info.Uses[fun.Sel].(*types.Func); ok && !isMethod(obj) && obj.Pkg() != p.Pkg {
			return obj.Pkg().Path() + "." + obj.Name()
		}
		return fun.Sel.Name
	}
	return ""
}

func mapsCall(p *Package, call *ast.CallExpr) bool {
	switch calleeName(p, call) {
	case "maps.Keys", "maps.Values", "maps.All":
		return true
	case "MapKeys", "MapRange":
		f := callee(p, call)
		return f != nil && f.Pkg().Path() == "reflect"
	}
	return false
}

// mapIterator returns the first call of an iterator of package maps on the right side, unless it
// is sorted on the spot.
func mapIterator(p *Package, a *ast.AssignStmt) (found *ast.CallExpr) {
	for _, rhs := range a.Rhs {
		ast.Inspect(rhs, func(n ast.Node) bool {
			if _, ok := n.(*ast.FuncLit); ok {
				return false
			}
			call, ok := n.(*ast.CallExpr)
			if ok && strings.HasPrefix(calleeName(p, call), "slices.Sorted") {
				return false
			}
			if ok && found == nil && mapsCall(p, call) {
				found = call
			}
			return true
		})
	}
	return found
}

// rootObject returns the variable that an expression starts from: x in x.f[i].g, in &x, in *x, and
// in a conversion of x.
func rootObject(p *Package, e ast.Expr) types.Object {
	for {
		switch x := ast.Unparen(e).(type) {
		case *ast.Ident:
			if obj := p.Info.Uses[x]; obj != nil {
				return obj
			}
			return p.Info.Defs[x]
		case *ast.SelectorExpr:
			if p.Info.Selections[x] == nil {
				return p.Info.Uses[x.Sel] // a variable of another package
			}
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.SliceExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.UnaryExpr:
			e = x.X
		case *ast.CallExpr:
			if tv := p.Info.Types[x.Fun]; !tv.IsType() || len(x.Args) != 1 {
				return nil
			}
			e = x.Args[0]
		default:
			return nil
		}
	}
}
