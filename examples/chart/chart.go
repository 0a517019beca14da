// Package chart draws the pictures of the programs as SVG: steps over time, areas, bars and strips, in colours for
// the light and for the dark. A drawing is a file of its own, or part of a page that has [Style].
package chart

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/bayplan/bayplan/examples/markup"
)

// Color is the role that a line or an area has in a picture.
type Color string

// The roles. Two that meet in a picture differ in lightness too.
const (
	Needed  Color = "needed"  // what the load needs
	Running Color = "running" // what runs
	Desired Color = "desired" // what is asked for; the target of a metric
	Missing Color = "missing" // what the load needs and does not have
	Metric  Color = "metric"
	High    Color = "high" // the upper alarm
	Low     Color = "low"  // the lower alarm
	Held    Color = "held" // what holds decisions back
	Old     Color = "old"  // tasks of older revisions
	New     Color = "new"  // tasks of the revision that is deployed
	Waiting Color = "waiting"
	Others  Color = "others" // what other services hold
	Ink     Color = "ink"
	Faint   Color = "faint"
	Grid    Color = "grid"
	Paper   Color = "paper"
)

// shades has the two forms of each role.
var shades = []struct {
	role        Color
	light, dark string
}{
	{Needed, "#8a8a8a", "#9a9a9a"}, {Running, "#1f6fb5", "#5aa9ee"}, {Desired, "#0a7a4b", "#3fc48a"},
	{Missing, "#c0281c", "#ff7a6b"}, {Metric, "#6a3d9a", "#b794e6"}, {High, "#c75a0a", "#f29a4b"},
	{Low, "#2c8fb8", "#6cc4e6"}, {Held, "#a8a8a8", "#6f6f6f"}, {Old, "#6f87ab", "#7f97bd"},
	{New, "#0a7a4b", "#3fc48a"}, {Waiting, "#e0a63d", "#d9a441"}, {Others, "#c4c8ce", "#4a5058"},
	{Ink, "#1d2126", "#e6e8ea"}, {Faint, "#59616b", "#a2aab3"}, {Grid, "#dfe2e6", "#353a40"},
	{Paper, "#ffffff", "#15181c"},
}

// Style returns the style sheet of drawings: class "f-" and a role fills, class "s-" and a role draws a line.
// It is to be part of each page that has a drawing.
func Style() string {
	var light, dark, classes strings.Builder
	for _, s := range shades {
		fmt.Fprintf(&light, "--%s:%s;", s.role, s.light)
		fmt.Fprintf(&dark, "--%s:%s;", s.role, s.dark)
		fmt.Fprintf(&classes, ".chart .f-%[1]s{fill:var(--%[1]s)}.chart .s-%[1]s{stroke:var(--%[1]s)}\n", s.role)
	}
	return ":root{" + light.String() + "}\n@media (prefers-color-scheme:dark){:root{" + dark.String() + "}}\n" +
		".chart{font-family:system-ui,sans-serif;font-size:20px;max-width:100%;height:auto;display:block}\n" +
		".chart path,.chart line{fill:none}\n.chart .bold{font-weight:bold}\n" +
		".chart.swatch{display:inline-block;width:.8em;height:.8em;margin:0 .3em 0 .6em}\n" +
		classes.String()
}

// Drawing is a picture under way.
type Drawing struct {
	Width, Height float64
	title         string
	m             markup.Markup
}

// Begin returns an empty drawing. The title says what it shows, for those who do not see it.
func Begin(width, height float64, title string) *Drawing {
	return &Drawing{Width: width, Height: height, title: title}
}

// SVG writes the drawing as a file that needs no other, in the colours that its reader prefers.
func (d *Drawing) SVG(w io.Writer) error {
	m := d.begin("xmlns", "http://www.w3.org/2000/svg").Style("\n" + Style()).Line()
	m.Open("rect", "width", figure(d.Width), "height", figure(d.Height), "class", "f-paper").Line().Add(&d.m)
	_, err := io.WriteString(w, m.String()+"\n")
	return err
}

