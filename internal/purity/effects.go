package purity

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// Pure returns the rules of pure packages, P1 to P8.
func Pure() []Rule {
	return []Rule{
		{"P1", clock}, {"P2", random}, {"P3", concurrency}, {"P4", effects},
		{"P5", variables}, {"P6", arguments}, {"P7", mapOrder}, {"P8", rounding},
	}
}

// Exempt reports whether the package at path within the module is part of the shell, for which
// the rules of pure packages do not hold.
func Exempt(path string) bool {
	for _, shell := range []string{"ecs/driver", "ecs/sim", "examples", "internal/script",
		"internal/ports", "internal/purity", "internal/steps"} {
		if path == shell || strings.HasPrefix(path, shell+"/") {
			return true
		}
	}
	return false
}

// uses calls f for each identifier that names an object of a standard package, fields and methods
// included, in the order of the source.
func uses(p *Package, f func(id *ast.Ident, pkg, name string)) {
	for _, file := range p.Files {
		ast.Inspect(file, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				if obj := p.Info.Uses[id]; obj != nil && obj.Pkg() != nil && obj.Pkg() != p.Pkg {
					f(id, obj.Pkg().Path(), obj.Name())
				}
			}
			return true
		})
	}
}

// clock is P1.
func clock(p *Package) (found []Finding) {
	uses(p, func(id *ast.Ident, pkg, name string) {
		if pkg != "time" {
			return
		}
		switch name {
		case "Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker", "Timer", "Ticker":
			if !isMethod(p.Info.Uses[id]) { // Time.After compares two instants
				found = p.report(found, "P1", id, "time.%s reads the clock; take the time as an argument", name)
			}
		}
	})
	return found
}

func isMethod(obj types.Object) bool {
	f, ok := obj.(*types.Func)
	return ok && f.Signature().Recv() != nil
}

// random is P2.
func random(p *Package) (found []Finding) {
	for _, f := range p.Files {
		for _, spec := range f.Imports {
			if path := strings.Trim(spec.Path.Value, `"`); path == "crypto/rand" || path == "hash/maphash" {
				found = p.report(found, "P2", spec, "import of %s: randomness comes from a seed", path)
			}
		}
	}
	uses(p, func(id *ast.Ident, pkg, name string) {
		if pkg != "math/rand" && pkg != "math/rand/v2" {
			return
		}
		f, ok := p.Info.Uses[id].(*types.Func)
		if ok && f.Signature().Recv() == nil && !strings.HasPrefix(name, "New") {
			found = p.report(found, "P2", id, "%s.%s draws from a hidden source; use rand.New(rand.NewPCG(seed, …))",
				pkg, name)
		}
	})
	return found
}

// concurrency is P3.
func concurrency(p *Package) (found []Finding) {
	add := func(n ast.Node, what string) { found = p.report(found, "P3", n, "%s", what) }
	for _, f := range p.Files {
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ImportSpec:
				if path := strings.Trim(n.Path.Value, `"`); path == "sync" || strings.HasPrefix(path, "sync/") {
					add(n, "import of "+path)
				}
			case *ast.GoStmt:
				add(n, "go statement")
			case *ast.SelectStmt:
				add(n, "select statement")
			case *ast.SendStmt:
				add(n, "send on a channel")
			case *ast.ChanType:
				add(n, "channel type")
			case *ast.UnaryExpr:
				if n.Op == token.ARROW {
					add(n, "receive from a channel")
				}
			case *ast.RangeStmt:
				if _, ok := under(p.Info.TypeOf(n.X)).(*types.Chan); ok {
					add(n, "range over a channel")
				}
			}
			return true
		})
	}
	return found
}

func under(t types.Type) types.Type {
	if t == nil {
		return nil
	}
	return t.Underlying()
}

// allowed lists what every pure package may import of the standard library.
func allowed() []string {
	return []string{
		"bytes", "cmp", "container/heap", "encoding", "encoding/base64", "encoding/binary", "encoding/hex",
		"encoding/json", "errors", "fmt", "hash", "hash/fnv", "iter", "maps", "math", "math/bits", "math/rand/v2",
		"slices", "sort", "strconv", "strings", "time", "unicode", "unicode/utf8",
	}
}

