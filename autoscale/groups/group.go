package groups

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/bayplan/bayplan/autoscale/group"
	"github.com/bayplan/bayplan/ecs"
)

// CreateAutoScalingGroupInput makes a group.
// Source: Amazon EC2 Auto Scaling API Reference, CreateAutoScalingGroup.
type CreateAutoScalingGroupInput struct {
	_ struct{} `unmodelled:"InstanceId,LoadBalancerNames,Operator,TargetGroupARNs,TrafficSources"`

	AutoScalingGroupName           string `json:"AutoScalingGroupName"`
	LifecycleHookSpecificationList []Hook `json:"LifecycleHookSpecificationList,omitzero"`
	Tags                           []Tag  `json:"Tags,omitzero"`
	Settings
}

// CreateAutoScalingGroup makes a group, which launches what it desires.
// Errors: AlreadyExists, LimitExceeded; ValidationError for sizes out of order, no zone or one that the Region does not
// have, nothing or too much to launch, and for a hook or a tag with a fault.
func (s *Service) CreateAutoScalingGroup(now time.Time, in CreateAutoScalingGroupInput) error {
	if n := len(in.AutoScalingGroupName); n < 1 || n > 255 || strings.Contains(in.AutoScalingGroupName, ":") {
		return fault(ValidationError, "AutoScalingGroupName",
			"AutoScalingGroupName must have from 1 to 255 characters, without a colon, got %d.", n)
	}
	at, exists := s.place(in.AutoScalingGroupName)
	switch {
	case exists:
		return fault(AlreadyExists, "AutoScalingGroupName",
			"AutoScalingGroup by this name already exists - A group with the name %s already exists",
			in.AutoScalingGroupName)
	case len(s.state.Groups) >= mostGroups:
		return fault(LimitExceeded, "AutoScalingGroupName", "There are %d Auto Scaling groups.", mostGroups)
	}
	for _, size := range []struct {
		name  string
		given ecs.Opt[int]
	}{{"MinSize", in.MinSize}, {"MaxSize", in.MaxSize}} {
		if _, ok := size.given.Get(); !ok {
			return fault(ValidationError, size.name, "%s is required.", size.name)
		}
	}
	r := &record{Settings: in.Settings.clone(), Created: ecs.At(now), Members: map[string]*member{}}
	g := group.AutoScalingGroup{AutoScalingGroupName: in.AutoScalingGroupName,
		DesiredCapacity: in.DesiredCapacity.Or(in.MinSize.Or(0))}
	var err error
	if r.Kinds, err = s.kinds(r.Settings); err != nil {
		return err
	}
	if r.Group, err = s.arranged(g, r.Settings, r.Kinds); err != nil {
		return err
	}
	if err := r.tag(in.Tags); err != nil {
		return err
	}
	for _, h := range in.LifecycleHookSpecificationList {
		if err := r.putHook(h); err != nil {
			return err
		}
	}
	r.ARN = s.arn("autoScalingGroup", "autoScalingGroupName/"+in.AutoScalingGroupName)
	s.state.Groups = slices.Insert(s.state.Groups, at, r)
	r.changed(now, 0, "a user request created an AutoScalingGroup")
	s.settle(now, r)
	return nil
}

// UpdateAutoScalingGroupInput changes a group. What is absent stays as it is.
// Source: Amazon EC2 Auto Scaling API Reference, UpdateAutoScalingGroup.
type UpdateAutoScalingGroupInput struct {
	AutoScalingGroupName string `json:"AutoScalingGroupName"`
	Settings
}

// UpdateAutoScalingGroup changes a group. Without a desired capacity, one outside the new sizes becomes the nearest of
// the two. Instances that run stay as they are. Errors as those of CreateAutoScalingGroup, and ValidationError for a
// group that does not exist.
func (s *Service) UpdateAutoScalingGroup(now time.Time, in UpdateAutoScalingGroupInput) error {
	r, err := s.find(in.AutoScalingGroupName)
	if err != nil {
		return err
	}
	next, kinds := r.Settings.over(in.Settings), r.Kinds
	if in.launches() {
		if kinds, err = s.kinds(next); err != nil {
			return err
		}
	}
	g := r.Group
	low, high := next.MinSize.Or(0), next.MaxSize.Or(0)
	g.DesiredCapacity = in.DesiredCapacity.Or(max(low, min(g.DesiredCapacity, high)))
	if g, err = s.arranged(g, next, kinds); err != nil {
		return err
	}
	old := r.Group.DesiredCapacity
	r.Settings, r.Group, r.Kinds = next, g, kinds
	if _, given := in.DesiredCapacity.Get(); !given {
		r.want()
	}
	if r.Group.DesiredCapacity != old {
		r.changed(now, old, "a user request update of AutoScalingGroup constraints to min: %d, max: %d, desired: %d",
			g.MinSize, g.MaxSize, r.Group.DesiredCapacity)
	}
	s.settle(now, r)
	return nil
}

