package verdict

import (
	"cmp"
	"slices"

	"github.com/bayplan/bayplan/examples/drill/scenario"
	"github.com/bayplan/bayplan/examples/drill/stage"
)

// Judge returns the verdict on the runs of the command: one, or two that ran at the same time. Each run is judged by
// what became of its own deployment, and the verdict on two is the worse one.
func Judge(s scenario.Scenario, pace stage.Pace, runs ...Run) Result {
	r := Result{Scenario: s, Pace: pace, Passed: true}
	var each []*judgement
	for i, run := range runs {
		if len(runs) > 1 {
			run.Name = []string{"first", "second"}[i]
		}
		each = append(each, judge(s, run))
	}
	if len(runs) > 1 && each[0].verdict == OK && each[1].verdict == OK && undeployed(runs) {
		r.Why = []string{"neither run deployed anything"}
		each[0].verdict, each[1].verdict = Untried, Untried
	}
	if runs[0].Facts.Apart {
		r.Warnings = append(r.Warnings,
			"the deployments of both runs do not overlap: one run waited for the other in vain")
	}
	worst := slices.MinFunc(each, func(a, b *judgement) int { return cmp.Compare(a.rank(), b.rank()) })
	r.Verdict = worst.verdict
	for _, j := range each {
		j.Passed = j.passed()
		r.Passed = r.Passed && j.Passed
		r.Runs = append(r.Runs, j.Run)
		r.Codes = append(r.Codes, j.codes...)
		r.Why = append(r.Why, j.named(j.why)...)
		r.Warnings = append(r.Warnings, j.named(j.warnings)...)
	}
	slices.Sort(r.Codes)
	r.Codes = slices.Compact(r.Codes)
	return r
}

// undeployed reports whether no run deployed anything, where the verdict depends on it.
func undeployed(runs []Run) bool {
	return !slices.ContainsFunc(runs, func(r Run) bool {
		return len(r.Facts.Mine) > 0 || r.Ending.Dry || r.Ending.NoWait
	})
}
