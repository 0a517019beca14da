package autoscale_test

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// cpu returns a metric that has had the values in the minutes before noon.
func cpu(values ...float64) cloudwatch.Series {
	s := cloudwatch.Series{Start: ecs.At(noon.Add(-time.Duration(len(values)) * time.Minute)), Period: 60}
	for _, v := range values {
		s.Datapoints = append(s.Datapoints, cloudwatch.Datapoint{Value: v})
	}
	return s
}

// A policy as the AWS CLI takes it, and an hour of requests as a load balancer's CSV has it: is the
// policy valid, what would it have done, and why did it not act at 12:36?
func Example() {
	var in autoscale.PutScalingPolicyInput
	if err := json.Unmarshal([]byte(`{"PolicyName": "requests", "PolicyType": "TargetTrackingScaling",
		"ServiceNamespace": "ecs", "ResourceId": "service/default/web", "ScalableDimension": "ecs:service:DesiredCount",
		"TargetTrackingScalingPolicyConfiguration": {"TargetValue": 60, "ScaleInCooldown": 600, "PredefinedMetricSpecification": {
			"PredefinedMetricType": "ALBRequestCountPerTarget", "ResourceLabel": "app/web/50dc6c49/targetgroup/web/943f017f"}}}`), &in); err != nil {
		panic(err)
	}
	fmt.Println("valid:", in.Validate() == nil)
	policy, _ := in.TargetTracking()

	rows, err := csv.NewReader(strings.NewReader("12:00,500\n12:05,500\n12:10,2500\n12:15,3000\n12:20,500\n" +
		"12:25,500\n12:30,450\n12:35,400\n12:40,400\n12:45,450\n12:50,500\n12:55,500\n")).ReadAll()
	if err != nil {
		panic(err)
	}
	load := cloudwatch.Series{Start: ecs.At(noon), Period: 300}
	for _, row := range rows {
		requests, _ := strconv.ParseFloat(row[1], 64)
		load.Datapoints = append(load.Datapoints, cloudwatch.Datapoint{Value: requests})
	}
	load = load.Every(time.Minute, cloudwatch.StatisticSum)

	replay := autoscale.Replay{
		Bounds: autoscale.Bounds{MinCapacity: 2, MaxCapacity: 20}, Desired: 2, StartupTime: 90 * time.Second,
		PerTask: 80,
		Policies: []autoscale.ReplayPolicy{{Policy: policy,
			Metric: func(load cloudwatch.Datapoint, running int) cloudwatch.Datapoint {
				return cloudwatch.RequestCountPerTarget(load.Value, running)
			}}},
	}
	summary, err := replay.Run(load)
	if err != nil {
		panic(err)
	}
	for _, d := range summary.Decisions {
		fmt.Println(d.At.Time().Format("15:04"), d)
	}
	fmt.Print(summary)
	every, _ := replay.Decisions(load)
	for d := range every {
		if d.At == ecs.At(noon.Add(36*time.Minute)) {
			fmt.Println("12:36", d)
		}
	}
	// Output:
	// valid: true
	// 12:13 requests 2 → 9: alarm AlarmHigh, 250 against 60
	// 12:16 requests 9 → 20: alarm AlarmHigh, 188.889 against 60, wants 29, limited by MaxCapacity
	// 12:33 requests 20 → 3: alarm AlarmLow, 8.23333 against 54
	// 12:44 requests 3 → 2: alarm AlarmLow, 21.2333 against 54
	// periods 60 (0 without data), decisions 4: 2 out, 2 in
	// tasks 2 to 20, task-hours 7.0
	// under target for 5 minutes, 0.4 task-hours missing, 4.7 too many
	// 12:36 requests stays at 3: alarm AlarmLow, 9.67778 against 54, wants 1, limited by ScaleInCooldown until 2026-11-22T12:44:00Z
}

