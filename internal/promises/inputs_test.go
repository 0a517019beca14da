package promises

// inputs: members of requests.
func inputs() []promise {
	return []promise{
		{"Each member of each input of AWS's model is modelled, kept and shown, or refused by its name.",
			"examples/localecs/sdk", "TestEveryMember"},
		{"A member that is sent alone is taken or refused by its name; in another case of letters it is refused.",
			"examples/localecs/front", "TestEveryMember"},
		{"A key that is unknown, miscased or there twice is named with its path, and all of them at once.",
			"ecs/api", "TestParseInput"},
		{"A time that an Instant cannot hold is refused, and not read as another time.", "ecs", "TestInstantOfText"},
		{"Each member of each input is read by what acts on it, or listed as checked only.",
			"internal/purity", "TestInputs"},
		{"A cluster's configuration and a service's monitoring are shown as they were given.",
			"examples/localecs/front", "TestKeptMembersAreShown"},
		{"ListServiceDeployments heeds createdAt, ListServices resourceManagementType; ListTasks refuses daemonName.",
			"examples/localecs/front", "TestFilters"},
		{"A task set registers its tasks with its registries, and its client token makes it once.",
			"ecs/control", "TestTaskSetInputs"},
		{"A volume configuration that no volume of the task definition waits for is refused, and so is the reverse.",
			"ecs/api", "TestVolumesForTaskDefinition"},
		{"Fargate and the deployment controller have their say on the volumes of the service that results.",
			"ecs/api", "TestVolumesForService"},
		{"An Amazon EBS volume has one size, speed, file system and role that its type allows.",
			"ecs/api", "TestRefusedVolumes"},
		{"A task is PROVISIONING until its volume is attached, DEPROVISIONING until it is given back, and shows it.",
			"ecs/control", "TestVolumeOfATask"},
		{"A volume that cannot be had ends its task with the reason; one that comes too late is given back.",
			"ecs/control", "TestVolumeThatFails"},
		{"Another volume starts a deployment of the service, and a rollback goes back to the first.",
			"ecs/control", "TestVolumesOfAService"},
		{"Volumes, monitoring and configurations are taken from the SDK and shown to it member by member.",
			"examples/localecs/sdk", "TestVolumeShapes"},
		{"Roles in requests are held to the rule of task definitions; overrides of retired devices are refused, not " +
			"dropped.",
			"ecs/api", "TestRolesOfRequests"},
		{"Platform devices must be GPUs that the instance counts; kept configurations are checked.",
			"ecs/api", "TestKeptInputs"},
	}
}
