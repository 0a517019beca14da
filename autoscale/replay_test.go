package autoscale

import (
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/script"
)

// recorded reads a series of timestamp,value at a step; what the recording leaves out is missing.
func recorded(t testing.TB, name string, step time.Duration) cloudwatch.Series {
	t.Helper()
	path := filepath.Join("..", "..", "shared", "data", "load", "nab", name+".csv")
	file, err := os.Open(path)
	if os.IsNotExist(err) {
		t.Skipf("no recorded load at %s; the twin on made load runs everywhere", path)
	}
	require.NoError(t, err)
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	require.NoError(t, err)
	var s cloudwatch.Series
	for _, row := range rows[1:] {
		at, err := time.Parse("2006-01-02 15:04:05", row[0])
		require.NoError(t, err)
		v, err := strconv.ParseFloat(row[1], 64)
		require.NoError(t, err)
		if s.Start == 0 {
			s.Start, s.Period = ecs.At(at), int(step/time.Second)
		}
		i := int((at.Sub(s.Start.Time()) + step/2) / step)
		for len(s.Datapoints) <= i {
			s.Datapoints = append(s.Datapoints, cloudwatch.Datapoint{Missing: true})
		}
		s.Datapoints[i] = cloudwatch.Datapoint{Value: v}
	}
	return s
}

// minutes spreads a series over minutes, each value times by.
func minutes(s cloudwatch.Series, by float64) cloudwatch.Series {
	out := s.Every(time.Minute, cloudwatch.StatisticAverage)
	for i := range out.Datapoints {
		out.Datapoints[i].Value *= by
	}
	return out
}

// made is a load at five minutes that the package makes itself: days of a wave between low and
// high, a flat top, and now and then a burst or a hole.
func made(low, high, burst float64, days int) cloudwatch.Series {
	s := cloudwatch.Series{Start: ecs.At(time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)), Period: 300}
	for i := range days * 288 {
		hour := float64(i%288) / 12
		v := low + (high-low)*math.Max(0, math.Min(1, (6-math.Abs(hour-14))/4))
		switch {
		case i%701 < 4 && i > 288:
			v = burst
		case i%997 < 9 && i > 288:
			s.Datapoints = append(s.Datapoints, cloudwatch.Datapoint{Missing: true})
			continue
		}
		s.Datapoints = append(s.Datapoints, cloudwatch.Datapoint{Value: math.Round(v*10) / 10})
	}
	return s
}

// perTarget is RequestCountPerTarget of a load in requests.
func perTarget(load cloudwatch.Datapoint, running int) cloudwatch.Datapoint {
	if load.Missing {
		return load
	}
	return cloudwatch.RequestCountPerTarget(load.Value, running)
}

// utilization is CPUUtilization of a load in percents of a task, which no task exceeds.
func utilization(load cloudwatch.Datapoint, running int) cloudwatch.Datapoint {
	if load.Missing || running <= 0 {
		return cloudwatch.Datapoint{Missing: true}
	}
	return cloudwatch.Datapoint{Value: math.Min(100, load.Value/float64(running))}
}

// replayCase is a load, policies on it, and one decision that a person checked.
type replayCase struct {
	name   string
	file   string            // of the recording
	step   time.Duration     // of it
	by     float64           // recorded value → load a minute
	made   cloudwatch.Series // the twin
	replay Replay
	note   string // what to look for
	hand   string // a decision of the recording worked out by hand
	finds  string // its line in the golden file
}

