package api_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
)

// written is a request as a client writes it, and the fields at fault.
type written struct{ members, fields string }

// with returns a document's members with more of them; a later member counts.
func with(base, members string) string { return "{" + strings.Trim(base+","+members, ",") + "}" }

const (
	serviceMembers = `"serviceName":"web","taskDefinition":"web","desiredCount":1`
	targetMembers  = `"containerName":"web","containerPort":80,"targetGroupArn":"` + targetA + `"`
)

// requests are requests with one broken rule each, by input: the members that break it are added to members that
// break none. Source: Amazon ECS API Reference, the actions by name.
func requests() map[string]struct {
	base string
	rows []written
} {
	hook := func(members string) string {
		return `"deploymentConfiguration":{"strategy":"BLUE_GREEN","bakeTimeInMinutes":1,"lifecycleHooks":[{` +
			members + `}]}`
	}
	strategy := func(items string) string { return `"capacityProviderStrategy":[` + items + `]` }
	provider := func(members string) string {
		return `"autoScalingGroupProvider":{"autoScalingGroupArn":"arn:group",` + members + `}`
	}
	override := func(members string) string {
		return `"overrides":{"containerOverrides":[{"name":"web",` + members + `}]}`
	}
	pause := strings.TrimSuffix(strings.Repeat(`{"targetType":"PAUSE","lifecycleStages":["PRE_SCALE_UP"]},`, 11), ",")
	providers := strings.TrimSuffix(strings.Repeat(`{"capacityProvider":"a","weight":1},`, 21), ",")
	return map[string]struct {
		base string
		rows []written
	}{
		"CreateServiceInput": {serviceMembers, []written{
			{`"placementStrategy":[{"type":"random"}]`, ""},
			{`"placementStrategy":[{"type":"random","field":"host"}]`, "placementStrategy[0].field"},
			{strategy(`{"capacityProvider":"a b","weight":1}`), "capacityProviderStrategy[0].capacityProvider"},
			{strategy(`{"capacityProvider":"a","weight":1},{"capacityProvider":"a","weight":1}`),
				"capacityProviderStrategy[1].capacityProvider"},
			{`"deploymentController":{"type":""}`, "deploymentController.type"},
			{`"healthCheckGracePeriodSeconds":-1`, "healthCheckGracePeriodSeconds"},
			{`"serviceRegistries":[{"registryArn":""}]`, "serviceRegistries[0].registryArn"},
			{`"deploymentConfiguration":{"strategy":"LINEAR","linearConfiguration":{"stepBakeTimeInMinutes":1441}}`,
				"deploymentConfiguration.linearConfiguration.stepBakeTimeInMinutes"},
			{`"deploymentConfiguration":{"strategy":"CANARY","canaryConfiguration":{"canaryBakeTimeInMinutes":1441}}`,
				"deploymentConfiguration.canaryConfiguration.canaryBakeTimeInMinutes"},
			{`"deploymentConfiguration":{"canaryConfiguration":{}}`, "deploymentConfiguration.canaryConfiguration"},
			{
				`"deploymentConfiguration":{"deploymentCircuitBreaker":{"thresholdConfiguration":{"type":"COUNT","value":0}}}`,
				"deploymentConfiguration.deploymentCircuitBreaker.thresholdConfiguration.value"},
			{hook(`"roleArn":"hook","lifecycleStages":["PRE_SCALE_UP"]`),
				"deploymentConfiguration.lifecycleHooks[0].hookTargetArn"},
			{hook(`"hookTargetArn":"arn:f","lifecycleStages":["PRE_SCALE_UP"]`),
				"deploymentConfiguration.lifecycleHooks[0].roleArn"},
			{hook(`"targetType":"QUEUE","lifecycleStages":["PRE_SCALE_UP"]`),
				"deploymentConfiguration.lifecycleHooks[0].targetType"},
			{hook(`"targetType":"PAUSE","lifecycleStages":["PRE_SCALE_UP"],"timeoutConfiguration":{"action":"WAIT"}`),
				"deploymentConfiguration.lifecycleHooks[0].timeoutConfiguration.action"},
			{`"deploymentConfiguration":{"strategy":"BLUE_GREEN","bakeTimeInMinutes":1,"lifecycleHooks":[` + pause +
				`]}`,
				"deploymentConfiguration.lifecycleHooks"},
			{`"deploymentController":{"type":"CODE_DEPLOY"},"loadBalancers":[{` + targetMembers + `}],` +
				`"deploymentConfiguration":{"alarms":{"alarmNames":["a"],"enable":true}}`,
				"deploymentConfiguration.alarms"},
			{`"deploymentController":{"type":"CODE_DEPLOY"},"loadBalancers":[{` + targetMembers + `}],` +
				`"deploymentConfiguration":{"strategy":"LINEAR"}`, "deploymentConfiguration.strategy loadBalancers"},
			{`"deploymentController":{"type":"CODE_DEPLOY"},"loadBalancers":[{` + targetMembers + `}],` +
				`"deploymentConfiguration":{"deploymentCircuitBreaker":{"enable":true}}`,
				"deploymentConfiguration.deploymentCircuitBreaker"},
			{`"deploymentController":{"type":"CODE_DEPLOY"},"loadBalancers":[{` + targetMembers +
				`,"advancedConfiguration":{"alternateTargetGroupArn":"b","productionListenerRule":"r","roleArn":"lb"}}]`, "loadBalancers"},
			{`"loadBalancers":[{` + targetMembers +
				`,"advancedConfiguration":{"productionListenerRule":"r","roleArn":"lb"}}]`,
				"loadBalancers[0].advancedConfiguration.alternateTargetGroupArn"},
			{`"loadBalancers":[{` + targetMembers +
				`,"advancedConfiguration":{"alternateTargetGroupArn":"b","roleArn":"lb"}}]`,
				"loadBalancers[0].advancedConfiguration.productionListenerRule"},
			{`"loadBalancers":[{` + targetMembers +
				`,"advancedConfiguration":{"alternateTargetGroupArn":"b","productionListenerRule":"r"}}]`,
				"loadBalancers[0].advancedConfiguration.roleArn"},
			{`"loadBalancers":[{` + targetMembers +
				`,"advancedConfiguration":{"alternateTargetGroupArn":"b","productionListenerRule":"r","roleArn":"a role"}}]`,
				"loadBalancers[0].advancedConfiguration.roleArn"},
		}},
		"UpdateServiceInput": {`"service":"web"`, []written{
			{`"serviceConnectConfiguration":{"enabled":true,"services":[{}]}`,
				"serviceConnectConfiguration.services[0].portName"},
			{`"deploymentConfiguration":{"minimumHealthyPercent":-1}`, "deploymentConfiguration.minimumHealthyPercent"},
			{`"healthCheckGracePeriodSeconds":-1`, "healthCheckGracePeriodSeconds"},
			{`"loadBalancers":[],"healthCheckGracePeriodSeconds":1`, "healthCheckGracePeriodSeconds"},
		}},
		"CreateTaskSetInput": {`"service":"web","cluster":"default","taskDefinition":"web"`, []written{
			{`"loadBalancers":[{"loadBalancerName":"lb","containerName":"web","containerPort":80}]`, "loadBalancers"},
		}},
		"UpdateTaskSetInput": {`"service":"web","taskSet":"1","scale":{"value":1}`,
			[]written{{``, "cluster"}, {`"cluster":"a"`, ""}}},
		"RunTaskInput": {`"taskDefinition":"web"`, []written{
			{`"taskDefinition":"a b"`, "taskDefinition"},
			{strategy(providers), "capacityProviderStrategy " + repeated(1, 21,
				"capacityProviderStrategy[%d].capacityProvider")},
			{override(`"cpu":-1`), "overrides.containerOverrides[0].cpu"},
			{override(`"memory":0`), "overrides.containerOverrides[0].memory"},
			{override(`"memoryReservation":0`), "overrides.containerOverrides[0].memoryReservation"},
			{`"volumeConfigurations":[{"managedEBSVolume":{"sizeInGiB":1,"roleArn":"ebs"}}]`,
				"volumeConfigurations[0].name"},
			{`"volumeConfigurations":[` + namedVolume("a") + `,` + namedVolume("b") + `]`, "volumeConfigurations"},
			{`"volumeConfigurations":[{"name":"a","managedEBSVolume":{"sizeInGiB":1,"roleArn":"ebs",` +
				`"tagSpecifications":[{"resourceType":"volume","tags":[{"key":"aws:a"}]}]}}]`,
				"volumeConfigurations[0].managedEBSVolume.tagSpecifications[0].tags[0].key"},
		}},
		"CreateCapacityProviderInput": {`"name":"spot",` + provider(`"managedDraining":"ENABLED"`), []written{
			{`"name":"a b"`, "name"},
			{`"autoScalingGroupProvider":{"autoScalingGroupArn":""}`, "autoScalingGroupProvider.autoScalingGroupArn"},
			{provider(`"managedTerminationProtection":"ON"`), "autoScalingGroupProvider.managedTerminationProtection"},
			{provider(`"managedScaling":{"status":"ON"}`), "autoScalingGroupProvider.managedScaling.status"},
			{provider(`"managedScaling":{"maximumScalingStepSize":10001}`),
				"autoScalingGroupProvider.managedScaling.maximumScalingStepSize"},
			{provider(`"managedScaling":{"maximumScalingStepSize":0}`),
				"autoScalingGroupProvider.managedScaling.maximumScalingStepSize"},
			{provider(`"managedScaling":{"minimumScalingStepSize":3,"maximumScalingStepSize":2}`),
				"autoScalingGroupProvider.managedScaling.minimumScalingStepSize"},
		}},
		"UpdateCapacityProviderInput": {`"name":"spot","autoScalingGroupProvider":{"managedDraining":"ENABLED"}`,
			[]written{
				{`"name":"a b"`, "name"}, {`"name":"FARGATE"`, "name"},
			}},
		"CreateClusterInput": {`"clusterName":"prod"`, []written{
			{`"settings":[{"name":"insights","value":"enabled"}]`, "settings[0].name"},
			{`"settings":[{"name":"containerInsights","value":"on"}]`, "settings[0].value"},
			{`"capacityProviders":["a","a"]`, "capacityProviders[1]"},
			{`"capacityProviders":["a"],"defaultCapacityProviderStrategy":[{"capacityProvider":"a","weight":1001}]`,
				"defaultCapacityProviderStrategy[0].weight"},
			{`"configuration":{"executeCommandConfiguration":{"logging":"ALL"}}`,
				"configuration.executeCommandConfiguration.logging"},
		}},
		"UpdateClusterSettingsInput": {`"cluster":"prod"`, []written{{``, "settings"}}},
		"PutClusterCapacityProvidersInput": {`"cluster":"prod","defaultCapacityProviderStrategy":[]`,
			[]written{{``, "capacityProviders"}, {`"capacityProviders":[]`, ""}}},
		"RegisterContainerInstanceInput": {``, []written{
			{`"totalResources":[{"name":"CPU","type":"INTEGER"},{"name":"CPU","type":"INTEGER"}]`,
				"totalResources[1].name"},
			{`"totalResources":[{"type":"INTEGER"}]`, "totalResources[0].name"},
		}},
		"PutAttributesInput": {``, []written{
			{`"attributes":[` + attributes(10) + `]`, ""}, {`"attributes":[` + attributes(11) + `]`, "attributes"},
		}},
		"DescribeServiceRevisionsInput": {``, []written{{`"serviceRevisionArns":[` + arns("service-revision", 21) + `]`,
			"serviceRevisionArns"}}},
		"ContinueServiceDeploymentInput": {`"serviceDeploymentArn":` + arns("service-deployment",
			1) + `,"action":"CONTINUE"`,
			[]written{{``, "hookId"}, {`"hookId":"a"`, ""}}},
		"TagResourceInput":   {`"resourceArn":` + arns("cluster", 1), []written{{``, "tags"}}},
		"UntagResourceInput": {`"resourceArn":` + arns("cluster", 1), []written{{``, "tagKeys"}}},
		"UpdateTaskProtectionInput": {`"cluster":"prod","tasks":["a"]`,
			[]written{{`"protectionEnabled":false,"expiresInMinutes":5`, "expiresInMinutes"}}},
		"DeleteTaskDefinitionsInput": {``, []written{{``, "taskDefinitions"}}},
		"DescribeTasksInput": {``,
			[]written{{`"tasks":["arn:aws:ecs:us-east-1:123456789012:cluster/a"]`, "tasks[0]"}}},
		"DescribeTaskDefinitionInput": {``, []written{{`"taskDefinition":"a b:1"`, "taskDefinition"}}},
	}
}

