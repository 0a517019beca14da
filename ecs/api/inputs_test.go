package api_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
)

const (
	instanceRef = "0123456789abcdef0123456789abcdef"
	targetA     = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/a/1"
	targetB     = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/b/2"
)

type refusal struct {
	row   string // of the facts on placement, services and deployments, unless it says otherwise
	err   error
	code  ecs.Code
	field string
}

// refused returns code and field of each fault.
func refused(err error) (list []string) {
	for e := range ecs.Errors(err) {
		list = append(list, string(e.Code)+" "+e.Field)
	}
	return list
}

func createService(change func(in *api.CreateServiceInput)) error {
	in := api.CreateServiceInput{ServiceName: "web", TaskDefinition: "web", DesiredCount: ecs.Some(2)}
	change(&in)
	return in.Validate()
}

func createDaemon(change func(in *api.CreateServiceInput)) error {
	in := api.CreateServiceInput{ServiceName: "web", TaskDefinition: "web",
		SchedulingStrategy: ecs.SchedulingStrategyDaemon}
	change(&in)
	return in.Validate()
}

func runTask(change func(in *api.RunTaskInput)) error {
	in := api.RunTaskInput{TaskDefinition: "web"}
	change(&in)
	return in.Validate()
}

func deployment(change func(dc *ecs.DeploymentConfiguration)) error {
	return createService(func(in *api.CreateServiceInput) {
		in.DeploymentConfiguration = &ecs.DeploymentConfiguration{}
		change(in.DeploymentConfiguration)
	})
}

func balanced(list ...ecs.LoadBalancer) error {
	return createService(func(in *api.CreateServiceInput) { in.LoadBalancers = list })
}

func group(arn string) ecs.LoadBalancer {
	return ecs.LoadBalancer{TargetGroupArn: arn, ContainerName: "web", ContainerPort: 80}
}

