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
	began  int // tasks that became RUNNING
	ended  int // and STOPPED
	alone  int // of these, without a service
	called map[ecs.TaskID]time.Time
	took   []time.Duration // from RunTask to RUNNING
}

func newSeen() *seen {
	s := &seen{called: map[ecs.TaskID]time.Time{}}
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
		case ecs.TaskStatusRunning:
			s.began++
			if at, ok := s.called[c.Task]; ok {
				s.took = append(s.took, now.Sub(at))
				delete(s.called, c.Task)
			}
		case ecs.TaskStatusStopped:
			s.ended++
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
	return s.began - s.ended
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
	for s.began-s.ended < n {
		s.moved.Wait()
	}
}
