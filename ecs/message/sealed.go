package message

import (
	"encoding/json"
	"fmt"
)

// SealedCommand is a Command in JSON: {"type": "StartTask", "value": {…}}.
type SealedCommand struct{ Command }

// SealedEvent is an Event in JSON: {"type": "TaskStateChange", "value": {…}}.
type SealedEvent struct{ Event }

// commands is the closed set of commands: a row a command, and its type in command.go.
var commands = []kind[Command]{
	{"StartTask", read[Command, StartTask]},
	{"StopTask", read[Command, StopTask]},
	{"AttachNetworkInterface", read[Command, AttachNetworkInterface]},
	{"DetachNetworkInterface", read[Command, DetachNetworkInterface]},
	{"AttachVolume", read[Command, AttachVolume]},
	{"DetachVolume", read[Command, DetachVolume]},
	{"RegisterTarget", read[Command, RegisterTarget]},
	{"DeregisterTarget", read[Command, DeregisterTarget]},
	{"RegisterInstance", read[Command, RegisterInstance]},
	{"DeregisterInstance", read[Command, DeregisterInstance]},
	{"ModifyTraffic", read[Command, ModifyTraffic]},
	{"InvokeLifecycleHook", read[Command, InvokeLifecycleHook]},
	{"SetDesiredCapacity", read[Command, SetDesiredCapacity]},
	{"GetMetric", read[Command, GetMetric]},
}

// events is the closed set of events: a row an event, and its type in event.go.
var events = []kind[Event]{
	{"CommandDone", read[Event, CommandDone]},
	{"TaskStateChange", read[Event, TaskStateChange]},
	{"InstanceReport", read[Event, InstanceReport]},
	{"AgentConnectivity", read[Event, AgentConnectivity]},
	{"InstanceTerminated", read[Event, InstanceTerminated]},
	{"SpotInterruption", read[Event, SpotInterruption]},
	{"TargetHealth", read[Event, TargetHealth]},
	{"AlarmState", read[Event, AlarmState]},
	{"MetricSample", read[Event, MetricSample]},
	{"CapacityForecast", read[Event, CapacityForecast]},
	{"LifecycleHookStatus", read[Event, LifecycleHookStatus]},
}

// kind is one row of a closed set: its name in JSON, and how a value of it is read.
type kind[S any] struct {
	name string
	read func([]byte) (S, error)
}

func read[S, T any](data []byte) (S, error) {
	var v T
	err := json.Unmarshal(data, &v)
	s, _ := any(v).(S) // each row's T is an S: TestKinds
	return s, err
}

// tagged is the form of both in JSON.
type tagged struct {
	Type  string          `json:"type"`
	Value json.RawMessage `json:"value"`
}

func seal(name string, v any) ([]byte, error) {
	value, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return json.Marshal(tagged{name, value})
}

func unseal[S any](set []kind[S], what string, data []byte) (none S, err error) {
	var t tagged
	if err := json.Unmarshal(data, &t); err != nil {
		return none, err
	}
	for _, k := range set {
		if k.name == t.Type {
			return k.read(t.Value)
		}
	}
	return none, fmt.Errorf("message: unknown %s %q", what, t.Type)
}

// MarshalJSON writes {"type": …, "value": …}.
func (s SealedCommand) MarshalJSON() ([]byte, error) { return seal(s.Key().Op, s.Command) }

// UnmarshalJSON reads what MarshalJSON wrote; an unknown type is an error that names it.
func (s *SealedCommand) UnmarshalJSON(data []byte) (err error) {
	s.Command, err = unseal(commands, "command", data)
	return err
}

// MarshalJSON writes {"type": …, "value": …}.
func (s SealedEvent) MarshalJSON() ([]byte, error) { return seal(s.eventName(), s.Event) }

// UnmarshalJSON reads what MarshalJSON wrote; an unknown type is an error that names it.
func (s *SealedEvent) UnmarshalJSON(data []byte) (err error) {
	s.Event, err = unseal(events, "event", data)
	return err
}
