package placement

import (
	"fmt"
	"testing"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/placement/internal/draw"
	"github.com/stretchr/testify/require"
)

// hard is a cluster and requests for which bounds and samples tell less than usual.
type hard struct {
	name      string
	requests  []Request
	change    func(b *box, d *draw.Stream)
	low, high float64
}

func hardOnes() []hard {
	const pack = "spread-az+binpack-memory"
	d := draw.Stream(77)
	with := func(shapes int, change func(i int, r *Request)) []Request {
		requests := workload(pack, shapes)
		for i := range requests {
			change(i, &requests[i])
		}
		return requests
	}
	strategy := func(rules ...ecs.PlacementStrategy) []Request {
		return with(512, func(_ int, r *Request) { r.Strategy = rules })
	}
	constraint := func(shapes int, of func(i int) ecs.PlacementConstraint) []Request {
		return with(shapes, func(i int, r *Request) { r.Constraints = []ecs.PlacementConstraint{of(i)} })
	}
	racks := func(n int) func(b *box, d *draw.Stream) {
		return func(b *box, d *draw.Stream) { b.attributes[1].Value = fmt.Sprint("r", d.Below(n)) }
	}
	same := func(*box, *draw.Stream) {}
	rack := spread("attribute:rack")
	return []hard{
		{"as usual", workload(pack, 512), same, lowMark, highMark},
		{"needs at random", with(512, func(_ int, r *Request) {
			r.Need.CPU, r.Need.Memory = int64(1+d.Below(2000)), int64(1+d.Below(8000))
		}), same, lowMark, highMark},
		{"as full as it gets", workload(pack, 512), same, 0.84, 0.86},
		{"ten zones", workload(pack, 512), func(b *box, d *draw.Stream) {
			b.zone = fmt.Sprint("z", d.Below(10))
		}, lowMark, highMark},
		{"60 racks, then memory", strategy(rack, binpack("memory")), racks(60), lowMark, highMark},
		{"1,000 racks, then memory", strategy(rack, binpack("memory")), racks(1000), lowMark, highMark},
		{"zones, 60 racks, then CPU", strategy(bySpreadAZ, rack, binpack("cpu")), racks(60), lowMark, highMark},
		{"five rules", strategy(bySpreadAZ, rack, byHost, binpack("memory"), binpack("cpu")),
			racks(10), lowMark, highMark},
		{"memory, then CPU", strategy(binpack("memory"), binpack("cpu")), same, lowMark, highMark},
		{"64 groups, one an instance", constraint(64, func(int) ecs.PlacementConstraint { return distinct() }),
			same, lowMark, highMark},
		{"16 groups, one an instance", constraint(16, func(int) ecs.PlacementConstraint { return distinct() }), same,
			lowMark, 0.6},
		{"60 sets of racks", constraint(512, func(i int) ecs.PlacementConstraint {
			return memberOf(fmt.Sprintf("attribute:rack in [%d, %d, %d]", i%60, (i+7)%60, i*3%60))
		}), same, 0.3, 0.5},
		{"8 groups on most instances", workload("spread-instance", 8), same, 0.6, 0.8},
	}
}

// yard returns the case's cluster, filled to the lower mark.
func (h *hard) yard(t *testing.T, n int) *yard {
	boxes, d := fleetBoxes(n), draw.Stream(9)
	for i := range boxes {
		h.change(&boxes[i], &d)
	}
	y := newYard(t, snapshot(boxes), h.requests)
	y.fill(h.low)
	return y
}

// No unusual cluster costs what a bare scan does.
func TestHardCost(t *testing.T) {
	m := newMeter()
	for _, h := range hardOnes() {
		y := h.yard(t, 4000)
		y.refusals, y.tries = 0, 0
		cost := m.placing(y, h.low, h.high, 30)
		t.Logf("%-28s %.3f of a scan of 1,000, %d of %d refused", h.name, cost, y.refusals, y.tries)
		require.Less(t, cost/4, 1.0, h.name)
	}
}
