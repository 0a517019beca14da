package scheduler

import (
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
	switch name {
	case "CodeDeployDefault.ECSAllAtOnce":
		return TrafficRouting{Type: "AllAtOnce"}, true
	case "CodeDeployDefault.ECSLinear10PercentEvery1Minutes":
		return TrafficRouting{"TimeBasedLinear", 10, 1}, true
	case "CodeDeployDefault.ECSLinear10PercentEvery3Minutes":
		return TrafficRouting{"TimeBasedLinear", 10, 3}, true
	case "CodeDeployDefault.ECSCanary10Percent5Minutes":
		return TrafficRouting{"TimeBasedCanary", 10, 5}, true
	case "CodeDeployDefault.ECSCanary10Percent15Minutes":
		return TrafficRouting{"TimeBasedCanary", 10, 15}, true
	}
	return TrafficRouting{}, false
}

// shift is how production traffic moves: in steps of so many tenths of a percent, or a first
// step and then the rest.
type shift struct {
	step   int
	canary bool
	bake   time.Duration // between steps
}

func (r *run) shift() shift {
	if r.codeDeploys() {
		t := r.v.Options.CodeDeploy.TrafficRouting
		bake := time.Duration(t.Interval) * time.Minute
		switch t.Type {
		case "TimeBasedCanary":
			return shift{t.Percentage * 10, true, bake}
		case "TimeBasedLinear":
			return shift{t.Percentage * 10, false, bake}
		}
		return shift{step: 1000}
	}
	c := &r.v.Service.DeploymentConfiguration
	switch c.Strategy {
	case ecs.DeploymentStrategyLinear:
		l := ecs.LinearConfiguration{}
		if c.LinearConfiguration != nil {
			l = *c.LinearConfiguration
		}
		return shift{tenths(l.StepPercent.Or(10)), false, time.Duration(l.StepBakeTimeInMinutes.Or(6)) * time.Minute}
	case ecs.DeploymentStrategyCanary:
		k := ecs.CanaryConfiguration{}
		if c.CanaryConfiguration != nil {
			k = *c.CanaryConfiguration
		}
		return shift{tenths(k.CanaryPercent.Or(5)), true, time.Duration(k.CanaryBakeTimeInMinutes.Or(10)) * time.Minute}
	}
	return shift{step: 1000}
}

func tenths(percent float64) int { return int(math.Round(float64(percent * 10))) }

// green returns green's share of production traffic, in tenths of a percent, after a number
// of steps; the last never passes 100 percent.
func (s shift) green(steps int) int {
	if s.step <= 0 || s.canary && steps > 1 {
		return 1000
	}
	return min(1000, steps*s.step)
}

// shiftProduction takes the next step of production traffic, or all of it back to blue.
func (r *run) shiftProduction(g int) {
	d := r.rollout(g)
	if d.Stages.Back {
		d.Stages.Green = 0
	} else {
		d.Stages.Step++
		d.Stages.Green = r.shift().green(d.Stages.Step)
		if d.Stages.Source == "" {
			d.Stages.Green = 1000 // there is nobody to share with
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
		share = 1000
	}
	r.setTraffic(d, ListenerTest, share)
}

// setTraffic plans a split of traffic, where there is any to split: a service without load
// balancers and Service Connect is headless.
func (r *run) setTraffic(d *Rollout, l Listener, green int) {
	if len(r.v.Service.LoadBalancers) == 0 && (d.ServiceConnectConfiguration == nil || !d.ServiceConnectConfiguration.Enabled) {
		return
	}
	r.p.Traffic = append(r.p.Traffic, Traffic{Listener: l, Source: d.Stages.Source, Target: d.ID, Green: green})
}

// stepBake returns how long production traffic rests after the current step.
func (r *run) stepBake(d *Rollout) time.Duration {
	if d.Stages.Back || d.Stages.Green == 1000 {
		return 0
	}
	return r.shift().bake
}

// shiftTime returns how much longer a shift of traffic takes behind a Network Load Balancer.
// Source: Amazon ECS Developer Guide, "Network Load Balancer resources for Amazon ECS
// blue/green, linear and canary deployments".
func (r *run) shiftTime() time.Duration {
	if r.v.Options.NetworkLoadBalancer && !r.codeDeploys() {
		return networkShift
	}
	return 0
}

// rollsBack reports whether a cause of failure rolls the deployment back.
func (r *run) rollsBack(cause string) bool {
	return !r.codeDeploys() || slices.Contains(r.v.Options.CodeDeploy.AutoRollback, cause)
}

// CodeDeployStatus returns how far a deployment with the controller CODE_DEPLOY has come, in
// the words of CodeDeploy: Created, InProgress, Ready (waiting to be continued), Baking
// (waiting to terminate blue), Succeeded, Failed or Stopped. Source: AWS CodeDeploy API
// Reference, DeploymentInfo.
func (d Rollout) CodeDeployStatus() string {
	switch {
	case d.RolloutState == ecs.DeploymentRolloutStateCompleted:
		return "Succeeded"
	case d.ServiceDeploymentStatus == ServiceDeploymentStatusStopped && d.Stages.Stage == StageReadyWait:
		return "Stopped"
	case d.RolloutState == ecs.DeploymentRolloutStateFailed:
		return "Failed"
	case d.Stages.Stage == "":
		return "Created"
	case d.Stages.Stage == StageReadyWait:
		return "Ready"
	case d.Stages.Stage == StageTerminationWait || d.Stages.Stage == StageCleanUp:
		return "Baking"
	}
	return "InProgress"
}
