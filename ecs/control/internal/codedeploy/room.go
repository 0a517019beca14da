// Package codedeploy is the room of the control plane that is AWS CodeDeploy for Amazon ECS: applications, deployment
// groups, configurations and the record of each deployment. How far a deployment has come is read from the service's
// rollout: the engine is that of package scheduler, which ECS's own blue/green deployments use, too.
package codedeploy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	cd "github.com/bayplan/bayplan/ecs/codedeploy"
	"github.com/bayplan/bayplan/ecs/control/internal/balancers"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
	"github.com/bayplan/bayplan/ecs/control/internal/rollout"
	"github.com/bayplan/bayplan/ecs/control/internal/services"
	"github.com/bayplan/bayplan/ecs/control/internal/targets"
	"github.com/bayplan/bayplan/ecs/registry"
)

// The most that there is of everything. Source: AWS CodeDeploy User Guide, "Limits"; for deployments, the newest of a
// group are kept.
const (
	mostApplications = 100
	mostGroups       = 100 // of an application
	mostConfigs      = 50
	mostDeployments  = 100 // of a group
	pageSize         = 100
)

// Config is what a Room is told once.
type Config struct {
	Core      *core.Core
	Fleet     *fleet.Room
	Targets   *targets.Books
	Balancers *balancers.Room
	Services  *services.Room
	Rollout   *rollout.Room
	Registry  *registry.Registry
}

// Room is AWS CodeDeploy.
type Room struct {
	Config
	state State

	byID      map[string]*Deployment // rollbacks, too
	byRollout map[string]string      // IDs
}

// State is what the room remembers.
type State struct {
	IDs          uint64                `json:"ids,omitzero"`
	Applications []*Application        `json:"applications,omitzero"`
	Configs      []cd.DeploymentConfig `json:"configs,omitzero"` // besides AWS's own
}

// Application is an application with its groups.
type Application struct {
	Record cd.Application `json:"application"`
	Groups []*Group       `json:"groups,omitzero"`
}

// Group is a deployment group with its deployments, oldest first.
type Group struct {
	ID          string             `json:"id"`
	Application string             `json:"application"`
	Name        string             `json:"name"`
	Record      cd.DeploymentGroup `json:"group"`
	Deployments []*Deployment      `json:"deployments,omitzero"`
}

// Deployment is the record of a deployment.
type Deployment struct {
	ID       string                   `json:"id"`
	Rollback string                   `json:"rollback"` // ID of the one that rolls it back, if need be
	Rollout  string                   `json:"rollout"`  // of the service
	Config   string                   `json:"config"`
	At       ecs.Instant              `json:"at"`
	Input    cd.CreateDeploymentInput `json:"input"`
	Stopped  bool                     `json:"stopped,omitzero"` // somebody has stopped it
	Last     *cd.DeploymentInfo       `json:"last,omitzero"`    // how it ended, once another one has begun
	of       *Group
}

// New returns a Room without applications.
func New(config Config) *Room {
	return &Room{Config: config, byID: map[string]*Deployment{}, byRollout: map[string]string{}}
}

func (m *Room) uuid() string {
	m.state.IDs++
	return core.NameBasedID("codedeploy", fmt.Sprint(m.state.IDs))
}

// deploymentID returns d- and nine capitals and digits.
func (m *Room) deploymentID() string {
	return "d-" + strings.ToUpper(strings.ReplaceAll(m.uuid(), "-", "")[:9])
}

// State returns what the room remembers; nil if that is nothing.
func (m *Room) State() *State {
	if m.state.IDs == 0 {
		return nil
	}
	s := m.state
	return &s
}

// Restore takes a state.
func (m *Room) Restore(s *State) error {
	if s == nil {
		return nil
	}
	m.state = *s
	for _, a := range s.Applications {
		if a == nil || slices.Contains(a.Groups, nil) {
			return fmt.Errorf("codedeploy: an application or a group is null")
		}
		for _, g := range a.Groups {
			if err := g.Record.Validate(); err != nil || slices.Contains(g.Deployments, nil) {
				return fmt.Errorf("codedeploy: group %s: a deployment is null, or %w", g.Name, err)
			}
			for _, d := range g.Deployments {
				m.enter(g, d)
			}
		}
	}
	return nil
}

func (m *Room) enter(g *Group, d *Deployment) {
	d.of = g
	m.byID[d.ID], m.byID[d.Rollback] = d, d
	m.byRollout[d.Rollout] = d.ID
}

// Check returns everything in the room that contradicts itself.
func (m *Room) Check() (faults []error) {
	n := 0
	for _, a := range m.state.Applications {
		for _, g := range a.Groups {
			for _, d := range g.Deployments {
				n += 2
				if m.byID[d.ID] != d || m.byID[d.Rollback] != d || d.of != g ||
					m.byRollout[d.Rollout] != d.ID {
					faults = append(faults, fmt.Errorf("codedeploy: deployment %s is not found by its IDs", d.ID))
				}
			}
		}
	}
	if n != len(m.byID) || n != 2*len(m.byRollout) {
		faults = append(faults, fmt.Errorf("codedeploy: %d IDs of deployments, %d found, and %d rollouts", n,
			len(m.byID), len(m.byRollout)))
	}
	return faults
}

// page returns a page of names in order.
func page(names []string, token string) ([]string, string, error) {
	slices.Sort(names)
	cut, next, err := core.Cut(names, token, pageSize, pageSize, func(s string) string { return s }, false)
	if err != nil {
		return nil, "", core.Fault(cd.InvalidNextToken, "nextToken", "%s", core.Says(err))
	}
	return append([]string{}, cut...), next, nil
}
