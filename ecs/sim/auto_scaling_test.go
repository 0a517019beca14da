package sim_test

import (
	"encoding/base64"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/autoscale/groups"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/sim"
)

// zoned is the configuration of a world with two zones.
func zoned() sim.Config {
	return sim.Config{Seed: 1, Plane: control.Config{Region: "us-east-1", Account: "123456789012",
		ZoneOfSubnet: map[string]string{"subnet-a": "us-east-1a", "subnet-b": "us-east-1b"}}}
}

// scaled is a world with a group that somebody created, a provider of it, and a service of n tasks of one vCPU each.
func scaled(t *testing.T, config sim.Config, protection string, n int) *sim.World {
	w := sim.New(config)
	script := base64.StdEncoding.EncodeToString([]byte("#!/bin/sh\necho ECS_CLUSTER=prod >> /etc/ecs/ecs.config\n"))
	require.NoError(t, w.AutoScaling(func(s *groups.Service, now time.Time) error {
		if err := s.CreateLaunchConfiguration(now, groups.CreateLaunchConfigurationInput{LaunchConfigurationName: "ecs",
			InstanceType: "m5.large", UserData: script}); err != nil {
			return err
		}
		return s.CreateAutoScalingGroup(now, groups.CreateAutoScalingGroupInput{AutoScalingGroupName: "asg",
			Settings: groups.Settings{MinSize: ecs.Some(0), MaxSize: ecs.Some(4), LaunchConfigurationName: "ecs",
				VPCZoneIdentifier:                "subnet-a,subnet-b",
				NewInstancesProtectedFromScaleIn: ecs.Some(protection == "ENABLED")}})
	}))
	require.NoError(t, w.Do(func(p *control.Plane, now time.Time) error {
		_, err := p.CreateCapacityProvider(now, api.CreateCapacityProviderInput{Name: "web",
			AutoScalingGroupProvider: &ecs.AutoScalingGroupProvider{AutoScalingGroupArn: "asg",
				ManagedScaling: &ecs.ManagedScaling{Status: "ENABLED"}, ManagedTerminationProtection: protection}})
		if err != nil {
			return err
		}
		item := []ecs.CapacityProviderStrategyItem{{CapacityProvider: "web", Weight: 1}}
		if _, err := p.CreateCluster(now, api.CreateClusterInput{ClusterName: "prod",
			CapacityProviders:               []string{"web"},
			DefaultCapacityProviderStrategy: item}); err != nil {
			return err
		}
		d := ecs.TaskDefinition{Family: "web", ContainerDefinitions: []ecs.ContainerDefinition{{Name: "web",
			Image: "web",
			CPU:   1024, Memory: 512}}}
		if _, err := p.RegisterTaskDefinition(now, d); err != nil {
			return err
		}
		_, err = p.CreateService(now, api.CreateServiceInput{Cluster: "prod", ServiceName: "web", TaskDefinition: "web",
			DesiredCount: ecs.Some(n)})
		return err
	}))
	return w
}

// asg describes the group.
func asg(t *testing.T, w *sim.World) (g groups.ShownGroup) {
	require.NoError(t, w.AutoScaling(func(s *groups.Service, _ time.Time) error {
		out, err := s.DescribeAutoScalingGroups(groups.DescribeAutoScalingGroupsInput{})
		g = out.AutoScalingGroups[0]
		return err
	}))
	return g
}

func running(t *testing.T, w *sim.World) int {
	out, err := w.Plane().DescribeServices(api.DescribeServicesInput{Cluster: "prod", Services: []string{"web"}})
	require.NoError(t, err)
	return out.Services[0].RunningCount
}

func desire(t *testing.T, w *sim.World, n int) {
	require.NoError(t, w.AutoScaling(func(s *groups.Service, now time.Time) error {
		return s.SetDesiredCapacity(now, groups.SetDesiredCapacityInput{AutoScalingGroupName: "asg",
			DesiredCapacity: ecs.Some(n)})
	}))
}

// TestAutoScalingGroup sees instances of a group that somebody created join the cluster of their user data, and a size
// that somebody sets by hand be what managed scaling goes on from.
//
// Seen to fail: a world that tells the plane of no group; user data that nobody reads.
func TestAutoScalingGroup(t *testing.T) {
	w := scaled(t, zoned(), "ENABLED", 4)
	w.Advance(10 * time.Minute)
	require.Equal(t, 4, running(t, w))
	require.Equal(t, 2, asg(t, w).DesiredCapacity)
	desire(t, w, 4)
	w.Advance(3 * time.Minute)
	require.Len(t, asg(t, w).Instances, 4)
	w.Advance(time.Hour)
	require.Equal(t, 2, asg(t, w).DesiredCapacity)
	require.Len(t, asg(t, w).Instances, 2)
	require.Equal(t, 4, running(t, w))
}

