package autoscale_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
)

// worked is a row of the facts' section 9: what the package returns for its inputs, and what the
// row says. Its name is the row's and where the figure comes from: AWS prints it, AWS+ it follows
// from what AWS prints, OBS somebody observed it, DER it is derived from the rules, U it is
// unconfirmed, and the default that we document.
type worked struct {
	row       string
	got, want any
}

// origins are the marks of all 117 rows, in order.
var origins = map[string]string{
	"E": "AWS AWS DER DER DER DER DER DER DER DER DER AWS+ AWS+ DER AWS DER OBS OBS AWS+ AWS+ AWS+ AWS+ AWS DER AWS+",
	"S": "AWS AWS AWS AWS AWS AWS AWS AWS AWS AWS+ AWS AWS AWS+ AWS+ AWS+ AWS+ AWS+ AWS+ OBS",
	"A": "AWS AWS AWS+",
	"C": "AWS+ AWS+ AWS+ AWS+ AWS+ DER DER DER DER DER AWS+ AWS+ AWS+ AWS+ AWS AWS+ AWS+ AWS+",
	"P": "AWS AWS AWS+ AWS AWS+ AWS AWS+",
	"D": "AWS AWS+ AWS AWS DER DER DER DER AWS+ AWS AWS U AWS",
	"K": "AWS AWS AWS AWS AWS OBS DER DER DER DER DER AWS+ DER DER DER AWS+ OBS AWS AWS DER AWS+",
	"X": "AWS AWS AWS OBS AWS+ AWS AWS AWS AWS+ AWS AWS+",
}

// Every row, by the package's public functions alone; none is left out, and none stands twice.
func TestWorkedExamples(t *testing.T) {
	var missing []string
	for letter, marks := range origins {
		for i, mark := range strings.Fields(marks) {
			missing = append(missing, letter+strconv.Itoa(i+1)+" "+mark)
		}
	}
	require.Len(t, missing, 117)
	for _, table := range []func(*testing.T) []worked{
		trackingRows, severalPoliciesRows, adjustmentRows, stepRows, stepCooldownRows, alarmRows,
		scheduleRows, scheduledActionRows, predictiveRows, strategyRows, managedScalingRows, metricRows, groupRows,
	} {
		for _, r := range table(t) {
			i := slices.Index(missing, r.row)
			require.GreaterOrEqual(t, i, 0, "no such row, or twice: %s", r.row)
			missing = slices.Delete(missing, i, i+1)
			t.Run(r.row, func(t *testing.T) { require.Equal(t, r.want, r.got) })
		}
	}
	require.Empty(t, missing)
}

// steady is a metric that has had one value for so many minutes before noon.
func steady(minutes int, v float64) cloudwatch.Series {
	return cpu(slices.Repeat([]float64{v}, minutes)...)
}

// reported is a metric of one datapoint, for so many minutes.
func reported(minutes int, p cloudwatch.Datapoint) cloudwatch.Series {
	s := steady(minutes, 0)
	for i := range s.Datapoints {
		s.Datapoints[i] = p
	}
	return s
}

// past is the minutes before noon.
func past(points ...cloudwatch.Datapoint) cloudwatch.Series {
	return cloudwatch.Series{Start: ecs.At(noon.Add(-time.Duration(len(points)) * time.Minute)),
		Period: 60, Datapoints: points}
}

// at is a capacity whose tasks all run.
func at(n int) autoscale.Capacity { return autoscale.Capacity{Desired: n, Running: n} }

func between(lo, hi int) autoscale.Bounds {
	return autoscale.Bounds{MinCapacity: lo, MaxCapacity: hi}
}

// tracks is what a new target-tracking policy makes of the metric.
func tracks(target float64, c autoscale.Capacity, m cloudwatch.Series) autoscale.Decision {
	d, _ := autoscale.TargetTracking{PolicyName: "tracking", TargetValue: target}.Decide(autoscale.Memory{}, noon, c, m)
	return d
}

