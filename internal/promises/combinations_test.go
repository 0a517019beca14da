package promises

// combinations: features that meet in one service.
func combinations() []promise {
	return []promise{}
}
