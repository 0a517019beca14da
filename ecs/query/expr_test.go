package query

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCanonicalText(t *testing.T) {
	for _, row := range []struct{ src, text string }{
		{"attribute:x equals a", "attribute:x == a"},
		{"attribute:x not_equals 'a'", "attribute:x != a"},
		{"attribute:x greater_than 1&&attribute:x less_than 2", "attribute:x > 1 and attribute:x < 2"},
		{"attribute:x greater_than_equal 1||attribute:x less_than_equal 2", "attribute:x >= 1 or attribute:x <= 2"},
		{"attribute:x not_exists", "attribute:x !exists"},
		{"attribute:x not_in[a,'b c',\"d'e\"]", `attribute:x !in [a, 'b c', "d'e"]`},
		{"attribute:x matches '[ab],c'", "attribute:x =~ [ab],c"},
		{"attribute:x not_matches 'a|b|'", "attribute:x !~ 'a|b|'"},
		{"attribute:x =~ '(a|b)'", "attribute:x =~ '(a|b)'"},
		{"attribute:x == 'and'", "attribute:x == 'and'"},
		{"attribute:x == in", "attribute:x == in"},
		{"not task:group == database", "not(task:group == database)"},
		{"!!(agentConnected==TRUE)", "not(not(agentConnected == true))"},
		{"((attribute:a exists and (attribute:b exists)) and attribute:c exists)",
			"attribute:a exists and attribute:b exists and attribute:c exists"},
		{"(attribute:a exists or attribute:b exists) and attribute:c exists",
			"(attribute:a exists or attribute:b exists) and attribute:c exists"},
		{"attribute:a exists or (attribute:b exists and attribute:c exists)",
			"attribute:a exists or attribute:b exists and attribute:c exists"},
		{"not(attribute:a exists or attribute:b exists)", "not(attribute:a exists or attribute:b exists)"},
	} {
		e, err := Parse(row.src)
		require.NoError(t, err)
		require.Equal(t, row.text, e.String())
		requireRoundTrip(t, row.src)
	}
}

func TestBothSpellings(t *testing.T) {
	for o := OpEquals; o <= OpNotMatches; o++ {
		require.Equal(t, o, opOf(opSymbols[o]))
		require.Equal(t, o, opOf(opWords[o]))
		require.Equal(t, opSymbols[o], o.String())
	}
	require.Empty(t, Op(0).String())
	require.Empty(t, (OpNotMatches + 1).String())
	require.Zero(t, opOf("equal"))
}

// The operators of each subject as facts 3.1 lists them.
func TestOperatorsOfSubjects(t *testing.T) {
	equality, order, lists := "== !=", "> >= < <=", "in !in =~ !~"
	for _, row := range []struct{ subject, operators, value string }{
		{"agentConnected", equality + " " + lists, "true"},
		{"agentVersion", equality + " " + order, "1.2.3"},
		{"attribute:x", equality + " " + order + " exists !exists " + lists, "a"},
		{"ec2InstanceId", equality + " " + lists, "i-1"},
		{"registeredAt", equality + " " + order, "2018-06-18"},
		{"runningTasksCount", equality + " " + order, "1"},
		{"task:group", equality + " exists !exists " + lists, "a"},
	} {
		listed := strings.Fields(row.operators)
		for o := OpEquals; o <= OpNotMatches; o++ {
			for _, spelling := range []string{opSymbols[o], opWords[o]} {
				src := row.subject + " " + spelling
				switch o {
				case OpExists, OpNotExists:
				case OpIn, OpNotIn:
					src += " [" + row.value + "]"
				default:
					src += " " + row.value
				}
				if slices.Contains(listed, o.String()) {
					requireRoundTrip(t, src)
				} else {
					e := requireCaret(t, src)
					require.ElementsMatch(t, listed, e.Expected)
					require.Equal(t, len(row.subject)+1, e.Offset)
				}
			}
		}
	}
}

func TestSubjectsAndDynamic(t *testing.T) {
	for _, row := range []struct {
		src      string
		subjects []string
		dynamic  bool
	}{
		{"attribute:b exists and (attribute:a == x or not attribute:b == y)", []string{"attribute:a", "attribute:b"},
			false},
		{"agentVersion > 1.0 or registeredAt < 2020-01-01 or ec2InstanceId == i-1",
			[]string{"agentVersion", "ec2InstanceId", "registeredAt"}, false},
		{"attribute:a exists and not(task:group == g)", []string{"attribute:a", "task:group"}, true},
		{"runningTasksCount < 5", []string{"runningTasksCount"}, true},
		{"agentConnected == true or attribute:a exists", []string{"agentConnected", "attribute:a"}, true},
	} {
		e, err := Parse(row.src)
		require.NoError(t, err)
		require.Equal(t, row.subjects, slices.Collect(e.Subjects()))
		require.Equal(t, row.dynamic, e.Dynamic())
		for range e.Subjects() {
			break // an early end is allowed
		}
	}
}

func TestConjuncts(t *testing.T) {
	e, err := Parse(
		"runningTasksCount < 5 and not(task:group == web or !attribute:a exists) and (attribute:b == x or " +
			"attribute:c " +
			"== y) and not(attribute:d in [p, q] and attribute:e exists)")
	require.NoError(t, err)
	var got []string
	for _, c := range e.Conjuncts() {
		got = append(got, c.String())
	}
	require.Equal(t, []string{
		"runningTasksCount < 5", "not(task:group == web)", "attribute:a exists",
		"attribute:b == x or attribute:c == y", "not(attribute:d in [p, q] and attribute:e exists)",
	}, got)

	subject, op, values, ok := e.Conjuncts()[0].Comparison()
	require.True(t, ok)
	require.Equal(t, "runningTasksCount", subject)
	require.Equal(t, OpLessThan, op)
	require.Equal(t, []string{"5"}, values)
	_, ok = e.Conjuncts()[0].Negation()
	require.False(t, ok)

	operand, ok := e.Conjuncts()[1].Negation()
	require.True(t, ok)
	subject, op, values, ok = operand.Comparison()
	require.True(t, ok)
	require.Equal(t, "task:group", subject)
	require.Equal(t, OpEquals, op)
	require.Equal(t, []string{"web"}, values)
	values[0] = "changed"
	require.Equal(t, "task:group == web", operand.String())

	_, _, _, ok = e.Comparison()
	require.False(t, ok)
}
