package purity

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode"
)

// House returns the rules for all packages of the module, pure or not.
func House() []Rule {
	return []Rule{
		{"imports", arrows}, {"capabilities", capabilities}, {"shell", shell}, {"testing", testingOnly},
		{"stdlib", standardOnly}, {"comments", comments}, {"headings", headings},
		{"names", names}, {"statuses", statuses},
		{"shapes", shapes},
	}
}

// rooms is where the rooms of the control plane are.
const rooms = "ecs/control/internal/"

// mayImport returns the packages of this module that the one at path may import, and whether the
// map knows it at all. A new package gets its line here, and its reason in a review.
func mayImport(path string) (packages []string, known bool) {
	below := []string{"ecs", "ecs/query", "ecs/scheduler", "placement", "lifecycle", "autoscale",
		"autoscale/cloudwatch", "loadbalance", "loadbalance/elb", "loadbalance/elbv2"}
	switch path {
	case "", "autoscale/internal/cron", "ecs/query", "internal/alike", "internal/check", "internal/explore",
		"internal/script", "internal/ordered", "internal/ports", "internal/purity", "internal/steps", "internal/whole":
		return nil, true
	case "internal/steps/launch":
		return []string{"ecs", "ecs/api", "ecs/control", "internal/steps"}, true
	case "internal/steps/plane":
		return []string{"ecs", "ecs/api", "ecs/control", "ecs/message", "internal/steps"}, true
	case "internal/steps/count":
		return []string{"ecs", "ecs/iam", "ecs/query", "ecs/scheduler", "internal/steps"}, true
	case "ecs/internal/codec":
		return []string{"internal/check"}, true
	case "ecs":
		return []string{"ecs/internal/codec", "ecs/query", "internal/check"}, true
	case "placement/internal/draw":
		return nil, true
	case "placement/internal/trees":
		return []string{"ecs"}, true
	case "placement/internal/probes":
		return []string{"ecs", "placement/internal/trees"}, true
	case "placement/internal/request":
		return []string{"ecs", "ecs/query"}, true
	case "placement/internal/standing":
		return []string{"ecs", "internal/ordered", "placement/internal/request"}, true
	case "placement":
		return []string{"ecs", "ecs/query", "internal/alike", "placement/internal/draw", "placement/internal/probes",
			"placement/internal/request", "placement/internal/standing", "placement/internal/trees"}, true
	case "ecs/api":
		return []string{"ecs", "ecs/internal/codec", "ecs/query", "internal/check"}, true
	case "ecs/image", "ecs/iam":
		return []string{"ecs", "internal/check"}, true
	case "ecs/codedeploy":
		return []string{"ecs", "ecs/scheduler", "internal/check"}, true
	case "ecs/servicediscovery":
		return []string{"ecs", "internal/check"}, true
	case "ecs/registry":
		return []string{"ecs"}, true
	case "ecs/agentconfig":
		return []string{"ecs", "ecs/api", "internal/check"}, true
	case "ecs/ecstest":
		return []string{"ecs", "ecs/api"}, true
	case "lifecycle", "loadbalance":
		return []string{"ecs"}, true
	case "loadbalance/elb":
		return []string{"ecs", "internal/check", "loadbalance", "loadbalance/elbv2"}, true
	case "loadbalance/elbv2":
		return []string{"ecs", "internal/check", "loadbalance"}, true
	case "autoscale/group":
		return []string{"autoscale/internal/cron", "ecs", "internal/check", "internal/whole"}, true
	case "autoscale/groups":
		return []string{"autoscale", "autoscale/cloudwatch", "autoscale/group", "ecs", "internal/check"}, true
	case "autoscale":
		return []string{"autoscale/cloudwatch", "autoscale/internal/cron", "ecs", "internal/check", "internal/whole"},
			true
	case "autoscale/cloudwatch":
		return []string{"ecs", "internal/check", "internal/whole"}, true
	case "ecs/scheduler":
		return []string{"ecs", "internal/ordered", "internal/whole"}, true
	case "ecs/feasible":
		return []string{"ecs", "ecs/scheduler", "placement"}, true
	case "ecs/message":
		return []string{"ecs", "autoscale", "autoscale/cloudwatch", "loadbalance"}, true
	case "ecs/control":
		return append(below, "ecs/api", "ecs/message", "ecs/registry", "internal/check", rooms+"core",
			rooms+"activities", rooms+"alarms", rooms+"balancers",
			rooms+"capacity", rooms+"census", rooms+"deadlines", rooms+"codedeploy", "ecs/codedeploy",
			rooms+"discovery", "ecs/servicediscovery", rooms+"dispatch",
			rooms+"fleet", rooms+"frames", rooms+"outbox", rooms+"rollout",
			rooms+"classic", rooms+"measures", rooms+"scaling", rooms+"services",
			rooms+"show", rooms+"targets", rooms+"tasks", rooms+"written"), true
	case rooms + "compact":
		return []string{"ecs", "internal/alike", "lifecycle", "loadbalance"}, true
	case rooms + "written":
		return []string{"ecs", "lifecycle", "placement", "ecs/message", rooms + "compact", rooms + "frames",
			rooms + "targets"}, true
	case rooms + "programs":
		return []string{"ecs", "lifecycle", rooms + "core", rooms + "written"}, true
	case rooms + "core":
		return []string{"ecs", "ecs/message"}, true
	case rooms + "deadlines", rooms + "frames":
		return []string{"ecs"}, true
	case rooms + "outbox":
		return []string{"ecs", "ecs/message", rooms + "core", rooms + "deadlines"}, true
	case rooms + "targets":
		return []string{"ecs", "loadbalance", "loadbalance/elbv2", "ecs/message", rooms + "core",
			rooms + "deadlines", rooms + "outbox"}, true
	case rooms + "balancers":
		return []string{"ecs", "loadbalance", "loadbalance/elbv2", rooms + "core", rooms + "targets"}, true
	case rooms + "classic":
		return []string{"ecs", "loadbalance", "loadbalance/elb", "loadbalance/elbv2", rooms + "core",
			rooms + "targets", rooms + "balancers"}, true
	case rooms + "codedeploy":
		return []string{"ecs/codedeploy", "ecs", "ecs/message", "ecs/registry", "ecs/scheduler", rooms + "core",
			rooms + "fleet", rooms + "targets", rooms + "balancers", rooms + "services", rooms + "rollout"}, true
	case rooms + "discovery":
		return []string{"ecs", "ecs/servicediscovery", rooms + "core"}, true
	case rooms + "fleet":
		return []string{"ecs", "ecs/api", "loadbalance", "placement", "ecs/message", rooms + "compact",
			rooms + "core", rooms + "deadlines"}, true
	case rooms + "tasks":
		return []string{
			"ecs", "ecs/registry", "lifecycle", "loadbalance", "placement", "ecs/message",
			rooms + "compact", rooms + "core", rooms + "deadlines", rooms + "outbox", rooms + "fleet",
			rooms + "programs", rooms + "targets", rooms + "written",
		}, true
	case rooms + "dispatch":
		return []string{
			"ecs", "ecs/scheduler", "lifecycle", "loadbalance", "ecs/message",
			rooms + "core", rooms + "outbox", rooms + "fleet", rooms + "targets", rooms + "tasks",
			rooms + "written",
		}, true
	case rooms + "capacity":
		return []string{
			"ecs", "ecs/api", "ecs/registry", "autoscale", "autoscale/cloudwatch", "lifecycle", "placement",
			"ecs/message",
			"internal/check", rooms + "core", rooms + "deadlines", rooms + "outbox", rooms + "fleet", rooms + "tasks",
			rooms + "written",
		}, true
	case rooms + "measures":
		return []string{"ecs", "autoscale/cloudwatch", rooms + "core", rooms + "deadlines", rooms + "fleet",
			rooms + "tasks"}, true
	case rooms + "census":
		return []string{"ecs", "ecs/scheduler", "placement", rooms + "core", rooms + "tasks"}, true
	case rooms + "services":
		return []string{
			"ecs", "ecs/api", "ecs/registry", "ecs/scheduler", "autoscale", "loadbalance", "placement", "ecs/message",
			rooms + "core", rooms + "deadlines", rooms + "outbox", rooms + "fleet", rooms + "targets", rooms + "tasks",
			rooms + "balancers", rooms + "capacity", rooms + "census", rooms + "scaling",
		}, true
	case rooms + "rollout":
		return []string{
			"ecs", "ecs/api", "ecs/registry", "ecs/scheduler", "loadbalance", "placement", "ecs/message",
			rooms + "core", rooms + "outbox", rooms + "fleet", rooms + "targets", rooms + "tasks", rooms + "balancers",
			rooms + "capacity", rooms + "census", rooms + "services", rooms + "written",
		}, true
	case rooms + "show":
		return []string{
			"ecs", "ecs/api", "ecs/query", "ecs/registry", "ecs/scheduler", "lifecycle",
			rooms + "core", rooms + "fleet", rooms + "tasks", rooms + "capacity", rooms + "services", rooms + "rollout",
			rooms + "codedeploy", rooms + "discovery",
		}, true
	case rooms + "alarms":
		return []string{"ecs", "autoscale/cloudwatch", "ecs/message", "internal/check", rooms + "core",
			rooms + "deadlines"}, true
	case rooms + "activities":
		return []string{"ecs", "autoscale", rooms + "core"}, true
	case rooms + "scaling":
		return []string{"ecs", "autoscale", "autoscale/cloudwatch", "ecs/message", "internal/check", rooms + "core",
			rooms + "deadlines", rooms + "outbox", rooms + "alarms", rooms + "activities"}, true
	case "ecs/driver":
		return append(below, "ecs/agentconfig", "ecs/api", "ecs/message", "ecs/control",
			"ecs/driver/internal/wall"), true
	case "ecs/driver/journal":
		return append(below, "ecs/agentconfig", "ecs/api", "ecs/message", "ecs/control"), true
	case "ecs/driver/internal/allowed", "ecs/driver/internal/file",
		"ecs/driver/internal/group", "ecs/driver/internal/logfile", "ecs/driver/internal/wall":
		return nil, true
	case "ecs/driver/agent":
		return []string{"ecs", "lifecycle", "ecs/message", "ecs/driver", "ecs/driver/internal/file",
			"ecs/driver/internal/wall"}, true
	case "ecs/driver/process":
		return []string{"ecs", "ecs/message", "ecs/driver/agent", "ecs/driver/internal/allowed",
			"ecs/driver/internal/group", "ecs/driver/internal/logfile", "ecs/driver/internal/shim",
			"ecs/driver/internal/wall"}, true
	case "ecs/driver/internal/shim":
		return []string{"ecs", "ecs/driver/internal/group", "ecs/driver/internal/wall"}, true
	case "ecs/driver/internal/epochs":
		return []string{"ecs/message"}, true
	case "ecs/driver/loopback":
		return []string{"ecs", "ecs/driver", "ecs/driver/internal/allowed", "ecs/driver/internal/epochs",
			"ecs/driver/internal/file", "ecs/message"}, true
	case "ecs/driver/metadata":
		return []string{"ecs", "ecs/agentconfig", "ecs/driver", "ecs/driver/internal/file",
			"ecs/driver/internal/wall", "ecs/message"}, true
	case "ecs/driver/proxy":
		return []string{"autoscale", "autoscale/cloudwatch", "ecs", "ecs/driver",
			"ecs/driver/internal/epochs", "ecs/driver/internal/file", "ecs/driver/internal/wall", "ecs/message",
			"loadbalance"}, true
	case "ecs/driver/drivertest", "ecs/sim":
		return append(below, "internal/check", "ecs/driver/agent", "autoscale/group", "autoscale/groups",
			"ecs/agentconfig", "ecs/api",
			"ecs/message", "ecs/control", "ecs/driver"), true
	}
	return nil, false
}

