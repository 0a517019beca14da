package hpa

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/examples/import/document"
)

// Question is a load, and what one task of the service is.
type Question struct {
	Load    cloudwatch.Series
	PerTask float64       // load that one task carries at full use
	Startup time.Duration // from a decision to a task that runs
	Prices  autoscale.PriceTable
	Task    autoscale.FargateUsage // its size
}

// Side is what came of one of the two.
type Side struct {
	Name    string
	Summary autoscale.ReplaySummary
	Cost    autoscale.ReplayCost
	Periods []autoscale.ReplayPeriod
}

// Comparison is what came of both.
type Comparison struct {
	Load  cloudwatch.Series
	Sides [2]Side // Kubernetes, ECS
}

// Compare replays a load under the scaling of a service, as ECS does it, and as the autoscaler of Kubernetes does
// from which it was imported: with the same bounds and target, and with the cooldowns as windows. The scaling
// must have a policy that tracks CPU or memory.
func Compare(s document.Scaling, q Question) (c Comparison, err error) {
	c.Load = q.Load
	i := slices.IndexFunc(s.Policies, func(p autoscale.PutScalingPolicyInput) bool {
		t := p.TargetTrackingScalingPolicyConfiguration
		return t != nil && t.PredefinedMetricSpecification != nil && t.PredefinedMetricSpecification.ResourceLabel == ""
	})
	if i < 0 {
		return c, errors.New("the service has no policy that tracks CPU or memory")
	}
	p := s.Policies[i]
	tracking, ok := p.TargetTracking()
	if !ok {
		return c, errors.New("the policy does not track a target")
	}
	t := p.TargetTrackingScalingPolicyConfiguration
	scaler := &Autoscaler{Min: s.Target.MinCapacity.Or(1), Max: s.Target.MaxCapacity.Or(1), Target: t.TargetValue.Or(0),
		Down: time.Duration(t.ScaleInCooldown.Or(300)) * time.Second,
		Up:   time.Duration(t.ScaleOutCooldown.Or(0)) * time.Second}
	bounds := autoscale.Bounds{MinCapacity: scaler.Min, MaxCapacity: scaler.Max}
	for k, x := range []struct {
		name   string
		policy autoscale.Policy
	}{{"HorizontalPodAutoscaler", scaler}, {"target tracking", tracking}} {
		r := autoscale.Replay{Bounds: bounds, Desired: scaler.Min, StartupTime: q.Startup, PerTask: q.PerTask,
			Policies: []autoscale.ReplayPolicy{{Policy: x.policy, Metric: q.utilization}}}
		if c.Sides[k], err = q.side(x.name, r); err != nil {
			return c, err
		}
	}
	return c, nil
}

// utilization is the load in percent of what the running tasks carry.
func (q Question) utilization(load cloudwatch.Datapoint, running int) cloudwatch.Datapoint {
	per := cloudwatch.RequestCountPerTarget(load.Value, running)
	per.Value = per.Value / q.PerTask * 100
	per.Missing = per.Missing || load.Missing
	return per
}

func (q Question) side(name string, r autoscale.Replay) (s Side, err error) {
	s.Name = name
	if s.Summary, err = r.Run(q.Load); err != nil {
		return s, err
	}
	if s.Cost, err = s.Summary.Cost(q.Prices, q.Task); err != nil {
		return s, err
	}
	periods, err := r.Periods(q.Load)
	if err != nil {
		return s, err
	}
	s.Periods = slices.Collect(periods)
	return s, nil
}

// Minutes returns a load whose periods are minutes, each with the value of the period that it is part of. Load of a
// longer period is taken as the same in each of its minutes. A load in minutes, or in less, stays as it is.
func Minutes(s cloudwatch.Series) cloudwatch.Series {
	n := s.Period / 60
	if n < 2 || s.Period%60 != 0 {
		return s
	}
	out := cloudwatch.Series{Start: s.Start, Period: 60}
	for _, d := range s.Datapoints {
		for range n {
			out.Datapoints = append(out.Datapoints, d)
		}
	}
	return out
}

// Text writes the two as a table.
func (c Comparison) Text(w io.Writer) error {
	rows := []struct {
		name  string
		value func(s Side) string
	}{
		{"scale-outs, scale-ins", func(s Side) string {
			return fmt.Sprintf("%d, %d", s.Summary.ScaleOuts,
				s.Summary.ScaleIns)
		}},
		{"tasks, least and most", func(s Side) string {
			return fmt.Sprintf("%d, %d", s.Summary.Least,
				s.Summary.Most)
		}},
		{"task-hours", func(s Side) string { return fmt.Sprintf("%.1f", s.Summary.TaskHours) }},
		{"minutes with too few tasks", func(s Side) string {
			return fmt.Sprintf("%.0f",
				s.Summary.UnderTarget.Minutes())
		}},
		{"task-hours missing", func(s Side) string { return fmt.Sprintf("%.1f", s.Summary.UnderHours) }},
		{"task-hours too many", func(s Side) string { return fmt.Sprintf("%.1f", s.Summary.OverHours) }},
		{"cost", func(s Side) string { return fmt.Sprintf("%.2f", s.Cost.Total) }},
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%-28s %24s %24s\n", "", c.Sides[0].Name, c.Sides[1].Name)
	for _, r := range rows {
		fmt.Fprintf(&b, "%-28s %24s %24s\n", r.name, r.value(c.Sides[0]), r.value(c.Sides[1]))
	}
	_, err := io.WriteString(w, b.String())
	return err
}
