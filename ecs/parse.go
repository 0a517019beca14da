package ecs

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/bayplan/bayplan/ecs/internal/codec"
)

// The sizes of a task definition's document.
const (
	// MaxTaskDefinitionSize is the largest task definition, in bytes of JSON without
	// white space. Source: Amazon ECS Developer Guide, "Amazon ECS service quotas".
	MaxTaskDefinitionSize = 64 << 10
	// maxDocumentSize is the largest text that is read at all: white space counts.
	maxDocumentSize = 1 << 20
)

// ParseTaskDefinition reads a task definition as RegisterTaskDefinition takes it, strictly:
// every key that is unknown, written in another case or there twice, every key that only
// DescribeTaskDefinition prints, every value of a wrong type, and a required number or truth
// value that is not there is a fault with its path.
// The value comes back all the same, complete but for what could not be read, together with
// an ErrorList; keys without a field are kept and written back by MarshalJSON.
//
//   - null is absence.
//   - "256" where 256 belongs, or 256 for "256", is a fault, and is read as what it means.
//   - Of a key that is there twice, the last value counts.
//   - A key in another case is not taken for the right one.
//   - What DescribeTaskDefinition prints is refused, and the fault says so: the object inside of
//     "taskDefinition", without what [TaskDefinition.Input] leaves out, is what can be registered.
//
// Codes: SerializationException for broken JSON (the value so far is returned) and wrong
// types, InvalidParameterException for keys, ClientException for a document that is longer
// than MaxTaskDefinitionSize. A text of more than 1 MiB is refused unread.
//
// Parsing judges the document's form; Validate judges what it says. It takes time linear
// in the document's length, and names at most 1,000 faults.
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
	return Fault(ClientException, "", fmt.Sprintf("Actual length: '%d'. Max allowed length is '%d' bytes.", n, MaxTaskDefinitionSize))
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

// Input returns the task definition without what ECS adds on registration, as
// RegisterTaskDefinition takes it, and the keys of what it had of that. It shares memory with d.
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
	d.TaskDefinitionArn, d.Revision, d.Status, d.RequiresAttributes, d.Compatibilities = "", 0, "", nil, nil
	d.RegisteredAt, d.RegisteredBy, d.DeregisteredAt, d.DeleteRequestedAt = 0, "", 0, 0
	return d, added
}

// UnmarshalJSON reads a task definition tolerantly, as the service and DescribeTaskDefinition
// have it: unknown keys are no faults, and are kept. Wrong types still are, with their path.
// The receiver is overwritten whole.
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

// MarshalJSON writes the task definition in AWS's spelling; keys that were read without
// having a field follow their object's own.
func (d TaskDefinition) MarshalJSON() ([]byte, error) { return codec.Encode(d) }

// Clone returns a copy that shares no memory with d.
func (d TaskDefinition) Clone() TaskDefinition {
	codec.Detach(&d)
	return d
}
