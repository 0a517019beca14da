package agent

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs/driver/internal/wall"
	"github.com/bayplan/bayplan/lifecycle"
)

// Source: Amazon ECS container agent, time limits of the Docker calls.
const (
	pullLimit   = 2 * time.Hour
	createLimit = 4 * time.Minute
	startLimit  = 3 * time.Minute
	stopLimit   = 2 * time.Minute
)

// carryOut has the container do what the machine wants, and tells the machine what came of it.
func (a *Agent) carryOut(ctx context.Context, c Container, e Effect) {
	switch e.Kind {
	case lifecycle.EffectPullImage:
		a.pull(ctx, c)
	case lifecycle.EffectCreateContainer:
		a.create(ctx, c)
	case lifecycle.EffectStartContainer:
		a.start(ctx, c)
	case lifecycle.EffectStopContainer:
		if err := limited(ctx, stopLimit, func(ctx context.Context) error {
			return a.config.Containers.Stop(ctx, c)
		}); err != nil && ctx.Err() == nil {
			a.warn("a container cannot be stopped", c, err)
		}
	case lifecycle.EffectKillContainer:
		a.kill(ctx, c)
	case lifecycle.EffectCheckHealth:
		err := limited(ctx, e.Timeout, func(ctx context.Context) error {
			return a.config.Containers.CheckHealth(ctx, c)
		})
		a.observe(ctx, c, func(now time.Time) lifecycle.Event {
			return lifecycle.HealthChecked(now, c.Index, int(e.Number), err == nil)
		})
	}
}

func (a *Agent) pull(ctx context.Context, c Container) {
	a.observe(ctx, c, func(now time.Time) lifecycle.Event { return lifecycle.PullStarted(now, c.Index) })
	digest := ""
	err := limited(ctx, pullLimit, func(ctx context.Context) (err error) {
		digest, err = a.config.Containers.Pull(ctx, c)
		return err
	})
	a.observe(ctx, c, func(now time.Time) lifecycle.Event {
		if err != nil {
			return lifecycle.PullFailed(now, c.Index, named("CannotPullContainerError", err))
		}
		a.machine.Identify(c.Task.Task, c.Index, "", digest)
		return lifecycle.Pulled(now, c.Index)
	})
}

func (a *Agent) create(ctx context.Context, c Container) {
	id := ""
	err := limited(ctx, createLimit, func(ctx context.Context) (err error) {
		id, err = a.config.Containers.Create(ctx, c)
		return err
	})
	a.observe(ctx, c, func(now time.Time) lifecycle.Event {
		if err != nil {
			return lifecycle.ContainerFailed(now, c.Index, named("CannotCreateContainerError", err))
		}
		a.machine.Identify(c.Task.Task, c.Index, id, "")
		return lifecycle.ContainerCreated(now, c.Index)
	})
}

func (a *Agent) start(ctx context.Context, c Container) {
	err := limited(ctx, startLimit, func(ctx context.Context) error { return a.config.Containers.Start(ctx, c) })
	a.observe(ctx, c, func(now time.Time) lifecycle.Event {
		if err != nil {
			return lifecycle.ContainerFailed(now, c.Index, named("CannotStartContainerError", err))
		}
		return lifecycle.ContainerStarted(now, c.Index, c.Run)
	})
	if err == nil {
		a.watch(ctx, c)
	}
}

// watch tells the machine when a run of a container is over.
func (a *Agent) watch(ctx context.Context, c Container) {
	var exit Exit
	err := guard(func() (err error) {
		exit, err = a.config.Containers.Wait(ctx, c)
		return err
	})
	if err != nil {
		exit = Exit{Lost: true, Reason: named("CannotInspectContainerError", err)}
	}
	a.observe(ctx, c, func(now time.Time) lifecycle.Event {
		switch {
		case exit.Lost:
			ev := lifecycle.ContainerLost(now, c.Index, c.Run)
			ev.Reason = exit.Reason
			return ev
		case exit.OutOfMemory:
			return lifecycle.OutOfMemory(now, c.Index, c.Run)
		}
		ev := lifecycle.ContainerExited(now, c.Index, c.Run, exit.Code)
		ev.Reason = exit.Reason
		return ev
	})
}

// kill kills a container, again and again if that fails: nothing else ends the task.
func (a *Agent) kill(ctx context.Context, c Container) {
	for ctx.Err() == nil {
		err := limited(ctx, stopLimit, func(ctx context.Context) error { return a.config.Containers.Kill(ctx, c) })
		if err == nil || ctx.Err() != nil {
			return
		}
		a.warn("a container cannot be killed", c, err)
		_ = wall.Pause(ctx, 5*retry) // the loop's condition says when it is over
	}
}

// observe tells the machine what a container did, unless the task, or the agent, is over.
func (a *Agent) observe(ctx context.Context, c Container, ev func(time.Time) lifecycle.Event) {
	if ctx.Err() != nil {
		return
	}
	_ = a.tell(nil, func(now time.Time) (Outcome, error) { return a.machine.Observe(c.Task.Task, ev(now)), nil })
}

// limited calls f with a context that ends after limit. A call that ended for that reason says so.
func limited(ctx context.Context, limit time.Duration, f func(context.Context) error) error {
	within, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	err := guard(func() error { return f(within) })
	if err != nil && within.Err() != nil && ctx.Err() == nil {
		return fmt.Errorf("ContainerRuntimeTimeoutError: not done within %s: %w", limit, err)
	}
	return err
}

// guard returns a panic of f as its error: a fault of a runtime must not end the agent.
func guard(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the runtime panicked: %v", p)
		}
	}()
	return f()
}

// longestReason is how much of a reason is told, in bytes. Source: Amazon ECS API Reference, Container.
const longestReason = 1024

// named returns the text of an error as a reason, which begins with the name of an error: that of the text if
// it has one.
func named(name string, err error) string {
	text := strings.ToValidUTF8(cmp.Or(err.Error(), "failed without a message"), "\uFFFD")
	if first, _, ok := strings.Cut(text, ": "); !ok || !strings.HasSuffix(first, "Error") ||
		strings.ContainsAny(first, " .") {
		text = name + ": " + text
	}
	if len(text) > longestReason {
		text = strings.ToValidUTF8(text[:longestReason-3], "") + "…"
	}
	return text
}
