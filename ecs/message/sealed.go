package message

import (
	"encoding/json"
	"fmt"
)

// SealedCommand is a Command in JSON: {"type": "StartTask", "value": {…}}.
type SealedCommand struct{ Command }

// SealedEvent is an Event in JSON: {"type": "TaskStateChange", "value": {…}}.
type SealedEvent struct{ Event }

// kind is one row of a closed set: its name in JSON, an empty value of it, and how a value is read.
type kind[S any] struct {
	name  string
	empty S
	read  func([]byte) (S, error)
}

// row returns the row of the type T, which is one of the set S.
func row[S, T any](name string) kind[S] {
	read := func(data []byte) (S, error) {
		var v T
		err := json.Unmarshal(data, &v)
		s, _ := any(v).(S) // each row's T is an S: TestKinds
		return s, err
	}
	var v T
	empty, _ := any(v).(S)
	return kind[S]{name, empty, read}
}

// empty returns the empty value of each row.
func empty[S any](set []kind[S]) (list []S) {
	for _, k := range set {
		list = append(list, k.empty)
	}
	return list
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
