package balancers

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/loadbalance/elbv2"
)

// A load balancer has its names, is found by them, and goes with its listeners and rules; its target groups stay.
//
// Seen to fail: DeleteLoadBalancer that leaves its listeners; CreateLoadBalancer that makes a second one of a name.
func TestLoadBalancer(t *testing.T) {
	p := newPlace(t)
	b := p.balance("web")
	require.Regexp(t, `^arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/web/[0-9a-f]{16}$`,
		b.LoadBalancerArn)
	require.Regexp(t, `^web-[0-9]+\.us-east-1\.elb\.amazonaws\.com$`, b.DNSName)
	require.Equal(t, "active", b.State.Code)
	require.Equal(t, b, p.balance("web"), "the same again")
	_, err := p.CreateLoadBalancer(elbv2.CreateLoadBalancerInput{Name: "web", Subnets: []string{"subnet-a",
		"subnet-c"}})
	refused(t, err, elbv2.DuplicateLoadBalancerName, "A load balancer with the same name 'web' exists")
	_, err = p.CreateLoadBalancer(elbv2.CreateLoadBalancerInput{Name: "one", Subnets: []string{"subnet-a"}})
	refused(t, err, elbv2.ValidationError, "At least two subnets in two different Availability Zones")
	net, err := p.CreateLoadBalancer(elbv2.CreateLoadBalancerInput{Name: "net", Type: "network", Scheme: "internal",
		SubnetMappings: []elbv2.SubnetMapping{{SubnetId: "subnet-a", PrivateIPv4Address: "10.0.0.9"}}})
	require.NoError(t, err)
	require.Regexp(t, `^internal-net-[0-9a-f]{16}\.elb\.us-east-1\.amazonaws\.com$`, net.LoadBalancers[0].DNSName)
	require.Equal(t, "10.0.0.9", net.LoadBalancers[0].AvailabilityZones[0].LoadBalancerAddresses[0].PrivateIPv4Address)

	group := p.target("blue")
	l := p.listen(b.LoadBalancerArn, 80, forward(group))
	p.route(l.ListenerArn, 5, forward(group))
	p.steady()
	all, err := p.DescribeLoadBalancers(elbv2.DescribeLoadBalancersInput{})
	require.NoError(t, err)
	require.Len(t, all.LoadBalancers, 2)
	_, err = p.DescribeLoadBalancers(elbv2.DescribeLoadBalancersInput{Names: []string{"web", "none"}})
	refused(t, err, elbv2.LoadBalancerNotFound, "One or more load balancers not found")

	protect := func(value string) error {
		_, err := p.ModifyLoadBalancerAttributes(elbv2.ModifyLoadBalancerAttributesInput{
			LoadBalancerArn: b.LoadBalancerArn,
			Attributes:      []elbv2.Attribute{{Key: "deletion_protection.enabled", Value: value}}})
		return err
	}
	require.NoError(t, protect("true"))
	one := elbv2.LoadBalancerInput{LoadBalancerArn: b.LoadBalancerArn}
	refused(t, p.DeleteLoadBalancer(one), elbv2.OperationNotPermitted, "deletion protection is enabled")
	refused(t, protect("yes"), elbv2.ValidationError, "must be true or false")
	require.NoError(t, protect("false"))
	require.NoError(t, p.DeleteLoadBalancer(one))
	require.NoError(t, p.DeleteLoadBalancer(one), "what is not there is deleted")
	_, err = p.DescribeRules(elbv2.DescribeRulesInput{ListenerArn: l.ListenerArn})
	refused(t, err, elbv2.ListenerNotFound, "One or more listeners not found")
	require.True(t, p.unused(group))
	p.steady()
}

func (p *place) unused(group string) bool {
	g, ok := p.books.Group(group)
	require.True(p.t, ok)
	return g.NotInUse
}

