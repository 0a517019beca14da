package query

import "strings"

// maxAttributeLength is the most characters the name of an attribute has:
// Amazon ECS API Reference, Attribute.
const maxAttributeLength = 128

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// isBare reports whether c may stand in a word, and in a value without quotes:
// the printable ASCII characters but ! " & ' ( ) , < = > [ ] | ~.
func isBare(c byte) bool {
	switch c {
	case '!', '"', '&', '\'', '(', ')', ',', '<', '=', '>', '[', ']', '|', '~':
		return false
	}
	return ' ' < c && c < 0x7f
}

// isNameChar reports whether c may stand in the name of an attribute.
func isNameChar(c byte) bool {
	switch c {
	case '-', '_', '/', '\\', '.':
		return true
	}
	return isDigit(c) || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// isReserved reports whether a value needs quotes because of what it says.
func isReserved(word string) bool {
	return word == "and" || word == "or" || word == "not"
}

// bareLength returns the length of the value without quotes at the start of s.
func bareLength(s string) int {
	n := 0
	for n < len(s) && isBare(s[n]) {
		n++
	}
	return n
}

// symbolLength returns the length of the run of operator characters at the start
// of s.
func symbolLength(s string) int {
	n := 0
	for n < len(s) && strings.IndexByte("=!<>~", s[n]) >= 0 {
		n++
	}
	return n
}

// barePatternLength returns the length of the pattern without quotes at the
// start of s: as of a value, but brackets, commas and single bars belong to it,
// and so does a group from its parenthesis to the one that closes it, whatever
// is in it but blanks and quotes. Parentheses in a class or behind a backslash
// do not count. A pattern ends before a group that is not closed.
func barePatternLength(s string) int {
	var open []int // where the groups began that n is in
	class := -1    // where the contents of the class begin that n is in
	n := 0
	for n < len(s) && isPatternAt(s, n, len(open) > 0) {
		switch c := s[n]; {
		case c == '\\' && n+1 < len(s) && isGroupChar(s[n+1]):
			n++
		case class >= 0:
			if c == ']' && n > class {
				class = -1
			}
		case c == '[':
			class = n + 1
			if strings.HasPrefix(s[class:], "^") {
				class++
			}
		case c == '(':
			open = append(open, n)
		case c == ')' && len(open) == 0:
			return n
		case c == ')':
			open = open[:len(open)-1]
		}
		n++
	}
	if len(open) > 0 {
		return open[0]
	}
	return n
}

// isPatternAt reports whether a pattern without quotes may have the n-th byte of
// s, in a group or outside.
func isPatternAt(s string, n int, group bool) bool {
	switch c := s[n]; {
	case group:
		return isGroupChar(c)
	case c == '|':
		return n > 0 && s[n-1] != '|' && n+1 < len(s) && s[n+1] != ')' && isPatternChar(s[n+1])
	default:
		return isPatternChar(c)
	}
}

// isPatternChar reports whether a pattern without quotes may have c outside of
// groups, but for a bar.
func isPatternChar(c byte) bool { return isBare(c) || strings.IndexByte("[](),", c) >= 0 }

// isGroupChar reports whether a group of a pattern without quotes may have c.
func isGroupChar(c byte) bool { return ' ' < c && c < 0x7f && c != '\'' && c != '"' }

// skipBlanks moves to the next character that is not blank and returns where it is.
func (p *parser) skipBlanks() int {
	for p.pos < len(p.src) && isBlank(p.src[p.pos]) {
		p.pos++
	}
	return p.pos
}

// peek returns the next byte, or 0 at the end.
func (p *parser) peek() byte {
	if p.pos < len(p.src) {
		return p.src[p.pos]
	}
	return 0
}

// word reads a run of bare characters, which may be empty.
func (p *parser) word() string {
	at := p.pos
	p.pos += bareLength(p.src[at:])
	return p.src[at:p.pos]
}

func (p *parser) isQuote(at int) bool {
	return at < len(p.src) && (p.src[at] == '\'' || p.src[at] == '"')
}

// unexpected is the error of a text that is none of what is expected at offset at.
func (p *parser) unexpected(at int, expected ...string) *SyntaxError {
	return &SyntaxError{Source: p.src, Offset: at, Expected: expected}
}

// afterTest is the error of what follows a test, where an operator was expected.
func (p *parser) afterTest(expected ...string) *SyntaxError {
	err := p.unexpected(p.pos, expected...)
	if p.pos > 2 && p.isQuote(p.pos-1) && p.src[p.pos-2] == '\\' {
		err.Reason = "quotes have no escapes: the backslash is part of the value, and the quote ended it"
		return err
	}
	err.Hint = p.hintAfterTest()
	return err
}

// wrong is the error of a text that is complete but not allowed.
func (p *parser) wrong(at int, reason string) *SyntaxError {
	return &SyntaxError{Source: p.src, Offset: at, Reason: reason}
}

// badValue is the error of a value that does not suit its subject.
func (p *parser) badValue(at int, subject string, expected ...string) *SyntaxError {
	err := p.unexpected(at, expected...)
	err.Reason = subject + " cannot have this value"
	return err
}
