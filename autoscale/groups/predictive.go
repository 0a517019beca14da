package groups

import (
	"time"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
)

// PredictiveScalingConfiguration is the configuration of a predictive scaling policy.
// Source: Amazon EC2 Auto Scaling API Reference, PredictiveScalingConfiguration.
type PredictiveScalingConfiguration struct {
	MetricSpecifications      []PredictiveScalingMetricSpecification `json:"MetricSpecifications"`
	Mode                      autoscale.PredictiveScalingMode        `json:"Mode,omitzero"`
	SchedulingBufferTime      ecs.Opt[int]                           `json:"SchedulingBufferTime,omitzero"`
	MaxCapacityBreachBehavior autoscale.MaxCapacityBreachBehavior    `json:"MaxCapacityBreachBehavior,omitzero"`
	MaxCapacityBuffer         ecs.Opt[int]                           `json:"MaxCapacityBuffer,omitzero"`
}

// PredictiveScalingMetricSpecification is the target and the metrics of a forecast: a pair, or a load metric and a
// scaling metric.
type PredictiveScalingMetricSpecification struct {
	_ struct{} `unmodelled:"CustomizedCapacityMetricSpecification,CustomizedLoadMetricSpecification"`
	_ struct{} `unmodelled:"CustomizedScalingMetricSpecification"`

	TargetValue                          ecs.Opt[float64]               `json:"TargetValue,omitzero"`
	PredefinedMetricPairSpecification    *PredefinedMetricSpecification `json:"PredefinedMetricPairSpecification,omitzero"`
	PredefinedScalingMetricSpecification *PredefinedMetricSpecification `json:"PredefinedScalingMetricSpecification,omitzero"`
	PredefinedLoadMetricSpecification    *PredefinedMetricSpecification `json:"PredefinedLoadMetricSpecification,omitzero"`
}

func (m PredictiveScalingMetricSpecification) clone() PredictiveScalingMetricSpecification {
	for _, p := range []**PredefinedMetricSpecification{&m.PredefinedMetricPairSpecification,
		&m.PredefinedScalingMetricSpecification, &m.PredefinedLoadMetricSpecification} {
		if *p != nil {
			own := **p
			*p = &own
		}
	}
	return m
}

// scaling returns the metric per instance whose average the forecast follows; "" for one that does not exist.
func (m PredictiveScalingMetricSpecification) scaling() string {
	of := map[string]string{"ASGCPUUtilization": ASGAverageCPUUtilization, "ASGNetworkIn": ASGAverageNetworkIn,
		"ASGNetworkOut": ASGAverageNetworkOut, "ALBRequestCount": ALBRequestCountPerTarget}
	if p := m.PredefinedMetricPairSpecification; p != nil {
		return of[p.PredefinedMetricType]
	}
	for _, name := range of { //order:any whether it is one
		if p := m.PredefinedScalingMetricSpecification; p != nil && p.PredefinedMetricType == name {
			return name
		}
	}
	return ""
}

// load reports whether the load metric exists, and belongs to the scaling metric.
func (m PredictiveScalingMetricSpecification) load() bool {
	of := map[string]string{"ASGTotalCPUUtilization": ASGAverageCPUUtilization,
		"ASGTotalNetworkIn": ASGAverageNetworkIn, "ASGTotalNetworkOut": ASGAverageNetworkOut,
		"ALBTargetGroupRequestCount": ALBRequestCountPerTarget}
	p := m.PredefinedLoadMetricSpecification
	return p != nil && of[p.PredefinedMetricType] == m.scaling()
}

func (c *PredictiveScalingConfiguration) validate() error {
	const path = "PredictiveScalingConfiguration.MetricSpecifications"
	if n := len(c.MetricSpecifications); n != 1 {
		return fault(ValidationError, path, "Exactly one metric specification is supported, got %d.", n)
	}
	m := c.MetricSpecifications[0]
	pair := m.PredefinedMetricPairSpecification != nil
	others := m.PredefinedScalingMetricSpecification != nil || m.PredefinedLoadMetricSpecification != nil
	switch target := m.TargetValue.Or(0); {
	case !(target > 0) || target > 1e12:
		return fault(ValidationError, path, "TargetValue must be a positive number up to 1e12, got %v.", target)
	case pair == others, m.scaling() == "", !pair && !m.load():
		return fault(ValidationError, path, "Either a metric pair, or a load metric and the scaling metric that "+
			"belongs to "+
			"it, is required: metrics of CPU, NetworkIn, NetworkOut or RequestCount of a group.")
	}
	return c.policy("").Validate()
}

func (c *PredictiveScalingConfiguration) policy(name string) autoscale.PredictiveScaling {
	return autoscale.PredictiveScaling{PolicyName: name, Mode: c.Mode, SchedulingBufferTime: c.SchedulingBufferTime,
		MaxCapacityBreachBehavior: c.MaxCapacityBreachBehavior, MaxCapacityBuffer: c.MaxCapacityBuffer.Or(0)}
}

// hour gathers the load of an hour that goes on.
type hour struct {
	Start ecs.Instant `json:"start,omitzero"`
	Sum   float64     `json:"sum,omitzero"`
	Count int         `json:"count,omitzero"`
}

// mostHours is how many hours of load a forecast goes by.
const mostHours = int(autoscale.ForecastMaximumHistory / time.Hour)

