package front_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/examples/localecs/front"
)

// local calls one of the server's own paths.
func (c *client) local(method, path, body string, header ...string) (int, string) {
	c.t.Helper()
	request, err := http.NewRequest(method, c.url+"/_local/"+path, strings.NewReader(body))
	require.NoError(c.t, err)
	request.Header.Set(front.LocalHeader, "test")
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	require.NoError(c.t, err)
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	require.NoError(c.t, err)
	return response.StatusCode, string(data)
}

func (c *client) service(name string) m {
	c.t.Helper()
	return c.call("DescribeServices", m{"services": []string{name}})["services"].([]any)[0].(m)
}

func (c *client) createWeb(n int) {
	c.t.Helper()
	c.call("RegisterTaskDefinition", web(0))
	c.call("CreateService", m{"serviceName": "web", "taskDefinition": "web", "desiredCount": n})
}

// All that a behaviour cannot be is refused at once, by name, and nothing changes.
//
// Seen to fail: a health of any word; a duration that hides the faults after it.
func TestBehaviourRefused(t *testing.T) {
	c := newClient(t, front.Config{Manual: true})
	status, body := c.local("POST", "behaviour",
		`{"pullDelay":"soon","stopDelay":"-1s","health":"sick","targetHealth":"draining","exitCode":256}`)
	require.Equal(t, http.StatusBadRequest, status)
	for _, said := range []string{"image must not be empty.",
		`pullDelay must be a duration such as 2s; it is \"soon\".`,
		"stopDelay must not be negative; it is -1s.", `health must be HEALTHY or UNHEALTHY; it is \"sick\".`,
		`targetHealth must be healthy or unhealthy; it is \"draining\".`,
		"exitCode must be between 0 and 255; it is 256."} {
		require.Contains(t, body, said)
	}
	status, body = c.local("POST", "behaviour", `{"image":"web:1","health":"UNHEALTHY","exitAfter":"5s"}`)
	require.Equal(t, http.StatusOK, status, body)
}

// Requests onto a service raise its metrics, and target tracking scales it out; without load it
// comes back in.
func TestLoad(t *testing.T) {
	c := newClient(t, front.Config{Seed: 1, Instances: 3, Manual: true})
	c.createWeb(1)
	status, out := c.raw(
		"AnyScaleFrontendService.RegisterScalableTarget",
		`{"ServiceNamespace":"ecs","ResourceId":"service/default/web","ScalableDimension":"ecs:service:DesiredCount","MinCapacity":1,"MaxCapacity":8}`,
	)
	require.Equal(t, 200, status, "%v", out)
	status, out = c.raw(
		"AnyScaleFrontendService.PutScalingPolicy",
		`{"PolicyName":"cpu","ServiceNamespace":"ecs","ResourceId":"service/default/web","ScalableDimension":"ecs:service:DesiredCount","PolicyType":"TargetTrackingScaling",
		"TargetTrackingScalingPolicyConfiguration":{"TargetValue":50,"PredefinedMetricSpecification":{"PredefinedMetricType":"ECSServiceAverageCPUUtilization"},"ScaleInCooldown":60,"ScaleOutCooldown":60}}`,
	)
	require.Equal(t, 200, status, "%v", out)
	c.advance("2m")
	status, text := c.local("POST", "load", `{"service":"web","requestsPerMinute":2000}`)
	require.Equal(t, 200, status, text)
	c.advance("30m")
	require.InDelta(t, 4.5, c.service("web")["runningCount"], 0.5,
		"four tasks of 1,000 requests a minute are half busy with 2,000; five after an overshoot")
	c.local("POST", "load", `{"service":"web","requestsPerMinute":10}`)
	c.advance("2h")
	require.EqualValues(t, 1, c.service("web")["runningCount"])
	status, _ = c.local("POST", "load", `{"service":"none","requestsPerMinute":10}`)
	require.Equal(t, 400, status)
}

