package balancers

import (
	"cmp"
	"reflect"
	"slices"
	"strconv"

	"github.com/bayplan/bayplan/ecs/control/internal/targets"
	"github.com/bayplan/bayplan/loadbalance/elbv2"
)

// CreateRule makes a rule of a listener.
func (m *Room) CreateRule(in elbv2.CreateRuleInput) (out elbv2.RulesOutput, err error) {
	if err := in.Validate(); err != nil {
		return out, err
	}
	l, err := m.listener(in.ListenerArn)
	if err != nil {
		return out, err
	}
	if l.on.Record.Type != elbv2.Application {
		return out, elbv2.Fault(elbv2.InvalidConfigurationRequest, "ListenerArn",
			"Rules are not supported for load balancers of type '%s'", l.on.Record.Type)
	}
	action, priority := in.Actions[0].Shown(), in.Priority.Or(0)
	if err := m.admits(l.on, l.Record.Protocol, action); err != nil {
		return out, err
	}
	if slices.ContainsFunc(l.Rules, func(r *Rule) bool { return r.Priority == priority }) {
		return out, inUse(priority)
	}
	if n := l.on.rules(); n >= mostRules {
		return out, elbv2.Fault(elbv2.TooManyRules, "", "The limit of rules of a load balancer is %d.", mostRules)
	}
	r := &Rule{RuleArn: m.ruleArn(l.Record.ListenerArn), Priority: priority, Conditions: shown(in.Conditions),
		Action: action, Tags: slices.Clone(in.Tags)}
	l.Rules = append(l.Rules, r)
	l.sort()
	m.enterRule(l, r)
	return elbv2.RulesOutput{Rules: []elbv2.Rule{r.shown()}}, nil
}

func inUse(priority int) error {
	return elbv2.Fault(elbv2.PriorityInUse, "Priority", "Priority '%d' is currently in use", priority)
}

// rules counts the rules of a load balancer, the default ones not counted.
func (b *LoadBalancer) rules() (n int) {
	for _, l := range b.Listeners {
		n += len(l.Rules)
	}
	return n
}

func (l *Listener) sort() {
	slices.SortFunc(l.Rules, func(a, b *Rule) int { return cmp.Compare(a.Priority, b.Priority) })
}

func shown(list []elbv2.RuleCondition) []elbv2.RuleCondition {
	all := make([]elbv2.RuleCondition, len(list))
	for i, c := range list {
		all[i] = c.Shown()
	}
	return all
}

// shown is a rule as DescribeRules shows it.
func (r *Rule) shown() elbv2.Rule {
	s := elbv2.Rule{RuleArn: r.RuleArn, Priority: strconv.Itoa(r.Priority), Conditions: slices.Clone(r.Conditions),
		Actions: []elbv2.Action{r.Action}}
	if r.Priority == 0 {
		s.Priority, s.IsDefault, s.Conditions = "default", true, []elbv2.RuleCondition{}
	}
	return s
}

// rule finds a rule.
func (m *Room) rule(arn string) (*Rule, error) {
	if r, ok := m.rules[arn]; ok {
		return r, nil
	}
	return nil, elbv2.Fault(elbv2.RuleNotFound, "RuleArn", "One or more rules not found")
}

// DescribeRules describes rules, those that are named or all of a listener, in the order in which they are tried.
func (m *Room) DescribeRules(in elbv2.DescribeRulesInput) (out elbv2.RulesOutput, err error) {
	if err := in.Validate(); err != nil {
		return out, err
	}
	list, key := []*Rule{}, (*Rule).key
	for _, arn := range in.RuleArns {
		r, err := m.rule(arn)
		if err != nil {
			return out, err
		}
		list = append(list, r)
		key = func(r *Rule) string { return r.of.Record.ListenerArn + " " + r.key() }
	}
	if in.ListenerArn != "" {
		l, err := m.listener(in.ListenerArn)
		if err != nil {
			return out, err
		}
		list = append(slices.Clone(l.Rules), l.Default)
	}
	slices.SortFunc(list, func(a, b *Rule) int { return cmp.Compare(key(a), key(b)) })
	list, out.NextMarker, err = targets.Page(slices.Compact(list), in.Marker, in.PageSize, key)
	out.Rules = make([]elbv2.Rule, len(list))
	for i, r := range list {
		out.Rules[i] = r.shown()
	}
	return out, err
}

// ModifyRule changes the conditions or the action of a rule. The default rule is changed by ModifyListener.
func (m *Room) ModifyRule(in elbv2.ModifyRuleInput) (out elbv2.RulesOutput, err error) {
	if err := in.Validate(); err != nil {
		return out, err
	}
	r, err := m.rule(in.RuleArn)
	if err != nil {
		return out, err
	}
	if r.Priority == 0 {
		return out, elbv2.Fault(elbv2.OperationNotPermitted, "RuleArn", "Default rule '%s' cannot be modified",
			in.RuleArn)
	}
	action := r.Action
	if len(in.Actions) > 0 {
		action = in.Actions[0].Shown()
		if err := m.admits(r.of.on, r.of.Record.Protocol, action); err != nil {
			return out, err
		}
	}
	if len(in.Conditions) > 0 {
		r.Conditions = shown(in.Conditions)
	}
	m.replace(r, action)
	return elbv2.RulesOutput{Rules: []elbv2.Rule{r.shown()}}, nil
}

// DeleteRule deletes a rule.
func (m *Room) DeleteRule(in elbv2.RuleInput) error {
	if err := in.Validate(); err != nil {
		return err
	}
	r, err := m.rule(in.RuleArn)
	if err != nil {
		return err
	}
	if r.Priority == 0 {
		return elbv2.Fault(elbv2.OperationNotPermitted, "RuleArn", "Default rule '%s' cannot be deleted", in.RuleArn)
	}
	m.removeRule(r)
	r.of.Rules = slices.DeleteFunc(r.of.Rules, func(o *Rule) bool { return o == r })
	return nil
}

// SetRulePriorities gives rules other priorities, all or none; two rules may exchange theirs.
func (m *Room) SetRulePriorities(in elbv2.SetRulePrioritiesInput) (out elbv2.RulesOutput, err error) {
	if err := in.Validate(); err != nil {
		return out, err
	}
	next := map[*Rule]int{}
	for _, p := range in.RulePriorities {
		r, err := m.rule(p.RuleArn)
		if err != nil {
			return out, err
		}
		if _, twice := next[r]; twice || r.Priority == 0 {
			return out, elbv2.Fault(elbv2.OperationNotPermitted, "RulePriorities",
				"Rule '%s' is a default rule, or there twice", p.RuleArn)
		}
		next[r] = p.Priority.Or(0)
	}
	for r := range next { //order:any each listener is looked at as a whole, and the refusal is of the lowest priority
		if p, clash := r.of.clash(next); clash {
			return out, inUse(p)
		}
	}
	for _, p := range in.RulePriorities {
		r := m.rules[p.RuleArn]
		r.Priority = next[r]
		r.of.sort()
		out.Rules = append(out.Rules, r.shown())
	}
	return out, nil
}

// clash returns the lowest priority that two rules of a listener would have.
func (l *Listener) clash(next map[*Rule]int) (lowest int, clash bool) {
	seen := map[int]bool{}
	for _, r := range l.Rules {
		p, ok := next[r]
		if !ok {
			p = r.Priority
		}
		if seen[p] && (!clash || p < lowest) {
			lowest, clash = p, true
		}
		seen[p] = true
	}
	return lowest, clash
}

// equal reports whether two actions as they are shown are the same.
func equal(a, b elbv2.Action) bool { return reflect.DeepEqual(a, b) }
