package placement

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/bayplan/bayplan/ecs"
	"github.com/stretchr/testify/require"
)

// printed writes instances and tasks as the AWS CLI prints them.
func printed(instances, tasks string) (containerInstances, described []byte) {
	return []byte(`{"containerInstances": [` + instances + `], "failures": []}`),
		[]byte(`{"tasks": [` + tasks + `], "failures": []}`)
}

const (
	arnInstance = "arn:aws:ecs:us-east-1:123456789012:container-instance/default/"
	arnTask     = "arn:aws:ecs:us-east-1:123456789012:task/default/"
)

// oneInstance is i-1 with 1,024 CPU units and 4,000 MiB, and more of its fields in JSON.
func oneInstance(more string) string {
	return `{"containerInstanceArn": "` + arnInstance +
		`i-1", "status": "ACTIVE", "agentConnected": true, "registeredAt": "2024-05-01T10:05:00.000000+00:00",
		"registeredResources": [{"name": "CPU", "type": "INTEGER", "integerValue": 1024}, {"name": "MEMORY", "type": "INTEGER", "integerValue": 4000},
			{"name": "PORTS", "type": "STRINGSET", "stringSetValue": ["22"]}, {"name": "GPU", "type": "STRINGSET", "stringSetValue": ["GPU-a", "GPU-b"]}]` + more + `}`
}

func oneTask(id, more string) string {
	return `{"taskArn": "` + arnTask + id + `", "containerInstanceArn": "` + arnInstance +
		`i-1", "group": "service:web", "lastStatus": "RUNNING", "desiredStatus": "RUNNING"` + more + `}`
}

func TestReadSnapshotOfOddFiles(t *testing.T) {
	web := func(s *Snapshot) int { return s.Count("service:web") }
	for _, row := range []struct {
		name, instances, tasks string
		free                   ecs.Resources // of i-1
		ports                  []ecs.HostPort
		web                    int
	}{
		{"nothing remains to be told: what the tasks hold is taken off", oneInstance(""),
			oneTask("a", `, "cpu": "256", "memory": "1 GB"`), ecs.Resources{CPU: 768, Memory: 2976, GPU: 2},
			[]ecs.HostPort{tcp(22)}, 1},
		{"what remains is told: the tasks only count",
			oneInstance(
				`, "remainingResources": [{"name": "CPU", "integerValue": 100}, {"name": "MEMORY", "integerValue": 200}, {"name": "PORTS", "stringSetValue": ["22", "80"]}]`),
			oneTask("a", `, "cpu": "256", "memory": "1024"`), ecs.Resources{CPU: 100, Memory: 200},
			[]ecs.HostPort{tcp(22), tcp(80)}, 1},
		{"a task without a size has its containers'", oneInstance(""),
			oneTask("a",
				`, "containers": [{"cpu": "10", "memory": "300", "memoryReservation": "100"}, {"cpu": "0", "memory": "200", "gpuIds": ["GPU-a"],
			"networkBindings": [{"hostPort": 80, "protocol": "tcp"}, {"hostPort": 53, "protocol": "udp"}]}]`),
			ecs.Resources{CPU: 1014, Memory: 3700, GPU: 1}, []ecs.HostPort{tcp(22), tcp(80), udp(53)}, 1},
		{"a task with an interface takes no host port",
			oneInstance(`, "attributes": [{"name": "ecs.instance-type", "value": "c5.large"}]`),
			oneTask("a",
				`, "cpu": "256", "memory": "1024", "attachments": [{"type": "ElasticNetworkInterface", "status": "ATTACHED"}], "containers": [{"networkBindings": [{"hostPort": 80}]}]`),
			ecs.Resources{CPU: 768, Memory: 2976, GPU: 2, ENI: 1}, []ecs.HostPort{tcp(22)}, 1},
		{"a stopping task holds and does not count", oneInstance(""),
			oneTask("a", `, "cpu": "256", "memory": "1024", "desiredStatus": "STOPPED", "lastStatus": "DEACTIVATING"`),
			ecs.Resources{CPU: 768, Memory: 2976, GPU: 2}, []ecs.HostPort{tcp(22)}, 0},
		{"stopped tasks are gone", oneInstance(""), oneTask("a", `, "cpu": "256", "lastStatus": "STOPPED"`) + "," +
			oneTask("b", `, "cpu": "256", "lastStatus": "DELETED"`), ecs.Resources{CPU: 1024, Memory: 4000, GPU: 2},
			[]ecs.HostPort{tcp(22)}, 0},
		{"pending tasks count, where they are placed", oneInstance(""),
			oneTask("a", `, "cpu": "256", "memory": "1024", "lastStatus": "PENDING"`) + `, {"taskArn": "` + arnTask +
				`b", "group": "service:web", "lastStatus": "PROVISIONING", "cpu": "256"}`,
			ecs.Resources{CPU: 768, Memory: 2976, GPU: 2}, []ecs.HostPort{tcp(22)}, 1},
		{"tasks elsewhere and on Fargate are passed over", oneInstance(""), strings.Replace(oneTask("a", ""), "/i-1",
			"/i-2", 1) + `, {"taskArn": "` + arnTask +
			`b", "group": "service:web", "launchType": "FARGATE", "lastStatus": "RUNNING"}`,
			ecs.Resources{CPU: 1024, Memory: 4000, GPU: 2}, []ecs.HostPort{tcp(22)}, 0},
		{"more is held than registered", oneInstance(""), oneTask("a", `, "cpu": "2 vCPU", "memory": "1024"`),
			ecs.Resources{CPU: -1024, Memory: 2976, GPU: 2}, []ecs.HostPort{tcp(22)}, 1},
	} {
		s, err := ReadSnapshot(printed(row.instances, row.tasks))
		require.NoError(t, err, row.name)
		free, ok := s.Remaining("i-1")
		require.True(t, ok)
		if _, known := s.instances[0].attribute(attributeType); !known {
			free.ENI = 0 // without limit
		}
		require.Equal(t, row.free, free, row.name)
		require.Equal(t, row.ports, s.PortsInUse("i-1"), row.name)
		require.Equal(t, row.web, web(s), row.name)
		require.Equal(t, dump(s), dump(NewIndex(s).Snapshot()), row.name)
	}

	for _, texts := range [][2]string{{}, {"{}", "{}"}, {`{"containerInstances": null}`, `{"tasks": []}`}} {
		s, err := ReadSnapshot([]byte(texts[0]), []byte(texts[1]))
		require.NoError(t, err)
		require.Zero(t, s.Len())
		_, err = Place(s, Request{Group: "service:web"})
		require.EqualError(t, err, "No Container Instances were found in your cluster.")
	}
	// Pages, and the two files the wrong way round.
	first, second := oneInstance(""), strings.ReplaceAll(oneInstance(""), "/i-1", "/i-2")
	s, err := ReadSnapshot([]byte(`{"tasks": [`+oneTask("a", "")+`]} {"tasks": [`+oneTask("b", "")+`]}`),
		[]byte(`{"containerInstances": [`+second+`]}`+"\n"+`{"containerInstances": [`+first+`], "failures": []}`))
	require.NoError(t, err)
	require.Equal(t, []ecs.InstanceID{"i-1", "i-2"}, slices.Collect(s.Instances()))
	require.Equal(t, 2, s.CountOn("service:web", "i-1"))
	for _, row := range []struct {
		code                           ecs.Code
		field, instances, tasks, tells string
	}{
		{ecs.SerializationException, "containerInstances", `[]`, "", "array"},
		{ecs.SerializationException, "tasks", "", `{"tasks": [{"group": 7}]}`, "number"},
		{ecs.SerializationException, "tasks", "", `{"tasks": `, "unexpected EOF"},
		{ecs.SerializationException, "tasks", "", `{"tasks": []} ]`, "invalid character"},
		{ecs.InvalidParameterException, "containerInstances[0].containerInstanceArn", `{"containerInstances": [{}]}`,
			"", "has an ARN or ID"},
		{ecs.InvalidParameterException, "containerInstances[1].containerInstanceArn",
			`{"containerInstances": [` + oneInstance("") + "," + oneInstance("") + `]}`, "", "containerInstances[0]"},
		{ecs.InvalidParameterException, "containerInstances[0].attributes[0].name",
			`{"containerInstances": [` + oneInstance(`, "attributes": [{"name": "a b"}]`) + `]}`, "", "position 1"},
	} {
		_, err := ReadSnapshot([]byte(row.instances), []byte(row.tasks))
		requireFault(t, err, row.code, row.field, row.tells)
	}
}