// TestManagedDraining sees an instance with tasks that the group ends drain: its tasks run elsewhere before it is gone.
//
// Seen to fail: an instance that ends with its tasks.
func TestManagedDraining(t *testing.T) {
	w := scaled(t, zoned(), "DISABLED", 2)
	w.Advance(10 * time.Minute)
	require.Equal(t, 2, running(t, w))
	desire(t, w, 3)
	w.Advance(3 * time.Minute)
	var id string
	require.NoError(t, w.AutoScaling(func(s *groups.Service, now time.Time) error {
		id = busyInstance(t, w)
		_, err := s.TerminateInstanceInAutoScalingGroup(now,
			groups.TerminateInstanceInAutoScalingGroupInput{InstanceID: id,
				ShouldDecrementDesiredCapacity: ecs.Some(true)})
		return err
	}))
	require.Len(t, asg(t, w).Instances, 3, "it waits in Terminating:Wait")
	least := 2
	for range 120 {
		w.Advance(time.Second)
		least = min(least, running(t, w))
	}
	require.Equal(t, 2, least)
	for _, i := range asg(t, w).Instances {
		require.NotEqual(t, id, i.InstanceID)
	}
}

// busyInstance is the EC2 ID of an instance on which tasks run.
func busyInstance(t *testing.T, w *sim.World) string {
	list, err := w.Plane().ListContainerInstances(api.ListContainerInstancesInput{Cluster: "prod"})
	require.NoError(t, err)
	out, err := w.Plane().DescribeContainerInstances(api.DescribeContainerInstancesInput{Cluster: "prod",
		ContainerInstances: list.Arns})
	require.NoError(t, err)
	for _, ci := range out.ContainerInstances {
		if ci.RunningTasksCount > 0 {
			return ci.EC2InstanceID
		}
	}
	require.Fail(t, "no task runs")
	return ""
}

// TestRestoreAutoScaling sees a world that adopts a plane go on with the groups of the one before: what runs stays,
// what
// boots boots again, and what has ended meanwhile is replaced.
//
// Seen to fail: an instance that is there and boots again.
func TestRestoreAutoScaling(t *testing.T) {
	w := scaled(t, zoned(), "ENABLED", 4)
	w.Advance(10 * time.Minute)
	desire(t, w, 3)
	var state []byte
	require.NoError(t, w.AutoScaling(func(s *groups.Service, _ time.Time) (err error) {
		state, err = s.State()
		return err
	}))
	before := asg(t, w)
	w.Advance(2 * time.Minute) // the third has joined, which the state does not know
	again := sim.Adopt(zoned(), w.Plane())
	require.NoError(t, again.RestoreAutoScaling(state))
	again.Advance(3 * time.Minute)
	after := asg(t, again)
	require.Equal(t, before.DesiredCapacity, after.DesiredCapacity)
	require.Len(t, after.Instances, 3)
	for i := range after.Instances {
		require.Equal(t, before.Instances[i].InstanceID, after.Instances[i].InstanceID)
		require.EqualValues(t, "InService", after.Instances[i].LifecycleState)
	}
	require.ErrorContains(t, again.RestoreAutoScaling([]byte("{")), "sim: Auto Scaling groups: ")
	again.Terminate("prod", ecs.InstanceID(containerInstance(t, again)))
	again.Advance(5 * time.Minute)
	require.Len(t, asg(t, again).Instances, 3)
	require.Equal(t, 4, running(t, again))
}

func containerInstance(t *testing.T, w *sim.World) string {
	list, err := w.Plane().ListContainerInstances(api.ListContainerInstancesInput{Cluster: "prod"})
	require.NoError(t, err)
	return string(ecs.ContainerInstance{ContainerInstanceArn: list.Arns[0]}.ID())
}

