package control

import (
	"encoding/json"
	"iter"
	"time"

	"github.com/bayplan/bayplan/ecs"
)

// Ready is what happened since the last Advance: first make Records durable, then carry out
// Commands and show Changes.
type Ready struct {
	Records  []Record
	Commands []Command
	Changes  []Change
	WakeAt   time.Time // when Tick must next be called; the zero time means never
}

// Record is one accepted input of the plane. Replaying the records re-executes them.
type Record struct {
	Sequence uint64          `json:"sequence"` // 1, 2, 3 … without gaps
	At       ecs.Instant     `json:"at"`
	Op       string          `json:"op"`
	Input    json.RawMessage `json:"input,omitzero"`
}

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

// Ready returns what changed since the last Advance. It does not change the plane.
func (p *Plane) Ready() Ready {
	wake, _ := p.timers.next()
	return Ready{Records: p.records, Commands: p.commands, Changes: p.changes, WakeAt: wake.Time()}
}

// Advance tells that what r holds has been taken over.
func (p *Plane) Advance(r Ready) {
	p.records = p.records[len(r.Records):]
	p.commands = p.commands[len(r.Commands):]
	p.changes = p.changes[len(r.Changes):]
	if len(p.records) == 0 {
		p.records = nil
	}
	if len(p.commands) == 0 {
		p.commands = nil
	}
	if len(p.changes) == 0 {
		p.changes = nil
	}
}

// Outstanding yields every command that has no outcome yet, in the order in which they were
// first issued, those that wait for a retry left out. After a crash they are issued again.
func (p *Plane) Outstanding() iter.Seq[Command] {
	return func(yield func(Command) bool) {
		for _, o := range p.outstanding.list() {
			if !o.Backoff && !yield(o.Command.Command) {
				return
			}
		}
	}
}
