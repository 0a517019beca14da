package record_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/sim"
	"github.com/bayplan/bayplan/examples/import/record"
)

// day is what happens to the cluster that is recorded: what the describe calls print after each part is a value of
// the recording.
var day = []string{
	"instances 3 type=m5.large zone=us-east-1a,us-east-1b attribute=tier=web\n" +
		`RegisterTaskDefinition {"family": "web", "containerDefinitions": [{"name": "c", "image": "web:1", "memory": 1024, "cpu": 256}]}` + "\n" +
		`CreateService {"serviceName": "web", "taskDefinition": "web", "desiredCount": 3, "placementStrategy": [{"type": "spread", "field": "instanceId"}]}` + "\n" +
		"run until=steady\n",
	"at 1h update web to=6\nrun until=steady\n",
	"at 2h instances 1 type=m5.xlarge zone=us-east-1c\n" +
		`RegisterTaskDefinition {"family": "web", "containerDefinitions": [{"name": "c", "image": "web:2", "memory": 1024, "cpu": 256}]}` + "\n" +
		"update web to=web\nrun until=steady\n",
	"at 3h drain i1\nrun until=steady\n",
	"at 4h terminate i1\nrun until=steady\n",
	"at 5h update web to=2\nrun until=steady\n",
}

// recorded plays the day, and returns what was printed, and the world at its end.
func recorded(t testing.TB) ([]byte, *sim.World) {
	var out bytes.Buffer
	var w *sim.World
	for n := range day {
		script, err := sim.ParseScript([]byte("seed 7\n" + strings.Join(day[:n+1], "")))
		require.NoError(t, err)
		w = sim.New(sim.Config{Seed: 7})
		_, err = script.Run(w)
		require.NoError(t, err)
		for _, x := range printed(t, w) {
			data, err := json.Marshal(map[string]any{"time": w.Now(), "output": x})
			require.NoError(t, err)
			out.Write(append(data, '\n'))
		}
	}
	return out.Bytes(), w
}

// printed returns what the describe calls print of a world.
func printed(t testing.TB, w *sim.World) []any {
	p := w.Plane()
	services, err := p.DescribeServices(api.DescribeServicesInput{Services: []string{"web"}})
	require.NoError(t, err)
	list, err := p.ListContainerInstances(api.ListContainerInstancesInput{})
	require.NoError(t, err)
	instances, err := p.DescribeContainerInstances(api.DescribeContainerInstancesInput{ContainerInstances: list.Arns})
	require.NoError(t, err)
	arn := services.Services[0].TaskDefinition
	definition, err := p.DescribeTaskDefinition(api.DescribeTaskDefinitionInput{TaskDefinition: arn})
	require.NoError(t, err)
	return []any{definition, instances, services}
}

// TestReplayed: what was recorded of a simulated cluster replays to as many tasks and instances. Seen to fail without
// the order of lines by time, and with a desired count that was not updated.
func TestReplayed(t *testing.T) {
	data, w := recorded(t)
	events := `{"detail-type": "ECS Container Instance State Change", "time": "` +
		w.Now().Add(-90*time.Minute).Format(time.RFC3339) +
		`", "detail": {"containerInstanceArn": "` + drained(t, data) +
		`", "status": "INACTIVE", "agentConnected": true}}` + "\n"
	r, err := record.Read(map[string][]byte{"day.jsonl": data, "events.jsonl": []byte(events)})
	require.NoError(t, err)
	text, err := r.Script(record.Options{})
	require.NoError(t, err)
	for _, want := range []string{"instances 1 type=m5.large zone=us-east-1a attribute=tier=web", "at 59m20s ",
		"update web to=6", "update web to=web",
		"drain i2", "terminate i2", "update web to=2"} {
		require.Contains(t, text, want)
	}
	s, err := r.Replay(record.Options{})
	require.NoError(t, err)
	require.Equal(t, map[string]int{"web": 2}, s.Running)
	require.Equal(t, 0, s.Unplaced)
	require.GreaterOrEqual(t, s.Started, 12)
	require.Equal(t, s.Started-2, s.Stopped)

	packed, err := r.Replay(record.Options{Strategy: []ecs.PlacementStrategy{{Type: "binpack", Field: "memory"}}})
	require.NoError(t, err)
	require.Equal(t, map[string]int{"web": 2}, packed.Running)
	require.Less(t, packed.BusyHours, s.BusyHours, "tasks that are packed are on fewer instances")
	require.InDelta(t, s.BusyHours+s.IdleHours, packed.BusyHours+packed.IdleHours, 1e-6, "the instances are the same")
	var b bytes.Buffer
	require.NoError(t, record.Text(&b, []string{"as recorded", "binpack:memory"}, []record.Summary{s, packed}))
	require.Contains(t, b.String(), "instance-hours without one")
}

// drained returns the ARN of the instance that drains at some time.
func drained(t testing.TB, data []byte) string {
	for line := range bytes.Lines(data) {
		var x struct {
			Output api.DescribeContainerInstancesOutput
		}
		require.NoError(t, json.Unmarshal(line, &x))
		for _, ci := range x.Output.ContainerInstances {
			if ci.Status == ecs.ContainerInstanceStatusDraining {
				return ci.ContainerInstanceArn
			}
		}
	}
	return ""
}