// DeleteAutoScalingGroupInput removes a group.
type DeleteAutoScalingGroupInput struct {
	AutoScalingGroupName string        `json:"AutoScalingGroupName"`
	ForceDelete          ecs.Opt[bool] `json:"ForceDelete,omitzero"` // with its instances, without hooks
}

// DeleteAutoScalingGroup removes a group that has no instances. With ForceDelete it ends them first.
// Errors: ValidationError for a group that does not exist or that is protected from deletion, ResourceInUse while it
// has instances.
func (s *Service) DeleteAutoScalingGroup(now time.Time, in DeleteAutoScalingGroupInput) error {
	r, err := s.find(in.AutoScalingGroupName)
	if err != nil {
		return err
	}
	force := in.ForceDelete.Or(false)
	switch p := r.Settings.DeletionProtection; {
	case p == "prevent-all-deletion", p == "prevent-force-deletion" && force:
		return fault(ValidationError, "AutoScalingGroupName",
			"The Auto Scaling group %s cannot be deleted: its DeletionProtection is "+
				"%s.", r.Group.AutoScalingGroupName, p)
	case len(r.Members) > 0 && !force:
		return fault(ResourceInUse, "AutoScalingGroupName", "You cannot delete an AutoScalingGroup while there are "+
			"instances or pending Spot instance request(s) still in the group.")
	}
	for _, i := range r.Group.Instances {
		s.world.TerminateInstance(i.InstanceID)
	}
	deleted := slices.Concat(s.state.Deleted, r.Activities)
	s.state.Deleted = slices.Clone(deleted[max(len(deleted)-mostActivities, 0):])
	at, _ := s.place(r.Group.AutoScalingGroupName)
	s.state.Groups = slices.Delete(s.state.Groups, at, at+1)
	return nil
}

// SetDesiredCapacityInput sets the desired capacity of a group.
type SetDesiredCapacityInput struct {
	AutoScalingGroupName string        `json:"AutoScalingGroupName"`
	DesiredCapacity      ecs.Opt[int]  `json:"DesiredCapacity,omitzero"`
	HonorCooldown        ecs.Opt[bool] `json:"HonorCooldown,omitzero"`
}

// SetDesiredCapacity sets the desired capacity of a group. Errors: ValidationError for a group that does not exist and
// for a capacity outside its sizes, ScalingActivityInProgress within a cooldown that is honored.
func (s *Service) SetDesiredCapacity(now time.Time, in SetDesiredCapacityInput) error {
	r, err := s.find(in.AutoScalingGroupName)
	if err != nil {
		return err
	}
	n, ok := in.DesiredCapacity.Get()
	switch {
	case !ok:
		return fault(ValidationError, "DesiredCapacity", "DesiredCapacity is required.")
	case n > r.Group.MaxSize:
		return fault(ValidationError, "DesiredCapacity",
			"New SetDesiredCapacity value %d is above max value %d for the AutoScalingGroup.", n, r.Group.MaxSize)
	case n < r.Group.MinSize:
		return fault(ValidationError, "DesiredCapacity",
			"New SetDesiredCapacity value %d is below min value %d for the AutoScalingGroup.", n, r.Group.MinSize)
	case in.HonorCooldown.Or(false) && r.cooling(now, ecs.Opt[int]{}):
		return fault(ScalingActivityInProgress, "AutoScalingGroupName",
			"Scaling activity is in progress: the cooldown "+
				"of the group %s has not ended.", r.Group.AutoScalingGroupName)
	}
	s.desire(now, r, n, "a user request explicitly set group desired capacity")
	return nil
}

// desire sets a desired capacity that is within the group's sizes, and settles the group.
func (s *Service) desire(now time.Time, r *record, n int, why string) {
	next, err := r.Group.SetDesiredCapacity(n)
	if err != nil {
		s.begin(now, r, statusFailed, "Setting the desired capacity.  Status Reason: "+sentence(err), at(now)+why+".")
		return
	}
	if old := r.Group.DesiredCapacity; old != n {
		r.Group = next
		r.changed(now, old, "%s", why)
	}
	s.settle(now, r)
}

