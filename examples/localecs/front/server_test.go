package front_test

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/examples/localecs/front"
)

// client calls a server as an AWS SDK does.
type client struct {
	t   testing.TB
	url string
}

func newClient(t testing.TB, config front.Config) *client {
	t.Helper()
	server, err := front.New(config)
	require.NoError(t, err)
	return clientOf(t, server)
}

func clientOf(t testing.TB, server *front.Server) *client {
	t.Helper()
	s := httptest.NewServer(server)
	t.Cleanup(s.Close)
	return &client{t, s.URL}
}

func (c *client) raw(target, body string) (int, map[string]any) {
	request, err := http.NewRequest(http.MethodPost, c.url, strings.NewReader(body))
	require.NoError(c.t, err)
	request.Header.Set("X-Amz-Target", target)
	request.Header.Set("Content-Type", "application/x-amz-json-1.1")
	response, err := http.DefaultClient.Do(request)
	require.NoError(c.t, err)
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	require.NoError(c.t, err)
	var out map[string]any
	require.NoError(c.t, json.Unmarshal(data, &out), "%s", data)
	return response.StatusCode, out
}

func (c *client) call(action string, in any) map[string]any {
	c.t.Helper()
	body, err := json.Marshal(in)
	require.NoError(c.t, err)
	status, out := c.raw("AmazonEC2ContainerServiceV20141113."+action, string(body))
	require.Equal(c.t, 200, status, "%s: %v", action, out)
	return out
}

func (c *client) fails(action, code string, in any) string {
	c.t.Helper()
	body, err := json.Marshal(in)
	require.NoError(c.t, err)
	status, out := c.raw("AmazonEC2ContainerServiceV20141113."+action, string(body))
	require.Equal(c.t, 400, status)
	require.Equal(c.t, code, out["__type"], "%v", out)
	return out["message"].(string)
}

func (c *client) advance(by string) {
	c.t.Helper()
	status, text := c.local(http.MethodPost, "advance?by="+by, "")
	require.Equal(c.t, 200, status, text)
}

type m = map[string]any

func web(hostPort any) m {
	return m{"family": "web", "containerDefinitions": []m{{"name": "web", "image": "web:1", "cpu": 64, "memory": 128,
		"portMappings": []m{{"containerPort": 80, "hostPort": hostPort}}}}}
}

// zones counts tasks by Availability Zone.
func (c *client) zones(cluster string) map[string]int {
	arns := c.call("ListTasks", m{"cluster": cluster})["taskArns"]
	counts := map[string]int{}
	for _, t := range c.call("DescribeTasks", m{"cluster": cluster, "tasks": arns})["tasks"].([]any) {
		counts[t.(m)["availabilityZone"].(string)]++
	}
	return counts
}

// Six tasks spread two, two, two over three zones, with six ports of the dynamic range.
func TestSpread(t *testing.T) {
	c := newClient(t, front.Config{Seed: 1, Instances: 3, Manual: true})
	c.call("RegisterTaskDefinition", web(0))
	c.call("CreateService", m{"serviceName": "web", "taskDefinition": "web", "desiredCount": 6,
		"placementStrategy": []m{{"type": "spread", "field": "attribute:ecs.availability-zone"}}})
	c.advance("2m")
	require.Equal(t, map[string]int{"us-east-1a": 2, "us-east-1b": 2, "us-east-1c": 2}, c.zones("default"))
	service := c.call("DescribeServices", m{"services": []string{"web"}})["services"].([]any)[0].(m)
	require.EqualValues(t, 6, service["runningCount"])
	require.Contains(t, service["events"].([]any)[0].(m)["message"], "has reached a steady state")
	ports := map[string]bool{}
	arns := c.call("ListTasks", m{})["taskArns"]
	for _, task := range c.call("DescribeTasks", m{"tasks": arns})["tasks"].([]any) {
		binding := task.(m)["containers"].([]any)[0].(m)["networkBindings"].([]any)[0].(m)
		require.GreaterOrEqual(t, binding["hostPort"].(float64), 32768.0)
		ports[fmt.Sprint(task.(m)["containerInstanceArn"], binding["hostPort"])] = true
	}
	require.Len(t, ports, 6)
	cluster := c.call("DescribeClusters", m{"include": []string{"STATISTICS"}})["clusters"].([]any)[0].(m)
	require.Len(t, cluster["statistics"], 8)
	require.Contains(t, cluster["statistics"], m{"name": "runningEC2TasksCount", "value": "6"})
	require.Contains(t, cluster["statistics"], m{"name": "activeEC2ServiceCount", "value": "1"})
	require.Contains(t, cluster["statistics"], m{"name": "pendingFargateTasksCount", "value": "0"})
	require.Empty(t, c.call("DescribeClusters", m{})["clusters"].([]any)[0].(m)["statistics"])
}