// arrows checks the imports within the module against the map.
func arrows(p *Package) (found []Finding) {
	if strings.HasPrefix(p.Path, "examples/") {
		return found
	}
	may, known := mayImport(p.Path)
	if !known {
		return p.report(found, "imports", p.Files[0].Name, "package %s is not on the map of imports", p.Path)
	}
	return p.imports(found, "imports", func(to string) string {
		if within(to) && !slices.Contains(may, strings.TrimPrefix(to, Module+"/")) {
			return p.Path + " may not import it"
		}
		return ""
	})
}

// imports reports each import that why has something against.
func (p *Package) imports(found []Finding, rule string, why func(string) string) []Finding {
	for _, f := range p.Files {
		for _, spec := range f.Imports {
			to := strings.Trim(spec.Path.Value, `"`)
			if reason := why(to); reason != "" {
				found = p.report(found, rule, spec, "%s: %s", to, reason)
			}
		}
	}
	return found
}

// capabilities: the four capability packages, and what lies under them, never import each other.
func capabilities(p *Package) []Finding {
	own := capability(p.Path)
	return p.imports(nil, "capabilities", func(to string) string {
		if other := capability(strings.TrimPrefix(to, Module+"/")); own != "" && other != "" && own != other {
			return "capability packages never import each other"
		}
		return ""
	})
}

