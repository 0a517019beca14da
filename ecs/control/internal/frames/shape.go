package frames

import (
	"cmp"
	"encoding"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"math"
	"reflect"
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
)

// shape is how values of a type are written and read.
type shape struct {
	write func(*Writer, reflect.Value)
	read  func(*Reader, reflect.Value) // into a value that is zero
}

// of returns the shape of a type. A type without one is a mistake of the program: it panics.
func (f *Format) of(t reflect.Type) *shape {
	if s, ok := f.shapes[t]; ok {
		return s
	}
	s := &shape{}
	f.shapes[t] = s // before its parts: types may hold themselves
	*s = f.made(t)
	return s
}

func (f *Format) made(t reflect.Type) shape {
	ownJSON, ownText := f.ownJSON(t), f.ownText(t)
	switch kind := t.Kind(); kind {
	case reflect.Bool:
		return shape{writeBool, readBool}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		if t == reflect.TypeFor[ecs.Instant]() {
			return shape{writeInstant, readInstant}
		}
		return shape{writeInt, readInt}
	case reflect.Uint8:
		if ownText {
			return f.enumeration(t)
		}
		return shape{writeUint, readUint}
	case reflect.Uint, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return shape{writeUint, readUint}
	case reflect.Float64:
		return shape{writeFloat, readFloat}
	case reflect.String:
		return shape{
			func(w *Writer, v reflect.Value) { w.Text(v.String()) },
			func(r *Reader, v reflect.Value) { v.SetString(r.Text()) },
		}
	case reflect.Pointer:
		return f.pointer(t)
	case reflect.Array:
		return f.array(t)
	case reflect.Slice:
		if !ownJSON {
			return f.slice(t)
		}
	case reflect.Struct:
		if !ownJSON && !ownText {
			return f.structure(t)
		}
	case reflect.Map:
		if !ownJSON && t.Key().Kind() == reflect.String {
			return f.mapping(t)
		}
	}
	if !ownJSON && !ownText {
		panic(fmt.Sprintf("frames: values of %s cannot be written", t))
	}
	if f.shared[t] {
		return shape{writeShared, readShared}
	}
	return shape{writeJSON, readJSON}
}

func (f *Format) ownJSON(t reflect.Type) bool {
	return !f.whole[t] && reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]())
}

func (f *Format) ownText(t reflect.Type) bool {
	return !f.whole[t] && reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

func writeBool(w *Writer, v reflect.Value) {
	if v.Bool() {
		w.Uint(1)
	} else {
		w.Uint(0)
	}
}

func readBool(r *Reader, v reflect.Value)     { v.SetBool(r.Uint() != 0) }
func writeInt(w *Writer, v reflect.Value)     { w.int(v.Int()) }
func writeUint(w *Writer, v reflect.Value)    { w.Uint(v.Uint()) }
func writeInstant(w *Writer, v reflect.Value) { w.Instant(ecs.Instant(v.Int())) }

// errNumber is the error of a number that its type does not have.
var errNumber = errors.New("frames: a number is not one of its type")

func readInt(r *Reader, v reflect.Value) {
	n := r.int()
	if v.OverflowInt(n) {
		r.Fail(errNumber)
		return
	}
	v.SetInt(n)
}

func readUint(r *Reader, v reflect.Value) {
	n := r.Uint()
	if v.OverflowUint(n) {
		r.Fail(errNumber)
		return
	}
	v.SetUint(n)
}

func readInstant(r *Reader, v reflect.Value) {
	v.SetInt(int64(r.Instant()))
}

func writeFloat(w *Writer, v reflect.Value) {
	w.data = binary.LittleEndian.AppendUint64(w.data, math.Float64bits(v.Float()))
}

func readFloat(r *Reader, v reflect.Value) {
	if taken := r.take(8); taken != nil {
		n := math.Float64frombits(binary.LittleEndian.Uint64(taken))
		if math.IsNaN(n) || math.IsInf(n, 0) {
			r.Fail(errNumber) // JSON has none either
			return
		}
		v.SetFloat(n)
	}
}

// enumeration is the shape of bytes that stand for words: others than these are refused.
func (f *Format) enumeration(t reflect.Type) shape {
	known := f.Words(t)
	return shape{writeUint, func(r *Reader, v reflect.Value) { v.SetUint(uint64(r.Word(known))) }}
}

// Words says which bytes stand for words of an enumeration.
func (f *Format) Words(t reflect.Type) *[256]bool {
	known, ok := f.known[t]
	if !ok {
		known = &[256]bool{}
		for n := range words(t) {
			known[n] = true
		}
		f.known[t] = known
	}
	return known
}

// Word reads a number that stands for a word of an enumeration, of which Words knows.
func (r *Reader) Word(known *[256]bool) byte {
	n := r.Uint()
	if n >= uint64(len(known)) || !known[n] {
		r.Fail(errNumber)
		return 0
	}
	return byte(n)
}

// words yields the words of an enumeration and the bytes that stand for them.
func words(t reflect.Type) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		for n := range 256 {
			v := reflect.New(t).Elem()
			v.SetUint(uint64(n))
			if word, ok := v.Interface().(encoding.TextMarshaler); ok {
				if text, err := word.MarshalText(); err == nil && !yield(n, string(text)) {
					return
				}
			}
		}
	}
}

