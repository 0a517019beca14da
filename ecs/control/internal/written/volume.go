package written

import (
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
)

// Volume is the Amazon EBS volume of a task.
type Volume struct {
	Configuration ecs.TaskVolumeConfiguration `json:"configuration"`
	ID            string                      `json:"volumeId,omitzero"` // once it is attached
	Attach        message.Key                 `json:"attach,omitzero"`
	Detach        message.Key                 `json:"detach,omitzero"`
}

// VolumeOf returns the volume that a launch asks for; nil for none.
func VolumeOf(list []ecs.TaskVolumeConfiguration) *Volume {
	if len(list) == 0 {
		return nil
	}
	return &Volume{Configuration: list[0]}
}

// ServiceVolume returns the volume that a task of a deployment gets; nil for none.
func ServiceVolume(list []ecs.ServiceVolumeConfiguration) *Volume {
	if len(list) == 0 {
		return nil
	}
	return &Volume{Configuration: list[0].ForTask()}
}

// Clone returns a volume for one task, which remembers its own commands.
func (v *Volume) Clone() *Volume {
	if v == nil {
		return nil
	}
	fresh := *v
	return &fresh
}

// Attached returns the ID of a volume that is attached; of none, "".
func (v *Volume) Attached() string {
	if v == nil {
		return ""
	}
	return v.ID
}
