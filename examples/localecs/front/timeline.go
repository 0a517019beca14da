package front

import (
	_ "embed"
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/lifecycle"
)

//go:embed timeline.html
var timelinePage string

// timeline is everything that happened, a line each.
func timeline(changes []message.Change) string {
	var b strings.Builder
	for _, c := range changes {
		subject := string(c.Task)
		if subject == "" {
			subject = c.Service + string(c.Instance)
		}
		fmt.Fprintf(&b, "%s  %-8s %-14s %-32s %s\n", c.At.Time().Format("15:04:05.0"), c.Kind,
			c.Status, subject, c.Text)
	}
	return b.String()
}

// chart is what the timeline's page shows.
type chart struct {
	From, To time.Time
	Ticks    []mark
	Groups   []*group
	Statuses []string
	Omitted  int // tasks that are not shown
}

// group is the lanes of a service's tasks, or of the tasks of no service.
type group struct {
	Name   string
	Lanes  []*lane
	Events []mark
}

// lane is the life of one task.
type lane struct {
	Task, Instance, Zone string
	Revision             int // of its task definition
	Spans                []span
	open                 ecs.Instant
	status, text         string
}

// span is a task in one status; positions are percent of the width.
type span struct {
	Left, Width  float64
	Status, Hint string
}

// mark is a moment.
type mark struct {
	Left float64
	At   time.Time
	Text string
}

const maxLanes = 2000

// drawChart lays the changes out up to the given time.
func drawChart(changes []message.Change, now time.Time) chart {
	c := chart{To: now, From: now.Add(-time.Second)}
	for s := lifecycle.StatusProvisioning; s <= lifecycle.StatusStopped; s++ {
		c.Statuses = append(c.Statuses, s.String())
	}
	if len(changes) > 0 && changes[0].At.Time().Before(c.From) {
		c.From = changes[0].At.Time()
	}
	groups, lanes := map[string]*group{}, map[ecs.TaskID]*lane{}
	for _, change := range changes {
		if change.Task == "" && change.Kind != message.ChangeService && change.Kind != message.ChangeScaling ||
			change.Kind == message.ChangeTarget {
			continue
		}
		name := change.Cluster + " / " + change.Service
		if change.Service == "" {
			name = change.Cluster + " / tasks of no service"
		}
		g, ok := groups[name]
		if !ok {
			g = &group{Name: name}
			groups[name] = g
			c.Groups = append(c.Groups, g)
		}
		if change.Task == "" {
			g.Events = append(g.Events, mark{c.percent(change.At), change.At.Time(), change.Text})
			continue
		}
		l, ok := lanes[change.Task]
		if !ok && len(lanes) == maxLanes {
			c.Omitted++
			continue
		}
		if !ok {
			l = &lane{Task: string(change.Task), Instance: string(change.Instance), Zone: change.Zone,
				Revision: change.Revision}
			lanes[change.Task] = l
			g.Lanes = append(g.Lanes, l)
		}
		if change.Kind == message.ChangeTask {
			c.end(l, change.At)
			l.open, l.status, l.text = change.At, change.Status, change.Text
		}
	}
	for _, l := range lanes {
		if l.status != lifecycle.StatusStopped.String() {
			c.end(l, ecs.At(now))
		} else { // a mark where it ended
			l.Spans = append(l.Spans, span{c.percent(l.open), 0.4, l.status, l.hint()})
		}
	}
	for i := range 11 {
		at := c.From.Add(c.To.Sub(c.From) / 10 * time.Duration(i))
		c.Ticks = append(c.Ticks, mark{float64(10 * i), at, ""})
	}
	slices.SortFunc(c.Groups, func(a, b *group) int { return strings.Compare(a.Name, b.Name) })
	return c
}

// percent is where a moment is in the chart's width.
func (c chart) percent(at ecs.Instant) float64 {
	return 100 * float64(at.Time().Sub(c.From)) / float64(c.To.Sub(c.From))
}

// end ends the lane's present span.
func (c chart) end(l *lane, at ecs.Instant) {
	if l.status == "" {
		return
	}
	left := c.percent(l.open)
	l.Spans = append(l.Spans, span{left, max(c.percent(at)-left, 0.05), l.status, l.hint()})
}

func (l *lane) hint() string {
	return strings.TrimSpace(l.status + " from " + l.open.Time().Format("15:04:05.0") + " " + l.text)
}

// timelineHTML is the timeline as a page that needs nothing else.
func timelineHTML(changes []message.Change, now time.Time) (string, error) {
	page, err := template.New("timeline").Parse(timelinePage)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = page.Execute(&b, drawChart(changes, now))
	return b.String(), err
}
