package groups

import (
	"slices"
	"strings"
	"time"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
)

// PolicyType is a kind of scaling policy of a group.
type PolicyType string

// The values of PolicyType.
const (
	PolicyTypeSimple         PolicyType = "SimpleScaling" // also ""
	PolicyTypeStep           PolicyType = "StepScaling"
	PolicyTypeTargetTracking PolicyType = "TargetTrackingScaling"
	PolicyTypePredictive     PolicyType = "PredictiveScaling"
)

// PutScalingPolicyInput makes or replaces a scaling policy of a group.
// Source: Amazon EC2 Auto Scaling API Reference, PutScalingPolicy.
type PutScalingPolicyInput struct {
	_ struct{} `unmodelled:"MinAdjustmentStep"`

	AutoScalingGroupName   string                     `json:"AutoScalingGroupName"`
	PolicyName             string                     `json:"PolicyName"`
	PolicyType             PolicyType                 `json:"PolicyType,omitzero"`
	AdjustmentType         autoscale.AdjustmentType   `json:"AdjustmentType,omitzero"`
	MinAdjustmentMagnitude ecs.Opt[int]               `json:"MinAdjustmentMagnitude,omitzero"`
	ScalingAdjustment      ecs.Opt[int]               `json:"ScalingAdjustment,omitzero"`
	Cooldown               ecs.Opt[int]               `json:"Cooldown,omitzero"` // of a simple policy, in seconds
	MetricAggregationType  cloudwatch.Statistic       `json:"MetricAggregationType,omitzero" kept:""`
	StepAdjustments        []autoscale.StepAdjustment `json:"StepAdjustments,omitzero"`
	// EstimatedInstanceWarmup is how long a new instance does not count, in seconds; absent: the group's
	// DefaultInstanceWarmup or DefaultCooldown.
	EstimatedInstanceWarmup        ecs.Opt[int]                    `json:"EstimatedInstanceWarmup,omitzero"`
	TargetTrackingConfiguration    *TargetTrackingConfiguration    `json:"TargetTrackingConfiguration,omitzero"`
	Enabled                        ecs.Opt[bool]                   `json:"Enabled,omitzero"` // absent: true
	PredictiveScalingConfiguration *PredictiveScalingConfiguration `json:"PredictiveScalingConfiguration,omitzero"`
}

// TargetTrackingConfiguration is the configuration of a target-tracking policy.
// Source: Amazon EC2 Auto Scaling API Reference, TargetTrackingConfiguration.
type TargetTrackingConfiguration struct {
	PredefinedMetricSpecification *PredefinedMetricSpecification `json:"PredefinedMetricSpecification,omitzero"`
	CustomizedMetricSpecification *CustomizedMetricSpecification `json:"CustomizedMetricSpecification,omitzero"`
	TargetValue                   ecs.Opt[float64]               `json:"TargetValue,omitzero"`
	DisableScaleIn                bool                           `json:"DisableScaleIn"`
}

// PredefinedMetricSpecification is one of the metrics of a group.
type PredefinedMetricSpecification struct {
	PredefinedMetricType string `json:"PredefinedMetricType"`
	ResourceLabel        string `json:"ResourceLabel,omitzero"`
}

// CustomizedMetricSpecification is a metric of CloudWatch.
type CustomizedMetricSpecification struct {
	_ struct{} `unmodelled:"Metrics,Period"`

	MetricName string                       `json:"MetricName,omitzero"`
	Namespace  string                       `json:"Namespace,omitzero"`
	Dimensions []cloudwatch.MetricDimension `json:"Dimensions,omitzero"`
	Statistic  cloudwatch.Statistic         `json:"Statistic,omitzero"`
	Unit       string                       `json:"Unit,omitzero" kept:""`
}

// Metric is a metric that a policy follows: one of the group's own, which has no Namespace, or one of CloudWatch.
type Metric struct {
	AutoScalingGroupName string
	MetricName           string // ASGAverageCPUUtilization, …, or the name in Namespace
	ResourceLabel        string // of ALBRequestCountPerTarget
	Namespace            string
	Dimensions           []cloudwatch.MetricDimension
	Statistic            cloudwatch.Statistic
}

