package ecs_test

import (
	"strings"
	"testing"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/ecstest"
	"github.com/stretchr/testify/require"
)

// registrationSentences is how ECS begins its refusals of a task definition, by the name of the
// planted fault. What follows in ours are the numbers.
// Source: answers of Amazon ECS to RegisterTaskDefinition.
func registrationSentences() map[string]string {
	return map[string]string{
		"no containers":              "Container list cannot be empty",
		"two containers of one name": "Container names must be unique within a task definition",
		"eleven containers":          "Too many containers.",
		"no name":                    "Container.name should not be null or empty.",
		"no image":                   "Container.image should not be null or empty.",
		"family with a blank":        "Family contains invalid characters.",
		"no essential container":     "Task definition doesn't have any essential container",
		"neither memory nor reservation": "Invalid setting for container 'planted'. At least one of " +
			"'memory' or 'memoryReservation' must be specified.",
		"memory below its reservation": "Invalid setting for container 'planted'. 'memory' must be " +
			"greater than or equal to 'memoryReservation'",
		"container memory above the task's": "The 'memory' setting for container 'planted' is greater than " +
			"for the task",
		"container cpu above the task's": "The sum of all container 'cpu' values cannot be greater than " +
			"the value of the task 'cpu'",
		"task cpu that is not an amount": "Invalid 'cpu' setting for task.",
		"Fargate without cpu":            "Fargate requires that 'cpu' be defined at the task level.",
		"Fargate without memory":         "Fargate requires that 'memory' be defined at the task level.",
		"Fargate with host":              "Fargate only supports network mode 'awsvpc'.",
		"Fargate with 8 vCPU off the steps": "No Fargate configuration exists for given values: 8192 CPU, " +
			"17408 memory.",
		"Fargate with devices": "Fargate compatible task definitions do not support devices",
		"Fargate with a privileged container": "Fargate requires that the ‘privileged’ setting be ‘false’ at " +
			"the container level.",
		"Fargate with a GPU": "Tasks using the Fargate launch type do not support GPU resource " +
			"requirements.",
		"Fargate with pidMode host": "Tasks using the Fargate launch type do not support pidMode " +
			"'host'. The supported value for pidMode is 'task'.",
		"Fargate with a capability": "NET_ADMIN is not allowed on Fargate.",
		"Fargate with json-file": "json-file is not a valid log driver. Must be one of " +
			"[awslogs,splunk,awsfirelens]",
		"awslogs without a group": "Log driver awslogs requires options: awslogs-group",
		"Fargate awslogs without an execution role": "Fargate requires task definition to have execution role ARN to " +
			"support log driver awslogs.",
		"secrets without an execution role": "When you are specifying container secrets, you must also specify a " +
			"value for 'executionRoleArn'",
		"ephemeral storage on EC2":    "Tasks using the EC2 launch type do not support EphemeralStorage.",
		"ephemeral storage of 20 GiB": "EphemeralStorage size should be at least 21",
		"links under awsvpc":          "Links are not supported when networkMode=awsvpc.",
		"awsvpc host port that differs": "When networkMode=awsvpc, the host ports and container ports in port " +
			"mappings must match",
		"host port twice under bridge": "TCP host port '80' is mapped multiple times in task.",
		"container port twice under awsvpc": "TCP container port '7080' is used multiple times in task when " +
			"networkMode=awsvpc.",
		"no container port":     "Invalid 'containerPort' setting for container 'planted'",
		"dependency on nothing": "Cannot depend on container + 'nope' because it does not exist",
		"SUCCESS of an essential container": "A dependency container with SUCCESS or COMPLETE condition cannot be " +
			"an essential container",
		"HEALTHY without a health check": "A dependency container with HEALTHY condition must have health " +
			"check configured",
		"health check every 301 s": "Health check interval must be less than or equal to the maximum " +
			"allowed value 300 for container 'planted'",
		"soft limit above the hard one": "Soft limit exceeds hard limit for ulimit nofile",
		"mount of no volume":            "Unknown volume 'nope'.",
		"volumes from no container":     "Invalid 'volumesFrom' setting. Unknown container: 'nope'.",
		"EFS access point " +
			"with a root": `When using an EFS access point, the root directory must either be set to "/" or be omitted`,
		"inference accelerators":                "Unsupported field 'inferenceAccelerators'.",
		"distinctInstance in a task definition": "constraint.type 'distinctInstance' is not supported.",
	}
}

// TestRegistrationSentences holds what is said of a planted fault against ECS's sentence.
func TestRegistrationSentences(t *testing.T) {
	want := registrationSentences()
	for _, f := range ecstest.Faults() {
		sentence, ok := want[f.Rule]
		if !ok {
			continue
		}
		delete(want, f.Rule)
		for e := range ecs.Errors(ecstest.BrokenBy(f).Example(1).TaskDefinition.Validate()) {
			require.True(t, strings.HasPrefix(e.Message, sentence), "%s: %q", f.Rule, e.Message)
		}
	}
	require.Empty(t, want, "sentences without a fault")
}
