package groups_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/autoscale/group"
	"github.com/bayplan/bayplan/autoscale/groups"
	"github.com/bayplan/bayplan/ecs"
)

// TestGroup sees a group launch what it desires, spread over its zones, with AWS's words for why, and end what is too
// much.
//
// Seen to fail: a cause that is not kept for what follows from it.
func TestGroup(t *testing.T) {
	w := newWorld(t)
	w.create(0, 5, 2)
	require.Equal(t, map[group.LifecycleState]int{"Pending": 2}, w.states())
	first := w.activities()[1]
	require.Equal(t, "Launching a new EC2 instance: i-0001", first.Description)
	require.Equal(t, "PreInService", first.StatusCode)
	require.Equal(t, "At 2026-12-01T08:00:00Z a user request created an AutoScalingGroup changing the desired "+
		"capacity "+
		"from 0 to 2.  At 2026-12-01T08:00:00Z an instance was started in response to a difference between desired "+
		"and "+
		"actual capacity, increasing the capacity from 0 to 2.", first.Cause)
	w.pass(2 * time.Minute)
	require.Equal(t, map[group.LifecycleState]int{"InService": 2}, w.states())
	require.Equal(t, "Successful", w.activities()[0].StatusCode)
	require.Equal(t, 100, w.activities()[0].Progress)
	require.Equal(t, []string{"us-east-1a", "us-east-1b"},
		[]string{w.launched[0].AvailabilityZone, w.launched[1].AvailabilityZone})

	require.NoError(t, w.service.SetDesiredCapacity(w.now, groups.SetDesiredCapacityInput{AutoScalingGroupName: "web",
		DesiredCapacity: ecs.Some(1)}))
	require.Len(t, w.running, 1)
	ended := w.activities()[0]
	require.Equal(t, "Terminating EC2 instance: i-0001", ended.Description)
	require.Equal(t, "At 2026-12-01T08:02:00Z a user request explicitly set group desired capacity changing the "+
		"desired "+
		"capacity from 2 to 1.  At 2026-12-01T08:02:00Z an instance was taken out of service in response to a "+
		"difference "+
		"between desired and actual capacity, shrinking the capacity from 2 to 1.  At 2026-12-01T08:02:00Z "+
		"instance i-0001 "+
		"was selected for termination.", ended.Cause)
	w.ended("i-0002")
	require.Equal(t, map[group.LifecycleState]int{"Pending": 1}, w.states(), "one that ended is replaced")
}

