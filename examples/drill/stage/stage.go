// Package stage is the world of one scenario of the drill: localecs, in whose virtual time the command's calls are
// followed, troubled, recorded and judged.
//
// # Start here
//
// [New] sets the scene of a scenario. The command calls [Stage.Handler] as it would call AWS, for all services by one
// URL. [Stage.Ended] notes that it has ended, and [Stage.End] lets time run on, and returns the [Facts].
//
// # Time
//
// A call that reads lets time run, once the command has begun a deployment. At the pace [Leap] time runs until the
// deployment is over, for half an hour at most: waiters end at once. At [Step] it runs for 15 seconds, the time between
// two polls of a waiter, so that the middle of a deployment shows. The time that a command spends between its calls
// passes, too. Calls that write let only this time pass.
//
// # Two at once
//
// In a scenario in which the command runs twice at the same time, each run has a handler of its own. Calls wait so that
// both deployments overlap: see [Config].
package stage

import (
	"cmp"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/sim"
	"github.com/bayplan/bayplan/examples/drill/scenario"
	"github.com/bayplan/bayplan/examples/localecs/front"
	"github.com/bayplan/bayplan/loadbalance"
	"github.com/bayplan/bayplan/loadbalance/elbv2"
)

// Pace is how time follows the command's calls.
type Pace string

// The values of Pace.
const (
	Leap Pace = "leap"
	Step Pace = "step"
)

// Paces returns all of them.
func Paces() []Pace { return []Pace{Leap, Step} }

// Config is the configuration of a Stage.
type Config struct {
	Scenario scenario.Scenario
	Names    scenario.Names
	Pace     Pace
	Seed     uint64
	Now      func() time.Time // nil: time.Now
	// Patience is how long a call of one of two runs waits for the other run, in real time; 0: 30 seconds.
	Patience time.Duration
}

// Stage is the world of one scenario. It may be called by many at once.
type Stage struct {
	config Config
	server *front.Server

	mu         sync.Mutex
	names      scenario.Names
	happenings []scenario.Happening // that are still to come
	faults     []count
	happened   []Happened
	before     state         // of the service, when the command may begin
	began      time.Time     // virtual time at which the command may begin
	deployed   time.Time     // virtual time of the command's first deployment; zero: none yet
	called     time.Time     // real time of the last call's end
	runs       []*run        // of the command: one or two
	progressed chan struct{} // closed when a run has got further
	apart      bool          // one of two runs waited for the other in vain
	ended      bool          // End was called
	broken     error         // of the scenario itself
}

// New makes the world, and sets the scene. The error is that of the scenario.
func New(config Config) (*Stage, error) {
	if config.Now == nil {
		config.Now = time.Now
	}
	config.Patience = cmp.Or(config.Patience, 30*time.Second)
	server, err := front.New(front.Config{Seed: cmp.Or(config.Seed, 1), Region: config.Names.Region, Manual: true,
		Now: func() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }})
	if err != nil {
		return nil, err
	}
	s := &Stage{config: config, server: server, names: config.Names,
		faults: make([]count, len(config.Scenario.Faults)), progressed: make(chan struct{})}
	for range config.Scenario.Runs() {
		s.runs = append(s.runs, &run{})
	}
	if err := server.World(s.set); err != nil {
		return nil, err
	}
	if s.names, err = config.Scenario.Hand(s.names); err != nil {
		return nil, err
	}
	s.happenings, err = config.Scenario.After(s.names)
	s.called = config.Now()
	return s, err
}

// Names returns the names with the ARNs of this world.
func (s *Stage) Names() scenario.Names { return s.names }

// set builds the load balancer, and runs the scenario's first script.
func (s *Stage) set(w *sim.World) error {
	if err := w.Do(s.balance); err != nil {
		return fmt.Errorf("stage: %w", err)
	}
	script, err := s.config.Scenario.Before(s.names)
	if err != nil {
		return err
	}
	text, err := script.Run(w)
	if err == nil {
		err = refusal(text)
	}
	if err != nil {
		return fmt.Errorf("scenario %s: before: %w", s.config.Scenario.Name, err)
	}
	w.Advance(time.Second) // what set the scene is not of the command's time
	s.began = w.Now()
	s.before, err = s.shown(w.Plane())
	return err
}

// refusal returns the first request of a script that the plane refused.
func refusal(timeline string) error {
	for line := range strings.Lines(timeline) {
		if words := strings.Fields(line); len(words) > 1 && words[1] == "refused" {
			return fmt.Errorf("refused: %s", strings.Join(words[2:], " "))
		}
	}
	return nil
}

// balance makes a load balancer with a listener and a rule, which forward to the first of two target groups; the rule
// knows both.
func (s *Stage) balance(p *control.Plane, now time.Time) error {
	arn := func(name string) string {
		return "arn:aws:elasticloadbalancing:" + s.names.Region + ":123456789012:targetgroup/" + name +
			"/0123456789abcdef"
	}
	s.names.TargetGroup, s.names.AlternateTargetGroup = arn("blue"), arn("green")
	for _, group := range []string{s.names.TargetGroup, s.names.AlternateTargetGroup} {
		if err := p.PutTargetGroup(now, loadbalance.TargetGroup{TargetGroupArn: group,
			DeregistrationDelaySeconds: ecs.Some(30)}); err != nil {
			return err
		}
	}
	balancers := p.LoadBalancers()
	balancer, err := balancers.CreateLoadBalancer(now, elbv2.CreateLoadBalancerInput{Name: "drill",
		Subnets: []string{"subnet-00000001", "subnet-00000002"}})
	if err != nil {
		return err
	}
	forward := []elbv2.Action{{Type: "forward", TargetGroupArn: s.names.TargetGroup}}
	both := []elbv2.Action{{Type: "forward", ForwardConfig: &elbv2.ForwardConfig{TargetGroups: []elbv2.TargetGroupTuple{
		{TargetGroupArn: s.names.TargetGroup, Weight: ecs.Some(100)},
		{TargetGroupArn: s.names.AlternateTargetGroup, Weight: ecs.Some(0)}}}}}
	listener, err := balancers.CreateListener(now, elbv2.CreateListenerInput{
		LoadBalancerArn:  balancer.LoadBalancers[0].LoadBalancerArn,
		ListenerSettings: elbv2.ListenerSettings{Protocol: "HTTP", Port: ecs.Some(80), DefaultActions: forward}})
	if err != nil {
		return err
	}
	s.names.Listener = listener.Listeners[0].ListenerArn
	rule, err := balancers.CreateRule(now, elbv2.CreateRuleInput{ListenerArn: s.names.Listener,
		Priority: ecs.Some(10), Actions: both,
		Conditions: []elbv2.RuleCondition{{Field: "path-pattern", Values: []string{"/*"}}}})
	if err == nil {
		s.names.Rule = rule.Rules[0].RuleArn
	}
	return err
}
