package iam

import (
	"strings"
	"unicode/utf8"
)

// pieceKind is what a piece of a pattern stands for.
type pieceKind uint8

const (
	literal  pieceKind = iota // its text
	anyRun                    // *: any characters, or none
	anyOne                    // ?: one character
	variable                  // ${key}: what the request has under the key
)

// piece is a part of a pattern.
type piece struct {
	kind     pieceKind
	text     string // of a literal; of a variable its key in lower case
	fallback string // of a variable, where it has one
	falls    bool   // a variable with a fallback
}

// pattern is a text with wildcards and variables, cut into pieces. No two literals and no two runs
// follow each other.
type pattern []piece

// dialect is what is special in a pattern.
type dialect struct {
	wild      bool // * and ?
	variables bool // ${…}, in documents of Version 2012-10-17
}

// compile cuts a text into pieces. The sentence says what is wrong, or is empty.
func (d dialect) compile(text string) (p pattern, wrong string) {
	var b builder
	for text != "" {
		switch {
		case d.variables && strings.HasPrefix(text, "${"):
			end := strings.IndexByte(text, '}')
			if end < 0 {
				return nil, "The policy variable is not closed: } is missing."
			}
			var one piece
			if one, wrong = variablePiece(text[2:end]); wrong != "" {
				return nil, wrong
			}
			b.add(one)
			text = text[end+1:]
		case d.wild && text[0] == '*':
			b.add(piece{kind: anyRun})
			text = text[1:]
		case d.wild && text[0] == '?':
			b.add(piece{kind: anyOne})
			text = text[1:]
		default:
			n := d.plain(text)
			b.add(piece{kind: literal, text: text[:n]})
			text = text[n:]
		}
	}
	return b.pieces, ""
}

// plain returns how many bytes of a text, at least one, come before the next that may be special.
func (d dialect) plain(text string) int {
	for n := 1; n < len(text); n++ {
		switch c := text[n]; {
		case d.wild && (c == '*' || c == '?'), d.variables && strings.HasPrefix(text[n:], "${"):
			return n
		}
	}
	return len(text)
}

// variablePiece reads what stands between ${ and }.
// Source: AWS Identity and Access Management User Guide, "IAM policy elements: Variables and tags".
func variablePiece(inside string) (piece, string) {
	if inside == "*" || inside == "?" || inside == "$" {
		return piece{kind: literal, text: inside}, ""
	}
	key, rest, falls := strings.Cut(inside, ",")
	v := piece{kind: variable, text: strings.ToLower(strings.TrimSpace(key)), falls: falls}
	if !isKey(v.text) {
		return piece{}, "A policy variable is ${service:key}, or one of ${*}, ${?} and ${$}."
	}
	if falls {
		rest = strings.TrimSpace(rest)
		if len(rest) < 2 || rest[0] != '\'' || rest[len(rest)-1] != '\'' {
			return piece{}, "The default of a policy variable stands in single quotes: ${aws:username, 'nobody'}."
		}
		v.fallback = rest[1 : len(rest)-1]
	}
	return v, ""
}

// isKey reports whether a text can be a condition key: service:name, and no blank.
func isKey(s string) bool {
	service, name, ok := strings.Cut(s, ":")
	return ok && service != "" && name != "" && !strings.ContainsAny(service, "/ ") && strings.TrimSpace(s) == s
}

// builder makes a pattern of pieces: literals join, and runs that follow each other are one.
type builder struct{ pieces pattern }

func (b *builder) add(next piece) {
	n := len(b.pieces)
	switch {
	case next.kind == literal && next.text == "":
	case n > 0 && next.kind == literal && b.pieces[n-1].kind == literal:
		b.pieces[n-1].text += next.text
	case n > 0 && next.kind == anyRun && b.pieces[n-1].kind == anyRun:
	default:
		b.pieces = append(b.pieces, next)
	}
}

// resolve returns the pattern with the values of its variables as literals. It reports false where a
// variable has neither one value nor a fallback, and where the literals are longer than most bytes
// together: then no text of that length matches.
func (p pattern) resolve(c Context, most int) (resolved pattern, ok bool) {
	var b builder
	for _, part := range p {
		if part.kind == variable {
			switch values := c[part.text]; {
			case len(values) == 1:
				part = piece{kind: literal, text: values[0]}
			case len(values) == 0 && part.falls:
				part = piece{kind: literal, text: part.fallback}
			default:
				return nil, false
			}
		}
		if most -= len(part.text); most < 0 {
			return nil, false
		}
		b.add(part)
	}
	return b.pieces, true
}