// TestRefused sees AWS's sentences.
//
// Seen to fail: each of the checks left out; the length of a tag in bytes.
func TestRefused(t *testing.T) {
	w := newWorld(t)
	filtered := groups.DescribeAutoScalingGroupsInput{Filters: []groups.Filter{{Name: "colour"}}}
	_, err := w.service.DescribeAutoScalingGroups(filtered)
	require.Equal(t, `ValidationError: The filter "colour" is not one of tag-key, tag-value, tag:KEY.`, refused(t, err))
	w.create(1, 3, 1)
	w.pass(2 * time.Minute)
	set := func(n int) error {
		return w.service.SetDesiredCapacity(w.now, groups.SetDesiredCapacityInput{AutoScalingGroupName: "web",
			DesiredCapacity: ecs.Some(n)})
	}
	create := func(f func(*groups.CreateAutoScalingGroupInput)) error {
		in := groups.CreateAutoScalingGroupInput{AutoScalingGroupName: "other", Settings: groups.Settings{
			MinSize: ecs.Some(0), MaxSize: ecs.Some(1), AvailabilityZones: []string{"us-east-1a"},
			LaunchTemplate: &groups.LaunchTemplateSpecification{LaunchTemplateName: "m5.large"}}}
		f(&in)
		return w.service.CreateAutoScalingGroup(w.now, in)
	}
	end := func(id string, less bool) error {
		_, err := w.service.TerminateInstanceInAutoScalingGroup(w.now, groups.TerminateInstanceInAutoScalingGroupInput{
			InstanceID: id, ShouldDecrementDesiredCapacity: ecs.Some(less)})
		return err
	}
	for _, c := range []struct {
		err  error
		want string
	}{
		{set(4), "ValidationError: New SetDesiredCapacity value 4 is above max value 3 for the AutoScalingGroup."},
		{set(0), "ValidationError: New SetDesiredCapacity value 0 is below min value 1 for the AutoScalingGroup."},
		{create(func(in *groups.CreateAutoScalingGroupInput) { in.AutoScalingGroupName = "web" }),
			"AlreadyExists: AutoScalingGroup by this name already exists - A group with the name web already exists"},
		{create(func(in *groups.CreateAutoScalingGroupInput) { in.DesiredCapacity = ecs.Some(2) }),
			"ValidationError: Desired capacity:2 must be between the specified min size:0 and max size:1"},
		{create(func(in *groups.CreateAutoScalingGroupInput) { in.LaunchTemplate = nil }),
			"ValidationError: Valid requests must contain either LaunchTemplate, LaunchConfigurationName, " +
				"InstanceId or " +
				"MixedInstancesPolicy parameter."},
		{create(func(in *groups.CreateAutoScalingGroupInput) { in.MinSize = ecs.Opt[int]{} }),
			"ValidationError: MinSize is required."},
		{create(func(in *groups.CreateAutoScalingGroupInput) { in.AvailabilityZones = []string{"moon-1a"} }),
			"ValidationError: The Availability Zone moon-1a is invalid."},
		{create(func(in *groups.CreateAutoScalingGroupInput) { in.AvailabilityZones = nil }),
			"ValidationError: At least one Availability Zone or VPC Subnet is required."},
		{create(func(in *groups.CreateAutoScalingGroupInput) { in.VPCZoneIdentifier = "subnet-b" }),
			"ValidationError: The availability zones of the specified subnets and the specified availability zones " +
				"do not match"},
		{create(func(in *groups.CreateAutoScalingGroupInput) { in.LaunchTemplate.LaunchTemplateName = "web" }),
			"ValidationError: You must use a valid fully-formed launch template. The specified launch template, with " +
				"template name web, does not exist. Here the name of an instance type is one: m5.large, c5.xlarge."},
		{create(func(in *groups.CreateAutoScalingGroupInput) { in.Tags = []groups.Tag{{Key: "aws:x"}} }),
			`ValidationError: The key "aws:x" begins with aws:, which only AWS may use.`},
		{create(func(in *groups.CreateAutoScalingGroupInput) { in.HealthCheckType = "EC2,HTTP" }),
			`ValidationError: "HTTP" is not one of EC2, EBS, ELB, VPC_LATTICE.`},
		{create(func(in *groups.CreateAutoScalingGroupInput) { in.DeletionProtection = "some" }),
			`ValidationError: "some" is not one of none, prevent-force-deletion, prevent-all-deletion.`},
		{w.service.SetDesiredCapacity(w.now, groups.SetDesiredCapacityInput{AutoScalingGroupName: "none"}),
			"ValidationError: AutoScalingGroup name not found - AutoScalingGroup 'none' not found"},
		{w.service.DeleteAutoScalingGroup(w.now, groups.DeleteAutoScalingGroupInput{AutoScalingGroupName: "web"}),
			"ResourceInUse: You cannot delete an AutoScalingGroup while there are instances or pending Spot instance " +
				"request(s) still in the group."},
		{end("i-9", false), "ValidationError: Instance Id not found - No managed instance found for instance ID: i-9"},
		{end("i-0001", true), "ValidationError: Currently, desiredSize equals minSize (1). Terminating instance " +
			"without " +
			"replacement will violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag " +
			"to false " +
			"or lower group's min size."},
		{w.service.SetInstanceProtection(w.now, groups.SetInstanceProtectionInput{AutoScalingGroupName: "web",
			InstanceIDs: []string{"i-9"}, ProtectedFromScaleIn: ecs.Some(true)}),
			"ValidationException: The instance i-9 is not part of Auto Scaling group web."},
		{w.service.SuspendProcesses(w.now, groups.ScalingProcessesInput{AutoScalingGroupName: "web",
			ScalingProcesses: []groups.Process{"Breathe"}}), `ValidationError: "Breathe" is not a scaling process.`},
		{create(func(in *groups.CreateAutoScalingGroupInput) {
			in.Tags = []groups.Tag{{Key: strings.Repeat("é", 129)}}
		}), "ValidationError: The key of a tag has from 1 to 128 characters, got 129."},
		{create(func(in *groups.CreateAutoScalingGroupInput) {
			in.Tags = []groups.Tag{{Key: "a", Value: strings.Repeat("é", 257)}}
		}), "ValidationError: The value of a tag has at most 256 characters, got 257."},
	} {
		require.Equal(t, c.want, refused(t, c.err))
	}
	require.NoError(t, create(func(in *groups.CreateAutoScalingGroupInput) {
		in.Tags = []groups.Tag{{Key: strings.Repeat("é", 128), Value: strings.Repeat("é", 256)}}
	}))
}

