package autoscale_test

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/autoscale/group"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
)

// moment reads a time, "2026-11-22T09:00Z" or a date.
func moment(t *testing.T, s string) time.Time {
	t.Helper()
	for _, layout := range []string{"2006-01-02T15:04Z07:00", "2006-01-02"} {
		if at, err := time.Parse(layout, s); err == nil {
			return at
		}
	}
	t.Fatalf("no time: %s", s)
	return time.Time{}
}

func scheduleRows(t *testing.T) []worked {
	parse := func(expression, zone string) (autoscale.Schedule, error) {
		loc, err := time.LoadLocation(zone)
		require.NoError(t, err)
		return autoscale.ParseSchedule(expression, loc)
	}
	next := func(expression, zone string, after ...string) []string {
		s, err := parse(expression, zone)
		require.NoError(t, err)
		var out []string
		for _, a := range after {
			at, ok := s.Next(moment(t, a), time.Time{})
			require.True(t, ok)
			out = append(out, at.UTC().Format("2006-01-02T15:04Z"))
		}
		return out
	}
	invalid := func(expressions ...string) []string {
		var out []string
		for _, e := range expressions {
			_, err := parse(e, "UTC")
			out = append(out, refused(err)...)
		}
		return out
	}
	day := "2026-11-22"
	return []worked{
		{"C1 AWS+", next("cron(0 10 * * ? *)", "UTC", "2026-11-22T09:00Z"), []string{"2026-11-22T10:00Z"}},
		{"C2 AWS+", next("cron(0 18 ? * MON-FRI *)", "Etc/GMT+9", "2026-11-20T19:00-09:00"),
			[]string{"2026-11-24T03:00Z"}},
		{"C3 AWS+", next("cron(0 8 1 * ? *)", "UTC", day), []string{"2026-12-01T08:00Z"}},
		{"C4 AWS+", next("cron(0/15 * * * ? *)", "UTC", "2026-11-22T10:07Z"), []string{"2026-11-22T10:15Z"}},
		{"C5 AWS+", next("cron(0/5 8-17 ? * MON-FRI *)", "UTC", "2026-11-20T17:55Z"), []string{"2026-11-23T08:00Z"}},
		{"C6 DER", next("cron(0 9 ? * 2#1 *)", "UTC", day), []string{"2026-12-07T09:00Z"}},
		{"C7 DER", next("cron(0 9 ? * 6L *)", "UTC", day), []string{"2026-11-27T09:00Z"}},
		{"C8 DER", next("cron(0 9 L * ? *)", "UTC", "2027-02-01"), []string{"2027-02-28T09:00Z"}},
		{"C9 DER", next("cron(0 9 15W * ? *)", "UTC", "2026-11-01", "2026-08-01"),
			[]string{"2026-11-16T09:00Z", "2026-08-14T09:00Z"}},
		{"C10 DER", next("cron(0 9 1W * ? *)", "UTC", "2026-07-31T12:00Z"), []string{"2026-08-03T09:00Z"}},
		{"C12 AWS+", next("at(2021-01-31T17:00:00)", "America/New_York", "2021-01-01"), []string{"2021-01-31T22:00Z"}},
		{"C13 AWS+", next("cron(0 8 * * ? *)", "America/New_York", "2026-01-10", "2026-07-10"),
			[]string{"2026-01-10T13:00Z", "2026-07-10T12:00Z"}},
		{"C14 AWS+", invalid("cron(0 10 * * * *)", "cron(0 10 1 * 2 *)"), []string{"ValidationException Schedule",
			"ValidationException Schedule"}},
		{"C15 AWS", invalid("cron(0 9 ? * 3#1,6#3 *)"), []string{"ValidationException Schedule"}},
	}
}

