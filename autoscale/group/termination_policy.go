package group

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/whole"
)

// TerminationPolicy is a rule by which a group chooses the instance to end.
type TerminationPolicy string

// The values of TerminationPolicy that this package carries out. Custom termination functions are not
// among them.
const (
	TerminationPolicyDefault                   TerminationPolicy = "Default"
	TerminationPolicyAllocationStrategy        TerminationPolicy = "AllocationStrategy"
	TerminationPolicyOldestLaunchTemplate      TerminationPolicy = "OldestLaunchTemplate"
	TerminationPolicyOldestLaunchConfiguration TerminationPolicy = "OldestLaunchConfiguration"
	TerminationPolicyClosestToNextInstanceHour TerminationPolicy = "ClosestToNextInstanceHour"
	TerminationPolicyNewestInstance            TerminationPolicy = "NewestInstance"
	TerminationPolicyOldestInstance            TerminationPolicy = "OldestInstance"
)

// Values returns every value of TerminationPolicy, in the API's order.
func (TerminationPolicy) Values() []TerminationPolicy {
	return []TerminationPolicy{
		TerminationPolicyDefault, TerminationPolicyAllocationStrategy, TerminationPolicyOldestLaunchTemplate,
		TerminationPolicyOldestLaunchConfiguration, TerminationPolicyClosestToNextInstanceHour,
		TerminationPolicyNewestInstance, TerminationPolicyOldestInstance,
	}
}

// Valid reports whether the value is one of Values.
func (v TerminationPolicy) Valid() bool { return slices.Contains(v.Values(), v) }

// instancesToTerminate returns up to n instances that scale-in ends, in order: each from the
// zone with the most instances among those that have an unprotected one in service, and there
// by the termination policies in turn, the last tie by ID. Of tied zones all
// instances compete. Unhealthy instances come before all others, in order of ID: no zone, policy
// or protection keeps them. It takes O(n × instances).
// Source: Amazon EC2 Auto Scaling User Guide, "Configure termination policies for Amazon EC2
// Auto Scaling".
func (g AutoScalingGroup) instancesToTerminate(n int, now time.Time) []string {
	at := ecs.At(now)
	left := slices.Clone(g.Instances)
	var ids []string
	for len(ids) < n {
		g.Instances = left
		victim, ok := g.unhealthy()
		if !ok {
			candidates := g.candidates()
			if len(candidates) == 0 {
				break
			}
			victim = g.choose(candidates, at)
		}
		ids = append(ids, victim.InstanceID)
		left = slices.DeleteFunc(left, func(i Instance) bool { return i.InstanceID == victim.InstanceID })
	}
	return ids
}

// unhealthy returns the first unhealthy instance in service, in order of ID.
func (g AutoScalingGroup) unhealthy() (first Instance, ok bool) {
	for _, i := range g.Instances {
		if i.LifecycleState == LifecycleStateInService && i.HealthStatus == statusUnhealthy &&
			(!ok || i.InstanceID < first.InstanceID) {
			first, ok = i, true
		}
	}
	return first, ok
}

// candidates are the instances of which the termination policies choose: those in a zone that is no longer the
// group's, or else those of the largest zones.
func (g AutoScalingGroup) candidates() []Instance {
	if strays := g.strays(); len(strays) > 0 {
		return strays
	}
	count := g.perZone()
	zoneOf := func(i Instance) (int, bool) {
		z := slices.Index(g.AvailabilityZones, i.AvailabilityZone)
		return z, z >= 0 && i.removable()
	}
	most := 0
	for _, i := range g.Instances {
		if z, ok := zoneOf(i); ok {
			most = max(most, count[z])
		}
	}
	var out []Instance
	for _, i := range g.Instances {
		if z, ok := zoneOf(i); ok && count[z] == most {
			out = append(out, i)
		}
	}
	return out
}

// strays are the instances that scale-in may end in zones that are no longer the group's.
func (g AutoScalingGroup) strays() (list []Instance) {
	for _, i := range g.Instances {
		if i.removable() && !slices.Contains(g.AvailabilityZones, i.AvailabilityZone) {
			list = append(list, i)
		}
	}
	return list
}

