// Package show is the room of the control plane that describes: it returns clusters, container
// instances, tasks, services and their deployments in the form of the ECS API, and cuts lists into
// pages. It changes nothing.
package show

import (
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/capacity"
	"github.com/bayplan/bayplan/ecs/control/internal/codedeploy"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/discovery"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
	"github.com/bayplan/bayplan/ecs/control/internal/rollout"
	"github.com/bayplan/bayplan/ecs/control/internal/services"
	"github.com/bayplan/bayplan/ecs/control/internal/tasks"
	"github.com/bayplan/bayplan/ecs/registry"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

// Config is what a Room is made with.
type Config struct {
	Core     *core.Core
	Fleet    *fleet.Room
	Tasks    *tasks.Room
	Capacity *capacity.Room
	Services *services.Room
	Rollout  *rollout.Room
	Registry *registry.Registry

	CodeDeploy *codedeploy.Room
	Discovery  *discovery.Room
	Region     string
}

// Room describes what the rooms below it have.
type Room struct {
	Config
	counted []scheduler.Task // memory of the tasks that deployments counts
}

// New returns a Room.
func New(config Config) *Room { return &Room{Config: config} }

// paged returns a page of names as the API answers it.
func paged(arns []string, next string, err error) (api.Page, error) {
	return api.Page{Arns: arns, NextToken: next}, err
}