func scheduledActionRows(t *testing.T) []worked {
	none := ecs.Opt[int]{}
	put := func(schedule, start, end string, lo, hi ecs.Opt[int]) autoscale.ScheduledAction {
		in := autoscale.PutScheduledActionInput{
			ServiceNamespace: "ecs", ScheduledActionName: "action", ResourceID: "service/default/web",
			ScalableDimension: autoscale.ScalableDimensionService,
			Schedule:          schedule, ScalableTargetAction: &autoscale.ScalableTargetAction{MinCapacity: lo,
				MaxCapacity: hi},
		}
		if start != "" {
			in.StartTime, in.EndTime = ecs.At(moment(t, start)), ecs.At(moment(t, end))
		}
		a, err := in.Put(moment(t, "2021-01-01"), autoscale.ScheduledAction{}, nil)
		require.NoError(t, err)
		return a
	}
	rate := put("rate(5 hours)", "2021-01-30T12:00Z", "2021-01-31T22:00Z", ecs.Some(1), none)
	schedule, err := autoscale.ParseSchedule(rate.Schedule, nil)
	require.NoError(t, err)
	var hours []int
	for at, ok := rate.Next(moment(t, "2021-01-01"), schedule); ok; at, ok = rate.Next(at, schedule) {
		hours = append(hours, at.Hour())
	}
	// after is the bounds and the desired count that an action leaves, and what it is refused for.
	after := func(lo, hi, n int, b autoscale.Bounds) string {
		x, y := none, none
		if lo > 0 {
			x = ecs.Some(lo)
		}
		if hi > 0 {
			y = ecs.Some(hi)
		}
		b, d, err := put("cron(0 8 * * ? *)", "", "", x, y).Apply(noon, b, at(n))
		return fmt.Sprint(b.MinCapacity, " to ", b.MaxCapacity, ", ", d.New, refused(err))
	}
	return []worked{
		{"C11 AWS+", hours, []int{12, 17, 22, 3, 8, 13, 18}},
		{"C16 AWS+", after(3, 10, 5, between(1, 20)), "3 to 10, 5 []"},
		{"C17 AWS+", []string{after(3, 0, 2, between(1, 20)), after(0, 10, 12, between(1, 20))},
			[]string{"3 to 20, 3 []", "1 to 10, 10 []"}},
		{"C18 AWS+", after(6, 0, 2, between(1, 4)), "1 to 4, 2 [ValidationException ScalableTargetAction]"},
	}
}

func predictiveRows(*testing.T) []worked {
	honor := autoscale.PredictiveScaling{PolicyName: "ahead", Mode: autoscale.PredictiveScalingModeForecastAndScale}
	increase := honor
	increase.MaxCapacityBreachBehavior, increase.MaxCapacityBuffer = autoscale.IncreaseMaxCapacity, 10
	flush := increase
	flush.MaxCapacityBuffer = 0
	// hourly is a capacity forecast from midnight on.
	hourly := func(v float64, hours int) cloudwatch.Series {
		s := cloudwatch.Series{Start: ecs.At(noon.Add(-12 * time.Hour)), Period: 3600}
		for range hours {
			s.Datapoints = append(s.Datapoints, cloudwatch.Datapoint{Value: v})
		}
		return s
	}
	decide := func(p autoscale.PredictiveScaling, now time.Time, n int, forecast cloudwatch.Series) autoscale.Decision {
		d, _ := p.Decide(autoscale.Memory{}, now, at(n), forecast)
		return d
	}
	// combined is the desired count and the maximum from then on.
	combined := func(p autoscale.PredictiveScaling) [2]int {
		d := autoscale.Combine(between(0, 40), at(20), decide(p, noon, 20, hourly(50, 24)))
		return [2]int{d.New, max(40, d.MaxCapacity)}
	}
	tracked := tracks(50, at(5), steady(3, 100)) // wants 10
	ten := cloudwatch.Series{Start: ecs.At(noon.Add(-3 * time.Hour)), Period: 3600,
		Datapoints: []cloudwatch.Datapoint{{Value: 2}, {Value: 7}}}
	early := func(d time.Duration) int {
		now := noon.Add(-2 * time.Hour).Add(-d) // before ten o'clock
		return scaled(at(2), decide(honor, now, 2, ten))
	}
	history := func(hours int) int {
		past := hourly(9, hours)
		return len(autoscale.Predict(autoscale.SeasonalForecaster{}, past, past.End().Time(),
			cloudwatch.StatisticSum).Datapoints)
	}
	return []worked{
		{"P1 AWS", combined(increase), [2]int{50, 55}},
		{"P2 AWS", combined(flush), [2]int{50, 50}},
		{"P3 AWS+", combined(honor), [2]int{40, 40}},
		{"P4 AWS", scaled(at(5), tracked, decide(honor, noon, 5, hourly(8, 24))), 10},
		{"P5 AWS+", scaled(at(9), decide(honor, noon, 9, hourly(8, 24))), 9},
		{"P6 AWS", [2]int{early(301 * time.Second), early(300 * time.Second)}, [2]int{2, 7}},
		{"P7 AWS+", [2]int{history(23), history(24)}, [2]int{0, 48}},
	}
}

