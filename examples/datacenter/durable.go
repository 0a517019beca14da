package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/driver"
	"github.com/bayplan/bayplan/ecs/driver/journal"
	"github.com/bayplan/bayplan/ecs/message"
)

// durable is a run of tasks through a control plane that survives a crash.
type durable struct {
	out              io.Writer
	tasks, instances int
	callers          int // of RunTask, at a time
	service          int // tasks of each service
	snapshots        int // records between two of them, at least
	dir              string
	lax              bool

	loop   *driver.Loop
	kept   *watched
	seen   *seen
	agents *agents
	hosts  []ecs.InstanceID
}

const (
	clusterName = "datacenter"
	batch       = 10 // tasks of a RunTask
)

// run starts the tasks, ends a twentieth of the instances, and opens the journal again.
func (d *durable) run() (err error) {
	if d.dir == "" {
		if d.dir, err = os.MkdirTemp("", "datacenter"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(d.dir)) }()
	}
	empty := measure()
	stop, err := d.open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	for _, chapter := range []func() error{
		d.register, func() error { return d.launch(empty) }, d.lose, func() error { return d.again(stop) },
	} {
		if err := chapter(); err != nil {
			return err
		}
	}
	return nil
}

// open opens the journal and starts the loop. It returns what ends both, which may be called again.
func (d *durable) open() (stop func() error, err error) {
	plane, kept, err := journal.Open(d.dir, d.config())
	if err != nil {
		return nil, err
	}
	d.kept, d.seen, d.agents = &watched{Journal: kept}, newSeen(), &agents{}
	d.loop = driver.New(plane, driver.Runtime{Agent: d.agents, Journal: d.kept, Observe: d.seen.observe})
	d.agents.notify = d.loop.Notify
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- d.loop.Run(ctx) }()
	return sync.OnceValue(func() error {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			return errors.Join(err, kept.Close())
		}
		return kept.Close()
	}), nil
}

func (d *durable) config() journal.Config {
	c := journal.Config{Plane: control.Config{Seed: 1}, SnapshotEvery: d.snapshots}
	if d.lax {
		c.Sync = journal.SyncNever
	}
	return c
}

// call makes one request of the plane and waits for its durable answer.
func call[In, Out any](d *durable, f func(*control.Plane, time.Time, In) (Out, error), in In) (Out, error) {
	return driver.Call(context.Background(), d.loop, func(p *control.Plane, now time.Time) (Out, error) {
		return f(p, now, in)
	})
}