func namedVolume(name string) string {
	return `{"name":"` + name + `","managedEBSVolume":{"sizeInGiB":1,"roleArn":"ebs"}}`
}

func repeated(first, n int, format string) string {
	var list []string
	for i := first; i < n; i++ {
		list = append(list, fmt.Sprintf(format, i))
	}
	return strings.Join(list, " ")
}

func attributes(n int) string {
	return strings.ReplaceAll(repeated(0, n, `{"name":"a%d","targetId":"`+instanceRef+`"}`), " ", ",")
}

// arns returns n ARNs of a kind, quoted.
func arns(kind string, n int) string {
	path := map[string]string{"cluster": "c%d", "service-revision": "c/web/%d", "service-deployment": "c/web/%d"}[kind]
	return strings.ReplaceAll(repeated(0, n, `"arn:aws:ecs:us-east-1:123456789012:`+kind+`/`+path+`"`), " ", ",")
}

// TestDocuments: each request breaks one rule, and has that fault alone.
//
// Seen to fail: each check left out in turn.
func TestDocuments(t *testing.T) {
	all := inputs()
	for name, group := range requests() { //order:any each alone
		for _, row := range group.rows {
			var got []string
			for e := range ecs.Errors(all[name].validate(with(group.base, row.members))) {
				got = append(got, e.Field)
			}
			require.ElementsMatch(t, strings.Fields(row.fields), got, "%s %s", name, row.members)
		}
	}
}

