package engine_test

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/examples/playground/engine"
)

func file(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile("../../whatif/" + name)
	require.NoError(t, err)
	return string(data)
}

// TestAsk: the text is what whatif prints for its own files, and the early reply has its verdict, without a word of
// the simulation.
func TestAsk(t *testing.T) {
	q := engine.Question{Kind: "deploy", Definition: file(t, "testdata/task-definition.json"),
		Running: file(t, "testdata/running.json"), Instances: file(t, "testdata/container-instances.json"),
		Tasks: file(t, "testdata/tasks.json"), Service: file(t, "testdata/service.json")}
	var early []engine.Reply
	r := engine.Ask(question(t, q), func(r engine.Reply) { early = append(early, r) })
	require.Empty(t, r.Error)
	require.Equal(t, file(t, "testdata/output.txt"), r.Text)
	require.Len(t, early, 1)
	for _, part := range []string{"this deployment never ends", "set minimumHealthyPercent to 66"} {
		require.Contains(t, early[0].Markup, part)
		require.Contains(t, r.Markup, part)
	}
	require.NotContains(t, early[0].Markup, "ends after")

	r = engine.Ask(question(t, engine.Question{Kind: "replay", Policies: file(t, "replay/testdata/policy.json"),
		Load: file(t, "replay/testdata/load.csv")}), nil)
	require.Empty(t, r.Error)
	require.Equal(t, file(t, "replay/testdata/answer.txt"), r.Text)
}

func question(t *testing.T, q engine.Question) []byte {
	t.Helper()
	data, err := json.Marshal(q)
	require.NoError(t, err)
	return data
}

// TestRefusals: what is no question gets a sentence.
func TestRefusals(t *testing.T) {
	for text, says := range map[string]string{ //order:any each alone
		``:                         "the question cannot be read",
		`[]`:                       "the question cannot be read",
		`{"kind": "x"}`:            `kind "x" is neither deploy nor replay`,
		`{"kind": "deploy"}`:       "there is no task definition",
		`{"kind": "replay"}`:       "there are no policies",
		`{"kind":"d","count":1.5}`: "the question cannot be read",
	} {
		require.Contains(t, engine.Ask([]byte(text), nil).Error, says, text)
	}
	require.Contains(t, engine.Ask(bytes.Repeat([]byte("x"), 33<<20), nil).Error, "33 MiB")
}

// FuzzAsk: no text makes the engine fail but by a sentence, and nothing of a text becomes an element.
func FuzzAsk(f *testing.F) {
	f.Add(`{"kind": "deploy", "definition": "{\"family\": \"<script>\", \"containerDefinitions\": [{\"name\": \"a\"}]}"}`)
	f.Add(`{"kind": "replay", "policies": "{\"MaxCapacity\": 3, \"PerTask\": 1}", "load": "2026-01-01T00:00:00Z,1\n2026-01-01T00:01:00Z,2\n"}`)
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, "ount") {
			return // a service of thousands of tasks takes its time
		}
		r := engine.Ask([]byte(text), nil)
		require.True(t, r.Text != "" || r.Error != "")
		require.NotContains(t, r.Markup, "<script")
	})
}
