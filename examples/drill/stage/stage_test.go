package stage_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/examples/drill/scenario"
	"github.com/bayplan/bayplan/examples/drill/stage"
)

// caller calls a stage as a command does.
type caller struct {
	t     *testing.T
	stage *stage.Stage
	url   string
	now   time.Time // real
}

// on returns a caller of the stage of a scenario, whose real time moves by hand.
func on(t *testing.T, pace stage.Pace, number, more string) *caller {
	t.Helper()
	all, err := scenario.Own()
	require.NoError(t, err)
	some, err := scenario.Select(all, []string{number})
	require.NoError(t, err)
	s := some[0]
	if more != "" {
		parsed, err := scenario.Parse("s", "title: x\nexit: any\ntruth: SUCCESSFUL\n"+more)
		require.NoError(t, err)
		s.Faults = parsed.Faults
	}
	c := &caller{t: t, now: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)}
	c.stage, err = stage.New(stage.Config{Scenario: s, Names: scenario.Default(), Pace: pace,
		Now: func() time.Time { return c.now }})
	require.NoError(t, err)
	server := httptest.NewServer(c.stage.Handler(0))
	t.Cleanup(server.Close)
	c.url = server.URL
	return c
}

// call calls an action of ECS, and returns the status, 0 if the connection was cut, and the answer.
func (c *caller) call(action, body string) (int, map[string]any) {
	c.t.Helper()
	return c.send("AmazonEC2ContainerServiceV20141113."+action, "ecs", body)
}

func (c *caller) send(target, service, body string) (int, map[string]any) {
	c.t.Helper()
	r, err := http.NewRequest(http.MethodPost, c.url, strings.NewReader(body))
	require.NoError(c.t, err)
	if target != "" {
		r.Header.Set("X-Amz-Target", target)
		r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	} else {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKID/20300101/us-east-1/"+service+
		"/aws4_request, SignedHeaders=host, Signature=0")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, nil
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	require.NoError(c.t, err)
	var out map[string]any
	if json.Unmarshal(data, &out) != nil {
		out = map[string]any{"text": string(data)}
	}
	return answer.StatusCode, out
}

// deploy begins a deployment, as long as nothing prevents it.
func (c *caller) deploy() {
	c.t.Helper()
	c.register()
	c.update()
}

func (c *caller) register() {
	c.t.Helper()
	status, _ := c.call("RegisterTaskDefinition", `{"family": "web", "containerDefinitions": [
		{"name": "app", "image": "app:2", "memory": 128, "portMappings": [{"containerPort": 80}]}]}`)
	require.Equal(c.t, http.StatusOK, status)
}

func (c *caller) update() {
	c.t.Helper()
	status, _ := c.call("UpdateService", `{"service": "web", "taskDefinition": "web"}`)
	require.Equal(c.t, http.StatusOK, status)
}

// describe returns the number of the service's deployments.
func (c *caller) describe() int {
	c.t.Helper()
	_, out := c.call("DescribeServices", `{"services": ["web"]}`)
	services := out["services"].([]any)
	return len(services[0].(map[string]any)["deployments"].([]any))
}

func (c *caller) end() stage.Facts {
	c.t.Helper()
	all, err := c.stage.End()
	require.NoError(c.t, err)
	require.Len(c.t, all, 1)
	return all[0]
}

