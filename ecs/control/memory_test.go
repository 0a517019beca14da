package control_test

import (
	"flag"
	"fmt"
	"os"
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

var (
	memoryTasks   = flag.Int("memory.tasks", 20_000, "tasks of BenchmarkMemory and BenchmarkRestore")
	memoryService = flag.Int("memory.service", 1000, "tasks of each of their services")
)

// attributesOfMemory is how many attributes each instance of BenchmarkMemory has.
const attributesOfMemory = 38

// fleetOf is a plane with tasks that all run, ten on each instance.
type fleetOf struct {
	plane       *control.Plane
	now         time.Time
	sequence    uint64
	instances   int
	perInstance float64 // bytes, its attributes read by themselves as from a request's JSON
	perTask     float64 // bytes, everything that came with it included
}

// newFleetOf starts tasks of one container with one dynamic port, in services of -memory.service and, of what is
// left over, one smaller.
func newFleetOf(t testing.TB, tasks int) *fleetOf {
	t.Helper()
	empty := heap()
	f := &fleetOf{plane: control.New(control.Config{Seed: 1}), now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		instances: max(tasks/10, 1)}
	_, err := f.plane.CreateCluster(f.now, api.CreateClusterInput{ClusterName: "c"})
	require.NoError(t, err)
	_, err = f.plane.RegisterTaskDefinition(f.now, ecs.TaskDefinition{Family: "f", NetworkMode: ecs.NetworkModeBridge,
		ContainerDefinitions: []ecs.ContainerDefinition{{Name: "c", Image: "i", Memory: 128, CPU: 64,
			PortMappings: []ecs.PortMapping{{ContainerPort: 80}}}}})
	require.NoError(t, err)
	for i := range f.instances {
		f.join(t, i)
	}
	instances := heap()
	for first := 0; first < tasks; first += *memoryService {
		_, err := f.plane.CreateService(f.now, api.CreateServiceInput{Cluster: "c",
			ServiceName: fmt.Sprintf("service-%d", first), TaskDefinition: "f",
			DesiredCount: ecs.Some(min(*memoryService, tasks-first))})
		require.NoError(t, err)
		f.run()
	}
	for range 5 { // deployments complete, and no deadline of a command is left
		f.now = f.now.Add(time.Minute)
		f.plane.Tick(f.now)
		f.run()
	}
	f.perInstance = float64(instances-empty) / float64(f.instances)
	f.perTask = float64(heap()-instances) / float64(tasks)
	return f
}

// join registers an instance whose every text is its own, as that of a request is.
func (f *fleetOf) join(t testing.TB, i int) {
	like := sim.InstanceTypes()[2].ContainerInstance([]string{"us-east-1a", "us-east-1b", "us-east-1c"}[i%3])
	for len(like.Attributes) < attributesOfMemory {
		like.Attributes = append(like.Attributes,
			ecs.Attribute{Name: fmt.Sprintf("ecs.capability.memory-%d", len(like.Attributes))})
	}
	for k, a := range like.Attributes[:attributesOfMemory] {
		like.Attributes[k] = ecs.Attribute{Name: string([]byte(a.Name)), Value: string([]byte(a.Value))}
	}
	_, err := f.plane.RegisterContainerInstance(f.now, api.RegisterContainerInstanceInput{Cluster: "c",
		TotalResources: like.RegisteredResources, Attributes: like.Attributes[:attributesOfMemory],
		VersionInfo: like.VersionInfo})
	require.NoError(t, err)
	f.run()
}

// run takes over what is ready, and carries it out at once: what is to start, runs.
func (f *fleetOf) run() {
	for range 100 {
		ready := f.plane.Ready()
		f.plane.Advance(ready)
		if len(ready.Commands) == 0 {
			return
		}
		for _, c := range ready.Commands {
			f.plane.Observe(f.now, message.CommandDone{Key: c.Key()})
			if start, ok := c.(message.StartTask); ok {
				f.sequence++
				f.plane.Observe(f.now, message.TaskStateChange{Cluster: "c", Task: start.Task,
					Instance: start.Instance, Sequence: f.sequence, Status: ecs.TaskStatusRunning,
					Containers: []message.ContainerStateChange{{Name: "c", Status: ecs.ContainerStatusRunning,
						RuntimeID: string(start.Task[:12])}}})
			}
		}
	}
}

func gcPercent() string {
	if v := os.Getenv("GOGC"); v != "" {
		return v
	}
	return "100"
}

// BenchmarkMemory reports what lives of a running task and of an instance, everything included:
//
//	go test ./ecs/control -run '^$' -bench '^BenchmarkMemory$' -benchtime 1x -memory.tasks 100000
func BenchmarkMemory(b *testing.B) {
	f := newFleetOf(b, *memoryTasks)
	b.Run(fmt.Sprintf("task/tasks=%d/service=%d/GOGC=%s", *memoryTasks, *memoryService, gcPercent()),
		func(b *testing.B) {
			b.ReportMetric(f.perTask, "B/task")
			b.ReportMetric(0, "ns/op")
		})
	b.Run(fmt.Sprintf("instance/attributes=%d", attributesOfMemory), func(b *testing.B) {
		b.ReportMetric(f.perInstance, "B/instance")
		b.ReportMetric(0, "ns/op")
	})
	runtime.KeepAlive(f)
}

// BenchmarkRestore reports how long a State takes to become a plane, a task, and what that allocates:
//
//	go test ./ecs/control -run '^$' -bench '^BenchmarkRestore$' -benchtime 3x -memory.tasks 100000
func BenchmarkRestore(b *testing.B) {
	f := newFleetOf(b, *memoryTasks)
	s := f.plane.State()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for b.Loop() {
		_, err := control.Restore(s, control.Config{})
		require.NoError(b, err)
	}
	runtime.ReadMemStats(&after)
	tasks := float64(*memoryTasks)
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/1000/float64(b.N)/tasks, "µs/task")
	b.ReportMetric(float64(after.Mallocs-before.Mallocs)/float64(b.N)/tasks, "allocs/task")
	b.ReportMetric(float64(len(s.Document))/tasks, "JSON-B/task")
}