// scaled is the desired count that decisions come to, from 0 to 1000.
func scaled(c autoscale.Capacity, ds ...autoscale.Decision) int {
	return autoscale.Combine(between(0, 1000), c, ds...).New
}

// refused is the codes and fields of an error.
func refused(err error) []string {
	var out []string
	for e := range ecs.Errors(err) {
		out = append(out, string(e.Code)+" "+e.Field)
	}
	return out
}

func trackingRows(t *testing.T) []worked {
	track := func(running, minutes int, metric, target float64) int {
		return scaled(at(running), tracks(target, at(running), steady(minutes, metric)))
	}
	messages := []cloudwatch.TargetTrackingMetricDataQuery{
		{ID: "m1",
			MetricStat: &cloudwatch.TargetTrackingMetricStat{
				Metric: cloudwatch.Metric{MetricName: "ApproximateNumberOfMessagesVisible", Namespace: "AWS/SQS"},
				Stat:   "Sum"}, ReturnData: ecs.Some(false)},
		{
			ID: "m2",
			MetricStat: &cloudwatch.TargetTrackingMetricStat{Metric: cloudwatch.Metric{MetricName: "RunningTaskCount",
				Namespace: "ECS/ContainerInsights"}, Stat: "Average"},
			ReturnData: ecs.Some(false),
		},
		{ID: "e1", Expression: "m1 / m2"},
	}
	perWorker, err := cloudwatch.EvaluateQueries(
		messages,
		func(m cloudwatch.TargetTrackingMetricStat) cloudwatch.Series {
			return steady(3, map[string]float64{"AWS/SQS": 1500, "ECS/ContainerInsights": 10}[m.Metric.Namespace])
		},
	)
	require.NoError(t, err)
	alarms := func(target float64) (high, low cloudwatch.MetricAlarm) {
		made := autoscale.PutScalingPolicyInput{
			TargetTrackingScalingPolicyConfiguration: &autoscale.TargetTrackingScalingPolicyConfiguration{
				TargetValue: ecs.Some(target)}}.Alarms("", func(string) string { return "id" })
		return made[0].Alarm(), made[1].Alarm()
	}
	high30, low30 := alarms(30)
	_, low70 := alarms(70)
	pending := autoscale.Capacity{Desired: 5, Running: 3}
	first := autoscale.Combine(between(0, 12), at(8), tracks(50, at(8), steady(3, 125)))
	again := autoscale.Combine(between(0, 12), at(12), tracks(50, at(12), steady(3, 125)))
	reason, _ := again.NotScaledReason(between(0, 12))
	in := autoscale.RegisterScalableTargetInput{
		ServiceNamespace: "ecs", ResourceID: "service/default/web",
		ScalableDimension: autoscale.ScalableDimensionService,
		MinCapacity:       ecs.Some(2), MaxCapacity: ecs.Some(10),
	}
	target, err := in.Register(autoscale.ScalableTarget{})
	require.NoError(t, err)
	return []worked{
		{"E1 AWS", track(10, 3, 57.5, 50) - 10, 2},
		{"E2 AWS", track(10, 15, 42.5, 50) - 10, -1},
		{"E3 DER", track(10, 3, 57.5, 50), 12},
		{"E4 DER", track(10, 15, 42.5, 50), 9},
		{"E5 DER", track(4, 3, 80, 50), 7},
		{"E6 DER", track(10, 3, 75, 50), 15},
		{"E7 DER", scaled(pending, tracks(50, pending, steady(3, 80))), 5},
		{"E8 DER", track(10, 15, 30, 50), 6},
		{"E9 DER", track(10, 15, 46, 50), 10},
		{"E10 DER", track(2, 15, 44, 50), 2},
		{"E11 DER", track(1, 15, 5, 50), 1},
		{"E12 AWS+", scaled(at(2), tracks(1000, at(2), reported(15, cloudwatch.RequestCountPerTarget(0, 2)))), 0},
		{"E13 AWS+", scaled(at(0), tracks(1000, at(0), reported(1, cloudwatch.RequestCountPerTarget(1500, 0)))), 1},
		{"E14 DER", scaled(at(4), tracks(1000, at(4), reported(3, cloudwatch.RequestCountPerTarget(12_000, 4)))), 12},
		{"E15 AWS", scaled(at(10), tracks(10/0.1, at(10), perWorker)), 15},
		{"E16 DER", track(30, 3, 62, 60), 31},
		{"E17 OBS", [6]float64{high30.Threshold, float64(high30.DatapointsToAlarm), float64(high30.EvaluationPeriods),
			low30.Threshold, float64(low30.DatapointsToAlarm), float64(low30.EvaluationPeriods)},
			[6]float64{30, 3, 3, 27, 15, 15}},
		{"E18 OBS", low70.Threshold, 63.0},
		{"E24 DER", []any{first.New, again.New, reason.Code}, []any{12, 12, "AlreadyAtMaxCapacity"}},
		{"E25 AWS+", [2]int{target.Bounds().Pull(noon, at(1)).New, target.Bounds().Pull(noon, at(12)).New},
			[2]int{2, 10}},
	}
}

