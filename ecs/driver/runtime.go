package driver

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/bayplan/bayplan/ecs/control"
)

// Agent runs tasks on container instances, or on Fargate. What becomes of a task it tells
// by Loop.Notify with TaskStateChange events, and from time to time with an InstanceReport.
type Agent interface {
	// StartTask begins to start a task. A task that was started, or that a newer epoch has
	// stopped, is left as it is.
	StartTask(context.Context, control.StartTask) error
	// StopTask begins to stop a task. One that is unknown counts as stopped.
	StopTask(context.Context, control.StopTask) error
}

// NetworkInterfaces gives awsvpc tasks their interfaces.
type NetworkInterfaces interface {
	// AttachNetworkInterface returns the private IPv4 address of the task's interface.
	AttachNetworkInterface(context.Context, control.AttachNetworkInterface) (string, error)
	DetachNetworkInterface(context.Context, control.DetachNetworkInterface) error
}

// Targets keeps load balancers' target groups. Health it tells by Loop.Notify with
// TargetHealth events, and the end of draining with the state "unused".
type Targets interface {
	RegisterTarget(context.Context, control.RegisterTarget) error
	DeregisterTarget(context.Context, control.DeregisterTarget) error
}

// Discovery keeps service registries.
type Discovery interface {
	RegisterInstance(context.Context, control.RegisterInstance) error
	DeregisterInstance(context.Context, control.DeregisterInstance) error
}

// Listeners sets the weights of listener rules.
type Listeners interface {
	ModifyTraffic(context.Context, control.ModifyTraffic) error
}

// Hooks calls deployment life-cycle hooks.
type Hooks interface {
	// InvokeLifecycleHook returns the hook's answer: SUCCEEDED, FAILED or IN_PROGRESS.
	InvokeLifecycleHook(context.Context, control.InvokeLifecycleHook) (string, error)
}

// Fleet sets the size of Auto Scaling groups.
type Fleet interface {
	SetDesiredCapacity(context.Context, control.SetDesiredCapacity) error
}

// Journal keeps what the plane was told.
type Journal interface {
	// Append returns when the records are durable.
	Append(context.Context, []control.Record) error
}

// Clock is where the loop's time comes from.
type Clock interface {
	Now() time.Time
	// Wait returns nil at the given time, or the context's error.
	Wait(ctx context.Context, until time.Time) error
}

// Runtime is what the caller brings. A nil interface means "there is none": commands that
// need it fail for good, with an error that says so. Every method must be idempotent for
// its command's Key and return promptly: starting is not waiting until started.
type Runtime struct {
	Agent             Agent
	NetworkInterfaces NetworkInterfaces
	Targets           Targets
	Discovery         Discovery
	Listeners         Listeners
	Hooks             Hooks
	Fleet             Fleet
	Journal           Journal                // nil: nothing is kept
	Observe           func([]control.Change) // called in order, once their records are durable; must not call the loop
	Clock             Clock                  // nil: the system's clock
	Logger            *slog.Logger           // nil: no log
	Parallel          int                    // commands carried out at a time; 0: 64
}

// Permanent marks an error that retrying cannot cure.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return &permanentError{err}
}

type permanentError struct{ err error }

func (e *permanentError) Error() string { return e.err.Error() }
func (e *permanentError) Unwrap() error { return e.err }

func isPermanent(err error) bool {
	var p *permanentError
	return errors.As(err, &p)
}

// systemClock is time itself.
type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }

func (systemClock) Wait(ctx context.Context, until time.Time) error {
	timer := time.NewTimer(time.Until(until))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
