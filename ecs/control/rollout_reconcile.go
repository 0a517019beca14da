package control

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
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
func (p *Plane) reconcile(s *service) {
	if s.Record.Status == ecs.ServiceStatusInactive {
		return
	}
	done := false
	for round := 0; round < maxRounds && !done; round++ {
		view := p.viewIn(s, p.seen)
		p.seen = view.Tasks[:0]
		s.answers, s.requests, s.Unplaced, s.Grown = nil, nil, nil, false
		plan := scheduler.Reconcile(view, p.core.Now().Time())
		s.Wake = ecs.At(plan.WakeAt)
		if s.Wake != 0 {
			p.kinds.service.Set(s.Wake, s.Record.ServiceArn)
		}
		if done = plan.Empty(); !done {
			p.carryOut(s, view, plan)
		}
	}
	if !done {
		p.postpone(s)
	}
	p.finishDeleted(s)
}

func (p *Plane) carryOut(s *service, view scheduler.View, plan scheduler.Plan) {
	if plan.State != nil {
		p.remembers(s, *plan.State)
		s.follow()
	}
	for _, n := range plan.Notes {
		if t, ok := p.byTask[n.Task]; ok {
			t.Noted = n.Health
		}
	}
	for _, id := range plan.Forget {
		if t, ok := p.byTask[id]; ok {
			t.Forgotten = true
			s.tasks = slices.DeleteFunc(s.tasks, func(o *task) bool { return o == t })
		}
	}
	s.Ended = append(s.Ended, plan.Ended...)
	if over := len(s.Ended) - endedKept; over > 0 {
		s.Ended = slices.Delete(s.Ended, 0, over)
	}
	for _, t := range plan.Traffic {
		p.shiftTraffic(s, t) // before the tasks go that it is taken from
	}
	for _, stop := range plan.Stop {
		p.carryOutStop(s, view, stop)
	}
	for _, start := range plan.Start {
		p.carryOutStart(s, start)
	}
	for _, h := range plan.Hooks {
		p.invokeHook(s, h)
	}
	for _, e := range plan.Events {
		p.say(s, e.Message)
	}
}

// follow makes the service show what its PRIMARY deployment rolls out: after a rollback that
// is the revision it went back to.
func (s *service) follow() {
	for _, r := range s.State.Rollouts {
		if r.Status == ecs.DeploymentStatusPrimary && !external(s.Record) {
			s.Record.TaskDefinition, s.Record.NetworkConfiguration, s.Record.PlatformVersion = r.TaskDefinition, r.NetworkConfiguration, r.PlatformVersion
			s.Record.LaunchType, s.Record.CapacityProviderStrategy = r.LaunchType, r.CapacityProviderStrategy
			s.Connect, s.Volumes = r.ServiceConnectConfiguration, r.VolumeConfigurations
			v := s.revisionOf(r.ID)
			s.Record.LoadBalancers, s.Record.ServiceRegistries = v.LoadBalancers, v.ServiceRegistries
			s.Monitoring = v.Monitoring
			s.dropShift()
		}
	}
}

// dropShift gives a service that went back to load balancers without a second target group the
// strategy ROLLING: no other can shift its traffic.
func (s *service) dropShift() {
	c := &s.Record.DeploymentConfiguration
	if c.Strategy == "" || c.Strategy == ecs.DeploymentStrategyRolling || !slices.ContainsFunc(s.Record.LoadBalancers, func(lb ecs.LoadBalancer) bool {
		return lb.AdvancedConfiguration == nil
	}) {
		return
	}
	c.Strategy, c.LinearConfiguration, c.CanaryConfiguration = ecs.DeploymentStrategyRolling, nil, nil
}

// endedKept is how many ended deployments of a service are shown.
const endedKept = 20

// carryOutStop stops the tasks that the plan names, or asks placement which of them to stop.
func (p *Plane) carryOutStop(s *service, view scheduler.View, stop scheduler.Stop) {
	ids := stop.Tasks
	if len(ids) == 0 {
		ids = p.victims(s, view, stop)
	}
	var running []ecs.TaskID
	for _, id := range ids {
		t, ok := p.byTask[id]
		if !ok {
			continue
		}
		if t.startedAt() != 0 && !t.stopped() {
			running = append(running, id)
		}
		p.stop(t, stop.StopCode, stop.Reason)
	}
	if len(running) == 0 {
		return
	}
	if stop.Zone != "" {
		p.say(s, scheduler.RebalanceStopped(s.Record.ServiceName, stop.Zone, running...))
	} else {
		p.say(s, scheduler.StoppedTasks(s.Record.ServiceName, running...))
	}
}

// victims asks placement which of the candidates go.
func (p *Plane) victims(s *service, view scheduler.View, stop scheduler.Stop) []ecs.TaskID {
	var among []placement.Running
	for _, i := range view.Candidates(stop, p.core.Now().Time()) {
		among = append(among, p.running(p.byTask[view.Tasks[i].ID]))
	}
	if len(among) <= stop.Count {
		ids := make([]ecs.TaskID, len(among))
		for i, r := range among {
			ids[i] = r.ID
		}
		return ids
	}
	request, err := p.requestFor(s, stop.Deployment)
	if err != nil {
		return nil
	}
	shape, err := s.cluster.index.Prepare(request)
	if err != nil {
		return nil
	}
	defer s.cluster.index.Forget(shape)
	return s.cluster.index.Victims(shape, among, stop.Count, "", p.core.Seed())
}

// finishDeleted makes a deleted service INACTIVE once its tasks have stopped.
func (p *Plane) finishDeleted(s *service) {
	if s.Record.Status != ecs.ServiceStatusDraining {
		return
	}
	for _, t := range s.tasks {
		if t.desired() != ecs.DesiredStatusStopped {
			return
		}
	}
	for _, r := range s.State.Rollouts {
		for _, h := range r.Stages.Hooks {
			p.outbox.Abandon("InvokeLifecycleHook", h.ID)
		}
	}
	for _, rule := range s.rules() {
		p.outbox.Abandon("ModifyTraffic", rule)
	}
	s.Record.Status = ecs.ServiceStatusInactive
	s.Wake = 0
	p.core.Change(message.Change{Kind: message.ChangeService, Cluster: s.cluster.Record.ClusterName, Service: s.Record.ServiceName, Status: string(ecs.ServiceStatusInactive), Text: "deleted"})
}

// say adds a sentence to the service's events.
func (p *Plane) say(s *service, sentence string) {
	id := p.core.UUID()
	s.Record.Events = scheduler.AppendEvents(s.Record.Events, []ecs.ServiceEvent{{ID: id, CreatedAt: p.core.Now(), Message: sentence}})
	p.core.Change(message.Change{Kind: message.ChangeService, Cluster: s.cluster.Record.ClusterName, Service: s.Record.ServiceName, Text: sentence})
}

// remembers replaces the scheduler's memory of a service; calls of hooks that it no longer
// waits for are abandoned.
func (p *Plane) remembers(s *service, next scheduler.State) {
	before := s.State
	s.State = next
	for _, r := range before.Rollouts {
		for _, h := range r.Stages.Hooks {
			if h.Status == ecs.LifecycleHookStatusInProgress && !s.awaits(h.ID) {
				p.outbox.Abandon("InvokeLifecycleHook", h.ID)
			}
		}
	}
}
