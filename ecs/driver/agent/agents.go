package agent

import (
	"context"
	"fmt"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/driver"
	"github.com/bayplan/bayplan/ecs/message"
)

// Agents is the agents of several instances as one driver.Agent: each command goes to the agent of its
// instance. A command for an instance that is not among them fails, and may be retried. The map must not
// change once a loop uses it.
type Agents map[ecs.InstanceID]driver.Agent

// StartTask hands the command to the agent of its instance.
func (all Agents) StartTask(ctx context.Context, c message.StartTask) error {
	a, err := all.of(c.Instance)
	if err != nil {
		return err
	}
	return a.StartTask(ctx, c)
}

// StopTask hands the command to the agent of its instance.
func (all Agents) StopTask(ctx context.Context, c message.StopTask) error {
	a, err := all.of(c.Instance)
	if err != nil {
		return err
	}
	return a.StopTask(ctx, c)
}

func (all Agents) of(id ecs.InstanceID) (driver.Agent, error) {
	a, ok := all[id]
	if !ok {
		return nil, fmt.Errorf("agent: instance %q has no agent here", id)
	}
	return a, nil
}
