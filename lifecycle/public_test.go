package lifecycle

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
)

// TestPublicDefinitions lives through task definitions that nobody here wrote: those that can be
// registered reach RUNNING and then STOPPED, in the order of their dependencies. TestSteps is its
// twin on drawn ones.
func TestPublicDefinitions(t *testing.T) {
	files, _ := filepath.Glob("../../shared/data/taskdefs/*.json")
	if len(files) == 0 {
		t.Skip("../shared/data/taskdefs is not there")
	}
	lived, dependencies := 0, 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		d, err := ecs.ParseTaskDefinition(data)
		if d = d.Normalize(); err != nil || d.Validate() != nil {
			continue
		}
		for _, role := range []Role{RoleControlPlane, RoleAgent} {
			_, err := Compile(d, Traits{Role: role, TargetGroups: 1})
			require.NoError(t, err, file)
		}
		p, err := Compile(d, Traits{TargetGroups: 1, HealthByRuntime: true})
		require.NoError(t, err, file)
		for i := range p.plans {
			dependencies += len(p.plans[i].waits)
		}
		wholeLife(t, p, d, file)
		lived++
	}
	t.Logf("%d of %d definitions, with %d dependencies", lived, len(files), dependencies)
	require.Positive(t, lived)
}

// wholeLife plays a whole life: every effect is answered, what others wait for to end ends with 0.
func wholeLife(t *testing.T, p *Program, d ecs.TaskDefinition, name string) {
	task, order := p.Start("t", epoch()), []string(nil)
	open := []Effect(nil)
	step := func(ev Event) {
		var err error
		open, task, err = p.Step(open, task, ev)
		require.NoError(t, err, name)
	}
	settle := func() {
		for len(open) > 0 {
			e := open[0]
			open = open[1:]
			if e.Kind == EffectStopContainer {
				order = append(order, p.plans[e.Index].name)
			}
			if ev, ok := answerTo(e, epoch(), 1); ok {
				step(ev)
			}
			if e.Kind != EffectStartContainer {
				continue
			}
			switch i := int(e.Index); {
			case ends(d, p.plans[i].name):
				step(ContainerExited(epoch(), i, 0, 0))
			case p.plans[i].checked:
				step(ContainerHealth(epoch(), i, ecs.HealthStatusHealthy))
			}
		}
	}
	step(Placed(epoch()))
	settle()
	require.Equal(t, StatusRunning, task.Last, name)
	step(StopRequested(epoch(), ecs.TaskStopCodeUserInitiated, ""))
	settle()
	require.Equal(t, StatusStopped, task.Last, name)
	for i, c := range d.ContainerDefinitions { // dependents get their signal first
		for _, w := range p.plans[i].waits {
			require.False(t, before(order, p.plans[w.on].name, c.Name), "%s: %v", name, order)
		}
	}
}

// ends reports whether another container waits for the end of this one.
func ends(d ecs.TaskDefinition, name string) bool {
	for _, c := range d.ContainerDefinitions {
		for _, dep := range c.DependsOn {
			if dep.ContainerName == name && (dep.Condition == ecs.ContainerConditionComplete ||
				dep.Condition == ecs.ContainerConditionSuccess) {
				return true
			}
		}
	}
	return false
}

// before reports whether a stands before b in the list.
func before(list []string, a, b string) bool {
	seen := false
	for _, x := range list {
		if x == b {
			return seen
		}
		seen = seen || x == a
	}
	return false
}
