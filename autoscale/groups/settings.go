package groups

import (
	"slices"
	"strings"

	"github.com/bayplan/bayplan/autoscale/group"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
)

// Settings are the members that CreateAutoScalingGroup and UpdateAutoScalingGroup have in common.
// Source: Amazon EC2 Auto Scaling API Reference, CreateAutoScalingGroup and UpdateAutoScalingGroup.
type Settings struct {
	_ struct{} `unmodelled:"AvailabilityZoneDistribution,AvailabilityZoneIds,AvailabilityZoneImpairmentPolicy"`
	_ struct{} `unmodelled:"CapacityRebalance,CapacityReservationSpecification,InstanceLifecyclePolicy"`
	_ struct{} `unmodelled:"InstanceMaintenancePolicy,MaxInstanceLifetime,SkipZonalShiftValidation"`

	LaunchConfigurationName string                       `json:"LaunchConfigurationName,omitzero"`
	LaunchTemplate          *LaunchTemplateSpecification `json:"LaunchTemplate,omitzero"`
	MixedInstancesPolicy    *MixedInstancesPolicy        `json:"MixedInstancesPolicy,omitzero"`
	MinSize                 ecs.Opt[int]                 `json:"MinSize,omitzero"`
	MaxSize                 ecs.Opt[int]                 `json:"MaxSize,omitzero"`
	DesiredCapacity         ecs.Opt[int]                 `json:"DesiredCapacity,omitzero"`
	DefaultCooldown         ecs.Opt[int]                 `json:"DefaultCooldown,omitzero"` // seconds; absent: 300
	AvailabilityZones       []string                     `json:"AvailabilityZones,omitzero"`
	VPCZoneIdentifier       string                       `json:"VPCZoneIdentifier,omitzero"` // subnets, comma-separated
	HealthCheckGracePeriod  ecs.Opt[int]                 `json:"HealthCheckGracePeriod,omitzero"`
	TerminationPolicies     []group.TerminationPolicy    `json:"TerminationPolicies,omitzero"`
	DefaultInstanceWarmup   ecs.Opt[int]                 `json:"DefaultInstanceWarmup,omitzero"` // seconds; -1: none
	DeletionProtection      string                       `json:"DeletionProtection,omitzero"`

	NewInstancesProtectedFromScaleIn ecs.Opt[bool] `json:"NewInstancesProtectedFromScaleIn,omitzero"`

	Context              string `json:"Context,omitzero" kept:""`
	DesiredCapacityType  string `json:"DesiredCapacityType,omitzero" kept:""`
	HealthCheckType      string `json:"HealthCheckType,omitzero" kept:""`
	PlacementGroup       string `json:"PlacementGroup,omitzero" kept:""`
	ServiceLinkedRoleARN string `json:"ServiceLinkedRoleARN,omitzero" kept:""`
}

// MixedInstancesPolicy is the instance types and the purchase options of a group.
// Source: Amazon EC2 Auto Scaling API Reference, MixedInstancesPolicy.
type MixedInstancesPolicy struct {
	LaunchTemplate        *MixedLaunchTemplate   `json:"LaunchTemplate,omitzero"`
	InstancesDistribution *InstancesDistribution `json:"InstancesDistribution,omitzero"`
}

// MixedLaunchTemplate is the launch template of a MixedInstancesPolicy, and what overrides its instance type.
type MixedLaunchTemplate struct {
	LaunchTemplateSpecification *LaunchTemplateSpecification `json:"LaunchTemplateSpecification,omitzero"`
	Overrides                   []LaunchTemplateOverrides    `json:"Overrides,omitzero"`
}

// LaunchTemplateOverrides is one of the instance types of a MixedInstancesPolicy.
type LaunchTemplateOverrides struct {
	_ struct{} `unmodelled:"ImageId,InstanceRequirements,WeightedCapacity"`

	InstanceType                string                       `json:"InstanceType,omitzero"`
	LaunchTemplateSpecification *LaunchTemplateSpecification `json:"LaunchTemplateSpecification,omitzero"`
}

