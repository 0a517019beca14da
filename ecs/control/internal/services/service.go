package services

import (
	"iter"
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/census"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
	"github.com/bayplan/bayplan/ecs/control/internal/scaling"
	"github.com/bayplan/bayplan/ecs/control/internal/tasks"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

// AllServices yields every service with its ARN, by cluster and in order of creation.
func (m *Room) AllServices(yield func(string, *Service) bool) {
	for _, c := range m.Fleet.Clusters {
		for _, s := range m.In(c) {
			if !yield(s.Record.ServiceArn, s) {
				return
			}
		}
	}
}

// Service is a service with what the scheduler remembers of it.
type Service struct {
	Record    ecs.Service                      `json:"service"` // as asked for; counts and deployments are computed
	State     scheduler.State                  `json:"state"`   // the scheduler's memory
	Connect   *ecs.ServiceConnectConfiguration `json:"serviceConnectConfiguration,omitzero"`
	Revisions []Revision                       `json:"revisions,omitzero"` // what deployments rolled out, newest last
	Ended     []scheduler.Rollout              `json:"ended,omitzero"`     // deployments that are over, newest last
	Alternate []string                         `json:"alternate,omitzero"` // deployments on the alternate target groups
	TaskSets  []TaskSet                        `json:"taskSets,omitzero"`  // of the controller EXTERNAL
	Unplaced  []scheduler.PlacementFailure     `json:"unplaced,omitzero"`  // to be told to the scheduler
	Grown     bool                             `json:"grown,omitzero"`     // room came since a placement failed
	Wake      ecs.Instant                      `json:"wake,omitzero"`      // when the scheduler wants to be asked again
	Scaling   *scaling.Target                  `json:"scaling,omitzero"`

	CodeDeploy *CodeDeploy `json:"codeDeploy,omitzero"` // of the controller CODE_DEPLOY

	Launched scheduler.LaunchBucket `json:"launched,omitzero"` // what its launch rate remembers

	Volumes    []ecs.ServiceVolumeConfiguration `json:"volumeConfigurations,omitzero"`
	Monitoring *api.MonitoringConfiguration     `json:"monitoring,omitzero"`

	core.Marked `json:"-"`

	Answers  []scheduler.HookAnswer `json:"-"` // told once, within one input
	Requests []scheduler.Request    `json:"-"`
	room     *Room
	Cluster  *fleet.Cluster `json:"-"`
	Book     census.Book    `json:"-"` // of its tasks
	Dirty    bool           `json:"-"`
	waits    bool           // among the unplaced of its cluster
	place    uint64         // ascends in order of creation
	Passes   int            `json:"-"` // within one input
}

// Namespace returns the namespace of a configuration of Service Connect of the service: its own, or its cluster's.
func (s *Service) Namespace(c *ecs.ServiceConnectConfiguration) string {
	if d := s.Cluster.Record.ServiceConnectDefaults; c.Namespace == "" && d != nil {
		return d.Namespace
	}
	return c.Namespace
}

// Group returns the group that the service's tasks count in.
func (s *Service) Group() string { return "service:" + s.Record.ServiceName }

// Hold is called before the service changes: see core.Keeper. One that Next returned is held.
func (s *Service) Hold() { s.room.Hold(s) }

// Touch has the service looked at before the input ends.
func (s *Service) Touch() { s.room.Touch(s) }

// Announce adds a sentence to the service's events.
func (s *Service) Announce(sentence func(service string) string) {
	s.room.Say(s, sentence(s.Record.ServiceName))
}

// Joined adds a task to the service.
func (s *Service) Joined(t *tasks.Task) { s.Book.Joined(t) }

// Altered takes it that what is counted of a task may have changed.
func (s *Service) Altered(t *tasks.Task) { s.Book.Altered(t) }

// Left removes a task that is no longer described.
func (s *Service) Left(t *tasks.Task) { s.Book.Left(t) }

// Tasks yields the service's tasks that its scheduler has not forgotten, in order of creation.
func (s *Service) Tasks() iter.Seq[*tasks.Task] { return s.Book.Tasks() }

// Daemon reports whether the service has one task on each instance.
func (s *Service) Daemon() bool { return s.Record.SchedulingStrategy == ecs.SchedulingStrategyDaemon }

// Resolved keeps the digest that the first task of a revision resolved an image to.
func (s *Service) Resolved(deployment, container, digest string) {
	for i := range s.Revisions {
		if r := &s.Revisions[i]; r.Deployment == deployment && r.Digests[container] == "" {
			s.Hold()
			if r.Digests == nil {
				r.Digests = map[string]string{}
			}
			r.Digests[container] = digest
		}
	}
}

// ServiceOf returns the service of a task; nil if it belongs to none that there is.
func ServiceOf(t *tasks.Task) *Service {
	s, _ := t.Owner.(*Service)
	return s
}

// Touch notes that a service must be looked at before the input ends.
func (m *Room) Touch(s *Service) {
	if s != nil && !s.Dirty {
		s.Dirty = true
		m.dirty = append(m.dirty, s)
	}
}

// ServiceByArn finds a service by its ARN, deleted ones too.
func (m *Room) ServiceByArn(arn string) (*Service, bool) {
	if name := strings.LastIndexByte(arn, '/'); name > 0 {
		cluster := strings.LastIndexByte(arn[:name], '/') + 1
		if c, ok := m.Fleet.ByCluster[arn[cluster:name]]; ok {
			if s, ok := m.Find(c, arn[name+1:]); ok && s.Record.ServiceArn == arn {
				return s, true // it is the usual ARN
			}
		}
	}
	a, err := ecs.ParseARN(arn)
	if err != nil {
		return nil, false
	}
	c, ok := m.Fleet.ByCluster[a.Cluster()]
	if !ok {
		return nil, false
	}
	return m.Find(c, core.NameOf(arn))
}

// Service finds a service by name or ARN: an INACTIVE one, too, as long as its name is not used
// again. What it did may still be looked at.
func (m *Room) Service(c *fleet.Cluster, ref string) (*Service, error) {
	if s, ok := m.Find(c, core.NameOf(ref)); ok {
		return s, nil
	}
	return nil, core.Fault(ecs.ServiceNotFoundException, "service", "Service not found.")
}

// LivingService finds a service that is not INACTIVE.
func (m *Room) LivingService(c *fleet.Cluster, ref string) (*Service, error) {
	s, err := m.Service(c, ref)
	if err == nil && s.Record.Status == ecs.ServiceStatusInactive {
		return nil, core.Fault(ecs.ServiceNotFoundException, "service", "Service not found.")
	}
	return s, err
}

// ActiveService finds a service that may be changed.
func (m *Room) ActiveService(c *fleet.Cluster, ref string) (*Service, error) {
	s, err := m.Service(c, ref)
	if err == nil && s.Record.Status != ecs.ServiceStatusActive {
		return nil, core.Fault(ecs.ServiceNotActiveException, "service", "Service was not ACTIVE.")
	}
	return s, err
}

// External reports whether the service has the deployment controller EXTERNAL, so that ECS does not
// carry out its deployments.
func External(s ecs.Service) bool {
	return s.DeploymentController != nil && s.DeploymentController.Type == ecs.DeploymentControllerTypeExternal
}

// removeService forgets an INACTIVE service, to make room for a new one of its name.
func (m *Room) removeService(s *Service) {
	b := m.books[s.Cluster]
	if at, ok := core.PlaceOf(b.services, s.place, func(o *Service) uint64 { return o.place }); ok {
		b.services = slices.Delete(b.services, at, at+1)
	}
	delete(b.byName, s.Record.ServiceName)
	m.Tasks.Orphan(s.Cluster, s)
	s.Book.Rest()
}

// OnFargate reports whether the service's tasks run on Fargate.
func (s *Service) OnFargate() bool {
	return ecs.OnFargate(s.Record.LaunchType, s.Record.CapacityProviderStrategy)
}
