package services

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

// Rules lists the listener rules that a service's deployments shift.
func (s *Service) Rules() []string {
	var rules []string
	if s.CodeDeploy != nil {
		rules = append(rules, s.CodeDeploy.Production, s.CodeDeploy.Test)
	}
	for _, lb := range s.Record.LoadBalancers {
		if lb.AdvancedConfiguration != nil {
			rules = append(rules, lb.AdvancedConfiguration.ProductionListenerRule,
				lb.AdvancedConfiguration.TestListenerRule)
		}
	}
	return slices.DeleteFunc(rules, func(rule string) bool { return rule == "" })
}

// takeTurns gives a new deployment that shifts traffic the target groups that its
// predecessor does not use. A rolling one shifts none: it has the groups of the last deployment
// that was rolled out. What is kept of turns goes with the revisions.
func (m *Room) takeTurns(s *Service, id string) {
	s.Alternate = slices.DeleteFunc(slices.Clone(s.Alternate), func(old string) bool {
		kept := func(r Revision) bool { return r.Deployment == old }
		_, underWay := s.Rollout(old)
		return !underWay && !slices.ContainsFunc(s.Revisions, kept)
	})
	shifts := slices.ContainsFunc(s.Record.LoadBalancers,
		func(lb ecs.LoadBalancer) bool { return lb.AdvancedConfiguration != nil })
	if !shifts {
		return
	}
	other, ok := s.Primary()
	if s.rolls() {
		other, ok = s.completed()
	}
	if ok && slices.Contains(s.Alternate, other.ID) == s.rolls() {
		s.Alternate = append(s.Alternate, id)
	}
}

// rolls reports whether the service's next deployment is a rolling one.
func (s *Service) rolls() bool {
	strategy := s.Record.DeploymentConfiguration.Strategy
	return strategy == "" || strategy == ecs.DeploymentStrategyRolling
}

// Primary returns the deployment that is PRIMARY; false if none is.
func (s *Service) Primary() (scheduler.Rollout, bool) {
	for _, r := range s.State.Rollouts {
		if r.Status == ecs.DeploymentStatusPrimary {
			return r, true
		}
	}
	return scheduler.Rollout{}, false
}

// completed returns the deployment that was rolled out last, and the one that is PRIMARY if none was.
func (s *Service) completed() (scheduler.Rollout, bool) {
	for _, r := range s.State.Rollouts {
		if r.RolloutState == ecs.DeploymentRolloutStateCompleted {
			return r, true
		}
	}
	return s.Primary()
}

// Weights returns the target groups' shares of a listener rule of load balancer i.
func (s *Service) Weights(i int, t scheduler.Traffic) []message.TargetGroupWeight {
	const full = scheduler.FullTraffic
	weights := make([]message.TargetGroupWeight, 0, 2)
	for _, w := range []struct {
		deployment string
		tenths     int
	}{{t.Source, full - t.Green}, {t.Target, t.Green}} {
		if list := s.LoadBalancersOf(w.deployment); w.deployment != "" && i < len(list) {
			weights = append(weights,
				message.TargetGroupWeight{TargetGroupArn: list[i].TargetGroupArn, Weight: min(w.tenths, full-1)})
		}
	}
	return weights
}
