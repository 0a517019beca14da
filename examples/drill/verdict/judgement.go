package verdict

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bayplan/bayplan/examples/drill/scenario"
	"github.com/bayplan/bayplan/examples/drill/stage"
)

// late is how long after the deployment's end, in virtual time, a command may notice it: the pace Leap adds a
// minute a call.
const late = 5 * time.Minute

// judgement is that of one run.
type judgement struct {
	Run
	scenario             scenario.Scenario
	verdict              Verdict
	codes, why, warnings []string
}

func judge(s scenario.Scenario, run Run) *judgement {
	j := &judgement{Run: run, scenario: s}
	j.verdict = j.decide()
	j.effects()
	j.warn()
	return j
}

func (j *judgement) passed() bool {
	return j.verdict == OK || j.verdict == Late || j.verdict == Hung && j.scenario.MayHang
}

// rank is 0 for what is wrong, 1 for what could not be judged, and more for what passes.
func (j *judgement) rank() int {
	switch {
	case !judged(j.verdict):
		return 1
	case !j.passed():
		return 0
	case j.verdict != OK:
		return 2
	}
	return 3
}

// named puts the name of one of two runs before each sentence.
func (j *judgement) named(list []string) []string {
	if j.Name == "" {
		return list
	}
	var named []string
	for _, text := range list {
		named = append(named, "the "+j.Name+" run: "+text)
	}
	return named
}

// because adds a sentence, and returns the verdict that it is for.
func (j *judgement) because(v Verdict, format string, args ...any) Verdict {
	j.why = append(j.why, fmt.Sprintf(format, args...))
	return v
}

func (j *judgement) decide() Verdict {
	e, f := j.Ending, j.Facts
	switch {
	case e.Err != nil:
		return j.because(Broken, "%v", e.Err)
	case f.Requests == 0 && e.Hung:
		return j.because(NotHere, "it made no call in %s: does it read AWS_ENDPOINT_URL, or is -timeout too short?",
			rounded(e.Wall))
	case f.Requests == 0:
		return j.because(NotHere, "it made no call: does it read AWS_ENDPOINT_URL?")
	case e.Hung:
		return j.because(Hung, "it still ran after %s", rounded(e.Wall))
	case e.Dry && e.Code != 0 && j.astray() != "":
		return j.because(Untried, "exit %d: %s", e.Code, j.astray())
	case e.Dry:
		return OK
	case len(f.Mine) == 0:
		return j.undeployed()
	case e.NoWait:
		return OK
	case j.again():
		return j.because(Untried, "it deployed %s again, which ran before: the drill judges commands that register "+
			"a new revision", f.Mine[0].Revision)
	case j.good():
		return j.succeeded()
	case e.Code == 0:
		return j.because(Fail, "exit 0, should be ≠ 0: the deployment is %s%s", j.Truth(), j.serves())
	}
	return OK
}

// good reports whether the command's last deployment succeeded, and the old revisions serve no more.
func (j *judgement) good() bool {
	f := j.Facts
	return len(f.Mine) > 0 && f.Mine[len(f.Mine)-1].Good && f.FreshAtEnd
}

// again reports whether the command deployed only what ran before, as with forceNewDeployment.
func (j *judgement) again() bool {
	f := j.Facts
	refused := slices.Contains(j.scenario.Truth, scenario.None)
	return !refused && len(f.Registered) == 0 && !slices.ContainsFunc(f.Mine, func(d stage.Deployment) bool {
		return !slices.Contains(f.Old, d.Revision)
	})
}

// serves says what serves at the end, as far as it is not the revision that the command deployed last.
func (j *judgement) serves() string {
	mine := j.Facts.Mine[len(j.Facts.Mine)-1].Revision
	others := slices.DeleteFunc(slices.Clone(j.Facts.ServedAtEnd), func(served string) bool {
		return strings.HasPrefix(served, mine+" ")
	})
	if len(others) == 0 {
		return ""
	}
	return ", and " + strings.Join(others, " and ") + " serves"
}

