package message

import (
	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/loadbalance"
)

// Event is something that the world reports. The set of events is closed: [Events] has one of each.
// Events may be lost, repeated, late and out of order; none of that does harm.
type Event interface{ eventName() string }

// events is the closed set of events: each type of this file has a row.
var events = []kind[Event]{
	byHand(row[Event, CommandDone]("CommandDone"), (*scanner).commandDone),
	byHand(row[Event, TaskStateChange]("TaskStateChange"), (*scanner).taskStateChange),
	row[Event, InstanceReport]("InstanceReport"),
	row[Event, AgentConnectivity]("AgentConnectivity"),
	row[Event, InstanceTerminated]("InstanceTerminated"),
	row[Event, SpotInterruption]("SpotInterruption"),
	row[Event, TargetHealth]("TargetHealth"),
	row[Event, AlarmState]("AlarmState"),
	row[Event, MetricSample]("MetricSample"),
	row[Event, CapacityForecast]("CapacityForecast"),
	row[Event, LifecycleHookStatus]("LifecycleHookStatus"),
	row[Event, AutoScalingGroupChange]("AutoScalingGroupChange"),
}

// Events returns an empty event of each kind, in a fixed order.
func Events() []Event { return empty(events) }

// CommandDone is the outcome of a command. A second outcome of one key changes nothing.
type CommandDone struct {
	Key         Key    `json:"key"`
	Err         string `json:"error,omitzero"`              // empty: it worked
	Permanent   bool   `json:"permanent,omitzero"`          // no retry can cure the error
	PrivateIPv4 string `json:"privateIpv4Address,omitzero"` // of AttachNetworkInterface
	VolumeID    string `json:"volumeId,omitzero"`           // of AttachVolume
	// of InvokeLifecycleHook: SUCCEEDED, FAILED, IN_PROGRESS
	HookStatus ecs.LifecycleHookStatus `json:"hookStatus,omitzero"`
	// of InvokeLifecycleHook, with IN_PROGRESS: seconds
	CallBackDelay int `json:"callBackDelay,omitzero"`

	Datapoints []cloudwatch.Sample `json:"datapoints,omitzero"` // of GetMetric; NaN and infinities are left out
}

func (CommandDone) eventName() string { return "CommandDone" }

// ContainerStateChange is what an agent reports about one container.
type ContainerStateChange struct {
	Name            string               `json:"name"`
	Status          ecs.ContainerStatus  `json:"status,omitzero"`
	ExitCode        ecs.Opt[int]         `json:"exitCode,omitzero"`
	Reason          string               `json:"reason,omitzero"`
	Health          ecs.HealthStatus     `json:"health,omitzero"`
	ImageDigest     string               `json:"imageDigest,omitzero"`
	RuntimeID       string               `json:"runtimeId,omitzero"`
	NetworkBindings []ecs.NetworkBinding `json:"networkBindings,omitzero"` // what the engine bound
}

// TaskStateChange is an edge: the agent reports it when something about a task changes. It holds all
// that the agent knows of the task, so the latest one suffices.
type TaskStateChange struct {
	Cluster  string         `json:"cluster"`
	Task     ecs.TaskID     `json:"task"`
	Instance ecs.InstanceID `json:"instance,omitzero"`
	Life     uint64         `json:"life,omitzero"` // of the agent, as in InstanceReport
	// grows with each word about the task in one life; an older one is ignored
	Sequence           uint64                 `json:"sequence,omitzero"`
	Containers         []ContainerStateChange `json:"containers,omitzero"`
	Status             ecs.TaskStatus         `json:"status,omitzero"` // agent's view: PENDING, RUNNING, STOPPED
	Reason             string                 `json:"reason,omitzero"`
	PullStartedAt      ecs.Instant            `json:"pullStartedAt,omitzero"`
	PullStoppedAt      ecs.Instant            `json:"pullStoppedAt,omitzero"`
	ExecutionStoppedAt ecs.Instant            `json:"executionStoppedAt,omitzero"`
}

func (TaskStateChange) eventName() string { return "TaskStateChange" }