// capability returns which of the four capability packages a package is or lies under, or "".
func capability(path string) string {
	top, _, _ := strings.Cut(path, "/")
	if slices.Contains([]string{"placement", "lifecycle", "autoscale", "loadbalance"}, top) {
		return top
	}
	return ""
}

// shell: nothing below the shell imports it.
func shell(p *Package) []Finding {
	return p.imports(nil, "shell", func(to string) string {
		if !Exempt(p.Path) && within(to) && Exempt(strings.TrimPrefix(to, Module+"/")) {
			return "the core imports nothing of the shell"
		}
		return ""
	})
}

func testHelper(path string) bool {
	return path == "ecs/ecstest" || path == "ecs/driver/drivertest" || path == "internal/script" ||
		path == "examples/drill/drill"
}

// testingOnly: only the packages made for tests import rapid, testing, or each other.
func testingOnly(p *Package) []Finding {
	return p.imports(nil, "testing", func(to string) string {
		test := to == "testing" || strings.HasPrefix(to, "testing/") || strings.HasPrefix(to, "pgregory.net/rapid") ||
			within(to) && testHelper(strings.TrimPrefix(to, Module+"/"))
		if test && !testHelper(p.Path) {
			return "for tests and packages made for tests"
		}
		return ""
	})
}

// standardOnly: what a program links is the standard library and this module.
func standardOnly(p *Package) []Finding {
	return p.imports(nil, "stdlib", func(to string) string {
		first, _, _ := strings.Cut(to, "/")
		if strings.Contains(first, ".") && !within(to) && !testHelper(p.Path) {
			return "not of the standard library"
		}
		return ""
	})
}