func serviceRefusals() []refusal {
	type cs = *api.CreateServiceInput
	type dc = *ecs.DeploymentConfiguration
	type item = ecs.CapacityProviderStrategyItem
	const ip, cd = ecs.InvalidParameterException, "deploymentConfiguration."
	subnets := func(n int) *ecs.NetworkConfiguration {
		return &ecs.NetworkConfiguration{AwsvpcConfiguration: &ecs.AwsvpcConfiguration{Subnets: make([]string, n)}}
	}
	advanced := &ecs.AdvancedConfiguration{AlternateTargetGroupArn: targetB, ProductionListenerRule: "rule",
		RoleArn: "role"}
	return []refusal{
		{"4.1 serviceName", createService(func(in cs) { in.ServiceName = "" }), ip, "serviceName"},
		{"4.1 serviceName", createService(func(in cs) { in.ServiceName = "my web" }), ip, "serviceName"},
		{"1.1 cluster name", createService(func(in cs) { in.Cluster = "a b" }), ip, "cluster"},
		{"tasks 5.1", createService(func(in cs) { in.Cluster = "arn:aws:ecs:r:1:service/x" }), ip, "cluster"},
		{"tasks 1.3 references", createService(func(in cs) { in.TaskDefinition = "" }), ip, "taskDefinition"},
		{"tasks 3.3 bad revision", createService(func(in cs) { in.TaskDefinition = "web:x" }), ip, "taskDefinition"},
		{"4.1 desiredCount", createService(func(in cs) { in.DesiredCount = ecs.Opt[int]{} }), ip, "desiredCount"},
		{"4.1 desiredCount", createService(func(in cs) { in.DesiredCount = ecs.Some(-1) }), ip, "desiredCount"},
		{"4.1 schedulingStrategy", createService(func(in cs) { in.SchedulingStrategy = "SPREAD" }),
			ip, "schedulingStrategy"},
		{"4.1 deploymentController", createService(func(in cs) {
			in.DeploymentController = &ecs.DeploymentController{Type: "HAND"}
		}), ip, "deploymentController.type"},
		{"4.1 DAEMON", createDaemon(func(in cs) { in.LaunchType = ecs.LaunchTypeFargate }), ip, "schedulingStrategy"},
		{"4.1 DAEMON", createDaemon(func(in cs) {
			in.DeploymentController = &ecs.DeploymentController{Type: ecs.DeploymentControllerTypeExternal}
		}), ip, "schedulingStrategy"},
		{"4.3 no desired count", createDaemon(func(in cs) { in.DesiredCount = ecs.Some(1) }), ip, "desiredCount"},
		{"4.3 no strategy", createDaemon(func(in cs) {
			in.PlacementStrategy = []ecs.PlacementStrategy{{Type: "random"}}
		}), ip, "placementStrategy"},
		{"4.2 DAEMON max stays 100", createDaemon(func(in cs) {
			in.DeploymentConfiguration = &ecs.DeploymentConfiguration{MaximumPercent: ecs.Some(200)}
		}), ip, cd + "maximumPercent"},
		{"tasks 3.3 both", createService(func(in cs) {
			in.LaunchType, in.CapacityProviderStrategy = ecs.LaunchTypeEC2, []item{{CapacityProvider: "a", Weight: 1}}
		}), ip, "capacityProviderStrategy"},
		{"tasks 8 LaunchType", createService(func(in cs) { in.LaunchType = "LAMBDA" }), ip, "launchType"},
		{"tasks 3.3 platformVersion on EC2", createService(func(in cs) {
			in.LaunchType, in.PlatformVersion = ecs.LaunchTypeEC2, "1.4.0"
		}), ip, "platformVersion"},
		{"tasks 3.3 platform unknown", createService(func(in cs) {
			in.LaunchType, in.PlatformVersion = ecs.LaunchTypeFargate, "2.0"
		}), ecs.PlatformUnknownException, "platformVersion"},
		{"tasks 3.3 public IP on EC2", createService(func(in cs) {
			in.LaunchType, in.NetworkConfiguration = ecs.LaunchTypeEC2, subnets(1)
			in.NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp = ecs.AssignPublicIpEnabled
		}), ip, "networkConfiguration.awsvpcConfiguration.assignPublicIp"},
		{"9 subnets", createService(func(in cs) { in.NetworkConfiguration = subnets(17) }), ip,
			"networkConfiguration.awsvpcConfiguration.subnets"},
		{"tasks 2.2 subnets required", createService(func(in cs) { in.NetworkConfiguration = subnets(0) }), ip,
			"networkConfiguration.awsvpcConfiguration.subnets"},
		{"9 security groups", createService(func(in cs) {
			in.NetworkConfiguration = subnets(1)
			in.NetworkConfiguration.AwsvpcConfiguration.SecurityGroups = make([]string, 6)
		}), ip, "networkConfiguration.awsvpcConfiguration.securityGroups"},
		{"2.1 Fargate", createService(func(in cs) {
			in.LaunchType, in.PlacementStrategy = ecs.LaunchTypeFargate, []ecs.PlacementStrategy{{Type: "random"}}
		}), ip, "placementStrategy"},
		{"2.1 Fargate", createService(func(in cs) {
			in.CapacityProviderStrategy, in.PlacementConstraints = []item{{CapacityProvider: "FARGATE_SPOT",
				Weight: 1}}, []ecs.PlacementConstraint{{Type: "distinctInstance"}}
		}), ip, "placementConstraints"},
		{"2.5 distinctInstance", createService(func(in cs) {
			in.PlacementConstraints = []ecs.PlacementConstraint{{Type: "distinctInstance", Expression: "x"}}
		}), ip, "placementConstraints[0].expression"},
		{"2.5 ≤ 10", createService(func(in cs) {
			in.PlacementConstraints = make([]ecs.PlacementConstraint, 11)
			for i := range in.PlacementConstraints {
				in.PlacementConstraints[i].Type = ecs.PlacementConstraintTypeDistinctInstance
			}
		}), ip, "placementConstraints"},
		{"2.3 up to 5", createService(func(in cs) {
			in.PlacementStrategy = make([]ecs.PlacementStrategy, 6)
			for i := range in.PlacementStrategy {
				in.PlacementStrategy[i].Type = ecs.PlacementStrategyTypeRandom
			}
		}), ip, "placementStrategy"},
		{"2.3 type", createService(func(in cs) { in.PlacementStrategy = []ecs.PlacementStrategy{{Type: "pack"}} }), ip,
			"placementStrategy[0].type"},
		{"2.3 binpack", createService(func(in cs) {
			in.PlacementStrategy = []ecs.PlacementStrategy{{Type: "binpack", Field: "disk"}}
		}), ip, "placementStrategy[0].field"},
		{"2.3 spread", createService(func(in cs) {
			in.PlacementStrategy = []ecs.PlacementStrategy{{Type: "spread", Field: "zone"}}
		}), ip, "placementStrategy[0].field"},
		{"8.2 base", createService(func(in cs) {
			in.CapacityProviderStrategy = []item{{CapacityProvider: "a", Base: 100001, Weight: 1}}
		}), ip, "capacityProviderStrategy[0].base"},
		{"8.2 weight", createService(func(in cs) {
			in.CapacityProviderStrategy = []item{{CapacityProvider: "a", Weight: 1001}}
		}), ip, "capacityProviderStrategy[0].weight"},
		{"scaling 9.6 D11", createService(func(in cs) {
			in.CapacityProviderStrategy = []item{{CapacityProvider: "a", Base: 1, Weight: 1},
				{CapacityProvider: "b", Base: 1}}
		}), ip, "capacityProviderStrategy[1].base"},
		{"scaling 9.6 D10", createService(func(in cs) {
			in.CapacityProviderStrategy = []item{{CapacityProvider: "a"}, {CapacityProvider: "b"}}
		}), ip, "capacityProviderStrategy"},
		{"scaling 9.6 D13", createService(func(in cs) {
			in.CapacityProviderStrategy = []item{{CapacityProvider: "FARGATE", Weight: 1}, {CapacityProvider: "b"}}
		}), ip, "capacityProviderStrategy"},
		{"7.1 either", balanced(ecs.LoadBalancer{TargetGroupArn: targetA, LoadBalancerName: "x", ContainerName: "web",
			ContainerPort: 80}), ip, "loadBalancers[0].loadBalancerName"},
		{"7.1 either", balanced(ecs.LoadBalancer{ContainerName: "web", ContainerPort: 80}), ip,
			"loadBalancers[0].targetGroupArn"},
		{"7.1 entry", balanced(ecs.LoadBalancer{TargetGroupArn: targetA, ContainerPort: 80}), ip,
			"loadBalancers[0].containerName"},
		{"7.1 entry", balanced(ecs.LoadBalancer{TargetGroupArn: targetA, ContainerName: "web"}), ip,
			"loadBalancers[0].containerPort"},
		{"7.1 unique", balanced(group(targetA), group(targetA)), ip, "loadBalancers[1].targetGroupArn"},
		{"7.1 ≤ 5", balanced(group("1"), group("2"), group("3"), group("4"), group("5"), group("6")), ip,
			"loadBalancers"},
		{"7.1 one CLB", balanced(group(targetA), ecs.LoadBalancer{LoadBalancerName: "x", ContainerName: "web",
			ContainerPort: 80}), ip, "loadBalancers"},
		{"7.1 CLB awsvpc", createService(func(in cs) {
			in.NetworkConfiguration = subnets(1)
			in.LoadBalancers = []ecs.LoadBalancer{{LoadBalancerName: "x", ContainerName: "web", ContainerPort: 80}}
		}), ip, "loadBalancers[0].loadBalancerName"},
		{"4.8 not with a CLB", createService(func(in cs) {
			in.ServiceRegistries = []ecs.ServiceRegistry{{RegistryArn: "r"}}
			in.LoadBalancers = []ecs.LoadBalancer{{LoadBalancerName: "x", ContainerName: "web", ContainerPort: 80}}
		}), ip, "serviceRegistries"},
		{"4.8 one registry", createService(func(in cs) {
			in.ServiceRegistries = []ecs.ServiceRegistry{{RegistryArn: "r"}, {RegistryArn: "s"}}
		}), ip, "serviceRegistries"},
		{"6.1 one group", createService(func(in cs) {
			in.DeploymentController = &ecs.DeploymentController{Type: ecs.DeploymentControllerTypeCodeDeploy}
			in.LoadBalancers = []ecs.LoadBalancer{group(targetA), group(targetB)}
		}), ip, "loadBalancers"},
		{"6.2 advancedConfiguration", createService(func(in cs) {
			in.LoadBalancers = []ecs.LoadBalancer{group(targetA)}
			in.DeploymentConfiguration = &ecs.DeploymentConfiguration{Strategy: ecs.DeploymentStrategyCanary}
		}), ip, "loadBalancers"},
		{"6.2 all or none", balanced(group(targetA), ecs.LoadBalancer{TargetGroupArn: targetB, ContainerName: "web",
			ContainerPort: 80, AdvancedConfiguration: advanced}), ip, "loadBalancers"},
		{"6.2 production ≠ test", balanced(ecs.LoadBalancer{TargetGroupArn: targetA, ContainerName: "web",
			ContainerPort: 80, AdvancedConfiguration: &ecs.AdvancedConfiguration{
				AlternateTargetGroupArn: targetB, ProductionListenerRule: "rule",
				TestListenerRule: "rule", RoleArn: "role",
			}}), ip, "loadBalancers[0].advancedConfiguration.testListenerRule"},
		{"7.5 grace period", createService(func(in cs) { in.HealthCheckGracePeriodSeconds = ecs.Some(60) }), ip,
			"healthCheckGracePeriodSeconds"},
		{"4.2 minimum", deployment(func(d dc) {
			d.MinimumHealthyPercent = ecs.Some(101)
			d.MaximumPercent = ecs.Some(200)
		}), ip, cd + "minimumHealthyPercent"},
		{"4.2 maximum", deployment(func(d dc) { d.MaximumPercent = ecs.Some(0) }), ip, cd + "maximumPercent"},
		{"4.2 maximum", deployment(func(d dc) {
			d.MinimumHealthyPercent = ecs.Some(100)
			d.MaximumPercent = ecs.Some(50)
		}), ip, cd + "maximumPercent"},
		{"6.2 strategy", deployment(func(d dc) { d.Strategy = "RAINBOW" }), ip, cd + "strategy"},
		{"6.2 bake time required", deployment(func(d dc) { d.Strategy = ecs.DeploymentStrategyBlueGreen }), ip,
			cd + "bakeTimeInMinutes"},
		{"6.2 bake time", deployment(func(d dc) { d.BakeTimeInMinutes = ecs.Some(1441) }), ip,
			cd + "bakeTimeInMinutes"},
		{"6.2 linear", deployment(func(d dc) {
			d.Strategy, d.LinearConfiguration = ecs.DeploymentStrategyLinear,
				&ecs.LinearConfiguration{StepPercent: ecs.Some(2.9)}
		}), ip, cd + "linearConfiguration.stepPercent"},
		{"6.2 canary", deployment(func(d dc) {
			d.Strategy, d.CanaryConfiguration = ecs.DeploymentStrategyCanary,
				&ecs.CanaryConfiguration{CanaryPercent: ecs.Some(5.05)}
		}), ip, cd + "canaryConfiguration.canaryPercent"},
		{"6.2 linear", deployment(func(d dc) { d.LinearConfiguration = &ecs.LinearConfiguration{} }), ip,
			cd + "linearConfiguration"},
		{"5.4 type", deployment(func(d dc) {
			d.DeploymentCircuitBreaker = &ecs.DeploymentCircuitBreaker{
				ThresholdConfiguration: &ecs.ThresholdConfiguration{Type: "HALF", Value: 1}}
		}), ip, cd + "deploymentCircuitBreaker.thresholdConfiguration.type"},
		{"5.4 value", deployment(func(d dc) {
			d.DeploymentCircuitBreaker = &ecs.DeploymentCircuitBreaker{
				ThresholdConfiguration: &ecs.ThresholdConfiguration{Value: 101}}
		}), ip, cd + "deploymentCircuitBreaker.thresholdConfiguration.value"},
		{"5.3 percent", deployment(func(d dc) {
			d.EarlySuccessCriteria = &ecs.DeploymentEarlySuccessCriteria{HealthyPercent: ecs.Some(101)}
		}), ip, cd + "earlySuccessCriteria.healthyPercent"},
		{"5.3 percent below the minimum", deployment(func(d dc) {
			d.MinimumHealthyPercent = ecs.Some(80)
			d.EarlySuccessCriteria = &ecs.DeploymentEarlySuccessCriteria{Enable: true, HealthyPercent: ecs.Some(79),
				SourceServiceRevisionCleanup: "BLOCKING"}
		}), ip, cd + "earlySuccessCriteria.healthyPercent"},
		{"5.3 cleanup", deployment(func(d dc) {
			d.EarlySuccessCriteria = &ecs.DeploymentEarlySuccessCriteria{SourceServiceRevisionCleanup: "NEVER"}
		}), ip, cd + "earlySuccessCriteria.sourceServiceRevisionCleanup"},
		{"5.3 both", deployment(func(d dc) {
			d.EarlySuccessCriteria = &ecs.DeploymentEarlySuccessCriteria{Enable: true}
		}), ip, cd + "earlySuccessCriteria"},
		{"5.3 rolling", deployment(func(d dc) {
			d.Strategy, d.EarlySuccessCriteria = ecs.DeploymentStrategyCanary, &ecs.DeploymentEarlySuccessCriteria{}
		}), ip, cd + "earlySuccessCriteria"},
		{"5.5 alarms", deployment(func(d dc) { d.Alarms = &ecs.DeploymentAlarms{Enable: true} }), ip,
			cd + "alarms.alarmNames"},
		{"6.2 hook stage", deployment(func(d dc) {
			d.LifecycleHooks = []ecs.DeploymentLifecycleHook{{HookTargetArn: "f", RoleArn: "r",
				LifecycleStages: []ecs.LifecycleStage{"BAKE_TIME"}}}
		}), ip, cd + "lifecycleHooks[0].lifecycleStages[0]"},
		{"6.2 PAUSE", deployment(func(d dc) {
			d.LifecycleHooks = []ecs.DeploymentLifecycleHook{{TargetType: "PAUSE",
				LifecycleStages: []ecs.LifecycleStage{"TEST_TRAFFIC_SHIFT"}}}
		}), ip, cd + "lifecycleHooks[0].lifecycleStages[0]"},
		{"6.2 timeouts", deployment(func(d dc) {
			d.LifecycleHooks = []ecs.DeploymentLifecycleHook{{HookTargetArn: "f", RoleArn: "r",
				LifecycleStages: []ecs.LifecycleStage{"SCALE_UP"}[:0], TimeoutConfiguration: nil}}
		}), ip, cd + "lifecycleHooks[0].lifecycleStages"},
		{"6.2 timeouts", deployment(func(d dc) {
			d.LifecycleHooks = []ecs.DeploymentLifecycleHook{{HookTargetArn: "f", RoleArn: "r",
				LifecycleStages:      []ecs.LifecycleStage{"PRE_SCALE_UP"},
				TimeoutConfiguration: &ecs.TimeoutConfiguration{TimeoutInMinutes: ecs.Some(1441)}}}
		}), ip, cd + "lifecycleHooks[0].timeoutConfiguration.timeoutInMinutes"},
		{"8.1 maximumPercent 100", createService(func(in cs) {
			in.AvailabilityZoneRebalancing = ecs.AvailabilityZoneRebalancingEnabled
			in.DeploymentConfiguration = &ecs.DeploymentConfiguration{MaximumPercent: ecs.Some(100)}
		}), ip, "availabilityZoneRebalancing"},
		{"8.1 first strategy", createService(func(in cs) {
			in.AvailabilityZoneRebalancing = ecs.AvailabilityZoneRebalancingEnabled
			in.PlacementStrategy = []ecs.PlacementStrategy{{Type: "binpack", Field: "cpu"}}
		}), ip, "availabilityZoneRebalancing"},
		{"8.1 constraint", createService(func(in cs) {
			in.AvailabilityZoneRebalancing = ecs.AvailabilityZoneRebalancingEnabled
			in.PlacementConstraints = []ecs.PlacementConstraint{{Type: "memberOf",
				Expression: "attribute:ecs.availability-zone == a"}}
		}), ip, "availabilityZoneRebalancing"},
		{"tasks 4.10 clientToken", createService(func(in cs) {
			in.ClientToken = strings.Repeat("x", 37)
		}), ip, "clientToken"},
		{"tasks 8 PropagateTags", createService(func(in cs) { in.PropagateTags = "ALL" }), ip, "propagateTags"},
	}
}

