package placement

import (
	"fmt"
	"math"
	"testing"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/placement/internal/draw"
	"github.com/bayplan/bayplan/placement/internal/request"
)

// The fleet of the benchmarks: eight types in three zones, filled between 40 % and 90 % of
// its memory; the shapes have everything in the mix.

type kindOf struct {
	name     string
	cpu, mem int
	gpu      int
}

func fleetKinds() []kindOf {
	return []kindOf{
		{"c5.large", 2048, 3784, 0}, {"c5.2xlarge", 8192, 15668, 0}, {"m5.xlarge", 4096, 15668, 0},
		{"m5.2xlarge", 8192, 31644, 0},
		{"m5.4xlarge", 16384, 63600, 0}, {"r5.large", 2048, 15668, 0}, {"r5.2xlarge", 8192, 63600, 0},
		{"g5.xlarge", 4096, 15668, 1},
	}
}

func fleetBoxes(n int) []box {
	d := draw.Stream(1)
	kinds := fleetKinds()
	boxes := make([]box, n)
	for i := range boxes {
		k := kinds[d.Below(len(kinds))]
		boxes[i] = box{
			id: fmt.Sprintf("%08x%024x", uint32(d.Next()), i), zone: []string{"us-east-1a", "us-east-1b",
				"us-east-1c"}[d.Below(3)],
			kind: k.name, cpu: k.cpu, mem: k.mem, gpu: k.gpu, ports: []uint16{22, 2375, 2376, 51678, 51679},
		}
		boxes[i].attributes = []ecs.Attribute{{Name: attributeTrunk, Value: "eni-1"},
			{Name: "rack", Value: fmt.Sprint(d.Below(60))}}
		if d.Below(20) > 0 {
			boxes[i].attributes = append(boxes[i].attributes, ecs.Attribute{Name: "stack", Value: "prod"})
		}
	}
	return boxes
}

