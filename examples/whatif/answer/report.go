package answer

import (
	"fmt"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/examples/definition"
)

// Report is the answer to everything that was asked: the headline first, then what it rests on.
type Report struct {
	Name      string // of the service; of the task definition's family without one
	Headline  Headline
	Obstacles []string  // what is in the way, together; a sentence each, without a full stop
	Cures     []Cure    // each alone lets it end
	Sections  []Section // one for each question
	Rollout   Rollout
	Fleet     Fleet
}

// Section is the answer to one question.
type Section struct {
	Title  string // validate, explain, simulate
	Answer string // in one line
	Good   bool
	Lines  []string
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
	r.Headline = Headline{Text: "ECS refuses this task definition", More: "It has " + n + "."}
	r.Sections = append(r.Sections, Section{Title: "validate", Answer: n, Lines: lines})
	return r
}
