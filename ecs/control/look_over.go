package control

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
)

// lookOver finds what no value of a state is, whatever it stands for: null in a list, a negative duration, and
// a word that is none of its enumeration's. What there is to find in a type it works out once, so that a state
// costs the values that may be wrong, and no more.
type lookOver struct {
	bad   complaint
	kinds map[reflect.Type]*kind
	trail []mark // where it is
}

// mark is one step of a path: a member, an index, or the key of a map.
type mark struct {
	member string
	index  int
	key    reflect.Value
}

// kind is what may be wrong in the values of a type.
type kind struct {
	look    func(l *lookOver, v reflect.Value) // nil: nothing
	members []membersKind                      // of a struct, those in which something may be
	elem    *kind                              // of a pointer, list or map
	known   map[string]bool                    // words of an enumeration that were found to be listed
}

type membersKind struct {
	index int
	name  string // "": embedded, its members are those of the struct
	kind  *kind
}

// under looks a value over that is not part of the one before.
func (l *lookOver) under(path string, v reflect.Value) {
	l.trail = append(l.trail[:0], mark{member: path})
	l.at(v)
	l.trail = l.trail[:0]
}

// at looks a value over.
func (l *lookOver) at(v reflect.Value) {
	if k := l.of(v.Type()); k.look != nil {
		k.look(l, v)
	}
}

func (l *lookOver) step(m mark, k *kind, v reflect.Value) {
	l.trail = append(l.trail, m)
	k.look(l, v)
	l.trail = l.trail[:len(l.trail)-1]
}

func (l *lookOver) complain(format string, args ...any) {
	var path strings.Builder
	for _, m := range l.trail {
		switch {
		case m.key.IsValid():
			fmt.Fprintf(&path, "[%q]", m.key)
		case m.member == "":
			path.WriteString("[" + strconv.Itoa(m.index) + "]")
		default:
			if path.Len() > 0 {
				path.WriteByte('.')
			}
			path.WriteString(m.member)
		}
	}
	l.bad(path.String(), format, args...)
}

// of returns what may be wrong in a type. One that contains itself is looked over as it comes.
func (l *lookOver) of(t reflect.Type) *kind {
	if k, ok := l.kinds[t]; ok {
		return k
	}
	if l.kinds == nil {
		l.kinds = map[reflect.Type]*kind{}
	}
	k := &kind{look: (*lookOver).at}
	l.kinds[t] = k
	k.look = l.compile(t, k)
	return k
}

func (l *lookOver) compile(t reflect.Type, k *kind) func(*lookOver, reflect.Value) {
	switch t.Kind() {
	case reflect.Pointer:
		if k.elem = l.of(t.Elem()); k.elem.look != nil {
			return k.pointer
		}
	case reflect.Interface:
		return dynamic
	case reflect.Struct:
		for i := range t.NumField() {
			if f := t.Field(i); f.IsExported() {
				if of := l.of(f.Type); of.look != nil {
					k.members = append(k.members, membersKind{i, memberName(f), of})
				}
			}
		}
		if len(k.members) > 0 {
			return k.structure
		}
	case reflect.Slice, reflect.Array:
		if k.elem = l.of(t.Elem()); k.elem.look != nil || t.Elem().Kind() == reflect.Pointer {
			return k.list
		}
	case reflect.Map:
		if k.elem = l.of(t.Elem()); k.elem.look != nil {
			return k.table
		}
	case reflect.Int64:
		if t == reflect.TypeFor[time.Duration]() {
			return duration
		}
	case reflect.String:
		if t.Implements(reflect.TypeFor[interface{ Valid() bool }]()) {
			return identifier
		}
		if ecs.Unlisted(reflect.Zero(t).Interface(), "none of any") {
			k.known = map[string]bool{}
			return k.word
		}
	}
	return nil
}

// memberName is how a path names a struct's member; an embedded one has no name.
func memberName(f reflect.StructField) string {
	if f.Anonymous {
		return ""
	}
	if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" {
		return name
	}
	return f.Name
}

func (k *kind) pointer(l *lookOver, v reflect.Value) {
	if !v.IsNil() {
		k.elem.look(l, v.Elem())
	}
}

func dynamic(l *lookOver, v reflect.Value) {
	if !v.IsNil() {
		l.at(v.Elem())
	}
}

func (k *kind) structure(l *lookOver, v reflect.Value) {
	for i := range k.members {
		m := &k.members[i]
		if m.name == "" {
			m.kind.look(l, v.Field(m.index))
		} else {
			l.step(mark{member: m.name}, m.kind, v.Field(m.index))
		}
	}
}

func (k *kind) list(l *lookOver, v reflect.Value) {
	for i := range v.Len() {
		e := v.Index(i)
		switch {
		case e.Kind() == reflect.Pointer && e.IsNil():
			l.trail = append(l.trail, mark{index: i})
			l.complain("it is null.")
			l.trail = l.trail[:len(l.trail)-1]
		case k.elem.look != nil:
			l.step(mark{index: i}, k.elem, e)
		}
	}
}

func (k *kind) table(l *lookOver, v reflect.Value) {
	for it := v.MapRange(); it.Next(); { //order:any the faults are sorted
		l.step(mark{key: it.Key()}, k.elem, it.Value())
	}
}

func duration(l *lookOver, v reflect.Value) {
	if d := time.Duration(v.Int()); d < 0 {
		l.complain("%v is negative.", d)
	}
}

func identifier(l *lookOver, v reflect.Value) {
	if v.Len() == 0 {
		return
	}
	if v.CanAddr() { // no copy
		v = v.Addr()
	}
	if id := v.Interface().(interface{ Valid() bool }); !id.Valid() {
		l.complain("%q is not a %s.", reflect.Indirect(v), reflect.Indirect(v).Type().Name())
	}
}

func (k *kind) word(l *lookOver, v reflect.Value) {
	text := v.String()
	if text == "" || k.known[text] {
		return
	}
	if ecs.Unlisted(v.Interface(), text) {
		l.complain("%q is not a %s.", v, v.Type().Name())
		return
	}
	k.known[text] = true
}
