package balancers

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/deadlines"
	"github.com/bayplan/bayplan/ecs/control/internal/targets"
	"github.com/bayplan/bayplan/loadbalance"
	"github.com/bayplan/bayplan/loadbalance/elbv2"
)

// place is a room with the books below it.
type place struct {
	t        require.TestingT
	position core.Position
	timers   deadlines.Timers
	named    map[string]bool // target groups that a service names
	books    *targets.Books
	*Room
}

var zones = map[string]string{"subnet-a": "us-east-1a", "subnet-b": "us-east-1b", "subnet-c": "us-east-1c"}

func newPlace(t require.TestingT) *place {
	p := &place{t: t, position: core.Position{Now: ecs.At(time.Unix(1e9, 0))}, named: map[string]bool{}}
	c := core.New(core.Config{Seed: 1, Partition: "aws", Region: "us-east-1", Account: "123456789012"}, &p.position)
	p.books = targets.New(targets.Config{Core: c, Drained: func(string, loadbalance.Target) {}}, &p.timers)
	p.Room = New(Config{Core: c, Groups: targets.NewGroups(p.books, func(arn string) bool { return p.named[arn] }),
		Region: "us-east-1", ZoneOfSubnet: zones})
	return p
}

// balance makes a load balancer.
func (p *place) balance(name string) elbv2.LoadBalancer {
	out, err := p.CreateLoadBalancer(elbv2.CreateLoadBalancerInput{Name: name, Subnets: []string{"subnet-a",
		"subnet-b"}})
	require.NoError(p.t, err)
	return out.LoadBalancers[0]
}

// target makes a target group, and returns its ARN.
func (p *place) target(name string) string {
	out, err := p.Groups.CreateTargetGroup(elbv2.CreateTargetGroupInput{Name: name, Protocol: "HTTP", VpcId: "vpc-1",
		TargetType: "ip", Port: ecs.Some(80)})
	require.NoError(p.t, err)
	return out.TargetGroups[0].TargetGroupArn
}

func forward(arns ...string) []elbv2.Action {
	a := elbv2.Action{Type: "forward", ForwardConfig: &elbv2.ForwardConfig{}}
	for _, arn := range arns {
		a.ForwardConfig.TargetGroups = append(a.ForwardConfig.TargetGroups, elbv2.TargetGroupTuple{TargetGroupArn: arn})
	}
	return []elbv2.Action{a}
}

// listen makes a listener.
func (p *place) listen(balancer string, port int, actions []elbv2.Action) elbv2.Listener {
	out, err := p.CreateListener(elbv2.CreateListenerInput{LoadBalancerArn: balancer,
		ListenerSettings: elbv2.ListenerSettings{Port: ecs.Some(port), Protocol: "HTTP", DefaultActions: actions}})
	require.NoError(p.t, err)
	return out.Listeners[0]
}

func paths(list ...string) []elbv2.RuleCondition {
	return []elbv2.RuleCondition{{Field: "path-pattern", Values: list}}
}

// route makes a rule.
func (p *place) route(listener string, priority int, actions []elbv2.Action) elbv2.Rule {
	out, err := p.CreateRule(elbv2.CreateRuleInput{ListenerArn: listener, Priority: ecs.Some(priority),
		Conditions: paths("/api/*"), Actions: actions})
	require.NoError(p.t, err)
	return out.Rules[0]
}

// steady sees that the room is in order, and the same after a State.
func (p *place) steady() {
	require.Empty(p.t, p.Check())
	data, err := json.Marshal(p.State())
	require.NoError(p.t, err)
	var s State
	require.NoError(p.t, json.Unmarshal(data, &s))
	again := newPlace(p.t)
	require.NoError(p.t, again.books.Restore(p.books.State()))
	again.Restore(s.LoadBalancers, s.TargetGroups)
	require.Empty(p.t, again.Check())
	back, err := json.Marshal(again.State())
	require.NoError(p.t, err)
	require.Equal(p.t, string(data), string(back))
}

// refused sees that an error has a code and a sentence.
func refused(t testing.TB, err error, code ecs.Code, says string) {
	t.Helper()
	require.ErrorIs(t, err, code)
	require.ErrorContains(t, err, says)
}

// text is the whole state of the room and of the books.
func (p *place) text() string {
	data, err := json.Marshal([]any{p.State(), p.books.State()})
	require.NoError(p.t, err)
	return string(data)
}

func at(group string) targets.At { return targets.At{Group: group, Target: "10.0.0.1", Port: 80} }