// Four tasks at 80 % are held to 50 %: seven would be.
func ExampleTargetTracking() {
	policy := autoscale.TargetTracking{PolicyName: "cpu50", TargetValue: 50}
	capacity := autoscale.Capacity{Desired: 4, Running: 4}
	decision, memory := policy.Decide(autoscale.Memory{}, noon, capacity, cpu(80, 80, 80))
	fmt.Println(decision)

	// A minute later the new tasks are still pending. What runs is the base, so nothing is added.
	capacity.Desired = decision.New
	decision, _ = policy.Decide(memory, noon, capacity, cpu(80, 80, 80))
	fmt.Println(decision)
	// Output:
	// cpu50 4 → 7: alarm AlarmHigh, 80 against 50
	// cpu50 stays at 7: alarm AlarmHigh, 80 against 50, limited by DesiredCapacity
}

func ExampleStepScaling() {
	policy := autoscale.StepScaling{
		PolicyName:     "steps",
		AdjustmentType: autoscale.AdjustmentTypePercentChangeInCapacity,
		Alarm: cloudwatch.MetricAlarm{
			AlarmName: "busy", ComparisonOperator: cloudwatch.GreaterThanThreshold,
			Threshold: 50, Period: 60, EvaluationPeriods: 1,
		},
		StepAdjustments: []autoscale.StepAdjustment{
			{MetricIntervalLowerBound: ecs.Some(0.0), MetricIntervalUpperBound: ecs.Some(10.0)},
			{MetricIntervalLowerBound: ecs.Some(10.0), MetricIntervalUpperBound: ecs.Some(20.0), ScalingAdjustment: 10},
			{MetricIntervalLowerBound: ecs.Some(20.0), ScalingAdjustment: 30},
		},
	}
	for _, v := range []float64{55, 60, 75} {
		decision, _ := policy.Decide(autoscale.Memory{}, noon, autoscale.Capacity{Desired: 10, Running: 10}, cpu(v))
		fmt.Println(decision)
	}
	// Output:
	// steps stays at 10: no step for busy, 55 against 50
	// steps 10 → 11: alarm busy, 60 against 50
	// steps 10 → 13: alarm busy, 75 against 50
}

// CPU would let six of ten tasks go; memory does not, and says so.
func ExampleCombine() {
	capacity := autoscale.Capacity{Desired: 10, Running: 10}
	low := cpu(20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20)
	a, _ := autoscale.TargetTracking{PolicyName: "cpu", TargetValue: 50}.Decide(autoscale.Memory{}, noon, capacity, low)
	b, _ := autoscale.TargetTracking{PolicyName: "memory", TargetValue: 70}.Decide(autoscale.Memory{}, noon,
		capacity, cpu(66, 66, 66))
	fmt.Println(a)
	fmt.Println(b)
	fmt.Println(autoscale.Combine(autoscale.Bounds{MinCapacity: 1, MaxCapacity: 20}, capacity, a, b))
	// Output:
	// cpu 10 → 4: alarm AlarmLow, 20 against 45
	// memory stays at 10: no alarm
	// cpu stays at 10: alarm AlarmLow, 20 against 45, wants 4, limited by OtherPolicies
}

func ExampleSchedule() {
	s, err := autoscale.ParseSchedule("cron(0 18 L * ? *)", nil)
	if err != nil {
		panic(err)
	}
	at := noon
	for range 3 {
		at, _ = s.Next(at, time.Time{})
		fmt.Println(at.Format(time.DateTime))
	}
	_, err = autoscale.ParseSchedule("cron(0 18 31 2 ? *)", nil)
	fmt.Println(err)
	// Output:
	// 2026-11-30 18:00:00
	// 2026-12-31 18:00:00
	// 2027-01-31 18:00:00
	// ValidationException: Schedule: Schedule "cron(0 18 31 2 ? *)" is not valid: no such day exists in any of its months and years.
}

