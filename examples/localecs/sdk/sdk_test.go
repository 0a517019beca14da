// Package sdk drives localecs with the AWS SDK for Go v2, unchanged: typed errors, waiters and
// a service's life from creation to deletion.
package sdk

import (
	"context"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/examples/localecs/front"
)

func client(t *testing.T, config front.Config) *ecs.Client {
	t.Helper()
	server, err := front.New(config)
	require.NoError(t, err)
	s := httptest.NewServer(server)
	t.Cleanup(s.Close)
	return ecs.New(ecs.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(s.URL), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
	})
}

func register(t *testing.T, c *ecs.Client, image string) string {
	t.Helper()
	out, err := c.RegisterTaskDefinition(context.Background(), &ecs.RegisterTaskDefinitionInput{
		Family: aws.String("web"),
		ContainerDefinitions: []types.ContainerDefinition{{
			Name: aws.String("web"), Image: aws.String(image), Memory: aws.Int32(128),
			PortMappings: []types.PortMapping{{ContainerPort: aws.Int32(80), HostPort: aws.Int32(0)}},
		}},
	})
	require.NoError(t, err)
	return aws.ToString(out.TaskDefinition.TaskDefinitionArn)
}

func TestService(t *testing.T) {
	ctx, noon := context.Background(), time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)
	c := client(t, front.Config{Now: func() time.Time {
		return noon
	}, Seed: 1, Instances: 4, AdvanceOnPoll: true, Manual: true})
	first := register(t, c, "web:1")
	created, err := c.CreateService(ctx, &ecs.CreateServiceInput{ServiceName: aws.String("web"),
		TaskDefinition: aws.String("web"), DesiredCount: aws.Int32(3),
		DeploymentConfiguration: &types.DeploymentConfiguration{
			DeploymentCircuitBreaker: &types.DeploymentCircuitBreaker{Enable: true, Rollback: true}}})
	require.NoError(t, err)
	require.Equal(t, first, aws.ToString(created.Service.TaskDefinition))
	require.Equal(t, noon, created.Service.CreatedAt.UTC())
	stable := func() *types.Service {
		t.Helper()
		w := ecs.NewServicesStableWaiter(c, func(o *ecs.ServicesStableWaiterOptions) {
			o.MinDelay, o.MaxDelay = time.Millisecond, time.Millisecond
		})
		out, err := w.WaitForOutput(ctx, &ecs.DescribeServicesInput{Services: []string{"web"}}, time.Hour)
		require.NoError(t, err)
		return &out.Services[0]
	}
	require.EqualValues(t, 3, stable().RunningCount)

	second := register(t, c, "web:2")
	_, err = c.UpdateService(ctx, &ecs.UpdateServiceInput{Service: aws.String("web"),
		TaskDefinition: aws.String(second)})
	require.NoError(t, err)
	s := stable()
	require.Equal(t, second, aws.ToString(s.Deployments[0].TaskDefinition))

	_, err = c.UpdateService(ctx, &ecs.UpdateServiceInput{Service: aws.String("web"), DesiredCount: aws.Int32(5)})
	require.NoError(t, err)
	require.EqualValues(t, 5, stable().RunningCount)

	instances, err := c.ListContainerInstances(ctx, &ecs.ListContainerInstancesInput{})
	require.NoError(t, err)
	drained, err := c.UpdateContainerInstancesState(ctx,
		&ecs.UpdateContainerInstancesStateInput{ContainerInstances: instances.ContainerInstanceArns[:1],
			Status: types.ContainerInstanceStatusDraining})
	require.NoError(t, err)
	require.Equal(t, "DRAINING", aws.ToString(drained.ContainerInstances[0].Status))
	for polls, left := 0, int32(1); left > 0; polls++ { // each lets virtual time run
		require.Less(t, polls, 1000, "the instance is never empty")
		out, err := c.DescribeContainerInstances(ctx,
			&ecs.DescribeContainerInstancesInput{ContainerInstances: instances.ContainerInstanceArns[:1]})
		require.NoError(t, err)
		left = out.ContainerInstances[0].RunningTasksCount
	}

	_, err = c.DeleteService(ctx, &ecs.DeleteServiceInput{Service: aws.String("web")})
	var refused *types.InvalidParameterException
	require.ErrorAs(t, err, &refused)
	_, err = c.DeleteService(ctx, &ecs.DeleteServiceInput{Service: aws.String("web"), Force: aws.Bool(true)})
	require.NoError(t, err)
	inactive := ecs.NewServicesInactiveWaiter(c, func(o *ecs.ServicesInactiveWaiterOptions) {
		o.MinDelay, o.MaxDelay = time.Millisecond, time.Millisecond
	})
	require.NoError(t, inactive.Wait(ctx, &ecs.DescribeServicesInput{Services: []string{"web"}}, time.Hour))
}

