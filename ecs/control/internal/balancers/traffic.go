package balancers

import (
	"github.com/bayplan/bayplan/loadbalance"
)

// shifted finds the rule that a deployment names: by its ARN, or by that of a listener, whose default rule it is.
func (m *Room) shifted(arn string) (*Rule, error) {
	if l, ok := m.listeners[arn]; ok {
		return l.Default, nil
	}
	return m.rule(arn)
}

// Serving returns which of two target groups a rule or listener sends all its traffic to, and the other one.
// Errors are RuleNotFound, and those of loadbalance.Forward.Serving.
func (m *Room) Serving(arn, one, other string) (blue, green string, err error) {
	r, err := m.shifted(arn)
	if err != nil {
		return "", "", err
	}
	return r.Action.Routing().Forward.Serving(one, other)
}

// Shift gives the target groups of a rule or listener other weights: green its share of the traffic, in
// thousandths, and blue the rest. Where the action does not forward to both, it does from now on. The error is
// RuleNotFound, or a group that the load balancer cannot forward to; then nothing changes.
func (m *Room) Shift(arn, blue, green string, share int) error {
	r, err := m.shifted(arn)
	if err != nil {
		return err
	}
	forward := r.Action.Routing().Forward
	shifted, err := forward.Shift(blue, green, share)
	if err != nil {
		forward.TargetGroups = []loadbalance.WeightedTargetGroup{{TargetGroupArn: blue}, {TargetGroupArn: green}}
		if shifted, err = forward.Shift(blue, green, share); err != nil {
			return err
		}
	}
	action := r.Action.WithForward(shifted)
	if err := m.admits(r.of.on, r.of.Record.Protocol, action); err != nil {
		return err
	}
	m.replace(r, action)
	return nil
}

// Listener returns the listener of a rule, or the listener itself, as package loadbalance routes by it; nil if it is
// not there.
func (m *Room) Listener(arn string) *loadbalance.Listener {
	r, err := m.shifted(arn)
	if err != nil {
		return nil
	}
	l := r.of
	routes := &loadbalance.Listener{ListenerArn: l.Record.ListenerArn, Port: l.Record.Port,
		Protocol: loadbalance.Protocol(l.Record.Protocol), DefaultAction: l.Default.Action.Routing()}
	for _, r := range l.Rules {
		rule := loadbalance.Rule{RuleArn: r.RuleArn, Priority: r.Priority, Action: r.Action.Routing()}
		for _, c := range r.Conditions {
			rule.Conditions = append(rule.Conditions, c.Routing())
		}
		routes.Rules = append(routes.Rules, rule)
	}
	return routes
}
