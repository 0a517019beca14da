package purity

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// Module is the import path all packages of the module start with.
const Module = "github.com/bayplan/bayplan"

// Package is the production source of one package, parsed and type-checked.
type Package struct {
	Path    string   // within the module: "ecs/control"; "" is the root
	Ignored []string // Go files that build constraints leave out on this machine
	Fset    *token.FileSet
	Files   []*ast.File
	Pkg     *types.Package
	Info    *types.Info
}

// Finding is one place where a rule is broken.
type Finding struct {
	Pos     token.Position
	Rule    string
	Message string
}

// String returns "file:line: rule: message".
func (f Finding) String() string {
	return fmt.Sprintf("%s:%d: %s: %s", f.Pos.Filename, f.Pos.Line, f.Rule, f.Message)
}

// Rule is a named check of one package.
type Rule struct {
	Name  string
	Check func(*Package) []Finding
}

// report appends a finding at a node.
func (p *Package) report(to []Finding, rule string, at ast.Node, format string, args ...any) []Finding {
	return append(to, Finding{p.Fset.Position(at.Pos()), rule, fmt.Sprintf(format, args...)})
}

// Loader type-checks source against the export data of everything the module may import.
type Loader struct {
	fset   *token.FileSet
	export map[string]string // import path to file
	imp    types.Importer
}

// listed is what this package reads of the output of go list.
type listed struct {
	ImportPath, Dir, Export string
	GoFiles, IgnoredGoFiles []string
	CgoFiles, SFiles        []string
	Imports                 []string
}

// NewLoader returns a loader for source that imports the given packages of the standard library.
func NewLoader(standard ...string) (*Loader, error) {
	l := &Loader{fset: token.NewFileSet(), export: map[string]string{}}
	l.imp = importer.ForCompiler(l.fset, "gc", l.open)
	_, err := l.list(".", standard)
	return l, err
}

// Load lists and type-checks the packages of the module with its root at dir. The error joins
// those of packages that do not build; the others are there all the same.
func (l *Loader) Load(dir string) ([]*Package, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	all, err := l.list(dir, []string{"./..."})
	if err != nil {
		return nil, err
	}
	var packages []*Package
	var faults []error
	for _, p := range all {
		if !within(p.ImportPath) || len(p.GoFiles) == 0 {
			continue
		}
		pkg, err := l.load(dir, p)
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", p.ImportPath, err))
			continue
		}
		packages = append(packages, pkg)
	}
	return packages, errors.Join(faults...)
}

func (l *Loader) load(dir string, p listed) (*Package, error) {
	var files []*ast.File
	for _, name := range p.GoFiles {
		f, err := l.parse(dir, filepath.Join(p.Dir, name), nil)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	pkg, err := l.check(strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, Module), "/"), files)
	if err != nil {
		return nil, err
	}
	pkg.Ignored = slices.Concat(p.IgnoredGoFiles, p.CgoFiles, p.SFiles)
	var unread error
	pkg.Ignored = slices.DeleteFunc(pkg.Ignored, func(name string) bool {
		proves, err := proves(filepath.Join(p.Dir, name))
		unread = errors.Join(unread, err)
		return proves
	})
	return pkg, unread
}

// proves reports whether a file belongs to builds with the tag prove: those compare what a package returns with
// its specification, on every platform.
func proves(path string) (bool, error) {
	data, err := os.ReadFile(path)
	return bytes.HasPrefix(data, []byte("//go:build prove\n")), err
}

// list asks the go command for packages and all they depend on.
func (l *Loader) list(dir string, patterns []string) (all []listed, err error) {
	cmd := exec.Command("go", append([]string{"list", "-e", "-deps", "-export",
		"-json=ImportPath,Dir,Export,GoFiles,IgnoredGoFiles,CgoFiles,SFiles"}, patterns...)...)
	var stderr bytes.Buffer
	cmd.Dir, cmd.Stderr = dir, &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w\n%s", err, stderr.String())
	}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		l.export[p.ImportPath] = p.Export
		all = append(all, p)
	}
}

// Check type-checks one file given as text, as the package at path within the module.
func (l *Loader) Check(path, source string) (*Package, error) {
	f, err := l.parse("", "planted.go", source)
	if err != nil {
		return nil, err
	}
	return l.check(path, []*ast.File{f})
}

// parse names the file relative to dir, so that findings read alike everywhere.
func (l *Loader) parse(dir, path string, source any) (*ast.File, error) {
	name := path
	if source == nil {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		source = data
		if rel, err := filepath.Rel(dir, path); err == nil {
			name = filepath.ToSlash(rel)
		}
	}
	return parser.ParseFile(l.fset, name, source, parser.ParseComments|parser.SkipObjectResolution)
}

func (l *Loader) check(path string, files []*ast.File) (*Package, error) {
	info := &types.Info{
		Types:      map[ast.Expr]types.TypeAndValue{},
		Defs:       map[*ast.Ident]types.Object{},
		Uses:       map[*ast.Ident]types.Object{},
		Selections: map[*ast.SelectorExpr]*types.Selection{},
	}
	full := strings.TrimSuffix(Module+"/"+path, "/")
	pkg, err := (&types.Config{Importer: l.imp}).Check(full, l.fset, files, info)
	if err != nil {
		return nil, err
	}
	return &Package{Path: path, Fset: l.fset, Files: files, Pkg: pkg, Info: info}, nil
}

func (l *Loader) open(path string) (io.ReadCloser, error) {
	file := l.export[path]
	if file == "" {
		return nil, fmt.Errorf("no export data for %s", path)
	}
	return os.Open(file)
}

// parseOnly is Check for rules about imports, whose packages need not exist.
func (l *Loader) parseOnly(path, source string) (*Package, error) {
	f, err := l.parse("", "planted.go", source)
	return &Package{Path: path, Fset: l.fset, Files: []*ast.File{f}}, err
}
