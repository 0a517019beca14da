package balancers

import (
	"fmt"

	"github.com/bayplan/bayplan/ecs/control/internal/core"
)

// Check returns everything about load balancers that contradicts itself.
func (m *Room) Check() (faults []error) {
	bad := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	uses, on := map[string]int{}, map[string]string{}
	listeners, rules := 0, 0
	for _, b := range m.balancers {
		name := b.Record.LoadBalancerName
		if m.byArn[b.Record.LoadBalancerArn] != b || m.byName[name] != b {
			bad("load balancer %s is not found by its ARN and its name", name)
		}
		for i, l := range b.Listeners {
			listeners++
			if m.listeners[l.Record.ListenerArn] != l || l.on != b || b.at(l.Record.Port) != b.Listeners[i] {
				bad("load balancer %s: listener %s on port %d is not its own, or not the only one there", name,
					l.Record.ListenerArn, l.Record.Port)
			}
			rules += m.checkRules(l, bad)
			for _, r := range l.all() {
				for _, arn := range r.Action.Groups() {
					uses[arn]++
					if on[arn] != "" && on[arn] != b.Record.LoadBalancerArn {
						bad("target group %s has two load balancers", arn)
					}
					on[arn] = b.Record.LoadBalancerArn
				}
			}
		}
	}
	if len(m.byArn) != len(m.balancers) || len(m.listeners) != listeners || len(m.rules) != rules {
		bad("%d load balancers, %d listeners and %d rules are found by their ARNs, and there are %d, %d and %d",
			len(m.byArn), len(m.listeners), len(m.rules), len(m.balancers), listeners, rules)
	}
	m.Groups.Check(uses, on, bad)
	return faults
}

// checkRules looks at the rules of a listener, and counts them.
func (m *Room) checkRules(l *Listener, bad core.Complain) int {
	last := 0
	if l.Default == nil {
		bad("listener %s has no default rule", l.Record.ListenerArn)
	}
	for _, r := range l.all() {
		isDefault := r == l.Default
		if m.rules[r.RuleArn] != r || r.of != l || r.RuleArn == "" || isDefault != (r.Priority == 0) ||
			r.Priority < last || r.Priority > 0 && r.Priority == last {
			bad("rule %q of listener %s with priority %d is not found, or out of order", r.RuleArn,
				l.Record.ListenerArn, r.Priority)
		}
		last = r.Priority
	}
	return len(l.all())
}
