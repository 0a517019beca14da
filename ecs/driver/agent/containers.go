package agent

import (
	"context"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
)

// Containers runs containers: it is what a program brings to make an Agent. A container is named by its task
// and its place in the task definition, and each of its runs by a number: 0 for the first start, n for
// restart n.
//
// Every method may be called again for the same container, by this agent or by one that was started in its
// place, and has its effect once. Methods are safe for concurrent use, and return soon after their context
// ends. A text that begins with the name of an error, such as "OutOfMemoryError: ", keeps it in the reason
// that ECS shows. Other texts get the name that fits the call.
type Containers interface {
	// Pull makes the container's image available. It returns the image's digest, "" if it has none.
	Pull(context.Context, Container) (digest string, err error)
	// Create makes the container, and returns its runtime ID: the same one each time.
	Create(context.Context, Container) (runtimeID string, err error)
	// Start begins run Container.Run, unless that run has begun before or is over.
	Start(context.Context, Container) error
	// Wait returns when run Container.Run is over. The error is that of the context.
	Wait(context.Context, Container) (Exit, error)
	// Stop sends the container its stop signal. One that does not run is left as it is.
	Stop(context.Context, Container) error
	// Kill ends the container at once. One that does not run is left as it is.
	Kill(context.Context, Container) error
	// CheckHealth runs the container's health check; nil: the container is healthy.
	CheckHealth(context.Context, Container) error
	// Remove forgets the containers of a task that is over, and frees what they hold.
	Remove(context.Context, message.StartTask) error
	// Sweep ends all containers of the instance but those of the live tasks, and forgets those of tasks that
	// are not among the two lists.
	Sweep(ctx context.Context, live, over []ecs.TaskID) error
}

// Container names a run of a container of a task. The caller must not change what Task points to.
type Container struct {
	Task  *message.StartTask
	Index int // in the task definition
	Run   int // 0 for the first start, n for restart n
}

// Definition returns the container's definition, overrides applied.
func (c Container) Definition() ecs.ContainerDefinition {
	return c.Task.TaskDefinition.ContainerDefinitions[c.Index]
}

// Exit is how a run of a container ended.
type Exit struct {
	Code        int  // 128 and the number of the signal that killed it
	Lost        bool // it is over, and its code is not known
	OutOfMemory bool // it was killed for want of memory
	Reason      string
}
