// Package feasible says whether a service's deployment can ever end: whether its percentages,
// the room on the container instances and the placement constraints let it reach a steady
// state. If not, it names the facts that block it, none of them to spare, and changes that
// would each unblock it.
//
// # Model
//
// [Deployment] takes the view that scheduler.Reconcile would be shown, the cluster as a
// placement.Snapshot, and what placement is asked for a task of each deployment. It looks at
// what the scheduler and the cluster decide, and takes the rest to go well: every task that
// is there or is placed becomes healthy, every task told to stop goes away, alarms are OK and
// hooks succeed. What other services do is left as the snapshot shows it.
//
// A rolling deployment takes steps: old tasks stop as far as minimumHealthyPercent allows,
// new ones start as far as maximumPercent and the room allow. New tasks are all alike, so how
// many fit beside a set X of old ones is a number new(X), wherever they are put. The
// deployment can come to rest before its end exactly when
//
//	|X| + new(X) ≤ minimumHealthyPercent of the desired count, rounded up
//
// for some non-empty set X of the old tasks, older deployments first: then none of X may be
// stopped, and without a stop no other can start. The least of the left side is a sum over the
// instances, each on its own, which is why a verdict on thousands of instances takes
// milliseconds. Beside that, there must be room for all new tasks once the old ones are gone,
// maximumPercent must let all of them be, and the percentages must leave any step at all.
//
// Which old tasks stop is placement's choice and in part chance. So a [Verdict] has three
// outcomes: the deployment ENDS by every choice, by none (BLOCKED), or it DEPENDS. A change is
// only named if the deployment then ends by every choice.
//
// Tasks on draining instances are to go too, before any others. Deployments by stages
// (BLUE_GREEN, LINEAR, CANARY and the controller CODE_DEPLOY) need room for every new task
// beside all those of the last revision that was rolled out. A DAEMON service needs room for
// one task on each of its instances once the old one there is gone, and a lower bound that
// lets an old one go first: maximumPercent does not help it.
//
// [Verdict.String] writes all this as a text to paste into a ticket.
//
// # Guarantees
//
//  1. ENDS, DEPENDS and BLOCKED agree with a simulation that follows scheduler.Reconcile
//     through every choice of the tasks to stop and the instances to place on.
//     (TestExhaustive, TestStages, TestDaemon, TestLaws/FE7_draining)
//  2. The facts block by themselves, with all else out of the way, and without any one of them
//     the deployment ends by every choice. (TestExhaustive, TestStages, TestDaemon)
//  3. Each change, applied alone, makes the deployment end by every choice.
//     (TestExhaustive, TestStages, TestDaemon)
//  4. What the scheduler does with placement's own choices is what an outcome other than
//     DEPENDS says. (TestLaws/FE4_scheduler_agrees, TestLaws/FE11_scheduler_agrees_on_large_fleets)
//  5. A number in a change to a rolling deployment is the smallest: one less percent, task,
//     instance, CPU unit or MiB does not do. (TestLaws/FE5_changes_are_smallest)
//  6. A percentage, a desired count, instances, an agent, a constraint or static host ports that
//     would help alone are named. More room on one instance is looked for up to that of eight
//     tasks. (TestLaws/FE9_no_way_out_is_left_out)
//  7. Arguments are neither changed nor kept, and the order of the view's tasks does not
//     matter. (TestLaws/FE6_order_of_tasks_is_nothing)
//  8. The state at rest that a verdict names is one that the simulation meets.
//     (TestLaws/FE8_rest_is_met, TestDaemon)
//  9. 5,000 tasks on 5,000 instances are judged within 10 ms on an idle machine. (BenchmarkDeployment)
//  10. A blocking set and its remedies read as a ticket would. (TestGolden)
//
// # Differences from ECS
//
// ECS has no such call; it says that a deployment is stuck only when the percentages alone
// leave no step, by the service event "was unable to stop or start tasks during a deployment
// because of the service deployment configuration". What the verdict leaves out:
//
//   - A memberOf constraint is taken to hold or not as it does now. One on task:group or
//     runningTasksCount may change with the tasks that the deployment itself moves.
//   - An older deployment that has fewer tasks than it should starts them anew while the lower
//     bound needs them, and they may take the room of new ones. The verdict supposes the worst,
//     even that they take the one slot of maximumPercent each time, though the scheduler lets new
//     tasks try when old ones have found no room: it is DEPENDS, without a state at rest, wherever
//     they might matter.
//     (TestLaws/FE10_missing_old_tasks)
//   - Tasks that are started anew for others are not foreseen: for those of older deployments on
//     draining instances while a rolling deployment is under way, and for blue ones where there
//     are fewer than desired.
//   - A deployment over several capacity providers of instances is refused: a task waits for
//     the provider that it fell to, so that how many fit is no sum over instances, and depends
//     on how many start at once. So are task sets, whose ends are somebody else's.
//   - Scale-in protection runs out, and then is in nobody's way.
//   - A draining instance with a daemon is taken to lose its other tasks, and then the daemon.
//   - Of DesiredCount changes of deployments by stages, the one named helps but may not be the
//     smallest.
//
// # Example
//
// See the example of [Deployment]: three tasks with distinctInstance on three instances, which
// minimumHealthyPercent 100 keeps from ever being replaced.
package feasible