// At the pace leap the first read after the deployment's beginning sees its end; at step the middle shows, 15 seconds
// a read. What a command sleeps passes at both. Reads before the deployment let no time pass.
//
// Seen to fail: a leap that goes on when the service is at rest; a step that forgets the time slept; a read before
// the deployment that lets time run.
func TestPaces(t *testing.T) {
	leap := on(t, stage.Leap, "1", "")
	require.Equal(t, 1, leap.describe())
	leap.deploy()
	require.Equal(t, 1, leap.describe())
	f := leap.end()
	require.Zero(t, f.DeployedAt)
	require.Equal(t, f.TruthAt, f.ExitedAt)
	require.True(t, f.Fresh)
	require.Equal(t, "SUCCESSFUL", f.Exit)

	step := on(t, stage.Step, "1", "")
	step.deploy()
	seen := []int{}
	for range 5 {
		seen = append(seen, step.describe())
	}
	require.Equal(t, []int{2, 2, 2, 1, 1}, seen)
	require.Equal(t, 75*time.Second, step.end().ExitedAt)

	sleeps := on(t, stage.Step, "1", "")
	sleeps.deploy()
	sleeps.now = sleeps.now.Add(10 * time.Minute)
	require.Equal(t, 1, sleeps.describe())
	sleeps.now = sleeps.now.Add(time.Minute)
	f = sleeps.end()
	require.Equal(t, 11*time.Minute, f.ExitedAt)
	require.Equal(t, []string{"web:2 ×3"}, f.ServedAtExit)
}

// What the scenario has happen comes at its time at both paces, and is not the command's.
//
// Seen to fail: a happening that waits for the next call; one that counts as a deployment of the command.
func TestHappenings(t *testing.T) {
	for _, pace := range stage.Paces() {
		c := on(t, pace, "8", "")
		c.deploy()
		c.describe()
		f := c.end()
		require.Len(t, f.Mine, 1, pace)
		require.Equal(t, "STOPPED", f.Mine[0].Status, pace)
		require.Equal(t, 5*time.Second, f.TruthAt, pace)
		require.Equal(t, []string{"web:3 ×3"}, f.ServedAtEnd, pace)
		require.Len(t, f.Happened, 2, pace)
	}
}

// Each trouble of the API does what it says, as often as it says.
//
// Seen to fail: a cut connection whose call is not carried out; a fault that ends never.
func TestTroubles(t *testing.T) {
	c := on(t, stage.Step, "1", "==== faults\nreads every=2 first=1 do=throttle\nUpdateService first=1 do=cut-after\n"+
		"ListTasks do=cut-before\nListServices for=1m do=500\nStopTask do=AccessDeniedException\n")
	status, out := c.call("DescribeServices", `{"services": ["web"]}`)
	require.Equal(t, http.StatusOK, status, out)
	status, out = c.call("DescribeServices", `{"services": ["web"]}`)
	require.Equal(t, http.StatusBadRequest, status)
	require.Equal(t, "ThrottlingException", out["__type"])
	for range 3 {
		c.describe()
	}
	status, _ = c.call("ListServices", `{}`)
	require.Equal(t, http.StatusOK, status, "before the deployment")
	status, _ = c.call("RegisterTaskDefinition", `{"family": "web", "containerDefinitions": [
		{"name": "app", "image": "app:2", "memory": 128}]}`)
	require.Equal(t, http.StatusOK, status)
	status, _ = c.call("UpdateService", `{"service": "web", "taskDefinition": "web"}`)
	require.Zero(t, status)
	status, _ = c.call("ListServices", `{}`)
	require.Equal(t, http.StatusInternalServerError, status)
	status, _ = c.call("ListTasks", `{}`)
	require.Zero(t, status)
	status, out = c.call("StopTask", `{}`)
	require.Equal(t, http.StatusBadRequest, status)
	require.Equal(t, "AccessDeniedException", out["__type"])
	c.now = c.now.Add(time.Minute)
	status, _ = c.call("ListServices", `{}`)
	require.Equal(t, http.StatusOK, status, "a minute after the deployment's beginning")
	f := c.end()
	require.Len(t, f.Mine, 1, "the call was carried out, and its connection cut")
	require.Empty(t, f.Unmodelled)
}

