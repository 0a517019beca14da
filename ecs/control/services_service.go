package control

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
	"github.com/bayplan/bayplan/ecs/control/internal/scaling"
	"github.com/bayplan/bayplan/ecs/control/internal/tasks"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

func (m *serviceRoom) allServices(yield func(string, *service) bool) {
	for _, c := range m.fleet.Clusters {
		for _, s := range m.in(c) {
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
	Grown     bool                             `json:"grown,omitzero"`     // room came since a placement failed
	Wake      ecs.Instant                      `json:"wake,omitzero"`      // when the scheduler wants to be asked again
	Scaling   *scaling.Target                  `json:"scaling,omitzero"`
	Launched  scheduler.LaunchBucket           `json:"launched,omitzero"` // what its launch rate remembers

	Volumes    []ecs.ServiceVolumeConfiguration `json:"volumeConfigurations,omitzero"`
	Monitoring *api.MonitoringConfiguration     `json:"monitoring,omitzero"`

	answers  []scheduler.HookAnswer // told once, within one input
	requests []scheduler.Request
	room     *serviceRoom
	cluster  *fleet.Cluster
	tasks    []*tasks.Task // not forgotten by the scheduler, in order of creation
	dirty    bool
	passes   int // within one input
}

func (s *service) group() string { return "service:" + s.Record.ServiceName }

func (s *service) daemon() bool { return s.Record.SchedulingStrategy == ecs.SchedulingStrategyDaemon }

// Touch has the service looked at before the input ends.
func (s *service) Touch() { s.room.touch(s) }

// Announce adds a sentence to the service's events.
func (s *service) Announce(sentence func(service string) string) {
	s.room.say(s, sentence(s.Record.ServiceName))
}

// Joined takes a task of the service.
func (s *service) Joined(t *tasks.Task) { s.tasks = append(s.tasks, t) }

// Left takes it that a task is no longer described.
func (s *service) Left(t *tasks.Task) {
	s.tasks = slices.DeleteFunc(s.tasks, func(o *tasks.Task) bool { return o == t })
}

// Tasks returns the service's tasks that its scheduler has not forgotten, in order of creation.
func (s *service) Tasks() []*tasks.Task { return s.tasks }

// Daemon reports whether the service has one task on each instance.
func (s *service) Daemon() bool { return s.daemon() }

// Resolved keeps the digest that the first task of a revision resolved an image to.
func (s *service) Resolved(deployment, container, digest string) {
	for i := range s.Revisions {
		if r := &s.Revisions[i]; r.Deployment == deployment && r.Digests[container] == "" {
			if r.Digests == nil {
				r.Digests = map[string]string{}
			}
			r.Digests[container] = digest
		}
	}
}

// serviceOf returns the service of a task; nil if it belongs to none that there is.
func serviceOf(t *tasks.Task) *service {
	s, _ := t.Owner.(*service)
	return s
}

// touch notes that a service must be looked at before the input ends.
func (m *serviceRoom) touch(s *service) {
	if s != nil && !s.dirty {
		s.dirty = true
		m.dirty = append(m.dirty, s)
	}
}

// serviceByArn finds a service by its ARN, deleted ones too.
func (m *serviceRoom) serviceByArn(arn string) (*service, bool) {
	a, err := ecs.ParseARN(arn)
	if err != nil {
		return nil, false
	}
	c, ok := m.fleet.ByCluster[a.Cluster()]
	if !ok {
		return nil, false
	}
	return m.find(c, core.NameOf(arn))
}

// service finds a service by name or ARN: an INACTIVE one, too, as long as its name is not used
// again. What it did may still be looked at.
func (m *serviceRoom) service(c *fleet.Cluster, ref string) (*service, error) {
	if s, ok := m.find(c, core.NameOf(ref)); ok {
		return s, nil
	}
	return nil, core.Fault(ecs.ServiceNotFoundException, "service", "Service not found.")
}

// livingService finds a service that is not INACTIVE.
func (m *serviceRoom) livingService(c *fleet.Cluster, ref string) (*service, error) {
	s, err := m.service(c, ref)
	if err == nil && s.Record.Status == ecs.ServiceStatusInactive {
		return nil, core.Fault(ecs.ServiceNotFoundException, "service", "Service not found.")
	}
	return s, err
}

// activeService finds a service that may be changed.
func (m *serviceRoom) activeService(c *fleet.Cluster, ref string) (*service, error) {
	s, err := m.service(c, ref)
	if err == nil && s.Record.Status != ecs.ServiceStatusActive {
		return nil, core.Fault(ecs.ServiceNotActiveException, "service", "Service was not ACTIVE.")
	}
	return s, err
}

func external(s ecs.Service) bool {
	return s.DeploymentController != nil && s.DeploymentController.Type == ecs.DeploymentControllerTypeExternal
}

// removeService forgets an INACTIVE service, to make room for a new one of its name.
func (m *serviceRoom) removeService(s *service) {
	b := m.books[s.cluster]
	b.services = slices.DeleteFunc(b.services, func(o *service) bool { return o == s })
	delete(b.byName, s.Record.ServiceName)
	m.tasks.Orphan(s.cluster, s)
}

func (s *service) onFargate() bool {
	return ecs.OnFargate(s.Record.LaunchType, s.Record.CapacityProviderStrategy)
}
