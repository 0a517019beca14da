package lifecycle

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
)

// MaxContainers is how many containers a task definition may have. Source: Amazon ECS Developer
// Guide, "Amazon ECS service quotas".
const MaxContainers = 10

// MaxTargetGroups is how many target groups a service may have. Source: Amazon ECS Developer Guide,
// "Amazon ECS service quotas".
const MaxTargetGroups = 5

// StoppedVisible is how long a STOPPED task is described before it is DELETED. AWS promises at
// least that. Source: Amazon ECS API Reference, DescribeTasks.
const StoppedVisible = time.Hour

// Task is the whole state of one task: a comparable value without slices or maps, so that an assignment
// copies it and == compares it. Only [Program.Step] makes new ones; the fields are exported to be read
// and stored. Its JSON loses nothing.
type Task struct {
	ID            ecs.TaskID `json:"id"`
	StoppedReason string     `json:"stoppedReason,omitzero"` // the first cause, at most 1,024 bytes
	Last          Status     `json:"lastStatus"`
	Desired       Status     `json:"desiredStatus"` // StatusRunning or StatusStopped
	StopCode      StopCode   `json:"stopCode,omitzero"`

	Connectivity Connectivity `json:"connectivity,omitzero"`
	Version      uint32       `json:"version"` // grows with every change that the API's events would report

	CreatedAt          ecs.Instant `json:"createdAt,omitzero"`          // Start
	ConnectivityAt     ecs.Instant `json:"connectivityAt,omitzero"`     // last became CONNECTED
	PullStartedAt      ecs.Instant `json:"pullStartedAt,omitzero"`      // first image pull began
	PullStoppedAt      ecs.Instant `json:"pullStoppedAt,omitzero"`      // last image pull ended
	StartedAt          ecs.Instant `json:"startedAt,omitzero"`          // became RUNNING
	StoppingAt         ecs.Instant `json:"stoppingAt,omitzero"`         // desired status became STOPPED
	ExecutionStoppedAt ecs.Instant `json:"executionStoppedAt,omitzero"` // containers began to stop
	StoppedAt          ecs.Instant `json:"stoppedAt,omitzero"`          // became STOPPED
	ProtectedUntil     ecs.Instant `json:"protectedUntil,omitzero"`     // scale-in protection ends

	Placed   bool `json:"placed,omitzero"`   // an instance, or Fargate, has room for the task
	AtAgent  bool `json:"atAgent,omitzero"`  // StartTask has been sent
	StopSent bool `json:"stopSent,omitzero"` // StopTask has been sent
	StopNow  bool `json:"stopNow,omitzero"`  // containers stop without waiting for target groups
	Released bool `json:"released,omitzero"` // CPU, memory and ports were given back

	ENI       Attachment `json:"eni,omitzero"`
	Volume    Attachment `json:"volume,omitzero"`
	Discovery Discovery  `json:"discovery,omitzero"`

	// One bit for each target group: asked to register, registered, asked to deregister, gone.
	TargetsAsked      uint8 `json:"targetsAsked,omitzero"`
	TargetsRegistered uint8 `json:"targetsRegistered,omitzero"`
	TargetsLeaving    uint8 `json:"targetsLeaving,omitzero"`
	TargetsGone       uint8 `json:"targetsGone,omitzero"`

	N          uint8      `json:"-"` // how many of Containers are used
	Containers Containers `json:"containers"`
}

// Containers holds a task's containers in the order of its task definition; its JSON leaves out
// those that were never used.
type Containers [MaxContainers]Container

// MarshalJSON writes the containers up to the last that is not zero.
func (cs Containers) MarshalJSON() ([]byte, error) {
	n := len(cs)
	for n > 0 && cs[n-1] == (Container{}) {
		n--
	}
	return json.Marshal(cs[:n])
}

// UnmarshalJSON reads at most MaxContainers containers; more are an InvalidParameterException.
func (cs *Containers) UnmarshalJSON(data []byte) error {
	var list []Container
	if err := json.Unmarshal(data, &list); err != nil {
		return err
	}
	if len(list) > len(cs) {
		return ecs.Fault(ecs.InvalidParameterException, "containers",
			strconv.Itoa(len(list))+" containers, more than "+strconv.Itoa(len(cs)))
	}
	*cs = Containers{}
	copy(cs[:], list)
	return nil
}

// taskJSON is Task without its methods, with the number of containers.
type taskJSON struct {
	plainTask
	N uint8 `json:"containerCount"`
}

type plainTask Task

// MarshalJSON writes the whole state.
func (t Task) MarshalJSON() ([]byte, error) { return json.Marshal(taskJSON{plainTask(t), t.N}) }

// UnmarshalJSON reads what MarshalJSON writes.
func (t *Task) UnmarshalJSON(data []byte) error {
	var v taskJSON
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	if v.N > MaxContainers {
		return ecs.Fault(ecs.InvalidParameterException, "containerCount",
			strconv.Itoa(int(v.N))+" containers, more than "+strconv.Itoa(MaxContainers))
	}
	*t = Task(v.plainTask)
	t.N = v.N
	return nil
}