// Markup returns the drawing as part of a page that has Style.
func (d *Drawing) Markup() *markup.Markup {
	m := d.begin().Line().Add(&d.m)
	return m.Close()
}

func (d *Drawing) begin(more ...string) *markup.Markup {
	var m markup.Markup
	return m.Open("svg", append(more, "viewBox", "0 0 "+figure(d.Width)+" "+figure(d.Height), "class", "chart", "role",
		"img", "aria-label", d.title)...).Line().Leaf("title", d.title).Line()
}

// figure writes a coordinate with at most one decimal.
func figure(v float64) string {
	return strconv.FormatFloat(math.Round(float64(v*10))/10, 'f', -1, 64)
}

// Rect fills a rectangle; a tip is shown to those who point at it.
func (d *Drawing) Rect(c Color, x, y, width, height float64, tip string) {
	if width <= 0 || height <= 0 {
		return
	}
	attributes := []string{"x", figure(x), "y", figure(y), "width", figure(width), "height", figure(height),
		"class", "f-" + string(c)}
	if tip == "" {
		d.m.Open("rect", attributes...).Line()
		return
	}
	d.m.Open("g").Leaf("title", tip).Open("rect", attributes...).Close().Line()
}

// Anchor is the side on which a text stands at its place.
type Anchor string

// The values of Anchor.
const (
	Start  Anchor = "start"
	Middle Anchor = "middle"
	End    Anchor = "end"
)

// Text writes a text whose base line is at y.
func (d *Drawing) Text(c Color, x, y float64, a Anchor, text string) {
	d.m.Leaf("text", text, "x", figure(x), "y", figure(y), "text-anchor", string(a), "class", "f-"+string(c)).Line()
}

// Heading writes a text in bold.
func (d *Drawing) Heading(c Color, x, y float64, text string) {
	d.m.Leaf("text", text, "x", figure(x), "y", figure(y), "class", "f-"+string(c)+" bold").Line()
}

// Place draws another drawing with its upper left corner at a place.
func (d *Drawing) Place(other *Drawing, x, y float64) {
	d.m.Open("g", "transform", "translate("+figure(x)+" "+figure(y)+")").Line().Add(&other.m).Close().Line()
}

// Line draws a line, dashed or not.
func (d *Drawing) Line(c Color, x1, y1, x2, y2 float64, dashed bool) {
	d.stroke(c, fmt.Sprintf("M%s %sL%s %s", figure(x1), figure(y1), figure(x2), figure(y2)), "2", dashed)
}

func (d *Drawing) stroke(c Color, path, width string, dashed bool) {
	attributes := []string{"d", path, "class", "s-" + string(c), "stroke-width", width}
	if dashed {
		attributes = append(attributes, "stroke-dasharray", "7 5")
	}
	d.m.Open("path", attributes...).Line()
}

// Swatch returns a square of a colour, for a legend among the text of a page.
func Swatch(c Color) *markup.Markup {
	var m markup.Markup
	m.Open("svg", "viewBox", "0 0 14 14", "class", "chart swatch", "aria-hidden", "true")
	return m.Open("rect", "width", "14", "height", "14", "class", "f-"+string(c)).Close()
}

// Key is one entry of a legend.
type Key struct {
	Color  Color
	Name   string
	Dashed bool
}

// Legend writes entries, one after the other from x on.
func (d *Drawing) Legend(x, y float64, heading string, keys ...Key) {
	d.m.Open("text", "x", figure(x), "y", figure(y), "class", "f-ink").Text(heading)
	for _, k := range keys {
		mark := " ■ "
		if k.Dashed {
			mark = " ┄ "
		}
		d.m.Leaf("tspan", mark, "class", "f-"+string(k.Color)).Text(k.Name)
	}
	d.m.Close().Line()
}
