// Package loadbalance keeps the books of what stands between a client and a task: the host ports of
// container instances, the targets of target groups and their health, and the weights of traffic during
// a deployment. It knows nothing of services or placement, and it has no clock: functions that need the
// time take it as an argument.
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
// ([Ports.Allocate]), notes those asked for by number ([Ports.Reserve]), or does both for a whole task
// definition ([Ports.Bindings]). Each port that is in use has one owner, a task, and is held by the task
// itself and by every target made of it. It is free when the last hold ends.
//
// A [TargetGroup] is configuration, with the pure functions that take a [Target] from one state to the
// next: [TargetGroup.Check] for health checks, [TargetGroup.Drain] for deregistration,
// [TargetGroup.Weight] for slow start. A [Targets] is the book of one group's targets. It links the two
// books: [Targets.Register] adds a hold to the port, and [Targets.Expire] removes it when the
// deregistration delay is over. So a load balancer never sends the traffic of one service to another,
// even if the caller releases a task's ports too early or deregisters too late:
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
//  2. A dynamic port is in the range, is not reserved by the agent, and is not held by a task or a
//     draining target (TestLaws/B2_dynamic_ports). If no port of the range is free, the result is an
//     error with the numbers.
//  3. Targets that drain or are unused get no new traffic (TestLaws/B3_draining).
//  4. The state changes with exactly the check that reaches the threshold (TestLaws/B4_thresholds).
//  5. Requests are shared in proportion to the weights, exactly by round robin
//     (TestLaws/B5_proportion).
//  6. The first two hold at every step of long histories in which tasks start and stop, instances are
//     lost, agents restart and targets drain, even if the caller forgets calls, repeats them or makes
//     them too late (TestHistories).
//  7. A refused call changes nothing (TestLaws/refusal_changes_nothing); a restored book behaves as the
//     saved one would (TestLaws/restore).
//  8. Allocate and Pick allocate nothing (TestNoAllocations); an idle instance's Ports takes at
//     most 64 bytes (TestIdleInstance).
//
// # Differences from ECS
//
//   - On a real instance the kernel chooses a task's dynamic port, and the choice is not documented.
//     Here it is the first free port after the last one given out. If a runtime has chosen another port,
//     [Ports.Report] accepts it.
//   - On a real instance a port is free as soon as its task has stopped, even if a target of it still
//     drains. Here it is not: to prevent that is the purpose of the package.
//   - A port that a runtime reports need not lie in the dynamic range, only be free.
//   - A port belongs to its task's targets as long as they exist. AWS does not refuse a registration
//     because of the port's owner.
//   - Behind a Classic Load Balancer a new instance must pass as many checks as the healthy threshold
//     says. Behind the others one passed check is enough, as documented.
//   - A Classic Load Balancer registers instances. Here each is a target of one group, with the static
//     host port.
//   - An unused target disappears as soon as it is deregistered. Other targets are draining for the
//     whole delay, as in AWS, even if they have no connection left.
//   - The weight at the start of slow start is a thousandth, not zero. AWS documents only that the ramp
//     is linear.
//   - A group fails open as a whole, to unhealthy and initial targets; thresholds for routing and
//     DNS failover, and failing open zone by zone, are not modelled. Cross-zone traffic is always on.
//   - Where AWS picks at random, among least loaded targets or by weight, the pick follows from a
//     seed and a number.
//   - Not modelled: unhealthy.draining, Gateway Load Balancers, authenticate actions, regular
//     expressions in conditions, anomaly mitigation, and the quotas on rules, conditions and targets.
//   - A Classic Load Balancer's InService and OutOfService are healthy, and initial or unhealthy.
//   - A condition has one list of values for all fields; the API has one structure per field.
//
// # Example
//
// See the examples of [Ports], [Targets], [Listener] and [Forward.Shift].
package loadbalance
