package front

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control"
)

// scalingRef is what the requests about scaling name things by.
type scalingRef struct {
	paging
	ServiceNamespace     string
	ResourceID           string   `json:"ResourceId"`
	ResourceIDs          []string `json:"ResourceIds"`
	PolicyName           string
	PolicyNames          []string
	ScheduledActionName  string
	ScheduledActionNames []string
}

func (r scalingRef) ids() []string {
	if r.ResourceID != "" {
		return append(r.ResourceIDs, r.ResourceID)
	}
	return r.ResourceIDs
}

func (r scalingRef) named(name string) control.ScalingRef {
	return control.ScalingRef{ResourceID: r.ResourceID, Name: name}
}

// page is the answer of a describe call; AWS's front spells the token with a capital here.
func scalingPage[T any](r scalingRef, name string, list []T, key func(T) string) (any, error) {
	if r.ServiceNamespace != "" && r.ServiceNamespace != "ecs" {
		list = nil
	}
	slices.SortStableFunc(list, func(a, b T) int { return cmp.Compare(key(a), key(b)) })
	page, token, err := cut(list, r.paging, 50, false, key)
	if err != nil {
		return nil, &ecs.Error{Code: ecs.ValidationException, Message: err.Error(), Err: err}
	}
	out := object{name: page}
	if token != "" {
		out["NextToken"] = token
	}
	return out, nil
}

// scalingArn is the ARN of a thing of Application Auto Scaling, with an ID that follows from
// its names.
func scalingArn(p *control.Plane, kind, resource, name string) string {
	sum := sha256.Sum256([]byte(kind + "\x00" + resource + "\x00" + name))
	id := fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
	c := p.Config()
	return "arn:" + c.Partition + ":autoscaling:" + c.Region + ":" + c.Account + ":" + kind + ":" + id + ":resource/ecs/" + resource + name
}

func policyArn(p *control.Plane, resource, name string) string {
	return scalingArn(p, "scalingPolicy", resource, ":policyName/"+name)
}

func targetArn(p *control.Plane, resource string) string {
	sum := sha256.Sum256([]byte(resource))
	c := p.Config()
	return fmt.Sprintf("arn:%s:application-autoscaling:%s:%s:scalable-target/%x", c.Partition, c.Region, c.Account, sum[:14])
}

func scalingOperations() map[string]operation {
	type P = *control.Plane
	return map[string]operation{
		"RegisterScalableTarget": change(func(p P, now time.Time, in autoscale.RegisterScalableTargetInput) (any, error) {
			return object{"ScalableTargetARN": targetArn(p, in.ResourceID)}, p.RegisterScalableTarget(now, in)
		}),
		"DeregisterScalableTarget": silent(func(p P, now time.Time, in scalingRef) error { return p.DeregisterScalableTarget(now, in.named("")) }),
		"DescribeScalableTargets":  read(describeScalableTargets),
		"PutScalingPolicy": change(func(p P, now time.Time, in autoscale.PutScalingPolicyInput) (any, error) {
			return object{"PolicyARN": policyArn(p, in.ResourceID, in.PolicyName), "Alarms": []object{}}, p.PutScalingPolicy(now, in)
		}),
		"DeleteScalingPolicy": silent(func(p P, now time.Time, in scalingRef) error {
			return p.DeleteScalingPolicy(now, in.named(in.PolicyName))
		}),
		"DescribeScalingPolicies": read(describeScalingPolicies),
		"PutScheduledAction":      silent(P.PutScheduledAction),
		"DeleteScheduledAction": silent(func(p P, now time.Time, in scalingRef) error {
			return p.DeleteScheduledAction(now, in.named(in.ScheduledActionName))
		}),
		"DescribeScheduledActions": read(describeScheduledActions),
	}
}

func describeScalableTargets(p *control.Plane, in scalingRef) (any, error) {
	type view struct {
		autoscale.ScalableTarget
		ScalableTargetARN string
	}
	var list []view
	for _, t := range p.ScalableTargets(in.ids()...) {
		list = append(list, view{t, targetArn(p, t.ResourceID)})
	}
	return scalingPage(in, "ScalableTargets", list, func(t view) string { return t.ResourceID })
}

func describeScalingPolicies(p *control.Plane, in scalingRef) (any, error) {
	type view struct {
		autoscale.PutScalingPolicyInput
		PolicyARN string
		Alarms    []object
	}
	var list []view
	for _, policy := range p.ScalingPolicies(in.ids()...) {
		if len(in.PolicyNames) == 0 || slices.Contains(in.PolicyNames, policy.PolicyName) {
			policy.PolicyType = cmp.Or(policy.PolicyType, autoscale.PolicyTypeStepScaling)
			list = append(list, view{policy, policyArn(p, policy.ResourceID, policy.PolicyName), []object{}})
		}
	}
	return scalingPage(in, "ScalingPolicies", list, func(v view) string { return v.ResourceID + "\x00" + v.PolicyName })
}

func describeScheduledActions(p *control.Plane, in scalingRef) (any, error) {
	type view struct {
		autoscale.ScheduledAction
		ScheduledActionARN string
	}
	var list []view
	for _, a := range p.ScheduledActions(in.ids()...) {
		if len(in.ScheduledActionNames) == 0 || slices.Contains(in.ScheduledActionNames, a.ScheduledActionName) {
			list = append(list, view{a, scalingArn(p, "scheduledAction", a.ResourceID, ":scheduledActionName/"+a.ScheduledActionName)})
		}
	}
	return scalingPage(in, "ScheduledActions", list, func(v view) string { return v.ResourceID + "\x00" + v.ScheduledActionName })
}
