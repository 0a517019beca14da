package control

import (
	"fmt"
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/tasks"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/ecs/scheduler"
	"github.com/bayplan/bayplan/placement"
)

// maxRounds bounds how often the scheduler is asked in one pass: a plan changes the view, so it
// is asked until it wants nothing. It never takes more than a few; what it wants then it is
// asked a little later.
const maxRounds = 64

// reconcile asks the scheduler what a service wants, and does it, until it wants nothing
// more now.
func (m *rolloutRoom) reconcile(s *service) {
	if s.Record.Status == ecs.ServiceStatusInactive {
		return
	}
	done := false
	for round := 0; round < maxRounds && !done; round++ {
		view, err := m.viewIn(s, m.seen)
		if err != nil {
			m.trouble(s, err)
			break
		}
		m.seen = view.Tasks[:0]
		s.answers, s.requests, s.Unplaced, s.Grown = nil, nil, nil, false
		plan := scheduler.Reconcile(view, m.core.Now().Time())
		m.services.wake(s, ecs.At(plan.WakeAt))
		if done = plan.Empty(); !done {
			m.carryOut(s, view, plan)
		}
	}
	if !done {
		m.postpone(s)
	}
	m.finishDeleted(s)
}

func (m *rolloutRoom) carryOut(s *service, view scheduler.View, plan scheduler.Plan) {
	if plan.State != nil {
		m.services.remembers(s, *plan.State)
		s.follow()
	}
	for _, n := range plan.Notes {
		if t, ok := m.tasks.ByTask[n.Task]; ok {
			t.Noted = n.Health
		}
	}
	for _, id := range plan.Forget {
		if t, ok := m.tasks.ByTask[id]; ok {
			t.Forgotten = true
			s.tasks = slices.DeleteFunc(s.tasks, func(o *tasks.Task) bool { return o == t })
		}
	}
	s.Ended = append(s.Ended, plan.Ended...)
	if over := len(s.Ended) - endedKept; over > 0 {
		s.Ended = slices.Delete(s.Ended, 0, over)
	}
	for _, t := range plan.Traffic {
		m.shiftTraffic(s, t) // before the tasks go that it is taken from
	}
	for _, stop := range plan.Stop {
		m.carryOutStop(s, view, stop)
	}
	for _, start := range plan.Start {
		m.carryOutStart(s, start)
	}
	for _, h := range plan.Hooks {
		m.invokeHook(s, h)
	}
	for _, e := range plan.Events {
		m.services.say(s, e.Message)
	}
}

// endedKept is how many ended deployments of a service are shown.
const endedKept = 20

// carryOutStop stops the tasks that the plan names, or asks placement which of them to stop.
func (m *rolloutRoom) carryOutStop(s *service, view scheduler.View, stop scheduler.Stop) {
	ids := stop.Tasks
	if len(ids) == 0 {
		ids = m.victims(s, view, stop)
	}
	var running []ecs.TaskID
	for _, id := range ids {
		t, ok := m.tasks.ByTask[id]
		if !ok {
			continue
		}
		if t.StartedAt() != 0 && !t.Stopped() {
			running = append(running, id)
		}
		m.tasks.Stop(t, stop.StopCode, stop.Reason)
	}
	if len(running) == 0 {
		return
	}
	if stop.Zone != "" {
		m.services.say(s, scheduler.RebalanceStopped(s.Record.ServiceName, stop.Zone, running...))
	} else {
		m.services.say(s, scheduler.StoppedTasks(s.Record.ServiceName, running...))
	}
}

// victims asks placement which of the candidates go.
func (m *rolloutRoom) victims(s *service, view scheduler.View, stop scheduler.Stop) []ecs.TaskID {
	var among []placement.Running
	for _, i := range view.Candidates(stop, m.core.Now().Time()) {
		among = append(among, m.tasks.Running(m.tasks.ByTask[view.Tasks[i].ID]))
	}
	if len(among) <= stop.Count {
		ids := make([]ecs.TaskID, len(among))
		for i, r := range among {
			ids[i] = r.ID
		}
		return ids
	}
	request, err := m.requestFor(s, stop.Deployment)
	if err != nil {
		m.trouble(s, err)
		return nil
	}
	shape, err := s.cluster.Index.Prepare(request)
	if err != nil {
		m.trouble(s, err)
		return nil
	}
	defer s.cluster.Index.Forget(shape)
	return s.cluster.Index.Victims(shape, among, stop.Count, "", m.core.Seed())
}

// trouble says why a service cannot be scheduled, unless that was the last that was said of it. Its
// requests were looked at when they came, so that this is about a State that another program wrote.
func (m *rolloutRoom) trouble(s *service, err error) {
	sentence := fmt.Sprintf("(service %s) was unable to be scheduled. Reason: %v", s.Record.ServiceName, err)
	if said := s.Record.Events; len(said) == 0 || said[0].Message != sentence {
		m.services.say(s, sentence)
	}
}

// finishDeleted makes a deleted service INACTIVE once its tasks have stopped.
func (m *rolloutRoom) finishDeleted(s *service) {
	if s.Record.Status != ecs.ServiceStatusDraining {
		return
	}
	for _, t := range s.tasks {
		if t.Desired() != ecs.DesiredStatusStopped {
			return
		}
	}
	for _, r := range s.State.Rollouts {
		for _, h := range r.Stages.Hooks {
			m.outbox.Abandon("InvokeLifecycleHook", h.ID)
		}
	}
	for _, rule := range s.rules() {
		m.outbox.Abandon("ModifyTraffic", rule)
	}
	s.Record.Status = ecs.ServiceStatusInactive
	s.Wake = 0
	m.core.Change(message.Change{Kind: message.ChangeService, Cluster: s.cluster.Record.ClusterName,
		Service: s.Record.ServiceName, Status: string(ecs.ServiceStatusInactive), Text: "deleted"})
}
