package message

import (
	"bytes"
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

// cut returns what stands for the value in what sealed wrote of the kind; false for anything else. What it
// returns may be no value.
func (k kind[S]) cut(data []byte) (value []byte, ok bool) {
	value, ok = bytes.CutPrefix(data, []byte(`{"type":"`))
	if ok {
		value, ok = bytes.CutPrefix(value, []byte(k.name))
	}
	if ok {
		value, ok = bytes.CutPrefix(value, []byte(`","value":`))
	}
	if ok {
		value, ok = bytes.CutSuffix(value, []byte("}"))
	}
	return value, ok
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

func unseal[S any](set []kind[S], what string, data []byte) (none S, err error) {
	for _, k := range set {
		if value, ok := k.cut(data); ok {
			if s, err := k.read(value); err == nil {
				return s, nil
			}
			break
		}
	}
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
func (s SealedCommand) MarshalJSON() ([]byte, error) { return seal(nil, s.Key().Op, s.Command) }

// UnmarshalJSON reads what MarshalJSON wrote; an unknown type is an error that names it.
func (s *SealedCommand) UnmarshalJSON(data []byte) (err error) {
	s.Command, err = unseal(commands, "command", data)
	return err
}

// UnmarshalJSON reads what MarshalJSON wrote; an unknown type is an error that names it.
func (s *SealedEvent) UnmarshalJSON(data []byte) (err error) {
	s.Event, err = unseal(events, "event", data)
	return err
}
