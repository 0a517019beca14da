package balancers

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs/control/internal/targets"
	"github.com/bayplan/bayplan/loadbalance/elbv2"
)

// CreateListener makes a listener with its default rule. The same request again returns the one that is there.
func (m *Room) CreateListener(in elbv2.CreateListenerInput) (out elbv2.ListenersOutput, err error) {
	if err := in.Validate(); err != nil {
		return out, err
	}
	b, err := m.balancer(in.LoadBalancerArn)
	if err != nil {
		return out, err
	}
	record := elbv2.Listener{LoadBalancerArn: in.LoadBalancerArn}
	if err := set(&record, b, in.ListenerSettings); err != nil {
		return out, err
	}
	action := in.DefaultActions[0].Shown()
	if err := m.admits(b, record.Protocol, action); err != nil {
		return out, err
	}
	if old := b.at(record.Port); old != nil {
		if !old.like(record, action) {
			return out, taken(b)
		}
		return elbv2.ListenersOutput{Listeners: []elbv2.Listener{old.shown()}}, nil
	}
	if len(b.Listeners) >= mostListeners {
		return out, elbv2.Fault(elbv2.TooManyListeners, "", "The limit of listeners of a load balancer is %d.",
			mostListeners)
	}
	record.ListenerArn = strings.Replace(b.Record.LoadBalancerArn, ":loadbalancer/", ":listener/", 1) + "/" + m.id()
	l := &Listener{Record: record, Attributes: elbv2.ListenerAttributes(record.Protocol), Tags: slices.Clone(in.Tags),
		Default: &Rule{RuleArn: m.ruleArn(record.ListenerArn), Action: action}}
	b.Listeners = append(b.Listeners, l)
	m.enterListener(b, l)
	return elbv2.ListenersOutput{Listeners: []elbv2.Listener{l.shown()}}, nil
}

func (m *Room) ruleArn(listener string) string {
	return strings.Replace(listener, ":listener/", ":listener-rule/", 1) + "/" + m.id()
}

// set gives a listener the settings that are given; the others stay.
func set(l *elbv2.Listener, b *LoadBalancer, s elbv2.ListenerSettings) error {
	l.Port, l.Protocol = s.Port.Or(l.Port), cmp.Or(s.Protocol, l.Protocol)
	l.SslPolicy = cmp.Or(s.SslPolicy, l.SslPolicy)
	if len(s.Certificates) > 0 {
		l.Certificates = slices.Clone(s.Certificates)
	}
	if len(s.AlpnPolicy) > 0 {
		l.AlpnPolicy = slices.Clone(s.AlpnPolicy)
	}
	secure := l.Protocol == "HTTPS" || l.Protocol == "TLS"
	switch http := l.Protocol == "HTTP" || l.Protocol == "HTTPS"; {
	case http != (b.Record.Type == elbv2.Application):
		return elbv2.Fault(elbv2.ValidationError, "Protocol",
			"Listener protocol '%s' is not supported by load balancers of type '%s'", l.Protocol, b.Record.Type)
	case secure && len(l.Certificates) == 0:
		return elbv2.Fault(elbv2.ValidationError, "Certificates", "A certificate must be specified for %s listeners",
			l.Protocol)
	case !secure && len(l.Certificates) > 0 || !secure && l.SslPolicy != "":
		return elbv2.Fault(elbv2.InvalidConfigurationRequest, "Protocol",
			"A certificate or security policy cannot be specified for %s listeners", l.Protocol)
	case secure:
		l.SslPolicy = cmp.Or(l.SslPolicy, defaultPolicy)
	}
	return nil
}

// defaultPolicy is the security policy of listeners that do not choose one.
// Source: Elastic Load Balancing, "Security policies for your Application Load Balancer".
const defaultPolicy = "ELBSecurityPolicy-2016-08"

// at returns the listener on a port, or nil.
func (b *LoadBalancer) at(port int) *Listener {
	if i := slices.IndexFunc(b.Listeners, func(l *Listener) bool { return l.Record.Port == port }); i >= 0 {
		return b.Listeners[i]
	}
	return nil
}

func taken(b *LoadBalancer) error {
	return elbv2.Fault(elbv2.DuplicateListener, "Port",
		"A listener already exists on this port for this load balancer '%s'", b.Record.LoadBalancerArn)
}

// like reports whether a listener has the settings of another, and its default action.
func (l *Listener) like(record elbv2.Listener, action elbv2.Action) bool {
	return l.Record.Protocol == record.Protocol && l.Record.SslPolicy == record.SslPolicy &&
		slices.Equal(l.Record.Certificates, record.Certificates) && equal(l.Default.Action, action)
}

// shown is a listener as DescribeListeners shows it.
func (l *Listener) shown() elbv2.Listener {
	s := l.Record
	s.DefaultActions = []elbv2.Action{l.Default.Action}
	return s
}

// enterListener puts a listener that its load balancer has, with its rules, into the room.
func (m *Room) enterListener(b *LoadBalancer, l *Listener) {
	l.on = b
	m.listeners[l.Record.ListenerArn] = l
	for _, r := range l.all() {
		m.enterRule(l, r)
	}
}

