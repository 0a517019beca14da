package answer

import (
	"io"

	"github.com/bayplan/bayplan/examples/chart"
)

// pictureLetters is how many letters fit into a line of the picture.
const pictureLetters = 66

// Picture writes the report as SVG, for a ticket or a page of documentation: the headline, what is in the way, how
// the rollout goes, and how it would go with the first change that helps.
func (r Report) Picture(w io.Writer) error {
	lines := len(r.Obstacles)
	height := 76 + 28*float64(lines)
	body := r.Rollout.Drawing()
	var cured *chart.Drawing
	title := ""
	for _, c := range r.Cures {
		if c.Ended && cured == nil {
			cured, title = c.Rollout.Drawing(), "✓ "+c.Change+": it ends"
		}
	}
	total := height
	for _, d := range []*chart.Drawing{body, cured} {
		if d != nil {
			total += d.Height + 52
		}
	}
	d := chart.Begin(800, total, r.title())
	mark, color := "✗ ", chart.Missing
	if r.Headline.Good {
		mark, color = "✓ ", chart.Desired
	}
	d.Heading(color, 16, 34, chart.Cut(mark+r.title(), pictureLetters))
	for i, o := range r.Obstacles {
		d.Text(chart.Ink, 16, 70+float64(i)*28, chart.Start, chart.Cut("– "+o, pictureLetters))
	}
	y := height - 14
	if body != nil {
		d.Place(body, 60, y)
		y += body.Height + 46
	}
	if cured != nil {
		d.Heading(chart.Desired, 16, y, chart.Cut(title, pictureLetters))
		d.Place(cured, 60, y+16)
	}
	return d.SVG(w)
}
