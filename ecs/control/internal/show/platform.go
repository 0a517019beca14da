package show

import (
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/services"
)

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
	case asked != "" && asked != services.LatestPlatform:
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
