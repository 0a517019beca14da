package elbv2

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
	"github.com/bayplan/bayplan/loadbalance"
)

// Action is what a listener or a rule does with a request.
type Action struct {
	Type                string               `json:"Type"` // forward, redirect or fixed-response
	TargetGroupArn      string               `json:"TargetGroupArn,omitzero"`
	Order               ecs.Opt[int]         `json:"Order,omitzero"`
	RedirectConfig      *RedirectConfig      `json:"RedirectConfig,omitzero"`
	FixedResponseConfig *FixedResponseConfig `json:"FixedResponseConfig,omitzero"`
	ForwardConfig       *ForwardConfig       `json:"ForwardConfig,omitzero"`

	_ struct{} `unmodelled:"AuthenticateCognitoConfig,AuthenticateOidcConfig,JwtValidationConfig"`
}

// RedirectConfig is where a redirect goes to. #{protocol}, #{host}, #{port}, #{path} and #{query} stand for the
// parts of the request.
type RedirectConfig struct {
	Protocol   string `json:"Protocol,omitzero"`
	Port       string `json:"Port,omitzero"`
	Host       string `json:"Host,omitzero"`
	Path       string `json:"Path,omitzero"`
	Query      string `json:"Query,omitzero"`
	StatusCode string `json:"StatusCode"`
}

// FixedResponseConfig is an answer that needs no target.
type FixedResponseConfig struct {
	MessageBody string `json:"MessageBody,omitzero"`
	StatusCode  string `json:"StatusCode"`
	ContentType string `json:"ContentType,omitzero"`
}

// ForwardConfig is the target groups that share the requests, by their weights.
type ForwardConfig struct {
	TargetGroups                []TargetGroupTuple           `json:"TargetGroups"`
	TargetGroupStickinessConfig *TargetGroupStickinessConfig `json:"TargetGroupStickinessConfig,omitzero"`
}

// TargetGroupTuple is a target group with its weight.
type TargetGroupTuple struct {
	TargetGroupArn string       `json:"TargetGroupArn"`
	Weight         ecs.Opt[int] `json:"Weight,omitzero"` // 0 to 999; absent: 1
}

// TargetGroupStickinessConfig keeps a client at the target group that it had.
type TargetGroupStickinessConfig struct {
	Enabled         bool         `json:"Enabled"`
	DurationSeconds ecs.Opt[int] `json:"DurationSeconds,omitzero"` // 1 to 604800
}

// MostGroups is how many target groups an action may forward to.
const MostGroups = loadbalance.MaxTargetGroups

// actions returns what is wrong with the actions of a listener or rule: not exactly one as TooManyActions or
// ValidationError, a forward without a group or with two forms that differ as InvalidLoadBalancerAction, and what
// package loadbalance refuses in it.
func actions(field string, list []Action) error {
	switch {
	case len(list) == 0:
		return Fault(ValidationError, field, "%s is required.", field)
	case len(list) > 1:
		return Fault(TooManyActions, field, "There can be one action here, since actions that authenticate are not "+
			"modelled; there are %d.", len(list))
	}
	a, at := list[0], check.Index(field, 0)
	var f faults
	f.oneOf(at+".Type", a.Type, "forward", "redirect", "fixed-response")
	f.required(at+".Type", a.Type != "")
	f.number(at+".Order", a.Order, 1, 50000)
	if c := a.FixedResponseConfig; c != nil && !isNumber(c.StatusCode) {
		f.Refuse(at+".FixedResponseConfig.StatusCode", "A status code is a number such as 404; this is %q.",
			check.Shortened(c.StatusCode))
	}
	var bad error
	if groups := a.forward().TargetGroups; a.Type == "forward" && (len(groups) == 0 ||
		a.TargetGroupArn != "" && (len(groups) > 1 || groups[0].TargetGroupArn != a.TargetGroupArn)) {
		bad = Fault(InvalidLoadBalancerAction, at, "A forward action has TargetGroupArn, or ForwardConfig with 1 to "+
			"%d target groups; with both, they name the same single group.", MostGroups)
	} else if f.None() {
		bad = relocated(at, loadbalance.Listener{DefaultAction: a.Routing()}.Validate())
	}
	return joined(f.err(), bad)
}

// relocated returns the faults of an action under the path that it has in a request.
func relocated(at string, err error) error {
	var list ecs.ErrorList
	for e := range ecs.Errors(err) {
		list = append(list, ecs.Fault(e.Code, check.Join(at, e.Field), e.Message))
	}
	return list.Err()
}

// forward is the forward of an action, in whichever of its two forms it is.
func (a Action) forward() ForwardConfig {
	if a.ForwardConfig != nil && len(a.ForwardConfig.TargetGroups) > 0 {
		return *a.ForwardConfig
	}
	if a.TargetGroupArn != "" {
		return ForwardConfig{TargetGroups: []TargetGroupTuple{{TargetGroupArn: a.TargetGroupArn}}}
	}
	return ForwardConfig{}
}

