package front

import (
	"cmp"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
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

//go:embed timeline.css
var timelineStyle string

// chart is what the timeline's page shows.
type chart struct {
	window
	Ticks    []mark
	Groups   []*group
	Statuses []string
	Omitted  int // tasks that are not shown
	lanes    map[ecs.TaskID]*lane
	groups   map[string]*group
}

// group is a service, or the tasks of no service in a cluster.
type group struct {
	Name    string
	Rollout []*rollout // newest first
	Events  []mark     // newest last
	More    int        // events that are not listed
}

// rollout is the lanes of one revision's tasks, in the order in which they came: the deployment of that revision.
type rollout struct {
	Revision int // 0: the changes say none
	Lanes    []*lane
}

// lane is the life of one task.
type lane struct {
	Task, Instance, Zone string
	Spans                []span
	Reason               string // why it waits or stopped: the last that was said
	shown                bool   // it is in the window, and is what is looked for
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

// How much one page shows.
const (
	maxLanes  = 2000
	maxEvents = 50 // of a group
)

// drawChart lays out what happened in a window, up to the given time.
func drawChart(changes []message.Change, w window, now time.Time) chart {
	c := chart{window: w, lanes: map[ecs.TaskID]*lane{}, groups: map[string]*group{}}
	for s := lifecycle.StatusProvisioning; s <= lifecycle.StatusStopped; s++ {
		c.Statuses = append(c.Statuses, s.String())
	}
	for _, change := range changes {
		if change.At.Time().After(w.To) {
			break
		}
		told := change.Task != "" || change.Kind == message.ChangeService || change.Kind == message.ChangeScaling ||
			change.Kind == message.ChangeTraffic
		if told && change.Kind != message.ChangeTarget {
			c.take(change)
		}
	}
	until := ecs.At(now)
	if w.To.Before(now) {
		until = ecs.At(w.To)
	}
	for _, l := range c.lanes { //order:any each by itself
		if l.status != lifecycle.StatusStopped.String() {
			c.end(l, until)
		} else if !l.open.Time().Before(w.From) { // a mark where it ended
			l.Spans = append(l.Spans, span{min(c.percent(l.open), 99.6), 0.4, l.status, l.hint()})
			l.shown = l.shown || c.Find == ""
		}
	}
	c.choose()
	for i := range 6 {
		at := c.From.Add(c.To.Sub(c.From) / 5 * time.Duration(i))
		c.Ticks = append(c.Ticks, mark{float64(20 * i), at, ""})
	}
	return c
}

// take takes one change into the group of its service.
func (c *chart) take(change message.Change) {
	name := change.Cluster + " / " + change.Service
	if change.Service == "" {
		name = change.Cluster + " / tasks of no service"
	}
	g, ok := c.groups[name]
	if !ok {
		g = &group{Name: name}
		c.groups[name] = g
		c.Groups = append(c.Groups, g)
	}
	inside := !change.At.Time().Before(c.From)
	if change.Task == "" {
		if inside && c.has(change) {
			g.Events = append(g.Events, mark{c.percent(change.At), change.At.Time(), change.Text})
		}
		return
	}
	l, ok := c.lanes[change.Task]
	if !ok {
		l = &lane{Task: string(change.Task), Instance: string(change.Instance), Zone: change.Zone}
		c.lanes[change.Task] = l
		r := g.of(change.Revision)
		r.Lanes = append(r.Lanes, l)
	}
	l.Instance, l.Zone = cmp.Or(string(change.Instance), l.Instance), cmp.Or(change.Zone, l.Zone)
	l.Reason = cmp.Or(change.Text, l.Reason)
	if change.Kind == message.ChangeTask {
		c.end(l, change.At)
		l.open, l.status, l.text = change.At, change.Status, change.Text
	}
	l.shown = l.shown || c.Find != "" && c.has(change) && inside
}

// of is the group's rollout of a revision.
func (g *group) of(revision int) *rollout {
	for _, r := range g.Rollout {
		if r.Revision == revision {
			return r
		}
	}
	r := &rollout{Revision: revision}
	g.Rollout = append(g.Rollout, r)
	return r
}

// choose drops what is not in the window or not looked for, and what is too much for a page.
func (c *chart) choose() {
	left := maxLanes
	for _, g := range c.Groups {
		for _, r := range g.Rollout {
			r.Lanes = slices.DeleteFunc(r.Lanes, func(l *lane) bool { return !l.shown })
			if over := len(r.Lanes) - left; over > 0 {
				c.Omitted += over
				r.Lanes = r.Lanes[over:]
			}
			left -= len(r.Lanes)
		}
		g.Rollout = slices.DeleteFunc(g.Rollout, func(r *rollout) bool { return len(r.Lanes) == 0 })
		slices.SortStableFunc(g.Rollout, func(a, b *rollout) int { return cmp.Compare(b.Revision, a.Revision) })
		if g.More = max(0, len(g.Events)-maxEvents); g.More > 0 {
			g.Events = g.Events[g.More:]
		}
	}
	c.Groups = slices.DeleteFunc(c.Groups, func(g *group) bool { return len(g.Rollout)+len(g.Events) == 0 })
	slices.SortFunc(c.Groups, func(a, b *group) int { return strings.Compare(a.Name, b.Name) })
}

// end ends the lane's present span, as far as it is in the window.
func (c *chart) end(l *lane, at ecs.Instant) {
	if l.status == "" || at.Time().Before(c.From) {
		return
	}
	left := c.percent(l.open)
	l.Spans = append(l.Spans, span{left, max(c.percent(at)-left, 0.05), l.status, l.hint()})
	l.shown = l.shown || c.Find == ""
}

func (l *lane) hint() string {
	return strings.TrimSpace(l.status + " from " + l.open.Time().Format("15:04:05.0") + " " + l.text)
}

// Life is the lane as a text, for those who do not see it.
func (l *lane) Life() string {
	var parts []string
	for _, s := range l.Spans {
		parts = append(parts, s.Hint)
	}
	return strings.Join(parts, "; ")
}

// Style is the page's style, and Policy the Content-Security-Policy that lets the page have it and nothing else.
func (c chart) Style() template.CSS { return template.CSS(timelineStyle) }

// Policy lets the page have its style, by its hash, and send its form to this server.
func (c chart) Policy() string {
	sum := sha256.Sum256([]byte(timelineStyle))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; form-action 'self'; base-uri 'none'"
}

// timelineHTML is a window of the timeline as a page that needs nothing else.
func timelineHTML(changes []message.Change, w window, now time.Time) (string, error) {
	page, err := template.New("timeline").Parse(timelinePage)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = page.Execute(&b, drawChart(changes, w, now))
	return b.String(), err
}
