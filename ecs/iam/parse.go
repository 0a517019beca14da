package iam

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"unicode"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
)

// The largest documents that are read. IAM counts no white space; the inline policies of a role have
// 10,240 characters together. Source: AWS Identity and Access Management User Guide, "IAM and AWS STS
// quotas".
const (
	maxCharacters = 10_240
	maxBytes      = 1 << 20
)

// ParsePolicy reads an identity-based policy document. Results and explanations use the name.
//
// The error lists all faults at once, as MalformedPolicyDocument, each with its path:
// "Statement[1].Condition.StringEquals". It takes time linear in the length of the document.
//
// Source: AWS Identity and Access Management User Guide, "IAM JSON policy elements reference" and
// "Grammar of the IAM JSON policy language".
func ParsePolicy(name string, document []byte) (*Policy, error) {
	r := reader{policy: &Policy{name: name}}
	r.document(document)
	if !r.None() {
		return nil, ecs.Faults(MalformedPolicyDocument, r.Pairs())
	}
	return r.policy, nil
}

// reader reads one document and gathers its faults.
type reader struct {
	check.Faults
	policy  *Policy
	dialect dialect
}

// member is a member of an object.
type member struct {
	key   string
	value json.RawMessage
}

// membersOf returns the members of an object in their order; false: it is not an object.
func membersOf(data []byte) (list []member, ok bool) {
	d := json.NewDecoder(bytes.NewReader(data))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, false
	}
	for d.More() {
		t, err := d.Token()
		key, isKey := t.(string)
		if err != nil || !isKey {
			return nil, false
		}
		m := member{key: key}
		if d.Decode(&m.value) != nil {
			return nil, false
		}
		list = append(list, m)
	}
	return list, true
}

// object returns the members of an object by key. It refuses keys that are unknown or there twice.
func (r *reader) object(at string, data []byte, known ...string) map[string]json.RawMessage {
	list, ok := membersOf(data)
	if !ok {
		r.Refuse(at, "Syntax errors in policy: this is an object.")
		return nil
	}
	byKey := make(map[string]json.RawMessage, len(list))
	for _, m := range list {
		path := check.Under(at, m.key)
		_, twice := byKey[m.key]
		switch {
		case twice:
			r.Refuse(path, "Syntax errors in policy: %q is there twice.", m.key)
		case m.key == "Principal" || m.key == "NotPrincipal":
			r.Refuse(path, "Policy document should not specify a principal.")
		case !slices.Contains(known, m.key):
			r.Refuse(path, "Syntax errors in policy: %q is not one of %s.", m.key, strings.Join(known, ", "))
		}
		byKey[m.key] = m.value
	}
	return byKey
}

// document reads the whole.
func (r *reader) document(data []byte) {
	if len(data) > maxBytes {
		r.Refuse("", "A policy document has at most %d bytes; this one has %d.", maxBytes, len(data))
		return
	}
	if n := characters(data); n > maxCharacters {
		r.Refuse("", "A policy document has at most %d characters besides white space; this one has %d.",
			maxCharacters, n)
		return
	}
	if !json.Valid(data) {
		r.Refuse("", "Syntax errors in policy: %s.", syntaxFault(data))
		return
	}
	m := r.object("", data, "Version", "Id", "Statement")
	if m == nil {
		return
	}
	version := version2008
	if v, there := m["Version"]; there {
		version, _ = r.text("Version", v)
		if version != version2008 && version != version2012 {
			r.Refuse("Version", "The version of the policy language is %s or %s; this is %q.", version2012,
				version2008, version)
		}
	}
	r.dialect.variables = version == version2012
	if id, there := m["Id"]; there {
		r.text("Id", id)
	}
	if statements, there := m["Statement"]; there {
		r.statements(statements)
		return
	}
	r.Refuse("Statement", "Syntax errors in policy: there is no statement.")
}

// syntaxFault says what of a document is not JSON, and where.
func syntaxFault(data []byte) string {
	var v json.RawMessage
	err := json.Unmarshal(data, &v)
	var s *json.SyntaxError
	if errors.As(err, &s) {
		return fmt.Sprintf("%s at byte %d", s.Error(), s.Offset)
	}
	return "this is not JSON"
}

// characters counts those besides white space.
func characters(data []byte) (n int) {
	for _, r := range string(data) {
		if !unicode.IsSpace(r) {
			n++
		}
	}
	return n
}

