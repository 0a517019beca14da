package control

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/tasks"
	"github.com/bayplan/bayplan/ecs/scheduler"
	"github.com/bayplan/bayplan/placement"
)

// rollout returns a deployment of a service.
func (s *service) rollout(id string) (scheduler.Rollout, bool) {
	for _, r := range s.State.Rollouts {
		if r.ID == id {
			return r, true
		}
	}
	return scheduler.Rollout{}, false
}

// requestFor returns the placement request of a task of a deployment.
func (m *rolloutRoom) requestFor(s *service, deployment string) (placement.Request, error) {
	r, ok := s.rollout(deployment)
	if !ok {
		return placement.Request{}, core.Fault(ecs.ServerException, "deployment", "Deployment %s is not known.",
			deployment)
	}
	d, err := m.registry.Resolve(r.TaskDefinition)
	if err != nil {
		return placement.Request{}, err
	}
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

// carryOutStart starts tasks of a deployment, as many as find a place, and tells the
// scheduler of the others.
func (m *rolloutRoom) carryOutStart(s *service, start scheduler.Start) {
	r, ok := s.rollout(start.Deployment)
	if !ok {
		return
	}
	d, err := m.registry.Resolve(r.TaskDefinition)
	if err != nil {
		return
	}
	want := tasks.Order{
		Owner: s, Service: s.Record.ServiceName, Cluster: s.cluster, Definition: d, Deployment: start.Deployment,
		Group: s.group(), StartedBy: start.Deployment,
		LaunchType: r.LaunchType, Provider: start.CapacityProvider, Network: r.NetworkConfiguration,
		Volume: tasks.ServiceVolume(r.VolumeConfigurations), Instance: start.Instance, Zone: start.Zone,
		Tags: joinTags(propagated(s.Record.PropagateTags, d, s.Record.Tags),
			managedTags(s.Record.EnableECSManagedTags, s.cluster, s.Record.ServiceName)),
		Exec: s.Record.EnableExecuteCommand, Platform: r.PlatformVersion,
		Balancers: s.loadBalancersOf(start.Deployment),
	}
	if list := s.registriesOf(start.Deployment); len(list) > 0 {
		want.Registry = &list[0]
	}
	request, err := m.requestFor(s, start.Deployment)
	if err != nil {
		return
	}
	var started []ecs.TaskID
	providers := m.providersFor(s, r, start)
	for i := range start.Count {
		want.Provider = providers[i]
		t, failed := m.capacity.launch(want, request)
		if t == nil {
			m.unplaced(s, start, start.Count-len(started), failed)
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
	m.say(s, message)
}

// providersFor shares count tasks over the capacity providers of a deployment's strategy.
func (m *rolloutRoom) providersFor(s *service, r scheduler.Rollout, start scheduler.Start) []string {
	names := make([]string, start.Count)
	if start.CapacityProvider != "" || len(r.CapacityProviderStrategy) == 0 {
		for i := range names {
			names[i] = start.CapacityProvider
		}
		return names
	}
	running := make([]int, len(r.CapacityProviderStrategy))
	for _, t := range s.tasks {
		if t.Deployment != r.ID || t.Desired() == ecs.DesiredStatusStopped {
			continue
		}
		for i, item := range r.CapacityProviderStrategy {
			if item.CapacityProvider == t.CapacityProvider {
				running[i]++
			}
		}
	}
	names = distributed(r.CapacityProviderStrategy, running, start.Count)
	for len(names) < start.Count {
		names = append(names, r.CapacityProviderStrategy[0].CapacityProvider)
	}
	return names
}

func (m *rolloutRoom) unplaced(s *service, start scheduler.Start, n int, failed string) {
	s.Unplaced = append(s.Unplaced,
		scheduler.PlacementFailure{Deployment: start.Deployment, Count: n, Zone: start.Zone, Reason: failed})
	if b := m.books[s.cluster]; !slices.Contains(b.unplaced, s) {
		b.unplaced = append(b.unplaced, s)
	}
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

// deploysOnFargate reports whether a deployment of the service runs on Fargate.
func (s *service) deploysOnFargate() bool {
	for _, r := range s.State.Rollouts {
		if ecs.OnFargate(r.LaunchType, r.CapacityProviderStrategy) {
			return true
		}
	}
	return false
}
