package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"github.com/bayplan/bayplan/ecs/driver/agent"
)

// errVanished is the error of a container that somebody has removed.
var errVanished = errors.New("ContainerVanishedError: No container matching saved ID found")

// Start begins a run of the container. Run 0 is its first start; for restarts the same container is started again,
// as the Amazon ECS container agent does. A run that has begun, by whomever, is not begun again. What a Start that took
// too long may have started is killed.
func (r *Runtime) Start(ctx context.Context, c agent.Container) error {
	if paused(c.Task.TaskDefinition) {
		lock := r.lock(c.Task.Task)
		lock.Lock()
		defer lock.Unlock()
	}
	found, err := r.look(ctx, nameOf(c))
	if err == nil && found == nil {
		err = errVanished
	}
	if err != nil {
		return err
	}
	begun, err := r.begin(c, found)
	if begun || err != nil {
		return err
	}
	if err := r.makeGroup(c.Task); err != nil {
		return err
	}
	if paused(c.Task.TaskDefinition) {
		if err := r.startPause(ctx, c.Task); err != nil {
			return err
		}
	}
	if err := r.startRun(ctx, c); err != nil {
		r.abandon(ctx, c)
		return explained(err)
	}
	found, err = r.look(ctx, nameOf(c))
	if err != nil || found == nil {
		return err // how the run ended is for Wait to say
	}
	if err := unbound(c, found); err != nil && runs(found) {
		return errors.Join(err, r.Kill(ctx, c))
	}
	if err := r.ungrouped(c.Task, found.ID); err != nil { // or it has ended meanwhile
		if found, looked := r.look(ctx, nameOf(c)); runs(found) || looked != nil {
			return errors.Join(err, looked, r.Kill(ctx, c))
		}
	}
	return nil
}

// begin reports whether a run has begun before. If not, it is durable that it is to begin.
func (r *Runtime) begin(c agent.Container, found *container.InspectResponse) (begun bool, err error) {
	last, err := r.readRun(c)
	switch {
	case err != nil:
		return false, err
	case last.Number > c.Run: // it is over
		return true, nil
	case last.Number < c.Run:
		return false, r.writeRun(c, run{c.Run, startedAt(found)})
	}
	return startedAt(found) != last.Before, nil
}

// startRun has the engine start a container, and looks what came of it when no answer comes.
func (r *Runtime) startRun(ctx context.Context, c agent.Container) error {
	return r.again(ctx, r.pace.act, func(ctx context.Context) error {
		_, err := r.engine.ContainerStart(ctx, nameOf(c), client.ContainerStartOptions{})
		if err == nil || !unheard(err) {
			return err
		}
		found, looked := r.look(ctx, nameOf(c))
		if looked != nil || found == nil {
			return errors.Join(err, looked)
		}
		if begun, _ := r.begin(c, found); begun {
			return nil
		}
		return err
	})
}

// abandon ends, after a start that failed, what the engine may have started all the same, and the pause container.
// The end of the agent is no failure of a start.
func (r *Runtime) abandon(ctx context.Context, c agent.Container) {
	if errors.Is(ctx.Err(), context.Canceled) {
		return
	}
	heard := ctx.Err() == nil // the engine has said no
	r.ended.Go(func() {
		within, cancel := context.WithTimeout(r.ctx, r.pace.settle)
		defer cancel()
		for !heard && pause(within, r.pace.first) == nil {
			found, err := r.look(within, nameOf(c))
			heard = runs(found) && err == nil && r.Kill(within, c) == nil
		}
		r.release(c.Task)
	})
}

// Stop sends the container its stop signal: that of its image, or SIGTERM.
func (r *Runtime) Stop(ctx context.Context, c agent.Container) error {
	return r.signal(ctx, nameOf(c), "")
}

// Kill sends the container SIGKILL.
func (r *Runtime) Kill(ctx context.Context, c agent.Container) error {
	return r.signal(ctx, nameOf(c), "SIGKILL")
}

// signal sends a signal, "": the container's stop signal, to a container that runs.
func (r *Runtime) signal(ctx context.Context, name, signal string) error {
	found, err := r.look(ctx, name)
	if err != nil || !runs(found) {
		return err
	}
	if signal == "" {
		signal = found.Config.StopSignal
	}
	if signal == "" {
		signal = "SIGTERM"
	}
	err = r.patiently(ctx, func(ctx context.Context) error {
		_, err := r.engine.ContainerKill(ctx, found.ID, client.ContainerKillOptions{Signal: signal})
		return err
	})
	if errdefs.IsNotFound(err) || errdefs.IsConflict(err) { // it has ended meanwhile
		return nil
	}
	if err != nil {
		return fmt.Errorf("CannotStopContainerError: %w", err)
	}
	return nil
}
