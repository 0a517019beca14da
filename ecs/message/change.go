package message

import (
	"github.com/bayplan/bayplan/ecs"
)

// ChangeKind says what a Change is about.
type ChangeKind string

// The kinds of Change.
const (
	ChangeTask     ChangeKind = "TASK"     // a task's last status moved
	ChangeTarget   ChangeKind = "TARGET"   // a target was registered, deregistered or changed health
	ChangeService  ChangeKind = "SERVICE"  // a sentence of the service scheduler
	ChangeInstance ChangeKind = "INSTANCE" // a container instance came, went or changed status
	ChangeScaling  ChangeKind = "SCALING"  // a scaling decision
	ChangeTraffic  ChangeKind = "TRAFFIC"  // a listener rule's weights
	ChangeAlarm    ChangeKind = "ALARM"    // an alarm's state
	ChangeCommand  ChangeKind = "COMMAND"  // a command failed and waits, or failed for good
)

// Change is something that a person would watch.
type Change struct {
	At       ecs.Instant    `json:"at"`
	Kind     ChangeKind     `json:"kind"`
	Cluster  string         `json:"cluster,omitzero"`
	Service  string         `json:"service,omitzero"`
	Revision int            `json:"revision,omitzero"` // of the task definition
	Task     ecs.TaskID     `json:"task,omitzero"`
	Instance ecs.InstanceID `json:"instance,omitzero"` // empty: on Fargate, or nowhere yet
	Fargate  bool           `json:"fargate,omitzero"`  // it is a task's, on Fargate
	Zone     string         `json:"zone,omitzero"`
	Status   string         `json:"status,omitzero"` // what it is now
	Text     string         `json:"text,omitzero"`   // why, or the sentence
	Why      string         `json:"why,omitzero"`    // the placement's explanation, where Config.Explain asks for it
}
