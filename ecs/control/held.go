package control

import (
	"iter"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/lifecycle"
)

// Held is a task that is with its agent.
type Held struct {
	Start    message.StartTask       // the command that brought it there
	Told     message.TaskStateChange // what the agent has told of it, as far as the plane keeps that
	Stopping bool                    // the agent is asked to stop it
}

// Held yields the tasks that agents have, by cluster and in order of launch: what a world that
// lost its memory must run to agree with the plane. Commands without an outcome are
// Outstanding besides.
func (p *Plane) Held() iter.Seq[Held] {
	return func(yield func(Held) bool) {
		for _, c := range p.clusters {
			for _, t := range c.tasks {
				if t.stopped() || !t.Machine.AtAgent {
					continue
				}
				if !yield(Held{Start: p.startCommand(t), Told: t.told(), Stopping: t.desired() == ecs.DesiredStatusStopped}) {
					return
				}
			}
		}
	}
}

// told puts together what the agent has said of a task.
func (t *task) told() message.TaskStateChange {
	e := message.TaskStateChange{Cluster: t.cluster.Record.ClusterName, Task: t.ID, Instance: t.Instance, Life: t.Life, Sequence: t.Sequence, Status: ecs.TaskStatusPending,
		PullStartedAt: t.Machine.PullStartedAt, PullStoppedAt: t.Machine.PullStoppedAt, ExecutionStoppedAt: t.Machine.ExecutionStoppedAt}
	if t.Machine.Last >= lifecycle.StatusActivating {
		e.Status = ecs.TaskStatusRunning
	}
	for i, d := range t.definition.ContainerDefinitions {
		c := t.Machine.Containers[i]
		change := message.ContainerStateChange{Name: d.Name, Status: c.Status.LastStatus()}
		if code, ok := c.Exit(); ok && change.Status == ecs.ContainerStatusStopped {
			change.ExitCode = ecs.Some(code)
		}
		if c.Health != lifecycle.HealthNone {
			change.Health = ecs.HealthStatus(c.Health.String())
		}
		if i < len(t.Details) {
			change.Reason = t.Details[i].Reason
		}
		if i < len(t.Bindings) {
			change.NetworkBindings = t.Bindings[i]
		}
		e.Containers = append(e.Containers, change)
	}
	return e
}
