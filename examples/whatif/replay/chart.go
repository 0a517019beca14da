package replay

import (
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/examples/chart"
)

// The chart is 800 units wide, with letters of 20: they are read at 400 pixels too.
const (
	chartWidth            = 800
	chartLeft, chartRight = 124, 790
	maxColumns            = 360
	answerHeight          = 676 // of the panes of one answer
	costHeight            = 142
)

// Chart writes the answers as SVG, one below the other in the same scale: the tasks needed, running and desired,
// where tasks were missing; the first policy's metric against its target; when alarms were on and what held
// decisions back; and at the end what each has cost. The answers are to one load. For a long load, one column
// stands for several periods, and shows the one with the most tasks missing; of several, the one with the most
// tasks needed.
func Chart(w io.Writer, answers ...Answer) error { return Drawing(answers...).SVG(w) }

// Drawing returns what Chart writes.
func Drawing(answers ...Answer) *chart.Drawing {
	d := chart.Begin(chartWidth, float64(answerHeight*len(answers)+costHeight), "Replay of scaling policies")
	s := scalesOf(answers)
	for i, a := range answers {
		c := view{Drawing: d, a: a, scales: s, columns: columns(a.Periods), top: float64(i * answerHeight)}
		c.head()
		c.tasks()
		c.metric()
		c.strips()
	}
	bottom := float64(answerHeight * len(answers))
	costs(d, s, bottom, answers)
	if len(answers) > 0 {
		times(d, answers[0].Load, bottom+costHeight-10)
	}
	return d
}

// view is the part of a drawing that shows one answer.
type view struct {
	*chart.Drawing
	a       Answer
	scales  scales
	columns []int // a period for each
	top     float64
}

// scales are the tops of the panes, the same for all answers.
type scales struct{ tasks, metric, cost float64 }

func scalesOf(answers []Answer) (s scales) {
	s = scales{tasks: 2, metric: 1}
	for _, a := range answers {
		for _, x := range a.Periods {
			s.tasks = max(s.tasks, float64(x.Needed), float64(x.Running), float64(x.Desired))
			if v, ok := measured(x); ok {
				s.metric = max(s.metric, v)
			}
		}
		s.metric = max(s.metric, a.target())
		s.cost = max(s.cost, a.Cost.Total)
	}
	return scales{tasks: chart.Round(s.tasks), metric: chart.Round(s.metric), cost: chart.Round(s.cost)}
}

// measured is the metric of the first policy, or the load where there is none.
func measured(x autoscale.ReplayPeriod) (v float64, ok bool) {
	if len(x.Policies) == 0 {
		return x.Load.Value, !x.Load.Missing
	}
	m := x.Policies[0].Metric
	return m.Value, !m.Missing
}

// target is the highest threshold of a decision.
func (a Answer) target() (target float64) {
	for _, x := range a.Periods {
		for _, d := range x.Decisions {
			target = max(target, d.Threshold)
		}
	}
	return target
}

// columns chooses the period of each column.
func columns(periods []autoscale.ReplayPeriod) (list []int) {
	n := min(len(periods), maxColumns)
	for k := range n {
		from, to := k*len(periods)/n, (k+1)*len(periods)/n
		worst := from
		for i := from; i < to; i++ {
			if p, q := periods[i], periods[worst]; p.Short() > q.Short() ||
				p.Short() == q.Short() && p.Needed > q.Needed {
				worst = i
			}
		}
		list = append(list, worst)
	}
	return list
}

func (v view) pane(top, bottom, most float64) chart.Pane {
	return chart.Pane{Left: chartLeft, Right: chartRight, Top: v.top + top, Bottom: v.top + bottom, Most: most,
		Columns: len(v.columns)}
}

func (v view) at(column int) autoscale.ReplayPeriod { return v.a.Periods[v.columns[column]] }

func (v view) head() {
	s := v.a.Summary
	if v.top > 0 {
		v.Line(chart.Faint, 10, v.top, chartRight, v.top, false)
	}
	v.Heading(chart.Ink, 10, v.top+28, fmt.Sprintf("%s: %d out, %d in · cost %.2f, unused %.2f",
		chart.Cut(v.a.Name, 30), s.ScaleOuts, s.ScaleIns, v.a.Cost.Total, v.a.Cost.Unused))
	c := chart.Missing
	if s.UnderHours == 0 {
		c = chart.Desired
	}
	v.Text(c, 10, v.top+56, chart.Start, fmt.Sprintf("tasks missing for %.0f minutes: %.1f task-hours",
		s.UnderTarget.Minutes(), s.UnderHours))
}