// comments: every exported name has a doc comment; a group of constants or variables may share one.
func comments(p *Package) (found []Finding) {
	if p.Pkg.Name() == "main" {
		return nil
	}
	missing := func(id *ast.Ident, docs ...*ast.CommentGroup) {
		for _, d := range docs {
			if d != nil {
				return
			}
		}
		if id.IsExported() {
			found = p.report(found, "comments", id, "exported %s has no doc comment", id.Name)
		}
	}
	for _, f := range p.Files {
		for _, decl := range f.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if r := p.receiver(d); r == nil || receiverName(r.Type()).Exported() {
					missing(d.Name, d.Doc)
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					ids, docs := documented(d, spec)
					for _, id := range ids {
						missing(id, docs...)
					}
				}
			}
		}
	}
	return found
}

// documented returns the names a declaration introduces, and the comments that may speak of them.
func documented(d *ast.GenDecl, spec ast.Spec) (ids []*ast.Ident, docs []*ast.CommentGroup) {
	group := d.Lparen.IsValid()
	switch s := spec.(type) {
	case *ast.TypeSpec:
		ids = []*ast.Ident{s.Name}
		docs = []*ast.CommentGroup{s.Doc, s.Comment}
	case *ast.ValueSpec:
		ids = s.Names
		docs = []*ast.CommentGroup{d.Doc, s.Doc, s.Comment}
	}
	if !group {
		docs = []*ast.CommentGroup{d.Doc}
	}
	return ids, docs
}

