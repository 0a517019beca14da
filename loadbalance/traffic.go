package loadbalance

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs"
)

// Split divides traffic between the old revision (blue) and the new one (green), in
// thousandths that add up to FullWeight.
type Split struct {
	Blue  int `json:"blue"`
	Green int `json:"green"`
}

func green(n int) Split { return Split{Blue: FullWeight - n, Green: n} }

// Weights returns weights for the two target groups of a forward action, in lowest terms:
// 1 and 0, 9 and 1, 999 and 1. They are from 0 to 999, as an action needs them.
func (s Split) Weights() (blue, green int) {
	d := int(gcd(uint64(max(0, s.Blue)), uint64(max(0, s.Green))))
	if d == 0 {
		return 0, 0
	}
	return s.Blue / d, s.Green / d
}

// String returns "blue 90% green 10%".
func (s Split) String() string {
	return fmt.Sprintf("blue %s green %s", percent(s.Blue), percent(s.Green))
}

func percent(n int) string {
	if n%10 == 0 {
		return fmt.Sprintf("%d%%", n/10)
	}
	return fmt.Sprintf("%d.%d%%", n/10, n%10)
}

// Traffic is the split on both listeners of a deployment.
type Traffic struct {
	Production Split `json:"production"`
	Test       Split `json:"test"`
}

// RolledBack returns the traffic after a rollback: all of it on blue.
// Source: Amazon ECS Developer Guide, "Amazon ECS blue/green deployments".
func RolledBack() Traffic { return Traffic{Production: green(0), Test: green(0)} }

// LifecycleStage is a stage of a deployment that shifts traffic.
type LifecycleStage string

// The values of LifecycleStage, in the order in which a deployment goes through them.
const (
	LifecycleStageReconcileService           LifecycleStage = "RECONCILE_SERVICE"
	LifecycleStagePreScaleUp                 LifecycleStage = "PRE_SCALE_UP"
	LifecycleStageScaleUp                    LifecycleStage = "SCALE_UP"
	LifecycleStagePostScaleUp                LifecycleStage = "POST_SCALE_UP"
	LifecycleStageTestTrafficShift           LifecycleStage = "TEST_TRAFFIC_SHIFT"
	LifecycleStagePostTestTrafficShift       LifecycleStage = "POST_TEST_TRAFFIC_SHIFT"
	LifecycleStagePreProductionTrafficShift  LifecycleStage = "PRE_PRODUCTION_TRAFFIC_SHIFT"
	LifecycleStageProductionTrafficShift     LifecycleStage = "PRODUCTION_TRAFFIC_SHIFT"
	LifecycleStagePostProductionTrafficShift LifecycleStage = "POST_PRODUCTION_TRAFFIC_SHIFT"
	LifecycleStageBakeTime                   LifecycleStage = "BAKE_TIME"
	LifecycleStageCleanUp                    LifecycleStage = "CLEAN_UP"
)

// Values returns every value of LifecycleStage, in order.
func (LifecycleStage) Values() []LifecycleStage {
	return []LifecycleStage{LifecycleStageReconcileService, LifecycleStagePreScaleUp, LifecycleStageScaleUp, LifecycleStagePostScaleUp,
		LifecycleStageTestTrafficShift, LifecycleStagePostTestTrafficShift, LifecycleStagePreProductionTrafficShift,
		LifecycleStageProductionTrafficShift, LifecycleStagePostProductionTrafficShift, LifecycleStageBakeTime, LifecycleStageCleanUp}
}

// TrafficStep is one shift of production traffic.
type TrafficStep struct {
	Start time.Duration `json:"start"` // after the first shift began
	Split Split         `json:"split"` //
	Bake  time.Duration `json:"bake"`  // how long it lasts before the next; 0 for the last
}

// TrafficPlan is how a deployment shifts production traffic if nothing holds it up: a function
// from the time since PRODUCTION_TRAFFIC_SHIFT began to a split. Immutable.
type TrafficPlan struct {
	steps  []TrafficStep
	settle time.Duration // that the load balancer takes for each step
	bake   time.Duration
}

// NetworkShiftDelay is what each shift of a Network Load Balancer's traffic takes longer.
// Source: Amazon ECS Developer Guide, "Network Load Balancer resources for Amazon ECS
// blue/green, linear and canary deployments".
const NetworkShiftDelay = 10 * time.Minute

