package control

import (
	"cmp"
	"slices"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/scaling"
)

// adoptAlarms makes alarms of those that scalable targets had in a state that was written before the plane
// had alarms of its own.
func (p *Plane) adoptAlarms() {
	for s := range p.services.Scalables().All() {
		if c := s.Target(); c != nil && len(c.Alarms) > 0 {
			p.adopt(s, c)
		}
	}
}

// adopt makes the alarms of a target, with what was measured of their metrics.
func (p *Plane) adopt(s scaling.Service, c *scaling.Target) {
	for _, m := range c.Metrics {
		for _, o := range m.Samples {
			p.scaling.Publish(s, m.Name, o)
		}
	}
	for _, o := range c.Alarms {
		i := slices.IndexFunc(c.Policies, func(k scaling.Policy) bool { return k.Input.PolicyName == o.Policy })
		if i < 0 {
			continue
		}
		c.Policies[i].Memory = o.Memory
		a := o.Alarm
		if metrics, _ := autoscale.Published(s.ClusterName(), s.Shown(), a.MetricName); len(metrics) > 0 {
			a.Namespace, a.MetricName, a.Dimensions = metrics[0].Namespace, metrics[0].MetricName, metrics[0].Dimensions
		}
		in := cloudwatch.PutMetricAlarmInput{AlarmName: a.AlarmName, Namespace: cmp.Or(a.Namespace, "ecs"),
			MetricName: a.MetricName, Dimensions: a.Dimensions, Statistic: a.Statistic,
			ExtendedStatistic: a.ExtendedStatistic, Period: a.Period, EvaluationPeriods: a.EvaluationPeriods,
			DatapointsToAlarm: a.DatapointsToAlarm, Threshold: ecs.Some(a.Threshold),
			ComparisonOperator: a.ComparisonOperator, TreatMissingData: a.TreatMissingData}
		if in.Statistic == "" && in.ExtendedStatistic == "" {
			in.Statistic = cloudwatch.StatisticAverage
		}
		in.AlarmActions = append(
			slices.Clone(p.alarms.ActionsOf(a.AlarmName)),
			p.scaling.PolicyARN(c.Policies[i].Input),
		)
		p.alarms.Adopt(in, o.Memory.High)
	}
	c.Alarms = nil
}