// match reports whether a pattern without variables matches a whole text. Each text between two * is
// looked for once, from the left: what comes after it cannot make a later find better.
func (p pattern) match(s string) bool {
	if p.least() > len(s) {
		return false
	}
	part, rest, open := p.cut()
	n, ok := part.prefix(s)
	if !ok {
		return false
	}
	for s = s[n:]; open; s = s[n:] {
		part, rest, open = rest.cut()
		if !open {
			return part.suffix(s)
		}
		if n = part.find(s); n < 0 {
			return false
		}
	}
	return s == ""
}

// least returns how many bytes a text must have at least.
func (p pattern) least() (n int) {
	for _, part := range p {
		n += len(part.text)
		if part.kind == anyOne {
			n++
		}
	}
	return n
}

// cut returns the pieces before the first run and those after it, and whether there is a run.
func (p pattern) cut() (before, after pattern, found bool) {
	for i, part := range p {
		if part.kind == anyRun {
			return p[:i], p[i+1:], true
		}
	}
	return p, nil, false
}

// prefix returns how many bytes at the start of a text the pieces, none of them a run, match.
func (p pattern) prefix(s string) (n int, ok bool) {
	for _, part := range p {
		if part.kind == anyOne {
			_, size := utf8.DecodeRuneInString(s[n:])
			if size == 0 {
				return 0, false
			}
			n += size
			continue
		}
		if !strings.HasPrefix(s[n:], part.text) {
			return 0, false
		}
		n += len(part.text)
	}
	return n, true
}

// suffix reports whether the pieces, none of them a run, match the end of a text.
func (p pattern) suffix(s string) bool {
	for i := len(p) - 1; i >= 0; i-- {
		if p[i].kind == anyOne {
			_, size := utf8.DecodeLastRuneInString(s)
			if size == 0 {
				return false
			}
			s = s[:len(s)-size]
			continue
		}
		if !strings.HasSuffix(s, p[i].text) {
			return false
		}
		s = s[:len(s)-len(p[i].text)]
	}
	return true
}

// find returns where the first place ends that the pieces, none of them a run, match; -1: there is none.
func (p pattern) find(s string) int {
	for at := 0; ; {
		if len(p) > 0 && p[0].kind == literal {
			i := strings.Index(s[at:], p[0].text)
			if i < 0 {
				return -1
			}
			at += i
		}
		if n, ok := p.prefix(s[at:]); ok {
			return at + n
		}
		_, size := utf8.DecodeRuneInString(s[at:])
		if size == 0 {
			return -1
		}
		at += size
	}
}

// String returns the pattern as it may be written.
func (p pattern) String() string {
	var b strings.Builder
	for _, part := range p {
		switch part.kind {
		case literal:
			b.WriteString(part.text)
		case anyRun:
			b.WriteByte('*')
		case anyOne:
			b.WriteByte('?')
		case variable:
			b.WriteString("${" + part.text + "}")
		}
	}
	return b.String()
}

// arnPattern is an ARN with wildcards. They match within a part and not across the first five colons.
// Source: AWS Identity and Access Management User Guide, "IAM JSON policy elements: Resource".
type arnPattern struct {
	all   bool // "*" alone
	parts [6]pattern
}

// notARN is what is wrong with a text that is neither * nor an ARN.
const notARN = `must be in ARN format or "*".`

// compileARN reads an ARN of six parts, or * where that is allowed for all.
func (d dialect) compileARN(text string) (a arnPattern, wrong string) {
	p, wrong := d.compile(text)
	if wrong != "" {
		return a, wrong
	}
	if len(p) == 1 && p[0].kind == anyRun {
		return arnPattern{all: true}, ""
	}
	var parts [6]builder
	at := 0
	for _, part := range p {
		for part.kind == literal && at < len(parts)-1 {
			before, after, found := strings.Cut(part.text, ":")
			if !found {
				break
			}
			parts[at].add(piece{kind: literal, text: before})
			part.text = after
			at++
		}
		parts[at].add(part)
	}
	for i := range parts {
		a.parts[i] = parts[i].pieces
	}
	if at < len(parts)-1 || a.parts[0].String() != "arn" {
		return a, notARN
	}
	return a, ""
}

// match reports whether the pattern matches a text, in a request's context.
func (a arnPattern) match(c Context, s string) bool {
	if a.all {
		return true
	}
	parts := strings.SplitN(s, ":", len(a.parts))
	if len(parts) < len(a.parts) {
		return false
	}
	for i, p := range a.parts {
		p, ok := p.resolve(c, len(parts[i]))
		if !ok || !p.match(parts[i]) {
			return false
		}
	}
	return true
}
