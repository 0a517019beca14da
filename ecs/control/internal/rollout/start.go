package rollout

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/capacity"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/services"
	"github.com/bayplan/bayplan/ecs/control/internal/tasks"
	"github.com/bayplan/bayplan/ecs/control/internal/written"
	"github.com/bayplan/bayplan/ecs/scheduler"
	"github.com/bayplan/bayplan/placement"
)

// RequestFor returns the placement request of a task of a deployment.
func (m *Room) RequestFor(s *services.Service, deployment string) (placement.Request, error) {
	r, d, err := m.rolledOut(s, deployment)
	if err != nil {
		return placement.Request{}, err
	}
	return m.requestOf(s, r, d)
}

// rolledOut returns a deployment with its task definition.
func (m *Room) rolledOut(s *services.Service, deployment string) (scheduler.Rollout, ecs.TaskDefinition, error) {
	r, ok := s.Rollout(deployment)
	if !ok {
		return r, ecs.TaskDefinition{}, core.Fault(ecs.ServerException, "deployment", "Deployment %s is not known.",
			deployment)
	}
	d, err := m.Registry.Resolve(r.TaskDefinition)
	return r, d, err
}

// requestOf returns the placement request of a task of a deployment that rolls out d.
func (m *Room) requestOf(s *services.Service, r scheduler.Rollout, d ecs.TaskDefinition) (placement.Request, error) {
	request, err := placement.NewRequest(d, s.Group())
	if err != nil {
		return placement.Request{}, err
	}
	request.Constraints = append(slices.Clone(request.Constraints), s.Record.PlacementConstraints...)
	request.Strategy = s.Record.PlacementStrategy
	if d.NetworkMode == ecs.NetworkModeAwsvpc {
		request.Zones = m.Fleet.SubnetZones(r.NetworkConfiguration)
	}
	return request, nil
}

// prepare makes an order of what the scheduler starts. Its task definition is resolved here, and its
// placement request made, once for all tasks.
func (m *Room) prepare(s *services.Service, start scheduler.Start) (*capacity.Prepared, error) {
	r, d, err := m.rolledOut(s, start.Deployment)
	if err != nil {
		return nil, err
	}
	request, err := m.requestOf(s, r, d)
	if err != nil {
		return nil, err
	}
	o := tasks.Order{
		Owner: s, Service: s.Record.ServiceName, Cluster: s.Cluster, Definition: &d,
		Deployment: r.ID, Group: s.Group(), StartedBy: r.ID,
		LaunchType: r.LaunchType, Network: r.NetworkConfiguration, Platform: r.PlatformVersion,
		Volume: written.ServiceVolume(r.VolumeConfigurations), Instance: start.Instance, Zone: start.Zone,
		Tags: core.JoinTags(core.Propagated(s.Record.PropagateTags, d, s.Record.Tags),
			core.ManagedTags(s.Record.EnableECSManagedTags, s.Cluster.Record.ClusterName, s.Record.ServiceName)),
		Exec: s.Record.EnableExecuteCommand, Balancers: s.LoadBalancersOf(r.ID),
	}
	if list := s.RegistriesOf(r.ID); len(list) > 0 {
		o.Registry = &list[0]
	}
	return m.Capacity.Prepare(o, request), nil
}

// carryOutStart starts tasks of a deployment, as many as find a place, and tells the
// scheduler of the others.
func (m *Room) carryOutStart(s *services.Service, start scheduler.Start) {
	p, err := m.prepare(s, start)
	if err != nil {
		m.Services.Unplaced(s, start, start.Count, "was unable to place a task. Reason: "+err.Error())
		return
	}
	defer p.Done()
	var started []ecs.TaskID
	providers := s.ProvidersFor(start)
	for _, provider := range providers {
		t, failed := m.Capacity.Launch(p, provider)
		if t == nil {
			m.Services.Unplaced(s, start, start.Count-len(started), failed)
			break
		}
		if started == nil { // there is room: the others will mostly find some, too
			started = make([]ecs.TaskID, 0, len(providers))
			m.Core.Changes.Grow(len(providers))
			m.Outbox.Issued.Grow(len(providers))
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
	m.Services.Say(s, message)
}

// Launches returns how many tasks of a service may start now. Services that wait for the same
// tokens of the account are served in order of their ARNs.
func (m *Room) Launches(s *services.Service) scheduler.Launches {
	l := m.ServiceRate.Launches(s.Launched, m.Core.Now().Time())
	if s.DeploysOnFargate() {
		l = l.With(m.FargateRate.Launches(m.Fargate, m.Core.Now().Time()))
	}
	return l
}

// launched takes a token for a task of a service out of the buckets.
func (m *Room) launched(s *services.Service, t *tasks.Task) {
	s.Launched = m.ServiceRate.Take(s.Launched, m.Core.Now().Time(), 1)
	if t.LaunchType == ecs.LaunchTypeFargate {
		m.Fargate = m.FargateRate.Take(m.Fargate, m.Core.Now().Time(), 1)
	}
}