// Groups returns the ARNs of the target groups that an action names, those of weight 0 among them.
func (a Action) Groups() (arns []string) {
	if a.Type != "forward" {
		return nil
	}
	for _, g := range a.forward().TargetGroups {
		arns = append(arns, g.TargetGroupArn)
	}
	return arns
}

// Shown returns the action as Describe operations show it: a forward with its weights and stickiness, and one to a
// single group in both forms; a redirect with all its parts.
func (a Action) Shown() Action {
	switch a.Type {
	case "forward":
		c := a.forward()
		c.TargetGroups = slices.Clone(c.TargetGroups)
		for i, g := range c.TargetGroups {
			c.TargetGroups[i].Weight = ecs.Some(g.Weight.Or(1))
		}
		if c.TargetGroupStickinessConfig == nil {
			c.TargetGroupStickinessConfig = &TargetGroupStickinessConfig{}
		}
		a.ForwardConfig, a.TargetGroupArn = &c, ""
		if len(c.TargetGroups) == 1 {
			a.TargetGroupArn = c.TargetGroups[0].TargetGroupArn
		}
	case "redirect":
		if a.RedirectConfig != nil {
			c := *a.RedirectConfig
			for _, p := range c.parts() {
				*p.is = cmp.Or(*p.is, p.same)
			}
			a.RedirectConfig = &c
		}
	}
	return a
}

// part is a part of a redirect, and what stands for the same part of the request.
type part struct {
	is   *string
	same string
}

func (c *RedirectConfig) parts() []part {
	return []part{{&c.Protocol, "#{protocol}"}, {&c.Port, "#{port}"}, {&c.Host, "#{host}"}, {&c.Path, "/#{path}"},
		{&c.Query, "#{query}"}}
}

// Routing returns the action by which package loadbalance routes.
func (a Action) Routing() loadbalance.Action {
	r := loadbalance.Action{Type: loadbalance.ActionType(a.Type)}
	switch {
	case a.Type == "forward":
		c := a.forward()
		for _, g := range c.TargetGroups {
			r.Forward.TargetGroups = append(r.Forward.TargetGroups, loadbalance.WeightedTargetGroup(g))
		}
		if s := c.TargetGroupStickinessConfig; s != nil {
			r.Forward.Stickiness = loadbalance.ForwardStickiness{Enabled: s.Enabled,
				DurationSeconds: s.DurationSeconds.Or(0)}
		}
	case a.Type == "redirect" && a.RedirectConfig != nil:
		c := *a.RedirectConfig
		for _, p := range c.parts() {
			if *p.is == p.same {
				*p.is = ""
			}
		}
		r.Redirect = &loadbalance.Redirect{Protocol: c.Protocol, Host: c.Host, Port: c.Port, Path: c.Path,
			Query: c.Query, StatusCode: c.StatusCode}
	case a.Type == "fixed-response" && a.FixedResponseConfig != nil:
		c := a.FixedResponseConfig
		code, err := strconv.Atoi(c.StatusCode)
		if err != nil {
			code = 0 // of no class: Validate refuses it
		}
		r.FixedResponse = &loadbalance.FixedResponse{StatusCode: code, ContentType: c.ContentType,
			MessageBody: c.MessageBody}
	}
	return r
}

// WithForward returns a forward action with other target groups and weights; its stickiness stays.
func (a Action) WithForward(f loadbalance.Forward) Action {
	c := ForwardConfig{TargetGroupStickinessConfig: a.forward().TargetGroupStickinessConfig}
	for _, g := range f.TargetGroups {
		c.TargetGroups = append(c.TargetGroups, TargetGroupTuple(g))
	}
	a.Type, a.TargetGroupArn, a.ForwardConfig = "forward", "", &c
	a.RedirectConfig, a.FixedResponseConfig = nil, nil
	return a.Shown()
}

// Forwards reports whether the action names one of some target groups, with a weight of 0 too.
func (a Action) Forwards(arns ...string) bool {
	return slices.ContainsFunc(a.Groups(), func(arn string) bool { return slices.Contains(arns, arn) })
}

// Shift returns the action with green's share of the traffic, in thousandths, on group green and the rest on group
// blue. An action that does not forward to both does so from then on. The error is that of loadbalance.Forward.Shift.
func (a Action) Shift(blue, green string, share int) (Action, error) {
	forward := a.Routing().Forward
	if !a.Forwards(blue) || !a.Forwards(green) {
		forward.TargetGroups = []loadbalance.WeightedTargetGroup{{TargetGroupArn: blue}, {TargetGroupArn: green}}
	}
	shifted, err := forward.Shift(blue, green, share)
	if err != nil {
		return Action{}, err
	}
	return a.WithForward(shifted), nil
}
