// Package feasible says whether a service's deployment can ever end: whether its percentages, the room
// on the container instances and the placement constraints let it reach a steady state. If not, it names
// a minimal set of facts that block it, and changes, each of which alone would unblock it.
//
// # Start here
//
// A program that asks before it deploys, or explains a deployment that is stuck, calls
// [Deployment] and prints the [Verdict]. With a control plane at hand, control.Plane.Explain
// says what tasks wait for now; this package says whether waiting can help. The program
// examples/whatif builds the arguments from the output of the AWS command line.
//
// # Model
//
// [Deployment] takes the same view that scheduler.Reconcile takes, the cluster as a
// placement.Snapshot, and the placement request of a task of each deployment. It judges the
// decisions of the scheduler and of placement, and assumes that everything else goes well:
// every task that is there or is placed becomes healthy, every task that should stop goes
// away, alarms are OK and hooks succeed. Other services stay as the snapshot shows them.
//
// A rolling deployment takes steps: old tasks stop as far as minimumHealthyPercent allows, new ones
// start as far as maximumPercent and the room allow. New tasks are all alike, so the number of them that
// fit besides a set X of old ones, new(X), does not depend on where they are put. The deployment can
// come to rest before its end exactly when
//
//	|X| + new(X) ≤ minimumHealthyPercent of the desired count, rounded up
//
// for some non-empty set X of the old tasks, older deployments first: then no task of X may stop, and no
// further task can start before one does. The minimum of the left side is a sum over the instances, and
// each term depends on one instance only. So a verdict on thousands of instances takes milliseconds. In
// addition there must be room for all new tasks once the old ones are gone, maximumPercent must allow
// that many tasks, and the percentages must allow a first step.
//
// Placement chooses the old tasks that stop, partly at random. So a [Verdict] has three
// outcomes: the deployment ENDS whatever is chosen, it is BLOCKED whatever is chosen, or it
// DEPENDS on the choices. A change is named only if the deployment then ends whatever is chosen.
//
// Tasks on draining instances stop before any others. Deployments by stages (BLUE_GREEN, LINEAR, CANARY
// and the controller CODE_DEPLOY) need room for every new task while all tasks of the last completed
// revision still run. A DAEMON service needs room for one task on each of its instances once the old one
// there is gone, and a minimumHealthyPercent that lets an old one stop first. A higher maximumPercent
// does not help a DAEMON service.
//
// [Verdict.String] writes all this as a text to paste into a ticket.
//
// # Guarantees
//
//  1. ENDS, DEPENDS and BLOCKED agree with a simulation that follows scheduler.Reconcile
//     through every choice of the tasks to stop and the instances to place on.
//     (TestExhaustive, TestStages, TestDaemon, TestLaws/FE7_draining)
//  2. The named facts block even when nothing else does, and without any one of them
//     the deployment ends whatever is chosen. (TestExhaustive, TestStages, TestDaemon)
//  3. Each change, applied alone, makes the deployment end whatever is chosen.
//     (TestExhaustive, TestStages, TestDaemon)
//  4. With placement's own choices the scheduler does what ENDS and BLOCKED say.
//     (TestLaws/FE4_scheduler_agrees, TestLaws/FE11_scheduler_agrees_on_large_fleets)
//  5. A number in a change to a rolling deployment is the smallest: one percent, task,
//     instance, CPU unit or MiB less is not enough. (TestLaws/FE5_changes_are_smallest)
//  6. Every percentage, desired count, number of instances, agent, constraint and static host port is
//     named if changing it alone would help. More room on one instance is considered up to the room of
//     eight tasks. (TestLaws/FE9_no_way_out_is_left_out)
//  7. Arguments are neither changed nor kept, and the order of the view's tasks does not
//     matter. (TestLaws/FE6_order_of_tasks_is_nothing)
//  8. The simulation reaches the state at rest that a verdict names.
//     (TestLaws/FE8_rest_is_met, TestDaemon)
//  9. A verdict takes milliseconds for a service at ECS's quotas. (BenchmarkDeployment; the figures are
//     in BENCHMARKS.md)
//  10. A blocking set and its remedies read as a ticket would. (TestGolden)
//
// # Differences from ECS
//
// ECS has no such call. It reports that a deployment is stuck only if the percentages alone allow no
// step, by the service event "was unable to stop or start tasks during a deployment because of the
// service deployment configuration". The verdict simplifies:
//
//   - A memberOf constraint is judged as it stands now. A constraint on task:group or
//     runningTasksCount may change with the tasks that the deployment itself moves.
//   - An older deployment with fewer tasks than it should have starts replacements while
//     minimumHealthyPercent needs them, and it does so for its tasks on draining instances before they stop.
//     These replacements may take the room of new tasks. The verdict assumes the worst: that they are where
//     they take most of it. Wherever they might matter, the outcome is DEPENDS, the verdict names no state at
//     rest, and a number in a change may be larger than it need be. (TestLaws/FE10_missing_old_tasks)
//   - Replacements are not considered for blue tasks where there are fewer than desired.
//   - A deployment over several capacity providers of instances is refused. Each of its tasks waits
//     for one provider, so that the number that fits is not a sum over instances and depends on how
//     many start at once. Task sets are refused too, since an external controller ends them.
//   - Scale-in protection is assumed to expire.
//   - A draining instance with a daemon is assumed to lose its other tasks first, and then the daemon.
//   - For a deployment by stages, a change of DesiredCount that is named helps, but a smaller change may
//     help too.
//
// # Example
//
// See the example of [Deployment]: three tasks with distinctInstance on three instances, which
// minimumHealthyPercent 100 keeps from ever being replaced.
package feasible
