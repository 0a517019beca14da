package driver

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/driver/internal/wall"
	"github.com/bayplan/bayplan/ecs/message"
)

// Agent runs tasks on container instances, or on Fargate. It reports the changes of each task
// by Loop.Notify with TaskStateChange events, and with an InstanceReport when it begins and every
// 30 seconds or so.
//
// An agent may end at any moment and be started again: that begins a new life. It may have lost
// its tasks then. The plane believes what it reports, as [message.InstanceReport] says, and
// replaces what is gone, if the agent keeps to four rules:
//
//   - It lists every task that it has. It ends tasks that still run but that it has forgotten.
//   - Its Life grows. An agent that reports no Life continues its Sequence after a restart.
//   - A stop is remembered. A StartTask that a newer epoch has stopped starts nothing in any
//     later life either.
//   - A task is never started twice. A StartTask that an earlier life has carried out, or may
//     have, fails for good ([Permanent]) if the task is lost: the plane starts another.
//
// The last two take no more than one number in a file: the highest epoch of a command that
// was carried out. In a later life a StartTask that is not above it, of a task that the agent
// does not have, fails for good.
type Agent interface {
	// StartTask begins to start a task. A task that was started, or that a newer epoch has
	// stopped, is left as it is.
	StartTask(context.Context, message.StartTask) error
	// StopTask begins to stop a task. One that is unknown counts as stopped.
	StopTask(context.Context, message.StopTask) error
}

// NetworkInterfaces gives awsvpc tasks their interfaces.
type NetworkInterfaces interface {
	// AttachNetworkInterface returns the private IPv4 address of the task's interface, the
	// same one for the same Key.
	AttachNetworkInterface(context.Context, message.AttachNetworkInterface) (string, error)
	// DetachNetworkInterface releases the task's interface. An interface that does not exist counts as
	// released.
	DetachNetworkInterface(context.Context, message.DetachNetworkInterface) error
}

// Volumes gives tasks the Amazon EBS volumes that are configured at launch.
type Volumes interface {
	// AttachVolume makes the task's volume and attaches it, and returns its ID, the same one
	// for the same Key.
	AttachVolume(context.Context, message.AttachVolume) (string, error)
	// DetachVolume detaches the task's volume, and deletes it if the command says so. A volume that
	// does not exist counts as detached.
	DetachVolume(context.Context, message.DetachVolume) error
}

// Targets keeps load balancers' target groups. It reports health by Loop.Notify with TargetHealth
// events, and the end of draining with the state "unused"; from time to time it reports the health of
// every target again, since reports are lost while no loop runs. Each command carries its target group:
// a runtime needs no description of it beforehand.
type Targets interface {
	// RegisterTarget adds a target, unless a newer epoch has removed it.
	RegisterTarget(context.Context, message.RegisterTarget) error
	// DeregisterTarget begins to drain a target. One that is unknown counts as drained.
	DeregisterTarget(context.Context, message.DeregisterTarget) error
}

// Discovery keeps service registries.
type Discovery interface {
	// RegisterInstance adds a task to a registry, unless a newer epoch has removed it.
	RegisterInstance(context.Context, message.RegisterInstance) error
	// DeregisterInstance removes a task. One that is unknown counts as removed.
	DeregisterInstance(context.Context, message.DeregisterInstance) error
}

// Listeners sets the weights of listener rules.
type Listeners interface {
	// ModifyTraffic replaces the weights of a rule, unless a newer epoch has set them.
	ModifyTraffic(context.Context, message.ModifyTraffic) error
}

// Hooks calls deployment life-cycle hooks.
type Hooks interface {
	// InvokeLifecycleHook calls a hook and returns its answer.
	InvokeLifecycleHook(context.Context, message.InvokeLifecycleHook) (HookAnswer, error)
}

// HookAnswer is what a deployment life-cycle hook returns, in the form of its Lambda function's result.
// Any status but SUCCEEDED and IN_PROGRESS fails the deployment's stage.
//
// Source: Amazon ECS Developer Guide, "Lifecycle hooks for Amazon ECS service deployments".
type HookAnswer struct {
	Status ecs.LifecycleHookStatus `json:"hookStatus"`
	// seconds until the next call, with IN_PROGRESS; zero: 30
	CallBackDelay int `json:"callBackDelay,omitzero"`
}

// Fleet sets the size of Auto Scaling groups.
type Fleet interface {
	// SetDesiredCapacity sets a group's size, unless a newer epoch has set it.
	SetDesiredCapacity(context.Context, message.SetDesiredCapacity) error
}

// Metrics reads metrics for planes with control.Config.PullMetrics; other planes get them
// by Loop.Notify with MetricSample events.
type Metrics interface {
	// GetMetric returns the datapoints of a metric between the two times, in any order. It may be called
	// again for the same times.
	GetMetric(context.Context, message.GetMetric) ([]cloudwatch.Sample, error)
}

