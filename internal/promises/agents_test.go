package promises

// agents: what an agent that restarts, repeats itself or lies may do to a plane.
func agents() []promise {
	return []promise{}
}
