package hpa_test

import (
	"bytes"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/hpa"
	"github.com/bayplan/bayplan/examples/whatif/replay"
)

var (
	loads  = flag.String("loads", "../../../../shared/data/load/nab", "a folder with recorded loads")
	update = flag.Bool("update", false, "rewrite the expected output")
)

var begin = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// look is one look of an autoscaler at a metric.
func look(a *hpa.Autoscaler, minute int, metric float64, desired, running int) int {
	s := cloudwatch.Series{Start: ecs.At(begin), Period: 60, Datapoints: []cloudwatch.Datapoint{{Value: metric}}}
	d, _ := a.Decide(autoscale.Memory{}, begin.Add(time.Duration(minute)*time.Minute),
		autoscale.Capacity{Desired: desired, Running: running}, s)
	return d.New
}

// TestDocumentation: "if the current metric value is 200m, and the desired value is 100m, the number of replicas will
// be doubled; if the current value is instead 50m, halved"; within a tenth nothing happens.
func TestDocumentation(t *testing.T) {
	for _, x := range []struct {
		metric  float64
		n, want int
	}{{200, 4, 8}, {50, 4, 2}, {109, 4, 4}, {91, 4, 4}, {112, 4, 5}, {1000, 1, 10}} {
		a := &hpa.Autoscaler{Min: 1, Max: 100, Target: 100}
		require.Equal(t, x.want, look(a, 1, x.metric, x.n, x.n), x)
	}
	a := &hpa.Autoscaler{Min: 1, Max: 100, Target: 100, Down: hpa.DefaultDown}
	require.Equal(t, 10, look(a, 1, 100, 10, 10))
	require.Equal(t, 10, look(a, 2, 20, 10, 10), "the window of five minutes still has ten")
	require.Equal(t, 10, look(a, 5, 20, 10, 10))
	require.Equal(t, 2, look(a, 6, 20, 10, 10))
	require.Equal(t, 20, look(a, 7, 150, 20, 10), "ten that do not run yet count as idle")
}

func TestLaws(t *testing.T) {
	t.Run("naive", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			a := &hpa.Autoscaler{Min: rapid.IntRange(0, 5).Draw(t, "min"), Target: 50,
				Down: time.Duration(rapid.IntRange(0, 10).Draw(t, "down")) * time.Minute,
				Up:   time.Duration(rapid.IntRange(0, 10).Draw(t, "up")) * time.Minute}
			a.Max = a.Min + rapid.IntRange(1, 30).Draw(t, "more")
			n := max(a.Min, 1)
			var all []int
			for minute := 1; minute < 40; minute++ {
				metric := float64(rapid.IntRange(0, 400).Draw(t, "metric"))
				want := n
				if math.Abs(metric/50-1) > 0.1 {
					want = int(math.Ceil(float64(n)*metric/50 - 1e-9))
				}
				all = append(all, want)
				high, low := want, want
				for i, w := range all {
					age := time.Duration(minute-1-i) * time.Minute
					if age < a.Down {
						high = max(high, w)
					}
					if age < a.Up {
						low = min(low, w)
					}
				}
				to := min(max(n, low), high)
				if most := limit(n); to > most {
					to = most
				}
				to = min(max(to, a.Min), a.Max)
				require.Equal(t, to, look(a, minute, metric, n, n), "minute %d", minute)
				n = to
			}
		})
	})
	t.Run("steady", func(t *testing.T) {
		a := &hpa.Autoscaler{Min: 1, Max: 100, Target: 60, Down: hpa.DefaultDown}
		for minute := range 100 {
			require.Equal(t, 7, look(a, minute, 60, 7, 7))
		}
	})
	t.Run("bounds", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			a := &hpa.Autoscaler{Min: 2, Max: 9, Target: 60}
			n := look(a, 1, rapid.Float64Range(0, 1e9).Draw(t, "metric"), rapid.IntRange(2, 9).Draw(t, "n"),
				rapid.IntRange(0, 9).Draw(t, "running"))
			require.True(t, n >= 2 && n <= 9)
		})
	})
}

// limit is how many pods a minute allows: four times twice as many, or four more.
func limit(n int) int {
	for range 4 {
		n = max(2*n, n+4)
	}
	return n
}

func scaling(least, most int, target float64) document.Scaling {
	s := document.Given{}.NewScaling("web", least, most)
	s.Track(document.Track{Name: "cpu", Predefined: autoscale.ECSServiceAverageCPUUtilization, Target: target,
		In: ecs.Some(300), Out: ecs.Some(0)})
	return s
}

