package scheduler

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs"
)

const (
	hookTimeout       = 1440 // minutes, where the hook names none
	codeDeployTimeout = 60   // minutes
	callBackDelay     = 30   // seconds
)

func (r *run) lifecycleHooks() []ecs.DeploymentLifecycleHook {
	if r.codeDeploys() {
		return r.v.Options.CodeDeploy.Hooks
	}
	return r.v.Service.DeploymentConfiguration.LifecycleHooks
}

// callHooks begins every hook of green's stage. They run in parallel.
func (r *run) callHooks(g int) {
	d := r.rollout(g)
	for i, h := range r.lifecycleHooks() {
		if !slices.Contains(h.LifecycleStages, d.Stages.Stage) {
			continue
		}
		way := ""
		if d.Stages.Back {
			way = "/back"
		}
		s := HookState{ID: fmt.Sprintf("%s/%s/%d/%d%s", d.ID, d.Stages.Stage, d.Stages.Step, i, way),
			Index: i, Status: ecs.LifecycleHookStatusAwaitingAction, Since: r.now}
		if h.TargetType != ecs.LifecycleHookTargetTypePause {
			s.Status, s.Attempt = ecs.LifecycleHookStatusInProgress, 1
			r.invoke(d, h, s)
		}
		d.Stages.Hooks = append(d.Stages.Hooks, s)
	}
}

func (r *run) invoke(d *Rollout, h ecs.DeploymentLifecycleHook, s HookState) {
	r.p.Hooks = append(r.p.Hooks, HookCall{
		Deployment: d.ID, Stage: d.Stages.Stage, Hook: h, HookID: s.ID, Attempt: s.Attempt,
	})
}

// runHooks takes in answers and time-outs of the stage's hooks, invokes those due again, and
// reports whether any is still out and whether any failed. On the way back a failure stops
// nothing. Source: Amazon ECS Developer Guide, "Lifecycle hooks for Amazon ECS service deployments".
func (r *run) runHooks(g int) (waiting, failed bool) {
	hooks := r.lifecycleHooks()
	for i, was := range r.state.Rollouts[g].Stages.Hooks {
		if was.out() {
			if was.Index >= len(hooks) { // taken out of the configuration meanwhile
				was.Status = ecs.LifecycleHookStatusSucceeded
			} else {
				was = r.runHook(g, hooks[was.Index], was)
			}
			if was != r.state.Rollouts[g].Stages.Hooks[i] {
				d := r.rollout(g)
				d.Stages.Hooks = slices.Clone(d.Stages.Hooks)
				d.Stages.Hooks[i] = was
			}
		}
		waiting = waiting || was.out()
		failed = failed || was.Status == ecs.LifecycleHookStatusFailed
	}
	return waiting, failed
}

// out reports whether the hook's outcome is still to come.
func (s HookState) out() bool {
	return s.Status == ecs.LifecycleHookStatusInProgress || s.Status == ecs.LifecycleHookStatusAwaitingAction
}

// HookTimeout returns how long a hook of an ECS deployment may take, and what follows then:
// ROLLBACK or CONTINUE. Source: Amazon ECS API Reference, DeploymentLifecycleHook.
func HookTimeout(h ecs.DeploymentLifecycleHook) (time.Duration, ecs.LifecycleHookAction) {
	c := h.TimeoutConfiguration
	if c == nil {
		c = &ecs.TimeoutConfiguration{}
	}
	return minutes(c.TimeoutInMinutes.Or(hookTimeout)), cmp.Or(c.Action, ecs.LifecycleHookActionRollback)
}

// runHook returns what became of one hook that is out.
func (r *run) runHook(g int, h ecs.DeploymentLifecycleHook, s HookState) HookState {
	s = r.answered(s)
	if !s.out() {
		return s
	}
	limit, after := HookTimeout(h)
	if r.codeDeploys() {
		limit, after = codeDeployTimeout*time.Minute, ecs.LifecycleHookActionRollback
	}
	until := s.Since.Add(limit)
	if r.now >= until {
		s.Status = ecs.LifecycleHookStatusFailed
		if after == ecs.LifecycleHookActionContinue {
			s.Status = ecs.LifecycleHookStatusTimedOut
		}
		return s
	}
	r.wake(until)
	if s.Call != 0 {
		if r.now < s.Call {
			r.wake(s.Call)
			return s
		}
		s.Call = 0
		s.Attempt++
		r.invoke(&r.state.Rollouts[g], h, s)
	}
	return s
}

// answered takes in what the hook, or an operator, said about it.
func (r *run) answered(s HookState) HookState {
	for _, a := range r.v.Answers {
		if a.HookID != s.ID || s.Status != ecs.LifecycleHookStatusInProgress {
			continue
		}
		switch a.Status {
		case ecs.LifecycleHookStatusSucceeded:
			s.Status = ecs.LifecycleHookStatusSucceeded
		case ecs.LifecycleHookStatusInProgress:
			delay := a.CallBackDelay
			if delay <= 0 {
				delay = callBackDelay
			}
			s.Call = r.now.Add(time.Duration(delay) * time.Second)
		default:
			s.Status = ecs.LifecycleHookStatusFailed
		}
	}
	for _, q := range r.v.Requests {
		if q.HookID != s.ID || s.Status != ecs.LifecycleHookStatusAwaitingAction {
			continue
		}
		switch q.Type {
		case RequestTypeContinueHook:
			s.Status = ecs.LifecycleHookStatusSucceeded
		case RequestTypeRollbackHook:
			s.Status = ecs.LifecycleHookStatusFailed
		}
	}
	return s
}

// paused reports whether a pause hook of green's stage waits for an operator.
func (r *run) paused(g int) bool {
	for _, s := range r.state.Rollouts[g].Stages.Hooks {
		if s.Status == ecs.LifecycleHookStatusAwaitingAction {
			return true
		}
	}
	return false
}
