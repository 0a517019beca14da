package purity

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestFigures prints how large the rooms of the house are, and fails where one has become a hall:
//
//	go test ./internal/purity -run TestFigures -v
func TestFigures(t *testing.T) {
	judge := func(what, figure, bound string, holds bool) {
		t.Logf("%-58s %8s   %s", what, figure, bound)
		if !holds {
			t.Errorf("%s: %s, %s", what, figure, bound)
		}
	}
	atMost := func(what string, n, limit int) {
		judge(what, fmt.Sprint(n), fmt.Sprintf("at most %d", limit), n <= limit)
	}
	atLeast := func(what string, s Size, limit float64) {
		what = "lines of tests for each line of " + what
		judge(what, fmt.Sprintf("%.2f", s.Ratio()), fmt.Sprintf("at least %.1f", limit), s.Ratio() >= limit)
	}
	packages, err := module()
	require.NoError(t, err)
	of := func(path string) *Package {
		i := slices.IndexFunc(packages, func(p *Package) bool { return p.Path == path })
		require.GreaterOrEqual(t, i, 0, path)
		return packages[i]
	}
	atMost("exported methods of control.Plane", Methods(of("ecs/control"), "Plane"), 100)
	atMost("exported names of ecs", Exported(of("ecs")), 450)
	doc, err := exec.Command("go", "doc", "-C", root, "-all", "./ecs").Output()
	require.NoError(t, err)
	atMost("lines of go doc -all ./ecs", bytes.Count(doc, []byte("\n")), 2350)

	sizes, err := Sizes(os.DirFS(root))
	require.NoError(t, err)
	var control Size
	for _, dir := range slices.Sorted(maps.Keys(sizes)) {
		limit := 5600
		if strings.HasPrefix(dir, rooms) {
			limit = 1200
		}
		atMost("lines of "+dir, sizes[dir].Code, limit)
		if dir == "ecs/control" || strings.HasPrefix(dir, rooms) {
			control = control.Add(sizes[dir])
		}
	}
	atLeast("ecs/control and its rooms", control, 0.8)
	atLeast("ecs", sizes["ecs"], 0.8)
	atLeast("ecs/sim", sizes["ecs/sim"], 0.6)
}

// Sizes counts tests apart, and leaves nested modules and testdata out.
func TestSizes(t *testing.T) {
	sizes, err := Sizes(os.DirFS(root))
	require.NoError(t, err)
	require.Positive(t, sizes["ecs"].Code)
	require.Positive(t, sizes["ecs"].Tests)
	for dir := range sizes { //order:any each alone
		require.NotContains(t, dir, "testdata")
		require.False(t, strings.HasPrefix(dir, "examples/localecs/sdk"), dir)
	}
}
