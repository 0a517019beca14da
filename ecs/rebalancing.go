package ecs

import (
	"strings"
)

// MayRebalance reports whether Availability Zone rebalancing is possible. It is not for daemons, external
// instances, a maximumPercent of 100, a Classic Load Balancer, a constraint on ecs.availability-zone, or
// a first strategy other than a spread over zones. Where it is possible, it is on unless the service says
// otherwise.
func (s Service) MayRebalance() bool { return s.RebalancingRuledOutBy() == "" }

// RebalancingRuledOutBy returns what rules rebalancing out, in words, or "".
func (s Service) RebalancingRuledOutBy() string {
	switch {
	case s.SchedulingStrategy == SchedulingStrategyDaemon:
		return "the daemon scheduling strategy"
	case s.LaunchType == LaunchTypeExternal:
		return "the EXTERNAL launch type"
	case s.DeploymentConfiguration.MaximumPercent.Or(200) <= 100:
		return "a maximumPercent of 100"
	case len(s.PlacementStrategy) > 0 && s.PlacementStrategy[0] != PlacementStrategy{Type: PlacementStrategyTypeSpread,
		Field: "attribute:ecs.availability-zone"}:
		return "a first placement strategy other than a spread over attribute:ecs.availability-zone"
	}
	for _, lb := range s.LoadBalancers {
		if lb.LoadBalancerName != "" {
			return "a Classic Load Balancer"
		}
	}
	for _, p := range s.PlacementConstraints {
		if strings.Contains(p.Expression, "ecs.availability-zone") {
			return "a placement constraint on ecs.availability-zone"
		}
	}
	return ""
}
