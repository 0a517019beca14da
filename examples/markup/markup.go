// Package markup writes HTML and SVG. Every text and every value of an attribute is escaped on the way, so that
// nothing that a document names can become part of a page.
//
// It is small because a page in a browser brings it along: html/template calls methods by their names, for
// which a linker keeps all methods of a program.
package markup

import (
	"fmt"
	"html"
	"strings"
	"unicode/utf8"
)

// Markup is a page, or a part of one, under way. The zero value is empty.
type Markup struct {
	b    strings.Builder
	open []string
}

// void are the elements that have no end.
const void = " meta link br hr input path rect line circle "

// Open begins an element with attributes, each a name and a value.
// Names are the program's own words: they are written as they are. An element without an end is written whole.
func (m *Markup) Open(name string, attributes ...string) *Markup {
	m.b.WriteString("<" + name)
	for i := 0; i+1 < len(attributes); i += 2 {
		m.b.WriteString(" " + attributes[i] + `="` + escape(attributes[i+1]) + `"`)
	}
	if strings.Contains(void, " "+name+" ") {
		m.b.WriteString("/>")
		return m
	}
	m.b.WriteString(">")
	m.open = append(m.open, name)
	return m
}

// Text writes a text.
func (m *Markup) Text(text string) *Markup {
	m.b.WriteString(escape(text))
	return m
}

// Line ends a line of the source, for those who read it.
func (m *Markup) Line() *Markup {
	m.b.WriteByte('\n')
	return m
}

// Close ends the element that was opened last.
func (m *Markup) Close() *Markup {
	if n := len(m.open) - 1; n >= 0 {
		m.b.WriteString("</" + m.open[n] + ">")
		m.open = m.open[:n]
	}
	return m
}

// Leaf writes an element that holds a text.
func (m *Markup) Leaf(name, text string, attributes ...string) *Markup {
	return m.Open(name, attributes...).Text(text).Close()
}

// mostSteps is how many steps of indentation are told apart.
const mostSteps = 6

// Lines writes a text whose lines stay, as an element "pre". Each line is of class "line", and of "in1" to "in6" by the
// steps of two spaces that it begins with: a style sheet can let a line that is wrapped go on below where it began.
func (m *Markup) Lines(text string) *Markup {
	m.Open("pre")
	for line := range strings.SplitSeq(text, "\n") {
		class := "line"
		if steps := (len(line) - len(strings.TrimLeft(line, " "))) / 2; steps > 0 {
			class += fmt.Sprintf(" in%d", min(steps, mostSteps))
		}
		m.Leaf("span", line+"\n", "class", class)
	}
	return m.Close()
}

// Add writes another markup, as far as it is.
func (m *Markup) Add(other *Markup) *Markup {
	m.b.WriteString(other.b.String())
	return m
}

// Style writes a style sheet of the program's own.
func (m *Markup) Style(css string) *Markup {
	m.b.WriteString("<style>" + css + "</style>")
	return m
}

// String returns what was written, with the ends of the elements that are open.
func (m *Markup) String() string {
	var ends strings.Builder
	for i := len(m.open) - 1; i >= 0; i-- {
		ends.WriteString("</" + m.open[i] + ">")
	}
	return m.b.String() + ends.String()
}

// escape writes a text as markup. What neither HTML nor XML can say becomes U+FFFD.
func escape(text string) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 || r&0xfffe == 0xfffe {
			return utf8.RuneError
		}
		return r
	}, text)
	return html.EscapeString(text)
}
