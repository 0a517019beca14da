package drivertest

import (
	"context"
	"fmt"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/driver"
	"github.com/bayplan/bayplan/ecs/message"
)

// agent runs tasks in memory: each takes a moment to start and to stop.
type agent struct {
	*book
	notify func(message.Event)
	tasks  map[ecs.TaskID]*message.TaskStateChange
	seen   uint64
	number int

	forgets bool   // its tasks, when it is started again
	life    uint64 // where it forgets
	floor   uint64 // what its lives before have seen
	over    bool   // it was started again

	inherited map[ecs.TaskID]bool // from the life before

	bound map[ecs.TaskID][]ecs.NetworkBinding
	slow  map[ecs.TaskID]bool // to stop
	free  int
}

func newAgent(fault string, notify func(message.Event)) Agent {
	a := &agent{book: newBook(fault), notify: notify, tasks: map[ecs.TaskID]*message.TaskStateChange{},
		bound: map[ecs.TaskID][]ecs.NetworkBinding{}, slow: map[ecs.TaskID]bool{}}
	return a.fixture()
}

// newForgetful is a newAgent that keeps nothing but the highest epoch when it is started again.
func newForgetful(fault string, notify func(message.Event)) Agent {
	a := &agent{book: newBook(fault), notify: notify, tasks: map[ecs.TaskID]*message.TaskStateChange{}, forgets: true,
		life: 1, bound: map[ecs.TaskID][]ecs.NetworkBinding{}, slow: map[ecs.TaskID]bool{}}
	return a.fixture()
}

func (a *agent) fixture() Agent {
	container := []ecs.ContainerDefinition{{Name: "sleep"}}
	return Agent{Agent: a, Report: a.report, Restart: func() Agent { return a.restart().fixture() },
		Engine: Engine{Stubborn: ecs.TaskDefinition{Family: "stubborn", ContainerDefinitions: container},
			Serving:  ecs.TaskDefinition{Family: "serving", ContainerDefinitions: container},
			FreePort: func() int { a.free++; return 32768 + a.free }, Reaches: a.reaches},
		Wait: 500 * time.Millisecond}
}

// restart ends the agent and returns the next one.
func (a *agent) restart() *agent {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.over = true
	next := &agent{book: newBook(a.fault), notify: a.notify, tasks: map[ecs.TaskID]*message.TaskStateChange{},
		number: a.number, forgets: a.forgets, inherited: map[ecs.TaskID]bool{},
		bound: a.bound, slow: a.slow}
	if a.forgets {
		next.life, next.floor = a.life+1, max(a.floor, a.seen)
		switch a.fault {
		case "starts what is lost":
			next.floor = 0
		case "starts nothing more":
			next.floor = 1 << 60
		}
		return next
	}
	next.seen, next.epochs = a.seen, a.epochs
	if a.fault == "forgets epochs" {
		next.epochs = map[string]uint64{}
	}
	for id, t := range a.tasks { //order:any each by itself
		kept := *t
		if a.fault == "counts from 1" {
			kept.Sequence = 0
		}
		next.tasks[id], next.inherited[id] = &kept, true
		if kept.Status == ecs.TaskStatusPending && a.fault != "leaves what was starting" {
			next.later(&kept, ecs.TaskStatusRunning)
		}
	}
	return next
}

func (a *agent) StartTask(ctx context.Context, c message.StartTask) error {
	if a.fault == "sleeps on" {
		time.Sleep(time.Minute)
	}
	if a.fault == "refuses what it has" && a.inherited[c.Task] {
		return errUnknown
	}
	return a.carry(ctx, c.ID, func() error {
		a.seen = max(a.seen, c.ID.Epoch)
		t, again := a.tasks[c.Task]
		if !again && c.ID.Epoch <= a.floor {
			return driver.Permanent(errUnknown)
		}
		if !again || t.Status == ecs.TaskStatusStopped {
			t = &message.TaskStateChange{Cluster: c.Cluster, Task: c.Task, Instance: c.Instance, Life: a.life}
			a.tasks[c.Task] = t
		}
		if a.fault == "another cluster" {
			t.Cluster = "other"
		}
		a.slow[c.Task] = c.TaskDefinition.Family == "stubborn"
		if !a.bind(c) {
			t.Reason = "port in use"
			a.move(t, ecs.TaskStatusPending, "")
			a.later(t, ecs.TaskStatusStopped)
			return nil
		}
		a.number++
		a.move(t, ecs.TaskStatusPending, fmt.Sprint("run-", a.number))
		a.later(t, ecs.TaskStatusRunning)
		return nil
	})
}

