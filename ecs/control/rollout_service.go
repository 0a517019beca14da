package control

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/scaling"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

func (m *rolloutRoom) allServices(yield func(string, *service) bool) {
	for _, c := range m.fleet.clusters {
		for _, s := range c.services {
			if !yield(s.Record.ServiceArn, s) {
				return
			}
		}
	}
}

// service is a service with what the scheduler remembers of it.
type service struct {
	Record    ecs.Service                      `json:"service"` // as asked for; counts and deployments are computed
	State     scheduler.State                  `json:"state"`   // the scheduler's memory
	Connect   *ecs.ServiceConnectConfiguration `json:"serviceConnectConfiguration,omitzero"`
	Revisions []revision                       `json:"revisions,omitzero"` // what deployments rolled out, newest last
	Ended     []scheduler.Rollout              `json:"ended,omitzero"`     // deployments that are over, newest last
	Alternate []string                         `json:"alternate,omitzero"` // deployments on the alternate target groups
	TaskSets  []taskSet                        `json:"taskSets,omitzero"`  // of the controller EXTERNAL
	Unplaced  []scheduler.PlacementFailure     `json:"unplaced,omitzero"`  // to be told to the scheduler
	Grown     bool                             `json:"grown,omitzero"`     // the cluster gained room since a placement failed
	Wake      ecs.Instant                      `json:"wake,omitzero"`      // when the scheduler wants to be asked again
	Scaling   *scaling.Target                  `json:"scaling,omitzero"`
	Launched  scheduler.LaunchBucket           `json:"launched,omitzero"` // what its launch rate remembers

	Volumes    []ecs.ServiceVolumeConfiguration `json:"volumeConfigurations,omitzero"`
	Monitoring *api.MonitoringConfiguration     `json:"monitoring,omitzero"`

	answers  []scheduler.HookAnswer // told once, within one input
	requests []scheduler.Request
	cluster  *cluster
	tasks    []*task // not forgotten by the scheduler, in order of creation
	dirty    bool
	passes   int // within one input
}

func (s *service) group() string { return "service:" + s.Record.ServiceName }

func (s *service) daemon() bool { return s.Record.SchedulingStrategy == ecs.SchedulingStrategyDaemon }

// touch notes that a service must be looked at before the input ends.
func (m *rolloutRoom) touch(s *service) {
	if s != nil && !s.dirty {
		s.dirty = true
		m.dirty = append(m.dirty, s)
	}
}

// serviceByArn finds a service by its ARN, deleted ones too.
func (m *rolloutRoom) serviceByArn(arn string) (*service, bool) {
	a, err := ecs.ParseARN(arn)
	if err != nil {
		return nil, false
	}
	c, ok := m.fleet.byCluster[a.Cluster()]
	if !ok {
		return nil, false
	}
	s, ok := c.byService[core.NameOf(arn)]
	return s, ok
}

// service finds a service by name or ARN: an INACTIVE one, too, as long as its name is not used
// again. What it did may still be looked at.
func (c *cluster) service(ref string) (*service, error) {
	if s, ok := c.byService[core.NameOf(ref)]; ok {
		return s, nil
	}
	return nil, core.Fault(ecs.ServiceNotFoundException, "service", "Service not found.")
}

// livingService finds a service that is not INACTIVE.
func (c *cluster) livingService(ref string) (*service, error) {
	s, err := c.service(ref)
	if err == nil && s.Record.Status == ecs.ServiceStatusInactive {
		return nil, core.Fault(ecs.ServiceNotFoundException, "service", "Service not found.")
	}
	return s, err
}

// activeService finds a service that may be changed.
func (c *cluster) activeService(ref string) (*service, error) {
	s, err := c.service(ref)
	if err == nil && s.Record.Status != ecs.ServiceStatusActive {
		return nil, core.Fault(ecs.ServiceNotActiveException, "service", "Service was not ACTIVE.")
	}
	return s, err
}

func external(s ecs.Service) bool {
	return s.DeploymentController != nil && s.DeploymentController.Type == ecs.DeploymentControllerTypeExternal
}

// removeService forgets an INACTIVE service, to make room for a new one of its name.
func (m *rolloutRoom) removeService(s *service) {
	c := s.cluster
	c.services = slices.DeleteFunc(c.services, func(o *service) bool { return o == s })
	delete(c.byService, s.Record.ServiceName)
	for _, t := range c.tasks {
		if t.service == s {
			t.service, t.Orphan = nil, true
		}
	}
}

func (s *service) onFargate() bool {
	return ecs.OnFargate(s.Record.LaunchType, s.Record.CapacityProviderStrategy)
}
