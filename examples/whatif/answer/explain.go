package answer

import (
	"fmt"
	"slices"
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
	trials, err := index.Try(slices.Repeat([]placement.Request{c.request}, max(c.service.DesiredCount-len(c.tasks), 0)))
	r.fill(c, trials)
	return err
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

// fill draws each instance before and after the tasks were tried.
func (r *Report) fill(c *cluster, trials []placement.Trial) {
	for _, ci := range c.instances {
		b := Bar{Instance: string(ci.ID())}
		b.Zone, _ = ci.Attribute("ecs.availability-zone")
		for _, t := range trials {
			if t.Instance == ci.ID() {
				b.Tasks++
			}
		}
		all := ci.Registered()
		left, _ := c.snapshot.Remaining(ci.ID())
		b.CPU = share(all.CPU, left.CPU, c.request.Need.CPU*int64(b.Tasks))
		b.Memory = share(all.Memory, left.Memory, c.request.Need.Memory*int64(b.Tasks))
		r.Instances = append(r.Instances, b)
	}
	slices.SortFunc(r.Instances, func(a, b Bar) int { return strings.Compare(a.Instance, b.Instance) })
}

// share is what is used of an amount, and what comes on top, in percent.
func share(all, left, more int64) Fill {
	if all <= 0 {
		return Fill{}
	}
	used := int(100 * (all - left) / all)
	return Fill{Used: used, New: min(int(100*more/all), 100-used)}
}