func severalPoliciesRows(*testing.T) []worked {
	out := []autoscale.Decision{tracks(50, at(5), steady(3, 60)), tracks(70, at(5), steady(3, 112))} // want 6 and 8
	cpuLow := tracks(50, at(10), steady(15, 20))                                                     // wants 4
	memoryLow := tracks(70, at(10), steady(15, 42))                                                  // wants 6
	memoryHolds := tracks(70, at(10), steady(15, 66))
	abstains, _ := autoscale.TargetTracking{TargetValue: 70, DisableScaleIn: true}.Decide(autoscale.Memory{},
		noon, at(10), steady(15, 66))
	a := steps(autoscale.AdjustmentTypeChangeInCapacity, cloudwatch.GreaterThanThreshold, 50, above(0, 3))
	b := steps(autoscale.AdjustmentTypePercentChangeInCapacity, cloudwatch.GreaterThanThreshold, 50, above(0, 200))
	return []worked{
		{"E19 AWS+", scaled(at(5), out...), 8},
		{"E20 AWS+", scaled(at(10), cpuLow, memoryLow), 6},
		{"E21 AWS+", scaled(at(10), cpuLow, memoryHolds), 10},
		{"E22 AWS+", scaled(at(10), cpuLow, abstains), 4},
		{"E23 AWS", scaled(at(10), stepped(a, 10, 60), stepped(b, 10, 60)), 30},
	}
}

// steps is a step policy with its alarm.
func steps(
	kind autoscale.AdjustmentType, op cloudwatch.ComparisonOperator, threshold float64, s ...autoscale.StepAdjustment,
) autoscale.StepScaling {
	return autoscale.StepScaling{
		PolicyName: "steps", AdjustmentType: kind, StepAdjustments: s,
		Alarm: cloudwatch.MetricAlarm{AlarmName: "alarm", ComparisonOperator: op, Threshold: threshold,
			Period: 60, EvaluationPeriods: 1},
	}
}

// from, above and below are steps from lower to upper, from lower on, and up to upper.
func from(lower, upper float64, adjustment int) autoscale.StepAdjustment {
	return autoscale.StepAdjustment{MetricIntervalLowerBound: ecs.Some(lower),
		MetricIntervalUpperBound: ecs.Some(upper), ScalingAdjustment: adjustment}
}

func above(lower float64, adjustment int) autoscale.StepAdjustment {
	return autoscale.StepAdjustment{MetricIntervalLowerBound: ecs.Some(lower), ScalingAdjustment: adjustment}
}

func below(upper float64, adjustment int) autoscale.StepAdjustment {
	return autoscale.StepAdjustment{MetricIntervalUpperBound: ecs.Some(upper), ScalingAdjustment: adjustment}
}

