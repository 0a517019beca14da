package agent

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/driver/internal/file"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/lifecycle"
)

// Config says what an Agent is made of.
type Config struct {
	Cluster    string
	Instance   ecs.InstanceID
	Containers Containers

	// File is where the agent keeps what it must know in its next life. Nobody else may write it, and only
	// its owner may read it: it holds the environment of the tasks. It grows with the tasks of Cleanup.
	File string
	// Notify tells the plane, such as driver.Loop.Notify. It is called by one goroutine, in order, when what
	// it tells is durable. It must not wait for the agent.
	Notify func(message.Event)

	Report       time.Duration // from one full report to the next; 0: 30 s
	Cleanup      time.Duration // how long a stopped task is remembered, and its logs kept; 0: 3 hours
	StopTimeout  time.Duration // ECS_CONTAINER_STOP_TIMEOUT; 0: 30 s
	PullBehavior lifecycle.PullBehavior
	Logger       *slog.Logger // nil: no log
}

// ErrClosed is the error of a call that waits while its Agent is closed. A call that comes later gets
// context.Canceled.
var ErrClosed = errors.New("agent: closed")

// Agent is a driver.Agent on top of Containers. It is safe for concurrent use.
type Agent struct {
	config Config
	ctx    context.Context // of all that the agent does
	cancel context.CancelFunc
	begun  sync.WaitGroup
	kick   chan struct{} // there is something to do

	mu       sync.Mutex
	machine  *Machine
	saved    uint64 // the machine's changes that File has
	pending  Outcome
	waiting  []chan error // calls that return when the changes so far are durable
	last     time.Time
	reportAt time.Time
	retryAt  time.Time // after a failure to save
	tasks    map[ecs.TaskID]taskContext
}

// taskContext ends with its task.
type taskContext struct {
	context.Context
	cancel context.CancelFunc
}

// New returns an agent that runs already. If File exists, the agent goes on with the tasks of its life
// before: those that still run are adopted, what was under way is done once more, and what nobody knows is
// ended. The error is of File, or of Containers.Sweep.
func New(c Config) (*Agent, error) {
	c.Report = cmp.Or(c.Report, 30*time.Second)
	a := &Agent{config: c, kick: make(chan struct{}, 1), tasks: map[ecs.TaskID]taskContext{}}
	a.ctx, a.cancel = context.WithCancel(context.Background())
	if err := a.load(); err != nil {
		return nil, err
	}
	live, over := a.machine.sorted()
	if err := c.Containers.Sweep(a.ctx, live, over); err != nil {
		return nil, fmt.Errorf("agent: containers of an earlier life cannot be ended: %w", err)
	}
	for _, t := range a.machine.Tasks() {
		for _, run := range t.running() {
			a.begun.Go(func() { a.watch(a.context(run.Task.Task), run) })
		}
	}
	a.begun.Go(a.run)
	return a, nil
}

// load reads File, or begins without tasks.
func (a *Agent) load() error {
	c := a.config
	s := Settings{Cluster: c.Cluster, Instance: c.Instance, Life: lifeAt(a.now()), Cleanup: c.Cleanup,
		StopTimeout: c.StopTimeout, PullBehavior: c.PullBehavior}
	data, err := os.ReadFile(c.File)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		a.machine = NewMachine(s)
	case err != nil:
		return fmt.Errorf("agent: %w", err)
	default:
		if a.machine, a.pending, err = Restore(a.now(), s, data); err != nil {
			return fmt.Errorf("%s: %w", c.File, err)
		}
	}
	a.saved = a.machine.changes
	return a.save(a.machine.Save()) // the new life
}

func (a *Agent) save(data []byte, err error) error {
	if err != nil {
		return fmt.Errorf("agent: %w", err)
	}
	return file.Replace(a.config.File, data)
}

// Close ends the agent, and leaves its containers as they are: the agent that is made next with the same File
// goes on with them. It returns when nothing of the agent runs any more.
func (a *Agent) Close() {
	a.cancel()
	a.begun.Wait()
	a.mu.Lock()
	defer a.mu.Unlock()
	a.answer(ErrClosed)
}

// StartTask begins to start a task, and returns when that is durable. See Machine.Start.
func (a *Agent) StartTask(ctx context.Context, c message.StartTask) error {
	return a.command(ctx, func(now time.Time) (Outcome, error) { return a.machine.Start(now, c) })
}

// StopTask begins to stop a task, and returns when that is durable. See Machine.Stop.
func (a *Agent) StopTask(ctx context.Context, c message.StopTask) error {
	return a.command(ctx, func(now time.Time) (Outcome, error) { return a.machine.Stop(now, c), nil })
}

// Report returns all that the agent knows.
func (a *Agent) Report() message.InstanceReport {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.machine.Report()
}

// command tells the machine of a command, and waits until what follows is durable.
func (a *Agent) command(ctx context.Context, tell func(time.Time) (Outcome, error)) error {
	if err := cmp.Or(ctx.Err(), a.ctx.Err()); err != nil {
		return err
	}
	done := make(chan error, 1)
	if err := a.tell(done, tell); err != nil {
		return err
	}
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-a.ctx.Done():
		return ErrClosed
	}
}

// tell tells the machine something. done, if there is one, hears when that is durable.
func (a *Agent) tell(done chan error, tell func(time.Time) (Outcome, error)) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	out, err := tell(a.now())
	if err != nil {
		return err
	}
	a.pending.add(out)
	if done != nil {
		a.waiting = append(a.waiting, done)
	}
	a.wake()
	return nil
}

// wake has the agent's goroutine look at what is pending.
func (a *Agent) wake() {
	select {
	case a.kick <- struct{}{}:
	default:
	}
}

// now is the time, which does not go back.
func (a *Agent) now() time.Time {
	if now := time.Now(); now.After(a.last) {
		a.last = now
	}
	return a.last
}

func (a *Agent) answer(err error) {
	for _, done := range a.waiting {
		done <- err
	}
	a.waiting = nil
}

// warn logs what went wrong with a container.
func (a *Agent) warn(what string, c Container, err error) {
	if a.config.Logger != nil {
		a.config.Logger.Warn(what, "task", c.Task.Task, "container", c.Definition().Name, "error", err)
	}
}
