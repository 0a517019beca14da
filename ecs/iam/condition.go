package iam

import (
	"encoding/base64"
	"net/netip"
	"strings"
	"time"
)

// qualifier is a set operator before the operator of a condition.
type qualifier string

const (
	forAllValues qualifier = "ForAllValues:"
	forAnyValue  qualifier = "ForAnyValue:"
)

// comparison is how an operator compares a value of the request with one of the policy.
type comparison uint8

const (
	exactly comparison = iota
	ignoringCase
	like
	byNumber
	byDate
	byBool
	byBytes
	byARN
	byAddress
	byPresence
)

// operator is a condition operator.
// Source: AWS Identity and Access Management User Guide, "IAM JSON policy elements: Condition operators".
type operator struct {
	name    string
	by      comparison
	order   string // of numbers and dates: what the request's value may be to the policy's, of "<=>"
	negated bool
}

// operators lists all operators.
func operators() []operator {
	list := []operator{
		{name: "StringEquals", by: exactly}, {name: "StringNotEquals", by: exactly, negated: true},
		{name: "StringEqualsIgnoreCase", by: ignoringCase}, {name: "StringNotEqualsIgnoreCase", by: ignoringCase,
			negated: true},
		{name: "StringLike", by: like}, {name: "StringNotLike", by: like, negated: true},
		{name: "Bool", by: byBool}, {name: "BinaryEquals", by: byBytes}, {name: "Null", by: byPresence},
		{name: "ArnEquals", by: byARN}, {name: "ArnLike", by: byARN},
		{name: "ArnNotEquals", by: byARN, negated: true}, {name: "ArnNotLike", by: byARN, negated: true},
		{name: "IpAddress", by: byAddress}, {name: "NotIpAddress", by: byAddress, negated: true},
	}
	for prefix, by := range map[string]comparison{"Numeric": byNumber, "Date": byDate} { //order:any looked up by name
		list = append(list,
			operator{name: prefix + "Equals", by: by, order: "="}, operator{name: prefix + "NotEquals", by: by,
				order: "=", negated: true},
			operator{name: prefix + "LessThan", by: by, order: "<"}, operator{name: prefix + "LessThanEquals", by: by,
				order: "<="},
			operator{name: prefix + "GreaterThan", by: by, order: ">"}, operator{name: prefix + "GreaterThanEquals",
				by: by, order: ">="})
	}
	return list
}

// condition is a key under an operator, with the values that it is compared with.
type condition struct {
	operator
	qualifier qualifier
	ifExists  bool
	key       string // in lower case
	shown     string // the key as it is written
	values    []operand
}

// operand is a value of the policy, in the form that its operator compares.
type operand struct {
	text    string // as it is written
	pattern pattern
	arn     arnPattern
	number  decimal
	at      time.Time
	bytes   string
	prefix  netip.Prefix
}

// written returns the operator with its qualifier and suffix.
func (c *condition) written() string {
	name := string(c.qualifier) + c.name
	if c.ifExists {
		name += "IfExists"
	}
	return name
}

// holds reports whether the condition is true. A key without values is absent.
func (c *condition) holds(in Context) bool {
	got := in[c.key]
	if c.by == byPresence {
		for _, v := range c.values {
			if (v.text == "true") == (len(got) == 0) {
				return true
			}
		}
		return false
	}
	if len(got) == 0 {
		return c.ifExists || c.qualifier == forAllValues || c.qualifier == "" && c.negated
	}
	// Without a qualifier a condition on several values asks for one that is equal, or that none is.
	every := c.qualifier == forAllValues || c.qualifier == "" && c.negated
	for _, value := range got {
		if c.one(in, value) != every {
			return !every
		}
	}
	return every
}

// one reports whether one value of the request passes: it is equal to one of the policy's, or, under a
// negated operator, to none.
func (c *condition) one(in Context, value string) bool {
	for i := range c.values {
		if c.compare(in, value, &c.values[i]) {
			return !c.negated
		}
	}
	return c.negated
}