func strategyRows(*testing.T) []worked {
	// items reads base and weight, a provider each.
	items := func(pairs ...[2]int) []ecs.CapacityProviderStrategyItem {
		var out []ecs.CapacityProviderStrategyItem
		for i, p := range pairs {
			out = append(out, ecs.CapacityProviderStrategyItem{CapacityProvider: string(rune('A' + i)),
				Base: p[0], Weight: p[1]})
		}
		return out
	}
	share := func(n int, pairs ...[2]int) []int { return ecs.Distribute(items(pairs...), nil, n) }
	run := func(s []ecs.CapacityProviderStrategyItem) []string {
		return refused(api.RunTaskInput{TaskDefinition: "web", CapacityProviderStrategy: s}.Validate())
	}
	mixed := items([2]int{0, 1}, [2]int{0, 1})
	mixed[0].CapacityProvider, mixed[1].CapacityProvider = "FARGATE", "group"
	return []worked{
		{"D1 AWS", [][]int{share(5, [2]int{0, 1}, [2]int{0, 4}), share(10, [2]int{0, 1}, [2]int{0, 4})},
			[][]int{{1, 4}, {2, 8}}},
		{"D2 AWS+", share(6, [2]int{0, 1}, [2]int{0, 1}), []int{3, 3}},
		{"D3 AWS", share(10, [2]int{2, 1}, [2]int{0, 3}), []int{4, 6}},
		{"D4 AWS", ecs.Distribute(items([2]int{2, 1}, [2]int{0, 3}), []int{4, 6}, 12), []int{3, 9}},
		{"D5 DER", share(3, [2]int{5, 1}, [2]int{0, 1}), []int{3, 0}},
		{"D6 DER", share(21, [2]int{1, 1}, [2]int{0, 4}), []int{5, 16}},
		{"D7 DER", share(100, [2]int{10, 1}, [2]int{0, 2}), []int{40, 60}},
		{"D8 DER", share(12, [2]int{0, 1}, [2]int{0, 1}, [2]int{0, 2}), []int{3, 3, 6}},
		{"D9 AWS+", share(10, [2]int{0, 1}, [2]int{0, 0}), []int{10, 0}},
		{"D10 AWS", run(items([2]int{0, 0}, [2]int{0, 0})),
			[]string{"InvalidParameterException capacityProviderStrategy"}},
		{"D11 AWS", run(items([2]int{1, 1}, [2]int{1, 1})),
			[]string{"InvalidParameterException capacityProviderStrategy[1].base"}},
		{"D12 U", share(5, [2]int{0, 1}, [2]int{0, 1}), []int{3, 2}},
		{"D13 AWS", run(mixed), []string{"InvalidParameterException capacityProviderStrategy"}},
	}
}

// provider is a capacity provider's group of n instances, of which some run tasks, and what it decides.
type provider struct {
	target, least, most int // percent; step sizes, 0 for the default
	n, busy             int
	types               []ecs.Resources
	waiting             []autoscale.Provisioning
}

// decide returns M, the reservation to a tenth of a percent, and the group's new desired capacity
// after fifteen minutes of that reservation.
func (p provider) decide() [3]float64 {
	s := ecs.ManagedScaling{Status: "ENABLED", TargetCapacity: ecs.Some(p.target)}
	if p.least > 0 {
		s.MinimumScalingStepSize = ecs.Some(p.least)
	}
	if p.most > 0 {
		s.MaximumScalingStepSize = ecs.Some(p.most)
	}
	m := autoscale.Needed(s, autoscale.GroupLoad{Running: p.n, Busy: p.busy, InstanceTypes: p.types,
		Provisioning: p.waiting})
	d, _ := autoscale.ManagedScalingPolicy{ManagedScaling: s}.Decide(autoscale.Memory{}, noon,
		autoscale.GroupCapacity{Capacity: at(p.n), Needed: m.Needed}, steady(15, m.Reservation))
	return [3]float64{float64(m.Needed), math.Round(m.Reservation*10) / 10, float64(scaled(at(p.n), d))}
}

