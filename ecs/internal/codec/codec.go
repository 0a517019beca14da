// Package codec reads and writes JSON objects by the tags of Go structures, and says what is wrong with
// a document: each fault with its path. It is below package ecs, so it knows no error type and no
// task definition; ecs and ecs/api make their errors of its faults.
//
// Besides json, these tags mean something:
//
//   - required: the member must be there; it is of a type whose value does not show its absence.
//   - optional, of a structure's first field: the structure is that value, or nothing.
//   - unmodelled, of a blank field: the members of AWS's model that are refused by name.
//
// A structure that keeps what does not fit it has a field extra, itself a structure of one text.
package codec

import "reflect"

// The codes of faults, as AWS calls them.
const (
	Serialization      = "SerializationException"
	InvalidParameter   = "InvalidParameterException"
	UnsupportedFeature = "UnsupportedFeatureException"
)

// Fault is what is wrong at one place of a document.
type Fault struct{ Code, Path, Message string }

// Hooks are what tags cannot say of the structures of a document.
type Hooks struct {
	// Optional reads a value into a structure that may hold none. dst points to the structure.
	Optional func(d *Decoder, dst any)
	// Keep gives a structure the members that do not fit it, separated by commas. dst points to the
	// structure.
	Keep func(dst any, members string)
	// Hint returns the sentence for a member that the document does not have, or "" for the usual one.
	Hint func(key string) string
}

// Schema is a structure and all that it holds, read from their tags once.
type Schema struct {
	root   reflect.Type
	fields map[reflect.Type]*fields
	hooks  Hooks
}

// NewSchema returns the schema of T, a structure.
func NewSchema[T any](hooks Hooks) Schema {
	root := reflect.TypeFor[T]()
	return Schema{root: root, fields: fieldsWithin(root, map[reflect.Type]*fields{}), hooks: hooks}
}

// Decode reads a document into what dst points to, of the schema's type, as far as it can be read, and
// returns what is wrong, in the order of the document and at most check.Most faults. A strict reader also
// names keys that are unknown, miscased or there twice, and those that are required and absent.
func (s Schema) Decode(data []byte, strict bool, dst any) []Fault {
	return decode(s, data, strict, func(d *Decoder) { d.object(reflect.ValueOf(dst).Elem()) })
}
