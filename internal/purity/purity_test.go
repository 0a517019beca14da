package purity

import (
	"os"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

const root = "../.."

// loader and module run the go command once for all tests; module is lazy, so that the rules can
// be tried on planted faults while a package does not build.
var (
	loader = sync.OnceValues(func() (*Loader, error) {
		return NewLoader(append(allowed(), plantedImports()...)...)
	})
	module = sync.OnceValues(func() ([]*Package, error) {
		l, err := loader()
		if err != nil {
			return nil, err
		}
		return l.Load(root)
	})
)

func TestPure(t *testing.T) {
	packages, err := module()
	if err != nil {
		t.Error(err)
	}
	for _, rule := range Pure() {
		t.Run(rule.Name, func(t *testing.T) {
			for _, p := range packages {
				if !Exempt(p.Path) {
					show(t, rule.Check(p))
				}
			}
		})
	}
}

func TestHouse(t *testing.T) {
	packages, err := module()
	if err != nil {
		t.Error(err)
	}
	for _, rule := range House() {
		t.Run(rule.Name, func(t *testing.T) {
			for _, p := range packages {
				show(t, rule.Check(p))
			}
		})
	}
}

func TestTree(t *testing.T) {
	found, err := Tree(os.DirFS(root))
	require.NoError(t, err)
	show(t, found)
}

func TestFileLength(t *testing.T) {
	found, err := Length(os.DirFS(root))
	require.NoError(t, err)
	show(t, found)
}

func show(t *testing.T, found []Finding) {
	t.Helper()
	for _, f := range found {
		t.Error(f)
	}
}
