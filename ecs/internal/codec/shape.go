package codec

import (
	"encoding/json"
	"reflect"
)

// Shape returns what encoding/json would pass over in a document for a structure: members that the
// structure does not have, in another case of letters too, those that it refuses by name, and those
// that are there twice. It reads no value.
func Shape(data []byte, structure reflect.Type) []Fault {
	return decode(Schema{}, data, true, func(d *Decoder) { d.shape(structure) })
}

// shape walks the members of a structure by their names alone: it reads no value, and finds what
// encoding/json would pass over.
func (d *Decoder) shape(structure reflect.Type) {
	d.members(structure, nil, func(key string) bool {
		t, ok := memberOf(structure, key)
		if ok {
			d.shaped(t)
		}
		return ok
	})
}

// shaped walks one value of a type.
func (d *Decoder) shaped(t reflect.Type) {
	t, list := Member(t)
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

// shapedItems walks the items of a list whose bracket was read.
func (d *Decoder) shapedItems(t reflect.Type) {
	at := len(d.path)
	d.path = append(d.path, step{})
	for i := 0; d.more(); i++ {
		d.path[at].index = i + 1
		d.shaped(t)
	}
	d.path = d.path[:at]
	d.next()
}
