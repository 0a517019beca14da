package agent

import (
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/lifecycle"
)

// Outcome is what follows from something that a Machine was told: what containers must do now, when the
// machine must be woken, and what the plane is to hear, each in order.
type Outcome struct {
	Effects []Effect
	Wakes   []Wake
	Changes []message.TaskStateChange
}

// Effect is something that container Index of a task must do now. Its Kind says which events answer it.
type Effect struct {
	Task ecs.TaskID
	lifecycle.Effect
}

// Wake is when a Machine must get a Tick for a task. A newer Wake for the task replaces it.
type Wake struct {
	Task   ecs.TaskID
	At     time.Time
	Number uint64 // grows with each Wake of the task
}

// add appends what follows later.
func (o *Outcome) add(next Outcome) {
	o.Effects = append(o.Effects, next.Effects...)
	o.Wakes = append(o.Wakes, next.Wakes...)
	o.Changes = append(o.Changes, next.Changes...)
}
