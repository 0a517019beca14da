package dispatch

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
	"github.com/bayplan/bayplan/ecs/control/internal/tasks"
	"github.com/bayplan/bayplan/lifecycle"
)

func (m *Room) instanceLost(t *tasks.Task, reason string, code ecs.TaskStopCode) {
	if code == ecs.TaskStopCodeUserInitiated {
		m.Tasks.Stop(t, code, reason) // keeps the code that follows from the request
	}
	m.Tasks.Step(t, lifecycle.InstanceLost(m.Core.Now().Time(), reason))
}

func (m *Room) agentConnected(t *tasks.Task, connected bool) {
	if connected {
		m.Tasks.Step(t, lifecycle.AgentConnected(m.Core.Now().Time()))
	} else {
		m.Tasks.Step(t, lifecycle.AgentDisconnected(m.Core.Now().Time()))
	}
}

// Agent handles that the agent of an instance connected or disconnected.
func (m *Room) Agent(i *fleet.Instance, connected bool) {
	for _, t := range slices.Collect(tasks.On(i)) {
		m.agentConnected(t, connected)
	}
}

// Returned handles that the agent of an instance registered again.
func (m *Room) Returned(i *fleet.Instance) {
	m.Agent(i, true)
	m.doubtAll(i)
}

// Lost ends the tasks of an instance that is INACTIVE where they stand.
func (m *Room) Lost(i *fleet.Instance, reason string, code ecs.TaskStopCode) {
	for _, t := range slices.Collect(tasks.On(i)) {
		m.instanceLost(t, reason, code)
	}
	m.abandonStrays(i.ID())
}

// Turned has the services of the tasks on an instance looked at, whose status was set.
func (m *Room) Turned(i *fleet.Instance) {
	for t := range tasks.On(i) {
		t.Touch()
	}
}
