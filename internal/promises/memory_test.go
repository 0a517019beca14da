package promises

// memory: state that comes back and does not grow.
func memory() []promise {
	return []promise{
		{"Requests of which no two are alike leave nothing behind in a placement index.", "placement", "TestShapesAreGivenBack"},
		{"Instances of which no two are alike leave nothing behind in a placement index.", "placement", "TestValuesAreGivenBack"},
		{"The heap of a plane is the same after ten times as many tasks, each with a group and an override of its own.", "ecs/control", "TestHeapIsFlat"},
		{"A compiled program has nothing that a call's overrides change, and goes with its last task.", "ecs/control", "TestOverridesChangeNoProgram"},
		{"What a placement index keeps does not depend on the size of a number in a request.", "placement", "TestTablesAreSmall"},
	}
}
