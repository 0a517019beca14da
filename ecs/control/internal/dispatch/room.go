// Package dispatch is the room of the control plane between tasks and the world: it sends the commands
// that a task's machine asks for, and takes their outcomes and what agents and load balancers report.
//
// Commands may be answered twice, late or never, and reports may be lost, late, repeated or out of
// order: what says nothing new changes nothing. Of two reports of an agent the newer one has the
// greater life, or the greater number in the same life.
package dispatch

import (
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
	"github.com/bayplan/bayplan/ecs/control/internal/outbox"
	"github.com/bayplan/bayplan/ecs/control/internal/targets"
	"github.com/bayplan/bayplan/ecs/control/internal/tasks"
	"github.com/bayplan/bayplan/ecs/message"
)

// Config is what a Room is made with.
type Config struct {
	Core    *core.Core
	Outbox  *outbox.Outbox
	Fleet   *fleet.Room
	Tasks   *tasks.Room
	Targets *targets.Books
	Groups  *targets.Groups

	Discovered   func(*tasks.Task, message.RegisterInstance) // a task is in its service registry
	Undiscovered func(registryArn string, task ecs.TaskID)   // it is not any more
}

// Room sends the commands about tasks, and takes what the world answers and reports.
type Room struct{ Config }

// New returns a Room.
func New(config Config) *Room { return &Room{config} }
