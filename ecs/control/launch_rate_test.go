package control_test

import (
	"fmt"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

// fargatePlane has the task definition web and as many services as there are counts, "s0" and
// so on, all on Fargate.
func fargatePlane(t *testing.T, config control.Config, counts ...int) (*control.Plane, time.Time) {
	t.Helper()
	config.ZoneOfSubnet = map[string]string{"subnet-a": "a"}
	p, now := control.New(config), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	_, err := p.RegisterTaskDefinition(now, ecs.TaskDefinition{Family: "web", NetworkMode: ecs.NetworkModeAwsvpc,
		CPU: "256", Memory: "512",
		RequiresCompatibilities: []ecs.Compatibility{
			ecs.CompatibilityFargate,
		}, ContainerDefinitions: []ecs.ContainerDefinition{{Name: "web", Image: "web:1"}}})
	require.NoError(t, err)
	for i, n := range counts {
		_, err = p.CreateService(
			now,
			input[api.CreateServiceInput](
				`{"serviceName":"s%d","taskDefinition":"web","desiredCount":%d,"launchType":"FARGATE",
			"networkConfiguration":{"awsvpcConfiguration":{"subnets":["subnet-a"]}}}`,
				i,
				n,
			),
		)
		require.NoError(t, err)
	}
	return p, now
}

// startedTasks counts a service's tasks.
func startedTasks(t *testing.T, p *control.Plane, name string) int {
	t.Helper()
	out, err := p.DescribeServices(api.DescribeServicesInput{Services: []string{name}})
	require.NoError(t, err)
	return out.Services[0].PendingCount + out.Services[0].RunningCount
}

// The quotas of ECS let a service of 2,000 tasks on Fargate start 100 at once, 20 a second
// then, and no more than 500 in each minute. A plane restored at any moment goes on alike.
// Seen to fail: the account's bucket left out of State; launches not taken out of a bucket.
func TestLaunchRates(t *testing.T) {
	config := control.Config{Seed: 1, LaunchRates: control.QuotaLaunchRates()}
	p, start := fargatePlane(t, config, 2000)
	records := p.Ready().Records
	p.Advance(p.Ready())
	at := map[time.Duration]int{}
	for now := start; startedTasks(t, p, "s0") < 2000; {
		at[now.Sub(start)] = startedTasks(t, p, "s0")
		r := p.Ready()
		require.True(t, r.WakeAt.After(now))
		now = r.WakeAt
		if len(at)%10 == 1 {
			restored, err := control.Restore(p.State(), config)
			require.NoError(t, err)
			p.Tick(now)
			restored.Tick(now)
			require.Equal(t, stateOf(p), stateOf(restored))
		} else {
			p.Tick(now)
		}
		records = append(records, p.Ready().Records...)
		p.Advance(p.Ready())
		require.Less(t, now.Sub(start), 5*time.Minute)
	}
	for after, n := range map[time.Duration]int{0: 100, time.Second: 120, 10 * time.Second: 300, 20 * time.Second: 500,
		time.Minute: 600, 80 * time.Second: 1000} {
		require.Equal(t, n, at[after], "after %v", after)
	}
	require.NoError(t, p.Check())
	replayed, err := control.Replay(control.New(p.Config()).State(), config, each(records))
	require.NoError(t, err)
	require.Equal(t, stateOf(p), stateOf(replayed))
}

func each(records []control.Record) iter.Seq2[control.Record, error] {
	return func(yield func(control.Record, error) bool) {
		for r := range slices.Values(records) {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// The account's quota is one for all services; the zero Config has none.
// Seen to fail: a bucket a service.
func TestLaunchRatesOfAnAccount(t *testing.T) {
	free, _ := fargatePlane(t, control.Config{Seed: 1}, 150, 150)
	require.Equal(t, []int{150, 150}, []int{startedTasks(t, free, "s0"), startedTasks(t, free, "s1")})

	rates := control.LaunchRates{Fargate: scheduler.LaunchRate{Burst: 4, Refill: 2, Every: time.Second}}
	p, start := fargatePlane(t, control.Config{Seed: 1, LaunchRates: rates}, 3, 5)
	for second, want := range [][2]int{{3, 1}, {3, 3}, {3, 5}, {3, 5}} {
		require.Equal(t, want, [2]int{startedTasks(t, p, "s0"), startedTasks(t, p, "s1")},
			fmt.Sprint("after ", second, " s"))
		p.Tick(start.Add(time.Duration(second+1) * time.Second))
	}
}
