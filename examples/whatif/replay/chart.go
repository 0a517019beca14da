package replay

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/autoscale/cloudwatch"
)

// The chart is 800 units wide, with letters of 20: they are read at 400 pixels too.
const (
	chartWidth, chartHeight = 800, 794
	chartLeft, chartRight   = 124, 790
	maxColumns              = 360
)

// pane is a part of the chart with a vertical axis of its own.
type pane struct {
	top, bottom float64
	most        float64
}

func (p pane) y(v float64) float64 { return p.bottom - float64(min(v, p.most)/p.most*(p.bottom-p.top)) }

// chart is a drawing under way.
type chart struct {
	a       Answer
	columns []int // a period for each
	b       strings.Builder
}

// Chart writes the replay as SVG: the tasks needed, running and desired, where tasks were missing; the
// first policy's metric against its target; when alarms were on and what held decisions back; and what it
// cost. For a long load, one column stands for several periods, and shows the one with the most tasks
// missing; of several, the one with the most tasks needed.
func (a Answer) Chart(w io.Writer) error {
	c := &chart{a: a, columns: columns(a.Periods)}
	c.head()
	c.tasks(pane{top: 104, bottom: 330})
	c.metric(pane{top: 386, bottom: 530})
	c.strips(556)
	c.cost(pane{top: 696, bottom: 758})
	c.times(784)
	c.b.WriteString("</svg>\n")
	_, err := io.WriteString(w, c.b.String())
	return err
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

func (c *chart) x(k int) float64 {
	return chartLeft + float64(float64(k)*(chartRight-chartLeft)/float64(max(len(c.columns), 1)))
}

func (c *chart) put(format string, args ...any) { fmt.Fprintf(&c.b, format+"\n", args...) }

func (c *chart) head() {
	s := c.a.Summary
	c.put(
		`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="20" fill="#222">`,
		chartWidth, chartHeight)
	c.put(`<title>Replay of scaling policies</title>`)
	c.put(`<rect width="%d" height="%d" fill="#fff"/>`, chartWidth, chartHeight)
	c.put(`<text x="10" y="28" font-weight="bold">%d out, %d in · cost %.2f, unused %.2f</text>`,
		s.ScaleOuts, s.ScaleIns, c.a.Cost.Total, c.a.Cost.Unused)
	c.put(`<text x="10" y="56" fill="%s">tasks missing for %.0f minutes: %.1f task-hours</text>`,
		colorShort, s.UnderTarget.Minutes(), s.UnderHours)
}

const (
	colorNeeded, colorRunning = "#999", "#1f6fb5"
	colorDesired, colorShort  = "#0a7a4b", "#c0281c"
	colorMetric, colorHeld    = "#6a3d9a", "#bbb"
	colorHigh, colorLow       = "#e0701a", "#4ba3c7"
)

// axis draws a pane's heading, and lines at zero, the middle and the top.
func (c *chart) axis(p pane, heading string) {
	c.put(`<text x="%d" y="%.0f">%s</text>`, chartLeft, p.top-12, heading)
	for _, v := range []float64{0, p.most / 2, p.most} {
		c.put(`<path d="M%d %.1fH%d" stroke="#ddd"/><text x="%d" y="%.1f" text-anchor="end">%s</text>`,
			chartLeft, p.y(v), chartRight, chartLeft-8, p.y(v)+7, short(v))
	}
}

// short writes a number in few characters.
func short(v float64) string {
	switch {
	case v >= 1e6:
		return fmt.Sprintf("%.3gM", v/1e6)
	case v >= 1e4:
		return fmt.Sprintf("%.3gk", v/1e3)
	}
	return fmt.Sprintf("%.3g", v)
}

// round returns a number at or above v that is read well: 1, 2, 4 or 6 times a power of ten.
func round(v float64) float64 {
	for unit := 1.0; ; unit *= 10 {
		for _, n := range []float64{1, 2, 4, 6} {
			if n*unit >= v || unit > 1e300 {
				return n * unit
			}
		}
	}
}

// steps returns a path that stands at each column's value; a gap where there is none.
func (c *chart) steps(p pane, value func(autoscale.ReplayPeriod) (float64, bool)) string {
	var d strings.Builder
	drawn, last := false, math.NaN()
	for k, i := range c.columns {
		v, ok := value(c.a.Periods[i])
		switch {
		case !ok:
		case !drawn:
			fmt.Fprintf(&d, "M%.1f %.1f", c.x(k), p.y(v))
		case v != last:
			fmt.Fprintf(&d, "H%.1fV%.1f", c.x(k), p.y(v))
		}
		if drawn && !ok {
			fmt.Fprintf(&d, "H%.1f", c.x(k))
		}
		drawn, last = ok, v
	}
	if drawn {
		fmt.Fprintf(&d, "H%d", chartRight)
	}
	return d.String()
}

func (c *chart) line(d, color string, more string) {
	if d != "" {
		c.put(`<path d="%s" fill="none" stroke="%s" stroke-width="3"%s/>`, d, color, more)
	}
}

func (c *chart) tasks(p pane) {
	for _, x := range c.a.Periods {
		p.most = max(p.most, float64(x.Needed), float64(x.Running), float64(x.Desired))
	}
	p.most = round(max(p.most, 2))
	c.axis(p, `tasks <tspan fill="`+colorNeeded+`">■ needed</tspan> <tspan fill="`+
		colorRunning+`">■ running</tspan> <tspan fill="`+
		colorDesired+`">■ desired</tspan> <tspan fill="`+colorShort+`">■ missing</tspan>`)
	for k, i := range c.columns {
		if x := c.a.Periods[i]; x.Short() > 0 {
			c.put(`<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s" fill-opacity=".45"/>`,
				c.x(k), p.y(float64(x.Needed)), c.x(k+1)-c.x(k), p.y(float64(x.Running))-p.y(float64(x.Needed)),
				colorShort)
		}
	}
	needed := func(x autoscale.ReplayPeriod) (float64, bool) { return float64(x.Needed), !x.Load.Missing }
	desired := func(x autoscale.ReplayPeriod) (float64, bool) { return float64(x.Desired), true }
	running := func(x autoscale.ReplayPeriod) (float64, bool) { return float64(x.Running), true }
	c.line(c.steps(p, needed), colorNeeded, "")
	c.line(c.steps(p, desired), colorDesired, ` stroke-dasharray="7 5"`)
	c.line(c.steps(p, running), colorRunning, "")
}

func (c *chart) metric(p pane) {
	target := 0.0
	value := func(x autoscale.ReplayPeriod) (float64, bool) {
		if len(x.Policies) == 0 {
			return x.Load.Value, !x.Load.Missing
		}
		m := x.Policies[0].Metric
		return m.Value, !m.Missing
	}
	for _, x := range c.a.Periods {
		if v, ok := value(x); ok {
			p.most = max(p.most, v)
		}
		for _, d := range x.Decisions {
			target = max(target, d.Threshold)
		}
	}
	p.most = round(max(p.most, target, 1))
	c.axis(p, `<tspan fill="`+colorMetric+`">■ metric</tspan> <tspan fill="`+colorDesired+`">┄ target</tspan>`)
	if target > 0 {
		c.put(`<path d="M%d %.1fH%d" stroke="%s" stroke-width="3" stroke-dasharray="7 5"/>`,
			chartLeft, p.y(target), chartRight, colorDesired)
	}
	c.line(c.steps(p, value), colorMetric, "")
}

// strips draws when an alarm was on, and when something held a decision back.
func (c *chart) strips(top float64) {
	alarm := func(x autoscale.ReplayPeriod, state func(autoscale.PolicyState) cloudwatch.AlarmState) bool {
		for _, p := range x.Policies {
			if state(p) == cloudwatch.AlarmStateAlarm {
				return true
			}
		}
		return false
	}
	for i, s := range []struct {
		name, color string
		on          func(autoscale.ReplayPeriod) bool
	}{
		{"alarm high", colorHigh, func(x autoscale.ReplayPeriod) bool {
			return alarm(x, func(p autoscale.PolicyState) cloudwatch.AlarmState { return p.High })
		}},
		{"alarm low", colorLow, func(x autoscale.ReplayPeriod) bool {
			return alarm(x, func(p autoscale.PolicyState) cloudwatch.AlarmState { return p.Low })
		}},
		{"cooldown", colorHeld, func(x autoscale.ReplayPeriod) bool {
			return limited(x, autoscale.LimitScaleOutCooldown, autoscale.LimitScaleInCooldown,
				autoscale.LimitActivityInProgress)
		}},
		{"at bounds", colorShort, func(x autoscale.ReplayPeriod) bool {
			return limited(x, autoscale.LimitMinCapacity, autoscale.LimitMaxCapacity)
		}},
	} {
		y := top + float64(i)*24
		c.put(`<text x="%d" y="%.0f" text-anchor="end">%s</text>`, chartLeft-8, y+16, s.name)
		for from := 0; from < len(c.columns); from++ {
			to := from
			for to < len(c.columns) && s.on(c.a.Periods[c.columns[to]]) {
				to++
			}
			if to > from {
				c.put(`<rect x="%.1f" y="%.0f" width="%.1f" height="18" fill="%s"/>`, c.x(from), y,
					c.x(to)-c.x(from), s.color)
				from = to
			}
		}
	}
}

// limited reports whether the last decision of a period was held back, or cut, by one of the limits.
func limited(x autoscale.ReplayPeriod, limits ...autoscale.Limit) bool {
	n := len(x.Decisions)
	return n > 0 && slices.Contains(limits, x.Decisions[n-1].Limit)
}

func (c *chart) cost(p pane) {
	costs := c.a.costs()
	p.most = round(c.a.Cost.Total)
	c.put(`<text x="%d" y="%.0f">cost <tspan fill="%s">■ of all tasks so far</tspan></text>`,
		chartLeft, p.top-12, colorRunning)
	for _, v := range []float64{0, p.most} {
		c.put(`<path d="M%d %.1fH%d" stroke="#ddd"/><text x="%d" y="%.1f" text-anchor="end">%s</text>`,
			chartLeft, p.y(v), chartRight, chartLeft-8, p.y(v)+7, short(v))
	}
	var d strings.Builder
	fmt.Fprintf(&d, "M%d %.1f", chartLeft, p.bottom)
	for k := range c.columns {
		fmt.Fprintf(&d, "L%.1f %.1f", c.x(k+1), p.y(costs[(k+1)*len(costs)/len(c.columns)-1]))
	}
	c.put(`<path d="%sV%.1fZ" fill="%s" fill-opacity=".3" stroke="%s" stroke-width="2"/>`,
		d.String(), p.bottom, colorRunning, colorRunning)
}

// times writes when the load begins and ends, and its middle.
func (c *chart) times(y float64) {
	begin, end := c.a.Load.Start.Time(), c.a.Load.End().Time()
	layout := "15:04"
	if end.Sub(begin) > 36*time.Hour {
		layout = "2 Jan 15:04"
	}
	for _, t := range []struct {
		x      float64
		at     time.Time
		anchor string
	}{
		{chartLeft, begin, "start"},
		{(chartLeft + chartRight) / 2, begin.Add(end.Sub(begin) / 2), "middle"},
		{chartRight, end, "end"},
	} {
		c.put(`<text x="%.0f" y="%.0f" text-anchor="%s">%s</text>`, t.x, y, t.anchor, t.at.Format(layout))
	}
}
