// Package driver keeps a control plane and the world in step: it declares the interfaces
// that a caller implements, and the [Loop] that calls them.
//
// # Model
//
// A [control.Plane] decides and does nothing; a [Runtime] does and decides nothing. The Loop
// stands between them. One goroutine, that of [Loop.Run], owns the plane and goes round:
//
//	take what came in: events (Notify), calls (Do), the time (Clock)
//	tell the plane
//	make its records durable (Journal)
//	show its changes (Observe), hand out its commands, answer the calls
//
// Commands are carried out by other goroutines: those of one target in order, those of
// different targets side by side, at most Runtime.Parallel at a time. Outcomes go back to
// the plane as events. When to retry, and what a failure means, the plane knows; the Loop
// counts nothing and repeats nothing.
//
// An orchestrator of one's own takes four steps: implement [Agent], which starts and stops
// tasks and tells by [Loop.Notify] what becomes of them, and of the other interfaces those
// that its tasks need; hold each to its contract with package drivertest; open a journal; and
// run the Loop. Requests of users are methods of the plane, called through [Loop.Do] or
// [Call]. What has no implementation yet fails with an error that names it.
//
// What an implementation must do is one rule: every method is idempotent for its command's
// Key. Effects happen at least once, intents exactly once, because a Key never changes its
// meaning. Package drivertest checks implementations; package journal is a [Journal] in a
// file.
//
// What is measured for scaling policies either comes by Notify, in control.MetricSample
// events, or is asked for by a plane with control.Config.PullMetrics: [Metrics].
//
// A [CredentialsEndpoint] is the part of an agent that hands the keys of their roles to
// containers: exactly their own task's, each fetch audited.
//
// # Guarantees
//
//  1. Nothing is done, shown or answered before its record is durable
//     (TestDurableBeforeAnythingElse), and a crash at any record loses nothing that was
//     answered: the plane that is replayed re-issues what was outstanding
//     (TestLaws/C3_crash_anywhere).
//  2. The commands of one target are carried out one after the other in the order in which
//     they were issued (TestOneTargetInOrder), and no target waits for another as long as
//     fewer than Runtime.Parallel calls are younger than Runtime.Timeout
//     (TestHangingCallBlocksNobodyElse).
//  3. A call that hangs is reported as a failure that may be retried after Runtime.Timeout;
//     one that panics, as a permanent failure; an answer that cannot be, as a failure
//     (TestCarryOut). None of them ends the Loop or changes the plane otherwise
//     (TestHostileRuntime).
//  4. When its context ends, Run returns within twice Runtime.Timeout, whatever hangs
//     (TestShutdownDoesNotHang).
//  5. Deadlines of the plane are kept even while events pour in (TestDeadlinesUnderLoad).
//  6. Agents that are started again and have forgotten their tasks cost no service: the tasks
//     are replaced (TestAgentRestart). Agent says what they must keep.
//  7. Notify, Do and Queued may be called from any goroutine (the tests run under the race
//     detector).
//
// # Differences from ECS
//
//   - AWS does not publish how its control plane talks to agents and load balancers; these
//     interfaces are this library's own.
//   - A deployment hook is called through [Hooks], with Lambda's answer and without Lambda.
//
// # Example
//
// See the examples of the package, durable, and of [Loop].
package driver
