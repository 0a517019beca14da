package dockerrun_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/examples/import/dockerrun"
	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/document/documenttest"
	"github.com/bayplan/bayplan/examples/import/source"
)

func read(t testing.TB, text string, g document.Given) document.Result {
	list, err := source.Parse("Dockerrun.aws.json", []byte(text))
	require.NoError(t, err)
	r, err := dockerrun.Read(list[0], g)
	require.NoError(t, err)
	require.NoError(t, r.Check())
	return r
}

// fates returns what was said of each field, by its path.
func fates(r document.Result) map[string]source.Fate {
	m := map[string]source.Fate{}
	for _, f := range r.Fields() {
		m[f.Path] = f.Fate
	}
	return m
}

func TestWorkedExample(t *testing.T) {
	r := read(t, `{"AWSEBDockerrunVersion": 2, "volumes": [{"name": "site", "host": {"sourcePath": "/var/app/current/site"}}],
		"containerDefinitions": [
		{"name": "app", "image": "registry.example.com/shop:7", "essential": true, "memoryReservation": 200,
		 "mountPoints": [{"sourceVolume": "site", "containerPath": "/srv", "readOnly": true}]},
		{"name": "proxy", "image": "nginx:1.27", "essential": true, "memory": 64, "portMappings": [{"hostPort": 80, "containerPort": 8080}],
		 "links": ["app"], "mountPoints": [{"sourceVolume": "awseb-logs-proxy", "containerPath": "/var/log/nginx"}]}]}`, document.Given{Name: "shop"})
	want, err := ecs.ParseTaskDefinition([]byte(`{"family": "shop", "requiresCompatibilities": ["EC2"], "networkMode": "bridge",
		"volumes": [{"name": "site", "host": {"sourcePath": "/var/app/current/site"}},
		 {"name": "awseb-logs-proxy", "host": {"sourcePath": "/var/log/containers/proxy"}}],
		"containerDefinitions": [
		{"name": "app", "image": "registry.example.com/shop:7", "essential": true, "memoryReservation": 200,
		 "mountPoints": [{"sourceVolume": "site", "containerPath": "/srv", "readOnly": true}]},
		{"name": "proxy", "image": "nginx:1.27", "essential": true, "memory": 64, "portMappings": [{"containerPort": 8080, "hostPort": 80}],
		 "links": ["app"], "mountPoints": [{"sourceVolume": "awseb-logs-proxy", "containerPath": "/var/log/nginx"}]}]}`))
	require.NoError(t, err)
	require.Equal(t, []ecs.TaskDefinition{want}, r.TaskDefinitions)
	service, err := api.ParseInput[api.CreateServiceInput]([]byte(`{"serviceName": "shop", "taskDefinition": "shop", "schedulingStrategy": "DAEMON",
		"launchType": "EC2", "deploymentConfiguration": {"minimumHealthyPercent": 0, "maximumPercent": 100}}`))
	require.NoError(t, err)
	require.Equal(t, []api.CreateServiceInput{service}, r.Services)
	require.Zero(t, document.Count(r.Fields())[source.Lost])
}

func TestVersion1(t *testing.T) {
	r := read(t, `{"AWSEBDockerrunVersion": "1", "Image": {"Name": "acme/site:4", "Update": "false"},
		"Ports": [{"ContainerPort": "8080"}, {"ContainerPort": 9000, "HostPort": 9001}],
		"Volumes": [{"HostDirectory": "/data", "ContainerDirectory": "/srv/data/"}], "Logging": "/var/log/site",
		"Entrypoint": "/bin/sh -c", "Command": "exec site --name 'a b'", "Authentication": {"Bucket": "b", "Key": "k"}, "Color": "red"}`, document.Given{Name: "site"})
	data, err := json.Marshal(r.TaskDefinitions[0])
	require.NoError(t, err)
	require.JSONEq(t, `{"family": "site", "requiresCompatibilities": ["EC2"], "networkMode": "bridge",
		"executionRoleArn": "arn:aws:iam::000000000000:role/needs-execution-role",
		"volumes": [{"name": "volume-0", "host": {"sourcePath": "/data"}}, {"name": "awseb-logs-app", "host": {"sourcePath": "/var/log/containers/app"}}],
		"containerDefinitions": [{"name": "app", "image": "acme/site:4", "essential": true, "memory": 512,
		 "portMappings": [{"containerPort": 8080, "hostPort": 80}, {"containerPort": 9000, "hostPort": 9001}],
		 "entryPoint": ["/bin/sh", "-c"], "command": ["exec", "site", "--name", "a b"],
		 "repositoryCredentials": {"credentialsParameter": "arn:aws:secretsmanager:us-east-1:000000000000:secret:needs-registry"},
		 "mountPoints": [{"sourceVolume": "volume-0", "containerPath": "/srv/data"}, {"sourceVolume": "awseb-logs-app", "containerPath": "/var/log/site"}]}]}`, string(data))
	f := fates(r)
	require.Equal(t, source.Lost, f["Image.Update"])
	require.Equal(t, source.Approximated, f["Ports[1].ContainerPort"])
	require.Equal(t, source.Needs, f["Authentication.Bucket"])
	require.Equal(t, source.Lost, f["Color"])
}

