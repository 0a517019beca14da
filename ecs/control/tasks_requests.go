package control

import (
	"cmp"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
)

func (m *taskRoom) stopTask(in api.StopTaskInput) (*task, error) {
	if err := in.Validate(); err != nil {
		return nil, err
	}
	c, err := m.fleet.Cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	t, ok := m.byTask[ecs.TaskID(core.NameOf(in.Task))]
	if !ok || t.cluster != c {
		return nil, core.Fault(ecs.InvalidParameterException, "task", "The referenced task was not found.")
	}
	m.stop(t, ecs.TaskStopCodeUserInitiated, cmp.Or(in.Reason, "Task stopped by user"))
	t.Tags = nil
	return t, nil
}