func fleet(tb testing.TB, n int) *Snapshot {
	boxes := fleetBoxes(n)
	s, err := NewSnapshot(func(yield func(ecs.ContainerInstance) bool) {
		for _, b := range boxes {
			if !yield(b.instance()) {
				return
			}
		}
	}, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func chains() []string {
	return []string{"spread-az", "spread-az+binpack-memory", "spread-az+spread-instance", "binpack-cpu",
		"spread-instance", "random"}
}

func strategyOf(chain string) []ecs.PlacementStrategy {
	switch chain {
	case "spread-az":
		return []ecs.PlacementStrategy{bySpreadAZ}
	case "spread-az+binpack-memory":
		return []ecs.PlacementStrategy{bySpreadAZ, binpack("memory")}
	case "spread-az+spread-instance":
		return []ecs.PlacementStrategy{bySpreadAZ, byHost}
	case "binpack-cpu":
		return []ecs.PlacementStrategy{binpack("cpu")}
	case "spread-instance":
		return []ecs.PlacementStrategy{byHost}
	case "random":
		return []ecs.PlacementStrategy{randomly()}
	case "binpack-memory+spread-az":
		return []ecs.PlacementStrategy{binpack("memory"), bySpreadAZ}
	case "spread-az+spread-rack+binpack-cpu":
		return []ecs.PlacementStrategy{bySpreadAZ, spread("attribute:rack"), binpack("cpu")}
	}
	panic(chain)
}

// workload returns the shapes of a benchmark. CPU and memory are in the fleet's proportion on
// average, so that neither runs out much before the other.
func workload(chain string, shapes int) []Request {
	d := draw.Stream(7)
	all := make([]Request, shapes)
	for i := range all {
		mem := 256 << d.Below(4)
		r := Request{
			Group: fmt.Sprintf("service:s%03d", i),
			Need: ecs.Resources{CPU: int64((mem/8+d.Below(mem/4+1))/32*32) + 32,
				Memory: int64(mem + 32*d.Below(mem/64+1))},
			Strategy: strategyOf(chain),
		}
		if i == 0 {
			r.Need = ecs.Resources{CPU: 256, Memory: 1024}
		}
		switch p := d.Below(100); {
		case i == 0 || p < 20:
			r.Constraints = append(r.Constraints, memberOf([]string{
				"attribute:ecs.instance-type != m5.4xlarge", "attribute:ecs.instance-type =~ [mr]5.*",
				"attribute:ecs.instance-type in [c5.2xlarge, m5.2xlarge, r5.2xlarge]",
			}[d.Below(3)]))
		case p < 25:
			r.Constraints = append(r.Constraints, memberOf("attribute:stack == prod"))
		}
		if d.Below(4) == 0 {
			r.Need.ENI = 1
		}
		switch d.Below(60) {
		case 0:
			r.HostPorts = []ecs.HostPort{tcp(uint16(8000 + d.Below(8)))}
		case 1:
			r.Constraints = append(r.Constraints, distinct())
		case 2:
			r.Need.GPU = 1
		case 3:
			r.Constraints = append(r.Constraints, memberOf("runningTasksCount < 30"))
		case 4:
			r.Constraints = append(r.Constraints,
				memberOf(fmt.Sprintf("not(task:group == service:s%03d)", d.Below(shapes))))
		}
		all[i] = r
	}
	return all
}

// yard is an index with its tasks, driven by a benchmark.
type yard struct {
	x        *Index
	shapes   []Shape
	needs    []int64
	tasks    []yardTask
	free     int64
	total    int64
	d        draw.Stream
	refusals int
	tries    int
}

type yardTask struct {
	p     Placement
	shape uint32
}

func newYard(tb testing.TB, s *Snapshot, requests []Request) *yard {
	y := &yard{x: NewIndex(s), d: draw.Stream(3)}
	for _, in := range s.instances {
		y.total += in.free.Memory
	}
	y.free = y.total
	for _, r := range requests {
		sh, err := y.x.Prepare(r)
		if err != nil {
			tb.Fatal(err)
		}
		y.shapes, y.needs = append(y.shapes, sh), append(y.needs, r.Need.Memory)
	}
	return y
}

// place places one task of the next shape.
func (y *yard) place() bool {
	k := y.d.Below(len(y.shapes))
	y.tries++
	p, ok := y.x.Place(y.shapes[k], y.d.Next())
	if !ok {
		y.refusals++
		return false
	}
	y.tasks = append(y.tasks, yardTask{p, uint32(k)})
	y.free -= y.needs[k]
	return true
}

// release ends a task at random.
func (y *yard) release() {
	i := y.d.Below(len(y.tasks))
	t := y.tasks[i]
	y.tasks[i] = y.tasks[len(y.tasks)-1]
	y.tasks = y.tasks[:len(y.tasks)-1]
	y.x.Release(y.shapes[t.shape], t.p)
	y.free += y.needs[t.shape]
}

// full returns the part of the memory in use.
func (y *yard) full() float64 { return 1 - float64(y.free)/float64(y.total) }

// fill brings the fleet to the lower mark.
func (y *yard) fill(to float64) {
	for misses := 0; y.full() < to && misses < 1000; {
		if !y.place() {
			misses++
		}
	}
	y.refusals, y.tries = 0, 0
}

// warm fills the fleet to the higher mark and drains it to the lower one, so that every list is as
// long as it will be: what follows measures placing, not the growth of lists.
func (y *yard) warm(low, high float64) {
	y.fill(high)
	y.drain(low)
}

func (y *yard) drain(to float64) {
	for y.full() > to {
		y.release()
	}
}

const (
	lowMark  = 0.45
	highMark = 0.70
)

func eachChain(run func(chain string, n, shapes int)) {
	for _, chain := range chains() {
		for _, n := range []int{1000, 10000, 100000} {
			for _, shapes := range []int{1, 64, 512} {
				run(chain, n, shapes)
			}
		}
	}
}

func eachBench(b *testing.B, run func(b *testing.B, chain string, n, shapes int)) {
	eachChain(func(chain string, n, shapes int) {
		b.Run(fmt.Sprintf("chain=%s/n=%d/shapes=%d", chain, n, shapes), func(b *testing.B) { run(b, chain, n, shapes) })
	})
}

// marks returns how full the fleet is kept: one shape cannot fill what it may not enter.
func marksOf(shapes int) (low, high float64) {
	if shapes == 1 {
		return 0.40, 0.55
	}
	return lowMark, highMark
}

func BenchmarkPlace(b *testing.B) {
	eachBench(b, func(b *testing.B, chain string, n, shapes int) {
		y := newYard(b, fleet(b, n), workload(chain, shapes))
		low, high := marksOf(shapes)
		y.warm(low, high)
		b.ReportAllocs()
		b.ResetTimer()
		for range b.N {
			if y.full() > high {
				b.StopTimer()
				y.drain(low)
				b.StartTimer()
			}
			y.place()
		}
		b.ReportMetric(100*float64(y.refusals)/float64(y.tries), "%refused")
	})
}

func BenchmarkChurn(b *testing.B) {
	eachBench(b, func(b *testing.B, chain string, n, shapes int) {
		y := newYard(b, fleet(b, n), workload(chain, shapes))
		low, high := marksOf(shapes)
		y.warm((low+high)/2, high)
		b.ReportAllocs()
		b.ResetTimer()
		for range b.N {
			y.release()
			y.place()
		}
		b.ReportMetric(100*float64(y.refusals)/float64(y.tries), "%refused")
	})
}

func BenchmarkPlaceScan(b *testing.B) {
	eachBench(b, func(b *testing.B, chain string, n, shapes int) {
		requests := workload(chain, shapes)
		y := newYard(b, fleet(b, n), requests)
		y.fill(lowMark)
		s, refused := y.x.Snapshot(), 0
		b.ReportAllocs()
		b.ResetTimer()
		for i := range b.N {
			r := requests[i%shapes]
			r.Seed = uint64(i)
			if _, err := Place(s, r); err != nil {
				refused++
			}
		}
		b.ReportMetric(100*float64(refused)/float64(b.N), "%refused")
	})
}

// scanFleet is the yardstick: a bare scan over arrays, with CPU and memory only.
type scanFleet struct {
	cpu, mem []int32
	zone     []uint8
	counts   [][3]int32
	on       []map[int32]int32
}

func (f *scanFleet) choose(chain string, cpu, mem int32, k int, d *draw.Stream) int {
	best, key := -1, int64(math.MaxInt64)
	counts := &f.counts[k]
	switch chain {
	case "random":
		if n := len(f.cpu); n > 0 {
			for range maxDraws {
				if i := d.Below(n); f.cpu[i] >= cpu && f.mem[i] >= mem {
					return i
				}
			}
		}
		return -1
	case "binpack-cpu":
		for i := range f.cpu {
			if f.cpu[i] >= cpu && f.mem[i] >= mem && int64(f.cpu[i]) < key {
				best, key = i, int64(f.cpu[i])
			}
		}
	case "spread-instance":
		for i := range f.cpu {
			if f.cpu[i] >= cpu && f.mem[i] >= mem {
				if c := int64(f.on[k][int32(i)]); c < key {
					if best, key = i, c; c == 0 {
						return best
					}
				}
			}
		}
	case "spread-az":
		for i := range f.cpu {
			if c := int64(counts[f.zone[i]]); f.cpu[i] >= cpu && f.mem[i] >= mem && c < key {
				best, key = i, c
			}
		}
	case "spread-az+spread-instance":
		for i := range f.cpu {
			if c := int64(counts[f.zone[i]]) << 32; f.cpu[i] >= cpu && f.mem[i] >= mem && c < key {
				if c += int64(f.on[k][int32(i)]); c < key {
					best, key = i, c
				}
			}
		}
	default:
		for i := range f.cpu {
			if c := int64(counts[f.zone[i]])<<32 | int64(f.mem[i]); f.cpu[i] >= cpu && f.mem[i] >= mem && c < key {
				best, key = i, c
			}
		}
	}
	return best
}

func BenchmarkArrayScan(b *testing.B) {
	eachBench(b, func(b *testing.B, chain string, n, shapes int) {
		requests := workload(chain, shapes)
		f := &scanFleet{counts: make([][3]int32, shapes)}
		y := newYard(b, fleet(b, n), requests)
		y.fill(lowMark)
		for _, in := range y.x.Snapshot().instances {
			zone, _ := in.attribute(request.AttributeZone)
			f.cpu, f.mem, f.zone = append(f.cpu, int32(in.free.CPU)), append(f.mem, int32(in.free.Memory)),
				append(f.zone, zone[len(zone)-1]-'a')
		}
		for range shapes {
			f.on = append(f.on, map[int32]int32{})
		}
		type task struct{ i, k int }
		var tasks []task
		d := draw.Stream(5)
		b.ReportAllocs()
		b.ResetTimer()
		for range b.N {
			k := d.Below(shapes)
			cpu, mem := int32(requests[k].Need.CPU), int32(requests[k].Need.Memory)
			i := f.choose(chain, cpu, mem, k, &d)
			if i < 0 {
				continue
			}
			f.cpu[i], f.mem[i] = f.cpu[i]-cpu, f.mem[i]-mem
			f.counts[k][f.zone[i]]++
			if chain == "spread-instance" || chain == "spread-az+spread-instance" {
				f.on[k][int32(i)]++
			}
			if tasks = append(tasks, task{i, k}); len(tasks) > 2*n {
				b.StopTimer()
				for _, t := range tasks {
					r := requests[t.k].Need
					f.cpu[t.i], f.mem[t.i] = f.cpu[t.i]+int32(r.CPU), f.mem[t.i]+int32(r.Memory)
					f.counts[t.k][f.zone[t.i]]--
					delete(f.on[t.k], int32(t.i))
				}
				tasks = tasks[:0]
				b.StartTimer()
			}
		}
	})
}

// BenchmarkPlaceN fills the fleet from empty (from=0) or from the lower mark, k copies a call;
// figures are for one task.
func BenchmarkPlaceN(b *testing.B) {
	for _, chain := range []string{"spread-az", "spread-az+binpack-memory"} {
		for _, n := range []int{1000, 10000, 100000} {
			for _, k := range []int{16, 64, 1000} {
				for _, from := range []int{0, 50} {
					b.Run(fmt.Sprintf("chain=%s/n=%d/shapes=64/k=%d/from=%d", chain, n, k, from),
						func(b *testing.B) { benchPlaceN(b, chain, n, k, float64(from)/100) })
				}
			}
		}
	}
}

func benchPlaceN(b *testing.B, chain string, n, k int, from float64) {
	y := newYard(b, fleet(b, n), workload(chain, 64))
	high := from + 0.35
	if from == 0 {
		high = highMark
	}
	y.fill(from)
	dst := make([]Placement, 0, k)
	b.ReportAllocs()
	b.ResetTimer()
	for done := 0; done < b.N; {
		if y.full() > high {
			b.StopTimer()
			y.drain(from)
			b.StartTimer()
		}
		s := y.d.Below(64)
		want := min(k, b.N-done)
		dst = y.x.PlaceN(dst[:0], y.shapes[s], want, 1)
		done += want
		y.tries, y.refusals = y.tries+want, y.refusals+want-len(dst)
		b.StopTimer()
		for _, p := range dst {
			y.tasks = append(y.tasks, yardTask{p, uint32(s)})
		}
		y.free -= y.needs[s] * int64(len(dst))
		b.StartTimer()
	}
	b.ReportMetric(100*float64(y.refusals)/float64(y.tries), "%refused")
}

// BenchmarkNewIndex is for one instance: the index and its first order.
func BenchmarkNewIndex(b *testing.B) {
	for _, n := range []int{1000, 10000, 100000} {
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			s, r := fleet(b, n), workload("spread-az+binpack-memory", 1)[0]
			b.ReportAllocs()
			b.ResetTimer()
			for done := 0; done < b.N; done += n {
				x := NewIndex(s)
				if _, err := x.Prepare(r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