func (a *agent) StopTask(ctx context.Context, c message.StopTask) error {
	return a.carry(ctx, c.ID, func() error {
		a.seen = max(a.seen, c.ID.Epoch)
		t, ok := a.tasks[c.Task]
		switch {
		case !ok && (a.fault == "refuses the unknown"):
			return errUnknown
		case ok && t.Status == ecs.TaskStatusStopped && a.fault == "refuses the stopped":
			return errUnknown
		case ok && a.fault == "stops nothing of its life before" && a.inherited[c.Task]:
		case ok && a.fault != "stops nothing":
			if a.slow[c.Task] && a.fault == "kills nobody" {
				return nil
			}
			a.later(t, ecs.TaskStatusStopped)
		}
		return nil
	})
}

func (a *agent) later(t *message.TaskStateChange, status ecs.TaskStatus) {
	wait := time.Millisecond
	if a.slow[t.Task] && status == ecs.TaskStatusStopped && a.fault != "ignores stopTimeout" {
		wait = 2 * time.Second
	}
	go func() {
		time.Sleep(wait)
		a.mu.Lock()
		defer a.mu.Unlock()
		if !a.over {
			a.move(t, status, "")
		}
	}()
}

func (a *agent) move(t *message.TaskStateChange, status ecs.TaskStatus, run string) {
	if status == ecs.TaskStatusRunning && (t.Status == ecs.TaskStatusStopped ||
		t.Status == status && a.fault != "repeats") {
		return
	}
	t.Status = status
	if run == "" && len(t.Containers) > 0 {
		run = t.Containers[0].RuntimeID
	}
	if t.Sequence++; a.fault == "numbers nothing" {
		t.Sequence = 0
	}
	t.Containers = []message.ContainerStateChange{{Name: "sleep", Status: ecs.ContainerStatus(status), RuntimeID: run,
		NetworkBindings: a.bound[t.Task]}}
	if status == ecs.TaskStatusStopped {
		a.unbind(t)
	}
	a.notify(*t)
	if a.fault == "goes back" && status == ecs.TaskStatusStopped {
		t.Sequence++
		back := *t
		back.Status = ecs.TaskStatusPending
		a.notify(back)
	}
}

// bind gives a task its ports; false if another one has them.
func (a *agent) bind(c message.StartTask) bool {
	for _, bindings := range c.NetworkBindings {
		for id, held := range a.bound {
			if id != c.Task && held[0].HostPort == bindings[0].HostPort && a.fault != "reuses a port" {
				return false
			}
		}
		if a.fault == "reports other ports" {
			bindings = []ecs.NetworkBinding{{HostPort: 1}}
		}
		a.bound[c.Task] = bindings
	}
	return true
}

func (a *agent) unbind(t *message.TaskStateChange) {
	if a.slow[t.Task] && a.fault != "forgets the exit code" {
		t.Containers[0].ExitCode = ecs.Some(137)
	}
	if a.fault == "stops the neighbour" {
		clear(a.bound)
	}
	if a.fault != "keeps ports" {
		delete(a.bound, t.Task)
	}
}

func (a *agent) reaches(port int) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, held := range a.bound {
		if held[0].HostPort == port {
			return nil
		}
	}
	return errUnknown
}

func (a *agent) report() message.InstanceReport {
	a.mu.Lock()
	defer a.mu.Unlock()
	r := message.InstanceReport{Cluster: "default", Instance: "i", Life: a.life, Seen: a.seen}
	for id, t := range a.tasks {
		if a.fault == "reports half" && id == one {
			continue
		}
		r.Tasks = append(r.Tasks, *t)
	}
	return r
}
