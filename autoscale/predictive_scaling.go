package autoscale

import (
	"math"
	"slices"
	"time"

	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
	"github.com/bayplan/bayplan/internal/whole"
)

// PredictiveScalingMode is whether a forecast scales or is only shown.
type PredictiveScalingMode string

// The values of PredictiveScalingMode; the zero value reads as ForecastOnly.
const (
	PredictiveScalingModeForecastOnly     PredictiveScalingMode = "ForecastOnly"
	PredictiveScalingModeForecastAndScale PredictiveScalingMode = "ForecastAndScale"
)

// Values returns every value of PredictiveScalingMode, in the API's order.
func (PredictiveScalingMode) Values() []PredictiveScalingMode {
	return []PredictiveScalingMode{PredictiveScalingModeForecastOnly, PredictiveScalingModeForecastAndScale}
}

// Valid reports whether the value is one of Values.
func (v PredictiveScalingMode) Valid() bool { return slices.Contains(v.Values(), v) }

// MaxCapacityBreachBehavior is what happens when a forecast exceeds the maximum capacity.
type MaxCapacityBreachBehavior string

// The values of MaxCapacityBreachBehavior; the zero value reads as HonorMaxCapacity.
const (
	HonorMaxCapacity    MaxCapacityBreachBehavior = "HonorMaxCapacity"
	IncreaseMaxCapacity MaxCapacityBreachBehavior = "IncreaseMaxCapacity"
)

// Values returns every value of MaxCapacityBreachBehavior, in the API's order.
func (MaxCapacityBreachBehavior) Values() []MaxCapacityBreachBehavior {
	return []MaxCapacityBreachBehavior{HonorMaxCapacity, IncreaseMaxCapacity}
}

// Valid reports whether the value is one of Values.
func (v MaxCapacityBreachBehavior) Valid() bool { return slices.Contains(v.Values(), v) }

// PredictiveScaling raises the capacity ahead of a forecast. Its Series is the capacity forecast, a
// datapoint an hour, and not a metric; see PredictCapacity. It never scales in. Other policies do not
// scale in below the forecast of the hour.
// Source: Application Auto Scaling User Guide, "Predictive scaling"; Amazon ECS Developer Guide, "Use
// historical patterns to scale Amazon ECS services with predictive scaling".
type PredictiveScaling struct {
	PolicyName string                `json:"PolicyName"`
	Mode       PredictiveScalingMode `json:"Mode,omitempty"`
	// seconds ahead of the hour; absent: 300
	SchedulingBufferTime      ecs.Opt[int]              `json:"SchedulingBufferTime,omitzero"`
	MaxCapacityBreachBehavior MaxCapacityBreachBehavior `json:"MaxCapacityBreachBehavior,omitempty"`
	MaxCapacityBuffer         int                       `json:"MaxCapacityBuffer,omitempty"` // percent of the forecast
}

// Validate returns nil, or a ValidationException for each fault that the configuration's
// Validate finds in the same members.
func (p PredictiveScaling) Validate() error {
	var f check.Faults
	buffer := ecs.Some(p.MaxCapacityBuffer)
	if p.MaxCapacityBreachBehavior != IncreaseMaxCapacity && p.MaxCapacityBuffer == 0 {
		buffer = ecs.Opt[int]{}
	}
	PredictiveScalingPolicyConfiguration{
		Mode: p.Mode, SchedulingBufferTime: p.SchedulingBufferTime,
		MaxCapacityBreachBehavior: p.MaxCapacityBreachBehavior, MaxCapacityBuffer: buffer,
	}.validateTerms(&f)
	return ecs.Faults(ecs.ValidationException, f.Pairs())
}

