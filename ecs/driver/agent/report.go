package agent

import (
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/lifecycle"
)

// Report returns all that the machine knows, in order of task. Each report has new sequence numbers. Its Seen
// is of this life: Settings.Floor does not count.
func (m *Machine) Report() message.InstanceReport {
	r := message.InstanceReport{Cluster: m.settings.Cluster, Instance: m.settings.Instance, Life: m.settings.Life,
		Seen: m.seen}
	for _, t := range m.Tasks() {
		r.Tasks = append(r.Tasks, m.word(t))
	}
	return r
}

// word is the next word about a task: all that the agent knows of it.
func (m *Machine) word(t *Task) message.TaskStateChange {
	t.sequence++
	e := message.TaskStateChange{Cluster: m.settings.Cluster, Task: t.command.Task, Instance: m.settings.Instance,
		Life: m.settings.Life, Sequence: t.sequence,
		Status: ecs.TaskStatusPending, PullStartedAt: t.state.PullStartedAt, PullStoppedAt: t.state.PullStoppedAt,
		ExecutionStoppedAt: t.state.ExecutionStoppedAt}
	switch {
	case t.Over():
		e.Status, e.Reason = ecs.TaskStatusStopped, t.state.StoppedReason
	case t.state.StartedAt != 0: // also while it stops
		e.Status = ecs.TaskStatusRunning
	}
	for i := range t.command.TaskDefinition.ContainerDefinitions {
		e.Containers = append(e.Containers, t.container(i))
	}
	return e
}

// container is what the agent knows of a container. An exit code is known of one that ran only, or that a
// dependency kept from running.
func (t *Task) container(i int) message.ContainerStateChange {
	c, name := t.state.Containers[i], t.command.TaskDefinition.ContainerDefinitions[i].Name
	change := message.ContainerStateChange{Name: name, Status: c.Status.LastStatus(), Reason: t.told[i].Reason,
		RuntimeID: t.told[i].RuntimeID, ImageDigest: t.told[i].ImageDigest}
	if code, ok := c.Exit(); ok && change.Status == ecs.ContainerStatusStopped {
		change.ExitCode = ecs.Some(code)
	}
	if c.Health != lifecycle.HealthNone {
		change.Health = ecs.HealthStatus(c.Health.String())
	}
	if change.Status == ecs.ContainerStatusRunning {
		change.NetworkBindings = t.command.NetworkBindings[name]
	}
	return change
}
