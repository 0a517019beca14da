package promises

// combinations: features that meet in one service.
func combinations() []promise {
	const control = "ecs/control"
	return []promise{
		{"A daemon under a cluster's default strategy is refused, and no request runs for ever.", control,
			"TestResultingServiceIsValidated/daemon under Fargate"},
		{"A daemon is refused under the default strategy of an Auto Scaling group.", control,
			"TestResultingServiceIsValidated/daemon under a group"},
		{"A running daemon cannot be updated onto Fargate.", control,
			"TestResultingServiceIsValidated/daemon becomes Fargate's"},
		{"A daemon with the launch type EC2 counts every active instance.", control, "TestDaemonCountsAllInstances"},
		{"A service that results from defaults or updates is held to the rules of explicit values.", control,
			"TestResultingServiceIsValidated"},
		{"RunTask holds a cluster's default strategy to the rules of an explicit one.", control,
			"TestResultingServiceIsValidated/bridge task under Fargate"},
		{"A target group that services name keeps the type that their tasks need.", control,
			"TestTargetGroupInUseKeepsItsType"},
		{"Another capacity provider strategy needs a forced deployment.", control,
			"TestResultingServiceIsValidated/a strategy without a deployment"},
		{"A strategy without a weight above zero starts nothing, wherever it comes from.", control,
			"TestResultingServiceIsValidated/weightless default, service"},
		{"RunTask answers with tasks, with failures, or with a refusal.", control, "TestRunTaskSaysWhyNothingRuns"},
		{"An override cannot ask Fargate for a GPU.", control, "TestResultingServiceIsValidated/a GPU on Fargate"},
		{"A rollback brings back the launch type with the revision.", control, "TestRollbackGoesBackToTheLaunchType"},
		{"A rollback to load balancers with one target group leaves a strategy that they can have.", control,
			"TestRollbackDropsTheShift"},
		{"The work that one input sets off is bounded.", control, "TestWorkOfOneInputIsBounded"},
		{"A panic ends the plane, and nothing of the input that caused it is handed out.", control,
			"TestPanicEndsThePlane"},
		{"A server serves nothing more from a plane that ended.", "examples/localecs/front", "TestPanicEndsTheRegion"},
		{"Features that AWS allows at once work together, and what it forbids is refused.",
			control, "TestCombinations"},
	}
}
