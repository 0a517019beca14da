package control_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
)

// TestSentences: tools match on these sentences of a plane, word for word. Each row has its
// source by title. Seen to fail: sentences of our own.
func TestSentences(t *testing.T) {
	p, now := fargatePlane(t, control.Config{Seed: 1}, 1)
	_, err := p.RegisterTaskDefinition(now, ecs.TaskDefinition{Family: "old",
		ContainerDefinitions: []ecs.ContainerDefinition{{Name: "web", Image: "web", Memory: 64}}})
	require.NoError(t, err)
	must(p.DeregisterTaskDefinition(now, api.DeregisterTaskDefinitionInput{TaskDefinition: "old:1"}))
	_, err = p.RegisterTaskDefinition(now, ecs.TaskDefinition{Family: "bridge",
		ContainerDefinitions: []ecs.ContainerDefinition{{Name: "web", Image: "web", Memory: 64}}})
	require.NoError(t, err)
	cold := func(_ any, err error) error { return err }
	create := func(body string) error {
		return cold(
			p.CreateService(
				now,
				input[api.CreateServiceInput](
					`{"serviceName":"new","taskDefinition":"bridge","desiredCount":1%s}`,
					body,
				),
			),
		)
	}
	for _, row := range []struct {
		source string
		err    error
		code   ecs.Code
		want   string
	}{
		{"answers of DescribeTasks", cold(p.DescribeTasks(api.DescribeTasksInput{Cluster: "none",
			Tasks: []string{"a"}})), ecs.ClusterNotFoundException, "Cluster not found."},
		{"answers of UpdateService", cold(p.UpdateService(now, api.UpdateServiceInput{Service: "none"})),
			ecs.ServiceNotFoundException, "Service not found."},
		{"answers of CreateService", create(`,"serviceName":"s0"`), ecs.InvalidParameterException,
			"Creation of service was not idempotent."},
		{"answers of DeleteService", cold(p.DeleteService(now, api.DeleteServiceInput{Service: "s0"})),
			ecs.InvalidParameterException,
			"The service cannot be stopped while it is scaled above 0."},
		{"answers of RunTask", cold(p.RunTask(now, api.RunTaskInput{TaskDefinition: "old:1"})),
			ecs.InvalidParameterException, "TaskDefinition is inactive"},
		{"answers of DescribeTaskDefinition",
			cold(p.DescribeTaskDefinition(api.DescribeTaskDefinitionInput{TaskDefinition: "none"})),
			ecs.ClientException,
			"Unable to describe task definition."},
		{"answers of DescribeTaskDefinition",
			cold(p.DescribeTaskDefinition(api.DescribeTaskDefinitionInput{TaskDefinition: "old:x"})),
			ecs.InvalidParameterException,
			"Invalid revision number. Number: x"},
		{"answers of RunTask", cold(p.RunTask(now, api.RunTaskInput{TaskDefinition: "bridge"})),
			ecs.InvalidParameterException,
			"No Container Instances were found in your cluster."},
		{"answers of StopTask", cold(p.StopTask(now, api.StopTaskInput{Task: "0123456789abcdef0123456789abcdef"})),
			ecs.InvalidParameterException,
			"The referenced task was not found."},
		{"dask/dask-cloudprovider#328",
			create(`,"capacityProviderStrategy":[{"capacityProvider":"FARGATE_SPOT","weight":1}]`),
			ecs.InvalidParameterException,
			"The specified capacity provider strategy cannot contain a capacity provider that is not associated " +
				"with the cluster. " +
				"Associate the capacity provider with the cluster or specify a valid capacity provider and try again."},
		{"answers of DeleteCluster", cold(p.DeleteCluster(now, api.DeleteClusterInput{Cluster: "default"})),
			ecs.ClusterContainsServicesException,
			"The Cluster cannot be deleted while Services are active."},
	} {
		code, text := refusal(t, row.err)
		require.Equal(t, row.code, code, row.source)
		require.Equal(t, row.want, text, row.source)
	}
	// Service Connect needs a namespace, the service's own or the cluster's.
	require.ErrorIs(t, create(`,"serviceConnectConfiguration":{"enabled":true}`), ecs.NamespaceNotFoundException)
	require.ErrorIs(
		t,
		cold(
			p.UpdateService(
				now,
				input[api.UpdateServiceInput](`{"service":"s0","serviceConnectConfiguration":{"enabled":true}}`),
			),
		),
		ecs.NamespaceNotFoundException,
	)
	require.NoError(t, create(`,"serviceConnectConfiguration":{"enabled":false}`))
	must(
		p.UpdateCluster(
			now,
			input[api.UpdateClusterInput](`{"cluster":"default","serviceConnectDefaults":{"namespace":"example"}}`),
		),
	)
	require.NoError(t, create(`,"serviceName":"other","serviceConnectConfiguration":{"enabled":true}`))
	out := must(p.DeleteTaskDefinitions(now, api.DeleteTaskDefinitionsInput{TaskDefinitions: []string{"bridge:1",
		"none:1", "old:1"}}))
	require.Equal(t, []ecs.Failure{ // answers of DeleteTaskDefinitions, as tests of clients have them
		{Arn: "bridge:1",
			Reason: "The specified task definition is still in ACTIVE status. Please deregister the target and try " +
				"again."},
		{Arn: "none:1",
			Reason: "The specified task definition does not exist. Specify a valid account, family, revision and " +
				"try again."},
	}, out.Failures)
	require.Len(t, out.TaskDefinitions, 1)
}
