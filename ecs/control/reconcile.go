package control

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/ecs/scheduler"
	"github.com/bayplan/bayplan/loadbalance"
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

// view is the service as the scheduler sees it.
func (p *Plane) view(s *service) scheduler.View { return p.viewIn(s, nil) }

// viewIn is view with its tasks in the given memory: a service of thousands of tasks is
// looked at whenever one of them changes.
func (p *Plane) viewIn(s *service, tasks []scheduler.Task) scheduler.View {
	v := scheduler.View{
		Service:           s.Record,
		State:             s.State,
		Options:           p.options(s),
		Tasks:             tasks[:0],
		Zones:             p.zonesOf(s),
		Alarms:            p.alarmsOf(s),
		Answers:           s.answers,
		Requests:          s.requests,
		PlacementFailures: s.Unplaced,
		CapacityChanged:   s.Grown,
		Launches:          p.launches(s),
	}
	v.Tasks = slices.Grow(v.Tasks, len(s.tasks))
	for _, t := range s.tasks {
		v.Tasks = append(v.Tasks, p.taskView(t))
	}
	if s.daemon() {
		v.Instances = p.daemonInstances(s)
	}
	return v
}

// options returns what the scheduler must know of a service that its record does not say.
func (p *Plane) options(s *service) scheduler.Options {
	var o scheduler.Options
	for _, lb := range s.Record.LoadBalancers {
		g, ok := p.targets.Group(lb.TargetGroupArn)
		o.NetworkLoadBalancer = o.NetworkLoadBalancer || ok && g.LoadBalancerType == loadbalance.LoadBalancerTypeNetwork
	}
	return o
}

func (p *Plane) taskView(t *task) scheduler.Task {
	v := scheduler.Task{
		ID:               t.ID,
		Deployment:       t.Deployment,
		LastStatus:       t.status(),
		DesiredStatus:    t.desired(),
		CreatedAt:        t.CreatedAt,
		StartedAt:        t.startedAt(),
		ContainerHealth:  t.health(),
		Instance:         t.Instance,
		Zone:             t.Zone,
		CapacityProvider: t.CapacityProvider,
		ProtectedUntil:   t.protectedUntil(p.core.Now()),
		StopCode:         t.stopCode(),
		Noted:            t.Noted,
	}
	health, ill, reason := p.healthOfTargets(t)
	v.TargetHealth, v.TargetGroup, v.TargetPort, v.TargetReason = health, ill.Group, ill.Port, reason
	if t.instance != nil {
		v.InstanceDraining = t.instance.Record.Status == ecs.ContainerInstanceStatusDraining
	}
	return v
}

func (p *Plane) alarmsOf(s *service) []scheduler.AlarmState {
	config := s.Record.DeploymentConfiguration.Alarms
	if config == nil {
		return nil
	}
	var list []scheduler.AlarmState
	for _, a := range p.alarms {
		if slices.Contains(config.AlarmNames, a.AlarmName) {
			list = append(list, scheduler.AlarmState{Name: a.AlarmName, State: a.State})
		}
	}
	return list
}

// alarmState notes what an alarm says now and wakes the services that watch it.
func (p *Plane) alarmState(e message.AlarmState) bool {
	i := slices.IndexFunc(p.alarms, func(a message.AlarmState) bool { return a.AlarmName == e.AlarmName })
	switch {
	case i < 0:
		p.alarms = append(p.alarms, e)
	case p.alarms[i] == e:
		return false
	default:
		p.alarms[i] = e
	}
	for _, c := range p.clusters {
		for _, s := range c.services {
			if a := s.Record.DeploymentConfiguration.Alarms; a != nil && slices.Contains(a.AlarmNames, e.AlarmName) {
				p.touch(s)
			}
		}
	}
	return true
}

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

// shiftTraffic sets the weights of the listener rules of a service's load balancers.
func (p *Plane) shiftTraffic(s *service, t scheduler.Traffic) {
	for i, lb := range s.Record.LoadBalancers {
		if lb.AdvancedConfiguration == nil {
			continue
		}
		rule := lb.AdvancedConfiguration.ProductionListenerRule
		if t.Listener == scheduler.ListenerTest {
			rule = lb.AdvancedConfiguration.TestListenerRule
		}
		if rule == "" {
			continue
		}
		weights := s.weights(i, t)
		p.core.Change(message.Change{Kind: message.ChangeTraffic, Cluster: s.cluster.Record.ClusterName, Service: s.Record.ServiceName, Status: string(t.Listener), Text: weightText(weights)})
		p.outbox.Issue(message.ModifyTraffic{ID: p.outbox.Key("ModifyTraffic", rule), Rule: rule, Weights: weights})
	}
}

// rules lists the listener rules that a service's deployments shift.
func (s *service) rules() []string {
	var rules []string
	for _, lb := range s.Record.LoadBalancers {
		if lb.AdvancedConfiguration != nil {
			rules = append(rules, lb.AdvancedConfiguration.ProductionListenerRule, lb.AdvancedConfiguration.TestListenerRule)
		}
	}
	return slices.DeleteFunc(rules, func(rule string) bool { return rule == "" })
}

func (p *Plane) invokeHook(s *service, h scheduler.HookCall) {
	p.outbox.Issue(message.InvokeLifecycleHook{ID: p.outbox.Key("InvokeLifecycleHook", h.HookID), Cluster: s.cluster.Record.ClusterName, Service: s.Record.ServiceName,
		Deployment: h.Deployment, Stage: string(h.Stage), HookID: h.HookID, Attempt: h.Attempt, Hook: h.Hook})
}

// hookStatus takes the late answer of a hook that a deployment in flight waits for.
func (p *Plane) hookStatus(e message.LifecycleHookStatus) bool {
	c, ok := p.byCluster[clusterName(e.Cluster)]
	if !ok {
		return false
	}
	s, ok := c.byService[core.NameOf(e.Service)]
	if !ok || !s.awaits(e.HookID) {
		return false
	}
	p.hookAnswered(s, scheduler.HookAnswer{HookID: e.HookID, Status: ecs.LifecycleHookStatus(e.Status)})
	return true
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

// awaits reports whether a deployment waits for the answer of a hook.
func (s *service) awaits(hookID string) bool {
	return slices.ContainsFunc(s.State.Rollouts, func(r scheduler.Rollout) bool {
		return slices.ContainsFunc(r.Stages.Hooks, func(h scheduler.HookState) bool {
			return h.ID == hookID && h.Status == ecs.LifecycleHookStatusInProgress
		})
	})
}

func (p *Plane) hookAnswered(s *service, a scheduler.HookAnswer) {
	s.answers = append(s.answers, a)
	p.touch(s)
}