func TestTasks(t *testing.T) {
	ctx := context.Background()
	c := client(t, front.Config{Seed: 1, Instances: 2, AdvanceOnPoll: true, Manual: true})
	register(t, c, "web:1")
	out, err := c.RunTask(ctx, &ecs.RunTaskInput{TaskDefinition: aws.String("web"), Count: aws.Int32(2)})
	require.NoError(t, err)
	require.Empty(t, out.Failures)
	arns := []string{aws.ToString(out.Tasks[0].TaskArn), aws.ToString(out.Tasks[1].TaskArn)}
	running := ecs.NewTasksRunningWaiter(c, func(o *ecs.TasksRunningWaiterOptions) {
		o.MinDelay, o.MaxDelay = time.Millisecond, time.Millisecond
	})
	require.NoError(t, running.Wait(ctx, &ecs.DescribeTasksInput{Tasks: arns}, time.Hour))
	_, err = c.StopTask(ctx, &ecs.StopTaskInput{Task: aws.String(arns[0]), Reason: aws.String("enough")})
	require.NoError(t, err)
	stopped := ecs.NewTasksStoppedWaiter(c, func(o *ecs.TasksStoppedWaiterOptions) {
		o.MinDelay, o.MaxDelay = time.Millisecond, time.Millisecond
	})
	done, err := stopped.WaitForOutput(ctx, &ecs.DescribeTasksInput{Tasks: arns[:1]}, time.Hour)
	require.NoError(t, err)
	require.Equal(t, types.TaskStopCodeUserInitiated, done.Tasks[0].StopCode)
	require.Equal(t, "enough", aws.ToString(done.Tasks[0].StoppedReason))
	require.NotNil(t, done.Tasks[0].StoppedAt)
}

func TestErrors(t *testing.T) {
	ctx := context.Background()
	c := client(t, front.Config{Seed: 1, Instances: 1, Manual: true})
	_, err := c.ListTasks(ctx, &ecs.ListTasksInput{Cluster: aws.String("nope")})
	var unknown *types.ClusterNotFoundException
	require.ErrorAs(t, err, &unknown)
	_, err = c.RegisterTaskDefinition(ctx, &ecs.RegisterTaskDefinitionInput{Family: aws.String("web"),
		ContainerDefinitions: []types.ContainerDefinition{{Name: aws.String("a")}}})
	var client *types.ClientException
	require.ErrorAs(t, err, &client)
	require.Contains(t, client.ErrorMessage(), "Container.image should not be null or empty.")
	_, err = c.UpdateService(ctx, &ecs.UpdateServiceInput{Service: aws.String("nope")})
	var service *types.ServiceNotFoundException
	require.ErrorAs(t, err, &service)
}

// A revision that cannot be pulled is rolled back, and the deployment says so.
func TestRollback(t *testing.T) {
	ctx := context.Background()
	s := newShaped(t, front.Config{Seed: 1, Instances: 3, AdvanceOnPoll: true, Manual: true})
	first := register(t, s.ecs, "web:1")
	as(s, s.ecs.CreateService, &ecs.CreateServiceInput{ServiceName: aws.String("web"),
		TaskDefinition: aws.String("web"), DesiredCount: aws.Int32(2),
		DeploymentConfiguration: &types.DeploymentConfiguration{
			DeploymentCircuitBreaker: &types.DeploymentCircuitBreaker{Enable: true, Rollback: true}}})
	w := ecs.NewServicesStableWaiter(s.ecs, func(o *ecs.ServicesStableWaiterOptions) {
		o.MinDelay, o.MaxDelay = time.Millisecond, time.Millisecond
	})
	require.NoError(t, w.Wait(ctx, &ecs.DescribeServicesInput{Services: []string{"web"}}, time.Hour))
	s.local("POST", "/_local/behaviour", `{"image":"web:bad","pullError":"not found"}`)
	as(s, s.ecs.UpdateService, &ecs.UpdateServiceInput{Service: aws.String("web"),
		TaskDefinition: aws.String(register(t, s.ecs, "web:bad"))})
	require.NoError(t, w.Wait(ctx, &ecs.DescribeServicesInput{Services: []string{"web"}}, time.Hour))
	v := as(s, s.ecs.DescribeServices, &ecs.DescribeServicesInput{Services: []string{"web"}}).Services[0]
	require.Len(t, v.Deployments, 1)
	require.Equal(t, first, aws.ToString(v.Deployments[0].TaskDefinition))
	require.EqualValues(t, 2, v.RunningCount)
	briefs := as(s, s.ecs.ListServiceDeployments,
		&ecs.ListServiceDeploymentsInput{Service: aws.String("web")}).ServiceDeployments
	var statuses []types.ServiceDeploymentStatus
	for _, d := range briefs {
		statuses = append(statuses, d.Status)
	}
	require.Contains(t, statuses, types.ServiceDeploymentStatusRollbackSuccessful)
}
