package feasible_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/feasible"
	"github.com/bayplan/bayplan/ecs/scheduler"
	"github.com/bayplan/bayplan/placement"
)

// one is a service with one task of each of two revisions' worth of room.
func one() fleet {
	return fleet{desired: 1, minimum: 100, maximum: 200, hosts: []host{{cpu: 4, memory: 4}},
		revs: []revision{{memory: 1}, {memory: 1}}, tasks: [][]int{{0}, {1}}}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(v *scheduler.View, requests map[string]placement.Request)
		want   ecs.Code
		field  string
	}{
		{"no PRIMARY", func(v *scheduler.View, _ map[string]placement.Request) { v.State = scheduler.State{} },
			ecs.InvalidParameterException, "view.state.rollouts"},
		{"no request", func(_ *scheduler.View, r map[string]placement.Request) { delete(r, "ecs-svc/1") },
			ecs.InvalidParameterException, "requests[ecs-svc/1]"},
		{"wrong request", func(_ *scheduler.View, r map[string]placement.Request) {
			r["ecs-svc/2"] = placement.Request{Need: ecs.Resources{CPU: -1}}
		}, ecs.InvalidParameterException, "requests[ecs-svc/2]"},
		{"deleted", func(v *scheduler.View, _ map[string]placement.Request) {
			v.Service.Status = ecs.ServiceStatusDraining
		}, ecs.ServiceNotActiveException, "view.service.status"},
		{"task sets", func(v *scheduler.View, _ map[string]placement.Request) {
			v.Service.DeploymentController = &ecs.DeploymentController{Type: ecs.DeploymentControllerTypeExternal}
		}, ecs.UnsupportedFeatureException, "view.service.deploymentController.type"},
		{"ports", func(_ *scheduler.View, r map[string]placement.Request) {
			q := r["ecs-svc/2"]
			for p := range 129 {
				q.HostPorts = append(q.HostPorts, ecs.HostPort{Port: uint16(p + 1), Protocol: ecs.TransportProtocolTcp})
			}
			r["ecs-svc/2"] = q
		}, ecs.InvalidParameterException, "requests[ecs-svc/2].hostPorts"},
		{"instance of a daemon", func(v *scheduler.View, _ map[string]placement.Request) {
			v.Service.SchedulingStrategy, v.Instances = ecs.SchedulingStrategyDaemon, []scheduler.Instance{{ID: "i-1"},
				{ID: "i-7"}}
		}, ecs.InvalidParameterException, "view.instances[1].id"},
		{"several providers", func(v *scheduler.View, _ map[string]placement.Request) {
			v.State.Rollouts[0].CapacityProviderStrategy = []ecs.CapacityProviderStrategyItem{{CapacityProvider: "a"},
				{CapacityProvider: "b"}}
		}, ecs.UnsupportedFeatureException, "view.state.rollouts[0].capacityProviderStrategy"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := one()
			v, requests := f.view(), f.requests()
			s := f.snapshot(v.Tasks)
			c.change(&v, requests)
			_, err := feasible.Deployment(v, s, requests)
			var list ecs.ErrorList
			require.ErrorAs(t, err, &list)
			require.ErrorIs(t, err, c.want)
			require.Equal(t, c.field, list[0].Field)
		})
	}
}

// Without an instance that could take a task, that alone is in the way, whatever else is.
//
// Seen to fail: an empty set of facts.
func TestNoInstances(t *testing.T) {
	for name, change := range map[string]func(f *fleet, q *placement.Request){
		"none":           func(f *fleet, _ *placement.Request) { f.hosts, f.tasks = nil, [][]int{nil, nil} },
		"draining":       func(f *fleet, _ *placement.Request) { f.hosts[0].draining = true },
		"other provider": func(_ *fleet, q *placement.Request) { q.CapacityProvider = "spot" },
	} {
		t.Run(name, func(t *testing.T) {
			f := one()
			f.distinct, f.minimum, f.maximum = true, 100, 100
			requests := f.requests()
			q := requests["ecs-svc/2"]
			change(&f, &q)
			requests["ecs-svc/2"] = q
			v := f.view()
			got, err := feasible.Deployment(v, f.snapshot(v.Tasks), requests)
			require.NoError(t, err)
			require.Equal(t, []feasible.Fact{{Code: feasible.CodeNoInstances, Detail: q.CapacityProvider}}, got.Facts)
			require.Contains(t, got.String(), "- there is no ACTIVE container instance")
		})
	}
}