// The helpers on fleets with nothing, with nothing open, and with little.
func TestWhatIfAtTheEdges(t *testing.T) {
	r := Request{Group: "service:web", Need: ecs.Resources{CPU: 100, Memory: 100},
		Strategy: []ecs.PlacementStrategy{bySpreadAZ}}
	empty := NewIndex(snapshot(nil))
	h, err := empty.Headroom(r, 10)
	require.NoError(t, err)
	require.Equal(t, Headroom{}, h)
	trials, err := empty.Try([]Request{r})
	require.NoError(t, err)
	require.Equal(t, []Trial{{Request: 0}}, trials)
	_, err = empty.TryDrain("i-1", []Request{r})
	requireFault(t, err, ecs.InvalidParameterException, "containerInstance", "i-1")

	x := NewIndex(snapshot([]box{
		{id: "i-1", zone: "a", cpu: 250, mem: 1000}, {id: "i-2", zone: "a", cpu: 1000, mem: 150, gpu: 1},
		{id: "i-3", cpu: 90, mem: 90},
		{id: "i-4", zone: "b", cpu: 1000, mem: 1000, status: ecs.ContainerInstanceStatusDraining},
		{id: "i-5", zone: "c", cpu: 1000, mem: 1000, offline: true},
	}))
	before := dump(x.Snapshot())
	h, err = x.Headroom(r, 100)
	require.NoError(t, err)
	require.Equal(t, Headroom{
		Tasks:   3,
		Zones:   []ZoneRoom{{"", 0}, {"a", 3}, {"c", 0}}, // ECS does not look at b's only instance
		Binding: []Binding{{ReasonCPU, 2}, {ReasonMemory, 2}, {ReasonAgent, 1}},
	}, h)
	h, err = x.Headroom(r, 2)
	require.NoError(t, err)
	require.Equal(t, 2, h.Tasks, "no more than asked for")
	h, err = x.Headroom(r, 0)
	require.NoError(t, err)
	require.Zero(t, h.Tasks)

	gpu := r
	gpu.Need.GPU = 1
	trials, err = x.Try([]Request{r, gpu, gpu, r, r, r})
	require.NoError(t, err)
	require.Equal(t, "[{0 i-1} {1 i-2} {2 } {3 i-1} {4 } {5 }]", fmt.Sprint(trials))
	trials, err = x.TryDrain("i-4", slices.Repeat([]Request{r}, 4))
	require.NoError(t, err)
	require.Equal(t, "[{0 i-1} {1 i-1} {2 i-2} {3 }]", fmt.Sprint(trials), "it is drained already")
	_, err = x.Headroom(Request{Need: ecs.Resources{CPU: -1}}, 1)
	requireFault(t, err, ecs.InvalidParameterException, "need.cpu", "-1")
	require.Equal(t, before, dump(x.Snapshot()), "all is taken back")
	require.Zero(t, x.marks)
}
