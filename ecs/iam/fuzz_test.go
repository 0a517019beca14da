package iam

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
)

// FuzzParsePolicy reads any text: it is a policy, or all its faults are of one code.
func FuzzParsePolicy(f *testing.F) {
	for _, seed := range []string{
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ecs:*","Resource":"*"}}`,
		`{"Statement":[{"Sid":"A","Effect":"Deny","NotAction":["ecs:Run?ask"],"NotResource":["arn:aws:ecs:*:*:task/${aws:username, 'x'}/*"],` +
			`"Condition":{"ForAnyValue:StringLikeIfExists":{"aws:TagKeys":["a*","${*}"]},"NumericLessThan":{"ecs:task-cpu":1.5}}}]}`,
		`{"Statement":[{"Condition":{"DateEquals":{"aws:CurrentTime":["2026","1e9",true]},"IpAddress":{"aws:SourceIp":"::1/0"}}},{"Effect":null}]}`,
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"a:b","Resource":"arn:a:${","Condition":{"Null":{"a:b":"x"},"BinaryEquals":{"a:b":"!"}}}}`,
		`{`, `[]`, `{"a":`, `{"Statement":[[[[[`, "\xff",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, document string) {
		p, err := ParsePolicy("p", []byte(document))
		if err != nil {
			require.Nil(t, p)
			for e := range ecs.Errors(err) {
				require.Equal(t, MalformedPolicyDocument, e.Code)
				require.NotEmpty(t, e.Message)
			}
			return
		}
		require.NotEmpty(t, p.statements)
		_, err = Explain([]*Policy{p}, Request{Action: "ecs:RunTask", Context: Context{"aws:TagKeys": {"a", "b"}}})
		require.NoError(t, err)
		LintPolicy(p, InstanceProfile)
	})
}

// FuzzMatch compares patterns with the definition of wildcards, whatever the text.
func FuzzMatch(f *testing.F) {
	for _, seed := range [][2]string{{"a*b?c", "axxbyc"}, {"*é?", "aéé"}, {"*?a", "日a"}, {"*\xe6", "日"}, {"??",
		"\xff\xfe"}, {"*a*a*", "aa"}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if !utf8.ValidString(pattern) || strings.Count(pattern, "*") > 4 || len(text) > 64 || len(pattern) > 64 {
			t.Skip("the reader of JSON makes valid texts; the definition takes exponential time")
		}
		checkMatch(t, pattern, text)
	})
}
