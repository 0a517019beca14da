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
// start of s: as of a value, but brackets, commas and single bars belong to it.
func barePatternLength(s string) int {
	n := 0
	for n < len(s) {
		switch c := s[n]; {
		case isBare(c), c == '[', c == ']', c == ',':
		case c == '|' && n > 0 && n+1 < len(s) && s[n-1] != '|' && isPatternChar(s[n+1]):
		default:
			return n
		}
		n++
	}
	return n
}

func isPatternChar(c byte) bool { return isBare(c) || c == '[' || c == ']' || c == ',' }

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
	at := p.pos
	err := p.unexpected(at, expected...)
	w := p.word()
	_, fixed := classOf(w)
	if err.Hint = closest(w, []string{"and", "or"}); err.Hint == "" && p.bare >= 0 && w != "" && !fixed && !strings.HasPrefix(w, attributePrefix) {
		err.Hint = "'" + p.src[p.bare:p.pos] + "'"
	}
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
