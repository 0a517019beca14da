// Package loadbalance keeps the books of what stands between a client and a task: the host
// ports of container instances, the targets of target groups with their health, and where
// traffic goes while a deployment shifts it. It knows nothing of services or placement and has
// no clock: every function that needs the time is given it.
//
// # Start here
//
// A program that gives tasks host ports keeps a [Ports] for each instance and calls [Ports.Bindings].
// A program that follows the health of targets keeps a [Targets] for each group and calls
// [Targets.Register], [Targets.Check] and [Targets.Deregister]. A program that routes requests asks a
// [Listener].
//
// # Model
//
// A [Ports] is the book of one instance's host ports. It gives a task its dynamic ports
// ([Ports.Allocate]), notes those asked for by number ([Ports.Reserve]), or does both for a
// whole task definition ([Ports.Bindings]). Each port that is in use has one owner, a task,
// and is held by the task itself and by every target made of it. It is free when the last hold
// is gone.
//
// A [TargetGroup] is configuration, and the pure functions that take a [Target] from state to
// state: [TargetGroup.Check] for health checks, [TargetGroup.Drain] for deregistration,
// [TargetGroup.Weight] for slow start. A [Targets] is the book of one group's targets. It links
// the two books: [Targets.Register] adds a hold to the port, [Targets.Expire] takes it away
// when the deregistration delay is over. A caller who releases a task's ports too early, or
// deregisters too late, can therefore not make a load balancer send one service's traffic to
// another:
//
//	ports.Bindings      the task has its host ports                 held by the task
//	targets.Register    its port is a target                        held by the task and 1 target
//	ports.Release       the task has stopped                        held by 1 target
//	targets.Deregister  the target drains                           held by 1 target
//	targets.Expire      the delay is over, the target is gone       free
//
// Release and Deregister may come in either order, late, or twice.
//
// A [Listener] routes a [Request] to an [Action], a [Forward] picks one of its target groups by
// weight, [Targets.Weights] and [Algorithm.Pick] pick a target. [Forward.Shift] sets the weights
// that a blue/green, linear or canary deployment asks for. [CheckService] says what a service may
// attach.
//
// # Guarantees
//
//  1. A group has at most one target on an ID and port; all targets that stand on one transport
//     protocol and port of an instance, in whatever group, belong to one task (TestLaws/B1_one_owner).
//  2. A dynamic port lies in the range, is not reserved by the agent and not held, by a task or
//     by a draining target (TestLaws/B2_dynamic_ports). If the range is used up the answer is an
//     error with the numbers, and never a port that is in use.
//  3. A draining target gets no new traffic, nor does one that is unused (TestLaws/B3_draining).
//  4. The state changes with the check that reaches the threshold, not before and not after
//     (TestLaws/B4_thresholds).
//  5. Requests are shared in proportion to the weights, exactly by round robin
//     (TestLaws/B5_proportion).
//  6. The first two hold at every step of long histories in which tasks start and stop, instances
//     are lost, agents restart and targets drain, whatever the caller forgets, repeats or does too
//     late (TestHistories).
//  7. A refused call changes nothing (TestLaws/refusal_changes_nothing); a restored book goes on
//     as the one that was saved (TestLaws/restore).
//  8. Allocate and Pick allocate nothing (TestNoAllocations); an idle instance's Ports takes at
//     most 64 bytes (TestIdleInstance).
//
// # Differences from ECS
//
//   - Which dynamic port a task gets is the kernel's choice on a real instance, and not
//     documented. Here it is the first free one after the last given out. A runtime that
//     chose otherwise is believed: [Ports.Report].
//   - On a real instance a port is free as soon as its task has stopped, even if a target of it
//     still drains. Here it is not: that is what the package is for.
//   - A port that a runtime reports need not lie in the dynamic range, only be free.
//   - A task's port is its targets' as long as they last; AWS refuses no registration for the
//     sake of a port's owner.
//   - Behind a Classic Load Balancer a new instance needs the healthy threshold; behind the
//     others one passed check, as documented.
//   - A Classic Load Balancer registers instances; here an instance with the static host port, as
//     a target of a group of its own.
//   - An unused target is gone as soon as it is deregistered; others show as draining for the whole
//     delay, as AWS shows them, even where no connection is left.
//   - The weight at the start of slow start is a thousandth, not nothing. AWS documents only that
//     the ramp is linear.
//   - A group fails open as a whole, to unhealthy and initial targets; thresholds for routing and
//     DNS failover, and failing open zone by zone, are not modelled. Cross-zone traffic is always on.
//   - Where AWS picks at random, among least loaded targets or by weight, the pick follows from a
//     seed and a number.
//   - Not modelled: unhealthy.draining, Gateway Load Balancers, authenticate actions, regular
//     expressions in conditions, anomaly mitigation, and the quotas on rules, conditions and targets.
//   - A Classic Load Balancer's InService and OutOfService are healthy, and initial or unhealthy.
//   - A condition's values are one list for all fields, where the API has one structure a field.
//
// # Example
//
// See the examples of [Ports], [Targets], [Listener] and [Forward.Shift].
package loadbalance
