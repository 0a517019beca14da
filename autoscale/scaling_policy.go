package autoscale

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
)

// PolicyType is a kind of scaling policy of Application Auto Scaling.
type PolicyType string

// The values of PolicyType.
const (
	PolicyTypeStepScaling           PolicyType = "StepScaling"
	PolicyTypeTargetTrackingScaling PolicyType = "TargetTrackingScaling"
	PolicyTypePredictiveScaling     PolicyType = "PredictiveScaling"
)

// Values returns every value of PolicyType, in the API's order.
func (PolicyType) Values() []PolicyType {
	return []PolicyType{PolicyTypeStepScaling, PolicyTypeTargetTrackingScaling, PolicyTypePredictiveScaling}
}

// Valid reports whether the value is one of Values.
func (v PolicyType) Valid() bool { return slices.Contains(v.Values(), v) }

// PutScalingPolicyInput makes or replaces a scaling policy of a scalable target, in the form
// of PutScalingPolicy.
// Source: Application Auto Scaling API Reference, PutScalingPolicy.
type PutScalingPolicyInput struct {
	PolicyName        string `json:"PolicyName"`
	ServiceNamespace  string `json:"ServiceNamespace"`
	ResourceID        string `json:"ResourceId"`
	ScalableDimension string `json:"ScalableDimension"`
	// absent: StepScaling
	PolicyType                               PolicyType                                `json:"PolicyType,omitzero"`
	StepScalingPolicyConfiguration           *StepScalingPolicyConfiguration           `json:"StepScalingPolicyConfiguration,omitzero"`
	TargetTrackingScalingPolicyConfiguration *TargetTrackingScalingPolicyConfiguration `json:"TargetTrackingScalingPolicyConfiguration,omitzero"`
	PredictiveScalingPolicyConfiguration     *PredictiveScalingPolicyConfiguration     `json:"PredictiveScalingPolicyConfiguration,omitzero"`
}

// StepScalingPolicyConfiguration is the configuration of a step scaling policy.
type StepScalingPolicyConfiguration struct {
	AdjustmentType         AdjustmentType       `json:"AdjustmentType"`
	StepAdjustments        []StepAdjustment     `json:"StepAdjustments"`
	MinAdjustmentMagnitude ecs.Opt[int]         `json:"MinAdjustmentMagnitude,omitzero"`
	MetricAggregationType  cloudwatch.Statistic `json:"MetricAggregationType,omitzero"` // absent: Average
	Cooldown               ecs.Opt[int]         `json:"Cooldown,omitzero"`              // seconds; absent: 300
}

// TargetTrackingScalingPolicyConfiguration is the configuration of a target-tracking policy.
type TargetTrackingScalingPolicyConfiguration struct {
	TargetValue                   ecs.Opt[float64]               `json:"TargetValue,omitzero"`
	PredefinedMetricSpecification *PredefinedMetricSpecification `json:"PredefinedMetricSpecification,omitzero"`
	CustomizedMetricSpecification *CustomizedMetricSpecification `json:"CustomizedMetricSpecification,omitzero"`
	// seconds; absent: 300
	ScaleOutCooldown ecs.Opt[int] `json:"ScaleOutCooldown,omitzero"`
	ScaleInCooldown  ecs.Opt[int] `json:"ScaleInCooldown,omitzero"` // seconds; absent: 300
	DisableScaleIn   bool         `json:"DisableScaleIn,omitempty"`
}

// PredefinedMetricSpecification names one of the metrics that ECS and its load balancers report.
type PredefinedMetricSpecification struct {
	PredefinedMetricType string `json:"PredefinedMetricType"`
	ResourceLabel        string `json:"ResourceLabel,omitzero"` // app/LB/ID/targetgroup/TG/ID
}

// The predefined metrics that a target-tracking policy of a service may follow.
// Source: Amazon ECS Developer Guide, "Target tracking scaling policies"; Application Auto
// Scaling API Reference, PredefinedMetricSpecification.
const (
	ECSServiceAverageCPUUtilization                  = "ECSServiceAverageCPUUtilization"
	ECSServiceAverageMemoryUtilization               = "ECSServiceAverageMemoryUtilization"
	ALBRequestCountPerTarget                         = "ALBRequestCountPerTarget"
	ECSServiceAverageCPUUtilizationHighResolution    = "ECSServiceAverageCPUUtilizationHighResolution"
	ECSServiceAverageMemoryUtilizationHighResolution = "ECSServiceAverageMemoryUtilizationHighResolution"
)