// observe adds the load of a minute. An hour that is over becomes a datapoint, and one without data a missing one.
func (p *policy) observe(now ecs.Instant, load float64, ok bool) {
	start := ecs.At(now.Time().Truncate(time.Hour))
	if p.Hour.Start == 0 {
		p.Hour.Start = start
	}
	for p.Hour.Start < start {
		if len(p.Load.Datapoints) == 0 {
			p.Load = cloudwatch.Series{Start: p.Hour.Start, Period: 3600}
		}
		d := cloudwatch.Datapoint{Missing: p.Hour.Count == 0}
		if !d.Missing {
			d.Value = p.Hour.Sum / float64(p.Hour.Count)
		}
		p.Load = appended(p.Load, d, mostHours)
		p.Hour = hour{Start: p.Hour.Start.Add(time.Hour)}
		if start.Sub(p.Hour.Start) > autoscale.ForecastMaximumHistory {
			p.Hour, p.Load = hour{Start: start}, cloudwatch.Series{}
		}
	}
	if ok {
		p.Hour.Sum += load
		p.Hour.Count++
	}
}

// appended returns a series with a further datapoint, and at most so many.
func appended(s cloudwatch.Series, d cloudwatch.Datapoint, most int) cloudwatch.Series {
	list := append([]cloudwatch.Datapoint{}, s.Datapoints...)
	list = append(list, d)
	if over := len(list) - most; over > 0 {
		list = list[over:]
		s.Start = s.Start.Add(time.Duration(over) * s.Interval())
	}
	s.Datapoints = list
	return s
}

// predict makes a forecast of the load where it is time for one.
func (p *policy) predict(now time.Time) {
	if p.Forecasted != 0 && ecs.At(now) < p.Forecasted.Add(autoscale.ForecastRefresh) {
		return
	}
	forecast := autoscale.Predict(autoscale.SeasonalForecaster{}, p.Load, now, cloudwatch.StatisticAverage)
	if len(forecast.Datapoints) > 0 {
		p.Forecast, p.Forecasted = forecast, ecs.At(now)
	}
}

// capacity is the forecast in instances.
func (p *policy) capacity() cloudwatch.Series {
	return autoscale.PredictCapacity(p.Forecast, p.Input.PredictiveScalingConfiguration.MetricSpecifications[0].
		TargetValue.Or(0))
}

// predicted returns the capacity that a forecast asks for in the hour that was last decided on.
func (r *record) predicted() (int, bool) {
	for _, p := range r.Policies {
		if p.Input.PolicyType == PolicyTypePredictive && p.Forecasted != 0 {
			c := p.capacity()
			if d := c.At(c.Ended(p.Hour.Start.Add(time.Hour)) - 1); !d.Missing {
				return int(d.Value), true
			}
		}
	}
	return 0, false
}

// GetPredictiveScalingForecastInput asks for a forecast.
type GetPredictiveScalingForecastInput struct {
	AutoScalingGroupName string      `json:"AutoScalingGroupName"`
	PolicyName           string      `json:"PolicyName"`
	StartTime            ecs.Instant `json:"StartTime"`
	EndTime              ecs.Instant `json:"EndTime"`
}

// GetPredictiveScalingForecastOutput is a forecast. Before the forecast the load is that of the past.
// Source: Amazon EC2 Auto Scaling API Reference, GetPredictiveScalingForecast.
type GetPredictiveScalingForecastOutput struct {
	LoadForecast     []LoadForecast   `json:"LoadForecast"`
	CapacityForecast CapacityForecast `json:"CapacityForecast"`
	UpdateTime       ecs.Instant      `json:"UpdateTime"`
}

// CapacityForecast has a value for each of its times, an hour apart.
type CapacityForecast struct {
	Timestamps []ecs.Instant `json:"Timestamps"`
	Values     []float64     `json:"Values"`
}

// LoadForecast is a CapacityForecast in the terms of a load metric.
type LoadForecast struct {
	CapacityForecast
	MetricSpecification PredictiveScalingMetricSpecification `json:"MetricSpecification"`
}

// GetPredictiveScalingForecast returns the forecast of a policy from StartTime to EndTime, which are at most 30 days
// apart, as far as there is one. Errors: ValidationError for a group or a policy that does not exist, a policy of
// another type, and times out of order or too far apart.
func (s *Service) GetPredictiveScalingForecast(
	in GetPredictiveScalingForecastInput,
) (GetPredictiveScalingForecastOutput, error) {
	var out GetPredictiveScalingForecastOutput
	_, p, err := s.policy(PolicyNameInput{in.AutoScalingGroupName, in.PolicyName})
	switch {
	case err != nil:
		return out, err
	case p.Input.PolicyType != PolicyTypePredictive:
		return out, fault(ValidationError, "PolicyName", "The policy %s is not a predictive scaling policy.",
			in.PolicyName)
	case in.StartTime == 0 || in.EndTime <= in.StartTime || in.EndTime.Sub(in.StartTime) > 30*24*time.Hour:
		return out, fault(ValidationError, "EndTime", "EndTime must be after StartTime, by 30 days at most.")
	}
	out.UpdateTime = p.Forecasted
	out.LoadForecast = []LoadForecast{{between(p.Forecast, in.StartTime, in.EndTime),
		p.Input.PredictiveScalingConfiguration.MetricSpecifications[0].clone()}}
	out.CapacityForecast = between(p.capacity(), in.StartTime, in.EndTime)
	return out, nil
}

// between returns the datapoints of a series whose periods begin in a time.
func between(s cloudwatch.Series, start, end ecs.Instant) CapacityForecast {
	f := CapacityForecast{Timestamps: []ecs.Instant{}, Values: []float64{}}
	for i := range s.Datapoints {
		if at, d := s.Start.Add(time.Duration(i)*s.Interval()), s.At(i); at >= start && at < end && !d.Missing {
			f.Timestamps, f.Values = append(f.Timestamps, at), append(f.Values, d.Value)
		}
	}
	return f
}
