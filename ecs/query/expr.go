package query

import (
	"iter"
	"slices"
	"time"
)

type kind uint8

const (
	kindTest kind = iota
	kindNot
	kindAnd
	kindOr
)

// An Expr is a parsed expression. Parse makes it, nothing changes it, and several goroutines may use it
// at once.
type Expr struct {
	kind kind
	args []*Expr // of not: one; of and, or: two or more, none of the same kind

	// Of a test:
	subject string
	class   class
	op      Op
	values  []string
	pattern *pattern  // of =~ and !~
	at      time.Time // of registeredAt
}

// Subjects yields the distinct subjects that e reads, in byte order, as Subject.Lookup takes them. Two
// instances that agree in all of them get the same result.
func (e *Expr) Subjects() iter.Seq[string] {
	all := e.appendSubjects(nil)
	slices.Sort(all)
	return slices.Values(slices.Compact(all))
}

func (e *Expr) appendSubjects(all []string) []string {
	if e.kind == kindTest {
		return append(all, e.subject)
	}
	for _, a := range e.args {
		all = a.appendSubjects(all)
	}
	return all
}

// Dynamic reports whether e reads runningTasksCount, task:group or agentConnected, which change while a
// container instance is registered. The result of another expression stays the same as long as the
// attributes do.
func (e *Expr) Dynamic() bool {
	switch e.kind {
	case kindTest:
		return e.class == classCount || e.class == classGroup || e.class == classBoolean
	default:
		return slices.ContainsFunc(e.args, (*Expr).Dynamic)
	}
}

// Conjuncts returns the expressions that must all hold for e to hold, in the order of the text. It takes
// apart "and", double negation and a negated "or", so that no result is one of these. An expression that
// is not a conjunction is its own only conjunct.
func (e *Expr) Conjuncts() []*Expr {
	return e.appendConjuncts(nil, false)
}

func (e *Expr) appendConjuncts(all []*Expr, negated bool) []*Expr {
	switch {
	case e.kind == kindNot:
		return e.args[0].appendConjuncts(all, !negated)
	case e.kind == kindAnd && !negated, e.kind == kindOr && negated:
		for _, a := range e.args {
			all = a.appendConjuncts(all, negated)
		}
		return all
	case negated:
		return append(all, &Expr{kind: kindNot, args: []*Expr{e}})
	default:
		return append(all, e)
	}
}

// Negation returns the operand of a negation, "not(operand)", and whether e is one.
func (e *Expr) Negation() (operand *Expr, ok bool) {
	if e.kind != kindNot {
		return nil, false
	}
	return e.args[0], true
}

// Comparison returns the parts of an expression that is a single test: the subject as Subject.Lookup
// takes it, the operator, and the values: none for exists and !exists, the items of the list for in and
// !in, and one for each other operator. The caller may change the slice.
func (e *Expr) Comparison() (subject string, op Op, values []string, ok bool) {
	if e.kind != kindTest {
		return "", 0, nil, false
	}
	return e.subject, e.op, slices.Clone(e.values), true
}
