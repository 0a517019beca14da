package scheduler

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs"
)

// CodeDeployTrafficRouting returns the traffic routing of one of CodeDeploy's predefined
// configurations for Amazon ECS, such as CodeDeployDefault.ECSCanary10Percent5Minutes, and
// false for any other name. Source: AWS CodeDeploy User Guide, "Predefined deployment
// configurations for an Amazon ECS compute platform".
func CodeDeployTrafficRouting(name string) (TrafficRouting, bool) {
	for _, c := range codeDeployConfigurations {
		if c.name == name {
			return c.routing, true
		}
	}
	return TrafficRouting{}, false
}

// CodeDeployConfigurations returns the names of CodeDeploy's predefined configurations for Amazon ECS.
func CodeDeployConfigurations() (names []string) {
	for _, c := range codeDeployConfigurations {
		names = append(names, c.name)
	}
	return names
}

// codeDeployConfigurations are CodeDeploy's predefined deployment configurations for Amazon ECS.
var codeDeployConfigurations = [...]struct {
	name    string
	routing TrafficRouting
}{
	{"CodeDeployDefault.ECSAllAtOnce", TrafficRouting{Type: TrafficRoutingTypeAllAtOnce}},
	{"CodeDeployDefault.ECSLinear10PercentEvery1Minutes", TrafficRouting{TrafficRoutingTypeTimeBasedLinear, 10, 1}},
	{"CodeDeployDefault.ECSLinear10PercentEvery3Minutes", TrafficRouting{TrafficRoutingTypeTimeBasedLinear, 10, 3}},
	{"CodeDeployDefault.ECSCanary10Percent5Minutes", TrafficRouting{TrafficRoutingTypeTimeBasedCanary, 10, 5}},
	{"CodeDeployDefault.ECSCanary10Percent15Minutes", TrafficRouting{TrafficRoutingTypeTimeBasedCanary, 10, 15}},
}

// FullTraffic is all of a listener's traffic, in the unit of Traffic.Green.
const FullTraffic = 1000

// Validate returns what CodeDeploy would refuse in the routing, all faults at once, as
// InvalidParameterException by field: an unknown type; for canary and linear a percentage not
// from 1 to 99, an interval below one minute, or a Network Load Balancer, which shifts all
// traffic at once. Source: AWS CodeDeploy API Reference, TrafficRoutingConfig.
func (t TrafficRouting) Validate(networkLoadBalancer bool) error {
	var list ecs.ErrorList
	refuse := func(field, format string, args ...any) {
		list = append(list, ecs.Fault(ecs.InvalidParameterException, "trafficRoutingConfig."+field,
			fmt.Sprintf(format, args...)))
	}
	switch t.Type {
	case TrafficRoutingTypeAllAtOnce, "":
	case TrafficRoutingTypeTimeBasedCanary, TrafficRoutingTypeTimeBasedLinear:
		if networkLoadBalancer {
			refuse("type", "a Network Load Balancer shifts all traffic at once, not by %s", t.Type)
		}
		if t.Percentage < 1 || t.Percentage > 99 {
			refuse("percentage", "%d is not from 1 to 99", t.Percentage)
		}
		if t.Interval < 1 {
			refuse("interval", "%d minutes are not 1 or more", t.Interval)
		}
	default:
		refuse("type", "%q is not one of %s, %s, %s", t.Type,
			TrafficRoutingTypeAllAtOnce, TrafficRoutingTypeTimeBasedCanary, TrafficRoutingTypeTimeBasedLinear)
	}
	return list.Err()
}

// trafficPlan is how production traffic goes from blue to green if nothing holds it up: in
// steps of so many tenths of a percent, or a first step and then the rest. The zero value
// shifts all of it at once.
type trafficPlan struct {
	step   int           // tenths of a percent; 0: all at once
	canary bool          // the second step takes the rest
	bake   time.Duration // how long the split of a step lasts before the next step
	settle time.Duration // how much longer each shift takes, behind a Network Load Balancer
}

// plan returns how CodeDeploy shifts traffic.
func (t TrafficRouting) plan() trafficPlan {
	switch t.Type {
	case TrafficRoutingTypeTimeBasedCanary, TrafficRoutingTypeTimeBasedLinear:
		canary := t.Type == TrafficRoutingTypeTimeBasedCanary
		return trafficPlan{step: t.Percentage * 10, canary: canary, bake: minutes(t.Interval)}
	}
	return trafficPlan{}
}

