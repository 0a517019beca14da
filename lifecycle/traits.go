package lifecycle

import (
	"time"

	"github.com/bayplan/bayplan/ecs"
)

// Role says which of the two levels a program runs. The zero value runs both.
type Role uint8

// The roles.
const (
	// RoleWhole is a program that does everything: network interfaces, target groups and each container.
	// It is for a program that is control plane and agent at once, and for simulations.
	RoleWhole Role = iota
	// RoleControlPlane leaves the containers to an agent: effects StartTask and StopTask instead of those
	// for single containers. The agent's reports come in as the same container events, in any order and
	// with gaps. No deadline of a container applies.
	RoleControlPlane
	// RoleAgent is the other half: containers alone, from PENDING on, without network interface, volume,
	// target groups and service discovery.
	RoleAgent
)

// PullBehavior is when an image is pulled. Source: Amazon ECS Developer Guide, "Amazon ECS container
// agent configuration", ECS_IMAGE_PULL_BEHAVIOR. The container runtime follows it. Step reads it only to
// decide whether a failed pull stops the task.
type PullBehavior uint8

// The pull behaviours.
const (
	PullBehaviorDefault      PullBehavior = iota // pull; where that fails, use a cached image
	PullBehaviorAlways                           // pull; a failure stops the task
	PullBehaviorOnce                             // pull what was never pulled here; a failure stops the task
	PullBehaviorPreferCached                     // use a cached image if there is one
)

// Traits are what a task's life depends on besides its task definition. The zero value is a standalone
// task on an EC2 instance that has room for it. The definition's networkMode decides whether the task has
// its own network interface.
type Traits struct {
	Role       Role
	LaunchType ecs.LaunchType // absent: EC2. FARGATE takes SpotNotice events
	Service    bool           // of a service: may be scaled in and be protected from it

	TargetGroups int  // 0 to MaxTargetGroups
	Discovery    bool // registers with service discovery
	Volume       bool // an EBS volume is attached while PROVISIONING
	AwaitsRoom   bool // no instance yet: PROVISIONING until Placed

	// PullInActivating shows a task as ACTIVATING while images are pulled, as the Developer Guide says
	// today. Without it the task is PENDING, as users observe.
	PullInActivating bool

	// Settings of the agent.
	StopTimeout           time.Duration // ECS_CONTAINER_STOP_TIMEOUT; 0: 30 s, and never under 1 s
	PullBehavior          PullBehavior  // ECS_IMAGE_PULL_BEHAVIOR
	PullDependentsUpfront bool          // ECS_PULL_DEPENDENT_CONTAINERS_UPFRONT
	HealthByRuntime       bool          // the runtime runs health checks, as Docker does, and reports ContainerHealth
}
