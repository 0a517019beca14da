package elbv2

import (
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
	"github.com/bayplan/bayplan/loadbalance"
)

// Rule is a rule of a listener as DescribeRules shows it.
type Rule struct {
	RuleArn    string          `json:"RuleArn"`
	Priority   string          `json:"Priority"` // a number, or "default"
	Conditions []RuleCondition `json:"Conditions"`
	Actions    []Action        `json:"Actions"`
	IsDefault  bool            `json:"IsDefault"`
}

// RuleCondition is a condition of a rule: a field, and the values for it in the member that is named after it. Host
// names and paths may be in Values instead.
type RuleCondition struct {
	Field                   string             `json:"Field,omitzero"`
	Values                  []string           `json:"Values,omitempty"`
	HostHeaderConfig        *ConditionValues   `json:"HostHeaderConfig,omitzero"`
	PathPatternConfig       *ConditionValues   `json:"PathPatternConfig,omitzero"`
	HttpHeaderConfig        *HttpHeaderConfig  `json:"HttpHeaderConfig,omitzero"`
	QueryStringConfig       *QueryStringConfig `json:"QueryStringConfig,omitzero"`
	HttpRequestMethodConfig *PlainValues       `json:"HttpRequestMethodConfig,omitzero"`
	SourceIpConfig          *SourceIpConfig    `json:"SourceIpConfig,omitzero"`

	_ struct{} `unmodelled:"RegexValues"`
}

// PlainValues are the values of a condition.
type PlainValues struct {
	Values []string `json:"Values"`
}

// SourceIpConfig are the blocks of addresses that clients may have.
type SourceIpConfig struct {
	Values []string `json:"Values"`

	_ struct{} `unmodelled:"IpAddressType"`
}

// ConditionValues are the values of a condition that could also be regular expressions.
type ConditionValues struct {
	Values []string `json:"Values"`

	_ struct{} `unmodelled:"RegexValues"`
}

// HttpHeaderConfig is a header and the values that it may have.
type HttpHeaderConfig struct {
	HttpHeaderName string   `json:"HttpHeaderName"`
	Values         []string `json:"Values"`

	_ struct{} `unmodelled:"RegexValues"`
}

// QueryStringConfig are pairs of a query string; a pair without a key is any key.
type QueryStringConfig struct {
	Values []QueryStringKeyValuePair `json:"Values"`
}

// QueryStringKeyValuePair is a pair of a query string.
type QueryStringKeyValuePair struct {
	Key   string `json:"Key,omitzero"`
	Value string `json:"Value"`
}

// given returns the fields that a condition has values for, in members named after them.
func (c RuleCondition) given() (fields []loadbalance.ConditionField) {
	for _, m := range []struct {
		field loadbalance.ConditionField
		given bool
	}{
		{loadbalance.ConditionFieldHostHeader, c.HostHeaderConfig != nil},
		{loadbalance.ConditionFieldPathPattern, c.PathPatternConfig != nil},
		{loadbalance.ConditionFieldHTTPHeader, c.HttpHeaderConfig != nil},
		{loadbalance.ConditionFieldHTTPRequestMethod, c.HttpRequestMethodConfig != nil},
		{loadbalance.ConditionFieldQueryString, c.QueryStringConfig != nil},
		{loadbalance.ConditionFieldSourceIP, c.SourceIpConfig != nil},
	} {
		if m.given {
			fields = append(fields, m.field)
		}
	}
	return fields
}

// field is the field of a condition, which may be left out where a member is named after it.
func (c RuleCondition) field() loadbalance.ConditionField {
	if given := c.given(); c.Field == "" && len(given) == 1 {
		return given[0]
	}
	return loadbalance.ConditionField(c.Field)
}

// Routing returns the condition by which package loadbalance routes.
func (c RuleCondition) Routing() loadbalance.Condition {
	r := loadbalance.Condition{Field: c.field(), Values: c.Values}
	switch {
	case c.HostHeaderConfig != nil:
		r.Values = c.HostHeaderConfig.Values
	case c.PathPatternConfig != nil:
		r.Values = c.PathPatternConfig.Values
	case c.HttpRequestMethodConfig != nil:
		r.Values = c.HttpRequestMethodConfig.Values
	case c.SourceIpConfig != nil:
		r.Values = c.SourceIpConfig.Values
	case c.HttpHeaderConfig != nil:
		r.Values, r.HTTPHeaderName = c.HttpHeaderConfig.Values, c.HttpHeaderConfig.HttpHeaderName
	case c.QueryStringConfig != nil:
		for _, v := range c.QueryStringConfig.Values {
			r.QueryString = append(r.QueryString, ecs.KeyValuePair{Name: v.Key, Value: v.Value})
		}
	}
	return r
}

// Routing returns the conditions by which package loadbalance routes.
func Routing(list []RuleCondition) (conditions []loadbalance.Condition) {
	for _, c := range list {
		conditions = append(conditions, c.Routing())
	}
	return conditions
}

// Shown returns the condition as DescribeRules shows it: host names and paths in both of their forms.
func (c RuleCondition) Shown() RuleCondition {
	r := c.Routing()
	c.Field = string(r.Field)
	switch r.Field {
	case loadbalance.ConditionFieldHostHeader:
		c.Values, c.HostHeaderConfig = r.Values, &ConditionValues{Values: r.Values}
	case loadbalance.ConditionFieldPathPattern:
		c.Values, c.PathPatternConfig = r.Values, &ConditionValues{Values: r.Values}
	}
	return c
}

