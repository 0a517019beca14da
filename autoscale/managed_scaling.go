package autoscale

import (
	"fmt"
	"time"

	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/whole"
)

// The terms of managed scaling.
// Source: Amazon ECS Developer Guide, "Automatically manage Amazon ECS capacity with cluster
// auto scaling"; Amazon ECS API Reference, ManagedScaling.
const (
	DefaultTargetCapacity         = 100   // percent
	DefaultMinimumScalingStepSize = 1     // instances
	DefaultMaximumScalingStepSize = 10000 // instances
	DefaultInstanceWarmupPeriod   = 300   // seconds
	MaxProvisioningTasks          = 500   // tasks in PROVISIONING a cluster
	// DefaultProvisioningTimeout is how long a task waits in PROVISIONING for capacity. AWS
	// says from 10 to 30 minutes.
	DefaultProvisioningTimeout = 15 * time.Minute
)

// Provisioning is a number of tasks in PROVISIONING with the same needs, assigned to one
// capacity provider by a strategy.
type Provisioning struct {
	Requirements     ecs.Resources  `json:"requirements"`
	StaticHostPorts  []ecs.HostPort `json:"staticHostPorts,omitzero"`
	DistinctInstance bool           `json:"distinctInstance,omitzero"`
	Count            int            `json:"count"`
}

// GroupLoad is what a capacity provider sees of its Auto Scaling group and its tasks.
type GroupLoad struct {
	Running       int             `json:"running"`       // instances registered: N
	Busy          int             `json:"busy"`          // of them, with a task that is not of a daemon
	InstanceTypes []ecs.Resources `json:"instanceTypes"` // what each type of the group offers tasks
	Provisioning  []Provisioning  `json:"provisioning,omitzero"`
}

// InstancesNeeded is how many instances a capacity provider needs, and why.
type InstancesNeeded struct {
	Needed       int     `json:"needed"`                 // M
	Reservation  float64 `json:"reservation"`            // CapacityProviderReservation, percent
	Add          int     `json:"add,omitzero"`           // instances for the tasks in PROVISIONING
	Limit        Limit   `json:"limit,omitzero"`         // the step size that cut or lifted Add
	Incompatible []int   `json:"incompatible,omitempty"` // positions in Provisioning that the smallest type cannot hold
}

// Needed returns M and the reservation for the load. Without tasks in PROVISIONING, M is the instances
// that are busy. Otherwise M is N and the number of instances for the kind of task that needs most,
// within the step sizes; the numbers of several kinds are not added. Each instance is assumed to have,
// of each resource, as much as the largest type. A kind that does not fit the smallest amount of each
// resource is left out. If all kinds are left out, the reservation is the target and nothing scales.
func Needed(s ecs.ManagedScaling, g GroupLoad) InstancesNeeded {
	smallest, largest := extremes(g.InstanceTypes)
	need, compatible := 0, false
	var out InstancesNeeded
	for i, p := range g.Provisioning {
		switch {
		case p.Count <= 0:
		case fit(smallest, p) < 1:
			out.Incompatible = append(out.Incompatible, i)
		default:
			per := fit(largest, p)
			need, compatible = max(need, ceilDiv(p.Count, per)), true
		}
	}
	switch {
	case compatible:
		out.Add = need
		if lo := s.MinimumScalingStepSize.Or(DefaultMinimumScalingStepSize); need < lo {
			out.Add, out.Limit = lo, LimitMinimumScalingStep
		}
		if hi := s.MaximumScalingStepSize.Or(DefaultMaximumScalingStepSize); need > hi {
			out.Add, out.Limit = hi, LimitMaximumScalingStep
		}
		out.Needed = whole.Plus(g.Running, out.Add)
	case len(out.Incompatible) > 0:
		out.Needed = g.Busy
		out.Reservation = float64(s.TargetCapacity.Or(DefaultTargetCapacity))
		return out
	default:
		out.Needed = g.Busy
	}
	out.Reservation = CapacityProviderReservation(out.Needed, g.Running)
	return out
}

// extremes returns the smallest and the largest amount of each resource.
func extremes(types []ecs.Resources) (smallest, largest ecs.Resources) {
	for i, t := range types {
		if i == 0 {
			smallest, largest = t, t
			continue
		}
		smallest = ecs.Resources{CPU: min(smallest.CPU, t.CPU), Memory: min(smallest.Memory, t.Memory),
			GPU: min(smallest.GPU, t.GPU), ENI: min(smallest.ENI, t.ENI)}
		largest = ecs.Resources{CPU: max(largest.CPU, t.CPU), Memory: max(largest.Memory, t.Memory),
			GPU: max(largest.GPU, t.GPU), ENI: max(largest.ENI, t.ENI)}
	}
	return smallest, largest
}

// fit returns how many of the tasks one instance holds.
func fit(offer ecs.Resources, p Provisioning) int {
	n := int64(p.Count)
	if p.DistinctInstance || len(p.StaticHostPorts) > 0 {
		n = 1
	}
	need := p.Requirements
	for _, r := range [...][2]int64{{offer.CPU, need.CPU}, {offer.Memory, need.Memory}, {offer.GPU, need.GPU},
		{offer.ENI, need.ENI}} {
		if r[1] > 0 {
			n = min(n, r[0]/r[1])
		}
	}
	return int(n)
}

