package services

import (
	"cmp"
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
	other := s.primary()
	if s.rolls() {
		other = s.completed()
	}
	if other != "" && slices.Contains(s.Alternate, other) == s.rolls() {
		s.Alternate = append(s.Alternate, id)
	}
}

// rolls reports whether the service's next deployment is a rolling one.
func (s *Service) rolls() bool {
	strategy := cmp.Or(s.Record.DeploymentConfiguration.Strategy, ecs.DeploymentStrategyRolling)
	return strategy == ecs.DeploymentStrategyRolling
}

// primary returns the ID of the deployment that is PRIMARY, and "" if none is.
func (s *Service) primary() string {
	for _, r := range s.State.Rollouts {
		if r.Status == ecs.DeploymentStatusPrimary {
			return r.ID
		}
	}
	return ""
}

// completed returns the ID of the deployment that was rolled out last, and of the one that is PRIMARY if none
// was.
func (s *Service) completed() string {
	for _, r := range s.State.Rollouts {
		if r.RolloutState == ecs.DeploymentRolloutStateCompleted {
			return r.ID
		}
	}
	return s.primary()
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
