package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/driver/process"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/examples/crew"
)

// asks is what a task asks an AWS SDK: who it is, and what its instance is.
const asks = `
import boto3, json, os, urllib.request
from botocore.credentials import create_credential_resolver
session = boto3.Session()
keys = session.get_credentials()
print("role", keys.method, keys.access_key[:4], session.region_name)
instance = create_credential_resolver(session._session).get_provider("iam-role").load()
print("instance", instance and instance.method + " " + instance.access_key[:4])
task = json.load(urllib.request.urlopen(os.environ["ECS_CONTAINER_METADATA_URI_V4"] + "/task"))
print("task", task["Family"], task["Containers"][0]["Networks"][0])
`

// host is an instance with the runtime of its containers.
type host struct {
	*crew.Host
	runtime *process.Runtime
}

// hostOf is an instance that has booted, and ends with the test.
func hostOf(t *testing.T, userData string) (host, part, chan message.Event) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("instances have addresses of their own on Linux")
	}
	p := part{Part: crew.Part{Directory: t.TempDir()}}
	if userData != "" {
		require.NoError(t, os.WriteFile(filepath.Join(p.Directory, userDataFile), []byte(userData), 0o600))
	}
	events := make(chan message.Event, 1024)
	shell := map[string]process.Program{"sh": {Path: "/bin/sh", Arguments: []string{"-c"}}}
	opened, runs, err := openHost(p, 0, "instance", shell,
		func(e message.Event) {
			select {
			case events <- e:
			default: // nobody waits for it
			}
		})
	require.NoError(t, err)
	h := host{opened, runs}
	t.Cleanup(func() {
		h.Close()
		require.NoError(t, h.runtime.Sweep(context.Background(), nil, nil))
	})
	return h, p, events
}

// written runs a task to its end, and returns what it has written.
func written(t *testing.T, h host, events chan message.Event, id ecs.TaskID, set func(*message.StartTask),
	command string) string {
	t.Helper()
	c := message.StartTask{ID: message.Key{Op: "StartTask", Target: string(id), Epoch: 1}, Task: id, Cluster: "default",
		TaskArn:  "arn:aws:ecs:us-east-1:123456789012:task/default/" + string(id),
		Instance: "instance", CredentialsID: "credentials-of-" + string(id), TaskDefinition: ecs.TaskDefinition{
			Family: "asks", Revision: 1, TaskRoleArn: "arn:aws:iam::123456789012:role/reader",
			ContainerDefinitions: []ecs.ContainerDefinition{{Name: "a", Image: "sh", Memory: 64,
				Command: []string{command}}}}}
	set(&c)
	require.NoError(t, h.StartTask(context.Background(), c))
	for limit := time.After(time.Minute); ; {
		select {
		case e := <-events:
			if e, ok := e.(message.TaskStateChange); ok && e.Task == id && e.Status == ecs.TaskStatusStopped {
				data, err := os.ReadFile(h.runtime.Log(string(id), "a"))
				require.NoError(t, err)
				return string(data)
			}
		case <-limit:
			require.Fail(t, "the task does not end")
		}
	}
}

// boto3 in a task finds the role of the task, and its instance; in an awsvpc task that is blocked, the role alone.
func TestSDKFindsItsRole(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil || exec.Command(python, "-c", "import boto3").Run() != nil {
		t.Skip("there is no python3 with boto3")
	}
	h, _, events := hostOf(t, "#!/bin/sh\necho ECS_AWSVPC_BLOCK_IMDS=true >> /etc/ecs/ecs.config\n")
	script := filepath.Join(t.TempDir(), "asks.py")
	require.NoError(t, os.WriteFile(script, []byte(asks), 0o600))
	command := fmt.Sprintf("exec %s %s 2>&1", python, script)
	got := written(t, h, events, "t", func(*message.StartTask) {}, command)
	for _, want := range []string{"role container-role ASIA us-east-1\n", "instance iam-role ASIA\n", "task asks {"} {
		assert.Contains(t, got, want)
	}
	got = written(t, h, events, "u", func(c *message.StartTask) {
		c.TaskDefinition.NetworkMode, c.PrivateIPv4 = ecs.NetworkModeAwsvpc, "127.64.0.9"
	}, command)
	for _, want := range []string{"role container-role ASIA us-east-1\n", "instance None\n", "127.64.0.9"} {
		assert.Contains(t, got, want)
	}
}

// The user data of an instance runs once, when it boots, and configures its agent.
func TestUserData(t *testing.T) {
	h, p, events := hostOf(t, "#!/bin/sh\necho booted\necho 'ECS_INSTANCE_ATTRIBUTES={\"stack\":\"green\"}' >> "+
		"/etc/ecs/ecs.config\n")
	for range 2 {
		b, err := boot(p.Directory, crew.InstanceName(0))
		require.NoError(t, err)
		require.Equal(t, []ecs.Attribute{{Name: "stack", Value: "green"}}, b.InstanceAttributes)
	}
	said, err := os.ReadFile(filepath.Join(p.Directory, crew.InstanceName(0)+".user-data.log"))
	require.NoError(t, err)
	require.Equal(t, "booted\n", string(said))
	got := written(t, h, events, "t", func(*message.StartTask) {}, `env; echo "it is $0"`)
	require.Contains(t, got, "AWS_CONTAINER_CREDENTIALS_FULL_URI=http://127.0.0.11:")
	require.NotContains(t, got, "secret")

	require.NoError(t, os.WriteFile(filepath.Join(p.Directory, userDataFile), []byte("#!/bin/sh\nexit 3\n"), 0o600))
	_, err = boot(p.Directory, "other")
	require.ErrorContains(t, err, "the user data of other, whose output is in ")
	require.ErrorContains(t, err, "exit status 3")
	require.NoError(t, os.WriteFile(filepath.Join(p.Directory, userDataFile), []byte("ECS_RESERVED_MEMORY=x\n"), 0o600))
	_, err = boot(p.Directory, "other")
	require.ErrorContains(t, err, "the configuration of the agent of other: ")
	require.True(t, strings.Contains(err.Error(), "ECS_RESERVED_MEMORY"), err)
}
