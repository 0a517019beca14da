package script

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite golden files with what the tests got")

// Updating reports whether the tests were started with -update.
func Updating() bool { return *update }

// Case is one pair of commands and what they are expected to print. Both halves are whole lines.
type Case struct {
	Name     string // of the line "==== name"; "" in a file with a single unnamed case
	Commands string // above the line "----", comments included
	Want     string // below it
	Line     int    // of the first command, counted from 1
}

// Golden compares got with the file at path, or writes the file under -update. Line ends are
// compared as "\n" whatever the checkout made of them.
func Golden(t testing.TB, path, got string) {
	t.Helper()
	if *update {
		write(t, path, got)
		return
	}
	if d := Diff(path, 1, read(t, path), got); d != "" {
		t.Error(d)
	}
}

// Cases returns the cases of the file at path, in its order. A fault in the form of the file ends
// the test.
func Cases(t testing.TB, path string) []Case {
	t.Helper()
	_, cases, err := Split(read(t, path))
	if err != nil {
		t.Fatalf("%s:%v", path, err)
	}
	return cases
}

// Run calls run once for each case of the file at path, each in a subtest named after it, and
// compares what it returns with the expected half. Under -update it rewrites those halves instead;
// cases that -run leaves out, or that failed, keep theirs.
func Run(t *testing.T, path string, run func(t *testing.T, commands string) string) {
	t.Helper()
	head, cases, err := Split(read(t, path))
	if err != nil {
		t.Fatalf("%s:%v", path, err)
	}
	if len(cases) == 0 {
		t.Fatalf("%s: no case", path)
	}
	for i := range cases {
		c := &cases[i]
		name := c.Name
		if name == "" {
			name = strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
		}
		t.Run(name, func(t *testing.T) {
			got := lines(run(t, c.Commands))
			switch {
			case t.Failed():
			case *update:
				c.Want = got
			default:
				first := c.Line + strings.Count(c.Commands, "\n") + 1
				if d := Diff(path, first, c.Want, got); d != "" {
					t.Error(d)
				}
			}
		})
	}
	if *update {
		write(t, path, Join(head, cases))
	}
}

const (
	bar  = "----\n"
	mark = "==== "
)

// Split cuts the text of a file into the comment at its head and its cases. The error of a case
// without a line "----", or with two, starts with the line's number.
func Split(text string) (head string, cases []Case, err error) {
	text = lines(text)
	line, named := 1, strings.HasPrefix(text, mark) || strings.Contains(text, "\n"+mark)
	if !named {
		c, err := halves("", text, 1)
		return "", []Case{c}, err
	}
	for text != "" {
		block := text
		if i := strings.Index(text, "\n"+mark); i >= 0 {
			block = text[:i+1]
		}
		text = text[len(block):]
		if title, body, _ := strings.Cut(block, "\n"); !strings.HasPrefix(title, mark) {
			head = block
		} else if c, err := halves(title[len(mark):], body, line+1); err != nil {
			return "", nil, err
		} else {
			cases = append(cases, c)
		}
		line += strings.Count(block, "\n")
	}
	return head, cases, nil
}

func halves(name, text string, line int) (Case, error) {
	c := Case{Name: strings.TrimSpace(name), Line: line}
	above, below, ok := strings.Cut("\n"+text, "\n"+bar)
	if !ok {
		return c, fmt.Errorf("%d: a case needs the line %q", line, bar[:4])
	}
	if above != "" {
		c.Commands = above[1:] + "\n"
	}
	if strings.Contains("\n"+below, "\n"+bar) {
		return c, fmt.Errorf("%d: a case has one line %q, not two", line, bar[:4])
	}
	if c.Commands == "\n" {
		c.Commands = ""
	}
	c.Want = below
	return c, nil
}

// Join is the inverse of Split.
func Join(head string, cases []Case) string {
	var b strings.Builder
	b.WriteString(head)
	for _, c := range cases {
		if c.Name != "" {
			b.WriteString(mark + c.Name + "\n")
		}
		b.WriteString(c.Commands + bar + c.Want)
	}
	return b.String()
}

// Diff returns "" if the two texts are equal, and otherwise a message with the first line that
// differs, some lines before it, and what either text goes on with. The first line of want stands
// at the given line of the file at path.
func Diff(path string, line int, want, got string) string {
	if want == got {
		return ""
	}
	w, g := strings.SplitAfter(want, "\n"), strings.SplitAfter(got, "\n")
	n := 0
	for n < len(w) && n < len(g) && w[n] == g[n] {
		n++
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d: not what is expected (rewrite with -update)\n", path, line+n)
	excerpt(&b, "  ", w[max(0, n-4):n])
	excerpt(&b, "- ", w[n:min(len(w), n+6)])
	excerpt(&b, "+ ", g[n:min(len(g), n+6)])
	return b.String()
}

func excerpt(b *strings.Builder, sign string, part []string) {
	for _, s := range part {
		if s != "" {
			b.WriteString(sign + strings.TrimSuffix(s, "\n") + "\n")
		}
	}
}

// lines gives text the line ends "\n", one at the end included.
func lines(text string) string {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	return text
}

func read(t testing.TB, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (write it with -update)", err)
	}
	return strings.ReplaceAll(string(data), "\r\n", "\n")
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
