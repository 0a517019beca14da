package ecstest

import (
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"pgregory.net/rapid"
)

// CreateServiceInputs makes requests for services on EC2 that Validate takes; their task
// definition is called web.
func CreateServiceInputs() *rapid.Generator[api.CreateServiceInput] {
	return rapid.Custom(func(t *rapid.T) api.CreateServiceInput {
		in := api.CreateServiceInput{
			ServiceName: Names().Draw(t, "service"),
			TaskDefinition: rapid.SampledFrom([]string{"web", "web:1",
				"arn:aws:ecs:us-east-1:123456789012:task-definition/web:1"}).Draw(t, "task definition"),
			LaunchType:           rapid.SampledFrom([]ecs.LaunchType{"", ecs.LaunchTypeEC2}).Draw(t, "launch type"),
			PlacementConstraints: PlacementConstraints().Draw(t, "constraints"),
			Tags:                 Tags().Draw(t, "tags"),
		}
		if rapid.IntRange(0, 4).Draw(t, "daemon") == 4 {
			in.SchedulingStrategy = ecs.SchedulingStrategyDaemon
			return in
		}
		in.DesiredCount = ecs.Some(rapid.IntRange(0, 10).Draw(t, "desired count"))
		in.PlacementStrategy = PlacementStrategies().Draw(t, "strategies")
		if rapid.Bool().Draw(t, "deployment configuration") {
			in.DeploymentConfiguration = DeploymentConfigurations().Draw(t, "deployment configuration")
		}
		if rapid.Bool().Draw(t, "balanced") {
			in.LoadBalancers = []ecs.LoadBalancer{{
				TargetGroupArn: "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/0123456789abcdef",
				ContainerName:  "container0", ContainerPort: 8000,
			}}
			in.HealthCheckGracePeriodSeconds = ecs.Some(rapid.IntRange(0, 120).Draw(t, "grace period"))
		}
		return in
	})
}

// DeploymentConfigurations makes configurations of rolling deployments.
func DeploymentConfigurations() *rapid.Generator[*ecs.DeploymentConfiguration] {
	return rapid.Custom(func(t *rapid.T) *ecs.DeploymentConfiguration {
		dc := &ecs.DeploymentConfiguration{
			MinimumHealthyPercent: ecs.Some(rapid.IntRange(0, 100).Draw(t, "minimum")),
			MaximumPercent:        ecs.Some(rapid.IntRange(100, 300).Draw(t, "maximum")),
		}
		if rapid.Bool().Draw(t, "circuit breaker") {
			dc.DeploymentCircuitBreaker = &ecs.DeploymentCircuitBreaker{Enable: true,
				Rollback: rapid.Bool().Draw(t, "rollback")}
		}
		return dc
	})
}

// Services makes services as DescribeServices prints them: ACTIVE, steady, of one completed
// deployment.
func Services() *rapid.Generator[ecs.Service] {
	return rapid.Custom(func(t *rapid.T) ecs.Service {
		in := CreateServiceInputs().Draw(t, "request")
		base := ecs.ARN{Partition: "aws", Region: "us-east-1", Account: "123456789012"}
		n := in.DesiredCount.Or(0)
		s := ecs.Service{
			ServiceArn:           base.ForService("default", in.ServiceName).String(),
			ServiceName:          in.ServiceName,
			ClusterArn:           base.ForCluster("default").String(),
			Status:               ecs.ServiceStatusActive,
			DesiredCount:         n,
			RunningCount:         n,
			LaunchType:           ecs.LaunchTypeEC2,
			TaskDefinition:       base.ForTaskDefinition("web", 1).String(),
			LoadBalancers:        in.LoadBalancers,
			PlacementConstraints: in.PlacementConstraints,
			PlacementStrategy:    in.PlacementStrategy,
			SchedulingStrategy:   ecs.SchedulingStrategyReplica,
			Tags:                 in.Tags,
		}
		if in.SchedulingStrategy != "" {
			s.SchedulingStrategy = in.SchedulingStrategy
		}
		if in.DeploymentConfiguration != nil {
			s.DeploymentConfiguration = *in.DeploymentConfiguration
		}
		s.Deployments = []ecs.Deployment{{
			ID: "ecs-svc/1234567890123456789", Status: ecs.DeploymentStatusPrimary, TaskDefinition: s.TaskDefinition,
			DesiredCount: n, RunningCount: n, RolloutState: ecs.DeploymentRolloutStateCompleted,
		}}
		return s
	})
}