// headings: the doc of a public package has the five sections that readers look for.
func headings(p *Package) []Finding {
	if p.Pkg.Name() == "main" || p.Path == "" || strings.HasPrefix(p.Path, "examples/") ||
		strings.HasPrefix(p.Path, "internal/") || strings.Contains(p.Path, "/internal/") {
		return nil
	}
	var doc strings.Builder
	at := p.Files[0].Name
	for _, f := range p.Files {
		if f.Doc != nil {
			doc.WriteString("\n" + f.Doc.Text())
			at = f.Name
		}
	}
	var missing []string
	for _, h := range []string{"# Start here", "# Model", "# Guarantees", "# Differences from ECS", "# Example"} {
		if !strings.Contains(doc.String(), "\n"+h+"\n") {
			missing = append(missing, h)
		}
	}
	if missing == nil {
		return nil
	}
	return p.report(nil, "headings", at, "package doc has no %s", strings.Join(missing, ", "))
}

// names: no exported name has a word of another system, or one that says nothing.
func names(p *Package) (found []Finding) {
	for _, f := range p.Files {
		ast.Inspect(f, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok || p.Info.Defs[id] == nil || !id.IsExported() {
				return true
			}
			for _, w := range words(id.Name) { // InstanceTypes are ECS's, Types alone are nobody's
				if id.Name == "Types" || slices.Contains(foreign(), w) {
					found = p.report(found, "names", id, "%s: %q is not a word of ECS", id.Name, w)
				}
			}
			return true
		})
	}
	switch p.Pkg.Name() {
	case "util", "utils", "common", "types", "pod", "node", "job":
		found = p.report(found, "names", p.Files[0].Name, "package name %s", p.Pkg.Name())
	}
	return found
}

func foreign() []string {
	return []string{"Pod", "Pods", "Node", "Nodes", "Job", "Jobs", "Util", "Utils", "Common"}
}

// words cuts a Go name where lower case goes over to upper case.
func words(name string) (list []string) {
	start := 0
	runes := []rune(name)
	for i := 1; i <= len(runes); i++ {
		if i == len(runes) || unicode.IsUpper(runes[i]) && !unicode.IsUpper(runes[i-1]) {
			list = append(list, string(runes[start:i]))
			start = i
		}
	}
	return list
}

// Tree reports entries at the top of the module that do not belong there.
func Tree(root fs.FS) (found []Finding, err error) {
	entries, err := fs.ReadDir(root, ".")
	for _, e := range entries {
		known := slices.Contains([]string{
			"ecs", "placement", "lifecycle", "autoscale", "loadbalance", "examples",
			"internal",
			".ci", ".git", ".gitignore",
			"doc.go", "example_test.go", "go.mod", "go.sum",
			"README.md", "LICENSE", "ARCHITECTURE.md", "BENCHMARKS.md", "CHANGELOG.md",
			"CONTRIBUTING.md", "SECURITY.md",
		}, e.Name())
		if ignored := path.Ext(e.Name()) == ".prof" || path.Ext(e.Name()) == ".test"; !known && !ignored {
			found = append(found, Finding{token.Position{Filename: e.Name(), Line: 1}, "tree",
				"does not belong at the top"})
		}
	}
	return found, err
}

// Length reports Go files of more than 600 lines, tests and nested modules included.
func Length(root fs.FS) ([]Finding, error) {
	return goFiles(root, func(name string, data []byte) (found []Finding) {
		if n := bytes.Count(data, []byte("\n")); n > 600 {
			found = append(found, Finding{token.Position{Filename: name, Line: n}, "length",
				fmt.Sprintf("%d lines, at most 600: one idea a file", n)})
		}
		return found
	})
}

// goFiles returns what look finds in Go files, tests and nested modules included.
func goFiles(root fs.FS, look func(name string, data []byte) []Finding) (found []Finding, err error) {
	err = fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && d.Name() == ".git":
			return fs.SkipDir
		case d.IsDir() || path.Ext(name) != ".go":
			return nil
		}
		data, err := fs.ReadFile(root, name)
		if err == nil {
			found = append(found, look(name, data)...)
		}
		return err
	})
	return found, err
}
