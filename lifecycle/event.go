package lifecycle

import (
	"time"

	"github.com/bayplan/bayplan/ecs"
)

// EventKind is what happened.
type EventKind uint8

// The kinds of events. Each has a function of its name that makes one.
const (
	EventTick EventKind = iota
	EventPlaced
	EventENIAttached
	EventENIFailed
	EventENIDetached
	EventVolumeAttached
	EventVolumeFailed
	EventVolumeDetached
	EventTargetRegistered
	EventTargetDeregistered
	EventDiscoveryRegistered
	EventStopRequested
	EventScaledIn
	EventSpotNotice
	EventInstanceLost
	EventTaskStopped
	EventAgentConnected
	EventAgentDisconnected
	EventProtectionEnabled
	EventProtectionDisabled
	EventPullStarted
	EventPulled
	EventPullFailed
	EventContainerCreated
	EventContainerFailed
	EventContainerStarted
	EventContainerExited
	EventContainerHealth
	EventHealthChecked
	numEvents = int(EventHealthChecked) + 1
)

// String returns the kind's name, such as "ENIAttached".
func (k EventKind) String() string {
	if int(k) < numEvents {
		return eventWords[k]
	}
	return "EventKind(?)"
}

var eventWords = [numEvents]string{"Tick", "Placed", "ENIAttached", "ENIFailed", "ENIDetached",
	"VolumeAttached", "VolumeFailed",
	"VolumeDetached", "TargetRegistered", "TargetDeregistered", "DiscoveryRegistered", "StopRequested", "ScaledIn",
	"SpotNotice", "InstanceLost", "TaskStopped", "AgentConnected", "AgentDisconnected", "ProtectionEnabled",
	"ProtectionDisabled", "PullStarted", "Pulled", "PullFailed", "ContainerCreated", "ContainerFailed",
	"ContainerStarted", "ContainerExited", "ContainerHealth", "HealthChecked"}

// Event is something that happened to a task. The functions named after the kinds make one and
// say which fields a kind uses.
type Event struct {
	Kind    EventKind
	Index   uint8       // container or target group
	Number  uint16      // which start, restart or health check is answered
	OK      bool        // a health check's outcome
	Memory  bool        // the container was killed for want of memory
	Unknown bool        // the exit code is not known
	Code    int32       // exit code; minutes of protection
	At      ecs.Instant // when; never 0

	StopCode ecs.TaskStopCode
	Health   ecs.HealthStatus
	Reason   string
}

func event(kind EventKind, at time.Time) Event { return Event{Kind: kind, At: ecs.At(at)} }

// indexed returns an event of container or target group i; one that no task has stays one.
func indexed(kind EventKind, at time.Time, i int) Event {
	e := event(kind, at)
	e.Index = uint8(min(uint(i), 255))
	return e
}

// Tick reports that time has passed; send it when Next says so.
func Tick(at time.Time) Event { return event(EventTick, at) }

// Placed reports that there is room for the task: every task begins with it.
func Placed(at time.Time) Event { return event(EventPlaced, at) }

// ENIAttached answers AttachENI.
func ENIAttached(at time.Time) Event { return event(EventENIAttached, at) }

// ENIFailed answers AttachENI: there is no network interface. An empty reason becomes ECS's
// words for a timeout.
func ENIFailed(at time.Time, reason string) Event {
	e := event(EventENIFailed, at)
	e.Reason = reason
	return e
}

// ENIDetached answers DetachENI.
func ENIDetached(at time.Time) Event { return event(EventENIDetached, at) }

// VolumeAttached answers AttachVolume.
func VolumeAttached(at time.Time) Event { return event(EventVolumeAttached, at) }

// VolumeFailed answers AttachVolume: there is no volume.
func VolumeFailed(at time.Time, reason string) Event {
	e := event(EventVolumeFailed, at)
	e.Reason = reason
	return e
}

// VolumeDetached answers DetachVolume.
func VolumeDetached(at time.Time) Event { return event(EventVolumeDetached, at) }

// TargetRegistered answers RegisterTarget for target group i.
func TargetRegistered(at time.Time, i int) Event { return indexed(EventTargetRegistered, at, i) }

// TargetDeregistered answers DeregisterTarget for target group i: it has drained.
func TargetDeregistered(at time.Time, i int) Event { return indexed(EventTargetDeregistered, at, i) }

// DiscoveryRegistered answers RegisterDiscovery.
func DiscoveryRegistered(at time.Time) Event { return event(EventDiscoveryRegistered, at) }

// StopRequested asks the task to stop, with the code UserInitiated for StopTask,
// ServiceSchedulerInitiated for a failed health check, or that of a failure to start. The reason becomes
// stoppedReason word for word; an empty one becomes ECS's words for the code where it has any.
func StopRequested(at time.Time, code ecs.TaskStopCode, reason string) Event {
	e := event(EventStopRequested, at)
	e.StopCode, e.Reason = code, reason
	return e
}

// ScaledIn asks a service's task to stop because the service wants fewer tasks or a deployment replaces
// it. Scale-in protection guards against this event only.
func ScaledIn(at time.Time, reason string) Event {
	e := event(EventScaledIn, at)
	e.Reason = reason
	return e
}