func TestConstraints(t *testing.T) {
	c := newClient(t, front.Config{Seed: 1, Instances: 3, Manual: true})
	c.call("RegisterTaskDefinition", web(0))
	out := c.call("RunTask", m{"taskDefinition": "web", "count": 4,
		"placementConstraints": []m{{"type": "distinctInstance"}}})
	require.Len(t, out["tasks"], 3)
	require.NotEmpty(t, out["failures"])
	out = c.call("RunTask",
		m{"taskDefinition": "web",
			"placementConstraints": []m{{"type": "memberOf", "expression": "attribute:ecs.instance-type == t2.nano"}}})
	require.Empty(t, out["tasks"])
	require.Len(t, out["failures"], 3)
	c.fails("RunTask", "InvalidParameterException",
		m{"taskDefinition": "web", "placementConstraints": []m{{"type": "memberOf", "expression": "attribute:"}}})
}

// A task larger than every instance is refused instance by instance.
func TestTooLarge(t *testing.T) {
	c := newClient(t, front.Config{Seed: 1, Instances: 2, Manual: true})
	large := web(0)
	large["containerDefinitions"].([]m)[0]["memory"] = 100_000
	c.call("RegisterTaskDefinition", large)
	out := c.call("RunTask", m{"taskDefinition": "web"})
	require.Empty(t, out["tasks"])
	for _, f := range out["failures"].([]any) {
		require.Equal(t, "RESOURCE:MEMORY", f.(m)["reason"])
	}
	require.Len(t, out["failures"], 2)
}

// A rollout shows two deployments and then one; a service lists its own tasks.
func TestRollout(t *testing.T) {
	c := newClient(t, front.Config{Seed: 1, Instances: 3, Manual: true})
	c.call("RegisterTaskDefinition", web(0))
	c.call("CreateService", m{"serviceName": "web", "taskDefinition": "web", "desiredCount": 3})
	c.call("RunTask", m{"taskDefinition": "web"})
	c.advance("2m")
	require.Len(t, c.call("ListTasks", m{"serviceName": "web"})["taskArns"], 3)
	c.call("RegisterTaskDefinition", web(0))
	c.call("UpdateService", m{"service": "web", "taskDefinition": "web:2"})
	service := func() m { return c.call("DescribeServices", m{"services": []string{"web"}})["services"].([]any)[0].(m) }
	require.Len(t, service()["deployments"], 2)
	before := service()
	require.Equal(t, before, service(), "describing changes nothing")
	c.advance("5m")
	require.Len(t, service()["deployments"], 1)
	require.EqualValues(t, 3, service()["runningCount"])
}

// The breaker rolls a revision back whose containers crash.
func TestBreaker(t *testing.T) {
	c := newClient(t, front.Config{Seed: 1, Instances: 3, Manual: true})
	c.call("RegisterTaskDefinition", web(0))
	c.call("CreateService", m{"serviceName": "web", "taskDefinition": "web", "desiredCount": 2,
		"deploymentConfiguration": m{"deploymentCircuitBreaker": m{"enable": true, "rollback": true}}})
	c.advance("2m")
	bad := web(0)
	bad["containerDefinitions"].([]m)[0]["image"] = "web:bad"
	c.call("RegisterTaskDefinition", bad)
	status, text := c.local(http.MethodPost, "behaviour", `{"image":"web:bad","pullError":"not found"}`)
	require.Equal(t, 200, status, text)
	c.call("UpdateService", m{"service": "web", "taskDefinition": "web:2"})
	c.advance("12h")
	service := c.call("DescribeServices", m{"services": []string{"web"}})["services"].([]any)[0].(m)
	require.Len(t, service["deployments"], 1)
	require.True(t, strings.HasSuffix(service["deployments"].([]any)[0].(m)["taskDefinition"].(string), "web:1"))
	require.EqualValues(t, 2, service["runningCount"])
	require.True(t, strings.HasSuffix(service["taskDefinition"].(string), "web:1"),
		"the service shows what it went back to")
}

