package promises

// services: rules of services, deployments and task sets.
func services() []promise {
	return []promise{
		{"Services launch tasks no faster than the quotas of ECS: 500 a minute, on Fargate 100 at once and 20 a " +
			"second.",
			"ecs/control", "TestLaunchRates"},
		{"All services of an account share the launch rate of Fargate.", "ecs/control", "TestLaunchRatesOfAnAccount"},
		{"Replicas, daemons and task sets all wait for their launch rate and then go on.", "ecs/scheduler",
			"TestLaunchesAreSpaced"},
		{"A deleted service or cluster is INACTIVE, not unknown: changes are refused as such, its history can be read.",
			"ecs/control", "TestDeletedIsInactive"},
		{"An event of a service of 5,000 tasks takes no more steps than one of a service of 5, by its census.",
			"internal/steps", "TestLinear"},
		{"A census plans what the whole view plans, byte for byte, whatever happened.", "ecs/scheduler", "TestCensus"},
		{"A service has at most five open deployments.", "ecs/control", "TestFiveDeployments"},
		{"No task is protected while a deployment waits for more protected tasks than the service is to have.",
			"ecs/control", "TestProtectionBlocksDeployment"},
		{"A task set starts ACTIVE, STABILIZING and at 0 percent, and a service has five at most.",
			"ecs/control", "TestTaskSets"},
		{"An Auto Scaling group has one capacity provider, and one that a cluster has says why it is not deleted.",
			"ecs/control", "TestCapacityProviderOfAGroup"},
		{"Refusals of requests say what AWS says, word for word, where tools match on it.", "ecs/api",
			"TestRequestSentences"},
		{"Refusals of task definitions begin with AWS's sentence.", "ecs", "TestRegistrationSentences"},
		{"Refusals that need the plane, and the failures of DeleteTaskDefinitions, say what AWS says.",
			"ecs/control", "TestSentences"},
		{"Every exception that is named is the answer of a call.", "examples/localecs/front",
			"TestEveryCodeIsRaised"},
		{"A canary's traffic weights, alarms, hooks and rollback can be seen, and all that a revision is made of.",
			"ecs/control", "TestProgressIsShown"},
		{"A service revision keeps the image digests that its first task resolved.", "ecs/control",
			"TestRevisionKeepsDigests"},
		{"Fargate's platform, a network interface's names, a provider's defaults and a target's role are shown as " +
			"AWS's examples show them.",
			"ecs/control", "TestWhatExamplesShow"},
	}
}