// all returns the rules of a listener, the default rule first. A damaged State may lack that one.
func (l *Listener) all() []*Rule {
	if l.Default == nil {
		return l.Rules
	}
	return append([]*Rule{l.Default}, l.Rules...)
}

func (m *Room) enterRule(l *Listener, r *Rule) {
	r.of = l
	m.rules[r.RuleArn] = r
	m.use(l.on, r.Action)
}

// listener finds a listener.
func (m *Room) listener(arn string) (*Listener, error) {
	if l, ok := m.listeners[arn]; ok {
		return l, nil
	}
	return nil, elbv2.Fault(elbv2.ListenerNotFound, "ListenerArn", "One or more listeners not found")
}

// DescribeListeners describes listeners, those that are named or all of a load balancer, in order of ARN.
func (m *Room) DescribeListeners(in elbv2.DescribeListenersInput) (out elbv2.ListenersOutput, err error) {
	if err := in.Validate(); err != nil {
		return out, err
	}
	var list []*Listener
	for _, arn := range in.ListenerArns {
		l, err := m.listener(arn)
		if err != nil {
			return out, err
		}
		list = append(list, l)
	}
	if in.LoadBalancerArn != "" {
		b, err := m.balancer(in.LoadBalancerArn)
		if err != nil {
			return out, err
		}
		list = slices.Clone(b.Listeners)
	}
	arn := func(l *Listener) string { return l.Record.ListenerArn }
	slices.SortFunc(list, func(a, b *Listener) int { return cmp.Compare(arn(a), arn(b)) })
	list, out.NextMarker, err = targets.Page(slices.Compact(list), in.Marker, in.PageSize, arn)
	out.Listeners = make([]elbv2.Listener, len(list))
	for i, l := range list {
		out.Listeners[i] = l.shown()
	}
	return out, err
}

// ModifyListener changes a listener. Members that are absent stay; lists replace the old ones.
func (m *Room) ModifyListener(in elbv2.ModifyListenerInput) (out elbv2.ListenersOutput, err error) {
	if err := in.Validate(); err != nil {
		return out, err
	}
	l, err := m.listener(in.ListenerArn)
	if err != nil {
		return out, err
	}
	next, action := l.Record, l.Default.Action
	if in.Protocol != "" && (in.Protocol == "HTTP" || in.Protocol == "TCP" || in.Protocol == "UDP" ||
		in.Protocol == "TCP_UDP") {
		next.Certificates, next.SslPolicy = nil, ""
	}
	if err := set(&next, l.on, in.ListenerSettings); err != nil {
		return out, err
	}
	if other := l.on.at(next.Port); other != nil && other != l {
		return out, taken(l.on)
	}
	if len(in.DefaultActions) > 0 {
		action = in.DefaultActions[0].Shown()
	}
	if err := m.admits(l.on, next.Protocol, action); err != nil {
		return out, err
	}
	l.Record = next
	m.replace(l.Default, action)
	return elbv2.ListenersOutput{Listeners: []elbv2.Listener{l.shown()}}, nil
}

// replace gives a rule another action. What both actions name stays in use throughout.
func (m *Room) replace(r *Rule, action elbv2.Action) {
	old := r.Action
	r.Action = action
	m.use(r.of.on, action)
	m.leave(old)
}

// DeleteListener deletes a listener with its rules.
func (m *Room) DeleteListener(in elbv2.ListenerInput) error {
	if err := in.Validate(); err != nil {
		return err
	}
	l, err := m.listener(in.ListenerArn)
	if err != nil {
		return err
	}
	m.removeListener(l)
	return nil
}

func (m *Room) removeListener(l *Listener) {
	for _, r := range l.all() {
		m.removeRule(r)
	}
	delete(m.listeners, l.Record.ListenerArn)
	l.on.Listeners = slices.DeleteFunc(l.on.Listeners, func(o *Listener) bool { return o == l })
}

func (m *Room) removeRule(r *Rule) {
	delete(m.rules, r.RuleArn)
	m.leave(r.Action)
}

// DescribeListenerAttributes describes the attributes of a listener.
func (m *Room) DescribeListenerAttributes(in elbv2.ListenerInput) (elbv2.AttributesOutput, error) {
	if err := in.Validate(); err != nil {
		return elbv2.AttributesOutput{}, err
	}
	l, err := m.listener(in.ListenerArn)
	if err != nil {
		return elbv2.AttributesOutput{}, err
	}
	return elbv2.AttributesOutput{Attributes: slices.Clone(l.Attributes)}, nil
}

// ModifyListenerAttributes sets attributes, all or none. None of them takes effect.
func (m *Room) ModifyListenerAttributes(
	in elbv2.ModifyListenerAttributesInput,
) (out elbv2.AttributesOutput, err error) {
	if err := in.Validate(); err != nil {
		return out, err
	}
	l, err := m.listener(in.ListenerArn)
	if err != nil {
		return out, err
	}
	if out.Attributes, err = elbv2.Modified(l.Attributes, in.Attributes); err == nil {
		l.Attributes = slices.Clone(out.Attributes)
	}
	return out, err
}

// key orders rules as they are tried: by priority, the default rule last.
func (r *Rule) key() string {
	if r.Priority == 0 {
		return "default"
	}
	return fmt.Sprintf("%05d", r.Priority)
}
