package placement

import (
	"flag"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/bayplan/bayplan/placement/internal/draw"
)

var speed = flag.Bool("speed", false, "print the table of speeds of BENCHMARKS.md")

// meter measures by the median of short runs, each of which has bare scans of 1,000 instances
// beside it: other programs that come in between, and a machine slower than another, change the
// median of the ratios little.
type meter struct {
	f *scanFleet
	d draw.Stream
}

func newMeter() *meter {
	m := &meter{&scanFleet{counts: make([][3]int32, 1)}, draw.Stream(1)}
	for range 1000 {
		m.f.cpu, m.f.mem, m.f.zone = append(m.f.cpu, int32(m.d.Below(8000))), append(m.f.mem, int32(m.d.Below(16000))),
			append(m.f.zone, uint8(m.d.Below(3)))
	}
	return m
}

func (m *meter) scan() time.Duration {
	start := time.Now()
	for range 20 {
		m.f.choose("spread-az+binpack-memory", int32(64+m.d.Below(300)), int32(256+m.d.Below(2000)), 0, &m.d)
	}
	return time.Since(start) / 20
}

// of returns the time of one step of run, which does so many, in bare scans of 1,000 instances.
func (m *meter) of(runs, steps int, before, run func()) float64 {
	ratios := make([]float64, runs)
	for i := range ratios {
		before()
		scan := m.scan()
		start := time.Now()
		run()
		took := time.Since(start)
		ratios[i] = float64(took) / float64(steps) / (float64(scan+m.scan()) / 2)
	}
	slices.Sort(ratios)
	return ratios[runs/2]
}

// placing returns the time of a placement in bare scans of 1,000 instances.
func (m *meter) placing(y *yard, low, high float64, runs int) float64 {
	return m.of(runs, 100, func() {
		if y.full() > high {
			y.drain(low)
		}
	}, func() {
		for range 100 {
			y.place()
		}
	})
}

// BenchmarkCost reports what a placement costs in scans of as many instances (under 1/25), how much
// more with 512 shapes than with one (under 2) and the exponent by which the cost grows with the
// fleet (under 0.4):
//
//	go test ./placement -run '^$' -bench Cost -benchtime 1x
func BenchmarkCost(b *testing.B) {
	m := newMeter()
	cost := func(n, shapes int) float64 {
		y := newYard(b, fleet(b, n), workload("spread-az+binpack-memory", shapes))
		low, high := marksOf(shapes)
		y.fill(low)
		m.placing(y, low, high, 20)
		return m.placing(y, low, high, 200)
	}
	for b.Loop() {
		small, one, many := cost(1000, 512), cost(20000, 1), cost(20000, 512)
		b.ReportMetric(many/20, "scans")
		b.ReportMetric(many/one, "512-shapes/one")
		b.ReportMetric(math.Log(many/small)/math.Log(20), "exponent")
	}
}

// The unit of the table: nanoseconds on a machine that scans 1,000 instances in 1,410.
const scanUnit = 1410

// TestSpeed prints the table of BENCHMARKS.md: go test ./placement -run TestSpeed -v -speed.
func TestSpeed(t *testing.T) {
	if !*speed {
		t.Skip("prints a table for two minutes; asked for by -speed")
	}
	m := newMeter()
	var scans []float64
	for range 1000 {
		scans = append(scans, float64(m.scan()))
	}
	slices.Sort(scans)
	fmt.Printf("this machine scans 1,000 instances in %.0f ns now; below, ns where that takes %d\n\n", scans[500],
		scanUnit)
	fmt.Printf("%-26s %9s %6s %8s %8s %9s\n", "chain", "instances", "shapes", "Place", "churn", "refused")
	eachChain(func(chain string, n, shapes int) {
		y := newYard(t, fleet(t, n), workload(chain, shapes))
		low, high := marksOf(shapes)
		y.fill(low)
		m.placing(y, low, high, 20)
		y.refusals, y.tries = 0, 0
		place, refused := m.placing(y, low, high, 500), 100*float64(y.refusals)/float64(y.tries)
		y.fill((low + high) / 2)
		churn := func() {
			for range 100 {
				y.release()
				y.place()
			}
		}
		m.of(100, 100, func() {}, churn)
		fmt.Printf("%-26s %9d %6d %8.0f %8.0f %7.1f %%\n", chain, n, shapes, scanUnit*place,
			scanUnit*m.of(300, 100, func() {}, churn), refused)
	})
	fmt.Printf("\nPlaceN of 64, spread-az+binpack-memory\n")
	for _, n := range []int{1000, 10000, 100000} {
		fmt.Printf("%9d instances %8.0f from empty %8.0f from half full\n", n, scanUnit*m.placingN(t, n, 0, highMark),
			scanUnit*m.placingN(t, n, 0.5, 0.85))
	}
	fmt.Printf("\nNewIndex and Prepare, an instance\n")
	for _, n := range []int{1000, 10000, 100000} {
		s, r := fleet(t, n), workload("spread-az+binpack-memory", 1)[0]
		least := time.Hour // other programs come in between of something that long: the least of many
		for range 50 {
			start := time.Now()
			if _, err := NewIndex(s).Prepare(r); err != nil {
				t.Fatal(err)
			}
			least = min(least, time.Since(start))
		}
		fmt.Printf("%9d instances %8.0f\n", n, scanUnit*float64(least)/float64(n)/scans[500])
	}

	fmt.Printf("\nPlace in unusual clusters of 10,000 instances\n")
	for _, h := range hardOnes() {
		y := h.yard(t, 10000)
		y.refusals, y.tries = 0, 0
		place := m.placing(y, h.low, h.high, 200)
		fmt.Printf("%-28s %8.0f %7.1f %% refused\n", h.name, scanUnit*place, 100*float64(y.refusals)/float64(y.tries))
	}
}

// placingN returns the time of a task of PlaceN's, 64 in a call, between two marks.
func (m *meter) placingN(t *testing.T, n int, from, to float64) float64 {
	y := newYard(t, fleet(t, n), workload("spread-az+binpack-memory", 64))
	y.fill(from)
	dst := make([]Placement, 0, 64)
	k := 0
	return m.of(1000, 64, func() {
		for _, p := range dst {
			y.tasks = append(y.tasks, yardTask{p, uint32(k)})
		}
		y.free -= y.needs[k] * int64(len(dst))
		if y.full() > to {
			y.drain(from)
		}
		k = y.d.Below(64)
	}, func() { dst = y.x.PlaceN(dst[:0], y.shapes[k], 64, 1) })
}