// Two busy instances, and ten tasks that wait: four fit an instance.
func ExampleNeeded() {
	fmt.Printf("%+v\n", autoscale.Needed(ecs.ManagedScaling{}, autoscale.GroupLoad{
		Running: 2, Busy: 2,
		InstanceTypes: []ecs.Resources{{CPU: 4096, Memory: 16384}},
		Provisioning:  []autoscale.Provisioning{{Requirements: ecs.Resources{CPU: 1024, Memory: 2048}, Count: 10}},
	}))
	// Output: {Needed:5 Reservation:250 Add:3 Limit: Incompatible:[]}
}

// A request in AWS's JSON, refused with every fault at once.
func ExamplePutScalingPolicyInput() {
	var in autoscale.PutScalingPolicyInput
	err := json.Unmarshal([]byte(`{
		"PolicyName": "steps", "PolicyType": "StepScaling", "ServiceNamespace": "ecs",
		"ResourceId": "service/default/web", "ScalableDimension": "ecs:service:DesiredCount",
		"StepScalingPolicyConfiguration": {"AdjustmentType": "ChangeInCapacity", "StepAdjustments": [
			{"MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 10, "ScalingAdjustment": 1},
			{"MetricIntervalLowerBound": 20, "ScalingAdjustment": 2}
		], "Cooldown": -1}
	}`), &in)
	if err != nil {
		panic(err)
	}
	err = in.Validate()
	fmt.Println(errors.Is(err, ecs.ValidationException))
	for e := range ecs.Errors(err) {
		fmt.Println(e.Field, "|", e.Message)
	}
	// Output:
	// true
	// StepScalingPolicyConfiguration.Cooldown | Cooldown must not be negative, got -1.
	// StepScalingPolicyConfiguration.StepAdjustments[1] | There is a gap between steps 0 and 1, from 10 to 20.
}

// An hour of requests, replayed: what would the policy have done?
func ExampleReplay() {
	load := cloudwatch.Series{Start: ecs.At(noon), Period: 60}
	for minute := range 60 {
		requests := 100.0
		if minute >= 10 && minute < 20 {
			requests = 500
		}
		load.Datapoints = append(load.Datapoints, cloudwatch.Datapoint{Value: requests})
	}
	summary, err := autoscale.Replay{
		Bounds: autoscale.Bounds{MinCapacity: 2, MaxCapacity: 20}, Desired: 2, StartupTime: time.Minute, PerTask: 80,
		Policies: []autoscale.ReplayPolicy{{
			Policy: autoscale.TargetTracking{PolicyName: "requests", TargetValue: 60},
			Metric: func(load cloudwatch.Datapoint, running int) cloudwatch.Datapoint {
				return cloudwatch.RequestCountPerTarget(load.Value, running)
			},
		}},
	}.Run(load)
	if err != nil {
		panic(err)
	}
	for _, d := range summary.Decisions {
		fmt.Println(d.At.Time().Format("15:04"), d)
	}
	fmt.Print(summary)
	// Output:
	// 12:13 requests 2 → 9: alarm AlarmHigh, 250 against 60
	// 12:35 requests 9 → 2: alarm AlarmLow, 11.1111 against 54
	// periods 60 (0 without data), decisions 2: 1 out, 1 in
	// tasks 2 to 9, task-hours 4.4
	// under target for 4 minutes, 0.3 task-hours missing, 2.0 too many
}

func ExamplePriceTable_Cost() {
	bill, err := autoscale.PriceTable{FargateVCPU: 0.04, FargateGB: 0.004}.Cost(autoscale.Usage{
		Fargate: []autoscale.FargateUsage{{CPU: 512, Memory: 1024, Count: 4, Duration: 90 * time.Minute}},
	})
	fmt.Printf("%.1f vCPU-hours, %.1f GB-hours, %.4f %v\n", bill.VCPUHours, bill.GBHours, bill.Total, err)
	// Output: 3.0 vCPU-hours, 6.0 GB-hours, 0.1440 <nil>
}
