package query

import (
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestLaws(t *testing.T) {
	g := grammar(t)

	// Seen to fail: "or" within "and" printed without parentheses.
	// Seen to fail: a pattern with a blank printed without quotes.
	t.Run("Q1_text_is_expression", rapid.MakeCheck(func(t *rapid.T) {
		src := sentences(g).Draw(t, "sentence")
		e, err := Parse(src)
		require.NoError(t, err)
		again, err := Parse(e.String())
		require.NoError(t, err)
		require.True(t, sameForm(e, again), src)
		require.Equal(t, e.String(), again.String())
	}))

	// Seen to fail: a backslash refused in the name of an attribute.
	// Seen to fail: 31 taken for the last day of no month.
	t.Run("Q2_grammar_parses", rapid.MakeCheck(func(t *rapid.T) {
		src := sentences(g).Draw(t, "sentence")
		_, err := Parse(src)
		require.NoError(t, err)
	}))

	// Seen to fail: "or" binding closer than "and".
	// Seen to fail: != true of an absent attribute.
	// Seen to fail: versions compared as text.
	t.Run("Q3_match_is_truth_table", rapid.MakeCheck(func(t *rapid.T) {
		f := formulas(4).Draw(t, "formula")
		e, err := Parse(f.text(t))
		require.NoError(t, err)
		for range 8 {
			h := hosts().Draw(t, "host")
			require.Equal(t, f.holds(h), e.Match(h), "%v on %+v", e, h)
		}
	}))

	// The whole table: every assignment of up to six propositions.
	// Seen to fail: "and" answering with its first operand's truth only.
	t.Run("Q3_all_assignments", rapid.MakeCheck(func(t *rapid.T) {
		f := propositions(5).Draw(t, "formula")
		e, err := Parse(f.text(t))
		require.NoError(t, err)
		for row := range 1 << len(propositionNames) {
			h := &host{attributes: map[string]string{}}
			for i, name := range propositionNames {
				if row>>i&1 == 1 {
					h.attributes[name] = ""
				}
			}
			require.Equal(t, f.holds(h), e.Match(h), "%v in row %b", e, row)
		}
	}))

	// Seen to fail: Match of a negation reading an absent subject as neither.
	t.Run("Q4_de_morgan", rapid.MakeCheck(func(t *rapid.T) {
		a, b := formulas(3).Draw(t, "a").text(t), formulas(3).Draw(t, "b").text(t)
		h := hosts().Draw(t, "host")
		holds := func(format string, args ...any) bool {
			e, err := Parse(fmt.Sprintf(format, args...))
			require.NoError(t, err)
			return e.Match(h)
		}
		require.Equal(t, holds("not((%s) and (%s))", a, b), holds("not(%s) or not(%s)", a, b))
		require.Equal(t, holds("not((%s) or (%s))", a, b), holds("not(%s) and not(%s)", a, b))
		require.Equal(t, holds("%s", a), holds("not(not(%s))", a))
		require.Equal(t, holds("(%s) and (%s)", a, b), holds("(%s) && (%s)", b, a))
		require.NotEqual(t, holds("%s", a), holds("!(%s)", a))
	}))

	// Seen to fail: the parts of a negated "and" taken for conjuncts.
	t.Run("Q4_conjuncts", rapid.MakeCheck(func(t *rapid.T) {
		e, err := Parse(formulas(4).Draw(t, "formula").text(t))
		require.NoError(t, err)
		h := hosts().Draw(t, "host")
		all := true
		for _, c := range e.Conjuncts() {
			all = all && c.Match(h)
			require.Len(t, c.Conjuncts(), 1)
			checkAnyText(t, c.String())
		}
		require.Equal(t, e.Match(h), all)
	}))

	// Seen to fail: the caret of a quote that is not closed put beyond the end.
	t.Run("Q5_no_input_panics", rapid.MakeCheck(func(t *rapid.T) {
		checkAnyText(t, rapid.OneOf(rapid.String(), fragments()).Draw(t, "text"))
		src, piece := sentences(g).Draw(t, "sentence"), rapid.SampledFrom([]string{"", "'", "(", ")", "=", "!", "x",
			"é", "\xff"}).Draw(t, "piece")
		for i := range src {
			checkAnyText(t, src[:i]+piece)
			checkAnyText(t, src[:i]+piece+src[i+1:])
		}
	}))
}

// checkAnyText requires what holds of every text: it is an expression that
// prints itself, or the error points into it.
func checkAnyText(t require.TestingT, src string) {
	e, err := Parse(src)
	if err != nil {
		require.Nil(t, e)
		var fault *SyntaxError
		require.ErrorAs(t, err, &fault)
		require.True(t, 0 <= fault.Offset && fault.Offset <= len(src))
		require.True(t, fault.Reason != "" || len(fault.Expected) > 0)
		require.True(t, strings.HasSuffix(err.Error(), "^"))
		return
	}
	text := e.String()
	if again, err := Parse(text); err == nil {
		require.True(t, sameForm(e, again), src)
	} else {
		require.Greater(t, len([]rune(text)), MaxLength) // blanks were added to a long text
	}
	for _, h := range fleet() {
		e.Match(h)
		e.Match(plain{h})
	}
}

// sameForm reports whether two expressions are the same tree.
func sameForm(a, b *Expr) bool {
	return a.kind == b.kind && a.subject == b.subject && a.class == b.class && a.op == b.op &&
		slices.Equal(a.values, b.values) &&
		a.at.Equal(b.at) && (a.pattern == nil) == (b.pattern == nil) && slices.EqualFunc(a.args, b.args, sameForm)
}

// fragments are texts of pieces of the language in any order.
func fragments() *rapid.Generator[string] {
	piece := rapid.SampledFrom([]string{"(", ")", "[", "]", ",", "!", "!=", "==", "=~", "!~", "<", ">=", "&&", "||",
		"and", "or", "not", "in", "!in",
		"exists", "!exists", "matches", "attribute:", "attribute:x", "task:group", "agentVersion", "registeredAt",
		"runningTasksCount", "agentConnected",
		"true", "1", "1.2", "2018-02-29", "'", "\"", "a", "*", "(?=a)", "\\1", "\\", "{9}", "[^", "é",
		"\xff", " ", " ", " ", "\n"})
	return rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(piece, 0, 30).Draw(t, "pieces"), "")
	})
}

