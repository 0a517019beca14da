package ecs

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/bayplan/bayplan/ecs/internal/codec"
)

// MaxTaskDefinitionSize is the largest task definition, in bytes of JSON without white space. Source: Amazon ECS
// Developer Guide, "Amazon ECS service quotas".
const MaxTaskDefinitionSize = 64 << 10

// maxDocumentSize is the largest text that is read at all: white space counts.
const maxDocumentSize = 1 << 20

// ParseTaskDefinition reads a task definition strictly, as RegisterTaskDefinition takes it. It returns
// the value, as far as it could be read, and an ErrorList with the path of each fault: a key that is
// unknown, in another case of letters or there twice; a key that only DescribeTaskDefinition prints; a
// value of a wrong type; a required number or truth value that is absent. Keys without a field are kept,
// and MarshalJSON writes them.
//
//   - null is absence.
//   - "256" for 256, or 256 for "256", is a fault, and the value is read.
//   - Of a key that is there twice, the last value counts.
//   - From what DescribeTaskDefinition prints, take the object inside "taskDefinition", and of that
//     [TaskDefinition.Input].
//
// Codes: SerializationException for broken JSON and wrong types, InvalidParameterException for keys,
// ClientException for a document above MaxTaskDefinitionSize. It does not read a text of more than 1 MiB.
//
// Parsing judges the form of a document, and Validate its content. It takes time linear in the document's
// length, and names at most 1,000 faults.
//
// Source: Amazon ECS API Reference, RegisterTaskDefinition.
func ParseTaskDefinition(data []byte) (TaskDefinition, error) {
	var d TaskDefinition
	if len(data) > maxDocumentSize {
		return d, ErrorList{tooLong(len(data))}
	}
	var all ErrorList
	for _, f := range document.Decode(data, true, &d) {
		all = append(all, Fault(Code(f.Code), f.Path, f.Message))
	}
	all = append(all, describeOnly(d)...)
	if len(data) > MaxTaskDefinitionSize {
		var b bytes.Buffer
		if json.Compact(&b, data) == nil && b.Len() > MaxTaskDefinitionSize {
			all = append(all, tooLong(b.Len()))
		}
	}
	return d, all.Err()
}

func tooLong(n int) *Error {
	return Fault(ClientException, "", fmt.Sprintf("Actual length: '%d'. Max allowed length is '%d' bytes.",
		n, MaxTaskDefinitionSize))
}

// describeOnly names the fields that ECS adds and that cannot be registered.
func describeOnly(d TaskDefinition) ErrorList {
	var l ErrorList
	_, added := d.Input()
	for _, key := range added {
		l = append(l, Fault(InvalidParameterException, key,
			"DescribeTaskDefinition prints "+key+", RegisterTaskDefinition does not take it."))
	}
	return l
}

// Input returns the definition as RegisterTaskDefinition takes it, without what ECS adds, and the keys
// that it left out. It shares memory with d.
func (d TaskDefinition) Input() (in TaskDefinition, added []string) {
	for _, f := range []struct {
		key     string
		present bool
	}{
		{"taskDefinitionArn", d.TaskDefinitionArn != ""},
		{"revision", d.Revision != 0},
		{"status", d.Status != ""},
		{"requiresAttributes", d.RequiresAttributes != nil},
		{"compatibilities", d.Compatibilities != nil},
		{"registeredAt", d.RegisteredAt != 0},
		{"registeredBy", d.RegisteredBy != ""},
		{"deregisteredAt", d.DeregisteredAt != 0},
		{"deleteRequestedAt", d.DeleteRequestedAt != 0},
	} {
		if f.present {
			added = append(added, f.key)
		}
	}
	d.TaskDefinitionArn, d.Revision, d.Status = "", 0, ""
	d.RequiresAttributes, d.Compatibilities = nil, nil
	d.RegisteredAt, d.RegisteredBy = 0, ""
	d.DeregisteredAt, d.DeleteRequestedAt = 0, 0
	return d, added
}

// UnmarshalJSON reads a task definition tolerantly: it keeps unknown keys, and returns wrong types as an
// ErrorList with their paths. It overwrites the whole receiver.
func (d *TaskDefinition) UnmarshalJSON(data []byte) error {
	*d = TaskDefinition{}
	if bytes.Equal(bytes.TrimSpace(data), []byte("null")) {
		return nil
	}
	var all ErrorList
	for _, f := range document.Decode(data, false, d) {
		all = append(all, Fault(Code(f.Code), f.Path, f.Message))
	}
	return all.Err()
}

// MarshalJSON writes the definition in AWS's spelling, the keys that have no field after those of their
// object.
func (d TaskDefinition) MarshalJSON() ([]byte, error) { return codec.Encode(d) }

// Clone returns a copy that shares no memory with d.
func (d TaskDefinition) Clone() TaskDefinition {
	codec.Detach(&d)
	return d
}