// A target group is in use while an action names it, also with the weight 0, and of one load balancer at a time.
// What both the old and the new action name stays in use throughout.
//
// Seen to fail: replace that leaves before it uses; admits that does not look at the other load balancer.
func TestInUse(t *testing.T) {
	p := newPlace(t)
	web, api := p.balance("web"), p.balance("api")
	blue, green := p.target("blue"), p.target("green")
	require.True(t, p.unused(blue))
	l := p.listen(web.LoadBalancerArn, 80, forward(blue))
	require.False(t, p.unused(blue))
	g, _ := p.books.Group(blue)
	require.Equal(t, []string{"us-east-1a", "us-east-1b"}, g.AvailabilityZones)
	weightless := forward(blue, green)
	weightless[0].ForwardConfig.TargetGroups[1].Weight = ecs.Some(0)
	r := p.route(l.ListenerArn, 1, weightless)
	require.False(t, p.unused(green))
	refused(t, p.Groups.DeleteTargetGroup(elbv2.TargetGroupInput{TargetGroupArn: green}), elbv2.ResourceInUse,
		"Target group '"+green+"' is currently in use by a listener or a rule")
	_, err := p.CreateListener(elbv2.CreateListenerInput{LoadBalancerArn: api.LoadBalancerArn,
		ListenerSettings: elbv2.ListenerSettings{Port: ecs.Some(80), Protocol: "HTTP", DefaultActions: forward(blue)}})
	refused(t, err, elbv2.TargetGroupAssociationLimit, "cannot be associated with more than one load balancer")

	require.NoError(t, p.books.Register("task", at(blue)))
	before, _ := p.books.Get(at(blue))
	_, err = p.ModifyRule(elbv2.ModifyRuleInput{RuleArn: r.RuleArn, Actions: forward(green)})
	require.NoError(t, err)
	_, err = p.ModifyListener(elbv2.ModifyListenerInput{ListenerArn: l.ListenerArn,
		ListenerSettings: elbv2.ListenerSettings{Port: ecs.Some(81), DefaultActions: forward(blue)}})
	require.NoError(t, err)
	after, _ := p.books.Get(at(blue))
	require.Equal(t, before, after)
	p.steady()
	require.NoError(t, p.DeleteRule(elbv2.RuleInput{RuleArn: r.RuleArn}))
	require.True(t, p.unused(green))
	require.NoError(t, p.DeleteListener(elbv2.ListenerInput{ListenerArn: l.ListenerArn}))
	require.True(t, p.unused(blue))
	p.listen(api.LoadBalancerArn, 80, forward(blue))
	p.steady()
}

// A target group that a service names, or with targets, is hidden when it is deleted, and forgotten later.
//
// Seen to fail: sweep that does not ask who names it.
func TestDeletedGroup(t *testing.T) {
	p := newPlace(t)
	arn := p.target("web")
	p.named[arn] = true
	require.NoError(t, p.Groups.DeleteTargetGroup(elbv2.TargetGroupInput{TargetGroupArn: arn}))
	_, err := p.Groups.DescribeTargetGroups(elbv2.DescribeTargetGroupsInput{Names: []string{"web"}})
	refused(t, err, elbv2.TargetGroupNotFound, "One or more target groups not found")
	require.True(t, p.unused(arn), "its book is there")
	p.steady()
	other := p.target("web")
	require.NotEqual(t, arn, other, "its name is free")
	delete(p.named, arn)
	require.NoError(t, p.Groups.DeleteTargetGroup(elbv2.TargetGroupInput{TargetGroupArn: "none"}))
	_, there := p.books.Group(arn)
	require.False(t, there)
	p.steady()
}

// Priorities are set all or none, and two rules may exchange theirs.
//
// Seen to fail: SetRulePriorities that sets the first before it looks at the second.
func TestPriorities(t *testing.T) {
	p := newPlace(t)
	group := p.target("web")
	l := p.listen(p.balance("web").LoadBalancerArn, 80, forward(group))
	first, second := p.route(l.ListenerArn, 1, forward(group)), p.route(l.ListenerArn, 2, forward(group))
	set := func(pairs ...any) error {
		in := elbv2.SetRulePrioritiesInput{}
		for i := 0; i < len(pairs); i += 2 {
			in.RulePriorities = append(in.RulePriorities, elbv2.RulePriorityPair{RuleArn: pairs[i].(string),
				Priority: ecs.Some(pairs[i+1].(int))})
		}
		_, err := p.SetRulePriorities(in)
		return err
	}
	order := func() (list []string) {
		out, err := p.DescribeRules(elbv2.DescribeRulesInput{ListenerArn: l.ListenerArn})
		require.NoError(t, err)
		for _, r := range out.Rules {
			list = append(list, r.RuleArn)
		}
		return list
	}
	last := order()[2]
	require.Equal(t, []string{first.RuleArn, second.RuleArn, last}, order())
	refused(t, set(first.RuleArn, 3, second.RuleArn, 3), elbv2.PriorityInUse, "Priority '3' is currently in use")
	refused(t, set(first.RuleArn, 2), elbv2.PriorityInUse, "Priority '2' is currently in use")
	refused(t, set(first.RuleArn, 3, last, 1), elbv2.OperationNotPermitted, "is a default rule")
	refused(t, set("none", 3), elbv2.RuleNotFound, "One or more rules not found")
	require.Equal(t, []string{first.RuleArn, second.RuleArn, last}, order())
	require.NoError(t, set(first.RuleArn, 2, second.RuleArn, 1))
	require.Equal(t, []string{second.RuleArn, first.RuleArn, last}, order())
	_, err := p.CreateRule(elbv2.CreateRuleInput{ListenerArn: l.ListenerArn, Priority: ecs.Some(1),
		Conditions: paths("/"), Actions: forward(group)})
	refused(t, err, elbv2.PriorityInUse, "Priority '1' is currently in use")
	_, err = p.ModifyRule(elbv2.ModifyRuleInput{RuleArn: last, Conditions: paths("/")})
	refused(t, err, elbv2.OperationNotPermitted, "Default rule")
	refused(t, p.DeleteRule(elbv2.RuleInput{RuleArn: last}), elbv2.OperationNotPermitted, "Default rule")
	p.steady()
}

