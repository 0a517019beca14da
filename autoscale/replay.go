package autoscale

import (
	"fmt"
	"iter"
	"math"
	"time"

	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
)

// Replay runs policies over a recorded load and returns what they would have done. In each period of the
// load, the metric is computed from the load and the running tasks, every policy decides, and the
// combined decision is carried out. New tasks run after StartupTime. Superfluous tasks stop at once,
// those that do not run yet first.
type Replay struct {
	Bounds      Bounds
	Policies    []ReplayPolicy
	Schedules   []ReplaySchedule
	Desired     int           // tasks running at the start; brought into the bounds, as by registering
	StartupTime time.Duration // from the decision to RUNNING
	PerTask     float64       // load that one task carries at full use, for the summary; positive
}

// ReplayPolicy is a policy and where its metric comes from.
type ReplayPolicy struct {
	Policy Policy
	// Metric returns the datapoint of a period from its load (missing where the recording
	// is) and the tasks running. nil: the policy reads Series instead.
	Metric func(load cloudwatch.Datapoint, running int) cloudwatch.Datapoint
	// Series returns what the policy reads at now, given the load recorded so far; a
	// predictive policy's forecast, for one.
	Series func(now time.Time, load cloudwatch.Series) cloudwatch.Series
}

// ReplaySchedule is a scheduled action with its compiled schedule.
type ReplaySchedule struct {
	Action   ScheduledAction
	Schedule Schedule
}

// ReplaySummary is the result of a replay. The load of a period needs load ÷ PerTask tasks, rounded up.
type ReplaySummary struct {
	Decisions   []Decision // those that changed the desired count or the bounds, in order
	Periods     int        // of the load
	Missing     int        // of them without data
	ScaleOuts   int
	ScaleIns    int
	UnderTarget time.Duration // for how long fewer tasks ran than the load needed
	TaskHours   float64       // of running tasks
	UnderHours  float64       // task-hours that were missing in that time
	OverHours   float64       // task-hours beyond what the load needed
	Most        int           // tasks running at once
	Least       int
	Bounds      Bounds // at the end
}

// Validate returns nil, or an InvalidParameterException for each fault.
func (r Replay) Validate() error {
	var f check.Faults
	if r.Bounds.MinCapacity < 0 || r.Bounds.MinCapacity > r.Bounds.MaxCapacity {
		f.Refuse("Bounds.MinCapacity", "Maximum capacity cannot be less than minimum capacity, got %d and %d.",
			r.Bounds.MaxCapacity, r.Bounds.MinCapacity)
	}
	if !(r.PerTask > 0) || !check.IsFinite(r.PerTask) {
		f.Refuse("PerTask", "PerTask must be positive, got %v.", r.PerTask)
	}
	if r.Desired < 0 {
		f.Refuse("Desired", "Desired must not be negative, got %d.", r.Desired)
	}
	if r.StartupTime < 0 {
		f.Refuse("StartupTime", "StartupTime must not be negative, got %v.", r.StartupTime)
	}
	for i, p := range r.Policies {
		path := check.Index("Policies", i)
		if p.Policy == nil || (p.Metric == nil) == (p.Series == nil) {
			f.Refuse(path, "A policy and exactly one of Metric and Series are required.")
			continue
		}
		if v, ok := p.Policy.(interface{ Validate() error }); ok {
			nest(&f, path+".Policy", v.Validate())
		}
	}
	for i, x := range r.Schedules {
		path := check.Index("Schedules", i)
		if x.Schedule.source == "" {
			f.Refuse(path+".Schedule", "A schedule from ParseSchedule is required.")
		}
		var g check.Faults
		x.Action.ScalableTargetAction.validate(&g)
		f.Nest(path+".Action", g.Pairs())
	}
	return ecs.Faults(ecs.InvalidParameterException, f.Pairs())
}

