package query

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
)

// maxPatternStates bounds the compiled size of all patterns of an expression
// together, and with it the time and memory that a match can take.
const maxPatternStates = 2000

// A pattern is a regular expression that a whole value must match.
type pattern struct {
	re     *regexp.Regexp // nil when the pattern is a text, or a text and ".*"
	prefix string
	open   bool // prefix and then ".*"
}

// match reports whether the whole value matches.
func (p *pattern) match(value string) bool {
	switch {
	case p.re != nil:
		return p.re.MatchString(value)
	case p.open:
		return strings.HasPrefix(value, p.prefix) && strings.IndexByte(value[len(p.prefix):], '\n') < 0
	default:
		return value == p.prefix
	}
}

// A patternFault says what is wrong with a pattern, and where in it.
type patternFault struct {
	at           int
	reason, hint string
}

// compilePattern compiles a pattern of at most limit states and returns how
// many it has.
func compilePattern(p string, limit int) (*pattern, int, *patternFault) {
	if fault := javaOnly(p); fault != nil {
		return nil, 0, fault
	}
	tree, err := syntax.Parse(p, syntax.Perl)
	if err != nil {
		return nil, 0, patternFaultOf(p, err)
	}
	states := countStates(tree)
	if states > limit {
		return nil, 0, tooLarge()
	}
	if simple := simplePattern(tree); simple != nil {
		return simple, states, nil
	}
	// The tree is printed, rather than p taken, because p may end inside \Q.
	re, err := regexp.Compile(`\A(?:` + tree.String() + `)\z`)
	if err != nil {
		return nil, 0, patternFaultOf(p, err)
	}
	return &pattern{re: re}, states, nil
}

func tooLarge() *patternFault {
	return &patternFault{
		reason: fmt.Sprintf(
			"the patterns of an expression may need %d states together, and with this one they need more",
			maxPatternStates)}
}

// simplePattern recognises "text" and "text.*", which most patterns are.
func simplePattern(tree *syntax.Regexp) *pattern {
	parts := []*syntax.Regexp{tree}
	if tree.Op == syntax.OpConcat {
		parts = tree.Sub
	}
	p := &pattern{}
	if len(parts) > 0 && isLiteral(parts[0]) {
		p.prefix = string(parts[0].Rune)
		parts = parts[1:]
	}
	if len(parts) == 1 && parts[0].Op == syntax.OpStar && parts[0].Sub[0].Op == syntax.OpAnyCharNotNL {
		p.open = true
		parts = nil
	}
	if len(parts) > 0 {
		return nil
	}
	return p
}

func isLiteral(re *syntax.Regexp) bool {
	return re.Op == syntax.OpLiteral && re.Flags&syntax.FoldCase == 0
}

// countStates estimates from above how many states a tree compiles to.
func countStates(re *syntax.Regexp) int {
	n := 1
	for _, sub := range re.Sub {
		n += 1 + countStates(sub)
	}
	switch re.Op {
	case syntax.OpLiteral:
		n += len(re.Rune)
	case syntax.OpRepeat:
		n *= max(1, re.Min, re.Max)
	}
	return n
}

// patternFaultOf says in this package's words what package regexp found.
func patternFaultOf(p string, err error) *patternFault {
	var e *syntax.Error
	if !errors.As(err, &e) {
		return &patternFault{reason: err.Error()}
	}
	fault := &patternFault{
		at:     max(0, strings.Index(p, e.Expr)),
		reason: fmt.Sprintf("the regular expression is wrong: %s: %s", e.Code, e.Expr),
	}
	switch e.Code {
	case syntax.ErrMissingRepeatArgument:
		if strings.HasPrefix(p[fault.at:], "*") {
			fault.hint = "." + p[fault.at:]
		}
	case syntax.ErrLarge, syntax.ErrInvalidRepeatSize, syntax.ErrNestingDepth:
		fault.reason = fmt.Sprintf("the regular expression is too large: %s", e.Code)
	}
	return fault
}