func TestScaling(t *testing.T) {
	c := newClient(t, front.Config{Seed: 1, Instances: 3, Manual: true})
	c.call("RegisterTaskDefinition", web(0))
	c.call("CreateService", m{"serviceName": "web", "taskDefinition": "web", "desiredCount": 1})
	status, out := c.raw("AnyScaleFrontendService.RegisterScalableTarget",
		`{"ServiceNamespace":"ecs","ResourceId":"service/default/web","ScalableDimension":"ecs:service:DesiredCount","MinCapacity":2,"MaxCapacity":4}`)
	require.Equal(t, 200, status, "%v", out)
	service := c.call("DescribeServices", m{"services": []string{"web"}})["services"].([]any)[0].(m)
	require.EqualValues(t, 2, service["desiredCount"], "brought into its bounds")
	status, out = c.raw("AnyScaleFrontendService.DescribeScalableTargets", `{"ServiceNamespace":"ecs"}`)
	require.Equal(t, 200, status)
	require.Len(t, out["ScalableTargets"], 1)
}

// A configuration that no world can be made of is refused.
func TestConfig(t *testing.T) {
	for _, c := range []front.Config{{Instances: -1}, {Speed: -1}, {Speed: math.Inf(1)}, {Speed: math.NaN()},
		{Zones: []string{""}}, {Instances: 1, InstanceType: "m5"}} {
		_, err := front.New(c)
		require.ErrorContains(t, err, "front: ", "%+v", c)
	}
}

func TestMalformed(t *testing.T) {
	c := newClient(t, front.Config{Instances: 1, Manual: true})
	const ecs = "AmazonEC2ContainerServiceV20141113."
	for name, k := range map[string]struct{ target, body, code string }{
		"bad JSON":          {ecs + "CreateCluster", `{"clusterName":`, "SerializationException"},
		"wrong type":        {ecs + "CreateCluster", `{"clusterName": 7}`, "SerializationException"},
		"unknown operation": {ecs + "Fly", `{}`, "UnknownOperationException"},
		"no target":         {"", `{}`, "UnknownOperationException"},
		"another service":   {"DynamoDB_20120810.ListTables", `{}`, "UnknownOperationException"},
		"no object":         {ecs + "ListTasks", `[]`, "SerializationException"},
		"more than one":     {ecs + "ListTasks", `{}{}`, "SerializationException"},
		"no body":           {ecs + "DescribeTasks", ``, "InvalidParameterException"},
		"not modelled":      {ecs + "ExecuteCommand", `{}`, "UnsupportedFeatureException"},
		"nor scaling":       {"AnyScaleFrontendService.DescribeScalingActivities", `{}`, "ValidationException"},
		"no such value": {ecs + "PutAccountSetting", `{"name":"awsvpcTrunking","value":"x"}`,
			"InvalidParameterException"},
		"managed setting": {ecs + "PutAccountSetting", `{"name":"guardDutyActivate","value":"on"}`,
			"InvalidParameterException"},
		"unknown setting": {ecs + "ListAccountSettings", `{"name":"x"}`, "InvalidParameterException"},
		"unknown cluster": {ecs + "ListTasks", `{"cluster":"nope"}`, "ClusterNotFoundException"},
		"large": {ecs + "CreateCluster", `{"clusterName":"` + strings.Repeat("a", 5<<20) + `"}`,
			"SerializationException"},
	} {
		t.Run(name, func(t *testing.T) {
			status, out := c.raw(k.target, k.body)
			require.Equal(t, 400, status)
			require.Equal(t, k.code, out["__type"])
			require.NotEmpty(t, out["message"])
		})
	}
	require.Contains(t, c.fails("CreateService", "InvalidParameterException",
		m{"serviceName": "a", "taskDefinition": "a:1", "desiredCount": -1}), "desiredCount")
}

