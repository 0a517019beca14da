// Package survey converts many files and says how that went: how many of each format convert, whether ECS takes
// what comes out, and what became of their fields.
//
// # Start here
//
// [Read] converts the files of a list, and [Table.Text] writes the table.
//
// # Model
//
// A list has a line for each file: its repository, and its path there. The file is below a folder under the same
// two names. A file of a list that is not there is counted as absent.
//
// # Guarantees
//
//  1. A file that makes a converter panic is a line of the table, not the end of the survey (TestOwn).
//  2. Every scalar of a converted file is counted once (TestOwn).
//
// # Differences from ECS
//
// None: the documents are checked by packages ecs, api and autoscale.
//
// # Example
//
// See the example of Read.
package survey

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/formats"
	"github.com/bayplan/bayplan/examples/import/source"
)

// Row is what became of the files of one format.
type Row struct {
	Kind      formats.Kind
	Files     int
	Converted int // without a fault of the file
	Valid     int // of them, with documents that ECS takes
	Refused   int // with a message
	Panics    int
	Fates     map[source.Fate]int // of the fields of the converted files
}

// Table is what became of all.
type Table struct {
	Rows    []*Row
	Absent  int
	Remarks []string // a line for each file that did not convert, or not to what ECS takes
}

// List reads a list of files: REPOSITORY PATH, a line each; lines that begin with # are not files.
func List(r io.Reader) (list [][2]string, err error) {
	s := bufio.NewScanner(r)
	for s.Scan() {
		line := strings.TrimSpace(s.Text())
		repository, name, ok := strings.Cut(line, " ")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if !ok {
			return nil, fmt.Errorf("%q is not REPOSITORY PATH", line)
		}
		list = append(list, [2]string{repository, name})
	}
	return list, s.Err()
}

// Read converts the files of a list, each by itself.
func Read(files fs.FS, list [][2]string, g document.Given) Table {
	var t Table
	rows := map[formats.Kind]*Row{}
	for _, k := range append(formats.Kinds(), formats.Unknown) {
		rows[k] = &Row{Kind: k, Fates: map[source.Fate]int{}}
		t.Rows = append(t.Rows, rows[k])
	}
	for _, f := range list {
		name := path.Join(f[0], f[1])
		data, err := fs.ReadFile(files, name)
		if err != nil {
			t.Absent++
			continue
		}
		t.one(rows, formats.File{Name: name, Data: data}, g)
	}
	return t
}

func (t *Table) one(rows map[formats.Kind]*Row, f formats.File, g document.Given) {
	row := rows[kind(f)]
	row.Files++
	r, panicked, err := guarded(f, g)
	switch {
	case panicked:
		row.Panics++
		t.Remarks = append(t.Remarks, f.Name+": "+err.Error())
	case err != nil:
		row.Refused++
		t.Remarks = append(t.Remarks, err.Error())
	default:
		row.Converted++
		for fate, n := range document.Count(r.Fields()) {
			row.Fates[fate] += n
		}
		if err := r.Check(); err != nil {
			t.Remarks = append(t.Remarks, f.Name+": not valid: "+err.Error())
			return
		}
		row.Valid++
	}
}

// guarded converts a file; a panic is an error.
func guarded(f formats.File, g document.Given) (r document.Result, panicked bool, err error) {
	defer func() {
		if x := recover(); x != nil {
			panicked, err = true, fmt.Errorf("panic: %v", x)
		}
	}()
	r, err = formats.Read([]formats.File{f}, g)
	return r, false, err
}

// kind returns the format of a file by its first document that has one.
func kind(f formats.File) formats.Kind {
	list, err := source.Parse(f.Name, f.Data)
	if err != nil {
		return formats.Unknown
	}
	for _, v := range list {
		if k := formats.Recognize(v); k != formats.Unknown {
			return k
		}
	}
	return formats.Unknown
}

// Text writes the table, and with remarks what did not convert.
func (t Table) Text(w io.Writer, remarks bool) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%-46s %6s %6s %6s %7s %6s %7s %7s %7s %7s %7s\n", "format", "files", "conv.", "valid", "refused",
		"panics",
		"kept", "transl.", "approx.", "needs", "without")
	for _, r := range t.Rows {
		if r.Files == 0 {
			continue
		}
		name := string(r.Kind)
		if name == "" {
			name = "(not one of these)"
		}
		fmt.Fprintf(&b, "%-46s %6d %6d %6d %7d %6d %7d %7d %7d %7d %7d\n", name, r.Files, r.Converted, r.Valid,
			r.Refused, r.Panics,
			r.Fates[source.Kept], r.Fates[source.Translated], r.Fates[source.Approximated], r.Fates[source.Needs],
			r.Fates[source.Lost])
	}
	if t.Absent > 0 {
		fmt.Fprintf(&b, "%d files of the list are not there\n", t.Absent)
	}
	if remarks {
		for _, r := range t.Remarks {
			fmt.Fprintln(&b, r)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Faults returns an error if a file made a converter panic, or came out as ECS does not take it.
func (t Table) Faults() error {
	for _, r := range t.Rows {
		if r.Panics > 0 || r.Valid < r.Converted {
			return errors.New("a file that converts must not panic, and must come out as ECS takes it")
		}
	}
	return nil
}