// InstancesDistribution is the mix of On-Demand and Spot instances in a MixedInstancesPolicy.
// Source: Amazon EC2 Auto Scaling API Reference, InstancesDistribution.
type InstancesDistribution struct {
	_ struct{} `unmodelled:"DistributionSegments"`

	group.InstancesDistribution
	OnDemandAllocationStrategy string       `json:"OnDemandAllocationStrategy,omitzero" kept:""`
	SpotAllocationStrategy     string       `json:"SpotAllocationStrategy,omitzero" kept:""`
	SpotInstancePools          ecs.Opt[int] `json:"SpotInstancePools,omitzero" kept:""`
	SpotMaxPrice               string       `json:"SpotMaxPrice,omitzero" kept:""`
}

// over returns the settings with those of an update over them.
func (s Settings) over(next Settings) Settings {
	if next.launches() {
		s.LaunchConfigurationName, s.LaunchTemplate, s.MixedInstancesPolicy =
			next.LaunchConfigurationName, next.LaunchTemplate, next.MixedInstancesPolicy
	}
	set(&s.MinSize, next.MinSize)
	set(&s.MaxSize, next.MaxSize)
	set(&s.DesiredCapacity, next.DesiredCapacity)
	set(&s.DefaultCooldown, next.DefaultCooldown)
	set(&s.HealthCheckGracePeriod, next.HealthCheckGracePeriod)
	set(&s.DefaultInstanceWarmup, next.DefaultInstanceWarmup)
	set(&s.NewInstancesProtectedFromScaleIn, next.NewInstancesProtectedFromScaleIn)
	if len(next.AvailabilityZones) > 0 || next.VPCZoneIdentifier != "" {
		s.AvailabilityZones, s.VPCZoneIdentifier = next.AvailabilityZones, next.VPCZoneIdentifier
	}
	if len(next.TerminationPolicies) > 0 {
		s.TerminationPolicies = next.TerminationPolicies
	}
	for _, text := range []struct{ to, from *string }{
		{&s.DeletionProtection, &next.DeletionProtection}, {&s.Context, &next.Context},
		{&s.DesiredCapacityType, &next.DesiredCapacityType}, {&s.HealthCheckType, &next.HealthCheckType},
		{&s.PlacementGroup, &next.PlacementGroup}, {&s.ServiceLinkedRoleARN, &next.ServiceLinkedRoleARN},
	} {
		if *text.from != "" {
			*text.to = *text.from
		}
	}
	return s.clone()
}

// set replaces a value where another is given.
func set[T any](to *ecs.Opt[T], from ecs.Opt[T]) {
	if v, ok := from.Get(); ok {
		*to = ecs.Some(v)
	}
}

// clone returns settings that share no list with what was given.
func (s Settings) clone() Settings {
	s.AvailabilityZones, s.TerminationPolicies = slices.Clone(s.AvailabilityZones), slices.Clone(s.TerminationPolicies)
	s.LaunchTemplate = s.LaunchTemplate.clone()
	if p := s.MixedInstancesPolicy; p != nil {
		own := *p
		if p.LaunchTemplate != nil {
			t := MixedLaunchTemplate{LaunchTemplateSpecification: p.LaunchTemplate.LaunchTemplateSpecification.clone(),
				Overrides: slices.Clone(p.LaunchTemplate.Overrides)}
			for i := range t.Overrides {
				t.Overrides[i].LaunchTemplateSpecification = t.Overrides[i].LaunchTemplateSpecification.clone()
			}
			own.LaunchTemplate = &t
		}
		if p.InstancesDistribution != nil {
			d := *p.InstancesDistribution
			own.InstancesDistribution = &d
		}
		s.MixedInstancesPolicy = &own
	}
	return s
}

// launches reports whether the settings say what to launch.
func (s Settings) launches() bool {
	return s.LaunchConfigurationName != "" || s.LaunchTemplate != nil || s.MixedInstancesPolicy != nil
}

