package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/internal/script"
)

func zones() []string { return []string{"us-east-1a", "us-east-1b", "us-east-1c"} }

func TestOutput(t *testing.T) {
	var first, second bytes.Buffer
	require.NoError(t, run(&first, web, zones(), 1))
	require.NoError(t, run(&second, web, zones(), 1))
	require.Equal(t, first.String(), second.String(), "two runs of one seed differ")
	script.Golden(t, "testdata/output.txt", first.String())
}

// Definitions of every network mode and platform reach a steady state on instances that
// could hold them.
func TestDefinitions(t *testing.T) {
	files, err := filepath.Glob("testdata/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) {
			document, err := os.ReadFile(path)
			require.NoError(t, err)
			var out bytes.Buffer
			require.NoError(t, run(&out, document, zones(), 1), "%s", out.String())
			require.Contains(t, out.String(), "has reached a steady state")
		})
	}
}

// Of the definitions that others wrote, those that AWS would take reach a steady state.
func TestPublicDefinitions(t *testing.T) {
	files, _ := filepath.Glob("../../../shared/data/taskdefs/*.json")
	if len(files) == 0 {
		t.Skip("../shared/data/taskdefs is not there; testdata has definitions of the project's own")
	}
	steady, refused, large := 0, 0, 0
	for _, path := range files {
		document, err := os.ReadFile(path)
		require.NoError(t, err)
		var out bytes.Buffer
		if err := run(&out, document, zones(), 1); err == nil {
			steady++
			require.Contains(t, out.String(), "has reached a steady state", path)
		} else if strings.HasPrefix(err.Error(), "the task definition is refused") {
			refused++
			t.Logf("%s: %v", filepath.Base(path), err)
		} else {
			large++
			require.ErrorContains(t, err, "no instance type could hold the task", path)
		}
	}
	t.Logf("%d reach a steady state, %d are refused, %d fit nowhere", steady, refused, large)
	require.Greater(t, steady, refused)
}

func TestRefused(t *testing.T) {
	for name, c := range map[string]struct{ document, says string }{
		"broken JSON": {`{"family": `, "(document)"},
		"an unknown key": {
			`{"family":"a","containerDefinitions":[{"name":"a","image":"a","memory":9,"colour":1}]}`,
			"containerDefinitions[0].colour"},
		"a list instead of an object": {`[]`, "refused: 1 fault"},
		"a fault of each kind": {`{"family":"a","containerDefinitions":[{"name":"a","memory":9,"colour":1}]}`,
			"refused: 2 faults"},
		"no image": {`{"family":"a","containerDefinitions":[{"name":"a","memory":9}]}`,
			"Container.image should not be null or empty."},
		"a zone the cluster lacks": {`{"family":"a","containerDefinitions":[{"name":"a","image":"a","memory":9}],
			"placementConstraints":[{"type":"memberOf","expression":"attribute:ecs.availability-zone == eu-west-1a"}]}`,
			"eu-west-1a"},
		"more GPUs than any": {
			`{"family":"a","containerDefinitions":[{"name":"a","image":"a","memory":9,"resourceRequirements":[{"type":"GPU","value":"64"}]}]}`,
			"RESOURCE:GPU needs 64, has 8"},
		"larger than any": {`{"family":"a","containerDefinitions":[{"name":"a","image":"a","memory":9000000}]}`,
			"RESOURCE:MEMORY needs 9,000,000"},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			err := run(&out, []byte(c.document), zones(), 1)
			require.Error(t, err)
			require.Contains(t, out.String()+err.Error(), c.says)
			require.Less(t, strings.Count(out.String(), "\n"), 6, "one clear message")
		})
	}
}

// What describe-task-definition prints goes the whole way, and what is left out is said first.
//
// Seen to fail: the document refused because of its revision.
func TestDescribed(t *testing.T) {
	flat := strings.Replace(string(web), "{", `{"revision": 7, "status": "ACTIVE", `, 1)
	for _, document := range []string{flat, `{"taskDefinition": ` + flat + `}`} {
		var out bytes.Buffer
		require.NoError(t, run(&out, []byte(document), zones(), 1), out.String())
		require.Regexp(t, "^describe-task-definition printed this; left out: .*revision, status\n", out.String())
	}
}
