package scaling

import (
	"cmp"
	"slices"
	"time"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/internal/check"
)

// kept is how long samples of a metric are kept for alarms to look back at.
const kept = 3 * time.Hour

// Metric is what has been measured of one metric, for as long as it is kept.
type Metric struct {
	Name    string              `json:"name"`
	Samples []cloudwatch.Sample `json:"samples,omitzero"`
}

// Sample keeps a datapoint for the policies that read it; false if it says nothing new.
func (r *Room) Sample(e message.MetricSample) bool {
	if !check.IsFinite(e.Value) {
		return false // it is not a measurement
	}
	c, ok := r.target(e.Cluster, e.Service)
	if !ok {
		return false
	}
	now := r.Core.Now()
	return c.keep(e.Metric, cloudwatch.Sample{At: cmp.Or(e.At, now), Value: e.Value}, now.Add(-kept))
}

// target finds a scalable target by the names of its cluster and service.
func (r *Room) target(cluster, service string) (*Target, bool) {
	s, ok := r.Services.Find(cluster, service)
	if !ok || s.Target() == nil {
		return nil, false
	}
	return s.Target(), true
}

// keep adds a sample to a metric, in place of another of its time; false if it is too old or known.
func (c *Target) keep(name string, sample cloudwatch.Sample, oldest ecs.Instant) bool {
	if sample.At < oldest {
		return false
	}
	i := slices.IndexFunc(c.Metrics, func(m Metric) bool { return m.Name == name })
	if i < 0 {
		c.Metrics = append(c.Metrics, Metric{Name: name})
		i = len(c.Metrics) - 1
	}
	m := &c.Metrics[i]
	if slices.Contains(m.Samples, sample) {
		return false
	}
	m.Samples = slices.DeleteFunc(m.Samples, func(o cloudwatch.Sample) bool {
		return o.At < oldest || o.At == sample.At
	})
	m.Samples = append(m.Samples, sample)
	return true
}

// newest returns the time of a metric's last sample, or the time given if that is later.
func (c *Target) newest(name string, since ecs.Instant) ecs.Instant {
	for _, m := range c.Metrics {
		for _, o := range m.Samples {
			if m.Name == name {
				since = max(since, o.At)
			}
		}
	}
	return since
}

// reads lists what the policies and alarms of a target read, each metric once.
func (c *Target) reads() (all []message.GetMetric) {
	add := func(m message.GetMetric) {
		if m.Metric != "" && !slices.ContainsFunc(all, func(o message.GetMetric) bool { return o.Metric == m.Metric }) {
			all = append(all, m)
		}
	}
	for _, o := range c.Policies {
		if t := o.Input.TargetTrackingScalingPolicyConfiguration; t != nil {
			tracking, _ := o.Input.TargetTracking()
			add(message.GetMetric{Metric: metricName(o.Input), Predefined: t.PredefinedMetricSpecification,
				Customized: t.CustomizedMetricSpecification, Period: cmp.Or(tracking.Period, 60)})
		}
	}
	for _, a := range c.Alarms {
		add(message.GetMetric{Metric: a.Alarm.MetricName, Period: 60})
	}
	return all
}

// pull asks for what has been measured since the last datapoint. A request that has no answer yet is
// superseded.
func (r *Room) pull(s Service) {
	if !r.PullMetrics {
		return
	}
	c, now := s.Target(), r.Core.Now()
	for _, m := range c.reads() {
		m.ID = r.Outbox.Key("GetMetric", c.Target.ResourceID+"/"+m.Metric)
		m.Cluster, m.Service = s.ClusterName(), s.Name()
		m.From, m.To = c.newest(m.Metric, now.Add(-kept))+1, now
		r.Outbox.Issue(m)
	}
}

// Read keeps the datapoints that were asked for. They count at the next full minute.
func (r *Room) Read(m message.GetMetric, done message.CommandDone) {
	if c, ok := r.target(m.Cluster, m.Service); ok {
		for _, o := range done.Datapoints {
			c.keep(m.Metric, o, r.Core.Now().Add(-kept))
		}
	}
}

// Wants reports whether a policy or an alarm of the service still reads the metric.
func (r *Room) Wants(m message.GetMetric) bool {
	c, ok := r.target(m.Cluster, m.Service)
	return ok && slices.ContainsFunc(c.reads(), func(o message.GetMetric) bool { return o.Metric == m.Metric })
}

// abandon ends the requests for metrics that nothing reads any more.
func (r *Room) abandon() {
	if !r.PullMetrics {
		return
	}
	r.Outbox.AbandonIf(func(c message.Command) bool {
		read, ok := c.(message.GetMetric)
		return ok && !r.Wants(read)
	})
}

// tracked is the series that a target tracking policy follows: a metric, or metric math over several.
func (c *Target) tracked(in autoscale.PutScalingPolicyInput, period int, now ecs.Instant) cloudwatch.Series {
	m := in.TargetTrackingScalingPolicyConfiguration.CustomizedMetricSpecification
	if m == nil || len(m.Metrics) == 0 {
		return c.series(metricName(in), period, now)
	}
	series, err := cloudwatch.EvaluateQueries(m.Metrics, func(s cloudwatch.MetricStat) cloudwatch.Series {
		return c.series(s.Metric.MetricName, period, now)
	})
	if err != nil { // the queries are known to be right
		return cloudwatch.Series{Period: period}
	}
	return series
}

// series is a metric as far as it is kept.
func (c *Target) series(name string, period int, now ecs.Instant) cloudwatch.Series {
	for _, m := range c.Metrics {
		if m.Name == name {
			length := time.Duration(period) * time.Second
			end := now - now%ecs.Instant(length)
			return cloudwatch.Aggregate(m.Samples, end.Add(-kept).Time(), end.Time(), length,
				cloudwatch.StatisticAverage)
		}
	}
	return cloudwatch.Series{Period: period}
}

// metricName is the name that MetricSample gives a policy's metric.
func metricName(in autoscale.PutScalingPolicyInput) string {
	c := in.TargetTrackingScalingPolicyConfiguration
	switch {
	case c == nil:
		return ""
	case c.PredefinedMetricSpecification != nil:
		return c.PredefinedMetricSpecification.PredefinedMetricType
	case c.CustomizedMetricSpecification != nil:
		return c.CustomizedMetricSpecification.MetricName
	}
	return ""
}
