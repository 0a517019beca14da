// Package promises lists what once failed on real work, each with the test that keeps it from
// coming back. `go test ./internal/promises -v` prints the list.
package promises

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// promise is one behaviour that users rely on, and the test that fails when it is broken.
type promise struct {
	says string // one sentence: what holds
	pkg  string // the directory of the test, from the module's root
	test string // the test's name; a subtest after a slash
}

// all joins the lists of the areas, one file each.
func all() []promise {
	var list []promise
	for _, area := range [][]promise{
		agents(), combinations(), memory(), placements(), machines(), fronts(), inputs(),
		services(), answers(), documents(),
	} {
		list = append(list, area...)
	}
	return list
}

// TestPromises checks that each promise names a test that exists.
func TestPromises(t *testing.T) {
	sources := map[string]string{}
	for _, p := range all() {
		if _, read := sources[p.pkg]; !read {
			sources[p.pkg] = testSources(t, p.pkg)
		}
		name, sub, nested := strings.Cut(p.test, "/")
		if !regexp.MustCompile(`(?m)^func ` + name + `\(`).MatchString(sources[p.pkg]) {
			t.Errorf("%s: no test %s in %s", p.says, name, p.pkg)
		}
		if spaced := strings.ReplaceAll(sub, "_", " "); nested &&
			!strings.Contains(sources[p.pkg], `"`+sub+`"`) && !strings.Contains(sources[p.pkg], `"`+spaced+`"`) {
			t.Errorf("%s: no subtest %s of %s in %s", p.says, sub, name, p.pkg)
		}
		t.Logf("%-110s %s %s", p.says, p.pkg, p.test)
	}
}

func testSources(t *testing.T, pkg string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", pkg, "*_test.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s has no tests (%v)", pkg, err)
	}
	var all strings.Builder
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(data)
	}
	return all.String()
}
