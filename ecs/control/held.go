package control

import (
	"iter"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/dispatch"
	"github.com/bayplan/bayplan/ecs/message"
)

// Held is a task that an agent has been told to start and has not reported as stopped.
type Held struct {
	Start    message.StartTask       // the command that brought it there
	Told     message.TaskStateChange // what the agent last reported, without what the plane does not keep
	Stopping bool                    // the agent is asked to stop it
}

// Held yields the tasks that agents have, by cluster and in order of launch. A simulated world that
// lost its memory must run these to agree with the plane. Outstanding yields the commands that have
// no outcome yet.
func (p *Plane) Held() iter.Seq[Held] {
	return func(yield func(Held) bool) {
		for _, c := range p.fleet.Clusters {
			for t := range p.tasks.In(c) {
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
