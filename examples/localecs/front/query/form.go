// Package query speaks the AWS query protocol: requests are HTML forms, answers are XML. Elastic Load
// Balancing, EC2 Auto Scaling and STS speak it.
//
// A request is read by the type of its input: Document turns
//
//	Action=CreateTargetGroup&Version=2015-12-01&Name=web&Port=80&Tags.member.1.Key=team&Tags.member.1.Value=blue
//
// into the JSON {"Name":"web","Port":80,"Tags":[{"Key":"team","Value":"blue"}]}, which the JSON reader
// then checks: it refuses by name each member that the input does not have.
//
// Source: AWS documentation, "Making Query requests"; Smithy 2.0, "AWS query protocol".
package query

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
)

// ValidationError is the code of a refused request.
const ValidationError ecs.Code = "ValidationError"

// maxDepth is how many names a key of a form may have.
const maxDepth = 32

// common reports whether a key of a form is for all actions, and not a member of the input.
func common(key string) bool {
	switch key {
	case "Action", "Version", "AWSAccessKeyId", "Signature", "SignatureMethod", "SignatureVersion", "Timestamp",
		"Expires", "SecurityToken":
		return true
	}
	return false
}

// Form reads the body of a request. It fails with a ValidationError for a body that is not a form, and
// for a key that occurs twice.
func Form(body string) (url.Values, error) {
	form, err := url.ParseQuery(body)
	if err != nil {
		return nil, ecs.Fault(ValidationError, "", "The body is not a form: "+err.Error()+".")
	}
	var f check.Faults
	for _, key := range slices.Sorted(maps.Keys(form)) {
		if len(form[key]) > 1 {
			f.Refuse(check.Shortened(key), "%s is there %d times.", key, len(form[key]))
		}
	}
	return form, ecs.Faults(ValidationError, f.Pairs())
}

// Document returns the input of a form as JSON, by the input's type. Indices of lists order their items;
// a large index takes no memory. The error lists all faults, as ValidationError, with the path of each.
func Document(form url.Values, input reflect.Type) ([]byte, error) {
	w := writer{}
	root := &node{}
	for _, key := range slices.Sorted(maps.Keys(form)) {
		if common(key) {
			continue
		}
		parts := strings.Split(key, ".")
		if len(parts) > maxDepth {
			w.Refuse(check.Shortened(key), "A key has at most %d names; this one has %d.", maxDepth, len(parts))
			continue
		}
		if !root.put(parts, form[key][0]) {
			w.Refuse(check.Shortened(key), "%s is a value, and has members as well.", key)
		}
	}
	w.write(root, input, "")
	if !w.None() {
		return nil, ecs.Faults(ValidationError, w.Pairs())
	}
	return w.out.Bytes(), nil
}

// node is what stands under a part of a key.
type node struct {
	value    string
	given    bool
	children map[string]*node
}

// put keeps a value under a key; false: a value is there already, or the key goes on behind a value.
func (n *node) put(parts []string, value string) bool {
	if n.given {
		return false
	}
	if len(parts) == 0 {
		n.value, n.given = value, true
		return n.children == nil
	}
	child := n.children[parts[0]]
	if child == nil {
		if n.children == nil {
			n.children = map[string]*node{}
		}
		child = &node{}
		n.children[parts[0]] = child
	}
	return child.put(parts[1:], value)
}

// writer writes JSON and gathers faults.
type writer struct {
	check.Faults
	out bytes.Buffer
}

// write writes a node as a value of a type; nil: a type that is not known.
func (w *writer) write(n *node, t reflect.Type, at string) {
	for t != nil && (t.Kind() == reflect.Pointer || strings.HasPrefix(t.Name(), "Opt[")) {
		if t.Kind() == reflect.Pointer {
			t = t.Elem()
		} else {
			t = t.Field(0).Type
		}
	}
	switch {
	case t == nil && n.given:
		w.text(n.value)
	case t == nil:
		w.structure(n, nil, at)
	case t == reflect.TypeFor[ecs.Instant]():
		if w.scalar(n, at) {
			w.instant(n.value, at)
		}
	default:
		w.writeKind(n, t, at)
	}
}

