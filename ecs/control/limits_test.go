package control_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/message"
)

// runAll carries out the commands that are outstanding: tasks start, and stop when told to.
func runAll(t *testing.T, p *control.Plane, now time.Time) {
	t.Helper()
	for range 6 {
		r := p.Ready()
		p.Advance(r)
		for _, c := range r.Commands {
			p.Observe(now, message.CommandDone{Key: c.Key(), PrivateIPv4: "10.0.0.4"})
			switch c := c.(type) {
			case message.StartTask:
				p.Observe(now, message.TaskStateChange{Cluster: c.Cluster, Task: c.Task, Sequence: 1,
					Status:     ecs.TaskStatusRunning,
					Containers: []message.ContainerStateChange{{Name: "web", Status: ecs.ContainerStatusRunning}}})
			case message.StopTask:
				p.Observe(now, message.TaskStateChange{Cluster: c.Cluster, Task: c.Task, Sequence: 2,
					Status: ecs.TaskStatusStopped,
					Containers: []message.ContainerStateChange{{Name: "web", Status: ecs.ContainerStatusStopped,
						ExitCode: ecs.Some(0)}}})
			}
		}
	}
	require.NoError(t, p.Check())
}

// refusal returns the code and the sentence of an error.
func refusal(t *testing.T, err error) (ecs.Code, string) {
	t.Helper()
	var fault *ecs.Error
	require.True(t, errors.As(err, &fault), "%v", err)
	return fault.Code, fault.Message
}

// A service that was deleted is INACTIVE, not unknown: what would change it is refused as not
// ACTIVE, what it did can still be looked at, and only its deletion finds it no more. So it is
// with a cluster. Seen to fail: every operation told that there is no such service.
func TestDeletedIsInactive(t *testing.T) {
	p, now := fargatePlane(t, control.Config{Seed: 1}, 0)
	must(
		p.CreateService(
			now,
			input[api.CreateServiceInput](
				`{"serviceName":"sets","desiredCount":0,"deploymentController":{"type":"EXTERNAL"}}`,
			),
		),
	)
	deployments := must(p.ListServiceDeployments(api.ListServiceDeploymentsInput{Service: "s0"})).ServiceDeployments
	require.Len(t, deployments, 1)
	for _, name := range []string{"s0", "sets"} {
		must(p.DeleteService(now, api.DeleteServiceInput{Service: name}))
		require.Equal(t, ecs.ServiceStatusInactive,
			must(p.DescribeServices(api.DescribeServicesInput{Services: []string{name}})).Services[0].Status)
	}
	cold := func(_ any, err error) error { return err }
	for what, err := range map[string]error{
		"UpdateService": cold(p.UpdateService(now,
			api.UpdateServiceInput{Service: "s0", DesiredCount: ecs.Some(1)})),
		"CreateTaskSet": cold(p.CreateTaskSet(now,
			input[api.CreateTaskSetInput](
				`{"cluster":"default","service":"sets","taskDefinition":"web","launchType":"FARGATE"}`))),
		"UpdateTaskSet": cold(p.UpdateTaskSet(now,
			input[api.UpdateTaskSetInput](
				`{"cluster":"default","service":"sets","taskSet":"ecs-svc/1","scale":{"value":5,"unit":"PERCENT"}}`))),
		"DeleteTaskSet": cold(p.DeleteTaskSet(now,
			api.DeleteTaskSetInput{Cluster: "default", Service: "sets", TaskSet: "ecs-svc/1"})),
		"UpdateServicePrimaryTaskSet": cold(p.UpdateServicePrimaryTaskSet(now,
			api.UpdateServicePrimaryTaskSetInput{Cluster: "default", Service: "sets", PrimaryTaskSet: "ecs-svc/1"})),
		"DescribeTaskSets": cold(p.DescribeTaskSets(api.DescribeTaskSetsInput{Cluster: "default",
			Service: "sets"})),
	} {
		code, text := refusal(t, err)
		require.Equal(t, ecs.ServiceNotActiveException, code, what)
		require.Equal(t, "Service was not ACTIVE.", text, what)
	}
	require.ErrorIs(t, cold(p.DeleteService(now, api.DeleteServiceInput{Service: "s0"})), ecs.ServiceNotFoundException)
	require.Equal(
		t,
		deployments[0].ServiceDeploymentArn,
		must(p.ListServiceDeployments(
			api.ListServiceDeploymentsInput{Service: "s0"})).ServiceDeployments[0].ServiceDeploymentArn,
	)
	require.Empty(
		t,
		must(
			p.DescribeServiceDeployments(
				api.DescribeServiceDeploymentsInput{
					ServiceDeploymentArns: []string{deployments[0].ServiceDeploymentArn},
				},
			),
		).Failures,
	)
	require.Empty(
		t,
		must(
			p.DescribeServiceRevisions(
				api.DescribeServiceRevisionsInput{
					ServiceRevisionArns: []string{deployments[0].TargetServiceRevisionArn},
				},
			),
		).Failures,
	)
	require.Empty(t, must(p.ListTasks(api.ListTasksInput{ServiceName: "s0",
		DesiredStatus: ecs.DesiredStatusStopped})).Arns)
	code, text := refusal(t, p.TagResource(now,
		api.TagResourceInput{ResourceArn: "arn:aws:ecs:us-east-1:123456789012:service/default/s0",
			Tags: []ecs.Tag{{Key: "a"}}}))
	require.Equal(t, ecs.InvalidParameterException, code)
	require.Equal(t, "The specified service is inactive. Specify an active service and try again.", text)

	must(p.CreateCluster(now, api.CreateClusterInput{ClusterName: "gone"}))
	must(p.DeleteCluster(now, api.DeleteClusterInput{Cluster: "gone"}))
	code, text = refusal(t, cold(p.ListServices(api.ListServicesInput{Cluster: "gone"})))
	require.Equal(t, ecs.ClusterNotFoundException, code)
	require.Equal(t, "The referenced cluster was inactive.", text)
	code, text = refusal(t, p.UntagResource(now,
		api.UntagResourceInput{ResourceArn: "arn:aws:ecs:us-east-1:123456789012:cluster/gone", TagKeys: []string{"a"}}))
	require.Equal(t, ecs.InvalidParameterException, code)
	require.Equal(t, "The specified cluster is inactive. Specify an active cluster and try again.", text)
}