const standalone = `{"taskDefinition": {"family": "batch", "revision": 1, "taskDefinitionArn": "arn:aws:ecs:us-east-1:000000000000:task-definition/batch:1",
	"containerDefinitions": [{"name": "c", "image": "batch", "memory": 64}]}}
{"containerInstances": [{"containerInstanceArn": "i", "status": "ACTIVE", "agentConnected": true, "attributes": [{"name": "ecs.instance-type", "value": "x9.huge"}],
	"registeredResources": [{"name": "CPU", "integerValue": 4096}, {"name": "MEMORY", "integerValue": 9000}]}]}
{"detail-type": "ECS Task State Change", "time": "2026-01-01T00:00:00Z", "detail": {"taskArn": "t", "group": "family:batch",
	"taskDefinitionArn": "arn:aws:ecs:us-east-1:000000000000:task-definition/batch:1", "lastStatus": "RUNNING", "startedAt": "2026-01-01T00:00:00Z"}}
{"detail-type": "ECS Task State Change", "time": "2026-01-01T00:07:30Z", "detail": {"taskArn": "t", "group": "family:batch",
	"taskDefinitionArn": "arn:aws:ecs:us-east-1:000000000000:task-definition/batch:1", "lastStatus": "STOPPED", "startedAt": "2026-01-01T00:00:00Z", "stoppedAt": "2026-01-01T00:07:30Z"}}
{"detail-type": "ECS Service Action", "time": "2026-01-01T00:20:00Z", "detail": {}}
{"time": "2026-01-01T01:00:00Z", "output": {"services": [{"serviceName": "gone", "taskDefinition": "gone:1", "desiredCount": 1,
	"clusterArn": "arn:aws:ecs:us-east-1:000000000000:cluster/default"}]}}
`

// TestNotes: what a scenario leaves out, and a standalone task that runs as long as it ran, to the minute.
func TestNotes(t *testing.T) {
	r, err := record.Read(map[string][]byte{"a.jsonl": []byte(standalone)})
	require.NoError(t, err)
	s, err := r.Replay(record.Options{})
	require.NoError(t, err)
	require.Equal(t, []int{1, 1}, []int{s.Started, s.Stopped})
	require.Contains(t, s.Timeline, "08:0", "it ends after eight minutes")
	notes := strings.Join(r.Notes, "\n")
	for _, want := range []string{`events of type "ECS Service Action" say what ECS did, and are not replayed: 1`,
		`instances of the type "x9.huge" are replayed as t3.xlarge`,
		"the service gone is left out: its task definition gone:1 is not described"} {
		require.Contains(t, notes, want)
	}
}

func TestFaults(t *testing.T) {
	for text, want := range map[string]string{
		"{}\n{\"services\": [\n{\"desiredCount\": \"x\"}]}": "a.jsonl:3: ",
		"{\n": "a.jsonl:2: unexpected EOF",
		"":    "the recording holds nothing",
		`{"time": "2020-01-01T00:00:00Z", "output": {"tasks": [{}]}} {"time": "2026-01-01T00:00:00Z", "output": {"tasks": [{}]}}`: "at most 400 days are replayed",
	} {
		_, err := record.Read(map[string][]byte{"a.jsonl": []byte(text)})
		require.ErrorContains(t, err, want, text)
	}
	_, err := record.ParseStrategy("spread:instanceId,packed")
	require.ErrorContains(t, err, `"packed" is not random`)
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(standalone))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := record.Read(map[string][]byte{"f": data})
		if err != nil {
			return
		}
		text, err := r.Script(record.Options{})
		if err == nil {
			_, err = sim.ParseScript([]byte(text))
			require.NoError(t, err, text)
		}
	})
}

func ExampleRecording_Replay() {
	r, err := record.Read(map[string][]byte{"week.jsonl": []byte(`
{"taskDefinition": {"family": "web", "revision": 1, "containerDefinitions": [{"name": "c", "image": "nginx", "memory": 512}]}}
{"containerInstances": [
 {"containerInstanceArn": "a", "status": "ACTIVE", "agentConnected": true, "attributes": [{"name": "ecs.instance-type", "value": "m5.large"}]},
 {"containerInstanceArn": "b", "status": "ACTIVE", "agentConnected": true, "attributes": [{"name": "ecs.instance-type", "value": "m5.large"}]}]}
{"services": [{"serviceName": "web", "taskDefinition": "web:1", "desiredCount": 2, "placementStrategy": [{"type": "spread", "field": "instanceId"}]}]}
{"time": "2026-01-01T00:00:00Z", "output": {"services": []}}
{"time": "2026-01-01T10:00:00Z", "output": {"services": [{"serviceName": "web", "taskDefinition": "web:1", "desiredCount": 2}]}}
`)})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, strategy := range [][]ecs.PlacementStrategy{nil, {{Type: "binpack", Field: "memory"}}} {
		s, err := r.Replay(record.Options{Strategy: strategy})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%d instances at most\n", s.Peak)
	}
	// Output:
	// 2 instances at most
	// 1 instances at most
}
