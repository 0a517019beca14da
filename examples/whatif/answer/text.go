package answer

import (
	"fmt"
	"io"
	"strings"
)

// Text writes the report for a terminal of 80 columns: the headline, what is in the way, the changes that help with
// their costs, and then the answers one by one.
func (r Report) Text(out io.Writer) error {
	var t text
	t.line(r.title() + ".")
	if r.Headline.More != "" {
		t.line("  " + r.Headline.More)
	}
	if len(r.Obstacles) > 0 {
		t.line("")
		t.line("in the way, together")
		for _, o := range r.Obstacles {
			t.line("  - " + o)
		}
	}
	if len(r.Cures) > 0 {
		t.line("")
		t.line(r.curesTitle())
		for _, c := range r.Cures {
			t.line("  - " + c.Change)
			t.line("      costs: " + c.Cost)
			t.line("      " + c.Shown)
		}
	}
	for _, s := range r.Sections {
		t.line("")
		t.line(s.Title + ": " + s.Answer)
		t.block(s.Lines)
		if s.Title == "simulate" {
			t.block(r.Rollout.Lines())
			t.block(r.Fleet.Lines())
		}
	}
	_, err := io.WriteString(out, t.b.String())
	return err
}

// title is the headline with what it is about.
func (r Report) title() string {
	if r.Name == "" {
		return r.Headline.Text
	}
	return r.Name + ": " + r.Headline.Text
}

func (r Report) curesTitle() string {
	if len(r.Cures) == 1 {
		return "this lets it end"
	}
	return "any one of these lets it end"
}

// text is a text under way.
type text struct{ b strings.Builder }

func (t *text) line(line string) {
	for _, part := range wrap(line) {
		fmt.Fprintln(&t.b, part)
	}
}

// block writes lines after an empty one.
func (t *text) block(lines []string) {
	for i, line := range lines {
		if i == 0 {
			t.line("")
		}
		t.line(line)
	}
}

const columns = 80

// wrap cuts a line into lines of at most 80 columns, those that follow further to the right.
func wrap(line string) (lines []string) {
	letters := []rune(line)
	margin := strings.Repeat(" ", len(line)-len(strings.TrimLeft(line, " "))+2)
	for len(letters) > columns {
		cut := columns
		for cut >= len(margin) && letters[cut] != ' ' {
			cut--
		}
		if cut < len(margin) {
			break
		}
		lines = append(lines, string(letters[:cut]))
		letters = []rune(margin + string(letters[cut+1:]))
	}
	return append(lines, string(letters))
}

// indent shifts a text to the right and cuts it into lines.
func indent(text string) []string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i := range lines {
		lines[i] = "  " + lines[i]
	}
	return lines
}
