package control_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
)

// A service that says nothing about Availability Zone rebalancing has it where it may; an
// update that says nothing leaves it as it is (facts 8.1).
func TestRebalancingUnlessDeclined(t *testing.T) {
	p := control.New(control.Config{Seed: 1})
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	_, err := p.RegisterTaskDefinition(now, ecs.TaskDefinition{Family: "f",
		ContainerDefinitions: []ecs.ContainerDefinition{{Name: "c", Image: "i", Memory: 100}}})
	require.NoError(t, err)
	for name, c := range map[string]struct {
		input string
		want  ecs.AvailabilityZoneRebalancing
	}{
		"nothing":  {``, ecs.AvailabilityZoneRebalancingEnabled},
		"declined": {`,"availabilityZoneRebalancing":"DISABLED"`, ecs.AvailabilityZoneRebalancingDisabled},
		"spread": {`,"placementStrategy":[{"type":"spread","field":"attribute:ecs.availability-zone"}]`,
			ecs.AvailabilityZoneRebalancingEnabled},
		"binpack": {`,"placementStrategy":[{"type":"binpack","field":"memory"}]`,
			ecs.AvailabilityZoneRebalancingDisabled},
		"maximum": {`,"deploymentConfiguration":{"maximumPercent":100,"minimumHealthyPercent":0}`,
			ecs.AvailabilityZoneRebalancingDisabled},
		"daemon":   {`,"schedulingStrategy":"DAEMON"`, ecs.AvailabilityZoneRebalancingDisabled},
		"external": {`,"deploymentController":{"type":"EXTERNAL"}`, ecs.AvailabilityZoneRebalancingDisabled},
	} {
		definition := `,"desiredCount":1,"taskDefinition":"f"`
		switch name {
		case "external":
			definition = `,"desiredCount":1`
		case "daemon":
			definition = `,"taskDefinition":"f"`
		}
		s, err := p.CreateService(
			now,
			input[api.CreateServiceInput](`{"serviceName":%q%s%s}`, name, definition, c.input),
		)
		require.NoError(t, err, name)
		require.Equal(t, c.want, s.AvailabilityZoneRebalancing, name)
		s, err = p.UpdateService(now, api.UpdateServiceInput{Service: name, EnableECSManagedTags: ecs.Some(true)})
		require.NoError(t, err, name)
		require.Equal(t, c.want, s.AvailabilityZoneRebalancing, name)
	}
}

// Everything that ECS tags can be tagged, and what is not there is told by its kind's exception.
func TestTags(t *testing.T) {
	p, now := scalable(t)
	arn := func(resource string) string { return "arn:aws:ecs:us-east-1:123456789012:" + resource }
	_, err := p.CreateCapacityProvider(now, api.CreateCapacityProviderInput{Name: "group",
		AutoScalingGroupProvider: &ecs.AutoScalingGroupProvider{
			AutoScalingGroupArn: "arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:0:" +
				"autoScalingGroupName/group"}})
	require.NoError(t, err)
	tasks, err := p.ListTasks(api.ListTasksInput{})
	require.NoError(t, err)
	for _, resource := range []string{arn("cluster/default"), arn("service/default/web"), tasks.Arns[0],
		arn("task-definition/web:1"), arn("capacity-provider/group")} {
		require.NoError(t, p.TagResource(now, api.TagResourceInput{ResourceArn: resource,
			Tags: []ecs.Tag{{Key: "a", Value: "1"}, {Key: "b", Value: "2"}}}), resource)
		require.NoError(t, p.TagResource(now, api.TagResourceInput{ResourceArn: resource,
			Tags: []ecs.Tag{{Key: "b", Value: "3"}}}), resource)
		require.NoError(t, p.UntagResource(now, api.UntagResourceInput{ResourceArn: resource, TagKeys: []string{"a"}}),
			resource)
		tags, err := p.ListTagsForResource(api.ListTagsForResourceInput{ResourceArn: resource})
		require.NoError(t, err, resource)
		require.Equal(t, []ecs.Tag{{Key: "b", Value: "3"}}, tags, resource)
	}
	for resource, code := range map[string]ecs.Code{
		arn("cluster/none"): ecs.ClusterNotFoundException, arn("service/default/none"): ecs.ResourceNotFoundException,
		arn("task-definition/none:1"): ecs.ResourceNotFoundException,
		arn("capacity-provider/none"): ecs.ResourceNotFoundException,
	} {
		require.ErrorIs(t, p.TagResource(now, api.TagResourceInput{ResourceArn: resource,
			Tags: []ecs.Tag{{Key: "a", Value: "1"}}}), code, resource)
	}
}
