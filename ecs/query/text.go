package query

import "strings"

// String returns the canonical text of e: symbols for operators, "and", "or"
// and "not(…)", one blank around each, quotes where the language needs them and
// parentheses where the precedence does. Two expressions of the same form print
// the same, and parsing the text gives e again.
func (e *Expr) String() string {
	var b strings.Builder
	e.write(&b)
	return b.String()
}

func (e *Expr) write(b *strings.Builder) {
	switch e.kind {
	case kindNot:
		b.WriteString("not(")
		e.args[0].write(b)
		b.WriteByte(')')
	case kindAnd:
		e.writeArgs(b, " and ")
	case kindOr:
		e.writeArgs(b, " or ")
	default:
		e.writeTest(b)
	}
}

func (e *Expr) writeArgs(b *strings.Builder, word string) {
	for i, a := range e.args {
		if i > 0 {
			b.WriteString(word)
		}
		if e.kind == kindAnd && a.kind == kindOr {
			b.WriteByte('(')
			a.write(b)
			b.WriteByte(')')
		} else {
			a.write(b)
		}
	}
}

func (e *Expr) writeTest(b *strings.Builder) {
	b.WriteString(e.subject)
	b.WriteByte(' ')
	b.WriteString(e.op.String())
	switch e.op {
	case OpExists, OpNotExists:
	case OpIn, OpNotIn:
		b.WriteString(" [")
		for i, v := range e.values {
			if i > 0 {
				b.WriteString(", ")
			}
			writeQuoted(b, v, bareLength(v))
		}
		b.WriteByte(']')
	case OpMatches, OpNotMatches:
		b.WriteByte(' ')
		v := e.values[0]
		bare := barePatternLength(v)
		if strings.IndexByte(v, '(') >= 0 {
			bare = 0 // the guide has no parentheses in a single test
		}
		writeQuoted(b, v, bare)
	default:
		b.WriteByte(' ')
		writeQuoted(b, e.values[0], bareLength(e.values[0]))
	}
}

// writeQuoted writes v as it is when its bare part is all of it and it is no
// reserved word, else in quotes. There is no escape in the language, but a
// value that was parsed does not hold both kinds of quotes.
func writeQuoted(b *strings.Builder, v string, bare int) {
	if bare == len(v) && !isReserved(v) {
		b.WriteString(v)
		return
	}
	quote := byte('\'')
	if strings.IndexByte(v, '\'') >= 0 {
		quote = '"'
	}
	b.WriteByte(quote)
	b.WriteString(v)
	b.WriteByte(quote)
}
