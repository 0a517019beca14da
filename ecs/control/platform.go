package control

import (
	"cmp"
	"strings"

	"github.com/bayplan/bayplan/ecs"
)

// platformVersion is the platform version of what runs on Fargate, as services and their
// deployments show it: LATEST where none was asked for. Elsewhere there is none.
// Source: Amazon ECS API Reference, Service.
func platformVersion(asked string, launchType ecs.LaunchType, strategy []ecs.CapacityProviderStrategyItem) string {
	if !ecs.OnFargate(launchType, strategy) {
		return ""
	}
	return cmp.Or(asked, latestPlatform)
}

const latestPlatform = "LATEST"

// platformFamily is the platform family of what runs on Fargate; elsewhere there is none.
func platformFamily(
	d ecs.TaskDefinition, launchType ecs.LaunchType, strategy []ecs.CapacityProviderStrategyItem,
) string {
	if !ecs.OnFargate(launchType, strategy) {
		return ""
	}
	return fargateFamily(d)
}

func fargateFamily(d ecs.TaskDefinition) string {
	if r := d.RuntimePlatform; r != nil && strings.HasPrefix(string(r.OperatingSystemFamily), "WINDOWS") {
		return "Windows"
	}
	return "Linux"
}

// resolvedPlatform is the platform version that a task on Fargate got: of LATEST, the newest.
// Source: Amazon ECS Developer Guide, "Fargate platform versions for Amazon ECS".
func resolvedPlatform(asked string, d ecs.TaskDefinition) string {
	switch {
	case asked != "" && asked != latestPlatform:
		return asked
	case fargateFamily(d) == "Windows":
		return "1.0.0"
	}
	return "1.4.0"
}

// fargateArchitecture is the value of ecs.cpu-architecture of a task on Fargate.
func fargateArchitecture(d ecs.TaskDefinition) string {
	if r := d.RuntimePlatform; r != nil && r.CPUArchitecture == ecs.CPUArchitectureArm64 {
		return "arm64"
	}
	return "x86_64"
}
