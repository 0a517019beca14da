package control

import (
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
)

// Owner is the service of a task, as its tasks see it.
type owner interface {
	Touch()                                        // it must be looked at before the input ends
	Announce(sentence func(service string) string) // adds a sentence to its events
	Resolved(deployment, container, digest string) // the image of a container has this digest
	Joined(t *task)
	Left(t *task)
	Tasks() []*task // that joined and have not left
	Daemon() bool   // has one task on each instance
}

// touch has the service of a task looked at before the input ends.
func (t *task) touch() {
	if t.owner != nil {
		t.owner.Touch()
	}
}

// order is all that a new task is made of.
type order struct {
	cluster    *fleet.Cluster
	owner      owner // nil: it belongs to no service
	service    string
	definition ecs.TaskDefinition
	overrides  *ecs.TaskOverride
	deployment string
	group      string
	startedBy  string
	launchType ecs.LaunchType
	provider   string
	network    *ecs.NetworkConfiguration
	volume     *taskVolume    // nil: none is configured at launch
	instance   ecs.InstanceID // only there
	zone       string         // only there
	tags       []ecs.Tag
	exec       bool
	platform   string
	balancers  []ecs.LoadBalancer   // that it is registered with
	registry   *ecs.ServiceRegistry // that it is registered with
}