// TestServiceThatResults: the rules of a service with its task definition, whatever a value came from. Source: Amazon
// ECS API Reference, CreateService and UpdateService.
//
// Seen to fail: each check left out in turn.
func TestServiceThatResults(t *testing.T) {
	const classic = `{"loadBalancerName":"lb","containerName":"web","containerPort":83}`
	d := ecs.TaskDefinition{Family: "web", NetworkMode: "bridge",
		Compatibilities: []ecs.Compatibility{"EC2", "EXTERNAL"},
		ContainerDefinitions: []ecs.ContainerDefinition{{Name: "web", Image: "web", Memory: 4,
			PortMappings: []ecs.PortMapping{
				{ContainerPort: 80}, {ContainerPort: 81}, {ContainerPort: 81},
				{ContainerPort: 83, HostPort: ecs.Some(83)}}}}}
	for _, row := range []written{
		{``, ""},
		{`"capacityProviderStrategy":[{"capacityProvider":"a","weight":0}]`, "capacityProviderStrategy"},
		{`"launchType":"FARGATE","placementStrategy":[{"type":"random"}]`, "launchType placementStrategy"},
		{`"schedulingStrategy":"DAEMON","capacityProviderStrategy":[{"capacityProvider":"a","weight":1}]`,
			"capacityProviderStrategy"},
		{`"schedulingStrategy":"DAEMON","deploymentController":{"type":"EXTERNAL"}`, "schedulingStrategy"},
		{`"schedulingStrategy":"DAEMON","deploymentConfiguration":{"maximumPercent":50}`,
			"deploymentConfiguration.maximumPercent"},
		{`"serviceRegistries":[{"registryArn":"r"}]`, "serviceRegistries[0].containerName"},
		{`"serviceRegistries":[{"registryArn":"r","containerName":"db","containerPort":80}]`,
			"serviceRegistries[0].containerName"},
		{`"serviceRegistries":[{"registryArn":"r","containerName":"web","containerPort":82}]`,
			"serviceRegistries[0].containerPort"},
		{`"loadBalancers":[{"targetGroupArn":"` + targetA + `","containerName":"web","containerPort":81}]`,
			"loadBalancers[0].containerPort"},
		{`"loadBalancers":[{` + targetMembers + `,"loadBalancerName":"lb"}]`,
			"loadBalancers[0].containerPort loadBalancers[0].loadBalancerName"},
		{`"loadBalancers":[` + classic +
			`],"serviceRegistries":[{"registryArn":"r","containerName":"web","containerPort":80}]`,
			"serviceRegistries"},
		{`"loadBalancers":[` + classic + `],"deploymentConfiguration":{"strategy":"BLUE_GREEN","bakeTimeInMinutes":1}`,
			"loadBalancers[0].loadBalancerName"},
		{`"availabilityZoneRebalancing":"SOMETIMES"`, "availabilityZoneRebalancing"},
		{`"deploymentConfiguration":{"alarms":{"enable":true}}`, "deploymentConfiguration.alarms.alarmNames"},
	} {
		var s ecs.Service
		require.NoError(t, json.Unmarshal([]byte(with("", row.members)), &s))
		var got []string
		for e := range ecs.Errors(api.ValidateService(s, d)) {
			got = append(got, e.Field)
		}
		require.ElementsMatch(t, strings.Fields(row.fields), got, row.members)
	}
}