// Decide returns what the forecast asks for at now: the larger of this hour's capacity and
// that of the hour which SchedulingBufferTime reaches into. The memory passes unchanged. A policy
// that Validate refuses changes nothing. No allocation.
func (p PredictiveScaling) Decide(
	mem Memory, now time.Time, c Capacity, forecast cloudwatch.Series,
) (Decision, Memory) {
	at := ecs.At(now)
	d := Decision{At: at, Old: c.Desired, New: c.Desired, Want: c.Desired, PolicyName: p.PolicyName,
		Reason: ReasonNoForecast}
	buffer := seconds(p.SchedulingBufferTime, DefaultSchedulingBuffer)
	want, ok := 0, false
	for _, t := range [...]ecs.Instant{at, at.Add(buffer)} {
		if t < forecast.Start {
			continue
		}
		if f := forecast.At(forecast.Ended(t)); !f.Missing {
			want, ok = max(want, int(math.Ceil(min(max(0, f.Value), math.MaxInt32)-1e-9))), true
		}
	}
	if !ok {
		return d, mem
	}
	d.Want, d.Reason, d.Metric = want, ReasonForecast, float64(want)
	if p.Mode != PredictiveScalingModeForecastAndScale {
		d.Reason = ReasonForecastOnly
		return d, mem
	}
	d.Vote, d.New = VoteFloor, max(c.Desired, want)
	if p.MaxCapacityBreachBehavior == IncreaseMaxCapacity {
		d.MaxCapacity = whole.Up(want, whole.Plus(100, p.MaxCapacityBuffer), 100)
	}
	d.withhold(p.Validate())
	return d, mem
}

// DefaultSchedulingBuffer is how long before its hour a forecast acts, when the policy does not say.
const DefaultSchedulingBuffer = 300 * time.Second

// PredictiveScalingPolicyConfiguration is the configuration of a predictive scaling policy.
type PredictiveScalingPolicyConfiguration struct {
	MetricSpecifications      []PredictiveScalingMetricSpecification `json:"MetricSpecifications"`
	Mode                      PredictiveScalingMode                  `json:"Mode,omitzero"`
	SchedulingBufferTime      ecs.Opt[int]                           `json:"SchedulingBufferTime,omitzero"`
	MaxCapacityBreachBehavior MaxCapacityBreachBehavior              `json:"MaxCapacityBreachBehavior,omitzero"`
	MaxCapacityBuffer         ecs.Opt[int]                           `json:"MaxCapacityBuffer,omitzero"`
}

// PredictiveScalingMetricSpecification is the target and the metrics of a forecast: a pair,
// or a load metric and a scaling metric.
type PredictiveScalingMetricSpecification struct {
	TargetValue                          ecs.Opt[float64]               `json:"TargetValue,omitzero"`
	PredefinedMetricPairSpecification    *PredefinedMetricSpecification `json:"PredefinedMetricPairSpecification,omitzero"`
	PredefinedScalingMetricSpecification *PredefinedMetricSpecification `json:"PredefinedScalingMetricSpecification,omitzero"`
	PredefinedLoadMetricSpecification    *PredefinedMetricSpecification `json:"PredefinedLoadMetricSpecification,omitzero"`
	CustomizedScalingMetricSpecification *MetricDataQueries             `json:"CustomizedScalingMetricSpecification,omitzero"`
	CustomizedLoadMetricSpecification    *MetricDataQueries             `json:"CustomizedLoadMetricSpecification,omitzero"`
	CustomizedCapacityMetric             *MetricDataQueries             `json:"CustomizedCapacityMetricSpecification,omitzero"`
}

// MetricDataQueries is a metric given by queries, one of which returns data.
type MetricDataQueries struct {
	MetricDataQueries []cloudwatch.TargetTrackingMetricDataQuery `json:"MetricDataQueries"`
}

// Validate returns nil, or a ValidationException for each fault.
// Source: Application Auto Scaling API Reference, PredictiveScalingPolicyConfiguration.
func (c PredictiveScalingPolicyConfiguration) Validate() error {
	var f check.Faults
	if len(c.MetricSpecifications) != 1 {
		f.Refuse("MetricSpecifications", "Exactly one metric specification is supported, got %d.",
			len(c.MetricSpecifications))
	}
	for i, m := range c.MetricSpecifications {
		nest(&f, check.Index("MetricSpecifications", i), m.Validate())
	}
	c.validateTerms(&f)
	return ecs.Faults(ecs.ValidationException, f.Pairs())
}

