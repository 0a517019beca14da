package purity

import (
	"go/ast"
	"go/types"
	"strings"
)

// droppedInside finds members of the structures that inputs hold, at any depth, that nothing acts on:
// no function reads the member, keeps the structure (or one that holds it) as a whole, or calls one of
// its methods. The members of but are left out.
func droppedInside(packages []*Package, but map[string]string) (found []Finding) {
	use := usage{read: map[string]bool{}, kept: map[string]bool{}}
	for _, p := range packages {
		if p.Path != "ecs" && p.Path != "ecs/api" {
			use.note(p)
		}
	}
	for _, p := range packages {
		for _, name := range p.Pkg.Scope().Names() {
			if input := p.Pkg.Scope().Lookup(name); strings.HasSuffix(name, "Input") && input.Exported() {
				found = use.inside(p, found, input.Type(), but, map[string]bool{})
			}
		}
	}
	return found
}

// usage is what becomes of structures: which members are read, and which structures are kept.
type usage struct{ read, kept map[string]bool }

// note adds what the functions of a package do with structures.
func (u usage) note(p *Package) {
	for _, f := range p.Files {
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				if strings.HasPrefix(n.Name.Name, "Validate") {
					return false
				}
				p.membersRead(n, u.read)
			case *ast.SelectorExpr:
				if s, ok := p.Info.Selections[n]; ok && s.Kind() == types.MethodVal {
					u.values(p, []ast.Expr{n.X})
				}
			case *ast.AssignStmt:
				u.values(p, n.Rhs)
			case *ast.ReturnStmt:
				u.values(p, n.Results)
			case *ast.CallExpr:
				if of, ok := n.Fun.(*ast.Ident); !ok || of.Name != "len" { // len looks at no member
					u.values(p, n.Args)
				}
			case *ast.KeyValueExpr:
				u.values(p, []ast.Expr{n.Value})
			}
			return true
		})
	}
}

// values notes the structures that are assigned, returned, passed on or put into another value.
func (u usage) values(p *Package, list []ast.Expr) {
	for _, e := range list {
		for _, t := range structures(p.Info.TypeOf(e)) {
			u.kept[t.Obj().Name()] = true
		}
	}
}

// structures returns the named structures that a value of a type is or has as elements.
func structures(t types.Type) (list []*types.Named) {
	switch t := types.Unalias(t).(type) {
	case *types.Pointer:
		return structures(t.Elem())
	case *types.Slice:
		return structures(t.Elem())
	case *types.Map:
		return structures(t.Elem())
	case *types.Named:
		if t.Obj().Pkg() == nil || !within(t.Obj().Pkg().Path()) {
			return nil
		}
		if args := t.TypeArgs(); args != nil {
			for i := range args.Len() {
				list = append(list, structures(args.At(i))...)
			}
			return list
		}
		if _, ok := t.Underlying().(*types.Struct); ok {
			return []*types.Named{t}
		}
	}
	return nil
}

// inside reports the members below a structure that nothing acts on. What is kept as a whole is kept
// with all that it holds.
func (u usage) inside(
	p *Package, found []Finding, t types.Type, but map[string]string, seen map[string]bool,
) []Finding {
	s, ok := t.Underlying().(*types.Struct)
	if !ok {
		return found
	}
	for i := range s.NumFields() {
		for _, inner := range structures(s.Field(i).Type()) {
			name := inner.Obj().Name()
			if seen[name] || u.kept[name] {
				continue
			}
			seen[name] = true
			fields := inner.Underlying().(*types.Struct)
			for k := range fields.NumFields() {
				member := name + "." + fields.Field(k).Name()
				if fields.Field(k).Exported() && !u.read[member] && but[member] == "" {
					at := p.Fset.Position(fields.Field(k).Pos())
					found = append(found, Finding{at, "inputs", "nothing acts on " + member})
				}
			}
			found = u.inside(p, found, inner, but, seen)
		}
	}
	return found
}