// zones returns the Availability Zones of the settings: those that are named, and those of the subnets.
func (s *Service) zones(in Settings) ([]string, error) {
	zones := slices.Clone(in.AvailabilityZones)
	for _, z := range zones {
		if s.config.Zones != nil && !slices.Contains(s.config.Zones, z) || isOtherRegion(z, s.config.Region) {
			return nil, fault(ValidationError, "AvailabilityZones", "The Availability Zone %s is invalid.", z)
		}
	}
	subnets := strings.Split(in.VPCZoneIdentifier, ",")
	if in.VPCZoneIdentifier == "" {
		subnets = nil
	}
	of := []string{}
	for _, subnet := range subnets {
		zone, ok := s.config.ZoneOfSubnet[strings.TrimSpace(subnet)]
		switch {
		case !ok:
			return nil, fault(ValidationError, "VPCZoneIdentifier", "The subnet ID '%s' does not exist",
				strings.TrimSpace(subnet))
		case len(zones) > 0 && !slices.Contains(zones, zone):
			return nil, fault(ValidationError, "VPCZoneIdentifier", "The availability zones of the specified subnets "+
				"and the specified availability zones do not match")
		case !slices.Contains(of, zone):
			of = append(of, zone)
		}
	}
	if len(of) > 0 {
		zones = of
	}
	if len(zones) == 0 {
		return nil, fault(ValidationError, "AvailabilityZones",
			"At least one Availability Zone or VPC Subnet is required.")
	}
	return zones, nil
}

// isOtherRegion reports whether a zone has a name as AWS gives it, such as eu-west-1a, and is of another Region. Worlds
// may name their zones otherwise.
func isOtherRegion(zone, region string) bool {
	parts := strings.Split(zone, "-")
	at := slices.IndexFunc(parts, func(part string) bool { return part != "" && check.IsDigit(part[0]) })
	if at < 2 {
		return false
	}
	parts[at] = strings.TrimRight(parts[at], "abcdefghijklmnopqrstuvwxyz")
	return strings.Join(parts[:at+1], "-") != region
}

// healthChecks refuses a type of health check that a group cannot have; several are separated by commas.
// Source: Amazon EC2 Auto Scaling API Reference, CreateAutoScalingGroup.
func healthChecks(types string) error {
	known := []string{"EC2", "EBS", "ELB", "VPC_LATTICE"}
	for _, t := range strings.Split(types, ",") {
		if types != "" && !slices.Contains(known, strings.TrimSpace(t)) {
			return fault(ValidationError, "HealthCheckType", "%q is not one of %s.", t, strings.Join(known, ", "))
		}
	}
	return nil
}

// arranged returns a group with the settings, which must be whole: what CreateAutoScalingGroup was given, with what
// updates have given since. Its instances are as they were.
func (s *Service) arranged(g group.AutoScalingGroup, in Settings, kinds []kind) (group.AutoScalingGroup, error) {
	var err error
	if g.AvailabilityZones, err = s.zones(in); err != nil {
		return g, err
	}
	g.MinSize, g.MaxSize = in.MinSize.Or(0), in.MaxSize.Or(0)
	if g.MinSize >= 0 && g.MinSize <= g.MaxSize && (g.DesiredCapacity < g.MinSize || g.DesiredCapacity > g.MaxSize) {
		return g, fault(ValidationError, "DesiredCapacity",
			"Desired capacity:%d must be between the specified min size:%d and max size:%d",
			g.DesiredCapacity, g.MinSize, g.MaxSize)
	}
	g.TerminationPolicies = slices.Clone(in.TerminationPolicies)
	g.NewInstancesProtectedFromScaleIn = in.NewInstancesProtectedFromScaleIn.Or(false)
	g.LaunchTemplate, g.InstancesDistribution = kinds[0].Template.group(), nil
	if p := in.MixedInstancesPolicy; p != nil && p.InstancesDistribution != nil {
		d := p.InstancesDistribution.InstancesDistribution
		g.InstancesDistribution = &d
	}
	for _, seconds := range []struct {
		name        string
		given       ecs.Opt[int]
		least, most int
	}{{"DefaultCooldown", in.DefaultCooldown, 0, 1 << 30}, {"DefaultInstanceWarmup", in.DefaultInstanceWarmup, -1,
		3600},
		{"HealthCheckGracePeriod", in.HealthCheckGracePeriod, 0, 1 << 30}} {
		if n, ok := seconds.given.Get(); ok && (n < seconds.least || n > seconds.most) {
			return g, fault(ValidationError, seconds.name, "%s must be from %d to %d seconds, got %d.",
				seconds.name, seconds.least, seconds.most, n)
		}
	}
	if err := healthChecks(in.HealthCheckType); err != nil {
		return g, err
	}
	switch in.DeletionProtection {
	case "", "none", "prevent-force-deletion", "prevent-all-deletion":
	default:
		return g, fault(ValidationError, "DeletionProtection", "%q is not one of none, prevent-force-deletion, "+
			"prevent-all-deletion.", in.DeletionProtection)
	}
	return g, g.Validate()
}
