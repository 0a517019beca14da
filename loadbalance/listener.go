package loadbalance

import (
	"fmt"
	"slices"

	"github.com/bayplan/bayplan/ecs"
)

// Listener says what an Application Load Balancer does with a request. A Network Load
// Balancer's listener has the default action alone.
type Listener struct {
	ListenerArn   string   `json:"listenerArn,omitzero"`
	Port          int      `json:"port,omitzero"`     // that it listens on
	Protocol      Protocol `json:"protocol,omitzero"` // that clients speak
	Rules         []Rule   `json:"rules,omitzero"`    // in any order; priorities differ
	DefaultAction Action   `json:"defaultAction"`     // for requests that no rule matches
}

// Rule is an action for the requests that meet all of its conditions.
type Rule struct {
	RuleArn    string      `json:"ruleArn,omitzero"`
	Priority   int         `json:"priority"`   // 1 to 50000, the lowest first
	Conditions []Condition `json:"conditions"` // at least one
	Action     Action      `json:"action"`
}

// ActionType is the kind of an action.
type ActionType string

// The values of ActionType.
const (
	ActionTypeForward       ActionType = "forward"
	ActionTypeRedirect      ActionType = "redirect"
	ActionTypeFixedResponse ActionType = "fixed-response"
)

// Action is what a rule does with a request. The zero Type is forward.
type Action struct {
	Type          ActionType     `json:"type,omitzero"`
	Forward       Forward        `json:"forward,omitzero"`
	Redirect      *Redirect      `json:"redirect,omitzero"`
	FixedResponse *FixedResponse `json:"fixedResponse,omitzero"`
}

// Redirect sends a client to another URL. Parts that are absent do not change.
type Redirect struct {
	Protocol   string `json:"protocol,omitzero"`
	Host       string `json:"host,omitzero"`
	Port       string `json:"port,omitzero"`
	Path       string `json:"path,omitzero"`
	Query      string `json:"query,omitzero"`
	StatusCode string `json:"statusCode"` // HTTP_301 or HTTP_302
}

// FixedResponse is an answer that needs no target.
type FixedResponse struct {
	StatusCode  int    `json:"statusCode"` // 2xx, 4xx or 5xx
	ContentType string `json:"contentType,omitzero"`
	MessageBody string `json:"messageBody,omitzero"` // at most 1024 characters
}

// Route returns the action for the request and the index of its rule: that of the matching rule with the
// lowest priority number, or else the default action with index -1. O(rules).
// Source: Elastic Load Balancing, Application Load Balancers, "Listener rules".
func (l Listener) Route(r Request) (Action, int) {
	best := -1
	for i := range l.Rules {
		if (best < 0 || l.Rules[i].Priority < l.Rules[best].Priority) && l.Rules[i].matches(r) {
			best = i
		}
	}
	if best < 0 {
		return l.DefaultAction, best
	}
	return l.Rules[best].Action, best
}

// matches reports whether the request meets all conditions of the rule.
func (rule Rule) matches(r Request) bool {
	for i := range rule.Conditions {
		if !rule.Conditions[i].matches(r) {
			return false
		}
	}
	return true
}

// Validate returns everything that Elastic Load Balancing would refuse in the listener:
// PriorityInUse for a second rule of one priority, else ValidationError by field.
func (l Listener) Validate() error {
	f := &faults{}
	var used []int
	for i, rule := range l.Rules {
		field := fmt.Sprintf("rules[%d]", i)
		f.between(field+".priority", rule.Priority, 1, 50000)
		if slices.Contains(used, rule.Priority) {
			f.add(PriorityInUse, field+".priority", "priority %d is used by another rule", rule.Priority)
		}
		used = append(used, rule.Priority)
		validateConditions(f, field+".conditions", rule.Conditions)
		rule.Action.validate(f, field+".action")
	}
	l.DefaultAction.validate(f, "defaultAction")
	return f.list.Err()
}

func (a Action) validate(f *faults, field string) {
	switch a.Type {
	case ActionTypeForward, "":
		a.Forward.validate(f, field+".forward")
	case ActionTypeRedirect:
		switch r := a.Redirect; {
		case r == nil:
			f.add(ValidationError, field+".redirect", "a redirect says where to")
		case r.Protocol == "" && r.Host == "" && r.Port == "" && r.Path == "":
			f.add(ValidationError, field+".redirect",
				"a redirect changes protocol, host, port or path, or it goes in a circle")
		default:
			f.oneOf(field+".redirect.statusCode", r.StatusCode, "HTTP_301", "HTTP_302")
		}
	case ActionTypeFixedResponse:
		switch r := a.FixedResponse; {
		case r == nil:
			f.add(ValidationError, field+".fixedResponse", "a fixed response says what")
		case r.StatusCode/100 != 2 && r.StatusCode/100 != 4 && r.StatusCode/100 != 5:
			f.add(ValidationError, field+".fixedResponse.statusCode", "%d is not 2xx, 4xx or 5xx", r.StatusCode)
		case len(r.MessageBody) > 1024:
			f.add(ValidationError, field+".fixedResponse.messageBody", "%d characters, at most 1024",
				len(r.MessageBody))
		}
	default:
		f.oneOf(field+".type", string(a.Type), string(ActionTypeForward), string(ActionTypeRedirect),
			string(ActionTypeFixedResponse))
	}
}