// Journal keeps the inputs of the plane.
type Journal interface {
	// Append returns when the records are durable. It does not keep the slice. The Loop makes one call
	// at a time.
	Append(context.Context, []control.Record) error
}

// Snapshotter is a Journal that sometimes replaces the records so far by a snapshot of the plane. The Loop
// asks after each Append whether one is due; one that fails is logged, and the journal goes on without it.
type Snapshotter interface {
	SnapshotDue() bool
	// Snapshot returns when the snapshot is durable. The Loop goes on meanwhile: it makes the chunks one by
	// one as they are asked for, and calls Append, so that the records behind the snapshot's Sequence
	// belong behind it. None of them is appended before the first chunk was asked for; the last of those
	// in the snapshot may be appended later than that. If the Loop ends, the chunks end with an error.
	Snapshot(context.Context, control.Snapshot) error
}

// Clock gives the loop the time.
type Clock interface {
	Now() time.Time
	// Wait returns nil at the given time or after it, or the context's error.
	Wait(ctx context.Context, until time.Time) error
}

// carriers has a row for each of message.Commands: the method above that carries it out.
var carriers = slices.Concat(
	carriedBy(func(rt Runtime) Agent { return rt.Agent }, does(Agent.StartTask), does(Agent.StopTask)),
	carriedBy(func(rt Runtime) NetworkInterfaces { return rt.NetworkInterfaces },
		answers(NetworkInterfaces.AttachNetworkInterface, address), does(NetworkInterfaces.DetachNetworkInterface)),
	carriedBy(func(rt Runtime) Volumes { return rt.Volumes },
		answers(Volumes.AttachVolume, volume), does(Volumes.DetachVolume)),
	carriedBy(func(rt Runtime) Targets { return rt.Targets },
		does(Targets.RegisterTarget), does(Targets.DeregisterTarget)),
	carriedBy(func(rt Runtime) Discovery { return rt.Discovery },
		does(Discovery.RegisterInstance), does(Discovery.DeregisterInstance)),
	carriedBy(func(rt Runtime) Listeners { return rt.Listeners }, does(Listeners.ModifyTraffic)),
	carriedBy(func(rt Runtime) Hooks { return rt.Hooks }, answers(Hooks.InvokeLifecycleHook, hookAnswer)),
	carriedBy(func(rt Runtime) Fleet { return rt.Fleet }, does(Fleet.SetDesiredCapacity)),
	carriedBy(func(rt Runtime) Metrics { return rt.Metrics }, answers(Metrics.GetMetric, datapoints)),
)

// Runtime is what the caller brings. Commands that need an interface that is nil fail for good, with an
// error that names the command. Every method must be idempotent for its command's Key, leave things as
// they are if the same interface has carried out a newer epoch for the same target (other interfaces
// name the same targets), return promptly (StartTask, for one, does not wait until the task runs) and be
// safe for concurrent use. Methods must not wait for the Loop.
type Runtime struct {
	Agent             Agent
	NetworkInterfaces NetworkInterfaces
	Volumes           Volumes
	Targets           Targets
	Discovery         Discovery
	Listeners         Listeners
	Hooks             Hooks
	Fleet             Fleet
	Metrics           Metrics
	Journal           Journal // nil: nothing is kept
	// called in order by one goroutine, once their records are durable; must not wait for the Loop
	Observe  func([]message.Change)
	Clock    Clock        // nil: the system's clock
	Logger   *slog.Logger // nil: no log
	Parallel int          // commands carried out at a time; 0: 64

	// Timeout is how long a call may take by the Clock; 0: 1 minute. Then its context ends and the plane
	// gets a failure that may be retried. A call that still does not return delays later commands for
	// its own target, whose order is kept, and no others. If it returns with success later, the plane
	// gets that outcome too.
	Timeout time.Duration
}

func (rt Runtime) withDefaults() Runtime {
	if rt.Clock == nil {
		rt.Clock = wall.Clock{}
	}
	if rt.Parallel <= 0 {
		rt.Parallel = 64
	}
	if rt.Timeout <= 0 {
		rt.Timeout = time.Minute
	}
	return rt
}

// warn logs; a logger that panics is not listened to.
func (rt Runtime) warn(message string, args ...any) {
	if rt.Logger != nil {
		_ = guard(func() error { rt.Logger.Warn(message, args...); return nil })
	}
}

// Permanent marks an error that retrying cannot cure. Permanent(nil) is nil.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return &permanentError{err}
}

type permanentError struct{ err error }

func (e *permanentError) Error() string { return e.err.Error() }
func (e *permanentError) Unwrap() error { return e.err }

// IsPermanent reports whether an error, or one that it wraps, was marked by Permanent.
func IsPermanent(err error) bool {
	var p *permanentError
	return errors.As(err, &p)
}