func (c PredictiveScalingPolicyConfiguration) validateTerms(f *check.Faults) {
	if c.Mode != "" && !c.Mode.Valid() {
		f.Refuse("Mode", "%q is neither ForecastOnly nor ForecastAndScale.", c.Mode)
	}
	if s, ok := c.SchedulingBufferTime.Get(); ok && (s < 0 || s >= 3600) {
		f.Refuse("SchedulingBufferTime", "SchedulingBufferTime must be from 0 to 3599 seconds, got %d.", s)
	}
	if c.MaxCapacityBreachBehavior != "" && !c.MaxCapacityBreachBehavior.Valid() {
		f.Refuse("MaxCapacityBreachBehavior", "%q is neither HonorMaxCapacity nor IncreaseMaxCapacity.",
			c.MaxCapacityBreachBehavior)
	}
	buffer, given := c.MaxCapacityBuffer.Get()
	switch increase := c.MaxCapacityBreachBehavior == IncreaseMaxCapacity; {
	case increase && !given:
		f.Refuse("MaxCapacityBuffer", "MaxCapacityBuffer is required with IncreaseMaxCapacity.")
	case !increase && given:
		f.Refuse("MaxCapacityBuffer", "MaxCapacityBuffer is allowed with IncreaseMaxCapacity only.")
	case given && (buffer < 0 || buffer > 100):
		f.Refuse("MaxCapacityBuffer", "MaxCapacityBuffer must be from 0 to 100, got %d.", buffer)
	}
}

// Validate returns nil, or a ValidationException for each fault: a bad target, not exactly
// one of a pair and of a load and a scaling metric, a metric that no service has.
func (m PredictiveScalingMetricSpecification) Validate() error {
	var f check.Faults
	validateTarget(&f, "TargetValue", m.TargetValue)
	scaling := countTrue(m.PredefinedScalingMetricSpecification != nil, m.CustomizedScalingMetricSpecification != nil)
	load := countTrue(m.PredefinedLoadMetricSpecification != nil, m.CustomizedLoadMetricSpecification != nil)
	switch pair := m.PredefinedMetricPairSpecification != nil; {
	case pair && scaling+load > 0:
		f.Refuse("PredefinedMetricPairSpecification",
			"A metric pair must not be combined with a load metric or a scaling metric.")
	case !pair && (scaling != 1 || load != 1):
		f.Refuse("PredefinedMetricPairSpecification",
			"Either a metric pair, or one load metric and one scaling metric, is required.")
	}
	for _, p := range [...]struct {
		field string
		m     *PredefinedMetricSpecification
		names []string
	}{
		{"PredefinedMetricPairSpecification", m.PredefinedMetricPairSpecification, []string{"ECSServiceCPUUtilization",
			"ECSServiceMemoryUtilization", "ALBRequestCount"}},
		{"PredefinedScalingMetricSpecification", m.PredefinedScalingMetricSpecification,
			[]string{ECSServiceAverageCPUUtilization, ECSServiceAverageMemoryUtilization, ALBRequestCountPerTarget}},
		{"PredefinedLoadMetricSpecification", m.PredefinedLoadMetricSpecification,
			[]string{"ECSServiceTotalCPUUtilization", "ECSServiceTotalMemoryUtilization", "TotalALBRequestCount"}},
	} {
		if p.m != nil && !slices.Contains(p.names, p.m.PredefinedMetricType) {
			f.Refuse(p.field+".PredefinedMetricType", "%q is not one of %v.", p.m.PredefinedMetricType, p.names)
		}
	}
	for _, c := range [...]struct {
		field string
		m     *MetricDataQueries
	}{
		{"CustomizedScalingMetricSpecification", m.CustomizedScalingMetricSpecification},
		{"CustomizedLoadMetricSpecification", m.CustomizedLoadMetricSpecification},
		{"CustomizedCapacityMetricSpecification", m.CustomizedCapacityMetric},
	} {
		if c.m != nil {
			nest(&f, c.field, cloudwatch.ValidateQueries(c.m.MetricDataQueries))
		}
	}
	return ecs.Faults(ecs.ValidationException, f.Pairs())
}

func countTrue(bs ...bool) int {
	n := 0
	for _, b := range bs {
		if b {
			n++
		}
	}
	return n
}

// PredictiveScaling returns the policy that the input describes; ok is false for other types.
func (in PutScalingPolicyInput) PredictiveScaling() (p PredictiveScaling, ok bool) {
	c := in.PredictiveScalingPolicyConfiguration
	if c == nil {
		return PredictiveScaling{}, false
	}
	return PredictiveScaling{
		PolicyName:                in.PolicyName,
		Mode:                      c.Mode,
		SchedulingBufferTime:      c.SchedulingBufferTime,
		MaxCapacityBreachBehavior: c.MaxCapacityBreachBehavior,
		MaxCapacityBuffer:         c.MaxCapacityBuffer.Or(0),
	}, true
}
