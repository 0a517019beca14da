package agent

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
)

// engine is a runtime in memory that outlives its agents.
type engine struct {
	mu      sync.Mutex
	runs    map[string]*engineRun // by task/container/run
	begun   map[string]int        // how often a run was begun
	called  map[string]int        // how often a method was called
	refuse  map[string]error      // by method
	panics  string                // the method that panics
	hangs   string                // the method that hangs
	hanging int                   // calls that hang now
	removed []ecs.TaskID
	swept   []ecs.TaskID
}

type engineRun struct {
	over chan struct{}
	exit Exit
}

func newEngine() *engine {
	return &engine{runs: map[string]*engineRun{}, begun: map[string]int{}, called: map[string]int{},
		refuse: map[string]error{}}
}

// calls returns how often the agent has called a method.
func (e *engine) calls(method string) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.called[method]
}

func (e *engine) hang(n int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.hanging += n
}

func name(c Container) string {
	return fmt.Sprintf("%s/%s/%d", c.Task.Task, c.Definition().Name, c.Run)
}

func (e *engine) asked(ctx context.Context, method string) error {
	e.mu.Lock()
	e.called[method]++
	refuse, panics, hangs := e.refuse[method], e.panics == method, e.hangs == method
	e.mu.Unlock()
	if panics {
		panic("out of order")
	}
	if hangs {
		e.hang(1)
		defer e.hang(-1)
		<-ctx.Done()
		return ctx.Err()
	}
	return errors.Join(refuse, ctx.Err())
}

func (e *engine) Pull(ctx context.Context, c Container) (string, error) {
	return "sha256:" + c.Definition().Image, e.asked(ctx, "Pull")
}

func (e *engine) Create(ctx context.Context, c Container) (string, error) {
	return string(c.Task.Task) + "-" + c.Definition().Name, e.asked(ctx, "Create")
}

func (e *engine) Start(ctx context.Context, c Container) error {
	if err := e.asked(ctx, "Start"); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.runs[name(c)] == nil {
		e.runs[name(c)] = &engineRun{over: make(chan struct{})}
		e.begun[name(c)]++
	}
	return nil
}

func (e *engine) Wait(ctx context.Context, c Container) (Exit, error) {
	if err := e.asked(ctx, "Wait"); err != nil {
		return Exit{}, err
	}
	e.mu.Lock()
	r := e.runs[name(c)]
	e.mu.Unlock()
	if r == nil {
		return Exit{Lost: true, Reason: "ContainerVanishedError: No container matching saved ID found"}, nil
	}
	select {
	case <-r.over:
		return r.exit, nil
	case <-ctx.Done():
		return Exit{}, ctx.Err()
	}
}

func (e *engine) Stop(ctx context.Context, c Container) error { return e.end(ctx, "Stop", c, 0) }
func (e *engine) Kill(ctx context.Context, c Container) error { return e.end(ctx, "Kill", c, 137) }

func (e *engine) end(ctx context.Context, method string, c Container, code int) error {
	if err := e.asked(ctx, method); err != nil {
		return err
	}
	e.exits(name(c), Exit{Code: code})
	return nil
}

// exits ends a run, as a container that ends by itself does.
func (e *engine) exits(run string, how Exit) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	r := e.runs[run]
	if r == nil {
		return false
	}
	select {
	case <-r.over:
		return false
	default:
		r.exit = how
		close(r.over)
		return true
	}
}

func (e *engine) CheckHealth(ctx context.Context, _ Container) error {
	return e.asked(ctx, "CheckHealth")
}

func (e *engine) Remove(ctx context.Context, c message.StartTask) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.removed = append(e.removed, c.Task)
	return ctx.Err()
}

func (e *engine) Sweep(_ context.Context, live, _ []ecs.TaskID) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.swept = live
	return nil
}

// running counts the runs that are not over.
func (e *engine) running() (n int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, r := range e.runs { //order:any counted
		select {
		case <-r.over:
		default:
			n++
		}
	}
	return n
}

func startOf(task ecs.TaskID, epoch uint64, containers ...ecs.ContainerDefinition) message.StartTask {
	return message.StartTask{ID: message.Key{Op: "StartTask", Target: string(task), Epoch: epoch}, Cluster: "default",
		Instance: "i", Task: task,
		TaskDefinition: ecs.TaskDefinition{Family: "f", Revision: 1, ContainerDefinitions: containers}}
}

func stopOf(task ecs.TaskID, epoch uint64) message.StopTask {
	return message.StopTask{ID: message.Key{Op: "StopTask", Target: string(task), Epoch: epoch}, Cluster: "default",
		Instance: "i", Task: task}
}

func container(name string) ecs.ContainerDefinition {
	return ecs.ContainerDefinition{Name: name, Image: name, Memory: 64}
}

// eventually waits until f holds.
func eventually(f func() bool) bool {
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if f() {
			return true
		}
	}
	return false
}