// Container is the state of one container of a task.
type Container struct {
	StartedAt ecs.Instant `json:"startedAt,omitzero"` // last start or restart
	// Due is when time next changes the container. While it runs: the next health check or the end of the
	// present one. After the stop signal: SIGKILL. 0: never.
	Due      ecs.Instant     `json:"due,omitzero"`
	Code     int32           `json:"exitCode,omitzero"` // see Exit
	Restarts uint16          `json:"restartCount,omitzero"`
	Checks   uint16          `json:"checks,omitzero"` // number of the last health check
	Status   ContainerStatus `json:"status"`
	Reason   ContainerReason `json:"reason,omitzero"`
	Health   Health          `json:"healthStatus,omitzero"`
	Failures uint8           `json:"failures,omitzero"` // health checks failed in a row
	Exited   bool            `json:"exited,omitzero"`   // Code is known
	Checking bool            `json:"checking,omitzero"` // a health check is under way
	Graced   bool            `json:"graced,omitzero"`   // a success ended the start period
	// which dependency can never be met, for the reason that Describe returns; 0: none
	Broken uint8 `json:"broken,omitzero"`
}

// Exit returns the exit code, and false if the container never exited or its code is unknown.
func (c Container) Exit() (code int, known bool) { return int(c.Code), c.Exited }

// ContainerStatus is the status of a container. It is finer than the API's, which
// [ContainerStatus.LastStatus] returns. A container's status only grows, except that RESTARTING goes back
// to RUNNING.
type ContainerStatus uint8

// The statuses of a container. In PULLING, CREATING, STARTING, RESTARTING, STOPPING and KILLING the
// runtime has been asked for something and has not answered yet.
const (
	ContainerStatusPending ContainerStatus = iota
	ContainerStatusPulling
	ContainerStatusPulled
	ContainerStatusCreating
	ContainerStatusCreated
	ContainerStatusStarting
	ContainerStatusRunning
	ContainerStatusRestarting // by its restart policy; the API still shows RUNNING
	ContainerStatusStopping   // the stop signal was sent
	ContainerStatusKilling    // SIGKILL was sent
	ContainerStatusStopped
	numContainerStatuses = int(ContainerStatusStopped) + 1
)

var containerStatusWords = [numContainerStatuses]string{"PENDING", "PULLING", "PULLED", "CREATING", "CREATED",
	"STARTING", "RUNNING", "RESTARTING",
	"STOPPING", "KILLING", "STOPPED"}

// String returns the status's own word, such as "PULLED".
func (s ContainerStatus) String() string {
	return word(containerStatusWords[:], uint8(s), "ContainerStatus")
}

// MarshalText writes the word of String.
func (s ContainerStatus) MarshalText() ([]byte, error) {
	return marshal(containerStatusWords[:], uint8(s), "container status")
}

// UnmarshalText reads the word of String; any other is an InvalidParameterException.
func (s *ContainerStatus) UnmarshalText(text []byte) error {
	return unmarshal(containerStatusWords[:], (*uint8)(s), text, "container status")
}

// LastStatus returns the API's word for the status: PENDING, RUNNING or STOPPED.
func (s ContainerStatus) LastStatus() ecs.ContainerStatus {
	switch {
	case s < ContainerStatusRunning:
		return ecs.ContainerStatusPending
	case s < ContainerStatusStopped:
		return ecs.ContainerStatusRunning
	}
	return ecs.ContainerStatusStopped
}

// alive reports whether the container runs or may do so: its start was asked for and its end is
// not known.
func (s ContainerStatus) alive() bool {
	return s >= ContainerStatusStarting && s < ContainerStatusStopped
}

// steady reports whether the container runs as far as the task is concerned.
func (s ContainerStatus) steady() bool {
	return s == ContainerStatusRunning || s == ContainerStatusRestarting
}

// ContainerReason is the family of error that ended a container, the first word of the API's
// reason. Source: Amazon ECS Developer Guide, "Stopped tasks error codes".
type ContainerReason uint8

// The values of ContainerReason.
const (
	ContainerReasonNone ContainerReason = iota
	ContainerReasonCannotPull
	ContainerReasonCannotCreate
	ContainerReasonCannotStart
	ContainerReasonOutOfMemory
	ContainerReasonCannotCreateVolume
	ContainerReasonCannotInspect
	ContainerReasonCannotStop
	ContainerReasonRuntime
	ContainerReasonRuntimeTimeout
	ContainerReasonResourceInitialization
	numContainerReasons = int(ContainerReasonResourceInitialization) + 1
)

var containerReasonWords = [numContainerReasons]string{"", "CannotPullContainerError", "CannotCreateContainerError",
	"CannotStartContainerError",
	"OutOfMemoryError", "CannotCreateVolumeError", "CannotInspectContainerError", "CannotStopContainerError",
	"ContainerRuntimeError",
	"ContainerRuntimeTimeoutError", "ResourceInitializationError"}

// reasonOf returns the family that a runtime's words begin with, or else the given one.
func reasonOf(words string, otherwise ContainerReason) ContainerReason {
	first, _, _ := strings.Cut(words, ":")
	for r := range ContainerReason(numContainerReasons) {
		if r != ContainerReasonNone && containerReasonWords[r] == first {
			return r
		}
	}
	return otherwise
}

// String returns the API's word; "" for ContainerReasonNone.
func (r ContainerReason) String() string {
	return word(containerReasonWords[:], uint8(r), "ContainerReason")
}

// MarshalText writes the API's word.
func (r ContainerReason) MarshalText() ([]byte, error) {
	return marshal(containerReasonWords[:], uint8(r), "container reason")
}

// UnmarshalText reads the API's word; any other is an InvalidParameterException.
func (r *ContainerReason) UnmarshalText(text []byte) error {
	return unmarshal(containerReasonWords[:], (*uint8)(r), text, "container reason")
}
