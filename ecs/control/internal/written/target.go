package written

import (
	"strconv"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/targets"
	"github.com/bayplan/bayplan/ecs/message"
)

// Target is a task's standing in one target group.
type Target struct {
	Group         string      `json:"group"`
	Container     string      `json:"container"`
	ContainerPort int         `json:"containerPort"`
	Target        string      `json:"target,omitzero"` // EC2 instance ID or address; "" until it is registered first
	Port          uint16      `json:"port,omitzero"`
	Registered    bool        `json:"registered,omitzero"` // in the book, draining included
	Register      message.Key `json:"register,omitzero"`
	Deregister    message.Key `json:"deregister,omitzero"`
}

// TargetsOf returns where a task behind load balancers will be registered.
func TargetsOf(books *targets.Books, balancers []ecs.LoadBalancer, d *ecs.TaskDefinition) (list []Target) {
	for _, lb := range balancers {
		if ContainerIndex(d, lb.ContainerName) >= 0 {
			list = append(list, Target{Group: books.Of(lb, d.NetworkMode), Container: lb.ContainerName,
				ContainerPort: lb.ContainerPort})
		}
	}
	return list
}

// At returns which target it is in the books; zone is that of the task.
func (t Target) At(zone string) targets.At {
	return targets.At{Group: t.Group, Target: t.Target, Port: t.Port, Zone: zone}
}

// Ref names the target in the keys of commands.
func (t Target) Ref() string { return t.Group + " " + t.Target + ":" + strconv.Itoa(int(t.Port)) }
