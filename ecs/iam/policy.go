package iam

import (
	"strconv"
	"strings"

	"github.com/bayplan/bayplan/ecs"
)

// Effect is what a statement does where it matches.
type Effect string

// The values of Effect.
const (
	Allow Effect = "Allow"
	Deny  Effect = "Deny"
)

// MalformedPolicyDocument is the code of a document that cannot be a policy.
// Source: AWS Identity and Access Management API Reference, PutRolePolicy.
const MalformedPolicyDocument ecs.Code = "MalformedPolicyDocument"

// The versions of the policy language. Only the newer one has policy variables.
const (
	version2008 = "2008-10-17"
	version2012 = "2012-10-17"
)

// Policy is an identity-based policy that ParsePolicy has read. It is immutable.
type Policy struct {
	name       string
	statements []statement
}

// Name returns the name that ParsePolicy was given.
func (p *Policy) Name() string { return p.name }

// statement is one statement, ready to be evaluated.
type statement struct {
	sid        string
	effect     Effect
	actions    set[pattern]
	resources  set[arnPattern]
	conditions []condition
}

// set is a list of patterns, or all but what it lists.
type set[P any] struct {
	not   bool
	list  []P
	texts []string // as they are written
}

// StatementRef identifies a statement of a policy.
type StatementRef struct {
	Policy string // the policy's name
	Index  int    // of the statement, from 0
	Sid    string // of the statement, or ""
	Effect Effect
}

// String returns the statement as an explanation names it: "Statement[1] (OneCluster) of NAME".
func (s StatementRef) String() string {
	var b strings.Builder
	b.WriteString("Statement[" + strconv.Itoa(s.Index) + "]")
	if s.Sid != "" {
		b.WriteString(" (" + s.Sid + ")")
	}
	return b.String() + " of " + s.Policy
}

// ref names a statement of the policy.
func (p *Policy) ref(i int) StatementRef {
	s := &p.statements[i]
	return StatementRef{Policy: p.name, Index: i, Sid: s.sid, Effect: s.effect}
}

// names reports whether the statement is about an action, which is in lower case.
func (s *statement) names(action string) bool {
	for _, p := range s.actions.list {
		if p.match(action) {
			return !s.actions.not
		}
	}
	return s.actions.not
}

// covers reports whether the statement is about a resource.
func (s *statement) covers(c Context, resource string) bool {
	for _, a := range s.resources.list {
		if a.match(c, resource) {
			return !s.resources.not
		}
	}
	return s.resources.not
}

// holds reports whether all conditions are true, and the first that is not.
func (s *statement) holds(c Context) (failed *condition, ok bool) {
	for i := range s.conditions {
		if !s.conditions[i].holds(c) {
			return &s.conditions[i], false
		}
	}
	return nil, true
}
