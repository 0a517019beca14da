package answer

import (
	"bytes"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/internal/script"
)

func ask(t *testing.T, q Question) (string, error) {
	t.Helper()
	q.Seed = 1
	r, err := Ask(q)
	var text bytes.Buffer
	require.NoError(t, r.Text(&text))
	for line := range strings.Lines(text.String()) {
		require.LessOrEqual(t, len([]rune(strings.TrimSuffix(line, "\n"))), columns, line)
	}
	return text.String(), err
}

// sample is the program's own files.
func sample(t *testing.T) Question {
	t.Helper()
	file := func(name string) []byte {
		data, err := os.ReadFile("../testdata/" + name + ".json")
		require.NoError(t, err)
		return data
	}
	return Question{Definition: file("task-definition"), Running: file("running"),
		Instances: file("container-instances"),
		Tasks:     file("tasks"), Service: file("service")}
}

// Without arguments: a rollout that a static port keeps from ever ending.
func TestOutput(t *testing.T) {
	text, err := ask(t, sample(t))
	require.NoError(t, err)
	script.Golden(t, "../testdata/output.txt", text)
}

// The way out that the verdict names: with a dynamic port the same rollout ends.
func TestWayOut(t *testing.T) {
	a := sample(t)
	a.Definition = bytes.Replace(a.Definition, []byte(`, "hostPort": 8080`), nil, 1)
	text, err := ask(t, a)
	require.NoError(t, err)
	script.Golden(t, "../testdata/dynamic-port.txt", text)
}

// A report is about the service, whatever the family of its task definition is.
//
// Seen to fail: the family in each case.
func TestName(t *testing.T) {
	q := sample(t)
	q.Service = bytes.ReplaceAll(q.Service, []byte(`"serviceName": "web"`), []byte(`"serviceName": "shop"`))
	q.Tasks = bytes.ReplaceAll(q.Tasks, []byte(`"service:web"`), []byte(`"service:shop"`))
	text, err := ask(t, q)
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(text, "shop: "), text)
	text, err = ask(t, Question{Definition: q.Definition, Count: 2})
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(text, "web: "), text)
}

// Without a cluster there is a fleet that holds the tasks, or Fargate.
func TestAlone(t *testing.T) {
	for name, document := range map[string]string{
		"bridge":  `{"family": "a", "containerDefinitions": [{"name": "a", "image": "a", "memory": 128, "portMappings": [{"containerPort": 80}]}]}`,
		"awsvpc":  `{"family": "a", "networkMode": "awsvpc", "containerDefinitions": [{"name": "a", "image": "a", "memory": 128}]}`,
		"fargate": `{"family": "a", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"], "cpu": "256", "memory": "512", "containerDefinitions": [{"name": "a", "image": "a"}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			text, err := ask(t, Question{Definition: []byte(document), Count: 6})
			require.NoError(t, err)
			require.Contains(t, text, "simulate: the service is steady after")
			require.Contains(t, text, "a: this deployment ends.")
		})
	}
}

func TestRefused(t *testing.T) {
	const fine = `{"family": "a", "containerDefinitions": [{"name": "a", "image": "a", "memory": 128}]}`
	for name, c := range map[string]struct {
		asked Question
		says  string
	}{
		"broken":        {Question{Definition: []byte(`{`)}, "(document)"},
		"not an object": {Question{Definition: []byte(`[]`)}, "validate: 1 fault"},
		"two kinds": {
			Question{
				Definition: []byte(
					`{"family": "a", "containerDefinitions": [{"name": "a", "memory": 9, "colour": 1}]}`)},
			"validate: 2 faults"},
		"a fault": {
			Question{Definition: []byte(`{"family": "a", "containerDefinitions": [{"name": "a", "memory": 9}]}`)},
			"containerDefinitions[0].image"},
		"too large": {Question{Definition: []byte(strings.Replace(fine, "128", "9000000", 1)), Count: 1},
			"no instance type could hold the task"},
		"too many":        {Question{Definition: []byte(fine), Count: math.MaxInt32}, "is not between 0 and 10000"},
		"fewer than none": {Question{Definition: []byte(fine), Count: -1}, "a desired count of -1 is not between"},
		"too many of a service": {
			Question{Definition: []byte(fine), Service: []byte(`{"services": [{"desiredCount": 2000000000}]}`)},
			"a desired count of 2000000000 is not between 0 and 10000"},
		"no service": {Question{Definition: []byte(fine), Service: []byte(`{"services": []}`)},
			"no service is described"},
		"odd instances": {Question{Definition: []byte(fine), Instances: []byte(`{"containerInstances": 1}`)},
			"describe-container-instances"},
		"odd tasks": {Question{Definition: []byte(fine), Instances: []byte(`{}`), Tasks: []byte(`[`)},
			"describe-tasks"},
		"odd running": {Question{Definition: []byte(fine), Running: []byte(`{}`)}, "the definition that runs"},
	} {
		t.Run(name, func(t *testing.T) {
			text, err := ask(t, c.asked)
			require.Error(t, err)
			require.Contains(t, text+err.Error(), c.says)
		})
	}
}

// The picture of README is what the program draws of its own files.
func TestPicture(t *testing.T) {
	q := sample(t)
	q.Seed = 1
	r, err := Ask(q)
	require.NoError(t, err)
	var picture bytes.Buffer
	require.NoError(t, r.Picture(&picture))
	script.Golden(t, "../testdata/report.svg", picture.String())
	require.NoError(t, Report{}.Picture(&picture))
}

func TestPage(t *testing.T) {
	q := sample(t)
	q.Seed = 1
	r, err := Ask(q)
	require.NoError(t, err)
	var page bytes.Buffer
	require.NoError(t, r.HTML(&page))
	data := page.String()
	for _, part := range []string{"<title>What if: web</title>", "set minimumHealthyPercent to 66",
		"0a1b2c3d4e5f60718293a4b5c6d7e8f9", "us-east-1c"} {
		require.Contains(t, data, part)
	}
	require.NotContains(t, data, "http:", "the page needs nothing else")
	require.NotContains(t, data, "https:", "the page needs nothing else")
}
