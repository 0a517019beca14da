package discovery

import (
	"maps"
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	sd "github.com/bayplan/bayplan/ecs/servicediscovery"
)

// RegisterInstance registers an instance, or changes the one that has its ID.
func (m *Room) RegisterInstance(in sd.RegisterInstanceInput) (sd.OperationIDOutput, error) {
	if err := in.Validate(); err != nil {
		return sd.OperationIDOutput{}, err
	}
	s, err := m.service(in.ServiceID)
	if err != nil {
		return sd.OperationIDOutput{}, err
	}
	if err := in.Fits(s.Record); err != nil {
		return sd.OperationIDOutput{}, err
	}
	if _, there := s.byID[in.InstanceID]; !there && len(s.byID) >= mostInstances {
		return sd.OperationIDOutput{}, core.Fault(sd.ResourceLimitExceeded, "",
			"A service has at most %d instances.", mostInstances)
	}
	s.put(&Instance{Record: sd.Instance{ID: in.InstanceID, CreatorRequestID: in.CreatorRequestID,
		Attributes: maps.Clone(in.Attributes), CreatedByAccount: m.config.Account}})
	return m.done("REGISTER_INSTANCE", "INSTANCE", in.InstanceID), nil
}

// Registered takes it that Amazon ECS has registered a task with a service, by its ARN. A service that is not here is
// somebody else's.
func (m *Room) Registered(arn string, task ecs.TaskID, attributes map[string]string) {
	if s, err := m.service(arn); err == nil {
		s.put(&Instance{Task: task, Record: sd.Instance{ID: string(task), Attributes: attributes,
			CreatedByAccount: m.config.Account}})
	}
}

// Deregistered takes it that Amazon ECS has taken a task from a service.
func (m *Room) Deregistered(arn string, task ecs.TaskID) {
	if s, err := m.service(arn); err == nil {
		s.remove(string(task))
	}
}

// put registers an instance, in the place of one with its ID.
func (s *Service) put(i *Instance) {
	s.Revision++
	if at, ok := s.byID[i.Record.ID]; ok {
		s.Instances[at] = i
		return
	}
	s.byID[i.Record.ID] = len(s.Instances)
	s.Instances = append(s.Instances, i)
}

// remove takes an instance away; false if there is none. Gaps are closed when half of the list is gaps, so that an
// instance costs the same in a service of thousands.
func (s *Service) remove(id string) bool {
	at, ok := s.byID[id]
	if !ok {
		return false
	}
	s.Revision++
	delete(s.byID, id)
	s.Instances[at] = nil
	if s.Gone++; s.Gone > len(s.byID)+16 {
		s.compact()
	}
	return true
}

// DeregisterInstance takes an instance away.
func (m *Room) DeregisterInstance(in sd.InstanceInput) (sd.OperationIDOutput, error) {
	s, err := m.service(in.ServiceID)
	if err != nil {
		return sd.OperationIDOutput{}, err
	}
	if !s.remove(in.InstanceID) {
		return sd.OperationIDOutput{}, noInstance(in.InstanceID)
	}
	return m.done("DEREGISTER_INSTANCE", "INSTANCE", in.InstanceID), nil
}

func noInstance(id string) error {
	return core.Fault(sd.InstanceNotFound, "InstanceId", "The instance %s does not exist.", id)
}

// instance finds an instance of a service.
func (m *Room) instance(service, id string) (*Service, *Instance, error) {
	s, err := m.service(service)
	if err != nil {
		return nil, nil, err
	}
	at, ok := s.byID[id]
	if !ok {
		return nil, nil, noInstance(id)
	}
	return s, s.Instances[at], nil
}

// GetInstance shows an instance.
func (m *Room) GetInstance(in sd.InstanceInput) (out sd.GetInstanceOutput, err error) {
	_, i, err := m.instance(in.ServiceID, in.InstanceID)
	if err == nil {
		out = sd.GetInstanceOutput{ResourceOwner: m.config.Account, Instance: i.Record}
	}
	return out, err
}