// TestUpdatesOfServices: what UpdateService asks of the service as it is. Source: Amazon ECS API Reference,
// UpdateService.
//
// Seen to fail: each check left out in turn.
func TestUpdatesOfServices(t *testing.T) {
	for _, row := range []struct{ service, update, fields string }{
		{``, `"desiredCount":3`, ""},
		{`"schedulingStrategy":"DAEMON"`, `"availabilityZoneRebalancing":"ENABLED"`, "availabilityZoneRebalancing"},
		{``, `"capacityProviderStrategy":[{"capacityProvider":"a","weight":1}]`, "capacityProviderStrategy"},
		{``, `"forceNewDeployment":true,"capacityProviderStrategy":[{"capacityProvider":"a","weight":1}]`, ""},
		{``, `"healthCheckGracePeriodSeconds":9`, "healthCheckGracePeriodSeconds"},
		{`"loadBalancers":[{` + targetMembers + `}]`, `"healthCheckGracePeriodSeconds":9`, ""},
	} {
		var s ecs.Service
		var in api.UpdateServiceInput
		require.NoError(t, json.Unmarshal([]byte(with("", row.service)), &s))
		require.NoError(t, json.Unmarshal([]byte(with(`"service":"web"`, row.update)), &in))
		var got []string
		for e := range ecs.Errors(in.ValidateFor(s)) {
			got = append(got, e.Field)
		}
		require.ElementsMatch(t, strings.Fields(row.fields), got, "%s: %s", row.service, row.update)
	}
}

