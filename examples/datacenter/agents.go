package main

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/ecs/sim"
)

// hostType is the machine that all instances are.
func hostType() sim.InstanceType {
	types := sim.InstanceTypes()
	return types[slices.IndexFunc(types, func(t sim.InstanceType) bool { return t.Name == "m5.16xlarge" })]
}

// agents are those of all instances: each task runs as soon as it is asked for.
type agents struct {
	notify   func(message.Event)
	sequence atomic.Uint64
}

func (a *agents) StartTask(_ context.Context, c message.StartTask) error {
	a.notify(message.TaskStateChange{Cluster: c.Cluster, Task: c.Task, Instance: c.Instance,
		Sequence: a.sequence.Add(1), Status: ecs.TaskStatusRunning,
		Containers: []message.ContainerStateChange{{Name: "app", Status: ecs.ContainerStatusRunning}}})
	return nil
}

func (a *agents) StopTask(_ context.Context, c message.StopTask) error {
	a.notify(message.TaskStateChange{Cluster: c.Cluster, Task: c.Task, Instance: c.Instance,
		Sequence: a.sequence.Add(1), Status: ecs.TaskStatusStopped})
	return nil
}

// seen counts what the plane shows.
type seen struct {
	mu     sync.Mutex
	moved  sync.Cond
	runs   int                     // tasks that are RUNNING
	ended  int                     // tasks that became STOPPED
	alone  int                     // of these, without a service
	comes  map[ecs.TaskID]struct{} // tasks that are not RUNNING yet
	called map[ecs.TaskID]time.Time
	took   []time.Duration // from RunTask to RUNNING
}

func newSeen() *seen {
	s := &seen{comes: map[ecs.TaskID]struct{}{}, called: map[ecs.TaskID]time.Time{}}
	s.moved.L = &s.mu
	return s
}

func (s *seen) observe(changes []message.Change) {
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range changes {
		if c.Kind != message.ChangeTask {
			continue
		}
		switch ecs.TaskStatus(c.Status) {
		case ecs.TaskStatusProvisioning, ecs.TaskStatusPending: // where a task begins
			s.comes[c.Task] = struct{}{}
		case ecs.TaskStatusRunning:
			delete(s.comes, c.Task)
			s.runs++
			if at, ok := s.called[c.Task]; ok {
				s.took = append(s.took, now.Sub(at))
				delete(s.called, c.Task)
			}
		case ecs.TaskStatusStopped:
			s.ended++
			if _, early := s.comes[c.Task]; early { // its instance ended first
				delete(s.comes, c.Task)
			} else {
				s.runs--
			}
			if c.Service == "" {
				s.alone++
			}
		}
	}
	s.moved.Broadcast()
}

// asked notes when tasks were asked for that do not run yet.
func (s *seen) asked(tasks []ecs.Task, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range tasks {
		s.called[t.ID()] = at
	}
}

// forget forgets how long launches took so far.
func (s *seen) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.took = nil
}

// launched returns how long launches by RunTask took, the shortest first.
func (s *seen) launched() []time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	slices.Sort(s.took)
	return s.took
}

func (s *seen) running() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.runs
}

// stopped returns how many tasks have stopped, and how many of them no service replaces.
func (s *seen) stopped() (all, alone int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ended, s.alone
}

// await returns once n tasks run.
func (s *seen) await(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.runs < n {
		s.moved.Wait()
	}
}
