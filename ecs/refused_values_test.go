package ecs_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
)

// TestRoleIsValid: what a role may be, in both fields. "" is absent.
//
// Seen to fail: an account of any characters; a name that is not looked at.
func TestRoleIsValid(t *testing.T) {
	check := func(role string) error {
		return ecs.TaskDefinition{Family: "web", TaskRoleArn: role, ExecutionRoleArn: role,
			ContainerDefinitions: []ecs.ContainerDefinition{{Name: "web", Image: "web", Memory: 128}}}.Validate()
	}
	for _, role := range []string{"", "ecsTaskExecutionRole", "a_b+c=d,e.f@g-1", "arn:aws:iam::123456789012:role/web",
		"arn:aws-cn:iam::123456789012:role/service-role/web", strings.Repeat("r", 64)} {
		require.NoError(t, check(role), role)
	}
	for role, message := range map[string]string{ //order:any each alone
		"arn:aws:iam::<ACCOUNT_ID>:role/web":           "Role is not valid.",
		"arn:aws:iam::${AWS_ACCOUNT_ID}:role/web":      "Role is not valid.",
		"arn:aws:iam:::role/web":                       "Role is not valid.",
		"arn:aws:iam::12345678901:role/web":            "Role is not valid.",
		"arn:aws:iam::123456789012:role/":              "Role is not valid.",
		"arn:aws:iam::123456789012:role/<ROLE>":        "Role is not valid.",
		"arn:aws:iam::123456789012:user/web":           "Invalid arn syntax.",
		"arn:aws:sts::123456789012:role/web":           "Invalid arn syntax.",
		"{{role}}":                                     "Role is not valid.",
		strings.Repeat("r", 65):                        "Role is not valid.",
		"arn:aws:iam::123456789012:role/service-role/": "Role is not valid.",
	} {
		var fields []string
		for e := range ecs.Errors(check(role)) {
			require.ErrorIs(t, e, ecs.ClientException)
			require.True(t, strings.HasPrefix(e.Message, message), e.Message)
			fields = append(fields, e.Field)
		}
		require.Equal(t, []string{"executionRoleArn", "taskRoleArn"}, fields, role)
	}
}

// TestPlacementWithoutArgument: random takes no field and distinctInstance no expression, not even an
// empty one, which JSON tells from none.
//
// Seen to fail: random with any field; a constraint that forgets an empty expression.
func TestPlacementWithoutArgument(t *testing.T) {
	for body, field := range map[string]string{ //order:any each alone
		`"placementStrategy":[{"type":"random"}],"placementConstraints":[{"type":"distinctInstance"}]`: "",
		`"placementStrategy":[{"type":"random","field":"instanceId"}]`:                                 "placementStrategy[0].field",
		`"placementConstraints":[{"type":"distinctInstance","expression":""}]`:                         "placementConstraints[0].expression",
		`"placementConstraints":[{"type":"distinctInstance","expression":"attribute:a exists"}]`:       "placementConstraints[0].expression",
		`"placementConstraints":[{"type":"memberOf","expression":""}]`:                                 "placementConstraints[0].expression",
	} {
		var service api.CreateServiceInput
		require.NoError(t,
			json.Unmarshal([]byte(`{"serviceName":"web","taskDefinition":"web","desiredCount":1,`+body+`}`), &service))
		var task api.RunTaskInput
		require.NoError(t, json.Unmarshal([]byte(`{"taskDefinition":"web",`+body+`}`), &task))
		for _, err := range []error{service.Validate(), task.Validate()} {
			if field == "" {
				require.NoError(t, err, body)
				continue
			}
			var fields []string
			for e := range ecs.Errors(err) {
				require.ErrorIs(t, e, ecs.InvalidParameterException)
				fields = append(fields, e.Field)
			}
			require.Equal(t, []string{field}, fields, body)
		}
	}
}
