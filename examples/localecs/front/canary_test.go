package front_test

import (
	"encoding/xml"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/examples/localecs/front"
)

// balancing is what the answers about load balancers, listeners and rules have.
type balancing struct {
	Code     string   `xml:"Error>Code"`
	Message  string   `xml:"Error>Message"`
	Group    string   `xml:"CreateTargetGroupResult>TargetGroups>member>TargetGroupArn"`
	Balancer string   `xml:"CreateLoadBalancerResult>LoadBalancers>member>LoadBalancerArn"`
	Listener string   `xml:"CreateListenerResult>Listeners>member>ListenerArn"`
	Made     []elbHas `xml:"CreateRuleResult>Rules>member"`
	Rules    []elbHas `xml:"DescribeRulesResult>Rules>member"`
}

type elbHas struct {
	RuleArn  string
	Priority string
	Groups   []struct {
		TargetGroupArn string
		Weight         int
	} `xml:"Actions>member>ForwardConfig>TargetGroups>member"`
}

// A canary deployment whose weights 90 and 10 show in DescribeRules and in DescribeServiceDeployments; an alarm rolls
// it back. A service whose target group has no listener is refused in ECS's words. The journal keeps all of it.
//
// Seen to fail: a world without load balancers of its own; a journal that is replayed without them.
func TestCanaryBehindRealRules(t *testing.T) {
	config := front.Config{Seed: 1, Instances: 2, Manual: true, Journal: t.TempDir()}
	server, err := front.New(config)
	require.NoError(t, err)
	s := httptest.NewServer(server)
	defer s.Close()
	c := &client{t, s.URL}
	elb := func(action string, fields ...string) (out balancing) {
		form := url.Values{"Version": {"2015-12-01"}, "Action": {action}}
		for i := 0; i < len(fields); i += 2 {
			form.Set(fields[i], fields[i+1])
		}
		_, _, body := wire{headers: formHeaders, body: form.Encode()}.sent(server)
		require.NoError(t, xml.Unmarshal([]byte(body), &out), body)
		require.Empty(t, out.Code, out.Message)
		return out
	}
	group := func(name string) string {
		return elb("CreateTargetGroup", "Name", name, "Protocol", "HTTP", "Port", "80", "VpcId", "vpc-1").Group
	}
	blue, green := group("blue"), group("green")
	balancer := elb("CreateLoadBalancer", "Name", "web", "Subnets.member.1", "subnet-00000001", "Subnets.member.2",
		"subnet-00000002").Balancer
	c.call("RegisterTaskDefinition", web(0))
	service := func(rule string) m {
		entry := m{"targetGroupArn": blue, "containerName": "web", "containerPort": 80}
		in := m{"serviceName": "web", "taskDefinition": "web", "desiredCount": 2, "loadBalancers": []m{entry}}
		if rule != "" {
			entry["advancedConfiguration"] = m{"alternateTargetGroupArn": green, "productionListenerRule": rule,
				"roleArn": "arn:aws:iam::123456789012:role/lb"}
			in["deploymentConfiguration"] = m{"strategy": "CANARY", "bakeTimeInMinutes": 5,
				"canaryConfiguration": m{"canaryPercent": 10, "canaryBakeTimeInMinutes": 10},
				"alarms":              m{"alarmNames": []string{"errors"}, "enable": true, "rollback": true}}
		}
		return in
	}
	require.Equal(t, "The target group with targetGroupArn "+blue+" does not have an associated load balancer.",
		c.fails("CreateService", "InvalidParameterException", service("")))
	listener := elb("CreateListener", "LoadBalancerArn", balancer, "Protocol", "HTTP", "Port", "80",
		"DefaultActions.member.1.Type", "forward", "DefaultActions.member.1.TargetGroupArn", blue).Listener
	rule := elb("CreateRule", "ListenerArn", listener, "Priority", "10", "Conditions.member.1.Field", "path-pattern",
		"Conditions.member.1.Values.member.1", "/*", "Actions.member.1.Type", "forward",
		"Actions.member.1.ForwardConfig.TargetGroups.member.1.TargetGroupArn", blue,
		"Actions.member.1.ForwardConfig.TargetGroups.member.1.Weight", "100",
		"Actions.member.1.ForwardConfig.TargetGroups.member.2.TargetGroupArn", green,
		"Actions.member.1.ForwardConfig.TargetGroups.member.2.Weight", "0").Made[0].RuleArn
	weights := func() (list []int) {
		for _, r := range elb("DescribeRules", "ListenerArn", listener).Rules {
			if r.RuleArn == rule {
				for _, g := range r.Groups {
					list = append(list, g.Weight)
				}
			}
		}
		return list
	}
	c.call("CreateService", service(rule))
	c.advance("10m")
	require.Equal(t, []int{100, 0}, weights())
	c.call("RegisterTaskDefinition", web(0))
	c.call("UpdateService", m{"service": "web", "taskDefinition": "web"})
	c.advance("5m")
	require.Equal(t, []int{90, 10}, weights())
	const deployments = "serviceDeployments"
	arn := c.call("ListServiceDeployments", m{"service": "web"})[deployments].([]any)[0].(m)["serviceDeploymentArn"]
	deployment := func() m {
		return c.call("DescribeServiceDeployments", m{"serviceDeploymentArns": []any{arn}})[deployments].([]any)[0].(m)
	}
	require.EqualValues(t, 10, deployment()["targetServiceRevision"].(m)["requestedProductionTrafficWeight"])

	require.NoError(t, server.Close())
	server, err = front.New(config)
	require.NoError(t, err)
	again := httptest.NewServer(server)
	defer again.Close()
	c = &client{t, again.URL}
	require.Equal(t, []int{90, 10}, weights(), "after a restart")

	_, _, body := wire{headers: formHeaders, body: url.Values{"Version": {"2010-08-01"}, "Action": {"PutMetricAlarm"},
		"AlarmName": {"errors"}, "Namespace": {"app"}, "MetricName": {"errors"}, "Statistic": {"Sum"}, "Period": {"60"},
		"EvaluationPeriods": {"1"}, "Threshold": {"1"}, "ComparisonOperator": {"GreaterThanThreshold"}}.Encode(),
	}.sent(server)
	require.NotContains(t, body, "Error")
	_, _, body = wire{headers: formHeaders, body: url.Values{"Version": {"2010-08-01"}, "Action": {"SetAlarmState"},
		"AlarmName": {"errors"}, "StateValue": {"ALARM"}, "StateReason": {"test"}}.Encode()}.sent(server)
	require.NotContains(t, body, "Error")
	c.advance("10m")
	require.Equal(t, []int{100, 0}, weights(), "rolled back")
	require.Equal(t, "ROLLBACK_SUCCESSFUL", deployment()["status"])
}
