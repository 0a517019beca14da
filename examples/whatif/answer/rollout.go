package answer

import (
	"fmt"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/examples/chart"
)

// Rollout is how many tasks there were at each time of the simulation.
type Rollout struct {
	Points []Point // in order; each holds until the next
	End    time.Duration
	Steady bool // it ended then, or it was watched until then
	// The bounds of the verdict; 0, all of them, without one.
	Desired, Lower, Upper int
}

// Point is how many tasks there are from a time on, counted from the deployment.
type Point struct {
	At                 time.Duration
	Old, New, Starting int // RUNNING of older revisions and of the new one; not yet RUNNING
}

// bounds returns the fewest and the most tasks that ran.
func (r Rollout) bounds() (least, most int) {
	for i, p := range r.Points {
		if n := p.Old + p.New; i == 0 {
			least, most = n, n
		} else {
			least, most = min(least, n), max(most, n)
		}
	}
	return least, most
}

// counted is a task as it was last.
type counted struct {
	fresh  bool // of the new revision
	status ecs.TaskStatus
}

// recorder counts tasks as they change.
type recorder struct {
	Rollout
	tasks map[ecs.TaskID]counted
	fresh int // the new revision
	now   Point
}

// begin takes the tasks that run.
func (r *recorder) begin(running []ecs.TaskID) {
	r.tasks = map[ecs.TaskID]counted{}
	for _, id := range running {
		r.tasks[id] = counted{status: ecs.TaskStatusRunning}
	}
	r.now = Point{Old: len(running)}
	r.Points = []Point{r.now}
}

// take counts a task's change.
func (r *recorder) take(at time.Duration, c message.Change) {
	old, known := r.tasks[c.Task]
	next := counted{fresh: old.fresh, status: ecs.TaskStatus(c.Status)}
	if !known {
		next.fresh = c.Revision == r.fresh
	}
	if known {
		r.count(old, -1)
	}
	if r.count(next, 1); next.status.Over() {
		delete(r.tasks, c.Task)
	} else {
		r.tasks[c.Task] = next
	}
	r.now.At = at
	if last := len(r.Points) - 1; last > 0 && r.Points[last].At == at { // the first one stays as it began
		r.Points[last] = r.now
		return
	}
	same := r.Points[len(r.Points)-1]
	if same.At = at; same != r.now {
		r.Points = append(r.Points, r.now)
	}
}

func (r *recorder) count(t counted, n int) {
	switch t.status {
	case ecs.TaskStatusRunning:
		if t.fresh {
			r.now.New += n
		} else {
			r.now.Old += n
		}
	case ecs.TaskStatusProvisioning, ecs.TaskStatusPending, ecs.TaskStatusActivating:
		r.now.Starting += n
	}
}

// most bounds the rows of a rollout as text, and the columns of its chart.
const mostRows, rolloutColumns = 14, 300

// rows are the points that are shown as text: all of them, or those at which most changes.
func (r Rollout) rows() []Point {
	if len(r.Points) <= mostRows {
		return r.Points
	}
	rows := make([]Point, 0, mostRows)
	for k := range mostRows {
		rows = append(rows, r.Points[k*(len(r.Points)-1)/(mostRows-1)])
	}
	return rows
}

// Lines draws the rollout with letters.
func (r Rollout) Lines() (lines []string) {
	if len(r.Points) < 2 {
		return nil
	}
	most := 1
	for _, p := range r.Points {
		most = max(most, p.Old+p.New+p.Starting)
	}
	per := (most + 39) / 40
	lines = append(lines, "  tasks over time: o old, # new, + starting")
	if per > 1 {
		lines[0] += fmt.Sprintf("; a letter stands for up to %d", per)
	}
	for _, p := range r.rows() {
		bar := strings.Repeat("o", (p.Old+per-1)/per) + strings.Repeat("#", (p.New+per-1)/per) +
			strings.Repeat("+", (p.Starting+per-1)/per)
		lines = append(lines, fmt.Sprintf("  %s  %-24s  %d old, %d new, %d starting", clock(p.At), bar, p.Old, p.New,
			p.Starting))
	}
	return lines
}

