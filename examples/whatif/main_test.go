package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/internal/script"
)

func ask(t *testing.T, a asked) (string, error) {
	t.Helper()
	a.Seed = 1
	r, err := answer(a)
	var text bytes.Buffer
	require.NoError(t, r.text(&text))
	for line := range strings.Lines(text.String()) {
		require.LessOrEqual(t, len([]rune(strings.TrimSuffix(line, "\n"))), columns, line)
	}
	return text.String(), err
}

// Without arguments: a rollout that a static port keeps from ever ending.
func TestOutput(t *testing.T) {
	text, err := ask(t, sample(asked{}))
	require.NoError(t, err)
	script.Golden(t, "testdata/output.txt", text)
}

// The way out that the verdict names: with a dynamic port the same rollout ends.
func TestWayOut(t *testing.T) {
	a := sample(asked{})
	a.Definition = bytes.Replace(a.Definition, []byte(`, "hostPort": 8080`), nil, 1)
	text, err := ask(t, a)
	require.NoError(t, err)
	script.Golden(t, "testdata/dynamic-port.txt", text)
}

// Without a cluster there is a fleet that holds the tasks, or Fargate.
func TestAlone(t *testing.T) {
	for name, document := range map[string]string{
		"bridge":  `{"family": "a", "containerDefinitions": [{"name": "a", "image": "a", "memory": 128, "portMappings": [{"containerPort": 80}]}]}`,
		"awsvpc":  `{"family": "a", "networkMode": "awsvpc", "containerDefinitions": [{"name": "a", "image": "a", "memory": 128}]}`,
		"fargate": `{"family": "a", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"], "cpu": "256", "memory": "512", "containerDefinitions": [{"name": "a", "image": "a"}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			text, err := ask(t, asked{Definition: []byte(document), Count: 6})
			require.NoError(t, err)
			require.Contains(t, text, "simulate: the service is steady after")
			require.Contains(t, text, "it ends")
		})
	}
}

func TestRefused(t *testing.T) {
	const fine = `{"family": "a", "containerDefinitions": [{"name": "a", "image": "a", "memory": 128}]}`
	for name, c := range map[string]struct {
		asked asked
		says  string
	}{
		"broken":        {asked{Definition: []byte(`{`)}, "(document)"},
		"a fault":       {asked{Definition: []byte(`{"family": "a", "containerDefinitions": [{"name": "a", "memory": 9}]}`)}, "containerDefinitions[0].image"},
		"too large":     {asked{Definition: []byte(strings.Replace(fine, "128", "9000000", 1)), Count: 1}, "no instance type could hold the task"},
		"no service":    {asked{Definition: []byte(fine), Service: []byte(`{"services": []}`)}, "no service is described"},
		"odd instances": {asked{Definition: []byte(fine), Instances: []byte(`{"containerInstances": 1}`)}, "describe-container-instances"},
		"odd tasks":     {asked{Definition: []byte(fine), Instances: []byte(`{}`), Tasks: []byte(`[`)}, "describe-tasks"},
		"odd running":   {asked{Definition: []byte(fine), Running: []byte(`{}`)}, "the definition that runs"},
	} {
		t.Run(name, func(t *testing.T) {
			text, err := ask(t, c.asked)
			require.Error(t, err)
			require.Contains(t, text+err.Error(), c.says)
		})
	}
}

func TestPage(t *testing.T) {
	r, err := answer(sample(asked{Seed: 1}))
	require.NoError(t, err)
	name := filepath.Join(t.TempDir(), "report.html")
	require.NoError(t, page(name, r))
	data, err := os.ReadFile(name)
	require.NoError(t, err)
	for _, part := range []string{"<title>What if: web</title>", "set minimumHealthyPercent to 66", "0a1b2c3d4e5f60718293a4b5c6d7e8f9", "us-east-1c"} {
		require.Contains(t, string(data), part)
	}
	require.NotContains(t, string(data), "http", "the page needs nothing else")
}