func (v view) tasks() {
	p := v.pane(104, 330, v.scales.tasks)
	v.Axis(p)
	v.Legend(p.Left, p.Top-12, "tasks", chart.Key{Color: chart.Needed, Name: "needed"},
		chart.Key{Color: chart.Running, Name: "running"},
		chart.Key{Color: chart.Desired, Name: "desired", Dashed: true},
		chart.Key{Color: chart.Missing, Name: "missing"})
	v.Between(p, chart.Missing, func(k int) (low, high float64) {
		x := v.at(k)
		return float64(x.Running), float64(x.Running + x.Short())
	})
	v.Steps(p, chart.Needed, false, func(k int) (float64, bool) {
		return float64(v.at(k).Needed), !v.at(k).Load.Missing
	})
	v.Steps(p, chart.Running, false, func(k int) (float64, bool) { return float64(v.at(k).Running), true })
	v.Steps(p, chart.Desired, true, func(k int) (float64, bool) { return float64(v.at(k).Desired), true })
}

func (v view) metric() {
	p := v.pane(386, 530, v.scales.metric)
	v.Axis(p)
	v.Legend(p.Left, p.Top-12, "", chart.Key{Color: chart.Metric, Name: "metric"},
		chart.Key{Color: chart.Desired, Name: "target", Dashed: true})
	if target := v.a.target(); target > 0 {
		v.Line(chart.Desired, p.Left, p.Y(target), p.Right, p.Y(target), true)
	}
	v.Steps(p, chart.Metric, false, func(k int) (float64, bool) { return measured(v.at(k)) })
}

// strips draws when an alarm was on, and when something held a decision back.
func (v view) strips() {
	alarm := func(k int, low bool) bool {
		for i, p := range v.at(k).Policies {
			high := p.High == cloudwatch.AlarmStateAlarm
			if below := v.a.below[i]; high && below == low || p.Low == cloudwatch.AlarmStateAlarm && low {
				return true
			}
		}
		return false
	}
	for i, s := range []struct {
		name  string
		color chart.Color
		on    func(column int) bool
	}{
		{"alarm high", chart.High, func(k int) bool { return alarm(k, false) }},
		{"alarm low", chart.Low, func(k int) bool { return alarm(k, true) }},
		{"cooldown", chart.Held, func(k int) bool {
			return limited(v.at(k), autoscale.LimitScaleOutCooldown, autoscale.LimitScaleInCooldown,
				autoscale.LimitActivityInProgress)
		}},
		{"at bounds", chart.Missing, func(k int) bool {
			return limited(v.at(k), autoscale.LimitMinCapacity, autoscale.LimitMaxCapacity)
		}},
	} {
		v.Strip(v.pane(556+float64(i)*24, 574+float64(i)*24, 0), s.color, s.name, s.on)
	}
}

// limited reports whether the last decision of a period was held back, or cut, by one of the limits.
func limited(x autoscale.ReplayPeriod, limits ...autoscale.Limit) bool {
	n := len(x.Decisions)
	return n > 0 && slices.Contains(limits, x.Decisions[n-1].Limit)
}

// costs draws what each answer has cost so far, in one pane.
func costs(d *chart.Drawing, s scales, top float64, answers []Answer) {
	p := chart.Pane{Left: chartLeft, Right: chartRight, Top: top + 44, Bottom: top + 104, Most: s.cost}
	d.Axis(p)
	var keys []chart.Key
	for i, a := range answers {
		k := chart.Key{Color: lines()[i%len(lines())], Name: chart.Cut(a.Name, 24), Dashed: i%2 == 1}
		keys = append(keys, k)
		sums := a.costs()
		p.Columns = min(len(sums), maxColumns)
		d.Slope(p, k.Color, k.Dashed, func(column int) float64 { return sums[(column+1)*len(sums)/p.Columns-1] })
	}
	d.Legend(p.Left, p.Top-12, "cost so far", keys[:min(len(keys), 3)]...)
}

// lines are the colours of answers whose lines share a pane.
func lines() []chart.Color {
	return []chart.Color{chart.Running, chart.High, chart.Metric, chart.Desired, chart.Low, chart.Missing}
}

// times writes when the load begins and ends, and its middle.
func times(d *chart.Drawing, load cloudwatch.Series, y float64) {
	begin, end := load.Start.Time(), load.End().Time()
	layout := "15:04"
	if end.Sub(begin) > 36*time.Hour {
		layout = "2 Jan 15:04"
	}
	for _, t := range []struct {
		x      float64
		at     time.Time
		anchor chart.Anchor
	}{
		{chartLeft, begin, chart.Start},
		{(chartLeft + chartRight) / 2, begin.Add(end.Sub(begin) / 2), chart.Middle},
		{chartRight, end, chart.End},
	} {
		d.Text(chart.Faint, t.x, y, t.anchor, t.at.Format(layout))
	}
}
