package dispatch

import (
	"github.com/bayplan/bayplan/ecs/control/internal/tasks"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/lifecycle"
)

func (m *Room) attachVolume(t *tasks.Task) {
	m.Tasks.Own(t).Volume.Attach = m.Outbox.Key("AttachVolume", string(t.ID))
	c := message.AttachVolume{ID: t.Volume.Attach, Cluster: t.Cluster.Record.ClusterName, Task: t.ID,
		Instance: t.Instance, AvailabilityZone: t.Zone,
		Configuration: t.Volume.Configuration}
	if t.On != nil {
		c.EC2InstanceID = t.On.Record.EC2InstanceID
	}
	m.Outbox.Issue(c)
}

func (m *Room) detachVolume(t *tasks.Task) {
	m.Tasks.Own(t).Volume.Detach = m.Outbox.Key("DetachVolume", string(t.ID))
	m.Outbox.Close(t.Volume.Attach)
	m.Outbox.Issue(message.DetachVolume{ID: t.Volume.Detach, Cluster: t.Cluster.Record.ClusterName, Task: t.ID,
		VolumeID:            t.Volume.ID,
		DeleteOnTermination: t.Volume.Configuration.DeletesVolume()})
}

// WantsVolume reports whether a task waits for its volume.
func (m *Room) WantsVolume(c message.AttachVolume) bool {
	t, ok := m.Tasks.ByTask[c.Task]
	return ok && t.Volume != nil && t.Volume.Attach == c.ID && t.Machine.Volume == lifecycle.AttachmentAttaching
}

// VolumeAttached takes the outcome of AttachVolume. A volume that cannot be had ends its task.
func (m *Room) VolumeAttached(c message.AttachVolume, e message.CommandDone) {
	t, ok := m.Tasks.ByTask[c.Task]
	if !ok || t.Volume == nil {
		return
	}
	if e.Err != "" {
		m.Tasks.Step(t, lifecycle.VolumeFailed(m.Core.Now().Time(), e.Err))
		return
	}
	m.Tasks.Own(t).Volume.ID = e.VolumeID
	m.Tasks.Step(t, lifecycle.VolumeAttached(m.Core.Now().Time()))
}

// WantsVolumeBack reports whether a task waits for the end of its volume.
func (m *Room) WantsVolumeBack(c message.DetachVolume) bool {
	t, ok := m.Tasks.ByTask[c.Task]
	return ok && t.Volume != nil && t.Volume.Detach == c.ID && t.Machine.Volume == lifecycle.AttachmentDetaching
}

// VolumeDetached takes the outcome of DetachVolume.
func (m *Room) VolumeDetached(c message.DetachVolume, _ message.CommandDone) {
	if t, ok := m.Tasks.ByTask[c.Task]; ok {
		m.Tasks.Step(t, lifecycle.VolumeDetached(m.Core.Now().Time()))
	}
}
