package engine

import (
	"context"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"github.com/bayplan/bayplan/ecs/driver/agent"
)

// Wait returns when a run is over. While it runs, the logs of awslogs are written. A container that loses the
// network of its task, because the pause container ended, is killed.
func (r *Runtime) Wait(ctx context.Context, c agent.Container) (agent.Exit, error) {
	written := r.follow(ctx, c)
	last, err := r.readRun(c)
	if err != nil {
		written(nil)
		return agent.Exit{Lost: true, Reason: err.Error()}, nil
	}
	watched, unwatch := context.WithCancel(ctx)
	orphaned := make(chan bool, 1)
	go func() { orphaned <- paused(c.Task.TaskDefinition) && r.orphaned(watched, c) }()
	found, err := r.over(ctx, nameOf(c))
	unwatch()
	killed := <-orphaned
	written(found)
	r.noteCheck(nameOf(c), "")
	if err != nil {
		return agent.Exit{}, err
	}
	exit := exitOf(found, last, c)
	if killed && exit.Reason == "" {
		exit.Reason = "ContainerNetworkingError: the pause container of the task ended"
	}
	r.release(c.Task)
	return exit, nil
}

// orphaned waits for the end of the pause container, and kills the container if that still runs then.
func (r *Runtime) orphaned(ctx context.Context, c agent.Container) bool {
	if _, err := r.over(ctx, pauseName(c.Task)); err != nil {
		return false
	}
	found, err := r.look(ctx, nameOf(c))
	if err != nil || !runs(found) {
		return false
	}
	if err := r.Kill(ctx, c); err != nil {
		r.warn("a container without its network cannot be killed", err, "task", c.Task.Task)
	}
	return true
}

// over returns when a container does not run, with what is left of it; nil: it is gone. It takes as long as the
// engine is away. The error is that of the context.
func (r *Runtime) over(ctx context.Context, name string) (*container.InspectResponse, error) {
	for {
		found, err := r.look(ctx, name)
		if err == nil && !runs(found) {
			return found, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err == nil {
			err = r.await(ctx, found.ID)
		}
		if err != nil {
			_ = pause(ctx, r.pace.first/5) // the next look says when it is over
		}
	}
}

// await returns when the engine says that a container does not run, or when it is time to look.
func (r *Runtime) await(ctx context.Context, id string) error {
	within, cancel := context.WithTimeout(ctx, r.pace.look)
	defer cancel()
	answer := r.engine.ContainerWait(within, id,
		client.ContainerWaitOptions{Condition: container.WaitConditionNotRunning})
	select { // one of the two always comes
	case <-answer.Result:
		return nil
	case err := <-answer.Error:
		if within.Err() != nil {
			return nil
		}
		return err
	}
}

// exitOf is how a run ended of which the engine has this left.
func exitOf(found *container.InspectResponse, last run, c agent.Container) agent.Exit {
	switch {
	case found == nil:
		return agent.Exit{Lost: true, Reason: errVanished.Error()}
	case last.Number != c.Run || startedAt(found) == last.Before:
		return agent.Exit{Lost: true, Reason: "DockerStateError: the engine does not have this run of the container"}
	case found.State.OOMKilled && found.State.ExitCode == 128+9:
		return agent.Exit{Code: found.State.ExitCode, OutOfMemory: true}
	}
	exit := agent.Exit{Code: found.State.ExitCode}
	if found.State.Error != "" {
		exit.Reason = "DockerStateError: " + found.State.Error
	}
	return exit
}
