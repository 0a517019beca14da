package front_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs/iam"
	"github.com/bayplan/bayplan/examples/localecs/front"
)

// guarded is a server that everybody may set up, and on which the key AKID may do what one statement
// allows.
type guarded struct {
	*client
	as string // the access key ID of calls
}

func newGuarded(t *testing.T, statements ...string) *guarded {
	t.Helper()
	read := func(name, statements string) *iam.Policy {
		p, err := iam.ParsePolicy(name, []byte(`{"Version":"2012-10-17","Statement":[`+statements+`]}`))
		require.NoError(t, err)
		return p
	}
	policies := front.Policies{"ADMIN": {read("admin", `{"Effect":"Allow","Action":"*","Resource":"*"}`)}}
	if len(statements) > 0 {
		policies["AKID"] = []*iam.Policy{read("role", strings.Join(statements, ","))}
	}
	server, err := front.New(front.Config{Manual: true, Instances: 1, Authorizer: policies})
	require.NoError(t, err)
	s := httptest.NewServer(server)
	t.Cleanup(s.Close)
	g := &guarded{&client{t, s.URL}, "ADMIN"}
	for _, name := range []string{"prod", "dev"} {
		g.may("CreateCluster", m{"clusterName": name, "tags": []m{{"key": "stage", "value": name}}})
	}
	g.may("RegisterTaskDefinition", m{"family": "web", "cpu": "1 vCPU", "memory": "512",
		"taskRoleArn":          "arn:aws:iam::123456789012:role/web",
		"containerDefinitions": []m{{"name": "web", "image": "web:1"}}, "tags": []m{{"key": "team", "value": "blue"}}})
	for _, name := range []string{"prod", "dev"} {
		g.may("CreateService", m{"cluster": name, "serviceName": "web", "taskDefinition": "web", "desiredCount": 0})
	}
	g.as = "AKID"
	return g
}

// do makes a call and returns its status and answer.
func (g *guarded) do(target string, in any) (int, map[string]any) {
	body, err := json.Marshal(in)
	require.NoError(g.t, err)
	request, err := http.NewRequest(http.MethodPost, g.url, strings.NewReader(string(body)))
	require.NoError(g.t, err)
	if !strings.Contains(target, ".") {
		target = ecsTarget + target
	}
	request.Header.Set("X-Amz-Target", target)
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+g.as+"/20300101/us-east-1/ecs/aws4_request, "+
		"SignedHeaders=host, Signature=0")
	response, err := http.DefaultClient.Do(request)
	require.NoError(g.t, err)
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	require.NoError(g.t, err)
	var out map[string]any
	require.NoError(g.t, json.Unmarshal(data, &out))
	return response.StatusCode, out
}

func (g *guarded) may(action string, in any) {
	g.t.Helper()
	status, out := g.do(action, in)
	require.Equal(g.t, 200, status, "%s %v: %v", action, in, out)
}

// mayNot returns what comes after "User: … is not authorized to perform: ".
func (g *guarded) mayNot(action string, in any) string {
	g.t.Helper()
	status, out := g.do(action, in)
	require.Equal(g.t, 400, status, "%s %v: %v", action, in, out)
	require.Equal(g.t, "AccessDeniedException", out["__type"], "%v", out)
	_, text, found := strings.Cut(fmt.Sprint(out["message"]), "is not authorized to perform: ")
	require.True(g.t, found, out["message"])
	return text
}

// TestOneClusterOnly lets a role update the services of one cluster, and nothing else.
//
// Seen to fail: the cluster of a call read from the ARN of its service; the default cluster taken for none.
func TestOneClusterOnly(t *testing.T) {
	const prod = "arn:aws:ecs:us-east-1:123456789012:cluster/prod"
	g := newGuarded(t,
		`{"Effect":"Allow","Action":["ecs:UpdateService","ecs:DescribeServices"],"Resource":"*","Condition":{"ArnEquals":{"ecs:cluster":"`+prod+`"}}}`)
	g.may("UpdateService", m{"cluster": "prod", "service": "web", "desiredCount": 1})
	g.may("UpdateService", m{"cluster": prod, "service": "arn:aws:ecs:us-east-1:123456789012:service/prod/web",
		"desiredCount": 1})
	g.may("DescribeServices", m{"cluster": "prod", "services": []string{"web"}})
	require.Equal(t, "ecs:UpdateService on resource: arn:aws:ecs:us-east-1:123456789012:service/dev/web because no "+
		"identity-based policy allows the ecs:UpdateService action",
		g.mayNot("UpdateService", m{"cluster": "dev", "service": "web"}))
	g.mayNot("UpdateService", m{"cluster": "dev", "service": "arn:aws:ecs:us-east-1:123456789012:service/prod/web",
		"desiredCount": 1})
	g.mayNot("UpdateService", m{"service": "web"})
	g.mayNot("DeleteService", m{"cluster": "prod", "service": "web"})
	require.Contains(t, g.mayNot("ListClusters", m{}), "ecs:ListClusters on resource: * because")
	g.as = "OTHER"
	g.mayNot("UpdateService", m{"cluster": "prod", "service": "web"})
}

