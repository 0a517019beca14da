package ecs

// The capacity providers of AWS Fargate, which every account has.
const (
	CapacityProviderFargate     = "FARGATE"
	CapacityProviderFargateSpot = "FARGATE_SPOT"
)

// IsFargateProvider reports whether a capacity provider of this name is Fargate's.
func IsFargateProvider(name string) bool {
	return name == CapacityProviderFargate || name == CapacityProviderFargateSpot
}

// OnFargate reports whether tasks with this launch type, or this capacity provider strategy, run on
// Fargate. Where there is a strategy, the launch type does not count; a strategy never mixes Fargate's
// providers with others.
func OnFargate(launchType LaunchType, strategy []CapacityProviderStrategyItem) bool {
	if len(strategy) > 0 {
		return IsFargateProvider(strategy[0].CapacityProvider)
	}
	return launchType == LaunchTypeFargate
}

// LaunchDefaults returns the launch type and the strategy with which a request runs in a cluster: its
// own; else the cluster's default strategy; else the launch type EC2. Source: Amazon ECS API Reference,
// RunTask and CreateService.
func LaunchDefaults(
	launchType LaunchType, strategy []CapacityProviderStrategyItem, c Cluster,
) (LaunchType, []CapacityProviderStrategyItem) {
	if launchType == "" && len(strategy) == 0 {
		strategy = c.DefaultCapacityProviderStrategy
	}
	if launchType == "" && len(strategy) == 0 {
		launchType = LaunchTypeEC2
	}
	return launchType, strategy
}
