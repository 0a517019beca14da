package elbv2_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/loadbalance"
	"github.com/bayplan/bayplan/loadbalance/elbv2"
)

// read reads a value from JSON.
func read[T any](t testing.TB, text string) (v T) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(text), &v), text)
	return v
}

const (
	forwards = `[{"Type":"forward","TargetGroupArn":"a"}]`
	routes   = `"Priority":1,"Conditions":[{"Field":"path-pattern","Values":["/"]}],"ListenerArn":"l"`
)

// A request with a broken rule is refused by AWS's code, and all its faults come at once.
//
// Seen to fail: actions that does not count; conditions without the test for two members.
func TestRefused(t *testing.T) {
	for _, c := range []struct {
		err  func(string) error
		text string
		code ecs.Code
		says string
	}{
		{checked[elbv2.CreateLoadBalancerInput], `{"Name":"internal-a","Subnets":["s"],"SubnetMappings":[{"SubnetId":"s"}]}`,
			elbv2.ValidationError, "cannot begin with 'internal-'"},
		{checked[elbv2.CreateLoadBalancerInput], `{"Name":"-a","Subnets":["s","s"],"Type":"gateway"}`,
			elbv2.ValidationError, "cannot begin or end with '-'"},
		{checked[elbv2.CreateLoadBalancerInput], `{"Name":"a","Subnets":["s"],"Tags":[{"Key":"k"},{"Key":"k"}]}`,
			elbv2.DuplicateTagKeys, "k is there twice"},
		{checked[elbv2.CreateTargetGroupInput], `{"Name":"a_b","Protocol":"GENEVE","TargetType":"lambda"}`,
			elbv2.ValidationError, "A port must be specified"},
		{checked[elbv2.CreateTargetGroupInput],
			`{"Name":"a","Protocol":"HTTP","Port":80,"VpcId":"v","HealthCheckPort":"http","HealthyThresholdCount":1}`,
			elbv2.ValidationError, "must be 'traffic-port'"},
		{checked[elbv2.CreateTargetGroupInput], `{"Name":"a","Protocol":"HTTP","Port":80,"VpcId":"v",` +
			`"HealthCheckEnabled":false}`, elbv2.ValidationError, "cannot be disabled"},
		{checked[elbv2.ModifyTargetGroupInput], `{"TargetGroupArn":"a","HealthCheckEnabled":false}`,
			elbv2.ValidationError, "cannot be disabled"},
		{checked[elbv2.ModifyTargetGroupInput], `{"TargetGroupArn":"a","Matcher":{"HttpCode":"200","GrpcCode":"1"}}`,
			elbv2.ValidationError, "either HttpCode or GrpcCode"},
		{checked[elbv2.CreateListenerInput], `{"LoadBalancerArn":"l","Port":0,"Protocol":"HTTP","DefaultActions":[]}`,
			elbv2.ValidationError, "DefaultActions is required"},
		{checked[elbv2.CreateListenerInput], `{"LoadBalancerArn":"l","Port":1,"Protocol":"HTTP","DefaultActions":[` +
			`{"Type":"forward","TargetGroupArn":"a"},{"Type":"forward","TargetGroupArn":"b"}]}`,
			elbv2.TooManyActions, "there are 2"},
		{checked[elbv2.CreateRuleInput], `{` + routes + `,"Actions":[{"Type":"forward"}]}`,
			elbv2.InvalidLoadBalancerAction, "A forward action has TargetGroupArn"},
		{checked[elbv2.CreateRuleInput], `{` + routes + `,"Actions":[{"Type":"forward","TargetGroupArn":"b",` +
			`"ForwardConfig":{"TargetGroups":[{"TargetGroupArn":"a"}]}}]}`,
			elbv2.InvalidLoadBalancerAction, "they name the same single group"},
		{checked[elbv2.CreateRuleInput], `{` + routes + `,"Actions":[{"Type":"forward","ForwardConfig":{"TargetGroups":[` +
			`{"TargetGroupArn":"a","Weight":1000}]}}]}`, elbv2.ValidationError, "1000 is not from 0 to 999"},
		{checked[elbv2.CreateRuleInput], `{` + routes + `,"Actions":[{"Type":"fixed-response","FixedResponseConfig":` +
			`{"StatusCode":"none"}}]}`, elbv2.ValidationError, "A status code is a number"},
		{checked[elbv2.CreateRuleInput], `{` + routes + `,"Actions":[{"Type":"redirect","RedirectConfig":` +
			`{"StatusCode":"HTTP_301","Path":"/#{path}"}}]}`, elbv2.ValidationError, "it goes in a circle"},
		{checked[elbv2.CreateRuleInput], `{"ListenerArn":"l","Priority":1,"Conditions":[{"Field":"source-ip",` +
			`"Values":["10.0.0.0/8"]}],"Actions":` + forwards + `}`, elbv2.ValidationError, "named after it"},
		{checked[elbv2.CreateRuleInput], `{"ListenerArn":"l","Priority":1,"Conditions":[{"Field":"host-header",` +
			`"Values":["a"],"HostHeaderConfig":{"Values":["b"]}}],"Actions":` + forwards + `}`, elbv2.ValidationError,
			"the values of one field"},
		{checked[elbv2.SetRulePrioritiesInput], `{"RulePriorities":[{"RuleArn":"r","Priority":50001}]}`,
			elbv2.ValidationError, "between 1 and 50000; it is 50001"},
		{checked[elbv2.DescribeListenersInput], `{}`, elbv2.ValidationError,
			"You must specify either listener ARNs or a load balancer ARN"},
		{checked[elbv2.DescribeRulesInput], `{}`, elbv2.ValidationError, "either listener rule ARNs or a listener ARN"},
		{checked[elbv2.DescribeTargetGroupsInput], `{"Names":["a"],"TargetGroupArns":["b"]}`, elbv2.ValidationError,
			"cannot be specified at the same time"},
		{checked[elbv2.DescribeLoadBalancersInput], `{"Names":["a"],"LoadBalancerArns":["b"]}`, elbv2.ValidationError,
			"cannot be specified at the same time"},
		{checked[elbv2.TargetsInput], `{"TargetGroupArn":"a","Targets":[{"Port":1}]}`, elbv2.ValidationError,
			"Targets[0].Id is required"},
		{checked[elbv2.DescribeTargetHealthInput], `{"TargetGroupArn":"a","Targets":[{"Id":"i","Port":65536}]}`,
			elbv2.ValidationError, "between 1 and 65535; it is 65536"},
		{checked[elbv2.AddTagsInput], `{"ResourceArns":["a"],"Tags":[{"Key":"aws:x"}]}`, elbv2.ValidationError,
			"aws: is reserved"},
		{checked[elbv2.RemoveTagsInput], `{"ResourceArns":["a"]}`, elbv2.ValidationError, "TagKeys is required"},
		{checked[elbv2.DescribeTagsInput], `{}`, elbv2.ValidationError, "ResourceArns is required"},
		{checked[elbv2.SetSubnetsInput], `{"LoadBalancerArn":"l"}`, elbv2.ValidationError, "You must specify subnets"},
		{checked[elbv2.SetSecurityGroupsInput], `{"LoadBalancerArn":"l"}`, elbv2.ValidationError, "SecurityGroups is"},
		{checked[elbv2.SetIpAddressTypeInput], `{"LoadBalancerArn":"l","IpAddressType":"x"}`, elbv2.ValidationError,
			"must be one of"},
		{checked[elbv2.ModifyRuleInput], `{"RuleArn":"r"}`, elbv2.ValidationError, "Conditions or Actions is required"},
		{checked[elbv2.ModifyListenerInput], `{"ListenerArn":"l","Protocol":"UDPX"}`, elbv2.ValidationError, "UDPX"},
	} {
		err := c.err(c.text)
		require.ErrorIs(t, err, c.code, c.text)
		require.ErrorContains(t, err, c.says, c.text)
	}
	err := checked[elbv2.CreateRuleInput](`{"Priority":0,"Conditions":[],"Actions":[]}`)
	n := 0
	for range ecs.Errors(err) {
		n++
	}
	require.Equal(t, 4, n, "all at once: %v", err)
}

