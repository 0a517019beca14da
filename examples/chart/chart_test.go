package chart_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bayplan/bayplan/examples/chart"
)

// TestDrawingStandsInItsFrame: whatever the values are, a drawing is XML without NaN, and no rectangle leaves the
// pane.
//
// Seen to fail: Y without its bounds; Y that divides by a Most of 0.
func TestDrawingStandsInItsFrame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.OneOf(rapid.Float64Range(-10, 1e9), rapid.SampledFrom([]float64{0, math.Inf(1), math.NaN(), 3}))
		values := rapid.SliceOfN(value, 0, 30).Draw(t, "values")
		p := chart.Pane{Left: 10, Right: 90, Top: 20, Bottom: 80, Columns: len(values),
			Most: rapid.SampledFrom([]float64{0, 1, 50, 1e9}).Draw(t, "most")}
		d := chart.Begin(100, 100, rapid.String().Draw(t, "title"))
		d.Axis(p)
		of := func(k int) float64 { return values[k] }
		d.Steps(p, chart.Running, false, func(k int) (float64, bool) { return of(k), !math.IsNaN(of(k)) })
		d.Between(p, chart.Missing, func(k int) (low, high float64) { return of(k) / 2, of(k) })
		d.Slope(p, chart.Metric, true, of)
		d.Strip(p, chart.High, "<on>", func(k int) bool { return of(k) > 1 })
		var b bytes.Buffer
		require.NoError(t, d.SVG(&b))
		require.NotContains(t, b.String(), "NaN")
		require.NotContains(t, b.String(), "Inf")
		parser := xml.NewDecoder(strings.NewReader(b.String()))
		for {
			token, err := parser.Token()
			if errors.Is(err, io.EOF) {
				return
			}
			require.NoError(t, err)
			if e, ok := token.(xml.StartElement); ok && e.Name.Local == "rect" {
				require.NotContains(t, b.String(), `y="-`)
			}
		}
	})
}

// TestRound: the top of an axis is at or above what it is for, and less than three times as much.
func TestRound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Float64Range(1, 1e300).Draw(t, "v")
		require.GreaterOrEqual(t, chart.Round(v), v)
		require.LessOrEqual(t, chart.Round(v), 2.01*v)
	})
}
