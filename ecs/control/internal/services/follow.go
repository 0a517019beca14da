package services

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

// Follow makes the service show what its PRIMARY deployment rolls out: after a rollback that
// is the revision it went back to.
func (s *Service) Follow() {
	r, ok := s.Primary()
	if !ok || External(s.Record) {
		return
	}
	s.Record.TaskDefinition, s.Record.NetworkConfiguration, s.Record.PlatformVersion = r.TaskDefinition,
		r.NetworkConfiguration, r.PlatformVersion
	s.Record.LaunchType, s.Record.CapacityProviderStrategy = r.LaunchType, r.CapacityProviderStrategy
	s.Connect, s.Volumes = r.ServiceConnectConfiguration, r.VolumeConfigurations
	v := s.revisionOf(r.ID)
	s.Record.LoadBalancers, s.Record.ServiceRegistries = v.LoadBalancers, v.ServiceRegistries
	s.Monitoring = v.Monitoring
	s.dropShift()
}

// dropShift gives the strategy ROLLING to a service that went back to load balancers without a
// second target group: every other strategy shifts traffic between two groups.
func (s *Service) dropShift() {
	single := func(lb ecs.LoadBalancer) bool { return lb.AdvancedConfiguration == nil }
	if s.rolls() || !slices.ContainsFunc(s.Record.LoadBalancers, single) {
		return
	}
	c := &s.Record.DeploymentConfiguration
	c.Strategy, c.LinearConfiguration, c.CanaryConfiguration = ecs.DeploymentStrategyRolling, nil, nil
}

// Say adds a sentence to the service's events.
func (m *Room) Say(s *Service, sentence string) {
	id := m.Core.UUID()
	s.Hold()
	s.Record.Events = scheduler.AppendEvents(s.Record.Events,
		[]ecs.ServiceEvent{{ID: id, CreatedAt: m.Core.Now(), Message: sentence}})
	m.Core.Change(message.Change{Kind: message.ChangeService, Cluster: s.Cluster.Record.ClusterName,
		Service: s.Record.ServiceName, Text: sentence})
}

// Remembers replaces the scheduler's memory of a service; calls of hooks that it no longer
// waits for are abandoned.
func (m *Room) Remembers(s *Service, next scheduler.State) {
	before := s.State
	s.State = next
	for _, r := range before.Rollouts {
		for _, h := range r.Stages.Hooks {
			if h.Status == ecs.LifecycleHookStatusInProgress && !s.Awaits(h.ID) {
				m.Outbox.Abandon("InvokeLifecycleHook", h.ID)
			}
		}
	}
}

// Awaits reports whether a deployment waits for the answer of a hook.
func (s *Service) Awaits(hookID string) bool {
	return slices.ContainsFunc(s.State.Rollouts, func(r scheduler.Rollout) bool {
		return slices.ContainsFunc(r.Stages.Hooks, func(h scheduler.HookState) bool {
			return h.ID == hookID && h.Status == ecs.LifecycleHookStatusInProgress
		})
	})
}

// Deploying reports whether a deployment of the service is under way.
func (s *Service) Deploying() bool {
	return slices.ContainsFunc(s.State.Rollouts, func(r scheduler.Rollout) bool {
		return r.RolloutState == ecs.DeploymentRolloutStateInProgress
	})
}
