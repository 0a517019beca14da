package dispatch

import (
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
	"github.com/bayplan/bayplan/ecs/control/internal/tasks"
	"github.com/bayplan/bayplan/ecs/control/internal/written"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/lifecycle"
	"github.com/bayplan/bayplan/loadbalance"
)

// Edge handles an agent's report about one task. A task that runs where it should not is asked to
// stop.
func (m *Room) Edge(e message.TaskStateChange) bool {
	t, ok := m.Tasks.ByTask[e.Task]
	if ok && t.Instance == e.Instance && !t.Over() {
		return takes(t, e) && m.taskStateChange(t, e)
	}
	c, there := m.Fleet.ByCluster[fleet.ClusterName(e.Cluster)]
	if !there || e.Status == ecs.TaskStatusStopped || e.Instance != "" && !c.Has(e.Instance) {
		return false
	}
	if ok && t.Instance == e.Instance {
		if !newer(t, e) {
			return false // from before it stopped
		}
		m.heard(t, e)
		m.stopStray(c, e.Instance, e.Task)
		return true
	}
	return m.stopStray(c, e.Instance, e.Task)
}

// taskStateChange believes an agent's word about a task.
func (m *Room) taskStateChange(t *tasks.Task, e message.TaskStateChange) bool {
	m.heard(t, e)
	m.Outbox.Close(t.StartKey())
	m.pulls(t, e)
	for _, c := range e.Containers {
		if i := written.ContainerIndex(t.Definition, c.Name); i >= 0 {
			m.containerStateChange(t, i, c)
		}
	}
	if e.Status == ecs.TaskStatusStopped {
		m.Outbox.Close(t.StopKey())
		m.Tasks.Step(t, lifecycle.TaskStopped(m.Core.Now().Time(), endCode(t), e.Reason))
	}
	m.Tasks.NoteWait(t)
	return true
}

func (m *Room) pulls(t *tasks.Task, e message.TaskStateChange) {
	if e.PullStartedAt != 0 && t.Machine.PullStartedAt == 0 {
		m.Tasks.Step(t, lifecycle.PullStarted(e.PullStartedAt.Time(), 0))
	}
	if e.PullStoppedAt != 0 && t.Machine.PullStoppedAt == 0 {
		m.Tasks.Step(t, lifecycle.Pulled(e.PullStoppedAt.Time(), 0))
	}
}

func (m *Room) containerStateChange(t *tasks.Task, i int, c message.ContainerStateChange) {
	now := m.Core.Now().Time()
	m.Tasks.Tell(t, i, written.Detail{Reason: c.Reason, ImageDigest: c.ImageDigest, RuntimeID: c.RuntimeID})
	if t.Owner != nil && c.ImageDigest != "" {
		t.Owner.Resolved(t.Deployment, c.Name, c.ImageDigest)
	}
	m.boundPorts(t, i, c.NetworkBindings)
	before := t.Machine.Container(i)
	switch c.Status {
	case ecs.ContainerStatusRunning:
		if before.Status < lifecycle.ContainerStatusRunning {
			m.Tasks.Step(t, lifecycle.ContainerStarted(now, i, 0))
		}
	case ecs.ContainerStatusStopped:
		m.containerStopped(t, i, c, before, now)
	}
	if c.Health != "" && c.Status == ecs.ContainerStatusRunning {
		m.Tasks.Step(t, lifecycle.ContainerHealth(now, i, c.Health))
	}
}

func (m *Room) containerStopped(
	t *tasks.Task, i int, c message.ContainerStateChange, before lifecycle.Container, now time.Time,
) {
	if before.Status == lifecycle.ContainerStatusStopped {
		return
	}
	code, known := c.ExitCode.Get()
	family := reasonFamily(c.Reason)
	unstarted := before.Status < lifecycle.ContainerStatusRunning
	switch {
	case unstarted && known && code == 143 && family == "CannotStartContainerError":
		m.Tasks.Step(t, lifecycle.DependencyBroken(now, i, c.Reason)) // the agent's exit code for what it never started
	case unstarted && family == "CannotPullContainerError":
		m.Tasks.Step(t, lifecycle.PullFailed(now, i, c.Reason))
	case unstarted && (neverStarted(family) || !known && c.Reason != ""):
		m.Tasks.Step(t, lifecycle.ContainerFailed(now, i, c.Reason)) // an exit code would be the engine's
	case known && code == 137 && family == "OutOfMemoryError":
		m.Tasks.Step(t, lifecycle.OutOfMemory(now, i, 0))
	case known:
		m.Tasks.Step(t, lifecycle.ContainerExited(now, i, 0, code))
	default:
		m.Tasks.Step(t, lifecycle.ContainerLost(now, i, 0))
	}
}

