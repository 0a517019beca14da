package query

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// families are texts that grow and that a careless parser or matcher is slow
// on; n is about the length.
var families = map[string]func(n int) string{
	"parentheses": func(n int) string {
		return strings.Repeat("(", n/2) + "agentConnected==true" + strings.Repeat(")", n/2)
	},
	"open":      func(n int) string { return strings.Repeat("(", n) },
	"negations": func(n int) string { return strings.Repeat("!", n-20) + "attribute:x exists" },
	"words":     func(n int) string { return strings.Repeat("not ", n/4-5) + "attribute:x exists" },
	"one word":  func(n int) string { return strings.Repeat("a", n) },
	"list":      func(n int) string { return "attribute:x in [" + strings.Repeat("a,", n/2-20) + "a]" },
	"chain":     func(n int) string { return "attribute:x<1" + strings.Repeat("||attribute:x<1", n/15-1) },
	"braces":    func(n int) string { return "attribute:x=~'" + strings.Repeat("{", n-20) + "'" },
	"brackets":  func(n int) string { return "attribute:x=~'" + strings.Repeat(`\[`, n/2-20) + "'" },
	"groups": func(n int) string {
		return "attribute:x=~'" + strings.Repeat("(a", n/3-20) + strings.Repeat(")", n/3-20) + "'"
	},
	"bare groups": func(n int) string {
		return "attribute:x=~" + strings.Repeat("(", n/2-20) + "a" + strings.Repeat(")", n/2-20)
	},
	"open groups": func(n int) string { return "attribute:x=~" + strings.Repeat("(a", n/2-20) },
	"optional": func(n int) string {
		return "attribute:x=~'" + strings.Repeat("a?", n/4) + strings.Repeat("a", n/4) + "'"
	},
	"nested stars": func(n int) string {
		return "attribute:x=~'" + strings.Repeat("(", n/8) + "a" + strings.Repeat("*)", n/8) + "b'"
	},
	"open quote":  func(n int) string { return "attribute:x == '" + strings.Repeat("a", n-20) },
	"alternating": func(n int) string { return "attribute:x=~" + strings.Repeat("a|", n/2-20) + "b" },
	"nested, flatten": func(n int) string {
		return strings.Repeat("(attribute:x<1||", n/17) + "attribute:x<1" + strings.Repeat(")", n/17)
	},
}

// fastest returns the shortest of several runs.
func fastest(runs int, f func()) time.Duration {
	best := time.Hour
	for range runs {
		start := time.Now()
		for range 5 {
			f()
		}
		best = min(best, time.Since(start))
	}
	return best
}

// testLinearTime takes eight times the text for at most eight times four as
// long: a quadratic parser takes sixty-four times as long.
//
// Seen to fail: the whole text looked over again at each Boolean operator.
func testLinearTime(t *testing.T) {
	const short, factor, slack = 240, 8, 4
	for name, family := range families {
		t.Run(name, func(t *testing.T) {
			parse := func(n int) time.Duration {
				src := family(n)
				return fastest(15, func() { _, _ = Parse(src) })
			}
			base := parse(short)
			require.Eventually(t, func() bool { return parse(short*factor) <= factor*slack*base }, 2*time.Second, time.Millisecond)
		})
	}
	t.Run("match", func(t *testing.T) {
		for _, src := range []string{
			"attribute:x=~'" + strings.Repeat("a?", 200) + strings.Repeat("a", 200) + "'",
			"attribute:x=~'((a*)*)*b'", "attribute:x=~'(a|a)*b'", "attribute:x=~'(.*a){20}'", "attribute:x < 1",
		} {
			e, err := Parse(src)
			require.NoError(t, err)
			match := func(n int) time.Duration {
				h := &host{attributes: map[string]string{"x": strings.Repeat("a", n)}}
				return fastest(5, func() { e.Match(h) })
			}
			base := match(250)
			require.Eventually(t, func() bool { return match(2000) <= factor*slack*max(base, 500*time.Nanosecond) }, 2*time.Second, time.Millisecond, src)
		}
	})
}

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
		{`t2.{micro,small}`, "{", "(micro|small)"}, {`{{x}}`, "{", ""}, {`a{`, "{", ""}, {`a{,3}`, "{", "(|3)"}, {`a{2x}`, "{", ""}, {`a{2,3`, "{", ""}, {`(a{b)`, "{", ""},
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
		{`(a)\1`, `\1`}, {`(a)\12`, `\12`}, {`(?<n>a)\k<n>`, `\k`}, {`a*+b`, "*+"}, {`a++`, "++"}, {`a?+`, "?+"}, {`a{1,2}+`, "{1"}, {`a{1}+`, "{1"},
		{`[a-z&&[^b]]`, "&&"}, {`[a[b]]`, "[b"}, {`[[:alpha:]]`, "[:"}, {`[]a[b]`, "[b"}, {`[^]a[b]`, "[b"},
		{`\Gx`, `\G`}, {`x\Z`, `\Z`}, {`\R`, `\R`}, {`\h`, `\h`}, {`[\v]`, `\v`}, {`\u0041`, `\u`}, {`\cA`, `\c`}, {`\e`, `\e`},
		{`(?x)a b`, "(?x"}, {`(?iu:a)`, "(?iu"}, {`(?P<n>a)`, "(?P"},
	} {
		src := "attribute:x =~ '" + row.pattern + "'"
		e := requireCaret(t, src)
		require.Equal(t, len("attribute:x =~ '")+strings.Index(row.pattern, row.at), e.Offset, row.pattern)
		require.Contains(t, e.Reason, "is not supported in patterns")
	}
	for _, pattern := range []string{`(?<n>a)`, `[+]+`, `a\++`, `\*+`, `\Q(?=\E`, `a}+`, `[]a]`, `[^]a]`, `[&]`, `\[[a]\]`, `(?i)a`, `(?is-m:a)`, `a{2}`, `\\1`, `[*+]`, `\p{Lu}\pN`, `\Q[`, `a&&b`, `\x41\d\b`} {
		requireRoundTrip(t, "attribute:x =~ '"+pattern+"'")
	}
}