// Five deployments of a service may be open; protected tasks keep the older ones so. Seen to
// fail: a sixth was accepted, and so on.
func TestFiveDeployments(t *testing.T) {
	p, now := fargatePlane(t, control.Config{Seed: 1}, 1)
	must(
		p.UpdateService(
			now,
			input[api.UpdateServiceInput](`{"service":"s0","deploymentConfiguration":{"maximumPercent":1000}}`),
		),
	)
	deploy := func() error {
		_, err := p.UpdateService(now, api.UpdateServiceInput{Service: "s0", ForceNewDeployment: true})
		return err
	}
	for range 4 {
		now = now.Add(time.Second)
		runAll(t, p, now)
		for _, arn := range must(p.ListTasks(api.ListTasksInput{})).Arns {
			must(p.UpdateTaskProtection(now, api.UpdateTaskProtectionInput{Tasks: []string{arn},
				ProtectionEnabled: true}))
		}
		require.NoError(t, deploy())
	}
	require.Len(t,
		must(p.DescribeServices(api.DescribeServicesInput{Services: []string{"s0"}})).Services[0].Deployments, 5)
	before := stateOf(p)
	code, text := refusal(t, deploy())
	require.Equal(t, ecs.InvalidParameterException, code)
	require.Equal(t, "5 active deployments exist, unable to create new deployment.", text)
	require.Equal(t, before, stateOf(p))
	// starts none
	must(p.UpdateService(now, api.UpdateServiceInput{Service: "s0", EnableExecuteCommand: ecs.Some(true)}))
}

// While a deployment waits for protected tasks, more than the service is to have, no further
// task is protected. Seen to fail: it was.
func TestProtectionBlocksDeployment(t *testing.T) {
	p, now := fargatePlane(t, control.Config{Seed: 1}, 2)
	runAll(t, p, now)
	old := must(p.ListTasks(api.ListTasksInput{})).Arns
	protect := func(enable bool, arns ...string) api.TaskProtectionOutput {
		return must(p.UpdateTaskProtection(now, api.UpdateTaskProtectionInput{Tasks: arns, ProtectionEnabled: enable}))
	}
	require.Empty(t, protect(true, old...).Failures)
	must(p.UpdateService(now, api.UpdateServiceInput{Service: "s0", DesiredCount: ecs.Some(1)}))
	require.Empty(t, protect(true, old[0]).Failures, "without a deployment more than it is to have may be protected")
	must(p.UpdateService(now, api.UpdateServiceInput{Service: "s0", ForceNewDeployment: true}))
	runAll(t, p, now)
	before := stateOf(p)
	out := protect(true, old[0])
	require.Empty(t, out.ProtectedTasks)
	require.Len(t, out.Failures, 1)
	require.Equal(t, "DEPLOYMENT_BLOCKED", out.Failures[0].Reason)
	require.Equal(t, old[0], out.Failures[0].Arn)
	require.NotEqual(t, before, stateOf(p), "the call is recorded; the task is as it was")
	require.Empty(t, protect(false, old[1]).Failures)
	require.Empty(t, protect(true, old[0]).Failures, "one is not more than one")
}