// The 70th static port counts like the first.
//
// Seen to fail: 64 ports.
func TestManyPorts(t *testing.T) {
	f := one()
	requests := f.requests()
	old, young := requests["ecs-svc/1"], requests["ecs-svc/2"]
	for p := range 70 {
		young.HostPorts = append(young.HostPorts, ecs.HostPort{Port: uint16(p + 1), Protocol: ecs.TransportProtocolTcp})
	}
	old.HostPorts = young.HostPorts[69:]
	requests["ecs-svc/1"], requests["ecs-svc/2"] = old, young
	v := f.view()
	s, err := placement.NewSnapshot(slices.Values(f.instances()),
		slices.Values([]placement.Running{{ID: v.Tasks[0].ID, Instance: "i-1", Group: group,
			DesiredStatus: ecs.DesiredStatusRunning, Resources: old.Need, HostPorts: old.HostPorts}}))
	require.NoError(t, err)
	got, err := feasible.Deployment(v, s, requests)
	require.NoError(t, err)
	require.Equal(t, feasible.OutcomeBlocked, got.Outcome)
	require.Equal(t, feasible.Rest{Old: 1}, *got.Rest)
	require.Equal(t, "set minimumHealthyPercent to 0", got.Changes[0].String())
}

// On Fargate only the percentages count: the simulation has hosts without end.
//
// Seen to fail: instances are asked for room.
func TestFargate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawn(t)
		f.distinct = false
		for r := range f.revs {
			f.revs[r].ssd, f.revs[r].port = false, 0
		}
		for h := range f.hosts {
			f.hosts[h] = host{cpu: plenty, memory: plenty}
		}
		v := f.view()
		s := f.snapshot(nil)
		switch rapid.IntRange(0, 2).Draw(t, "how") {
		case 0:
			s = nil
		case 1:
			v.State.Rollouts[0].LaunchType = ecs.LaunchTypeFargate
		case 2:
			v.State.Rollouts[0].CapacityProviderStrategy = []ecs.CapacityProviderStrategyItem{
				{CapacityProvider: "FARGATE", Base: 1}, {CapacityProvider: "FARGATE_SPOT", Weight: 1}}
		}
		got, err := feasible.Deployment(v, s, f.requests())
		require.NoError(t, err)
		want := explore(&f)
		require.Equal(t, want, fortune{ends: got.Ends(), rests: got.Outcome == feasible.OutcomeBlocked}, "%s\n%s", &f,
			got)
		if !got.Ends() {
			(&census{known: map[string]fortune{}}).irreducible(t, &f, got)
		}
	})
}

// TestInFlight: tasks that are stopping are as good as gone, tasks on their way as good as
// healthy, and stopped ones are nothing.
//
// Seen to fail: a task that is stopping stays.
func TestInFlight(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawn(t)
		v := f.view()
		busy := v
		busy.Tasks = nil
		g := f.clone()
		for _, task := range v.Tasks {
			switch rapid.IntRange(0, 3).Draw(t, "task") {
			case 0:
				task.DesiredStatus = ecs.DesiredStatusStopped
				r := f.revOf(task.Deployment)
				g.tasks[r][f.hostOf(task.Instance)]--
				if r > 0 {
					busy.State.Rollouts[r].DesiredCount--
				}
			case 1:
				task.LastStatus, task.ContainerHealth, task.StartedAt = "PENDING", "", 0
			}
			busy.Tasks = append(busy.Tasks, task)
		}
		s := f.snapshot(busy.Tasks)
		gone := busy.Tasks[:0:0]
		for _, task := range busy.Tasks {
			task.ID += "-gone"
			task.LastStatus, task.DesiredStatus = "STOPPED", ecs.DesiredStatusStopped
			gone = append(gone, task)
		}
		busy.Tasks = append(busy.Tasks, gone...)
		got, err := feasible.Deployment(busy, s, f.requests())
		require.NoError(t, err)
		require.Equal(t, judge(t, &g), got, "%s", &f)
	})
}
