package control

import (
	"github.com/bayplan/bayplan/ecs/control/internal/capacity"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
	"github.com/bayplan/bayplan/ecs/control/internal/outbox"
	"github.com/bayplan/bayplan/ecs/control/internal/targets"
	"github.com/bayplan/bayplan/ecs/control/internal/tasks"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/ecs/registry"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

// rolloutConfig is what a rolloutRoom is told once.
type rolloutConfig struct {
	core     *core.Core
	outbox   *outbox.Outbox
	fleet    *fleet.Room
	tasks    *tasks.Room
	targets  *targets.Books
	capacity *capacity.Room
	services *serviceRoom
	registry *registry.Registry

	serviceRate scheduler.LaunchRate
	fargateRate scheduler.LaunchRate
}

// rolloutRoom carries out what the scheduler wants of services.
type rolloutRoom struct {
	rolloutConfig
	alarms  []message.AlarmState
	fargate scheduler.LaunchBucket // of all services' tasks on Fargate
	looked  []*service             // reconciled within this input
	seen    []scheduler.Task       // memory of reconcile's view
}

func newRollout(config rolloutConfig) *rolloutRoom { return &rolloutRoom{rolloutConfig: config} }