// AdmitProvisioning returns nil when n more tasks may wait in PROVISIONING besides those that
// do, and a ClientException when the cluster would then have more than MaxProvisioningTasks.
// Source: Amazon ECS Developer Guide, "Amazon ECS service quotas".
func AdmitProvisioning(waiting, n int) error {
	if whole.Plus(waiting, n) <= MaxProvisioningTasks {
		return nil
	}
	return ecs.Fault(ecs.ClientException, "count",
		fmt.Sprintf(
			"The cluster's provisioning capacity limit exceeded: %d tasks are in PROVISIONING, and %d more would "+
				"exceed %d.",
			waiting, n, MaxProvisioningTasks))
}

// ProvisioningDeadline returns when a task that has been in PROVISIONING since the given time is stopped
// because no capacity came: after timeout seconds, from 600 to 1800, absent for
// DefaultProvisioningTimeout. A timeout outside that range is an InvalidParameterException.
func ProvisioningDeadline(since time.Time, timeout ecs.Opt[int]) (time.Time, error) {
	s := timeout.Or(int(DefaultProvisioningTimeout / time.Second))
	if s < 600 || s > 1800 {
		return time.Time{}, ecs.Fault(ecs.InvalidParameterException, "timeout",
			fmt.Sprintf("The time that a task may wait in PROVISIONING must be from 600 to 1800 seconds, got %d.", s))
	}
	return since.Add(time.Duration(s) * time.Second), nil
}

// ManagedScalingPolicy is the target-tracking policy that ECS makes on the Auto Scaling group
// of a capacity provider: out at the first minute whose reservation is above the target, in
// after fifteen below it, at most by half the group a minute.
// Source: Amazon ECS Developer Guide, "Automatically manage Amazon ECS capacity with cluster
// auto scaling".
type ManagedScalingPolicy struct {
	PolicyName     string             `json:"policyName,omitzero"` // ECSManagedAutoScalingPolicy-UUID
	ManagedScaling ecs.ManagedScaling `json:"managedScaling"`
}

// scaleInWait is how long a scale-out keeps scale-in back.
const scaleInWait = 15 * time.Minute

// GroupCapacity is what a group has, in instances, and how many its provider needs.
type GroupCapacity struct {
	Capacity
	Needed   int         // M
	Youngest ecs.Instant // when the group's newest instance was launched; 0 for none
}

// Decide returns the group's capacity at now and the memory. The metric is the provider's
// reservation, a datapoint a minute. From no instance at all the group goes to two, whatever is
// needed, and on after their warm-up. No allocation. It is not a Policy, since it goes by
// M and not by the metric, whose rounding would add instances.
func (p ManagedScalingPolicy) Decide(
	mem Memory, now time.Time, g GroupCapacity, m cloudwatch.Series,
) (Decision, Memory) {
	at := ecs.At(now)
	c, needed, youngest := g.Capacity, g.Needed, g.Youngest
	target := p.ManagedScaling.TargetCapacity.Or(DefaultTargetCapacity)
	d := Decision{
		At: at, Old: c.Desired, New: c.Desired, Want: c.Desired, PolicyName: p.PolicyName, Vote: VoteHold,
		Metric: CapacityProviderReservation(needed, c.Running), Threshold: float64(target), Reason: ReasonInBand,
	}
	if target < 1 || target > 100 {
		d.Reason = ReasonNotValid
		return d, mem
	}
	mem.observe(at, c, cooldown{unfulfilled: DefaultUnfulfilled})
	alarms := managedAlarms(target)
	mem.High = alarms[0].Evaluate(mem.High, now, m).State
	mem.Low = alarms[1].Evaluate(mem.Low, now, m).State
	d.Want = whole.Up(needed, 100, target)
	if c.Running <= 0 {
		d.Want = ceilDiv(int(d.Metric), target)
	}
	warm := youngest.Add(p.warmup())
	switch {
	case mem.High == cloudwatch.AlarmStateAlarm && d.Metric > d.Threshold:
		d.Reason, d.Cause = ReasonManagedScaling, "AlarmHigh"
		if d.Want <= c.Desired {
			d.Limit = LimitDesiredCapacity
		} else if youngest != 0 && at < warm {
			d.Limit, d.Until = LimitInstanceWarmup, warm
		} else {
			d.New, d.Vote = d.Want, VoteOut
		}
	case mem.Low == cloudwatch.AlarmStateAlarm && d.Metric < d.Threshold:
		d.Reason, d.Cause = ReasonManagedScaling, "AlarmLow"
		p.scaleIn(&d, mem.ScaledOut, c, youngest, warm)
	case mem.High == cloudwatch.AlarmStateInsufficientData:
		d.Reason, d.Want = ReasonInsufficientData, c.Desired
	default:
		d.Want = c.Desired
	}
	mem.took(&d)
	return d, mem
}

func (p ManagedScalingPolicy) warmup() time.Duration {
	return whole.Seconds(p.ManagedScaling.InstanceWarmupPeriod.Or(DefaultInstanceWarmupPeriod))
}

func (p ManagedScalingPolicy) scaleIn(d *Decision, scaledOut ecs.Instant, c Capacity, youngest, warm ecs.Instant) {
	pace := c.Desired - max(1, c.Desired/2)
	wait := scaledOut.Add(scaleInWait)
	switch {
	case d.Want >= c.Desired:
		d.Limit = LimitDesiredCapacity
	case youngest != 0 && d.At < warm:
		d.Limit, d.Until = LimitInstanceWarmup, warm
	case scaledOut != 0 && d.At < wait:
		d.Limit, d.Until = LimitScaleInCooldown, wait
	case d.Want < pace:
		d.New, d.Vote, d.Limit = pace, VoteIn, LimitScaleInPace
	default:
		d.New, d.Vote = d.Want, VoteIn
	}
}

// ceilDiv returns a ÷ b rounded up, for a ≥ 0 and b > 0.
func ceilDiv(a, b int) int { return whole.Up(a, 1, b) }
