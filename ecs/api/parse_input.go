package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/internal/codec"
)

// ParseInput reads the body of a request strictly: it names each member that would have no effect.
// InputMembers lists what becomes of each member. null is absence.
//
// Errors, all at once, as an ecs.ErrorList with paths: UnsupportedFeatureException for a member that AWS's
// model has and this library does not model; InvalidParameterException for a member that AWS's model does
// not have, for a key in another case of letters, and for a key that is there twice;
// SerializationException for broken JSON and for values of a wrong type. The value is returned with the
// errors, as far as it could be read.
//
// A TaskDefinition is read by ecs.ParseTaskDefinition. ParseInput judges the form of the document, and the
// input's Validate judges its content. It takes time linear in the document's length.
func ParseInput[In any](data []byte) (In, error) {
	var in In
	if d, ok := any(&in).(*ecs.TaskDefinition); ok {
		var err error
		*d, err = ecs.ParseTaskDefinition(data)
		return in, err
	}
	var all ecs.ErrorList
	for _, f := range codec.Shape(data, reflect.TypeFor[In]()) {
		all = append(all, ecs.Fault(ecs.Code(f.Code), f.Path, f.Message))
	}
	if err := json.Unmarshal(data, &in); err != nil && !errors.Is(all.Err(), ecs.SerializationException) {
		all = append(all, ecs.Fault(ecs.SerializationException, "", misread(err)))
	}
	return in, all.Err()
}

// misread is the sentence for an error of encoding/json.
func misread(err error) string {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return fmt.Sprintf("%s is a %s where %s belongs.", wrong.Field, wrong.Value, wrong.Type)
	}
	return err.Error()
}

// Fate is what becomes of a member of an input.
type Fate string

// The fates.
const (
	FateModelled Fate = "modelled" // it takes effect
	FateKept     Fate = "kept"     // it is shown as it was given, and has no other effect
	FateRefused  Fate = "refused"  // by its name, with UnsupportedFeatureException
)

// InputMember is a member of an action's input.
type InputMember struct {
	Path string // "overrides.containerOverrides[].name"
	Fate Fate
}

// InputMembers returns the members of an input, a structure, in the order of its type, each before those
// inside it. Where a kept member is not a structure here, everything inside it is kept with it.
//
// The types say what becomes of a member: a field with the tag kept or of the type json.RawMessage is
// kept, and the tag unmodelled of a blank field names the members that are refused.
func InputMembers(t reflect.Type) []InputMember { return appendMembers(nil, "", FateModelled, t) }

func appendMembers(list []InputMember, path string, fate Fate, t reflect.Type) []InputMember {
	for _, name := range codec.Unmodelled(t) {
		list = append(list, InputMember{path + name, FateRefused})
	}
	return appendFields(list, path, fate, t)
}

// appendFields adds the members that a structure has, and those of the structures that are embedded in it.
func appendFields(list []InputMember, path string, fate Fate, t reflect.Type) []InputMember {
	for i := range t.NumField() {
		f := t.Field(i)
		name := codec.Key(f)
		if f.Anonymous && f.Type.Kind() == reflect.Struct {
			list = appendFields(list, path, fate, f.Type)
		}
		if name == "" {
			continue
		}
		own := fate
		if _, kept := f.Tag.Lookup("kept"); kept || f.Type == reflect.TypeFor[json.RawMessage]() {
			own = FateKept
		}
		list = append(list, InputMember{path + name, own})
		if inner, many := codec.Member(f.Type); inner != nil && many {
			list = appendMembers(list, path+name+"[].", own, inner)
		} else if inner != nil {
			list = appendMembers(list, path+name+".", own, inner)
		}
	}
	return list
}
