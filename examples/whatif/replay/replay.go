package replay

import (
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/autoscale/cloudwatch"
)

// Answer is the result of a replay.
type Answer struct {
	Name    string
	Load    cloudwatch.Series
	Bounds  autoscale.Bounds
	Summary autoscale.ReplaySummary
	Cost    autoscale.ReplayCost
	Columns []string
	Periods []autoscale.ReplayPeriod
	below   []bool // of each policy: its one alarm is on while the metric is low
}

// Ask replays the load under the policies, and returns what would have run and what it would have cost.
func Ask(q Question, load cloudwatch.Series) (a Answer, err error) {
	a.Name = q.name()
	r := autoscale.Replay{Bounds: q.Bounds, Desired: q.Desired, PerTask: q.PerTask,
		StartupTime: time.Duration(q.StartupTime) * time.Second}
	if r.Policies, a.below, err = q.policies(); err != nil {
		return a, err
	}
	if a.Summary, err = r.Run(load); err != nil {
		return a, err
	}
	if a.Cost, err = a.Summary.Cost(q.Prices, autoscale.FargateUsage{CPU: q.Task.CPU,
		Memory: q.Task.Memory}); err != nil {
		return a, err
	}
	periods, err := r.Periods(load)
	if err != nil {
		return a, err
	}
	for p := range periods {
		a.Periods = append(a.Periods, p)
	}
	a.Load, a.Bounds, a.Columns = load, a.Summary.Bounds, r.Columns()
	return a, nil
}

// name is what the question is called: by its own name, or by those of its policies.
func (q Question) name() string {
	if q.Name != "" || len(q.Policies) == 0 {
		return cmp.Or(q.Name, "no policy")
	}
	names := make([]string, len(q.Policies))
	for i, p := range q.Policies {
		names[i] = p.PolicyName
	}
	return strings.Join(names, " + ")
}

// policies compiles the policies, each with the metric that it reads, and says which act on a low one.
func (q Question) policies() (list []autoscale.ReplayPolicy, below []bool, err error) {
	alarms := q.Alarms
	for i, in := range q.Policies {
		if err := in.Validate(); err != nil {
			return nil, nil, fmt.Errorf("policies: Policies[%d]: %w", i, err)
		}
		if p, ok := in.TargetTracking(); ok {
			metric := ""
			if m := in.TargetTrackingScalingPolicyConfiguration.PredefinedMetricSpecification; m != nil {
				metric = m.PredefinedMetricType
			}
			list = append(list, autoscale.ReplayPolicy{Policy: p, Metric: q.metric(metric)})
			below = append(below, false)
			continue
		}
		if len(alarms) == 0 {
			return nil, nil, fmt.Errorf("policies: Policies[%d]: there is no alarm that invokes %q", i, in.PolicyName)
		}
		p, ok := in.StepScaling(alarms[0])
		if !ok {
			return nil, nil, fmt.Errorf("policies: Policies[%d]: a replay takes no %s", i, in.PolicyType)
		}
		list = append(list, autoscale.ReplayPolicy{Policy: p, Metric: q.metric(alarms[0].MetricName)})
		below = append(below, strings.HasPrefix(string(alarms[0].ComparisonOperator), "LessThan"))
		alarms = alarms[1:]
	}
	return list, below, nil
}

// metric returns how a metric follows from the load: utilization is the load in percent of what the
// tasks carry, requests per target are the load of one task, and any other metric is the load.
func (q Question) metric(name string) func(load cloudwatch.Datapoint, running int) cloudwatch.Datapoint {
	return func(load cloudwatch.Datapoint, running int) cloudwatch.Datapoint {
		per := cloudwatch.RequestCountPerTarget(load.Value, running)
		switch name {
		case autoscale.ALBRequestCountPerTarget, "RequestCountPerTarget":
		case autoscale.ECSServiceAverageCPUUtilization, autoscale.ECSServiceAverageMemoryUtilization,
			"CPUUtilization", "MemoryUtilization":
			per.Value = per.Value / q.PerTask * 100
		default:
			return load
		}
		per.Missing = per.Missing || load.Missing
		return per
	}
}

// CSV writes a line for each period of each answer: the columns of autoscale.ReplayPeriod, and what the tasks have
// cost by the end of the period; of several answers, their name comes first.
func CSV(w io.Writer, answers ...Answer) error {
	c := csv.NewWriter(w)
	var errs []error
	put := func(a Answer, name string, row []string, cost string) {
		if row = append(row, cost); len(answers) > 1 {
			row = append([]string{name}, row...)
		}
		errs = append(errs, c.Write(row))
	}
	for i, a := range answers {
		if i == 0 {
			put(a, "policies", a.Columns, "cost")
		}
		for k, cost := range a.costs() {
			put(a, a.Name, a.Periods[k].Row(), strconv.FormatFloat(cost, 'f', 4, 64))
		}
	}
	c.Flush()
	return errors.Join(append(errs, c.Error())...)
}

// costs returns for each period what the tasks cost until its end.
func (a Answer) costs() []float64 {
	hours, sum := float64(max(a.Load.Period, 1))/3600, 0.0
	list := make([]float64, len(a.Periods))
	for i, p := range a.Periods {
		sum += float64(float64(p.Running) * hours * a.Cost.PerTaskHour)
		list[i] = sum
	}
	return list
}
