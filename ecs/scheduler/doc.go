// Package scheduler is the ECS service scheduler as one pure function: it compares what is
// asked of a service with the tasks that exist, and says what to start and stop, how to
// split traffic, which hooks to call and which events to show.
//
// # Start here
//
// A control plane that runs services calls [Reconcile] with a [View] of one service whenever something
// about it changes, and carries out the [Plan]. An update asks [StartsDeployment] first, and begins a
// deployment with [State.Deploy]. A control plane with services of thousands of tasks keeps a [Census]
// of each, which makes the same plans without looking at every task. A program that only asks whether
// a deployment will end uses package feasible; a program that wants a whole control plane uses package
// control.
//
// # Model
//
// A [View] is all that a decision rests on: the service as DescribeServices has it, the scheduler's
// memory of it ([State]: a [Rollout] for each deployment), its tasks, the instances for a DAEMON,
// the zones, the alarms, the answers of hooks and the requests of operators. [Reconcile] turns it
// into a [Plan]. The owner carries the plan out, stores its State, and calls again when anything
// changes or at the plan's WakeAt. Nothing else is remembered. Views and plans are plain values
// with JSON.
//
// A plan names counts wherever any task will do, and leaves to placement which tasks: start three
// of this deployment, stop two healthy ones of that ([View.Candidates]). It names a task, an instance
// or a zone where a rule does: the unhealthy task, the instance without its daemon, the zone that has
// too few.
//
// [State.Deploy] begins a deployment; [StartsDeployment] says whether an update should. What
// then happens depends on the service:
//
//   - Rolling deployments share the percentages ([Percents]). In each round older tasks give
//     way first and new ones start then. An older revision keeps a desired count of its own:
//     what the lower bound still needs besides the healthy new tasks. A task of it that dies
//     is replaced by another of the same revision.
//   - BLUE_GREEN, LINEAR, CANARY and the controller CODE_DEPLOY keep two revisions side by
//     side, each with percentages of its own, and walk the new one through its stages
//     ([Stages]); rolling back is walking back.
//   - EXTERNAL services bring each task set to its share. A task set is a Rollout that the
//     owner puts into State.Rollouts, with its Scale, and marks DRAINING to end it.
//   - DAEMON services have one task on each listed instance; old ones stop where they stand.
//
// The circuit breaker, alarms and requests end a deployment, and send the service back to
// the last completed one if asked to. They do not end deployments of EXTERNAL services, which their
// owner carries out. Deployments that are over leave State.Rollouts by
// Plan.Ended, for the owner's history.
//
// Time has one rule: what a function is asked about is a time.Time, such as now and WakeAt; what
// is kept and shown is an [ecs.Instant], so that states are compared with ==.
//
// # A census instead of all tasks
//
// [CensusOf] counts the tasks of a service once. From then on the owner says what changed:
//
//   - It puts a task when the task is created, and when a field of its [Task] changes: its status,
//     its health or that of its targets, its place, its instance beginning or ending to drain, its
//     protection, its Noted. It carries out each Note of a plan this way, too.
//   - It drops a task when the view no longer has it: after each Forget.
//   - Before each plan it puts the tasks that are [Census.Due]: they settled, or their grace period or
//     their protection ended.
//   - Of a DAEMON it puts an instance when a field of its [Instance] changes, and drops it when the
//     view no longer lists it.
//   - Then it calls [Census.Reconcile] with a view without tasks and instances, which makes the plan that Reconcile
//     makes of all of them, byte for byte.
//   - A Stop of any tasks of a class is a choice among the tasks for which [Census.Class] returns
//     that class. The owner asks after each put, and keeps the candidates in the order that
//     placement chooses in.
//
// A timer, new capacity, an answer, an alarm, a request, another desired count and a new deployment
// change nothing that is counted. A new grace period does, and so does a deployment that comes or
// goes while the view has tasks of it: then Census.Reconcile returns false, and the owner makes a
// new census. The owner also makes one after it was restored, and for a State that is not the
// successor of the last one.
//
// # When a task counts as healthy
//
// minimumHealthyPercent counts healthy tasks, and a deployment is completed with them
// ([View.Healthy]). Which of them are depends on what checks them:
//
//	no health check                     once the task has been RUNNING for 40 seconds
//	a health check of an essential      once the task is RUNNING and its containers' checks
//	  container                         are HEALTHY
//	a target group or Classic Load      once the task is RUNNING and its targets are healthy
//	  Balancer
//	both                                once both say so
//
// A task whose check fails counts as pending within healthCheckGracePeriodSeconds from RUNNING,
// and after that as unhealthy; then it is replaced. On a draining instance a task without a load
// balancer counts once it is RUNNING.
//
// # Guarantees
//
//  1. No start takes the tasks above maximumPercent (TestLaws/S1_no_start_above_maximum).
//  2. No stop takes the healthy ones below minimumHealthyPercent, nor those of a revision
//     with production traffic (TestLaws/S2_no_stop_below_minimum).
//  3. Without further faults every service becomes steady, unless its percentages leave no
//     step; then it says so (TestLaws/S3_converges).
//  4. A steady service needs nothing until WakeAt (TestLaws/S4_steady_plans_nothing), at
//     the latest after six hours, when it says again that it is steady.
//  5. The circuit breaker trips at its threshold and not before
//     (TestLaws/S5_breaker_trips_at_threshold).
//  6. A rollback goes to the last completed deployment
//     (TestLaws/S6_rollback_to_last_completed, TestRollbackTarget).
//  7. Tasks under scale-in protection survive scaling in and deployments
//     (TestLaws/S7_protected_tasks_survive).
//  8. A daemon runs once on every instance that should have it
//     (TestLaws/S8_one_daemon_an_instance).
//  9. Reconcile after Apply is empty: every test's world checks it after every plan.
//  10. Between a plan and its WakeAt nothing becomes due (TestLaws/WakeAt_is_never_late).
//  11. A deployment may be rolled back, stopped, scaled, overtaken, lose every task or fail a
//     hook at every moment of its life, and the service ends where it should
//     (TestInterruptions).
//  12. No View makes Reconcile panic, or plan without end (TestAnyView).
//  13. Zones end up balanced where rebalancing applies (TestLaws/zones_are_balanced).
//  14. Arguments are not changed (TestArgumentsStay), and a steady REPLICA service costs no
//     memory (TestSteadyStateAllocatesNothing).
//  15. No more tasks start than [View.Launches] lets, and the others start when it lets them
//     (TestLaunchesAreSpaced). A [LaunchRate] is a token bucket of two numbers, held against
//     one that counts (TestLaunchRate).
//  16. Tasks of older deployments that find no room hold up no deployment whose own tasks do
//     (TestOldTasksWithoutRoom).
//  17. A service whose deployments have all FAILED can be scaled in, to nothing at 0
//     (TestScaleInAfterFailures).
//  18. A census makes the plans of the whole view, and counts what a new census counts
//     (TestCensus, and the world of every other test). An event of 5,000 tasks takes no more steps
//     than one of 5 (TestLinear of internal/steps).
//
// # Differences from ECS
//
// Where AWS documents nothing, this package chooses:
//
//   - Tasks that are stopping do not fill maximumPercent; with Options.StoppingCounts they
//     do.
//   - Unhealthy tasks, and healthy ones to be stopped "at random", are taken in the order of
//     the view. Protection does not keep a task that fails its checks.
//   - Older deployments give way before newer ones, and what is not healthy before what is.
//     Scaling out during a deployment grows older revisions in proportion.
//   - Where the percentages leave no step, an old task that dies is not replaced by one of its
//     revision: its place is the deployment's only chance to go on.
//   - Launches that fail are spaced 1, 2, 4, 8, 16 and then 27 minutes apart; tasks launched
//     together are one attempt. A launch without room is tried again after 30 seconds, or at
//     once on View.CapacityChanged; it counts in failedTasks, not for the circuit breaker.
//   - Older deployments replace what they lack first, within maximumPercent. While a launch of
//     theirs waits for room, the newest deployment takes that part of maximumPercent.
//   - Once a task of a deployment has been RUNNING the circuit breaker counts failing health
//     checks only. Tasks that change together count in the order of the view. It works for
//     BLUE_GREEN, LINEAR and CANARY too.
//   - AWS publishes how many tasks a minute a service launches and how many at once and a
//     second an account launches on Fargate, not how its buckets refill. Here they refill in lumps: 500
//     tokens a minute after the first was taken from a full bucket, or 20 a second.
//   - A rollback makes the old deployment PRIMARY again, under its own ID. If a new
//     deployment overtakes it, the old one still counts as the last completed one.
//   - Without bakeTimeInMinutes a rolling deployment watches its alarms for five minutes.
//     Without alarms it does not bake. Deferred cleanup of a source revision never gives up.
//   - A pause hook may last longer than the 24 hours of a stage. A hook that fails while a
//     deployment rolls back stops nothing.
//   - CodeDeploy's limit on scaling during a traffic shift, and the two weeks of a deferred
//     clean-up, are not modelled; image digests and revisions are the owner's.
//   - A rebalancing moves as many tasks at once as maximumPercent allows, and one that finds
//     no room tries again after ten minutes.
//   - Sentences that AWS shows for failures other than "tasks failed to start" are not
//     published; the ones here follow the same pattern. For a daemon where the constraints forbid it,
//     the sentence is the name of its event, SERVICE_DAEMON_PLACEMENT_CONSTRAINT_VIOLATED.
//
// # Example
//
// A service of two tasks is deployed, and one round later everything runs:
//
//	var v scheduler.View
//	v.Service = ecs.Service{ServiceName: "web", DesiredCount: 2}
//	v.State = v.State.Deploy(revision, now)
//	plan := scheduler.Reconcile(v, now)         // start 2
//	v = scheduler.Apply(v, plan, now, scheduler.Choices{})
//
// The package's examples run a rolling update, a circuit breaker, a canary and a daemon.
package scheduler
