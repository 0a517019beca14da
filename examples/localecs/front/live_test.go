package front_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/driver"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/examples/localecs/front"
	"github.com/bayplan/bayplan/examples/localecs/front/ecr"
)

// prompt is an agent whose tasks run as soon as they are started.
type prompt struct{ notify func(message.Event) }

func (a *prompt) StartTask(_ context.Context, c message.StartTask) error {
	a.notify(message.TaskStateChange{Cluster: c.Cluster, Task: c.Task, Instance: c.Instance, Sequence: 1,
		Status:     ecs.TaskStatusRunning,
		Containers: []message.ContainerStateChange{{Name: "app", Status: ecs.ContainerStatusRunning}}})
	return nil
}

func (a *prompt) StopTask(_ context.Context, c message.StopTask) error {
	a.notify(message.TaskStateChange{Cluster: c.Cluster, Task: c.Task, Instance: c.Instance, Sequence: 2,
		Status: ecs.TaskStatusStopped})
	return nil
}

// full is a journal that keeps a number of batches.
type full struct{ left int }

func (j *full) Append(context.Context, []control.Record) error {
	if j.left--; j.left < 0 {
		return errors.New("the disk is full")
	}
	return nil
}

// realWorld is a server in front of a loop that runs.
func realWorld(t *testing.T, config front.Config, rt driver.Runtime) (*client, func()) {
	t.Helper()
	recent, agent := &front.Recent{}, &prompt{}
	rt.Agent, rt.Observe = agent, recent.Observe
	plane := control.New(control.Config{Seed: 1, OwnLoadBalancers: true})
	_, err := plane.RegisterContainerInstance(time.Now(), api.RegisterContainerInstanceInput{
		TotalResources: []ecs.Resource{{Name: "CPU", Type: "INTEGER", IntegerValue: 2048},
			{Name: "MEMORY", Type: "INTEGER", IntegerValue: 4096}}})
	require.NoError(t, err)
	loop := driver.New(plane, rt)
	agent.notify = loop.Notify
	config.World = front.Live{Loop: loop, Recent: recent}
	server, err := front.New(config)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- loop.Run(ctx) }()
	end := func() { cancel(); <-ended; ended <- nil }
	t.Cleanup(end)
	return clientOf(t, server), end
}

// got is the answer of a GET.
func (c *client) got(path string) (int, string) {
	c.t.Helper()
	r, err := http.NewRequest(http.MethodGet, c.url+path, nil)
	require.NoError(c.t, err)
	return sentBy(c.t, r)
}

func sentBy(t testing.TB, r *http.Request) (int, string) {
	t.Helper()
	response, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, string(data)
}

// One front serves worlds that are simulated and worlds that are not: the same calls, the console and the timeline.
//
// Seen to fail: other Regions served, too, each by a simulated world.
func TestLive(t *testing.T) {
	c, end := realWorld(t, front.Config{}, driver.Runtime{})
	c.call("RegisterTaskDefinition", m{"family": "web", "containerDefinitions": []m{
		{"name": "app", "image": "web", "memory": 64}}})
	c.call("CreateService", m{"serviceName": "web", "taskDefinition": "web", "desiredCount": 2})
	require.Eventually(t, func() bool {
		s := c.call("DescribeServices", m{"services": []string{"web"}})["services"].([]any)[0].(m)
		return s["runningCount"] == 2.0
	}, time.Minute, 5*time.Millisecond)
	require.Len(t, c.call("ListTasks", m{})["taskArns"], 2)
	for path, says := range map[string]string{"timeline": "RUNNING", "explain?service=web": "web",
		"timeline?region=us-east-1&format=html": "<html"} {
		status, text := c.local(http.MethodGet, path, "")
		require.Equal(t, 200, status, path)
		require.Contains(t, text, says, path)
	}
	status, text := c.local(http.MethodGet, "timeline?region=us-east-2", "")
	require.Equal(t, 400, status, text)
	for path, says := range map[string]string{"/": "<html", "/_console/about": `"pace":null`,
		"/_console/service?service=web": `"runningCount":2`} {
		status, text := c.got(path)
		require.Equal(t, 200, status, path)
		require.Contains(t, text, says, path)
	}
	end()
	status, out := c.raw(ecsTarget+"ListTasks", `{}`)
	require.Equal(t, 500, status)
	require.Contains(t, out["message"], "the loop has ended")
}

