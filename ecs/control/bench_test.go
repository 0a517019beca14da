package control_test

import (
	"flag"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/ecs/sim"
)

var scale = flag.Int("scale", 0,
	"instances, and services, of the largest cluster of BenchmarkScale; 0: 500. ECS's quota is 5,000")

// region is a cluster of n instances with n services of five tasks each, all running.
type region struct {
	plane       *control.Plane
	now         time.Time
	tasks       []message.StartTask
	told        map[ecs.TaskID]bool // what the agents have said of them
	sequence    uint64
	perInstance float64       // bytes
	perTask     float64       // bytes, a fifth of its service among them
	started     time.Duration // from the first service to the last deployment's end
}

func newRegion(t testing.TB, n int) *region {
	t.Helper()
	empty := heap()
	r := &region{told: map[ecs.TaskID]bool{}, plane: control.New(control.Config{Seed: 1}),
		now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	_, err := r.plane.CreateCluster(r.now, api.CreateClusterInput{ClusterName: "c"})
	require.NoError(t, err)
	_, err = r.plane.RegisterTaskDefinition(r.now,
		ecs.TaskDefinition{Family: "f", NetworkMode: ecs.NetworkModeBridge,
			ContainerDefinitions: []ecs.ContainerDefinition{
				{Name: "c", Image: "i", Memory: 128, CPU: 64, PortMappings: []ecs.PortMapping{{ContainerPort: 80}}}}})
	require.NoError(t, err)
	r.take()
	for i := range n {
		like := sim.InstanceTypes()[2].ContainerInstance([]string{"us-east-1a", "us-east-1b", "us-east-1c"}[i%3])
		_, err := r.plane.RegisterContainerInstance(r.now,
			api.RegisterContainerInstanceInput{Cluster: "c", TotalResources: like.RegisteredResources,
				Attributes: like.Attributes, VersionInfo: like.VersionInfo})
		require.NoError(t, err)
		r.take()
	}
	instances, begin := heap(), time.Now()
	for i := range n {
		r.now = r.now.Add(time.Millisecond)
		_, err := r.plane.CreateService(r.now,
			api.CreateServiceInput{Cluster: "c", ServiceName: fmt.Sprintf("s%d", i), TaskDefinition: "f",
				DesiredCount: ecs.Some(5)})
		require.NoError(t, err)
		r.take()
	}
	require.Len(t, r.tasks, 5*n)
	for _, c := range r.tasks {
		r.report(c, ecs.TaskStatusRunning)
	}
	for range 5 { // deployments complete
		r.pass(time.Minute)
	}
	r.started = time.Since(begin)
	r.perInstance, r.perTask = float64(instances-empty)/float64(n), float64(heap()-instances)/float64(5*n)
	return r
}

// pass lets time pass at once, and returns how often the plane had to be told.
func (r *region) pass(d time.Duration) (ticks int) {
	r.now = r.now.Add(d)
	for wake := r.plane.Ready().WakeAt; !wake.IsZero() && !wake.After(r.now); wake = r.plane.Ready().WakeAt {
		r.plane.Tick(r.now)
		r.take()
		ticks++
	}
	return ticks
}

// pause returns how long the plane stands still where an input comes as soon as a snapshot has begun.
func (r *region) pause(t testing.TB) time.Duration {
	start := time.Now()
	saving := r.plane.Save()
	_, err := r.plane.CreateCluster(r.now, api.CreateClusterInput{ClusterName: "other"})
	took := time.Since(start)
	require.NoError(t, err)
	saving.Stop()
	r.take()
	return took
}

// take takes over what is ready; tasks that start are noted.
func (r *region) take() []message.Command {
	ready := r.plane.Ready()
	r.plane.Advance(ready)
	for _, c := range ready.Commands {
		if c, ok := c.(message.StartTask); ok {
			r.tasks = append(r.tasks, c)
		}
	}
	return ready.Commands
}

// report tells what an agent sees of a task.
func (r *region) report(c message.StartTask, status ecs.TaskStatus) {
	r.sequence++
	r.told[c.Task] = true
	r.now = r.now.Add(time.Microsecond)
	r.plane.Observe(r.now, message.TaskStateChange{Cluster: "c", Task: c.Task, Instance: c.Instance,
		Sequence: r.sequence, Status: status,
		Containers: []message.ContainerStateChange{{Name: "c", Status: ecs.ContainerStatus(status),
			ExitCode: ecs.Some(1)}}})
	r.take()
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func scales() []int {
	if *scale > 0 {
		return []int{*scale / 10, *scale}
	}
	return []int{50, 500}
}

// BenchmarkScale is a cluster of n instances, n services and 5n tasks, and a tenth of that. At
// ECS's quotas, and at ten times that:
//
//	go test ./ecs/control -run '^$' -bench Scale -benchtime 2000x -scale 5000
//	go test ./ecs/control -run '^$' -bench Scale -benchtime 2000x -scale 50000
func BenchmarkScale(b *testing.B) {
	for _, n := range scales() {
		r := newRegion(b, n)
		name := func(what string) string { return fmt.Sprintf("%s/instances=%d/tasks=%d", what, n, 5*n) }
		b.Run(name("start"), func(b *testing.B) {
			b.ReportMetric(float64(r.started.Microseconds())/float64(5*n), "µs/task")
			b.ReportMetric(r.perTask, "B/task")
			b.ReportMetric(r.perInstance, "B/instance")
			b.ReportMetric(0, "ns/op")
		})
		next := 0
		b.Run(name("replace"), func(b *testing.B) { // a task exits, its replacement is placed and runs: two events
			b.ReportAllocs()
			for b.Loop() {
				r.report(r.tasks[next], ecs.TaskStatusStopped)
				next++
				r.report(r.tasks[len(r.tasks)-1], ecs.TaskStatusRunning)
			}
		})
		b.Run(name("quiet_tick"), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r.plane.Tick(r.now)
				r.take()
			}
		})
		b.Run(name("update_desired_count"), func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				_, err := r.plane.UpdateService(r.now,
					api.UpdateServiceInput{Cluster: "c", Service: fmt.Sprintf("s%d", i%n),
						DesiredCount: ecs.Some(6 + i/n)})
				require.NoError(b, err)
				r.take()
			}
		})
		b.Run(name("state_and_restore"), func(b *testing.B) {
			s := r.plane.State()
			b.ReportMetric(float64(len(s.Document))/float64(5*n), "JSON-B/task")
			start := time.Now()
			_, err := control.Restore(s, control.Config{})
			require.NoError(b, err)
			b.ReportMetric(float64(time.Since(start).Microseconds())/float64(5*n), "restore-µs/task")
			b.ReportMetric(0, "ns/op")
		})
		b.Run(name("snapshot"), func(b *testing.B) {
			start := time.Now()
			saving := r.plane.Save()
			begun, size, pause := time.Since(start), 0, time.Duration(0)
			taken, chunks := saving.Snapshot(), [][]byte(nil)
			for last := time.Now(); ; {
				chunk := saving.Next(256)
				now := time.Now()
				pause, last = max(pause, now.Sub(last)), now
				if chunk == nil {
					break
				}
				size += len(chunk)
				chunks = append(chunks, chunk)
			}
			stopped := r.pause(b)
			b.ReportMetric(float64(stopped.Microseconds())/1000, "pause-ms")
			b.ReportMetric(float64(begun.Microseconds())/1000, "begin-ms")
			b.ReportMetric(float64(pause.Microseconds())/1000, "chunk-ms")
			b.ReportMetric(float64(time.Since(start).Microseconds())/float64(5*n), "save-µs/task")
			b.ReportMetric(float64(size)/float64(5*n), "B/task")
			start = time.Now()
			_, err := control.RestoreSnapshot(of(taken, chunks), control.Config{})
			require.NoError(b, err)
			b.ReportMetric(float64(time.Since(start).Microseconds())/float64(5*n), "restore-µs/task")
			b.ReportMetric(0, "ns/op")
		})
		b.Run(name("forget"), func(b *testing.B) { // an hour later the stopped tasks are no longer shown
			for _, c := range r.tasks {
				if !r.told[c.Task] {
					r.report(c, ecs.TaskStatusRunning)
				}
			}
			start := time.Now()
			for end := r.now.Add(2 * time.Hour); !r.plane.Ready().WakeAt.IsZero() &&
				r.plane.Ready().WakeAt.Before(end); {
				r.now = r.plane.Ready().WakeAt
				r.plane.Tick(r.now)
				r.take()
			}
			b.ReportMetric(float64(time.Since(start).Nanoseconds())/float64(max(next, 1)), "ns/task")
			b.ReportMetric(0, "ns/op")
			next = 0
		})
	}
}
