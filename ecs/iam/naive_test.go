package iam

import (
	"encoding/json"
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// naive decides a request by documents as they are written: maps and lists of JSON, recursion, and no
// code of the package.
func naive(documents []string, action, resource string, context map[string][]string) Decision {
	decision := ImplicitDeny
	for _, d := range documents {
		var document map[string]any
		if json.Unmarshal([]byte(d), &document) != nil {
			panic(d)
		}
		variables := document["Version"] == "2012-10-17"
		for _, s := range many(document["Statement"]) {
			statement := s.(map[string]any)
			if !naiveStatement(statement, variables, action, resource, context) {
				continue
			}
			if statement["Effect"] == "Deny" {
				return ExplicitDeny
			}
			decision = Allowed
		}
	}
	return decision
}

func many(v any) []any {
	if list, ok := v.([]any); ok {
		return list
	}
	return []any{v}
}

func naiveStatement(s map[string]any, variables bool, action, resource string, context map[string][]string) bool {
	one := func(key string, matches func(pattern string) bool) bool {
		list, not := s[key], false
		if list == nil {
			list, not = s["Not"+key], true
		}
		for _, p := range many(list) {
			if matches(p.(string)) {
				return !not
			}
		}
		return not
	}
	if !one("Action", func(p string) bool { return naiveGlob(strings.ToLower(p), strings.ToLower(action)) }) {
		return false
	}
	if !one("Resource", func(p string) bool { return naiveResource(p, resource, variables, context) }) {
		return false
	}
	blocks, _ := s["Condition"].(map[string]any)
	for operator, keys := range blocks {
		for key, values := range keys.(map[string]any) {
			var texts []string
			for _, v := range many(values) {
				texts = append(texts, v.(string))
			}
			if !naiveCondition(operator, context[strings.ToLower(key)], texts, variables, context) {
				return false
			}
		}
	}
	return true
}

// naiveGlob is the definition of wildcards, by recursion over characters.
func naiveGlob(pattern, text string) bool {
	if pattern == "" {
		return text == ""
	}
	_, width := utf8.DecodeRuneInString(text)
	switch pattern[0] {
	case '*':
		return naiveGlob(pattern[1:], text) || text != "" && naiveGlob(pattern, text[width:])
	case '?':
		return text != "" && naiveGlob(pattern[1:], text[width:])
	}
	return text != "" && pattern[0] == text[0] && naiveGlob(pattern[1:], text[1:])
}

// The characters that stand for wildcards that are meant literally, while variables are filled in.
const star, question = "\x01", "\x02"

// filled fills variables in; false where one has no single value.
func filled(p string, variables bool, context map[string][]string) (string, bool) {
	if !variables {
		return p, true
	}
	for strings.Contains(p, "${") {
		before, rest, _ := strings.Cut(p, "${")
		inside, after, _ := strings.Cut(rest, "}")
		key, fallback, falls := strings.Cut(inside, ", ")
		value := strings.Trim(fallback, "'")
		got := context[strings.ToLower(key)]
		switch {
		case inside == "*" || inside == "?":
			value = inside
		case inside == "$":
			value = "$"
		case len(got) == 1:
			value = got[0]
		case !falls || len(got) > 1:
			return "", false
		}
		p = before + strings.NewReplacer("*", star, "?", question).Replace(value) + after
	}
	return p, true
}

// globFilled matches a pattern whose literal wildcards are hidden.
func globFilled(pattern, text string) bool {
	hide := strings.NewReplacer("*", star, "?", question)
	return naiveGlob(pattern, hide.Replace(text))
}

func naiveResource(p, resource string, variables bool, context map[string][]string) bool {
	if p == "*" {
		return true
	}
	p, ok := filled(p, variables, context)
	parts, patterns := strings.SplitN(resource, ":", 6), strings.SplitN(p, ":", 6)
	if !ok || len(parts) != 6 || len(patterns) != 6 {
		return false
	}
	for i := range parts {
		if !globFilled(patterns[i], parts[i]) {
			return false
		}
	}
	return true
}

func naiveCondition(operator string, got, values []string, variables bool, context map[string][]string) bool {
	if operator == "Null" {
		for _, v := range values {
			if (v == "true") == (len(got) == 0) {
				return true
			}
		}
		return false
	}
	all, isAll := strings.CutPrefix(operator, "ForAllValues:")
	some, isAny := strings.CutPrefix(all, "ForAnyValue:")
	plain, ifExists := strings.CutSuffix(some, "IfExists")
	positive := strings.Replace(plain, "Not", "", 1)
	negated := positive != plain
	equal := func(g string) bool {
		for _, v := range values {
			if naiveEqual(positive, g, v, variables, context) {
				return true
			}
		}
		return false
	}
	switch {
	case len(got) == 0 && ifExists:
		return true
	case isAll:
		for _, g := range got {
			if equal(g) == negated {
				return false
			}
		}
		return true
	case isAny:
		for _, g := range got {
			if equal(g) != negated {
				return true
			}
		}
		return false
	}
	for _, g := range got {
		if equal(g) {
			return !negated
		}
	}
	return negated
}

func naiveEqual(operator, got, want string, variables bool, context map[string][]string) bool {
	text := func() (string, bool) {
		s, ok := filled(want, variables, context)
		return strings.NewReplacer(star, "*", question, "?").Replace(s), ok
	}
	switch {
	case operator == "StringEquals":
		s, ok := text()
		return ok && s == got
	case operator == "StringEqualsIgnoreCase":
		s, ok := text()
		return ok && strings.EqualFold(s, got)
	case operator == "StringLike":
		s, ok := filled(want, variables, context)
		return ok && globFilled(s, got)
	case operator == "ArnEquals", operator == "ArnLike":
		return strings.HasPrefix(got, "arn:") && strings.Count(got, ":") >= 5 && naiveResource(want, got, variables,
			context)
	case operator == "Bool":
		return strings.EqualFold(got, want)
	case operator == "IpAddress":
		ip, err := netip.ParseAddr(got)
		return err == nil && netip.MustParsePrefix(want).Contains(ip)
	case strings.HasPrefix(operator, "Numeric"):
		a, err := strconv.ParseFloat(got, 64)
		b, _ := strconv.ParseFloat(want, 64)
		return err == nil && naiveOrder(strings.TrimPrefix(operator, "Numeric"), a, b)
	}
	a, err := time.Parse(time.RFC3339, got)
	if seconds, wrong := strconv.Atoi(got); wrong == nil {
		a, err = time.Unix(int64(seconds), 0), nil
	}
	b, _ := time.Parse(time.RFC3339, want)
	return err == nil && naiveOrder(strings.TrimPrefix(operator, "Date"), float64(a.Unix()), float64(b.Unix()))
}

func naiveOrder(order string, a, b float64) bool {
	switch order {
	case "Equals":
		return a == b
	case "LessThan":
		return a < b
	case "LessThanEquals":
		return a <= b
	case "GreaterThan":
		return a > b
	}
	return a >= b
}

// What drawn documents and requests are made of: few words, so that they meet.
var (
	actionNames = []string{"ecs:RunTask", "ecs:StopTask", "ecs:UpdateService", "iam:PassRole"}
	actionTexts = []string{"*", "ecs:*", "ecs:Run*", "ECS:runtask", "ecs:?topTask", "iam:PassRole", "ecs:Update*e",
		"*:StopTask"}
	resourceNames = []string{"*", "arn:aws:ecs:eu-west-1:1:service/prod/web", "arn:aws:ecs:eu-west-1:1:service/dev/web",
		"arn:aws:ecs:us-east-1:1:task-definition/web:7", "arn:aws:ecs:us-east-1:1:task-definition/web",
		"arn:aws:iam::1:role/a*b"}
	resourceTexts = []string{"*", "arn:aws:ecs:*:*:service/prod/*", "arn:*:ecs:*:1:service/*/w?b",
		"arn:aws:ecs:us-*:1:task-definition/web:*",
		"arn:aws:ecs:*:*:*", "arn:aws:ecs:*:*:service/${aws:PrincipalTag/env}/*", "arn:aws:iam::1:role/a${*}b",
		"arn:aws:ecs:*:*:service/${aws:username, 'prod'}/web", "arn:aws:iam::1:role/${aws:PrincipalTag/role}"}
	keyNames = []string{"ecs:cluster", "aws:ResourceTag/env", "aws:TagKeys", "ecs:task-cpu", "aws:CurrentTime",
		"aws:SourceIp",
		"aws:PrincipalTag/env", "aws:username", "aws:PrincipalTag/role", "ecs:auto-assign-public-ip"}
	valueTexts = map[string][]string{
		"String": {"prod", "Prod", "dev", "pr*", "p?od", "${aws:PrincipalTag/env}", "${aws:username, 'prod'}",
			"a${*}b", "a*b", ""},
		"Arn": {"arn:aws:ecs:*:*:cluster/prod", "arn:aws:ecs:eu-west-1:1:cluster/${aws:PrincipalTag/env}", "*",
			"arn:aws:ecs:eu-west-1:1:cluster/?ev"},
		"Numeric": {"1024", "0256", "-1.5", "256.0"},
		"Date":    {"2026-11-30T02:00:00Z", "2026-11-30T03:00:00+01:00"},
		"Bool":    {"true", "false"},
		"Ip":      {"10.0.0.0/8", "10.1.2.3/32", "2001:db8::/32"},
	}
	contextTexts = []string{"prod", "PROD", "dev", "a*b", "axb", "", "arn:aws:ecs:eu-west-1:1:cluster/prod",
		"arn:aws:ecs:eu-west-1:1:cluster/dev",
		"256", "1024.00", "-1.50", "true", "False", "10.1.2.3", "2001:db8::1", "2026-11-30T02:00:00Z", "p*"}
)

// operatorTexts lists the operators that the naive reading knows, and what they compare with.
func operatorTexts() map[string]string {
	all := map[string]string{"Null": "Bool", "Bool": "Bool", "IpAddress": "Ip", "NotIpAddress": "Ip",
		"ArnLike": "Arn", "ArnNotLike": "Arn", "ArnEquals": "Arn", "ArnNotEquals": "Arn"}
	for _, s := range []string{"Equals", "NotEquals", "EqualsIgnoreCase", "NotEqualsIgnoreCase", "Like", "NotLike"} {
		all["String"+s] = "String"
	}
	for _, s := range []string{"Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan",
		"GreaterThanEquals"} {
		all["Numeric"+s], all["Date"+s] = "Numeric", "Date"
	}
	return all
}

// drawnDocument draws a policy document.
func drawnDocument(t *rapid.T) string {
	document := map[string]any{"Statement": rapid.SliceOfN(rapid.Custom(drawnStatement), 1, 3).Draw(t, "statements")}
	switch rapid.IntRange(0, 3).Draw(t, "version") {
	case 0:
		document["Version"] = "2008-10-17"
	case 1, 2:
		document["Version"] = "2012-10-17"
	}
	data, err := json.Marshal(document)
	if err != nil {
		panic(err)
	}
	return string(data)
}

func drawnStatement(t *rapid.T) map[string]any {
	s := map[string]any{"Effect": rapid.SampledFrom([]string{"Allow", "Allow", "Deny"}).Draw(t, "effect")}
	for key, texts := range map[string][]string{"Action": actionTexts, "Resource": resourceTexts} {
		list := rapid.SliceOfN(rapid.SampledFrom(texts), 1, 2).Draw(t, key)
		if rapid.IntRange(0, 3).Draw(t, "not") == 0 {
			key = "Not" + key
		}
		if s[key] = list; len(list) == 1 {
			s[key] = list[0]
		}
	}
	conditions := map[string]any{}
	for range rapid.IntRange(0, 2).Draw(t, "conditions") {
		operator, values := drawnCondition(t)
		conditions[operator] = map[string]any{rapid.SampledFrom(keyNames).Draw(t, "key"): values}
	}
	if len(conditions) > 0 {
		s["Condition"] = conditions
	}
	return s
}

// drawnCondition draws an operator and what it compares with.
func drawnCondition(t *rapid.T) (operator string, values []string) {
	kinds := operatorTexts()
	operator = rapid.SampledFrom(sortedKeys(kinds)).Draw(t, "operator")
	values = rapid.SliceOfN(rapid.SampledFrom(valueTexts[kinds[operator]]), 1, 2).Draw(t, "values")
	if operator != "Null" {
		operator = rapid.SampledFrom([]string{"", "", "ForAllValues:", "ForAnyValue:"}).Draw(t, "qualifier") +
			operator +
			rapid.SampledFrom([]string{"", "", "IfExists"}).Draw(t, "suffix")
	}
	return operator, values
}

// drawnContext draws what a request says, keys in lower case.
func drawnContext(t *rapid.T) map[string][]string {
	c := map[string][]string{}
	for _, key := range keyNames {
		n := rapid.SampledFrom([]int{0, 1, 1, 1, 2}).Draw(t, "values")
		if n > 0 {
			c[strings.ToLower(key)] = rapid.SliceOfN(rapid.SampledFrom(contextTexts), n, n).Draw(t, key)
		}
	}
	return c
}
