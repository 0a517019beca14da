package control

import (
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/deadlines"
	"github.com/bayplan/bayplan/ecs/control/internal/outbox"
	"github.com/bayplan/bayplan/ecs/control/internal/scaling"
	"github.com/bayplan/bayplan/ecs/control/internal/targets"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/ecs/registry"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

// rolloutConfig is what a rolloutRoom is told once.
type rolloutConfig struct {
	core     *core.Core
	outbox   *outbox.Outbox
	fleet    *fleetRoom
	tasks    *taskRoom
	targets  *targets.Books
	capacity *capacityRoom
	scaling  *scaling.Room
	registry *registry.Registry

	tasksPerService int // most that may be desired of a service
	serviceRate     scheduler.LaunchRate
	fargateRate     scheduler.LaunchRate
}

// rolloutRoom has the services and their deployments.
type rolloutRoom struct {
	rolloutConfig
	wakes   *deadlines.Kind // when a service wants to be reconciled
	alarms  []message.AlarmState
	fargate scheduler.LaunchBucket // of all services' tasks on Fargate
	dirty   []*service             // to be looked at before the input ends
	looked  []*service             // reconciled within this input
	seen    []scheduler.Task       // memory of reconcile's view
}

func newRollout(config rolloutConfig) *rolloutRoom { return &rolloutRoom{rolloutConfig: config} }

// watch registers the room with the timers.
func (m *rolloutRoom) watch(timers *deadlines.Timers) {
	wake := func(s *service) ecs.Instant { return s.Wake }
	m.wakes = timers.Register(deadlines.Of("service", m.serviceByArn, m.allServices, wake, m.touch))
}
