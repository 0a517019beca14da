// Package verdict judges what a command that deploys did in a scenario, by what became of its deployment in ECS.
//
// # Start here
//
// [Judge] takes the scenario, the facts and how the command ended, and returns a [Result]: a [Verdict], and the
// sentences that say why.
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
	"strings"
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

// Result is the verdict on a command in a scenario at a pace.
type Result struct {
	Scenario scenario.Scenario
	Pace     stage.Pace
	Verdict  Verdict
	Passed   bool     // nothing is wrong
	Codes    []string // W1 and the like, in order
	Why      []string // in the order of their weight
	Warnings []string
	Truth    string // what became of the deployment
	Ending   Ending
	Facts    stage.Facts
}

// Judged reports whether the drill could judge.
func (r Result) Judged() bool {
	return !slices.Contains([]Verdict{NotHere, Untried, Unmodelled, Broken}, r.Verdict)
}

// late is how long after the deployment's end, in virtual time, a command may notice it: the pace Leap adds a
// minute a call.
const late = 5 * time.Minute

// Judge returns the verdict.
func Judge(s scenario.Scenario, pace stage.Pace, f stage.Facts, e Ending) Result {
	r := Result{Scenario: s, Pace: pace, Ending: e, Facts: f, Truth: scenario.None}
	if n := len(f.Mine); n > 0 {
		r.Truth = f.Mine[n-1].Status
	}
	r.Verdict = r.decide()
	r.effects()
	r.warn()
	r.Passed = r.Verdict == OK || r.Verdict == Late || r.Verdict == Hung && s.MayHang
	return r
}

// because adds a sentence, and returns the verdict that it is for.
func (r *Result) because(v Verdict, format string, args ...any) Verdict {
	r.Why = append(r.Why, fmt.Sprintf(format, args...))
	return v
}

func (r *Result) decide() Verdict {
	e, f := r.Ending, r.Facts
	switch {
	case e.Err != nil:
		return r.because(Broken, "%v", e.Err)
	case f.Requests == 0:
		return r.because(NotHere, "it made no call: does it read AWS_ENDPOINT_URL?")
	case e.Hung:
		return r.because(Hung, "it still ran after %s", rounded(e.Wall))
	case e.NoWait, e.Dry:
		return OK
	case len(f.Mine) == 0:
		return r.undeployed()
	case r.again():
		return r.because(Untried, "it deployed %s again, which ran before: the drill judges commands that register "+
			"a new revision", f.Mine[0].Revision)
	case r.good():
		return r.succeeded()
	case e.Code == 0:
		return r.because(Fail, "exit 0, should be ≠ 0: the deployment is %s%s", r.Truth, r.serves())
	}
	return OK
}

// good reports whether the command's last deployment succeeded, and the old revisions serve no more.
func (r *Result) good() bool {
	f := r.Facts
	return len(f.Mine) > 0 && f.Mine[len(f.Mine)-1].Good && f.FreshAtEnd
}

// again reports whether the command deployed only what ran before, as with forceNewDeployment.
func (r *Result) again() bool {
	f := r.Facts
	refused := slices.Contains(r.Scenario.Truth, scenario.None)
	return !refused && len(f.Registered) == 0 && !slices.ContainsFunc(f.Mine, func(d stage.Deployment) bool {
		return !slices.Contains(f.Old, d.Revision)
	})
}

// serves says what serves at the end, where that is an old revision.
func (r *Result) serves() string {
	if list := r.Facts.ServedAtEnd; !r.Facts.FreshAtEnd && len(list) > 0 {
		return ", and " + strings.Join(list, " and ") + " serves"
	}
	return ""
}

func (r *Result) undeployed() Verdict {
	code := r.Ending.Code
	astray := r.astray()
	switch {
	case code == 0:
		return r.because(Fail, "exit 0, should be ≠ 0: it deployed nothing")
	case astray != "":
		return r.because(Untried, "exit %d, and nothing deployed: %s", code, astray)
	case slices.Contains(r.Scenario.Truth, scenario.None):
		return OK
	case len(r.Facts.Unmodelled) > 0:
		return r.because(Unmodelled, "exit %d, and nothing deployed: the drill does not answer %s", code,
			strings.Join(r.Facts.Unmodelled, ", "))
	case r.Scenario.Exit == scenario.Zero:
		return r.because(Fail, "exit %d, should be 0: it deployed nothing", code)
	}
	return r.because(Untried, "exit %d before it deployed anything", code)
}

