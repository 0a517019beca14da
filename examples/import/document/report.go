package document

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/bayplan/bayplan/examples/import/source"
)

// Fields returns what became of each field of the files, in their order.
func (r *Result) Fields() []source.Field {
	var list []source.Field
	for _, v := range r.Read {
		list = append(list, v.Fields()...)
	}
	return list
}

// Count returns how many fields have each fate.
func Count(fields []source.Field) map[source.Fate]int {
	n := map[source.Fate]int{}
	for _, f := range fields {
		n[f.Fate]++
	}
	return n
}

// Report writes a line for each field: file and line, fate, path and what to know. Without all it leaves out
// the fields that are kept or translated without a remark, and those that a line for a whole map speaks for.
func (r *Result) Report(w io.Writer, all bool) error {
	fields := r.Fields()
	var b strings.Builder
	for _, f := range fields {
		quiet := f.Under != "" || f.Fate <= source.Kept
		if quiet && !all {
			continue
		}
		fmt.Fprintf(&b, "%s:%d: %s: %s", f.File, f.Line, f.Fate, f.Path)
		if f.Text != "" {
			fmt.Fprintf(&b, ": %s", f.Text)
		} else if f.Under != "" {
			fmt.Fprintf(&b, ": see %s", f.Under)
		}
		b.WriteString("\n")
	}
	n := Count(fields)
	fmt.Fprintf(&b, "%d fields: %d kept, %d translated, %d approximated, %d need a value, %d without counterpart\n",
		len(fields),
		n[source.Kept], n[source.Translated], n[source.Approximated], n[source.Needs], n[source.Lost])
	_, err := io.WriteString(w, b.String())
	return err
}

// ReportJSON writes the fields as JSON.
func (r *Result) ReportJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(r.Fields())
}
