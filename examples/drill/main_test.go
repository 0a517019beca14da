package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// drilled runs the program, and returns its exit code and what it printed.
func drilled(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(t.Context(), args, &stdout, &stderr)
	return code, stdout.String(), stderr.String()
}

// stub builds the stub, and returns the arguments by which the program tries one of its tools.
func stub(t *testing.T) func(tool string) []string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "stub")
	built, err := exec.Command("go", "build", "-o", program, "./stub").CombinedOutput()
	require.NoError(t, err, string(built))
	return func(tool string) []string {
		return []string{"--", program, tool, "{{.Cluster}}", "{{.Service}}", "{{.Family}}", "{{.Container}}",
			"{{.Image}}", "{{.AppSpec}}"}
	}
}

// The program tries a stub as a person would, and writes what is asked for.
//
// Seen to fail: a folder of scenarios that is not read; an exit code that is always 0.
func TestDrill(t *testing.T) {
	dir := t.TempDir()
	deploy := stub(t)
	page, junit := filepath.Join(dir, "page.html"), filepath.Join(dir, "junit.xml")
	code, out, errs := drilled(t, append([]string{"-scenario", "1,2", "-pace", "both", "-html", page, "-junit", junit},
		deploy("vandal")...)...)
	require.Equal(t, 1, code, out+errs)
	require.Contains(t, out, "deregistered web:1, of which 3 tasks run (W1)")
	require.Contains(t, out, "4 runs: 2 OK, 2 FAIL. The command does not notice what ECS does.\n")
	for _, file := range []string{page, junit} {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		require.Contains(t, string(data), "W1")
	}

	text, err := os.ReadFile("scenario/files/02-pull-fails.txt")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "77-mine.txt"), text, 0o600))
	code, out, errs = drilled(t, append([]string{"-scenarios", dir, "-json", "-cluster", "prod", "-service", "api",
		"-family", "api-family", "-container", "main", "-image", "registry.example.com/api:3"}, deploy("honest")...)...)
	require.Zero(t, code, out+errs)
	var list []struct {
		Scenario string
		Runs     []struct{ Truth string }
	}
	require.NoError(t, json.Unmarshal([]byte(out), &list))
	require.Len(t, list, 1)
	require.Equal(t, "77-mine", list[0].Scenario)
	require.Equal(t, "ROLLBACK_SUCCESSFUL", list[0].Runs[0].Truth)
}

// Known faults pass, and a command that is told to change nothing is judged by what it changes.
//
// Seen to fail: a file of known faults that is not read; -dry that is not handed on.
func TestTold(t *testing.T) {
	known := filepath.Join(t.TempDir(), "known.txt")
	require.NoError(t, os.WriteFile(known, []byte("2 FAIL W1\n"), 0o600))
	command := stub(t)("vandal")
	code, out, errs := drilled(t, append([]string{"-scenario", "1,2", "-expect", known}, command...)...)
	require.Zero(t, code, out+errs)
	code, out, _ = drilled(t, append([]string{"-scenario", "1", "-dry"}, command...)...)
	require.Equal(t, 1, code, out)
	require.Contains(t, out, "made 3 calls that change something, the first one ecs:RegisterTaskDefinition web (W6)")
}

// What cannot be judged ends with 2, and says why.
func TestUnjudged(t *testing.T) {
	for _, k := range []struct {
		args []string
		want string
	}{
		{nil, "there is no command"},
		{[]string{"no-such-program-anywhere"}, "executable file not found"},
		{[]string{"-scenario", "99", "true"}, `"99" is not one of`},
		{[]string{"-pace", "slow", "true"}, `-pace is leap, step or both; it is "slow"`},
		{[]string{"-scenarios", "nowhere", "true"}, "there is no .txt file"},
		{[]string{"-image", "a b", "true"}, "image must be"},
		{[]string{"-expect", "nowhere.txt", "true"}, "nowhere.txt"},
		{[]string{"-colour"}, "flag provided but not defined"},
		{[]string{"go", "{{.Colour}}"}, "{{.Colour}} is not a name of the drill's"},
	} {
		code, out, errs := drilled(t, k.args...)
		require.Equal(t, 2, code, k.args)
		require.Contains(t, errs, k.want)
		require.Empty(t, out)
	}
	code, out, _ := drilled(t, "-scenario", "1", "--", "go", "version")
	require.Equal(t, 2, code)
	require.Contains(t, out, "NOT HERE")
	code, out, _ = drilled(t, "-list")
	require.Zero(t, code)
	require.Contains(t, out, "02-pull-fails                      exit nonzero")
}
