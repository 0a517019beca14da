package promises

// placements: placement and its index.
func placements() []promise {
	return []promise{}
}
