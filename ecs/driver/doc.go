// Package driver keeps a control plane and the world in step: it declares the interfaces
// that a caller implements, and the [Loop] that calls them.
//
// # Start here
//
// A program that runs real containers implements [Agent], and the other interfaces that its tasks need,
// puts them into a [Runtime], and calls [New] and [Loop.Run]. Package drivertest checks each
// implementation. A program that only simulates a cluster uses package sim instead.
//
// Implementations are there, too: package agent with package process runs tasks as processes, and package proxy is
// their load balancer. examples/orchestrator puts them together in 44 lines.
//
// # Model
//
// A [control.Plane] decides and does not act; a [Runtime] acts and does not decide. The Loop
// stands between them. One goroutine, that of [Loop.Run], owns the plane and goes round:
//
//	take the inputs: events (Notify), calls (Do), the time (Clock)
//	give them to the plane
//	have its records made durable (Journal)
//	show its changes (Observe), hand out its commands, answer the calls
//
// All inputs that wait are one batch, up to some two thousand: one Append keeps their records
// (TestInputsThatWaitLeaveTogether). While one batch becomes durable the plane takes the next, which leaves
// for the Journal when the first is there.
//
// Other goroutines carry commands out: those of one target in order, those of different targets in
// parallel, at most Runtime.Parallel at a time. Outcomes go back to the plane as events. The plane
// decides when to retry and what a failure means; the Loop neither counts nor repeats anything.
//
// Building an orchestrator takes four steps: implement [Agent], which starts and stops tasks and
// reports their changes by [Loop.Notify], and the other interfaces that the tasks need; check each
// implementation with package drivertest; open a journal; and run the Loop. Requests of users are
// methods of the plane, called through [Loop.Do] or [Call]. A command whose interface is nil fails
// for good, with an error that names the command.
//
// Every implementation follows one rule: each method is idempotent for its command's Key.
// Effects happen at least once, intents exactly once, because a Key never changes its
// meaning. Package journal is a [Journal] in a file.
//
// The metrics of scaling policies come by Notify, in message.MetricSample events, or through
// [Metrics], which a plane with control.Config.PullMetrics asks.
//
// A [CredentialsEndpoint] is the part of an agent that hands the keys of roles to containers: each
// container gets those of its own task only, and each fetch is audited.
//
// # Guarantees
//
//  1. Nothing is done, shown or answered before its record, and those before it, are durable
//     (TestDurableBeforeAnythingElse, TestNextBatchRunsWhileOneIsKept). A crash at any record loses
//     nothing that was answered: the plane that is replayed re-issues what was outstanding
//     (TestLaws/C3_crash_anywhere). When an Append fails, the calls of its batch and of the next get the
//     error (TestFailedAppendAnswersBoth).
//  2. The commands of one target are carried out one after the other in the order in which
//     they were issued (TestOneTargetInOrder), and no target waits for another as long as
//     fewer than Runtime.Parallel calls are younger than Runtime.Timeout
//     (TestHangingCallBlocksNobodyElse).
//  3. A call that hangs is reported as a failure that may be retried after Runtime.Timeout;
//     a call that panics, as a permanent failure; an impossible answer, as a failure
//     (TestCarryOut). None of them ends the Loop or changes the plane in another way
//     (TestHostileRuntime).
//  4. When its context ends, Run returns within twice Runtime.Timeout, whatever hangs
//     (TestShutdownDoesNotHang).
//  5. Deadlines of the plane are met while events arrive without a pause (TestDeadlinesUnderLoad).
//  6. When an agent is started again and has forgotten its tasks, the plane replaces them
//     (TestAgentRestart). Agent says what an agent must keep.
//  7. Notify, Do and Queued may be called from any goroutine (the tests run under the race
//     detector).
//
// # Differences from ECS
//
//   - AWS does not publish how its control plane talks to agents and load balancers; these
//     interfaces are this library's own.
//   - A deployment hook is called through [Hooks]: the answer has Lambda's form, and Lambda is not
//     needed.
//
// # Example
//
// See the examples of the package, durable, and of [Loop].
package driver