// CustomizedMetricSpecification is a metric of CloudWatch: named, or computed by Metrics.
type CustomizedMetricSpecification struct {
	MetricName string                                     `json:"MetricName,omitzero"`
	Namespace  string                                     `json:"Namespace,omitzero"`
	Dimensions []cloudwatch.MetricDimension               `json:"Dimensions,omitzero"`
	Statistic  cloudwatch.Statistic                       `json:"Statistic,omitzero"`
	Unit       string                                     `json:"Unit,omitzero"`
	Metrics    []cloudwatch.TargetTrackingMetricDataQuery `json:"Metrics,omitzero"`
}

// Validate returns nil, or a ValidationException for each fault, with its field.
func (in PutScalingPolicyInput) Validate() error {
	var f check.Faults
	validateKey(&f, in.ServiceNamespace, in.ResourceID, in.ScalableDimension)
	if n := len(in.PolicyName); n < 1 || n > 256 {
		f.Refuse("PolicyName", "PolicyName must have from 1 to 256 characters, got %d.", n)
	}
	kind := in.policyType()
	if !kind.Valid() {
		f.Refuse("PolicyType", "%q is not one of StepScaling, TargetTrackingScaling, PredictiveScaling.", kind)
	}
	in.validateKind(&f, kind)
	if c := in.StepScalingPolicyConfiguration; c != nil {
		var g check.Faults
		c.validate(&g)
		f.Nest("StepScalingPolicyConfiguration", g.Pairs())
	}
	if c := in.TargetTrackingScalingPolicyConfiguration; c != nil {
		nest(&f, "TargetTrackingScalingPolicyConfiguration", c.Validate())
	}
	if c := in.PredictiveScalingPolicyConfiguration; c != nil {
		nest(&f, "PredictiveScalingPolicyConfiguration", c.Validate())
	}
	return ecs.Faults(ecs.ValidationException, f.Pairs())
}

func (in PutScalingPolicyInput) policyType() PolicyType {
	if in.PolicyType == "" {
		return PolicyTypeStepScaling
	}
	return in.PolicyType
}

// validateKind checks that the configuration of the policy's type is there and no other.
func (in PutScalingPolicyInput) validateKind(f *check.Faults, kind PolicyType) {
	for _, c := range [...]struct {
		kind  PolicyType
		field string
		given bool
	}{
		{PolicyTypeStepScaling, "StepScalingPolicyConfiguration", in.StepScalingPolicyConfiguration != nil},
		{PolicyTypeTargetTrackingScaling, "TargetTrackingScalingPolicyConfiguration",
			in.TargetTrackingScalingPolicyConfiguration != nil},
		{PolicyTypePredictiveScaling, "PredictiveScalingPolicyConfiguration",
			in.PredictiveScalingPolicyConfiguration != nil},
	} {
		switch {
		case c.kind == kind && !c.given:
			f.Refuse(c.field, "A policy of type %s needs a %s.", kind, c.field)
		case c.kind != kind && c.given:
			f.Refuse(c.field, "A policy of type %s must not have a %s.", kind, c.field)
		}
	}
}

func (c StepScalingPolicyConfiguration) validate(f *check.Faults) {
	validateAdjustment(f, c.AdjustmentType, c.MinAdjustmentMagnitude.Or(0))
	validateSteps(f, c.StepAdjustments)
	for i, s := range c.StepAdjustments {
		if !is32(s.ScalingAdjustment) { // the path costs memory, and each decision comes here
			fits32(f, check.Index("StepAdjustments", i)+".ScalingAdjustment", s.ScalingAdjustment)
		}
		if c.AdjustmentType == AdjustmentTypeExactCapacity && s.ScalingAdjustment < 0 {
			f.Refuse(check.Index("StepAdjustments", i)+".ScalingAdjustment",
				"An exact capacity must not be negative, got %d.", s.ScalingAdjustment)
		}
	}
	switch c.MetricAggregationType {
	case "", cloudwatch.StatisticAverage, cloudwatch.StatisticMinimum, cloudwatch.StatisticMaximum:
	default:
		f.Refuse("MetricAggregationType", "%q is not one of Average, Minimum, Maximum.", c.MetricAggregationType)
	}
	validateSeconds(f, "Cooldown", c.Cooldown)
}

