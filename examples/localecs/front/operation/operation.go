// Package operation is what the packages of AWS's services share: an operation decodes its input and answers it in
// the world of a Region.
//
// # Start here
//
// A service has a package below front with one table of its operations, a [Table]. W is the world as that service
// needs it: [World] for one whose state the control plane has.
//
//	func Operations() operation.Table[operation.World] {
//		return operation.Table[operation.World]{
//			"DescribeRules": operation.Read(describeRules),
//			"CreateRule":    operation.Change(createRule),
//		}
//	}
package operation

import (
	"maps"
	"net/http"
	"reflect"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
)

// World is the world of a Region as most services need it. sim.World is one.
type World interface {
	Plane() *control.Plane
	Do(func(p *control.Plane, now time.Time) error) error
	Now() time.Time
}

// Operation is one action of a service in worlds of type W.
type Operation[W any] struct {
	// Input is the type of its input; nil for an action that is not modelled, whatever its input.
	Input reflect.Type
	// Decode decodes the input, which needs no lock. It returns the input and what answers it.
	Decode func(r *http.Request, body []byte) (in any, answer Call[W], err error)
}

// Call answers a decoded input. It is called with the lock of its world, and what it returns shares nothing with the
// world that may change.
type Call[W any] func(w W) (any, error)

// Table has operations by the names of their actions.
type Table[W any] map[string]Operation[W]

// Object is an answer by its members.
type Object map[string]any

// With returns an operation that answers a decoded input.
func With[In, W any](f func(w W, in In) (any, error)) Operation[W] {
	return From(func(_ *http.Request, in In) Call[W] {
		return func(w W) (any, error) { return f(w, in) }
	})
}

// From returns an operation that answers a decoded input and the request that it came with.
func From[In, W any](f func(r *http.Request, in In) Call[W]) Operation[W] {
	return Operation[W]{reflect.TypeFor[In](), func(r *http.Request, body []byte) (any, Call[W], error) {
		in, err := api.ParseInput[In](body)
		return in, f(r, in), err
	}}
}

// Read returns an operation that looks at the plane.
func Read[In, Out any](f func(p *control.Plane, in In) (Out, error)) Operation[World] {
	return With(func(w World, in In) (any, error) { return f(w.Plane(), in) })
}

// Change returns an operation that changes the plane.
func Change[In, Out any](f func(p *control.Plane, now time.Time, in In) (Out, error)) Operation[World] {
	return With(func(w World, in In) (any, error) {
		var out any
		err := w.Do(func(p *control.Plane, now time.Time) (err error) {
			out, err = f(p, now, in)
			return err
		})
		return out, err
	})
}

// Silent returns an operation that changes the plane and answers nothing.
func Silent[In any](f func(p *control.Plane, now time.Time, in In) error) Operation[World] {
	return Change(func(p *control.Plane, now time.Time, in In) (Object, error) { return Object{}, f(p, now, in) })
}

// Unmodelled returns operations that refuse their actions by name, with an error of the given code.
func Unmodelled[W any](code ecs.Code, names ...string) Table[W] {
	all := Table[W]{}
	for _, name := range names {
		all[name] = Operation[W]{Decode: func(*http.Request, []byte) (any, Call[W], error) {
			return nil, nil, ecs.Fault(code, "", name+" is not modelled here.")
		}}
	}
	return all
}

// Joined returns one table of all operations of the parts.
func Joined[W any](parts ...Table[W]) Table[W] {
	all := Table[W]{}
	for _, part := range parts {
		maps.Copy(all, part)
	}
	return all
}

// In returns the operations of a table for the worlds V, in which of finds W.
func In[V, W any](table Table[W], of func(V) W) Table[V] {
	all := Table[V]{}
	for name, op := range table { //order:any each by itself
		all[name] = Operation[V]{op.Input, func(r *http.Request, body []byte) (any, Call[V], error) {
			in, answer, err := op.Decode(r, body)
			return in, func(v V) (any, error) { return answer(of(v)) }, err
		}}
	}
	return all
}
