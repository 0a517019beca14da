package promises

// machines: life cycles, scaling, load balancing and images.
func machines() []promise {
	return []promise{
		{
			"A container whose dependency failed is shown with exit code 143, the reason, and stop code " +
				"TaskFailedToStart.",
			"ecs/sim", "TestBrokenDependency"},
		{"The plane takes an agent's word for a container that was never started as the agent's own machine does.",
			"lifecycle", "TestDependencyBroken"},
		{"A container waits three hours at most for the health or the exit of another one.",
			"lifecycle", "TestTraps"},
		{"A count of failures of any size has its wait: constants fit 32 bits.", "ecs/scheduler", "TestThrottleWait"},
		{"A role is refused whose account is not twelve digits; an empty role is an absent one.",
			"ecs", "TestRoleIsValid"},
		{"random takes no field and distinctInstance no expression, not even an empty one.", "ecs",
			"TestPlacementWithoutArgument"},
		{"Placement refuses a random rule with a field.", "placement", "TestBadInput"},
		{"An image's digest has an algorithm that registries know.", "ecs/image", "TestParseImage"},
		{"An adjustment of any size moves the capacity the way that its sign says.", "autoscale", "TestFarNumbers"},
		{"Policies, targets and scheduled actions refuse what is not a 32-bit number.", "autoscale",
			"TestPoliciesTake32Bits"},
		{"Bounds and shares of a desired count of any size keep their order.", "ecs/scheduler", "TestFarNumbers"},
		{"Scale-in ends unhealthy instances before it asks the termination policies.", "autoscale/group",
			"TestUnhealthyEndsFirst"},
		{"Scale-in ends instances of another launch template before those of an older version.", "autoscale/group",
			"TestOtherLaunchTemplateFirst"},
		{"A replay's periods add up to its summary, and are priced.", "autoscale", "TestReplayPeriods"},
		{"Old tasks that find no room hold up no deployment whose own tasks find it.", "ecs/scheduler",
			"TestOldTasksWithoutRoom"},
		{"A service whose deployments all failed is scaled in, to nothing at 0.", "ecs/scheduler",
			"TestScaleInAfterFailures"},
		{"Five deployments that failed leave a way out: scaled to nothing, the service takes a sixth.",
			"ecs/control", "TestFiveFailedDeployments"},
		{"A container instance and its task groups answer the cluster query language by themselves.", "ecs",
			"TestSubject"},
		{"An instance is made from amounts and a zone, and registers those amounts.", "ecs", "TestToRegister"},
		{"A rollout is made from a service and a task definition.", "ecs/scheduler", "TestNewRollout"},
		{
			"A simulated agent pulls, starts, checks and stops the containers of a task in the order of their " +
				"dependencies.",
			"ecs/sim", "TestContainersOfATask"},
		{"A simulated agent reports when a pull began and when it ended.", "ecs/sim", "TestReportIsWhole"},
		{"A stop that overtakes a start holds, by their epochs.", "ecs/sim", "TestStopOvertakesStart"},
		{"What happens in a simulated world happens in order of time, and a moment's in the order it was put there.",
			"ecs/sim", "TestQueue"},
		{"A message is lost, repeated and late as the rates say, and counted.", "ecs/sim", "TestMessages"},
		{"A command that is given twice is carried out once and answered when it is done.",
			"ecs/sim", "TestCommandsAreCarriedOutOnce"},
		{"A simulated target is what the later of a registration and a deregistration makes of it.",
			"ecs/sim", "TestTargetsEpochs"},
		{"A simulated load is one service's, by its cluster too.", "ecs/sim", "TestServing"},
		{"Each command of a script does to the world what it says.", "ecs/sim", "TestCommandsOfAScript"},
		{"A world that goes on with another one's plane gives no address and no instance twice.",
			"ecs/sim", "TestAdoptCountsOn"},
		{"A recorded load is replayed to text, CSV and a chart.", "examples/whatif/replay", "TestAnswer"},
	}
}
