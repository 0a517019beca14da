package front_test

import (
	"encoding/json"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/examples/localecs/front"
)

// raised has a row for each exception: calls that are carried out, and a last one that is refused by it.
// A call is an action and its input; one that begins with "as:" is of Application Auto Scaling.
func raised() map[string][]string {
	const providers = `PutClusterCapacityProviders {"cluster":"default","defaultCapacityProviderStrategy":[],` +
		`"capacityProviders":`
	const fargate = `RegisterTaskDefinition {"family":"f","networkMode":"awsvpc","requiresCompatibilities":["FARGATE"],` +
		`"cpu":"256","memory":"512","volumes":[{"name":"v","efsVolumeConfiguration":{"fileSystemId":"fs-1"}}],` +
		`"containerDefinitions":[{"name":"c","image":"c"}]}`
	const onFargate = `RunTask {"taskDefinition":"f","launchType":"FARGATE",` +
		`"networkConfiguration":{"awsvpcConfiguration":{"subnets":["subnet-1"]}},"platformVersion":`
	const service = `CreateService {"serviceName":"s","taskDefinition":"web","desiredCount":0}`
	return map[string][]string{
		"AttributeLimitExceededException": {`PutAttributes {"attributes":[` + attributes(10) + `]}`,
			`PutAttributes {"attributes":[{"name":"more","targetId":"INSTANCE"}]}`},
		"ClientException": {`DescribeTaskDefinition {"taskDefinition":"none"}`},
		"ClusterContainsContainerInstancesException": {`DeleteCluster {"cluster":"default"}`},
		"ClusterContainsServicesException": {`CreateCluster {"clusterName":"c"}`,
			strings.Replace(service, "{", `{"cluster":"c",`, 1), `DeleteCluster {"cluster":"c"}`},
		"ClusterContainsTasksException": {fargate, `CreateCluster {"clusterName":"c"}`,
			strings.Replace(onFargate, "{", `{"cluster":"c",`, 1) + `"LATEST"}`, `DeleteCluster {"cluster":"c"}`},
		"ClusterNotFoundException": {`ListTasks {"cluster":"none"}`},
		"ConflictException": {`RunTask {"taskDefinition":"web","clientToken":"t"}`,
			`RunTask {"taskDefinition":"web","clientToken":"t","count":2}`},
		"InvalidParameterException": {`RunTask {"taskDefinition":"web","count":11}`},
		"LimitExceededException": {
			`CreateService {"serviceName":"s","taskDefinition":"web","desiredCount":5001}`},
		"NamespaceNotFoundException": {strings.Replace(service, "{",
			`{"serviceConnectConfiguration":{"enabled":true},`, 1)},
		"PlatformTaskDefinitionIncompatibilityException": {fargate, onFargate + `"1.3.0"}`},
		"PlatformUnknownException":                       {fargate, onFargate + `"9.9.9"}`},
		"ResourceInUseException": {fargate, providers + `["FARGATE"]}`,
			strings.Replace(onFargate, `"launchType":"FARGATE"`,
				`"capacityProviderStrategy":[{"capacityProvider":"FARGATE","weight":1}]`, 1) + `"LATEST"}`,
			providers + `[]}`},
		"ResourceNotFoundException": {`TagResource {"tags":[{"key":"k"}],"resourceArn":` +
			`"arn:aws:ecs:us-east-1:123456789012:service/default/none"}`},
		"ServiceDeploymentNotFoundException": {`StopServiceDeployment {"serviceDeploymentArn":` +
			`"arn:aws:ecs:us-east-1:123456789012:service-deployment/default/s/1"}`},
		"ServiceNotActiveException": {service, `DeleteService {"service":"s"}`,
			`UpdateService {"service":"s","desiredCount":1}`},
		"ServiceNotFoundException": {`UpdateService {"service":"none","desiredCount":1}`},
		"TargetNotFoundException":  {`PutAttributes {"attributes":[{"name":"a","targetId":"none"}]}`},
		"TaskSetNotFoundException": {
			`CreateService {"serviceName":"e","desiredCount":0,"deploymentController":{"type":"EXTERNAL"}}`,
			`DeleteTaskSet {"cluster":"default","service":"e","taskSet":"none"}`},
		"UnsupportedFeatureException": {
			`CreateService {"serviceName":"v","taskDefinition":"web","vpcLatticeConfigurations":[{}]}`},
		"SerializationException": {`RunTask {"count":"one"}`},
		"ValidationException":    {`as:PutScalingPolicy {}`},
		"ObjectNotFoundException": {service, `as:DeleteScalingPolicy {"PolicyName":"none","ServiceNamespace":"ecs",` +
			`"ResourceId":"service/default/s","ScalableDimension":"ecs:service:DesiredCount"}`},
		"InvalidNextTokenException": {`as:DescribeScalableTargets {"ServiceNamespace":"ecs","NextToken":"none"}`},
	}
}

// attributes returns n attributes of the first instance, which its caller names INSTANCE.
func attributes(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = `{"name":"a` + string(rune('a'+i)) + `","targetId":"INSTANCE"}`
	}
	return strings.Join(list, ",")
}

// TestEveryCodeIsRaised sees every exception that package ecs names as the answer of a call.
//
// Seen to fail: an exception that nothing raises; a row whose call is carried out.
func TestEveryCodeIsRaised(t *testing.T) {
	source, err := os.ReadFile("../../../ecs/errors.go")
	require.NoError(t, err)
	named := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^\t(\w+Exception)\s+Code = "(\w+)"`).FindAllSubmatch(source, -1) {
		require.Equal(t, string(m[1]), string(m[2]))
		named[string(m[1])] = true
	}
	require.Greater(t, len(named), 20)
	for code, calls := range raised() {
		require.True(t, named[code], "%s has a row and no name", code)
		delete(named, code)
		t.Run(code, func(t *testing.T) {
			c := newClient(t, front.Config{Manual: true, Instances: 1})
			c.call("RegisterTaskDefinition", web(0))
			instance := c.call("ListContainerInstances", m{})["containerInstanceArns"].([]any)[0].(string)
			for i, call := range calls {
				action, body, _ := strings.Cut(strings.ReplaceAll(call, "INSTANCE", instance), " ")
				target := "AmazonEC2ContainerServiceV20141113." + action
				if scaling, ok := strings.CutPrefix(action, "as:"); ok {
					target = "AnyScaleFrontendService." + scaling
				}
				status, out := c.raw(target, body)
				if i < len(calls)-1 {
					require.Equal(t, http.StatusOK, status, "%s: %v", call, out)
					continue
				}
				require.Equal(t, code, out["__type"], "%v", out)
			}
		})
	}

	denied := newClient(t, front.Config{Manual: true, Authorizer: readOnly{new([]front.Call)}})
	denied.fails("CreateCluster", "AccessDeniedException", m{"clusterName": "c"})
	delete(named, "AccessDeniedException")

	dir := t.TempDir()
	lost := newClient(t, front.Config{Manual: true, Journal: dir})
	require.NoError(t, os.RemoveAll(dir))
	_, body := lost.local(http.MethodPost, "behaviour", `{"image":"web:1"}`)
	var out map[string]any
	require.NoError(t, json.Unmarshal([]byte(body), &out))
	require.Equal(t, "ServerException", out["__type"])
	delete(named, "ServerException")

	require.Empty(t, named, "nothing raises them")
}
