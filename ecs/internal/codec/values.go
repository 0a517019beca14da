package codec

import (
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
)

// fields is what the tags of a structure say about the keys of its JSON object.
type fields struct {
	index    map[string]int // of the field that a key has
	required []string       // the keys whose absence the value does not show: absent and zero are one
}

// fieldsWithin returns known with the fields of a type and of what it holds.
func fieldsWithin(t reflect.Type, known map[reflect.Type]*fields) map[reflect.Type]*fields {
	t, _ = Member(t)
	if t == nil || known[t] != nil {
		return known
	}
	own := &fields{index: map[string]int{}}
	known[t] = own
	for i := range t.NumField() {
		f := t.Field(i)
		key := Key(f)
		if key == "" {
			continue
		}
		own.index[key] = i
		if _, ok := f.Tag.Lookup("required"); ok {
			own.required = append(own.required, key)
		}
		known = fieldsWithin(f.Type, known)
	}
	return known
}

// object reads the members of an object whose brace was read into a structure. What does not fit
// is kept as written, where the structure has room for it.
func (d *Decoder) object(v reflect.Value) {
	own := d.schema.fields[v.Type()]
	var required []string
	if d.strict {
		required = own.required
	}
	kept := d.members(v.Type(), required, func(key string) bool {
		i, ok := own.index[key]
		if ok {
			d.value(v.Field(i))
		}
		return ok
	})
	if kept != nil {
		d.schema.hooks.Keep(v.Addr().Interface(), string(kept))
	}
}

// value reads one value into a field. null is absence. A scalar of another type that can be read
// as the wanted one ("256" for 256) is a fault, and is read all the same; what cannot be read is a
// fault and kept as written.
func (d *Decoder) value(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		if s, ok := d.text(); ok {
			v.SetString(s)
		}
	case reflect.Int:
		if n, ok := d.WholeNumber(); ok {
			v.SetInt(int64(n))
		}
	case reflect.Bool:
		if b, ok := d.Truth(); ok {
			v.SetBool(b)
		}
	case reflect.Int64:
		d.time(v.Addr().Interface().(json.Unmarshaler))
	case reflect.Struct:
		d.schema.hooks.Optional(d, v.Addr().Interface())
	case reflect.Pointer:
		d.pointer(v)
	case reflect.Map:
		d.textMap(v)
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Struct {
			d.objects(v)
		} else {
			d.scalars(v)
		}
	default:
		panic("codec: no " + v.Type().String() + " is read")
	}
}

// text reads a string.
func (d *Decoder) text() (string, bool) {
	t := d.next()
	switch t := t.(type) {
	case nil:
		return "", false
	case string:
		return t, true
	case json.Number:
		d.fault(Serialization, kindOf(t)+" stands where a text belongs.")
		return string(t), true
	case bool:
		d.fault(Serialization, kindOf(t)+" stands where a text belongs.")
		return strconv.FormatBool(t), true
	}
	d.misplaced(t, "a text")
	return "", false
}

// WholeNumber reads a whole number of 32 bits, and reports whether there was one.
func (d *Decoder) WholeNumber() (int, bool) {
	t := d.next()
	switch t := t.(type) {
	case nil:
		return 0, false
	case json.Number:
		if n, ok := whole(string(t)); ok {
			return n, true
		}
	case string:
		if n, ok := whole(strings.TrimSpace(t)); ok {
			d.fault(Serialization, kindOf(t)+" stands where a whole number belongs.")
			return n, true
		}
	}
	d.misplaced(t, "a whole number")
	return 0, false
}

// whole reads a 32-bit whole number as JSON writes it; 256.0 and 2.56e2 are whole too.
func whole(s string) (int, bool) {
	if n, err := strconv.ParseInt(s, 10, 32); err == nil {
		return int(n), true
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f < -1<<31 || f >= 1<<31 || f != float64(int(f)) || strings.ContainsAny(s, "xX_nN") {
		return 0, false
	}
	return int(f), true
}

// Truth reads a truth value, and reports whether there was one.
func (d *Decoder) Truth() (value, ok bool) {
	t := d.next()
	switch t := t.(type) {
	case nil:
		return false, false
	case bool:
		return t, true
	case string:
		if t == "true" || t == "false" {
			d.fault(Serialization, kindOf(t)+" stands where a truth value belongs.")
			return t == "true", true
		}
	}
	d.misplaced(t, "a truth value")
	return false, false
}

// time reads a time: seconds since 1970, or RFC 3339.
func (d *Decoder) time(dst json.Unmarshaler) {
	t := d.next()
	var raw []byte
	switch t := t.(type) {
	case nil:
		return
	case json.Number:
		raw = []byte(t)
	case string:
		raw, _ = json.Marshal(t)
	}
	if raw == nil || dst.UnmarshalJSON(raw) != nil {
		d.misplaced(t, "a time")
	}
}

// items reads a list, calling item for each; item reads one value.
func (d *Decoder) items(item func()) bool {
	t := d.next()
	if t == nil {
		return false
	}
	if t != json.Delim('[') {
		d.misplaced(t, "a list")
		return false
	}
	at := len(d.path)
	d.path = append(d.path, step{})
	for i := 0; d.more(); i++ {
		d.path[at].index = i + 1
		item()
	}
	d.path = d.path[:at]
	d.next()
	return true
}

// one appends a zero value to a list, and returns it.
func one(list reflect.Value) reflect.Value {
	n := list.Len()
	if n == list.Cap() {
		list.Grow(n + 1) // a quarter more, as append has it, is too little for items this large
	}
	list.SetLen(n + 1)
	return list.Index(n)
}

// present returns a list that is there: empty, where nothing was appended to it.
func present(list reflect.Value) reflect.Value {
	if list.IsNil() {
		return reflect.MakeSlice(list.Type(), 0, 0)
	}
	return list
}

// objects reads a list of objects. An item that is not an object leaves an empty value in its place.
func (d *Decoder) objects(v reflect.Value) {
	list := reflect.New(v.Type()).Elem()
	ok := d.items(func() {
		item := one(list)
		if t := d.next(); t == json.Delim('{') {
			d.object(item)
		} else {
			d.misplaced(t, "an object")
			d.misfit = false
		}
	})
	if ok {
		v.Set(present(list))
	}
}

// scalars reads a list of texts or numbers; with an item that cannot be one the whole list is kept
// as written.
func (d *Decoder) scalars(v reflect.Value) {
	list := reflect.New(v.Type()).Elem()
	misfit := false
	ok := d.items(func() {
		d.value(one(list))
		misfit, d.misfit = misfit || d.misfit, false
	})
	if ok {
		d.misfit = misfit
	}
	if ok && !misfit {
		v.Set(present(list))
	}
}

// pointer reads an object.
func (d *Decoder) pointer(v reflect.Value) {
	t := d.next()
	switch t {
	case nil:
	case json.Delim('{'):
		fresh := reflect.New(v.Type().Elem())
		d.object(fresh.Elem())
		v.Set(fresh)
	default:
		d.misplaced(t, "an object")
	}
}

// textMap reads an object of strings; with a value that cannot be one it is kept as written.
func (d *Decoder) textMap(v reflect.Value) {
	t := d.next()
	if t == nil {
		return
	}
	if t != json.Delim('{') {
		d.misplaced(t, "an object of texts")
		return
	}
	values, misfit := map[string]string{}, false
	d.members(nil, nil, func(key string) bool {
		values[key], _ = d.text()
		misfit = misfit || d.misfit
		return true
	})
	d.misfit = misfit
	if !misfit {
		v.Set(reflect.ValueOf(values))
	}
}
