package rollout

import (
	"cmp"
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/services"
	"github.com/bayplan/bayplan/ecs/control/internal/tasks"
	"github.com/bayplan/bayplan/ecs/scheduler"
	"github.com/bayplan/bayplan/placement"
)

// DaemonInstances lists the instances that a daemon service asks about; none before it has a
// deployment.
func (m *Room) DaemonInstances(s *services.Service) ([]scheduler.Instance, error) {
	primary, ok := s.Primary()
	if !ok {
		return nil, nil
	}
	request, err := m.RequestFor(s, primary.ID)
	if err != nil {
		return nil, err
	}
	shape, err := s.Cluster.Index.Prepare(request)
	if err != nil {
		return nil, err
	}
	defer s.Cluster.Index.Forget(shape)
	var list []scheduler.Instance
	for _, i := range s.Cluster.Instances {
		status := i.Record.Status
		if status != ecs.ContainerInstanceStatusActive && status != ecs.ContainerInstanceStatusDraining {
			continue
		}
		if !meets(s.Cluster.Index, shape, i.ID()) {
			continue
		}
		v := scheduler.Instance{ID: i.ID(), Draining: status == ecs.ContainerInstanceStatusDraining,
			Disconnected: !i.Record.AgentConnected}
		for t := range tasks.On(i) {
			if t.Owner != nil && !t.Owner.Daemon() {
				v.ReplicaTasks++
			}
		}
		list = append(list, v)
	}
	slices.SortFunc(list, func(a, b scheduler.Instance) int { return cmp.Compare(a.ID, b.ID) })
	return list, nil
}

// meets reports whether an instance satisfies the constraints and required attributes of a
// request; room and status do not matter.
func meets(x *placement.Index, shape placement.Shape, id ecs.InstanceID) bool {
	v, ok := x.Judge(shape, id)
	return ok && !slices.ContainsFunc(v.Reasons, func(r placement.Reason) bool {
		return r.Code == placement.ReasonAttribute || r.Code == placement.ReasonMemberOf ||
			r.Code == placement.ReasonCapacityProvider || r.Code == placement.ReasonLocation
	})
}
