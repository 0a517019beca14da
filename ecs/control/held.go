package control

import (
	"iter"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/dispatch"
	"github.com/bayplan/bayplan/ecs/message"
)

// Held is a task that is with its agent.
type Held struct {
	Start    message.StartTask       // the command that brought it there
	Told     message.TaskStateChange // what the agent has told of it, as far as the plane keeps that
	Stopping bool                    // the agent is asked to stop it
}

// Held yields the tasks that agents have, by cluster and in order of launch: what a world that
// lost its memory must run to agree with the plane. Commands without an outcome are
// Outstanding besides.
func (p *Plane) Held() iter.Seq[Held] {
	return func(yield func(Held) bool) {
		for _, c := range p.fleet.Clusters {
			for _, t := range p.tasks.In(c) {
				if t.Stopped() || !t.Machine.AtAgent {
					continue
				}
				if !yield(Held{Start: p.dispatch.StartCommand(t), Told: dispatch.Told(t),
					Stopping: t.Desired() == ecs.DesiredStatusStopped}) {
					return
				}
			}
		}
	}
}
