package autoscale

import (
	"math"
	"slices"

	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
	"github.com/bayplan/bayplan/internal/whole"
)

// AdjustmentType says what the number of an adjustment means.
type AdjustmentType string

// The values of AdjustmentType.
const (
	AdjustmentTypeChangeInCapacity        AdjustmentType = "ChangeInCapacity"
	AdjustmentTypePercentChangeInCapacity AdjustmentType = "PercentChangeInCapacity"
	AdjustmentTypeExactCapacity           AdjustmentType = "ExactCapacity"
)

// Values returns every value of AdjustmentType, in the API's order.
func (AdjustmentType) Values() []AdjustmentType {
	return []AdjustmentType{AdjustmentTypeChangeInCapacity, AdjustmentTypePercentChangeInCapacity,
		AdjustmentTypeExactCapacity}
}

// Valid reports whether the value is one of Values.
func (v AdjustmentType) Valid() bool { return slices.Contains(v.Values(), v) }

// Apply returns the capacity after the adjustment, never negative. A percentage is rounded toward zero,
// but what lies between 0 and 1 counts as 1 and between -1 and 0 as -1; then a change other than 0 is
// raised to the minimum magnitude. It computes in whole numbers; a capacity that does not fit an int is
// the largest that does.
// Source: Application Auto Scaling User Guide, "Step scaling policies", scaling adjustment types.
func (v AdjustmentType) Apply(capacity, adjustment, minMagnitude int) int {
	switch v {
	case AdjustmentTypeExactCapacity:
		return max(0, adjustment)
	case AdjustmentTypePercentChangeInCapacity:
		adjustment = percent(capacity, adjustment, minMagnitude)
	}
	return max(0, whole.Plus(capacity, adjustment))
}

func percent(capacity, percent, minMagnitude int) int {
	switch {
	case capacity <= 0 || percent == 0:
		return 0
	case percent > 0:
		return max(1, whole.Down(capacity, percent, 100), minMagnitude)
	}
	return -max(1, whole.Down(capacity, -max(percent, -math.MaxInt), 100), minMagnitude)
}

// StepAdjustment is what a step policy does while the metric is within an interval of distances from the
// alarm's threshold. An absent bound is infinite.
type StepAdjustment struct {
	MetricIntervalLowerBound ecs.Opt[float64] `json:"MetricIntervalLowerBound,omitzero"`
	MetricIntervalUpperBound ecs.Opt[float64] `json:"MetricIntervalUpperBound,omitzero"`
	ScalingAdjustment        int              `json:"ScalingAdjustment"`
}

// contains reports whether the metric lies in the step: above the threshold the lower bound
// is included, below it the upper one, at it the one on the side that the alarm looks to.
func (s StepAdjustment) contains(metric, threshold float64, op cloudwatch.ComparisonOperator) bool {
	lower, hasLower := s.MetricIntervalLowerBound.Get()
	upper, hasUpper := s.MetricIntervalUpperBound.Get()
	above := metric > threshold || metric == threshold && (op == cloudwatch.GreaterThanThreshold ||
		op == cloudwatch.GreaterThanOrEqualToThreshold)
	if above {
		return (!hasLower || metric >= threshold+lower) && (!hasUpper || metric < threshold+upper)
	}
	return (!hasLower || metric > threshold+lower) && (!hasUpper || metric <= threshold+upper)
}

// validateSteps checks the rules for step adjustments; fields are below StepAdjustments.
func validateSteps(f *check.Faults, steps []StepAdjustment) {
	if len(steps) < 1 || len(steps) > 20 {
		f.Refuse("StepAdjustments", "A step scaling policy needs from 1 to 20 step adjustments, got %d.", len(steps))
	}
	var few [20]int
	order := few[:0]
	for i := range steps {
		order = append(order, i)
	}
	slices.SortStableFunc(order, func(a, b int) int { return compareLower(steps[a], steps[b]) })
	openLower, openUpper := 0, 0
	negative, positive, sound := false, false, true
	for i, s := range steps {
		lower, hasLower := s.MetricIntervalLowerBound.Get()
		upper, hasUpper := s.MetricIntervalUpperBound.Get()
		if (hasLower && !check.IsFinite(lower)) || (hasUpper && !check.IsFinite(upper)) {
			f.Refuse(check.Index("StepAdjustments", i), "The bounds of a step must be finite numbers.")
			sound = false
		}
		switch {
		case !hasLower && !hasUpper:
			f.Refuse(check.Index("StepAdjustments", i), "A step must have a lower or an upper bound.")
			sound = false
		case hasLower && hasUpper && upper <= lower:
			f.Refuse(check.Index("StepAdjustments", i)+".MetricIntervalUpperBound",
				"The upper bound %v must be greater than the lower bound %v.", upper, lower)
			sound = false
		}
		if !hasLower {
			openLower++
		}
		if !hasUpper {
			openUpper++
		}
		negative = negative || hasLower && lower < 0
		positive = positive || hasUpper && upper > 0
	}
	if openLower > 1 || openUpper > 1 {
		f.Refuse("StepAdjustments",
			"At most one step may omit its lower bound and at most one its upper bound, got %d and %d.",
			openLower, openUpper)
		sound = false
	}
	if negative && openLower == 0 {
		f.Refuse("StepAdjustments", "With a negative lower bound, one step must have no lower bound.")
	}
	if positive && openUpper == 0 {
		f.Refuse("StepAdjustments", "With a positive upper bound, one step must have no upper bound.")
	}
	if sound {
		validateAdjacent(f, steps, order)
	}
}

func validateAdjacent(f *check.Faults, steps []StepAdjustment, order []int) {
	for k := 1; k < len(order); k++ {
		upper, hasUpper := steps[order[k-1]].MetricIntervalUpperBound.Get()
		lower, _ := steps[order[k]].MetricIntervalLowerBound.Get()
		switch {
		case !hasUpper || lower < upper:
			f.Refuse(check.Index("StepAdjustments", order[k]), "Steps %d and %d overlap.", order[k-1], order[k])
		case lower > upper:
			f.Refuse(check.Index("StepAdjustments", order[k]), "There is a gap between steps %d and %d, from %v to %v.",
				order[k-1], order[k], upper, lower)
		}
	}
}

func compareLower(a, b StepAdjustment) int {
	x, hasX := a.MetricIntervalLowerBound.Get()
	y, hasY := b.MetricIntervalLowerBound.Get()
	switch {
	case !hasX && !hasY:
		return 0
	case !hasX:
		return -1
	case !hasY:
		return 1
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}