// TestMended: what Elastic Beanstalk takes and ECS does not. Each mend was taken away once, and Check found it.
func TestMended(t *testing.T) {
	r := read(t, `{"AWSEBDockerrunVersion": "2", "volumes": [{"name": "my site", "host": {}}, {"name": "unused"}], "containerDefinitions": [
		{"name": "a", "image": "a", "essential": "true", "memory": "64", "links": ["b", "gone"], "portMappings": [{"hostPort": 80, "containerPort": 80}],
		 "mountPoints": [{"sourceVolume": "my site", "containerPath": "/x"}, {"sourceVolume": "new", "containerPath": "/y"}]},
		{"name": "b", "image": "b", "links": ["a"], "portMappings": [{"hostPort": 80, "containerPort": 81}], "wrong": 1}]}`, document.Given{})
	d := r.TaskDefinitions[0]
	require.Equal(t, []string{"b"}, d.ContainerDefinitions[0].Links)
	require.Empty(t, d.ContainerDefinitions[1].Links)
	require.Empty(t, d.ContainerDefinitions[1].PortMappings)
	require.Equal(t, 64, d.ContainerDefinitions[0].Memory)
	require.Equal(t, 512, d.ContainerDefinitions[1].Memory)
	require.Len(t, d.Volumes, 2)
	f := fates(r)
	for path, want := range map[string]source.Fate{"containerDefinitions[0].links": source.Lost,
		"containerDefinitions[1].links":        source.Lost,
		"containerDefinitions[1].portMappings": source.Lost, "containerDefinitions[1].wrong": source.Lost,
		"volumes[1].name":                source.Lost,
		"containerDefinitions[0].memory": source.Translated, "containerDefinitions[1]": source.Approximated} {
		require.Equal(t, want, f[path], path)
	}
}

func TestRefused(t *testing.T) {
	for text, want := range map[string]string{
		"{\n\"AWSEBDockerrunVersion\": 9}": `Dockerrun.aws.json:2: AWSEBDockerrunVersion: AWSEBDockerrunVersion must be 1, 2 or 3, not "9"`,
		`{"AWSEBDockerrunVersion": 2}`: "Dockerrun.aws.json:1: " +
			"containerDefinitions is required in version 2",
		`{"AWSEBDockerrunVersion": 1, "Ports": [{"ContainerPort": "http"}]}`: `Dockerrun.aws.json:1: Ports[0].ContainerPort: it must be a whole number below 2^31, not "http"`,
	} {
		list, err := source.Parse("Dockerrun.aws.json", []byte(text))
		require.NoError(t, err)
		_, err = dockerrun.Read(list[0], document.Given{})
		require.EqualError(t, err, want)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"AWSEBDockerrunVersion": 1, "Image": {"Name": "a"}, "Ports": [{"ContainerPort": 80}], "Volumes": [{"HostDirectory": "/a"}]}`))
	f.Add([]byte(`{"AWSEBDockerrunVersion": 2, "containerDefinitions": [{"name": "a", "image": "b", "links": ["a:b"], "mountPoints": [{"sourceVolume": "v"}]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		list, err := source.Parse("f.json", data)
		if err != nil || len(list) == 0 || !list[0].Is(source.Map) {
			return
		}
		r, err := dockerrun.Read(list[0], document.Given{})
		documenttest.Holds(t, "f.json", r, err)
	})
}