// stepped is what a new step policy makes of one minute's metric.
func stepped(p autoscale.StepScaling, n int, metric float64) autoscale.Decision {
	d, _ := p.Decide(autoscale.Memory{}, noon, at(n), steady(1, metric))
	return d
}

func adjustmentRows(*testing.T) []worked {
	change, percent, exact := autoscale.AdjustmentTypeChangeInCapacity, autoscale.AdjustmentTypePercentChangeInCapacity,
		autoscale.AdjustmentTypeExactCapacity
	// by is the capacity after an alarm with one step, upward or downward by the adjustment's sign.
	by := func(kind autoscale.AdjustmentType, n, adjustment, magnitude int) autoscale.Decision {
		p, metric := steps(kind, cloudwatch.GreaterThanThreshold, 50, above(0, adjustment)), 60.0
		if adjustment < 0 {
			p, metric = steps(kind, cloudwatch.LessThanThreshold, 50, below(0, adjustment)), 40.0
		}
		p.MinAdjustmentMagnitude = magnitude
		return stepped(p, n, metric)
	}
	to := func(kind autoscale.AdjustmentType, n, adjustment, magnitude int) int {
		return scaled(at(n), by(kind, n, adjustment, magnitude))
	}
	return []worked{
		{"S1 AWS", [4]int{to(percent, 127, 10, 0) - 127, to(percent, 67, 1, 0) - 67, to(percent, 58, -1, 0) - 58,
			to(percent, 667, -1, 0) - 667}, [4]int{12, 1, -1, -6}},
		{"S6 AWS", to(percent, 4, 25, 2), 6},
		{"S7 AWS", [2]int{to(change, 3, 5, 0), to(exact, 3, 5, 0)}, [2]int{8, 5}},
		{"S8 AWS", to(percent, 10, 10, 0), 11},
		{"S11 AWS", [2]int{autoscale.Combine(between(0, 3), at(2), by(change, 2, 3, 0)).New,
			autoscale.Combine(between(2, 9), at(3), by(change, 3, -2, 0)).New}, [2]int{3, 2}},
		{"S12 AWS", scaled(at(8), by(change, 8, -3, 0), by(percent, 8, -25, 0)), 6},
		{"S15 AWS+", to(percent, 3, -10, 0), 2},
	}
}

func stepRows(*testing.T) []worked {
	percent := autoscale.AdjustmentTypePercentChangeInCapacity
	out := steps(percent, cloudwatch.GreaterThanThreshold, 50, from(0, 10, 0), from(10, 20, 10), above(20, 30))
	in := steps(percent, cloudwatch.LessThanThreshold, 50, from(-10, 0, 0), from(-20, -10, -10), below(-20, -30))
	sample := steps(percent, cloudwatch.GreaterThanOrEqualToThreshold, 60, from(0, 15, 10),
		from(15, 25, 20), above(25, 30))
	to := func(p autoscale.StepScaling, n int, metric float64) int { return scaled(at(n), stepped(p, n, metric)) }
	gap := steps(percent, cloudwatch.GreaterThanThreshold, 50, from(0, 10, 1), above(20, 2))
	closed := steps(percent, cloudwatch.GreaterThanThreshold, 50, from(0, 10, 1), from(10, 20, 2))
	return []worked{
		{"S2 AWS", to(out, 10, 60), 11},
		{"S3 AWS", to(out, 11, 70), 14},
		{"S4 AWS", to(in, 14, 40), 13},
		{"S5 AWS", to(in, 13, 30), 10},
		{"S13 AWS+", [2]int{to(out, 10, 59.999), to(out, 10, 60)}, [2]int{10, 11}},
		{"S14 AWS+", [2]int{to(in, 10, 40), to(in, 10, 40.001)}, [2]int{9, 10}},
		{"S16 AWS+", refused(gap.Validate()), []string{"ValidationException StepAdjustments[1]"}},
		{"S17 AWS+", refused(closed.Validate()), []string{"ValidationException StepAdjustments"}},
		{"S18 AWS+", [2]int{to(sample, 10, 84), to(sample, 10, 85)}, [2]int{12, 13}},
	}
}

