package query

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLimits(t *testing.T) {
	text := func(n int) string { return "attribute:x == '" + strings.Repeat("é", n-17) + "'" }
	_, err := Parse(text(MaxLength))
	require.NoError(t, err)
	require.Equal(t, 2*(MaxLength-17)+17, requireCaret(t, text(MaxLength)+" ").Offset)

	name := strings.Repeat("n", 128)
	_, err = Parse("attribute:" + name + " exists")
	require.NoError(t, err)
	require.Equal(t, 138, requireCaret(t, "attribute:"+name+"n exists").Offset)

	for _, src := range []string{
		"attribute:x =~ 'a{1000}b{1000}'", "attribute:x =~ '((a{10}){10}){11}'", "attribute:x =~ 'a{1001}'",
		"attribute:x =~ '(((a{100}){100}){100}){100}'", "attribute:x =~ '(a{500}b{400}){2}'",
		"attribute:x =~ 'a{600}' and attribute:y =~ 'b{600}'",
	} {
		e := requireCaret(t, src)
		require.Contains(t, e.Reason, " ")
		require.GreaterOrEqual(t, e.Offset, len("attribute:x =~ '"))
	}
}

// Java refuses a brace that begins no repetition; RE2 takes it for itself.
func TestBraces(t *testing.T) {
	for _, row := range []struct{ pattern, at, hint string }{
		{`t2.{micro,small}`, "{", "(micro|small)"}, {`{{x}}`, "{", ""}, {`a{`, "{", ""}, {`a{,3}`, "{", "(|3)"},
		{`a{2x}`, "{", ""}, {`a{2,3`, "{", ""}, {`(a{b)`, "{", ""},
	} {
		e := requireCaret(t, "attribute:x =~ '"+row.pattern+"'")
		require.Equal(t, len("attribute:x =~ '")+strings.Index(row.pattern, row.at), e.Offset, row.pattern)
		require.Contains(t, e.Reason, "a brace that begins no repetition", row.pattern)
		require.Equal(t, row.hint, e.Hint, row.pattern)
	}
	for _, pattern := range []string{`a\{b`, `[{]`, `a}`, `a{2}`, `a{2,}`, `a{2,3}?`, `\Q{\E`} {
		requireRoundTrip(t, "attribute:x =~ '"+pattern+"'")
	}
}

// Each of these means something to java.util.regex that RE2 refuses or, worse,
// reads in another way.
func TestJavaPatterns(t *testing.T) {
	for _, row := range []struct{ pattern, at string }{
		{`a(?=b)`, "(?="}, {`(?!t2).*`, "(?!"}, {`(?<=a)b`, "(?<="}, {`(?<!a)b`, "(?<!"}, {`(?>a)b`, "(?>"},
		{`(a)\1`, `\1`}, {`(a)\12`, `\12`}, {`(?<n>a)\k<n>`, `\k`}, {`a*+b`, "*+"}, {`a++`, "++"}, {`a?+`, "?+"},
		{`a{1,2}+`, "{1"}, {`a{1}+`, "{1"},
		{`[a-z&&[^b]]`, "&&"}, {`[a[b]]`, "[b"}, {`[[:alpha:]]`, "[:"}, {`[]a[b]`, "[b"}, {`[^]a[b]`, "[b"},
		{`\Gx`, `\G`}, {`x\Z`, `\Z`}, {`\R`, `\R`}, {`\h`, `\h`}, {`[\v]`, `\v`}, {`\u0041`, `\u`},
		{`\cA`, `\c`}, {`\e`, `\e`},
		{`(?x)a b`, "(?x"}, {`(?iu:a)`, "(?iu"}, {`(?P<n>a)`, "(?P"},
	} {
		src := "attribute:x =~ '" + row.pattern + "'"
		e := requireCaret(t, src)
		require.Equal(t, len("attribute:x =~ '")+strings.Index(row.pattern, row.at), e.Offset, row.pattern)
		require.Contains(t, e.Reason, "is not supported in patterns")
	}
	for _, pattern := range []string{`(?<n>a)`, `[+]+`, `a\++`, `\*+`, `\Q(?=\E`, `a}+`, `[]a]`, `[^]a]`, `[&]`,
		`\[[a]\]`, `(?i)a`, `(?is-m:a)`, `a{2}`, `\\1`, `[*+]`, `\p{Lu}\pN`, `\Q[`, `a&&b`, `\x41\d\b`} {
		requireRoundTrip(t, "attribute:x =~ '"+pattern+"'")
	}
}
