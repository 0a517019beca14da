package group

import (
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
	"github.com/bayplan/bayplan/internal/whole"
)

// AutoScalingGroup is an EC2 Auto Scaling group: how many instances it wants and those it has.
// Methods return changed copies.
// Source: Amazon EC2 Auto Scaling API Reference, AutoScalingGroup.
type AutoScalingGroup struct {
	AutoScalingGroupName             string              `json:"AutoScalingGroupName,omitzero"`
	MinSize                          int                 `json:"MinSize"`
	MaxSize                          int                 `json:"MaxSize"`
	DesiredCapacity                  int                 `json:"DesiredCapacity"`
	AvailabilityZones                []string            `json:"AvailabilityZones"`
	TerminationPolicies              []TerminationPolicy `json:"TerminationPolicies,omitzero"` // absent: Default
	NewInstancesProtectedFromScaleIn bool                `json:"NewInstancesProtectedFromScaleIn,omitzero"`
	// the launch template of the instances that the group launches
	LaunchTemplate        LaunchTemplate         `json:"LaunchTemplate,omitzero"`
	InstancesDistribution *InstancesDistribution `json:"InstancesDistribution,omitzero"`
	Instances             []Instance             `json:"Instances,omitzero"`
}

// LaunchTemplate is the launch template of an instance, or of the instances that a group launches.
// Source: Amazon EC2 Auto Scaling API Reference, LaunchTemplateSpecification.
type LaunchTemplate struct {
	LaunchTemplateName string `json:"LaunchTemplateName,omitzero"`
	Version            int    `json:"Version,omitzero"` // lower is older
}

const statusUnhealthy = "Unhealthy"

// Instance is an instance of a group.
type Instance struct {
	InstanceID           string         `json:"InstanceId"`
	AvailabilityZone     string         `json:"AvailabilityZone"`
	LifecycleState       LifecycleState `json:"LifecycleState"`
	HealthStatus         string         `json:"HealthStatus,omitzero"` // Healthy (also absent) or Unhealthy
	ProtectedFromScaleIn bool           `json:"ProtectedFromScaleIn,omitzero"`
	LaunchTime           ecs.Instant    `json:"LaunchTime,omitzero"`
	LaunchTemplate       LaunchTemplate `json:"LaunchTemplate,omitzero"`
	// LaunchConfigurationName is given where the instance has no launch template; then
	// LaunchConfigurationTime is when that configuration was created.
	LaunchConfigurationName string      `json:"LaunchConfigurationName,omitzero"`
	LaunchConfigurationTime ecs.Instant `json:"LaunchConfigurationTime,omitzero"`
	Spot                    bool        `json:"Spot,omitzero"`
}

// Validate returns nil, or a ValidationException for each fault: sizes that are negative or out of order,
// no zone or a zone that is listed twice, a termination policy that does not exist or a Default that is
// not last, an InstancesDistribution with a fault.
func (g AutoScalingGroup) Validate() error {
	var f check.Faults
	if g.MinSize < 0 {
		f.Refuse("MinSize", "MinSize must not be negative, got %d.", g.MinSize)
	}
	if g.MinSize > g.MaxSize {
		f.Refuse("MinSize", "MinSize %d must not exceed MaxSize %d.", g.MinSize, g.MaxSize)
	}
	g.checkDesired(&f, g.DesiredCapacity)
	if len(g.AvailabilityZones) == 0 {
		f.Refuse("AvailabilityZones", "At least one Availability Zone is required.")
	}
	for at, z := range g.AvailabilityZones {
		if slices.Contains(g.AvailabilityZones[:at], z) {
			f.Refuse(check.Index("AvailabilityZones", at), "The zone %q is listed twice.", z)
		}
	}
	for at, p := range g.TerminationPolicies {
		switch {
		case !p.Valid():
			f.Refuse(check.Index("TerminationPolicies", at), "%q is not a termination policy.", p)
		case p == TerminationPolicyDefault && at < len(g.TerminationPolicies)-1:
			f.Refuse(check.Index("TerminationPolicies", at), "Default must be the last termination policy.")
		}
	}
	if m := g.InstancesDistribution; m != nil {
		m.validate(&f, "InstancesDistribution")
	}
	return ecs.Faults(ecs.ValidationException, f.Pairs())
}

func (g AutoScalingGroup) checkDesired(f *check.Faults, n int) {
	if n < g.MinSize || n > g.MaxSize {
		f.Refuse("DesiredCapacity", "DesiredCapacity must be between MinSize %d and MaxSize %d, got %d.",
			g.MinSize, g.MaxSize, n)
	}
}

// SetDesiredCapacity returns the group with another desired capacity, or a ValidationException
// for one outside MinSize and MaxSize.
func (g AutoScalingGroup) SetDesiredCapacity(n int) (AutoScalingGroup, error) {
	var f check.Faults
	g.checkDesired(&f, n)
	if err := ecs.Faults(ecs.ValidationException, f.Pairs()); err != nil {
		return g, err
	}
	g.DesiredCapacity = n
	return g, nil
}

// Resize returns the group with other sizes. A desired capacity outside them becomes the nearest of the
// two. Sizes that are negative or out of order are a ValidationException.
func (g AutoScalingGroup) Resize(minSize, maxSize int) (AutoScalingGroup, error) {
	next := g
	next.MinSize, next.MaxSize = minSize, maxSize
	next.DesiredCapacity = max(minSize, min(g.DesiredCapacity, maxSize))
	if err := next.Validate(); err != nil {
		return g, err
	}
	return next, nil
}

// Active reports whether the instance counts toward the desired capacity.
func (i Instance) Active() bool {
	switch i.LifecycleState {
	case LifecycleStatePending, LifecycleStatePendingWait, LifecycleStatePendingProceed, LifecycleStateInService:
		return true
	}
	return false
}

