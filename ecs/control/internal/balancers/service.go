package balancers

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/targets"
	"github.com/bayplan/bayplan/loadbalance"
)

// CheckService returns why a service cannot have its load balancers with the task definition, everything at once as
// InvalidParameterException; nil if it can. Of those that it has already, old, neither the listeners nor the weights
// of the rules are looked at again: they may have changed since.
func (m *Room) CheckService(s ecs.Service, d ecs.TaskDefinition, old []ecs.LoadBalancer) error {
	list := ecs.ErrorList(slices.Collect(ecs.Errors(loadbalance.CheckService(s, d,
		func(name string) (loadbalance.TargetGroup, bool) {
			g, ok := m.Groups.Named(s.LoadBalancers, d.NetworkMode, name)
			g.NotInUse = g.NotInUse && !targets.Names(old, name)
			return g, ok
		}))))
	for i, lb := range s.LoadBalancers {
		again := func(o ecs.LoadBalancer) bool { return reflect.DeepEqual(lb, o) }
		if m.Groups.Own() && lb.AdvancedConfiguration != nil && !slices.ContainsFunc(old, again) {
			list = append(list, m.checkShifted(fmt.Sprintf("loadBalancers[%d].advancedConfiguration", i), lb)...)
		}
	}
	return list.Err()
}

// checkShifted looks at the rules that the deployments of a service shift: there must be such rules, and the production
// rule must forward to both target groups, all of its traffic to one of them.
// Source: Amazon ECS Developer Guide, "Application Load Balancer resources for blue/green, linear, and canary
// deployments".
func (m *Room) checkShifted(field string, lb ecs.LoadBalancer) (list ecs.ErrorList) {
	refuse := func(member string, err error) {
		for e := range ecs.Errors(err) {
			list = append(list, ecs.Fault(ecs.InvalidParameterException, field+"."+member, e.Message))
		}
	}
	a := lb.AdvancedConfiguration
	if rule := a.ProductionListenerRule; rule != "" {
		_, _, err := m.Serving(rule, lb.TargetGroupArn, a.AlternateTargetGroupArn)
		refuse("productionListenerRule", err)
	}
	if rule := a.TestListenerRule; rule != "" {
		_, err := m.shifted(rule)
		refuse("testListenerRule", err)
	}
	return list
}
