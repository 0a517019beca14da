package promises

// fronts: the ECS API on a socket, and tests that hold on a busy machine.
func fronts() []promise {
	const ecs, front = "ecs", "examples/localecs/front"
	return []promise{
		{"what takes linear time is counted in steps, so that a busy machine cannot fail the test",
			"internal/steps", "TestLinear"},
		{"each operation is refused at least once by inputs that are the same each time",
			"ecs/control", "TestRefusedChangesNothing/made_in_a_storm"},
		{"a document that is too long is refused by its size, and not read", ecs, "TestParseRefusesBySize"},
		{"a page of another origin, or a name that only points here, reaches nothing of localecs", front, "TestOrigin"},
		{"an Authorizer is shown every name in the decoded input of each operation", front, "TestAuthorizerTable"},
		{"a role may update the services of one cluster only, by its IAM policy", front, "TestOneClusterOnly"},
		{"policies decide by what the plane will find, whatever an ARN of the call says", front,
			"TestResourcesAsFound"},
		{"each operation that is served has its row of what IAM checks it against", front, "TestEveryActionHasItsRow"},
		{"IAM policies are evaluated as a naive reading of their documents", "ecs/iam", "TestLaws/I1_as_naive"},
		{"metrics and alarms reach services by each protocol of CloudWatch", front, "TestProtocols"},
		{"clients of Elastic Load Balancing see target groups, and the health of targets to the end of their delay",
			front, "TestTargetGroups"},
		{"a malformed call is answered in the words of its protocol and service", front, "TestEnvelopes"},
		{"a form of a page in a browser is not a call of AWS query", front, "TestEnvelopes"},
		{"a signature is good for its service, a Region, and the operation that it was made for", front, "TestScope"},
		{"localecs does nothing while its journal cannot be kept, and says so", front, "TestJournalCannotBeKept"},
		{"each Region is a world of its own, and there are no more worlds than Regions", front, "TestRegions"},
		{"the world of each Region survives a restart, and a reset removes only what localecs wrote",
			front, "TestRegionsAreKept"},
		{"what localecs knows beside its plane is bounded, and forgets what is gone", front, "TestKeptIsBounded"},
		{"tasks may be started by \"ECS Deploy\", with a blank", "ecs/api", "TestStartedByTakesBlanks"},
		{"a client that sends slowly is cut off when its time is over, and holds up nobody", front, "TestSlowClient"},
	}
}
