package services

import (
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/capacity"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

// Rollout returns a deployment of a service.
func (s *Service) Rollout(id string) (scheduler.Rollout, bool) {
	for _, r := range s.State.Rollouts {
		if r.ID == id {
			return r, true
		}
	}
	return scheduler.Rollout{}, false
}

// ProvidersFor shares tasks that are started over the capacity providers of their deployment's
// strategy.
func (s *Service) ProvidersFor(start scheduler.Start) []string {
	r, _ := s.Rollout(start.Deployment) // none has no strategy
	names := make([]string, start.Count)
	if start.CapacityProvider != "" || len(r.CapacityProviderStrategy) == 0 {
		for i := range names {
			names[i] = start.CapacityProvider
		}
		return names
	}
	running := make([]int, len(r.CapacityProviderStrategy))
	for i, item := range r.CapacityProviderStrategy {
		running[i] = s.Book.Wanted(r.ID, item.CapacityProvider)
	}
	names = capacity.Distributed(r.CapacityProviderStrategy, running, start.Count)
	for len(names) < start.Count {
		names = append(names, r.CapacityProviderStrategy[0].CapacityProvider)
	}
	return names
}

// Unplaced notes that n tasks of a deployment found no place, and the reason.
func (m *Room) Unplaced(s *Service, start scheduler.Start, n int, failed string) {
	s.Unplaced = append(s.Unplaced,
		scheduler.PlacementFailure{Deployment: start.Deployment, Count: n, Zone: start.Zone, Reason: failed})
	if !s.waits {
		m.books[s.Cluster].wait(s)
	}
}

// DeploysOnFargate reports whether a deployment of the service runs on Fargate.
func (s *Service) DeploysOnFargate() bool {
	for _, r := range s.State.Rollouts {
		if ecs.OnFargate(r.LaunchType, r.CapacityProviderStrategy) {
			return true
		}
	}
	return false
}
