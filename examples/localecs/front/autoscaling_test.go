package front_test

import (
	"encoding/xml"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/examples/localecs/front"
)

// asgAnswer is what the answers of EC2 Auto Scaling have in common, and what each has.
type asgAnswer struct {
	Code    string     `xml:"Error>Code"`
	Message string     `xml:"Error>Message"`
	Groups  []asgGroup `xml:"DescribeAutoScalingGroupsResult>AutoScalingGroups>member"`
	Done    []string   `xml:"DescribeScalingActivitiesResult>Activities>member>Description"`
}

type asgGroup struct {
	Arn       string `xml:"AutoScalingGroupARN"`
	Desired   int    `xml:"DesiredCapacity"`
	Instances []struct {
		ID    string `xml:"InstanceId"`
		State string `xml:"LifecycleState"`
	} `xml:"Instances>member"`
}

// autoscaled is a server without instances, and its caller of EC2 Auto Scaling.
func autoscaled(t *testing.T, config front.Config) (*front.Server, *client, func(string, ...string) asgAnswer) {
	t.Helper()
	config.Manual, config.Seed = true, 1
	server, err := front.New(config)
	require.NoError(t, err)
	s := httptest.NewServer(server)
	t.Cleanup(s.Close)
	return server, &client{t, s.URL}, func(action string, fields ...string) (out asgAnswer) {
		form := url.Values{"Version": {"2011-01-01"}, "Action": {action}}
		for i := 0; i < len(fields); i += 2 {
			form.Set(fields[i], fields[i+1])
		}
		_, _, body := wire{headers: formHeaders, body: form.Encode()}.sent(server)
		require.NoError(t, xml.Unmarshal([]byte(body), &out), body)
		return out
	}
}

// provided makes a group of a provider that the default cluster uses.
func provided(t *testing.T, c *client, asg func(string, ...string) asgAnswer) {
	out := asg("CreateAutoScalingGroup", "AutoScalingGroupName", "web", "MinSize", "0", "MaxSize", "4",
		"LaunchTemplate.LaunchTemplateName", "m5.large", "AvailabilityZones.member.1", "us-east-1a",
		"NewInstancesProtectedFromScaleIn", "true")
	require.Empty(t, out.Code, out.Message)
	arn := asg("DescribeAutoScalingGroups").Groups[0].Arn
	c.call("CreateCapacityProvider", m{"name": "web", "autoScalingGroupProvider": m{"autoScalingGroupArn": arn,
		"managedScaling": m{"status": "ENABLED"}, "managedTerminationProtection": "ENABLED"}})
	c.call("CreateCluster", m{"capacityProviders": []string{"web"},
		"defaultCapacityProviderStrategy": []m{{"capacityProvider": "web", "weight": 1}}})
}

// TestAutoScaling sees a group bring instances for tasks that wait, over the wire, and keep them over a restart of the
// server: those that had booted, and those that boot.
//
// Seen to fail: kept without the groups; an instance that boots twice; one that was pending and never is in service.
func TestAutoScaling(t *testing.T) {
	dir := t.TempDir()
	server, c, asg := autoscaled(t, front.Config{Journal: dir})
	provided(t, c, asg)
	c.call("RegisterTaskDefinition", m{"family": "web", "containerDefinitions": []m{{"name": "web", "image": "web",
		"cpu": 1024, "memory": 512}}})
	c.call("CreateService", m{"serviceName": "web", "taskDefinition": "web", "desiredCount": 6})
	c.advance("70s")
	require.Equal(t, 2, asg("DescribeAutoScalingGroups").Groups[0].Desired)
	for range 2 {
		require.NoError(t, server.Close())
		server, c, asg = autoscaled(t, front.Config{Journal: dir})
	}
	c.advance("10m")
	g := asg("DescribeAutoScalingGroups").Groups[0]
	require.Equal(t, 3, g.Desired)
	require.Len(t, g.Instances, 3)
	require.EqualValues(t, 6, c.service("web")["runningCount"])
	require.NoError(t, server.Close())
	_, c, asg = autoscaled(t, front.Config{Journal: dir})
	again := asg("DescribeAutoScalingGroups").Groups[0]
	require.Equal(t, g.Instances, again.Instances)
	c.call("UpdateService", m{"service": "web", "desiredCount": 0})
	c.advance("1h")
	require.Empty(t, asg("DescribeAutoScalingGroups").Groups[0].Instances)
	require.Len(t, asg("DescribeScalingActivities", "AutoScalingGroupName", "web").Done, 6)
}

// TestAutoScalingRefuses sees the errors of EC2 Auto Scaling, in its envelope and by its codes.
//
// Seen to fail: a ValidationException that keeps its name.
func TestAutoScalingRefuses(t *testing.T) {
	_, c, asg := autoscaled(t, front.Config{})
	provided(t, c, asg)
	for _, call := range []struct {
		action, code, message string
		fields                []string
	}{
		{"SetDesiredCapacity", "ValidationError", "New SetDesiredCapacity value 9 is above max value 4 for the " +
			"AutoScalingGroup.", []string{"AutoScalingGroupName", "web", "DesiredCapacity", "9"}},
		{"CreateAutoScalingGroup", "ValidationError", "TargetGroupARNs is not modelled here.",
			[]string{"TargetGroupARNs.member.1", "arn"}},
		{"CreateAutoScalingGroup", "ValidationError", "MaxInstanceLifetime is not modelled here.",
			[]string{"MaxInstanceLifetime", "86400"}},
		{"CreateAutoScalingGroup", "ValidationError", `Unknown parameter in input: "Size".`, []string{"Size", "1"}},
		{"UpdateAutoScalingGroup", "ValidationError", `"Chance" is not a termination policy.`,
			[]string{"AutoScalingGroupName", "web", "TerminationPolicies.member.1", "Chance"}},
		{"StartInstanceRefresh", "ValidationError", "StartInstanceRefresh is not modelled here.", nil},
		{"Dance", "InvalidAction", `"Dance" is not served.`, nil},
	} {
		out := asg(call.action, call.fields...)
		require.Equal(t, [2]string{call.code, call.message}, [2]string{out.Code, out.Message}, call.action)
	}
}

// TestProtectionNeedsTheGroups sees that managed termination protection is refused for a group whose new instances are
// not protected.
//
// Seen to fail: CreateCapacityProvider that does not look at the group.
func TestProtectionNeedsTheGroups(t *testing.T) {
	_, c, asg := autoscaled(t, front.Config{})
	asg("CreateAutoScalingGroup", "AutoScalingGroupName", "web", "MinSize", "0", "MaxSize", "4",
		"LaunchTemplate.LaunchTemplateName", "m5.large", "AvailabilityZones.member.1", "us-east-1a")
	in := m{"name": "web", "autoScalingGroupProvider": m{"autoScalingGroupArn": "web",
		"managedScaling": m{"status": "ENABLED"}, "managedTerminationProtection": "ENABLED"}}
	message := c.fails("CreateCapacityProvider", "InvalidParameterException", in)
	require.Equal(t, "The managed termination protection setting for the capacity provider is invalid. To enable "+
		"managed "+
		"termination protection for a capacity provider, the Auto Scaling group must have instance protection from "+
		"scale in "+
		"enabled.", message)
	require.Empty(t, asg("UpdateAutoScalingGroup", "AutoScalingGroupName", "web", "NewInstancesProtectedFromScaleIn",
		"true").Code)
	c.call("CreateCapacityProvider", in)
}
