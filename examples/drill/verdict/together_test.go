package verdict_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/examples/drill/scenario"
	"github.com/bayplan/bayplan/examples/drill/stage"
	"github.com/bayplan/bayplan/examples/drill/verdict"
)

// Of two runs each is judged by its own deployment, and the verdict is the worse one.
//
// Seen to fail: the first run's verdict for both; a success of the first run for both; two runs that both deploy
// nothing, judged as right; the same when they are told to change nothing, judged as wrong; a code for each run; an
// error after a success that passes, as one run must end with 0.
func TestTogether(t *testing.T) {
	s := scenario.Scenario{Exit: scenario.One, Truth: []string{"SUCCESSFUL", "STOPPED", scenario.None}}
	run := func(code int, statuses ...string) verdict.Run {
		f := stage.Facts{Requests: 5, FreshAtEnd: true, Fresh: true, Old: []string{"web:1"},
			ServedAtEnd: []string{"web:3 ×3"}}
		for _, status := range statuses {
			f.Exit = status
			f.Mine = append(f.Mine, stage.Deployment{Status: status, Revision: "web:2", Over: true,
				Good: status == "SUCCESSFUL"})
		}
		return verdict.Run{Facts: f, Ending: verdict.Ending{Code: code, Wall: time.Second}}
	}
	silent := verdict.Run{Ending: verdict.Ending{Code: 1}}
	apart := run(0, "SUCCESSFUL")
	apart.Facts.Apart = true
	dry := run(0)
	dry.Ending.Dry = true
	leaks := run(1, "STOPPED")
	leaks.Ending.Leaked = true
	for _, k := range []struct {
		name          string
		first, second verdict.Run
		want          verdict.Verdict
		passed        bool
		why           []string
	}{
		{"one ends with 0", run(1, "STOPPED"), run(0, "SUCCESSFUL"), verdict.OK, true, nil},
		{"both end with 0", run(0, "STOPPED"), run(0, "SUCCESSFUL"), verdict.Fail, false,
			[]string{"the first run: exit 0, should be ≠ 0: the deployment is STOPPED, and web:3 ×3 serves"}},
		{"none ends with 0", run(1, "STOPPED"), run(1, "SUCCESSFUL"), verdict.Fail, false,
			[]string{"the second run: exit 1, should be 0: the deployment is SUCCESSFUL"}},
		{"one after the other", apart, run(0, "SUCCESSFUL"), verdict.OK, true, nil},
		{"the second one sees the first, and gives up", run(0, "SUCCESSFUL"), run(1), verdict.OK, true, nil},
		{"both give up", run(1), run(1), verdict.Untried, false,
			[]string{"neither run deployed anything"}},
		{"both change nothing, as they are told", dry, dry, verdict.OK, true, nil},
		{"what is wrong weighs more than what is not known", silent, run(0, "STOPPED"), verdict.Fail, false,
			[]string{"the first run: it made no call: does it read AWS_ENDPOINT_URL?",
				"the second run: exit 0, should be ≠ 0: the deployment is STOPPED, and web:3 ×3 serves"}},
		{"both leak", leaks, leaks, verdict.Fail, false, []string{
			"the first run: printed the secret access key of its environment (W7)",
			"the second run: printed the secret access key of its environment (W7)"}},
	} {
		r := verdict.Judge(s, stage.Leap, k.first, k.second)
		require.Equal(t, k.want, r.Verdict, k.name)
		require.Equal(t, k.passed, r.Passed, k.name)
		require.Equal(t, k.why, r.Why, k.name)
		require.Equal(t, []string{"first", "second"}, []string{r.Runs[0].Name, r.Runs[1].Name})
		require.LessOrEqual(t, len(r.Codes), 1, "each code once")
	}
	require.Equal(t, []string{"the deployments of both runs do not overlap: one run waited for the other in vain"},
		verdict.Judge(s, stage.Leap, apart, run(0, "SUCCESSFUL")).Warnings)
}