// extra lists what single packages may import beyond that, and why.
func extra(path string) []string {
	switch path {
	case "ecs/internal/codec": // JSON by the tags of structs (io for io.EOF)
		return []string{"io", "reflect"}
	case "ecs": // addresses, exact sizes
		return []string{"math/big", "net/netip", "regexp"}
	case "ecs/api": // the members of inputs, by the tags of structs
		return []string{"reflect"}
	case "ecs/query": // the operator =~
		return []string{"regexp", "regexp/syntax"}
	case "ecs/iam": // conditions on addresses
		return []string{"net/netip"}
	case "placement": // the operator =~
		return []string{"regexp"}
	case "ecs/servicediscovery": // instances by address
		return []string{"net/netip"}
	case "loadbalance": // targets by address
		return []string{"net/netip"}
	case "autoscale": // exact decimal fractions, the form of resource IDs
		return []string{"math/big", "regexp"}
	case "ecs/scheduler": // what of a service an update changes
		return []string{"reflect"}
	case "ecs/codedeploy": // the digest of an AppSpec
		return []string{"crypto/sha256"}
	case "ecs/control": // digests, documents
		return []string{"crypto/sha256", "reflect"}
	case rooms + "services": // whether what a revision shows of monitoring changes
		return []string{"reflect"}
	case rooms + "frames", rooms + "written": // values by their members
		return []string{"reflect"}
	case rooms + "core": // IDs by names, and under a secret
		return []string{"crypto/hmac", "crypto/sha256"}
	case rooms + "balancers", rooms + "classic", rooms + "targets": // whether a request asks for what is there
		return []string{"reflect"}
	case rooms + "scaling": // IDs by names, equal forecasts
		return []string{"crypto/sha256", "reflect"}
	case "ecs/ecstest": // generators
		return []string{"pgregory.net/rapid", "testing"}
	case "internal/explore": // digests of states
		return []string{"crypto/sha256", "reflect"}
	}
	return nil
}

// effects is P4.
func effects(p *Package) (found []Finding) {
	ok := append(allowed(), extra(p.Path)...)
	for _, f := range p.Files {
		for _, spec := range f.Imports {
			path := strings.Trim(spec.Path.Value, `"`)
			if !within(path) && !slices.Contains(ok, path) {
				found = p.report(found, "P4", spec, "import of %s is not on the list of this package", path)
			}
		}
		utc := settled(p, f)
		ast.Inspect(f, func(n ast.Node) bool {
			id, isIdent := n.(*ast.Ident)
			if !isIdent || p.Info.Uses[id] == nil {
				return true
			}
			if b, ok := p.Info.Uses[id].(*types.Builtin); ok && strings.HasPrefix(b.Name(), "print") {
				found = p.report(found, "P4", id, "%s writes to standard error", b.Name())
			}
			pkg := p.Info.Uses[id].Pkg()
			if pkg == nil {
				return true
			}
			if why := effect(pkg.Path(), id.Name, utc[id]); why != "" {
				found = p.report(found, "P4", id, "%s.%s %s", pkg.Name(), id.Name, why)
			}
			return true
		})
	}
	for _, name := range p.Ignored {
		at := token.Position{Filename: p.Path + "/" + name, Line: 1}
		found = append(found, Finding{at, "P4", "the file depends on the platform"})
	}
	return found
}

func within(path string) bool { return path == Module || strings.HasPrefix(path, Module+"/") }

// effect says what use of a name in an allowed package is an effect all the same. settled: the
// result of this use is in a zone the source names.
func effect(pkg, name string, settled bool) string {
	switch pkg {
	case "time":
		switch name {
		case "LoadLocation", "Local":
			return "reads the time zones of the machine; take a *time.Location"
		case "Unix", "UnixMilli", "UnixMicro":
			if !settled {
				return "is in the time zone of the machine; add .UTC()"
			}
		case "Parse":
			if settled {
				return ""
			}
			return "looks at the time zone of the machine; use time.ParseInLocation(…, time.UTC)"
		}
	case "fmt":
		if strings.HasPrefix(name, "Print") || strings.HasPrefix(name, "Scan") {
			return "is input or output"
		}
	}
	return ""
}

// settled returns the names of functions whose time zone the source settles: in time.Unix(s, 0).UTC()
// or .In(loc), in time.Parse with a layout that has no zone, which means UTC. And it returns the
// names of methods: Time.Unix is not a function of package time.
func settled(p *Package, f *ast.File) map[*ast.Ident]bool {
	ok := map[*ast.Ident]bool{}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			sel, isSel := n.Fun.(*ast.SelectorExpr)
			if isSel && sel.Sel.Name == "Parse" && len(n.Args) == 2 {
				layout := p.Info.Types[n.Args[0]].Value
				ok[sel.Sel] = layout != nil && !hasZone(layout.ExactString())
			}
		case *ast.SelectorExpr:
			call, isCall := n.X.(*ast.CallExpr)
			if isCall && (n.Sel.Name == "UTC" || n.Sel.Name == "In") {
				if inner, isSel := call.Fun.(*ast.SelectorExpr); isSel {
					ok[inner.Sel] = true
				}
			}
			if x, isIdent := n.X.(*ast.Ident); !isIdent || x.Name != "time" {
				ok[n.Sel] = true
			}
		}
		return true
	})
	return ok
}

func hasZone(layout string) bool {
	return strings.Contains(layout, "MST") || strings.Contains(layout, "Z07") || strings.Contains(layout, "-07")
}
