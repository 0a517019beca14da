package replay

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/autoscale/cloudwatch"
)

// Answer is the result of a replay.
type Answer struct {
	Load    cloudwatch.Series
	Bounds  autoscale.Bounds
	Summary autoscale.ReplaySummary
	Cost    autoscale.ReplayCost
	Columns []string
	Periods []autoscale.ReplayPeriod
}

// Ask replays the load under the policies, and returns what would have run and what it would have cost.
func Ask(q Question, load cloudwatch.Series) (a Answer, err error) {
	r := autoscale.Replay{Bounds: q.Bounds, Desired: q.Desired, PerTask: q.PerTask,
		StartupTime: time.Duration(q.StartupTime) * time.Second}
	if r.Policies, err = q.policies(); err != nil {
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

// policies compiles the policies, each with the metric that it reads.
func (q Question) policies() (list []autoscale.ReplayPolicy, err error) {
	alarms := q.Alarms
	for i, in := range q.Policies {
		if err := in.Validate(); err != nil {
			return nil, fmt.Errorf("policies: Policies[%d]: %w", i, err)
		}
		if p, ok := in.TargetTracking(); ok {
			metric := ""
			if m := in.TargetTrackingScalingPolicyConfiguration.PredefinedMetricSpecification; m != nil {
				metric = m.PredefinedMetricType
			}
			list = append(list, autoscale.ReplayPolicy{Policy: p, Metric: q.metric(metric)})
			continue
		}
		if len(alarms) == 0 {
			return nil, fmt.Errorf("policies: Policies[%d]: there is no alarm that invokes %q", i, in.PolicyName)
		}
		p, ok := in.StepScaling(alarms[0])
		if !ok {
			return nil, fmt.Errorf("policies: Policies[%d]: a replay takes no %s", i, in.PolicyType)
		}
		list = append(list, autoscale.ReplayPolicy{Policy: p, Metric: q.metric(alarms[0].MetricName)})
		alarms = alarms[1:]
	}
	return list, nil
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

// Text writes the summary, its cost and each decision that changed something.
func (a Answer) Text(w io.Writer) error {
	_, err := fmt.Fprintf(w, "%scost %.2f, of it unused %.2f (a task costs %.4f an hour)\n\n",
		a.Summary, a.Cost.Total, a.Cost.Unused, a.Cost.PerTaskHour)
	for _, d := range a.Summary.Decisions {
		if err == nil {
			_, err = fmt.Fprintf(w, "%s  %s\n", d.At, d)
		}
	}
	return err
}

// CSV writes a line for each period: the columns of autoscale.ReplayPeriod, and what the tasks have cost
// by the end of the period.
func (a Answer) CSV(w io.Writer) error {
	c := csv.NewWriter(w)
	err := c.Write(append(a.Columns, "cost"))
	for i, cost := range a.costs() {
		if err == nil {
			err = c.Write(append(a.Periods[i].Row(), strconv.FormatFloat(cost, 'f', 4, 64)))
		}
	}
	c.Flush()
	if err == nil {
		err = c.Error()
	}
	return err
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
