package control_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/ecs/sim"
	"github.com/bayplan/bayplan/loadbalance"
	"github.com/bayplan/bayplan/loadbalance/elbv2"
)

// street is a world whose plane keeps the load balancers: one with a listener, a rule and two target groups.
type street struct {
	*sim.World
	t                        *testing.T
	blue, green, loose       string // ARNs of target groups; no listener forwards to the last
	balancer, listener, rule string
	test                     string // ARN of the rule for test traffic
	configuration            ecs.DeploymentConfiguration
	production, onTest       []string
}

func newStreet(t *testing.T, c ecs.DeploymentConfiguration) *street {
	s := &street{t: t, configuration: c, World: sim.New(sim.Config{Plane: control.Config{OwnLoadBalancers: true}})}
	_, err := s.AddInstances(2, "", sim.InstanceTypes()[2].ContainerInstance("us-east-1a"))
	require.NoError(t, err)
	s.do(func(p *control.Plane, now time.Time) error {
		l := p.LoadBalancers()
		for name, arn := range map[string]*string{"blue": &s.blue, "green": &s.green, "loose": &s.loose} {
			out, err := l.CreateTargetGroup(now, elbv2.CreateTargetGroupInput{Name: name, Protocol: "HTTP",
				Port: ecs.Some(80), VpcId: "vpc-1"})
			require.NoError(t, err)
			*arn = out.TargetGroups[0].TargetGroupArn
		}
		b, err := l.CreateLoadBalancer(now, elbv2.CreateLoadBalancerInput{Name: "web", Subnets: []string{"a", "b"}})
		require.NoError(t, err)
		s.balancer = b.LoadBalancers[0].LoadBalancerArn
		listener, err := l.CreateListener(now, elbv2.CreateListenerInput{LoadBalancerArn: s.balancer,
			ListenerSettings: elbv2.ListenerSettings{
				Port:     ecs.Some(80),
				Protocol: "HTTP",
				DefaultActions: []elbv2.Action{
					{Type: "fixed-response", FixedResponseConfig: &elbv2.FixedResponseConfig{StatusCode: "404"}}},
			}})
		require.NoError(t, err)
		s.listener = listener.Listeners[0].ListenerArn
		for i, arn := range []*string{&s.rule, &s.test} {
			out, err := l.CreateRule(now, elbv2.CreateRuleInput{ListenerArn: s.listener, Priority: ecs.Some(i + 1),
				Conditions: []elbv2.RuleCondition{{Field: "path-pattern", Values: []string{fmt.Sprintf("/%d/*", i)}}},
				Actions:    s.forward(1, 0)})
			require.NoError(t, err)
			*arn = out.Rules[0].RuleArn
		}
		return nil
	})
	return s
}

func (s *street) forward(blue, green int) []elbv2.Action {
	return []elbv2.Action{{Type: "forward", ForwardConfig: &elbv2.ForwardConfig{TargetGroups: []elbv2.TargetGroupTuple{
		{TargetGroupArn: s.blue, Weight: ecs.Some(blue)}, {TargetGroupArn: s.green, Weight: ecs.Some(green)}}}}}
}

func (s *street) do(f func(p *control.Plane, now time.Time) error) {
	s.t.Helper()
	require.NoError(s.t, s.Do(f))
}

// revise registers a revision of the task definition.
func (s *street) revise(p *control.Plane, now time.Time, image string, mode ecs.NetworkMode) {
	_, err := p.RegisterTaskDefinition(now, ecs.TaskDefinition{Family: "web", NetworkMode: mode,
		ContainerDefinitions: []ecs.ContainerDefinition{{Name: "web", Image: image, Memory: 128,
			PortMappings: []ecs.PortMapping{{ContainerPort: 80}}}}})
	require.NoError(s.t, err)
}

// entry is the service's load balancer.
func (s *street) entry() ecs.LoadBalancer {
	return ecs.LoadBalancer{TargetGroupArn: s.blue, ContainerName: "web", ContainerPort: 80,
		AdvancedConfiguration: &ecs.AdvancedConfiguration{AlternateTargetGroupArn: s.green,
			ProductionListenerRule: s.rule, TestListenerRule: s.test, RoleArn: "arn:aws:iam::123456789012:role/lb"}}
}