func TestExplain(t *testing.T) {
	c := newClient(t, front.Config{Seed: 1, Instances: 3, Manual: true, Explain: true})
	status, text := c.local("POST", "behaviour", `{"image":"web:1","pullDelay":"1m"}`)
	require.Equal(t, 200, status, text)
	c.createWeb(2)
	c.advance("10s")
	status, text = c.local("GET", "explain?service=web", "")
	require.Equal(t, 200, status)
	require.Contains(t, text, "2 desired, 0 running, 2 pending")
	require.Contains(t, text, "it waits for its images to be pulled")
	pending := c.call("ListTasks", m{})["taskArns"].([]any)[0].(string)
	status, text = c.local("GET", "explain?task="+pending, "")
	require.Equal(t, 200, status)
	require.Contains(t, text, "it waits for its images to be pulled")
	c.advance("2m")
	status, text = c.local("GET", "explain?service=web", "")
	require.Equal(t, 200, status)
	require.Contains(t, text, "No task waits.")
	task := c.call("ListTasks", m{})["taskArns"].([]any)[0].(string)
	status, text = c.local("GET", "explain?task="+task, "")
	require.Equal(t, 200, status)
	require.Contains(t, text, "RUNNING")
	status, text = c.local("GET", "explain?task="+task, "", "Accept", "application/json")
	require.Equal(t, 200, status)
	var out struct {
		Explanation string
		Changes     []struct{ Status string }
	}
	require.NoError(t, json.Unmarshal([]byte(text), &out))
	require.NotEmpty(t, out.Explanation)
	require.Equal(t, "RUNNING", out.Changes[len(out.Changes)-1].Status)
	status, _ = c.local("GET", "explain?task=none", "")
	require.Equal(t, 400, status)
	status, text = c.local("GET", "explain?service=web&format=json", "")
	require.Equal(t, 200, status)
	require.True(t, json.Valid([]byte(text)))
}

// The page has a lane for each task, a span for each status and the service's events, and takes
// nothing from elsewhere.
func TestTimeline(t *testing.T) {
	c := newClient(t, front.Config{Seed: 1, Instances: 3, Manual: true})
	status, page := c.local("GET", "timeline?format=html", "")
	require.Equal(t, 200, status)
	require.Contains(t, page, "Nothing has happened in this window")
	c.createWeb(3)
	c.advance("1m")
	c.call("UpdateService", m{"service": "web", "desiredCount": 1})
	c.call("RunTask", m{"taskDefinition": "web"})
	c.advance("2m")
	status, page = c.local("GET", "timeline?format=html", "")
	require.Equal(t, 200, status)
	require.Equal(t, 4, strings.Count(page, `<div class="name">`)-strings.Count(page, `<div class="name">events`))
	require.Equal(t, 2, strings.Count(page, `<rect class="STOPPED" x=`))
	require.Equal(t, 4, strings.Count(page, `<rect class="RUNNING" x=`))
	require.Contains(t, page, "has reached a steady state")
	require.Contains(t, page, "tasks of no service")
	require.Contains(t, page, "revision 1 · 3 tasks")
	require.Contains(t, page, `<div class="why">`) // a reason is there without hovering
	require.NotContains(t, page, " style=")
	for _, foreign := range []string{"http:", "https:", "src=", "@import"} {
		require.NotContains(t, page, foreign)
	}
	windowed := func(query string) string {
		t.Helper()
		status, page := c.local("GET", "timeline?format=html&"+query, "")
		require.Equal(t, 200, status, page)
		return page
	}
	require.NotContains(t, windowed("last=10s"), `<rect class="STOPPED" x=`)
	require.Equal(t, 2, strings.Count(windowed("last=10s"), `<rect class="RUNNING" x=`))
	require.Contains(t, windowed("find=nothing+of+this"), "Nothing of this happened")
	require.Equal(t, 2, strings.Count(windowed("find=STOPPED"), `<rect class="STOPPED" x=`))
	require.NotContains(t, windowed("find=no+service"), "<script>")
	require.Contains(t, windowed("find=%3Cscript%3E"), "&lt;script&gt;")
	require.Contains(
		t,
		windowed("from=2020-01-01T00:00:00&to=2020-01-01T00:00:01"),
		"Nothing has happened in this window",
	)
	for _, wrong := range []string{"last=0s", "last=x", "from=x", "to=x",
		"from=2026-01-01T00:00:01&to=2026-01-01T00:00:01"} {
		status, text := c.local("GET", "timeline?format=html&"+wrong, "")
		require.Equal(t, 400, status, wrong)
		require.Contains(t, text, "InvalidParameterException", wrong)
	}
	status, text := c.local("GET", "timeline", "", "Accept", "application/json")
	require.Equal(t, 200, status)
	var changes []m
	require.NoError(t, json.Unmarshal([]byte(text), &changes))
	_, text = c.local("GET", "timeline", "")
	require.Equal(t, len(changes), strings.Count(text, "\n"))
}