// TestCallersHaveNoTags decides as for a caller without tags.
//
// Seen to fail: an empty aws:PrincipalTag/stage in the context of each call.
func TestCallersHaveNoTags(t *testing.T) {
	const allow = `{"Effect":"Allow","Action":"ecs:`
	g := newGuarded(t, allow+`UpdateService","Resource":"arn:aws:ecs:*:*:service/${aws:PrincipalTag/stage}*/web"}`,
		allow+`ListClusters","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/stage":""}}}`,
		allow+`DescribeServices","Resource":"*","Condition":{"StringNotEquals":{"aws:PrincipalTag/stage":""}}}`)
	g.mayNot("UpdateService", m{"cluster": "prod", "service": "web"})
	g.mayNot("ListClusters", m{})
	g.may("DescribeServices", m{"cluster": "prod", "services": []string{"web"}})
}

// TestResourcesAsFound decides by what the plane will find, whatever an ARN says besides.
//
// Seen to fail: an ARN of the call taken as it is written.
func TestResourcesAsFound(t *testing.T) {
	g := newGuarded(t, `{"Effect":"Allow","Action":"ecs:*","Resource":"arn:aws:ecs:*:*:*/prod/*"}`,
		`{"Effect":"Allow","Action":"ecs:*","Resource":"arn:aws:ecs:us-west-2:*:*"}`)
	g.may("DescribeServices", m{"cluster": "prod", "services": []string{"web"}})
	for _, arn := range []string{"arn:aws:ecs:us-west-2:123456789012:service/prod/web",
		"arn:aws:ecs:us-east-1:123456789012:service/prod/web",
		"arn:aws:ecs:us-east-1:123456789012:service/web"} {
		require.Contains(t, g.mayNot("UpdateService", m{"cluster": "dev", "service": arn}),
			"on resource: arn:aws:ecs:us-east-1:123456789012:service/dev/web")
	}
	require.Contains(t, g.mayNot("DescribeServices", m{"cluster": "dev", "services": []string{"web"}}),
		"service/dev/web")
	require.Contains(t, g.mayNot("TagResource", m{"resourceArn": "arn:aws:ecs:us-west-2:123456789012:service/dev/web",
		"tags": []m{}}),
		"on resource: arn:aws:ecs:us-east-1:123456789012:service/dev/web")
	require.Contains(t, g.mayNot("StopServiceDeployment",
		m{"serviceDeploymentArn": "arn:aws:ecs:us-west-2:1:service-deployment/dev/web/x"}),
		"on resource: arn:aws:ecs:us-east-1:123456789012:service/dev/web")
	require.Contains(t, g.mayNot("StopTask", m{"cluster": "dev", "task": "0123456789abcdef0123456789abcdef"}),
		"task/dev/0123456789abcdef0123456789abcdef")
	require.Contains(t, g.mayNot("DeleteTaskDefinitions", m{"taskDefinitions": []string{"web:1"}}),
		"task-definition/web:1 because")
	require.Contains(t, g.mayNot("DescribeClusters", m{}), "cluster/default because")
	require.Contains(t, g.mayNot("DescribeCapacityProviders", m{}), "capacity-provider/* because")
	require.Contains(t, g.mayNot("ListTasks", m{"cluster": "prod"}), "on resource: * because")
}

// TestPassRole needs the right to give away the roles of the task definition, and of the call.
//
// Seen to fail: the roles of the task definition forgotten.
func TestPassRole(t *testing.T) {
	const run = `{"Effect":"Allow","Action":["ecs:RunTask","ecs:RegisterTaskDefinition"],"Resource":"*"}`
	pass := func(role, to string) string {
		return `{"Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::123456789012:role/` + role +
			`","Condition":{"StringEquals":{"iam:PassedToService":"` + to + `"}}}`
	}
	in := m{"cluster": "prod", "taskDefinition": "web"}
	require.Contains(t, newGuarded(t, run).mayNot("RunTask", in),
		"iam:PassRole on resource: arn:aws:iam::123456789012:role/web because")
	require.Contains(t, newGuarded(t, run, pass("web", "ecs.amazonaws.com")).mayNot("RunTask", in), "iam:PassRole")
	g := newGuarded(t, run, pass("web", "ecs-tasks.amazonaws.com"))
	status, out := g.do("RunTask", in)
	require.NotEqual(t, "AccessDeniedException", out["__type"], "%d %v", status, out)
	require.Contains(t, g.mayNot("RunTask", m{"cluster": "prod", "taskDefinition": "web",
		"overrides": m{"taskRoleArn": "admin"}}), "role/admin because")
	require.Contains(t, g.mayNot("RegisterTaskDefinition", m{"family": "x",
		"executionRoleArn": "arn:aws:iam::123456789012:role/admin"}), "role/admin because")
}

