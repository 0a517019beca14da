package frames

import (
	"encoding/json"
	"fmt"
	"reflect"
)

func writeJSON(w *Writer, v reflect.Value) { w.json(v, 0) }

// json writes the length of a value's JSON and more, and the JSON.
func (w *Writer) json(v reflect.Value, more uint64) {
	data, err := json.Marshal(v.Interface())
	if err != nil {
		panic(fmt.Sprintf("frames: a value of %s has no JSON: %v", v.Type(), err)) // it is plain
	}
	w.Uint(uint64(len(data)) + more)
	w.data = append(w.data, data...)
}

func readJSON(r *Reader, v reflect.Value) { r.json(r.Uint(), v) }

func (r *Reader) json(length uint64, v reflect.Value) {
	taken := r.take(length)
	if r.err != nil {
		return
	}
	if err := json.Unmarshal(taken, v.Addr().Interface()); err != nil {
		r.Fail(err)
	}
}

// writeShared is writeJSON for a type of which a frame has the same value many times: 0 is the last one again, and
// any other number one more than the length.
func writeShared(w *Writer, v reflect.Value) {
	now := v.Interface()
	if last, ok := w.last[v.Type()]; ok && reflect.DeepEqual(last, now) {
		w.Uint(0)
		return
	}
	if w.last == nil {
		w.last = map[reflect.Type]any{}
	}
	w.last[v.Type()] = now
	w.json(v, 1)
}

func readShared(r *Reader, v reflect.Value) {
	length := r.Uint()
	if length > 0 {
		if r.json(length-1, v); r.err == nil {
			if r.last == nil {
				r.last = map[reflect.Type]reflect.Value{}
			}
			r.last[v.Type()] = v
		}
		return
	}
	last, ok := r.last[v.Type()]
	if !ok {
		r.Fail(errText)
		return
	}
	v.Set(last)
}
