package control

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
	"github.com/bayplan/bayplan/ecs/control/internal/services"
	"github.com/bayplan/bayplan/ecs/control/internal/tasks"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/loadbalance"
)

// busy returns a plane with a service of two tasks behind a target group, one of them
// registered, and commands outstanding.
func busy(t *testing.T) *Plane {
	t.Helper()
	p := New(Config{Seed: 1})
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	no := func(err error) { t.Helper(); require.NoError(t, err) }
	_, err := p.CreateCluster(now, api.CreateClusterInput{ClusterName: "c"})
	no(err)
	_, err = p.RegisterTaskDefinition(now, ecs.TaskDefinition{Family: "f", NetworkMode: ecs.NetworkModeBridge,
		ContainerDefinitions: []ecs.ContainerDefinition{
			{Name: "c", Image: "i", Memory: 100, CPU: 10, PortMappings: []ecs.PortMapping{{ContainerPort: 80}}}}})
	no(err)
	for range 2 {
		_, err = p.RegisterContainerInstance(now,
			api.RegisterContainerInstanceInput{Cluster: "c", TotalResources: []ecs.Resource{
				{
					Name:         ecs.ResourceCPU,
					Type:         "INTEGER",
					IntegerValue: 1024,
				}, {Name: ecs.ResourceMemory, Type: "INTEGER",
					IntegerValue: 2048}},
				Attributes: []ecs.Attribute{{Name: "com.amazonaws.ecs.capability.docker-remote-api.1.18"}}})
		no(err)
	}
	_, err = p.CreateService(now, api.CreateServiceInput{Cluster: "c", ServiceName: "s", TaskDefinition: "f",
		DesiredCount: ecs.Some(2),
		LoadBalancers: []ecs.LoadBalancer{
			{
				TargetGroupArn: "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/g/0123456789abcdef",
				ContainerName:  "c",
				ContainerPort:  80,
			},
		}})
	no(err)
	task := slices.Collect(p.tasks.In(p.fleet.Clusters[0]))[0]
	p.Observe(now.Add(time.Second), message.TaskStateChange{Cluster: "c", Task: task.ID, Instance: task.Instance,
		Sequence: 1, Status: ecs.TaskStatusRunning,
		Containers: []message.ContainerStateChange{{Name: "c", Status: ecs.ContainerStatusRunning}}})
	no(p.Check())
	return p
}

// Check finds each contradiction: every one is planted once, alone, and told by its name.
func TestCheckFinds(t *testing.T) {
	for says, plant := range map[string]func(p *Plane, c *fleet.Cluster, t *tasks.Task, i *fleet.Instance,
		s *services.Service){
		"is not found by its ID": func(p *Plane, _ *fleet.Cluster, t *tasks.Task, _ *fleet.Instance,
			_ *services.Service) {
			delete(p.tasks.ByTask, t.ID)
		},
		"holds resources of no instance": func(_ *Plane, _ *fleet.Cluster, t *tasks.Task, i *fleet.Instance,
			_ *services.Service) {
			i.Tenants.Remove(t)
		},
		"and holds resources": func(_ *Plane, _ *fleet.Cluster, t *tasks.Task, _ *fleet.Instance, _ *services.Service) {
			t.Machine.Last = 7
		},
		"is to stop and still counts": func(_ *Plane, _ *fleet.Cluster, t *tasks.Task, _ *fleet.Instance,
			_ *services.Service) {
			t.Machine.Desired = 7
		},
		"will be shown for ever": func(_ *Plane, _ *fleet.Cluster, t *tasks.Task, _ *fleet.Instance,
			_ *services.Service) {
			t.Machine.Last = 7
		},
		"which is not there": func(_ *Plane, _ *fleet.Cluster, t *tasks.Task, _ *fleet.Instance,
			_ *services.Service) {
			t.Owner = nil
		},
		"was not reconciled": func(_ *Plane, _ *fleet.Cluster, _ *tasks.Task, _ *fleet.Instance, s *services.Service) {
			s.Dirty = true
		},
		"but of another": func(_ *Plane, _ *fleet.Cluster, t *tasks.Task, _ *fleet.Instance, _ *services.Service) {
			t.Owner = &services.Service{}
		},
		"PRIMARY deployments": func(_ *Plane, _ *fleet.Cluster, _ *tasks.Task, _ *fleet.Instance, s *services.Service) {
			s.State.Rollouts = append(s.State.Rollouts, s.State.Rollouts[0])
		},
		"belongs to no task": func(p *Plane, _ *fleet.Cluster, t *tasks.Task, _ *fleet.Instance, _ *services.Service) {
			delete(p.tasks.ByTask, t.ID)
		},
		"does not know its target": func(_ *Plane, _ *fleet.Cluster, t *tasks.Task, _ *fleet.Instance,
			_ *services.Service) {
			t.Targets[0].Port++
		},
		"does not hold its port": func(p *Plane, _ *fleet.Cluster, t *tasks.Task, i *fleet.Instance,
			_ *services.Service) {
			i.Ports = loadbalance.NewPorts(nil)
		},
		"will never be issued again": func(p *Plane, _ *fleet.Cluster, _ *tasks.Task, _ *fleet.Instance,
			_ *services.Service) {
			p.outbox.Pending()[0].Wake = 0
		},
		"has no cause": func(p *Plane, c *fleet.Cluster, _ *tasks.Task, _ *fleet.Instance, _ *services.Service) {
			p.tasks.NewStart(slices.Collect(p.tasks.In(c))[1])
		},
		"nothing wakes": func(_ *Plane, _ *fleet.Cluster, _ *tasks.Task, _ *fleet.Instance,
			s *services.Service) {
			s.Wake = 7
		},
	} {
		t.Run(says, func(t *testing.T) {
			p := busy(t)
			c := p.fleet.Clusters[0]
			task := slices.Collect(p.tasks.In(c))[0]
			plant(p, c, task, task.On, p.services.In(c)[0])
			require.ErrorContains(t, p.Check(), says)
		})
	}
}

// Every kind of command without a cause is found.
func TestCheckCauses(t *testing.T) {
	for _, c := range append(message.Commands(),
		message.StopTask{Task: "x", Instance: "i", ID: message.Key{Target: "i/x"}},
		message.InvokeLifecycleHook{Cluster: "c", Service: "s", HookID: "x"},
		message.GetMetric{Cluster: "c", Service: "s", Metric: "x"}) {
		p := busy(t)
		task := slices.Collect(p.tasks.In(p.fleet.Clusters[0]))[0].ID
		switch c.(type) {
		case message.DeregisterInstance: // it may outlive its task
			c = message.DeregisterInstance{Task: task, ID: message.Key{Op: "x"}}
		case message.DeregisterTarget: // without a task it is a target of nobody's, taken away once
			c = message.DeregisterTarget{Task: task, ID: message.Key{Op: "x"}}
		}
		require.False(t, p.wanted(c), "%T %+v", c, c)
	}
}

// TestKinds sees that the tables of commands and events have one row for each kind.
//
// Seen to fail: a table without a row; one with a row twice.
func TestKinds(t *testing.T) {
	p := New(Config{})
	for _, c := range message.Commands() {
		rows := 0
		for _, k := range commandKinds {
			if k.done(p, c, message.CommandDone{}) {
				rows++
			}
		}
		require.Equal(t, 1, rows, "%T", c)
	}
	for _, e := range message.Events() {
		rows := 0
		for _, take := range eventKinds {
			if _, mine := take(p, e); mine {
				rows++
			}
		}
		require.Equal(t, 1, rows, "%T", e)
	}
}
