package autoscale

// Capacity is what a scalable target has: policies compute from Running and change Desired.
// For a service both count tasks, for an Auto Scaling group instances.
// Source: Amazon ECS Developer Guide, "Automatically scale your Amazon ECS service".
type Capacity struct {
	Desired   int  `json:"Desired"`
	Running   int  `json:"Running"`             // tasks in RUNNING; pending ones do not count
	Deploying bool `json:"Deploying,omitempty"` // a deployment is in progress: no scale-in
}

// SuspendedState turns off kinds of scaling of a target, independently. Alarms are still evaluated, but
// have no effect, and missed schedules are not repeated later.
// Source: Application Auto Scaling API Reference, SuspendedState.
type SuspendedState struct {
	DynamicScalingInSuspended  bool `json:"DynamicScalingInSuspended"`
	DynamicScalingOutSuspended bool `json:"DynamicScalingOutSuspended"`
	ScheduledScalingSuspended  bool `json:"ScheduledScalingSuspended"`
}

// Bounds is the range that scaling keeps the desired count in, and what is suspended.
type Bounds struct {
	MinCapacity    int            `json:"MinCapacity"`
	MaxCapacity    int            `json:"MaxCapacity"`
	SuspendedState SuspendedState `json:"SuspendedState,omitzero"`
}

// Clamp returns n within the bounds.
func (b Bounds) Clamp(n int) int { return max(b.MinCapacity, min(n, b.MaxCapacity)) }
