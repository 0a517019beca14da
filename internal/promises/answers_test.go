package promises

// answers: what a person is told.
func answers() []promise {
	return []promise{
		{"Explain says of each pending task what it waits for and since when, and only then what a further task would meet",
			"ecs/control", "TestExplain"},
		{"Explain takes the ID and the ARN of a task too, and refuses what is neither a service nor a task",
			"ecs/control", "TestExplainRefused"},
	}
}
