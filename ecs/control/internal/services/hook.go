package services

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

// Awaits reports whether a deployment waits for the answer of a hook.
func (s *Service) Awaits(hookID string) bool {
	return slices.ContainsFunc(s.State.Rollouts, func(r scheduler.Rollout) bool {
		return slices.ContainsFunc(r.Stages.Hooks, func(h scheduler.HookState) bool {
			return h.ID == hookID && h.Status == ecs.LifecycleHookStatusInProgress
		})
	})
}