// ShownGroup is a group as DescribeAutoScalingGroups shows it.
// Source: Amazon EC2 Auto Scaling API Reference, AutoScalingGroup.
type ShownGroup struct {
	AutoScalingGroupName    string                       `json:"AutoScalingGroupName"`
	AutoScalingGroupARN     string                       `json:"AutoScalingGroupARN"`
	LaunchConfigurationName string                       `json:"LaunchConfigurationName,omitzero"`
	LaunchTemplate          *LaunchTemplateSpecification `json:"LaunchTemplate,omitzero"`
	MixedInstancesPolicy    *MixedInstancesPolicy        `json:"MixedInstancesPolicy,omitzero"`
	MinSize                 int                          `json:"MinSize"`
	MaxSize                 int                          `json:"MaxSize"`
	DesiredCapacity         int                          `json:"DesiredCapacity"`
	DefaultCooldown         int                          `json:"DefaultCooldown"`
	AvailabilityZones       []string                     `json:"AvailabilityZones"`
	LoadBalancerNames       []string                     `json:"LoadBalancerNames"`
	TargetGroupARNs         []string                     `json:"TargetGroupARNs"`
	HealthCheckType         string                       `json:"HealthCheckType"`
	HealthCheckGracePeriod  int                          `json:"HealthCheckGracePeriod"`
	Instances               []ShownInstance              `json:"Instances"`
	CreatedTime             ecs.Instant                  `json:"CreatedTime"`
	SuspendedProcesses      []SuspendedProcess           `json:"SuspendedProcesses"`
	PlacementGroup          string                       `json:"PlacementGroup,omitzero"`
	VPCZoneIdentifier       string                       `json:"VPCZoneIdentifier"`
	EnabledMetrics          []string                     `json:"EnabledMetrics"`
	Tags                    []ShownTag                   `json:"Tags"`
	TerminationPolicies     []group.TerminationPolicy    `json:"TerminationPolicies"`
	ServiceLinkedRoleARN    string                       `json:"ServiceLinkedRoleARN"`
	Context                 string                       `json:"Context,omitzero"`
	DesiredCapacityType     string                       `json:"DesiredCapacityType,omitzero"`
	DefaultInstanceWarmup   ecs.Opt[int]                 `json:"DefaultInstanceWarmup,omitzero"`
	DeletionProtection      string                       `json:"DeletionProtection,omitzero"`
	TrafficSources          []string                     `json:"TrafficSources"`
	CapacityRebalance       bool                         `json:"CapacityRebalance"`
	PredictedCapacity       ecs.Opt[int]                 `json:"PredictedCapacity,omitzero"`

	NewInstancesProtectedFromScaleIn bool `json:"NewInstancesProtectedFromScaleIn"`
}

// DescribeAutoScalingGroupsInput asks for groups.
type DescribeAutoScalingGroupsInput struct {
	_ struct{} `unmodelled:"IncludeManagedResources"`

	AutoScalingGroupNames []string      `json:"AutoScalingGroupNames,omitzero"`
	IncludeInstances      ecs.Opt[bool] `json:"IncludeInstances,omitzero"` // absent: true
	Filters               []Filter      `json:"Filters,omitzero"`          // tag-key, tag-value and tag:KEY
	MaxRecords            ecs.Opt[int]  `json:"MaxRecords,omitzero"`       // 1 to 100; absent: 50
	NextToken             string        `json:"NextToken,omitzero"`
}

// DescribeAutoScalingGroupsOutput is a page of groups.
type DescribeAutoScalingGroupsOutput struct {
	AutoScalingGroups []ShownGroup `json:"AutoScalingGroups"`
	NextToken         string       `json:"NextToken,omitzero"`
}

// DescribeAutoScalingGroups returns groups in order of name: those that are named, as far as they exist, or all, and
// of them those that pass the filters. Errors: ValidationError for a filter that does not exist and a size of pages
// out of bounds, InvalidNextToken.
func (s *Service) DescribeAutoScalingGroups(in DescribeAutoScalingGroupsInput) (DescribeAutoScalingGroupsOutput,
	error) {
	if err := validFilters(in.Filters); err != nil {
		return DescribeAutoScalingGroupsOutput{}, err
	}
	list := []ShownGroup{}
	for _, r := range s.state.Groups {
		if len(in.AutoScalingGroupNames) > 0 && !slices.Contains(in.AutoScalingGroupNames,
			r.Group.AutoScalingGroupName) {
			continue
		}
		if r.passes(in.Filters) {
			s.manage(r)
			list = append(list, s.show(r, in.IncludeInstances.Or(true)))
		}
	}
	list, next, err := page(list, func(g ShownGroup) string { return g.AutoScalingGroupName }, in.NextToken,
		in.MaxRecords,
		usual, 100)
	return DescribeAutoScalingGroupsOutput{list, next}, err
}

