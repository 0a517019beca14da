package ecs

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// ParseInput reads the input of an action, as the body of a request has it, strictly: a member
// takes effect, or is kept and shown, or is refused by its name. InputMembers lists which.
//
//   - A member that AWS's model has and this library does not model is a fault,
//     UnsupportedFeatureException.
//   - A member that AWS's model does not have is a fault, InvalidParameterException: a key in
//     another case of letters, and a key that is there twice, too. Amazon ECS ignores the first
//     kind; AWS's own clients refuse it before they call.
//   - null is absence.
//
// Codes beside those: SerializationException for broken JSON and wrong types. All faults come
// at once, in an ErrorList, with their paths. The value comes back all the same, as far as it
// could be read.
//
// A TaskDefinition is read by ParseTaskDefinition. ParseInput judges the document's form; the
// input's Validate judges what it says. It takes time linear in the document's length.
func ParseInput[In any](data []byte) (In, error) {
	var in In
	if d, ok := any(&in).(*TaskDefinition); ok {
		var err error
		*d, err = ParseTaskDefinition(data)
		return in, err
	}
	var all ErrorList
	for e := range Errors(decode(data, true, func(d *decoder) { d.shape(reflect.TypeFor[In]()) })) {
		all = append(all, e)
	}
	if err := json.Unmarshal(data, &in); err != nil && !errors.Is(all.Err(), SerializationException) {
		all = append(all, Fault(SerializationException, "", misread(err)))
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

// InputMembers returns the members of an input, a structure, in the order of its type, each
// before those that it holds. Of a kept member that is not a structure here, what it holds in
// AWS's model is kept with it.
//
// The table is written into the types: a field with the tag kept is kept, as is one of the type
// json.RawMessage, and the tag unmodelled of a blank field names the members that are refused.
func InputMembers(t reflect.Type) []InputMember { return appendMembers(nil, "", FateModelled, t) }

func appendMembers(list []InputMember, path string, fate Fate, t reflect.Type) []InputMember {
	for _, name := range unmodelled(t) {
		list = append(list, InputMember{path + name, FateRefused})
	}
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous && f.Type.Kind() == reflect.Struct {
			list = appendMembers(list, path, fate, f.Type)
		}
		if name == "" {
			continue
		}
		own := fate
		if _, kept := f.Tag.Lookup("kept"); kept || f.Type == reflect.TypeFor[json.RawMessage]() {
			own = FateKept
		}
		list = append(list, InputMember{path + name, own})
		if inner, many := memberType(f.Type); inner != nil && many {
			list = appendMembers(list, path+name+"[].", own, inner)
		} else if inner != nil {
			list = appendMembers(list, path+name+".", own, inner)
		}
	}
	return list
}

// unmodelled returns the members of AWS's model that a structure refuses by name, in the order
// in which its type lists them.
func unmodelled(t reflect.Type) []string {
	var names []string
	for i := range t.NumField() {
		if list := t.Field(i).Tag.Get("unmodelled"); list != "" {
			names = append(names, strings.Split(list, ",")...)
		}
	}
	return names
}

// shape walks the members of a structure by their names alone: it reads no value, and finds what
// encoding/json would pass over.
func (d *decoder) shape(structure reflect.Type) {
	d.members(structure, nil, func(key string) bool {
		t, ok := memberOf(structure, key)
		if ok {
			d.shaped(t)
		}
		return ok
	})
}

// memberOf returns the type of a structure's member.
func memberOf(t reflect.Type, key string) (reflect.Type, bool) {
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous && f.Type.Kind() == reflect.Struct {
			if found, ok := memberOf(f.Type, key); ok {
				return found, true
			}
		}
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name == key && key != "" {
			return f.Type, true
		}
	}
	return nil, false
}

// shaped walks one value of a type.
func (d *decoder) shaped(t reflect.Type) {
	t, list := memberType(t)
	token := d.next()
	switch {
	case t == nil:
		d.skip(token)
	case list && token == json.Delim('['):
		d.shapedItems(t)
	case !list && token == json.Delim('{'):
		d.shape(t)
	default:
		d.skip(token)
	}
}

// shapedItems walks the items of a list whose bracket is behind us.
func (d *decoder) shapedItems(t reflect.Type) {
	at := len(d.path)
	d.path = append(d.path, step{})
	for i := 0; d.more(); i++ {
		d.path[at].index = i + 1
		d.shaped(t)
	}
	d.path = d.path[:at]
	d.next()
}

// memberType returns the structure that a member holds, itself or as a list; nil where it
// holds none.
func memberType(t reflect.Type) (structure reflect.Type, list bool) {
	for {
		if o, ok := reflect.Zero(t).Interface().(interface{ holds() reflect.Type }); ok {
			t = o.holds()
			continue
		}
		switch {
		case t.Kind() == reflect.Pointer:
			t = t.Elem()
		case t.Kind() == reflect.Slice && !list:
			t, list = t.Elem(), true
		case t.Kind() == reflect.Struct && len(keysOf(t)) > 0: // one that reads itself has the same keys
			return t, list
		default:
			return nil, list
		}
	}
}
