package front_test

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/examples/localecs/front"
)

// Targets that no task is are registered and deregistered by hand, all or none; those of tasks are left to the tasks.
//
// Seen to fail: a task's target that DeregisterTargets takes away; a list whose first target stays when the second one
// is refused.
func TestRegisteredTargets(t *testing.T) {
	c, elb := balanced(t, front.Config{})
	c.local("PUT", "target-groups/web", `{}`)
	c.call("RegisterTaskDefinition", web(0))
	c.call("CreateService", m{"serviceName": "web", "taskDefinition": "web", "desiredCount": 1, "loadBalancers": []m{
		{"targetGroupArn": webGroup, "containerName": "web", "containerPort": 80}}})
	c.advance("5m")
	health := func() []string {
		var list []string
		for _, h := range elb("DescribeTargetHealth", "TargetGroupArn", webGroup).Health {
			list = append(list, h.ID)
		}
		return list
	}
	one := func(action, id, port string) elbAnswer {
		return elb(action, "TargetGroupArn", webGroup, "Targets.member.1.Id", id, "Targets.member.1.Port", port)
	}
	of := elb("DescribeTargetHealth", "TargetGroupArn", webGroup).Health
	require.Len(t, of, 1)
	task := of[0].ID
	require.Empty(t, one("RegisterTargets", "i-other", "8080").Code)
	require.Empty(t, one("RegisterTargets", "i-other", "8080").Code, "again")
	require.ElementsMatch(t, []string{task, "i-other"}, health())

	refused := elb("RegisterTargets", "TargetGroupArn", webGroup, "Targets.member.1.Id", "i-third",
		"Targets.member.1.Port", "80", "Targets.member.2.Id", "10.0.0.1", "Targets.member.2.Port", "80")
	require.Equal(t, "ValidationError", refused.Code, "an address in a group of instances")
	require.ElementsMatch(t, []string{task, "i-other"}, health())
	require.Equal(t, "TargetGroupNotFound", elb("RegisterTargets", "TargetGroupArn", webGroup+"0",
		"Targets.member.1.Id", "i-third").Code)

	port := of[0].Port
	require.Equal(t, "InvalidTarget", one("DeregisterTargets", task, strconv.Itoa(port)).Code)
	require.Empty(t, one("DeregisterTargets", "i-nobody", "80").Code, "one that is not there")
	require.Empty(t, one("DeregisterTargets", "i-other", "8080").Code)
	require.Equal(t, []string{task}, health())
}

// A capacity provider of ECS Managed Instances is refused by the member that asks for it, and makes nothing.
//
// Seen to fail: managedInstancesProvider among the members that are kept.
func TestManagedInstances(t *testing.T) {
	c := newClient(t, front.Config{Seed: 1, Manual: true})
	for _, action := range []string{"CreateCapacityProvider", "UpdateCapacityProvider"} {
		status, out := c.raw("AmazonEC2ContainerServiceV20141113."+action, `{"name":"managed","managedInstancesProvider":`+
			`{"infrastructureRoleArn":"arn:aws:iam::123456789012:role/r"}}`)
		require.Equal(t, 400, status)
		require.Equal(t, "UnsupportedFeatureException", out["__type"])
		require.Contains(t, out["message"], "managedInstancesProvider is not modelled here.")
	}
	for _, p := range c.call("DescribeCapacityProviders", m{})["capacityProviders"].([]any) {
		require.NotEqual(t, "managed", p.(m)["name"])
	}
}