func updateRefusals() []refusal {
	const ip = ecs.InvalidParameterException
	daemon := ecs.Service{SchedulingStrategy: ecs.SchedulingStrategyDaemon}
	deploy := ecs.Service{DeploymentController: &ecs.DeploymentController{Type: ecs.DeploymentControllerTypeCodeDeploy}}
	external := ecs.Service{DeploymentController: &ecs.DeploymentController{Type: ecs.DeploymentControllerTypeExternal}}
	bridge := ecs.TaskDefinition{NetworkMode: ecs.NetworkModeBridge,
		ContainerDefinitions: []ecs.ContainerDefinition{{Name: "web", Image: "nginx",
			PortMappings: []ecs.PortMapping{{ContainerPort: 80}}}}}
	awsvpc := bridge.Clone()
	awsvpc.NetworkMode, awsvpc.CPU, awsvpc.Memory = ecs.NetworkModeAwsvpc, "256", "512"
	constrained := bridge.Clone()
	constrained.PlacementConstraints = make([]ecs.PlacementConstraint, 10)
	network := &ecs.NetworkConfiguration{AwsvpcConfiguration: &ecs.AwsvpcConfiguration{Subnets: []string{"s"}}}
	type td = *ecs.TaskDefinition
	const incompatible = ecs.PlatformTaskDefinitionIncompatibilityException
	fargate := func(change func(d td)) ecs.TaskDefinition {
		d := awsvpc.Clone()
		change(&d)
		d.Compatibilities = []ecs.Compatibility{ecs.CompatibilityFargate}
		return d
	}
	windows := func(d td) {
		d.CPU, d.Memory, d.RuntimePlatform = "1024", "2048",
			&ecs.RuntimePlatform{OperatingSystemFamily: ecs.OSFamilyWindowsServer2022Core}
	}
	on := func(version, provider string, d ecs.TaskDefinition) error {
		return api.RunTaskInput{PlatformVersion: version,
			CapacityProviderStrategy: []ecs.CapacityProviderStrategyItem{{CapacityProvider: provider, Weight: 1}},
			NetworkConfiguration:     network}.ValidateFor(d)
	}
	balanced := func(lb ecs.LoadBalancer) error {
		return api.ValidateService(ecs.Service{LoadBalancers: []ecs.LoadBalancer{lb}}, bridge)
	}
	override := func(in api.RunTaskInput, d ecs.TaskDefinition, o ecs.TaskOverride) error {
		in.Overrides = &o
		return in.ValidateFor(d)
	}
	return []refusal{
		{"4.1 service", api.UpdateServiceInput{}.Validate(), ip, "service"},
		{"4.1 desiredCount", api.UpdateServiceInput{Service: "s", DesiredCount: ecs.Some(-1)}.Validate(), ip,
			"desiredCount"},
		{"4.1 not ACTIVE",
			api.UpdateServiceInput{Service: "s"}.ValidateFor(ecs.Service{Status: ecs.ServiceStatusDraining}),
			ecs.ServiceNotActiveException, "service"},
		{"4.3 no desired count", api.UpdateServiceInput{DesiredCount: ecs.Some(1)}.ValidateFor(daemon), ip,
			"desiredCount"},
		{"4.9 CODE_DEPLOY", api.UpdateServiceInput{TaskDefinition: "web:2"}.ValidateFor(deploy), ip, "taskDefinition"},
		{"4.9 CODE_DEPLOY", api.UpdateServiceInput{LoadBalancers: ecs.Some([]ecs.LoadBalancer{})}.ValidateFor(deploy),
			ip, "loadBalancers"},
		{"4.9 EXTERNAL", api.UpdateServiceInput{DeploymentConfiguration: &ecs.DeploymentConfiguration{}}.ValidateFor(
			external), ip, "deploymentConfiguration"},
		{"tasks 3.3 awsvpc, no config", api.RunTaskInput{}.ValidateFor(awsvpc), ip, "networkConfiguration"},
		{"tasks 3.3 config, other mode", api.RunTaskInput{NetworkConfiguration: network}.ValidateFor(bridge), ip,
			"networkConfiguration"},
		{"tasks 3.3 launch type", api.RunTaskInput{LaunchType: ecs.LaunchTypeFargate}.ValidateFor(bridge), ip,
			"launchType"},
		{"tasks 2.4 EFS", on("1.3.0", "FARGATE", fargate(func(d td) {
			d.Volumes = []ecs.Volume{{Name: "v",
				EFSVolumeConfiguration: &ecs.EFSVolumeConfiguration{FileSystemID: "fs-1"}}}
		})), incompatible, "platformVersion"},
		{"tasks 2.1 platform", on("1.3.0", "FARGATE", fargate(func(d td) { d.CPU, d.Memory = "8192", "16384" })),
			incompatible, "platformVersion"},
		{"tasks 1.9 pidMode", on("1.3.0", "FARGATE", fargate(func(d td) { d.PidMode = ecs.PidModeTask })),
			incompatible, "platformVersion"},
		{"tasks 1.15 dependsOn", on("1.2.0", "FARGATE", fargate(func(d td) {
			d.ContainerDefinitions[0].DependsOn = make([]ecs.ContainerDependency, 1)
		})), incompatible, "platformVersion"},
		{"tasks 1.14 platform", on("1.0.0", "FARGATE", fargate(func(d td) {
			d.ContainerDefinitions[0].HealthCheck = &ecs.HealthCheck{}
		})), incompatible, "platformVersion"},
		{"scaling 6.7 Spot", on("1.2.0", "FARGATE_SPOT", fargate(func(td) {})), incompatible, "platformVersion"},
		{"tasks 2.5 Fargate Spot", on("", "FARGATE_SPOT", fargate(windows)), ip,
			"capacityProviderStrategy[0].capacityProvider"},
		{"tasks 2.5 platform", on("1.4.0", "FARGATE", fargate(windows)), ecs.PlatformUnknownException,
			"platformVersion"},
		{"2.5 ≤ 10 together", api.RunTaskInput{PlacementConstraints: make([]ecs.PlacementConstraint,
			1)}.ValidateFor(constrained), ip, "placementConstraints"},
		{"tasks 4.10 overrides", override(api.RunTaskInput{}, bridge,
			ecs.TaskOverride{ContainerOverrides: []ecs.ContainerOverride{{Name: "db"}}}), ip,
			"overrides.containerOverrides[0].name"},
		{"tasks 2.1 overrides", override(api.RunTaskInput{LaunchType: ecs.LaunchTypeFargate,
			NetworkConfiguration: network}, awsvpc, ecs.TaskOverride{Memory: "4096"}), ip, "overrides.memory"},
		{"7.1 container", balanced(ecs.LoadBalancer{TargetGroupArn: targetA, ContainerName: "db", ContainerPort: 80}),
			ip, "loadBalancers[0].containerName"},
		{"7.1 port", balanced(ecs.LoadBalancer{TargetGroupArn: targetA, ContainerName: "web", ContainerPort: 81}), ip,
			"loadBalancers[0].containerPort"},
		{"7.1 CLB static port", balanced(ecs.LoadBalancer{LoadBalancerName: "x", ContainerName: "web",
			ContainerPort: 80}), ip, "loadBalancers[0].containerPort"},
	}
}

