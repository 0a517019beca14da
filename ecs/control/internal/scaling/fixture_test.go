package scaling

import (
	"encoding/json"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/alarms"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/deadlines"
	"github.com/bayplan/bayplan/ecs/control/internal/outbox"
	"github.com/bayplan/bayplan/ecs/message"
)

// web is a service of which one task runs, whatever is desired; of a quick one, what is desired.
type web struct {
	name     string
	desired  int
	quick    bool
	inactive bool
	daemon   bool
	target   *Target
}

func (s *web) ClusterName() string { return "default" }
func (s *web) Name() string        { return s.name }
func (s *web) Arn() string         { return "arn:aws:ecs:us-east-1:123456789012:service/default/" + s.name }
func (s *web) Active() bool        { return !s.inactive }
func (s *web) Shown() ecs.Service {
	shown := ecs.Service{ServiceName: s.name, SchedulingStrategy: ecs.SchedulingStrategyReplica}
	if s.daemon {
		shown.SchedulingStrategy = ecs.SchedulingStrategyDaemon
	}
	return shown
}
func (s *web) Capacity() autoscale.Capacity {
	if s.quick {
		return autoscale.Capacity{Desired: s.desired, Running: s.desired}
	}
	return autoscale.Capacity{Desired: s.desired, Running: 1}
}
func (s *web) SetDesired(n int)    { s.desired = n }
func (s *web) Own() *Target        { return s.target }
func (s *web) SetTarget(t *Target) { s.target = t }

// Target returns a copy: what the room changes without Own is lost, and its test fails.
func (s *web) Target() (c *Target) {
	text, err := json.Marshal(s.target)
	if err == nil {
		err = json.Unmarshal(text, &c)
	}
	if err != nil {
		panic(err)
	}
	return c
}

// world is the room with its floor, and a clock that the test moves.
type world struct {
	position core.Position
	counters outbox.Counters
	timers   deadlines.Timers
	core     *core.Core
	box      *outbox.Outbox
	room     *Room
	services []*web
	states   []string // of which alarms the room has told those above
}

func (w *world) Find(cluster, service string) (Service, bool) {
	i := slices.IndexFunc(w.services, func(s *web) bool { return cluster == "default" && s.name == service })
	if i < 0 {
		return nil, false
	}
	return w.services[i], true
}

func (w *world) ByArn(arn string) (Service, bool) {
	i := slices.IndexFunc(w.services, func(s *web) bool { return s.Arn() == arn })
	if i < 0 {
		return nil, false
	}
	return w.services[i], true
}

func (w *world) All() iter.Seq[Service] {
	return func(yield func(Service) bool) {
		for _, s := range w.services {
			if !yield(s) {
				return
			}
		}
	}
}

// start is the first instant of a world: half past a minute.
var start = time.Date(2026, 1, 1, 0, 0, 30, 0, time.UTC)

// newWorld returns a world with the services "web" and "api", of one task each.
func newWorld(change ...func(*Config)) *world {
	w := &world{services: []*web{{name: "web", desired: 1}, {name: "api", desired: 1}}}
	w.position.Now = ecs.At(start)
	w.core = core.New(core.Config{Seed: 1, Partition: "aws", Region: "us-east-1", Account: "123456789012"}, &w.position)
	retry := message.Retry{Base: time.Second, Max: time.Minute, Resend: time.Hour}
	w.box = outbox.New(outbox.Config{Seed: 1, Retry: retry, Now: w.core.Now, Counters: &w.counters}, &w.timers)
	config := Config{Core: w.core, Outbox: w.box, Services: w, TasksPerService: 5000,
		Alarms: alarms.New(alarms.Config{Core: w.core, Above: above{w}}, &w.timers)}
	for _, f := range change {
		f(&config)
	}
	w.room = New(config, &w.timers)
	return w
}

// above is what is above the alarms: the room, and no deployments.
type above struct{ *world }

func (a above) Managed() iter.Seq[cloudwatch.Alarm]   { return a.room.Managed() }
func (a above) Changed(name string, _ ecs.AlarmState) { a.states = append(a.states, name) }
func (a above) Gone(name string)                      { a.states = append(a.states, "gone: "+name) }
func (a above) Invoke(policyARN string, set bool)     { a.room.Invoke(policyARN, set) }

// until serves every deadline up to the time. It panics if that takes more than any test needs.
func (w *world) until(at time.Time) {
	served := 0
	for next, ok := w.timers.Next(); ok && next <= ecs.At(at); next, ok = w.timers.Next() {
		if served++; served > 10_000 {
			panic("the room does not come to rest")
		}
		w.position.Now = max(w.position.Now, next)
		w.timers.Serve(w.position.Now)
		w.timers.DropStale()
	}
	w.position.Now = ecs.At(at)
}

const dimension = "ecs:service:DesiredCount"

// scalable registers a service to scale from low to high.
func (w *world) scalable(t *testing.T, name string, low, high int) {
	t.Helper()
	_, err := w.room.RegisterScalableTarget(autoscale.RegisterScalableTargetInput{ServiceNamespace: "ecs",
		ResourceID:        "service/default/" + name,
		ScalableDimension: dimension, MinCapacity: ecs.Some(low), MaxCapacity: ecs.Some(high)})
	require.NoError(t, err)
}

// tracking is a policy that holds the CPU of web at 50 %.
func tracking(name string) autoscale.PutScalingPolicyInput {
	return autoscale.PutScalingPolicyInput{PolicyName: name, ServiceNamespace: "ecs", ResourceID: "service/default/web",
		ScalableDimension: dimension, PolicyType: autoscale.PolicyTypeTargetTrackingScaling,
		TargetTrackingScalingPolicyConfiguration: &autoscale.TargetTrackingScalingPolicyConfiguration{
			TargetValue: ecs.Some(50.0),
			PredefinedMetricSpecification: &autoscale.PredefinedMetricSpecification{
				PredefinedMetricType: autoscale.ECSServiceAverageCPUUtilization}}}
}

// steps is a policy that adds two tasks when an alarm invokes it.
func steps(name string) autoscale.PutScalingPolicyInput {
	return autoscale.PutScalingPolicyInput{PolicyName: name, ServiceNamespace: "ecs", ResourceID: "service/default/web",
		ScalableDimension: dimension, PolicyType: autoscale.PolicyTypeStepScaling,
		StepScalingPolicyConfiguration: &autoscale.StepScalingPolicyConfiguration{
			AdjustmentType: autoscale.AdjustmentTypeChangeInCapacity,
			StepAdjustments: []autoscale.StepAdjustment{{MetricIntervalLowerBound: ecs.Some(0.0),
				ScalingAdjustment: 2}}}}
}