// compare compares a value of the request with one of the policy. A value that is not of the operator's
// kind is equal to none.
func (c *condition) compare(in Context, value string, with *operand) bool {
	switch c.by {
	case exactly, ignoringCase, like:
		return c.compareText(in, value, with)
	case byNumber:
		n, ok := parseDecimal(value)
		return ok && strings.IndexByte(c.order, "<=>"[1+n.compare(with.number)]) >= 0
	case byDate:
		at, ok := parseDate(value)
		return ok && strings.IndexByte(c.order, "<=>"[1+at.Compare(with.at)]) >= 0
	case byBool:
		return strings.EqualFold(value, with.text)
	case byBytes:
		data, err := base64.StdEncoding.DecodeString(value)
		return err == nil && string(data) == with.bytes
	case byARN:
		return isARN(value) && with.arn.match(in, value)
	case byAddress:
		ip, err := netip.ParseAddr(value)
		return err == nil && with.prefix.Contains(ip.Unmap())
	}
	return false
}

// compareText compares by the text of the policy's value, after its variables are filled in.
func (c *condition) compareText(in Context, value string, with *operand) bool {
	most := len(value)
	if c.by == ignoringCase {
		most *= 3 // K and the sign of the kelvin are equal, and have one byte and three
	}
	p, ok := with.pattern.resolve(in, most)
	switch {
	case !ok:
		return false
	case c.by == ignoringCase:
		return strings.EqualFold(p.text(), value)
	}
	return p.match(value)
}

// text returns the text of a pattern that has only literals.
func (p pattern) text() string {
	if len(p) == 0 {
		return ""
	}
	return p[0].text
}

// isARN reports whether a text has the six parts of an ARN.
func isARN(s string) bool { return strings.HasPrefix(s, "arn:") && strings.Count(s, ":") >= 5 }

// decimal is a decimal number without an exponent: the digits before the point without leading zeros
// and those after it without trailing ones, so that equal numbers are equal values.
type decimal struct {
	negative        bool
	whole, fraction string
}

// parseDecimal reads a decimal number such as -12.50.
func parseDecimal(s string) (d decimal, ok bool) {
	s, d.negative = strings.CutPrefix(s, "-")
	if !d.negative {
		s, _ = strings.CutPrefix(s, "+")
	}
	whole, fraction, _ := strings.Cut(s, ".")
	if whole == "" && fraction == "" || strings.Trim(whole+fraction, "0123456789") != "" {
		return decimal{}, false
	}
	d.whole, d.fraction = strings.TrimLeft(whole, "0"), strings.TrimRight(fraction, "0")
	d.negative = d.negative && d.whole+d.fraction != "" // minus zero is zero
	return d, true
}

// compare returns -1, 0 or 1 where d is less than, equal to or more than e.
func (d decimal) compare(e decimal) int {
	switch {
	case d.negative && !e.negative:
		return -1
	case !d.negative && e.negative:
		return 1
	case d.negative:
		d, e = decimal{whole: e.whole, fraction: e.fraction}, decimal{whole: d.whole, fraction: d.fraction}
	}
	if len(d.whole) != len(e.whole) {
		if len(d.whole) < len(e.whole) {
			return -1
		}
		return 1
	}
	if order := strings.Compare(d.whole, e.whole); order != 0 {
		return order
	}
	return strings.Compare(d.fraction, e.fraction)
}

// parseDate reads an instant: ISO 8601 of W3C's profile, without a zone in UTC, or seconds since 1970.
func parseDate(s string) (time.Time, bool) {
	if n, ok := parseDecimal(s); ok && n.fraction == "" && len(n.whole) <= 12 && !strings.Contains(s, ".") {
		seconds := int64(0)
		for _, digit := range []byte(n.whole) {
			seconds = seconds*10 + int64(digit-'0')
		}
		if n.negative {
			seconds = -seconds
		}
		if len(n.whole) != 4 { // four digits are a year
			return time.Unix(seconds, 0).UTC(), true
		}
	}
	for _, layout := range []string{"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05",
		"2006-01-02", "2006-01", "2006"} {
		if at, err := time.ParseInLocation(layout, s, time.UTC); err == nil {
			return at.UTC(), true
		}
	}
	return time.Time{}, false
}