// all returns the instances of a service, in order of registration.
func (s *Service) all() []*Instance {
	return slices.DeleteFunc(slices.Clone(s.Instances), func(i *Instance) bool { return i == nil })
}

// sorted returns the instances of a service, in order of ID.
func (s *Service) sorted() []*Instance {
	list := s.all()
	slices.SortFunc(list, func(a, b *Instance) int { return strings.Compare(a.Record.ID, b.Record.ID) })
	return list
}

func idOf(i *Instance) string { return i.Record.ID }

// ListInstances lists the instances of a service in order of ID.
func (m *Room) ListInstances(in sd.ListInstancesInput) (sd.ListInstancesOutput, error) {
	out := sd.ListInstancesOutput{ResourceOwner: m.config.Account, Instances: []sd.Instance{}}
	if err := in.Validate(); err != nil {
		return out, err
	}
	s, err := m.service(in.ServiceID)
	if err != nil {
		return out, err
	}
	list, next, err := page(s.sorted(), in.NextToken, in.MaxResults, idOf)
	out.NextToken = next
	for _, i := range list {
		out.Instances = append(out.Instances, sd.Instance{ID: i.Record.ID, Attributes: i.Record.Attributes,
			CreatedByAccount: i.Record.CreatedByAccount})
	}
	return out, err
}

// health returns the health of an instance.
func (m *Room) health(s *Service, i *Instance) sd.HealthStatus {
	switch {
	case s.Record.HealthCheckCustomConfig == nil && s.Record.HealthCheckConfig == nil:
		return sd.HealthStatusUnknown
	case i.Custom != "":
		return i.Custom
	case i.Task != "" && m.config.Unhealthy(i.Task),
		i.Record.Attributes[sd.AttributeInitHealth] == string(sd.HealthStatusUnhealthy):
		return sd.HealthStatusUnhealthy
	}
	return sd.HealthStatusHealthy
}

// GetInstancesHealthStatus shows the health of the instances that are named, or of all.
func (m *Room) GetInstancesHealthStatus(
	in sd.GetInstancesHealthStatusInput,
) (sd.GetInstancesHealthStatusOutput, error) {
	out := sd.GetInstancesHealthStatusOutput{Status: map[string]sd.HealthStatus{}}
	if err := in.Validate(); err != nil {
		return out, err
	}
	s, err := m.service(in.ServiceID)
	if err != nil {
		return out, err
	}
	list := s.sorted()
	if len(in.Instances) > 0 {
		list = nil
		for _, id := range in.Instances {
			_, i, err := m.instance(in.ServiceID, id)
			if err != nil {
				return out, err
			}
			list = append(list, i)
		}
		slices.SortFunc(list, func(a, b *Instance) int { return strings.Compare(a.Record.ID, b.Record.ID) })
	}
	list, out.NextToken, err = page(list, in.NextToken, in.MaxResults, idOf)
	for _, i := range list {
		out.Status[i.Record.ID] = m.health(s, i)
	}
	return out, err
}

// UpdateInstanceCustomHealthStatus takes what the owner of an instance says of its health.
func (m *Room) UpdateInstanceCustomHealthStatus(in sd.UpdateInstanceCustomHealthStatusInput) (struct{}, error) {
	if err := in.Validate(); err != nil {
		return struct{}{}, err
	}
	s, i, err := m.instance(in.ServiceID, in.InstanceID)
	if err != nil {
		return struct{}{}, err
	}
	if s.Record.HealthCheckCustomConfig == nil {
		return struct{}{}, core.Fault(sd.CustomHealthNotFound, "ServiceId",
			"The service %s has no HealthCheckCustomConfig.", s.Record.ID)
	}
	if i.Custom != in.Status {
		s.Revision++
	}
	i.Custom = in.Status
	return struct{}{}, nil
}