func (g AutoScalingGroup) choose(candidates []Instance, now ecs.Instant) Instance {
	policies := g.TerminationPolicies
	if len(policies) == 0 {
		policies = []TerminationPolicy{TerminationPolicyDefault}
	}
	for _, p := range policies {
		if p == TerminationPolicyDefault {
			candidates = g.surplus(candidates)
		}
		candidates = smallest(candidates, func(a, b Instance) int { return g.compare(p, a, b, now) })
	}
	return slices.MinFunc(candidates, func(a, b Instance) int { return strings.Compare(a.InstanceID, b.InstanceID) })
}

// surplus keeps the instances of the purchase option of which the group has more than its mix.
func (g AutoScalingGroup) surplus(candidates []Instance) []Instance {
	if g.InstancesDistribution == nil {
		return candidates
	}
	spot := 0
	for _, i := range g.Instances {
		if i.Active() && i.Spot {
			spot++
		}
	}
	_, want := g.InstancesDistribution.Split(g.Active() - 1)
	of := slices.DeleteFunc(slices.Clone(candidates), func(i Instance) bool { return i.Spot != (spot > want) })
	if len(of) == 0 {
		return candidates
	}
	return of
}

// smallest returns the elements that none precedes.
func smallest(list []Instance, compare func(a, b Instance) int) []Instance {
	best := slices.MinFunc(list, compare)
	return slices.DeleteFunc(slices.Clone(list), func(i Instance) bool { return compare(i, best) > 0 })
}

// compare orders by which instance ends first under policy v. AllocationStrategy leaves a tie: which
// instances deviate from an allocation strategy is EC2's to know.
func (g AutoScalingGroup) compare(v TerminationPolicy, a, b Instance, now ecs.Instant) int {
	switch v {
	case TerminationPolicyDefault:
		return cmp.Or(g.byLaunch(a, b), a.untilNextHour(now, b))
	case TerminationPolicyOldestLaunchTemplate:
		return cmp.Or(-byConfiguration(a, b), g.byTemplate(a, b))
	case TerminationPolicyOldestLaunchConfiguration:
		return g.byLaunch(a, b)
	case TerminationPolicyClosestToNextInstanceHour:
		return a.untilNextHour(now, b)
	case TerminationPolicyNewestInstance:
		return cmp.Compare(b.LaunchTime, a.LaunchTime)
	case TerminationPolicyOldestInstance:
		return cmp.Compare(a.LaunchTime, b.LaunchTime)
	}
	return 0
}

// byLaunch puts instances of a launch configuration before those of a template, and the oldest
// first.
func (g AutoScalingGroup) byLaunch(a, b Instance) int {
	return cmp.Or(byConfiguration(a, b), cmp.Compare(a.LaunchConfigurationTime, b.LaunchConfigurationTime),
		g.byTemplate(a, b))
}

// byTemplate puts instances of another launch template than the group's before those of an older
// version of it.
func (g AutoScalingGroup) byTemplate(a, b Instance) int {
	rank := func(i Instance) int {
		if i.LaunchConfigurationName == "" &&
			i.LaunchTemplate.LaunchTemplateName != g.LaunchTemplate.LaunchTemplateName {
			return 0
		}
		return 1
	}
	if n := cmp.Compare(rank(a), rank(b)); n != 0 || rank(a) == 0 {
		return n
	}
	return cmp.Compare(a.LaunchTemplate.Version, b.LaunchTemplate.Version)
}

// byConfiguration puts instances of a launch configuration before those of a template.
func byConfiguration(a, b Instance) int {
	switch x, y := a.LaunchConfigurationName != "", b.LaunchConfigurationName != ""; {
	case x && !y:
		return -1
	case y && !x:
		return 1
	}
	return 0
}

// untilNextHour compares how long the instances have to the end of their running hour.
func (i Instance) untilNextHour(now ecs.Instant, other Instance) int {
	left := func(i Instance) int64 {
		return int64(time.Hour) - whole.Mod(int64(now.Sub(i.LaunchTime)), int64(time.Hour))
	}
	return cmp.Compare(left(i), left(other))
}