func managedScalingRows(*testing.T) []worked {
	size := func(cpu, gib int64) ecs.Resources { return ecs.Resources{CPU: cpu * 1024, Memory: gib * 1024} }
	tasks := func(n int, r ecs.Resources) autoscale.Provisioning {
		return autoscale.Provisioning{Requirements: r, Count: n}
	}
	waiting := func(p ...autoscale.Provisioning) []autoscale.Provisioning { return p }
	one, two := []ecs.Resources{size(4, 16)}, []ecs.Resources{size(4, 8), size(8, 32)}
	holds := func(n int64) []ecs.Resources { return []ecs.Resources{size(n, 0)} }
	ten := tasks(10, size(1, 2))
	apart := ten
	apart.DistinctInstance = true
	pace, memory := []int{334}, autoscale.Memory{}
	for minute := range 4 {
		n := pace[len(pace)-1]
		reservation := steady(15, autoscale.CapacityProviderReservation(34, n))
		reservation.Start = reservation.Start.Add(time.Duration(minute) * time.Minute)
		var d autoscale.Decision
		d, memory = autoscale.ManagedScalingPolicy{}.Decide(memory, noon.Add(time.Duration(minute)*time.Minute),
			autoscale.GroupCapacity{Capacity: at(n), Needed: 34}, reservation)
		pace = append(pace, d.New)
	}
	return []worked{
		{"K1 AWS", provider{target: 100}.decide(), [3]float64{0, 100, 0}},
		{"K2 AWS", provider{target: 100, types: one, waiting: waiting(ten)}.decide(), [3]float64{3, 200, 2}},
		{"K3 AWS", provider{target: 100, n: 3, busy: 3, types: holds(3)}.decide(), [3]float64{3, 100, 3}},
		{"K4 AWS", provider{target: 100, n: 3, busy: 3, types: holds(3),
			waiting: waiting(tasks(10-9, size(1, 0)))}.decide(), [3]float64{4, 133.3, 4}},
		{"K5 AWS", provider{target: 100, n: 3, busy: 2}.decide(), [3]float64{2, 66.7, 2}},
		{"K6 OBS", provider{target: 50, n: 3, busy: 2}.decide(), [3]float64{2, 66.7, 4}},
		{"K7 DER", provider{target: 100, n: 2, busy: 2, types: one, waiting: waiting(ten)}.decide(),
			[3]float64{5, 250, 5}},
		{"K8 DER", provider{target: 100, most: 2, n: 2, busy: 2, types: one, waiting: waiting(ten)}.decide(),
			[3]float64{4, 200, 4}},
		{"K9 DER", provider{target: 100, least: 5, n: 2, busy: 2, types: one, waiting: waiting(ten)}.decide(),
			[3]float64{7, 350, 7}},
		{"K10 DER", provider{target: 100, n: 2, busy: 2, types: one,
			waiting: waiting(ten, tasks(7, size(2, 2)))}.decide(), [3]float64{6, 300, 6}},
		{"K11 DER", provider{target: 100, n: 2, busy: 2, types: two, waiting: waiting(tasks(10, size(1, 1)))}.decide(),
			[3]float64{4, 200, 4}},
		{"K12 AWS+", provider{target: 100, n: 2, busy: 2, types: two, waiting: waiting(tasks(10, size(6, 1)))}.decide(),
			[3]float64{2, 100, 2}},
		{"K13 DER", provider{target: 100, n: 2, busy: 2, types: one, waiting: waiting(apart)}.decide(),
			[3]float64{12, 600, 12}},
		{"K14 DER", provider{target: 90, n: 10, busy: 10}.decide(), [3]float64{10, 100, 12}},
		{"K15 DER", provider{target: 90, n: 10, busy: 9}.decide(), [3]float64{9, 90, 10}},
		{"K16 AWS+", provider{target: 100, n: 4, busy: 2}.decide(), [3]float64{2, 50, 2}},
		{"K17 OBS", provider{target: 90}.decide(), [3]float64{0, 100, 2}},
		{"K18 AWS", pace, []int{334, 167, 84, 42, 34}},
		{"K19 AWS", [2][3]float64{
			provider{target: 100, types: holds(4), waiting: waiting(tasks(7, size(1, 0)))}.decide(),
			provider{target: 100, n: 2, busy: 2, types: holds(4), waiting: waiting(tasks(15-2*4, size(1, 0)))}.decide(),
		}, [2][3]float64{{2, 200, 2}, {4, 200, 4}}},
		{"K20 DER", provider{target: 100, n: 3, busy: 3, types: holds(1),
			waiting: waiting(tasks(2, size(1, 0)))}.decide(), [3]float64{5, 166.7, 5}},
		{"K21 AWS+", [][]string{refused(autoscale.AdmitProvisioning(499, 1)),
			refused(autoscale.AdmitProvisioning(500, 1))}, [][]string{nil, {"ClientException count"}}},
	}
}

