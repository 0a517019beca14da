package iam

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
)

// Decision is what policies say of a request, in the words of SimulateCustomPolicy.
// Source: AWS Identity and Access Management API Reference, EvaluationResult.
type Decision string

// The values of Decision.
const (
	Allowed      Decision = "allowed"
	ExplicitDeny Decision = "explicitDeny"
	ImplicitDeny Decision = "implicitDeny"
)

// Context holds the values of a request by condition key: one value or, for a key that AWS lists as
// multivalued, several. Keys are compared without regard to case. A key without values is absent.
type Context map[string][]string

// Resource is a resource of a request, against which its action is authorized.
type Resource struct {
	ARN     string  // or "*", for an action without resource types
	Context Context // condition keys of this resource only, such as aws:ResourceTag/team
}

// Request is a call that policies allow or deny.
type Request struct {
	Action    string     // "ecs:RunTask"; capital letters do not count
	Resources []Resource // each is decided separately; none: "*"
	Context   Context    // condition keys of the whole call
}

// longestValue is how many bytes an ARN or a value of a context has. AWS has nothing as long; the limit
// bounds the time that a comparison with a pattern takes.
const longestValue = 4096

// ResourceResult is the decision about one resource.
type ResourceResult struct {
	Resource string
	Decision Decision
	// Matched are the statements that decided, in order of policies and statements: the denying ones
	// where one denies, else the allowing ones.
	Matched []StatementRef
}

// Result is the decision about a request.
type Result struct {
	Decision  Decision // the first of ExplicitDeny, ImplicitDeny and Allowed that a resource has
	Resources []ResourceResult
}

// Evaluate decides a request by identity-based policies: for each resource, a statement that denies
// overrides all that allow, and a resource that no statement allows is denied. The order of policies and
// statements does not matter. The request is allowed only if it is allowed for every resource.
//
// A request without an action, or with a value of more than 4,096 bytes, is refused with a
// ValidationException for each such value; its result allows nothing.
//
// It takes time linear in the policies' size for each resource and value. A part of a pattern between two
// * that contains a ? takes at most its own length times that of the value.
//
// Source: AWS Identity and Access Management User Guide, "Policy evaluation logic".
func Evaluate(policies []*Policy, r Request) (Result, error) {
	result := Result{Decision: ImplicitDeny}
	if err := r.check(); err != nil {
		return result, err
	}
	q := r.folded()
	for i, resource := range q.Resources {
		one := ResourceResult{Resource: resource.ARN, Decision: ImplicitDeny}
		for _, p := range policies {
			p.decide(&one, q.Action, resource)
		}
		result.Resources = append(result.Resources, one)
		if i == 0 || rank(one.Decision) > rank(result.Decision) {
			result.Decision = one.Decision
		}
	}
	return result, nil
}

func rank(d Decision) int { return slices.Index([]Decision{Allowed, ImplicitDeny, ExplicitDeny}, d) }

// decide adds what the statements of the policy say.
func (p *Policy) decide(one *ResourceResult, action string, r Resource) {
	for i := range p.statements {
		s := &p.statements[i]
		if s.effect == Allow && one.Decision == ExplicitDeny || !s.names(action) || !s.covers(r.Context, r.ARN) {
			continue
		}
		if _, ok := s.holds(r.Context); !ok {
			continue
		}
		if s.effect == Deny && one.Decision != ExplicitDeny {
			one.Decision, one.Matched = ExplicitDeny, nil
		}
		if s.effect == Allow {
			one.Decision = Allowed
		}
		one.Matched = append(one.Matched, p.ref(i))
	}
}

// check refuses what cannot be decided.
func (r Request) check() error {
	var f check.Faults
	if service, name, ok := strings.Cut(r.Action, ":"); !ok || service == "" || name == "" ||
		len(r.Action) > longestValue {
		f.Refuse("Action", "An action is service:Name; this is %q.", check.Shortened(r.Action))
	}
	r.Context.check(&f, "Context")
	for i, resource := range r.Resources {
		at := check.Index("Resources", i)
		if n := len(resource.ARN); n > longestValue {
			f.Refuse(check.Under(at, "ARN"), "An ARN has at most %d bytes; this one has %d.", longestValue, n)
		}
		resource.Context.check(&f, check.Under(at, "Context"))
	}
	return ecs.Faults(ecs.ValidationException, f.Pairs())
}

func (c Context) check(f *check.Faults, at string) {
	for _, key := range slices.Sorted(maps.Keys(c)) {
		for i, v := range c[key] {
			if len(v) > longestValue {
				f.Refuse(check.Index(check.Under(at, key), i), "A value has at most %d bytes; this one has %d.",
					longestValue, len(v))
			}
		}
	}
}

// folded returns the request with its action and keys in lower case, and for each resource the whole
// context. Without a resource it is about "*".
func (r Request) folded() Request {
	q := Request{Action: strings.ToLower(r.Action)}
	resources := r.Resources
	if len(resources) == 0 {
		resources = []Resource{{ARN: "*"}}
	}
	for _, resource := range resources {
		c := make(Context, len(r.Context)+len(resource.Context))
		for _, from := range []Context{r.Context, resource.Context} {
			c.add(from)
		}
		q.Resources = append(q.Resources, Resource{ARN: resource.ARN, Context: c})
	}
	return q
}

// add adds the values of another context. Keys that differ only in capital letters are one, with the
// values of all.
func (c *Context) add(from Context) {
	for _, key := range slices.Sorted(maps.Keys(from)) {
		name := strings.ToLower(key)
		(*c)[name] = append(slices.Clone((*c)[name]), from[key]...)
	}
}

// Message returns the text of the AccessDeniedException that a denied request gets, or "" for one that is
// allowed. The principal is the ARN of the caller.
func (r Result) Message(principal, action string) string {
	for _, one := range r.Resources {
		if one.Decision != r.Decision {
			continue
		}
		text := fmt.Sprintf("User: %s is not authorized to perform: %s on resource: %s ", principal, action,
			one.Resource)
		switch one.Decision {
		case ExplicitDeny:
			return text + "with an explicit deny in an identity-based policy"
		case ImplicitDeny:
			return text + "because no identity-based policy allows the " + action + " action"
		case Allowed:
		}
		return ""
	}
	return ""
}
