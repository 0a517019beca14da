package iam

import (
	"fmt"
	"strings"

	"github.com/bayplan/bayplan/internal/check"
)

// Explain returns why a request is decided as Evaluate decides it, as lines of text: for each resource
// the decision, the statements that decided, and, where no statement did, what keeps each statement about
// the action from matching. It fails as Evaluate does.
func Explain(policies []*Policy, r Request) (string, error) {
	result, err := Evaluate(policies, r)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	q := r.folded()
	for i, one := range result.Resources {
		fmt.Fprintf(&b, "%s on %s: %s\n", r.Action, one.Resource, one.Decision)
		for _, s := range one.Matched {
			fmt.Fprintf(&b, "  %s: %s\n", s, s.Effect)
		}
		if one.Decision == ImplicitDeny {
			explainMisses(&b, policies, q.Action, q.Resources[i])
		}
	}
	return b.String(), nil
}

// explainMisses writes what keeps each statement that would allow the action from matching.
func explainMisses(b *strings.Builder, policies []*Policy, action string, r Resource) {
	named := false
	for _, p := range policies {
		for i := range p.statements {
			s := &p.statements[i]
			if s.effect != Allow || !s.names(action) {
				continue
			}
			named = true
			if !s.covers(r.Context, r.ARN) {
				fmt.Fprintf(b, "  %s allows the action, but not on this resource: %s\n", p.ref(i), s.resources)
				continue
			}
			if failed, ok := s.holds(r.Context); !ok {
				fmt.Fprintf(b, "  %s allows the action here, but its condition is false: %s\n", p.ref(i),
					failed.explain(r.Context))
			}
		}
	}
	if !named {
		b.WriteString("  no statement allows the action\n")
	}
}

// String returns the member of a policy that the set is, shortened.
func (s set[P]) String() string {
	text := strings.Join(s.texts, ", ")
	if s.not {
		text = "all but " + text
	}
	return check.Cut(text, 256)
}

// explain returns the condition and what the request has under its key.
func (c *condition) explain(in Context) string {
	var wanted []string
	for _, v := range c.values {
		wanted = append(wanted, v.text)
	}
	text := fmt.Sprintf("%s %s %q", c.written(), c.shown, check.Cut(strings.Join(wanted, ", "), 256))
	got := in[c.key]
	if len(got) == 0 {
		return text + "; the request has no such key"
	}
	return text + fmt.Sprintf("; the request has %q", check.Cut(strings.Join(got, ", "), 256))
}
