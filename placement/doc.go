// Package placement chooses the container instance for a task, or the task to stop, by
// Amazon ECS's documented rules, and says why.
//
// # Model
//
// A [Snapshot] is an immutable view of a cluster: container instances, what is free on each,
// and how many tasks of which group. A [Request] is one task that wants an instance. [Place]
// is a function of the two: it filters the instances by resources, ports, network interfaces,
// required attributes, status and zone; by all placement constraints, the task definition's and
// the service's; and then narrows what is left rule by rule of the placement strategy, up to
// five. [Explain] tells the steps, every unmet need of every instance, ECS's service event and
// the smallest change that would help. [Victims] is the other way round: whom scale-in stops.
// [FargateZone] is what is left of placement on Fargate.
//
// [Place] looks at every instance. An [Index] gives the same answers for a cluster that
// changes, incrementally and without allocating: it reserves what it places, takes instances in
// and out, and goes back to a [Mark]. One writer, no locks.
//
// What is free on an instance is what it reports as remaining; tasks tell who is there.
// Where nothing is reported as remaining, it is the registered amounts less what the listed
// tasks hold. Tasks whose desired status is STOPPED hold resources and count nowhere else.
//
// # Guarantees
//
//  1. An instance is never committed beyond what it has: TestLaws/PL1_never_over_committed.
//  2. No host port is given twice on one instance and protocol: TestLaws/PL2_no_port_twice.
//  3. Every constraint holds where a task is placed, at that moment, and the instance is the one
//     that a naive reading of the rules finds: TestLaws/PL3_constraints_hold_where_placed.
//  4. After any operations an Index answers as Place does on its Snapshot, and its books are the
//     sums of what was done: TestLaws/PL4_index_is_place, over 50,000 sequences in
//     .ci/soak/placement.sh. TestReach says what such sequences come to.
//  5. From an empty group, spread differs by at most one while every value has room:
//     TestLaws/PL5_spread_differs_by_one.
//  6. The order of the input, instances that could not take the task and hold none of its group,
//     and the unit of the resources change nothing: TestLaws/PL6_invariances.
//  7. Release undoes Place, and Rollback all since its Mark: TestLaws/PL7_identities.
//  8. Explain agrees with Place: TestLaws/PL8_explain_agrees. What it says would make a task fit
//     is enough, and not a unit too much: TestLaws/PL8_smallest_change.
//  9. random is uniform over the instances that could take the task: TestLaws/PL9_random_is_uniform.
//  10. Index.Place and Index.Release do not allocate once the fleet has been as full before:
//     TestNoAllocations. (What grows: the lists of groups an instance has, and split nodes.)
//  11. Wrong input is refused with code, field and position, all faults at once, and changes
//     nothing: TestBadInput.
//  12. An Index keeps no more than its instances, their tasks, the shapes that somebody has
//     prepared, and 64 more: requests that come and go and instances that come and go leave nothing
//     behind (TestShapesAreGivenBack, TestValuesAreGivenBack), and what a shape takes does not
//     depend on the size of a number in it (TestTablesAreSmall).
//
// Each of these has been seen to fail: .ci/faults/placement.sh plants a fault for every one.
//
// Equal inputs give equal answers, seeds included: nothing depends on time, on the order of
// maps or on the machine.
//
// # Speed
//
// Nanoseconds a task, strategy spread over zones and then binpack on memory, with everything in
// the mix: attribute constraints, ports, GPUs, network interfaces, distinctInstance, task counts
// and task:group. S is how many different requests take turns. The fleet is of eight types in
// three zones and stays between 45 % and 70 % full. On a machine that other programs keep busy
// nanoseconds say little, so the table is of proportions: medians of short runs, each divided by
// the time of a bare scan beside it of arrays of 1,000 instances that knows CPU and memory
// only, for a machine where that scan takes 1,410 ns. (It took 4,038 on the one measured on: a
// core of a shared virtual machine, Go 1.26.)
//
//	instances              1,000    10,000   100,000
//	Place, S=1               157       201       268
//	Place, S=64              182       228       319
//	Place, S=512             212       254       408
//	release and Place, 512   387       660     1,117
//	PlaceN, 64 at a time      45        74       144   a fleet filled from empty
//	PlaceN, 64 at a time      59        42        67   a fleet half full
//	NewIndex and Prepare      71        66       113   an instance
//
// The other strategies at 100,000 instances and 512 requests: spread over zones 173, then over
// instances 293, spread over instances 162, binpack on CPU 270, random 278. Releases between
// placements cost the strategies that spread over instances most: 3,009 and 3,101 for both.
// Between none and eight of a hundred calls were refusals, which are quick; none allocated. The
// commands, of which the first prints the table and more in a minute:
//
//	go test ./placement -run 'TestSpeed$' -v -speed
//	go test ./placement -run xxx -bench '^BenchmarkPlace$' -benchtime 300000x
//	go test ./placement -run xxx -bench '^Benchmark(Churn|PlaceN)$' -benchtime 300000x
//	go test ./placement -run xxx -bench '^BenchmarkArrayScan$' -benchtime 500x
//	go test ./placement -run xxx -bench '^BenchmarkNewIndex$' -benchtime 500000x
//
// The cost hardly depends on the number of shapes, since all shapes of a strategy share one
// order of the instances. Within it, bounds on what is free below each node and 64 sample tasks
// prune the search. No bound tells everything: a task whose needs fall between the samples,
// or which constraints and ports keep from instances that have room, makes a search walk, and
// the worst case is every instance. The same goes for task:group == g, which looks at the
// instances of g, for comparisons of runningTasksCount other than < and <=, and for strategies
// that go on after binpack, where equal amounts are compared one by one. A spread over many
// values takes a few nanoseconds for each. At 10,000 instances and 512 requests: needs at random
// 418, ten zones 449, 1,000 racks 2,812, zones and then 60 racks in each 2,127, five rules 1,555,
// memory and then CPU 3,088; 16 groups of which each has one task on almost every instance, by
// distinctInstance, 5,305.
//
// # Differences from ECS
//
// Where AWS documents nothing, this is what the package does:
//
//   - What the strategy leaves equal goes to the lowest instance ID. For victims, it is drawn by the seed.
//   - Instances without the attribute of a spread are a value of their own.
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
//   - INACTIVE is the reason of every status but ACTIVE; AWS has it for instances that were
//     deregistered. So a task is not started on a draining instance by name either.
//   - Reasons RESOURCE:TASKS and CAPACITY_PROVIDER are this package's own; the first stands
//     for its limit of 32,767 tasks an instance.
//   - Amounts are at most 2,147,483,647 CPU units or MiB and 32,767 GPUs or interfaces.
//   - Instance types that are not in the table of network interfaces have no limit of them.
//   - An instance that registers less than is in use has a debt: a task that needs none of
//     the resource still fits, and releases pay the debt first.
//   - An instance that registers a port as reserved which a task has: both have it, and it is
//     given out when neither does any more.
//   - Victims: unhealthy tasks before healthy ones, tasks on draining instances before both, tasks
//     of other deployments before all. A zone that the group has left counts nothing.
//   - Under random, or after the last rule, a victim is drawn.
//   - Fargate's zones tie in order of name.
//   - Attributes are checked by the rules for a user's own, ECS's own names included.
//
// # Example
//
// See the example of [Index].
package placement