// checked validates an input that is written as JSON.
func checked[In interface{ Validate() error }](text string) error {
	var in In
	if err := json.Unmarshal([]byte(text), &in); err != nil {
		return err
	}
	return in.Validate()
}

// What is shown can be sent again, is shown as it was, and routes as what was sent first.
//
// Seen to fail: Shown of a redirect whose parts Routing does not take back.
func TestShownAgain(t *testing.T) {
	for _, text := range []string{
		`{"Type":"forward","TargetGroupArn":"a"}`,
		`{"Type":"forward","ForwardConfig":{"TargetGroups":[{"TargetGroupArn":"a","Weight":0},{"TargetGroupArn":"b"}],` +
			`"TargetGroupStickinessConfig":{"Enabled":true,"DurationSeconds":60}}}`,
		`{"Type":"redirect","RedirectConfig":{"Protocol":"HTTPS","Port":"443","StatusCode":"HTTP_301"}}`,
		`{"Type":"fixed-response","FixedResponseConfig":{"StatusCode":"404","ContentType":"text/plain"}}`,
	} {
		a := read[elbv2.Action](t, text)
		shown := a.Shown()
		require.Equal(t, a.Routing(), withoutWeights(shown.Routing(), a.Routing()), text)
		require.Equal(t, shown, shown.Shown(), text)
		in := elbv2.ModifyRuleInput{RuleArn: "r", Actions: []elbv2.Action{shown}}
		require.NoError(t, in.Validate(), text)
	}
	for _, text := range []string{
		`{"Field":"path-pattern","Values":["/a","/b*"]}`,
		`{"HostHeaderConfig":{"Values":["*.example.com"]}}`,
		`{"Field":"http-header","HttpHeaderConfig":{"HttpHeaderName":"X-Test","Values":["1"]}}`,
		`{"Field":"query-string","QueryStringConfig":{"Values":[{"Key":"v","Value":"1"},{"Value":"2"}]}}`,
		`{"Field":"http-request-method","HttpRequestMethodConfig":{"Values":["GET"]}}`,
		`{"Field":"source-ip","SourceIpConfig":{"Values":["10.0.0.0/8"]}}`,
	} {
		c := read[elbv2.RuleCondition](t, text)
		shown := c.Shown()
		require.Equal(t, c.Routing(), shown.Routing(), text)
		require.NotEmpty(t, shown.Field)
		require.Equal(t, shown, shown.Shown(), text)
		in := elbv2.ModifyRuleInput{RuleArn: "r", Conditions: []elbv2.RuleCondition{c}}
		require.NoError(t, in.Validate(), text)
		in.Conditions[0] = sentAgain(shown)
		require.NoError(t, in.Validate(), text)
	}
}