// Active returns how many instances count toward the desired capacity: those in service and
// those on their way.
func (g AutoScalingGroup) Active() int {
	n := 0
	for _, i := range g.Instances {
		if i.Active() {
			n++
		}
	}
	return n
}

// zonesToLaunch returns the zones for n launches, in order: each in the zone with the fewest
// instances, ties to the one listed first.
// Source: Amazon EC2 Auto Scaling User Guide, "Amazon EC2 Auto Scaling benefits", instance
// distribution.
func (g AutoScalingGroup) zonesToLaunch(n int) []string {
	count := g.perZone()
	zones := make([]string, 0, max(0, n))
	for range n {
		if len(count) == 0 {
			break
		}
		best := 0
		for z := range count {
			if count[z] < count[best] {
				best = z
			}
		}
		count[best]++
		zones = append(zones, g.AvailabilityZones[best])
	}
	return zones
}

func (g AutoScalingGroup) perZone() []int {
	count := make([]int, len(g.AvailabilityZones))
	for _, i := range g.Instances {
		if z := slices.Index(g.AvailabilityZones, i.AvailabilityZone); z >= 0 && i.Active() {
			count[z]++
		}
	}
	return count
}

// Plan is what brings a group to its desired capacity, in order.
type Plan struct {
	Launch    []string `json:"Launch,omitempty"`    // zones, one for each instance
	Terminate []string `json:"Terminate,omitempty"` // instances
	Protected int      `json:"Protected,omitempty"` // how many should end but stay: all that are left are protected
}

// Plan returns what brings the group to its desired capacity. Launches are in the zones with fewest
// instances, ties in the order of the zones. Scale-in ends unhealthy instances first, even if they are
// protected, and then those in zones that are no longer the group's. Of the zones with an instance that it may end,
// it takes those with most instances, and
// follows the termination policies there, in turn; the last tie goes by ID. If only protected instances
// are left, Plan.Protected counts those that should end and stay; the desired capacity does not change.
// Plan takes time proportional to the difference × instances. Source: Amazon EC2 Auto Scaling User Guide,
// "Configure termination policies for Amazon EC2 Auto Scaling".
func (g AutoScalingGroup) Plan(now time.Time) Plan {
	excess := g.Active() - g.DesiredCapacity
	if excess < 0 {
		return Plan{Launch: g.zonesToLaunch(-excess)}
	}
	victims := g.instancesToTerminate(excess, now)
	return Plan{Terminate: victims, Protected: excess - len(victims)}
}

// rebalanceLimit returns how many instances a group may have for a time while it launches in one zone
// before it ends others in another: a tenth more than its maximum, and at least one more. Source: Amazon
// EC2 Auto Scaling User Guide, "Amazon EC2 Auto Scaling benefits", rebalancing.
func rebalanceLimit(maxSize int) int { return whole.Plus(maxSize, max(maxSize/10, 1)) }

// Replacements returns the unhealthy instances to replace now, outside every cooldown: those in service,
// at most a tenth of the desired capacity at a time but at least one, in order of ID. It returns none if
// scaling is in progress and the group is a tenth or more below its desired capacity. Scale-in protection
// does not keep an unhealthy instance. Source: Amazon EC2 Auto Scaling User Guide, "Health checks for
// instances in an Auto Scaling group".
func (g AutoScalingGroup) Replacements(scaling bool) []string {
	var ids []string
	inService := 0
	for _, i := range g.Instances {
		if i.LifecycleState == LifecycleStateInService {
			inService++
			if i.HealthStatus == statusUnhealthy {
				ids = append(ids, i.InstanceID)
			}
		}
	}
	if scaling && g.DesiredCapacity-inService >= whole.Up(g.DesiredCapacity, 1, 10) {
		return nil
	}
	slices.Sort(ids)
	return ids[:min(len(ids), max(1, g.DesiredCapacity/10))]
}

// InstancesDistribution is the mix of On-Demand and Spot instances of a group.
// Source: Amazon EC2 Auto Scaling API Reference, InstancesDistribution.
type InstancesDistribution struct {
	OnDemandBaseCapacity int `json:"OnDemandBaseCapacity,omitzero"`
	// absent: 100
	OnDemandPercentageAboveBaseCapacity ecs.Opt[int] `json:"OnDemandPercentageAboveBaseCapacity,omitzero"`
}

// Validate returns nil, or a ValidationException for a negative base or a share outside 0 to 100.
func (m InstancesDistribution) Validate() error {
	var f check.Faults
	m.validate(&f, "")
	return ecs.Faults(ecs.ValidationException, f.Pairs())
}

func (m InstancesDistribution) validate(f *check.Faults, path string) {
	if m.OnDemandBaseCapacity < 0 {
		f.Refuse(check.Join(path, "OnDemandBaseCapacity"), "OnDemandBaseCapacity must not be negative, got %d.",
			m.OnDemandBaseCapacity)
	}
	if p := m.OnDemandPercentageAboveBaseCapacity.Or(100); p < 0 || p > 100 {
		f.Refuse(check.Join(path, "OnDemandPercentageAboveBaseCapacity"),
			"OnDemandPercentageAboveBaseCapacity must be from 0 to 100, got %d.", p)
	}
}

// Split returns how many of the instances are On-Demand and how many Spot: the base, and the percentage
// of the rest, rounded up, are On-Demand.
func (m InstancesDistribution) Split(total int) (onDemand, spot int) {
	base := min(m.OnDemandBaseCapacity, total)
	onDemand = base + whole.Up(total-base, m.OnDemandPercentageAboveBaseCapacity.Or(100), 100)
	return onDemand, total - onDemand
}
