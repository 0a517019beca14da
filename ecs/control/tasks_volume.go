package control

import (
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/lifecycle"
)

// taskVolume is the Amazon EBS volume of a task.
type taskVolume struct {
	Configuration ecs.TaskVolumeConfiguration `json:"configuration"`
	ID            string                      `json:"volumeId,omitzero"` // once it is attached
	Attach        message.Key                 `json:"attach,omitzero"`
	Detach        message.Key                 `json:"detach,omitzero"`
}

// volumeOf returns the volume that a launch asks for; nil for none.
func volumeOf(list []ecs.TaskVolumeConfiguration) *taskVolume {
	if len(list) == 0 {
		return nil
	}
	return &taskVolume{Configuration: list[0]}
}

// serviceVolume returns the volume that a task of a deployment gets; nil for none.
func serviceVolume(list []ecs.ServiceVolumeConfiguration) *taskVolume {
	if len(list) == 0 {
		return nil
	}
	return &taskVolume{Configuration: list[0].ForTask()}
}

// clone returns a volume for one task, which remembers its own commands.
func (v *taskVolume) clone() *taskVolume {
	if v == nil {
		return nil
	}
	fresh := *v
	return &fresh
}

// id returns the ID of a volume that is attached; of none, "".
func (v *taskVolume) id() string {
	if v == nil {
		return ""
	}
	return v.ID
}

func (m *taskRoom) attachVolume(t *task) {
	t.Volume.Attach = m.outbox.Key("AttachVolume", string(t.ID))
	c := message.AttachVolume{ID: t.Volume.Attach, Cluster: t.cluster.Record.ClusterName, Task: t.ID, Instance: t.Instance, AvailabilityZone: t.Zone,
		Configuration: t.Volume.Configuration}
	if t.On != nil {
		c.EC2InstanceID = t.On.Record.EC2InstanceID
	}
	m.outbox.Issue(c)
}

func (m *taskRoom) detachVolume(t *task) {
	t.Volume.Detach = m.outbox.Key("DetachVolume", string(t.ID))
	m.outbox.Close(t.Volume.Attach)
	m.outbox.Issue(message.DetachVolume{ID: t.Volume.Detach, Cluster: t.cluster.Record.ClusterName, Task: t.ID, VolumeID: t.Volume.ID,
		DeleteOnTermination: t.Volume.Configuration.DeletesVolume()})
}

func (m *taskRoom) wantsVolume(c message.AttachVolume) bool {
	t, ok := m.byTask[c.Task]
	return ok && t.Volume != nil && t.Volume.Attach == c.ID && t.Machine.Volume == lifecycle.AttachmentAttaching
}

// volumeAttached takes the outcome of AttachVolume. A volume that cannot be had ends its task.
func (m *taskRoom) volumeAttached(c message.AttachVolume, e message.CommandDone) {
	t, ok := m.byTask[c.Task]
	if !ok || t.Volume == nil {
		return
	}
	if e.Err != "" {
		m.step(t, lifecycle.VolumeFailed(m.core.Now().Time(), e.Err))
		return
	}
	t.Volume.ID = e.VolumeID
	m.step(t, lifecycle.VolumeAttached(m.core.Now().Time()))
}

func (m *taskRoom) wantsVolumeBack(c message.DetachVolume) bool {
	t, ok := m.byTask[c.Task]
	return ok && t.Volume != nil && t.Volume.Detach == c.ID && t.Machine.Volume == lifecycle.AttachmentDetaching
}

func (m *taskRoom) volumeDetached(c message.DetachVolume, _ message.CommandDone) {
	if t, ok := m.byTask[c.Task]; ok {
		m.step(t, lifecycle.VolumeDetached(m.core.Now().Time()))
	}
}