// The first describe call finds what it asks for at rest, and looking again at what is stopped
// does not move time.
func TestAdvanceOnPoll(t *testing.T) {
	c := newClient(t, front.Config{Seed: 1, Instances: 3, Manual: true, AdvanceOnPoll: true})
	c.createWeb(3)
	require.EqualValues(t, 3, c.service("web")["runningCount"])
	require.Equal(t, "COMPLETED", c.service("web")["deployments"].([]any)[0].(m)["rolloutState"])
	c.local("POST", "behaviour", `{"image":"once:1","exitAfter":"45s","exitCode":3}`)
	once := web(0)
	once["family"], once["containerDefinitions"].([]m)[0]["image"] = "once", "once:1"
	c.call("RegisterTaskDefinition", once)
	arn := c.call("RunTask", m{"taskDefinition": "once"})["tasks"].([]any)[0].(m)["taskArn"]
	describe := func() m { return c.call("DescribeTasks", m{"tasks": []any{arn}})["tasks"].([]any)[0].(m) }
	require.Equal(t, "RUNNING", describe()["lastStatus"])
	task := describe()
	for range 3 {
		if task["lastStatus"] == "STOPPED" {
			break
		}
		task = describe()
	}
	require.Equal(t, "STOPPED", task["lastStatus"])
	require.EqualValues(t, 3, task["containers"].([]any)[0].(m)["exitCode"])
	for range 10 {
		require.Equal(t, task, describe())
	}
	c.call("DeleteService", m{"service": "web", "force": true})
	require.Equal(t, "INACTIVE", c.service("web")["status"])
}

// A service whose tasks never come up does not hold a describe call for ever.
func TestAdvanceOnPollEnds(t *testing.T) {
	c := newClient(t, front.Config{Seed: 1, Instances: 3, Manual: true, AdvanceOnPoll: true})
	c.local("POST", "behaviour", `{"image":"web:1","pullError":"not found"}`)
	c.createWeb(1)
	now := func() time.Time {
		_, text := c.local("POST", "advance?by=0s", "")
		at, err := time.Parse(time.RFC3339, strings.TrimSpace(text))
		require.NoError(t, err)
		return at
	}
	before := now()
	require.EqualValues(t, 0, c.service("web")["runningCount"])
	require.WithinRange(t, now(), before, before.Add(30*time.Minute), "virtual time, which is what a call can use up")
}

