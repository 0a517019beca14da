package api_test

import (
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
)

// The rules of requests about tasks, clusters and instances; those about services are in inputs_test.go.

func taskRefusals() []refusal {
	type rt = *api.RunTaskInput
	const ip = ecs.InvalidParameterException
	overridden := func(o ecs.TaskOverride) error { return runTask(func(in rt) { in.Overrides = &o }) }
	of := func(c ecs.ContainerOverride) error {
		return overridden(ecs.TaskOverride{ContainerOverrides: []ecs.ContainerOverride{c}})
	}
	start := func(in api.StartTaskInput) error { in.TaskDefinition = "web"; return in.Validate() }
	return []refusal{
		{"2.1 count", runTask(func(in rt) { in.Count = ecs.Some(11) }), ip, "count"},
		{"2.1 count", runTask(func(in rt) { in.Count = ecs.Some(0) }), ip, "count"},
		{"2.1 clientToken", runTask(func(in rt) { in.ClientToken = strings.Repeat("x", 65) }), ip, "clientToken"},
		{"tasks 4.10 clientToken", runTask(func(in rt) { in.ClientToken = "a b" }), ip, "clientToken"},
		{"2.1 startedBy", runTask(func(in rt) { in.StartedBy = strings.Repeat("x", 129) }), ip, "startedBy"},
		{"tasks 5.2 startedBy", runTask(func(in rt) { in.StartedBy = "a.b" }), ip, "startedBy"},
		{"2.6 group", runTask(func(in rt) { in.Group = strings.Repeat("x", 256) }), ip, "group"},
		{"2.6 service: prefix", runTask(func(in rt) { in.Group = "service:web" }), ip, "group"},
		{"tasks 4.10 propagateTags", runTask(func(in rt) {
			in.PropagateTags = ecs.PropagateTagsService
		}), ip, "propagateTags"},
		{"tasks 1.4 overrides",
			overridden(ecs.TaskOverride{ContainerOverrides: []ecs.ContainerOverride{{Name: strings.Repeat("x",
				8192)}}}), ip, "overrides"},
		{"tasks 4.10 overrides", overridden(ecs.TaskOverride{CPU: "much"}), ip, "overrides.cpu"},
		{"tasks 4.10 overrides", overridden(ecs.TaskOverride{Memory: "much"}), ip, "overrides.memory"},
		{"tasks 4.10 overrides", overridden(ecs.TaskOverride{EphemeralStorage: &ecs.EphemeralStorage{SizeInGiB: 20}}),
			ip, "overrides.ephemeralStorage.sizeInGiB"},
		{"tasks 4.10 overrides", of(ecs.ContainerOverride{}), ip, "overrides.containerOverrides[0].name"},
		{"tasks 1.12 both set", of(ecs.ContainerOverride{Name: "web", Memory: ecs.Some(64),
			MemoryReservation: ecs.Some(65)}), ip, "overrides.containerOverrides[0].memory"},
		{"tasks 1.4 environmentFiles",
			of(ecs.ContainerOverride{Name: "web", EnvironmentFiles: make([]ecs.EnvironmentFile, 11)}), ip,
			"overrides.containerOverrides[0].environmentFiles"},
		{"2.1 StartTask", start(api.StartTaskInput{}), ip, "containerInstances"},
		{"2.1 StartTask",
			start(api.StartTaskInput{ContainerInstances: strings.Split(strings.Repeat("i,", 10)+"i", ",")}),
			ip, "containerInstances"},
		{"tasks 5.2 startedBy", start(api.StartTaskInput{ContainerInstances: []string{instanceRef},
			StartedBy: strings.Repeat("x", 37)}), ip, "startedBy"},
		{"tasks 4.10 StopTask", api.StopTaskInput{}.Validate(), ip, "task"},
		{"tasks 5.2 ListTasks", api.ListTasksInput{StartedBy: "x", Family: "web"}.Validate(), ip, "startedBy"},
		{"tasks 5.2 page", api.ListTasksInput{MaxResults: ecs.Some(101)}.Validate(), ip, "maxResults"},
		{"tasks 5.2 DescribeTasks", api.DescribeTasksInput{Tasks: make([]string, 0)}.Validate(), ip, "tasks"},
		{"4.7 protection", api.UpdateTaskProtectionInput{Cluster: "c", Tasks: []string{instanceRef},
			ProtectionEnabled: true, ExpiresInMinutes: ecs.Some(2881)}.Validate(), ip, "expiresInMinutes"},
		{"4.7 protection", api.UpdateTaskProtectionInput{Cluster: "c", ProtectionEnabled: true}.Validate(), ip,
			"tasks"},
		{"tasks 1.3 Deregister", api.DeregisterTaskDefinitionInput{TaskDefinition: "web"}.Validate(),
			ecs.ClientException, "taskDefinition"},
		{"tasks 1.3 Delete",
			api.DeleteTaskDefinitionsInput{TaskDefinitions: strings.Split(strings.Repeat("a:1,", 10)+"a:1",
				",")}.Validate(), ip, "taskDefinitions"},
	}
}