// stepCooldownRows lets minutes pass: what counts while a scale-out is pending and in cooldown.
func stepCooldownRows(*testing.T) []worked {
	// run feeds a metric a minute and returns the desired counts; tasks run so many minutes later.
	run := func(p autoscale.StepScaling, n, startup int, metrics ...float64) []int {
		var mem autoscale.Memory
		var d autoscale.Decision
		counts := []int{n}
		for i := range metrics {
			c := autoscale.Capacity{Desired: counts[i], Running: counts[max(0, i-startup)]}
			now := noon.Add(time.Duration(i+1-len(metrics)) * time.Minute)
			d, mem = p.Decide(mem, now, c, cpu(metrics...))
			counts = append(counts, d.New)
		}
		return counts[1:]
	}
	change := autoscale.AdjustmentTypeChangeInCapacity
	two := steps(change, cloudwatch.GreaterThanThreshold, 50, from(0, 20, 2), above(20, 3))
	one := steps(change, cloudwatch.GreaterThanThreshold, 50, from(0, 20, 1), above(20, 2))
	return []worked{
		{"S9 AWS", run(two, 10, 0, 60, 75), []int{12, 13}},
		{"S10 AWS+", run(two, 10, 0, 60, 60), []int{12, 12}},
		// The second task runs from the third minute on, the third from the fifth; five minutes later the
		// cooldown is over.
		{"S19 OBS", run(one, 1, 1, 60, 60, 75, 75, 75, 75, 75, 75, 75, 75), []int{2, 2, 3, 3, 3, 3, 3, 3, 3, 5}},
	}
}

func alarmRows(*testing.T) []worked {
	three := cloudwatch.MetricAlarm{ComparisonOperator: cloudwatch.GreaterThanThreshold, Threshold: 50,
		Period: 60, EvaluationPeriods: 3}
	gone, breach := cloudwatch.Datapoint{Missing: true}, cloudwatch.Datapoint{Value: 60}
	young := func(before cloudwatch.AlarmState, points ...cloudwatch.Datapoint) bool {
		return three.Evaluate(before, noon, past(points...)).State == cloudwatch.AlarmStateAlarm
	}
	sliding := cloudwatch.MetricAlarm{ComparisonOperator: cloudwatch.GreaterThanThreshold, Threshold: 30,
		Period: 300, EvaluationPeriods: 1}
	minutes := cpu(200, 0, 0, 0, 0, 60) // minutes 1 to 5 average 40, minutes 2 to 6 average 12
	state := func(minute int) cloudwatch.AlarmState {
		return sliding.Evaluate(cloudwatch.AlarmStateOK, noon.Add(time.Duration(minute-6)*time.Minute), minutes).State
	}
	quarter, long := three, three
	quarter.EvaluationPeriods, long.EvaluationPeriods = 15, 1441
	return []worked{
		{"A1 AWS", []bool{
			young(cloudwatch.AlarmStateOK, gone, gone, gone, gone, breach), young(cloudwatch.AlarmStateOK, gone,
				gone, gone, breach, gone),
			young(cloudwatch.AlarmStateAlarm, gone, gone, gone, gone, breach),
			young(cloudwatch.AlarmStateInsufficientData, gone, gone, gone, breach, gone),
		}, []bool{false, false, false, false}},
		{"A2 AWS", []cloudwatch.AlarmState{state(5), state(6)}, []cloudwatch.AlarmState{cloudwatch.AlarmStateAlarm,
			cloudwatch.AlarmStateOK}},
		{"A3 AWS+", [][]string{refused(quarter.Validate()), refused(long.Validate())},
			[][]string{nil, {"InvalidParameterException EvaluationPeriods"}}},
	}
}