// BenchmarkSnapshot reports how long the plane stands still when a snapshot begins, and when an input comes at once
// behind that; how long it writes a task, and is restored from what it has written:
//
//	go test ./ecs/control -run '^$' -bench '^BenchmarkSnapshot$' -benchtime 5x -memory.tasks 100000
func BenchmarkSnapshot(b *testing.B) {
	f := newFleetOf(b, *memoryTasks)
	begin, pause := time.Hour, time.Hour // the shortest of each
	write, restore := time.Hour, time.Hour
	for b.Loop() {
		at := time.Now()
		since := func() (d time.Duration) { d, at = time.Since(at), time.Now(); return d }
		saving := f.plane.Save()
		begin = min(begin, since())
		f.now = f.now.Add(time.Second)
		_, err := f.plane.CreateCluster(f.now, api.CreateClusterInput{ClusterName: "other"})
		require.NoError(b, err)
		pause = min(pause, since())
		var chunks [][]byte
		for chunk := saving.Next(1024); chunk != nil; chunk = saving.Next(1024) {
			chunks = append(chunks, chunk)
		}
		write = min(write, since())
		_, err = control.RestoreSnapshot(of(saving.Snapshot(), chunks), control.Config{})
		require.NoError(b, err)
		restore = min(restore, since())
		f.run()
	}
	b.ReportMetric(float64(begin.Microseconds())/1000, "begin-ms")
	b.ReportMetric(float64(pause.Microseconds())/1000, "pause-ms")
	b.ReportMetric(float64(write.Nanoseconds())/1000/float64(*memoryTasks), "write-µs/task")
	b.ReportMetric(float64(restore.Nanoseconds())/1000/float64(*memoryTasks), "restore-µs/task")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkCheck reports how long Check takes a task, and what it allocates:
//
//	go test ./ecs/control -run '^$' -bench '^BenchmarkCheck$' -benchtime 10x -memory.tasks 100000
func BenchmarkCheck(b *testing.B) {
	f := newFleetOf(b, *memoryTasks)
	b.ReportAllocs()
	for b.Loop() {
		require.NoError(b, f.plane.Check())
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(*memoryTasks), "ns/task")
}
