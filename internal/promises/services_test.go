package promises

// services: rules of services, deployments and task sets.
func services() []promise {
	return []promise{}
}
