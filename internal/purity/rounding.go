package purity

import (
	"go/ast"
	"go/token"
	"go/types"
)

// rounding is P8. The language lets a compiler compute x*y + z with one rounding instead of two,
// also when the product went through a variable, a field or an inlined function; an explicit
// conversion forbids it. So a float product may only be compared, multiplied, divided, converted,
// or handed to a function of the standard library; to be added, stored, passed or returned, it is
// written float64(x*y).
func rounding(p *Package) (found []Finding) {
	for _, f := range p.Files {
		var stack []ast.Node
		ast.Inspect(f, func(n ast.Node) bool {
			if n == nil {
				stack = stack[:len(stack)-1]
				return true
			}
			stack = append(stack, n)
			switch n := n.(type) {
			case *ast.AssignStmt:
				if n.Tok == token.MUL_ASSIGN && isFloat(p.Info.TypeOf(n.Lhs[0])) {
					found = p.report(found, "P8", n, "x *= y leaves the product unrounded; write x = float64(x*y)")
				}
			case *ast.BinaryExpr:
				tv := p.Info.Types[n]
				if n.Op == token.MUL && tv.Value == nil && isFloat(tv.Type) && !harmless(p, stack) {
					found = p.report(found, "P8", n, "round the product explicitly: float64(x*y)")
				}
			}
			return true
		})
	}
	return found
}

func isFloat(t types.Type) bool {
	b, ok := under(t).(*types.Basic)
	return ok && b.Info()&(types.IsFloat|types.IsComplex) != 0
}

// harmless reports whether what surrounds the product, the last node of stack, keeps it from being
// fused.
func harmless(p *Package, stack []ast.Node) bool {
	i := len(stack) - 2
	for ; i >= 0; i-- {
		u, minus := stack[i].(*ast.UnaryExpr)
		if _, paren := stack[i].(*ast.ParenExpr); !paren && !(minus && (u.Op == token.SUB || u.Op == token.ADD)) {
			break
		}
	}
	switch n := stack[i].(type) {
	case *ast.BinaryExpr:
		return n.Op != token.ADD && n.Op != token.SUB
	case *ast.CallExpr:
		if p.Info.Types[n.Fun].IsType() {
			return true
		}
		obj := rootObject(p, n.Fun)
		return obj != nil && obj.Pkg() != nil && !within(obj.Pkg().Path())
	case *ast.SwitchStmt:
		return true
	}
	return false
}
