// Package agent is the container agent of an instance: what runs tasks on top of a container runtime, as the
// Amazon ECS container agent runs them on top of Docker.
//
// # Start here
//
// A program that has a container runtime implements [Containers], and calls [New]: the [Agent] is a
// driver.Agent. Package process is such a runtime. A program with several instances in one process puts
// their agents into [Agents].
//
// # Model
//
// The agent has two halves. [Machine] is deterministic: it is told of commands, of what containers did and of
// the time, and returns an [Outcome]. It runs the containers' half of package lifecycle for each task, and
// so decides on dependsOn, time-outs, restarts, health and the order of stopping. Package sim runs it in
// virtual time.
//
// [Agent] is the shell around it. Its goroutine goes round: it takes what happened, makes the machine durable in
// a file, and then has [Containers] carry out what follows and tells the plane. So nothing is done or told
// that the next life of the agent does not know. Calls to Containers run side by side, each with a time limit.
//
// When the agent ends, containers go on. The next agent with the same file begins a new life: it has the
// runtime end what it does not know, waits for what runs, and does once more what was under way. Numbers of
// runs keep that from starting a container twice.
//
// # Guarantees
//
//  1. The agent passes package drivertest, restarts included (TestAgentKeepsTheContract).
//  2. However commands, exits, failures and crashes of the agent follow each other, no run of a container is
//     started twice, no task runs that was stopped, and each task that was stopped ends (TestLaws).
//  3. A machine that is saved and restored does what the first would have done (TestRestoreIsTheSame).
//  4. What a call to Containers returns becomes the reason of the container and of the task
//     (TestReasons). A call that panics or takes too long fails.
//  5. While the file cannot be written, nothing new is done, and commands fail (TestFileCannotBeWritten).
//  6. What has been over for Settings.Cleanup is forgotten (TestForgets).
//
// # Differences from ECS
//
//   - The agent keeps its tasks in one file of JSON; the Amazon ECS container agent has a database.
//   - Full reports every 30 seconds replace the protocol of the Amazon ECS container agent, which is not public.
//   - A container whose exit nobody saw has no exit code, and is not restarted by its restart policy.
//   - A health check that was under way when the agent ended is begun again, and is no failure.
//
// # Example
//
// See the example of [New].
package agent