func clusterRefusals() []refusal {
	const ip = ecs.InvalidParameterException
	register := func(resources []ecs.Resource, attributes []ecs.Attribute) error {
		return api.RegisterContainerInstanceInput{TotalResources: resources, Attributes: attributes}.Validate()
	}
	put := func(a ecs.Attribute) error {
		return api.PutAttributesInput{Attributes: []ecs.Attribute{a}}.Validate()
	}
	provider := func(name string, p ecs.AutoScalingGroupProvider) error {
		p.AutoScalingGroupArn = "arn"
		return api.CreateCapacityProviderInput{Name: name, AutoScalingGroupProvider: &p}.Validate()
	}
	scaling := func(m ecs.ManagedScaling) error {
		return provider("p", ecs.AutoScalingGroupProvider{ManagedScaling: &m})
	}
	eleven := make([]ecs.Attribute, 11)
	for i := range eleven {
		eleven[i] = ecs.Attribute{Name: "a" + strings.Repeat("x", i)}
	}
	const managed = "autoScalingGroupProvider.managedScaling."
	return []refusal{
		{"1.1 name", api.CreateClusterInput{ClusterName: "a b"}.Validate(), ip, "clusterName"},
		{"1.1 name", api.CreateClusterInput{ClusterName: strings.Repeat("a", 256)}.Validate(), ip, "clusterName"},
		{"8.2 associated",
			api.CreateClusterInput{DefaultCapacityProviderStrategy: []ecs.CapacityProviderStrategyItem{
				{CapacityProvider: "a", Weight: 1}}}.Validate(), ip,
			"defaultCapacityProviderStrategy[0].capacityProvider"},
		{"9 providers per cluster",
			api.CreateClusterInput{CapacityProviders: strings.Split("a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u",
				",")}.Validate(), ip, "capacityProviders"},
		{"scaling 6.3", api.PutClusterCapacityProvidersInput{Cluster: "c", CapacityProviders: []string{}}.Validate(),
			ip, "defaultCapacityProviderStrategy"},
		{"1.3 type", register([]ecs.Resource{{Name: "CPU", Type: "FLOAT"}}, nil), ip, "totalResources[0].type"},
		{"1.3 negative", register([]ecs.Resource{{Name: "MEMORY", Type: "INTEGER", IntegerValue: -1}}, nil),
			ip, "totalResources[0]"},
		{"1.3 PORTS",
			register([]ecs.Resource{{Name: "PORTS", Type: "STRINGSET", StringSetValue: []string{"22", "http"}}}, nil),
			ip, "totalResources[0].stringSetValue[1]"},
		{"1.3 at most 100",
			register([]ecs.Resource{{Name: "PORTS", Type: "STRINGSET",
				StringSetValue: strings.Split(strings.Repeat("22,", 100)+"22", ",")}}, nil), ip,
			"totalResources[0].stringSetValue"},
		{"1.4 name", register(nil, []ecs.Attribute{{Name: "a b"}}), ip, "attributes[0].name"},
		{"1.4 count", register(nil, eleven), ecs.AttributeLimitExceededException, "attributes"},
		{"1.4 value", put(ecs.Attribute{Name: "a", Value: " x", TargetID: instanceRef}), ip, "attributes[0].value"},
		{"1.4 name", put(ecs.Attribute{Name: strings.Repeat("a", 129), TargetID: instanceRef}),
			ip, "attributes[0].name"},
		{"1.4 built in", put(ecs.Attribute{Name: "ecs.ami-id", TargetID: instanceRef}), ip, "attributes[0].name"},
		{"1.4 target", put(ecs.Attribute{Name: "a"}), ip, "attributes[0].targetId"},
		{"1.4 targetType", put(ecs.Attribute{Name: "a", TargetID: instanceRef, TargetType: "task"}), ip,
			"attributes[0].targetType"},
		{"1.4 ListAttributes", api.ListAttributesInput{}.Validate(), ip, "targetType"},
		{"1.2 status", api.UpdateContainerInstancesStateInput{ContainerInstances: []string{instanceRef},
			Status: "INACTIVE"}.Validate(), ip, "status"},
		{"1.2 filter", api.ListContainerInstancesInput{Status: "INACTIVE"}.Validate(), ip, "status"},
		{"3.1 filter", api.ListContainerInstancesInput{Filter: "attribute:a =="}.Validate(), ip, "filter"},
		{"1.6 deregister", api.DeregisterContainerInstanceInput{}.Validate(), ip, "containerInstance"},
		{"scaling 6.1 name", provider("FargateLike", ecs.AutoScalingGroupProvider{}), ip, "name"},
		{"scaling 6.5 target", scaling(ecs.ManagedScaling{TargetCapacity: ecs.Some(0)}), ip,
			managed + "targetCapacity"},
		{"scaling 6.5 step", scaling(ecs.ManagedScaling{MinimumScalingStepSize: ecs.Some(10001)}), ip,
			managed + "minimumScalingStepSize"},
		{"scaling 6.5 warm-up", scaling(ecs.ManagedScaling{InstanceWarmupPeriod: ecs.Some(10001)}), ip,
			managed + "instanceWarmupPeriod"},
		{"scaling 6.5 protection", provider("p", ecs.AutoScalingGroupProvider{ManagedTerminationProtection: "ENABLED"}),
			ip, "autoScalingGroupProvider.managedTerminationProtection"},
		{"scaling 6.3 ASG stays", api.UpdateCapacityProviderInput{Name: "p",
			AutoScalingGroupProvider: &ecs.AutoScalingGroupProvider{AutoScalingGroupArn: "x"}}.Validate(), ip,
			"autoScalingGroupProvider.autoScalingGroupArn"},
		{"scaling 6.1 FARGATE", api.DeleteCapacityProviderInput{CapacityProvider: "FARGATE"}.Validate(),
			ip, "capacityProvider"},
		{"5.6 scale", api.UpdateTaskSetInput{Cluster: "c", Service: "s", TaskSet: "t",
			Scale: &ecs.Scale{Value: 101}}.Validate(), ip, "scale.value"},
		{"5.6 primary", api.UpdateServicePrimaryTaskSetInput{Cluster: "c", Service: "s"}.Validate(), ip,
			"primaryTaskSet"},
		{"6.2 stop", api.StopServiceDeploymentInput{ServiceDeploymentArn: "arn:aws:ecs:r:1:service-deployment/c/s/1",
			StopType: "HALT"}.Validate(), ip, "stopType"},
		{"6.2 continue", api.ContinueServiceDeploymentInput{ServiceDeploymentArn: "x", HookID: "h"}.Validate(), ip,
			"serviceDeploymentArn"},
		{"tasks 5.1 long ARN", api.TagResourceInput{ResourceArn: "arn:aws:ecs:r:1:task/t",
			Tags: []ecs.Tag{{Key: "a"}}}.Validate(), ip, "resourceArn"},
		{"tasks 1.4 tags", api.TagResourceInput{ResourceArn: "arn:aws:ecs:r:1:cluster/c",
			Tags: []ecs.Tag{{Key: "aws:a"}}}.Validate(), ip, "tags[0].key"},
	}
}