// Forward sends requests to target groups in proportion to their weights.
type Forward struct {
	TargetGroups []WeightedTargetGroup `json:"targetGroups,omitzero"` // 1 to 5
	Stickiness   ForwardStickiness     `json:"stickiness,omitzero"`
}

// WeightedTargetGroup is a target group with its share of the requests: its weight over the
// sum of the weights.
type WeightedTargetGroup struct {
	TargetGroupArn string       `json:"targetGroupArn"`
	Weight         ecs.Opt[int] `json:"weight,omitzero"` // 0 to 999; absent: 1
}

// ForwardStickiness keeps a client at the target group that it had. Pick does not use it.
type ForwardStickiness struct {
	Enabled         bool `json:"enabled,omitzero"`
	DurationSeconds int  `json:"durationSeconds,omitzero"` // 1 to 604800
}

func (fw Forward) validate(f *faults, field string) {
	if n := len(fw.TargetGroups); n < 1 || n > MaxTargetGroups {
		f.add(ValidationError, field+".targetGroups", "%d target groups are not from 1 to %d", n, MaxTargetGroups)
	}
	total, seen := 0, []string(nil)
	for i, g := range fw.TargetGroups {
		path := fmt.Sprintf("%s.targetGroups[%d]", field, i)
		w := g.Weight.Or(1)
		f.between(path+".weight", w, 0, 999)
		total += max(0, w)
		if g.TargetGroupArn == "" || slices.Contains(seen, g.TargetGroupArn) {
			f.add(ValidationError, path+".targetGroupArn", "target group %q is missing or repeated", g.TargetGroupArn)
		}
		seen = append(seen, g.TargetGroupArn)
	}
	if total == 0 && len(fw.TargetGroups) > 0 {
		f.add(ValidationError, field+".targetGroups", "the weights of all %d target groups are 0", len(fw.TargetGroups))
	}
	if fw.Stickiness.Enabled {
		f.between(field+".stickiness.durationSeconds", fw.Stickiness.DurationSeconds, 1, 604800)
	}
}

// Pick returns the target group of the n-th request, n from 0, drawn by the weights from the
// seed and n alone; false if no group has a weight. A group of weight 0 is never picked. No
// allocation.
func (fw Forward) Pick(seed, n uint64) (string, bool) {
	var room [MaxTargetGroups]int
	weights := room[:0]
	for _, g := range fw.TargetGroups {
		weights = append(weights, g.Weight.Or(1))
	}
	i, ok := AlgorithmWeightedRandom.Pick(weights, nil, seed, n)
	if !ok {
		return "", false
	}
	return fw.TargetGroups[i].TargetGroupArn, true
}

// Shift returns the forward with green's share of the traffic, in thousandths from 0 to
// FullWeight, on group green, the rest on group blue, and 0 on all others. The weights are percent where the
// share is a whole number of them, 90 and 10 for a tenth, and else thousandths. Errors are
// InvalidParameterException: a share out of range, or a group that the forward does not have.
func (fw Forward) Shift(blue, green string, share int) (Forward, error) {
	if share < 0 || share > FullWeight {
		return Forward{}, ecs.Fault(ecs.InvalidParameterException, "weight",
			fmt.Sprintf("the share must be from 0 to %[2]d thousandths, got %[1]d", share, FullWeight))
	}
	b, g := FullWeight-share, share
	if percent := FullWeight / 100; share%percent == 0 {
		b, g = b/percent, g/percent
	}
	shifted := Forward{Stickiness: fw.Stickiness, TargetGroups: slices.Clone(fw.TargetGroups)}
	found := 0
	for i := range shifted.TargetGroups {
		switch t := &shifted.TargetGroups[i]; t.TargetGroupArn {
		case blue:
			t.Weight, found = ecs.Some(b), found+1
		case green:
			t.Weight, found = ecs.Some(g), found+1
		default:
			t.Weight = ecs.Some(0)
		}
	}
	if found != 2 {
		return Forward{}, ecs.Fault(ecs.InvalidParameterException, "targetGroups",
			fmt.Sprintf("the action must forward to both target groups %[2]s and %[3]s, and forwards to %[1]d of them",
				found, blue, green))
	}
	return shifted, nil
}

// Serving returns which of the two groups has all the traffic, and the other one. A deployment that
// shifts traffic needs that before it starts. Errors are InvalidParameterException: a group that the
// forward does not have, or not exactly one weight above 0.
// Source: Amazon ECS Developer Guide, "Application Load Balancer resources for blue/green, linear, and
// canary deployments".
func (fw Forward) Serving(one, other string) (blue, green string, err error) {
	found, serving := 0, 0
	for _, g := range fw.TargetGroups {
		if g.TargetGroupArn != one && g.TargetGroupArn != other {
			continue
		}
		found++
		if g.Weight.Or(1) > 0 {
			serving++
			blue = g.TargetGroupArn
		}
	}
	if found != 2 || serving != 1 {
		return "", "", ecs.Fault(ecs.InvalidParameterException, "targetGroups", fmt.Sprintf(
			"the action must forward to both target groups %s and %s, one of them with a weight above 0; "+
				"it forwards to %d of them, %d with a weight above 0",
			one, other, found, serving))
	}
	if green = one; blue == one {
		green = other
	}
	return blue, green, nil
}
