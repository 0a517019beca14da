package scenario_test

import (
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/examples/drill/scenario"
)

// minimal is a scenario that is right.
const minimal = "title: x\nexit: zero\ntruth: SUCCESSFUL\n==== before\ninstances 1\n"

// Each fault of a scenario is told with its line.
func TestFaults(t *testing.T) {
	for text, want := range map[string]string{
		"":                                "1: a scenario has a title, an exit and a truth",
		"title x":                         `1: "title x" is not a field: its name, a colon and its value`,
		"# c\n\nexit: maybe":              `3: exit is zero, nonzero, any or one; it is "maybe"`,
		"hung: never":                     `1: hung is may, or is not there; it is "never"`,
		"colour: red":                     `1: there is no field "colour"`,
		minimal + "==== when\n":           `6: "when" is not a part: before, after or faults`,
		minimal + "==== before\n":         `the part "before" is there twice`,
		minimal + "dance\n":               "2:1: dance is not a command",
		minimal + "RunTask {{.Nope}}":     "{{.Nope}} is not a name of the drill's",
		minimal + "==== after\ndrain i1":  "7: what happens after begins with a time, as in: at 30s alarm errors ALARM",
		minimal + "==== after\nat 3s x":   "7: 1:1: x is not a command",
		minimal + "==== after\nat -3s x":  "7: what happens after begins with a time, as in: at 30s alarm errors ALARM",
		minimal + "==== faults\nall":      "7: a fault says what it does, as in do=throttle",
		minimal + "==== faults\nall a=b":  `7: a fault has every, first, for and do; "a=b" is none of them`,
		minimal + "==== faults\nall for=": `7: "for=" is not a number or a time`,
	} {
		_, err := scenario.Parse("s", text)
		require.ErrorContains(t, err, want, text)
	}
	s, err := scenario.Parse("03a-x", minimal+"==== after\n# c\nat 1m RunTask {\n\"cluster\": \"a\"}\n"+
		"at 2s alarm a OK\n==== faults\nreads every=3 first=2 for=1m do=500\n")
	require.NoError(t, err)
	require.Equal(t, "3a", s.Number())
	require.Equal(t, []scenario.Fault{{Calls: "reads", Every: 3, First: 2, For: time.Minute, Do: "500"}}, s.Faults)
	after, err := s.After(scenario.Default())
	require.NoError(t, err)
	require.Len(t, after, 2)
	require.Equal(t, "alarm a OK", after[0].Text, "in order of time")
}

// The drill's own scenarios are right, and are found by number and name; a folder without any is an error.
func TestOwn(t *testing.T) {
	all, err := scenario.Own()
	require.NoError(t, err)
	require.Greater(t, len(all), 30)
	some, err := scenario.Select(all, []string{"5a", "02-pull-fails"})
	require.NoError(t, err)
	require.Equal(t, "05a-targets-unhealthy", some[0].Name)
	require.Equal(t, "2", some[1].Number())
	_, err = scenario.Select(all, []string{"99"})
	require.ErrorContains(t, err, `"99" is not one of 1, 1b, 2, 3a`)
	_, err = scenario.Read(fstest.MapFS{"x/readme.md": {}}, "x")
	require.ErrorContains(t, err, "there is no .txt file in x")
	_, err = scenario.Read(fstest.MapFS{"x/a.txt": {}, "x/b.txt": {Data: []byte(minimal)}}, "x")
	require.ErrorContains(t, err, "scenario a:1: ")
}

// Names that could not be an ECS's, or would break a script, are refused, all at once.
func TestNames(t *testing.T) {
	require.NoError(t, scenario.Default().Check())
	n := scenario.Default()
	n.Cluster, n.Service, n.Image = `a"b`, "", "app:1"
	err := n.Check()
	require.ErrorContains(t, err, `cluster must have 1 to 255 letters, digits, hyphens and underscores; it is "a\"b"`)
	require.ErrorContains(t, err, "service must have")
	require.ErrorContains(t, err, "image must be the name of an image")
	text, err := scenario.Default().Fill("{{.Image}} {{ .Old }} {x} }}")
	require.NoError(t, err)
	require.Equal(t, "app:2 app:1 {x} }}", text)
	for _, bad := range []string{"{{.Colour}}", "{{", "{{.Image", "{{.Image}", "{{range 1000000000}}x{{end}}",
		`{{printf "%1000000000d" 1}}`, "{{.}}", "{{{.Image}}}"} {
		_, err := scenario.Default().Fill(bad)
		require.ErrorContains(t, err, "is not a name of the drill's", bad)
	}
	n = scenario.Default()
	n.Image = "app:2 exit=1s"
	require.Error(t, n.Check())
}

// No text makes Parse panic, and what it takes can be filled in.
func FuzzParse(f *testing.F) {
	f.Add(minimal)
	f.Add(minimal + "RunTask {\"cluster\": \"{{ .Cluster}}\"}\n")
	f.Add(minimal + "==== after\nat 1s alarm a OK\n==== faults\nall do=500")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := scenario.Parse("s", text)
		if err != nil {
			return
		}
		_, err = s.After(scenario.Default())
		require.NoError(t, err)
	})
}
