package query

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// MaxLength is the most characters an expression may have: Amazon ECS API
// Reference, PlacementConstraint.
const MaxLength = 2000

// Parse reads an expression of the cluster query language, in the form that Grammar describes. Any
// error is a *SyntaxError that points at the first character that cannot be right. It takes time
// linear in the length of src.
func Parse(src string) (*Expr, error) {
	if err := checkText(src); err != nil {
		return nil, err
	}
	p := &parser{src: src, bare: -1}
	e, err := p.or()
	if err == nil && p.skipBlanks() < len(src) {
		err = p.afterTest("and", "or", "end of expression")
	}
	if err != nil {
		return nil, err
	}
	e.flatten()
	return e, nil
}

// flatten makes the operands of an operand of the same kind, which stood in
// parentheses, operands of e, all through the tree and each of them once.
func (e *Expr) flatten() {
	switch e.kind {
	case kindNot:
		e.args[0].flatten()
	case kindAnd, kindOr:
		e.args = e.appendOperands(nil, e.kind)
	}
}

func (e *Expr) appendOperands(all []*Expr, k kind) []*Expr {
	for _, a := range e.args {
		if a.kind == k {
			all = a.appendOperands(all, k)
		} else {
			a.flatten()
			all = append(all, a)
		}
	}
	return all
}

// checkText refuses text that is too long or that is not printable.
func checkText(src string) *SyntaxError {
	n := 0
	for i, r := range src {
		if n == MaxLength {
			return &SyntaxError{Source: src, Offset: i,
				Reason: fmt.Sprintf("an expression has at most %d characters, this one has %d", MaxLength,
					utf8.RuneCountInString(src))}
		}
		n++
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(src[i:], "\uFFFD"):
			return &SyntaxError{Source: src, Offset: i, Reason: "the text is not valid UTF-8"}
		case isControl(r) && !isBlank(byte(r)):
			return &SyntaxError{Source: src, Offset: i,
				Reason: fmt.Sprintf("the control character %U does not belong in an expression", r)}
		}
	}
	return nil
}

func isControl(r rune) bool { return r < ' ' || 0x7f <= r && r < 0xa0 }

// A parser reads src from left to right and never goes back further than the
// beginning of a word.
type parser struct {
	src    string
	pos    int
	states int   // of all patterns so far
	class  class // of the last test
	bare   int   // where its last value began, if that had no quotes, else -1
}

func (p *parser) or() (*Expr, *SyntaxError) {
	return p.chain(kindOr, "or", "||", p.and)
}

func (p *parser) and() (*Expr, *SyntaxError) {
	return p.chain(kindAnd, "and", "&&", p.not)
}

// chain reads operands with a Boolean operator between them, as one expression.
func (p *parser) chain(k kind, word, symbol string, operand func() (*Expr, *SyntaxError)) (*Expr, *SyntaxError) {
	first, err := operand()
	if err != nil || !p.takeBoolean(word, symbol) {
		return first, err
	}
	e := &Expr{kind: k, args: []*Expr{first}}
	for {
		next, err := operand()
		if err != nil {
			return nil, err
		}
		e.args = append(e.args, next)
		if !p.takeBoolean(word, symbol) {
			return e, nil
		}
	}
}

// takeBoolean reads a Boolean operator if it comes next.
func (p *parser) takeBoolean(word, symbol string) bool {
	at := p.skipBlanks()
	if strings.HasPrefix(p.src[at:], symbol) {
		p.pos += len(symbol)
		return true
	}
	if p.word() == word {
		return true
	}
	p.pos = at
	return false
}

func (p *parser) not() (*Expr, *SyntaxError) {
	negations := 0
	for {
		at := p.skipBlanks()
		if p.peek() == '!' {
			p.pos++
		} else if p.word() != "not" {
			p.pos = at
			break
		}
		negations++
	}
	e, err := p.primary()
	for ; err == nil && negations > 0; negations-- {
		e = &Expr{kind: kindNot, args: []*Expr{e}}
	}
	return e, err
}

func (p *parser) primary() (*Expr, *SyntaxError) {
	if p.peek() != '(' {
		return p.test()
	}
	p.pos++
	e, err := p.or()
	if err != nil {
		return nil, err
	}
	if p.skipBlanks(); p.peek() != ')' {
		return nil, p.afterTest(")", "and", "or")
	}
	p.pos++
	return e, nil
}

// test reads a subject, an operator and its argument.
func (p *parser) test() (*Expr, *SyntaxError) {
	e := &Expr{}
	if err := p.subject(e); err != nil {
		return nil, err
	}
	if err := p.operator(e); err != nil {
		return nil, err
	}
	p.class, p.bare = e.class, -1
	switch e.op {
	case OpExists, OpNotExists:
		return e, nil
	case OpIn, OpNotIn:
		return e, p.list(e)
	case OpMatches, OpNotMatches:
		return e, p.patternValue(e)
	default:
		return e, p.value(e)
	}
}

