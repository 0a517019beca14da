package source

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Plain returns the value as encoding/json would: maps, lists, texts, json.Number, true, false and nil. It
// does not count as reading. Numbers that JSON cannot write, such as 0x1F, are texts.
func (v *Value) Plain() any {
	switch {
	case v == nil || v.Kind == Null:
		return nil
	case v.Kind == Map:
		m := make(map[string]any, len(v.keys))
		for _, k := range v.keys {
			m[k] = v.members[k].Plain()
		}
		return m
	case v.Kind == List:
		list := make([]any, len(v.items))
		for i, x := range v.items {
			list[i] = x.Plain()
		}
		return list
	case v.Kind == Bool:
		return strings.EqualFold(v.text, "true")
	case v.Kind == Number && json.Valid([]byte(v.text)):
		return json.Number(v.text)
	}
	return v.text
}

// Grow makes a tree of plain values, such as a parser of its own returns them, with the lines of an original
// where that has the same path, else those of what is around it. Maps are in the order of the original, then
// by name.
func Grow(original *Value, plain any) *Value {
	return grow(original, original, plain, original.path, &page{file: original.page.file})
}

func grow(like, around *Value, plain any, path string, p *page) *Value {
	if like == nil {
		like = around
	}
	v := &Value{Line: like.Line, path: path, page: p}
	switch x := plain.(type) {
	case nil:
	case map[string]any:
		v.Kind, v.members = Map, map[string]*Value{}
		var rest []string
		for k := range x {
			if like.Get(k) == nil {
				rest = append(rest, k)
			}
		}
		slices.Sort(rest)
		for _, k := range append(slices.Clone(like.Keys()), rest...) {
			if value, ok := x[k]; ok {
				v.put(k, grow(like.Get(k), like, value, join(path, k), p))
			}
		}
	case []any:
		v.Kind = List
		for i, value := range x {
			var l *Value
			if like.Kind == List && i < len(like.items) {
				l = like.items[i]
			}
			v.items = append(v.items, grow(l, like, value, path+"["+strconv.Itoa(i)+"]", p))
		}
	case bool:
		v.Kind, v.text = Bool, strconv.FormatBool(x)
	case string:
		v.Kind, v.text = Text, x
	default:
		v.Kind, v.text = Number, fmt.Sprint(x)
	}
	return v
}

// Overlay returns a new tree: the base with the members of another over it. Maps merge, anything else is
// replaced. Displaced is asked for the keys of a map that go when a key of the other comes; nil for none.
// What is said of a value of the new tree is said of the values that it came from.
func Overlay(base, over *Value, displaced func(path, key string) []string) *Value {
	switch {
	case !over.Has():
		return base
	case !base.Has():
		return over
	case over.Kind != Map || base.Kind != Map:
		base.Translate("replaced by %s", over.path)
		return over
	}
	v := &Value{Kind: Map, Line: base.Line, Tag: base.Tag, path: base.path, page: base.page,
		members: map[string]*Value{},
		parts:   []*Value{base, over}}
	gone := map[string]string{}
	for _, k := range over.keys {
		if displaced != nil {
			for _, d := range displaced(base.path, k) {
				gone[d] = join(over.path, k)
			}
		}
	}
	for _, k := range base.keys {
		if by, ok := gone[k]; ok && over.members[k] == nil {
			base.members[k].Translate("displaced by %s", by)
			continue
		}
		v.put(k, Overlay(base.members[k], over.members[k], displaced))
	}
	for _, k := range over.keys {
		if base.members[k] == nil {
			v.put(k, over.members[k])
		}
	}
	return v
}