// A formula is an expression as the laws see it: a tree that knows its own text
// and its own truth, and shares nothing with the parser.
type formula struct {
	connective string // "and", "or", "not" or none
	parts      []formula
	words      [3]string // of a test: subject, operator, argument
	truth      func(h *host) bool
}

func (f formula) holds(h *host) bool {
	switch f.connective {
	case "and":
		return !slices.ContainsFunc(f.parts, func(p formula) bool { return !p.holds(h) })
	case "or":
		return slices.ContainsFunc(f.parts, func(p formula) bool { return p.holds(h) })
	case "not":
		return !f.parts[0].holds(h)
	}
	return f.truth(h)
}

// text writes f in one of its spellings, with the parentheses it needs and
// others by chance.
func (f formula) text(t *rapid.T) string {
	strength := map[string]int{"or": 1, "and": 2, "not": 3, "": 4}
	spellings := map[string][]string{"or": {" or ", "||", " || "}, "and": {" and ", "&&", " && "},
		"not": {"not ", "!", "! "}}
	if f.connective == "" {
		return strings.TrimSpace(strings.Join(f.words[:], " "))
	}
	spelling := rapid.SampledFrom(spellings[f.connective]).Draw(t, "spelling")
	var parts []string
	for _, p := range f.parts {
		s := p.text(t)
		if strength[p.connective] < strength[f.connective] || rapid.Bool().Draw(t, "parentheses") {
			s = "(" + s + ")"
		}
		parts = append(parts, s)
	}
	if f.connective == "not" {
		return spelling + parts[0]
	}
	return strings.Join(parts, spelling)
}

func trees(leaf *rapid.Generator[formula], depth int) *rapid.Generator[formula] {
	if depth == 0 {
		return leaf
	}
	return rapid.Custom(func(t *rapid.T) formula {
		sub := trees(leaf, depth-1)
		switch c := rapid.SampledFrom([]string{"", "not", "and", "or"}).Draw(t, "connective"); c {
		case "":
			return leaf.Draw(t, "test")
		case "not":
			return formula{connective: c, parts: []formula{sub.Draw(t, "part")}}
		default:
			return formula{connective: c, parts: rapid.SliceOfN(sub, 2, 3).Draw(t, "parts")}
		}
	})
}

var propositionNames = [...]string{"a", "b", "c", "d", "e", "f"}

// propositions are formulas over whether attributes exist.
func propositions(depth int) *rapid.Generator[formula] {
	return trees(rapid.Custom(func(t *rapid.T) formula {
		name := rapid.SampledFrom(propositionNames[:]).Draw(t, "name")
		return formula{words: [3]string{"attribute:" + name, "exists"},
			truth: func(h *host) bool { _, ok := h.attributes[name]; return ok }}
	}), depth)
}

// formulas are formulas over tests of every kind.
func formulas(depth int) *rapid.Generator[formula] {
	return trees(rapid.Custom(drawTest), depth)
}

// The values of each subject, on hosts and in tests.
var domains = map[string][]string{
	"attribute:x":    {"1", "2", "10", "1.0", "-1", "a", "ab", "b", "1a"},
	"attribute:y":    {"t2.small", "t2.large", "c5.large", "t2xsmall"},
	"task:group":     {"web", "db", "service:web"},
	"ec2InstanceId":  {"i-1", "i-2"},
	"agentConnected": {"true", "false"},
	"agentVersion":   {"1.9.0", "1.9", "1.14.5", "1.80.0", "2", "0.10"},
	"registeredAt": {"2018-02-12", "2018-02-13", "2018-02-13T00:00:01", "2018-02-13T01:00:00+01:00",
		"2024-02-29T10:00:00Z"},
	"runningTasksCount": {"0", "1", "2", "10", "100"},
}

