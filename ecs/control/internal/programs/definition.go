package programs

import (
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/written"
)

// Definitions finds the task definitions that restored tasks run by, each once.
type Definitions struct {
	resolve func(arn string) (ecs.TaskDefinition, error)
	known   map[string]*ecs.TaskDefinition
}

// NewDefinitions returns Definitions of what resolve finds, such as the registry.
func NewDefinitions(resolve func(arn string) (ecs.TaskDefinition, error)) *Definitions {
	return &Definitions{resolve, map[string]*ecs.TaskDefinition{}}
}

// Of returns the definition that a task runs by, its overrides applied. The error is that of a definition that
// there is not.
func (k *Definitions) Of(d *written.Task) (*ecs.TaskDefinition, error) {
	definition, ok := k.known[d.TaskDefinitionArn]
	if !ok {
		found, err := k.resolve(d.TaskDefinitionArn)
		if err != nil {
			return nil, err
		}
		definition = &found
		k.known[d.TaskDefinitionArn] = definition
	}
	if d.Overrides != nil {
		changed := written.Resolve(*definition, d.Overrides)
		definition = &changed
	}
	return definition, nil
}
