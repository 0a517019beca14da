package purity

import (
	"fmt"
	"go/scanner"
	"go/token"
	"io/fs"
	"strings"
)

const maxColumns = 120

// Columns reports the lines of Go files, tests and nested modules included, that have more than 120
// columns. A tab counts four. What cannot be broken counts nothing: raw strings, tags of fields among
// them, and the output of an example.
func Columns(root fs.FS) ([]Finding, error) {
	return goFiles(root, func(name string, data []byte) (found []Finding) {
		output := false
		for i, line := range strings.Split(withoutRaw(data), "\n") {
			comment, ok := strings.CutPrefix(strings.TrimSpace(line), "//")
			output = ok && (output || strings.HasSuffix(strings.ToLower(comment), "output:"))
			if n := columns(line); n > maxColumns && !output {
				text := fmt.Sprintf("%d columns, at most %d", n, maxColumns)
				found = append(found, Finding{token.Position{Filename: name, Line: i + 1}, "columns", text})
			}
		}
		return found
	})
}

// columns returns how wide a line is.
func columns(line string) (n int) {
	for _, r := range line {
		n++
		if r == '\t' {
			n += 3
		}
	}
	return n
}

// withoutRaw returns the source with its raw strings gone, but for the ends of their lines.
func withoutRaw(source []byte) string {
	var left strings.Builder
	file := token.NewFileSet().AddFile("", -1, len(source))
	var s scanner.Scanner
	s.Init(file, source, func(token.Position, string) {}, 0) // what does not parse fails the build
	from := 0
	for {
		pos, kind, text := s.Scan()
		if kind == token.EOF {
			left.Write(source[from:])
			return left.String()
		}
		if kind == token.STRING && text[0] == '`' {
			at := file.Offset(pos)
			left.Write(source[from:at])
			left.WriteString(strings.Repeat("\n", strings.Count(text, "\n")))
			from = at + len(text)
		}
	}
}