func (s *street) input() api.CreateServiceInput {
	return api.CreateServiceInput{ServiceName: "web", TaskDefinition: "web", DesiredCount: ecs.Some(2),
		DeploymentConfiguration: &s.configuration, LoadBalancers: []ecs.LoadBalancer{s.entry()}}
}

// weights are those of a rule, as DescribeRules shows them.
func (s *street) weights(rule string) string {
	out, err := s.Plane().LoadBalancers().DescribeRules(elbv2.DescribeRulesInput{RuleArns: []string{rule}})
	require.NoError(s.t, err)
	var list []string
	for _, g := range out.Rules[0].Actions[0].ForwardConfig.TargetGroups {
		list = append(list, fmt.Sprint(g.Weight.Or(-1)))
	}
	return strings.Join(list, "/")
}

// watch lets time run, and notes each change of the weights of both rules.
func (s *street) watch(by time.Duration) {
	note := func(list *[]string, now string) {
		if n := len(*list); n == 0 || (*list)[n-1] != now {
			*list = append(*list, now)
		}
	}
	for range int(by / (5 * time.Second)) {
		s.Advance(5 * time.Second)
		note(&s.production, s.weights(s.rule))
		note(&s.onTest, s.weights(s.test))
		require.NoError(s.t, s.Plane().Check())
	}
}

// begun makes the service, and updates it to a second revision.
func (s *street) begun() {
	s.do(func(p *control.Plane, now time.Time) error {
		s.revise(p, now, "web:1", "")
		_, err := p.CreateService(now, s.input())
		return err
	})
	require.NoError(s.t, s.RunUntil(sim.Steady, time.Hour))
	require.Equal(s.t, "100/0", s.weights(s.rule))
	s.do(func(p *control.Plane, now time.Time) error {
		s.revise(p, now, "web:2", "")
		_, err := p.UpdateService(now, api.UpdateServiceInput{Service: "web", TaskDefinition: "web"})
		return err
	})
}

// deployment is the latest deployment of the service.
func (s *street) deployment() api.ServiceDeployment {
	list, err := s.Plane().ListServiceDeployments(api.ListServiceDeploymentsInput{Service: "web"})
	require.NoError(s.t, err)
	out, err := s.Plane().DescribeServiceDeployments(api.DescribeServiceDeploymentsInput{
		ServiceDeploymentArns: []string{list.ServiceDeployments[0].ServiceDeploymentArn}})
	require.NoError(s.t, err)
	return out.ServiceDeployments[0]
}

// A canary deployment moves the weights of the real rules, those for test traffic too, and its commands carry the
// listener; a deployment that is stopped puts them back. What the plane has is the same after a State and a replay.
//
// Seen to fail: shiftRule with blue and green exchanged; ModifyTraffic without its listener; Restore without load
// balancers.
func TestRealRules(t *testing.T) {
	canary := ecs.DeploymentConfiguration{Strategy: ecs.DeploymentStrategyCanary, BakeTimeInMinutes: ecs.Some(5),
		CanaryConfiguration: &ecs.CanaryConfiguration{CanaryPercent: ecs.Some(10.0),
			CanaryBakeTimeInMinutes: ecs.Some(5)}}
	s := newStreet(t, canary)
	s.begun()
	s.watch(4 * time.Minute)
	require.Equal(t, "90/10", s.weights(s.rule))
	d := s.deployment()
	require.Equal(t, 10.0, d.TargetServiceRevision.RequestedProductionTrafficWeight.Or(0))
	require.Equal(t, 90.0, d.SourceServiceRevisions[0].RequestedProductionTrafficWeight.Or(0))
	restored, err := control.Restore(s.Plane().State(), control.Config{})
	require.NoError(t, err)
	rules := elbv2.DescribeRulesInput{ListenerArn: s.listener}
	before, err := s.Plane().LoadBalancers().DescribeRules(rules)
	require.NoError(t, err)
	after, err := restored.LoadBalancers().DescribeRules(rules)
	require.NoError(t, err)
	require.Equal(t, before, after)
	s.watch(time.Hour)
	require.Equal(t, []string{"100/0", "90/10", "0/100"}, s.production)
	require.Equal(t, []string{"100/0", "0/100"}, s.onTest)
	require.Equal(t, ecs.ServiceDeploymentStatusSuccessful, s.deployment().Status)

	s.do(func(p *control.Plane, now time.Time) error {
		s.revise(p, now, "web:3", "")
		_, err := p.UpdateService(now, api.UpdateServiceInput{Service: "web", TaskDefinition: "web"})
		return err
	})
	s.production = nil
	s.watch(4 * time.Minute)
	require.Equal(t, []string{"0/100", "10/90"}, s.production, "the groups take turns")
	s.do(func(p *control.Plane, now time.Time) error {
		_, err := p.StopServiceDeployment(now, api.StopServiceDeploymentInput{
			ServiceDeploymentArn: s.deployment().ServiceDeploymentArn})
		return err
	})
	s.watch(10 * time.Minute)
	require.Equal(t, []string{"0/100", "10/90", "0/100"}, s.production)
	s.replayed()
}

