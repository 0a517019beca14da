package control

import (
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/lifecycle"
	"github.com/bayplan/bayplan/loadbalance"
)

// edge takes an agent's word about one task. One that runs where it should not is asked to
// stop.
func (m *taskRoom) edge(e message.TaskStateChange) bool {
	t, ok := m.byTask[e.Task]
	if ok && t.Instance == e.Instance && !t.over() {
		return t.takes(e) && m.taskStateChange(t, e)
	}
	c, there := m.fleet.ByCluster[fleet.ClusterName(e.Cluster)]
	if !there || e.Status == ecs.TaskStatusStopped || e.Instance != "" && !c.Has(e.Instance) {
		return false
	}
	if ok && t.Instance == e.Instance {
		if !t.newer(e) {
			return false // from before it stopped
		}
		t.heard(e)
		m.stopStray(c, e.Instance, e.Task)
		return true
	}
	return m.stopStray(c, e.Instance, e.Task)
}

// taskStateChange believes an agent's word about a task.
func (m *taskRoom) taskStateChange(t *task, e message.TaskStateChange) bool {
	t.heard(e)
	m.outbox.Close(t.Keys.Start)
	m.pulls(t, e)
	for _, c := range e.Containers {
		if i := containerIndex(t.definition, c.Name); i >= 0 {
			m.containerStateChange(t, i, c)
		}
	}
	if e.Status == ecs.TaskStatusStopped {
		m.outbox.Close(t.Keys.Stop)
		m.step(t, lifecycle.TaskStopped(m.core.Now().Time(), t.endCode(), e.Reason))
	}
	m.noteWait(t)
	return true
}

func (m *taskRoom) pulls(t *task, e message.TaskStateChange) {
	if e.PullStartedAt != 0 && t.Machine.PullStartedAt == 0 {
		m.step(t, lifecycle.PullStarted(e.PullStartedAt.Time(), 0))
	}
	if e.PullStoppedAt != 0 && t.Machine.PullStoppedAt == 0 {
		m.step(t, lifecycle.Pulled(e.PullStoppedAt.Time(), 0))
	}
}

func (m *taskRoom) containerStateChange(t *task, i int, c message.ContainerStateChange) {
	now := m.core.Now().Time()
	if i < len(t.Details) {
		d := &t.Details[i]
		for _, f := range []struct{ to, from *string }{{&d.Reason, &c.Reason}, {&d.ImageDigest, &c.ImageDigest}, {&d.RuntimeID, &c.RuntimeID}} {
			if *f.from != "" {
				*f.to = *f.from
			}
		}
	}
	if t.owner != nil && c.ImageDigest != "" {
		t.owner.Resolved(t.Deployment, c.Name, c.ImageDigest)
	}
	m.boundPorts(t, i, c.NetworkBindings)
	before := t.Machine.Containers[i]
	switch c.Status {
	case ecs.ContainerStatusRunning:
		if before.Status < lifecycle.ContainerStatusRunning {
			m.step(t, lifecycle.ContainerStarted(now, i, 0))
		}
	case ecs.ContainerStatusStopped:
		m.containerStopped(t, i, c, before, now)
	}
	if c.Health != "" && c.Status == ecs.ContainerStatusRunning {
		m.step(t, lifecycle.ContainerHealth(now, i, c.Health))
	}
}

func (m *taskRoom) containerStopped(t *task, i int, c message.ContainerStateChange, before lifecycle.Container, now time.Time) {
	if before.Status == lifecycle.ContainerStatusStopped {
		return
	}
	code, known := c.ExitCode.Get()
	family := reasonFamily(c.Reason)
	unstarted := before.Status < lifecycle.ContainerStatusRunning
	switch {
	case unstarted && known && code == 143 && family == "CannotStartContainerError":
		m.step(t, lifecycle.DependencyBroken(now, i, c.Reason)) // the agent's exit code for what it never started
	case unstarted && family == "CannotPullContainerError":
		m.step(t, lifecycle.PullFailed(now, i, c.Reason))
	case unstarted && (neverStarted(family) || !known && c.Reason != ""):
		m.step(t, lifecycle.ContainerFailed(now, i, c.Reason)) // an exit code would be the engine's
	case known && code == 137 && family == "OutOfMemoryError":
		m.step(t, lifecycle.OutOfMemory(now, i, 0))
	case known:
		m.step(t, lifecycle.ContainerExited(now, i, 0, code))
	default:
		m.step(t, lifecycle.ContainerLost(now, i, 0))
	}
}

