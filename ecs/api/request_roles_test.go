package api_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
)

// TestRolesOfRequests: each role of a request is held to the rule of a task definition's, and an override
// of Elastic Inference's retired devices is refused, not dropped.
//
// Seen to fail: requests whose roles were not looked at; an override that was taken and then shown as [].
func TestRolesOfRequests(t *testing.T) {
	const bad = `"arn:aws:iam::<ACCOUNT_ID>:role/web"`
	group := `{"targetGroupArn":"arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/0123456789abcdef",` +
		`"containerName":"web","containerPort":80}`
	fields := func(err error) (list []string) {
		for e := range ecs.Errors(err) {
			require.ErrorIs(t, e, ecs.InvalidParameterException)
			list = append(list, e.Field)
		}
		return list
	}
	for body, want := range map[string][]string{ //order:any each alone
		`"overrides":{"taskRoleArn":` + bad + `,"executionRoleArn":` + bad +
			`}`: {"overrides.executionRoleArn", "overrides.taskRoleArn"},
		`"overrides":{"taskRoleArn":"","executionRoleArn":"web"}`: nil,
		`"overrides":{"inferenceAcceleratorOverrides":[]}`:        nil,
		`"overrides":{"inferenceAcceleratorOverrides":[{"deviceName":"a","deviceType":"eia2.medium"}]}`: {
			"overrides.inferenceAcceleratorOverrides"},
	} {
		run, err := api.ParseInput[api.RunTaskInput]([]byte(`{"taskDefinition":"web",` + body + `}`))
		require.NoError(t, err, body)
		require.Equal(t, want, fields(run.Validate()), body)
		start, err := api.ParseInput[api.StartTaskInput]([]byte(`{"taskDefinition":"web","containerInstances":["` +
			strings.Repeat("a", 32) + `"],` + body + `}`))
		require.NoError(t, err, body)
		require.Equal(t, want, fields(start.Validate()), body)
	}
	for body, want := range map[string]string{ //order:any each alone
		`"role":` + bad + `,"loadBalancers":[` + group + `]`: "role",
		`"deploymentConfiguration":{"lifecycleHooks":[{"hookTargetArn":"arn:aws:lambda:us-east-1:123456789012:function:f","roleArn":` + bad +
			`,"lifecycleStages":["PRE_SCALE_UP"]}]}`: "deploymentConfiguration.lifecycleHooks[0].roleArn",
		`"volumeConfigurations":[{"name":"v","managedEBSVolume":{"sizeInGiB":1,"roleArn":` + bad +
			`}}]`: "volumeConfigurations[0].managedEBSVolume.roleArn",
	} {
		service, err := api.ParseInput[api.CreateServiceInput](
			[]byte(`{"serviceName":"web","taskDefinition":"web","desiredCount":1,` + body + `}`))
		require.NoError(t, err, body)
		require.Equal(t, []string{want}, fields(service.Validate()), body)
	}
}