func validateSeconds(f *check.Faults, field string, v ecs.Opt[int]) {
	n, ok := v.Get()
	if ok && n < 0 {
		f.Refuse(field, "%s must not be negative, got %d.", field, n)
	}
	fits32(f, field, max(n, 0))
}

// Validate returns nil, or a ValidationException for each fault: a target that is absent, not
// positive or beyond 2^360, not exactly one metric specification, an unknown metric.
func (c TargetTrackingScalingPolicyConfiguration) Validate() error {
	var f check.Faults
	validateTarget(&f, "TargetValue", c.TargetValue)
	validateSeconds(&f, "ScaleOutCooldown", c.ScaleOutCooldown)
	validateSeconds(&f, "ScaleInCooldown", c.ScaleInCooldown)
	switch p, m := c.PredefinedMetricSpecification, c.CustomizedMetricSpecification; {
	case (p == nil) == (m == nil):
		f.Refuse("PredefinedMetricSpecification",
			"Exactly one of PredefinedMetricSpecification and CustomizedMetricSpecification is required.")
	case p != nil:
		nest(&f, "PredefinedMetricSpecification", p.Validate())
	default:
		nest(&f, "CustomizedMetricSpecification", m.Validate())
	}
	return ecs.Faults(ecs.ValidationException, f.Pairs())
}

func validateTarget(f *check.Faults, field string, target ecs.Opt[float64]) {
	switch v, ok := target.Get(); {
	case !ok:
		f.Refuse(field, "%s is required.", field)
	case !check.IsFinite(v) || v > math.Ldexp(1, 360):
		f.Refuse(field, "%s must be a number up to 2^360, got %v.", field, v)
	case v <= 0:
		f.Refuse(field, "%s must be positive, got %v.", field, v)
	}
}

// Validate returns nil, or a ValidationException for a metric that no service has, and for a
// ResourceLabel that is missing or not allowed.
func (p PredefinedMetricSpecification) Validate() error {
	var f check.Faults
	switch p.PredefinedMetricType {
	case ALBRequestCountPerTarget:
		parts := strings.Split(p.ResourceLabel, "/")
		if len(parts) != 6 || parts[0] != "app" || parts[3] != "targetgroup" || slices.Contains(parts, "") {
			f.Refuse("ResourceLabel", "ResourceLabel must be app/LOAD-BALANCER/ID/targetgroup/TARGET-GROUP/ID, got %q.",
				p.ResourceLabel)
		}
	case ECSServiceAverageCPUUtilization, ECSServiceAverageMemoryUtilization,
		ECSServiceAverageCPUUtilizationHighResolution, ECSServiceAverageMemoryUtilizationHighResolution:
		if p.ResourceLabel != "" {
			f.Refuse("ResourceLabel", "%s must not have a ResourceLabel.", p.PredefinedMetricType)
		}
	default:
		f.Refuse("PredefinedMetricType", "%q is not a predefined metric of an ECS service.", p.PredefinedMetricType)
	}
	return ecs.Faults(ecs.ValidationException, f.Pairs())
}

// Period returns the metric's period in seconds: 20 for high resolution, else 60.
func (p PredefinedMetricSpecification) Period() int {
	if strings.HasSuffix(p.PredefinedMetricType, "HighResolution") {
		return 20
	}
	return 60
}

// Validate returns nil, or a ValidationException for each fault: neither a name nor
// expressions, both, a statistic that does not exist, and what ValidateQueries finds.
func (m CustomizedMetricSpecification) Validate() error {
	var f check.Faults
	if len(m.Metrics) > 0 {
		if m.MetricName != "" || m.Namespace != "" || m.Statistic != "" || len(m.Dimensions) > 0 || m.Unit != "" {
			f.Refuse("Metrics", "Metrics must not be combined with a single metric.")
		}
		nest(&f, "", cloudwatch.ValidateQueries(m.Metrics))
		return ecs.Faults(ecs.ValidationException, f.Pairs())
	}
	if m.MetricName == "" {
		f.Refuse("MetricName", "MetricName is required.")
	}
	if m.Namespace == "" {
		f.Refuse("Namespace", "Namespace is required.")
	}
	if !m.Statistic.Valid() {
		f.Refuse("Statistic", "%q is not a statistic.", m.Statistic)
	}
	return ecs.Faults(ecs.ValidationException, f.Pairs())
}