// astray says which names of the command are not the drill's, and what to do about it.
func (r *Result) astray() string {
	var asked, flags []string
	for _, a := range r.Facts.Astray {
		asked = append(asked, fmt.Sprintf("%s %q, which is %q here", a.Flag, a.Asked, a.Has))
		flags = append(flags, fmt.Sprintf("-%s %s", a.Flag, a.Asked))
	}
	if len(asked) == 0 {
		return ""
	}
	return fmt.Sprintf("it asks for %s; tell the drill %s", strings.Join(asked, ", "), strings.Join(flags, " "))
}

func (r *Result) succeeded() Verdict {
	e, f := r.Ending, r.Facts
	switch {
	case e.Code != 0 && r.Scenario.Exit == scenario.Zero:
		return r.because(Fail, "exit %d, should be 0: the deployment is %s", e.Code, r.Truth)
	case e.Code != 0:
		return OK
	case f.Exit != r.Truth || !f.Fresh:
		return r.because(Early, "exit 0 at %s, while the deployment was %s; it was over at %s", Clock(f.ExitedAt),
			f.Exit, Clock(f.TruthAt))
	case f.ExitedAt > f.TruthAt+late+e.Wall:
		return r.because(Late, "exit 0 %s after the deployment was over", rounded(f.ExitedAt-f.TruthAt))
	}
	return OK
}

// effects adds what the command did besides, which fails it.
func (r *Result) effects() {
	add := func(code, text string) {
		r.Why = append(r.Why, text+" ("+code+")")
		if !slices.Contains(r.Codes, code) {
			r.Codes = append(r.Codes, code)
		}
	}
	for _, e := range r.Facts.Effects {
		add(e.Code, e.Text)
	}
	e := r.Ending
	if e.Undoes && (e.Code != 0 || e.Hung) && r.Facts.Left != "" {
		add("W4", fmt.Sprintf("left the service on %s after the error", r.Facts.Left))
	}
	if n := len(r.Facts.Writes); e.Dry && n > 0 {
		add("W6", fmt.Sprintf("made %d calls that change something, the first one %s", n, r.Facts.Writes[0]))
	}
	fresh := slices.DeleteFunc(slices.Clone(r.Facts.Mine), func(d stage.Deployment) bool {
		return slices.Contains(r.Facts.Old, d.Revision)
	})
	if len(fresh) > 1 {
		add("W5", fmt.Sprintf("began %d deployments of new revisions", len(fresh)))
	}
	if e.Leaked {
		add("W7", "printed the secret access key of its environment")
	}
	slices.Sort(r.Codes)
	if len(r.Codes) > 0 && r.Verdict != Broken {
		r.Verdict = Fail
	}
}

// warn adds what a person should know, and what fails nobody.
func (r *Result) warn() {
	f := r.Facts
	warn := func(format string, args ...any) { r.Warnings = append(r.Warnings, fmt.Sprintf(format, args...)) }
	if n := len(f.Unused); n > 0 {
		warn("registered %s, which no deployment uses", strings.Join(f.Unused, ", "))
	}
	if len(f.Mine) > 0 && !slices.Contains(r.Scenario.Truth, r.Truth) {
		warn("the deployment is %s, where the scenario expects %s", r.Truth, strings.Join(r.Scenario.Truth, " or "))
	}
	if r.good() && f.Crashes > 0 {
		warn("%d tasks of the new revision crashed after the deployment was over", f.Crashes)
	}
	if len(f.Unmodelled) > 0 && r.Verdict != Unmodelled {
		warn("it called %s, which the drill does not answer", strings.Join(f.Unmodelled, ", "))
	}
	if f.Busiest > 20 {
		warn("up to %d calls in one second: AWS may throttle them", f.Busiest)
	}
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