// PolicyAlarm is an alarm that a target-tracking policy makes.
type PolicyAlarm struct {
	AlarmName string `json:"AlarmName"`
	AlarmARN  string `json:"AlarmARN"`
}

func (a PolicyAlarm) is(kind string) bool { return strings.Contains(a.AlarmName, "-"+kind+"-") }

// policy is a scaling policy with what it remembers.
type policy struct {
	Input      PutScalingPolicyInput `json:"input"`
	ARN        string                `json:"arn"`
	Alarms     []PolicyAlarm         `json:"alarms,omitzero"`
	Managed    bool                  `json:"managed,omitzero"` // by ECS, which decides itself
	Memory     autoscale.Memory      `json:"memory,omitzero"`
	Metric     cloudwatch.Series     `json:"metric,omitzero"`     // a datapoint a minute
	Load       cloudwatch.Series     `json:"load,omitzero"`       // a datapoint an hour, for a forecast
	Hour       hour                  `json:"hour,omitzero"`       // that goes on
	Forecast   cloudwatch.Series     `json:"forecast,omitzero"`   // of the load
	Forecasted ecs.Instant           `json:"forecasted,omitzero"` // when
}

const mostPolicies = 50

// PutScalingPolicyOutput names a policy and its alarms.
type PutScalingPolicyOutput struct {
	PolicyARN string        `json:"PolicyARN"`
	Alarms    []PolicyAlarm `json:"Alarms"`
}

// PutScalingPolicy makes a scaling policy of a group, or replaces the one of that name.
// Errors: ValidationError for a group that does not exist and a policy with a fault, LimitExceeded.
func (s *Service) PutScalingPolicy(now time.Time, in PutScalingPolicyInput) (PutScalingPolicyOutput, error) {
	r, err := s.find(in.AutoScalingGroupName)
	if err != nil {
		return PutScalingPolicyOutput{}, err
	}
	if err := in.validate(); err != nil {
		return PutScalingPolicyOutput{}, err
	}
	p := &policy{Input: in.clone()}
	at := slices.IndexFunc(r.Policies, func(o *policy) bool { return o.Input.PolicyName == in.PolicyName })
	switch {
	case at >= 0 && r.Policies[at].Managed:
		return PutScalingPolicyOutput{}, fault(ValidationError, "PolicyName", "The policy %s is managed by Amazon ECS.",
			in.PolicyName)
	case at >= 0 && r.Policies[at].Input.PolicyType == in.PolicyType:
		old := r.Policies[at]
		p.ARN, p.Alarms = old.ARN, s.alarms(r, p.Input, old.Alarms)
		p.Load, p.Hour = old.Load, old.Hour
		r.Policies[at] = p
	case at >= 0:
		return PutScalingPolicyOutput{}, fault(ValidationError, "PolicyType",
			"The type of the policy %s cannot be changed.", in.PolicyName)
	case len(r.Policies) >= mostPolicies:
		return PutScalingPolicyOutput{}, fault(LimitExceeded, "PolicyName", "A group has at most %d policies.",
			mostPolicies)
	default:
		s.register(r, p)
		r.Policies = append(r.Policies, p)
	}
	s.schedule(now, r)
	return PutScalingPolicyOutput{p.ARN, append([]PolicyAlarm{}, p.Alarms...)}, nil
}

// clone returns an input that shares nothing with what was given.
func (in PutScalingPolicyInput) clone() PutScalingPolicyInput {
	in.StepAdjustments = slices.Clone(in.StepAdjustments)
	if c := in.TargetTrackingConfiguration; c != nil {
		own := *c
		if m := c.PredefinedMetricSpecification; m != nil {
			metric := *m
			own.PredefinedMetricSpecification = &metric
		}
		if m := c.CustomizedMetricSpecification; m != nil {
			metric := *m
			metric.Dimensions = slices.Clone(m.Dimensions)
			own.CustomizedMetricSpecification = &metric
		}
		in.TargetTrackingConfiguration = &own
	}
	if c := in.PredictiveScalingConfiguration; c != nil {
		own := *c
		own.MetricSpecifications = slices.Clone(c.MetricSpecifications)
		for i := range own.MetricSpecifications {
			own.MetricSpecifications[i] = own.MetricSpecifications[i].clone()
		}
		in.PredictiveScalingConfiguration = &own
	}
	return in
}