// A rolling deployment shifts no traffic: its tasks are where the traffic is, in either target group.
//
// Seen to fail: takeTurns that gives a rolling deployment the other groups.
func TestRollingStaysWhereTrafficIs(t *testing.T) {
	s := newStreet(t, ecs.DeploymentConfiguration{})
	targets := func(group string) int {
		out, err := s.Plane().
			LoadBalancers().
			DescribeTargetHealth(elbv2.DescribeTargetHealthInput{TargetGroupArn: group})
		require.NoError(t, err)
		return len(out.TargetHealthDescriptions)
	}
	update := func(c ecs.DeploymentConfiguration) {
		s.do(func(p *control.Plane, now time.Time) error {
			_, err := p.UpdateService(now, api.UpdateServiceInput{Service: "web", TaskDefinition: "web",
				ForceNewDeployment: true, DeploymentConfiguration: &c})
			return err
		})
		s.watch(2 * time.Hour)
		require.Equal(t, ecs.ServiceDeploymentStatusSuccessful, s.deployment().Status)
	}
	s.do(func(p *control.Plane, now time.Time) error {
		s.revise(p, now, "web:1", "")
		_, err := p.CreateService(now, s.input())
		return err
	})
	s.watch(time.Hour)
	update(ecs.DeploymentConfiguration{Strategy: ecs.DeploymentStrategyRolling})
	require.Equal(t, "1/0", s.weights(s.rule))
	require.Equal(t, []int{2, 0}, []int{targets(s.blue), targets(s.green)})

	update(ecs.DeploymentConfiguration{Strategy: ecs.DeploymentStrategyBlueGreen, BakeTimeInMinutes: ecs.Some(1)})
	require.Equal(t, "0/100", s.weights(s.rule))
	update(ecs.DeploymentConfiguration{Strategy: ecs.DeploymentStrategyRolling})
	require.Equal(t, "0/100", s.weights(s.rule))
	require.Equal(t, []int{0, 2}, []int{targets(s.blue), targets(s.green)})
}

// replayed gives a fresh plane the records, sees that it is the same plane then, and returns the shifts of traffic that
// it asked for.
func (s *street) replayed() (commands []message.ModifyTraffic) {
	again := control.New(s.Plane().Config())
	for r := range s.Records() {
		require.NoError(s.t, again.Apply(r))
		ready := again.Ready()
		for _, c := range ready.Commands {
			if m, ok := c.(message.ModifyTraffic); ok {
				commands = append(commands, m)
			}
		}
		again.Advance(ready)
	}
	require.Equal(s.t, string(s.Plane().State().Document), string(again.State().Document))
	return commands
}

