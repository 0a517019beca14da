package main

import (
	"fmt"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/loadbalance"
)

// The names of the service and of what stands in front of it.
const (
	serviceName  = "web"
	webImage     = "laptop/web"
	desired      = 3
	mostTasks    = 6
	balancerName = "app/laptop/0123456789abcdef"
	arnPrefix    = "arn:aws:elasticloadbalancing:us-east-1:123456789012:"
	blueGroup    = arnPrefix + "targetgroup/blue/0123456789abcdef"
	greenGroup   = arnPrefix + "targetgroup/green/fedcba9876543210"
	listenerArn  = arnPrefix + "listener/" + balancerName + "/0123456789abcdef"
)

// taskDefinition is a revision of the web server.
func taskDefinition(revision int) ecs.TaskDefinition {
	return ecs.TaskDefinition{Family: serviceName, ContainerDefinitions: []ecs.ContainerDefinition{{
		Name: "web", Image: webImage, CPU: 128, Memory: 64, StopTimeout: ecs.Some(10),
		Environment:  []ecs.KeyValuePair{{Name: "REVISION", Value: fmt.Sprint(revision)}},
		PortMappings: []ecs.PortMapping{{ContainerPort: 8080}}}}}
}

// targetGroup is a target group of the service. Its times are those of the plane's clock.
func targetGroup(arn string) loadbalance.TargetGroup {
	return loadbalance.TargetGroup{TargetGroupArn: arn, DeregistrationDelaySeconds: ecs.Some(60),
		HealthCheck: loadbalance.HealthCheck{Path: "/health", IntervalSeconds: 130, TimeoutSeconds: 120}}
}

// listener forwards to both groups; deployments move the weights.
func listener() loadbalance.Listener {
	return loadbalance.Listener{ListenerArn: listenerArn, Protocol: loadbalance.ProtocolHTTP,
		DefaultAction: loadbalance.Action{Forward: loadbalance.Forward{TargetGroups: []loadbalance.WeightedTargetGroup{
			{TargetGroupArn: blueGroup, Weight: ecs.Some(100)}, {TargetGroupArn: greenGroup, Weight: ecs.Some(0)}}}}}
}

// createService is the request for the service.
func createService() api.CreateServiceInput {
	return api.CreateServiceInput{ServiceName: serviceName, TaskDefinition: serviceName,
		DesiredCount:                  ecs.Some(desired),
		HealthCheckGracePeriodSeconds: ecs.Some(600),
		PlacementStrategy: []ecs.PlacementStrategy{{Type: ecs.PlacementStrategyTypeSpread,
			Field: "instanceId"}},
		LoadBalancers: balanced(nil)}
}

// balanced puts the service behind the load balancer.
func balanced(advanced *ecs.AdvancedConfiguration) []ecs.LoadBalancer {
	return []ecs.LoadBalancer{{TargetGroupArn: blueGroup, ContainerName: "web", ContainerPort: 8080,
		AdvancedConfiguration: advanced}}
}

// shifting is what a deployment needs that shifts traffic.
func shifting() *ecs.AdvancedConfiguration {
	return &ecs.AdvancedConfiguration{AlternateTargetGroupArn: greenGroup, ProductionListenerRule: listenerArn,
		RoleArn: "arn:aws:iam::123456789012:role/ecsInfrastructureRole"}
}

// canary is the configuration of the canary deployment: a fifth of the traffic for three minutes of the plane's
// clock, and then a minute with both.
func canary() *ecs.DeploymentConfiguration {
	return &ecs.DeploymentConfiguration{Strategy: ecs.DeploymentStrategyCanary, BakeTimeInMinutes: ecs.Some(1),
		CanaryConfiguration: &ecs.CanaryConfiguration{CanaryPercent: ecs.Some(20.0),
			CanaryBakeTimeInMinutes: ecs.Some(3)}}
}

// The scalable target of the service, and its policy: so many requests for each target in a minute.
const (
	resourceID = "service/default/" + serviceName
	dimension  = "ecs:service:DesiredCount"
)

func scalableTarget() autoscale.RegisterScalableTargetInput {
	return autoscale.RegisterScalableTargetInput{ServiceNamespace: "ecs", ResourceID: resourceID,
		ScalableDimension: dimension, MinCapacity: ecs.Some(desired), MaxCapacity: ecs.Some(mostTasks)}
}

func policy(group string, requests float64) autoscale.PutScalingPolicyInput {
	return autoscale.PutScalingPolicyInput{PolicyName: "requests", ServiceNamespace: "ecs", ResourceID: resourceID,
		ScalableDimension: dimension, PolicyType: autoscale.PolicyTypeTargetTrackingScaling,
		TargetTrackingScalingPolicyConfiguration: &autoscale.TargetTrackingScalingPolicyConfiguration{
			TargetValue: ecs.Some(requests), ScaleOutCooldown: ecs.Some(60), ScaleInCooldown: ecs.Some(60),
			PredefinedMetricSpecification: &autoscale.PredefinedMetricSpecification{
				PredefinedMetricType: autoscale.ALBRequestCountPerTarget,
				ResourceLabel:        balancerName + "/" + group[len(arnPrefix):]}}}
}
