package control

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
)

// metricsKept is how long samples of a metric are kept for alarms to look back at.
const metricsKept = 3 * time.Hour

type metric struct {
	Name    string             `json:"name"`
	Samples []autoscale.Sample `json:"samples,omitzero"`
}

// metricSample keeps a datapoint for the policies that read it.
func (p *Plane) metricSample(e message.MetricSample) bool {
	if !finite(e.Value) {
		return false // no measurement
	}
	c, ok := p.byCluster[clusterName(e.Cluster)]
	if !ok {
		return false
	}
	s, ok := c.byService[nameOf(e.Service)]
	if !ok || s.Scaling == nil {
		return false
	}
	return s.Scaling.keep(e.Metric, autoscale.Sample{At: cmp.Or(e.At, p.now()), Value: e.Value}, p.now().Add(-metricsKept))
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// measured is an outcome without the datapoints that are no numbers.
func measured(e message.CommandDone) message.CommandDone {
	if slices.ContainsFunc(e.Datapoints, func(o autoscale.Sample) bool { return !finite(o.Value) }) {
		e.Datapoints = slices.DeleteFunc(slices.Clone(e.Datapoints), func(o autoscale.Sample) bool { return !finite(o.Value) })
	}
	return e
}

// keep adds a sample to a metric, in place of another of its time; false if it is too old or
// known.
func (c *scaling) keep(name string, sample autoscale.Sample, oldest ecs.Instant) bool {
	if sample.At < oldest {
		return false
	}
	i := slices.IndexFunc(c.Metrics, func(m metric) bool { return m.Name == name })
	if i < 0 {
		c.Metrics = append(c.Metrics, metric{Name: name})
		i = len(c.Metrics) - 1
	}
	m := &c.Metrics[i]
	if slices.Contains(m.Samples, sample) {
		return false
	}
	m.Samples = slices.DeleteFunc(m.Samples, func(o autoscale.Sample) bool { return o.At < oldest || o.At == sample.At })
	m.Samples = append(m.Samples, sample)
	return true
}

// newest returns the time of a metric's last sample, or the time given if that is later.
func (c *scaling) newest(name string, since ecs.Instant) ecs.Instant {
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
func (c *scaling) reads() (all []message.GetMetric) {
	add := func(m message.GetMetric) {
		if m.Metric != "" && !slices.ContainsFunc(all, func(o message.GetMetric) bool { return o.Metric == m.Metric }) {
			all = append(all, m)
		}
	}
	for _, o := range c.Policies {
		if t := o.Input.TargetTrackingScalingPolicyConfiguration; t != nil {
			tracking, _ := o.Input.TargetTracking()
			add(message.GetMetric{Metric: metricName(o.Input), Predefined: t.PredefinedMetricSpecification, Customized: t.CustomizedMetricSpecification,
				Period: cmp.Or(tracking.Period, 60)})
		}
	}
	for _, a := range c.Alarms {
		add(message.GetMetric{Metric: a.Alarm.MetricName, Period: 60})
	}
	return all
}

// pullMetrics asks for what has been measured since the last datapoint. A request that has
// no answer yet is superseded.
func (p *Plane) pullMetrics(s *service) {
	if !p.config.PullMetrics {
		return
	}
	for _, m := range s.Scaling.reads() {
		m.ID = p.newKey("GetMetric", s.Scaling.Target.ResourceID+"/"+m.Metric)
		m.Cluster, m.Service = s.cluster.Record.ClusterName, s.Record.ServiceName
		m.From, m.To = s.Scaling.newest(m.Metric, p.now().Add(-metricsKept))+1, p.now()
		p.issue(m)
	}
}

// metricRead keeps the datapoints that were asked for. They count at the next full minute.
func (p *Plane) metricRead(c message.GetMetric, datapoints []autoscale.Sample) {
	cl, ok := p.byCluster[c.Cluster]
	if !ok {
		return
	}
	if s, ok := cl.byService[c.Service]; ok && s.Scaling != nil {
		for _, o := range datapoints {
			s.Scaling.keep(c.Metric, o, p.now().Add(-metricsKept))
		}
	}
}

// wantedMetric reports whether a policy or an alarm of the service still reads the metric.
func (p *Plane) wantedMetric(c message.GetMetric) bool {
	cl, ok := p.byCluster[c.Cluster]
	if !ok {
		return false
	}
	s, ok := cl.byService[c.Service]
	return ok && s.Scaling != nil && slices.ContainsFunc(s.Scaling.reads(), func(o message.GetMetric) bool { return o.Metric == c.Metric })
}

// abandonMetrics ends the requests for metrics that nothing reads any more.
func (p *Plane) abandonMetrics() {
	if !p.config.PullMetrics {
		return
	}
	for _, o := range p.outstanding.list() {
		if c, ok := o.Command.Command.(message.GetMetric); ok && !p.wantedMetric(c) {
			p.closeCommand(c.ID)
		}
	}
}

// tracked is the series that a target tracking policy follows: a metric, or metric math over several.
func (c *scaling) tracked(in autoscale.PutScalingPolicyInput, period int, now ecs.Instant) autoscale.Series {
	m := in.TargetTrackingScalingPolicyConfiguration.CustomizedMetricSpecification
	if m == nil || len(m.Metrics) == 0 {
		return c.series(metricName(in), period, now)
	}
	series, err := autoscale.EvaluateQueries(m.Metrics, func(s autoscale.MetricStat) autoscale.Series {
		return c.series(s.Metric.MetricName, period, now)
	})
	if err != nil { // the queries are known to be right
		return autoscale.Series{Period: period}
	}
	return series
}

// series is a metric as far as it is kept.
func (c *scaling) series(name string, period int, now ecs.Instant) autoscale.Series {
	for _, m := range c.Metrics {
		if m.Name == name {
			end := now - now%ecs.Instant(time.Duration(period)*time.Second)
			return autoscale.Aggregate(m.Samples, end.Add(-metricsKept).Time(), end.Time(), time.Duration(period)*time.Second, autoscale.StatisticAverage)
		}
	}
	return autoscale.Series{Period: period}
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
