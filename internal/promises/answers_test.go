package promises

// answers: what a person is told.
func answers() []promise {
	return []promise{}
}