// TestConditionKeys fills the keys of the table from the call and from what is there.
//
// Seen to fail: the size of the task definition not in CPU units; the tags of a family's latest revision.
func TestConditionKeys(t *testing.T) {
	when := func(action, condition string) string {
		return `{"Effect":"Allow","Action":"` + action + `","Resource":"*","Condition":{` + condition + `}}`
	}
	const roles = `{"Effect":"Allow","Action":"iam:PassRole","Resource":"*"}`
	denied := func(g *guarded, action string, in m) bool {
		_, out := g.do(action, in)
		return out["__type"] == "AccessDeniedException"
	}
	run := m{"cluster": "prod", "taskDefinition": "web"}
	for condition, in := range map[string][2]m{
		`"NumericLessThanEquals":{"ecs:task-cpu":"1024"}`: {run, {"cluster": "prod", "taskDefinition": "web",
			"overrides": m{"cpu": "2 vCPU"}}},
		`"StringEquals":{"aws:ResourceTag/team":"blue"}`: {run, {"cluster": "prod", "taskDefinition": "none"}},
		`"ArnLike":{"ecs:cluster":"*"}`: {run, {"cluster": strings.Repeat("x", 5000),
			"taskDefinition": "web"}},
		`"StringEquals":{"ecs:enable-execute-command":"false"}`: {run,
			{"cluster": "prod", "taskDefinition": "web", "enableExecuteCommand": true}},
		`"ForAllValues:ArnEquals":{"ecs:capacity-provider":"arn:aws:ecs:*:*:capacity-provider/FARGATE"}`: {run,
			{"cluster": "prod", "taskDefinition": "web",
				"capacityProviderStrategy": []m{{"capacityProvider": "FARGATE"},
					{"capacityProvider": "FARGATE_SPOT"}}}},
		`"StringEquals":{"aws:username":"AKID","aws:RequestedRegion":"us-east-1"},"IpAddress":{"aws:SourceIp":"127.0.0.0/8"},"Null":{"ecs:service":"true"}`: {run, nil},
	} {
		g := newGuarded(t, when("ecs:RunTask", condition), roles)
		require.False(t, denied(g, "RunTask", in[0]), condition)
		require.True(t, in[1] == nil || denied(g, "RunTask", in[1]), condition)
	}
	small := newGuarded(t, when("ecs:RunTask", `"NumericLessThanEquals":{"ecs:task-cpu":"512"}`), roles)
	require.False(t, denied(small, "RunTask", m{"cluster": "prod", "taskDefinition": "web",
		"overrides": m{"cpu": ".5 vCPU"}}))
	require.True(t, denied(small, "RunTask", run))
	g := newGuarded(t, when("ecs:CreateService",
		`"ArnEquals":{"ecs:task-definition":"arn:aws:ecs:*:*:task-definition/web:1"},"Bool":{"ecs:auto-assign-public-ip":"false"}`), roles,
		when("ecs:TagResource",
			`"StringEquals":{"ecs:CreateAction":"CreateService"},"ForAllValues:StringEquals":{"aws:TagKeys":"a"}`))
	service := func(definition string, more m) m {
		in := m{"cluster": "prod", "serviceName": "api", "taskDefinition": definition}
		for k, v := range more {
			in[k] = v
		}
		return in
	}
	require.False(t, denied(g, "CreateService", service("web:1", m{"tags": []m{{"key": "a", "value": ""}}})))
	require.True(t, denied(g, "CreateService", service("web:1", m{"tags": []m{{"key": "b", "value": ""}}})))
	require.True(t, denied(g, "CreateService", service("web", nil)))
	require.True(t, denied(g, "CreateService", service("web:1",
		m{"networkConfiguration": m{"awsvpcConfiguration": m{"subnets": []string{"subnet-a"},
			"assignPublicIp": "ENABLED"}}})))
	require.True(t, denied(g, "TagResource", m{"resourceArn": "arn:aws:ecs:us-east-1:123456789012:service/prod/web",
		"tags": []m{{"key": "a"}}}))
	scaling := newGuarded(t, when("application-autoscaling:*",
		`"StringEquals":{"application-autoscaling:service-namespace":"ecs"}`))
	for _, action := range []string{"DescribeScalableTargets", "DeregisterScalableTarget"} {
		require.False(t, denied(scaling, "AnyScaleFrontendService."+action, m{"ServiceNamespace": "ecs",
			"ResourceId": "service/prod/web"}), action)
	}
	require.True(t, denied(scaling, "AnyScaleFrontendService.DeregisterScalableTarget", m{"ServiceNamespace": "ec2"}))
}
