package control

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/capacity"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/tasks"
	"github.com/bayplan/bayplan/ecs/scheduler"
	"github.com/bayplan/bayplan/placement"
)

// requestFor returns the placement request of a task of a deployment.
func (m *rolloutRoom) requestFor(s *service, deployment string) (placement.Request, error) {
	r, d, err := m.rolledOut(s, deployment)
	if err != nil {
		return placement.Request{}, err
	}
	return m.requestOf(s, r, d)
}

// rolledOut returns a deployment with its task definition.
func (m *rolloutRoom) rolledOut(s *service, deployment string) (scheduler.Rollout, ecs.TaskDefinition, error) {
	r, ok := s.rollout(deployment)
	if !ok {
		return r, ecs.TaskDefinition{}, core.Fault(ecs.ServerException, "deployment", "Deployment %s is not known.",
			deployment)
	}
	d, err := m.registry.Resolve(r.TaskDefinition)
	return r, d, err
}

// requestOf returns the placement request of a task of a deployment that rolls out d.
func (m *rolloutRoom) requestOf(s *service, r scheduler.Rollout, d ecs.TaskDefinition) (placement.Request, error) {
	request, err := placement.NewRequest(d, s.group())
	if err != nil {
		return placement.Request{}, err
	}
	request.Constraints = append(slices.Clone(request.Constraints), s.Record.PlacementConstraints...)
	request.Strategy = s.Record.PlacementStrategy
	if d.NetworkMode == ecs.NetworkModeAwsvpc {
		request.Zones = m.fleet.SubnetZones(r.NetworkConfiguration)
	}
	return request, nil
}

// prepare makes an order of what the scheduler starts. Its task definition is resolved here, and its
// placement request made, once for all tasks.
func (m *rolloutRoom) prepare(s *service, start scheduler.Start) (*capacity.Prepared, error) {
	r, d, err := m.rolledOut(s, start.Deployment)
	if err != nil {
		return nil, err
	}
	request, err := m.requestOf(s, r, d)
	if err != nil {
		return nil, err
	}
	o := tasks.Order{
		Owner: s, Service: s.Record.ServiceName, Cluster: s.cluster, Definition: d,
		Deployment: r.ID, Group: s.group(), StartedBy: r.ID,
		LaunchType: r.LaunchType, Network: r.NetworkConfiguration, Platform: r.PlatformVersion,
		Volume: tasks.ServiceVolume(r.VolumeConfigurations), Instance: start.Instance, Zone: start.Zone,
		Tags: core.JoinTags(core.Propagated(s.Record.PropagateTags, d, s.Record.Tags),
			core.ManagedTags(s.Record.EnableECSManagedTags, s.cluster.Record.ClusterName, s.Record.ServiceName)),
		Exec: s.Record.EnableExecuteCommand, Balancers: s.loadBalancersOf(r.ID),
	}
	if list := s.registriesOf(r.ID); len(list) > 0 {
		o.Registry = &list[0]
	}
	return m.capacity.Prepare(o, request), nil
}

// carryOutStart starts tasks of a deployment, as many as find a place, and tells the
// scheduler of the others.
func (m *rolloutRoom) carryOutStart(s *service, start scheduler.Start) {
	p, err := m.prepare(s, start)
	if err != nil {
		m.services.unplaced(s, start, start.Count, "was unable to place a task. Reason: "+err.Error())
		return
	}
	defer p.Done()
	var started []ecs.TaskID
	for _, provider := range s.providersFor(start) {
		t, failed := m.capacity.Launch(p, provider)
		if t == nil {
			m.services.unplaced(s, start, start.Count-len(started), failed)
			break
		}
		started = append(started, t.ID)
		m.launched(s, t)
	}
	if len(started) == 0 {
		return
	}
	message := scheduler.StartedTasks(s.Record.ServiceName, started...)
	if start.Zone != "" {
		message = scheduler.RebalanceStarted(s.Record.ServiceName, start.Zone, started...)
	}
	m.services.say(s, message)
}

// launches returns how many tasks of a service may start now. Services that wait for the same
// tokens of the account are served in order of their ARNs.
func (m *rolloutRoom) launches(s *service) scheduler.Launches {
	l := m.serviceRate.Launches(s.Launched, m.core.Now().Time())
	if s.deploysOnFargate() {
		l = l.With(m.fargateRate.Launches(m.fargate, m.core.Now().Time()))
	}
	return l
}

// launched takes a task of a service out of the buckets.
func (m *rolloutRoom) launched(s *service, t *tasks.Task) {
	s.Launched = m.serviceRate.Take(s.Launched, m.core.Now().Time(), 1)
	if t.LaunchType == ecs.LaunchTypeFargate {
		m.fargate = m.fargateRate.Take(m.fargate, m.core.Now().Time(), 1)
	}
}
