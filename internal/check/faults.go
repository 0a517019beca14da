// Package check gathers what is wrong with a value: for each fault the path of the member and a
// sentence. It is below package ecs, so it knows no codes and no error type; ecs.Faults makes an
// error of what was gathered.
//
//	var f check.Faults
//	f.Name("family", in.Family)
//	f.OneOf("networkMode", check.Choose(in.NetworkMode, ecs.Valid(in.NetworkMode), ecs.Values))
//	return ecs.Faults(ecs.ClientException, f.Pairs())
//
// However much is wrong, it stays small: at most [Most] faults are kept, and a text that a sentence
// quotes is cut (TestManyFaults, TestLongArguments).
package check

import (
	"fmt"
	"slices"
	"strings"
)

// Most is how many faults of one value are kept: more do not help a reader, and cost time.
const Most = 1000

// longestArgument is how many bytes of a text a sentence quotes: a name of a megabyte stands in
// one sentence for each of its container's faults.
const longestArgument = 512

// Faults is what is wrong with one value. The zero value has nothing.
type Faults struct {
	list [][2]string
}

// Refuse adds a fault at a path. Arguments that are texts are cut at 512 bytes; beyond Most faults
// it does nothing.
func (f *Faults) Refuse(path, format string, args ...any) {
	if len(f.list) >= Most {
		return
	}
	args = slices.Clone(args)
	for i, a := range args {
		if s, ok := a.(string); ok {
			args[i] = Cut(s, longestArgument)
		}
	}
	f.list = append(f.list, [2]string{path, fmt.Sprintf(format, args...)})
}

// Nest adds the faults of a member at path, "" for the value itself.
func (f *Faults) Nest(path string, member [][2]string) {
	for _, o := range member[:min(len(member), Most-len(f.list))] {
		f.list = append(f.list, [2]string{Join(path, o[0]), o[1]})
	}
}

// None reports whether no fault was found.
func (f *Faults) None() bool { return len(f.list) == 0 }

// Pairs returns path and sentence of each fault, in the order in which they were added.
func (f *Faults) Pairs() [][2]string { return f.list }

// Cut returns the first n bytes of a text and an ellipsis, or the text where it is not longer. No
// rune is cut in two.
func Cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}

// Shortened returns at most 64 bytes of a text, for a sentence that quotes it.
func Shortened(s string) string { return Cut(s, 64) }
