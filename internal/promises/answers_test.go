package promises

// answers: what a person is told.
func answers() []promise {
	return []promise{
		{"Each change that whatif names is made and simulated, and the rollout ends with it.",
			"examples/whatif/answer", "TestVerdictAgreesWithSimulation"},
		{"The playground says what whatif prints, byte for byte.", "examples/playground/engine", "TestAsk"},
		{"Explain says of each pending task what it waits for and since when, and only then what a further task " +
			"would meet",
			"ecs/control", "TestExplain"},
		{"Explain takes the ID and the ARN of a task too, and refuses what is neither a service nor a task",
			"ecs/control", "TestExplainRefused"},
		{"Whatif's verdict, headline and timeline agree, whatever the cluster and whatever runs on it",
			"examples/whatif/answer", "TestVerdictAgreesWithSimulation"},
		{"Whatif takes from -tasks and -service what runs: with and without -running it says the same",
			"examples/whatif/answer", "TestFlags"},
		{"Whatif refuses documents that contradict each other, and says which one to add",
			"examples/whatif/answer", "TestContradictions"},
		{"The programs list the faults of a document's form together with those of what it says, and none that " +
			"are false",
			"examples/definition", "TestReadFaults"},
		{"The programs read what describe-task-definition prints, flat or wrapped, and say what they left out",
			"examples/definition", "TestReadDescribed"},
		{"ParseTaskDefinition refuses what describe-task-definition prints, and names the form",
			"ecs", "TestParseDescribed"},
		{"The package documentation says which attributes an instance must have, member by member, as the code does",
			"ecs", "TestDocumentedAttributes"},
		{
			"The scheduler's documentation says when a task without a health check counts as healthy, by the " +
				"code's figure",
			"ecs/scheduler", "TestDocumentedFigures"},
		{"The control plane's documentation says what is tried again when, what Seen is and what a task waits " +
			"for, by " +
			"the code's figures",
			"ecs/control", "TestDocumentedFigures"},
	}
}
