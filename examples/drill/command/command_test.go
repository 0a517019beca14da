package command_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/examples/drill/command"
	"github.com/bayplan/bayplan/examples/drill/play"
	"github.com/bayplan/bayplan/examples/drill/scenario"
	"github.com/bayplan/bayplan/examples/drill/stage"
	"github.com/bayplan/bayplan/examples/drill/verdict"
)

// behave is the variable that makes this program one of the programs that the tests run.
const behave = "DRILL_TEST_BEHAVE"

func TestMain(m *testing.M) {
	if as := os.Getenv(behave); as != "" {
		os.Exit(program(as, os.Args[1:]))
	}
	os.Exit(m.Run())
}

// program is what the tests run.
func program(as string, args []string) int {
	switch as {
	case "environment":
		for _, v := range os.Environ() {
			fmt.Println(v)
		}
		fmt.Println(args)
	case "talks":
		line := strings.Repeat("x", 1023) + "\n"
		for range 20 << 10 {
			fmt.Print(line)
		}
		fmt.Println("the end")
	case "leaks":
		fmt.Print(os.Getenv("AWS_SECRET_ACCESS_KEY")[:7])
		time.Sleep(50 * time.Millisecond)
		fmt.Print(os.Getenv("AWS_SECRET_ACCESS_KEY")[7:])
	case "hangs": // with a child in its process group that hangs, too
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), behave+"=sleeps")
		child.Stdout = os.Stdout
		if err := child.Start(); err != nil {
			return 1
		}
		if err := os.WriteFile(args[0], []byte(strconv.Itoa(child.Process.Pid)), 0o600); err != nil {
			return 1
		}
		fallthrough
	case "sleeps":
		for r, err := http.Get(os.Getenv("AWS_ENDPOINT_URL")); err == nil; {
			_ = r.Body.Close()
			time.Sleep(time.Hour)
		}
	case "fails":
		fmt.Fprintln(os.Stderr, "no such thing")
		return 7
	}
	return 0
}

// played is the result of one of the programs in the scenario of a healthy deployment.
func played(t *testing.T, timeout time.Duration, as string, args ...string) verdict.Result {
	t.Helper()
	all, err := scenario.Own()
	require.NoError(t, err)
	self, err := os.Executable()
	require.NoError(t, err)
	var result verdict.Result
	tool := command.Command{Args: append([]string{self}, args...), Env: append(os.Environ(), behave+"="+as,
		"AWS_PROFILE=production", "AWS_ENDPOINT_URL_ECS=https://example.com", "https_proxy=http://example.com",
		"AWS_MAX_ATTEMPTS=5")}
	play.All(context.Background(), play.Config{Scenarios: all[:1], Paces: []stage.Pace{stage.Leap},
		Names: scenario.Default(), Timeout: timeout}, tool, func(r verdict.Result) { result = r })
	return result
}

// A command knows the drill's endpoint, and nothing by which it could reach AWS.
//
// Seen to fail: an environment that is handed on as it is.
func TestEnvironment(t *testing.T) {
	r := played(t, time.Minute, "environment", "{{.Service}}", "{{.Image}}", "plain")
	out := r.Runs[0].Ending.Output
	require.Equal(t, []string{"W7"}, r.Codes, "it prints its secret, too")
	require.Contains(t, r.Why[0], "it made no call")
	require.Regexp(t, `(?m)^AWS_ENDPOINT_URL=http://127\.0\.0\.1:\d+$`, out)
	require.Contains(t, out, "\nAWS_MAX_ATTEMPTS=5\n")
	require.Contains(t, out, "[web app:2 plain]")
	for _, gone := range []string{"AWS_PROFILE", "AWS_ENDPOINT_URL_ECS", "example.com"} {
		require.NotContains(t, out, gone)
	}
	require.Equal(t, []string{"W7"}, played(t, time.Minute, "leaks").Codes)
	require.True(t, r.Runs[0].Ending.Leaked)
	require.NotRegexp(t, `AWS_SECRET_ACCESS_KEY=drill`, out, "what is kept does not have it")
}

// Of a long output the end is kept.
//
// Seen to fail: an output without a bound.
func TestOutputIsBounded(t *testing.T) {
	r := played(t, time.Minute, "talks")
	require.Len(t, r.Runs[0].Ending.Output, 64<<10)
	require.True(t, strings.HasSuffix(r.Runs[0].Ending.Output, "x\nthe end\n"))
	require.Equal(t, 20<<20+len("the end\n")-64<<10, r.Runs[0].Ending.Cut)
}

// A command that does not end is killed with its children.
//
// Seen to fail: a program that is killed alone.
func TestHung(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pid")
	r := played(t, 2*time.Second, "hangs", file)
	require.Equal(t, verdict.Hung, r.Verdict)
	require.False(t, r.Passed)
	pid, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Eventually(t, func() bool { // the one that inherits it takes it away
		status, err := os.ReadFile("/proc/" + string(pid) + "/stat")
		return err != nil || strings.Contains(string(status), ") Z ")
	}, 10*time.Second, 10*time.Millisecond)
}

// What cannot be run, and what ends before it calls, is not judged.
func TestNotJudged(t *testing.T) {
	r := played(t, time.Minute, "fails")
	require.Equal(t, verdict.NotHere, r.Verdict)
	require.False(t, r.Judged())
	require.Equal(t, 7, r.Runs[0].Ending.Code)
	require.Equal(t, "no such thing\n", r.Runs[0].Ending.Output)
	require.ErrorIs(t, command.Command{Args: []string{"no-such-program-anywhere"}}.Check(), exec.ErrNotFound)
	require.Error(t, command.Command{}.Check())
	require.Error(t, command.Command{Args: []string{os.Args[0], "{{.Nothing}}"}}.Check())
	require.NoError(t, command.Command{Args: []string{os.Args[0], "{{.Image}}", "{ {"}}.Check())
}