func (w *writer) writeKind(n *node, t reflect.Type, at string) {
	switch t.Kind() {
	case reflect.Slice:
		w.list(n, t.Elem(), at)
	case reflect.Map:
		w.table(n, t.Elem(), at)
	case reflect.Struct:
		if n.given {
			w.Refuse(at, "This is a structure.")
			return
		}
		w.structure(n, t, at)
	case reflect.Bool:
		if w.scalar(n, at) {
			if n.value != "true" && n.value != "false" {
				w.Refuse(at, "The value is true or false; this is %q.", check.Shortened(n.value))
			}
			w.out.WriteString(n.value)
		}
	case reflect.Int, reflect.Int32, reflect.Int64:
		if w.scalar(n, at) {
			if _, err := strconv.ParseInt(n.value, 10, 64); err != nil || n.value[0] == '+' {
				w.Refuse(at, "The value is a whole number; this is %q.", check.Shortened(n.value))
			}
			w.number(n.value)
		}
	case reflect.Float32, reflect.Float64:
		if w.scalar(n, at) {
			if !json.Valid([]byte(n.value)) || !check.IsDigit(n.value[len(n.value)-1]) {
				w.Refuse(at, "The value is a number; this is %q.", check.Shortened(n.value))
			}
			w.out.WriteString(n.value)
		}
	default:
		if w.scalar(n, at) {
			w.text(n.value)
		}
	}
}

// number writes a whole number as JSON wants it, without zeros before it.
func (w *writer) number(s string) {
	n, _ := strconv.ParseInt(s, 10, 64) // what is none is refused
	w.out.WriteString(strconv.FormatInt(n, 10))
}

// scalar refuses members of a value that has none.
func (w *writer) scalar(n *node, at string) bool {
	if !n.given {
		w.Refuse(at, "This is one value, and not a structure or a list.")
	}
	return n.given
}

func (w *writer) text(s string) {
	data, err := json.Marshal(s)
	if err != nil {
		data = []byte(`""`) // a text is always JSON
	}
	w.out.Write(data)
}

// instant writes a time, which a form has in the form of ISO 8601, or in seconds since 1970.
func (w *writer) instant(s, at string) {
	var i ecs.Instant
	for _, form := range []string{`"` + s + `"`, s} {
		if json.Valid([]byte(form)) && i.UnmarshalJSON([]byte(form)) == nil {
			w.out.WriteString(form)
			return
		}
	}
	w.Refuse(at, "The value is a time such as 2026-12-01T08:00:00Z; this is %q.", check.Shortened(s))
}

// structure writes the members of a structure.
func (w *writer) structure(n *node, t reflect.Type, at string) {
	types := membersOf(t)
	w.out.WriteByte('{')
	for i, name := range slices.Sorted(maps.Keys(n.children)) {
		if i > 0 {
			w.out.WriteByte(',')
		}
		w.text(name)
		w.out.WriteByte(':')
		w.write(n.children[name], types[name], check.Under(at, name))
	}
	w.out.WriteByte('}')
}

// membersOf returns the types of a structure's members by their names.
func membersOf(t reflect.Type) map[string]reflect.Type {
	types := map[string]reflect.Type{}
	if t == nil {
		return types
	}
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.IsExported() && name != "" && name != "-" {
			types[name] = f.Type
		}
	}
	return types
}

// items returns the items of a list in the order of their indices.
func (w *writer) items(n *node, word, at string) (list []*node) {
	if n.given {
		if n.value != "" {
			w.Refuse(at, "The items of a list are %s.%s.1 and so on.", check.LastKey(at), word)
		}
		return nil
	}
	under := n.children[word]
	if under == nil || len(n.children) > 1 || under.given {
		w.Refuse(at, "The items of a list are %s.%s.1 and so on.", check.LastKey(at), word)
		return nil
	}
	keys := slices.Collect(maps.Keys(under.children))
	for _, key := range slices.Sorted(slices.Values(keys)) {
		if len(key) > 9 || key == "" || key[0] == '0' || strings.Trim(key, "0123456789") != "" {
			w.Refuse(at, "The index of an item is a number from 1 to 999999999; this is %q.", check.Shortened(key))
			return nil
		}
	}
	slices.SortFunc(keys, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) })
	for _, key := range keys {
		list = append(list, under.children[key])
	}
	return list
}

// list writes a list: Names.member.1=a. Names= is an empty one.
func (w *writer) list(n *node, item reflect.Type, at string) {
	w.out.WriteByte('[')
	for i, one := range w.items(n, "member", at) {
		if i > 0 {
			w.out.WriteByte(',')
		}
		w.write(one, item, check.Index(at, i))
	}
	w.out.WriteByte(']')
}

// table writes a map: X.entry.1.key=a&X.entry.1.value=b.
func (w *writer) table(n *node, value reflect.Type, at string) {
	w.out.WriteByte('{')
	for i, entry := range w.items(n, "entry", at) {
		key, of := entry.children["key"], entry.children["value"]
		if key == nil || of == nil || !key.given || len(entry.children) > 2 {
			w.Refuse(check.Index(at, i), "An entry of a map has a key and a value.")
			continue
		}
		if i > 0 {
			w.out.WriteByte(',')
		}
		w.text(key.value)
		w.out.WriteByte(':')
		w.write(of, value, fmt.Sprintf("%s[%q]", at, check.Shortened(key.value)))
	}
	w.out.WriteByte('}')
}
