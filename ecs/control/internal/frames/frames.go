// Package frames writes plain values in few bytes and reads them again: the records of a State, in parts
// that can each be read alone.
//
// # Start here
//
// [New] reads the types once. [Format.Write] appends values of one type to a frame, and [Read] returns
// them. The control plane's snapshots are made of such frames.
//
// # Model
//
// A value is written by its exported members, as encoding/json would write it, and in their order:
//
//	structure   a bit for each member, set unless it is zero; then the members whose bit is set
//	number      a varint; an Instant is the distance from the one before it
//	text        the number of a text that the frame had before, or the text itself; 32 hexadecimal digits
//	            take 16 bytes
//	list        its length and its elements; an array, as long as it has elements that are not zero
//	map         its length and its pairs, in order of the keys
//	pointer     what it points to
//	JSON        its length and itself; of the types that Share names, once where it repeats
//
// What has a JSON of its own is written as that JSON, except for the types that New names, which are written
// by their members. The form of a frame is that of the Go types: [Format.Form] is a number for it, by
// which a reader knows what it cannot read.
//
// # Guarantees
//
//  1. What is read equals what was written, nil and empty apart, as JSON shows it (TestRoundTrip).
//  2. Equal values give equal bytes (TestRoundTrip).
//  3. No bytes make Read panic, or take memory out of proportion to them (FuzzRead). A number that its
//     type's enumeration lacks is an error.
//
// # Differences from ECS
//
// AWS keeps ECS's state for its users, and does not publish how.
//
// # Example
//
// See the example of [New].
package frames

import (
	"errors"
	"fmt"
	"hash"
	"hash/fnv"
	"reflect"
)

// Format knows how values of some types are written.
type Format struct {
	shapes map[reflect.Type]*shape
	whole  map[reflect.Type]bool
	shared map[reflect.Type]bool
	known  map[reflect.Type]*[256]bool // the words of enumerations
}

// New returns a format. The given types are written by all their exported members, whatever JSON they have
// of their own.
func New(whole ...reflect.Type) *Format {
	f := &Format{shapes: map[reflect.Type]*shape{}, whole: map[reflect.Type]bool{},
		shared: map[reflect.Type]bool{}, known: map[reflect.Type]*[256]bool{}}
	for _, t := range whole {
		f.whole[t] = true
	}
	return f
}

// Share has a value of a type that has a JSON of its own written once where a frame has it several times in turn.
// Those that are read then share memory: nobody must change them. It is called before the first Write and Read.
func (f *Format) Share(t reflect.Type) { f.shared[t] = true }

// Write appends v, which is a value that New's caller made, to the frame that w holds.
func (f *Format) Write(w *Writer, v reflect.Value) { f.of(v.Type()).write(w, v) }

// Read reads what Write wrote of a value of the type of v, which can be set. The error says at which byte
// the frame is not such a value.
func (f *Format) Read(r *Reader, v reflect.Value) error {
	f.of(v.Type()).read(r, v)
	return r.err
}

// errShort is the error of a frame that ends too early.
var errShort = errors.New("frames: it ends too early")

// Writer is a frame that is being written. The zero value is an empty one.
type Writer struct {
	data    []byte
	texts   map[string]uint64
	instant int64                // the last
	last    map[reflect.Type]any // of types that are shared
}

// Again makes the Writer one of an empty frame with room for n bytes. The frame that it held stays as it is.
func (w *Writer) Again(n int) {
	clear(w.texts)
	clear(w.last)
	w.data, w.instant = make([]byte, 0, n), 0
}

// Bytes returns the frame so far. It belongs to the caller once the Writer is no longer used.
func (w *Writer) Bytes() []byte { return w.data }

// Reader reads a frame from its beginning.
type Reader struct {
	data    []byte
	at      int
	texts   []string
	instant int64
	last    map[reflect.Type]reflect.Value
	err     error
}

// NewReader returns the Reader of a frame. It keeps the bytes, which must not change.
func NewReader(data []byte) *Reader { return &Reader{data: data} }

// More reports whether something is left to be read.
func (r *Reader) More() bool { return r.err == nil && r.at < len(r.data) }

// Err returns what went wrong first, nil if nothing did.
func (r *Reader) Err() error { return r.err }

// Fail makes err what is wrong with the frame here, unless something was before.
func (r *Reader) Fail(err error) {
	if r.err == nil {
		r.err = fmt.Errorf("byte %d: %w", r.at, err)
	}
}

// Rest returns what is left, and leaves nothing.
func (r *Reader) Rest() []byte { return r.take(uint64(len(r.data) - r.at)) }

// End returns nil at the end of a frame, what went wrong before, or the error of one that goes on.
func (r *Reader) End() error {
	if r.More() {
		r.Fail(errors.New("frames: something is left"))
	}
	return r.err
}

// Form returns a number for how values of a type are written: types of the same number read each other's
// values. A member that comes, goes, or gets another name or type makes another number.
func (f *Format) Form(t reflect.Type) uint64 {
	sum := fnv.New64a()
	f.describe(sum, t, map[reflect.Type]int{})
	return sum.Sum64()
}

// describe writes what a type is made of; a type that was seen before by its number.
func (f *Format) describe(to hash.Hash, t reflect.Type, seen map[reflect.Type]int) {
	if n, ok := seen[t]; ok {
		_, _ = fmt.Fprint(to, " #", n) // a hash takes everything
		return
	}
	seen[t] = len(seen)
	_, _ = fmt.Fprint(to, " ", t.Kind(), " ", t.Name())
	if f.ownJSON(t) || f.ownText(t) && t.Kind() == reflect.Struct {
		return
	}
	switch t.Kind() {
	case reflect.Uint8:
		for n, word := range words(t) {
			_, _ = fmt.Fprint(to, " ", n, word)
		}
	case reflect.Array:
		_, _ = fmt.Fprint(to, " ", t.Len())
		f.describe(to, t.Elem(), seen)
	case reflect.Map:
		f.describe(to, t.Key(), seen)
		f.describe(to, t.Elem(), seen)
	case reflect.Slice, reflect.Pointer:
		f.describe(to, t.Elem(), seen)
	case reflect.Struct:
		for field := range f.members(t) {
			_, _ = fmt.Fprint(to, " ", field.Name, " ", field.Tag.Get("json"))
			f.describe(to, field.Type, seen)
		}
		_, _ = fmt.Fprint(to, " .")
	}
}