// TestStartTaskForDefinition: StartTask has the rules of the network mode and of overrides. Source: Amazon ECS API
// Reference, StartTask.
//
// Seen to fail: either check left out.
func TestStartTaskForDefinition(t *testing.T) {
	d := ecs.TaskDefinition{Family: "web", NetworkMode: "awsvpc",
		ContainerDefinitions: []ecs.ContainerDefinition{{Name: "web"}}}
	fields := func(members string) (list []string) {
		var in api.StartTaskInput
		require.NoError(t, json.Unmarshal([]byte(with(`"taskDefinition":"web"`, members)), &in))
		for e := range ecs.Errors(in.ValidateFor(d)) {
			list = append(list, e.Field)
		}
		return list
	}
	const network = `"networkConfiguration":{"awsvpcConfiguration":{"subnets":["subnet-1"]}}`
	require.Empty(t, fields(network))
	require.Equal(t, []string{"networkConfiguration"}, fields(``))
	require.Equal(t, []string{"overrides.containerOverrides[0].name"},
		fields(network+`,"overrides":{"containerOverrides":[{"name":"db"}]}`))
}

// TestRunTaskOnFargate: an override asks for nothing that Fargate does not have. Source: Amazon ECS API Reference,
// ContainerOverride.
//
// Seen to fail: devices of an override that are not looked at.
func TestRunTaskOnFargate(t *testing.T) {
	d := ecs.TaskDefinition{Family: "web", NetworkMode: "awsvpc", CPU: "256", Memory: "512",
		Compatibilities:      []ecs.Compatibility{"EC2", "FARGATE"},
		ContainerDefinitions: []ecs.ContainerDefinition{{Name: "web"}}}
	in := api.RunTaskInput{TaskDefinition: "web", LaunchType: "FARGATE",
		NetworkConfiguration: &ecs.NetworkConfiguration{
			AwsvpcConfiguration: &ecs.AwsvpcConfiguration{Subnets: []string{"subnet-1"}}}}
	require.NoError(t, in.ValidateFor(d))
	in.Overrides = &ecs.TaskOverride{ContainerOverrides: []ecs.ContainerOverride{{Name: "web",
		ResourceRequirements: []ecs.ResourceRequirement{{Type: "GPU", Value: "1"}}}}}
	require.Equal(t, []string{"InvalidParameterException overrides.containerOverrides[0].resourceRequirements[0]"},
		refused(in.ValidateFor(d)))
}
