package steps

import (
	"fmt"
	"strings"
)

// Policy returns an IAM policy that allows everything where a key is like a pattern.
func Policy(pattern string) string {
	return `{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringLike":{"a:b":"` + pattern +
		`"}}}}`
}

// Policies returns IAM policies of about n characters that a careless reader takes more than linear time
// for, by what they are made of. Not all of them are right.
func Policies(n int) map[string]string {
	const head, tail = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",`, `}]}`
	fill := func(before, item, after string) string {
		return head + before + strings.Repeat(item, (n-len(head)-len(before)-len(after)-len(tail))/len(item)) +
			after + tail
	}
	number := func(before, format, after string) string {
		var b strings.Builder
		for i := 0; b.Len() < n-len(head)-len(before)-len(after)-len(tail)-24; i++ {
			fmt.Fprintf(&b, format, i)
		}
		return head + before + b.String() + after + tail
	}
	return map[string]string{
		"actions":         number(`"Resource":"*","Action":[`, `"ecs:A%d",`, `"*"]`),
		"statements":      number(`"Resource":"*","Action":"*"`, `},{"Sid":"S%d"`, ``),
		"unknown members": number(``, `"m%d":0,`, `"Action":"*"`),
		"one member":      fill(``, `"Sid":"a",`, `"Action":"*"`),
		"condition keys":  number(`"Condition":{"Bool":{`, `"a:b%d":true,`, `"a:b":true}}`),
		"one key":         fill(`"Condition":{"Bool":{`, `"a:b":true,`, `"a:b":true}}`),
		"operators":       number(`"Condition":{`, `"Bool%d":{},`, `"Bool":{}}`),
		"stars":           fill(`"Resource":"arn:`, `*`, `"`),
		"colons":          fill(`"Resource":"`, `:`, `"`),
		"literal stars":   fill(`"Resource":"arn:a:b:c:d:*`, `${*}*`, `"`),
		"dollars":         fill(`"Resource":"`, `$`, `"`),
		"variables":       fill(`"Resource":"`, `${a:b}`, `"`),
		"open variables":  fill(`"Resource":"`, `${`, `"`),
		"depth":           fill(`"Action":`, `[`, ``),
	}
}
