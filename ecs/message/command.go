package message

import (
	"iter"
	"strconv"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/loadbalance"
)

// Key identifies a command for ever: the same Key is the same intent, however often it is
// issued. It is the idempotency token that a runtime may pass on.
type Key struct {
	Op     string `json:"op"`     // the command's name, "StartTask"
	Target string `json:"target"` // what it acts on: a task, an interface, a target, a group
	Epoch  uint64 `json:"epoch"`  // grows when the intent changes, not when it is retried
}

// String returns "Op Target #Epoch".
func (k Key) String() string {
	var digits [20]byte
	return k.Op + " " + k.Target + " #" + string(strconv.AppendUint(digits[:0], k.Epoch, 10))
}

// Command is something that the world must do. The set of commands is closed: [Commands] has one of
// each. A command is self-contained: a runtime needs nothing else from the plane to carry it out.
type Command interface {
	Key() Key
	isCommand()
}

// commands is the closed set of commands: each type of this file has a row.
var commands = []kind[Command]{
	row[Command, StartTask]("StartTask"),
	row[Command, StopTask]("StopTask"),
	row[Command, AttachNetworkInterface]("AttachNetworkInterface"),
	row[Command, DetachNetworkInterface]("DetachNetworkInterface"),
	row[Command, AttachVolume]("AttachVolume"),
	row[Command, DetachVolume]("DetachVolume"),
	row[Command, RegisterTarget]("RegisterTarget"),
	row[Command, DeregisterTarget]("DeregisterTarget"),
	row[Command, RegisterInstance]("RegisterInstance"),
	row[Command, DeregisterInstance]("DeregisterInstance"),
	row[Command, ModifyTraffic]("ModifyTraffic"),
	row[Command, InvokeLifecycleHook]("InvokeLifecycleHook"),
	row[Command, SetDesiredCapacity]("SetDesiredCapacity"),
	row[Command, GetMetric]("GetMetric"),
}

// Commands returns an empty command of each kind, in a fixed order, so that a test can see that a
// runtime carries all of them out.
func Commands() []Command { return empty(commands) }

// Operations yields the Op of the Key of each kind of command, in the order of Commands.
func Operations() iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, k := range commands {
			if !yield(k.name) {
				return
			}
		}
	}
}

// StartTask asks the agent of an instance, or Fargate where Instance is empty, to start a task. The
// outcome does not wait until the task runs: the agent reports what becomes of the task by
// TaskStateChange and InstanceReport.
type StartTask struct {
	ID               Key                `json:"key"`
	Cluster          string             `json:"cluster"`
	Task             ecs.TaskID         `json:"task"`
	TaskArn          string             `json:"taskArn"`
	Instance         ecs.InstanceID     `json:"instance,omitzero"` // empty: Fargate
	EC2InstanceID    string             `json:"ec2InstanceId,omitzero"`
	AvailabilityZone string             `json:"availabilityZone,omitzero"`
	LaunchType       ecs.LaunchType     `json:"launchType,omitzero"`
	Group            string             `json:"group,omitzero"`
	TaskDefinition   ecs.TaskDefinition `json:"taskDefinition"` // overrides applied
	// by container, host ports decided
	NetworkBindings map[string][]ecs.NetworkBinding `json:"networkBindings,omitzero"`
	PrivateIPv4     string                          `json:"privateIpv4Address,omitzero"` // awsvpc
	// of the volume configured at launch
	VolumeID string `json:"volumeId,omitzero"`
	// of the task role; none without Config.CredentialsSecret
	CredentialsID              string `json:"credentialsId,omitzero"`
	ExecutionRoleCredentialsID string `json:"executionRoleCredentialsId,omitzero"`
}

// Key returns the command's key.
func (c StartTask) Key() Key { return c.ID }

func (StartTask) isCommand() {}

// StopTask asks an agent to stop a task: each container gets SIGTERM, and SIGKILL after its
// stopTimeout.
type StopTask struct {
	ID       Key            `json:"key"`
	Cluster  string         `json:"cluster"`
	Task     ecs.TaskID     `json:"task"`
	Instance ecs.InstanceID `json:"instance,omitzero"`
	Reason   string         `json:"reason,omitzero"`
}