func replayCases() []replayCase {
	tracking := func(metric func(cloudwatch.Datapoint, int) cloudwatch.Datapoint, target float64) []ReplayPolicy {
		return []ReplayPolicy{{Policy: TargetTracking{PolicyName: "tracking", TargetValue: target}, Metric: metric}}
	}
	up := stepwise(AdjustmentTypeChangeInCapacity, cloudwatch.GreaterThanThreshold, 5, step(0, 5, 2),
		step(5, 20, 6), step(20, nil, 20))
	up.PolicyName, up.Alarm.AlarmName, up.Cooldown = "up", "many", ecs.Some(120)
	down := stepwise(AdjustmentTypePercentChangeInCapacity, cloudwatch.LessThanThreshold, 2, step(nil, 0, -20))
	down.PolicyName, down.Alarm.AlarmName, down.Alarm.EvaluationPeriods = "down", "few", 10
	cpuUp := stepwise(AdjustmentTypePercentChangeInCapacity, cloudwatch.GreaterThanThreshold, 60,
		step(0, 20, 10), step(20, nil, 30))
	cpuUp.PolicyName, cpuUp.Alarm.AlarmName, cpuUp.Alarm.EvaluationPeriods = "up", "busy", 2
	cpuDown := stepwise(AdjustmentTypeChangeInCapacity, cloudwatch.LessThanThreshold, 30, step(nil, 0, -1))
	cpuDown.PolicyName, cpuDown.Alarm.AlarmName, cpuDown.Alarm.EvaluationPeriods = "down", "idle", 15
	return []replayCase{
		{
			name: "requests", file: "elb_request_count_8c0756", step: 5 * time.Minute, by: 1.0 / 5,
			made: made(5, 120, 500, 6),
			replay: Replay{Bounds: wide(1, 30), Desired: 2, StartupTime: time.Minute, PerTask: 8,
				Policies: tracking(perTarget, 5)},
			note: "Requests of a load balancer, 5 a minute and target aimed at; a task carries 8. Missing minutes " +
				"scale nothing.",
			hand: "By hand, 00:07: 94 requests in five minutes are 18.8 a minute, 9.4 for each of 2 tasks, above 5 " +
				"in all three minutes: ceil(2 × 9.4 ÷ 5) = ceil(3.76) = 4.",
			finds: "04-10 00:07  tracking 2 → 4",
		},
		{
			name: "collapse", file: "grok_asg_anomaly", step: 5 * time.Minute, by: 4, made: made(25, 45, 0.5, 6),
			replay: Replay{Bounds: wide(2, 12), Desired: 4, StartupTime: 2 * time.Minute, PerTask: 80,
				Policies: tracking(utilization, 40)},
			note: "CPU of a group of four that collapses: scale-in goes to the minimum and no further, and comes " +
				"back with the load.",
			hand: "By hand, 18:43: fifteen minutes below 36 with a mean of 28.5584: ceil(4 × 28.5584 ÷ 40) = " +
				"ceil(2.86) = 3.",
			finds: "01-16 18:43  tracking 4 → 3",
		},
		{
			name: "misconfiguration, target tracking", file: "cpu_utilization_asg_misconfiguration",
			step: 5 * time.Minute, by: 10, made: made(15, 90, 100, 6),
			replay: Replay{Bounds: wide(2, 40), Desired: 10, StartupTime: 2 * time.Minute, PerTask: 80,
				Policies: tracking(utilization, 50)},
			note:  "CPU of a group of ten through two months and a misconfiguration, under target tracking at 50 %.",
			hand:  "By hand, 01:17: 85.835 % in three minutes: ceil(10 × 85.835 ÷ 50) = ceil(17.17) = 18.",
			finds: "05-14 01:17  tracking 10 → 18",
		},
		{
			name: "misconfiguration, steps", file: "cpu_utilization_asg_misconfiguration", step: 5 * time.Minute,
			by: 10, made: made(15, 90, 100, 6),
			replay: Replay{Bounds: wide(2, 40), Desired: 10, StartupTime: 2 * time.Minute, PerTask: 80,
				Policies: []ReplayPolicy{{Policy: cpuUp, Metric: utilization}, {Policy: cpuDown, Metric: utilization}}},
			note: "The same load under steps: +10 % above 60 %, +30 % above 80 %, one task fewer after fifteen " +
				"minutes below 30 %.",
			hand: "By hand, 01:16: 85.835 % in two minutes is 25.835 above the threshold: the step from 20 on, 30 % " +
				"of 10 = 3.",
			finds: "05-14 01:16  up 10 → 13",
		},
		{
			name: "steady", file: "ec2_cpu_utilization_5f5533", step: 5 * time.Minute, by: 5, made: made(41, 45, 60, 6),
			replay: Replay{Bounds: wide(1, 20), Desired: 5, StartupTime: 2 * time.Minute, PerTask: 80,
				Policies: tracking(utilization, 45)},
			note:  "A steady load near its target: a good policy hardly acts.",
			hand:  "By hand, 14:30: 51.846 % in three minutes: ceil(5 × 51.846 ÷ 45) = ceil(5.76) = 6.",
			finds: "02-14 14:30  tracking 5 → 6",
		},
		{
			name: "saturated", file: "ec2_cpu_utilization_825cc2", step: 5 * time.Minute, by: 3,
			made: made(20, 96, 99, 6),
			replay: Replay{Bounds: wide(1, 10), Desired: 3, StartupTime: 2 * time.Minute, PerTask: 80,
				Policies: tracking(utilization, 60)},
			note:  "Three tasks that are saturated, then a drop.",
			hand:  "By hand, 00:07: 91.958 % in three minutes: ceil(3 × 91.958 ÷ 60) = ceil(4.60) = 5.",
			finds: "04-10 00:07  tracking 3 → 5",
		},
		{
			name: "flash crowd", file: "Twitter_volume_AMZN", step: 5 * time.Minute, by: 1.0 / 5,
			made: made(30, 90, 1600, 6),
			replay: Replay{Bounds: wide(2, 120), Desired: 4, StartupTime: time.Minute, PerTask: 6,
				Policies: []ReplayPolicy{{Policy: up, Metric: perTarget}, {Policy: down, Metric: perTarget}}},
			note: "Crowds of thirty times the median: steps of 2, 6 and 20 tasks by how far the alarm is exceeded.",
			hand: "By hand, 22:08: 104 mentions in five minutes are 20.8 a minute, 5.2 for each of 4 tasks, 0.2 " +
				"above the alarm: the step from 0 to 5, +2.",
			finds: "02-26 22:08  up 4 → 6",
		},
	}
}

