// Package verdict judges what a command that deploys did in a scenario, by what became of its deployment in ECS.
//
// # Start here
//
// [Judge] takes the scenario and each [Run] of the command, its facts and how it ended, and returns a [Result]: a
// [Verdict], and the sentences that say why.
//
// A command is right if it ends with 0 when the new revision serves, and with another code when it does not; if it
// ends with 0 only when the deployment is over; and if it does nothing besides that harms the service:
//
//	W1  deregisters a revision that tasks or deployments of the service use
//	W2  touches another service, cluster or family than it is told
//	W3  changes the desired count, or leaves the scaling suspended
//	W4  leaves the service on its revision after an error, although it says that it undoes (Told.Undoes)
//	W5  begins more than one deployment of a new revision
//	W6  changes something although it is told to change nothing (Told.Dry)
//	W7  prints a secret of its environment
package verdict

import (
	"fmt"
	"slices"
	"time"

	"github.com/bayplan/bayplan/examples/drill/scenario"
	"github.com/bayplan/bayplan/examples/drill/stage"
)

// Verdict is what the drill says of a command in a scenario.
type Verdict string

// The values of Verdict.
const (
	OK         Verdict = "OK"
	Fail       Verdict = "FAIL"
	Early      Verdict = "EARLY"      // it ended with 0 while the deployment went on
	Late       Verdict = "LATE"       // it was right, long after the deployment was over
	Hung       Verdict = "HUNG"       // it still ran at the time limit
	NotHere    Verdict = "NOT HERE"   // it made no call
	Untried    Verdict = "UNTRIED"    // it ended with an error before it deployed anything
	Unmodelled Verdict = "UNMODELLED" // the same, after a call that nothing here answers
	Broken     Verdict = "BROKEN"     // the scenario or the command could not be started
)

// Ending is how the command ended.
type Ending struct {
	Code   int
	Hung   bool   // it was killed at the time limit
	Err    error  // it could not be started
	Output string // the last of what it printed
	Cut    int    // bytes of its output before that
	Leaked bool   // it printed a secret of its environment
	Wall   time.Duration
	Told
}

// Told is what the command is told, or promises, as far as the verdict depends on it.
type Told struct {
	NoWait bool // not to wait for the deployment's end
	Undoes bool // after an error it brings the old revision back
	Dry    bool // to change nothing
}

// Run is a run of the command in a scenario.
type Run struct {
	Name   string // "first" or "second" of two runs at the same time; "" if the command ran alone
	Facts  stage.Facts
	Ending Ending
	Passed bool // Judge's: nothing is wrong with this run
}

// Truth is what became of the deployment that the run began last, in the word of ECS or CodeDeploy.
func (r Run) Truth() string {
	if n := len(r.Facts.Mine); n > 0 {
		return r.Facts.Mine[n-1].Status
	}
	return scenario.None
}

// Result is the verdict on a command in a scenario at a pace.
type Result struct {
	Scenario scenario.Scenario
	Pace     stage.Pace
	Verdict  Verdict
	Passed   bool     // nothing is wrong
	Codes    []string // W1 and the like, in order
	Why      []string // in the order of their weight
	Warnings []string
	Runs     []Run // one, or two that ran at the same time
}

// Wall is how long the longest run took, in real time.
func (r Result) Wall() (longest time.Duration) {
	for _, run := range r.Runs {
		longest = max(longest, run.Ending.Wall)
	}
	return longest
}

// ExitedAt is when the last run ended, in virtual time since the command began.
func (r Result) ExitedAt() (last time.Duration) {
	for _, run := range r.Runs {
		last = max(last, run.Facts.ExitedAt)
	}
	return last
}

// Judged reports whether the drill could judge.
func (r Result) Judged() bool { return judged(r.Verdict) }

func judged(v Verdict) bool {
	return !slices.Contains([]Verdict{NotHere, Untried, Unmodelled, Broken}, v)
}

// Clock writes a virtual time as minutes and seconds, or hours, minutes and seconds.
func Clock(d time.Duration) string {
	d = d.Round(time.Second)
	if d >= time.Hour {
		return fmt.Sprintf("%d:%02d:%02d", int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60)
	}
	return fmt.Sprintf("%02d:%02d", int(d.Minutes()), int(d.Seconds())%60)
}

func rounded(d time.Duration) time.Duration { return d.Round(100 * time.Millisecond) }
