package purity

import (
	"go/ast"
	gc "go/constant"
	"go/token"
	"go/types"
	"strings"
)

// statuses: the words of a closed set are spelled once, in the exported constants of the named
// string type that is the set. No other code spells one: neither as a value of that type nor, where
// the type is a status, state, stage or health, as a string. A table of the package may list words.
func statuses(p *Package) (found []Finding) {
	sets := setsOf(p)
	for _, f := range p.Files {
		for _, decl := range f.Decls {
			gen, isGen := decl.(*ast.GenDecl)
			if isGen && gen.Tok != token.CONST {
				continue
			}
			ast.Inspect(decl, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.Field: // a tag is not a value
					return false
				case *ast.BasicLit:
					why := sets.bare(p, n)
					_, named := types.Unalias(p.Info.TypeOf(n)).(*types.Named)
					if defined := isGen && named && strings.HasPrefix(why, p.Pkg.Name()+"."); why != "" && !defined {
						found = p.report(found, "statuses", n, "%s is spelled out: %s", n.Value, why)
					}
				}
				return true
			})
		}
	}
	return found
}

// wordSets are the closed sets of words that a package knows.
type wordSets struct {
	typed map[*types.TypeName]map[string]string // the constant of each word of a named string type
	plain map[string]string                     // the constant of each word of statuses, as strings
}

// setsOf returns the sets that the package declares, or imports from within the module.
func setsOf(p *Package) wordSets {
	s := wordSets{map[*types.TypeName]map[string]string{}, map[string]string{}}
	for _, to := range p.Pkg.Imports() {
		if within(to.Path()) {
			s.add(to)
		}
	}
	s.add(p.Pkg)
	return s
}

func (s wordSets) add(pkg *types.Package) {
	for _, name := range pkg.Scope().Names() {
		c, ok := pkg.Scope().Lookup(name).(*types.Const)
		if !ok || !c.Exported() || c.Val().Kind() != gc.String || gc.StringVal(c.Val()) == "" {
			continue
		}
		named, ok := types.Unalias(c.Type()).(*types.Named)
		if !ok {
			continue
		}
		set, word := named.Obj(), gc.StringVal(c.Val())
		if s.typed[set] == nil {
			s.typed[set] = map[string]string{}
		}
		s.typed[set][word] = pkg.Name() + "." + name
		for _, end := range []string{"Status", "State", "Stage", "Health"} {
			if strings.HasSuffix(set.Name(), end) && word != "ALL" { // of a filter: also a Linux capability
				s.plain[word] = pkg.Name() + "." + name
			}
		}
	}
}

// bare says which constant the literal spells out, or returns "".
func (s wordSets) bare(p *Package, lit *ast.BasicLit) string {
	v := p.Info.Types[lit].Value
	if v == nil || v.Kind() != gc.String {
		return ""
	}
	word := gc.StringVal(v)
	if named, ok := types.Unalias(p.Info.TypeOf(lit)).(*types.Named); ok {
		if name := s.typed[named.Obj()][word]; name != "" {
			return name
		}
	}
	return s.plain[word]
}