func (j *judgement) undeployed() Verdict {
	code := j.Ending.Code
	astray := j.astray()
	switch {
	case code == 0:
		return j.because(Fail, "exit 0, should be ≠ 0: it deployed nothing")
	case astray != "":
		return j.because(Untried, "exit %d, and nothing deployed: %s", code, astray)
	case slices.Contains(j.scenario.Truth, scenario.None):
		return OK
	case len(j.Facts.Unmodelled) > 0:
		return j.because(Unmodelled, "exit %d, and nothing deployed: the drill does not answer %s", code,
			strings.Join(j.Facts.Unmodelled, ", "))
	case j.scenario.Exit == scenario.Zero:
		return j.because(Fail, "exit %d, should be 0: it deployed nothing", code)
	}
	return j.because(Untried, "exit %d before it deployed anything", code)
}

// astray says which names of the command are not the drill's, and what to do about it.
func (j *judgement) astray() string {
	var asked, flags []string
	for _, a := range j.Facts.Astray {
		asked = append(asked, fmt.Sprintf("%s %q, which is %q here", a.Flag, a.Asked, a.Has))
		flags = append(flags, fmt.Sprintf("-%s %s", a.Flag, a.Asked))
	}
	if len(asked) == 0 {
		return ""
	}
	return fmt.Sprintf("it asks for %s; tell the drill %s", strings.Join(asked, ", "), strings.Join(flags, " "))
}

func (j *judgement) succeeded() Verdict {
	e, f := j.Ending, j.Facts
	switch {
	case e.Code != 0 && (j.scenario.Exit == scenario.Zero || j.scenario.Exit == scenario.One):
		return j.because(Fail, "exit %d, should be 0: the deployment is %s", e.Code, j.Truth())
	case e.Code != 0:
		return OK
	case f.Exit != j.Truth() || !f.Fresh:
		return j.because(Early, "exit 0 at %s, while the deployment was %s; it was over at %s", Clock(f.ExitedAt),
			f.Exit, Clock(f.TruthAt))
	case f.ExitedAt > f.TruthAt+late+e.Wall:
		return j.because(Late, "exit 0 %s after the deployment was over", rounded(f.ExitedAt-f.TruthAt))
	}
	return OK
}

// effects adds what the command did besides, which fails it.
func (j *judgement) effects() {
	add := func(code, text string) {
		j.why, j.codes = append(j.why, text+" ("+code+")"), append(j.codes, code)
	}
	for _, e := range j.Facts.Effects {
		add(e.Code, e.Text)
	}
	e := j.Ending
	if e.Undoes && (e.Code != 0 || e.Hung) && j.Facts.Left != "" {
		add("W4", fmt.Sprintf("left the service on %s after the error", j.Facts.Left))
	}
	if n := len(j.Facts.Writes); e.Dry && n > 0 {
		add("W6", fmt.Sprintf("made %d calls that change something, the first one %s", n, j.Facts.Writes[0]))
	}
	fresh := slices.DeleteFunc(slices.Clone(j.Facts.Mine), func(d stage.Deployment) bool {
		return slices.Contains(j.Facts.Old, d.Revision)
	})
	if len(fresh) > 1 {
		add("W5", fmt.Sprintf("began %d deployments of new revisions", len(fresh)))
	}
	if e.Leaked {
		add("W7", "printed the secret access key of its environment")
	}
	if len(j.codes) > 0 && j.verdict != Broken {
		j.verdict = Fail
	}
}

// warn adds what a person should know, and what fails nobody.
func (j *judgement) warn() {
	f := j.Facts
	warn := func(format string, args ...any) { j.warnings = append(j.warnings, fmt.Sprintf(format, args...)) }
	if n := len(f.Unused); n > 0 {
		warn("registered %s, which no deployment uses", strings.Join(f.Unused, ", "))
	}
	if len(f.Mine) > 0 && !slices.Contains(j.scenario.Truth, j.Truth()) {
		warn("the deployment is %s, where the scenario expects %s", j.Truth(), strings.Join(j.scenario.Truth, " or "))
	}
	if j.good() && f.Crashes > 0 {
		warn("%d tasks of the new revision crashed after the deployment was over", f.Crashes)
	}
	if len(f.Unmodelled) > 0 && j.verdict != Unmodelled {
		warn("it called %s, which the drill does not answer", strings.Join(f.Unmodelled, ", "))
	}
	if f.Busiest > 20 {
		warn("up to %d calls in one second: AWS may throttle them", f.Busiest)
	}
}
