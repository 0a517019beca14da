package message

// The words of ContainerStateChange.Status and TaskStateChange.Status.
const (
	StatePending = "PENDING"
	StatePulled  = "PULLED"
	StateCreated = "CREATED"
	StateRunning = "RUNNING"
	StateStopped = "STOPPED"
)
