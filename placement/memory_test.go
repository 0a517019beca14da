package placement

import (
	"fmt"
	"slices"
	"testing"
	"time"
	"unsafe"

	"github.com/bayplan/bayplan/placement/internal/draw"
	"github.com/bayplan/bayplan/placement/internal/trees"
)

// chase is memory of which each line names the next to read, so that no read begins before the one
// before it has ended: what a placement waits for, and a scan does not.
type chase struct {
	lines [][8]uint64
	at    uint64
}

// newChase returns memory of so many bytes, in one circle drawn from a seed.
func newChase(bytes int) *chase {
	c, d := &chase{lines: make([][8]uint64, max(bytes/64, 2))}, draw.Stream(1)
	order := make([]uint64, len(c.lines))
	for i := range order {
		order[i] = uint64(i)
	}
	for i := len(order) - 1; i > 0; i-- {
		k := d.Below(i + 1)
		order[i], order[k] = order[k], order[i]
	}
	for i, line := range order {
		c.lines[line][0] = order[(i+1)%len(order)]
	}
	return c
}

func (c *chase) read(n int) {
	for range n {
		c.at = c.lines[c.at][0]
	}
}

// footprint is the bytes of what placing reads and writes: records, IDs and the orders' nodes.
func (x *Index) footprint() int {
	bytes := len(x.records)*int(unsafe.Sizeof(record{})+8+unsafe.Sizeof(x.ids[0])) + 4*len(x.arena.all)
	for _, o := range x.orders {
		bytes += len(o.Leaves)*int(unsafe.Sizeof(trees.Leaf{})) + len(o.Mids)*int(unsafe.Sizeof(trees.Mid{}))
	}
	return bytes
}

// BenchmarkMemory reports, in turns and as medians, the time of a placement, of a placement after a
// release, and of one dependent read of memory as large as the index. A bare scan of arrays does not
// become slower with the size of memory, as these do:
//
//	go test ./placement -run '^$' -bench Memory -benchtime 1000x
func BenchmarkMemory(b *testing.B) {
	for _, n := range []int{1000, 10000, 100000} {
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			y := newYard(b, fleet(b, n), workload("spread-az+binpack-memory", 512))
			y.warm(lowMark, highMark)
			c := newChase(y.x.footprint())
			const steps = 200
			var place, churn, read []float64
			timed := func(all *[]float64, run func()) {
				start := time.Now()
				run()
				*all = append(*all, float64(time.Since(start).Nanoseconds())/steps)
			}
			each := func(all *[]float64, run func()) {
				timed(all, func() {
					for range steps {
						run()
					}
				})
				timed(&read, func() { c.read(steps) })
			}
			for range b.N {
				if y.full() > highMark {
					y.drain(lowMark)
				}
				each(&place, func() { y.place() })
			}
			y.drain(lowMark)
			y.fill((lowMark + highMark) / 2)
			for range b.N {
				each(&churn, func() { y.release(); y.place() })
			}
			median := func(all []float64) float64 {
				slices.Sort(all)
				return all[len(all)/2]
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(median(place), "ns/place")
			b.ReportMetric(median(churn), "ns/churn")
			b.ReportMetric(median(read), "ns/read")
			b.ReportMetric(median(place)/median(read), "reads/place")
			b.ReportMetric(float64(y.x.footprint())/1e6, "MB")
		})
	}
}