// text reads a text.
func (r *reader) text(at string, data []byte) (s string, ok bool) {
	if json.Unmarshal(data, &s) != nil || len(data) == 0 || data[0] != '"' {
		r.Refuse(at, "Syntax errors in policy: this is a text.")
		return "", false
	}
	return s, true
}

// list returns the items of a list with their paths, or the one that stands without a list.
func list(at string, data []byte) (paths []string, items []json.RawMessage) {
	if len(data) == 0 || data[0] != '[' || json.Unmarshal(data, &items) != nil {
		return []string{at}, []json.RawMessage{data}
	}
	for i := range items {
		paths = append(paths, check.Index(at, i))
	}
	return paths, items
}

// statements reads one statement or a list of them.
func (r *reader) statements(data []byte) {
	paths, items := list("Statement", data)
	if len(items) == 0 {
		r.Refuse("Statement", "Syntax errors in policy: there is no statement.")
	}
	sids := map[string]bool{}
	for i, item := range items {
		s := r.statement(paths[i], item)
		if s.sid != "" && sids[s.sid] {
			r.Refuse(check.Under(paths[i], "Sid"), "Statement IDs (SID) in a single policy must be unique; %q is "+
				"there twice.", s.sid)
		}
		sids[s.sid] = true
		r.policy.statements = append(r.policy.statements, s)
	}
}

// statement reads one statement.
func (r *reader) statement(at string, data []byte) (s statement) {
	m := r.object(at, data, "Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition")
	if m == nil {
		return s
	}
	under := func(key string) string { return check.Under(at, key) }
	if sid, there := m["Sid"]; there {
		s.sid, _ = r.text(under("Sid"), sid)
		if !check.Only(s.sid, "") {
			r.Refuse(under("Sid"), "Statement IDs (SID) must be alphanumeric; this is %q.", check.Shortened(s.sid))
		}
	}
	if effect, there := m["Effect"]; there {
		text, ok := r.text(under("Effect"), effect)
		s.effect = Effect(text)
		if ok && s.effect != Allow && s.effect != Deny {
			r.Refuse(under("Effect"), "Effect is Allow or Deny; this is %q.", check.Shortened(text))
		}
	} else {
		r.Refuse(under("Effect"), "Syntax errors in policy: the statement has no Effect.")
	}
	s.actions = readSet(r, at, m, "Action", "actions", r.action)
	s.resources = readSet(r, at, m, "Resource", "resources", r.resource)
	if c, there := m["Condition"]; there {
		s.conditions = r.conditions(under("Condition"), c)
	}
	return s
}

// readSet reads a member or the one with Not before its name: exactly one must be there.
func readSet[P any](r *reader, at string, m map[string]json.RawMessage, key, what string, compile func(at,
	text string) P) (s set[P]) {
	data, there := m[key]
	other, not := m["Not"+key]
	switch {
	case there && not:
		r.Refuse(check.Under(at, "Not"+key), "A statement has %s or Not%s, and not both.", key, key)
		return s
	case not:
		data, s.not, key = other, true, "Not"+key
	case !there:
		r.Refuse(check.Under(at, key), "Policy statement must contain %s.", what)
		return s
	}
	at = check.Under(at, key)
	paths, items := list(at, data)
	if len(items) == 0 {
		r.Refuse(at, "Policy statement must contain %s.", what)
	}
	for i, item := range items {
		if text, ok := r.text(paths[i], item); ok {
			s.list = append(s.list, compile(paths[i], text))
			s.texts = append(s.texts, text)
		}
	}
	return s
}

// action reads a pattern of actions.
func (r *reader) action(at, text string) pattern {
	service, name, ok := strings.Cut(text, ":")
	switch {
	case text == "*":
	case !ok || service == "":
		r.Refuse(at, "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.; this is %q.",
			check.Shortened(text))
	case name == "" || !check.Only(service, "-*?") || !check.Only(name, "*?"):
		r.Refuse(at, "An action is service:Name, of letters, digits, * and ?; this is %q.", check.Shortened(text))
	}
	p, _ := dialect{wild: true}.compile(strings.ToLower(text)) // without variables nothing can be wrong
	return p
}

// resource reads a pattern of resources.
func (r *reader) resource(at, text string) arnPattern {
	a, wrong := dialect{wild: true, variables: r.dialect.variables}.compileARN(text)
	switch wrong {
	case "":
	case notARN:
		r.Refuse(at, "Resource %s %s", check.Shortened(text), wrong)
	default:
		r.Refuse(at, "%s This is %q.", wrong, check.Shortened(text))
	}
	return a
}

