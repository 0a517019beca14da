package promises

// services: rules of services, deployments and task sets.
func services() []promise {
	return []promise{
		{"Services launch tasks no faster than the quotas of ECS: 500 a minute, on Fargate 100 at once and 20 a second.",
			"ecs/control", "TestLaunchRates"},
		{"All services of an account share the launch rate of Fargate.", "ecs/control", "TestLaunchRatesOfAnAccount"},
		{"Replicas, daemons and task sets all wait for their launch rate and then go on.", "ecs/scheduler", "TestLaunchesAreSpaced"},
	}
}
