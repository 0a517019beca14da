package metadata

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/agentconfig"
	"github.com/bayplan/bayplan/ecs/driver"
	"github.com/bayplan/bayplan/ecs/message"
)

const base = "http://127.0.0.1:51679"

type assume struct{}

func (assume) AssumeRole(_ context.Context, role, task string) (agentconfig.Credentials, error) {
	return agentconfig.Credentials{RoleArn: role, AccessKeyID: "key of " + role, SecretAccessKey: task,
		Expiration: time.Now().Add(time.Hour)}, nil
}

func start(id string) message.StartTask {
	return message.StartTask{Task: ecs.TaskID(id), TaskArn: "arn:aws:ecs:us-east-1:123456789012:task/prod/" + id,
		Group: "service:web", CredentialsID: "credentials-of-" + id, AvailabilityZone: "us-east-1a",
		LaunchType: ecs.LaunchTypeEC2, PrivateIPv4: map[string]string{"b": "127.9.0.2"}[id],
		NetworkBindings: map[string][]ecs.NetworkBinding{"app": {{ContainerPort: 80, HostPort: 32768,
			Protocol: ecs.TransportProtocolTcp, BindIP: "127.1.0.1"}}},
		TaskDefinition: ecs.TaskDefinition{Family: "web", Revision: 3, TaskRoleArn: "role/" + id, CPU: "256",
			Memory: "512", ContainerDefinitions: []ecs.ContainerDefinition{{Name: "app", Image: "web:1", CPU: 64},
				{Name: "log", Image: "log:1",
					Environment: []ecs.KeyValuePair{{Name: "AWS_REGION", Value: "eu-west-1"}}}}}}
}

func server(t *testing.T, change ...func(*Config)) *Server {
	config := Config{URL: base, Cluster: "prod", Keys: assume{}, Instance: Instance{ID: "i-0123456789abcdef0",
		Region: "us-east-1", AvailabilityZone: "us-east-1a", Role: "arn:aws:iam::123456789012:role/ecsInstanceRole",
		UserData: "#!/bin/sh\necho hello\n", BlockAwsvpc: true},
		Credentials: driver.NewCredentialsEndpoint(driver.CredentialsConfig{Keys: assume{}})}
	for _, f := range change {
		f(&config)
	}
	s, err := New(config)
	require.NoError(t, err)
	return s
}