// clock writes a time since the deployment in minutes and seconds.
func clock(at time.Duration) string {
	at = at.Truncate(100 * time.Millisecond)
	return fmt.Sprintf("%02d:%04.1f", int(at.Minutes()), (at % time.Minute).Seconds())
}

// Drawing returns the rollout as a chart; nil where nothing was simulated.
func (r Rollout) Drawing() *chart.Drawing {
	if len(r.Points) == 0 {
		return nil
	}
	const left, right = 56, 626
	const top, bottom = 84, 270
	end := r.shownUntil()
	p := chart.Pane{Left: left, Right: right, Top: top, Bottom: bottom, Most: 2, Columns: rolloutColumns}
	for _, x := range r.Points {
		p.Most = max(p.Most, float64(x.Old+x.New+x.Starting))
	}
	if float64(r.Upper) <= 2*p.Most {
		p.Most = max(p.Most, float64(r.Upper))
	}
	p.Most = chart.Round(max(p.Most, float64(r.Desired)))
	d := chart.Begin(640, 304, "Tasks of the rollout over time")
	d.Axis(p)
	d.Legend(10, 24, "tasks", chart.Key{Color: chart.Old, Name: "old"}, chart.Key{Color: chart.New, Name: "new"},
		chart.Key{Color: chart.Waiting, Name: "starting"})
	d.Legend(10, 54, "bounds",
		chart.Key{Color: chart.Missing, Name: fmt.Sprintf("%d must stay healthy", r.Lower), Dashed: true},
		chart.Key{Color: chart.Ink, Name: fmt.Sprintf("%d at most", r.Upper), Dashed: true})
	states := r.states(end)
	layer := func(c chart.Color, below, height func(Point) int) {
		d.Between(p, c, func(k int) (low, high float64) {
			low = float64(below(states[k]))
			return low, low + float64(height(states[k]))
		})
	}
	layer(chart.Old, func(Point) int { return 0 }, func(x Point) int { return x.Old })
	layer(chart.New, func(x Point) int { return x.Old }, func(x Point) int { return x.New })
	layer(chart.Waiting, func(x Point) int { return x.Old + x.New }, func(x Point) int { return x.Starting })
	d.Line(chart.Missing, left, p.Y(float64(r.Lower)), right, p.Y(float64(r.Lower)), true)
	if float64(r.Upper) <= p.Most {
		d.Line(chart.Ink, left, p.Y(float64(r.Upper)), right, p.Y(float64(r.Upper)), true)
	}
	d.Text(chart.Faint, left, bottom+26, chart.Start, "0:00")
	d.Text(chart.Faint, (left+right)/2, bottom+26, chart.Middle, "minutes and seconds")
	seconds := int(end.Round(time.Second).Seconds())
	d.Text(chart.Faint, right, bottom+26, chart.End, fmt.Sprintf("%d:%02d", seconds/60, seconds%60))
	return d
}

// states returns how many tasks there are in each column of a chart until end.
func (r Rollout) states(end time.Duration) []Point {
	states, k := make([]Point, rolloutColumns), 0
	for column := range states {
		at := time.Duration(float64(column) * float64(end) / rolloutColumns)
		for k+1 < len(r.Points) && r.Points[k+1].At <= at {
			k++
		}
		states[column] = r.Points[k]
	}
	return states
}

// shownUntil is the end of the chart: that of the rollout, or some time after the last change of one that goes on.
func (r Rollout) shownUntil() time.Duration {
	last := r.Points[len(r.Points)-1].At
	if r.Steady || r.End < 2*last {
		return max(r.End, time.Second)
	}
	return max(last+last/4, time.Minute)
}
