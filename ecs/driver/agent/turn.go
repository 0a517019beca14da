package agent

import (
	"context"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
)

// retry is how long the agent waits after a failure to save, or to kill.
const retry = time.Second

// run goes round until the agent is closed.
func (a *Agent) run() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-a.ctx.Done():
			return
		case <-a.kick:
		case <-timer.C:
		}
		timer.Reset(a.turn())
	}
}

// turn lets what is due happen, has it made durable, and then does and tells what follows. It returns how long
// nothing else is due.
func (a *Agent) turn() time.Duration {
	a.mu.Lock()
	now := a.now()
	if now.Before(a.retryAt) {
		a.mu.Unlock()
		return a.retryAt.Sub(now)
	}
	for w, ok := a.machine.Next(); ok && !w.At.After(now); w, ok = a.machine.Next() {
		a.pending.add(a.machine.Tick(now, w))
	}
	var forgotten []message.StartTask
	full := !now.Before(a.reportAt)
	if full {
		forgotten = a.machine.Forget(now)
		a.reportAt = now.Add(a.config.Report)
	}
	err := a.keep()
	out := a.pending
	if err == nil {
		a.pending = Outcome{}
	}
	a.answer(err)
	a.mu.Unlock()
	if err != nil {
		return retry
	}
	a.follow(out)
	for _, c := range forgotten {
		a.begun.Go(func() { a.remove(c) })
	}
	if full {
		a.config.Notify(a.Report())
	}
	return a.rest()
}

// keep makes the machine durable if it has changed.
func (a *Agent) keep() error {
	if a.saved == a.machine.changes {
		return nil
	}
	err := a.save(a.machine.Save())
	if err != nil {
		a.retryAt = a.now().Add(retry)
		if a.config.Logger != nil {
			a.config.Logger.Warn("the agent's file cannot be written: nothing is done until it can", "error", err)
		}
		return err
	}
	a.saved = a.machine.changes
	return nil
}

// rest returns how long nothing is due.
func (a *Agent) rest() time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	next := a.reportAt
	if w, ok := a.machine.Next(); ok && w.At.Before(next) {
		next = w.At
	}
	return max(next.Sub(a.now()), 0)
}

// follow does and tells what follows from what the machine was told.
func (a *Agent) follow(out Outcome) {
	for _, e := range out.Effects {
		a.mu.Lock()
		t := a.machine.Task(e.Task)
		a.mu.Unlock()
		if t != nil {
			ctx := a.context(e.Task)
			a.begun.Go(func() { a.carryOut(ctx, Container{&t.command, int(e.Index), int(e.Number)}, e) })
		}
	}
	for _, c := range out.Changes {
		a.config.Notify(c)
		if c.Status == ecs.TaskStatusStopped {
			a.end(c.Task)
		}
	}
}

// context returns the context of what is done for a task.
func (a *Agent) context(id ecs.TaskID) context.Context {
	a.mu.Lock()
	defer a.mu.Unlock()
	c, ok := a.tasks[id]
	if !ok {
		c.Context, c.cancel = context.WithCancel(a.ctx)
		a.tasks[id] = c
	}
	return c
}

// end ends what is still done for a task that has stopped, such as a pull.
func (a *Agent) end(id ecs.TaskID) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if c, ok := a.tasks[id]; ok {
		c.cancel()
		delete(a.tasks, id)
	}
}

// remove has the containers of a forgotten task removed.
func (a *Agent) remove(c message.StartTask) {
	if err := guard(func() error { return a.config.Containers.Remove(a.ctx, c) }); err != nil && a.ctx.Err() == nil &&
		a.config.Logger != nil {
		a.config.Logger.Warn("containers cannot be removed", "task", c.Task, "error", err)
	}
}