// withoutWeights is an action with the weights that another does not have left out.
func withoutWeights(a, like loadbalance.Action) loadbalance.Action {
	for i, g := range like.Forward.TargetGroups {
		if g.Weight.IsZero() && a.Forward.TargetGroups[i].Weight.Or(0) == 1 {
			a.Forward.TargetGroups[i].Weight = ecs.Opt[int]{}
		}
	}
	return a
}

// sentAgain is a shown condition in one of its two forms, as a request has it.
func sentAgain(c elbv2.RuleCondition) elbv2.RuleCondition {
	if c.HostHeaderConfig != nil || c.PathPatternConfig != nil {
		c.Values = nil
	}
	return c
}

// Attributes are set all or none, and those of a target group that take effect do.
//
// Seen to fail: SetTargetGroupAttributes that keeps what takes effect.
func TestAttributes(t *testing.T) {
	g := loadbalance.TargetGroup{TargetGroupArn: "a"}.Normalize()
	kept := elbv2.KeptAttributes(g)
	all := elbv2.TargetGroupAttributes(g, kept)
	require.Len(t, all, 14)
	next, keeps, err := elbv2.SetTargetGroupAttributes(g, kept, []elbv2.Attribute{
		{Key: "deregistration_delay.timeout_seconds", Value: "5"}, {Key: "stickiness.enabled", Value: "true"},
		{Key: "load_balancing.cross_zone.enabled", Value: "true"}})
	require.NoError(t, err)
	require.Equal(t, 5, next.DeregistrationDelaySeconds.Or(0))
	require.True(t, next.Stickiness.Enabled)
	require.True(t, elbv2.Enabled(keeps, "load_balancing.cross_zone.enabled"))
	require.Len(t, keeps, len(kept))
	same, _, err := elbv2.SetTargetGroupAttributes(g, kept, []elbv2.Attribute{
		{Key: "deregistration_delay.timeout_seconds", Value: "5"}, {Key: "none", Value: "1"}})
	require.ErrorIs(t, err, elbv2.ValidationError)
	require.Equal(t, g, same)
	for _, typ := range []string{elbv2.Application, elbv2.Network} {
		_, err := elbv2.Modified(elbv2.LoadBalancerAttributes(typ), []elbv2.Attribute{
			{Key: "load_balancing.cross_zone.enabled", Value: "yes"}})
		require.ErrorContains(t, err, "must be true or false")
	}
	_, err = elbv2.Modified(elbv2.ListenerAttributes("TCP"), []elbv2.Attribute{
		{Key: "tcp.idle_timeout.seconds", Value: "-1"}})
	require.ErrorContains(t, err, "must be a whole number from 60 to 6000")
}

