// Package control is a Region's control plane as a deterministic, single-threaded state
// machine: the task definition registry, which clusters share, and the clusters, each with
// its container instances, services, tasks and placement index.
//
// # Start here
//
// A program that runs containers does not drive a [Plane] itself: package driver has the loop.
// A test that wants a whole cluster takes the world of package sim. A program with a loop of its
// own begins with [New], and with the contract of [Ready]. A program that shows why tasks are
// pending calls [Plane.Explain].
//
// # Model
//
// A [Plane] takes two kinds of inputs: requests, which have the names and the inputs of the ECS
// API, and events ([Plane.Observe]), by which the world reports. Both come with the time; the
// plane has no clock. The plane hands out the consequences as [Ready]: records of its inputs to
// make durable, commands to carry out, changes to show, and the time to call [Plane.Tick].
//
//	plane := control.New(control.Config{Seed: 1})
//	plane.RegisterContainerInstance(now, …)
//	plane.CreateService(now, …)
//	for {
//		ready := plane.Ready()
//		journal(ready.Records)      // durable before anything is done
//		carryOut(ready.Commands)    // outcomes come back as CommandDone
//		plane.Advance(ready)
//		…                           // wait for events, or until ready.WakeAt
//	}
//
// Package driver has that loop; package sim has a world to try it in.
//
// The plane decides little itself. scheduler.Reconcile decides which tasks a service starts and
// stops, placement where a task goes, lifecycle what a task does next, loadbalance which port it
// gets and which targets are healthy, and autoscale how many tasks there should be.
// ARCHITECTURE.md follows a RunTask and a load sample through the files.
//
// Every accepted input is one [Record]. [Replay] re-executes records: a plane is determined by its
// configuration and its inputs. A plane elsewhere that is given each record as it comes keeps the same state
// ([Plane.Follow]). [Plane.State] returns the whole state as JSON, and [Restore]
// continues from it bit for bit. [Plane.Save] returns the same in chunks, between which the plane takes
// further inputs, and [RestoreSnapshot] continues from these.
//
// # Why a task is pending
//
// [Plane.Explain] answers for a service, by name or ARN, or for one task, by ID or ARN. The answer
// names, in this order, what each task that is not RUNNING yet waits for and since when
// ([lifecycle.WaitReason]), why no further task is started ([ShortfallReason]), and where a further one
// would be placed. It has a text.
//
//	ROOM               an instance of its capacity provider; for 30 minutes, then the task stops
//	NETWORK_INTERFACE  the outcome of AttachNetworkInterface
//	VOLUME             the outcome of attaching its volume
//	AGENT              the outcome of StartTask, or the agent's first report about the task
//	REPORT             that report, once StartTask has its outcome
//	PULL               the report that images are pulled
//	DEPENDENCY         another container, by dependsOn
//	CONTAINER          a container to start
//	TARGETS            the outcome of RegisterTarget
//	DISCOVERY          the outcome of RegisterInstance
//
// # What is tried again, and when
//
// Each wait ends at a deadline, which [Ready] gives as WakeAt: without a Tick nothing is tried again.
//
//   - A command that failed: after 1 s, 2 s, 4 s and so on up to 5 minutes, each between half
//     of that and all of it. One without an outcome is handed out again after 2 minutes ([message.Retry]).
//     An outcome that says Permanent ends it.
//   - A launch that found no room: after 30 seconds, and at once when the cluster gains room.
//   - A launch whose task stopped before it was RUNNING: after 1, 2, 4, 8, 16 and then 27
//     minutes (scheduler.ThrottleWait). A launch beyond the quotas: when they allow it ([LaunchRates]).
//   - A task that waits for its capacity provider to grow: at once when the cluster gains room.
//   - Managed scaling, step scaling's alarms and GetMetric: each full minute.
//   - A rebalancing that found no room: after 10 minutes.
//
// Nothing else is tried again: a task that stopped has ended, and its service starts another one.
//
// # What Seen is
//
// Each command's [message.Key] has an Epoch, a number that grows with each new intent. An agent
// remembers the highest Epoch that it has received, and sends it as Seen with each report of all its
// tasks ([message.InstanceReport]). A task that the report does not list has ended if Seen has reached
// the Epoch of its StartTask. With a lower Seen the report may be older than the task, and the plane
// concludes nothing. An agent that is started again may have forgotten everything, Seen included: it
// says so with a greater Life, or what it has said for 30 seconds counts. The rules are at
// [message.InstanceReport].
//
// # Guarantees
//
//  1. What is reserved on an instance is the sum over its tasks, ports included, and the
//     books of placement and loadbalance agree (TestLaws/C1_books_agree).
//  2. The same inputs give the same bytes: commands, changes and state
//     (TestLaws/C2_same_inputs_same_bytes).
//  3. After a crash at any point, the journal and the outstanding commands lead to the same
//     end (TestLaws/C3_crash_anywhere).
//  4. At most one command of a key is outstanding (TestLaws/C4_one_command_a_key).
//  5. Repeated outcomes and events change nothing (TestLaws/C5_repeats_are_harmless).
//  6. Every command has a cause: a task, a target or a deployment that wants it
//     (TestLaws/C6_every_command_has_a_cause).
//  7. The next report of an agent repairs the effects of lost events, and the next reports repair
//     those of an agent that forgot its tasks (TestLaws/C7_reports_heal).
//  8. WakeAt is never late: nothing is due before it (TestLaws/C8_wake_is_never_late).
//  9. An agent that has forgotten its tasks is believed: they end and are replaced. A late report
//     of an agent that has forgotten nothing ends nothing (TestForgetfulAgent; InstanceReport says
//     how the plane distinguishes the two).
//  10. Advance is total: it ignores a Ready that was advanced before (TestAdvanceIsTotal).
//  11. A plane that is restored from a snapshot has the State of the moment at which the snapshot began
//     (TestSnapshotIsTheState, TestSnapshotOfTheMomentItBegan). What is not all of a snapshot is refused
//     (TestRestoreSnapshotRefuses), and no chunk makes RestoreSnapshot panic (FuzzRestoreSnapshot).
//  12. A plane that follows another, record by record, has its State at each record, and a record that is
//     not the next of that plane is refused (TestFollow, TestFollowRefuses).
//
// A refused request changes nothing: not the state, not the time, not an ID, and it leaves
// no record (TestRefusedChangesNothing); the same holds for an event that says nothing new.
//
// TestSoak lets random worlds take 500 steps each, with everything at once: messages lost,
// repeated and late, failing commands, crashes of the plane, instances lost, drained,
// disconnected and reclaimed, failing images, deployments, scaling, task sets, deletions and
// names used again. [Plane.Check] holds after every step. When the faults end, every service
// becomes steady, or its deployment has failed, or package feasible explains why it cannot
// end; and it becomes steady in the end, after the test has done what an operator would do.
//
// The work that one input causes is bounded. A service that needs more than maxPasses passes of
// the scheduler goes on a second later, by a timer, and a Change says so. A Tick serves a bounded
// number of deadlines, and WakeAt says that the others are due. A panic ends the plane: see
// [Plane.Failed].
//
// TestCombinations combines every two features that AWS allows in one service: the
// cluster's default strategy, scheduling strategy, launch type, network mode, deployment
// controller, strategy and percents, load balancers, task sets, scaling, service discovery,
// circuit breaker, rebalancing, placement and protection, and changes while it runs. In
// these worlds nothing fails. After every input Check holds and the work is bounded. After every
// call State can be restored, and no service has what AWS forbids (TestForbiddenPairs prints
// that). Each world comes to rest within a day and is replayed to the same state. A world that
// breaks one of these is shrunk to a few calls.
//
// TestExplore visits every state of small planes, with any two messages of a path lost or
// doubled. From each state the steady state can be reached.
//
// # Cost
//
// The cost of an event does not grow with the cluster, and neither does that of a tick of a quiet
// one. State and Restore take time and memory in proportion to the tasks. BENCHMARKS.md has the
// figures of one cluster at ECS's quotas and at ten times those, and the sizes of the runs above.
//
// # Differences from ECS
//
//   - AWS's control plane is eventually consistent; this one answers from its state at once.
//   - Retry times of commands are chosen here ([message.Retry]); AWS does not publish its own.
//   - A target group that PutTargetGroup did not describe is made for the first service that names
//     it, with the defaults of Elastic Load Balancing and the target type that its tasks need. With
//     Config.OwnLoadBalancers none is: a service takes what [Plane.LoadBalancers] has.
//   - A load balancer is active at once. A Classic Load Balancer stays, and checks the port of each
//     instance by TCP. All subnets are of one VPC, and an unknown subnet may be
//     in any zone. A target group that is deleted while a service names it keeps its targets, out
//     of sight. Weights that a request sets (ModifyRule, ModifyListener, SetRulePriorities) hold in
//     this plane's load balancers at once; no command tells a runtime: [message.ModifyTraffic] is
//     issued for what a deployment shifts. A target that RegisterTargets added is gone as soon as it is
//     deregistered, and a task's target cannot be deregistered by hand. Where a listener rule that a deployment shifts
//     is gone, a service event says so, and the deployment goes on. Security groups, certificates
//     and most attributes are kept and shown, without effect.
//   - UpdateService validates the resulting service with its task definition each time, and reports
//     faults too that an earlier version of the rules accepted.
//   - When an empty list removes a capacity provider strategy, the service keeps the launch type of
//     the tasks that the strategy started; AWS says "back to the launch type".
//   - A ROLLING deployment of a service with two target groups registers its tasks where those of the last
//     deployment that was rolled out are. If it overtakes a deployment that shifts traffic, the weights stay as they
//     are at that moment.
//   - A rollback to load balancers without a second target group leaves the strategy ROLLING: every
//     other strategy shifts traffic between two target groups.
//   - An update that is incompatible with Availability Zone rebalancing turns it off; if the update
//     also asks for rebalancing, it is refused.
//   - RunTask refuses a strategy without a weight above 0 as CreateService does. If none of the
//     strategy's providers has an instance or may get one, RunTask refuses it with the sentence of
//     service events; if only some have none, the failure is EMPTY CAPACITY PROVIDER.
//   - Stopped tasks are shown for exactly one hour, and described as DELETED for a minute after
//     that; AWS promises at least an hour, and does not say how long DELETED is displayed.
//   - A service whose tasks find no place is tried again after 30 seconds, and at once when the
//     cluster gains room.
//   - The quotas on launching tasks ([LaunchRates]) are off unless a Config sets them. Services
//     that wait for the same tokens are served in order of their ARNs. RunTask takes no
//     tokens: AWS throttles its calls, and throttling of calls is not modelled.
//   - Attaching a capacity provider takes no time, so that no update is ever in progress.
//     UpdateTaskProtection and GetTaskProtection answer MISSING for a task that does not exist, and
//     never ResourceNotFoundException.
//   - The ID, MAC address and private DNS name of a task's network interface are derived from the
//     task's ID and its address, since a driver reports only the address. LATEST is platform 1.4.0
//     on Linux and 1.0.0 on Windows.
//   - Alarms that fired when a deployment started show as DISABLED in it.
//   - A namespace that a cluster or a service names for Service Connect is made, as an HTTP namespace, where
//     AWS makes that of a cluster only. NamespaceNotFoundException is answered where Service Connect is enabled and
//     neither the service nor its cluster names a namespace. Service Connect's names are services of AWS Cloud Map
//     without instances.
//   - In AWS CodeDeploy ([Plane.CodeDeploy]) the rollback of a deployment is a part of it, which is shown as a
//     deployment of its own; times of life-cycle events are those of the event under way only; the diagnostics of that
//     event have the ID under which its hook may report; a service that cannot be deployed is refused when the
//     deployment is created. DescribeServices shows the deployments of such a service as task sets, which
//     DescribeTaskSets does not find.
//   - In AWS Cloud Map ([Plane.CloudMap]) each operation has succeeded when it has an ID; DiscoverInstances answers in
//     order of registration, and without HealthStatus as for HEALTHY_OR_ELSE_ALL; nobody checks endpoints for a
//     HealthCheckConfig, so that its instances are healthy; the ARN of a service registry is not looked up when a
//     service is made. Instances of tasks have the attributes of the tutorial, and the health of their containers.
//   - For a deleted service, DeleteService answers ServiceNotFoundException and every other change
//     ServiceNotActiveException; its tags are refused as AWS refuses a cluster's. Its deployments
//     and revisions can be described until its name is used again.
//   - A deployment waits for protected tasks (DEPLOYMENT_BLOCKED) while an older deployment is still
//     there; the wording of the failure's detail is this package's.
//   - The plane keeps three hours of metrics, too little for a forecast: predictive scaling
//     uses the forecasts of [message.CapacityForecast] events.
//   - A deleted revision of a task definition stays DELETE_IN_PROGRESS.
//   - Of ECS's quotas only those of tasks a service and of launches are kept ([Config]), that of
//     five open deployments, and those that a single request could exceed.
//   - The size of the instances of an empty Auto Scaling group is not known: the plane assumes that
//     they can hold the tasks that wait. They wait for 30 minutes; AWS says 10 to 30.
//   - [CloudWatch] has one value a minute of a service's utilization, whose SampleCount is 1. Alarms are
//     evaluated at full minutes, or at full tens of seconds, of what was reported by then. Actions other
//     than scaling policies are noted in the history, and nobody is told. Users cannot change the alarms
//     that scaling policies keep; these have no history. Besides, [message.AlarmState] events report
//     alarms that are kept elsewhere.
//   - GetPredictiveScalingForecast answers no load, since forecasts that the plane is told are of capacity.
//     An activity is fulfilled when as many tasks run as are desired, and Unfulfilled after half an hour.
//   - An agent that reports a host port other than the proposed one is believed, unless the task
//     definition names the port.
//   - AWS does not publish how it distinguishes a late report from the report of an agent that has
//     forgotten. Here the agent's Life decides, and without a Life 30 seconds
//     ([message.InstanceReport]).
//   - The stop code of a task that its agent has lost is EssentialContainerExited if an essential
//     container ran, and otherwise TaskFailedToStart.
//   - An INACTIVE container instance is not registered again under its ARN.
//   - A volume that is configured at launch has its attachment described with the details
//     volumeId, volumeName and deleteOnTermination, whose names AWS does not list, besides those
//     that it lists. A volume that cannot be attached stops its task with the runtime's reason.
//   - An update that changes a service's volumes or monitoring starts a deployment. An update that
//     leaves a volume of the task definition without a configuration, or a configuration without its
//     volume, is refused; volumeConfigurations of [] removes the configuration.
//
// # Example
//
// See the example of [Plane].
package control
