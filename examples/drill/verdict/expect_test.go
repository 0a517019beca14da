package verdict_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/examples/drill/scenario"
	"github.com/bayplan/bayplan/examples/drill/stage"
	"github.com/bayplan/bayplan/examples/drill/verdict"
)

// A known fault passes, a cure fails until its line is taken out, and what is not known is as it was.
//
// Seen to fail: Meet without its case for a known fault; without its last lines, for a cure.
func TestExpect(t *testing.T) {
	all, err := scenario.Own()
	require.NoError(t, err)
	known, err := verdict.Expect("# ours\n2 FAIL W1  # the old fault\n\n05a-targets-unhealthy step FAIL\n", all)
	require.NoError(t, err)
	for _, k := range []struct {
		name   string
		pace   stage.Pace
		v      verdict.Verdict
		codes  []string
		passed bool
	}{
		{"02-pull-fails", stage.Leap, verdict.Fail, []string{"W1"}, true},
		{"02-pull-fails", stage.Leap, verdict.Fail, nil, false},
		{"02-pull-fails", stage.Step, verdict.OK, nil, false},
		{"02-pull-fails", stage.Step, verdict.Untried, nil, false},
		{"05a-targets-unhealthy", stage.Step, verdict.Fail, nil, true},
		{"05a-targets-unhealthy", stage.Leap, verdict.Fail, nil, false},
		{"01-healthy", stage.Leap, verdict.OK, nil, true},
	} {
		r := verdict.Result{Scenario: scenario.Scenario{Name: k.name}, Pace: k.pace, Verdict: k.v, Codes: k.codes,
			Passed: k.v == verdict.OK}
		require.Equal(t, k.passed, known.Meet(r).Passed, "%s %s %s", k.name, k.pace, r.Says())
	}
	for text, want := range map[string]string{
		"99 FAIL":                `line 1: scenario: "99" is not one of`,
		"\n2":                    "line 2: a scenario needs its verdict, such as FAIL W1",
		"2 step":                 "line 1: a scenario needs its verdict",
		"2 OK\n02-pull-fails OK": "line 2: 02-pull-fails is there twice",
	} {
		_, err := verdict.Expect(text, all)
		require.ErrorContains(t, err, want)
	}
}
