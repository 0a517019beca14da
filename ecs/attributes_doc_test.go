package ecs_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
)

// The table of the package's documentation says what AttributesRequired says.
//
// Seen to fail: stopTimeout without container-ordering in the code; a row left out of the table.
func TestDocumentedAttributes(t *testing.T) {
	type cd = ecs.ContainerDefinition
	container := func(c cd) ecs.TaskDefinition { return ecs.TaskDefinition{ContainerDefinitions: []cd{c}} }
	volume := func(v ecs.Volume) ecs.TaskDefinition { return ecs.TaskDefinition{Volumes: []ecs.Volume{v}} }
	secret := func(from string) ecs.TaskDefinition {
		return container(cd{Secrets: []ecs.Secret{{Name: "S", ValueFrom: from}}})
	}
	rows := map[string]ecs.TaskDefinition{
		"networkMode awsvpc":        {NetworkMode: ecs.NetworkModeAwsvpc},
		"cpu or memory of the task": {CPU: "256"},
		"taskRoleArn":               {TaskRoleArn: "role"},
		"pidMode or ipcMode":        {IpcMode: "task"},
		"dependsOn": container(cd{DependsOn: []ecs.ContainerDependency{{ContainerName: "b",
			Condition: ecs.ContainerConditionStart}}}),
		"startTimeout, alone too": container(cd{StartTimeout: ecs.Some(3)}),
		"stopTimeout, alone too":  container(cd{StopTimeout: ecs.Some(3)}),
		"healthCheck":             container(cd{HealthCheck: &ecs.HealthCheck{Command: []string{"CMD", "true"}}}),
		"restartPolicy":           container(cd{RestartPolicy: &ecs.ContainerRestartPolicy{Enabled: true}}),
		"memoryReservation":       container(cd{MemoryReservation: 9}),
		"privileged":              container(cd{Privileged: ecs.Some(true)}),
		"a GPU": container(
			cd{ResourceRequirements: []ecs.ResourceRequirement{{Type: ecs.ResourceTypeGpu, Value: "1"}}}),
		"environmentFiles":           container(cd{EnvironmentFiles: []ecs.EnvironmentFile{{Value: "f"}}}),
		"secrets of Parameter Store": secret("name"),
		"secrets of Secrets Manager": secret("arn:aws:secretsmanager:us-east-1:123456789012:secret:s"),
		"log driver awslogs": container(
			cd{LogConfiguration: &ecs.LogConfiguration{LogDriver: ecs.LogDriverAwslogs}}),
		"an image in private ECR": container(cd{Image: "123456789012.dkr.ecr.us-east-1.amazonaws.com/a"}),
		"a volume of EFS": volume(ecs.Volume{EFSVolumeConfiguration: &ecs.EFSVolumeConfiguration{
			FileSystemID: "fs-1"}}),
		"a volume configuredAtLaunch": volume(ecs.Volume{ConfiguredAtLaunch: true}),
	}
	text, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	_, table, ok := strings.Cut(string(text), "// # Attributes that an instance must have\n")
	require.True(t, ok)
	table, _, _ = strings.Cut(table, "// # Guarantees")
	documented, member := map[string]string{}, ""
	for line := range strings.Lines(table) {
		if row, ok := strings.CutPrefix(strings.TrimRight(line, "\n"), "//\t"); ok {
			name, attributes, ok := strings.Cut(row, "  ")
			require.True(t, ok, row)
			if name != "" { // a row without one goes on with the last
				member = name
			}
			documented[member] = strings.TrimSpace(documented[member] + " " + strings.TrimSpace(attributes))
		}
	}
	require.Len(t, documented, len(rows))
	for member, d := range rows {
		var names []string
		for _, a := range d.AttributesRequired() {
			names = append(names, a.Name)
		}
		names = slices.DeleteFunc(names, func(name string) bool {
			return name == "com.amazonaws.ecs.capability.docker-remote-api.1.18"
		})
		slices.Sort(names)
		got := strings.Split(documented[member], ", ")
		slices.Sort(got)
		require.Equal(t, names, got, member)
	}
	require.Empty(t,
		container(cd{Image: "a", CPU: 1, Memory: 9,
			PortMappings: []ecs.PortMapping{{ContainerPort: 80}}}).AttributesRequired())
}
