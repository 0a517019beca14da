package sdk

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/examples/drill/command"
	"github.com/bayplan/bayplan/examples/drill/play"
	"github.com/bayplan/bayplan/examples/drill/scenario"
	"github.com/bayplan/bayplan/examples/drill/stage"
	"github.com/bayplan/bayplan/examples/drill/verdict"
)

// deploy is a tool of the drill that deploys with this SDK.
type deploy func(ctx context.Context, c *ecs.Client, n scenario.Names, began *types.Service) error

// Deploy is play.Tool's.
func (d deploy) Deploy(ctx context.Context, endpoint string, n scenario.Names) verdict.Ending {
	c := ecs.New(ecs.Options{Region: n.Region, BaseEndpoint: &endpoint,
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", "")})
	registered, err := c.RegisterTaskDefinition(ctx, &ecs.RegisterTaskDefinitionInput{Family: &n.Family,
		ContainerDefinitions: []types.ContainerDefinition{{Name: &n.Container, Image: &n.Image, Memory: aws.Int32(128),
			PortMappings: []types.PortMapping{{ContainerPort: aws.Int32(80)}}}}})
	if err != nil {
		return verdict.Ending{Code: 1, Output: err.Error()}
	}
	updated, err := c.UpdateService(ctx, &ecs.UpdateServiceInput{Cluster: &n.Cluster, Service: &n.Service,
		TaskDefinition: registered.TaskDefinition.TaskDefinitionArn})
	if err == nil {
		err = d(ctx, c, n, updated.Service)
	}
	if err != nil {
		return verdict.Ending{Code: 1, Output: err.Error()}
	}
	return verdict.Ending{}
}

// waited believes the SDK's waiter.
func waited(ctx context.Context, c *ecs.Client, n scenario.Names, _ *types.Service) error {
	return ecs.NewServicesStableWaiter(c).Wait(ctx, &ecs.DescribeServicesInput{Cluster: &n.Cluster,
		Services: []string{n.Service}}, time.Minute)
}

// watched looks besides whether the deployment that it began is there still, and completed.
func watched(ctx context.Context, c *ecs.Client, n scenario.Names, began *types.Service) error {
	if err := waited(ctx, c, n, began); err != nil {
		return err
	}
	out, err := c.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: &n.Cluster, Services: []string{n.Service}})
	if err != nil {
		return err
	}
	mine := aws.ToString(began.Deployments[0].Id)
	if !slices.ContainsFunc(out.Services[0].Deployments, func(d types.Deployment) bool {
		return aws.ToString(d.Id) == mine && d.RolloutState == types.DeploymentRolloutStateCompleted
	}) {
		return fmt.Errorf("deployment %s is not completed", mine)
	}
	return nil
}

// The drill with the real clients that are installed: those that believe the waiter fail when ECS rolls back, those
// that watch their own deployment do not.
//
// Seen to fail: a waiter that looks at the deployment, in the place of the one that believes.
func TestDrill(t *testing.T) {
	all, err := scenario.Own()
	require.NoError(t, err)
	scenarios, err := scenario.Select(all, []string{"1", "2", "5a"})
	require.NoError(t, err)
	believes := []verdict.Verdict{verdict.OK, verdict.Fail, verdict.Fail}
	watches := []verdict.Verdict{verdict.OK, verdict.OK, verdict.OK}
	run := func(program ...string) play.Tool { return command.Command{Args: program, Env: os.Environ()} }
	const stubs = "../../drill/stub/"
	for _, k := range []struct {
		name  string
		needs []string // a command that succeeds where the client is installed
		tool  play.Tool
		want  []verdict.Verdict
	}{
		{"SDK for Go, waiter", nil, deploy(waited), believes},
		{"SDK for Go, deployment", nil, deploy(watched), watches},
		{"AWS CLI, waiter", []string{"aws", "--version"},
			run(stubs+"cli.sh", "{{.Cluster}}", "{{.Service}}", "{{.TaskDefinition}}"), believes},
		{"boto3, deployment", []string{"python3", "-c", "import boto3"},
			run(stubs+"watch.py", "{{.Cluster}}", "{{.Service}}", "{{.TaskDefinition}}"), watches},
		{"SDK for JavaScript, waiter", []string{"node", stubs + "watch.mjs"},
			run(stubs+"watch.mjs", "{{.Cluster}}", "{{.Service}}", "{{.TaskDefinition}}", "believe"), believes},
		{"SDK for JavaScript, deployment", []string{"node", stubs + "watch.mjs"},
			run(stubs+"watch.mjs", "{{.Cluster}}", "{{.Service}}", "{{.TaskDefinition}}"), watches},
	} {
		t.Run(k.name, func(t *testing.T) {
			if words := k.needs; len(words) > 0 {
				if testing.Short() {
					t.Skip("starts another client")
				}
				if said, err := exec.Command(words[0], words[1:]...).CombinedOutput(); err != nil {
					t.Skipf("%q: %v: %s", words, err, said)
				}
			}
			var got []verdict.Verdict
			play.All(t.Context(), play.Config{Scenarios: scenarios, Paces: []stage.Pace{stage.Leap},
				Names: scenario.Default(), Timeout: 2 * time.Minute}, k.tool, func(r verdict.Result) {
				got = append(got, r.Verdict)
				t.Log(r.Scenario.Name, r.Verdict, r.Why, r.Runs[0].Ending.Output)
			})
			require.Equal(t, k.want, got)
		})
	}
}