// Alarms of managed scaling are listed under the names that its policy shows, with the reservation in CloudWatch; and
// an alarm of somebody's own carries a policy of a group out, each minute as long as it lasts.
//
// Seen to fail: a world that looks at an alarm only when its state changes.
func TestAlarmsOfGroups(t *testing.T) {
	w := scaled(t, zoned(), "DISABLED", 2)
	w.Advance(20 * time.Minute)
	shown := func(in cloudwatch.DescribeAlarmsInput) (names, actions []string) {
		out, err := w.Plane().CloudWatch().DescribeAlarms(in)
		require.NoError(t, err)
		for _, a := range out.MetricAlarms {
			names, actions = append(names, a.AlarmName), append(actions, a.AlarmActions...)
		}
		return names, actions
	}
	names, _ := shown(cloudwatch.DescribeAlarmsInput{AlarmNamePrefix: "TargetTracking-asg-"})
	policy := ""
	require.NoError(t, w.AutoScaling(func(s *groups.Service, now time.Time) error {
		out, err := s.DescribePolicies(groups.DescribePoliciesInput{AutoScalingGroupName: "asg"})
		require.NoError(t, err)
		require.Len(t, out.ScalingPolicies, 1)
		var own []string
		for _, a := range out.ScalingPolicies[0].Alarms {
			own = append(own, a.AlarmName)
		}
		require.Equal(t, own, names)
		policy, err = shrink(s, now)
		return err
	}))
	metric := cloudwatch.GetMetricStatisticsInput{Namespace: "AWS/ECS/ManagedScaling",
		MetricName: "CapacityProviderReservation", Period: 60, Statistics: []cloudwatch.Statistic{"Average"},
		Dimensions: []cloudwatch.MetricDimension{{Name: "CapacityProviderName", Value: "web"},
			{Name: "ClusterName", Value: "prod"}},
		StartTime: ecs.At(w.Now().Add(-20 * time.Minute)), EndTime: ecs.At(w.Now())}
	out, err := w.Plane().CloudWatch().GetMetricStatistics(metric)
	require.NoError(t, err)
	require.Equal(t, 200.0, out.Datapoints[0].Average.Or(0))
	require.Equal(t, 100.0, out.Datapoints[len(out.Datapoints)-1].Average.Or(0))

	require.NoError(t, w.Do(func(p *control.Plane, now time.Time) error {
		if err := p.CloudWatch().PutMetricAlarm(now, cloudwatch.PutMetricAlarmInput{AlarmName: "idle",
			Namespace: "app", MetricName: "depth", Statistic: "Average", Period: 60, EvaluationPeriods: 1,
			Threshold: ecs.Some(10.0), ComparisonOperator: "LessThanThreshold",
			AlarmActions: []string{policy}}); err != nil {
			return err
		}
		return p.CloudWatch().SetAlarmState(now, cloudwatch.SetAlarmStateInput{AlarmName: "idle", StateValue: "ALARM",
			StateReason: "test", StateReasonData: `{"recentDatapoints":[3]}`})
	}))
	w.Advance(time.Second)
	require.Equal(t, 3, desired(t, w), "at once")
	for want := 2; want >= 0; want-- {
		require.NoError(t, w.Do(func(p *control.Plane, now time.Time) error {
			return p.CloudWatch().PutMetricData(now, cloudwatch.PutMetricDataInput{Namespace: "app",
				MetricData: []cloudwatch.MetricDatum{{MetricName: "depth", Value: ecs.Some(3.0)}}})
		}))
		w.Advance(time.Minute)
		require.Equal(t, want, desired(t, w), "and each minute")
	}
}

// shrink puts a step policy that takes one instance, and returns its ARN.
func shrink(s *groups.Service, now time.Time) (string, error) {
	err := s.CreateAutoScalingGroup(now, groups.CreateAutoScalingGroupInput{AutoScalingGroupName: "other",
		Settings: groups.Settings{MinSize: ecs.Some(0), MaxSize: ecs.Some(4), LaunchConfigurationName: "ecs",
			DesiredCapacity: ecs.Some(4), VPCZoneIdentifier: "subnet-a"}})
	if err != nil {
		return "", err
	}
	out, err := s.PutScalingPolicy(now, groups.PutScalingPolicyInput{AutoScalingGroupName: "other", PolicyName: "in",
		PolicyType: groups.PolicyTypeStep, AdjustmentType: autoscale.AdjustmentTypeChangeInCapacity,
		StepAdjustments: []autoscale.StepAdjustment{{MetricIntervalUpperBound: ecs.Some(0.0), ScalingAdjustment: -1}}})
	return out.PolicyARN, err
}

// desired is how many instances the group other is to have.
func desired(t *testing.T, w *sim.World) (n int) {
	require.NoError(t, w.AutoScaling(func(s *groups.Service, _ time.Time) error {
		out, err := s.DescribeAutoScalingGroups(groups.DescribeAutoScalingGroupsInput{
			AutoScalingGroupNames: []string{"other"}})
		n = out.AutoScalingGroups[0].DesiredCapacity
		return err
	}))
	return n
}