// InstanceReport is a level: all the tasks that an agent knows. The plane compares the report with
// its own tasks, and so repairs what lost edges left: a task that the agent does not have has
// ended, and its service replaces it; a task that the agent should not have is asked to stop.
//
// An agent that is started again begins a new life. It may have forgotten everything. The plane
// believes it: a task that it does not list has ended. A report of the old life that comes late
// must not end what the new life runs, so the plane distinguishes the two:
//
//   - By Life, where the agent says it. A report of a greater Life than the last word about a
//     task ends the task if it does not list it; one of a lesser Life is late. Sequence and
//     Seen begin again with each life.
//   - By Seen: within a life it never goes back. A report whose Seen has reached the epoch of a
//     task's StartTask, and which does not list the task, ends it. One whose Seen has not may
//     be older than the task.
//   - By time, for agents that do not say their Life or whose Life went back. What an agent has
//     reported for 30 seconds and more, with no newer word about the task in between, cannot be
//     late any more: a task that it does not list is over, and a Sequence that began again
//     counts. RegisterContainerInstance of a known instance begins those 30 seconds.
//
// A report that a task has STOPPED is believed whatever its Sequence, since no agent starts a task
// twice.
type InstanceReport struct {
	Cluster  string         `json:"cluster"`
	Instance ecs.InstanceID `json:"instance,omitzero"` // empty: Fargate

	// Life is the life of the agent that speaks: greater than those before it, such as the time at which
	// it began in microseconds. Zero if the agent does not say; then it is zero in all that the agent
	// reports.
	Life uint64 `json:"life,omitzero"`
	// Seen is the highest epoch of a command that the agent knew of when it made the report.
	Seen  uint64            `json:"seen,omitzero"`
	Tasks []TaskStateChange `json:"tasks,omitzero"` // each has the report's Life
}

func (InstanceReport) eventName() string { return "InstanceReport" }

// AgentConnectivity reports that the agent of an instance has connected or disconnected.
type AgentConnectivity struct {
	Cluster   string         `json:"cluster"`
	Instance  ecs.InstanceID `json:"instance"`
	Connected bool           `json:"connected"`
}

func (AgentConnectivity) eventName() string { return "AgentConnectivity" }

// InstanceTerminated reports that an instance has ended, with all that ran on it.
type InstanceTerminated struct {
	Cluster  string         `json:"cluster"`
	Instance ecs.InstanceID `json:"instance"`
}

func (InstanceTerminated) eventName() string { return "InstanceTerminated" }

// SpotInterruption is the notice two minutes before an instance, or a Fargate Spot task,
// is reclaimed.
type SpotInterruption struct {
	Cluster  string         `json:"cluster"`
	Instance ecs.InstanceID `json:"instance,omitzero"`
	Task     ecs.TaskID     `json:"task,omitzero"` // Fargate Spot
}

func (SpotInterruption) eventName() string { return "SpotInterruption" }

// TargetHealth is what a load balancer reports about a target.
type TargetHealth struct {
	TargetGroupArn string            `json:"targetGroupArn"`
	Target         string            `json:"target"`
	Port           int               `json:"port"`
	State          loadbalance.State `json:"state"`
	Reason         string            `json:"reason,omitzero"`
}

func (TargetHealth) eventName() string { return "TargetHealth" }

// AlarmState reports the state of a CloudWatch alarm that deployments watch.
type AlarmState struct {
	AlarmName string         `json:"alarmName"`
	State     ecs.AlarmState `json:"state"`
}

func (AlarmState) eventName() string { return "AlarmState" }

// MetricSample is a datapoint of a metric that scaling policies read.
type MetricSample struct {
	Cluster string      `json:"cluster"`
	Service string      `json:"service"`
	Metric  string      `json:"metric"` // ECSServiceAverageCPUUtilization, ALBRequestCountPerTarget, …
	At      ecs.Instant `json:"at"`
	Value   float64     `json:"value"`
}

func (MetricSample) eventName() string { return "MetricSample" }

// CapacityForecast reports how many tasks a predictive scaling policy is to hold in the hours to
// come. The plane keeps three hours of metrics, which is too little for a forecast. A program that
// keeps weeks of metrics reports, about once an hour, what autoscale.PredictCapacity makes of the
// answer of an autoscale.Forecaster. The latest forecast counts.
type CapacityForecast struct {
	Cluster  string            `json:"cluster"`
	Service  string            `json:"service"`
	Policy   string            `json:"policy"`   // name
	Capacity cloudwatch.Series `json:"capacity"` // a datapoint an hour, two weeks at most
}

func (CapacityForecast) eventName() string { return "CapacityForecast" }

// LifecycleHookStatus is the late answer of a deployment hook.
type LifecycleHookStatus struct {
	Cluster string                  `json:"cluster"`
	Service string                  `json:"service"`
	HookID  string                  `json:"hookId"`
	Status  ecs.LifecycleHookStatus `json:"status"` // SUCCEEDED, FAILED, IN_PROGRESS
}

func (LifecycleHookStatus) eventName() string { return "LifecycleHookStatus" }

// AutoScalingGroupChange reports the Auto Scaling group of a capacity provider: its desired capacity, where that is not
// what the plane has asked for, and what it launches. The latest counts.
type AutoScalingGroupChange struct {
	CapacityProvider string          `json:"capacityProvider"` // name
	DesiredCapacity  int             `json:"desiredCapacity"`
	InstanceTypes    []ecs.Resources `json:"instanceTypes,omitzero"` // what each type that it launches offers tasks
}

func (AutoScalingGroupChange) eventName() string { return "AutoScalingGroupChange" }
