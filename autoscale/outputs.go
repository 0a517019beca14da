package autoscale

import "github.com/bayplan/bayplan/ecs"

// RegisterScalableTargetOutput is the answer of RegisterScalableTarget.
type RegisterScalableTargetOutput struct {
	ScalableTargetARN string `json:"ScalableTargetARN"`
}

// PutScalingPolicyOutput is the answer of PutScalingPolicy: for a target-tracking policy with
// the alarms that it makes.
type PutScalingPolicyOutput struct {
	PolicyARN string  `json:"PolicyARN"`
	Alarms    []Alarm `json:"Alarms"`
}

// Alarm names a CloudWatch alarm that invokes a scaling policy.
type Alarm struct {
	AlarmName string `json:"AlarmName"`
	AlarmARN  string `json:"AlarmARN"`
}

// ScalingPolicy is a scaling policy in the form of DescribeScalingPolicies.
type ScalingPolicy struct {
	PutScalingPolicyInput
	PolicyARN    string      `json:"PolicyARN"`
	Alarms       []Alarm     `json:"Alarms"`
	CreationTime ecs.Instant `json:"CreationTime,omitzero"`
}

// DescribeScalableTargetsOutput is a page of scalable targets, and the token of the next one,
// "" after the last.
type DescribeScalableTargetsOutput struct {
	ScalableTargets []ScalableTarget `json:"ScalableTargets"`
	NextToken       string           `json:"NextToken,omitzero"`
}

// DescribeScalingPoliciesOutput is a page of scaling policies, and the token of the next one,
// "" after the last.
type DescribeScalingPoliciesOutput struct {
	ScalingPolicies []ScalingPolicy `json:"ScalingPolicies"`
	NextToken       string          `json:"NextToken,omitzero"`
}

// DescribeScheduledActionsOutput is a page of scheduled actions, and the token of the next one,
// "" after the last.
type DescribeScheduledActionsOutput struct {
	ScheduledActions []ScheduledAction `json:"ScheduledActions"`
	NextToken        string            `json:"NextToken,omitzero"`
}