// neverStarted reports whether only a container that never started can have this family of reasons.
// Source: Amazon ECS Developer Guide, "Stopped tasks error codes".
func neverStarted(family string) bool {
	switch family {
	case "CannotCreateContainerError", "CannotStartContainerError", "CannotCreateVolumeError",
		"ResourceInitializationError":
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
func (m *Room) boundPorts(t *tasks.Task, i int, bindings []ecs.NetworkBinding) {
	if len(bindings) == 0 || !t.Seated || i >= t.Bindings.Len() || slices.Equal(bindings, t.Bindings.Of(i)) {
		return
	}
	next := slices.Clone(t.Bindings.Lists())
	next[i] = slices.Clone(bindings)
	all := loadbalance.HostPorts(slices.Concat(next...))
	for _, static := range t.Definition.StaticHostPorts() {
		if !slices.Contains(all, static) {
			return
		}
	}
	if err := m.Fleet.Rebind(t, next); err != nil {
		m.Tasks.Stop(t, ecs.TaskStopCodeTaskFailedToStart, "CannotStartContainerError: "+err.Error())
	}
}

// InstanceReport compares all that an agent knows with all that it should know, and heals
// what got lost: a task that it does not have has stopped; one that it should not have is
// asked to stop.
func (m *Room) InstanceReport(e message.InstanceReport) bool {
	c, ok := m.Fleet.ByCluster[fleet.ClusterName(e.Cluster)]
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
	list := m.Tasks.In(c)
	if i, ok := c.ByInstance[e.Instance]; ok {
		list = slices.Values(slices.Collect(tasks.On(i)))
	}
	for t := range list {
		if t.Instance != e.Instance || known[t.ID] || t.Stopped() || !t.Machine.AtAgent {
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

func (m *Room) healKnown(c *fleet.Cluster, e message.InstanceReport, r message.TaskStateChange) bool {
	t, ok := m.Tasks.ByTask[r.Task]
	r.Life = max(r.Life, e.Life)
	took := ok && t.Instance == e.Instance && m.listed(t, r)
	if ok && t.Instance == e.Instance && !t.Over() || r.Status == ecs.TaskStatusStopped {
		return took
	}
	return m.stopStray(c, e.Instance, r.Task) || took
}

// stopStray asks an agent to stop a task that it should not have; false if it is asked.
func (m *Room) stopStray(c *fleet.Cluster, on ecs.InstanceID, id ecs.TaskID) bool {
	target := strayTarget(on, id)
	if m.Outbox.Asked("StopTask", target) {
		return false
	}
	m.Outbox.Issue(message.StopTask{ID: m.Outbox.Key("StopTask", target), Cluster: c.Record.ClusterName, Task: id,
		Instance: on, Reason: "the task is not known"})
	return true
}

// strayTarget is the target of a command about a task where it should not be.
func strayTarget(on ecs.InstanceID, id ecs.TaskID) string { return string(on) + "/" + string(id) }

// abandonStrays ends the commands about tasks that an instance should not have had.
func (m *Room) abandonStrays(on ecs.InstanceID) {
	m.Outbox.AbandonIf(func(c message.Command) bool {
		stop, ok := c.(message.StopTask)
		return ok && stop.Instance == on && stop.ID.Target == strayTarget(on, stop.Task)
	})
}

// SpotInterruption drains an instance that is about to be reclaimed, or stops a Fargate
// Spot task.
func (m *Room) SpotInterruption(e message.SpotInterruption) bool {
	if e.Task != "" {
		t, ok := m.Tasks.ByTask[e.Task]
		return ok && m.Tasks.Step(t, lifecycle.SpotNotice(m.Core.Now().Time()))
	}
	i, ok := m.Fleet.FindInstance(e.Cluster, e.Instance)
	if !ok || i.Record.Status != ecs.ContainerInstanceStatusActive {
		return false
	}
	m.Fleet.SetInstanceStatus(i, ecs.ContainerInstanceStatusDraining, "Spot interruption notice")
	return true
}
