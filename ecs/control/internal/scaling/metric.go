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

// Sample publishes a datapoint of a service as a metric of CloudWatch, and keeps it for the policies that
// read it; false if it says nothing new.
func (r *Room) Sample(e message.MetricSample) bool {
	s, ok := r.Services.Find(e.Cluster, e.Service)
	if !ok || !s.Active() || !check.IsFinite(e.Value) {
		return false // it is not a measurement, or of nothing
	}
	now := r.Core.Now()
	sample := cloudwatch.Sample{At: cmp.Or(e.At, now), Value: e.Value}
	news := r.Publish(s, e.Metric, sample)
	if c := s.Own(); c != nil && c.keep(e.Metric, sample, now.Add(-kept)) {
		news = true
	}
	return news
}

// Publish records a measurement of a service under the names that AWS gives it, if it is one of AWS's.
func (r *Room) Publish(s Service, name string, sample cloudwatch.Sample) (news bool) {
	metrics, unit := autoscale.Published(s.ClusterName(), s.Shown(), name)
	for _, m := range metrics {
		if r.Alarms.Metrics.Record(r.Core.Now(), m, sample.At, unit, sample.Value) {
			news = true
		}
	}
	return news
}

// target finds a scalable target by the names of its cluster and service, to be changed.
func (r *Room) target(cluster, service string) (*Target, bool) {
	s, ok := r.Services.Find(cluster, service)
	if !ok || s.Target() == nil {
		return nil, false
	}
	return s.Own(), true
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

// reads lists what the policies of a target read, and the alarms that name them, each metric once.
func (r *Room) reads(c *Target) (all []message.GetMetric) {
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
	for _, m := range r.alarmed(c) {
		add(m)
	}
	return all
}

// alarmed lists what alarms read that name a step scaling policy of a target: metrics of the service, as
// which the runtime knows them.
func (r *Room) alarmed(c *Target) (all []message.GetMetric) {
	names := map[string]string{"CPUUtilization": autoscale.ECSServiceAverageCPUUtilization,
		"MemoryUtilization":     autoscale.ECSServiceAverageMemoryUtilization,
		"RequestCountPerTarget": autoscale.ALBRequestCountPerTarget}
	for _, o := range c.Policies {
		for _, metric := range r.Alarms.MetricsOf(r.PolicyARN(o.Input)) {
			all = append(all, message.GetMetric{Metric: cmp.Or(names[metric], metric), Period: 60})
		}
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
	for _, m := range r.reads(c) {
		m.ID = r.Outbox.Key("GetMetric", c.Target.ResourceID+"/"+m.Metric)
		m.Cluster, m.Service = s.ClusterName(), s.Name()
		m.From, m.To = c.newest(m.Metric, now.Add(-kept))+1, now
		r.Outbox.Issue(m)
	}
}

// Read keeps the datapoints that were asked for. They count at the next full minute.
func (r *Room) Read(m message.GetMetric, done message.CommandDone) {
	s, ok := r.Services.Find(m.Cluster, m.Service)
	if !ok || s.Target() == nil {
		return
	}
	for _, o := range done.Datapoints {
		s.Own().keep(m.Metric, o, r.Core.Now().Add(-kept))
		r.Publish(s, m.Metric, o)
	}
}

// Wants reports whether a policy or an alarm of the service still reads the metric.
func (r *Room) Wants(m message.GetMetric) bool {
	c, ok := r.target(m.Cluster, m.Service)
	return ok && slices.ContainsFunc(r.reads(c), func(o message.GetMetric) bool { return o.Metric == m.Metric })
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

// tracked is the series that a target tracking policy follows: a metric, or metric math over several. One
// that was put to CloudWatch is read from there.
func (r *Room) tracked(c *Target, in autoscale.PutScalingPolicyInput, period int) cloudwatch.Series {
	m := in.TargetTrackingScalingPolicyConfiguration.CustomizedMetricSpecification
	if m == nil {
		return c.series(metricName(in), period, r.Core.Now())
	}
	if len(m.Metrics) == 0 {
		metric := cloudwatch.Metric{Namespace: m.Namespace, MetricName: m.MetricName, Dimensions: m.Dimensions}
		return r.customized(c, metric, string(m.Statistic), cloudwatch.Unit(m.Unit), period)
	}
	series, err := cloudwatch.EvaluateQueries(m.Metrics, func(s cloudwatch.TargetTrackingMetricStat) cloudwatch.Series {
		return r.customized(c, s.Metric, s.Stat, cloudwatch.Unit(s.Unit), period)
	})
	if err != nil { // the queries are known to be right
		return cloudwatch.Series{Period: period}
	}
	return series
}

// customized is a metric that a policy names, from CloudWatch if it has it, else as the runtime reported it.
func (r *Room) customized(
	c *Target, metric cloudwatch.Metric, statistic string, unit cloudwatch.Unit, period int,
) cloudwatch.Series {
	now := r.Core.Now()
	if !r.Alarms.Metrics.Has(metric) {
		return c.series(metric.MetricName, period, now)
	}
	length := time.Duration(period) * time.Second
	start := now - now%ecs.Instant(length)
	return r.Alarms.Metrics.Series(metric, statistic, unit, start.Add(-kept), period, int(kept/length))
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
