package feasible_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/feasible"
	"github.com/bayplan/bayplan/ecs/scheduler"
	"github.com/bayplan/bayplan/placement"
)

// TestNeeds asks one instance for each thing that it has not, as a replica and as a daemon.
func TestNeeds(t *testing.T) {
	for _, c := range []struct {
		name string
		ask  func(r *placement.Request)
		want feasible.Fact
		text string
		help string // of the first change; "": none
	}{
		{"CPU", func(r *placement.Request) {
			r.Need.CPU = 2048
		}, feasible.Fact{Code: placement.ReasonCPU, Need: 2048, Have: 1024},
			"1,024 units of CPU short (needs 2,048, has 1,024 left)", "free 1,024 units of CPU on i-1"},
		{"GPU", func(r *placement.Request) { r.Need.GPU = 1 }, feasible.Fact{Code: placement.ReasonGPU, Need: 1},
			"1 GPU short (needs 1, has 0 left)", "free 1 GPU on i-1"},
		{"ENI", func(r *placement.Request) {
			r.Need.ENI = 3
		}, feasible.Fact{Code: placement.ReasonENI, Need: 3, Have: 2},
			"1 network interface short (needs 3, has 2 left)", "free 1 network interface on i-1"},
		{"attribute", func(r *placement.Request) { r.Attributes = []ecs.Attribute{{Name: "rack", Value: "7"}} },
			feasible.Fact{Code: placement.ReasonAttribute, Detail: "rack is not 7"}, "ATTRIBUTE, rack is not 7", ""},
		{"zone", func(r *placement.Request) { r.Zones = []string{"b"} },
			feasible.Fact{Code: placement.ReasonLocation, Detail: "the instance is in a, the subnets in b"},
			"LOCATION, the instance is in a, the subnets in b", ""},
	} {
		for _, strategy := range []ecs.SchedulingStrategy{ecs.SchedulingStrategyReplica, ecs.SchedulingStrategyDaemon} {
			t.Run(c.name+"/"+string(strategy), func(t *testing.T) {
				got := judgeOne(t, strategy, false, c.ask)
				c.want.Instance = "i-1"
				require.Equal(t, feasible.OutcomeBlocked, got.Outcome)
				require.Equal(t, []feasible.Fact{c.want}, got.Facts)
				require.Contains(t, got.String(), "  - i-1: "+c.text+"\n")
				if c.help != "" {
					require.Equal(t, c.help, got.Changes[0].String())
				} else if strategy == ecs.SchedulingStrategyDaemon {
					require.Empty(t, got.Changes)
				}
			})
		}
	}
	t.Run("disconnected daemon", func(t *testing.T) {
		got := judgeOne(t, ecs.SchedulingStrategyDaemon, true, func(*placement.Request) {})
		require.Equal(t, []feasible.Fact{{Code: placement.ReasonAgent, Instance: "i-1",
			Detail: "the agent is not connected"}}, got.Facts)
		require.Equal(t, "reconnect the agent of i-1", got.Changes[0].String())
	})
}

// judgeOne judges the first deployment of a service of one task on one instance.
func judgeOne(
	t *testing.T, strategy ecs.SchedulingStrategy, disconnected bool, ask func(r *placement.Request),
) feasible.Verdict {
	v := scheduler.View{Service: ecs.Service{ServiceName: "web", DesiredCount: 1, SchedulingStrategy: strategy},
		State: scheduler.State{}.Deploy(scheduler.Rollout{Deployment: ecs.Deployment{ID: "ecs-svc/1"}}, epoch)}
	if strategy == ecs.SchedulingStrategyDaemon {
		v.Instances = []scheduler.Instance{{ID: "i-1", Disconnected: disconnected}}
	}
	s, err := placement.NewSnapshot(slices.Values([]ecs.ContainerInstance{{
		ContainerInstanceArn: "i-1", Status: ecs.ContainerInstanceStatusActive, AgentConnected: true,
		Attributes: []ecs.Attribute{{Name: "ecs.availability-zone", Value: "a"},
			{Name: "ecs.instance-type", Value: "m5.large"}},
		RegisteredResources: []ecs.Resource{
			{Name: ecs.ResourceCPU, Type: "INTEGER", IntegerValue: 1024},
			{Name: ecs.ResourceMemory, Type: "INTEGER", IntegerValue: 1024},
		},
	}}), nil)
	require.NoError(t, err)
	r := placement.Request{Group: group, Need: ecs.Resources{Memory: 128}}
	ask(&r)
	got, err := feasible.Deployment(v, s, map[string]placement.Request{"ecs-svc/1": r})
	require.NoError(t, err)
	return got
}