// The command of a shift has the listener with all of its rules and the new weights.
func TestTrafficCarriesTheListener(t *testing.T) {
	s := newStreet(t, ecs.DeploymentConfiguration{Strategy: ecs.DeploymentStrategyBlueGreen,
		BakeTimeInMinutes: ecs.Some(1)})
	s.begun()
	s.watch(20 * time.Minute)
	commands := s.replayed()
	require.NotEmpty(t, commands)
	last := commands[0]
	for _, m := range commands {
		require.NotNil(t, m.Listener)
		require.NoError(t, m.Listener.Validate())
		require.Equal(t, s.listener, m.Listener.ListenerArn)
		require.Len(t, m.Listener.Rules, 2)
		if m.Rule == s.rule {
			last = m
		}
	}
	require.Equal(t, []loadbalance.Listener{*last.Listener}, s.Plane().LoadBalancers().Listeners())
	arn, ok := last.Listener.Rules[0].Action.Forward.Pick(1, 1)
	require.True(t, ok)
	require.Equal(t, s.green, arn)
}

// A service takes only target groups to which a listener forwards, of the type that its network mode needs, and
// rules whose traffic is on one of its two groups. Once it has them, they may change.
//
// Seen to fail: CheckService that looks at what a service has already; Named that makes groups.
func TestServiceNeedsListener(t *testing.T) {
	s := newStreet(t, ecs.DeploymentConfiguration{Strategy: ecs.DeploymentStrategyBlueGreen,
		BakeTimeInMinutes: ecs.Some(1)})
	s.do(func(p *control.Plane, now time.Time) error {
		s.revise(p, now, "web:1", "")
		refused := func(says string, change func(*ecs.LoadBalancer)) {
			in := s.input()
			entry := s.entry()
			advanced := *entry.AdvancedConfiguration
			entry.AdvancedConfiguration = &advanced
			change(&entry)
			in.LoadBalancers = []ecs.LoadBalancer{entry}
			if entry.AdvancedConfiguration == nil {
				in.DeploymentConfiguration = nil
			}
			_, err := p.CreateService(now, in)
			require.ErrorIs(t, err, ecs.InvalidParameterException)
			require.ErrorContains(t, err, says)
		}
		plain := func(arn string) func(*ecs.LoadBalancer) {
			return func(lb *ecs.LoadBalancer) { lb.TargetGroupArn, lb.AdvancedConfiguration = arn, nil }
		}
		refused("The target group with targetGroupArn "+s.loose+" does not have an associated load balancer.",
			plain(s.loose))
		refused("The target group "+s.loose+"0 does not exist.", plain(s.loose+"0"))
		refused("One or more rules not found", func(lb *ecs.LoadBalancer) {
			lb.AdvancedConfiguration.ProductionListenerRule = "none"
		})
		refused("One or more rules not found", func(lb *ecs.LoadBalancer) {
			lb.AdvancedConfiguration.TestListenerRule = "none"
		})
		_, err := p.LoadBalancers().ModifyRule(now, elbv2.ModifyRuleInput{RuleArn: s.rule, Actions: s.forward(1, 1)})
		require.NoError(t, err)
		refused("one of them with a weight above 0", func(*ecs.LoadBalancer) {})
		_, err = p.LoadBalancers().ModifyRule(now, elbv2.ModifyRuleInput{RuleArn: s.rule, Actions: s.forward(1, 0)})
		require.NoError(t, err)
		s.revise(p, now, "web:1", ecs.NetworkModeAwsvpc)
		in := s.input()
		in.NetworkConfiguration = &ecs.NetworkConfiguration{AwsvpcConfiguration: &ecs.AwsvpcConfiguration{
			Subnets: []string{"a"}}}
		_, err = p.CreateService(now, in)
		require.ErrorContains(t, err, "The provided target group "+s.blue+" has target type instance, which is "+
			"incompatible with the awsvpc network mode specified in the task definition.")
		in = s.input()
		in.TaskDefinition = "web:1"
		_, err = p.CreateService(now, in)
		require.NoError(t, err)
		require.NoError(t, p.LoadBalancers().DeleteListener(now, elbv2.ListenerInput{ListenerArn: s.listener}))
		_, err = p.UpdateService(now, api.UpdateServiceInput{Service: "web", DesiredCount: ecs.Some(1)})
		require.NoError(t, err)
		require.NoError(t, p.LoadBalancers().DeleteTargetGroup(now, elbv2.TargetGroupInput{TargetGroupArn: s.green}))
		return p.Check()
	})
	s.watchless(5 * time.Minute)
}

func (s *street) watchless(by time.Duration) {
	s.Advance(by)
	require.NoError(s.t, s.Plane().Check())
}
