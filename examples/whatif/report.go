package main

import (
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"strings"

	"github.com/bayplan/bayplan/ecs"
)

// report is the answers, each a section.
type report struct {
	Name      string
	Sections  []section
	Instances []bar
}

// section is one question with its answer.
type section struct {
	Title  string // validate, explain, simulate
	Answer string // in one line
	Good   bool
	Lines  []string
}

// bar is one instance before and after the tasks were placed; shares are percent of what is
// registered.
type bar struct {
	Instance, Zone string
	CPU, Memory    fill
	Tasks          int // placed
}

type fill struct{ Used, New int }

//go:embed report.html
var reportPage string

func (r report) html(out io.Writer) error {
	t, err := template.New("report").Parse(reportPage)
	if err != nil {
		return err
	}
	return t.Execute(out, r)
}

// answer asks everything that the documents allow. The error is for the first document that
// cannot be used; the report has the answers up to there.
func answer(a asked) (report, error) {
	var r report
	d, err := ecs.ParseTaskDefinition(a.Definition)
	r.Name = d.Family
	if err = errors.Join(err, d.Validate()); err != nil {
		return r.refused(err), errors.New("the task definition is refused")
	}
	d = d.Normalize()
	needs := d.Requirements()
	lines := []string{fmt.Sprintf("  needs %d CPU units, %d MiB%s", needs.CPU, needs.Memory, devices(needs)),
		fmt.Sprintf("  compatible with %v", d.CompatibleWith())}
	for _, p := range d.StaticHostPorts() {
		lines = append(lines, fmt.Sprintf("  takes host port %d/%s: one task an instance", p.Port, p.Protocol))
	}
	r.Sections = append(r.Sections, section{"validate", d.Family + " is valid", true, lines})
	c, err := newCluster(a, d)
	if err != nil {
		return r, err
	}
	if err := r.explain(c); err != nil {
		return r, err
	}
	return r, r.simulate(c, a.Seed)
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
func (r report) refused(err error) report {
	s := section{Title: "validate"}
	n := 0
	for e := range ecs.Errors(err) {
		n++
		field := e.Field
		if field == "" {
			field = "(document)"
		}
		s.Lines = append(s.Lines, "  "+field, "      "+string(e.Code)+": "+e.Message)
	}
	s.Answer = fmt.Sprintf("%d faults", n)
	if n == 1 {
		s.Answer = "1 fault"
	}
	r.Sections = append(r.Sections, s)
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
