package promises

// memory: state that comes back and does not grow.
func memory() []promise {
	return []promise{
		{"Requests of which no two are alike leave nothing behind in a placement index.", "placement", "TestShapesAreGivenBack"},
		{"Instances of which no two are alike leave nothing behind in a placement index.", "placement", "TestValuesAreGivenBack"},
		{"What a placement index keeps does not depend on the size of a number in a request.", "placement", "TestTablesAreSmall"},
	}
}
