package query

import (
	"cmp"
	"slices"
	"strings"
)

// Match reports whether e holds for s. It allocates nothing, and takes time linear in the length of the
// expression and of the values compared.
//
// A test holds when some value of its subject passes it. A subject that is absent, an attribute without a
// value, and a text that cannot be read as its subject's kind have no value, so that every test of them
// fails, negative tests too. "attribute:stack != prod" excludes a container instance without the
// attribute, and "not(attribute:stack == prod)" includes it. The exceptions are exists, which asks for
// presence only, and !exists.
func (e *Expr) Match(s Subject) bool {
	switch e.kind {
	case kindNot:
		return !e.args[0].Match(s)
	case kindAnd:
		for _, a := range e.args {
			if !a.Match(s) {
				return false
			}
		}
		return true
	case kindOr:
		for _, a := range e.args {
			if a.Match(s) {
				return true
			}
		}
		return false
	default:
		return e.test(s)
	}
}

// test evaluates a single test.
func (e *Expr) test(s Subject) bool {
	if e.class >= classTime {
		if in, ok := s.(Instance); ok {
			return e.testInstance(in)
		}
	}
	value, ok := s.Lookup(e.subject)
	switch {
	case e.op == OpExists:
		return ok
	case e.op == OpNotExists:
		return !ok
	case !ok || value == "":
		return false
	default:
		return e.passes(value)
	}
}

// testInstance evaluates a test of registeredAt, runningTasksCount or
// task:group on a subject that answers without text.
func (e *Expr) testInstance(in Instance) bool {
	switch e.class {
	case classTime:
		t := in.Registered()
		return !t.IsZero() && ordered(e.op, t.Compare(e.at))
	case classCount:
		return ordered(e.op, compareCount(in.TasksRunning(), e.values[0]))
	}
	for i := 0; ; i++ {
		group, ok := in.TaskGroup(i)
		switch {
		case !ok:
			return e.op == OpNotExists
		case e.op == OpExists:
			return true
		case e.op == OpNotExists:
			return false
		case group != "" && e.passes(group):
			return true
		}
	}
}

// passes reports whether one value, which is not empty, passes the test.
func (e *Expr) passes(value string) bool {
	switch e.class {
	case classVersion:
		return isVersion(value) && ordered(e.op, compareVersions(value, e.values[0]))
	case classCount:
		return isDigits(value) && ordered(e.op, compareDigits(value, e.values[0]))
	case classTime:
		t, ok := parseTime(value, true)
		return ok && ordered(e.op, t.Compare(e.at))
	}
	switch e.op {
	case OpEquals:
		return value == e.values[0]
	case OpNotEquals:
		return value != e.values[0]
	case OpIn:
		return slices.Contains(e.values, value)
	case OpNotIn:
		return !slices.Contains(e.values, value)
	case OpMatches:
		return e.pattern.match(value)
	case OpNotMatches:
		return !e.pattern.match(value)
	default:
		return ordered(e.op, compareText(value, e.values[0]))
	}
}

// compareText compares by number when both texts are numbers, else by bytes.
func compareText(a, b string) int {
	if isDecimal(a) && isDecimal(b) {
		return compareDecimals(a, b)
	}
	return strings.Compare(a, b)
}

// compareCount compares n with a count in digits.
func compareCount(n int, digits string) int {
	if n < 0 {
		return -1
	}
	digits = trimZeros(digits)
	if len(digits) > 18 {
		return -1
	}
	var d int64
	for i := range len(digits) {
		d = d*10 + int64(digits[i]-'0')
	}
	return cmp.Compare(int64(n), d)
}

// ordered reports whether the order c (negative, zero, positive) satisfies op.
func ordered(op Op, c int) bool {
	switch op {
	case OpEquals:
		return c == 0
	case OpNotEquals:
		return c != 0
	case OpGreaterThan:
		return c > 0
	case OpGreaterThanEqual:
		return c >= 0
	case OpLessThan:
		return c < 0
	default: // OpLessThanEqual
		return c <= 0
	}
}
