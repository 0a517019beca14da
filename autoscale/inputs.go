package autoscale

import (
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
)

// DeregisterScalableTargetInput ends the scaling of a service, in the form of
// DeregisterScalableTarget.
type DeregisterScalableTargetInput struct {
	ServiceNamespace  string `json:"ServiceNamespace"`
	ResourceID        string `json:"ResourceId"` // service/CLUSTER/SERVICE
	ScalableDimension string `json:"ScalableDimension"`
}

// Validate returns nil, or a ValidationException for each fault.
func (in DeregisterScalableTargetInput) Validate() error {
	var f check.Faults
	validateKey(&f, in.ServiceNamespace, in.ResourceID, in.ScalableDimension)
	return ecs.Faults(ecs.ValidationException, f.Pairs())
}

// DeleteScalingPolicyInput removes a scaling policy, in the form of DeleteScalingPolicy.
type DeleteScalingPolicyInput struct {
	PolicyName        string `json:"PolicyName"`
	ServiceNamespace  string `json:"ServiceNamespace"`
	ResourceID        string `json:"ResourceId"`
	ScalableDimension string `json:"ScalableDimension"`
}

// Validate returns nil, or a ValidationException for each fault.
func (in DeleteScalingPolicyInput) Validate() error {
	var f check.Faults
	validateKey(&f, in.ServiceNamespace, in.ResourceID, in.ScalableDimension)
	if in.PolicyName == "" {
		f.Refuse("PolicyName", "PolicyName must not be empty.")
	}
	return ecs.Faults(ecs.ValidationException, f.Pairs())
}

// DeleteScheduledActionInput removes a scheduled action, in the form of DeleteScheduledAction.
type DeleteScheduledActionInput struct {
	ServiceNamespace    string `json:"ServiceNamespace"`
	ScheduledActionName string `json:"ScheduledActionName"`
	ResourceID          string `json:"ResourceId"`
	ScalableDimension   string `json:"ScalableDimension"`
}

// Validate returns nil, or a ValidationException for each fault.
func (in DeleteScheduledActionInput) Validate() error {
	var f check.Faults
	validateKey(&f, in.ServiceNamespace, in.ResourceID, in.ScalableDimension)
	if in.ScheduledActionName == "" {
		f.Refuse("ScheduledActionName", "ScheduledActionName must not be empty.")
	}
	return ecs.Faults(ecs.ValidationException, f.Pairs())
}

// MaxDescribed is the size of a page of the describe requests unless they ask for less.
const MaxDescribed = 50

// DescribeScalableTargetsInput asks for scalable targets, in the form of
// DescribeScalableTargets.
type DescribeScalableTargetsInput struct {
	ServiceNamespace  string       `json:"ServiceNamespace"`
	ResourceIDs       []string     `json:"ResourceIds,omitzero"` // absent: all
	ScalableDimension string       `json:"ScalableDimension,omitzero"`
	MaxResults        ecs.Opt[int] `json:"MaxResults,omitzero"` // 1 to 50; absent: 50
	NextToken         string       `json:"NextToken,omitzero"`
}

// Validate returns nil, or a ValidationException for each fault.
func (in DescribeScalableTargetsInput) Validate() error {
	return validateDescribe(in.ServiceNamespace, in.ScalableDimension, in.MaxResults)
}

// DescribeScalingPoliciesInput asks for scaling policies, in the form of
// DescribeScalingPolicies.
type DescribeScalingPoliciesInput struct {
	PolicyNames       []string     `json:"PolicyNames,omitzero"` // absent: all
	ServiceNamespace  string       `json:"ServiceNamespace"`
	ResourceID        string       `json:"ResourceId,omitzero"` // absent: of all targets
	ScalableDimension string       `json:"ScalableDimension,omitzero"`
	MaxResults        ecs.Opt[int] `json:"MaxResults,omitzero"` // 1 to 50; absent: 50
	NextToken         string       `json:"NextToken,omitzero"`
}

// Validate returns nil, or a ValidationException for each fault.
func (in DescribeScalingPoliciesInput) Validate() error {
	return validateDescribe(in.ServiceNamespace, in.ScalableDimension, in.MaxResults)
}

// DescribeScheduledActionsInput asks for scheduled actions, in the form of
// DescribeScheduledActions.
type DescribeScheduledActionsInput struct {
	ScheduledActionNames []string     `json:"ScheduledActionNames,omitzero"` // absent: all
	ServiceNamespace     string       `json:"ServiceNamespace"`
	ResourceID           string       `json:"ResourceId,omitzero"` // absent: of all targets
	ScalableDimension    string       `json:"ScalableDimension,omitzero"`
	MaxResults           ecs.Opt[int] `json:"MaxResults,omitzero"` // 1 to 50; absent: 50
	NextToken            string       `json:"NextToken,omitzero"`
}

// Validate returns nil, or a ValidationException for each fault.
func (in DescribeScheduledActionsInput) Validate() error {
	return validateDescribe(in.ServiceNamespace, in.ScalableDimension, in.MaxResults)
}

// validateDescribe checks what the describe requests have in common. Other namespaces are not
// refused: they have nothing to describe here.
func validateDescribe(namespace, dimension string, size ecs.Opt[int]) error {
	var f check.Faults
	if namespace == "" {
		f.Refuse("ServiceNamespace", "ServiceNamespace must not be empty.")
	}
	if namespace == ServiceNamespaceECS && dimension != "" && dimension != ScalableDimensionService {
		f.Refuse("ScalableDimension", "ScalableDimension must be %q, got %q.", ScalableDimensionService, dimension)
	}
	if n := size.Or(MaxDescribed); n < 1 || n > MaxDescribed {
		f.Refuse("MaxResults", "MaxResults must be between 1 and %d, got %d.", MaxDescribed, n)
	}
	return ecs.Faults(ecs.ValidationException, f.Pairs())
}
