package balancers

import (
	"slices"

	"github.com/bayplan/bayplan/loadbalance"
	"github.com/bayplan/bayplan/loadbalance/elbv2"
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

// Shift gives the target groups of a rule other weights: green its share of the traffic, in thousandths, and blue the
// rest. Where the action does not forward to both, it does from now on. With the ARN of a listener it is each of its
// rules that forwards to one of the groups, or else the default rule. The error is RuleNotFound, or a group that the
// load balancer cannot forward to; then nothing changes.
// Source: AWS CodeDeploy User Guide, "Deployments on an Amazon ECS compute platform".
func (m *Room) Shift(arn, blue, green string, share int) error {
	list, actions, err := m.shifting(arn, blue, green, share)
	for i, r := range list {
		m.replace(r, actions[i])
	}
	return err
}

// shifting lists the rules that Shift changes, with what they do from then on; none with an error.
func (m *Room) shifting(arn, blue, green string, share int) ([]*Rule, []elbv2.Action, error) {
	r, err := m.shifted(arn)
	if err != nil {
		return nil, nil, err
	}
	list := []*Rule{r}
	if l, ok := m.listeners[arn]; ok {
		list = slices.DeleteFunc(append(list, l.Rules...),
			func(r *Rule) bool { return !r.Action.Forwards(blue, green) })
		if len(list) == 0 {
			list = append(list, r)
		}
	}
	actions := make([]elbv2.Action, len(list))
	for i, r := range list {
		if actions[i], err = r.Action.Shift(blue, green, share); err == nil {
			err = m.admits(r.of.on, r.of.Record.Protocol, actions[i])
		}
		if err != nil {
			return nil, nil, err
		}
	}
	return list, actions, nil
}

// Behind reports whether a listener forwards to blue. The error is why no deployment can move traffic from there to
// green: a listener that is not there, or a load balancer that cannot forward to green.
func (m *Room) Behind(listener, blue, green string) (bool, error) {
	list, _, err := m.shifting(listener, blue, green, 0)
	return slices.ContainsFunc(list, func(r *Rule) bool { return r.Action.Forwards(blue) }), err
}

// Listener returns the listener of a rule, or the listener itself, as package loadbalance routes by it; nil if it is
// not there.
func (m *Room) Listener(arn string) *loadbalance.Listener {
	r, err := m.shifted(arn)
	if err != nil {
		return nil
	}
	routes := r.of.routes()
	return &routes
}

// Listeners returns every listener, as package loadbalance routes by it, in order of creation of their load balancers
// and then of their own.
func (m *Room) Listeners() (list []loadbalance.Listener) {
	for _, b := range m.balancers {
		for _, l := range b.Listeners {
			list = append(list, l.routes())
		}
	}
	return list
}

// routes returns a listener as package loadbalance routes by it.
func (l *Listener) routes() loadbalance.Listener {
	routes := loadbalance.Listener{ListenerArn: l.Record.ListenerArn, Port: l.Record.Port,
		Protocol: loadbalance.Protocol(l.Record.Protocol), DefaultAction: l.Default.Action.Routing()}
	for _, r := range l.Rules {
		routes.Rules = append(routes.Rules, loadbalance.Rule{RuleArn: r.RuleArn, Priority: r.Priority,
			Action: r.Action.Routing(), Conditions: elbv2.Routing(r.Conditions)})
	}
	return routes
}