// The tasks of an instance that is registered over HTTP are what its agent says, whatever time
// passes.
func TestAgent(t *testing.T) {
	c := newClient(t, front.Config{Seed: 1, Manual: true})
	instance := c.call("RegisterContainerInstance",
		m{"totalResources": []m{{"name": "CPU", "type": "INTEGER", "integerValue": 1024},
			{"name": "MEMORY", "type": "INTEGER",
				"integerValue": 1024}}})["containerInstance"].(m)["containerInstanceArn"].(string)
	c.call("RegisterTaskDefinition", web(0))
	out := c.call("RunTask", m{"taskDefinition": "web"})
	require.Empty(t, out["failures"])
	arn := out["tasks"].([]any)[0].(m)["taskArn"].(string)
	task := func() m { return c.call("DescribeTasks", m{"tasks": []string{arn}})["tasks"].([]any)[0].(m) }
	c.advance("1h")
	require.Equal(t, "PENDING", task()["lastStatus"])
	require.Equal(t, instance, task()["containerInstanceArn"])
	require.Len(t, c.call("ListTasks", m{"containerInstance": instance})["taskArns"], 1, "an agent finds its work")
	accepted := m{"acknowledgment": "ACCEPT"}
	require.Equal(t, accepted, c.call("SubmitTaskStateChange", m{"task": arn, "status": "RUNNING",
		"pullStartedAt": 1893456000, "pullStoppedAt": 1893456004,
		"containers": []m{{"containerName": "web", "status": "RUNNING", "runtimeId": "r1", "imageDigest": "sha256:1",
			"networkBindings": []m{{"bindIP": "0.0.0.0", "containerPort": 80, "hostPort": 40000,
				"protocol": "tcp"}}}}}))
	require.Equal(t, "RUNNING", task()["lastStatus"])
	container := task()["containers"].([]any)[0].(m)
	require.Equal(t, "r1", container["runtimeId"])
	require.EqualValues(t, 40000, container["networkBindings"].([]any)[0].(m)["hostPort"])
	c.call("StopTask", m{"task": arn})
	c.advance("1h")
	require.NotEqual(t, "STOPPED", task()["lastStatus"], "its agent has not said so")
	require.Equal(t, accepted, c.call("SubmitContainerStateChange", m{"task": arn, "containerName": "web",
		"status": "STOPPED", "exitCode": 143}))
	require.Equal(t, accepted, c.call("SubmitTaskStateChange", m{"task": arn, "status": "STOPPED"}))
	require.Equal(t, "STOPPED", task()["lastStatus"])
	require.EqualValues(t, 143, task()["containers"].([]any)[0].(m)["exitCode"])
	c.fails("SubmitTaskStateChange", "InvalidParameterException", m{"task": "none", "status": "RUNNING"})
}

// With simulated agents, hand-registered instances run their tasks.
func TestSimulatedAgent(t *testing.T) {
	c := newClient(t, front.Config{Seed: 1, Manual: true, SimulateAgents: true})
	c.call("RegisterContainerInstance",
		m{"totalResources": []m{{"name": "CPU", "type": "INTEGER", "integerValue": 1024},
			{"name": "MEMORY", "type": "INTEGER", "integerValue": 1024}}})
	c.createWeb(2)
	c.advance("1m")
	require.EqualValues(t, 2, c.service("web")["runningCount"])
}

// What is not AWS's is kept, too: settings, behaviours, load, and which instances have agents
// of their own; a reset forgets it all.
func TestJournal(t *testing.T) {
	config := front.Config{Seed: 1, Instances: 2, Manual: true, Journal: t.TempDir()}
	open := func() (*client, func()) {
		server, err := front.New(config)
		require.NoError(t, err)
		s := httptest.NewServer(server)
		return &client{t, s.URL}, func() { s.Close(); require.NoError(t, server.Close()) }
	}
	c, end := open()
	c.createWeb(2)
	c.call("RegisterContainerInstance", m{"totalResources": []m{{"name": "CPU", "type": "INTEGER", "integerValue": 64},
		{"name": "MEMORY", "type": "INTEGER", "integerValue": 10000}}, "attributes": []m{{"name": "own"}}})
	c.call("PutAccountSetting", m{"name": "awsvpcTrunking", "value": "enabled"})
	c.local("POST", "behaviour", `{"image":"bad:1","pullError":"not found"}`)
	c.advance("2m")
	before := c.service("web")
	require.EqualValues(t, 2, before["runningCount"])
	_, err := front.New(config)
	require.ErrorContains(t, err, "in use")
	end()

	c, end = open()
	require.Equal(t, before, c.service("web"))
	require.Len(t, c.call("ListAccountSettings", m{})["settings"], 1)
	bad := web(0)
	bad["family"], bad["containerDefinitions"].([]m)[0]["image"] = "bad", "bad:1"
	c.call("RegisterTaskDefinition", bad)
	c.call("RegisterTaskDefinition", web(0))
	stopped := c.call("RunTask", m{"taskDefinition": "bad"})["tasks"].([]any)[0].(m)["taskArn"]
	pending := c.call("RunTask",
		m{"taskDefinition": "web",
			"placementConstraints": []m{{"type": "memberOf",
				"expression": "attribute:own exists"}}})["tasks"].([]any)[0].(m)["taskArn"]
	c.advance("5m")
	tasks := c.call("DescribeTasks", m{"tasks": []any{stopped, pending}})["tasks"].([]any)
	require.Equal(t, "STOPPED", tasks[0].(m)["lastStatus"])
	require.Equal(t, "PENDING", tasks[1].(m)["lastStatus"])
	require.Equal(t, before["runningCount"], c.service("web")["runningCount"])
	status, _ := c.local("POST", "reset", "")
	require.Equal(t, 200, status)
	require.Empty(t, c.call("ListServices", m{})["serviceArns"])
	end()

	c, end = open()
	require.Empty(t, c.call("ListServices", m{})["serviceArns"])
	require.Len(t, c.call("ListContainerInstances", m{})["containerInstanceArns"], 2)
	require.Empty(t, c.call("ListAccountSettings", m{})["settings"])
	end()
}