// Key returns the command's key.
func (c StopTask) Key() Key { return c.ID }

func (StopTask) isCommand() {}

// AttachNetworkInterface asks for an awsvpc task's interface. Its outcome carries the address.
type AttachNetworkInterface struct {
	ID             Key            `json:"key"`
	Cluster        string         `json:"cluster"`
	Task           ecs.TaskID     `json:"task"`
	Instance       ecs.InstanceID `json:"instance,omitzero"`
	Subnets        []string       `json:"subnets,omitzero"`
	SecurityGroups []string       `json:"securityGroups,omitzero"`
	AssignPublicIp bool           `json:"assignPublicIp,omitzero"`
}

// Key returns the command's key.
func (c AttachNetworkInterface) Key() Key { return c.ID }

func (AttachNetworkInterface) isCommand() {}

// DetachNetworkInterface releases the network interface of an awsvpc task.
type DetachNetworkInterface struct {
	ID      Key        `json:"key"`
	Cluster string     `json:"cluster"`
	Task    ecs.TaskID `json:"task"`
}

// Key returns the command's key.
func (c DetachNetworkInterface) Key() Key { return c.ID }

func (DetachNetworkInterface) isCommand() {}

// AttachVolume asks for the Amazon EBS volume that a task's definition leaves to be configured at
// launch. The runtime makes the volume with the file system that the configuration names, and
// attaches it to the task's instance, or to the task on Fargate. Its outcome carries the volume's
// ID.
type AttachVolume struct {
	ID               Key                         `json:"key"`
	Cluster          string                      `json:"cluster"`
	Task             ecs.TaskID                  `json:"task"`
	Instance         ecs.InstanceID              `json:"instance,omitzero"` // empty: Fargate
	EC2InstanceID    string                      `json:"ec2InstanceId,omitzero"`
	AvailabilityZone string                      `json:"availabilityZone,omitzero"`
	Configuration    ecs.TaskVolumeConfiguration `json:"configuration"`
}

// Key returns the command's key.
func (c AttachVolume) Key() Key { return c.ID }

func (AttachVolume) isCommand() {}

// DetachVolume detaches a task's volume, and deletes it if DeleteOnTermination says so.
type DetachVolume struct {
	ID                  Key        `json:"key"`
	Cluster             string     `json:"cluster"`
	Task                ecs.TaskID `json:"task"`
	VolumeID            string     `json:"volumeId,omitzero"` // empty: AttachVolume had no outcome yet
	DeleteOnTermination bool       `json:"deleteOnTermination"`
}

// Key returns the command's key.
func (c DetachVolume) Key() Key { return c.ID }

func (DetachVolume) isCommand() {}

// RegisterTarget adds a target to a target group, or an instance to a Classic Load Balancer.
type RegisterTarget struct {
	ID               Key        `json:"key"`
	TargetGroupArn   string     `json:"targetGroupArn"`
	Target           string     `json:"target"` // EC2 instance ID or IP address
	Port             int        `json:"port"`
	AvailabilityZone string     `json:"availabilityZone,omitzero"`
	Task             ecs.TaskID `json:"task"`
	// TargetGroup is the group with its defaults filled in: how the load balancer speaks to the target, how
	// it checks its health, and how slowly it starts.
	TargetGroup loadbalance.TargetGroup `json:"targetGroup,omitzero"`
}

// Key returns the command's key.
func (c RegisterTarget) Key() Key { return c.ID }

func (RegisterTarget) isCommand() {}

// DeregisterTarget removes a target; the load balancer drains it first.
type DeregisterTarget struct {
	ID             Key        `json:"key"`
	TargetGroupArn string     `json:"targetGroupArn"`
	Target         string     `json:"target"`
	Port           int        `json:"port"`
	Task           ecs.TaskID `json:"task"`
	// TargetGroup is the group with its defaults filled in: how long the target drains.
	TargetGroup loadbalance.TargetGroup `json:"targetGroup,omitzero"`
}