func load(t *testing.T, file string) cloudwatch.Series {
	f, err := os.Open(file)
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	s, err := replay.ParseLoad(f)
	require.NoError(t, err)
	return hpa.Minutes(s)
}

func question(s cloudwatch.Series, perTask float64) hpa.Question {
	return hpa.Question{Load: s, PerTask: perTask, Startup: time.Minute, Prices: autoscale.PriceTable{FargateVCPU: 0.04,
		FargateGB: 0.004},
		Task: autoscale.FargateUsage{CPU: 1024, Memory: 2048}}
}

// TestCompare: the load of the program whatif.
func TestCompare(t *testing.T) {
	c, err := hpa.Compare(scaling(2, 20, 60), question(load(t, "../../whatif/replay/testdata/load.csv"), 100))
	require.NoError(t, err)
	var text, svg, csv bytes.Buffer
	require.NoError(t, c.Text(&text))
	require.NoError(t, c.Chart(&svg))
	require.NoError(t, c.CSV(&csv))
	for name, got := range map[string]string{"compare.txt": text.String(), "compare.svg": svg.String()} {
		path := filepath.Join("testdata", name)
		if *update {
			require.NoError(t, os.MkdirAll("testdata", 0o755))
			require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
		}
		want, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, string(want), got)
	}
	require.Equal(t, len(c.Load.Datapoints)+1, bytes.Count(csv.Bytes(), []byte("\n")))
	_, err = hpa.Compare(document.Scaling{}, question(c.Load, 1))
	require.ErrorContains(t, err, "no policy that tracks CPU or memory")
}

// TestChartShowsPeaks: a column of many periods shows the most tasks of each side, whenever they run.
// Seen to fail with the last period of each column.
func TestChartShowsPeaks(t *testing.T) {
	s := cloudwatch.Series{Start: ecs.At(begin), Period: 60}
	for minute := range 20 * 480 {
		d := cloudwatch.Datapoint{Value: 100}
		if minute == 4000 {
			d.Value = 1600
		}
		s.Datapoints = append(s.Datapoints, d)
	}
	c, err := hpa.Compare(scaling(2, 10, 60), question(s, 100))
	require.NoError(t, err)
	var svg bytes.Buffer
	require.NoError(t, c.Chart(&svg))
	paths := regexp.MustCompile(`<path d="M[^"]*" fill="none"`).FindAllString(svg.String(), -1)
	require.Len(t, paths, 3)
	height := func(path string) float64 {
		top := math.Inf(1)
		for _, at := range regexp.MustCompile(`V([0-9.]+)`).FindAllStringSubmatch(path, -1) {
			y, err := strconv.ParseFloat(at[1], 64)
			require.NoError(t, err)
			top = min(top, y)
		}
		return 380 - top
	}
	require.Positive(t, c.Sides[0].Summary.Most-2)
	for k, side := range c.Sides { // as high as its most is, beside what is needed at most
		require.InDelta(t, float64(side.Summary.Most)/16, height(paths[1+k])/height(paths[0]), 0.01, side.Name)
	}
}

// TestRecorded: every recorded load in a folder.
func TestRecorded(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(*loads, "*.csv"))
	require.NoError(t, err)
	if len(files) == 0 {
		t.Skip("no recorded loads here: go test ./hpa -loads DIR")
	}
	for _, f := range files {
		s := load(t, f)
		sum, n := 0.0, 0
		for _, d := range s.Datapoints {
			if !d.Missing {
				sum += d.Value
				n++
			}
		}
		c, err := hpa.Compare(scaling(2, 40, 60), question(s, sum/float64(n)/6))
		require.NoError(t, err, f)
		var b bytes.Buffer
		require.NoError(t, c.Text(&b))
		require.NoError(t, c.Chart(&b))
	}
}

func ExampleCompare() {
	var s cloudwatch.Series
	s.Start, s.Period = ecs.At(begin), 60
	for minute := range 120 {
		d := cloudwatch.Datapoint{Value: 100}
		if minute >= 30 && minute < 60 {
			d.Value = 600
		}
		s.Datapoints = append(s.Datapoints, d)
	}
	c, err := hpa.Compare(scaling(2, 20, 50), hpa.Question{Load: s, PerTask: 100, Startup: time.Minute,
		Task:   autoscale.FargateUsage{CPU: 256, Memory: 512},
		Prices: autoscale.PriceTable{FargateVCPU: 0.04, FargateGB: 0.004}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, side := range c.Sides {
		fmt.Println(side.Name, side.Summary.Most, side.Summary.UnderTarget)
	}
	// Output:
	// HorizontalPodAutoscaler 12 2m0s
	// target tracking 12 4m0s
}