// A body of 64 MiB is refused without being kept, and the server goes on.
func TestHugeBody(t *testing.T) {
	c := newClient(t, front.Config{Manual: true})
	body := io.LimitReader(spaces{}, 64<<20)
	request, err := http.NewRequest(http.MethodPost, c.url, body)
	require.NoError(t, err)
	request.Header.Set("X-Amz-Target", "AmazonEC2ContainerServiceV20141113.CreateCluster")
	response, err := http.DefaultClient.Do(request)
	if err == nil { // or the connection was closed while it was sent
		response.Body.Close()
		require.Equal(t, 400, response.StatusCode)
	}
	c.call("ListClusters", m{})
}

type spaces struct{}

// Read is io.Reader's.
func (spaces) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// pipes is a listener without a network: each connection is a pipe, whose deadlines obey the clock
// of a synctest bubble.
type pipes struct {
	made   chan net.Conn
	closed chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.made:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}
func (p *pipes) Close() error   { close(p.closed); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80} }

func (p *pipes) dial(context.Context, string, string) (net.Conn, error) {
	client, server := net.Pipe()
	p.made <- server
	return client, nil
}

// A client that is too slow is cut off when its time is over, and meanwhile others are served. The
// clock is the bubble's: how fast the machine is does not matter.
func TestSlowClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, err := front.New(front.Config{Manual: true})
		require.NoError(t, err)
		const timeout = time.Minute
		listener := &pipes{make(chan net.Conn), make(chan struct{})}
		s := &http.Server{Handler: server, ReadTimeout: timeout}
		go func() { _ = s.Serve(listener) }()
		defer s.Close()

		slow, err := listener.dial(t.Context(), "", "")
		require.NoError(t, err)
		_, err = fmt.Fprint(slow,
			"POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: "+
				"AmazonEC2ContainerServiceV20141113.ListClusters\r\nContent-Length: 100\r\n\r\n{")
		require.NoError(t, err)

		begin := time.Now()
		h := &http.Client{Transport: &http.Transport{DialContext: listener.dial, DisableKeepAlives: true}}
		request, err := http.NewRequest(http.MethodPost, "http://localhost/", strings.NewReader(`{}`))
		require.NoError(t, err)
		request.Header.Set("X-Amz-Target", "AmazonEC2ContainerServiceV20141113.ListClusters")
		response, err := h.Do(request)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.Equal(t, http.StatusOK, response.StatusCode)
		require.Zero(t, time.Since(begin), "nobody waits for the slow one")

		data, err := io.ReadAll(slow)
		require.NoError(t, err, "the connection was closed")
		require.GreaterOrEqual(t, time.Since(begin), timeout)
		require.Less(t, time.Since(begin), 2*timeout)
		if len(data) > 0 {
			require.Contains(t, string(data), "SerializationException")
		}
	})
}
