package control

import (
	"fmt"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/lifecycle"
)

// wrong finds where a task and its definition do not belong together.
func (t *task) wrong() error {
	containers := len(t.definition.ContainerDefinitions)
	switch n := len(t.Details); {
	case int(t.Machine.N) != containers:
		return fmt.Errorf("its machine has %d containers, its definition %d", t.Machine.N, containers)
	case n != containers:
		return fmt.Errorf("it has details of %d containers, its definition has %d", n, containers)
	case len(t.Bindings) != 0 && len(t.Bindings) != containers:
		return fmt.Errorf("it has bindings of %d containers, its definition has %d", len(t.Bindings), containers)
	case t.Counted != (t.desired() == ecs.DesiredStatusRunning):
		return fmt.Errorf("it is to be %s and counted: %t", t.desired(), t.Counted)
	case t.Machine.AtAgent && t.Machine.Last < lifecycle.StatusPending:
		return fmt.Errorf("it is %s and with its agent", t.Machine.Last)
	}
	if asked := t.Machine.TargetsAsked | t.Machine.TargetsRegistered | t.Machine.TargetsLeaving | t.Machine.TargetsGone; int(asked) >= 1<<len(t.Targets) {
		return fmt.Errorf("its machine has more targets than the %d that it has", len(t.Targets))
	}
	return nil
}