// ask makes a request from an address; -1 is that there is no answer.
func ask(s http.Handler, method, url, from string, header ...string) (code int, body string) {
	r := httptest.NewRequest(method, url, nil)
	if from != "" {
		r.RemoteAddr = from + ":40000"
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	defer func() {
		if recover() != nil {
			code = -1
		}
	}()
	s.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func environment(s *Server, c message.StartTask, index int) map[string]string {
	all := map[string]string{}
	for _, v := range s.Environment(c, index) {
		all[v.Name] = v.Value
	}
	return all
}

// Seen to fail: the ID did not depend on the task; both containers had the Region of the server; the credentials of
// the first task were answered for each.
func TestContainerFindsItself(t *testing.T) {
	s := server(t)
	seen := map[string]bool{}
	for _, id := range []string{"a", "b"} {
		c := start(id)
		require.NoError(t, s.Start(c))
		require.NoError(t, s.Start(c))
		require.NoError(t, s.Observe(message.TaskStateChange{Task: c.Task, Status: ecs.TaskStatusRunning,
			Containers: []message.ContainerStateChange{{Name: "app", Status: ecs.ContainerStatusRunning,
				RuntimeID: "process 7", Health: ecs.HealthStatusHealthy}}}))
		for i, name := range []string{"app", "log"} {
			env := environment(s, c, i)
			url := env["ECS_CONTAINER_METADATA_URI_V4"]
			assert.False(t, seen[url], "each container has its own")
			seen[url] = true
			code, body := ask(s, "GET", url, "")
			require.Equal(t, 200, code)
			var container struct {
				Name, KnownStatus, ContainerARN string
				DockerID                        string `json:"DockerId"`
				Ports                           []struct{ HostPort int }
			}
			require.NoError(t, json.Unmarshal([]byte(body), &container))
			assert.Equal(t, name, container.Name)
			assert.Equal(t, "arn:aws:ecs:us-east-1:123456789012:container/prod/"+id+"/"+name, container.ContainerARN)
			if name == "app" {
				assert.Equal(t, "RUNNING", container.KnownStatus)
				assert.Equal(t, "process 7", container.DockerID)
				assert.Equal(t, 32768, container.Ports[0].HostPort)
			}
			code, body = ask(s, "GET", url+"/task", "")
			require.Equal(t, 200, code)
			assert.Contains(t, body, `"TaskARN":"`+c.TaskArn+`"`)
			assert.Contains(t, body, `"ServiceName":"web"`)
			assert.Contains(t, body, `"Limits":{"CPU":0.25,"Memory":512}`)

			code, body = ask(s, "GET", env["AWS_CONTAINER_CREDENTIALS_FULL_URI"], "")
			require.Equal(t, 200, code)
			assert.Contains(t, body, `"AccessKeyId":"key of role/`+id+`"`)
			assert.Equal(t, map[string]string{"app": "us-east-1", "log": ""}[name], env["AWS_REGION"])
		}
	}
	code, _ := ask(s, "GET", base+"/v4/0123456789abcdef0123456789abcdef-0/task", "")
	assert.Equal(t, 404, code)
	code, _ = ask(s, "GET", base+"/v2/credentials/none", "")
	assert.Equal(t, 400, code)
}

func TestRelativeURI(t *testing.T) {
	s := server(t, func(c *Config) { c.URL = "http://169.254.170.2" })
	require.NoError(t, s.Start(start("a")))
	assert.Equal(t, "/v2/credentials/credentials-of-a",
		environment(s, start("a"), 0)["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"])
}

// Seen to fail: a token was not checked; its time was not; the hop limit was not asked; awsvpc tasks were answered.
func TestInstanceMetadata(t *testing.T) {
	now := &struct{ time.Time }{time.Now()}
	s := server(t, func(c *Config) {
		c.Clock = clockAt{now: &now.Time}
		c.Instance.Hops = func(r *http.Request) int {
			return map[string]int{"172.17.0.2": 2}[strings.Split(r.RemoteAddr, ":")[0]]
		}
	})
	require.NoError(t, s.Start(start("b")))
	const ttl, token = "X-aws-ec2-metadata-token-ttl-seconds", "X-aws-ec2-metadata-token"
	put := func(from string, header ...string) (int, string) {
		return ask(s, "PUT", base+"/latest/api/token", from, header...)
	}
	code, mine := put("127.0.0.1", ttl, "60")
	require.Equal(t, 200, code)
	for _, bad := range [][]string{{}, {ttl, "0"}, {ttl, "21601"}, {ttl, "x"}} {
		code, _ = put("127.0.0.1", bad...)
		assert.Equal(t, 400, code, bad)
	}
	code, _ = put("127.0.0.1", ttl, "60", "X-Forwarded-For", "192.0.2.1")
	assert.Equal(t, 403, code)
	code, _ = put("172.17.0.2", ttl, "60")
	assert.Equal(t, -1, code, "beyond the hop limit")
	code, _ = put("127.9.0.2", ttl, "60")
	assert.Equal(t, -1, code, "an awsvpc task")

	get := func(path string, header ...string) (int, string) {
		return ask(s, "GET", base+path, "127.0.0.1", header...)
	}
	for path, want := range map[string]string{
		"/latest/meta-data/instance-id":               "i-0123456789abcdef0",
		"/latest/meta-data/placement/":                "availability-zone\nregion",
		"/latest/meta-data/":                          "iam/\ninstance-id\nplacement/\nservices/",
		"/latest/meta-data/iam/security-credentials/": "ecsInstanceRole",
		"/latest/user-data":                           "#!/bin/sh\necho hello\n",
	} {
		code, body := get(path, token, mine)
		assert.Equal(t, 200, code, path)
		assert.Equal(t, want, body, path)
		code, _ = get(path)
		assert.Equal(t, 401, code, "without a token")
		code, _ = get(path, token, mine[:len(mine)-4]+"AAAA")
		assert.Equal(t, 401, code, "a token that is not the server's")
	}
	_, body := get("/latest/meta-data/iam/security-credentials/ecsInstanceRole", token, mine)
	assert.Contains(t, body, `"AccessKeyId": "key of arn:aws:iam::123456789012:role/ecsInstanceRole"`)
	code, _ = get("/latest/meta-data/none", token, mine)
	assert.Equal(t, 404, code)
	now.Time = now.Add(61 * time.Second)
	code, _ = get("/latest/meta-data/instance-id", token, mine)
	assert.Equal(t, 401, code, "a token that is over")
}

type clockAt struct {
	driver.Clock
	now *time.Time
}

func (c clockAt) Now() time.Time { return *c.now }

// Seen to fail: the secret was made anew; the URL of the first life was not found.
func TestRestart(t *testing.T) {
	file := filepath.Join(t.TempDir(), "metadata.json")
	kept := func(c *Config) { c.File = file }
	s := server(t, kept)
	c := start("a")
	require.NoError(t, s.Start(c))
	env := environment(s, c, 0)
	s = server(t, kept)
	assert.Equal(t, env, environment(s, c, 0))
	code, _ := ask(s, "GET", env["ECS_CONTAINER_METADATA_URI_V4"], "")
	assert.Equal(t, 200, code)
	code, _ = ask(s, "GET", env["AWS_CONTAINER_CREDENTIALS_FULL_URI"], "")
	assert.Equal(t, 200, code)
}

// Seen to fail: forget left the credentials.
func TestStoppedTaskIsForgotten(t *testing.T) {
	s := server(t)
	c := start("b")
	require.NoError(t, s.Start(c))
	env := environment(s, c, 0)
	s.Stop(message.StopTask{Task: c.Task})
	_, body := ask(s, "GET", env["ECS_CONTAINER_METADATA_URI_V4"]+"/task", "")
	assert.Contains(t, body, `"DesiredStatus":"STOPPED"`)
	require.NoError(t, s.Observe(message.TaskStateChange{Task: c.Task, Status: ecs.TaskStatusStopped}))
	code, _ := ask(s, "GET", env["ECS_CONTAINER_METADATA_URI_V4"], "")
	assert.Equal(t, 404, code)
	code, _ = ask(s, "GET", env["AWS_CONTAINER_CREDENTIALS_FULL_URI"], "")
	assert.Equal(t, 400, code)
	assert.Empty(t, s.known)
	assert.Empty(t, s.byCaller)
}

// A task whose end the server has missed is forgotten with the next full report.
func TestReportsForget(t *testing.T) {
	s := server(t)
	for _, id := range []string{"a", "b", "c", "new"} {
		require.NoError(t, s.Start(start(id)))
	}
	running := func(id ecs.TaskID) message.TaskStateChange {
		return message.TaskStateChange{Task: id, Status: ecs.TaskStatusRunning}
	}
	require.NoError(t, s.Observe(message.InstanceReport{Tasks: []message.TaskStateChange{running("a"), running("b"),
		running("c")}}))
	assert.Len(t, s.tasks, 4)
	require.NoError(t, s.Observe(message.InstanceReport{Tasks: []message.TaskStateChange{running("a"),
		{Task: "b", Status: ecs.TaskStatusStopped}}}))
	assert.Len(t, s.tasks, 2)
	assert.Contains(t, s.tasks, ecs.TaskID("a"))
	assert.Contains(t, s.tasks, ecs.TaskID("new"))
}

// A task is not known before it is kept.
func TestFileCannotBeWritten(t *testing.T) {
	directory := filepath.Join(t.TempDir(), "nowhere")
	s := server(t, func(c *Config) { c.File = filepath.Join(directory, "metadata.json") })
	require.Error(t, s.Start(start("a")))
	require.Error(t, s.Start(start("a")))
	require.NoError(t, os.Mkdir(directory, 0o700))
	require.NoError(t, s.Start(start("a")))
	assert.FileExists(t, s.config.File)
}

// The SDKs of a blocked awsvpc task do not ask for instance metadata.
func TestBlockedTasksDoNotAsk(t *testing.T) {
	s := server(t)
	c := start("b")
	c.TaskDefinition.NetworkMode = ecs.NetworkModeAwsvpc
	assert.Equal(t, "true", environment(s, c, 0)["AWS_EC2_METADATA_DISABLED"])
	assert.NotContains(t, environment(s, c, 0), "AWS_EC2_METADATA_SERVICE_ENDPOINT")
	assert.Equal(t, base, environment(s, start("a"), 0)["AWS_EC2_METADATA_SERVICE_ENDPOINT"])
	s.config.Instance.BlockAwsvpc = false
	assert.Equal(t, base, environment(s, c, 0)["AWS_EC2_METADATA_SERVICE_ENDPOINT"])
}

// Seen to fail: Origin was not looked at.
func TestBrowsersAreRefused(t *testing.T) {
	s := server(t)
	require.NoError(t, s.Start(start("a")))
	url := environment(s, start("a"), 0)["ECS_CONTAINER_METADATA_URI_V4"]
	code, _ := ask(s, "GET", url, "", "Origin", "http://example.com")
	assert.Equal(t, 403, code)
	code, _ = ask(s, "GET", strings.Replace(url, "127.0.0.1", "rebound.example.com", 1), "")
	assert.Equal(t, 403, code)
}

func TestRefusals(t *testing.T) {
	for _, url := range []string{"", "https://127.0.0.1", "http://127.0.0.1/path", "127.0.0.1:80"} {
		_, err := New(Config{URL: url})
		assert.Error(t, err, url)
	}
}