func otherRefusals() []refusal {
	const ip = ecs.InvalidParameterException
	connect := func(s ecs.ServiceConnectService) error {
		return createService(func(in *api.CreateServiceInput) {
			in.ServiceConnectConfiguration = &ecs.ServiceConnectConfiguration{Enabled: true,
				Services: []ecs.ServiceConnectService{s}}
		})
	}
	rebalanced := func(change func(in *api.CreateServiceInput)) error {
		return createService(func(in *api.CreateServiceInput) {
			in.AvailabilityZoneRebalancing = ecs.AvailabilityZoneRebalancingEnabled
			change(in)
		})
	}
	set := func(change func(in *api.CreateTaskSetInput)) error {
		in := api.CreateTaskSetInput{Service: "s", Cluster: "c", TaskDefinition: "web"}
		change(&in)
		return in.Validate()
	}
	const deploymentArn = "arn:aws:ecs:r:1:service-deployment/c/s/1"
	return []refusal{
		{"4.8 Service Connect", connect(ecs.ServiceConnectService{}), ip,
			"serviceConnectConfiguration.services[0].portName"},
		{"4.8 Service Connect",
			connect(ecs.ServiceConnectService{PortName: "p", ClientAliases: []ecs.ServiceConnectClientAlias{{Port: 1},
				{Port: 2}}}), ip, "serviceConnectConfiguration.services[0].clientAliases"},
		{"4.8 Service Connect",
			connect(ecs.ServiceConnectService{PortName: "p", ClientAliases: []ecs.ServiceConnectClientAlias{{}}}), ip,
			"serviceConnectConfiguration.services[0].clientAliases[0].port"},
		{"8.1 EXTERNAL", rebalanced(func(in *api.CreateServiceInput) { in.LaunchType = ecs.LaunchTypeExternal }), ip,
			"availabilityZoneRebalancing"},
		{"8.1 Classic LB", rebalanced(func(in *api.CreateServiceInput) {
			in.LoadBalancers = []ecs.LoadBalancer{{LoadBalancerName: "x", ContainerName: "web", ContainerPort: 80}}
		}), ip, "availabilityZoneRebalancing"},
		{"8.1 DAEMON", createDaemon(func(in *api.CreateServiceInput) {
			in.AvailabilityZoneRebalancing = ecs.AvailabilityZoneRebalancingEnabled
		}), ip, "availabilityZoneRebalancing"},
		{"4.8 registry", createService(func(in *api.CreateServiceInput) {
			in.ServiceRegistries = []ecs.ServiceRegistry{{RegistryArn: "r", Port: 1,
				ContainerName: "web", ContainerPort: 80}}
		}), ip, "serviceRegistries[0].port"},
		{"4.8 registry", createService(func(in *api.CreateServiceInput) {
			in.ServiceRegistries = []ecs.ServiceRegistry{{RegistryArn: "r", ContainerName: "web"}}
		}), ip, "serviceRegistries[0].containerPort"},
		{"4.1 role", createService(func(in *api.CreateServiceInput) { in.Role = "role" }), ip, "role"},
		{"1.4 overrides", api.RunTaskInput{TaskDefinition: "web",
			Overrides: &ecs.TaskOverride{ContainerOverrides: []ecs.ContainerOverride{{Name: "a"},
				{Name: "a"}}}}.Validate(), ip, "overrides.containerOverrides[1].name"},
		{"5.6 task set", set(func(in *api.CreateTaskSetInput) { in.TaskDefinition = "" }), ip, "taskDefinition"},
		{"5.6 task set", set(func(in *api.CreateTaskSetInput) { in.Cluster = "" }), ip, "cluster"},
		{"5.6 scale", set(func(in *api.CreateTaskSetInput) { in.Scale = &ecs.Scale{Value: 1, Unit: "COUNT"} }), ip,
			"scale.unit"},
		{"5.6 scale", api.UpdateTaskSetInput{Cluster: "c", Service: "s", TaskSet: "t"}.Validate(), ip, "scale"},
		{"5.6 task set", api.DeleteTaskSetInput{Cluster: "c", Service: "s"}.Validate(), ip, "taskSet"},
		{"5.6 task set", api.DescribeTaskSetsInput{Service: "s"}.Validate(), ip, "cluster"},
		{"5.6 task set for",
			api.ValidateService(api.CreateTaskSetInput{LaunchType: ecs.LaunchTypeFargate}.Of(ecs.Service{}),
				ecs.TaskDefinition{}), ip, "launchType"},
		{"scaling 6.5", api.CreateCapacityProviderInput{Name: "p"}.Validate(), ip, "autoScalingGroupProvider"},
		{"scaling 6.5", api.UpdateCapacityProviderInput{Name: "p"}.Validate(), ip, "autoScalingGroupProvider"},
		{"scaling 6.5", api.UpdateCapacityProviderInput{Name: "p",
			AutoScalingGroupProvider: &ecs.AutoScalingGroupProvider{ManagedDraining: "YES"}}.Validate(), ip,
			"autoScalingGroupProvider.managedDraining"},
		{"scaling 6.1", api.DescribeCapacityProvidersInput{MaxResults: ecs.Some(11)}.Validate(), ip, "maxResults"},
		{"6.2 deployments", api.DescribeServiceDeploymentsInput{}.Validate(), ip, "serviceDeploymentArns"},
		{"6.2 deployments", api.DescribeServiceDeploymentsInput{ServiceDeploymentArns: []string{"x"}}.Validate(), ip,
			"serviceDeploymentArns[0]"},
		{"6.2 deployments", api.ListServiceDeploymentsInput{Service: "s",
			Status: []ecs.ServiceDeploymentStatus{"DONE"}}.Validate(), ip, "status[0]"},
		{"6.2 continue", api.ContinueServiceDeploymentInput{ServiceDeploymentArn: deploymentArn, HookID: "h",
			Action: "WAIT"}.Validate(), ip, "action"},
		{"4.1 describe", api.DescribeServicesInput{Services: []string{"a"}, Include: []string{"ALL"}}.Validate(), ip,
			"include[0]"},
		{"4.1 list", api.ListServicesInput{LaunchType: "X"}.Validate(), ip, "launchType"},
		{"4.1 delete", api.DeleteServiceInput{}.Validate(), ip, "service"},
		{"1.1 delete", api.DeleteClusterInput{}.Validate(), ip, "cluster"},
		{"1.1 list", api.ListClustersInput{MaxResults: ecs.Some(0)}.Validate(), ip, "maxResults"},
		{"1.2 describe", api.DescribeContainerInstancesInput{}.Validate(), ip, "containerInstances"},
		{"1.4 delete", api.DeleteAttributesInput{}.Validate(), ip, "attributes"},
		{"1.4 ListAttributes", api.ListAttributesInput{TargetType: "container-instance",
			AttributeValue: "x"}.Validate(), ip, "attributeValue"},
		{"tasks 1.3", api.DescribeTaskDefinitionInput{}.Validate(), ip, "taskDefinition"},
		{"tasks 1.3", api.ListTaskDefinitionsInput{Sort: "UP"}.Validate(), ip, "sort"},
		{"tasks 1.3", api.ListTaskDefinitionFamiliesInput{Status: "X"}.Validate(), ip, "status"},
		{"4.7 protection", api.GetTaskProtectionInput{Tasks: []string{"a b"}}.Validate(), ip, "tasks[0]"},
		{"tasks 5.1", api.ListTagsForResourceInput{}.Validate(), ip, "resourceArn"},
		{"tasks 5.1", api.ListTagsForResourceInput{ResourceArn: "x"}.Validate(), ip, "resourceArn"},
		{"tasks 5.1", api.TagResourceInput{ResourceArn: deploymentArn, Tags: []ecs.Tag{{Key: "a"}}}.Validate(), ip,
			"resourceArn"},
		{"tasks 1.4 tags", api.UntagResourceInput{ResourceArn: "arn:aws:ecs:r:1:cluster/c",
			TagKeys: []string{"aws:x"}}.Validate(), ip, "tagKeys[0]"},
	}
}
