// Package group is an EC2 Auto Scaling group as a value: how many instances it wants, which it has,
// where new ones start and which end first. It starts and ends no instance itself: the caller does what
// the plan says.
//
// # Start here
//
// Change the [AutoScalingGroup], ask for its plan, and report what became of it:
//
//	g, err := g.SetDesiredCapacity(3)
//	plan := g.Plan(now) // zones to launch in, or instances to end
//	g, err = g.Launch(group.Instance{InstanceID: "i-1", AvailabilityZone: plan.Launch[0]})
//	g, err = g.Enter("i-1", group.LifecycleStateInService)
//
// # Model
//
// Methods return a changed copy and leave the group as it is. An [Instance] goes through the states of
// [LifecycleState], and with a [LifecycleHook] also through Wait and Proceed. [AutoScalingGroup.Plan]
// brings the group to its desired capacity: launches go to the zones with fewest instances, and scale-in
// chooses by zone and [TerminationPolicy] among the instances in service that are not protected from it.
// [AutoScalingGroup.Rebalance] balances the zones, and [AutoScalingGroup.Replacements] lists the
// instances that are unhealthy. A [ScheduledAction] changes the sizes at the times of its
// [Recurrence]. Package groups surrounds groups with hooks, policies and activities.
//
// # Guarantees
//
//  1. A group settles at its desired capacity with balanced zones (TestGroupSettles).
//  2. Scale-in never ends an instance that is healthy and protected from it, takes from the largest zones,
//     and takes unhealthy instances first (TestScaleInBalance, TestUnhealthyEndsFirst).
//  3. A size out of bounds, an instance that is listed twice and a state that cannot follow are refused,
//     and change nothing (TestGroupSizes, TestGroupInstances, TestGroupInvalid).
//  4. A recurrence is due at the minutes it should be, over leap days and changes of clocks, and at no
//     others (TestRecurrence, and TestLaws of internal/cron).
//  5. Numbers of instances of any size do not wrap (TestFarSizes).
//
// # Differences from ECS
//
// Where AWS chooses at random, or is silent:
//
//   - Of several equal instances the one with the smallest ID ends. If several zones have the most
//     instances, the instances of all of them are candidates. Zones that tie for a launch come in their
//     order.
//   - Scale-in ends no instance that is still pending.
//   - Not modelled: custom termination functions, instance weights, warm pools, instance refresh,
//     maintenance policies.
//
// # Example
//
// The example of [AutoScalingGroup].
package group