// A task set without a scale has 0 percent, is STABILIZING when it is made, and becomes PRIMARY
// by UpdateServicePrimaryTaskSet only; a service has five at most. Seen to fail: 100 percent,
// STEADY_STATE without a task, PRIMARY by itself, a sixth.
func TestTaskSets(t *testing.T) {
	p, now := fargatePlane(t, control.Config{Seed: 1})
	must(
		p.CreateService(
			now,
			input[api.CreateServiceInput](
				`{"serviceName":"sets","desiredCount":4,"deploymentController":{"type":"EXTERNAL"}}`,
			),
		),
	)
	create := func(scale string) (ecs.TaskSet, error) {
		return p.CreateTaskSet(
			now,
			input[api.CreateTaskSetInput](
				`{"cluster":"default","service":"sets","taskDefinition":"web","launchType":"FARGATE",
			"networkConfiguration":{"awsvpcConfiguration":{"subnets":["subnet-a"]}}%s}`,
				scale,
			),
		)
	}
	set := must(create(""))
	require.Equal(t, ecs.TaskSet{Status: "ACTIVE", StabilityStatus: "STABILIZING", Scale: &ecs.Scale{Unit: "PERCENT"}},
		ecs.TaskSet{Status: set.Status, StabilityStatus: set.StabilityStatus, Scale: set.Scale,
			ComputedDesiredCount: set.ComputedDesiredCount})
	now = now.Add(time.Minute)
	p.Tick(now)
	describe := func(id string) ecs.TaskSet {
		return must(p.DescribeTaskSets(api.DescribeTaskSetsInput{Cluster: "default", Service: "sets",
			TaskSets: []string{id}})).TaskSets[0]
	}
	require.Equal(t, ecs.StabilityStatus("STEADY_STATE"), describe(set.ID).StabilityStatus,
		"none is what it is to have")
	scaled := must(
		p.UpdateTaskSet(
			now,
			input[api.UpdateTaskSetInput](
				`{"cluster":"default","service":"sets","taskSet":%q,"scale":{"value":50,"unit":"PERCENT"}}`,
				set.ID,
			),
		),
	)
	require.Equal(t, ecs.StabilityStatus("STABILIZING"), scaled.StabilityStatus)
	runAll(t, p, now)
	now = now.Add(time.Minute)
	p.Tick(now)
	require.Equal(t, ecs.StabilityStatus("STEADY_STATE"), describe(set.ID).StabilityStatus)
	require.Equal(t, 2, describe(set.ID).RunningCount)
	second := must(create(`,"scale":{"value":100,"unit":"PERCENT"}`))
	require.Equal(t, ecs.StabilityStatus("STABILIZING"), second.StabilityStatus)
	require.Equal(t, 4, second.ComputedDesiredCount)
	require.Equal(t, ecs.DeploymentStatus("ACTIVE"), describe(set.ID).Status)
	must(p.UpdateServicePrimaryTaskSet(now, api.UpdateServicePrimaryTaskSetInput{Cluster: "default", Service: "sets",
		PrimaryTaskSet: second.ID}))
	require.Equal(t, ecs.DeploymentStatus("PRIMARY"), describe(second.ID).Status)
	for range 3 {
		must(create(""))
	}
	_, err := create("")
	code, text := refusal(t, err)
	require.Equal(t, ecs.InvalidParameterException, code)
	require.Equal(t,
		"5 deployments exist on the service. Unable to create new TaskSet since this exceeds the maximum limit.", text)
}

