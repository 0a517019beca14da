// Package written has what a State says of a task: plain values, without a room.
package written

import (
	"fmt"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/lifecycle"
	"github.com/bayplan/bayplan/placement"
)

// Task is a task as a State has it: all that the plane knows of the task by itself.
type Task struct {
	ID                ecs.TaskID                `json:"id"`
	Machine           lifecycle.Task            `json:"machine"`
	TaskDefinitionArn string                    `json:"taskDefinition"`
	Overrides         *ecs.TaskOverride         `json:"overrides,omitzero"`
	Service           string                    `json:"service,omitzero"` // name
	Deployment        string                    `json:"deployment,omitzero"`
	Group             string                    `json:"group"`
	StartedBy         string                    `json:"startedBy,omitzero"`
	LaunchType        ecs.LaunchType            `json:"launchType,omitzero"`
	CapacityProvider  string                    `json:"capacityProvider,omitzero"`
	PlatformVersion   string                    `json:"platformVersion,omitzero"`
	Network           *ecs.NetworkConfiguration `json:"networkConfiguration,omitzero"`
	Instance          ecs.InstanceID            `json:"instance,omitzero"`
	Zone              string                    `json:"zone,omitzero"`
	Seated            bool                      `json:"seated,omitzero"`   // holds resources of its instance
	Counted           bool                      `json:"counted,omitzero"`  // counts in its group
	Bindings          [][]ecs.NetworkBinding    `json:"bindings,omitzero"` // by container
	Address           string                    `json:"address,omitzero"`  // awsvpc
	Targets           []Target                  `json:"targets,omitzero"`
	Registry          *ecs.ServiceRegistry      `json:"serviceRegistry,omitzero"`
	Volume            *Volume                   `json:"volume,omitzero"`     // configured at launch
	Details           []Detail                  `json:"details,omitzero"`    // by container, what only the API shows
	Request           *placement.Request        `json:"request,omitzero"`    // while it waits for room
	AwaitsRoom        bool                      `json:"awaitsRoom,omitzero"` // was started without a place
	Life              uint64                    `json:"life,omitzero"`       // of the agent that told of it last
	Sequence          uint64                    `json:"sequence,omitzero"`   // of the last that it told
	Doubt             ecs.Instant               `json:"doubt,omitzero"`      // since when reports contradict that
	Exec              bool                      `json:"exec,omitzero"`
	Tags              []ecs.Tag                 `json:"tags,omitzero"`
	CreatedAt         ecs.Instant               `json:"createdAt"`
	Noted             ecs.HealthStatus          `json:"noted,omitzero"`
	Forgotten         bool                      `json:"forgotten,omitzero"` // by the scheduler
	Orphan            bool                      `json:"orphan,omitzero"`    // its service is gone, and the name another's
	Keys              Keys                      `json:"keys,omitzero"`
	Wait              Wait                      `json:"wait,omitzero"`
	Wake              ecs.Instant               `json:"wake,omitzero"`
	Forget            ecs.Instant               `json:"forget,omitzero"`
}

// Keys are the keys of a task's commands, by which outcomes find it.
type Keys struct {
	Start message.Key `json:"start,omitzero"`
	Stop  message.Key `json:"stop,omitzero"`
	RareKeys
}

// RareKeys are the keys of commands that not every task has.
type RareKeys struct {
	Attach     message.Key `json:"attach,omitzero"`
	Detach     message.Key `json:"detach,omitzero"`
	Discover   message.Key `json:"discover,omitzero"`
	Undiscover message.Key `json:"undiscover,omitzero"`
}

// StartKey is the key of a task's StartTask; the zero Key for no epoch.
func StartKey(id ecs.TaskID, epoch uint64) message.Key { return keyOf("StartTask", id, epoch) }

// StopKey is the key of a task's StopTask; the zero Key for no epoch.
func StopKey(id ecs.TaskID, epoch uint64) message.Key { return keyOf("StopTask", id, epoch) }

func keyOf(op string, id ecs.TaskID, epoch uint64) message.Key {
	if epoch == 0 {
		return message.Key{}
	}
	return message.Key{Op: op, Target: string(id), Epoch: epoch}
}

// HealthOf returns the health that h is the word of; false if it is none's.
func HealthOf(h ecs.HealthStatus) (health lifecycle.Health, ok bool) {
	err := health.UnmarshalText([]byte(h))
	return health, err == nil
}

// Detail is what the API shows of a container and no rule reads.
type Detail struct {
	Reason      string `json:"reason,omitzero"`
	ImageDigest string `json:"imageDigest,omitzero"`
	RuntimeID   string `json:"runtimeId,omitzero"`
}

// Wrong finds where a task and its definition do not belong together, and what no task is.
func (d *Task) Wrong(definition *ecs.TaskDefinition) error {
	containers := len(definition.ContainerDefinitions)
	switch n := len(d.Details); {
	case d.Machine.ID != d.ID:
		return fmt.Errorf("it has the machine of %s", d.Machine.ID)
	case int(d.Machine.N) != containers:
		return fmt.Errorf("its machine has %d containers, its definition %d", d.Machine.N, containers)
	case n != containers:
		return fmt.Errorf("it has details of %d containers, its definition has %d", n, containers)
	case len(d.Bindings) != 0 && len(d.Bindings) != containers:
		return fmt.Errorf("it has bindings of %d containers, its definition has %d", len(d.Bindings), containers)
	}
	if err := wrongMachine(d.Counted, d.Machine.Last, d.Machine.Desired, d.Machine.AtAgent); err != nil {
		return err
	}
	for _, k := range []struct{ has, is message.Key }{
		{d.Keys.Start, StartKey(d.ID, d.Keys.Start.Epoch)}, {d.Keys.Stop, StopKey(d.ID, d.Keys.Stop.Epoch)},
	} {
		if k.has != k.is {
			return fmt.Errorf("its command is %s, not %s", k.has, k.is)
		}
	}
	if err := d.Wait.wrong(); err != nil {
		return err
	}
	if _, ok := HealthOf(d.Noted); !ok {
		return fmt.Errorf("it is noted as %q, which is no health", d.Noted)
	}
	m := &d.Machine
	asked := m.TargetsAsked | m.TargetsRegistered | m.TargetsLeaving | m.TargetsGone
	if int(asked) >= 1<<len(d.Targets) {
		return fmt.Errorf("its machine has more targets than the %d that it has", len(d.Targets))
	}
	return nil
}

// wrongMachine finds states that no task is in.
func wrongMachine(counted bool, last, desired lifecycle.Status, atAgent bool) error {
	if stops := desired == lifecycle.StatusStopped; counted == stops {
		to := ecs.DesiredStatusRunning
		if stops {
			to = ecs.DesiredStatusStopped
		}
		return fmt.Errorf("it is to be %s and counted: %t", to, counted)
	}
	if atAgent && last < lifecycle.StatusPending {
		return fmt.Errorf("it is %s and with its agent", last)
	}
	return nil
}
