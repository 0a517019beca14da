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

// An Expr is a parsed expression: immutable, to be shared, and safe for use by
// several goroutines at once. It is made by [Parse] only.
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

// Subjects yields the distinct subjects that e reads, in byte order, as they are
// given to [Subject].Lookup: what an instance must be known by for e to be
// decided, and so what a class of instances must have in common to share the
// answer.
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

// Dynamic reports whether e reads runningTasksCount, task:group or
// agentConnected, which change while a container instance is registered.
// The answer of an expression that is not dynamic may be kept for as long as
// the attributes stay as they are.
func (e *Expr) Dynamic() bool {
	switch e.kind {
	case kindTest:
		return e.class == classCount || e.class == classGroup || e.class == classBoolean
	default:
		return slices.ContainsFunc(e.args, (*Expr).Dynamic)
	}
}

// Conjuncts returns expressions of which all must hold for e to hold, and whose
// conjunction is e, in the order of the text. It looks through "and", through
// double negation, and through a negated "or"; what it returns is none of
// these. An expression that is not a conjunction is its own only conjunct.
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

// Negation returns the operand when e is a negation, "not(operand)".
func (e *Expr) Negation() (operand *Expr, ok bool) {
	if e.kind != kindNot {
		return nil, false
	}
	return e.args[0], true
}

// Comparison returns the parts when e is a single test: its subject as given to
// [Subject].Lookup, its operator, and its values: none for exists and !exists,
// the items of the list for in and !in, one otherwise. The slice is a fresh one.
func (e *Expr) Comparison() (subject string, op Op, values []string, ok bool) {
	if e.kind != kindTest {
		return "", 0, nil, false
	}
	return e.subject, e.op, slices.Clone(e.values), true
}