// register gives a policy its ARN and its alarms.
func (s *Service) register(r *record, p *policy) {
	p.ARN = s.arn("scalingPolicy", "autoScalingGroupName/"+r.Group.AutoScalingGroupName+":policyName/"+
		p.Input.PolicyName)
	p.Alarms = s.alarms(r, p.Input, nil)
}

// alarms returns the alarms that a policy has: those that it had, as far as it still needs them, and new ones.
func (s *Service) alarms(r *record, in PutScalingPolicyInput, had []PolicyAlarm) (alarms []PolicyAlarm) {
	if in.PolicyType != PolicyTypeTargetTracking {
		return nil
	}
	kinds := []string{"AlarmHigh", "AlarmLow"}
	if in.TargetTrackingConfiguration.DisableScaleIn {
		kinds = kinds[:1]
	}
	for _, kind := range kinds {
		if at := slices.IndexFunc(had, func(a PolicyAlarm) bool { return a.is(kind) }); at >= 0 {
			alarms = append(alarms, had[at])
			continue
		}
		alarms = append(alarms, s.alarm("TargetTracking-"+r.Group.AutoScalingGroupName+"-"+kind+"-"+s.uuid()))
	}
	return alarms
}

// alarm is an alarm by its name and ARN.
func (s *Service) alarm(name string) PolicyAlarm {
	return PolicyAlarm{name, "arn:aws:cloudwatch:" + s.config.Region + ":" + s.config.Account + ":alarm:" + name}
}

// ShownPolicy is a policy as DescribePolicies shows it.
// Source: Amazon EC2 Auto Scaling API Reference, ScalingPolicy.
type ShownPolicy struct {
	PolicyARN string        `json:"PolicyARN"`
	Alarms    []PolicyAlarm `json:"Alarms"`
	PutScalingPolicyInput
}

// DescribePoliciesInput asks for policies.
type DescribePoliciesInput struct {
	_ struct{} `unmodelled:"IncludeManagedResources"`

	AutoScalingGroupName string       `json:"AutoScalingGroupName,omitzero"`
	PolicyNames          []string     `json:"PolicyNames,omitzero"` // names or ARNs
	PolicyTypes          []PolicyType `json:"PolicyTypes,omitzero"`
	MaxRecords           ecs.Opt[int] `json:"MaxRecords,omitzero"` // 1 to 100; absent: 50
	NextToken            string       `json:"NextToken,omitzero"`
}

// DescribePoliciesOutput is a page of policies.
type DescribePoliciesOutput struct {
	ScalingPolicies []ShownPolicy `json:"ScalingPolicies"`
	NextToken       string        `json:"NextToken,omitzero"`
}

// DescribePolicies returns policies in order of group, and then in the order in which they were made.
// Errors: ValidationError for a group that does not exist and a size of pages out of bounds, InvalidNextToken.
func (s *Service) DescribePolicies(in DescribePoliciesInput) (DescribePoliciesOutput, error) {
	of := s.state.Groups
	if in.AutoScalingGroupName != "" {
		r, err := s.find(in.AutoScalingGroupName)
		if err != nil {
			return DescribePoliciesOutput{}, err
		}
		of = []*record{r}
	}
	list := []ShownPolicy{}
	for _, r := range of {
		s.manage(r)
		for _, p := range r.Policies {
			named := len(in.PolicyNames) == 0 || slices.Contains(in.PolicyNames, p.Input.PolicyName) ||
				slices.Contains(in.PolicyNames, p.ARN)
			if !named || len(in.PolicyTypes) > 0 && !slices.Contains(in.PolicyTypes, p.Input.PolicyType) {
				continue
			}
			shown := ShownPolicy{p.ARN, append([]PolicyAlarm{}, p.Alarms...), p.Input.clone()}
			shown.Enabled = ecs.Some(p.Input.Enabled.Or(true))
			list = append(list, shown)
		}
	}
	list, next, err := page(list, func(p ShownPolicy) string { return p.PolicyARN }, in.NextToken, in.MaxRecords,
		usual, 100)
	return DescribePoliciesOutput{list, next}, err
}