// conditions returns what is wrong with the conditions of a rule, as ValidationError.
func conditions(list []RuleCondition) error {
	var f faults
	rule := loadbalance.Rule{Priority: 1, Action: loadbalance.Action{Forward: loadbalance.Forward{
		TargetGroups: []loadbalance.WeightedTargetGroup{{TargetGroupArn: "any"}}}}}
	for i, c := range list {
		at := check.Index("Conditions", i)
		r := c.Routing()
		rule.Conditions = append(rule.Conditions, r)
		given := c.given()
		plain := r.Field == loadbalance.ConditionFieldHostHeader || r.Field == loadbalance.ConditionFieldPathPattern
		switch {
		case len(given) > 1 || len(given) == 1 && (given[0] != r.Field || len(c.Values) > 0):
			f.Refuse(at, "A condition has the values of one field, in one member.")
		case len(given) == 0 && !plain:
			f.Refuse(at, "The values of a condition on '%s' are in the member that is named after it.",
				check.Shortened(c.Field))
		}
		f.AtMost(at+".Values", len(r.Values)+len(r.QueryString), mostValues)
	}
	listener := loadbalance.Listener{Rules: []loadbalance.Rule{rule}, DefaultAction: rule.Action}
	return joined(f.err(), listener.Validate())
}

// mostValues is how many values the conditions of a rule may have.
// Source: Elastic Load Balancing, "Quotas for your Application Load Balancers".
const mostValues = 5

// MostPriority is the highest number that a rule's priority may be.
const MostPriority = 50000

// CreateRuleInput is the input of CreateRule.
type CreateRuleInput struct {
	ListenerArn string          `json:"ListenerArn"`
	Conditions  []RuleCondition `json:"Conditions"`
	Priority    ecs.Opt[int]    `json:"Priority"`
	Actions     []Action        `json:"Actions"`
	Tags        []Tag           `json:"Tags,omitzero"`

	_ struct{} `unmodelled:"Transforms"`
}

// Validate returns all that is wrong with the request, as ValidationError or the codes of its actions and tags.
// Source: Elastic Load Balancing API Reference, CreateRule.
func (in CreateRuleInput) Validate() error {
	var f faults
	f.required("ListenerArn", in.ListenerArn != "")
	f.required("Priority", !in.Priority.IsZero())
	f.number("Priority", in.Priority, 1, MostPriority)
	return joined(f.err(), conditions(in.Conditions), actions("Actions", in.Actions), CheckTags(in.Tags))
}

// ModifyRuleInput is the input of ModifyRule.
type ModifyRuleInput struct {
	RuleArn    string          `json:"RuleArn"`
	Conditions []RuleCondition `json:"Conditions,omitzero"`
	Actions    []Action        `json:"Actions,omitzero"`

	_ struct{} `unmodelled:"Transforms,ResetTransforms"`
}

// Validate returns all that is wrong with the request, as ValidationError or the codes of its actions.
func (in ModifyRuleInput) Validate() error {
	var f faults
	f.required("RuleArn", in.RuleArn != "")
	f.required("Conditions or Actions", len(in.Conditions)+len(in.Actions) > 0)
	errs := []error{f.err()}
	if len(in.Conditions) > 0 {
		errs = append(errs, conditions(in.Conditions))
	}
	if len(in.Actions) > 0 {
		errs = append(errs, actions("Actions", in.Actions))
	}
	return joined(errs...)
}

// RuleInput is the input of DeleteRule.
type RuleInput struct {
	RuleArn string `json:"RuleArn"`
}

// RulesOutput is the answer of operations that create, modify, order or describe rules.
type RulesOutput struct {
	Rules      []Rule `json:"Rules"`
	NextMarker string `json:"NextMarker,omitzero"`
}

// DescribeRulesInput is the input of DescribeRules.
type DescribeRulesInput struct {
	ListenerArn string       `json:"ListenerArn,omitzero"`
	RuleArns    []string     `json:"RuleArns,omitzero"`
	Marker      string       `json:"Marker,omitzero"`
	PageSize    ecs.Opt[int] `json:"PageSize,omitzero"`
}

// Validate refuses a request that names neither a listener nor rules, or both.
func (in DescribeRulesInput) Validate() error {
	var f faults
	if (in.ListenerArn == "") == (len(in.RuleArns) == 0) {
		f.Refuse("", "You must specify either listener rule ARNs or a listener ARN")
	}
	return f.err()
}

// SetRulePrioritiesInput is the input of SetRulePriorities.
type SetRulePrioritiesInput struct {
	RulePriorities []RulePriorityPair `json:"RulePriorities"`
}

// RulePriorityPair is a rule with its new priority.
type RulePriorityPair struct {
	RuleArn  string       `json:"RuleArn"`
	Priority ecs.Opt[int] `json:"Priority"`
}

// Validate returns all that is wrong with the request, as ValidationError.
func (in SetRulePrioritiesInput) Validate() error {
	var f faults
	f.required("RulePriorities", len(in.RulePriorities) > 0)
	for i, p := range in.RulePriorities {
		at := check.Index("RulePriorities", i)
		f.required(at+".RuleArn", p.RuleArn != "")
		f.required(at+".Priority", !p.Priority.IsZero())
		f.number(at+".Priority", p.Priority, 1, MostPriority)
	}
	return f.err()
}

// Validate refuses a request that names none, as ValidationError.
func (in RuleInput) Validate() error {
	var f faults
	f.required("RuleArn", in.RuleArn != "")
	return f.err()
}
