// Package alarms is the room of the control plane that stands for Amazon CloudWatch: what was measured, and
// the alarms that watch it.
//
// It knows no service and no deployment. Who acts on an alarm is told its name.
package alarms

import (
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/deadlines"
)

// Config is what a Room is told once.
type Config struct {
	Core  *core.Core
	Above Above
}

// Above is what the room needs from above it.
type Above interface {
	// Managed yields the alarms that scaling policies keep, with their states.
	Managed() iter.Seq[cloudwatch.Alarm]
	// Changed is called when an alarm has gone into a state.
	Changed(name string, state ecs.AlarmState)
	// Gone is called when an alarm has been deleted.
	Gone(name string)
	// Invoke is called when an alarm goes into a state in which it acts on a scaling policy: a request has set
	// the state, or an evaluation has found it. After an evaluation, a policy that is about to ask its alarms
	// by itself need not be asked.
	Invoke(policyARN string, set bool)
}

// How much is kept. Source: AWS General Reference, "Amazon CloudWatch endpoints and quotas", for alarms.
const (
	mostAlarms  = 5000
	mostHistory = 2000 // items of all alarms
)

// Room keeps metrics and alarms.
type Room struct {
	Config
	Metrics *cloudwatch.Metrics

	alarms  map[string]*Alarm
	acting  map[string][]*Alarm // those that name an action, by its ARN, in order of their names
	history []cloudwatch.AlarmHistoryItem
	kind    *deadlines.Kind
}

// Alarm is an alarm with its state.
type Alarm struct {
	Input        cloudwatch.PutMetricAlarmInput `json:"input"`
	Updated      ecs.Instant                    `json:"updated"`
	State        ecs.AlarmState                 `json:"state"`
	Reason       string                         `json:"reason"`
	ReasonData   string                         `json:"reasonData,omitzero"`
	StateUpdated ecs.Instant                    `json:"stateUpdated"`
	Transitioned ecs.Instant                    `json:"transitioned"`
	Wake         ecs.Instant                    `json:"wake,omitzero"`
}

// New returns a room without alarms, which is registered with the timers.
func New(config Config, timers *deadlines.Timers) *Room {
	r := &Room{Config: config, Metrics: cloudwatch.NewMetrics(), alarms: map[string]*Alarm{},
		acting: map[string][]*Alarm{}}
	r.kind = timers.Register(deadlines.Of("alarm", r.find, r.all(), func(a *Alarm) ecs.Instant { return a.Wake },
		r.evaluate))
	return r
}

func (r *Room) find(name string) (*Alarm, bool) {
	a, ok := r.alarms[name]
	return a, ok
}

// all yields the alarms in order of their names.
func (r *Room) all() iter.Seq2[string, *Alarm] {
	return func(yield func(string, *Alarm) bool) {
		for _, name := range slices.Sorted(maps.Keys(r.alarms)) {
			if !yield(name, r.alarms[name]) {
				return
			}
		}
	}
}

// Record publishes a measurement of AWS's own, in percent.
func (r *Room) Record(m cloudwatch.Metric, percent float64) {
	r.Metrics.Record(r.Core.Now(), m, r.Core.Now(), "Percent", percent)
}

// Latest is the average of a metric in the last full minute; false if nothing was measured.
func (r *Room) Latest(m cloudwatch.Metric) (float64, bool) {
	now := r.Core.Now()
	start := (now - now%ecs.Instant(time.Minute)).Add(-time.Minute)
	p := r.Metrics.Series(m, string(cloudwatch.StatisticAverage), "", start, 60, 1).Datapoints[0]
	return p.Value, !p.Missing
}

// State is the room's part of the plane's state.
type State struct {
	Metrics *cloudwatch.Metrics           `json:"metrics,omitzero"`
	Alarms  []*Alarm                      `json:"alarms,omitzero"` // in order of their names
	History []cloudwatch.AlarmHistoryItem `json:"history,omitzero"`
}

// State returns the room's state, nil where there is nothing in it.
func (r *Room) State() *State {
	s := &State{History: r.history}
	if !r.Metrics.Empty() {
		s.Metrics = r.Metrics
	}
	for _, a := range r.all() {
		s.Alarms = append(s.Alarms, a)
	}
	if s.Metrics == nil && s.Alarms == nil && s.History == nil {
		return nil
	}
	return s
}

// Restore fills the room with a state. The error names the first alarm that cannot be one.
func (r *Room) Restore(s *State) error {
	if s == nil {
		return nil
	}
	if s.Metrics != nil {
		r.Metrics = s.Metrics
	}
	r.history = s.History
	for _, a := range s.Alarms {
		name := a.Input.AlarmName
		if err := a.Input.Validate(); err != nil {
			return core.Fault(ecs.SerializationException, "alarms", "alarm %q: %v", name, err)
		}
		if r.alarms[name] != nil {
			return core.Fault(ecs.SerializationException, "alarms", "alarm %q is there twice", name)
		}
		r.alarms[name] = a
		r.index(a)
		if a.Wake != 0 {
			r.kind.Set(a.Wake, name)
		}
	}
	return nil
}

// index adds an alarm to those of each of its actions.
func (r *Room) index(a *Alarm) {
	for arn := range a.actions() {
		list := r.acting[arn]
		i, _ := slices.BinarySearchFunc(list, a.Input.AlarmName, byName)
		r.acting[arn] = slices.Insert(list, i, a)
	}
}

// unindex takes it from them.
func (r *Room) unindex(a *Alarm) {
	for arn := range a.actions() {
		list := slices.DeleteFunc(r.acting[arn], func(o *Alarm) bool { return o == a })
		if r.acting[arn] = list; len(list) == 0 {
			delete(r.acting, arn)
		}
	}
}

func byName(a *Alarm, name string) int {
	switch {
	case a.Input.AlarmName < name:
		return -1
	case a.Input.AlarmName > name:
		return 1
	}
	return 0
}

// actions yields the ARNs that an alarm names, each once.
func (a *Alarm) actions() iter.Seq[string] {
	all := slices.Concat(a.Input.OKActions, a.Input.AlarmActions, a.Input.InsufficientDataActions)
	slices.Sort(all)
	return slices.Values(slices.Compact(all))
}

// Check returns what contradicts itself in the room.
func (r *Room) Check() (faults []error) {
	bad := func(format string, args ...any) {
		faults = append(faults, core.Fault(ecs.ServerException, "alarms", format, args...))
	}
	named := 0
	for name, a := range r.all() {
		if a.Input.AlarmName != name {
			bad("alarm %q is kept as %q", a.Input.AlarmName, name)
		}
		if a.Wake == 0 {
			bad("alarm %q is never evaluated again", name)
		}
		for arn := range a.actions() {
			named++
			if !slices.Contains(r.acting[arn], a) {
				bad("alarm %q is not among those of %s", name, arn)
			}
		}
	}
	for _, list := range r.acting { //order:any counts
		named -= len(list)
	}
	if named != 0 {
		bad("%d alarms are kept under actions that they do not name", -named)
	}
	if len(r.history) > mostHistory {
		bad("%d items of history are kept, at most %d", len(r.history), mostHistory)
	}
	return faults
}
