package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/driver"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/examples/jetstream/bus"
	"github.com/bayplan/bayplan/examples/jetstream/journal"
	"github.com/bayplan/bayplan/examples/jetstream/lead"
	"github.com/bayplan/bayplan/examples/jetstream/remote"
)

// prompt is an agent that only answers: a task runs as soon as it is started. It keeps nothing.
type prompt struct {
	link     *remote.Link
	instance ecs.InstanceID
	mu       sync.Mutex
	tasks    []message.TaskStateChange
}

func (p *prompt) StartTask(_ context.Context, c message.StartTask) error {
	ev := runs(c)
	p.mu.Lock()
	p.tasks = append(p.tasks, ev)
	p.mu.Unlock()
	p.link.Notify(ev)
	return nil
}

func (p *prompt) StopTask(context.Context, message.StopTask) error { return nil }

// Report returns all tasks.
func (p *prompt) Report() message.InstanceReport {
	p.mu.Lock()
	defer p.mu.Unlock()
	return message.InstanceReport{Cluster: "default", Instance: p.instance, Life: 1, Tasks: p.tasks}
}

// runs is the first word about a task: that it runs.
func runs(c message.StartTask) message.TaskStateChange {
	return message.TaskStateChange{Cluster: c.Cluster, Task: c.Task, Instance: c.Instance, Life: 1, Sequence: 1,
		Status:     ecs.TaskStatusRunning,
		Containers: []message.ContainerStateChange{{Name: "web", Status: ecs.ContainerStatusRunning}}}
}

// large is a machine that has room for many tasks of small.
func large(i int) api.RegisterContainerInstanceInput {
	capacity := func(name string) ecs.Resource {
		return ecs.Resource{Name: name, Type: "INTEGER", IntegerValue: 1 << 20}
	}
	return api.RegisterContainerInstanceInput{Attributes: small().AttributesRequired(),
		InstanceIdentityDocument: fmt.Sprintf(`{"instanceId":"i-%017x"}`, i+1),
		TotalResources:           []ecs.Resource{capacity(ecs.ResourceCPU), capacity(ecs.ResourceMemory)}}
}

func small() ecs.TaskDefinition {
	return ecs.TaskDefinition{Family: "web", ContainerDefinitions: []ecs.ContainerDefinition{{Name: "web", Image: "web",
		Memory: 8}}}
}

// measureLaunches runs tasks from the call to the agents' word that they run, with ten agents that only answer.
func measureLaunches(ctx context.Context, l *laboratory, tasks int, out io.Writer) error {
	s, objects, err := l.open(ctx, "launches")
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	var parts sync.WaitGroup
	defer parts.Wait()
	defer cancel()
	b := bus.New(l.nc)
	m := lead.New(lead.Config{Name: "one", Prefix: "launches", Stream: s, Objects: objects, Bus: b,
		Journal: journal.Config{SnapshotEvery: -1},
		Runtime: func(term uint64) driver.Runtime {
			return driver.Runtime{Agent: remote.Agents{Bus: b, Prefix: "launches", Term: term}}
		},
		Watch: func(ctx context.Context, loop *driver.Loop) error {
			return remote.Watch(ctx, b, "launches", "one", loop)
		}})
	parts.Go(func() { _ = m.Run(ctx) }) // it ends with the context
	for i := range 10 {
		id, err := remote.Register(ctx, b, "launches", large(i))
		if err != nil {
			return err
		}
		link := remote.NewLink(remote.Config{Bus: b, Prefix: "launches", Cluster: "default", Instance: id})
		parts.Go(func() { _ = link.Serve(ctx, &prompt{link: link, instance: id}) }) // it ends with the context
	}
	began := time.Now()
	if err := launch(ctx, m, tasks); err != nil {
		return err
	}
	took := time.Since(began)
	fmt.Fprintf(out, "R%d    %d tasks launched and reported in %.1f s: %.0f launches/s\n", len(l.servers), tasks,
		took.Seconds(), float64(tasks)/took.Seconds())
	return nil
}

// launch runs tasks, ten a call and 16 calls at a time, and waits until all run.
func launch(ctx context.Context, m *lead.Member, tasks int) error {
	err := m.Do(ctx, func(p *control.Plane, now time.Time) error {
		_, err := p.RegisterTaskDefinition(now, small())
		return err
	})
	if err != nil {
		return err
	}
	var callers sync.WaitGroup
	failed := make(chan error, 16)
	for range 16 {
		callers.Go(func() {
			for range (tasks + 159) / 160 {
				err := m.Do(ctx, func(p *control.Plane, now time.Time) error {
					_, err := p.RunTask(now, api.RunTaskInput{TaskDefinition: "web", Count: ecs.Some(10)})
					return err
				})
				if err != nil {
					failed <- err
					return
				}
			}
		})
	}
	callers.Wait()
	select {
	case err := <-failed:
		return err
	default:
	}
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		run := 0
		_, err := m.Read(ctx, func(p *control.Plane, _ time.Time) error {
			out, err := p.DescribeClusters(api.DescribeClustersInput{})
			for _, c := range out.Clusters {
				run += c.RunningTasksCount
			}
			return err
		})
		if err != nil || run >= tasks {
			return err
		}
	}
	return errors.New("the tasks do not run")
}