// Run replays the load and returns the summary; the same arguments give the same summary. Errors are
// those of Validate and of the load's Validate. Time is linear in periods × policies.
func (r Replay) Run(load cloudwatch.Series) (ReplaySummary, error) {
	if err := r.check(load); err != nil {
		return ReplaySummary{}, err
	}
	s := newReplayState(r, load)
	for i := range load.Datapoints {
		s.latest = s.latest[:0]
		s.period(i)
	}
	s.summary.Bounds = s.bounds
	return s.summary, nil
}

// Decisions replays the load and returns the decisions at the end of every period, in order. A decision
// that changed nothing is included, and says what held it back. A period's schedules come before its
// policies. Errors are Run's.
func (r Replay) Decisions(load cloudwatch.Series) (iter.Seq[Decision], error) {
	if err := r.check(load); err != nil {
		return nil, err
	}
	return func(yield func(Decision) bool) {
		s := newReplayState(r, load)
		for i := range load.Datapoints {
			s.latest = s.latest[:0]
			s.period(i)
			for _, d := range s.latest {
				if !yield(d) {
					return
				}
			}
		}
	}, nil
}

func (r Replay) check(load cloudwatch.Series) error {
	var f check.Faults
	nest(&f, "", r.Validate())
	nest(&f, "load", load.Validate())
	return ecs.Faults(ecs.InvalidParameterException, f.Pairs())
}

// replayState is a replay under way.
type replayState struct {
	replay    Replay
	load      cloudwatch.Series
	metrics   []cloudwatch.Series
	memories  []Memory
	decisions []Decision  // of the policies
	latest    []Decision  // of the target, in this period
	due       []time.Time // of the schedules; zero: never again
	bounds    Bounds
	desired   int
	running   int
	measured  int // running in the period that was lived through last
	starting  []starting
	summary   ReplaySummary
}

// starting is a number of tasks that will run from a time on.
type starting struct {
	count int
	at    ecs.Instant
}

func newReplayState(r Replay, load cloudwatch.Series) *replayState {
	s := &replayState{
		replay: r, load: load, bounds: r.Bounds, desired: r.Desired, running: r.Desired,
		metrics: make([]cloudwatch.Series, len(r.Policies)), memories: make([]Memory, len(r.Policies)),
		decisions: make([]Decision, len(r.Policies)),
	}
	if len(load.Datapoints) > 0 {
		s.summary.Least = math.MaxInt
	}
	for i := range s.metrics {
		s.metrics[i] = cloudwatch.Series{Start: load.Start, Period: load.Period,
			Datapoints: make([]cloudwatch.Datapoint, 0, len(load.Datapoints))}
	}
	for _, x := range r.Schedules {
		t, ok := x.Action.Next(load.Start.Time().Add(-time.Nanosecond), x.Schedule)
		if !ok {
			t = time.Time{}
		}
		s.due = append(s.due, t)
	}
	if d := r.Bounds.Pull(load.Start.Time(), s.capacity()); d.Changes() {
		s.summary.Decisions = append(s.summary.Decisions, d)
		s.carryOut(d, load.Start)
	}
	return s
}

// period lives through period i: tasks become RUNNING, the period's metric is measured, and
// at its end schedules and policies decide.
func (s *replayState) period(i int) {
	begin := s.load.Start.Add(time.Duration(i) * s.load.Interval())
	end := begin.Add(s.load.Interval())
	s.start(begin)
	s.measured = s.running
	point := s.load.At(i)
	s.account(point)
	for k, p := range s.replay.Policies {
		if p.Metric != nil {
			s.metrics[k].Datapoints = append(s.metrics[k].Datapoints, p.Metric(point, s.running))
		}
	}
	s.schedules(end)
	s.decide(end, i+1)
}

func (s *replayState) start(now ecs.Instant) {
	for len(s.starting) > 0 && s.starting[0].at <= now {
		s.running += s.starting[0].count
		s.starting = s.starting[1:]
	}
}

