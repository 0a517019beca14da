package source

import (
	"fmt"
	"slices"
	"strings"
)

// Fate is what becomes of a field of a source document.
type Fate uint8

// The fates, from the best to the worst.
const (
	Unread       Fate = iota // nobody looked at it: Fields reports it as lost
	Kept                     // the same in ECS, under its name there
	Translated               // the same in ECS in other words
	Approximated             // the nearest that ECS has; the text says what differs
	Needs                    // a value that the file cannot give, such as an ARN
	Lost                     // without counterpart; the text says what to do instead
)

// String returns the fate as the report prints it.
func (f Fate) String() string {
	return [...]string{"unread", "kept", "translated", "approximated", "needs", "without counterpart"}[f]
}

// MarshalText writes the fate as the report prints it.
func (f Fate) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// Field is one field of a source document and its fate.
type Field struct {
	File string `json:"file"`
	Line int    `json:"line"`
	Path string `json:"path"`
	Fate Fate   `json:"fate"`
	Text string `json:"text,omitempty"`
	// Under is the path of the field around this one for which the fate holds as a whole; "" for a fate of
	// its own.
	Under string `json:"under,omitempty"`
}

func (v *Value) read() {
	if v != nil && len(v.told) == 0 {
		v.say(told{fate: Kept, read: true})
	}
}

func (v *Value) say(t told) {
	if !slices.Contains(v.told, t) {
		v.told = append(v.told, t)
	}
	for _, p := range v.parts {
		p.say(t)
	}
}

func (v *Value) tell(f Fate, format string, args ...any) *Value {
	if v != nil {
		v.say(told{fate: f, text: fmt.Sprintf(format, args...)})
	}
	return v
}

// Keep says that the value, with everything in it, is the same in ECS. It returns the value.
func (v *Value) Keep() *Value { return v.tell(Kept, "") }

// Translate says what the value became. It returns the value.
func (v *Value) Translate(format string, args ...any) *Value {
	return v.tell(Translated, format, args...)
}

// Approximate says what the nearest counterpart is, and what differs. It returns the value.
func (v *Value) Approximate(format string, args ...any) *Value {
	return v.tell(Approximated, format, args...)
}

// Need says which value from outside the document is missing. It returns the value.
func (v *Value) Need(format string, args ...any) *Value { return v.tell(Needs, format, args...) }

// Lose says that ECS has no counterpart, and what to do instead. It returns the value.
func (v *Value) Lose(format string, args ...any) *Value { return v.tell(Lost, format, args...) }

// Remark says something of the value itself that does not hold for what is in it. It returns the value.
func (v *Value) Remark(f Fate, format string, args ...any) *Value {
	if v != nil {
		v.say(told{fate: f, text: fmt.Sprintf(format, args...), alone: true})
	}
	return v
}

// fate is the worst that was said of the value itself, all texts, and the worst that holds for what is in it.
func (v *Value) fate() (worst Fate, text string, within Fate) {
	var texts []string
	for _, t := range v.told {
		worst = max(worst, t.fate)
		if !t.alone {
			within = max(within, t.fate)
		}
		if t.text != "" {
			texts = append(texts, t.text)
		}
	}
	return worst, strings.Join(texts, "; "), within
}

// onlyRead reports whether the value was read and nothing said of it: then what is said of the value around it
// counts.
func (v *Value) onlyRead() bool {
	return !slices.ContainsFunc(v.told, func(t told) bool { return !t.read })
}

// Fields returns every field of the document in its order: each scalar, empty map and empty list, and each
// map or list that something was said about as a whole. A scalar that nobody read is lost.
func (v *Value) Fields() []Field {
	var list []Field
	v.walk(func(f Field) { list = append(list, f) }, Field{})
	return list
}

// walk visits the value. Around is what was said of what is around it, which holds for what is in it unless
// something was said of that.
func (v *Value) walk(visit func(Field), around Field) {
	f := Field{File: v.page.file, Line: v.Line, Path: v.path}
	var within Fate
	f.Fate, f.Text, within = v.fate()
	own := f.Fate != Unread
	if !own || around.Fate > Kept && v.onlyRead() {
		f.Fate, f.Under, own = around.Fate, around.Path, false
	}
	leaf := len(v.keys) == 0 && len(v.items) == 0
	if leaf && f.Fate == Unread {
		f.Fate, f.Text = Lost, "the import does not know this field and leaves it out"
		if v.Kind == Null || v.Kind == Map || v.Kind == List {
			f.Fate, f.Text = Kept, "" // there is nothing in it
		}
	}
	shown := leaf || own && (f.Text != "" || f.Fate > Translated)
	if shown {
		visit(f)
	}
	switch {
	case within == Unread:
	case shown && within == f.Fate:
		around = f
	default:
		around = Field{Fate: within} // nothing to point to
	}
	for _, k := range v.keys {
		v.members[k].walk(visit, around)
	}
	for _, x := range v.items {
		x.walk(visit, around)
	}
}
