package hpa

import (
	"fmt"
	"io"
	"strings"

	"github.com/bayplan/bayplan/autoscale"
)

// The chart is 800 units wide.
const (
	chartWidth, chartHeight = 800, 420
	chartLeft, chartRight   = 70, 790
	chartTop, chartBottom   = 60, 380
	columns                 = 480
)

var colors = [...]string{"#326ce5", "#e0701a"}

// Chart writes the running tasks of both as SVG, over those that the load needs. Of a long load each column
// shows the most of each line.
func (c Comparison) Chart(w io.Writer) error {
	var b strings.Builder
	put := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	put(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="16" fill="#222">`,
		chartWidth, chartHeight)
	put(`<title>A HorizontalPodAutoscaler and target tracking under one load</title>`)
	put(`<rect width="%d" height="%d" fill="#fff"/>`, chartWidth, chartHeight)
	put(`<text x="%d" y="30">tasks <tspan fill="#999">■ needed</tspan> <tspan fill="%s">■ %s</tspan> <tspan fill="%s">■ %s</tspan></text>`,
		chartLeft, colors[0], c.Sides[0].Name, colors[1], c.Sides[1].Name)
	most := 1
	for _, s := range c.Sides {
		most = max(most, s.Summary.Most)
	}
	for _, p := range c.Sides[0].Periods {
		most = max(most, min(p.Needed, 2*most))
	}
	y := func(n int) float64 {
		return chartBottom - float64(min(n, most))*(chartBottom-chartTop)/float64(most)
	}
	for _, n := range []int{0, most / 2, most} {
		put(`<path d="M%d %.1fH%d" stroke="#ddd"/><text x="%d" y="%.1f" text-anchor="end">%d</text>`,
			chartLeft, y(n), chartRight, chartLeft-8, y(n)+6, n)
	}
	put(`<path d="%s" fill="none" stroke="#999"/>`,
		line(c.Sides[0].Periods, func(p autoscale.ReplayPeriod) int { return p.Needed }, y))
	for k, s := range c.Sides {
		put(`<path d="%s" fill="none" stroke="%s" stroke-width="2"/>`,
			line(s.Periods, func(p autoscale.ReplayPeriod) int { return p.Running }, y), colors[k])
	}
	layout := "2 Jan 15:04"
	put(`<text x="%d" y="408">%s</text><text x="%d" y="408" text-anchor="end">%s</text>`, chartLeft,
		c.Load.Start.Time().Format(layout),
		chartRight, c.Load.End().Time().Format(layout))
	put(`</svg>`)
	_, err := io.WriteString(w, b.String())
	return err
}

// line returns a path that stands in each column at the most that its periods have.
func line(periods []autoscale.ReplayPeriod, of func(autoscale.ReplayPeriod) int, y func(int) float64) string {
	var d strings.Builder
	n := min(len(periods), columns)
	for k := range n {
		most := 0
		for _, p := range periods[k*len(periods)/n : (k+1)*len(periods)/n] {
			most = max(most, of(p))
		}
		x := chartLeft + float64(k)*(chartRight-chartLeft)/float64(n)
		if k == 0 {
			fmt.Fprintf(&d, "M%.1f %.1f", x, y(most))
			continue
		}
		fmt.Fprintf(&d, "H%.1fV%.1f", x, y(most))
	}
	return d.String()
}

// CSV writes a line for each period: its time, what the load needs, and what runs on each side.
func (c Comparison) CSV(w io.Writer) error {
	if _, err := fmt.Fprintln(w, "time,load,needed,hpa running,target tracking running"); err != nil {
		return err
	}
	for i, p := range c.Sides[0].Periods {
		if _, err := fmt.Fprintf(w, "%s,%s,%d,%d,%d\n", p.Start, cell(p), p.Needed, p.Running,
			c.Sides[1].Periods[i].Running); err != nil {
			return err
		}
	}
	return nil
}

func cell(p autoscale.ReplayPeriod) string {
	if p.Load.Missing {
		return ""
	}
	return fmt.Sprint(p.Load.Value)
}
