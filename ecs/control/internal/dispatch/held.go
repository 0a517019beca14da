package dispatch

import (
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/tasks"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/lifecycle"
)

// Told returns what the agent has reported about a task, as one event.
func Told(t *tasks.Task) message.TaskStateChange {
	e := message.TaskStateChange{Cluster: t.Cluster.Record.ClusterName, Task: t.ID, Instance: t.Instance, Life: t.Life,
		Sequence: t.Sequence, Status: ecs.TaskStatusPending,
		PullStartedAt: t.Machine.PullStartedAt, PullStoppedAt: t.Machine.PullStoppedAt,
		ExecutionStoppedAt: t.Machine.ExecutionStoppedAt()}
	if t.Machine.Last >= lifecycle.StatusActivating {
		e.Status = ecs.TaskStatusRunning
	}
	for i, d := range t.Definition.ContainerDefinitions {
		c := t.Machine.Container(i)
		change := message.ContainerStateChange{Name: d.Name, Status: c.Status.LastStatus()}
		if code, ok := c.Exit(); ok && change.Status == ecs.ContainerStatusStopped {
			change.ExitCode = ecs.Some(code)
		}
		if c.Health != lifecycle.HealthNone {
			change.Health = ecs.HealthStatus(c.Health.String())
		}
		change.Reason, change.NetworkBindings = t.Detail(i).Reason, t.Bindings.Of(i)
		e.Containers = append(e.Containers, change)
	}
	return e
}