// TestZonesOfAnotherRegion sees a zone of another Region refused where the zones of a Region are not known, and names
// of another form taken.
//
// Seen to fail: every zone is taken.
func TestZonesOfAnotherRegion(t *testing.T) {
	for zone, taken := range map[string]bool{"us-east-1c": true, "us-east-1-bos-1a": true, "zone-a": true, "a": true,
		"eu-west-1a": false, "us-east-2a": false, "us-gov-west-1a": false} { //order:any each alone
		c := config()
		c.Zones = nil
		err := groups.New(c, newWorld(t)).CreateAutoScalingGroup(time.Time{}, groups.CreateAutoScalingGroupInput{
			AutoScalingGroupName: "web", Settings: groups.Settings{MinSize: ecs.Some(0), MaxSize: ecs.Some(0),
				AvailabilityZones: []string{zone},
				LaunchTemplate:    &groups.LaunchTemplateSpecification{LaunchTemplateName: "m5.large"}}})
		require.Equal(t, taken, err == nil, "%s: %v", zone, err)
	}
}

// TestPages sees pages of fifty where no size is given, and of the size that is.
//
// Seen to fail: pages of a hundred.
func TestPages(t *testing.T) {
	w := newWorld(t)
	var tags []groups.Tag
	for i := range 60 {
		name := fmt.Sprintf("web-%02d", i)
		require.NoError(t, w.service.CreateAutoScalingGroup(w.now, groups.CreateAutoScalingGroupInput{
			AutoScalingGroupName: name, Settings: groups.Settings{MinSize: ecs.Some(0), MaxSize: ecs.Some(1),
				AvailabilityZones: []string{"us-east-1a"},
				LaunchTemplate:    &groups.LaunchTemplateSpecification{LaunchTemplateName: "m5.large"}}}))
		tags = append(tags, groups.Tag{ResourceID: name, Key: "a"})
	}
	require.NoError(t, w.service.CreateOrUpdateTags(groups.TagsInput{Tags: tags}))
	first, err := w.service.DescribeAutoScalingGroups(groups.DescribeAutoScalingGroupsInput{})
	require.NoError(t, err)
	require.Len(t, first.AutoScalingGroups, 50)
	rest, err := w.service.DescribeAutoScalingGroups(groups.DescribeAutoScalingGroupsInput{NextToken: first.NextToken})
	require.NoError(t, err)
	require.Len(t, rest.AutoScalingGroups, 10)
	require.Empty(t, rest.NextToken)
	all, err := w.service.DescribeAutoScalingGroups(groups.DescribeAutoScalingGroupsInput{MaxRecords: ecs.Some(100)})
	require.NoError(t, err)
	require.Len(t, all.AutoScalingGroups, 60)
	some, err := w.service.DescribeTags(groups.DescribeTagsInput{})
	require.NoError(t, err)
	require.Len(t, some.Tags, 50)
}

// TestUpdate changes sizes, which pull the desired capacity, and what is launched from then on.
//
// Seen to fail: an update that resets what it does not name.
func TestUpdate(t *testing.T) {
	w := newWorld(t)
	w.create(0, 5, 1, func(in *groups.CreateAutoScalingGroupInput) { in.HealthCheckGracePeriod = ecs.Some(60) })
	update := groups.UpdateAutoScalingGroupInput{AutoScalingGroupName: "web", Settings: groups.Settings{
		MinSize: ecs.Some(3), VPCZoneIdentifier: "subnet-b, " +
			"subnet-a", MixedInstancesPolicy: &groups.MixedInstancesPolicy{
			LaunchTemplate: &groups.MixedLaunchTemplate{
				LaunchTemplateSpecification: &groups.LaunchTemplateSpecification{LaunchTemplateName: "m5.large"},
				Overrides: []groups.LaunchTemplateOverrides{{InstanceType: "c5.xlarge"},
					{InstanceType: "m5.large"}}},
			InstancesDistribution: &groups.InstancesDistribution{InstancesDistribution: group.InstancesDistribution{
				OnDemandBaseCapacity: 2, OnDemandPercentageAboveBaseCapacity: ecs.Some(0)}}}}}
	require.NoError(t, w.service.UpdateAutoScalingGroup(w.now, update))
	g := w.web()
	require.Equal(t, 3, g.DesiredCapacity)
	require.Equal(t, 60, g.HealthCheckGracePeriod)
	require.Equal(t, []string{"us-east-1b", "us-east-1a"}, g.AvailabilityZones)
	require.Nil(t, g.LaunchTemplate)
	require.Contains(t, w.activities()[0].Cause, "a user request update of AutoScalingGroup constraints to min: 3, "+
		"max: 5, "+
		"desired: 3 changing the desired capacity from 1 to 3.")
	types := []string{w.launched[1].InstanceType, w.launched[2].InstanceType}
	slices.Sort(types)
	require.Equal(t, []string{"c5.xlarge", "m5.large"}, types)
	require.Equal(t, 1, len(slices.DeleteFunc(slices.Clone(w.launched), func(l groups.Launch) bool { return !l.Spot })))
}

