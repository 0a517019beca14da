package tasks

import (
	"cmp"
	"iter"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
	"github.com/bayplan/bayplan/ecs/control/internal/written"
)

// Owner is the service of a task, as its tasks see it.
type Owner interface {
	Touch()                                        // it must be looked at before the input ends
	Announce(sentence func(service string) string) // adds a sentence to its events
	Resolved(deployment, container, digest string) // the image of a container has this digest
	Joined(t *Task)
	Altered(t *Task)        // what the scheduler counts of the task may have changed
	Left(t *Task)           // it is no longer described
	Tasks() iter.Seq[*Task] // those that the scheduler has not forgotten, in order of creation
	Daemon() bool           // has one task on each instance
}

// Places is where others have a task, so that none of them searches for it. It is not part of a State.
type Places struct {
	ofCluster, ofOwner    uint32
	Entry                 uint32 // in the census of its owner
	Altered, Runs, Wanted bool   // since its owner's last plan; the others are as its owner has counted the task
}

// OfOwner is the place of a task among those of its owner.
type OfOwner struct{}

// Place says where a task keeps it.
func (OfOwner) Place(t *Task) *uint32 { return &t.ofOwner }

// ofCluster is the place of a task among those of its cluster.
type ofCluster struct{}

// Place says where a task keeps it.
func (ofCluster) Place(t *Task) *uint32 { return &t.ofCluster }

// Alter tells the service of a task that what its scheduler counts of it may have changed.
func (t *Task) Alter() {
	if t.Owner != nil {
		t.Owner.Altered(t)
	}
}

// Touch has the service of an altered task looked at before the input ends.
func (t *Task) Touch() {
	t.Alter()
	if t.Owner != nil {
		t.Owner.Touch()
	}
}

// Order is all that a new task is made of.
type Order struct {
	Cluster    *fleet.Cluster
	Owner      Owner // nil: it belongs to no service
	Service    string
	Definition *ecs.TaskDefinition // overrides applied; it is kept, and not changed
	Overrides  *ecs.TaskOverride
	Deployment string
	Group      string
	StartedBy  string
	LaunchType ecs.LaunchType
	Provider   string
	Network    *ecs.NetworkConfiguration
	Volume     *written.Volume // nil: none is configured at launch
	Instance   ecs.InstanceID  // only there
	Zone       string          // only there
	Tags       []ecs.Tag
	Exec       bool
	Platform   string
	Balancers  []ecs.LoadBalancer   // that it is registered with
	Registry   *ecs.ServiceRegistry // that it is registered with
	AwaitsRoom bool                 // it has no place yet
}

// likeness is what the tasks of the order have in common, each with so many targets.
func (l Order) likeness(targets int) Likeness {
	return Likeness{
		TaskDefinitionArn: l.Definition.TaskDefinitionArn, Overrides: l.Overrides, Service: l.Service,
		Deployment: l.Deployment, Group: l.Group, StartedBy: l.StartedBy,
		LaunchType: cmp.Or(l.LaunchType, ecs.LaunchTypeEC2), CapacityProvider: l.Provider,
		PlatformVersion: l.Platform, Network: l.Network, Registry: l.Registry, Exec: l.Exec, Tags: l.Tags,
		AwaitsRoom: l.AwaitsRoom, Definition: l.Definition, Cluster: l.Cluster, Owner: l.Owner,
		targets: targets, volume: l.Volume != nil,
	}
}

// Fargate reports whether the task runs on Fargate.
func (l Order) Fargate() bool {
	if l.Provider == "" {
		return ecs.OnFargate(l.LaunchType, nil)
	}
	return ecs.OnFargate("", []ecs.CapacityProviderStrategyItem{{CapacityProvider: l.Provider}})
}