// What a command does besides deploying is noted, with its code.
//
// Seen to fail: each effect with its case taken out of the code.
func TestEffects(t *testing.T) {
	c := on(t, stage.Step, "1", "")
	for _, call := range [][2]string{
		{"RegisterTaskDefinition",
			`{"family": "other", "containerDefinitions": [{"name": "a", "image": "a", "memory": 9}]}`},
		{"CreateService", `{"serviceName": "other", "taskDefinition": "other", "desiredCount": 0}`},
		{"UpdateService", `{"service": "web", "desiredCount": 2}`},
		{"UpdateService", `{"service": "web", "desiredCount": 2}`},
		{"DeregisterTaskDefinition", `{"taskDefinition": "other:1"}`},
		{"DeregisterTaskDefinition", `{"taskDefinition": "web:1"}`},
	} {
		status, out := c.call(call[0], call[1])
		require.Equal(t, http.StatusOK, status, out)
	}
	status, out := c.send("AnyScaleFrontendService.RegisterScalableTarget", "application-autoscaling", `{
		"ServiceNamespace": "ecs", "ResourceId": "service/default/web", "ScalableDimension": "ecs:service:DesiredCount",
		"MinCapacity": 1, "MaxCapacity": 9, "SuspendedState": {"DynamicScalingInSuspended": true}}`)
	require.Equal(t, http.StatusOK, status, out)
	status, out = c.call("DeleteService", `{"service": "other"}`)
	require.Equal(t, http.StatusOK, status, out)
	var found []string
	for _, e := range c.end().Effects {
		found = append(found, e.Code+" "+e.Text)
	}
	require.Equal(t, []string{"W2 registered a task definition of family other",
		`W2 CreateService of service other in cluster ""`, "W3 changed the desired count from 3 to 2",
		"W1 deregistered web:1, of which 2 tasks run",
		`W2 DeleteService of service other in cluster ""`, "W2 deleted the service other",
		"W3 left the scaling of the service suspended"}, found)
}

// What the command calls by another name than the drill is known, the first name of each kind.
//
// Seen to fail: the cluster, the service and the family, each with its line taken out of the code; the AWS CLI's None
// taken for a family.
func TestAstray(t *testing.T) {
	c := on(t, stage.Leap, "1", "")
	c.call("DescribeServices", `{"services": ["web"]}`)
	c.call("DescribeTaskDefinition", `{"taskDefinition": "None"}`)
	require.Empty(t, c.end().Astray)
	c = on(t, stage.Leap, "1", "")
	c.call("DescribeServices", `{"services": ["api"], "cluster": "prod"}`)
	c.call("UpdateService", `{"service": "x", "cluster": "arn:aws:ecs:us-east-1:123456789012:cluster/y"}`)
	c.call("DescribeTaskDefinition", `{"taskDefinition": "family:3"}`)
	require.Equal(t, []stage.Astray{{Flag: "cluster", Asked: "prod", Has: "default"},
		{Flag: "service", Asked: "api", Has: "web"}, {Flag: "family", Asked: "family", Has: "web"}}, c.end().Astray)
}

// Services around ECS answer as far as commands that deploy need them; what nothing answers is named.
func TestNeighbours(t *testing.T) {
	c := on(t, stage.Leap, "1", "")
	status, out := c.send("", "sts", "Action=GetCallerIdentity&Version=2011-06-15")
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, out["text"], "<Account>123456789012</Account>")
	status, out = c.send("", "sts", "Action=AssumeRole&Version=2011-06-15&RoleArn=a&RoleSessionName=b")
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, out["text"], "<AssumeRoleResponse><AssumeRoleResult><Credentials>")
	status, _ = c.send("Logs_20140328.CreateLogGroup", "logs", `{"logGroupName": "x"}`)
	require.Equal(t, http.StatusOK, status)
	status, out = c.send("", "elasticloadbalancing", "Action=DescribeTargetGroups&Version=2015-12-01")
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, out["text"], "targetgroup/blue/0123456789abcdef")
	status, out = c.send("secretsmanager.GetSecretValue", "secretsmanager", `{"SecretId": "x"}`)
	require.Equal(t, http.StatusBadRequest, status)
	require.Contains(t, out["message"], "secretsmanager:GetSecretValue")
	status, out = c.send("", "iam", "Action=<script>&Version=2010-05-08")
	require.Equal(t, http.StatusBadRequest, status)
	require.NotContains(t, out["text"], "<script>")
	f := c.end()
	require.Equal(t, []string{"secretsmanager:GetSecretValue", "iam:<script>"}, f.Unmodelled)
	require.Equal(t, 6, f.Requests)
}
