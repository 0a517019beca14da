// Package control is a Region's control plane as a deterministic, single-threaded state
// machine: the task definition registry, which clusters share, and the clusters, each with
// its container instances, services, tasks and placement index.
//
// # Model
//
// A [Plane] is told two kinds of things: requests, which carry the names of the ECS API and
// take their inputs in its shape, and events ([Plane.Observe]), which are what the world
// reports. Both come with the time; the plane has no clock. What follows from them it hands
// out as [Ready]: records of its inputs to make durable, commands to carry out, changes to
// show, and when to call [Plane.Tick].
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
// Package driver has that loop; package sim a world to try it in.
//
// The plane composes and decides little itself. What a service wants is
// scheduler.Reconcile's answer, where a task goes is placement's, what a task does next is
// lifecycle's, which port it gets and how its targets stand is loadbalance's, how many tasks
// there should be is autoscale's.
//
// Every accepted input is one [Record]. [Replay] re-executes records: a plane is its
// configuration and its inputs. [Plane.State] is the whole state as JSON, and [Restore]
// continues from it bit for bit.
//
// # Why a task is pending
//
// [Plane.Explain] answers for a service, by name or ARN, or for one task, by ID or ARN. The answer
// names, in this order, what each task that is not RUNNING yet waits for and since when
// ([WaitReason]), why no further task is started ([ShortfallReason]), and where a further one
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
// By the deadline that [Ready] gives as WakeAt, so that nothing is tried without a Tick:
//
//   - A command that failed: after 1 s, 2 s, 4 s and so on up to 5 minutes, each between half
//     of that and all of it. One without an outcome is handed out again after 2 minutes ([message.Retry]).
//     An outcome that says Permanent ends it.
//   - A launch that found no room: after 30 seconds, and at once when the cluster gains room.
//   - A launch whose task stopped before it was RUNNING: after 1, 2, 4, 8, 16 and then 27
//     minutes (scheduler.ThrottleWait). A launch beyond the quotas: when they let ([LaunchRates]).
//   - A task that waits for its capacity provider to grow: at once when the cluster gains room.
//   - Managed scaling, step scaling's alarms and GetMetric: each full minute.
//   - A rebalancing that found no room: after 10 minutes.
//
// Nothing else is tried again: a task that stopped is over, and its service starts another one.
//
// # What Seen is
//
// Each command's [message.Key] has an Epoch, a number that grows with each new intent. An agent remembers
// the highest one that it has met, and says it with each report of all its tasks: that is
// [message.InstanceReport].Seen. A task that the report does not list is over if the agent had met its
// StartTask when it made the report, that is, if Seen has reached that command's Epoch; with a
// lower Seen the report may be older than the task, and nothing follows. An agent that is
// started again may have forgotten everything, Seen too: it says so with a greater Life, or what
// it has said for 30 seconds counts. See [message.InstanceReport] for the rules.
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
//  7. What lost events leave is healed by the next report, and what agents forgot by the next
//     ones (TestLaws/C7_reports_heal).
//  8. WakeAt is never late: nothing is due before it (TestLaws/C8_wake_is_never_late).
//  9. An agent that has forgotten its tasks is believed: they end and are replaced. A late report
//     of an agent that has not ends nothing (TestForgetfulAgent; InstanceReport says how the two
//     are told apart).
//  10. Advance is total: it ignores what was taken over before (TestAdvanceIsTotal).
//
// A refused request changes nothing: not the state, not the time, not an ID, and it leaves
// no record (TestRefusedChangesNothing); the same holds for an event that says nothing new.
//
// TestSoak lets random worlds take 500 steps each, with everything at once: messages lost,
// repeated and late, failing commands, crashes of the plane, instances lost, drained,
// disconnected and reclaimed, failing images, deployments, scaling, task sets, deletions and
// names used again. [Plane.Check] held after every step; when the faults ended, every service
// became steady, or its deployment had failed, or package feasible explained why it could not
// end; and was steady in the end once somebody did what a person would. In 1,000 worlds 11,577 messages were lost, 10,974 repeated and 22,943 late, 2,774
// commands failed, 1,955 planes crashed and 5,314 requests were refused; of 4,099 services 519
// had failed and 136 were blocked:
//
//	go test ./ecs/control -run TestSoak -soak.worlds 1000 -v
//
// What one input sets off is bounded. A service that wants more than maxPasses passes of the
// scheduler goes on a second later, by a timer, and a Change says so; a Tick serves a bounded
// number of deadlines, and WakeAt says that the others are due. A panic ends the plane: see
// [Plane.Failed].
//
// TestCombinations lets every two features meet in a service that AWS allows at once: the
// cluster's default strategy, scheduling strategy, launch type, network mode, deployment
// controller, strategy and percents, load balancers, task sets, scaling, service discovery,
// circuit breaker, rebalancing, placement and protection, and what was changed while it ran. In
// these worlds nothing fails. After every input Check holds and the work is bounded; after every
// call State is restored as it is, and no service has what AWS forbids (TestForbiddenPairs prints
// that); each world comes to rest within a day and is replayed to the same state. What breaks
// one of these is shrunk to a few calls:
//
//	go test ./ecs/control -run TestCombinations -combinations.worlds 2000 -v
//
// TestExplore visits every state of small planes, with any two messages of a path lost or
// doubled: 8,688 for a new service of three tasks, 977 for a lost instance with them, and 234
// for a rolling update. From each of them the steady state can be reached:
//
//	go test ./ecs/control -run TestExplore -explore.tasks 3 -v
//
// Size. BenchmarkScale holds one cluster at ECS's quotas (5,000 container instances, 5,000
// services, 25,000 tasks) and at ten times those, here on two shared cores. What an event
// costs does not grow with the cluster, and a tick of a quiet one costs the same at any size:
//
//	                                        at the quotas    ten times them
//	a task exits, another is placed, runs      0.06 ms           0.06 ms
//	UpdateService of a desired count           0.06 ms           0.07 ms
//	a tick with nothing due                    40 ns             34 ns
//	an hour later, a task is forgotten         2.5 µs            3.7 µs
//	memory of an instance                      13.7 kB           13.7 kB
//	memory of a task, its service's part in    4.7 kB            5.9 kB
//	State, as JSON, a task                     2.5 kB            2.5 kB
//	Restore from it, a task                    0.1 ms            0.1 ms
//
//	go test ./ecs/control -run '^$' -bench Scale -benchtime 2000x -scale 5000
//	go test ./ecs/control -run '^$' -bench Scale -benchtime 2000x -scale 50000
//
// # Differences from ECS
//
//   - AWS's control plane is eventually consistent; this one answers from its state at once.
//   - Retry times of commands are chosen here ([message.Retry]); AWS does not publish its own.
//   - A target group that nobody described comes into being with the first service that names
//     it, with the defaults of Elastic Load Balancing and the target type that its tasks need.
//   - What a service results in is judged with its task definition on every UpdateService, also
//     for faults that an earlier version of the rules let in.
//   - A strategy that is taken away by an empty list leaves the launch type of the tasks that it
//     started; AWS says "back to the launch type".
//   - An update that rules Availability Zone rebalancing out turns it off; one that asks for it
//     all the same is refused.
//   - RunTask refuses a strategy without a weight above 0 as CreateService does, and one of whose
//     providers none has an instance or may get one with the sentence of service events; where
//     only some have none, the failure is EMPTY CAPACITY PROVIDER.
//   - Stopped tasks are shown for exactly one hour, and described as DELETED for a minute after
//     that; AWS promises at least an hour, and does not say how long DELETED is displayed.
//   - A service whose tasks find no place is tried again after 30 seconds, and at once when the
//     cluster gains room.
//   - The quotas on launching tasks ([LaunchRates]) are off unless they are asked for. Services
//     that wait for the same tokens are served in order of their ARNs. RunTask takes no
//     tokens: AWS throttles its calls, and throttling of calls is not modelled.
//   - Attaching a capacity provider takes no time, so that no update is ever in progress.
//     UpdateTaskProtection and GetTaskProtection say MISSING of tasks, and know no
//     ResourceNotFoundException.
//   - The ID, MAC address and private DNS name of a task's network interface are made of the
//     task's ID and its address, which is all that a driver gives. LATEST is platform 1.4.0 on
//     Linux and 1.0.0 on Windows.
//   - Alarms that fired when a deployment started show as DISABLED in it.
//   - Which namespaces of Cloud Map there are is not known: NamespaceNotFoundException is said
//     where Service Connect is enabled and neither the service nor its cluster names one.
//   - A deleted service is ServiceNotFoundException for DeleteService, ServiceNotActiveException
//     for what else would change it, and its tags are refused as AWS refuses a cluster's. Its
//     deployments and revisions can be described until its name is used again.
//   - A deployment waits for protected tasks (DEPLOYMENT_BLOCKED) while there is an older one
//     beside it; the failure's detail is worded here.
//   - The plane keeps three hours of metrics, too little to forecast from: predictive scaling
//     goes by forecasts that are told ([message.CapacityForecast]).
//   - A deleted revision of a task definition stays DELETE_IN_PROGRESS.
//   - Of ECS's quotas only those of tasks a service and of launches are kept ([Config]), that of
//     five open deployments, and those that a single request could exceed.
//   - How large the instances of an Auto Scaling group without instances are is not known: it
//     is taken to hold the tasks that wait. They wait for 30 minutes; AWS says 10 to 30.
//   - Alarms of CloudWatch are evaluated here once a minute for step scaling; those that
//     deployments watch are told by [message.AlarmState].
//   - An agent that reports a host port other than the proposed one is right, unless the task
//     definition names the port.
//   - AWS does not publish how it tells a late report of an agent from one that has forgotten:
//     here by the agent's Life, and without one after 30 seconds ([message.InstanceReport]).
//   - A task that its agent has lost is EssentialContainerExited if an essential container ran,
//     and otherwise TaskFailedToStart.
//   - An INACTIVE container instance is not registered again under its ARN.
//   - A volume that is configured at launch has its attachment described with the details
//     volumeId, volumeName and deleteOnTermination, whose names AWS does not list, beside those
//     that it does. A volume that cannot be attached stops its task with the runtime's reason.
//   - Other volumes of a service, or other monitoring, start a deployment. An update that leaves
//     a volume of the task definition without a configuration, or a configuration without its
//     volume, is refused; volumeConfigurations of [] takes the configuration away.
//
// # Example
//
// See the example of [Plane].
package control
