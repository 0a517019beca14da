// Package placement chooses the container instance for a task, or the task to stop, by
// Amazon ECS's documented rules, and says why.
//
// # Start here
//
// A program that asks once, such as a check or a command, builds a [Snapshot] and calls [Place];
// [Explain] returns the same decision with its reasons. A scheduler that places task after task
// keeps an [Index] and calls [Index.Prepare] once a request and [Index.Place] once a task. A
// program that scales in calls [Victims]; one that stops the tasks of a large service one by one keeps
// them in a [Standing]. INDEX.md explains how the index works inside.
//
// # Model
//
// A [Snapshot] is an immutable view of a cluster: container instances, what is free on each, and
// how many tasks of which group. A [Request] is one task that wants an instance. [Place] is a
// function of the two: it filters the instances by resources, ports, network interfaces, required
// attributes, status and zone, and by the placement constraints of the task definition and of the
// service. Then each rule of the placement strategy, up to five, narrows the instances that are
// left. [Explain] returns these steps, every unmet need of every instance, ECS's service event and
// the smallest change that would help. [Victims] chooses the tasks that scale-in stops.
// [FargateZone] chooses the zone of a task on Fargate, which is all that placement decides there.
//
// [Place] looks at every instance. An [Index] gives the same answers for a cluster that
// changes, incrementally and without allocating: it reserves what it places, adds and removes
// instances, and goes back to a [Mark]. It has one writer and no locks.
//
// The free amounts of an instance are those that it reports as remaining. Where it reports none,
// they are the registered amounts less those that its listed tasks hold. The list of tasks says
// which groups are there. A task whose desired status is STOPPED holds resources and is not
// counted otherwise.
//
// # Guarantees
//
//  1. An instance is never committed beyond what it has: TestLaws/PL1_never_over_committed.
//  2. No host port is given twice on one instance and protocol: TestLaws/PL2_no_port_twice.
//  3. Every constraint holds where a task is placed, at that moment, and the instance is the one
//     that a naive reading of the rules finds: TestLaws/PL3_constraints_hold_where_placed.
//  4. After any operations an Index answers as Place does on its Snapshot, and its books are the
//     sums of what was done: TestLaws/PL4_index_is_place, in more sequences by
//     .ci/soak/placement.sh. TestReach requires that such sequences reach every kind of answer.
//  5. From an empty group, spread differs by at most one while every value has room:
//     TestLaws/PL5_spread_differs_by_one.
//  6. The order of the input, instances that could not take the task and hold none of its group,
//     and the unit of the resources change nothing: TestLaws/PL6_invariances.
//  7. Release undoes Place, and Rollback undoes everything since its Mark: TestLaws/PL7_identities.
//  8. Explain agrees with Place: TestLaws/PL8_explain_agrees. The change that it names makes the
//     task fit, and a change smaller by one unit does not: TestLaws/PL8_smallest_change.
//  9. random is uniform over the instances that could take the task: TestLaws/PL9_random_is_uniform.
//  10. Index.Place and Index.Release do not allocate once the fleet has been as full before:
//     TestNoAllocations. (Before that, an instance's list of groups and the tree's nodes may grow.)
//  11. Wrong input is refused with code, field and position, all faults at once, and changes
//     nothing: TestBadInput.
//  12. An Index keeps its instances, their tasks, the shapes that a caller has prepared, and 64
//     shapes more. Requests and instances that come and go leave nothing behind
//     (TestShapesAreGivenBack, TestValuesAreGivenBack). The memory of a shape does not depend on
//     the size of a number in it (TestTablesAreSmall of internal/probes).
//  13. A Standing takes the tasks that Victims chooses among all of them, ties included, whatever
//     happened to the index since they were put: TestLaws/PL3_standing_takes_victims.
//
// Each of these has been seen to fail: .ci/faults/placement.sh plants a fault for every one.
//
// Equal inputs give equal answers, seeds included: nothing depends on time, on the order of
// maps or on the machine.
//
// # Cost
//
// Place takes time in proportion to the instances, the rules and the constraints. An Index answers
// in about the same time whether it holds a thousand instances or a hundred thousand, and
// whatever the number of shapes, since all shapes of a strategy share one order of the instances.
// Within that order, bounds on the free amounts below each node and 64 sample tasks prune the
// search. NewIndex and Prepare take time in proportion to the instances.
//
// Victims looks at every candidate. A Standing looks at the values of the strategy's attributes and at
// the candidates on the instance that it chooses; it follows the index by a log of the instances that
// changed, and counts everything again when it has missed more than a thousand changes. It takes
// memory for each candidate, so that a control plane makes one when a service begins to stop tasks of
// a class, and closes it when the service is steady.
//
// The bounds do not catch everything. In these cases a search walks, and the worst case is every
// instance:
//
//   - a task whose needs fall between the samples;
//   - constraints or ports that exclude instances which have room;
//   - task:group == g, which looks at the instances of g;
//   - comparisons of runningTasksCount other than < and <=;
//   - strategies that go on after binpack, where equal amounts are compared one by one, in a few
//     nanoseconds each.
//
// A spread over many values takes up to a nanosecond for each value, and more where two attributes
// are spread over. Strategies that spread over instances suffer most from releases between
// placements, where tasks of more than 64 groups or kinds take turns. BENCHMARKS.md has the figures, and
// this command prints them again in two minutes:
//
//	go test ./placement -run 'TestSpeed$' -v -speed
//
// # Differences from ECS
//
// Where AWS documents nothing, this is what the package does:
//
//   - Of instances that the strategy leaves equal, the lowest ID is taken; of equal victims, the seed draws one.
//   - Instances without the attribute of a spread form one group, as if they shared a value.
//   - The second spread of a chain counts the group's tasks over all instances with the value,
//     not only over those in the first spread's choice.
//   - Up to five strategies, as the API says; the service definition guide says four.
//   - Tasks whose desired status is STOPPED count neither for spread nor for task:group and
//     runningTasksCount. For distinctInstance AWS documents it.
//   - An instance's task count is the listed tasks, or its runningTasksCount where that is greater.
//   - RunTask's default is random; it is drawn by the seed, uniformly.
//   - "Closest matching" is the instance with the fewest unmet needs, then the smallest
//     shortage in proportion to the need, then the lowest ID; instances that are not ACTIVE or
//     of another capacity provider are not looked at.
//   - Failures list one reason an instance: the first unmet need in the order of [ReasonCode].
//   - INACTIVE is the reason for every status but ACTIVE; AWS uses it for instances that were
//     deregistered. A task is therefore not started on a draining instance by name either.
//   - Reasons RESOURCE:TASKS and CAPACITY_PROVIDER are this package's own; the first stands
//     for its limit of 32,767 tasks an instance.
//   - Amounts are at most 2,147,483,647 CPU units or MiB and 32,767 GPUs or interfaces.
//   - Instance types that are not in the table of network interfaces have no limit on interfaces.
//   - An instance that registers less of a resource than its tasks hold has a debt. A task that
//     needs none of that resource still fits, and released amounts pay the debt first.
//   - An instance may register a port as reserved that a task already has. Then both hold the
//     port, and it is free when both have given it up.
//   - Victims are chosen in this order: tasks of other deployments, tasks on draining instances,
//     unhealthy tasks, healthy tasks. A zone without a task of the group is not counted.
//   - Under random, or after the last rule, a victim is drawn.
//   - Fargate's zones tie in order of name.
//   - Attributes that ECS defines are checked by the rules for attributes that users define.
//
// # Example
//
// See the example of [Index].
package placement