// An Auto Scaling group has one capacity provider. One that a cluster has is not deleted: the
// answer says so, and the provider keeps saying it until it is changed. Seen to fail: a second
// provider was accepted; the deletion was an exception.
func TestCapacityProviderOfAGroup(t *testing.T) {
	p := control.New(control.Config{Seed: 1})
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	create := func(name string) error {
		_, err := p.CreateCapacityProvider(
			now,
			input[api.CreateCapacityProviderInput](`{"name":%q,"autoScalingGroupProvider":{
			"autoScalingGroupArn":"arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:0:autoScalingGroupName/group"}}`, name),
		)
		return err
	}
	require.NoError(t, create("one"))
	code, text := refusal(t, create("two"))
	require.Equal(t, ecs.ClientException, code)
	require.Equal(
		t,
		"The specified Auto Scaling group ARN is already being used by another capacity provider. Specify a unique "+
			"Auto Scaling group ARN and try again.",
		text,
	)

	must(p.CreateCluster(now, api.CreateClusterInput{ClusterName: "c", CapacityProviders: []string{"one"}}))
	describe := func() ecs.CapacityProvider {
		return must(
			p.DescribeCapacityProviders(
				api.DescribeCapacityProvidersInput{CapacityProviders: []string{"one"}})).CapacityProviders[0]
	}
	out := must(p.DeleteCapacityProvider(now, api.DeleteCapacityProviderInput{CapacityProvider: "one"}))
	for _, v := range []ecs.CapacityProvider{out, describe()} {
		require.Equal(t, ecs.CapacityProviderStatus("ACTIVE"), v.Status)
		require.Equal(t, ecs.CapacityProviderUpdateStatus("DELETE_FAILED"), v.UpdateStatus)
		require.Equal(
			t,
			"The capacity provider cannot be deleted because it is associated with cluster: c. Remove the capacity "+
				"provider from the cluster and try again.",
			v.UpdateStatusReason,
		)
	}
	must(
		p.PutClusterCapacityProviders(
			now,
			input[api.PutClusterCapacityProvidersInput](
				`{"cluster":"c","capacityProviders":[],"defaultCapacityProviderStrategy":[]}`,
			),
		),
	)
	out = must(p.DeleteCapacityProvider(now, api.DeleteCapacityProviderInput{CapacityProvider: "one"}))
	require.Equal(t, ecs.CapacityProviderUpdateStatus("DELETE_COMPLETE"), out.UpdateStatus)
	require.Empty(t, out.UpdateStatusReason)
	require.NoError(t, create("two"), "the group is free again")
}

// Five deployments that failed and keep a task each leave a way out: scaled to nothing the
// service loses the tasks, and takes a sixth. Seen to fail: only the PRIMARY was scaled in.
func TestFiveFailedDeployments(t *testing.T) {
	p, now := fargatePlane(t, control.Config{Seed: 1}, 5)
	must(
		p.UpdateService(
			now,
			input[api.UpdateServiceInput](
				`{"service":"s0","deploymentConfiguration":{"minimumHealthyPercent":80,"maximumPercent":100}}`,
			),
		),
	)
	described := func() ecs.Service {
		return must(p.DescribeServices(api.DescribeServicesInput{Services: []string{"s0"}})).Services[0]
	}
	again := api.UpdateServiceInput{Service: "s0", ForceNewDeployment: true}
	for n := range 5 {
		if n > 0 {
			must(p.UpdateService(now, again))
		}
		runAll(t, p, now)
		open := must(
			p.ListServiceDeployments(
				api.ListServiceDeploymentsInput{Service: "s0"})).ServiceDeployments[0].ServiceDeploymentArn
		must(p.StopServiceDeployment(now, api.StopServiceDeploymentInput{ServiceDeploymentArn: open}))
		now = now.Add(time.Minute) // what runs is healthy
		p.Tick(now)
		runAll(t, p, now)
	}
	for _, d := range described().Deployments {
		require.Equal(t, ecs.DeploymentRolloutStateFailed, d.RolloutState)
		require.Equal(t, 1, d.RunningCount)
	}
	require.Len(t, described().Deployments, 5)
	_, err := p.UpdateService(now, again)
	require.ErrorIs(t, err, ecs.InvalidParameterException)

	must(p.UpdateService(now, api.UpdateServiceInput{Service: "s0", DesiredCount: ecs.Some(0)}))
	runAll(t, p, now)
	now = now.Add(time.Minute)
	p.Tick(now)
	runAll(t, p, now)
	require.Len(t, described().Deployments, 1)
	again.DesiredCount = ecs.Some(2)
	must(p.UpdateService(now, again))
	runAll(t, p, now)
	require.Equal(t, 2, described().RunningCount)
}
