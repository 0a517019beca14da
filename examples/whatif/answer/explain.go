package answer

import (
	"fmt"
	"strings"

	"github.com/bayplan/bayplan/placement"
)

// mostRoom bounds how far room is counted.
const mostRoom = 1000

// explain asks placement where the next task would go, and how many more there is room for.
func (r *Report) explain(c *cluster) error {
	s := Section{Title: "explain"}
	if c.fargate() {
		s.Answer, s.Good = "Fargate takes every task, in the zone of its subnets with the fewest of the service", true
		r.Sections = append(r.Sections, s)
		return nil
	}
	for _, note := range c.notes {
		s.Lines = append(s.Lines, "  "+note)
	}
	if len(c.notes) > 0 {
		s.Lines = append(s.Lines, "")
	}
	e := placement.Explain(c.snapshot, c.request)
	if e.Err != nil {
		return e.Err
	}
	s.Answer, s.Good = "the next task fits nowhere", e.Chosen != ""
	if s.Good {
		s.Answer = "the next task goes to " + string(e.Chosen)
	}
	s.Lines = append(s.Lines, indent(e.String())...)
	if !s.Good {
		s.Lines = append(s.Lines, "", "  ECS would say", "    "+e.Summary())
	}
	index := placement.NewIndex(c.snapshot)
	room, err := index.Headroom(c.request, mostRoom)
	if err != nil {
		return err
	}
	s.Lines = append(s.Lines, "", "  "+roomText(room))
	r.Sections = append(r.Sections, s)
	return nil
}

// roomText says for how many more tasks there is room, where, and what stops the one after them.
func roomText(h placement.Headroom) string {
	var zones, binding []string
	for _, z := range h.Zones {
		if z.Tasks > 0 {
			zones = append(zones, fmt.Sprintf("%d in %s", z.Tasks, z.Zone))
		}
	}
	for _, b := range h.Binding {
		binding = append(binding, fmt.Sprintf("%s on %s", b.Code, count(b.Instances, "instance")))
	}
	text, then := "there is room for no further task", "; in the way: "
	if h.Tasks > 0 {
		text, then = "there is room for "+count(h.Tasks, "further task"), "; in the way of another: "
	}
	if len(zones) > 0 {
		text += ", " + strings.Join(zones, ", ")
	}
	if len(binding) > 0 {
		text += then + strings.Join(binding, ", ")
	}
	return text
}
