package query

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// A SyntaxError says at which place a text stops being an expression, and why.
type SyntaxError struct {
	Source   string   // the whole text
	Offset   int      // of the fault, in bytes; len(Source) at its end
	Expected []string // what could have been there, in a fixed order; may be empty
	Reason   string   // what is wrong, when it is more than an unexpected text
	Hint     string   // what was probably meant, or empty
}

// Error returns what is wrong in one line, and the expression with a caret under
// the fault below it. Of a long expression it shows the part around the fault.
// The same text always gives the same message.
func (e *SyntaxError) Error() string {
	var b strings.Builder
	b.WriteString("character ")
	b.WriteString(strconv.Itoa(utf8.RuneCountInString(e.Source[:e.Offset]) + 1))
	b.WriteString(": ")
	if e.Reason != "" {
		b.WriteString(e.Reason)
	} else {
		b.WriteString("unexpected ")
		b.WriteString(e.found())
	}
	for i, what := range e.Expected {
		switch {
		case i == 0:
			b.WriteString("; expected ")
		case i == len(e.Expected)-1:
			b.WriteString(" or ")
		default:
			b.WriteString(", ")
		}
		writeExpected(&b, what)
	}
	if e.Hint != "" {
		b.WriteString("; did you mean ")
		b.WriteString(strconv.Quote(e.Hint))
		b.WriteByte('?')
	}
	e.writeCaret(&b)
	return b.String()
}

// writeExpected writes a description as it is and a text of the language in quotes.
func writeExpected(b *strings.Builder, what string) {
	if strings.Contains(what, " ") {
		b.WriteString(what)
	} else {
		b.WriteString(strconv.Quote(what))
	}
}

// found returns the word or the character at the fault.
func (e *SyntaxError) found() string {
	rest := e.Source[e.Offset:]
	if rest == "" {
		return "end of expression"
	}
	n := max(bareLength(rest), symbolLength(rest))
	if n == 1 && rest[0] == '!' {
		n += bareLength(rest[1:])
	}
	if n == 0 {
		_, n = utf8.DecodeRuneInString(rest)
	}
	word := rest[:n]
	const most = 40 // bytes of a word that is shown
	if len(word) > most {
		return strconv.Quote(word[:most]) + "…"
	}
	return strconv.Quote(word)
}

// writeCaret writes the source in a line of its own, and a caret below it.
func (e *SyntaxError) writeCaret(b *strings.Builder) {
	const before, after = 50, 30 // characters shown around the fault
	runes := []rune(e.Source)
	at := utf8.RuneCountInString(e.Source[:e.Offset])
	from, to := max(0, at-before), min(len(runes), at+after)
	b.WriteString("\n\t")
	if from > 0 {
		b.WriteRune('…')
	}
	for _, r := range runes[from:to] {
		if isControl(r) {
			r = ' '
		}
		b.WriteRune(r)
	}
	if to < len(runes) {
		b.WriteRune('…')
	}
	b.WriteString("\n\t")
	pad := at - from
	if from > 0 {
		pad++
	}
	b.WriteString(strings.Repeat(" ", pad))
	b.WriteByte('^')
}
