package report

import (
	"cmp"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/bayplan/bayplan/examples/drill/stage"
	"github.com/bayplan/bayplan/examples/drill/verdict"
)

//go:embed page.html
var page string

//go:embed page.css
var style string

// view is what the page shows.
type view struct {
	Policy  string       // of content security: nothing may be loaded or run but the style below
	Style   template.CSS // ours, of page.css
	Command string
	Summary string
	Passed  bool
	Paces   []stage.Pace
	Groups  []group
}

// group is a scenario with its results at each pace.
type group struct {
	ID, Name, Title, Advice string
	Passed                  bool
	Results                 []shown
}

// shown is a result on the page.
type shown struct {
	verdict.Result
	ID   string
	Rows []row
	Each []about
}

// about is what the page says of a run.
type about struct {
	Name  string // of one of two: "First run"
	Facts []fact
	Said  string // the end of what it printed
}

type fact struct{ Name, Value string }

// Page writes all results as a page that loads no other file, and runs no script. command is what was run.
func Page(out io.Writer, command string, results []verdict.Result) error {
	t, err := template.New("page").Parse(page)
	if err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(style))
	v := view{Style: template.CSS(style), Command: command, Summary: Summary(results), Passed: Code(results) == 0,
		Policy: "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
			"'; base-uri 'none'; form-action 'none'"}
	for _, r := range results {
		v.add(r)
	}
	return t.Execute(out, v)
}

// add puts a result with the others of its scenario.
func (v *view) add(r verdict.Result) {
	if !slices.Contains(v.Paces, r.Pace) {
		v.Paces = append(v.Paces, r.Pace)
	}
	n := len(v.Groups)
	if n == 0 || v.Groups[n-1].Name != r.Scenario.Name {
		v.Groups = append(v.Groups, group{ID: fmt.Sprint("s", n+1), Name: r.Scenario.Name, Title: r.Scenario.Title,
			Advice: r.Scenario.Advice, Passed: true})
		n++
	}
	g := &v.Groups[n-1]
	g.Passed = g.Passed && r.Passed
	one := shown{Result: r, ID: fmt.Sprint(g.ID, "-", r.Pace), Rows: timeline(r)}
	for _, run := range r.Runs {
		a := about{Facts: facts(run), Said: ended(run.Ending.Output)}
		if run.Name != "" {
			a.Name = strings.ToUpper(run.Name[:1]) + run.Name[1:] + " run"
		}
		one.Each = append(one.Each, a)
	}
	g.Results = append(g.Results, one)
}

// Class is the class of a verdict: how good it is.
func (s shown) Class() string {
	switch {
	case s.Passed && s.Verdict == verdict.OK:
		return "good"
	case s.Passed:
		return "fair"
	case s.Judged():
		return "bad"
	}
	return "open"
}

// facts are what a reader wants to know of a run, in order.
func facts(r verdict.Run) []fact {
	f, e := r.Facts, r.Ending
	exit := fmt.Sprint(e.Code)
	switch {
	case e.Hung:
		exit = "killed at the time limit"
	case e.Err != nil:
		exit = "it could not be run"
	}
	list := []fact{
		{"exit code", exit},
		{"deployment at the exit", cmp.Or(f.Exit, "none")},
		{"deployment in the end", r.Truth()},
		{"served before", cmp.Or(strings.Join(f.ServedBefore, ", "), "nothing")},
		{"served at the exit", cmp.Or(strings.Join(f.ServedAtExit, ", "), "nothing")},
		{"serves in the end", cmp.Or(strings.Join(f.ServedAtEnd, ", "), "nothing")},
		{"registered", cmp.Or(strings.Join(f.Registered, ", "), "nothing")},
		{"calls", fmt.Sprintf("%d, %d in the busiest second", f.Requests, f.Busiest)},
		{"time", fmt.Sprintf("%s real, %s virtual", e.Wall.Round(10*time.Millisecond), verdict.Clock(f.ExitedAt))},
	}
	if e.Cut > 0 {
		list = append(list, fact{"output", fmt.Sprintf("%d bytes before what is shown", e.Cut)})
	}
	return list
}

// ended is the end of what a run printed.
func ended(output string) string {
	const most = 4000
	text := strings.TrimSpace(printable(output))
	if runes := []rune(text); len(runes) > most {
		return "…" + string(runes[len(runes)-most:])
	}
	return text
}
