package loadbalance

import (
	"time"

	"github.com/bayplan/bayplan/ecs"
)

// TrafficRoutingType is how a CodeDeploy deployment configuration shifts traffic.
type TrafficRoutingType string

// The values of TrafficRoutingType.
const (
	TrafficRoutingTypeAllAtOnce       TrafficRoutingType = "AllAtOnce"
	TrafficRoutingTypeTimeBasedCanary TrafficRoutingType = "TimeBasedCanary"
	TrafficRoutingTypeTimeBasedLinear TrafficRoutingType = "TimeBasedLinear"
)

// TrafficRouting is the traffic part of a CodeDeploy deployment configuration.
type TrafficRouting struct {
	Type            TrafficRoutingType `json:"type,omitzero"`            // absent: AllAtOnce
	Percentage      int                `json:"percentage,omitzero"`      // of the canary, or of each linear step; 1 to 99
	IntervalMinutes int                `json:"intervalMinutes,omitzero"` // between shifts; at least 1
}

// PredefinedTrafficRouting returns the traffic part of one of CodeDeploy's own deployment
// configurations for ECS, such as "CodeDeployDefault.ECSCanary10Percent5Minutes".
// Source: AWS CodeDeploy User Guide, "Working with deployment configurations in CodeDeploy".
func PredefinedTrafficRouting(name string) (TrafficRouting, bool) {
	switch name {
	case "CodeDeployDefault.ECSAllAtOnce":
		return TrafficRouting{Type: TrafficRoutingTypeAllAtOnce}, true
	case "CodeDeployDefault.ECSLinear10PercentEvery1Minutes":
		return TrafficRouting{Type: TrafficRoutingTypeTimeBasedLinear, Percentage: 10, IntervalMinutes: 1}, true
	case "CodeDeployDefault.ECSLinear10PercentEvery3Minutes":
		return TrafficRouting{Type: TrafficRoutingTypeTimeBasedLinear, Percentage: 10, IntervalMinutes: 3}, true
	case "CodeDeployDefault.ECSCanary10Percent5Minutes":
		return TrafficRouting{Type: TrafficRoutingTypeTimeBasedCanary, Percentage: 10, IntervalMinutes: 5}, true
	case "CodeDeployDefault.ECSCanary10Percent15Minutes":
		return TrafficRouting{Type: TrafficRoutingTypeTimeBasedCanary, Percentage: 10, IntervalMinutes: 15}, true
	}
	return TrafficRouting{}, false
}

// Plan returns the plan of a deployment that CodeDeploy carries out; wait is how long the old
// task set lives on after the last shift. Errors are InvalidParameterException by field: an
// unknown type, a percentage not from 1 to 99, an interval below 1, a negative wait, or
// anything but AllAtOnce behind a network load balancer.
// Source: AWS CodeDeploy API Reference, TrafficRoutingConfig.
func (r TrafficRouting) Plan(kind LoadBalancerType, wait time.Duration) (TrafficPlan, error) {
	f := &faults{}
	refuse := func(field, format string, args ...any) {
		f.add(ecs.InvalidParameterException, "trafficRoutingConfig."+field, format, args...)
	}
	p := TrafficPlan{bake: wait}
	interval := time.Duration(r.IntervalMinutes) * time.Minute
	switch r.Type {
	case TrafficRoutingTypeTimeBasedCanary, TrafficRoutingTypeTimeBasedLinear:
		if kind == LoadBalancerTypeNetwork {
			refuse("type", "a network load balancer shifts all at once, not by %s", r.Type)
		}
		if r.Percentage < 1 || r.Percentage > 99 {
			refuse("percentage", "%d is not from 1 to 99", r.Percentage)
		}
		if r.IntervalMinutes < 1 {
			refuse("intervalMinutes", "%d is not 1 or more", r.IntervalMinutes)
		}
	case TrafficRoutingTypeAllAtOnce, "":
	default:
		refuse("type", "%q is not one of %v", r.Type, []TrafficRoutingType{TrafficRoutingTypeAllAtOnce, TrafficRoutingTypeTimeBasedCanary, TrafficRoutingTypeTimeBasedLinear})
	}
	if wait < 0 {
		refuse("wait", "%v is negative", wait)
	}
	if err := f.list.Err(); err != nil {
		return TrafficPlan{}, err
	}
	switch r.Type {
	case TrafficRoutingTypeTimeBasedCanary:
		p.canary(r.Percentage*10, interval)
	case TrafficRoutingTypeTimeBasedLinear:
		p.linear(r.Percentage*10, interval)
	default:
		p.shift(FullWeight, 0)
	}
	return p, nil
}