// conditions reads the member Condition: keys and values by operator.
func (r *reader) conditions(at string, data []byte) (all []condition) {
	blocks, ok := membersOf(data)
	if !ok {
		r.Refuse(at, "Syntax errors in policy: this is an object of operators.")
	}
	known := operators()
	seen := map[string]bool{}
	for _, block := range blocks {
		path := check.Under(at, block.key)
		c, ok := readOperator(known, block.key)
		if !ok {
			r.Refuse(path, "Invalid Condition type: %q.", check.Shortened(block.key))
			continue
		}
		keys, ok := membersOf(block.value)
		if !ok || len(keys) == 0 {
			r.Refuse(path, "Syntax errors in policy: this is an object of condition keys and their values.")
		}
		for _, key := range keys {
			c.key, c.shown = strings.ToLower(key.key), key.key
			where := check.Under(path, key.key)
			if !isKey(c.key) {
				r.Refuse(where, "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.; this "+
					"is %q.", check.Shortened(key.key))
			}
			if id := c.written() + " " + c.key; seen[id] {
				r.Refuse(where, "Syntax errors in policy: %q is there twice under %s.", check.Shortened(key.key),
					block.key)
			} else {
				seen[id] = true
			}
			c.values = r.operands(&c, where, key.value)
			all = append(all, c)
		}
	}
	return all
}

// readOperator reads an operator with its qualifier and suffix.
func readOperator(known []operator, text string) (c condition, ok bool) {
	for _, q := range []qualifier{forAllValues, forAnyValue} {
		if rest, found := strings.CutPrefix(text, string(q)); found {
			c.qualifier, text = q, rest
		}
	}
	text, c.ifExists = strings.CutSuffix(text, "IfExists")
	i := slices.IndexFunc(known, func(o operator) bool { return o.name == text })
	if i < 0 || known[i].by == byPresence && (c.ifExists || c.qualifier != "") {
		return c, false
	}
	c.operator = known[i]
	return c, true
}

// operands reads what a condition compares with.
func (r *reader) operands(c *condition, at string, data []byte) (all []operand) {
	paths, items := list(at, data)
	if len(items) == 0 {
		r.Refuse(at, "Syntax errors in policy: the condition has no value.")
	}
	for i, item := range items {
		var text string
		if string(item) == "true" || string(item) == "false" || len(item) > 0 && (item[0] == '-' ||
			check.IsDigit(item[0])) {
			text = string(item)
		} else if s, ok := r.text(paths[i], item); ok {
			text = s
		} else {
			continue
		}
		o, wrong := r.operand(c, text)
		if wrong != "" {
			r.Refuse(paths[i], "%s: %s This is %q.", c.written(), wrong, check.Shortened(text))
		}
		all = append(all, o)
	}
	return all
}

// operand reads one value in the form that its operator compares.
func (r *reader) operand(c *condition, text string) (o operand, wrong string) {
	o.text = text
	d := r.dialect
	ok := true
	switch c.by {
	case exactly, ignoringCase:
		o.pattern, wrong = d.compile(text)
	case like:
		d.wild = true
		o.pattern, wrong = d.compile(text)
	case byARN:
		d.wild = true
		if o.arn, wrong = d.compileARN(text); wrong == notARN {
			wrong = "The value " + wrong
		}
	case byNumber:
		if o.number, ok = parseDecimal(text); !ok {
			wrong = "The value is a decimal number."
		}
	case byDate:
		if o.at, ok = parseDate(text); !ok {
			wrong = "The value is a date of ISO 8601, or seconds since 1970."
		}
	case byBool, byPresence:
		o.text = strings.ToLower(text)
		if o.text != "true" && o.text != "false" {
			wrong = "The value is true or false."
		}
	case byBytes:
		data, err := base64.StdEncoding.DecodeString(text)
		if o.bytes = string(data); err != nil {
			wrong = "The value is base64."
		}
	case byAddress:
		if o.prefix, ok = parsePrefix(text); !ok {
			wrong = "The value is a range of IP addresses, such as 203.0.113.0/24."
		}
	}
	return o, wrong
}

// parsePrefix reads a range of addresses, or one address.
func parsePrefix(s string) (netip.Prefix, bool) {
	if ip, err := netip.ParseAddr(s); err == nil {
		return netip.PrefixFrom(ip.Unmap(), ip.Unmap().BitLen()), ip.Zone() == ""
	}
	p, err := netip.ParsePrefix(s)
	return p.Masked(), err == nil
}
