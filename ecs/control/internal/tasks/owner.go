package tasks

import (
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet" // Owner is the service of a task, as its tasks see it.
)

// Owner is the service of a task, as its tasks see it.
type Owner interface {
	Touch()                                        // it must be looked at before the input ends
	Announce(sentence func(service string) string) // adds a sentence to its events
	Resolved(deployment, container, digest string) // the image of a container has this digest
	Joined(t *Task)
	Left(t *Task)
	Tasks() []*Task // that joined and have not left
	Daemon() bool   // has one task on each instance
}

// Touch has the service of a task looked at before the input ends.
func (t *Task) Touch() {
	if t.Owner != nil {
		t.Owner.Touch()
	}
}

// Order is all that a new task is made of.
type Order struct {
	Cluster    *fleet.Cluster
	Owner      Owner // nil: it belongs to no service
	Service    string
	Definition ecs.TaskDefinition
	Overrides  *ecs.TaskOverride
	Deployment string
	Group      string
	StartedBy  string
	LaunchType ecs.LaunchType
	Provider   string
	Network    *ecs.NetworkConfiguration
	Volume     *Volume        // nil: none is configured at launch
	Instance   ecs.InstanceID // only there
	Zone       string         // only there
	Tags       []ecs.Tag
	Exec       bool
	Platform   string
	Balancers  []ecs.LoadBalancer   // that it is registered with
	Registry   *ecs.ServiceRegistry // that it is registered with
}

// Fargate reports whether the task runs on Fargate.
func (l Order) Fargate() bool {
	if l.Provider == "" {
		return ecs.OnFargate(l.LaunchType, nil)
	}
	return ecs.OnFargate("", []ecs.CapacityProviderStrategyItem{{CapacityProvider: l.Provider}})
}
