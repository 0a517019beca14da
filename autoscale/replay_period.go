package autoscale

import (
	"iter"
	"strconv"
	"time"

	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
)

// ReplayPeriod is one period of a replay: what was measured in it, and what was decided at its end.
type ReplayPeriod struct {
	Start     ecs.Instant
	Load      cloudwatch.Datapoint
	Needed    int // tasks that the load needs; 0 where it is missing
	Running   int
	Desired   int           // before the decisions at the end
	Decisions []Decision    // at the end: of schedules, then the policies' together, also where nothing changes
	Policies  []PolicyState // in the order of Replay.Policies, at the end
}

// PolicyState is what a policy saw at the end of a period. Alarms that a policy does not have are "".
type PolicyState struct {
	Metric    cloudwatch.Datapoint // also missing for a policy that reads its own series
	High, Low cloudwatch.AlarmState
}

// Short returns how many tasks were missing.
func (p ReplayPeriod) Short() int { return max(0, p.Needed-p.Running) }

// Periods replays the load and returns each of its periods, in order. Errors are Run's.
func (r Replay) Periods(load cloudwatch.Series) (iter.Seq[ReplayPeriod], error) {
	if err := r.check(load); err != nil {
		return nil, err
	}
	return func(yield func(ReplayPeriod) bool) {
		s := newReplayState(r, load)
		for i, point := range load.Datapoints {
			s.latest = nil // the period keeps it
			p := ReplayPeriod{Start: load.Start.Add(time.Duration(i) * load.Interval()),
				Load: point, Desired: s.desired}
			s.period(i)
			p.Running, p.Decisions = s.measured, s.latest
			if !point.Missing {
				p.Needed = Proportional(1, point.Value, r.PerTask)
			}
			for k := range r.Policies {
				state := PolicyState{Metric: cloudwatch.Datapoint{Missing: true},
					High: s.memories[k].High, Low: s.memories[k].Low}
				if m := s.metrics[k].Datapoints; len(m) > i {
					state.Metric = m[i]
				}
				p.Policies = append(p.Policies, state)
			}
			if !yield(p) {
				return
			}
		}
	}, nil
}

// Columns returns the names of the columns of ReplayPeriod.Row: for each policy three.
func (r Replay) Columns() []string {
	names := []string{"time", "load", "needed", "running", "desired", "short",
		"next", "policy", "cause", "reason", "limit", "until"}
	for i := range r.Policies {
		n := strconv.Itoa(i + 1)
		names = append(names, "metric "+n, "high "+n, "low "+n)
	}
	return names
}

// Row returns the period as texts, one for each column: a time in RFC 3339, numbers in their shortest
// form, "" for what is missing. next is the desired count after the period, and the columns up to until
// are those of its last decision.
func (p ReplayPeriod) Row() []string {
	row := []string{p.Start.String(), cell(p.Load), strconv.Itoa(p.Needed), strconv.Itoa(p.Running),
		strconv.Itoa(p.Desired), strconv.Itoa(p.Short())}
	if p.Load.Missing {
		row[2], row[5] = "", ""
	}
	var d Decision
	next := p.Desired
	if n := len(p.Decisions); n > 0 {
		d = p.Decisions[n-1]
		next = d.New
	}
	until := ""
	if d.Until != 0 {
		until = d.Until.String()
	}
	row = append(row, strconv.Itoa(next), d.PolicyName, d.Cause, string(d.Reason), string(d.Limit), until)
	for _, s := range p.Policies {
		row = append(row, cell(s.Metric), string(s.High), string(s.Low))
	}
	return row
}

func cell(d cloudwatch.Datapoint) string {
	if d.Missing {
		return ""
	}
	return strconv.FormatFloat(d.Value, 'g', -1, 64)
}

// ReplayCost is what a replay's tasks cost, in the currency of the prices.
type ReplayCost struct {
	PerTaskHour float64 // one task for an hour
	Total       float64 // of every task that ran
	Unused      float64 // of them, of those beyond what the load needed
}

// Cost returns what the replay's tasks of the given size cost on Fargate; Count and Duration of the task
// are ignored. Cost prices task-hours: seconds are not rounded, and a task may cost less than a minute.
// Errors are those of PriceTable.Cost.
func (s ReplaySummary) Cost(prices PriceTable, task FargateUsage) (ReplayCost, error) {
	task.Count, task.Duration = 1, time.Hour
	b, err := prices.Cost(Usage{Fargate: []FargateUsage{task}})
	if err != nil {
		return ReplayCost{}, err
	}
	each := b.Total
	return ReplayCost{PerTaskHour: each, Total: float64(s.TaskHours * each), Unused: float64(s.OverHours * each)}, nil
}
