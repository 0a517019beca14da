package answer

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"io"
	"strings"

	"github.com/bayplan/bayplan/examples/chart"
	"github.com/bayplan/bayplan/examples/markup"
)

//go:embed report.css
var reportStyle string

// Style is the style sheet of a page that has the markup of a report.
func Style() string { return chart.Style() + reportStyle }

const pageStyle = `body { font: 16px/1.5 system-ui, sans-serif; background: var(--page); color: var(--ink);
  max-width: 64rem; margin: 1.5rem auto; padding: 0 1rem; }
h1 { font-size: 1rem; color: var(--faint); font-weight: normal; }
`

// HTML writes the report as a page that loads no other file and runs no script.
func (r Report) HTML(out io.Writer) error {
	css := Style() + pageStyle
	hash := sha256.Sum256([]byte(css))
	var m markup.Markup
	m.Open("html", "lang", "en").Open("head").Line().Open("meta", "charset", "utf-8").Line()
	m.Open("meta", "http-equiv", "Content-Security-Policy", "content",
		"default-src 'none'; style-src 'sha256-"+base64.StdEncoding.EncodeToString(hash[:])+"'").Line()
	m.Open("meta", "name", "viewport", "content", "width=device-width, initial-scale=1").Line()
	m.Leaf("title", "What if: "+r.Name).Line().Style(css).Close().Line()
	m.Open("body").Open("main").Leaf("h1", "What if: "+r.Name).Line().Add(r.Markup())
	_, err := io.WriteString(out, "<!doctype html>\n"+m.String()+"\n")
	return err
}

// Markup returns the report as part of a page that has Style, with headings from the second level on.
func (r Report) Markup() *markup.Markup {
	var m markup.Markup
	m.Open("div", "class", "report").Line()
	mark, class := "✗ ", "bad"
	if r.Headline.Good {
		mark, class = "✓ ", "good"
	}
	m.Leaf("h2", mark+r.title(), "class", class).Line()
	if r.Headline.More != "" {
		m.Leaf("p", r.Headline.More).Line()
	}
	if len(r.Obstacles) > 0 {
		m.Leaf("h3", "In the way, together").Open("ul").Line()
		for _, o := range r.Obstacles {
			m.Leaf("li", o).Line()
		}
		m.Close().Line()
	}
	r.putCures(&m)
	r.putRollout(&m)
	r.putFleet(&m)
	for _, s := range r.Sections {
		if s.Title == "simulate" {
			continue
		}
		m.Leaf("h3", s.Title+": "+s.Answer).Line()
		if len(s.Lines) > 0 {
			m.Lines(strings.Join(s.Lines, "\n")).Line()
		}
	}
	return m.Close()
}

func (r Report) putCures(m *markup.Markup) {
	if len(r.Cures) == 0 {
		return
	}
	title := r.curesTitle()
	m.Leaf("h3", strings.ToUpper(title[:1])+title[1:]).Open("ol", "class", "cards").Line()
	for _, c := range r.Cures {
		m.Open("li").Leaf("strong", c.Change)
		if c.Cost != "" {
			m.Leaf("p", "Costs: "+c.Cost).Leaf("p", c.Shown, "class", "faint")
		}
		m.Close().Line()
	}
	m.Close().Line()
}

func (r Report) putRollout(m *markup.Markup) {
	for _, s := range r.Sections {
		if s.Title != "simulate" {
			continue
		}
		m.Leaf("h3", "Simulated: "+s.Answer).Line()
		if d := r.Rollout.Drawing(); d != nil {
			m.Add(d.Markup()).Line()
		}
		if len(s.Lines) > 0 {
			m.Open("details").Leaf("summary", "What happens, one by one")
			m.Lines(strings.Join(s.Lines, "\n")).Close().Line()
		}
	}
}

func (r Report) putFleet(m *markup.Markup) {
	if len(r.Fleet.Bars) == 0 {
		return
	}
	title, bars := "The fleet", "Bars show what is held of CPU and memory"
	if r.Fleet.Simulated {
		title, bars = "The fleet before and after", "The upper bar is before, the lower one after"
	}
	m.Leaf("h3", title)
	m.Open("p", "class", "faint").Text(bars + ":").Add(chart.Swatch(chart.Others)).Text("others")
	m.Add(chart.Swatch(chart.Old)).Text("old tasks").Add(chart.Swatch(chart.New)).Text("new tasks").Close().Line()
	m.Open("ul", "class", "cards fleet").Line()
	for _, b := range r.Fleet.Bars {
		m.Open("li").Leaf("strong", b.Name).Leaf("span", b.Zone, "class", "faint")
		tasks := count(b.Before.OldTasks, "task")
		if r.Fleet.Simulated {
			tasks += fmt.Sprintf(" → %d old, %d new", b.After.OldTasks, b.After.NewTasks)
		}
		m.Leaf("p", tasks).Add(r.Fleet.drawing(b).Markup()).Close().Line()
	}
	m.Close().Line()
}

// drawing returns the bars of one instance: CPU and memory, before and after.
func (f Fleet) drawing(b Bar) *chart.Drawing {
	d := chart.Begin(400, 84, "CPU and memory of "+b.Name)
	for i, r := range []struct {
		name string
		all  int64
		of   func(h Held) [3]int64
	}{
		{"CPU", b.CPU, func(h Held) [3]int64 { return [3]int64{h.Others.CPU, h.Old.CPU, h.New.CPU} }},
		{"memory", b.Memory, func(h Held) [3]int64 { return [3]int64{h.Others.Memory, h.Old.Memory, h.New.Memory} }},
	} {
		y := float64(8 + i*42)
		d.Text(chart.Ink, 0, y+20, chart.Start, r.name)
		says := ""
		for k, h := range []Held{b.Before, b.After} {
			if k == 1 && !f.Simulated {
				break
			}
			parts := r.of(h)
			bar(d, y+float64(k)*14, r.all, parts)
			held := percent(parts[0]+parts[1]+parts[2], r.all)
			if k == 1 {
				says += " → "
			}
			says += fmt.Sprint(held)
		}
		d.Text(chart.Ink, 400, y+20, chart.End, says+"%")
	}
	return d
}

// bar draws the parts of an amount, one after the other.
func bar(d *chart.Drawing, y float64, all int64, parts [3]int64) {
	const left, width = 96, 180
	d.Rect(chart.Grid, left, y, width, 11, "")
	x := float64(left)
	for i, c := range []chart.Color{chart.Others, chart.Old, chart.New} {
		w := float64(width) * float64(max(parts[i], 0)) / float64(max(all, 1))
		w = min(w, left+width-x)
		d.Rect(c, x, y, w, 11, "")
		x += w
	}
}
