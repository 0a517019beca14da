package loadbalance

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
)

// ConditionField is what a condition looks at.
type ConditionField string

// The values of ConditionField.
const (
	ConditionFieldHostHeader        ConditionField = "host-header"
	ConditionFieldPathPattern       ConditionField = "path-pattern"
	ConditionFieldHTTPHeader        ConditionField = "http-header"
	ConditionFieldHTTPRequestMethod ConditionField = "http-request-method"
	ConditionFieldQueryString       ConditionField = "query-string"
	ConditionFieldSourceIP          ConditionField = "source-ip"
)

// Condition is one condition of a listener rule: it is met if one of its values is. In host names,
// paths, header values and query strings "*" stands for any characters, also none, and "?" for exactly
// one; in query strings "\*" and "\?" are those characters themselves. Paths and methods are compared
// exactly; all others ignore case.
// Source: Elastic Load Balancing, Application Load Balancers, "Condition types for listener rules".
type Condition struct {
	Field          ConditionField     `json:"field"`
	Values         []string           `json:"values,omitzero"`         // all but query-string
	HTTPHeaderName string             `json:"httpHeaderName,omitzero"` // http-header, without wildcards
	QueryString    []ecs.KeyValuePair `json:"queryString,omitzero"`    // query-string; an empty name is any key
}

// Request is what listener rules look at.
type Request struct {
	Host     string             // without the port
	Path     string             // without the query
	Method   string             //
	Header   []ecs.KeyValuePair // a header that comes twice is listed twice
	Query    []ecs.KeyValuePair // decoded
	SourceIP netip.Addr
}

// matches reports whether the request meets the condition.
func (c Condition) matches(r Request) bool {
	switch c.Field {
	case ConditionFieldHostHeader:
		return c.any(r.Host, true)
	case ConditionFieldPathPattern:
		return c.any(r.Path, false)
	case ConditionFieldHTTPRequestMethod:
		return slices.Contains(c.Values, r.Method)
	case ConditionFieldHTTPHeader:
		for _, h := range r.Header {
			if strings.EqualFold(h.Name, c.HTTPHeaderName) && c.any(h.Value, true) {
				return true
			}
		}
	case ConditionFieldQueryString:
		for _, want := range c.QueryString {
			for _, q := range r.Query {
				if (want.Name == "" || wild(want.Name, q.Name, true, true)) && wild(want.Value, q.Value, true, true) {
					return true
				}
			}
		}
	case ConditionFieldSourceIP:
		for _, v := range c.Values {
			if prefix, err := netip.ParsePrefix(v); err == nil && prefix.Contains(r.SourceIP.Unmap()) {
				return true
			}
		}
	}
	return false
}

func (c Condition) any(s string, fold bool) bool {
	for _, v := range c.Values {
		if wild(v, s, fold, false) {
			return true
		}
	}
	return false
}

// wild reports whether the pattern matches the whole of s. It goes back to the last star only,
// so it takes at most len(pattern)·len(s) steps.
func wild(pattern, s string, fold, escapes bool) bool {
	p, i := 0, 0
	star, mark := -1, 0
	for i < len(s) {
		c, wildcard, width := sign(pattern[p:], escapes)
		switch {
		case wildcard && c == '*':
			star, mark = p, i
			p++
		case width > 0 && (wildcard || same(c, s[i], fold)):
			p += width
			i++
		case star >= 0:
			mark++
			p, i = star+1, mark
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

// sign returns the first character of a pattern, whether it is a wildcard, and how many bytes it
// takes, 0 at the end.
func sign(pattern string, escapes bool) (c byte, wildcard bool, width int) {
	isWildcard := func(c byte) bool { return c == '*' || c == '?' }
	switch {
	case pattern == "":
		return 0, false, 0
	case escapes && len(pattern) > 1 && pattern[0] == '\\' && isWildcard(pattern[1]):
		return pattern[1], false, 2
	}
	return pattern[0], isWildcard(pattern[0]), 1
}

func same(a, b byte, fold bool) bool {
	return a == b || fold && lower(a) == lower(b)
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// once are the fields that a rule may have one condition of.
func once(c ConditionField) bool {
	return c != ConditionFieldHTTPHeader && c != ConditionFieldQueryString
}

func validateConditions(f *faults, field string, conditions []Condition) {
	if len(conditions) == 0 {
		f.add(ValidationError, field, "a rule has at least one condition")
	}
	var seen []ConditionField
	for i, c := range conditions {
		path := fmt.Sprintf("%s[%d]", field, i)
		if once(c.Field) && slices.Contains(seen, c.Field) {
			f.add(ValidationError, path+".field", "a rule has at most one %s condition", c.Field)
		}
		seen = append(seen, c.Field)
		c.validate(f, path)
	}
}

func (c Condition) validate(f *faults, path string) {
	f.oneOf(path+".field", string(c.Field), string(ConditionFieldHostHeader), string(ConditionFieldPathPattern),
		string(ConditionFieldHTTPHeader),
		string(ConditionFieldHTTPRequestMethod), string(ConditionFieldQueryString), string(ConditionFieldSourceIP))
	if c.Field == ConditionFieldQueryString {
		if len(c.QueryString) == 0 {
			f.add(ValidationError, path+".queryString", "a query-string condition has at least one value")
		}
		for i, q := range c.QueryString {
			if len(q.Name) > 128 || len(q.Value) > 128 || q.Value == "" {
				f.add(ValidationError, fmt.Sprintf("%s.queryString[%d]", path, i),
					"name and value have at most 128 characters and the value at least 1, not %d and %d",
					len(q.Name), len(q.Value))
			}
		}
		return
	}
	if len(c.Values) == 0 {
		f.add(ValidationError, path+".values", "a condition has at least one value")
	}
	if n := len(c.HTTPHeaderName); c.Field == ConditionFieldHTTPHeader &&
		(n < 1 || n > 40 || strings.ContainsAny(c.HTTPHeaderName, "*?")) {
		f.add(ValidationError, path+".httpHeaderName",
			"a header's name has 1 to 40 characters and no wildcard, unlike %q", c.HTTPHeaderName)
	}
	for i, v := range c.Values {
		c.validateValue(f, fmt.Sprintf("%s.values[%d]", path, i), v)
	}
}

func (c Condition) validateValue(f *faults, path, v string) {
	switch {
	case v == "" || len(v) > 128:
		f.add(ValidationError, path, "a value has 1 to 128 characters, not %d", len(v))
	case c.Field == ConditionFieldSourceIP:
		if _, err := netip.ParsePrefix(v); err != nil {
			f.add(ValidationError, path, "%q is not a block of addresses such as 192.0.2.0/24", v)
		}
	case c.Field == ConditionFieldHTTPRequestMethod:
		if len(v) > 40 || strings.Trim(v, "ABCDEFGHIJKLMNOPQRSTUVWXYZ-_") != "" {
			f.add(ValidationError, path, "a method has 1 to 40 characters A-Z, - and _, unlike %q", v)
		}
	}
}
