package loadbalance

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/bayplan/bayplan/ecs"
	"github.com/stretchr/testify/require"
)

// used returns a book with so many percent of the default range held by tasks of ten ports
// each, at random places, and room to grow.
func used(t testing.TB, percent int) (Ports, int) {
	r := DefaultRange(false)
	n := r.Len() * percent / 100
	var p Ports
	places := rand.New(rand.NewPCG(1, 2)).Perm(r.Len())
	s := PortsState{LastTCP: r.First + uint16(places[0])}
	taken := make([]bool, r.Len())
	for _, i := range places[:n] {
		taken[i] = true
	}
	for i, yes := range taken {
		if port := r.First + uint16(i); yes && p.Free(ecs.HostPort{Port: port, Protocol: "tcp"}) {
			s.Held = append(s.Held, HeldPort{HostPort: ecs.HostPort{Port: port, Protocol: "tcp"},
				Task: ecs.TaskID(fmt.Sprint("t", i/10)), ByTask: true})
		}
	}
	p, err := RestorePorts(nil, s)
	require.NoError(t, err)
	p.held = append(make([]held, 0, len(p.held)+2), p.held...)
	return p, len(s.Held)
}

// BenchmarkAllocate gives out one dynamic port and takes it back.
func BenchmarkAllocate(b *testing.B) {
	for _, percent := range []int{0, 50, 99} {
		b.Run(fmt.Sprintf("used=%d%%", percent), func(b *testing.B) {
			p, _ := used(b, percent)
			b.ReportAllocs()
			for b.Loop() {
				port, err := p.Allocate("new", "tcp")
				if err != nil {
					b.Fatal(err)
				}
				i, _ := p.search(keyOf("tcp", port))
				p.held = append(p.held[:i], p.held[i+1:]...)
			}
		})
	}
	b.Run("instance/tasks=50", func(b *testing.B) {
		var p Ports
		for i := range 50 {
			_, _ = p.Allocate(ecs.TaskID(fmt.Sprint("t", i)), "tcp")
		}
		freed := make([]ecs.HostPort, 0, 4)
		b.ReportAllocs()
		for b.Loop() {
			_, _ = p.Allocate("new", "tcp")
			freed = p.Release(freed[:0], "new")
		}
	})
}

func thousand(t testing.TB) *Targets {
	ts, err := NewTargets(TargetGroup{TargetType: TargetTypeIP})
	require.NoError(t, err)
	for i := range 1000 {
		d := TargetDescription{ID: fmt.Sprintf("10.0.%d.%d", i/250, i%250), Port: 80}
		require.NoError(t, ts.Register(ecs.TaskID(fmt.Sprint("t", i)), d, start, nil))
		if i%10 > 0 {
			ts.Check(d.ID, d.Port, start, Answer{Code: 200})
		}
	}
	return ts
}

// BenchmarkPick picks one of a thousand targets, the weights being at hand.
func BenchmarkPick(b *testing.B) {
	weights := thousand(b).Weights(nil, start)
	ramping := append([]int(nil), weights...)
	ramping[1] = 500
	outstanding := make([]int, len(weights))
	for _, c := range []struct {
		name    string
		a       Algorithm
		weights []int
	}{
		{"round_robin", AlgorithmRoundRobin, weights}, {"round_robin/ramping", AlgorithmRoundRobin, ramping},
		{"least_outstanding_requests", AlgorithmLeastOutstandingRequests, weights},
		{"weighted_random", AlgorithmWeightedRandom, weights},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			n := uint64(0)
			for b.Loop() {
				if _, ok := c.a.Pick(c.weights, outstanding, 1, n); !ok {
					b.Fatal("nobody")
				}
				n++
			}
		})
	}
}

// BenchmarkCheck notes one health check in a group of a thousand targets.
func BenchmarkCheck(b *testing.B) {
	ts := thousand(b)
	b.ReportAllocs()
	for b.Loop() {
		ts.Check("10.0.2.100", 80, start, Answer{Code: 200})
	}
}

// BenchmarkBindings starts and stops a task of one dynamic port beside others.
func BenchmarkBindings(b *testing.B) {
	for _, tasks := range []int{0, 50} {
		b.Run(fmt.Sprintf("tasks=%d", tasks), func(b *testing.B) {
			var p Ports
			for i := range tasks {
				_, _ = p.Allocate(ecs.TaskID(fmt.Sprint("t", i)), "tcp")
			}
			d := definition("bridge", ecs.PortMapping{ContainerPort: 80})
			freed := make([]ecs.HostPort, 0, 4)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := p.Bindings("new", d); err != nil {
					b.Fatal(err)
				}
				freed = p.Release(freed[:0], "new")
			}
		})
	}
}