// NewTrafficPlan returns the plan of a deployment configuration: BLUE_GREEN shifts all at
// once; LINEAR shifts steps of stepPercent (absent: 10), the last cut to what is left, each
// for stepBakeTimeInMinutes (absent: 6) but the last; CANARY shifts canaryPercent (absent: 5)
// for canaryBakeTimeInMinutes (absent: 10), then the rest. After the last step both revisions
// go on for bakeTimeInMinutes. Behind a network load balancer each step takes
// NetworkShiftDelay more.
//
// Errors are InvalidParameterException, all at once: a strategy that shifts no traffic,
// BLUE_GREEN without bakeTimeInMinutes, minutes not from 0 to 1440, a stepPercent not from 3
// to 100 or a canaryPercent not from 0.1 to 100, or not multiples of 0.1.
// Source: Amazon ECS API Reference, DeploymentConfiguration, LinearConfiguration and
// CanaryConfiguration.
func NewTrafficPlan(c ecs.DeploymentConfiguration, kind LoadBalancerType) (TrafficPlan, error) {
	f := &planFaults{}
	p := TrafficPlan{bake: f.minutes("bakeTimeInMinutes", c.BakeTimeInMinutes.Or(0))}
	if kind == LoadBalancerTypeNetwork {
		p.settle = NetworkShiftDelay
	}
	switch c.Strategy {
	case ecs.DeploymentStrategyBlueGreen:
		if c.BakeTimeInMinutes.IsZero() {
			f.refuse("bakeTimeInMinutes", "deployment strategy BLUE_GREEN needs a bake time")
		}
		p.shift(FullWeight, 0)
	case ecs.DeploymentStrategyLinear:
		linear := ecs.LinearConfiguration{}
		if c.LinearConfiguration != nil {
			linear = *c.LinearConfiguration
		}
		step := f.tenths("linearConfiguration.stepPercent", linear.StepPercent.Or(10), 30)
		p.linear(step, f.minutes("linearConfiguration.stepBakeTimeInMinutes", linear.StepBakeTimeInMinutes.Or(6)))
	case ecs.DeploymentStrategyCanary:
		canary := ecs.CanaryConfiguration{}
		if c.CanaryConfiguration != nil {
			canary = *c.CanaryConfiguration
		}
		first := f.tenths("canaryConfiguration.canaryPercent", canary.CanaryPercent.Or(5), 1)
		p.canary(first, f.minutes("canaryConfiguration.canaryBakeTimeInMinutes", canary.CanaryBakeTimeInMinutes.Or(10)))
	default:
		f.refuse("strategy", "deployment strategy %q shifts no traffic", c.Strategy)
	}
	if err := f.list.Err(); err != nil {
		return TrafficPlan{}, err
	}
	return p, nil
}

// planFaults collects the faults of a deployment configuration.
type planFaults struct{ list ecs.ErrorList }

func (f *planFaults) refuse(field, format string, args ...any) {
	f.list = append(f.list, ecs.Fault(ecs.InvalidParameterException, "deploymentConfiguration."+field, fmt.Sprintf(format, args...)))
}

func (f *planFaults) minutes(field string, m int) time.Duration {
	if m < 0 || m > 1440 {
		f.refuse(field, "%d minutes are not from 0 to 1440", m)
		return 0
	}
	return time.Duration(m) * time.Minute
}

// tenths returns a percentage in thousandths; lowest is the lowest allowed.
func (f *planFaults) tenths(field string, percentage float64, lowest int) int {
	scaled := float64(percentage * 10)
	n := math.Round(scaled)
	if !(n >= float64(lowest) && n <= FullWeight) || math.Abs(scaled-n) > 1e-6 {
		f.refuse(field, "%v is not a multiple of 0.1 from %s to 100", percentage, percent(lowest))
		return FullWeight
	}
	return int(n)
}

// shift appends a step.
func (p *TrafficPlan) shift(n int, bake time.Duration) {
	step := TrafficStep{Split: green(n), Bake: bake}
	if i := len(p.steps); i > 0 {
		step.Start = p.steps[i-1].Start + p.settle + p.steps[i-1].Bake
	}
	p.steps = append(p.steps, step)
}

func (p *TrafficPlan) linear(step int, bake time.Duration) {
	for n := step; n < FullWeight; n += step {
		p.shift(n, bake)
	}
	p.shift(FullWeight, 0)
}

func (p *TrafficPlan) canary(first int, bake time.Duration) {
	if first < FullWeight {
		p.shift(first, bake)
	}
	p.shift(FullWeight, 0)
}

// Steps returns the shifts in order; the last brings all traffic to green.
func (p TrafficPlan) Steps() []TrafficStep { return slices.Clone(p.steps) }

// At returns the split of production traffic when so much time has passed since
// PRODUCTION_TRAFFIC_SHIFT began: all blue before, all green after the last step.
func (p TrafficPlan) At(elapsed time.Duration) Split {
	for i := len(p.steps) - 1; i >= 0; i-- {
		if elapsed >= p.steps[i].Start {
			return p.steps[i].Split
		}
	}
	return green(0)
}

// Shifted returns how long it takes until all traffic has shifted.
func (p TrafficPlan) Shifted() time.Duration {
	if len(p.steps) == 0 {
		return 0
	}
	return p.steps[len(p.steps)-1].Start + p.settle
}

// Done returns how long it takes until the bake time is over and blue may go.
func (p TrafficPlan) Done() time.Duration { return p.Shifted() + p.bake }

// Traffic returns the split on both listeners in a stage of the deployment, elapsed being the
// time since PRODUCTION_TRAFFIC_SHIFT began, of no matter in other stages: test traffic is
// green from TEST_TRAFFIC_SHIFT on, production traffic is blue up to PRODUCTION_TRAFFIC_SHIFT,
// follows At in it and is green after. A stage that does not exist has all traffic on blue.
// Source: Amazon ECS Developer Guide, "Lifecycle stages for Amazon ECS service deployments".
func (p TrafficPlan) Traffic(stage LifecycleStage, elapsed time.Duration) Traffic {
	t := RolledBack()
	stages := stage.Values()
	i := slices.Index(stages, stage)
	if i >= slices.Index(stages, LifecycleStageTestTrafficShift) {
		t.Test = green(FullWeight)
	}
	switch {
	case i > slices.Index(stages, LifecycleStageProductionTrafficShift):
		t.Production = green(FullWeight)
	case stage == LifecycleStageProductionTrafficShift:
		t.Production = p.At(elapsed)
	}
	return t
}
