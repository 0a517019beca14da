package ecs_test

import (
	"fmt"
	"testing"

	"github.com/bayplan/bayplan/ecs"
	"github.com/stretchr/testify/require"
)

func onFargate(cpu, memory string) ecs.TaskDefinition {
	return ecs.TaskDefinition{
		Family: "web", NetworkMode: ecs.NetworkModeAwsvpc,
		RequiresCompatibilities: []ecs.Compatibility{ecs.CompatibilityFargate},
		CPU:                     cpu, Memory: memory, ExecutionRoleArn: "role",
		ContainerDefinitions: []ecs.ContainerDefinition{{Name: "web", Image: "nginx"}},
	}
}

// Facts 2.1: every pair there is, and no other, counted.
func TestFargatePairs(t *testing.T) {
	counts := map[int]int{}
	classic := 0
	for _, cpu := range []int{128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536} {
		for memory := 256; memory <= 262144; memory += 256 {
			d := onFargate(fmt.Sprint(cpu), fmt.Sprint(memory))
			if d.Validate() == nil {
				counts[cpu]++
			}
			if d.ValidateBy(ecs.RuleSetClassic) == nil {
				classic++
			}
		}
	}
	require.Equal(t, map[int]int{256: 3, 512: 4, 1024: 7, 2048: 13, 4096: 23, 8192: 12, 16384: 12, 32768: 3}, counts)
	require.Equal(t, 50, classic)
	require.NoError(t, onFargate("2 vCPU", "4 GB").Validate())
	require.NoError(t, onFargate(".25 vcpu", "0.5GB").Validate())
	require.Error(t, onFargate("0.3 vCPU", "1 GB").Validate())
}

// Facts 9: where today's rule is wider than the classic one.
func TestRuleSets(t *testing.T) {
	container := func(change func(c *ecs.ContainerDefinition)) ecs.TaskDefinition {
		d := onFargate("256", "512")
		change(&d.ContainerDefinitions[0])
		return d
	}
	ec2 := ecs.TaskDefinition{Family: "web", CPU: "16 vCPU",
		ContainerDefinitions: []ecs.ContainerDefinition{{Name: "web", Image: "nginx", Memory: 128}}}
	efs, disk, arm := onFargate("256", "512"), onFargate("256", "512"), onFargate("256", "512")
	efs.Volumes = []ecs.Volume{{Name: "data",
		EFSVolumeConfiguration: &ecs.EFSVolumeConfiguration{FileSystemID: "fs-1"}}}
	disk.EphemeralStorage = &ecs.EphemeralStorage{SizeInGiB: 21}
	windows := onFargate("1024", "2048")
	windows.RuntimePlatform = &ecs.RuntimePlatform{OperatingSystemFamily: ecs.OSFamilyWindowsServer2022Core}
	arm.RuntimePlatform = &ecs.RuntimePlatform{CPUArchitecture: ecs.CPUArchitectureArm64}
	for _, row := range []struct {
		d     ecs.TaskDefinition
		field string
	}{
		{container(func(c *ecs.ContainerDefinition) {
			c.LogConfiguration = &ecs.LogConfiguration{LogDriver: ecs.LogDriverSplunk}
		}), "containerDefinitions[0].logConfiguration.logDriver"},
		{container(func(c *ecs.ContainerDefinition) {
			c.RepositoryCredentials = &ecs.RepositoryCredentials{CredentialsParameter: "secret"}
		}), "containerDefinitions[0].repositoryCredentials"},
		{container(func(c *ecs.ContainerDefinition) {
			c.LinuxParameters = &ecs.LinuxParameters{Capabilities: &ecs.KernelCapabilities{Add: []string{"SYS_PTRACE"}}}
		}), "containerDefinitions[0].linuxParameters.capabilities.add[0]"},
		{container(func(c *ecs.ContainerDefinition) { c.HealthCheck = &ecs.HealthCheck{Command: []string{"curl"}} }),
			"containerDefinitions[0].healthCheck.command"},
		{efs, "volumes[0].efsVolumeConfiguration"},
		{disk, "ephemeralStorage"},
		{arm, "runtimePlatform.cpuArchitecture"},
		{windows, "runtimePlatform.operatingSystemFamily"},
		{ec2, "cpu"},
	} {
		require.NoError(t, row.d.Validate())
		require.Equal(t, []string{"ClientException " + row.field}, named(row.d.ValidateBy(ecs.RuleSetClassic)))
	}
}

// Facts on placement 8.1.
func TestMayRebalance(t *testing.T) {
	spread := []ecs.PlacementStrategy{{Type: "spread", Field: "attribute:ecs.availability-zone"},
		{Type: "binpack", Field: "memory"}}
	require.True(t, ecs.Service{}.MayRebalance())
	require.True(t, ecs.Service{PlacementStrategy: spread}.MayRebalance())
	require.False(t, ecs.Service{PlacementStrategy: spread[1:]}.MayRebalance())
	require.False(t, ecs.Service{LoadBalancers: []ecs.LoadBalancer{{LoadBalancerName: "x"}}}.MayRebalance())
}

// Facts 1.21.
func TestCompatibleWith(t *testing.T) {
	bridge := ecs.TaskDefinition{Family: "web", ContainerDefinitions: []ecs.ContainerDefinition{{Name: "web",
		Image: "nginx", Memory: 128}}}
	awsvpc, privileged := bridge.Clone(), bridge.Clone()
	awsvpc.NetworkMode = ecs.NetworkModeAwsvpc
	privileged.ContainerDefinitions[0].Privileged = ecs.Some(true)
	privileged.NetworkMode = ecs.NetworkModeHost
	for _, row := range []struct {
		d    ecs.TaskDefinition
		want []ecs.Compatibility
	}{
		{onFargate("256", "512"), []ecs.Compatibility{"EC2", "FARGATE", "MANAGED_INSTANCES"}},
		{bridge, []ecs.Compatibility{"EC2", "EXTERNAL"}},
		{awsvpc, []ecs.Compatibility{"EC2", "MANAGED_INSTANCES"}},
		{privileged, []ecs.Compatibility{"EC2", "EXTERNAL", "MANAGED_INSTANCES"}},
	} {
		require.Equal(t, row.want, row.d.CompatibleWith())
	}
}

// Facts 1.5.
func TestSizes(t *testing.T) {
	for text, units := range map[string]int64{"1024": 1024, "1 vCPU": 1024, "1 vcpu": 1024, "1 VCPU": 1024,
		".5 vCPU": 512, "0.25vCPU": 256, "16 vCPU": 16384} { //order:any each alone
		got, ok := ecs.ParseCPU(text)
		require.True(t, ok, text)
		require.Equal(t, units, got, text)
	}
	for text, mib := range map[string]int64{"1024": 1024, "1GB": 1024, "1 GB": 1024, "0.5 GB": 512, ".5 gb": 512,
		"3 GB": 3072} { //order:any each alone
		got, ok := ecs.ParseMemory(text)
		require.True(t, ok, text)
		require.Equal(t, mib, got, text)
	}
	for _, text := range []string{"", " ", "x", "-1", "1e3", "vCPU", "0.3 vCPU", "1 cpu", "1,5 vCPU", "99999999999"} {
		_, ok := ecs.ParseCPU(text)
		require.False(t, ok, text)
	}
	for _, text := range []string{"", "GB", "b", "1 MB", "1 GiB", "0.3 GB", "-1 GB"} {
		_, ok := ecs.ParseMemory(text)
		require.False(t, ok, text)
	}
}