// SpotNotice reports that Fargate takes its capacity back in two minutes. (A notice to an EC2
// instance drains the instance and is not an event of its tasks.)
func SpotNotice(at time.Time) Event { return event(EventSpotNotice, at) }

// InstanceLost reports that the instance is gone, with everything that ran on it.
func InstanceLost(at time.Time, reason string) Event {
	e := event(EventInstanceLost, at)
	e.Reason = reason
	return e
}

// TaskStopped is an agent's report that no container of the task runs, for RoleControlPlane. The code and
// reason are used only if nothing asked the task to stop before. An empty code means
// EssentialContainerExited for a task that was RUNNING, and TaskFailedToStart for any other.
func TaskStopped(at time.Time, code ecs.TaskStopCode, reason string) Event {
	e := event(EventTaskStopped, at)
	e.StopCode, e.Reason = code, reason
	return e
}

// AgentConnected reports that the agent's connection came up.
func AgentConnected(at time.Time) Event { return event(EventAgentConnected, at) }

// AgentDisconnected reports that the agent's connection went down. The task goes on.
func AgentDisconnected(at time.Time) Event { return event(EventAgentDisconnected, at) }

// ProtectionEnabled protects a RUNNING task of a service from scale-in for 1 to 2,880 minutes,
// 120 if absent, counted from at. Source: Amazon ECS API Reference, UpdateTaskProtection.
func ProtectionEnabled(at time.Time, expiresInMinutes ecs.Opt[int]) Event {
	e := event(EventProtectionEnabled, at)
	e.Code = int32(min(max(expiresInMinutes.Or(120), -1), 1<<30))
	return e
}

// ProtectionDisabled ends scale-in protection.
func ProtectionDisabled(at time.Time) Event { return event(EventProtectionDisabled, at) }

// PullStarted reports that the pull of container i's image began. It may be left out.
func PullStarted(at time.Time, i int) Event { return indexed(EventPullStarted, at, i) }

// Pulled answers PullImage.
func Pulled(at time.Time, i int) Event { return indexed(EventPulled, at, i) }

// PullFailed answers PullImage: there is no image, cached or pulled. The reason becomes the task's
// stoppedReason if the task stops because of it; an empty one becomes "CannotPullContainerError".
func PullFailed(at time.Time, i int, reason string) Event {
	e := indexed(EventPullFailed, at, i)
	e.Reason = reason
	return e
}

// ContainerCreated answers CreateContainer.
func ContainerCreated(at time.Time, i int) Event { return indexed(EventContainerCreated, at, i) }

// ContainerFailed answers CreateContainer and StartContainer: the container does not run. The reason
// becomes the task's stoppedReason if the task stops because of it; an empty one becomes ECS's word for
// the error. Its first word, up to a colon, is the container's reason if it is one of ContainerReason's:
// "ContainerRuntimeTimeoutError: …".
func ContainerFailed(at time.Time, i int, reason string) Event {
	e := indexed(EventContainerFailed, at, i)
	e.Reason = reason
	return e
}

// DependencyBroken is an agent's report, for RoleControlPlane, that container i never ran because one of
// its dependencies can never be met. It is ContainerFailed with exit code 143, which the agent reports
// for such a container.
func DependencyBroken(at time.Time, i int, reason string) Event {
	e := ContainerFailed(at, i, reason)
	e.Code = exitCodeNeverStarted
	return e
}

// ContainerStarted answers StartContainer with its number: 0 for the first start, n for restart n.
// RoleControlPlane does not look at the number.
func ContainerStarted(at time.Time, i, number int) Event {
	e := indexed(EventContainerStarted, at, i)
	e.Number = uint16(number)
	return e
}

// ContainerExited reports the exit of container i after the start with the given number. It implies that
// this start succeeded. RoleControlPlane does not look at the number.
func ContainerExited(at time.Time, i, number, code int) Event {
	e := indexed(EventContainerExited, at, i)
	e.Number, e.Code = uint16(number), int32(code)
	return e
}

// ContainerLost is ContainerExited without an exit code: the container is gone, and its exit was not observed.
func ContainerLost(at time.Time, i, number int) Event {
	e := ContainerExited(at, i, number, 0)
	e.Unknown = true
	return e
}

// OutOfMemory is ContainerExited with code 137 (SIGKILL) for a container that ran out of memory.
func OutOfMemory(at time.Time, i, number int) Event {
	e := ContainerExited(at, i, number, 137)
	e.Memory = true
	return e
}

// ContainerHealth reports a container's health, as found by the program that runs the health checks: the
// agent for RoleControlPlane, the runtime with HealthByRuntime.
func ContainerHealth(at time.Time, i int, health ecs.HealthStatus) Event {
	e := indexed(EventContainerHealth, at, i)
	e.Health = health
	return e
}

// HealthChecked answers CheckHealth with its number. ok is true if the command exited with code 0.
func HealthChecked(at time.Time, i, number int, ok bool) Event {
	e := indexed(EventHealthChecked, at, i)
	e.Number, e.OK = uint16(number), ok
	return e
}
