package answer

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/examples/definition"
)

// Report has one section for each answer.
type Report struct {
	Name      string
	Sections  []Section
	Instances []Bar
}

// Section is the answer to one question.
type Section struct {
	Title  string // validate, explain, simulate
	Answer string // in one line
	Good   bool
	Lines  []string
}

// Bar is one instance before and after the tasks were placed; CPU and Memory are percent of what is
// registered.
type Bar struct {
	Instance, Zone string
	CPU, Memory    Fill
	Tasks          int // placed
}

// Fill is how full an instance is, in percent: Used before the tasks were placed, and New by them in
// addition.
type Fill struct{ Used, New int }

//go:embed report.html
var reportPage string

// HTML writes the report as a page that loads no other file.
func (r Report) HTML(out io.Writer) error {
	t, err := template.New("report").Parse(reportPage)
	if err != nil {
		return err
	}
	return t.Execute(out, r)
}

// Text writes the report for a terminal of 80 columns.
func (r Report) Text(out io.Writer) error {
	for i, s := range r.Sections {
		if i > 0 {
			if _, err := fmt.Fprintln(out); err != nil {
				return err
			}
		}
		for _, line := range append([]string{s.Title + ": " + s.Answer, ""}, s.Lines...) {
			if _, err := fmt.Fprintln(out, strings.Join(wrap(line), "\n")); err != nil {
				return err
			}
		}
	}
	return nil
}

func devices(r ecs.Resources) string {
	s := ""
	if r.GPU > 0 {
		s += fmt.Sprintf(", %d GPU", r.GPU)
	}
	if r.ENI > 0 {
		s += ", a network interface"
	}
	return s
}

// refused lists every fault with its path.
func (r Report) refused(err error, lines []string) Report {
	faults, n := definition.List(err)
	for _, f := range faults {
		lines = append(lines, "  "+f.Field, "      "+f.Text)
	}
	r.Sections = append(r.Sections, Section{Title: "validate", Answer: n, Lines: lines})
	return r
}

const columns = 80

// wrap cuts a line into lines of at most 80 columns, those that follow further to the right.
func wrap(line string) []string {
	var lines []string
	margin := strings.Repeat(" ", len(line)-len(strings.TrimLeft(line, " "))+2)
	for len(line) > columns {
		cut := strings.LastIndexByte(line[:columns+1], ' ')
		if cut < len(margin) {
			break
		}
		lines = append(lines, line[:cut])
		line = margin + line[cut+1:]
	}
	return append(lines, line)
}

// indent shifts a text to the right and cuts it into lines.
func indent(text string) []string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i := range lines {
		lines[i] = "  " + lines[i]
	}
	return lines
}