func (s *replayState) account(p cloudwatch.Datapoint) {
	out := &s.summary
	hours := s.load.Interval().Hours()
	out.Periods++
	out.TaskHours += float64(float64(s.running) * hours)
	out.Most, out.Least = max(out.Most, s.running), min(out.Least, s.running)
	if p.Missing {
		out.Missing++
		return
	}
	needed := Proportional(1, p.Value, s.replay.PerTask)
	if needed > s.running {
		out.UnderTarget += s.load.Interval()
		out.UnderHours += float64(float64(needed-s.running) * hours)
	} else {
		out.OverHours += float64(float64(s.running-needed) * hours)
	}
}

func (s *replayState) schedules(now ecs.Instant) {
	for k, x := range s.replay.Schedules {
		for !s.due[k].IsZero() && ecs.At(s.due[k]) <= now {
			bounds, d, err := x.Action.Apply(s.due[k], s.bounds, s.capacity())
			if err == nil {
				if bounds != s.bounds || d.Changes() {
					s.summary.Decisions = append(s.summary.Decisions, d)
				}
				s.bounds = bounds
				s.latest = append(s.latest, d)
				s.carryOut(d, now)
			}
			next, ok := x.Action.Next(s.due[k], x.Schedule)
			if !ok {
				next = time.Time{}
			}
			s.due[k] = next
		}
	}
}

func (s *replayState) capacity() Capacity { return Capacity{Desired: s.desired, Running: s.running} }

func (s *replayState) decide(now ecs.Instant, recorded int) {
	c := s.capacity()
	at := now.Time()
	for k := range s.replay.Policies {
		p := &s.replay.Policies[k]
		m := s.metrics[k]
		if p.Series != nil {
			m = p.Series(at, cloudwatch.Series{Start: s.load.Start, Period: s.load.Period,
				Datapoints: s.load.Datapoints[:recorded]})
		}
		d, mem := p.Policy.Decide(s.memories[k], at, c, m)
		s.decisions[k] = d
		s.memories[k] = mem
	}
	d := Combine(s.bounds, c, s.decisions...)
	for k := range s.memories {
		s.memories[k].took(&d)
	}
	if d.MaxCapacity > 0 {
		s.bounds.MaxCapacity = d.MaxCapacity
	}
	if d.Changes() || d.MaxCapacity > 0 {
		s.summary.Decisions = append(s.summary.Decisions, d)
	}
	s.latest = append(s.latest, d)
	s.carryOut(d, now)
}

func (s *replayState) carryOut(d Decision, now ecs.Instant) {
	s.desired = d.New
	pending := 0
	for _, x := range s.starting {
		pending += x.count
	}
	switch add := s.desired - s.running - pending; {
	case add > 0:
		s.starting = append(s.starting, starting{count: add, at: now.Add(s.replay.StartupTime)})
	case add < 0:
		s.stop(-add)
	}
	if d.New > d.Old {
		s.summary.ScaleOuts++
	} else if d.New < d.Old {
		s.summary.ScaleIns++
	}
}

func (s *replayState) stop(n int) {
	for n > 0 && len(s.starting) > 0 {
		last := len(s.starting) - 1
		k := min(n, s.starting[last].count)
		s.starting[last].count -= k
		n -= k
		if s.starting[last].count == 0 {
			s.starting = s.starting[:last]
		}
	}
	s.running -= min(n, s.running)
}

// String returns the summary in lines.
func (s ReplaySummary) String() string {
	return fmt.Sprintf(
		"periods %d (%d without data), decisions %d: %d out, %d in\ntasks %d to %d, task-hours %.1f\nunder target for "+
			"%.6g minutes, %.1f task-hours missing, %.1f too many\n",
		s.Periods, s.Missing, len(s.Decisions), s.ScaleOuts, s.ScaleIns, s.Least, s.Most, s.TaskHours,
		s.UnderTarget.Minutes(), s.UnderHours, s.OverHours)
}
