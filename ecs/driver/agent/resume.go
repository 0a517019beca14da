package agent

import (
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/lifecycle"
)

// Resume takes over a task that an agent before this one has run, of which nothing is known but the
// command that started it and the last word about it. The task's machine is brought to where the word has
// it, as if every pull, creation and start had succeeded at once; what had stopped stops. A task that this
// agent cannot run is reported as stopped, and ok is false.
func (m *Machine) Resume(now time.Time, c message.StartTask, last message.TaskStateChange) (out Outcome, ok bool) {
	m.See(c.ID.Epoch)
	t, err := m.compile(c)
	if err != nil {
		out.Changes = append(out.Changes, m.unrunnable(c,
			"Task dependencies cannot be resolved, taskArn: "+c.TaskArn))
		return out, false
	}
	t.state = t.program.Start(c.Task, now)
	if err := t.replay(now, last); err != nil {
		out.Changes = append(out.Changes, m.unrunnable(c, err.Error()))
		return out, false
	}
	m.tasks[c.Task] = t
	m.arm(t, &out)
	return out, true
}

// replay gives the task's machine the answers that the runtime must have given. The error is of what the
// last word says, if the machine refuses it.
func (t *Task) replay(now time.Time, last message.TaskStateChange) error {
	due := []lifecycle.Event{lifecycle.Placed(now)}
	for len(due) > 0 {
		effects, next, err := t.program.Step(nil, t.state, due[0])
		due = due[1:]
		if err != nil {
			return err
		}
		for _, e := range effects {
			due = append(due, t.answers(now, e, last)...)
		}
		t.state = next
	}
	return nil
}

// answers is what the runtime has answered to an effect by now.
func (t *Task) answers(now time.Time, e lifecycle.Effect, last message.TaskStateChange) []lifecycle.Event {
	i := int(e.Index)
	switch e.Kind {
	case lifecycle.EffectPullImage:
		return []lifecycle.Event{lifecycle.Pulled(now, i)}
	case lifecycle.EffectCreateContainer:
		return []lifecycle.Event{lifecycle.ContainerCreated(now, i)}
	case lifecycle.EffectCheckHealth:
		healthy := i >= len(last.Containers) || last.Containers[i].Health != ecs.HealthStatusUnhealthy
		return []lifecycle.Event{lifecycle.HealthChecked(now, i, int(e.Number), healthy)}
	case lifecycle.EffectStartContainer:
		events := []lifecycle.Event{lifecycle.ContainerStarted(now, i, int(e.Number))}
		if i < len(last.Containers) && last.Containers[i].Status == ecs.ContainerStatusStopped {
			events = append(events, lifecycle.ContainerExited(now, i, int(e.Number), last.Containers[i].ExitCode.Or(0)))
		}
		return events
	case lifecycle.EffectStopContainer, lifecycle.EffectKillContainer:
		return []lifecycle.Event{lifecycle.ContainerExited(now, i, int(e.Number), 0)}
	}
	return nil
}