// neverStarted reports whether a container's reason is one of those that only a container has
// which never started. Source: Amazon ECS Developer Guide, "Stopped tasks error codes".
func neverStarted(family string) bool {
	switch family {
	case "CannotCreateContainerError", "CannotStartContainerError", "CannotCreateVolumeError", "ResourceInitializationError":
		return true
	}
	return false
}

// reasonFamily returns the first word of a container's reason, without the colon.
func reasonFamily(reason string) string {
	for i := range len(reason) {
		if reason[i] == ':' || reason[i] == ' ' {
			return reason[:i]
		}
	}
	return reason
}

// boundPorts believes what the container engine bound, if the ports are free. Those that the
// definition names are not the engine's to choose: bindings without them are left out.
func (m *taskRoom) boundPorts(t *task, i int, bindings []ecs.NetworkBinding) {
	if len(bindings) == 0 || !t.Seated || i >= len(t.Bindings) || slices.Equal(bindings, t.Bindings[i]) {
		return
	}
	next := slices.Clone(t.Bindings)
	next[i] = slices.Clone(bindings)
	all := loadbalance.HostPorts(slices.Concat(next...))
	for _, static := range t.definition.StaticHostPorts() {
		if !slices.Contains(all, static) {
			return
		}
	}
	if err := m.fleet.Rebind(t, next); err != nil {
		m.stop(t, ecs.TaskStopCodeTaskFailedToStart, "CannotStartContainerError: "+err.Error())
	}
}

// instanceReport compares all that an agent knows with all that it should know, and heals
// what got lost: a task that it does not have has stopped; one that it should not have is
// asked to stop.
func (m *taskRoom) instanceReport(e message.InstanceReport) bool {
	c, ok := m.fleet.ByCluster[fleet.ClusterName(e.Cluster)]
	if !ok || e.Instance != "" && !c.Has(e.Instance) {
		return false // from an instance that is gone
	}
	took := false
	known := map[ecs.TaskID]bool{}
	for _, r := range e.Tasks {
		known[r.Task] = true
		if m.healKnown(c, e, r) {
			took = true
		}
	}
	tasks := slices.Clone(m.all[c])
	if i, ok := c.ByInstance[e.Instance]; ok {
		tasks = slices.Collect(on(i))
	}
	for _, t := range tasks {
		if t.Instance != e.Instance || known[t.ID] || t.stopped() || !t.Machine.AtAgent {
			continue
		}
		if e.Instance == "" && t.LaunchType != ecs.LaunchTypeFargate {
			continue
		}
		if m.unlisted(t, e) {
			took = true
		}
	}
	return took
}

func (m *taskRoom) healKnown(c *fleet.Cluster, e message.InstanceReport, r message.TaskStateChange) bool {
	t, ok := m.byTask[r.Task]
	r.Life = max(r.Life, e.Life)
	took := ok && t.Instance == e.Instance && m.listed(t, r)
	if ok && t.Instance == e.Instance && !t.over() || r.Status == ecs.TaskStatusStopped {
		return took
	}
	return m.stopStray(c, e.Instance, r.Task) || took
}

// stopStray asks an agent to stop a task that it should not have; false if it is asked.
func (m *taskRoom) stopStray(c *fleet.Cluster, on ecs.InstanceID, id ecs.TaskID) bool {
	target := strayTarget(on, id)
	if m.outbox.Asked("StopTask", target) {
		return false
	}
	m.outbox.Issue(message.StopTask{ID: m.outbox.Key("StopTask", target), Cluster: c.Record.ClusterName, Task: id, Instance: on, Reason: "the task is not known"})
	return true
}

// strayTarget is the target of a command about a task where it should not be.
func strayTarget(on ecs.InstanceID, id ecs.TaskID) string { return string(on) + "/" + string(id) }

// abandonStrays ends the commands about tasks that an instance should not have had.
func (m *taskRoom) abandonStrays(on ecs.InstanceID) {
	m.outbox.AbandonIf(func(c message.Command) bool {
		stop, ok := c.(message.StopTask)
		return ok && stop.Instance == on && stop.ID.Target == strayTarget(on, stop.Task)
	})
}

// spotInterruption drains an instance that is about to be reclaimed, or stops a Fargate
// Spot task.
func (m *taskRoom) spotInterruption(e message.SpotInterruption) bool {
	if e.Task != "" {
		t, ok := m.byTask[e.Task]
		return ok && m.step(t, lifecycle.SpotNotice(m.core.Now().Time()))
	}
	i, ok := m.fleet.FindInstance(e.Cluster, e.Instance)
	if !ok || i.Record.Status != ecs.ContainerInstanceStatusActive {
		return false
	}
	m.fleet.SetInstanceStatus(i, ecs.ContainerInstanceStatusDraining, "Spot interruption notice")
	return true
}