// TestProtectedStays sees that scale-in ends no protected instance, says so once, and goes on when protection ends.
//
// Seen to fail: a note each time that the group looks again.
func TestProtectedStays(t *testing.T) {
	w := newWorld(t)
	w.create(0, 5, 3,
		func(in *groups.CreateAutoScalingGroupInput) { in.NewInstancesProtectedFromScaleIn = ecs.Some(true) })
	w.pass(2 * time.Minute)
	require.NoError(t, w.service.SetDesiredCapacity(w.now, groups.SetDesiredCapacityInput{AutoScalingGroupName: "web",
		DesiredCapacity: ecs.Some(1)}))
	w.pass(10 * time.Minute)
	require.Len(t, w.running, 3)
	require.Equal(t, 1, w.web().DesiredCapacity)
	notes := 0
	for _, a := range w.activities() {
		if strings.HasPrefix(a.Description, "Could not scale to desired capacity because all remaining instances "+
			"are protected") {
			notes++
		}
	}
	require.Equal(t, 1, notes)
	require.NoError(t, w.service.SetInstanceProtection(w.now,
		groups.SetInstanceProtectionInput{AutoScalingGroupName: "web",
			InstanceIDs: []string{"i-0002"}, ProtectedFromScaleIn: ecs.Some(false)}))
	require.Equal(t, map[string]bool{"i-0001": true, "i-0003": true}, w.running)
}

// TestMoves detaches instances, moves them to standby and back, ends and replaces them.
//
// Seen to fail: an instance in standby that counts.
func TestMoves(t *testing.T) {
	w := newWorld(t)
	w.create(0, 5, 3)
	w.pass(2 * time.Minute)
	moves := func(id string, less bool) groups.InstancesInput {
		return groups.InstancesInput{AutoScalingGroupName: "web", InstanceIDs: []string{id},
			ShouldDecrementDesiredCapacity: ecs.Some(less)}
	}
	list, err := w.service.DetachInstances(w.now, moves("i-0001", true))
	require.NoError(t, err)
	require.Equal(t, "Detaching EC2 instance: i-0001", list[0].Description)
	require.True(t, w.running["i-0001"])
	list, err = w.service.EnterStandby(w.now, moves("i-0002", false))
	require.NoError(t, err)
	require.Equal(t, "Moving EC2 instance to Standby: i-0002", list[0].Description)
	require.Equal(t, map[group.LifecycleState]int{"InService": 1, "Standby": 1, "Pending": 1}, w.states())
	w.pass(2 * time.Minute)
	_, err = w.service.ExitStandby(w.now, groups.ExitStandbyInput{AutoScalingGroupName: "web",
		InstanceIDs: []string{"i-0002"}})
	require.NoError(t, err)
	require.Equal(t, map[group.LifecycleState]int{"InService": 3}, w.states())
	require.Equal(t, 3, w.web().DesiredCapacity)
	a, err := w.service.TerminateInstanceInAutoScalingGroup(w.now, groups.TerminateInstanceInAutoScalingGroupInput{
		InstanceID: "i-0002", ShouldDecrementDesiredCapacity: ecs.Some(false)})
	require.NoError(t, err)
	require.Equal(t, "InProgress", a.StatusCode)
	require.False(t, w.running["i-0002"])
	require.Equal(t, map[group.LifecycleState]int{"InService": 2, "Pending": 1}, w.states())
	w.pass(2 * time.Minute)
	require.NoError(t, w.service.SetInstanceHealth(w.now, groups.SetInstanceHealthInput{InstanceID: "i-0003",
		HealthStatus: "Unhealthy"}))
	require.False(t, w.running["i-0003"])
	require.Equal(t, map[group.LifecycleState]int{"InService": 2, "Pending": 1}, w.states())
}

