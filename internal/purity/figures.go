package purity

import (
	"bytes"
	"go/types"
	"io/fs"
	"path"
	"strings"
)

// Size is the size of a package, or of several.
type Size struct{ Code, Tests int } // lines

// Ratio returns the lines of tests for each line of code.
func (s Size) Ratio() float64 { return float64(s.Tests) / float64(max(s.Code, 1)) }

// Add returns the size of both.
func (s Size) Add(o Size) Size { return Size{s.Code + o.Code, s.Tests + o.Tests} }

// Sizes returns the size of each directory below root that holds Go files; nested modules and
// testdata are left out.
func Sizes(root fs.FS) (map[string]Size, error) {
	sizes := map[string]Size{}
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == ".git" || d.Name() == "testdata" || name != "." && nested(root, name)):
			return fs.SkipDir
		case d.IsDir() || path.Ext(name) != ".go":
			return nil
		}
		data, err := fs.ReadFile(root, name)
		lines := bytes.Count(data, []byte("\n"))
		size := Size{Code: lines}
		if strings.HasSuffix(name, "_test.go") {
			size = Size{Tests: lines}
		}
		sizes[path.Dir(name)] = sizes[path.Dir(name)].Add(size)
		return err
	})
	return sizes, err
}

func nested(root fs.FS, dir string) bool {
	_, err := fs.Stat(root, path.Join(dir, "go.mod"))
	return err == nil
}

// Exported returns how many names a package exports: constants, variables, types and functions, and
// not methods or fields.
func Exported(p *Package) (n int) {
	for _, name := range p.Pkg.Scope().Names() {
		if p.Pkg.Scope().Lookup(name).Exported() {
			n++
		}
	}
	return n
}

// Methods returns how many exported methods a type of a package has.
func Methods(p *Package, typeName string) int {
	obj := p.Pkg.Scope().Lookup(typeName)
	if obj == nil {
		return 0
	}
	n := 0
	set := types.NewMethodSet(types.NewPointer(obj.Type()))
	for i := range set.Len() {
		if set.At(i).Obj().Exported() {
			n++
		}
	}
	return n
}