// Shift of a listener moves the weights of each rule that forwards to one of the groups, and of no other one.
//
// Seen to fail: Shift of a listener's default rule only.
func TestShiftListener(t *testing.T) {
	p := newPlace(t)
	blue, green, other := p.target("blue"), p.target("green"), p.target("other")
	l := p.listen(p.balance("web").LoadBalancerArn, 80, forward(blue))
	p.route(l.ListenerArn, 1, forward(green))
	p.route(l.ListenerArn, 2, forward(other))
	groups := func() (list [][]string) {
		out, err := p.DescribeRules(elbv2.DescribeRulesInput{ListenerArn: l.ListenerArn})
		require.NoError(t, err)
		for _, r := range out.Rules {
			list = append(list, r.Actions[0].Groups())
		}
		return list
	}
	behind, err := p.Behind(l.ListenerArn, blue, green)
	require.NoError(t, err)
	require.True(t, behind)
	behind, err = p.Behind(l.ListenerArn, "none", green)
	refused(t, err, elbv2.TargetGroupNotFound, "One or more target groups")
	require.False(t, behind)
	_, err = p.Behind("none", blue, green)
	refused(t, err, elbv2.RuleNotFound, "One or more rules not found")
	require.Equal(t, [][]string{{green}, {other}, {blue}}, groups())
	require.NoError(t, p.Shift(l.ListenerArn, blue, green, 0))
	require.Equal(t, [][]string{{blue, green}, {other}, {blue, green}}, groups())
	p.steady()
}

// Shift moves the weights of a rule, or of a listener's default rule, and makes it forward to both groups.
//
// Seen to fail: Shift of a rule of the same priority of another listener.
func TestShift(t *testing.T) {
	p := newPlace(t)
	blue, green := p.target("blue"), p.target("green")
	b := p.balance("web").LoadBalancerArn
	l := p.listen(b, 80, forward(blue))
	r := p.route(l.ListenerArn, 1, forward(blue, green))
	weights := func(rule string) (list []int) {
		out, err := p.DescribeRules(elbv2.DescribeRulesInput{RuleArns: []string{rule}})
		require.NoError(t, err)
		for _, g := range out.Rules[0].Actions[0].ForwardConfig.TargetGroups {
			list = append(list, g.Weight.Or(-1))
		}
		return list
	}
	require.NoError(t, p.Shift(r.RuleArn, blue, green, 100))
	require.Equal(t, []int{90, 10}, weights(r.RuleArn))
	require.NoError(t, p.Shift(r.RuleArn, blue, green, 1))
	require.Equal(t, []int{999, 1}, weights(r.RuleArn))
	require.NoError(t, p.Shift(r.RuleArn, green, blue, 0))
	require.Equal(t, []int{0, 100}, weights(r.RuleArn))
	serving, other, err := p.Serving(r.RuleArn, blue, green)
	require.NoError(t, err)
	require.Equal(t, []string{green, blue}, []string{serving, other})
	require.NoError(t, p.Shift(l.ListenerArn, blue, green, 1000))
	routes := p.Listener(l.ListenerArn)
	require.NoError(t, routes.Validate())
	require.Len(t, routes.Rules, 1)
	arn, ok := routes.DefaultAction.Forward.Pick(1, 1)
	require.True(t, ok)
	require.Equal(t, green, arn)
	refused(t, p.Shift("none", blue, green, 0), elbv2.RuleNotFound, "One or more rules not found")
	refused(t, p.Shift(l.ListenerArn, blue, "none", 0), elbv2.TargetGroupNotFound, "One or more target groups")
	p.steady()
}