// PolicyNameInput names a policy of a group, or has its ARN.
type PolicyNameInput struct {
	AutoScalingGroupName string `json:"AutoScalingGroupName,omitzero"`
	PolicyName           string `json:"PolicyName"`
}

// policy finds a policy by its name in a group, or by its ARN.
func (s *Service) policy(in PolicyNameInput) (*record, *policy, error) {
	for _, r := range s.state.Groups {
		if in.AutoScalingGroupName != "" && r.Group.AutoScalingGroupName != in.AutoScalingGroupName {
			continue
		}
		for _, p := range r.Policies {
			if p.ARN == in.PolicyName || p.Input.PolicyName == in.PolicyName && in.AutoScalingGroupName != "" {
				return r, p, nil
			}
		}
	}
	if in.AutoScalingGroupName != "" {
		if _, err := s.find(in.AutoScalingGroupName); err != nil {
			return nil, nil, err
		}
	}
	return nil, nil, fault(ValidationError, "PolicyName", "PolicyName not found - No policy found with name: %s",
		in.PolicyName)
}

// DeletePolicy removes a policy. Errors: ValidationError for a group or a policy that does not exist.
func (s *Service) DeletePolicy(now time.Time, in PolicyNameInput) error {
	r, p, err := s.policy(in)
	if err != nil {
		return err
	}
	r.Policies = slices.DeleteFunc(slices.Clone(r.Policies), func(o *policy) bool { return o == p })
	s.schedule(now, r)
	return nil
}

// validate returns nil, or a ValidationError for a policy that lacks what its type needs or has what it must not.
func (in *PutScalingPolicyInput) validate() error {
	if in.PolicyType == "" {
		in.PolicyType = PolicyTypeSimple
	}
	if n := len(in.PolicyName); n < 1 || n > 255 {
		return fault(ValidationError, "PolicyName", "PolicyName must have from 1 to 255 characters, got %d.", n)
	}
	if (in.PolicyType == PolicyTypeTargetTracking) != (in.TargetTrackingConfiguration != nil) {
		return fault(ValidationError, "TargetTrackingConfiguration",
			"TargetTrackingConfiguration belongs to a policy of the type TargetTrackingScaling, and is required there.")
	}
	if (in.PolicyType == PolicyTypePredictive) != (in.PredictiveScalingConfiguration != nil) {
		return fault(ValidationError, "PredictiveScalingConfiguration",
			"PredictiveScalingConfiguration belongs to a policy of the type PredictiveScaling, and is required there.")
	}
	if n := in.EstimatedInstanceWarmup.Or(0); n < 0 || n > 1<<30 {
		return fault(ValidationError, "EstimatedInstanceWarmup",
			"EstimatedInstanceWarmup must not be negative, got %d.", n)
	}
	switch in.PolicyType {
	case PolicyTypeSimple:
		if in.ScalingAdjustment.IsZero() {
			return fault(ValidationError, "ScalingAdjustment",
				"ScalingAdjustment is required for policy type SimpleScaling")
		}
		return in.simple().Validate()
	case PolicyTypeStep:
		return in.step(0, true).Validate()
	case PolicyTypeTargetTracking:
		return in.TargetTrackingConfiguration.validate()
	case PolicyTypePredictive:
		return in.PredictiveScalingConfiguration.validate()
	}
	return fault(ValidationError, "PolicyType", "%q is not one of SimpleScaling, StepScaling, TargetTrackingScaling, "+
		"PredictiveScaling.", in.PolicyType)
}