// TestProcesses suspends what a group does, and catches up.
//
// Seen to fail: ResumeProcesses that does not settle.
func TestProcesses(t *testing.T) {
	w := newWorld(t)
	w.create(0, 5, 1)
	w.pass(2 * time.Minute)
	two := groups.ScalingProcessesInput{AutoScalingGroupName: "web",
		ScalingProcesses: []groups.Process{groups.ProcessLaunch, groups.ProcessTerminate}}
	require.NoError(t, w.service.SuspendProcesses(w.now, two))
	require.Equal(t, "User suspended at 2026-12-01T08:02:00Z", w.web().SuspendedProcesses[0].SuspensionReason)
	for _, n := range []int{3, 0, 2} {
		require.NoError(t, w.service.SetDesiredCapacity(w.now,
			groups.SetDesiredCapacityInput{AutoScalingGroupName: "web",
				DesiredCapacity: ecs.Some(n)}))
		w.pass(5 * time.Minute)
		require.Len(t, w.running, 1)
	}
	require.NoError(t, w.service.ResumeProcesses(w.now, groups.ScalingProcessesInput{AutoScalingGroupName: "web"}))
	require.Empty(t, w.web().SuspendedProcesses)
	require.Len(t, w.running, 2)
}

// TestRefusedLaunch sees a launch that the world refuses in the activities, and tried again.
//
// Seen to fail: a refused launch that nothing repeats.
func TestRefusedLaunch(t *testing.T) {
	w := newWorld(t)
	w.refuse = errors.New("there is no capacity")
	w.create(0, 5, 2)
	require.Equal(t, "Failed", w.activities()[0].StatusCode)
	require.Equal(t, "Launching a new EC2 instance.  Status Reason: there is no capacity",
		w.activities()[0].Description)
	w.refuse = nil
	w.pass(5 * time.Minute)
	require.Len(t, w.running, 2)
}

// TestRebalance sees a group move instances to a zone that it gets.
//
// Seen to fail: an instance that ends before the one in its place is in service.
func TestRebalance(t *testing.T) {
	w := newWorld(t)
	w.create(0, 4, 4, func(in *groups.CreateAutoScalingGroupInput) { in.AvailabilityZones = []string{"us-east-1a"} })
	w.pass(2 * time.Minute)
	require.NoError(t, w.service.UpdateAutoScalingGroup(w.now, groups.UpdateAutoScalingGroupInput{
		AutoScalingGroupName: "web", Settings: groups.Settings{AvailabilityZones: []string{"us-east-1a",
			"us-east-1b"}}}))
	require.Len(t, w.running, 5, "a tenth more than the maximum, and at least one")
	w.pass(10 * time.Minute)
	zones := map[string]int{}
	for _, i := range w.web().Instances {
		zones[i.AvailabilityZone]++
	}
	require.Equal(t, map[string]int{"us-east-1a": 2, "us-east-1b": 2}, zones)
}

// TestDelete deletes groups, and shows what they did.
//
// Seen to fail: instances of a deleted group that go on.
func TestDelete(t *testing.T) {
	w := newWorld(t)
	w.create(0, 4, 2, func(in *groups.CreateAutoScalingGroupInput) { in.DeletionProtection = "prevent-force-deletion" })
	w.pass(2 * time.Minute)
	force := groups.DeleteAutoScalingGroupInput{AutoScalingGroupName: "web", ForceDelete: ecs.Some(true)}
	require.Contains(t, refused(t, w.service.DeleteAutoScalingGroup(w.now, force)), "prevent-force-deletion")
	require.NoError(t, w.service.UpdateAutoScalingGroup(w.now, groups.UpdateAutoScalingGroupInput{
		AutoScalingGroupName: "web", Settings: groups.Settings{DeletionProtection: "none"}}))
	require.NoError(t, w.service.DeleteAutoScalingGroup(w.now, force))
	require.Empty(t, w.running)
	out, err := w.service.DescribeAutoScalingGroups(groups.DescribeAutoScalingGroupsInput{
		AutoScalingGroupNames: []string{"web"}})
	require.NoError(t, err)
	require.Empty(t, out.AutoScalingGroups)
	require.Empty(t, w.activities())
	past, err := w.service.DescribeScalingActivities(groups.DescribeScalingActivitiesInput{AutoScalingGroupName: "web",
		IncludeDeletedGroups: true})
	require.NoError(t, err)
	require.Len(t, past.Activities, 2)
}
