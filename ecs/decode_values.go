package ecs

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// The functions below read one value each. null is absence. A scalar of another type that
// can be read as the wanted one ("256" for 256) is a fault, and is read all the same; what
// cannot be read is a fault and kept as written.

// text reads a string.
func text[T ~string](d *decoder, dst *T) {
	switch t := d.next().(type) {
	case nil:
	case string:
		*dst = T(t)
	case json.Number:
		d.fault(SerializationException, kindOf(t)+" stands where a text belongs.")
		*dst = T(t)
	case bool:
		d.fault(SerializationException, kindOf(t)+" stands where a text belongs.")
		*dst = T(strconv.FormatBool(t))
	default:
		d.misplaced(t, "a text")
	}
}

// integer reads a whole number.
func (d *decoder) integer(dst *int) {
	if n, ok := d.wholeNumber(); ok {
		*dst = n
	}
}

func (d *decoder) optInteger(dst *Opt[int]) {
	if n, ok := d.wholeNumber(); ok {
		*dst = Some(n)
	}
}

func (d *decoder) wholeNumber() (int, bool) {
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
			d.fault(SerializationException, kindOf(t)+" stands where a whole number belongs.")
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

// boolean reads a truth value.
func (d *decoder) boolean(dst *bool) {
	if b, ok := d.truth(); ok {
		*dst = b
	}
}

func (d *decoder) optBoolean(dst *Opt[bool]) {
	if b, ok := d.truth(); ok {
		*dst = Some(b)
	}
}

func (d *decoder) truth() (value, ok bool) {
	t := d.next()
	switch t := t.(type) {
	case nil:
		return false, false
	case bool:
		return t, true
	case string:
		if t == "true" || t == "false" {
			d.fault(SerializationException, kindOf(t)+" stands where a truth value belongs.")
			return t == "true", true
		}
	}
	d.misplaced(t, "a truth value")
	return false, false
}

// instant reads a time: seconds since 1970, or RFC 3339.
func (d *decoder) instant(dst *Instant) {
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

// items reads a list, calling item with each position; item reads one value.
func (d *decoder) items(item func(i int)) bool {
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
		item(i)
	}
	d.path = d.path[:at]
	d.next()
	return true
}

// list reads a list of objects. An item that is none leaves an empty value in its place.
func list[T any, P object[T]](d *decoder, dst *[]T) {
	values := []T{}
	ok := d.items(func(int) {
		var zero T
		if len(values) == cap(values) {
			values = slices.Grow(values, len(values)+1) // a quarter more, as append has it, is too little for items this large
		}
		values = append(values, zero)
		t := d.next()
		if t == json.Delim('{') {
			d.members(P(&values[len(values)-1]))
		} else {
			d.misplaced(t, "an object")
			d.misfit = false
		}
	})
	if ok {
		*dst = values
	}
}

// pointer reads an object.
func pointer[T any, P object[T]](d *decoder, dst **T) {
	t := d.next()
	switch t {
	case nil:
	case json.Delim('{'):
		v := new(T)
		d.members(P(v))
		*dst = v
	default:
		d.misplaced(t, "an object")
	}
}

// texts reads a list of strings; with an item that cannot be one the whole list is kept as
// written.
func texts[T ~string](d *decoder, dst *[]T) {
	values, misfit := []T{}, false
	ok := d.items(func(int) {
		var s T
		text(d, &s)
		values = append(values, s)
		misfit, d.misfit = misfit || d.misfit, false
	})
	if ok {
		d.misfit = misfit
	}
	if ok && !misfit {
		*dst = values
	}
}

// integers reads a list of whole numbers.
func (d *decoder) integers(dst *[]int) {
	values, misfit := []int{}, false
	ok := d.items(func(int) {
		n, _ := d.wholeNumber()
		values = append(values, n)
		misfit, d.misfit = misfit || d.misfit, false
	})
	if ok {
		d.misfit = misfit
	}
	if ok && !misfit {
		*dst = values
	}
}

// textMap reads an object of strings; with a value that cannot be one it is kept as
// written.
func (d *decoder) textMap(dst *map[string]string) {
	t := d.next()
	if t == nil {
		return
	}
	if t != json.Delim('{') {
		d.misplaced(t, "an object of texts")
		return
	}
	m := textMembers{values: map[string]string{}}
	d.members(&m)
	d.misfit = m.misfit
	if !m.misfit {
		*dst = m.values
	}
}

// textMembers takes every key.
type textMembers struct {
	values map[string]string
	misfit bool
}

func (m *textMembers) field(d *decoder, key string) bool {
	var s string
	text(d, &s)
	m.values[key] = s
	m.misfit = m.misfit || d.misfit
	return true
}