// parallel calls f for each number below n, by so many callers, and returns the first error.
func parallel(callers, n int, f func(i int) error) error {
	numbers := make(chan int)
	failed := make(chan error, callers)
	var group sync.WaitGroup
	for range callers {
		group.Go(func() {
			for i := range numbers {
				if err := f(i); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	err := feed(numbers, n, failed)
	close(numbers)
	group.Wait()
	return err
}

func feed(numbers chan<- int, n int, failed <-chan error) error {
	for i := range n {
		select {
		case numbers <- i:
		case err := <-failed:
			return err
		}
	}
	return nil
}

// register makes the cluster, its instances in three zones, and the task definition, of which the
// instances hold a tenth more than the tasks of the run.
func (d *durable) register() error {
	if _, err := call(d, (*control.Plane).CreateCluster,
		api.CreateClusterInput{ClusterName: clusterName}); err != nil {
		return err
	}
	host := hostType()
	each := (d.tasks + d.instances - 1) / d.instances
	if _, err := call(d, (*control.Plane).RegisterTaskDefinition, ecs.TaskDefinition{Family: "web",
		NetworkMode: ecs.NetworkModeBridge, ContainerDefinitions: []ecs.ContainerDefinition{{Name: "app",
			Image: "web:1", Memory: host.MemoryMiB * 10 / (each*11 + 10), CPU: host.VCPU * 10240 / (each*11 + 10),
			PortMappings: []ecs.PortMapping{{ContainerPort: 80}}}}}); err != nil {
		return err
	}
	begin := time.Now()
	d.hosts = make([]ecs.InstanceID, d.instances)
	err := parallel(d.callers, d.instances, func(i int) error {
		like := host.ContainerInstance(fmt.Sprintf("us-east-1%c", 'a'+i%3))
		like.Attributes = append(like.Attributes, ecs.Attribute{Name: "rack", Value: fmt.Sprint("r", i/40)})
		ci, err := call(d, (*control.Plane).RegisterContainerInstance, api.RegisterContainerInstanceInput{
			Cluster: clusterName, TotalResources: like.RegisteredResources, Attributes: like.Attributes,
			VersionInfo: like.VersionInfo})
		if err == nil {
			d.hosts[i] = ci.ID()
		}
		return err
	})
	d.print("instances", "%d of %d MiB in three zones, registered in %s", d.instances, host.MemoryMiB,
		since(begin))
	return err
}

// launch starts all tasks, with one caller at first and then with many, and prints what it took.
func (d *durable) launch(empty usage) error {
	alone := min(d.tasks/20, 2000) / batch * batch
	services := (d.tasks/2 + d.service - 1) / d.service
	inServices := min(services*d.service, d.tasks-alone)
	before := measure()
	if err := d.runTasks(alone, 1); err != nil {
		return err
	}
	took := time.Since(before.at)
	d.print("one caller", "RunTask of %d: %.0f launches a second", batch, float64(alone)/took.Seconds())

	d.seen.forget()
	before = measure()
	var group sync.WaitGroup
	var ofServices error
	group.Go(func() { ofServices = d.createServices(inServices) })
	err := d.runTasks(d.tasks-alone-inServices, d.callers)
	group.Wait()
	if err := errors.Join(err, ofServices); err != nil {
		return err
	}
	d.seen.await(d.tasks)
	to := measure()
	d.kept.settle()
	to.heap = measure().heap
	d.report(before, to, d.tasks-alone, empty)
	return nil
}

// runTasks runs n tasks in batches, and returns when the last is RUNNING.
func (d *durable) runTasks(n, callers int) error {
	want := d.seen.running() + n
	err := parallel(callers, (n+batch-1)/batch, func(i int) error {
		asked := time.Now()
		out, err := driver.Call(context.Background(), d.loop,
			func(p *control.Plane, now time.Time) (api.RunTaskOutput, error) {
				out, err := p.RunTask(now, api.RunTaskInput{Cluster: clusterName, TaskDefinition: "web",
					Count: ecs.Some(min(batch, n-i*batch)), PlacementStrategy: strategy()})
				d.seen.asked(out.Tasks, asked)
				return out, err
			})
		if err == nil && len(out.Failures) > 0 {
			err = fmt.Errorf("RunTask: %s", out.Failures[0].Reason)
		}
		return err
	})
	if err == nil && callers == 1 {
		d.seen.await(want)
	}
	return err
}

// createServices creates services that hold n tasks together.
func (d *durable) createServices(n int) error {
	return parallel(4, (n+d.service-1)/d.service, func(i int) error {
		_, err := call(d, (*control.Plane).CreateService, api.CreateServiceInput{Cluster: clusterName,
			ServiceName: fmt.Sprintf("web-%d", i), TaskDefinition: "web", PlacementStrategy: strategy(),
			DesiredCount: ecs.Some(min(d.service, n-i*d.service))})
		return err
	})
}

func strategy() []ecs.PlacementStrategy {
	return []ecs.PlacementStrategy{
		{Type: ecs.PlacementStrategyTypeSpread, Field: "attribute:ecs.availability-zone"},
		{Type: ecs.PlacementStrategyTypeBinpack, Field: "memory"},
	}
}

// lose ends a twentieth of the instances, and waits until as many tasks run as before. The plane
// replaces the tasks of services; who called RunTask calls again.
func (d *durable) lose() error {
	begin := time.Now()
	ended := 0
	for i := 0; i < len(d.hosts); i += 20 {
		d.loop.Notify(message.InstanceTerminated{Cluster: clusterName, Instance: d.hosts[i]})
		ended++
	}
	if _, err := call(d, func(*control.Plane, time.Time, struct{}) (struct{}, error) {
		return struct{}{}, nil
	}, struct{}{}); err != nil {
		return err
	}
	stopped, alone := d.seen.stopped()
	if err := d.runTasks(alone, d.callers); err != nil {
		return err
	}
	d.seen.await(d.tasks)
	d.print("loss", "%d instances with %d tasks ended; all %d tasks run again after %s", ended, stopped, d.tasks,
		since(begin))
	return nil
}

// again ends the plane, opens the journal and counts what is there.
func (d *durable) again(stop func() error) error {
	bytes, err := d.size()
	if err := errors.Join(err, stop()); err != nil {
		return err
	}
	d.print("journal", "%.0f bytes a task in the directory at the end", float64(bytes)/float64(d.tasks))
	d.loop, d.kept = nil, nil // for the collector
	measure()
	begin := time.Now()
	plane, kept, err := journal.Open(d.dir, d.config())
	if err != nil {
		return err
	}
	took := since(begin)
	described, err := plane.DescribeClusters(api.DescribeClustersInput{Clusters: []string{clusterName}})
	if err := errors.Join(err, kept.Close()); err != nil {
		return err
	}
	running := described.Clusters[0].RunningTasksCount
	d.print("restart", "from the journal in %s, with %d tasks RUNNING", took, running)
	if running != d.tasks {
		return fmt.Errorf("%d tasks run, not %d", running, d.tasks)
	}
	return nil
}

func (d *durable) print(what, format string, args ...any) {
	_, _ = fmt.Fprintf(d.out, "%-16s%s\n", what, fmt.Sprintf(format, args...))
}

func since(begin time.Time) time.Duration { return time.Since(begin).Round(time.Millisecond) }
