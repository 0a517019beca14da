package chart

import (
	"fmt"
	"math"
	"strings"
)

// Pane is a part of a drawing with axes of its own: values from 0 to Most upwards, and a number of columns of the
// same width to the right.
type Pane struct {
	Left, Right, Top, Bottom float64
	Most                     float64
	Columns                  int
}

// X returns where a column begins.
func (p Pane) X(column float64) float64 {
	return p.Left + float64(column*(p.Right-p.Left))/float64(max(p.Columns, 1))
}

// Y returns where a value is; above the pane's top there is none.
func (p Pane) Y(v float64) float64 {
	if !(p.Most > 0) || !(v > 0) {
		return p.Bottom
	}
	return p.Bottom - float64(min(v, p.Most)/p.Most*(p.Bottom-p.Top))
}

// Axis draws lines at zero, the middle and the top, with their values.
func (d *Drawing) Axis(p Pane) {
	for _, v := range []float64{0, p.Most / 2, p.Most} {
		d.Line(Grid, p.Left, p.Y(v), p.Right, p.Y(v), false)
		d.Text(Faint, p.Left-8, p.Y(v)+7, End, Short(v))
	}
}

// Steps draws a line that stands at the value of each column, with a gap where there is none.
func (d *Drawing) Steps(p Pane, c Color, dashed bool, value func(column int) (v float64, ok bool)) {
	var path strings.Builder
	drawn, last := false, math.NaN()
	for k := range p.Columns {
		v, ok := value(k)
		switch {
		case !ok:
			if drawn {
				fmt.Fprintf(&path, "H%s", figure(p.X(float64(k))))
			}
		case !drawn:
			fmt.Fprintf(&path, "M%s %s", figure(p.X(float64(k))), figure(p.Y(v)))
		case v != last:
			fmt.Fprintf(&path, "H%sV%s", figure(p.X(float64(k))), figure(p.Y(v)))
		}
		drawn, last = ok, v
	}
	if drawn {
		fmt.Fprintf(&path, "H%s", figure(p.Right))
	}
	if path.Len() > 0 {
		d.stroke(c, path.String(), "3", dashed)
	}
}

// Between fills what lies between two values of each column; neighbours that are alike share a rectangle.
func (d *Drawing) Between(p Pane, c Color, value func(column int) (low, high float64)) {
	for from := 0; from < p.Columns; {
		low, high := value(from)
		to := from + 1
		for to < p.Columns {
			l, h := value(to)
			if l != low || h != high {
				break
			}
			to++
		}
		d.Rect(c, p.X(float64(from)), p.Y(high), p.X(float64(to))-p.X(float64(from)), p.Y(low)-p.Y(high), "")
		from = to
	}
}

// Strip draws a bar wherever it is on, 18 units high, with its name on the left.
func (d *Drawing) Strip(p Pane, c Color, name string, on func(column int) bool) {
	d.Text(Faint, p.Left-8, p.Top+16, End, name)
	for from := 0; from < p.Columns; from++ {
		to := from
		for to < p.Columns && on(to) {
			to++
		}
		if to > from {
			d.Rect(c, p.X(float64(from)), p.Top, p.X(float64(to))-p.X(float64(from)), 18, "")
			from = to
		}
	}
}

// Slope draws a line through a value for the end of each column, from zero on.
func (d *Drawing) Slope(p Pane, c Color, dashed bool, value func(column int) float64) {
	var path strings.Builder
	fmt.Fprintf(&path, "M%s %s", figure(p.Left), figure(p.Bottom))
	for k := range p.Columns {
		fmt.Fprintf(&path, "L%s %s", figure(p.X(float64(k+1))), figure(p.Y(value(k))))
	}
	d.stroke(c, path.String(), "3", dashed)
}

// Short writes a number in few characters.
func Short(v float64) string {
	switch {
	case v >= 1e6:
		return fmt.Sprintf("%.3gM", v/1e6)
	case v >= 1e4:
		return fmt.Sprintf("%.3gk", v/1e3)
	}
	return fmt.Sprintf("%.3g", v)
}

// Round returns a number at or above v that is read well: 1, 2, 4 or 6 times a power of ten.
func Round(v float64) float64 {
	for unit := 1.0; ; unit *= 10 {
		for _, n := range []float64{1, 2, 4, 6} {
			if float64(n*unit) >= v || unit > 1e300 {
				return n * unit
			}
		}
	}
}

// Cut shortens a name to so many letters.
func Cut(name string, most int) string {
	letters := []rune(name)
	if len(letters) <= most {
		return name
	}
	return string(letters[:most-1]) + "…"
}