// transcript is a replay as text: the first decisions, then the account.
func transcript(t testing.TB, r Replay, load cloudwatch.Series) string {
	t.Helper()
	sum, err := r.Run(load)
	require.NoError(t, err)
	var b strings.Builder
	for i, d := range sum.Decisions {
		if i == 40 {
			fmt.Fprintf(&b, "… and %d more\n", len(sum.Decisions)-i)
			break
		}
		fmt.Fprintf(&b, "%s  %v\n", d.At.Time().Format("01-02 15:04"), d)
	}
	b.WriteString("\n" + sum.String())
	again, err := r.Run(load)
	require.NoError(t, err)
	require.Equal(t, sum, again, "the same arguments give the same summary")
	return b.String()
}

func TestReplayRecorded(t *testing.T) {
	for _, c := range replayCases() {
		t.Run(c.name, func(t *testing.T) {
			got := transcript(t, c.replay, minutes(recorded(t, c.file, c.step), c.by))
			require.Contains(t, got, c.finds)
			head := "# " + c.note + "\n# Load: " + c.file + "\n"
			for l := range strings.Lines(strings.TrimSpace(c.hand)) {
				head += "# " + strings.TrimSpace(l) + "\n"
			}
			script.Golden(t, "testdata/replay-recorded-"+strings.ReplaceAll(strings.ReplaceAll(c.name, ", ", "-"), " ",
				"-")+".txt", head+"\n"+got)
		})
	}
}

// The twins: the same policies over load that the package makes.
func TestReplayMade(t *testing.T) {
	var b strings.Builder
	for _, c := range replayCases() {
		fmt.Fprintf(&b, "== %s\n%s\n", c.name, transcript(t, c.replay, minutes(c.made, c.by)))
	}
	script.Golden(t, "testdata/replay-made.txt", b.String())
}

// A count outside the bounds is brought into them before anything else, as by registering.
func TestReplayStartsInBounds(t *testing.T) {
	sum, err := Replay{Bounds: wide(3, 5), StartupTime: 2 * time.Minute, PerTask: 1}.Run(flat(3, 10))
	require.NoError(t, err)
	require.Equal(t, "0 → 3: range", sum.Decisions[0].String())
	require.Equal(t, 2*time.Minute, sum.UnderTarget)
	require.Equal(t, [2]int{0, 3}, [2]int{sum.Least, sum.Most})
	sum, err = Replay{Bounds: wide(3, 5), Desired: 9, PerTask: 1}.Run(flat(3, 10))
	require.NoError(t, err)
	require.Equal(t, "9 → 5: range", sum.Decisions[0].String())
	require.Equal(t, [2]int{5, 5}, [2]int{sum.Least, sum.Most})
	sum, err = Replay{Bounds: wide(0, 5), Desired: 2, PerTask: 1}.Run(cloudwatch.Series{})
	require.NoError(t, err)
	require.Zero(t, sum.Least, "nothing was recorded")
}

