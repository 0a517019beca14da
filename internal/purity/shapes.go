package purity

import "go/ast"

// Limits of what a reader holds in mind at once.
const (
	maxValues     = 3 // assigned by one statement, besides the error or ok of a call
	maxParameters = 8
)

// shapes: no statement assigns more than three values, and no function has nine parameters.
func shapes(p *Package) (found []Finding) {
	for _, f := range p.Files {
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				if values := len(n.Lhs) - outcome(n); values > maxValues {
					found = p.report(found, "shapes", n, "one statement assigns %d values, at most %d", values,
						maxValues)
				}
			case *ast.ValueSpec:
				if len(n.Names) > maxValues {
					found = p.report(found, "shapes", n, "one line declares %d names, at most %d",
						len(n.Names), maxValues)
				}
			case *ast.FuncType:
				if k := n.Params.NumFields(); k > maxParameters {
					found = p.report(found, "shapes", n, "%d parameters, at most %d", k, maxParameters)
				}
			}
			return true
		})
	}
	return found
}

// outcome returns 1 if the last value of an assignment is the error or ok of a call, and else 0.
func outcome(n *ast.AssignStmt) int {
	last, named := n.Lhs[len(n.Lhs)-1].(*ast.Ident)
	if named && len(n.Rhs) == 1 && (last.Name == "err" || last.Name == "ok") {
		return 1
	}
	return 0
}
