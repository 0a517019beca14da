package report

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/bayplan/bayplan/examples/drill/stage"
	"github.com/bayplan/bayplan/examples/drill/verdict"
)

// entry is a result in JSON. Times are seconds; those of the world are virtual, since the command began.
type entry struct {
	Scenario string   `json:"scenario"`
	Title    string   `json:"title"`
	Pace     string   `json:"pace"`
	Verdict  string   `json:"verdict"`
	Passed   bool     `json:"passed"`
	Codes    []string `json:"codes"`
	Why      []string `json:"why"`
	Notes    []string `json:"notes"`
	Advice   string   `json:"advice,omitempty"`

	ServedBefore []string `json:"servedBefore"`
	ServedAtEnd  []string `json:"servedAtEnd"`
	Runs         []runOf  `json:"runs"`
}

// runOf is a run of the command in JSON: one, or two that ran at the same time.
type runOf struct {
	Truth        string   `json:"truth"`
	TruthAtExit  string   `json:"truthAtExit"`
	ServedAtExit []string `json:"servedAtExit"`
	Registered   []string `json:"registered"`

	ExitCode    int     `json:"exitCode"`
	RealSeconds float64 `json:"realSeconds"`
	DeployedAt  float64 `json:"deployedAt"`
	TruthAt     float64 `json:"truthAt"`
	ExitedAt    float64 `json:"exitedAt"`

	Requests int        `json:"requests"`
	Busiest  int        `json:"mostRequestsInASecond"`
	Calls    []callLine `json:"calls"`
	Output   string     `json:"output"`
}

type callLine struct {
	At     float64 `json:"at"`
	Action string  `json:"action"`
	About  string  `json:"about,omitempty"`
	Status int     `json:"status"`
	Code   string  `json:"code,omitempty"`
	Fault  string  `json:"fault,omitempty"`
}

// JSON writes all results as a list.
func JSON(out io.Writer, results []verdict.Result) error {
	list := []entry{}
	for _, r := range results {
		world := r.Runs[0].Facts
		one := entry{Scenario: r.Scenario.Name, Title: r.Scenario.Title, Advice: r.Scenario.Advice,
			Pace: string(r.Pace), Verdict: string(r.Verdict),
			Passed: r.Passed, Codes: filled(r.Codes), Why: filled(r.Why), Notes: filled(r.Warnings),
			ServedBefore: filled(world.ServedBefore), ServedAtEnd: filled(world.ServedAtEnd)}
		for _, run := range r.Runs {
			f, e := run.Facts, run.Ending
			one.Runs = append(one.Runs, runOf{Truth: run.Truth(), TruthAtExit: f.Exit,
				ServedAtExit: filled(f.ServedAtExit), Registered: filled(f.Registered),
				ExitCode: e.Code, RealSeconds: e.Wall.Seconds(), DeployedAt: f.DeployedAt.Seconds(),
				TruthAt: f.TruthAt.Seconds(), ExitedAt: f.ExitedAt.Seconds(),
				Requests: f.Requests, Busiest: f.Busiest, Calls: calls(f.Calls), Output: e.Output})
		}
		list = append(list, one)
	}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(list)
}

func calls(from []stage.Call) []callLine {
	list := []callLine{}
	for _, c := range from {
		list = append(list, callLine{c.At.Seconds(), c.Action, c.Says, c.Status, c.Code, c.Fault})
	}
	return list
}

func filled(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// suites is JUnit's document, as CI systems read it.
type suites struct {
	XMLName xml.Name `xml:"testsuites"`
	Suites  []suite  `xml:"testsuite"`
}

type suite struct {
	Name     string     `xml:"name,attr"`
	Tests    int        `xml:"tests,attr"`
	Failures int        `xml:"failures,attr"`
	Errors   int        `xml:"errors,attr"`
	Cases    []testCase `xml:"testcase"`
}

type testCase struct {
	Name    string  `xml:"name,attr"`
	Class   string  `xml:"classname,attr"`
	Time    string  `xml:"time,attr"`
	Failure *reason `xml:"failure,omitempty"`
	Error   *reason `xml:"error,omitempty"`
	Output  string  `xml:"system-out,omitempty"`
}

type reason struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// JUnit writes all results as JUnit's XML: a suite a pace, a failure for what the command does wrong, and an error
// where the drill could not judge.
func JUnit(out io.Writer, results []verdict.Result) error {
	var all suites
	for _, r := range results {
		name := "drill at pace " + string(r.Pace)
		at := slices.IndexFunc(all.Suites, func(s suite) bool { return s.Name == name })
		if at < 0 {
			all.Suites, at = append(all.Suites, suite{Name: name}), len(all.Suites)
		}
		s := &all.Suites[at]
		c := testCase{Name: r.Scenario.Name + ": " + r.Scenario.Title, Class: "drill." + string(r.Pace),
			Time: fmt.Sprintf("%.3f", r.Wall().Seconds())}
		for _, run := range r.Runs {
			c.Output += run.Ending.Output
		}
		why := &reason{Message: strings.Join(append([]string{string(r.Verdict)}, r.Why...), "; "),
			Text: r.Scenario.Advice}
		switch s.Tests++; {
		case !r.Judged():
			c.Error, s.Errors = why, s.Errors+1
		case !r.Passed:
			c.Failure, s.Failures = why, s.Failures+1
		}
		s.Cases = append(s.Cases, c)
	}
	if _, err := io.WriteString(out, xml.Header); err != nil {
		return err
	}
	encoder := xml.NewEncoder(out)
	encoder.Indent("", "  ")
	if err := encoder.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(out, "\n")
	return err
}