// Many clients at once lose nothing: every acknowledged task is listed.
func TestClients(t *testing.T) {
	c := newClient(t, front.Config{Instances: 20, Manual: true})
	c.call("RegisterTaskDefinition", web(0))
	var wait sync.WaitGroup
	var mu sync.Mutex
	acknowledged := map[string]bool{}
	for range 50 {
		wait.Go(func() {
			for range 4 {
				status, out := c.raw("AmazonEC2ContainerServiceV20141113.RunTask", `{"taskDefinition":"web"}`)
				if status != 200 {
					t.Errorf("%v", out)
					return
				}
				mu.Lock()
				for _, task := range out["tasks"].([]any) {
					acknowledged[task.(m)["taskArn"].(string)] = true
				}
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	listed, token := 0, ""
	for {
		in := m{}
		if token != "" {
			in["nextToken"] = token
		}
		out := c.call("ListTasks", in)
		for _, arn := range out["taskArns"].([]any) {
			require.True(t, acknowledged[arn.(string)])
			listed++
		}
		token, _ = out["nextToken"].(string)
		if token == "" {
			break
		}
	}
	require.Equal(t, 200, len(acknowledged))
	require.Equal(t, 200, listed)
}

// readOnly allows what looks, and everything in the cluster "mine".
type readOnly struct{ calls *[]front.Call }

// Authorize is front.Authorizer's.
func (r readOnly) Authorize(c front.Call) error {
	*r.calls = append(*r.calls, c)
	if c.Cluster == "mine" && !slices.ContainsFunc(c.Resources, func(r front.Resource) bool {
		return r.Name == "theirs"
	}) || strings.HasPrefix(c.Action, "List") || strings.HasPrefix(c.Action, "Describe") {
		return nil
	}
	return fmt.Errorf("not allowed to call ecs:%s on %s", c.Action, c.Resources)
}

// Every call is decided by action, cluster and resource, and a refused one changes nothing.
func TestAuthorizer(t *testing.T) {
	var calls []front.Call
	c := newClient(t, front.Config{Manual: true, Instances: 1, Authorizer: readOnly{&calls}})
	c.call("ListTasks", m{})
	require.Contains(t, c.fails("DeleteService", "AccessDeniedException", m{"service": "web"}),
		"ecs:DeleteService on [cluster default service web]")
	require.Equal(t, front.Call{Service: "ecs", Action: "DeleteService", Region: "us-east-1", Cluster: "default",
		Resources: []front.Resource{{Type: "cluster", Name: "default"}, {Type: "service", Name: "web"}}},
		calls[len(calls)-1])
	require.Equal(t, "ClusterNotFoundException", c.code("RunTask", `{"cluster":"mine","taskDefinition":"a"}`))
	c.fails("CreateCluster", "AccessDeniedException", m{"clusterName": "a"})
	require.Len(t, c.call("ListClusters", m{})["clusterArns"], 1)
	status, _ := c.raw("AnyScaleFrontendService.DeregisterScalableTarget", `{"ResourceId":"service/theirs/web"}`)
	require.Equal(t, 400, status)
	require.Equal(t, front.Call{Service: "application-autoscaling", Action: "DeregisterScalableTarget",
		Region: "us-east-1", Cluster: "theirs",
		Resources: []front.Resource{{Type: "scalable-target", Name: "service/theirs/web"},
			{Type: "cluster", Name: "theirs"}, {Type: "service", Name: "web"}}},
		calls[len(calls)-1])
	c.fails("DeregisterTaskDefinition", "AccessDeniedException", m{"taskDefinition": "prod-web:1"})
	require.Equal(t, []front.Resource{{Type: "task-definition", Name: "prod-web:1"}}, calls[len(calls)-1].Resources)
	before := len(calls)
	for _, extra := range []string{"service", "taskdefinition", "cluster"} {
		c.fails("DeregisterTaskDefinition", "InvalidParameterException",
			m{"taskDefinition": "prod-web:1", extra: "mine"})
	}
	require.Len(t, calls, before, "what the operation does not take is refused before anybody is asked")
	const arn = "arn:aws:ecs:us-east-1:123456789012:service/theirs/web"
	c.fails("TagResource", "AccessDeniedException", m{"resourceArn": arn, "tags": []m{{"key": "a", "value": "b"}}})
	require.Equal(t, []front.Resource{{Type: "service", Name: arn}}, calls[len(calls)-1].Resources)
}

// code is the error code of a call.
func (c *client) code(action, body string) any {
	_, out := c.raw(ecsTarget+action, body)
	return out["__type"]
}