func metricRows(*testing.T) []worked {
	instance := func(cpu, memory int) ecs.ContainerInstance {
		return ecs.ContainerInstance{Status: ecs.ContainerInstanceStatusActive, RegisteredResources: []ecs.Resource{
			{Name: ecs.ResourceCPU, Type: "INTEGER", IntegerValue: cpu},
			{Name: ecs.ResourceMemory, Type: "INTEGER", IntegerValue: memory},
		}}
	}
	registered := cloudwatch.Registered([]ecs.ContainerInstance{instance(16384, 30158), instance(2048, 3768)})
	reserved := ecs.Resources{CPU: 10 * 1024, Memory: 10 * 2048}
	hundredths := func(p cloudwatch.Datapoint) float64 { return math.Round(p.Value*100) / 100 }
	used := func(cpu, memory float64) [2]float64 {
		return [2]float64{cloudwatch.Utilization(cpu, 512, 1).Value, cloudwatch.Utilization(memory, 1024, 1).Value}
	}
	return []worked{
		{"X1 AWS", [2]float64{hundredths(cloudwatch.CPUReservation(reserved, registered)),
			hundredths(cloudwatch.MemoryReservation(reserved, registered))}, [2]float64{55.56, 60.37}},
		{"X2 AWS", used(2048, 512), [2]float64{400, 50}},
		{"X3 AWS", used(128, 128), [2]float64{25, 12.5}},
		{"X4 OBS", [2]float64{cloudwatch.Utilization(107, 512, 1).Value, cloudwatch.Utilization(203, 512, 1).Value},
			[2]float64{20.8984375, 39.6484375}},
	}
}

func groupRows(t *testing.T) []worked {
	of := func(desired int, zones []string, placed ...string) group.AutoScalingGroup {
		g := group.AutoScalingGroup{MaxSize: 40, DesiredCapacity: desired, AvailabilityZones: zones}
		for i, z := range placed {
			g.Instances = append(g.Instances, group.Instance{InstanceID: fmt.Sprintf("i-%d", i), AvailabilityZone: z,
				LifecycleState: group.LifecycleStateInService})
		}
		return g
	}
	split := func(base, percent, total int) [2]int {
		onDemand, spot := group.InstancesDistribution{OnDemandBaseCapacity: base,
			OnDemandPercentageAboveBaseCapacity: ecs.Some(percent)}.Split(total)
		return [2]int{onDemand, spot}
	}
	// i-0 would be the policies' choice, but its zone is the smaller one.
	uneven := of(2, []string{"a", "b"}, "a", "b", "b")
	uneven.TerminationPolicies = []group.TerminationPolicy{group.TerminationPolicyOldestInstance}
	for i, launched := range []ecs.Instant{1, 3, 2} {
		uneven.Instances[i].LaunchTime = launched
	}
	protected := of(3, []string{"a", "b", "c"}, "a", "b", "c")
	for i := range protected.Instances {
		protected.Instances[i].ProtectedFromScaleIn = true
	}
	protected, err := protected.SetDesiredCapacity(2)
	require.NoError(t, err)
	minute := group.LifecycleHook{HeartbeatTimeout: ecs.Some(60)}
	most := func(size int) int { // what a full group has for a time, of which all instances are in one zone of two
		g := of(size, []string{"a", "b"}, slices.Repeat([]string{"a"}, size)...)
		g.MaxSize = size
		return size + len(g.Rebalance())
	}
	return []worked{
		{"X5 AWS+", of(5, []string{"a", "b", "c"}).Plan(noon).Launch, []string{"a", "b", "c", "a", "b"}},
		{"X6 AWS", uneven.Plan(noon).Terminate, []string{"i-2"}},
		{"X7 AWS", split(10, 50, 40), [2]int{25, 15}},
		{"X8 AWS", split(12, 0, 20), [2]int{12, 8}},
		{"X9 AWS+", [2]int{most(10), most(40)}, [2]int{11, 44}},
		{"X10 AWS", []any{protected.DesiredCapacity, protected.Plan(noon)}, []any{2, group.Plan{Protected: 1}}},
		{"X11 AWS+", [2]time.Duration{minute.LongestWait(),
			group.LifecycleHook{HeartbeatTimeout: ecs.Some(3600)}.LongestWait()},
			[2]time.Duration{6000 * time.Second, 48 * time.Hour}},
	}
}