// Random calls leave the room in order, and a call that is refused changes nothing.
//
// Seen to fail: removeListener that does not leave its rules' groups; CreateRule that enters before it looks at the
// priority.
func TestLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := newPlace(t)
		for range rapid.IntRange(1, 40).Draw(t, "calls") {
			before := p.text()
			if err := p.any(t); err != nil {
				require.Equal(t, before, p.text(), "%v", err)
			}
			require.Empty(t, p.Check())
		}
		p.steady()
	})
}

// arns are those of the load balancers, target groups, listeners and rules that are there, and one that is not.
func (p *place) arns() (balancers, groups, listeners, rules []string) {
	none := []string{"none"}
	for _, g := range p.State().TargetGroups {
		groups = append(groups, g.TargetGroupArn)
	}
	for _, b := range p.balancers {
		balancers = append(balancers, b.Record.LoadBalancerArn)
		for _, l := range b.Listeners {
			listeners = append(listeners, l.Record.ListenerArn)
			for _, r := range append([]*Rule{l.Default}, l.Rules...) {
				rules = append(rules, r.RuleArn)
			}
		}
	}
	return append(balancers, none...), append(groups, none...), append(listeners, none...), append(rules, none...)
}

// any makes a random call.
func (p *place) any(t *rapid.T) (err error) {
	balancers, groups, listeners, rules := p.arns()
	one := func(list []string) string { return rapid.SampledFrom(list).Draw(t, "arn") }
	some := func() []elbv2.Action {
		return forward(slices.Compact([]string{one(groups), one(groups)})...)
	}
	n := ecs.Some(rapid.IntRange(1, 4).Draw(t, "number"))
	name := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "name")
	switch rapid.IntRange(0, 10).Draw(t, "call") {
	case 0:
		other := rapid.SampledFrom([]string{"subnet-b", "subnet-c", "subnet-x"}).Draw(t, "subnet")
		subnets := []string{"subnet-a", other}
		_, err = p.CreateLoadBalancer(elbv2.CreateLoadBalancerInput{Name: name, Subnets: subnets})
	case 1:
		_, err = p.Groups.CreateTargetGroup(elbv2.CreateTargetGroupInput{Name: name, VpcId: "vpc-1", Port: n,
			Protocol: rapid.SampledFrom([]string{"HTTP", "TCP"}).Draw(t, "protocol")})
	case 2, 3:
		_, err = p.CreateListener(elbv2.CreateListenerInput{LoadBalancerArn: one(balancers),
			ListenerSettings: elbv2.ListenerSettings{Port: n, Protocol: "HTTP", DefaultActions: some()}})
	case 4, 5:
		_, err = p.CreateRule(elbv2.CreateRuleInput{ListenerArn: one(listeners), Priority: n, Conditions: paths("/"),
			Actions: some()})
	case 6:
		_, err = p.ModifyRule(elbv2.ModifyRuleInput{RuleArn: one(rules), Actions: some()})
	case 7:
		_, err = p.ModifyListener(elbv2.ModifyListenerInput{ListenerArn: one(listeners),
			ListenerSettings: elbv2.ListenerSettings{Port: n, DefaultActions: some()}})
	case 8:
		err = p.Shift(one(rules), one(groups), one(groups), rapid.IntRange(0, 1000).Draw(t, "share"))
	case 9:
		arn := one(slices.Concat(balancers, groups, listeners, rules))
		err = p.AddTags(elbv2.AddTagsInput{ResourceArns: []string{arn, one(groups)}, Tags: []elbv2.Tag{{Key: name}}})
	case 10:
		switch rapid.IntRange(0, 3).Draw(t, "what") {
		case 0:
			return p.DeleteLoadBalancer(elbv2.LoadBalancerInput{LoadBalancerArn: one(balancers)})
		case 1:
			return p.DeleteListener(elbv2.ListenerInput{ListenerArn: one(listeners)})
		case 2:
			return p.DeleteRule(elbv2.RuleInput{RuleArn: one(rules)})
		}
		return p.Groups.DeleteTargetGroup(elbv2.TargetGroupInput{TargetGroupArn: one(groups)})
	}
	return err
}