func hosts() *rapid.Generator[*host] {
	return rapid.Custom(func(t *rapid.T) *host {
		draw := func(subject string, absent ...string) string {
			return rapid.SampledFrom(append(absent, domains[subject]...)).Draw(t, subject)
		}
		h := &host{attributes: map[string]string{}, agent: draw("agentVersion", "", "1.x"), id: draw("ec2InstanceId"),
			registered: draw("registeredAt", ""), connected: draw("agentConnected") == "true"}
		h.tasks, _ = strconv.Atoi(draw("runningTasksCount"))
		for _, name := range []string{"x", "y"} {
			if v := draw("attribute:"+name, "absent", ""); v != "absent" {
				h.attributes[name] = v
			}
		}
		h.groups = rapid.SliceOfN(rapid.SampledFrom(domains["task:group"]), 0, 3).Draw(t, "groups")
		return h
	})
}

// drawTest draws a test and says by other means than Match when it holds.
func drawTest(t *rapid.T) formula {
	subject := rapid.SampledFrom([]string{"attribute:x", "attribute:y", "task:group", "ec2InstanceId", "agentConnected",
		"agentVersion", "registeredAt", "runningTasksCount"}).Draw(t, "subject")
	c, _ := classOf(subject)
	var ops []Op
	for o := OpEquals; o <= OpNotMatches; o++ {
		if c.allows(o) {
			ops = append(ops, o)
		}
	}
	op := rapid.SampledFrom(ops).Draw(t, "operator")
	f := formula{words: [3]string{subject, rapid.SampledFrom([]string{opSymbols[op], opWords[op]}).Draw(t, "spelling"),
		""}}
	var args []string
	switch op {
	case OpExists, OpNotExists:
	case OpIn, OpNotIn:
		args = rapid.SliceOfN(rapid.SampledFrom(domains[subject]), 1, 3).Draw(t, "list")
		f.words[2] = "['" + strings.Join(args, "' , '") + "']"
	case OpMatches, OpNotMatches:
		args = []string{rapid.SampledFrom([]string{".*", "t2.*", "a", "a|ab", "(a|1)b?", "[a-z0-9]+", "i-[12]", "tru.",
			"1*", `t2\.small`, "(?i)A", "service:.*", "web|db", ""}).Filter(func(s string) bool {
			return s != ""
		}).Draw(t, "pattern")}
		f.words[2] = "'" + args[0] + "'"
	default:
		args = []string{rapid.SampledFrom(domains[subject]).Draw(t, "value")}
		f.words[2] = args[0]
	}
	f.truth = func(h *host) bool { return truth(h, subject, op.String(), args) }
	return f
}

// truth is the naive evaluation of a test: all values of the subject, one rule
// an operator.
func truth(h *host, subject, op string, args []string) bool {
	values, present := valuesOf(h, subject)
	switch op {
	case "exists":
		return present
	case "!exists":
		return !present
	}
	return slices.ContainsFunc(values, func(v string) bool {
		if v == "" {
			return false
		}
		switch op {
		case "in":
			return slices.Contains(args, v)
		case "!in":
			return !slices.Contains(args, v)
		case "=~":
			return wholeMatch(args[0], v)
		case "!~":
			return !wholeMatch(args[0], v)
		}
		order, ok := naiveCompare(subject, op, v, args[0])
		return ok && (strings.Contains(op, "<") && order < 0 || strings.Contains(op, ">") && order > 0 ||
			(op == "==" || op == "<=" || op == ">=") && order == 0 || op == "!=" && order != 0)
	})
}

func valuesOf(h *host, subject string) (values []string, present bool) {
	if subject == "task:group" {
		return h.groups, len(h.groups) > 0
	}
	v, ok := plain{h}.Lookup(subject)
	return []string{v}, ok
}

func wholeMatch(pattern, v string) bool {
	re := regexp.MustCompile(pattern)
	re.Longest()
	at := re.FindStringIndex(v)
	return at != nil && at[0] == 0 && at[1] == len(v)
}

func naiveCompare(subject, op, a, b string) (int, bool) {
	switch subject {
	case "agentVersion":
		return naiveVersions(a, b)
	case "registeredAt":
		return naiveTime(a).Compare(naiveTime(b)), a != ""
	case "runningTasksCount":
		x, _ := strconv.Atoi(a)
		y, _ := strconv.Atoi(b)
		return x - y, true
	}
	x, okX := new(big.Rat).SetString(a)
	y, okY := new(big.Rat).SetString(b)
	if okX && okY && op != "==" && op != "!=" {
		return x.Cmp(y), true
	}
	return strings.Compare(a, b), true
}

func naiveVersions(a, b string) (int, bool) {
	var all [2][4]int
	for i, v := range []string{a, b} {
		for j, s := range strings.Split(v, ".") {
			n, err := strconv.Atoi(s)
			if err != nil {
				return 0, false
			}
			all[i][j] = n
		}
	}
	return slices.Compare(all[0][:], all[1][:]), true
}

func naiveTime(s string) time.Time {
	for _, layout := range []string{"2006-01-02", "2006-01-02T15:04:05", time.RFC3339} {
		if t, err := time.Parse(layout, s); err == nil {
			return t
		}
	}
	return time.Time{}
}