// What needs simulation is refused, by name and with the reason, and changes nothing.
//
// Seen to fail: locallyLive without the look at the method; refuseSimulated not called.
func TestLiveRefuses(t *testing.T) {
	c, _ := realWorld(t, front.Config{}, driver.Runtime{})
	for _, path := range []string{"POST advance?by=90s", "POST reset", "POST behaviour", "POST load", "POST hooks",
		"PUT target-groups/web"} {
		method, path, _ := strings.Cut(path, " ")
		status, text := c.local(method, path, `{}`)
		require.Equal(t, 400, status, path)
		require.Contains(t, text, "time passes by itself", path)
	}
	for _, path := range []string{"pace", "step"} {
		r, err := http.NewRequest(http.MethodPost, c.url+"/_console/"+path, strings.NewReader(`{"speed":2,"by":"1m"}`))
		require.NoError(t, err)
		r.Header.Set("X-Console", "1")
		_, text := sentBy(t, r)
		require.Contains(t, text, "Time cannot be set here.")
	}
	for action, why := range map[string]string{"RegisterContainerInstance": "have their agents",
		"SubmitTaskStateChange": "have their agents", "PutAccountSetting": "nothing would keep"} {
		require.Contains(t, c.fails(action, "UnsupportedFeatureException", m{}), why)
	}
	_, out := c.raw("AmazonEC2ContainerRegistry_V20150921.CreateRepository", `{"repositoryName":"web"}`)
	require.Contains(t, out["message"], "CreateRepository is served in front of simulated worlds only")
	require.Len(t, c.call("ListContainerInstances", m{})["containerInstanceArns"], 1)
	c.call("ListAccountSettings", m{"effectiveSettings": true})
	c.call("CreateCapacityProvider", m{"name": "own", "autoScalingGroupProvider": m{"autoScalingGroupArn": "arn:aws:" +
		"autoscaling:us-east-1:123456789012:autoScalingGroup:0a1b2c3d-0000-4000-8000-000000000000:" +
		"autoScalingGroupName/own"}})
	for _, config := range []front.Config{{Instances: 1}, {Manual: true}, {Journal: "x"}, {AdvanceOnPoll: true},
		{Speed: 2}, {Seed: 1}, {Explain: true}, {SimulateAgents: true}} {
		config.World = front.Live{}
		_, err := front.New(config)
		require.ErrorContains(t, err, "is of simulated worlds, and World is not one")
	}
}

// A call is answered when it is durable. One that is not, fails, and so does every later one.
//
// Seen to fail: lend did not look at what Do returned.
func TestLiveIsDurable(t *testing.T) {
	c, _ := realWorld(t, front.Config{}, driver.Runtime{Journal: &full{left: 2}})
	c.call("CreateCluster", m{"clusterName": "kept"})
	for range 2 { // one of them may have been kept
		status, out := c.raw(ecsTarget+"CreateCluster", `{"clusterName":"lost"}`)
		if status != 200 {
			require.Equal(t, 500, status)
			require.Contains(t, out["message"], "the disk is full")
			return
		}
	}
	t.Fatal("a call was answered that nobody keeps")
}

// Calls of a live world are signed and authorized as others are.
//
// Seen to fail: no Secret looked at where World is set.
func TestLiveIsSigned(t *testing.T) {
	c, _ := realWorld(t, front.Config{Secret: func(id string) (string, bool) { return "secret", id == "AKID" },
		Authorizer: front.Policies{}}, driver.Runtime{})
	status, out := c.raw(ecsTarget+"ListTasks", `{}`)
	require.Equal(t, 400, status)
	require.Equal(t, "MissingAuthenticationTokenException", out["__type"])
	status, text := c.got("/_console/about")
	require.Equal(t, 200, status)
	require.Contains(t, text, `"signed":true`)
}

// oneRegistry is the registry of a world that is not simulated.
type oneRegistry struct {
	mu       sync.Mutex
	registry ecr.Registry
	callers  []string
}

func (o *oneRegistry) Look(f func(*ecr.Registry, ecr.Home) error) error { return o.Change(f) }

func (o *oneRegistry) Change(f func(*ecr.Registry, ecr.Home) error) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return f(&o.registry, ecr.Home{Account: "123456789012", Region: "us-east-1"})
}

func (o *oneRegistry) Password(accessKeyID string, _ time.Time) (string, error) {
	o.callers = append(o.callers, accessKeyID)
	return "opens", nil
}

// A live world that has a registry serves it: the password is made for the caller. Without a world there is none.
//
// Seen to fail: a password that is made for nobody.
func TestLiveImages(t *testing.T) {
	own := &oneRegistry{}
	c, _ := realWorld(t, front.Config{Images: own}, driver.Runtime{})
	const ecrTarget = "AmazonEC2ContainerRegistry_V20150921."
	status, _ := c.raw(ecrTarget+"CreateRepository", `{"repositoryName":"web"}`)
	require.Equal(t, 200, status)
	require.Len(t, own.registry.Repositories, 1)
	r, err := http.NewRequest(http.MethodPost, c.url, strings.NewReader(`{}`))
	require.NoError(t, err)
	r.Header.Set("X-Amz-Target", ecrTarget+"GetAuthorizationToken")
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/ecr/aws4_request, "+
		"SignedHeaders=host, Signature=0")
	status, text := sentBy(t, r)
	require.Equal(t, 200, status, text)
	require.Contains(t, text, base64.StdEncoding.EncodeToString([]byte("AWS:opens")))
	require.Equal(t, []string{"AKID"}, own.callers)
	status, out := c.raw(ecrTarget+"ListImages", `{"repositoryName":"no"}`)
	require.Equal(t, 400, status)
	require.Equal(t, "RepositoryNotFoundException", out["__type"])
	_, err = front.New(front.Config{Images: own})
	require.ErrorContains(t, err, "Images is of a World")
}

// A Recent keeps the newest changes, and hands each to who watches.
//
// Seen to fail: the oldest were kept.
func TestRecent(t *testing.T) {
	var r front.Recent
	watched := 0
	r.Watch(func(message.Change) { watched++ })
	for i := range 40 {
		changes := make([]message.Change, 1000)
		for j := range changes {
			changes[j].Text = fmt.Sprint(i*1000 + j)
		}
		r.Observe(changes)
	}
	require.Equal(t, 40_000, watched)
	kept := slices.Collect(r.Changes())
	require.Len(t, kept, 10_000)
	require.Equal(t, "30000", kept[0].Text)
	require.Equal(t, "39999", kept[9_999].Text)
}
