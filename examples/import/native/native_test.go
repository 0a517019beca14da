package native_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/native"
	"github.com/bayplan/bayplan/examples/import/source"
)

func convert(t testing.TB, text string) (document.Result, error) {
	list, err := source.Parse("d.json", []byte(text))
	require.NoError(t, err)
	return native.Read(list[0], document.Given{Name: "given"})
}

func read(t testing.TB, text string) document.Result {
	r, err := convert(t, text)
	require.NoError(t, err)
	require.NoError(t, r.Check())
	return r
}

func said(r document.Result) map[string]source.Field {
	m := map[string]source.Field{}
	for _, f := range r.Fields() {
		m[f.Path] = f
	}
	return m
}

const definition = `{"family": "a", "revision": 3, "status": "ACTIVE", "registeredAt": 1.7e9, "taskDefinitionArn": "arn:aws:ecs:us-east-1:000000000000:task-definition/a:3",
	"compatibilities": ["EC2"], "requiresAttributes": [{"name": "x"}], "cpu": 256, "volumes": [], "taskRoleArn": null,
	"containerDefinitions": [{"name": "c", "image": "i", "memory": 64, "dockerLabels": {"CamelCase": "1"}}]}`

func TestFlatAndWrapped(t *testing.T) {
	flat := read(t, definition)
	wrapped := read(t, `{"taskDefinition": `+definition+`, "tags": [{"key": "k", "value": "v"}]}`)
	require.Equal(t, []ecs.Tag{{Key: "k", Value: "v"}}, wrapped.TaskDefinitions[0].Tags)
	wrapped.TaskDefinitions[0].Tags = nil
	require.Equal(t, flat.TaskDefinitions, wrapped.TaskDefinitions)
	d := flat.TaskDefinitions[0]
	require.Equal(t, "256", d.CPU)
	require.Zero(t, d.Revision)
	f := said(flat)
	require.Equal(t, source.Translated, f["revision"].Fate)
	require.Equal(t, source.Translated, f["cpu"].Fate)
	require.Equal(t, source.Kept, f["containerDefinitions[0].dockerLabels.CamelCase"].Fate)

	alone := read(t, `[{"name": "c", "image": "i", "memory": 64}]`)
	require.Equal(t, "given", alone.TaskDefinitions[0].Family)
}

// TestNothingIsDropped: members that ECS does not know are in the report, and so is what stays.
// Seen to fail with drop left out of refine.
func TestNothingIsDropped(t *testing.T) {
	r := read(t, `{"family": "a", "cpus": "1", "containerDefinitions": [
		{"name": "c", "image": "i", "memory": "64", "colour": {"r": 1}},
		{"name": "d", "image": "i", "memory": 64, "portMappings": [{"containerPort": 80, "hostname": "x"}]}]}`)
	f := said(r)
	require.Equal(t, source.Lost, f["cpus"].Fate)
	require.Equal(t, source.Lost, f["containerDefinitions[0].colour.r"].Fate)
	require.Equal(t, source.Lost, f["containerDefinitions[1].portMappings[0].hostname"].Fate)
	require.Equal(t, source.Translated, f["containerDefinitions[0].memory"].Fate)
	require.Equal(t, 64, r.TaskDefinitions[0].ContainerDefinitions[0].Memory)
	data, err := r.JSON()
	require.NoError(t, err)
	require.NotContains(t, string(data), "colour")
	require.Equal(t, 80, r.TaskDefinitions[0].ContainerDefinitions[1].PortMappings[0].ContainerPort)
}

func TestServices(t *testing.T) {
	r := read(t, `{"services": [{"serviceArn": "arn:aws:ecs:us-east-1:000000000000:service/prod/web", "serviceName": "web", "status": "ACTIVE",
		"clusterArn": "arn:aws:ecs:us-east-1:000000000000:cluster/prod", "desiredCount": 3, "runningCount": 3, "pendingCount": 0,
		"taskDefinition": "arn:aws:ecs:us-east-1:000000000000:task-definition/web:7", "launchType": "EC2", "roleArn": "x", "events": [{"message": "m"}],
		"capacityProviderStrategy": [{"capacityProvider": "cp", "weight": 1, "base": 0}],
		"deployments": [{"id": "ecs-svc/1", "serviceConnectConfiguration": {"enabled": true}}]}], "failures": []}`)
	s := r.Services[0]
	require.Equal(t, []string{"prod", "web", ""}, []string{s.Cluster, s.ServiceName, string(s.LaunchType)})
	require.True(t, s.ServiceConnectConfiguration.Enabled)
	require.Equal(t, source.Translated, said(r)["services[0].events[0].message"].Fate)

	named := read(t, `{"deploymentConfiguration": {"maximumPercent": 200}, "launchType": "FARGATE", "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["s"]}}}`)
	require.Equal(t, "given", named.Services[0].ServiceName)
}

func TestFaults(t *testing.T) {
	for text, want := range map[string]string{
		"{\"family\": \"a\",\n\"containerDefinitions\": [{\n\"name\": \"c d\",\n\"image\": \"i\", \"memory\": " +
			"1}]}": "d.json:3: containerDefinitions[0].name:",
		"{\"serviceName\": \"a b\", \"desiredCount\": 1}": "d.json:1: serviceName:",
	} {
		_, err := convert(t, text)
		require.ErrorContains(t, err, want)
	}
}