func (f *Format) pointer(t reflect.Type) shape {
	to := f.of(t.Elem())
	return shape{
		func(w *Writer, v reflect.Value) {
			if v.IsNil() {
				w.Uint(0)
				return
			}
			w.Uint(1)
			to.write(w, v.Elem())
		},
		func(r *Reader, v reflect.Value) {
			if r.Uint() != 0 && r.err == nil {
				v.Set(reflect.New(t.Elem()))
				to.read(r, v.Elem())
			}
		},
	}
}

func (f *Format) array(t reflect.Type) shape {
	element := f.of(t.Elem())
	return shape{
		func(w *Writer, v reflect.Value) {
			n := v.Len()
			for n > 0 && v.Index(n-1).IsZero() {
				n--
			}
			w.Uint(uint64(n))
			for i := range n {
				element.write(w, v.Index(i))
			}
		},
		func(r *Reader, v reflect.Value) {
			n := r.length()
			if n > v.Len() {
				r.Fail(errNumber)
				return
			}
			for i := 0; i < n && r.err == nil; i++ {
				element.read(r, v.Index(i))
			}
		},
	}
}

// slice is the shape of lists: 0 is nil, and any other number one more than their length.
func (f *Format) slice(t reflect.Type) shape {
	element := f.of(t.Elem())
	return shape{
		func(w *Writer, v reflect.Value) {
			if v.IsNil() {
				w.Uint(0)
				return
			}
			w.Uint(uint64(v.Len()) + 1)
			for i := range v.Len() {
				element.write(w, v.Index(i))
			}
		},
		func(r *Reader, v reflect.Value) {
			n := r.length()
			if n == 0 || r.err != nil {
				return
			}
			v.Set(reflect.MakeSlice(t, 0, min(n-1, 64))) // it grows as its elements come
			for i := 0; i < n-1 && r.err == nil; i++ {
				if i == v.Cap() {
					v.Grow(i)
				}
				v.SetLen(i + 1)
				element.read(r, v.Index(i))
			}
		},
	}
}

func (f *Format) mapping(t reflect.Type) shape {
	key, value := f.of(t.Key()), f.of(t.Elem())
	return shape{
		func(w *Writer, v reflect.Value) {
			if v.IsNil() {
				w.Uint(0)
				return
			}
			w.Uint(uint64(v.Len()) + 1)
			keys := v.MapKeys()
			slices.SortFunc(keys, func(a, b reflect.Value) int { return cmp.Compare(a.String(), b.String()) })
			for _, k := range keys {
				key.write(w, k)
				value.write(w, v.MapIndex(k))
			}
		},
		func(r *Reader, v reflect.Value) {
			n := r.length()
			if n == 0 || r.err != nil {
				return
			}
			v.Set(reflect.MakeMap(t))
			for i := 0; i < n-1 && r.err == nil; i++ {
				k, e := reflect.New(t.Key()).Elem(), reflect.New(t.Elem()).Elem()
				key.read(r, k)
				value.read(r, e)
				v.SetMapIndex(k, e)
			}
		},
	}
}

// member is one of a structure's.
type member struct {
	index int
	*shape
}

func (f *Format) structure(t reflect.Type) shape {
	var members []member
	for field := range f.members(t) {
		members = append(members, member{field.Index[0], f.of(field.Type)})
	}
	return shape{
		func(w *Writer, v reflect.Value) { writeMembers(w, v, members) },
		func(r *Reader, v reflect.Value) { readMembers(r, v, members) },
	}
}

// members yields those that are written.
func (f *Format) members(t reflect.Type) iter.Seq[reflect.StructField] {
	return func(yield func(reflect.StructField) bool) {
		for i := range t.NumField() {
			field := t.Field(i)
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if field.IsExported() && (name != "-" || f.whole[t]) && !yield(field) {
				return
			}
		}
	}
}

func writeMembers(w *Writer, v reflect.Value, members []member) {
	bits := len(w.data)
	for range (len(members) + 7) / 8 {
		w.data = append(w.data, 0)
	}
	for i, m := range members {
		if field := v.Field(m.index); !field.IsZero() {
			w.data[bits+i/8] |= 1 << (i % 8)
			m.write(w, field)
		}
	}
}

func readMembers(r *Reader, v reflect.Value, members []member) {
	bits := r.take(uint64(len(members)+7) / 8)
	for i, m := range members {
		if r.err != nil {
			return
		}
		if bits[i/8]&(1<<(i%8)) != 0 {
			m.read(r, v.Field(m.index))
		}
	}
}
