package ecs

import (
	"bytes"
	"encoding/json"
)

// Opt is a value that may be absent, for fields where the zero value is itself
// meaningful: essential (absent means true), desiredCount, minimumHealthyPercent.
// The zero Opt is absent. Opt is comparable when T is.
type Opt[T any] struct {
	value T `optional:"true"`
	set   bool
}

// Some returns an Opt that holds v.
func Some[T any](v T) Opt[T] { return Opt[T]{value: v, set: true} }

// Get returns the value and whether it is present.
func (o Opt[T]) Get() (T, bool) { return o.value, o.set }

// Or returns the value, or def when absent.
func (o Opt[T]) Or(def T) T {
	if o.set {
		return o.value
	}
	return def
}

// IsZero reports whether the value is absent, as omitzero of encoding/json asks.
func (o Opt[T]) IsZero() bool { return !o.set }

// MarshalJSON writes the value, or null when absent.
func (o Opt[T]) MarshalJSON() ([]byte, error) {
	if !o.set {
		return []byte("null"), nil
	}
	return json.Marshal(o.value)
}

// UnmarshalJSON reads a value; null means absent.
func (o *Opt[T]) UnmarshalJSON(data []byte) error {
	if bytes.Equal(bytes.TrimSpace(data), []byte("null")) {
		*o = Opt[T]{}
		return nil
	}
	var v T
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	*o = Some(v)
	return nil
}
