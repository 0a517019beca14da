package rollout

import (
	"fmt"
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/census"
	"github.com/bayplan/bayplan/ecs/control/internal/services"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/ecs/scheduler"
	"github.com/bayplan/bayplan/placement"
)

// maxRounds bounds how often the scheduler is asked in one pass: a plan changes the view, so it is
// asked until it wants nothing. It needs a few at most in practice; the service is asked again a
// little later.
const maxRounds = 64

// reconcile asks the scheduler what a service wants, and does it, until it wants nothing
// more now.
func (m *Room) reconcile(s *services.Service) {
	if s.Record.Status == ecs.ServiceStatusInactive {
		return
	}
	done := false
	for round := 0; round < maxRounds && !done; round++ {
		view, err := m.glance(s)
		if err != nil {
			m.trouble(s, err)
			break
		}
		s.Answers, s.Requests = nil, nil
		s.Unplaced, s.Grown = nil, false
		plan := m.Census.Plan(&s.Book, &view)
		m.Services.Wake(s, ecs.At(plan.WakeAt))
		if done = plan.Empty(); !done {
			m.carryOut(s, plan)
		}
	}
	if !done {
		m.postpone(s)
	}
	if !s.Deploying() {
		s.Book.Rest()
	}
	m.finishDeleted(s)
}

func (m *Room) carryOut(s *services.Service, plan scheduler.Plan) {
	if plan.State != nil {
		m.Services.Remembers(s, *plan.State)
		s.Follow()
	}
	for _, n := range plan.Notes {
		if t, ok := m.Tasks.ByTask[n.Task]; ok {
			m.Tasks.Hold(t)
			t.Note(n.Health)
		}
	}
	for _, id := range plan.Forget {
		if t, ok := m.Tasks.ByTask[id]; ok {
			m.Tasks.Hold(t)
			t.Forgotten = true
			s.Left(t)
		}
	}
	s.Ended = append(s.Ended, plan.Ended...)
	if over := len(s.Ended) - endedKept; over > 0 {
		s.Ended = slices.Delete(s.Ended, 0, over)
	}
	for _, t := range plan.Traffic {
		m.ShiftTraffic(s, t) // before the tasks go that it is taken from
	}
	for _, stop := range plan.Stop {
		m.carryOutStop(s, stop)
	}
	for _, start := range plan.Start {
		m.carryOutStart(s, start)
	}
	for _, h := range plan.Hooks {
		m.invokeHook(s, h)
	}
	for _, e := range plan.Events {
		m.Services.Say(s, e.Message)
	}
}

// endedKept is how many ended deployments of a service are shown.
const endedKept = 20

// carryOutStop stops the tasks that the plan names, or asks placement which of them to stop.
func (m *Room) carryOutStop(s *services.Service, stop scheduler.Stop) {
	ids := stop.Tasks
	if len(ids) == 0 {
		ids = m.victims(s, stop)
	}
	var running []ecs.TaskID
	for _, id := range ids {
		t, ok := m.Tasks.ByTask[id]
		if !ok {
			continue
		}
		if t.StartedAt() != 0 && !t.Stopped() {
			running = append(running, id)
		}
		m.Tasks.Stop(t, stop.StopCode, stop.Reason)
	}
	if len(running) == 0 {
		return
	}
	if stop.Zone != "" {
		m.Services.Say(s, scheduler.RebalanceStopped(s.Record.ServiceName, stop.Zone, running...))
	} else {
		m.Services.Say(s, scheduler.StoppedTasks(s.Record.ServiceName, running...))
	}
}

// victims asks placement which of the candidates go.
func (m *Room) victims(s *services.Service, stop scheduler.Stop) []ecs.TaskID {
	ids, err := m.Census.Victims(&s.Book, census.Choice{Stop: stop, Index: s.Cluster.Index,
		Strategy: s.Record.PlacementStrategy,
		Request:  func() (placement.Request, error) { return m.RequestFor(s, stop.Deployment) }})
	if err != nil {
		m.trouble(s, err)
	}
	return ids
}

// trouble notes why a service cannot be scheduled, unless its latest event says so already.
// Requests were checked when they came, so this happens only with a State that another program
// wrote.
func (m *Room) trouble(s *services.Service, err error) {
	sentence := fmt.Sprintf("(service %s) was unable to be scheduled. Reason: %v", s.Record.ServiceName, err)
	if said := s.Record.Events; len(said) == 0 || said[0].Message != sentence {
		m.Services.Say(s, sentence)
	}
}

// finishDeleted makes a deleted service INACTIVE once its tasks have stopped.
func (m *Room) finishDeleted(s *services.Service) {
	if s.Record.Status != ecs.ServiceStatusDraining || s.Book.AnyWanted() {
		return
	}
	for _, r := range s.State.Rollouts {
		for _, h := range r.Stages.Hooks {
			m.Outbox.Abandon("InvokeLifecycleHook", h.ID)
		}
	}
	for _, rule := range s.Rules() {
		m.Outbox.Abandon("ModifyTraffic", rule)
	}
	s.Record.Status = ecs.ServiceStatusInactive
	s.Wake = 0
	m.Core.Change(message.Change{Kind: message.ChangeService, Cluster: s.Cluster.Record.ClusterName,
		Service: s.Record.ServiceName, Status: string(ecs.ServiceStatusInactive), Text: "deleted"})
}
