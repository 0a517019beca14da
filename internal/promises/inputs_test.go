package promises

// inputs: members of requests.
func inputs() []promise {
	return []promise{}
}