// TestAttributeValues sees each value that AWS names taken, also after another one, and none beside them.
//
// Seen to fail: values that follow from what the attribute is: true stayed true or false, and 1 a number; a number
// without bounds.
func TestAttributeValues(t *testing.T) {
	group := loadbalance.TargetGroup{TargetGroupArn: "a"}.Normalize()
	of := map[string]func(elbv2.Attribute) error{}
	for _, typ := range []string{elbv2.Application, elbv2.Network} {
		list := elbv2.LoadBalancerAttributes(typ)
		of[typ] = func(a elbv2.Attribute) (err error) {
			next, err := elbv2.Modified(list, []elbv2.Attribute{a})
			if err == nil {
				list = next
			}
			return err
		}
	}
	kept := elbv2.KeptAttributes(group)
	of["group"] = func(a elbv2.Attribute) (err error) {
		_, kept, err = elbv2.SetTargetGroupAttributes(group, kept, []elbv2.Attribute{a})
		return err
	}
	for _, c := range []struct{ of, key, taken, refused string }{
		{"group", "load_balancing.cross_zone.enabled", "true use_load_balancer_configuration false", "yes"},
		{"group", "load_balancing.algorithm.anomaly_mitigation", "on off", "true"},
		{"group", "target_group_health.dns_failover.minimum_healthy_targets.count", "off 2 off", "0 on"},
		{"group", "target_group_health.dns_failover.minimum_healthy_targets.percentage", "50 off 100", "0 101 half"},
		{"group", "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count", "2 1", "0 off"},
		{elbv2.Application, "idle_timeout.timeout_seconds", "1 4000", "0 4001 +5 x"},
		{elbv2.Application, "client_keep_alive.seconds", "60 604800", "59 604801"},
		{elbv2.Application, "routing.http.desync_mitigation_mode", "monitor strictest", "off"},
		{elbv2.Application, "routing.http.xff_header_processing.mode", "remove preserve", "true"},
		{elbv2.Application, "access_logs.s3.bucket", "logs", ""},
		{elbv2.Network, "dns_record.client_routing_policy", "availability_zone_affinity", "none"},
		{elbv2.Network, "deletion_protection.enabled", "true false", "on"},
	} {
		for _, value := range strings.Fields(c.taken) {
			require.NoError(t, of[c.of](elbv2.Attribute{Key: c.key, Value: value}), "%s %s", c.key, value)
		}
		for _, value := range strings.Fields(c.refused) {
			require.ErrorIs(t, of[c.of](elbv2.Attribute{Key: c.key, Value: value}), elbv2.ValidationError, "%s %s",
				c.key, value)
		}
	}
}

// Tags of a key replace each other, and there are at most fifty. Their length is in characters.
//
// Seen to fail: a length in bytes.
func TestTags(t *testing.T) {
	text := func(n int) string { return strings.Repeat("é", n) }
	require.NoError(t, elbv2.CheckTags([]elbv2.Tag{{Key: text(128), Value: text(256)}}))
	require.ErrorContains(t, elbv2.CheckTags([]elbv2.Tag{{Key: text(129)}}), "this one has 129")
	require.ErrorContains(t, elbv2.CheckTags([]elbv2.Tag{{Key: "k", Value: text(257)}}), "this one has 257")
	var tags []elbv2.Tag
	for i := range elbv2.MostTags {
		var err error
		tags, err = elbv2.Tagged(tags, []elbv2.Tag{{Key: fmt.Sprint(i), Value: "a"}})
		require.NoError(t, err)
	}
	again, err := elbv2.Tagged(tags, []elbv2.Tag{{Key: "7", Value: "b"}})
	require.NoError(t, err)
	require.Len(t, again, elbv2.MostTags)
	_, err = elbv2.Tagged(tags, []elbv2.Tag{{Key: "x"}})
	require.ErrorIs(t, err, elbv2.TooManyTags)
	require.Len(t, elbv2.Untagged(tags, []string{"7", "8"}), elbv2.MostTags-2)
}

func ExampleAction() {
	a := elbv2.Action{Type: "forward", TargetGroupArn: "arn:aws:elasticloadbalancing:…:targetgroup/web/1"}
	for _, g := range a.Shown().ForwardConfig.TargetGroups {
		fmt.Println(elbv2.TargetGroupName(g.TargetGroupArn), g.Weight.Or(0))
	}
	// Output: web 1
}