// Key returns the command's key.
func (c DeregisterTarget) Key() Key { return c.ID }

func (DeregisterTarget) isCommand() {}

// RegisterInstance adds a task to a service registry.
type RegisterInstance struct {
	ID          Key        `json:"key"`
	RegistryArn string     `json:"registryArn"`
	Task        ecs.TaskID `json:"task"`
	Address     string     `json:"address,omitzero"`
	Port        int        `json:"port,omitzero"`
}

// Key returns the command's key.
func (c RegisterInstance) Key() Key { return c.ID }

func (RegisterInstance) isCommand() {}

// DeregisterInstance removes a task from a service registry.
type DeregisterInstance struct {
	ID          Key        `json:"key"`
	RegistryArn string     `json:"registryArn"`
	Task        ecs.TaskID `json:"task"`
}

// Key returns the command's key.
func (c DeregisterInstance) Key() Key { return c.ID }

func (DeregisterInstance) isCommand() {}

// TargetGroupWeight is a target group's share of a listener rule's traffic.
type TargetGroupWeight struct {
	TargetGroupArn string `json:"targetGroupArn"`
	Weight         int    `json:"weight"` // 0 to 999
}

// ModifyTraffic sets the weights of a listener rule.
type ModifyTraffic struct {
	ID      Key                 `json:"key"`
	Rule    string              `json:"rule"`
	Weights []TargetGroupWeight `json:"weights"`
	// TargetGroups are the groups of Weights, in that order, with their defaults filled in: how clients
	// stay with a target, and how targets are picked.
	TargetGroups []loadbalance.TargetGroup `json:"targetGroups,omitzero"`
	// Listener is the listener of the rule, with all of its rules, as it is with the weights; nil where the plane
	// does not have it.
	Listener *loadbalance.Listener `json:"listener,omitzero"`
}

// Key returns the command's key.
func (c ModifyTraffic) Key() Key { return c.ID }

func (ModifyTraffic) isCommand() {}

// InvokeLifecycleHook calls a deployment's hook. Its outcome carries the hook's answer.
type InvokeLifecycleHook struct {
	ID         Key                         `json:"key"`
	Cluster    string                      `json:"cluster"`
	Service    string                      `json:"service"`
	Deployment string                      `json:"deployment"`
	Stage      string                      `json:"stage"`
	HookID     string                      `json:"hookId"`
	Attempt    int                         `json:"attempt,omitzero"` // 1 for the first call
	Hook       ecs.DeploymentLifecycleHook `json:"hook"`
}

// Key returns the command's key.
func (c InvokeLifecycleHook) Key() Key { return c.ID }

func (InvokeLifecycleHook) isCommand() {}

// SetDesiredCapacity sets the size of a capacity provider's Auto Scaling group.
type SetDesiredCapacity struct {
	ID                  Key    `json:"key"`
	CapacityProvider    string `json:"capacityProvider"`
	AutoScalingGroupArn string `json:"autoScalingGroupArn"`
	DesiredCapacity     int    `json:"desiredCapacity"`
}

// Key returns the command's key.
func (c SetDesiredCapacity) Key() Key { return c.ID }

func (SetDesiredCapacity) isCommand() {}

// GetMetric asks for the datapoints of a metric that a service's scaling policies read, where
// Config.PullMetrics asks for it. Its outcome carries them.
type GetMetric struct {
	ID      Key    `json:"key"`
	Cluster string `json:"cluster"`
	Service string `json:"service"`
	Metric  string `json:"metric"` // its name, as in MetricSample
	// Of a target-tracking policy that reads it: what says which metric it is.
	Predefined *autoscale.PredefinedMetricSpecification `json:"predefinedMetricSpecification,omitzero"`
	Customized *autoscale.CustomizedMetricSpecification `json:"customizedMetricSpecification,omitzero"`
	Period     int                                      `json:"period"` // seconds
	From       ecs.Instant                              `json:"from"`   // datapoints at this time or later …
	To         ecs.Instant                              `json:"to"`     // … and before this one
}

// Key returns the command's key.
func (c GetMetric) Key() Key { return c.ID }

func (GetMetric) isCommand() {}