func (p *parser) subject(e *Expr) *SyntaxError {
	at := p.pos
	w := p.word()
	if name, ok := strings.CutPrefix(w, attributePrefix); ok {
		e.subject, e.class = w, classText
		return p.checkName(at+len(attributePrefix), name)
	}
	c, ok := classOf(w)
	if !ok {
		err := p.unexpected(at, subjectCandidates()...)
		err.Hint = subjectHint(w)
		return err
	}
	e.subject, e.class = w, c
	return nil
}

// checkName checks the name of an attribute, which begins at offset at.
func (p *parser) checkName(at int, name string) *SyntaxError {
	for i := range len(name) {
		if !isNameChar(name[i]) {
			return p.wrong(at+i, `an attribute name has letters, digits, "-", "_", "/", "\" and "." only`)
		}
	}
	switch {
	case name == "":
		return p.unexpected(at, "an attribute name")
	case len(name) > maxAttributeLength:
		return p.wrong(at+maxAttributeLength,
			fmt.Sprintf("an attribute name has at most %d characters, this one has %d", maxAttributeLength, len(name)))
	}
	return nil
}

func (p *parser) operator(e *Expr) *SyntaxError {
	at := p.skipBlanks()
	token := p.operatorToken()
	e.op = opOf(token)
	if e.op != 0 && e.class.allows(e.op) {
		return nil
	}
	err := p.unexpected(at, operatorCandidates(e.class)...)
	if e.op != 0 {
		err.Reason = fmt.Sprintf("%s cannot be tested with %s", e.subject, token)
		return err
	}
	err.Hint = p.operatorHint(token, e.class)
	return err
}

// operatorToken reads a run of operator characters, or a word, or "!" and a word.
func (p *parser) operatorToken() string {
	at := p.pos
	p.pos += symbolLength(p.src[at:])
	if symbol := p.src[at:p.pos]; symbol == "" || symbol == "!" {
		p.word()
	}
	return p.src[at:p.pos]
}

func (p *parser) list(e *Expr) *SyntaxError {
	if p.skipBlanks(); p.peek() != '[' {
		return p.unexpected(p.pos, "[")
	}
	p.pos++
	for {
		if err := p.value(e); err != nil {
			return err
		}
		p.skipBlanks()
		switch p.peek() {
		case ',':
			p.pos++
		case ']':
			p.pos++
			return nil
		default:
			return p.unexpected(p.pos, ",", "]")
		}
	}
}

// value reads one value and appends it to those of e.
func (p *parser) value(e *Expr) *SyntaxError {
	at := p.skipBlanks()
	v, err := p.text(bareLength)
	if err != nil {
		return err
	}
	if p.isQuote(at) {
		at++
	}
	switch e.class {
	case classBoolean:
		if v = strings.ToLower(v); v != "true" && v != "false" {
			return p.badValue(at, e.subject, "true", "false")
		}
	case classVersion:
		if !isVersion(v) {
			return p.badValue(at, e.subject, "a version such as 1.14.5")
		}
	case classCount:
		if !isDigits(v) {
			return p.badValue(at, e.subject, "a whole number")
		}
	case classTime:
		t, ok := parseTime(v, false)
		if !ok {
			return p.badValue(at, e.subject, "a time such as 2018-06-18 or 2018-06-18T22:28:28+00:00")
		}
		e.at = t
	}
	e.values = append(e.values, v)
	return nil
}

// patternValue reads a regular expression and compiles it.
func (p *parser) patternValue(e *Expr) *SyntaxError {
	at := p.skipBlanks()
	quoted := p.isQuote(at)
	if next := at + barePatternLength(p.src[at:]); !quoted && next < len(p.src) && strings.IndexByte(`('"`,
		p.src[next]) >= 0 {
		return p.wrong(next, "a pattern with blanks, quotes or a parenthesis that is not closed needs quotes around it")
	}
	v, err := p.text(barePatternLength)
	if err != nil {
		return err
	}
	if quoted {
		at++
	}
	compiled, states, fault := compilePattern(v, maxPatternStates-p.states)
	if fault != nil {
		return &SyntaxError{Source: p.src, Offset: at + fault.at, Reason: fault.reason, Hint: fault.hint}
	}
	p.states += states
	e.values, e.pattern = []string{v}, compiled
	return nil
}

// text reads a quoted text, or a bare one that goes as far as bare says.
func (p *parser) text(bare func(string) int) (string, *SyntaxError) {
	at := p.pos
	if !p.isQuote(at) {
		v := p.src[at : at+bare(p.src[at:])]
		if v == "" {
			err := p.unexpected(at, "a value")
			if err.Hint = quoteHint(p.src[at:]); p.peek() == '[' {
				err.Hint = OpIn.String()
			}
			return "", err
		}
		if isReserved(v) {
			err := p.unexpected(at, "a value")
			err.Hint = "'" + v + "'"
			return "", err
		}
		p.bare = at
		p.pos += len(v)
		return v, nil
	}
	p.bare = -1
	n := strings.IndexByte(p.src[at+1:], p.src[at])
	switch {
	case n < 0:
		return "", p.wrong(at, "the quote is not closed")
	case n == 0:
		return "", p.wrong(at, "a value has one character or more; exists and !exists ask whether there is one")
	}
	p.pos = at + n + 2
	return p.src[at+1 : at+1+n], nil
}
