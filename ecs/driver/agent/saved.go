package agent

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/lifecycle"
)

// saved is what an agent keeps: all of a Machine but the times at which it wants to be woken.
type saved struct {
	Life  uint64              `json:"life"`
	Seen  uint64              `json:"seen"`
	Floor uint64              `json:"floor,omitzero"`
	Stops map[ecs.TaskID]stop `json:"stops,omitzero"`
	Tasks []savedTask         `json:"tasks,omitzero"`
}

type savedTask struct {
	Command message.StartTask `json:"command"`
	State   lifecycle.Task    `json:"state"`
	Told    []told            `json:"told"`
}

// Save returns the machine as JSON, from which Restore makes another in the next life of the agent.
func (m *Machine) Save() ([]byte, error) {
	s := saved{Life: m.settings.Life, Seen: m.seen, Floor: m.settings.Floor, Stops: m.stops}
	for _, t := range m.Tasks() {
		s.Tasks = append(s.Tasks, savedTask{t.command, t.state, t.told})
	}
	return json.Marshal(s)
}

// Restore returns the machine of the agent's next life, and what it must do first: each Effect that may not
// have been carried out, once more. Its Life is s.Life, or a greater one if the saved machine had that. A task
// that does not compile any more is reported as stopped. The error is of data that Save has not made.
func Restore(now time.Time, s Settings, data []byte) (*Machine, Outcome, error) {
	var d saved
	if err := json.Unmarshal(data, &d); err != nil {
		return nil, Outcome{}, fmt.Errorf("agent: what was saved cannot be read: %w", err)
	}
	s.Life, s.Floor = max(s.Life, d.Life+1), max(s.Floor, d.Floor)
	m, out := NewMachine(s), Outcome{}
	m.seen = d.Seen
	for id, at := range d.Stops { //order:any copied
		m.stops[id] = at
	}
	for _, kept := range d.Tasks {
		t, err := m.compile(kept.Command)
		if err == nil && (len(kept.Told) != len(t.told) || int(kept.State.N) != len(t.told)) {
			err = fmt.Errorf("agent: %d containers were saved, not %d", len(kept.Told), len(t.told))
		}
		if err != nil {
			out.Changes = append(out.Changes, m.unrunnable(kept.Command, err.Error()))
			continue
		}
		t.state, t.told = kept.State, kept.Told
		t.checkAgain(now)
		m.tasks[kept.Command.Task] = t
		out.Effects = append(out.Effects, t.unanswered()...)
		m.arm(t, &out)
	}
	return m, out, nil
}

// checkAgain begins the health checks that were under way again: that nobody heard the answer is no failure.
func (t *Task) checkAgain(now time.Time) {
	for i := range t.told {
		if c := &t.state.Containers[i]; c.Checking {
			c.Checking, c.Due = false, ecs.At(now)
		}
	}
}

// unanswered returns the effects of the task that have no answer yet.
func (t *Task) unanswered() (list []Effect) {
	for i := range t.told {
		c := t.state.Containers[i]
		e := lifecycle.Effect{Index: uint8(i), Number: c.Restarts}
		switch c.Status {
		case lifecycle.ContainerStatusPulling:
			e.Kind = lifecycle.EffectPullImage
		case lifecycle.ContainerStatusCreating:
			e.Kind = lifecycle.EffectCreateContainer
		case lifecycle.ContainerStatusStarting:
			e.Kind = lifecycle.EffectStartContainer
		case lifecycle.ContainerStatusRestarting:
			e.Kind, e.Number = lifecycle.EffectStartContainer, c.Restarts+1
		case lifecycle.ContainerStatusStopping:
			e.Kind = lifecycle.EffectStopContainer
		case lifecycle.ContainerStatusKilling:
			e.Kind = lifecycle.EffectKillContainer
		default:
			continue
		}
		list = append(list, Effect{t.command.Task, e})
	}
	return list
}

// running returns the containers of the task that run and whose exit nobody waits for after Restore.
func (t *Task) running() (list []Container) {
	for i := range t.told {
		c := t.state.Containers[i]
		switch c.Status {
		case lifecycle.ContainerStatusRunning, lifecycle.ContainerStatusStopping, lifecycle.ContainerStatusKilling:
			list = append(list, Container{&t.command, i, int(c.Restarts)})
		}
	}
	return list
}

// worth is what of a task's state is worth being saved at once: all but the beat of health checks.
func worth(t lifecycle.Task) lifecycle.Task {
	t.Version = 0
	for i := range t.N {
		c := &t.Containers[i]
		if c.Status == lifecycle.ContainerStatusRunning {
			c.Due, c.Checks, c.Failures = 0, 0, 0
			c.Checking, c.Graced = false, false
		}
	}
	return t
}

// sorted returns the tasks of a machine by whether they have stopped.
func (m *Machine) sorted() (live, over []ecs.TaskID) {
	for _, t := range m.Tasks() {
		if t.Over() {
			over = append(over, t.command.Task)
		} else {
			live = append(live, t.command.Task)
		}
	}
	return live, over
}

// lifeAt is the Life of an agent that begins now.
func lifeAt(now time.Time) uint64 { return uint64(max(now.UnixMicro(), 1)) }