func (s *Service) show(r *record, instances bool) ShownGroup {
	set := r.Settings.clone()
	g := ShownGroup{AutoScalingGroupName: r.Group.AutoScalingGroupName, AutoScalingGroupARN: r.ARN,
		LaunchConfigurationName: set.LaunchConfigurationName, LaunchTemplate: set.LaunchTemplate,
		MixedInstancesPolicy: set.MixedInstancesPolicy, MinSize: r.Group.MinSize, MaxSize: r.Group.MaxSize,
		DesiredCapacity: r.Group.DesiredCapacity, DefaultCooldown: set.DefaultCooldown.Or(defaultCooldown),
		AvailabilityZones: slices.Clone(r.Group.AvailabilityZones), HealthCheckType: cmp.Or(set.HealthCheckType, "EC2"),
		HealthCheckGracePeriod: set.HealthCheckGracePeriod.Or(0), CreatedTime: r.Created,
		SuspendedProcesses: []SuspendedProcess{}, PlacementGroup: set.PlacementGroup,
		VPCZoneIdentifier: set.VPCZoneIdentifier, Tags: r.shownTags(), TerminationPolicies: set.TerminationPolicies,
		ServiceLinkedRoleARN: set.ServiceLinkedRoleARN, Context: set.Context,
		DesiredCapacityType: set.DesiredCapacityType, DeletionProtection: set.DeletionProtection,
		LoadBalancerNames: []string{}, TargetGroupARNs: []string{}, Instances: []ShownInstance{},
		EnabledMetrics: []string{},
		TrafficSources: []string{}, NewInstancesProtectedFromScaleIn: r.Group.NewInstancesProtectedFromScaleIn}
	if n := set.DefaultInstanceWarmup.Or(-1); n >= 0 {
		g.DefaultInstanceWarmup = ecs.Some(n)
	}
	if len(g.TerminationPolicies) == 0 {
		g.TerminationPolicies = []group.TerminationPolicy{group.TerminationPolicyDefault}
	}
	if g.ServiceLinkedRoleARN == "" {
		g.ServiceLinkedRoleARN = "arn:aws:iam::" + s.config.Account +
			":role/aws-service-role/" +
			"autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
	}
	for _, p := range r.Suspended {
		g.SuspendedProcesses = append(g.SuspendedProcesses, SuspendedProcess{ProcessName: p.Process,
			SuspensionReason: "User suspended at " + p.Since.Time().Format("2006-01-02T15:04:05Z")})
	}
	if set.LaunchTemplate != nil && len(r.Kinds) > 0 {
		g.LaunchTemplate = shownTemplate(*set.LaunchTemplate, r.Kinds[0])
	}
	if n, ok := r.predicted(); ok {
		g.PredictedCapacity = ecs.Some(n)
	}
	if instances {
		for _, i := range r.Group.Instances {
			g.Instances = append(g.Instances, r.showInstance(i).ShownInstance)
		}
	}
	return g
}

// shownTemplate has ID and name of a launch template, however it was named, and the version as it was given.
func shownTemplate(given LaunchTemplateSpecification, k kind) *LaunchTemplateSpecification {
	if k.Template != nil {
		given.LaunchTemplateID = cmp.Or(given.LaunchTemplateID, k.Template.LaunchTemplateID)
		given.LaunchTemplateName = cmp.Or(given.LaunchTemplateName, k.Template.LaunchTemplateName)
	}
	return &given
}

// AccountLimits are how many groups and launch configurations there may be, and are.
// Source: Amazon EC2 Auto Scaling API Reference, DescribeAccountLimits.
type AccountLimits struct {
	MaxNumberOfAutoScalingGroups    int `json:"MaxNumberOfAutoScalingGroups"`
	MaxNumberOfLaunchConfigurations int `json:"MaxNumberOfLaunchConfigurations"`
	NumberOfAutoScalingGroups       int `json:"NumberOfAutoScalingGroups"`
	NumberOfLaunchConfigurations    int `json:"NumberOfLaunchConfigurations"`
}

// Limits returns the limits of the account.
func (s *Service) Limits() AccountLimits {
	return AccountLimits{mostGroups, mostConfigurations, len(s.state.Groups), len(s.state.Configurations)}
}
