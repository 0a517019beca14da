// Package rollout is the room of the control plane that carries deployments out: it shows each touched
// service to the scheduler and does what the plan says, until nothing is left to do in this input.
package rollout

import (
	"github.com/bayplan/bayplan/ecs/control/internal/balancers"
	"github.com/bayplan/bayplan/ecs/control/internal/capacity"
	"github.com/bayplan/bayplan/ecs/control/internal/census"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
	"github.com/bayplan/bayplan/ecs/control/internal/outbox"
	"github.com/bayplan/bayplan/ecs/control/internal/services"
	"github.com/bayplan/bayplan/ecs/control/internal/targets"
	"github.com/bayplan/bayplan/ecs/control/internal/tasks"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/ecs/registry"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

// Config is what a Room is made with.
type Config struct {
	Core    *core.Core
	Outbox  *outbox.Outbox
	Fleet   *fleet.Room
	Tasks   *tasks.Room
	Targets *targets.Books
	// Balancers has the listener rules whose weights deployments shift.
	Balancers *balancers.Room
	Capacity  *capacity.Room
	Services  *services.Room
	Census    *census.Room
	Registry  *registry.Registry

	ServiceRate scheduler.LaunchRate
	FargateRate scheduler.LaunchRate
}

// Room carries out what the scheduler wants of services.
type Room struct {
	Config
	Alarms  []message.AlarmState
	Fargate scheduler.LaunchBucket // of all services' tasks on Fargate
	looked  []*services.Service    // reconciled within this input
}

// New returns a Room.
func New(config Config) *Room { return &Room{Config: config} }
