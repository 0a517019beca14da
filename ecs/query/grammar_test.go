package query

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/exp/ebnf"
	"pgregory.net/rapid"
)

func grammar(t require.TestingT) ebnf.Grammar {
	g, err := ebnf.Parse("Grammar", strings.NewReader(Grammar))
	require.NoError(t, err)
	return g
}

func TestGrammarIsOne(t *testing.T) {
	require.NoError(t, ebnf.Verify(grammar(t), "Expression"))
}

// A walker makes a random sentence of a grammar.
type walker struct {
	grammar ebnf.Grammar
	t       *rapid.T
	text    []byte
	depth   int
	pattern bool // the text ends in a pattern, whose brackets and parentheses are part of the word
}

// sentences are random expressions as the published grammar has them.
func sentences(g ebnf.Grammar) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		w := &walker{grammar: g, t: t}
		w.name("Expression")
		return string(w.text)
	})
}

// name writes a production: a lexical one as one token, blanks around it.
func (w *walker) name(name string) {
	w.depth++
	defer func() { w.depth-- }()
	if lower := name[0] >= 'a'; !lower {
		w.expression(w.grammar[name].Expr, false)
		return
	}
	inner := &walker{grammar: w.grammar, t: w.t, depth: w.depth}
	inner.expression(w.grammar[name].Expr, true)
	if (name == "value" || name == "pattern") && slices.Contains([]string{"and", "or", "not"}, string(inner.text)) {
		inner.text = append(inner.text, '_') // these words need quotes, says the note
	}
	w.token(string(inner.text))
	w.pattern = name == "pattern"
}

// token appends a token, with a blank before it if it needs one, or by chance.
func (w *walker) token(s string) {
	wordy := func(c byte) bool { return strings.IndexByte("!\"&'(),<=>[]|~ \t\n\r", c) < 0 }
	n := len(w.text)
	wordBefore := n > 0 && (wordy(w.text[n-1]) || w.pattern && (w.text[n-1] == ']' || w.text[n-1] == ')'))
	w.pattern = false
	if wordBefore && wordy(s[0]) || w.chance("blank") {
		w.text = append(w.text, rapid.SampledFrom([]byte(" \t\n\r")).Draw(w.t, "which"))
	}
	w.text = append(w.text, s...)
}

func (w *walker) chance(label string) bool {
	return rapid.IntRange(0, 2).Draw(w.t, label) == 2
}

func (w *walker) expression(x ebnf.Expression, lexical bool) {
	emit := w.token
	if lexical {
		emit = func(s string) { w.text = append(w.text, s...) }
	}
	deep := w.depth > 18 || len(w.text) > 400
	switch x := x.(type) {
	case ebnf.Alternative:
		n := len(x)
		if deep {
			n = 1 // the first alternative is never the one that recurs
		}
		w.expression(x[rapid.IntRange(0, n-1).Draw(w.t, "alternative")], lexical)
	case ebnf.Sequence:
		for _, part := range x {
			w.expression(part, lexical)
		}
	case *ebnf.Name:
		if lexical {
			w.depth++
			w.expression(w.grammar[x.String].Expr, true)
			w.depth--
			return
		}
		w.name(x.String)
	case *ebnf.Token:
		emit(x.String)
	case *ebnf.Range:
		from, to := []rune(x.Begin.String)[0], []rune(x.End.String)[0]
		emit(string(rune(rapid.Int32Range(from, to).Draw(w.t, "character"))))
	case *ebnf.Group:
		w.expression(x.Body, lexical)
	case *ebnf.Option:
		if w.chance("option") {
			w.expression(x.Body, lexical)
		}
	case *ebnf.Repetition:
		for !deep && w.chance("more") {
			w.expression(x.Body, lexical)
		}
	}
}
