package verdict_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/examples/drill/scenario"
	"github.com/bayplan/bayplan/examples/drill/stage"
	"github.com/bayplan/bayplan/examples/drill/verdict"
)

// Verdicts that no tool of the drill's tests brings about.
//
// Seen to fail: each case with the condition that it is about taken out of the code.
func TestJudge(t *testing.T) {
	good := stage.Facts{Requests: 5, Exit: "SUCCESSFUL", Fresh: true, FreshAtEnd: true, TruthAt: time.Minute,
		ExitedAt: 2 * time.Minute, Old: []string{"web:1"},
		Mine: []stage.Deployment{{Status: "SUCCESSFUL", Revision: "web:2", Over: true, Good: true}}}
	back := good
	back.Exit, back.Fresh, back.FreshAtEnd = "ROLLBACK_SUCCESSFUL", false, false
	back.Mine = []stage.Deployment{{Status: "ROLLBACK_SUCCESSFUL", Revision: "web:2", Over: true}}
	zero := scenario.Scenario{Exit: scenario.Zero, Truth: []string{"SUCCESSFUL"}}
	nonzero := scenario.Scenario{Exit: scenario.Nonzero, Truth: []string{"ROLLBACK_SUCCESSFUL"}}
	may := nonzero
	may.MayHang = true
	with := func(f stage.Facts, change func(*stage.Facts)) stage.Facts { change(&f); return f }
	twice := with(good, func(f *stage.Facts) { f.Mine = append(f.Mine, f.Mine[0]) })
	undone := with(twice, func(f *stage.Facts) { // its own rollback is not a second deployment of a new revision
		f.Mine = []stage.Deployment{back.Mine[0], {Status: "SUCCESSFUL", Revision: "web:1", Over: true, Good: true}}
		f.FreshAtEnd = false
	})
	none := stage.Facts{Requests: 2}
	left := with(back, func(f *stage.Facts) { f.Left = "web:2" })
	wrote := with(good, func(f *stage.Facts) { f.Writes = []string{"ecs:UpdateService web web:2"} })
	elsewhere := with(none, func(f *stage.Facts) {
		f.Astray = []stage.Astray{{Flag: "cluster", Asked: "prod", Has: "default"}}
	})
	refused := nonzero
	refused.Truth = []string{scenario.None}
	for _, k := range []struct {
		name   string
		s      scenario.Scenario
		f      stage.Facts
		e      verdict.Ending
		want   verdict.Verdict
		passed bool
	}{
		{"right", zero, good, verdict.Ending{}, verdict.OK, true},
		{"late", zero, with(good, func(f *stage.Facts) { f.ExitedAt = time.Hour }), verdict.Ending{}, verdict.Late,
			true},
		{"an error after a success", zero, good, verdict.Ending{Code: 1}, verdict.Fail, false},
		{"two deployments", zero, twice, verdict.Ending{}, verdict.Fail, false},
		{"its own rollback", nonzero, undone, verdict.Ending{Code: 1}, verdict.OK, true},
		{"its own rollback, called a success", nonzero, undone, verdict.Ending{}, verdict.Fail, false},
		{"a secret", zero, good, verdict.Ending{Leaked: true}, verdict.Fail, false},
		{"hung", nonzero, back, verdict.Ending{Hung: true, Code: -1}, verdict.Hung, false},
		{"hung where it may", may, back, verdict.Ending{Hung: true, Code: -1}, verdict.Hung, true},
		{"killed by a signal", nonzero, back, verdict.Ending{Code: -1}, verdict.OK, true},
		{"no call", zero, stage.Facts{}, verdict.Ending{Code: 1}, verdict.NotHere, false},
		{"no call before the time limit", zero, stage.Facts{}, verdict.Ending{Code: -1, Hung: true},
			verdict.NotHere, false},
		{"an error before the deployment", nonzero, none, verdict.Ending{Code: 1}, verdict.Untried, false},
		{"the same where it should succeed", zero, none, verdict.Ending{Code: 1}, verdict.Fail, false},
		{"nothing deployed, exit 0", nonzero, none, verdict.Ending{}, verdict.Fail, false},
		{"a call that nothing answers", nonzero,
			with(none, func(f *stage.Facts) { f.Unmodelled = []string{"s3:GET /"} }), verdict.Ending{Code: 1},
			verdict.Unmodelled, false},
		{"does not wait, by order", zero, back, verdict.Ending{Told: verdict.Told{NoWait: true}}, verdict.OK, true},
		{"does not wait, and deploys nothing", zero, none, verdict.Ending{Told: verdict.Told{NoWait: true}},
			verdict.Fail, false},
		{"does not wait, and fails before it deploys", zero, none,
			verdict.Ending{Code: 1, Told: verdict.Told{NoWait: true}}, verdict.Fail, false},
		{"does not wait, in another cluster", zero, elsewhere,
			verdict.Ending{Code: 1, Told: verdict.Told{NoWait: true}}, verdict.Untried, false},
		{"does not wait, where ECS refuses", refused, none, verdict.Ending{Code: 1, Told: verdict.Told{NoWait: true}},
			verdict.OK, true},
		{"does not wait, and harms", zero, with(back, func(f *stage.Facts) {
			f.Effects = []stage.Effect{{Code: "W1", Text: "deregistered web:1"}}
		}), verdict.Ending{Told: verdict.Told{NoWait: true}}, verdict.Fail, false},
		{"undoes nothing, and never said so", nonzero, left, verdict.Ending{Code: 1}, verdict.OK, true},
		{"undoes nothing", nonzero, left, verdict.Ending{Code: 1, Told: verdict.Told{Undoes: true}}, verdict.Fail,
			false},
		{"undoes", nonzero, back, verdict.Ending{Code: 1, Told: verdict.Told{Undoes: true}}, verdict.OK, true},
		{"dry", zero, none, verdict.Ending{Told: verdict.Told{Dry: true}}, verdict.OK, true},
		{"dry, in another cluster", zero, elsewhere, verdict.Ending{Code: 1, Told: verdict.Told{Dry: true}},
			verdict.Untried, false},
		{"dry, and wet", zero, wrote, verdict.Ending{Told: verdict.Told{Dry: true}}, verdict.Fail, false},
		{"another cluster, where ECS refuses", refused, elsewhere, verdict.Ending{Code: 1}, verdict.Untried, false},
		{"another cluster", zero, elsewhere, verdict.Ending{Code: 1}, verdict.Untried, false},
		{"the old revision again", zero, with(good, func(f *stage.Facts) {
			f.Mine = []stage.Deployment{{Status: "SUCCESSFUL", Revision: "web:1", Over: true, Good: true}}
		}), verdict.Ending{}, verdict.Untried, false},
		{"cannot be started", zero, none, verdict.Ending{Err: errors.New("no")}, verdict.Broken, false},
	} {
		r := verdict.Judge(k.s, stage.Leap, verdict.Run{Facts: k.f, Ending: k.e})
		require.Equal(t, k.want, r.Verdict, k.name)
		require.Equal(t, k.passed, r.Passed, k.name)
		if !k.passed {
			require.NotEmpty(t, r.Why, k.name)
		}
	}
}