// A forecast above the maximum raises it, for good (facts 5).
func TestReplayRaisesMaximum(t *testing.T) {
	ahead := PredictiveScaling{PolicyName: "ahead", Mode: PredictiveScalingModeForecastAndScale,
		MaxCapacityBreachBehavior: IncreaseMaxCapacity, MaxCapacityBuffer: 10}
	forecast := cloudwatch.Series{Start: ecs.At(noon.Add(-time.Hour)), Period: 3600,
		Datapoints: []cloudwatch.Datapoint{{Value: 50}, {Value: 2}, {Value: 2}}}
	sum, err := Replay{Bounds: wide(1, 40), Desired: 20, PerTask: 1, Policies: []ReplayPolicy{{
		Policy: ahead, Series: func(time.Time, cloudwatch.Series) cloudwatch.Series { return forecast },
	}}}.Run(flat(1, 90))
	require.NoError(t, err)
	require.Equal(t, wide(1, 55), sum.Bounds)
	require.Equal(t, "ahead 20 → 50: forecast of 50", sum.Decisions[0].String())
	require.Equal(t, 55, sum.Decisions[0].MaxCapacity)
}

// Schedules in a replay, and tasks that are called off before they run.
func TestReplaySchedules(t *testing.T) {
	load := cloudwatch.Series{Start: ecs.At(noon), Period: 60}
	for i := range 120 {
		v := 100.0
		if i >= 30 && i < 33 {
			v = 1000
		} else if i >= 33 {
			v = 40
		}
		load.Datapoints = append(load.Datapoints, cloudwatch.Datapoint{Value: v})
	}
	schedule, err := ParseSchedule("cron(0/30 13 * * ? *)", nil)
	require.NoError(t, err)
	once, err := ParseSchedule("at(2026-11-22T13:10:00)", nil)
	require.NoError(t, err)
	quick := TargetTracking{PolicyName: "requests", TargetValue: 50, Low: TrackingAlarm{EvaluationPeriods: 3},
		Cooldowns: Cooldowns{ScaleInCooldown: ecs.Some(0), Unfulfilled: ecs.Some(300)}}
	r := Replay{
		Bounds: wide(1, 30), Desired: 2, StartupTime: 10 * time.Minute, PerTask: 80,
		Policies: []ReplayPolicy{{Policy: quick, Metric: perTarget}},
		Schedules: []ReplaySchedule{
			{Action: ScheduledAction{ScheduledActionName: "lunch is over",
				ScalableTargetAction: ScalableTargetAction{MinCapacity: ecs.Some(4)}}, Schedule: schedule},
			{Action: ScheduledAction{ScheduledActionName: "crossed",
				ScalableTargetAction: ScalableTargetAction{MaxCapacity: ecs.Some(3)}}, Schedule: once},
		},
	}
	sum, err := r.Run(load)
	require.NoError(t, err)
	require.Equal(t, wide(4, 30), sum.Bounds, "a maximum below the minimum is refused, and its occurrence used up")
	var got []string
	for _, d := range sum.Decisions {
		got = append(got, d.At.Time().Format("15:04 ")+d.String())
	}
	require.Equal(t, []string{
		"12:33 requests 2 → 20: alarm AlarmHigh, 500 against 50",
		"12:38 requests 20 → 1: alarm AlarmLow, 20 against 45", // the activity counts as unfulfilled after 300 seconds
		"13:00 1 → 4: schedule lunch is over",
	}, got)
	require.Equal(t, 4, sum.Most, "eighteen tasks were called off before they ran")

	all, err := r.Decisions(load)
	require.NoError(t, err)
	for range 2 { // the same ones each time
		var changes []Decision
		n := 0
		for d := range all {
			if n++; d.Changes() {
				changes = append(changes, d)
			}
		}
		require.Equal(t, sum.Decisions, changes)
		require.Equal(t, 120+2, n, "one a minute, and one each time that the first schedule fires")
	}
	for d := range all {
		require.Equal(t, "requests stays at 2: no alarm", d.String())
		break
	}
}