// TargetTracking returns the policy that the input describes; ok is false for other types.
func (in PutScalingPolicyInput) TargetTracking() (p TargetTracking, ok bool) {
	c := in.TargetTrackingScalingPolicyConfiguration
	if c == nil {
		return TargetTracking{}, false
	}
	p = TargetTracking{
		PolicyName:     in.PolicyName,
		TargetValue:    c.TargetValue.Or(0),
		DisableScaleIn: c.DisableScaleIn,
		Cooldowns:      Cooldowns{ScaleOutCooldown: c.ScaleOutCooldown, ScaleInCooldown: c.ScaleInCooldown},
	}
	if m := c.PredefinedMetricSpecification; m != nil {
		p.Period = m.Period()
	}
	return p, true
}

// StepScaling returns the policy that the input describes, invoked by the alarm; ok is false
// for other types. A policy that several alarms invoke is a StepScaling for each.
func (in PutScalingPolicyInput) StepScaling(alarm cloudwatch.MetricAlarm) (p StepScaling, ok bool) {
	c := in.StepScalingPolicyConfiguration
	if c == nil {
		return StepScaling{}, false
	}
	return StepScaling{
		PolicyName:             in.PolicyName,
		Alarm:                  alarm,
		AdjustmentType:         c.AdjustmentType,
		StepAdjustments:        slices.Clone(c.StepAdjustments),
		MinAdjustmentMagnitude: c.MinAdjustmentMagnitude.Or(0),
		MetricAggregationType:  c.MetricAggregationType,
		Cooldown:               c.Cooldown,
	}, true
}

// ValidateScalingPolicies returns nil, or a ValidationException for a set of policies of one target that
// are not allowed together: more than 50, two of one name, two target-tracking policies with one metric,
// two that scale by forecast.
// Source: Application Auto Scaling User Guide, "Target tracking scaling policies" and "Quotas".
func ValidateScalingPolicies(policies []PutScalingPolicyInput) error {
	var f check.Faults
	if len(policies) > 50 {
		f.Refuse("", "A scalable target has at most 50 scaling policies, got %d.", len(policies))
	}
	forecasts := 0
	for i, p := range policies {
		path := fmt.Sprintf("[%d]", i)
		earlier := policies[:i]
		if slices.ContainsFunc(earlier, func(q PutScalingPolicyInput) bool { return q.PolicyName == p.PolicyName }) {
			f.Refuse(path+".PolicyName", "Two policies are named %q.", p.PolicyName)
		}
		if p.TargetTrackingScalingPolicyConfiguration != nil && slices.ContainsFunc(earlier, p.sameMetric) {
			f.Refuse(path+".TargetTrackingScalingPolicyConfiguration",
				"Only one TargetTrackingScaling policy for a given metric specification is allowed.")
		}
		if c := p.PredictiveScalingPolicyConfiguration; c != nil && c.Mode == PredictiveScalingModeForecastAndScale {
			if forecasts++; forecasts > 1 {
				f.Refuse(path+".PredictiveScalingPolicyConfiguration.Mode",
					"Only one predictive scaling policy may have the mode ForecastAndScale.")
			}
		}
	}
	return ecs.Faults(ecs.ValidationException, f.Pairs())
}

func (in PutScalingPolicyInput) sameMetric(other PutScalingPolicyInput) bool {
	a, b := in.TargetTrackingScalingPolicyConfiguration, other.TargetTrackingScalingPolicyConfiguration
	if b == nil {
		return false
	}
	if a.PredefinedMetricSpecification != nil && b.PredefinedMetricSpecification != nil {
		return *a.PredefinedMetricSpecification == *b.PredefinedMetricSpecification
	}
	if a.CustomizedMetricSpecification == nil || b.CustomizedMetricSpecification == nil {
		return false
	}
	return a.CustomizedMetricSpecification.equal(*b.CustomizedMetricSpecification)
}

func (m CustomizedMetricSpecification) equal(n CustomizedMetricSpecification) bool {
	return m.MetricName == n.MetricName && m.Namespace == n.Namespace && m.Statistic == n.Statistic &&
		m.Unit == n.Unit &&
		slices.Equal(m.Dimensions, n.Dimensions) && slices.EqualFunc(m.Metrics, n.Metrics,
		cloudwatch.TargetTrackingMetricDataQuery.Equal)
}
