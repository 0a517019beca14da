package api_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
)

// TestRequestSentences: tools match on these sentences of refused requests, word for word.
// Each row has its source by title. Seen to fail: sentences of our own.
func TestRequestSentences(t *testing.T) {
	daemon := ecs.Service{Status: ecs.ServiceStatusActive, SchedulingStrategy: ecs.SchedulingStrategyDaemon}
	codeDeploy := ecs.Service{Status: ecs.ServiceStatusActive,
		DeploymentController: &ecs.DeploymentController{Type: ecs.DeploymentControllerTypeCodeDeploy}}
	maximum := &ecs.DeploymentConfiguration{MaximumPercent: ecs.Some(200)}
	spread := []ecs.PlacementStrategy{{Type: ecs.PlacementStrategyTypeRandom}}
	network := &ecs.NetworkConfiguration{AwsvpcConfiguration: &ecs.AwsvpcConfiguration{Subnets: []string{"subnet-a"}}}
	bridge := ecs.TaskDefinition{Family: "web", RequiresCompatibilities: []ecs.Compatibility{ecs.CompatibilityEC2},
		Compatibilities:      []ecs.Compatibility{ecs.CompatibilityEC2},
		ContainerDefinitions: []ecs.ContainerDefinition{{Name: "web", Image: "web", Memory: 64}}}
	awsvpc := bridge
	awsvpc.NetworkMode = ecs.NetworkModeAwsvpc
	const (
		count = "The daemon scheduling strategy does not support a desired count for services. Remove the desired " +
			"count value and try again"
		strategy = "The daemon scheduling strategy does not support placement strategies. Remove the placement " +
			"strategy and try again"
		percent = "The daemon scheduling strategy does not support values above 100 for maximumPercent on a " +
			"deployment configuration. " +
			"Change the maximumPercent value to 100, and try again"
		instead = " on services with a CODE_DEPLOY deployment controller. Use AWS CodeDeploy to trigger a new " +
			"deployment."
		associated = "The specified capacity provider strategy cannot contain a capacity provider that is not " +
			"associated with the cluster. " +
			"Associate the capacity provider with the cluster or specify a valid capacity provider and try again."
	)
	for _, row := range []struct {
		source string
		err    error
		want   string
	}{
		{"aws/copilot-cli#3551", api.DescribeTasksInput{}.Validate(), "Tasks cannot be empty."},
		{"vend/ecs-cleaner#2", api.DescribeServicesInput{}.Validate(), "Services cannot be empty."},
		{"DescribeContainerInstances, as tests of clients have it", api.DescribeContainerInstancesInput{}.Validate(),
			"Container Instances cannot be empty."},
		{"kayac/ecspresso#20", createDaemon(func(in *api.CreateServiceInput) { in.DesiredCount = ecs.Some(1) }), count},
		{"kayac/ecspresso#20", api.UpdateServiceInput{Service: "web", DesiredCount: ecs.Some(1)}.ValidateFor(daemon),
			count},
		{"kayac/ecspresso#402", createDaemon(func(in *api.CreateServiceInput) {
			in.PlacementStrategy = spread
		}), strategy},
		{"kayac/ecspresso#402", api.UpdateServiceInput{Service: "web",
			PlacementStrategy: ecs.Some(spread)}.ValidateFor(daemon), strategy},
		{"aws/aws-cdk#2209", createDaemon(func(in *api.CreateServiceInput) { in.DeploymentConfiguration = maximum }),
			percent},
		{"aws/aws-cdk#2209", api.UpdateServiceInput{Service: "web",
			DeploymentConfiguration: maximum}.ValidateFor(daemon), percent},
		{"convox/rack#1906", runTask(func(in *api.RunTaskInput) {
			in.Overrides = &ecs.TaskOverride{ContainerOverrides: []ecs.ContainerOverride{{Name: "web",
				Command: []string{strings.Repeat("x", 9000)}}}}
		}), "Container Overrides length must be at most 8192"},
		{"dask/dask-cloudprovider#328", api.PutClusterCapacityProvidersInput{Cluster: "c",
			CapacityProviders: []string{},
			DefaultCapacityProviderStrategy: []ecs.CapacityProviderStrategyItem{{CapacityProvider: "mine",
				Weight: 1}}}.Validate(), associated},
		{"boto/boto3#1936", api.UpdateServiceInput{Service: "web", TaskDefinition: "web:2"}.ValidateFor(codeDeploy),
			"Unable to update task definition" + instead},
		{"hashicorp/terraform-provider-aws#8005", api.UpdateServiceInput{Service: "web",
			NetworkConfiguration: network}.ValidateFor(codeDeploy), "Unable to update network parameters" + instead},
		{"kayac/ecspresso#393", api.UpdateServiceInput{Service: "web",
			LoadBalancers: ecs.Some([]ecs.LoadBalancer{})}.ValidateFor(codeDeploy),
			"Unable to update load balancers" + instead},
		{"reports of update-service --force-new-deployment", api.UpdateServiceInput{Service: "web",
			ForceNewDeployment: true}.ValidateFor(codeDeploy), "Cannot force a new deployment" + instead},
		{"answers of RunTask", api.RunTaskInput{TaskDefinition: "web"}.ValidateFor(awsvpc),
			"Network Configuration must be provided when networkMode 'awsvpc' is specified."},
		{"answers of RunTask", api.RunTaskInput{TaskDefinition: "web",
			NetworkConfiguration: network}.ValidateFor(bridge),
			"Network Configuration is not valid for the given networkMode of this task definition."},
		{"answers of RunTask", api.RunTaskInput{TaskDefinition: "web",
			LaunchType: ecs.LaunchTypeFargate}.ValidateFor(bridge),
			"Task definition does not support launch_type FARGATE."},
		{"answers of CreateService", createService(func(in *api.CreateServiceInput) {
			in.HealthCheckGracePeriodSeconds = ecs.Some(5)
		}),
			"Health check grace period is only valid for services configured to use load balancers"},
	} {
		var list []string
		for e := range ecs.Errors(row.err) {
			require.Equal(t, ecs.InvalidParameterException, e.Code, row.source)
			list = append(list, e.Message)
		}
		require.Equal(t, []string{row.want}, list, row.source)
	}
}
