// Package definition reads task definitions for the programs of this directory: files as people
// keep them, in the form of register-task-definition or as describe-task-definition prints them.
// It says what it left out, and lists every fault, of the form and of what the document says.
package definition

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
)

// Read returns a task definition as RegisterTaskDefinition takes it, with what it left out of what
// DescribeTaskDefinition prints, as a sentence ("" if nothing), and every fault: those of the form,
// and where the document could be read at all, those that Validate adds. No fault is named twice.
func Read(document []byte) (d ecs.TaskDefinition, left string, err error) {
	document, tags, wrapped := unwrap(document)
	d, err = ecs.ParseTaskDefinition(document)
	d, added := d.Input()
	var faults ecs.ErrorList
	for e := range ecs.Errors(err) {
		if !slices.Contains(added, e.Field) {
			faults = append(faults, e)
		}
	}
	if d.Tags == nil && len(tags) > 0 {
		d.Tags = tags
	}
	if wrapped || len(added) > 0 {
		left = dropped(wrapped, added)
	}
	if len(faults) > 0 && !legible(document, d) {
		return d, left, faults.Err()
	}
	form := len(faults)
	for e := range ecs.Errors(d.Validate()) {
		known := func(f *ecs.Error) bool { return within(e.Field, f.Field) }
		if !slices.ContainsFunc(faults[:form], known) {
			faults = append(faults, e)
		}
	}
	return d, left, faults.Err()
}

// within reports whether a path is that of the outer one or of something inside.
func within(path, outer string) bool {
	rest, ok := strings.CutPrefix(path, outer)
	return ok && outer != "" && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// unwrap returns what is inside of {"taskDefinition": …}, with the tags next to it.
func unwrap(document []byte) (inside []byte, tags []ecs.Tag, wrapped bool) {
	var out struct {
		TaskDefinition json.RawMessage `json:"taskDefinition"`
		Tags           []ecs.Tag       `json:"tags"`
		Containers     json.RawMessage `json:"containerDefinitions"`
	}
	err := json.Unmarshal(document, &out)
	if err != nil || !bytes.HasPrefix(out.TaskDefinition, []byte("{")) || out.Containers != nil {
		return document, nil, false
	}
	return out.TaskDefinition, out.Tags, true
}

// legible reports whether the document is an object that was read to its end: of any other
// Validate would only say that everything is missing.
func legible(document []byte, d ecs.TaskDefinition) bool {
	return json.Valid(document) && bytes.HasPrefix(bytes.TrimSpace(document), []byte("{")) &&
		!reflect.DeepEqual(d, ecs.TaskDefinition{})
}

func dropped(wrapped bool, added []string) string {
	what := strings.Join(added, ", ")
	switch {
	case wrapped && len(added) > 0:
		what = `the object around "taskDefinition", and ` + what
	case wrapped:
		what = `the object around "taskDefinition"`
	}
	return "describe-task-definition printed this; left out: " + what
}

// Names joins what a definition is compatible with, for people.
func Names(list []ecs.Compatibility) string {
	names := make([]string, len(list))
	for i, c := range list {
		names[i] = string(c)
	}
	return strings.Join(names, ", ")
}

// Fault is one line of a list of faults: where, and what.
type Fault struct{ Field, Text string }

// List returns the faults of an error for people, and how many they are in words.
func List(err error) (faults []Fault, count string) {
	for e := range ecs.Errors(err) {
		field := e.Field
		if field == "" {
			field = "(document)"
		}
		faults = append(faults, Fault{field, string(e.Code) + ": " + e.Message})
	}
	if len(faults) == 1 {
		return faults, "1 fault"
	}
	return faults, fmt.Sprintf("%d faults", len(faults))
}
