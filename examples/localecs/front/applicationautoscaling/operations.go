// Package applicationautoscaling is the API of Application Auto Scaling in front of a control plane: one
// table.
//
// # Start here
//
// [Operations] has the table of what is served, all of the service, and [Named] says what the inputs name,
// for policies.
package applicationautoscaling

import (
	"time"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/examples/localecs/front/operation"
)

// Operations returns what is served of Application Auto Scaling.
func Operations() operation.Table[operation.World] {
	type P = *control.Plane
	return operation.Table[operation.World]{
		"RegisterScalableTarget":       operation.Change(P.RegisterScalableTarget),
		"DeregisterScalableTarget":     operation.Silent(P.DeregisterScalableTarget),
		"DescribeScalableTargets":      operation.Read(P.DescribeScalableTargets),
		"PutScalingPolicy":             operation.Change(putScalingPolicy),
		"DeleteScalingPolicy":          operation.Silent(P.DeleteScalingPolicy),
		"DescribeScalingPolicies":      operation.Read(P.DescribeScalingPolicies),
		"PutScheduledAction":           operation.Silent(P.PutScheduledAction),
		"DeleteScheduledAction":        operation.Silent(P.DeleteScheduledAction),
		"DescribeScheduledActions":     operation.Read(P.DescribeScheduledActions),
		"DescribeScalingActivities":    operation.Read(P.DescribeScalingActivities),
		"GetPredictiveScalingForecast": operation.Read(P.GetPredictiveScalingForecast),
		"TagResource":                  operation.Silent(P.TagScalableTarget),
		"UntagResource":                operation.Silent(P.UntagScalableTarget),
		"ListTagsForResource":          operation.Read(P.ListTagsOfScalableTarget),
	}
}

// putScalingPolicy answers a list of alarms also where there are none, as AWS does.
func putScalingPolicy(
	p *control.Plane, now time.Time, in autoscale.PutScalingPolicyInput,
) (autoscale.PutScalingPolicyOutput, error) {
	out, err := p.PutScalingPolicy(now, in)
	if out.Alarms == nil {
		out.Alarms = []autoscale.Alarm{}
	}
	return out, err
}

// Named says what the members of an input name, for policies: see front.
func Named() map[string]string {
	const (
		scalable = "scalable-target=ResourceId"
		resource = "resource=ResourceARN"
	)
	return map[string]string{
		"RegisterScalableTarget": scalable + " role=RoleARN", "DeregisterScalableTarget": scalable,
		"DescribeScalableTargets": "scalable-target=ResourceIds", "PutScalingPolicy": scalable,
		"DeleteScalingPolicy": scalable, "DescribeScalingPolicies": scalable, "PutScheduledAction": scalable,
		"DeleteScheduledAction": scalable, "DescribeScheduledActions": scalable, "DescribeScalingActivities": scalable,
		"GetPredictiveScalingForecast": scalable,
		"TagResource":                  resource, "UntagResource": resource, "ListTagsForResource": resource,
	}
}