// TestRefusedInputs breaks one rule of a request after the other and expects the one fault.
func TestRefusedInputs(t *testing.T) {
	n := 0
	for _, list := range [][]refusal{serviceRefusals(), taskRefusals(), clusterRefusals(),
		updateRefusals(), otherRefusals()} {
		for _, r := range list {
			n++
			require.Equal(t, []string{string(r.code) + " " + r.field}, refused(r.err), "facts %s: %v", r.row, r.err)
		}
	}
	t.Logf("%d planted faults of requests, each found alone", n)
}

func TestAcceptedInputs(t *testing.T) {
	for _, err := range []error{
		api.CreateServiceInput{ServiceName: "web", TaskDefinition: "web:3", DesiredCount: ecs.Some(0)}.Validate(),
		api.CreateServiceInput{ServiceName: "web", SchedulingStrategy: "DAEMON",
			TaskDefinition: "arn:aws:ecs:us-east-1:123456789012:task-definition/web:3"}.Validate(),
		api.UpdateServiceInput{Service: "web", PlacementStrategy: ecs.Some([]ecs.PlacementStrategy{})}.Validate(),
		api.RunTaskInput{TaskDefinition: "web", Count: ecs.Some(10), Group: "batch",
			StartedBy: "cron/nightly"}.Validate(),
		api.CreateClusterInput{}.Validate(),
		api.PutClusterCapacityProvidersInput{Cluster: "c", CapacityProviders: []string{},
			DefaultCapacityProviderStrategy: []ecs.CapacityProviderStrategyItem{}}.Validate(),
		api.RegisterContainerInstanceInput{}.Validate(),
		api.StopTaskInput{Task: "arn:aws:ecs:us-east-1:123456789012:task/default/" + instanceRef}.Validate(),
		api.DescribeClustersInput{}.Validate(),
		api.TagResourceInput{ResourceArn: "arn:aws:ecs:r:1:task/c/t", Tags: []ecs.Tag{{Key: "a"}}}.Validate(),
	} {
		require.NoError(t, err)
	}
}

// TestServiceCorpus checks real service definitions that nobody here wrote: what they leave
// to the command line is missing, and one of AWS's rules is broken. TestAcceptedInputs is
// its twin.
func TestServiceCorpus(t *testing.T) {
	files, _ := filepath.Glob("../../shared/data/services/*.json")
	if len(files) == 0 {
		t.Skip("no service definitions beside the project")
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		var in api.CreateServiceInput
		require.NoError(t, json.Unmarshal(data, &in), file)
		for e := range ecs.Errors(in.Validate()) {
			switch e.Field {
			case "serviceName", "taskDefinition", "desiredCount": // given beside the file
			case "networkConfiguration.awsvpcConfiguration.assignPublicIp": // facts 3.3 "public IP on EC2"
				require.Equal(t, ecs.LaunchTypeEC2, in.LaunchType, file)
			default:
				require.Fail(t, "unexpected", "%s: %v", file, e)
			}
		}
	}
	t.Logf("%d service definitions", len(files))
}