// planOf returns how ECS shifts traffic: BLUE_GREEN all at once, LINEAR in steps of stepPercent
// (absent: 10), the last cut to what is left, each for stepBakeTimeInMinutes (absent: 6), CANARY
// first canaryPercent (absent: 5) for canaryBakeTimeInMinutes (absent: 10), then the rest.
// Source: Amazon ECS API Reference, LinearConfiguration and CanaryConfiguration.
func planOf(c *ecs.DeploymentConfiguration, networkLoadBalancer bool) (p trafficPlan) {
	switch c.Strategy {
	case ecs.DeploymentStrategyLinear:
		l := orZero(c.LinearConfiguration)
		p = trafficPlan{step: tenths(l.StepPercent.Or(10)), bake: minutes(l.StepBakeTimeInMinutes.Or(6))}
	case ecs.DeploymentStrategyCanary:
		k := orZero(c.CanaryConfiguration)
		bake := minutes(k.CanaryBakeTimeInMinutes.Or(10))
		p = trafficPlan{step: tenths(k.CanaryPercent.Or(5)), canary: true, bake: bake}
	}
	if networkLoadBalancer {
		p.settle = networkShift
	}
	return p
}

func orZero[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

func minutes(n int) time.Duration { return time.Duration(n) * time.Minute }

func tenths(percent float64) int { return int(math.Round(float64(percent * 10))) }

// green returns green's share of production traffic after a number of steps, which is at least 1;
// the last step never passes FullTraffic.
func (p trafficPlan) green(steps int) int {
	if p.step <= 0 || p.canary && steps > 1 {
		return FullTraffic
	}
	return min(FullTraffic, steps*p.step)
}

// traffic returns the plan that the service's deployments follow.
func (r *run) traffic() trafficPlan {
	if r.codeDeploys() {
		return r.v.Options.CodeDeploy.TrafficRouting.plan()
	}
	return planOf(&r.v.Service.DeploymentConfiguration, r.v.Options.NetworkLoadBalancer)
}

// shiftProduction takes the next step of production traffic, or all of it back to blue.
func (r *run) shiftProduction(g int) {
	d := r.rollout(g)
	if d.Stages.Back {
		d.Stages.Green = 0
	} else {
		d.Stages.Step++
		d.Stages.Green = r.traffic().green(d.Stages.Step)
		if d.Stages.Source == "" {
			d.Stages.Green = FullTraffic // no other deployment shares it
		}
	}
	r.setTraffic(d, ListenerProduction, d.Stages.Green)
}

// shiftTest moves all test traffic to green, or away from it.
func (r *run) shiftTest(g int) {
	d := r.rollout(g)
	d.Stages.Test = !d.Stages.Back
	share := 0
	if d.Stages.Test {
		share = FullTraffic
	}
	r.setTraffic(d, ListenerTest, share)
}

// setTraffic plans a split of traffic, where there is any to split: a service without load
// balancers and Service Connect is headless.
func (r *run) setTraffic(d *Rollout, l Listener, green int) {
	c := d.ServiceConnectConfiguration
	if len(r.v.Service.LoadBalancers) == 0 && (c == nil || !c.Enabled) {
		return
	}
	r.p.Traffic = append(r.p.Traffic, Traffic{Listener: l, Source: d.Stages.Source, Target: d.ID, Green: green})
}

// stepBake returns how long production traffic rests after the current step.
func (r *run) stepBake(d *Rollout) time.Duration {
	if d.Stages.Back || d.Stages.Green == FullTraffic {
		return 0
	}
	return r.traffic().bake
}

// rollsBack reports whether a cause of failure rolls the deployment back.
func (r *run) rollsBack(cause AutoRollbackEvent) bool {
	return !r.codeDeploys() || slices.Contains(r.v.Options.CodeDeploy.AutoRollback, cause)
}

// CodeDeployStatus returns how far a deployment with the controller CODE_DEPLOY has come, in
// the words of CodeDeploy: Created, InProgress, Ready (waiting to be continued), Baking
// (waiting to terminate blue), Succeeded, Failed or Stopped. Source: AWS CodeDeploy API
// Reference, DeploymentInfo.
func (d Rollout) CodeDeployStatus() CodeDeployStatus {
	switch {
	case d.RolloutState == ecs.DeploymentRolloutStateCompleted:
		return CodeDeployStatusSucceeded
	case d.ServiceDeploymentStatus == ecs.ServiceDeploymentStatusStopped && d.Stages.Stage == StageReadyWait:
		return CodeDeployStatusStopped
	case d.RolloutState == ecs.DeploymentRolloutStateFailed:
		return CodeDeployStatusFailed
	case d.Stages.Stage == "":
		return CodeDeployStatusCreated
	case d.Stages.Stage == StageReadyWait:
		return CodeDeployStatusReady
	case d.Stages.Stage == StageTerminationWait || d.Stages.Stage == ecs.LifecycleStageCleanUp:
		return CodeDeployStatusBaking
	}
	return CodeDeployStatusInProgress
}
