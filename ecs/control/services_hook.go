package control

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

// awaits reports whether a deployment waits for the answer of a hook.
func (s *service) awaits(hookID string) bool {
	return slices.ContainsFunc(s.State.Rollouts, func(r scheduler.Rollout) bool {
		return slices.ContainsFunc(r.Stages.Hooks, func(h scheduler.HookState) bool {
			return h.ID == hookID && h.Status == ecs.LifecycleHookStatusInProgress
		})
	})
}
