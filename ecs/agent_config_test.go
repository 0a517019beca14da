package ecs_test

import (
	"slices"
	"testing"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/ecstest"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestParseAgentConfig(t *testing.T) {
	want := ecs.AgentConfig{
		Cluster:                    "prod",
		InstanceAttributes:         []ecs.Attribute{{Name: "rack", Value: "7"}, {Name: "stack", Value: "web"}},
		ReservedMemory:             256,
		ReservedPorts:              ecs.Some([]string{"22", "9100"}),
		DynamicHostPorts:           ecs.Some(ecs.PortRange{First: 40000, Last: 50000}),
		EnableSpotInstanceDraining: true,
		ContainerStopTimeout:       ecs.Some(2 * time.Minute),
		Other:                      map[string]string{"ECS_LOGLEVEL": "debug"},
	}
	for _, text := range []string{`
# the agent's configuration
ECS_CLUSTER=prod
ECS_INSTANCE_ATTRIBUTES={"stack": "web", "rack": "7"}
ECS_RESERVED_MEMORY=256
ECS_RESERVED_PORTS=[22, 9100]
ECS_DYNAMIC_HOST_PORT_RANGE=40000-50000
ECS_ENABLE_SPOT_INSTANCE_DRAINING=true
ECS_CONTAINER_STOP_TIMEOUT=2m
ECS_LOGLEVEL=debug
`, `#!/bin/bash
yum update -y
cat <<'END' >> /etc/ecs/ecs.config
ECS_CLUSTER=prod
ECS_RESERVED_PORTS=[22, 9100]
ECS_RESERVED_MEMORY=256
ECS_LOGLEVEL=debug
END
echo ECS_ENABLE_SPOT_INSTANCE_DRAINING=true >> /etc/ecs/ecs.config
echo "ECS_CONTAINER_STOP_TIMEOUT=2m" >> /etc/ecs/ecs.config;
echo 'ECS_INSTANCE_ATTRIBUTES={"stack": "web", "rack": "7"}' >> /etc/ecs/ecs.config
export ECS_DYNAMIC_HOST_PORT_RANGE="40000-50000"
start ecs
`} {
		got, err := ecs.ParseAgentConfig(text)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	_, err := ecs.ParseAgentConfig("ECS_CLUSTER=a b\nECS_RESERVED_MEMORY=-1\nECS_RESERVED_PORTS=22\nECS_DYNAMIC_HOST_PORT_RANGE=9-8\nECS_ENABLE_TASK_ENI=maybe\nECS_CONTAINER_STOP_TIMEOUT=0s\nECS_INSTANCE_ATTRIBUTES=x\nwhat\n")
	require.Equal(t, []string{
		"InvalidParameterException ",
		"InvalidParameterException ECS_CLUSTER",
		"InvalidParameterException ECS_CONTAINER_STOP_TIMEOUT",
		"InvalidParameterException ECS_DYNAMIC_HOST_PORT_RANGE",
		"InvalidParameterException ECS_ENABLE_TASK_ENI",
		"InvalidParameterException ECS_INSTANCE_ATTRIBUTES",
		"InvalidParameterException ECS_RESERVED_MEMORY",
		"InvalidParameterException ECS_RESERVED_PORTS",
	}, named(err))
}

// A Linux instance with everything on can run whatever is valid on Linux, as far as
// capabilities go: what definitions require is what agents advertise.
func TestCapabilitiesMeetRequirements(t *testing.T) {
	config := ecs.AgentConfig{EnableTaskIAMRole: true, EnableTaskIAMRoleNetworkHost: true, EnableGPUSupport: true, SELinuxCapable: true, AppArmorCapable: true}
	in, err := config.Registration(ecs.Machine{CPU: 4096, Memory: 8192, GPUs: []string{"GPU-0"}})
	require.NoError(t, err)
	require.NoError(t, in.Validate())
	require.Equal(t, "default", in.Cluster)
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom([]ecstest.Kind{ecstest.KindBridge, ecstest.KindHost, ecstest.KindNone, ecstest.KindAwsvpc}).Draw(t, "kind")
		d := ecstest.TaskDefinitionsOf(kind).Draw(t, "task definition")
		for _, a := range d.AttributesRequired() {
			if a.Name == "ecs.capability.docker-plugin.rexray" {
				continue
			}
			require.True(t, slices.Contains(in.Attributes, a), "%s is required and not advertised", a.Name)
		}
	})
	_, err = ecs.AgentConfig{ReservedMemory: 9000}.Registration(ecs.Machine{Memory: 8192})
	require.ErrorIs(t, err, ecs.InvalidParameterException)
}

// Facts 1.20.
func TestAttributesRequired(t *testing.T) {
	names := func(d ecs.TaskDefinition) []string {
		list := []string{}
		for _, a := range d.AttributesRequired() {
			list = append(list, a.Name)
		}
		return list
	}
	require.Empty(t, names(ecs.TaskDefinition{ContainerDefinitions: []ecs.ContainerDefinition{{Image: "nginx", Memory: 128}}}))
	require.Equal(t, []string{
		"com.amazonaws.ecs.capability.docker-remote-api.1.18",
		"com.amazonaws.ecs.capability.docker-remote-api.1.19",
		"com.amazonaws.ecs.capability.ecr-auth",
		"com.amazonaws.ecs.capability.logging-driver.awslogs",
		"com.amazonaws.ecs.capability.task-iam-role",
		"ecs.capability.execution-role-awslogs",
		"ecs.capability.execution-role-ecr-pull",
		"ecs.capability.secrets.asm.environment-variables",
		"ecs.capability.task-cpu-mem-limit",
		"ecs.capability.task-eni",
	}, names(ecs.TaskDefinition{
		NetworkMode: ecs.NetworkModeAwsvpc, CPU: "256", TaskRoleArn: "role", ExecutionRoleArn: "role",
		ContainerDefinitions: []ecs.ContainerDefinition{{
			Image:            "123456789012.dkr.ecr.us-east-1.amazonaws.com/web",
			LogConfiguration: &ecs.LogConfiguration{LogDriver: ecs.LogDriverAwslogs},
			Secrets:          []ecs.Secret{{Name: "A", ValueFrom: "arn:aws:secretsmanager:us-east-1:123456789012:secret:a"}},
		}},
	}))
}
