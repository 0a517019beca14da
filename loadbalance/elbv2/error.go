package elbv2

import (
	"fmt"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
	"github.com/bayplan/bayplan/loadbalance"
)

// The errors of the API, by the codes that its XML has.
// Source: Elastic Load Balancing API Reference, the errors of each action.
const (
	DuplicateListener           ecs.Code = "DuplicateListener"
	DuplicateLoadBalancerName   ecs.Code = "DuplicateLoadBalancerName"
	DuplicateTagKeys            ecs.Code = "DuplicateTagKeys"
	DuplicateTargetGroupName    ecs.Code = "DuplicateTargetGroupName"
	IncompatibleProtocols       ecs.Code = "IncompatibleProtocols"
	InvalidConfigurationRequest          = loadbalance.InvalidConfigurationRequest
	InvalidLoadBalancerAction   ecs.Code = "InvalidLoadBalancerAction"
	InvalidTarget                        = loadbalance.InvalidTarget
	ListenerNotFound            ecs.Code = "ListenerNotFound"
	LoadBalancerNotFound        ecs.Code = "LoadBalancerNotFound"
	OperationNotPermitted       ecs.Code = "OperationNotPermitted"
	PriorityInUse                        = loadbalance.PriorityInUse
	ResourceInUse               ecs.Code = "ResourceInUse"
	RuleNotFound                ecs.Code = "RuleNotFound"
	TargetGroupAssociationLimit ecs.Code = "TargetGroupAssociationLimit"
	TargetGroupNotFound         ecs.Code = "TargetGroupNotFound"
	TooManyActions              ecs.Code = "TooManyActions"
	TooManyListeners            ecs.Code = "TooManyListeners"
	TooManyLoadBalancers        ecs.Code = "TooManyLoadBalancers"
	TooManyRules                ecs.Code = "TooManyRules"
	TooManyTags                 ecs.Code = "TooManyTags"
	TooManyTargetGroups         ecs.Code = "TooManyTargetGroups"
	TooManyTargets              ecs.Code = "TooManyTargets"
	ValidationError                      = loadbalance.ValidationError
)

// Fault returns an error of one fault.
func Fault(code ecs.Code, field, format string, args ...any) error {
	return ecs.ErrorList{ecs.Fault(code, field, fmt.Sprintf(format, args...))}
}

// faults gathers ValidationErrors.
type faults struct{ check.Faults }

func (f *faults) err() error { return ecs.Faults(ValidationError, f.Pairs()) }

// required refuses a member that is not given.
func (f *faults) required(field string, given bool) bool {
	if !given {
		f.Refuse(field, "%s is required.", field)
	}
	return given
}

// number refuses a number that is given and outside its bounds.
func (f *faults) number(field string, n ecs.Opt[int], lo, hi int) {
	if v, given := n.Get(); given && (v < lo || v > hi) {
		f.Refuse(field, "%s must be between %d and %d; it is %d.", field, lo, hi, v)
	}
}

// oneOf refuses a text that is given and not one of the values.
func (f *faults) oneOf(field, v string, values ...string) {
	for _, o := range values {
		if v == o || v == "" {
			return
		}
	}
	f.Refuse(field, "%s must be one of %v; it is %q.", field, values, check.Shortened(v))
}

// name refuses what cannot be the name of a load balancer or target group.
func (f *faults) name(field, v, what string) {
	switch {
	case !f.required(field, v != ""):
	case len(v) > 32:
		f.Refuse(field, "%s name '%s' cannot be longer than '32' characters; it has %d.", what, check.Shortened(v),
			len(v))
	case !check.Only(v, "-"):
		f.Refuse(field, "%s name '%s' can only contain characters that are alphanumeric characters and hyphens(-)",
			what, check.Shortened(v))
	case v[0] == '-' || v[len(v)-1] == '-':
		f.Refuse(field, "%s name '%s' cannot begin or end with '-'", what, v)
	}
}
