package services

import (
	"cmp"

	"github.com/bayplan/bayplan/ecs"
)

// PlatformVersion is the platform version of what runs on Fargate, as services and their
// deployments show it: LATEST where none was asked for. Elsewhere there is none.
// Source: Amazon ECS API Reference, Service.
func PlatformVersion(asked string, launchType ecs.LaunchType, strategy []ecs.CapacityProviderStrategyItem) string {
	if !ecs.OnFargate(launchType, strategy) {
		return ""
	}
	return cmp.Or(asked, LatestPlatform)
}

// LatestPlatform is the platform version of a task on Fargate that names none.
const LatestPlatform = "LATEST"
