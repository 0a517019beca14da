// Package lifecycle is the state machine of one Amazon ECS task and its containers: which status
// follows which, and what must be done on the way.
//
// # Start here
//
// A program that starts tasks calls [Compile] once for each task definition and
// [Program.Step] for each event, and carries out the effects that Step returns. A control plane
// compiles with [RoleControlPlane], an agent with [RoleAgent], and a program that is both with
// [RoleWhole]. A program that only wants to show which status may follow which reads Diagrams.
//
// # Model
//
// [Compile] turns a task definition and its [Traits] into a [Program]. [Program.Start] makes a [Task].
// [Program.Step] takes an [Event] and returns the task after it, with the [Effect] values that must now
// be done. [Program.Next] returns when a [Tick] is due. A Task is a comparable value of 448 bytes: keep
// it, copy it to fork history, compare it, use it as a key, write it as JSON.
//
// There are two machines. The task's machine goes through PROVISIONING, PENDING, ACTIVATING and
// RUNNING and, once its desired status is STOPPED, through DEACTIVATING, STOPPING, DEPROVISIONING and
// STOPPED. It skips each status for which the task definition gives no reason, and never goes back.
// The containers' machine goes through pull, creation and start in the order of the dependencies, and
// through stop signal and SIGKILL in the reverse order. [Role] says which of them run:
//
//   - [RoleControlPlane] runs the task's machine and hands the task to an agent by
//     [EffectStartTask] and [EffectStopTask]. The agent's reports come in as container events
//     ([ContainerStarted], [ContainerExited], …, or [TaskStopped] for all at once), in any order
//     and with gaps. The agent times and restarts containers; this role does not. Next asks for
//     ticks for protection and visibility only.
//   - [RoleAgent] runs the containers' machine for an agent. Its effects are for the container
//     runtime. The agent reports each change in Task.Containers, and that the task is STOPPED.
//   - [RoleWhole], the zero value, runs both in one, for a program that is control plane and agent at
//     once. [Effect.ForAgent] and [Effect.ForRuntime] say whom an effect is for.
//
// Every effect names the events that answer it. An effect about a container carries the number of its
// start, restart or health check, and the answer repeats that number. So Step recognizes a late answer to
// an earlier one. Effects may be carried out twice: an embedder that crashed carries them out again, and
// the second answer changes nothing.
//
// Every event has a time, and events come in the order of their times. Deadlines are stopTimeout,
// startTimeout, health checks, protection, and the hour after STOPPED. The first event at or after a
// deadline acts on it. If no other event comes before, that is the Tick that Next asks for.
//
// The rules are tables: the moves below, what each event does in each status, what must be done
// in each status, when each kind of dependency is met. Step does what the tables say.
//
// # Diagrams
//
// The moves of a task, drawn from the table that makes them:
//
//	stateDiagram-v2
//	    PROVISIONING --> PENDING: placed, attached, wanted
//	    PROVISIONING --> DEPROVISIONING: stop wanted, something attached
//	    PROVISIONING --> STOPPED: stop wanted, nothing attached
//	    PENDING --> ACTIVATING: a pull began, wanted
//	    PENDING --> ACTIVATING: containers run, something to activate, wanted
//	    PENDING --> RUNNING: containers run, wanted, pulls not shown, nothing to activate
//	    PENDING --> STOPPING: stop wanted, containers live
//	    PENDING --> DEPROVISIONING: stop wanted, something attached, no container lives
//	    PENDING --> STOPPED: stop wanted, no container lives, nothing attached
//	    ACTIVATING --> RUNNING: containers run, registered, wanted
//	    ACTIVATING --> DEACTIVATING: stop wanted, in target groups
//	    ACTIVATING --> STOPPING: stop wanted, containers live, in no target group
//	    ACTIVATING --> DEPROVISIONING: stop wanted, something attached, in no target group, no container lives
//	    ACTIVATING --> STOPPED: stop wanted, in no target group, no container lives, nothing attached
//	    RUNNING --> DEACTIVATING: stop wanted, in target groups
//	    RUNNING --> STOPPING: stop wanted, containers live, in no target group
//	    RUNNING --> DEPROVISIONING: stop wanted, something attached, in no target group, no container lives
//	    RUNNING --> STOPPED: stop wanted, in no target group, no container lives, nothing attached
//	    DEACTIVATING --> STOPPING: containers live, in no target group
//	    DEACTIVATING --> DEPROVISIONING: something attached, in no target group, no container lives
//	    DEACTIVATING --> STOPPED: in no target group, no container lives, nothing attached
//	    STOPPING --> DEPROVISIONING: something attached, no container lives
//	    STOPPING --> STOPPED: no container lives, nothing attached
//	    DEPROVISIONING --> STOPPED: nothing attached
//	    STOPPED --> DELETED: an hour passed
//
// The moves of a container. A capitalized name is the event that causes the move; every other word
// is a condition that must hold:
//
//	stateDiagram-v2
//	    PENDING --> STOPPED: stop wanted
//	    PENDING --> STOPPED: a dependency broken
//	    PENDING --> PULLING: may pull
//	    PULLING --> STOPPED: stop wanted
//	    PULLING --> PULLED: Pulled
//	    PULLING --> STOPPED: PullFailed
//	    PULLED --> STOPPED: stop wanted
//	    PULLED --> STOPPED: a dependency broken
//	    PULLED --> CREATING: dependencies met
//	    CREATING --> STOPPED: stop wanted
//	    CREATING --> CREATED: ContainerCreated
//	    CREATING --> STOPPED: ContainerFailed
//	    CREATED --> STOPPED: stop wanted
//	    CREATED --> STOPPED: a dependency broken
//	    CREATED --> STARTING: dependencies met
//	    STARTING --> STOPPED: ContainerFailed
//	    STARTING --> RUNNING: ContainerStarted
//	    STARTING --> STOPPED: ContainerExited
//	    RUNNING --> STOPPING: stop wanted, no dependent runs
//	    RUNNING --> STOPPED: ContainerExited
//	    RESTARTING --> STOPPED: ContainerFailed
//	    RESTARTING --> RUNNING: ContainerStarted
//	    RESTARTING --> STOPPED: ContainerExited
//	    STOPPING --> KILLING: stopTimeout passed
//	    STOPPING --> STOPPED: ContainerExited
//	    KILLING --> STOPPED: ContainerExited
//	    RUNNING --> RESTARTING: ContainerExited and the restart policy restarts it
//
// # Guarantees
//
//  1. A task's status and desired status never go back (TestLaws/L1_status_never_goes_back).
//  2. A status is followed only by those that follow it in the Developer Guide's flow chart
//     (TestLaws/L2_only_table_transitions).
//  3. STOPPED is the end: only DELETED follows, and no event changes anything else
//     (TestLaws/L3_stopped_absorbs).
//  4. If every effect is answered, a task that should stop is STOPPED within a bounded number of steps,
//     and any other can reach RUNNING (TestLaws/L4_what_should_stop_stops, L4_in_bounded_steps,
//     L4_what_should_run_runs_or_stops). STOPPED can be reached from every state (TestLaws/no_dead_end).
//  5. The exit of an essential container stops the task, unless its restart policy restarts it
//     (TestLaws/L5_essential_exit_stops).
//  6. No container is created or started before what it waits for by dependsOn, links, volumesFrom
//     and its log router, and none is asked to stop before those that wait for it are STOPPED
//     (TestLaws/L6_dependsOn_up, L6_dependsOn_down).
//  7. SIGKILL comes when stopTimeout has passed since the stop signal and no sooner
//     (TestLaws/L7_no_kill_before_stopTimeout, TestSteps).
//  8. Repeated and late events change nothing and ask for nothing
//     (TestLaws/L8_repeated_and_late_change_nothing).
//  9. When a task is STOPPED, every network interface and volume has been detached, the task has
//     been deregistered from every target group and from service discovery, and its resources have
//     been released, once each (TestLaws/L9_attach_and_register_balance).
//  10. Events that cannot belong to a task are refused with a code and change nothing
//     (TestLaws/refusals, TestRefusals); no sequence of events panics (FuzzSteps).
//  11. Step, Next and Health do not allocate (TestAllocations); a Task is at most 512 bytes (TestSize);
//     its JSON loses nothing (TestSteps).
//
// TestExplore checks laws 1 to 10 in every reachable state of its configurations, under every event at
// every moment: with failures, lost instances and agents, late and repeated answers, and time abstracted
// to before and after each deadline. Values that no rule reads (timestamps, reasons, versions, counts of
// restarts) are left out, so that no two states behave alike. TestDistinct shows that an observer can
// tell any two states apart. The control plane's half is an exception: nothing shows the agent's reports
// before RUNNING. BENCHMARKS.md has the number of states of each configuration, and -explore visits the
// larger ones.
//
// TestLaws also plants faults in the tables, and requires of each law that it finds the faults planted
// for it.
//
// # Differences from ECS
//
// Where AWS documents nothing, or contradicts itself, the package chooses:
//
//   - A task is PENDING while images are pulled, as users observe. With Traits.PullInActivating it is
//     ACTIVATING, as the Developer Guide says today.
//   - A task without target groups and service discovery goes from PENDING to RUNNING.
//   - createdAt is when Start was called, before PROVISIONING; stoppingAt is when the desired status
//     became STOPPED, before DEACTIVATING.
//   - stopCode and stoppedReason keep the first cause.
//   - An essential container that cannot be pulled, created or started, or whose dependency breaks, is
//     TaskFailedToStart; a lost instance is TerminationNotice. A restart that fails is
//     EssentialContainerExited.
//   - A container whose dependency can never be met ends with exit code 143 and
//     CannotStartContainerError, as with the agent. The condition HEALTHY on a container that stopped is
//     such a dependency; there the agent would wait forever if neither container is essential. The text
//     after CannotStartContainerError is this library's.
//   - A wait for the exit or the health of a container ends three hours after that container started
//     (MaxDependencyWait), as users observe. AWS documents neither what ends the wait nor when it begins.
//     Then the waiting container is STOPPED. If it is essential, the task stops too.
//   - startTimeout ends the wait only while the condition is unmet, as the API documents it. A slow
//     pull of the dependent container after that does no harm. A restart of the dependency starts
//     the timeout again.
//   - A task that is to stop is deregistered from service discovery at once, and nothing waits for that.
//   - When an essential container exits, and on a Spot notice, the other containers are stopped at once,
//     while target groups drain. On a request to stop, they are stopped once target groups have drained.
//   - When a container is restarted by its restart policy, its health is UNKNOWN again and its start
//     period begins again.
//   - A container that is to stop is no longer health checked.
//   - The program that carries out attachments, pulls, creations and starts sets their time limits,
//     and answers with a failure when one has passed.
//   - A health check belongs to the start period if its outcome comes within that period. For Docker the
//     check must have begun within it.
//   - Containers that wait for each other in a circle of links, volumesFrom, dependsOn and log routers
//     compile for RoleControlPlane and are refused for the other roles: the agent stops such a task.
//   - STOPPED becomes DELETED after exactly an hour; AWS promises at least that.
//   - Protection is refused unless the task is RUNNING, and ends when the task is to stop.
//   - Service Connect's proxy is an ordinary container here. To start it first, give the other containers
//     a dependsOn.
//
// # Example
//
// A control plane carries out the effects of a program and reports their outcomes to it:
//
//	effects, task, err := program.Step(nil, task, lifecycle.Placed(now))
//	for _, e := range effects {
//		switch e.Kind {
//		case lifecycle.EffectAttachENI: // ask EC2; later Step with ENIAttached or ENIFailed
//		case lifecycle.EffectStartTask: // send the task to its agent
//		…
//		}
//	}
//
// and, when the agent reports that container 0 runs, Step with ContainerStarted(now, 0, 0). An agent,
// or a simulated one, compiles the same task definition with RoleAgent, carries out
// EffectPullImage, EffectCreateContainer, EffectStartContainer and the rest, and reports each
// container whose status changed. Both are runnable as the examples of Program and Role.
package lifecycle