// anyAlarm is the alarm of a policy whose alarms are not its own.
func anyAlarm(threshold float64, above bool) cloudwatch.MetricAlarm {
	a := cloudwatch.MetricAlarm{ComparisonOperator: cloudwatch.GreaterThanOrEqualToThreshold, Threshold: threshold,
		Period: 60, EvaluationPeriods: 1, Statistic: cloudwatch.StatisticAverage}
	if !above {
		a.ComparisonOperator = cloudwatch.LessThanThreshold
	}
	return a
}

func (in PutScalingPolicyInput) simple() autoscale.SimpleScaling {
	return autoscale.SimpleScaling{PolicyName: in.PolicyName, Alarm: anyAlarm(0, true),
		AdjustmentType:    in.AdjustmentType,
		ScalingAdjustment: in.ScalingAdjustment.Or(0), MinAdjustmentMagnitude: in.MinAdjustmentMagnitude.Or(0),
		Cooldown: in.Cooldown}
}

func (in PutScalingPolicyInput) step(threshold float64, above bool) autoscale.StepScaling {
	return autoscale.StepScaling{PolicyName: in.PolicyName, Alarm: anyAlarm(threshold, above),
		AdjustmentType: in.AdjustmentType, StepAdjustments: in.StepAdjustments,
		MetricAggregationType:  in.MetricAggregationType,
		MinAdjustmentMagnitude: in.MinAdjustmentMagnitude.Or(0), Cooldown: ecs.Some(0)}
}

// The predefined metrics of a group.
// Source: Amazon EC2 Auto Scaling API Reference, PredefinedMetricSpecification.
const (
	ASGAverageCPUUtilization = "ASGAverageCPUUtilization"
	ASGAverageNetworkIn      = "ASGAverageNetworkIn"
	ASGAverageNetworkOut     = "ASGAverageNetworkOut"
	ALBRequestCountPerTarget = "ALBRequestCountPerTarget"
)

func (c *TargetTrackingConfiguration) validate() error {
	switch p, m := c.PredefinedMetricSpecification, c.CustomizedMetricSpecification; {
	case (p == nil) == (m == nil):
		return fault(ValidationError, "TargetTrackingConfiguration",
			"Exactly one of PredefinedMetricSpecification and "+
				"CustomizedMetricSpecification is required.")
	case p != nil && !slices.Contains([]string{ASGAverageCPUUtilization, ASGAverageNetworkIn, ASGAverageNetworkOut,
		ALBRequestCountPerTarget}, p.PredefinedMetricType):
		return fault(ValidationError, "TargetTrackingConfiguration.PredefinedMetricSpecification.PredefinedMetricType",
			"%q is not a predefined metric of a group.", p.PredefinedMetricType)
	case m != nil && (m.MetricName == "" || m.Namespace == "" || !m.Statistic.Valid()):
		return fault(ValidationError, "TargetTrackingConfiguration.CustomizedMetricSpecification",
			"MetricName, Namespace and a Statistic are required.")
	}
	return c.tracking("").Validate()
}

// tracking returns the policy. EC2 Auto Scaling has no cooldowns there: instances that warm up do not count.
func (c *TargetTrackingConfiguration) tracking(name string) autoscale.TargetTracking {
	p := autoscale.TargetTracking{PolicyName: name, TargetValue: c.TargetValue.Or(0), DisableScaleIn: c.DisableScaleIn,
		Cooldowns: autoscale.Cooldowns{ScaleOutCooldown: ecs.Some(0), ScaleInCooldown: ecs.Some(0)}}
	if m := c.PredefinedMetricSpecification; m != nil && m.PredefinedMetricType == ASGAverageCPUUtilization {
		p.Low.Ratio = 0.7
	}
	return p
}

// metric returns what the policy follows.
func (c *TargetTrackingConfiguration) metric(groupName string) Metric {
	if p := c.PredefinedMetricSpecification; p != nil {
		return Metric{AutoScalingGroupName: groupName, MetricName: p.PredefinedMetricType,
			ResourceLabel: p.ResourceLabel}
	}
	m := c.CustomizedMetricSpecification
	return Metric{AutoScalingGroupName: groupName, Namespace: m.Namespace, MetricName: m.MetricName,
		Dimensions: slices.Clone(m.Dimensions), Statistic: m.Statistic}
}
