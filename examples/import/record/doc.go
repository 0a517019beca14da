// Package record reads what a running cluster printed over a day, and makes a scenario of it that package sim
// replays: what would this week have looked like with the other placement strategy?
//
// # Start here
//
// [Read] reads a recording, [Recording.Script] writes its scenario, and [Recording.Replay] plays one.
//
// # Model
//
// A recording is JSON, a value after the other: what the describe calls of the AWS command line print, by itself
// or with the time when it did, {"time": …, "output": …}, and events of Amazon EventBridge. What is described
// without a time was so at the beginning. From one description to the next the instances that came and went, the
// desired counts and the task definitions of services become dated commands. Standalone tasks run as long as they
// ran.
//
// # Guarantees
//
//  1. A recording of a simulated cluster replays to the same services with as many tasks (TestReplayed).
//  2. Errors have file and line, and no input makes it panic (TestFaults, FuzzRead).
//  3. What a recording has and a scenario does not is in its notes (TestNotes).
//
// # Differences from ECS
//
//   - A task of a service that ended by itself is not ended in the replay: under another strategy another task
//     would be in its place.
//   - An instance that ended is known by its event, or by its status INACTIVE. That it is no longer listed says
//     nothing.
//   - Load balancers, registries and Service Connect are left out, and one cluster is replayed.
//   - An instance type that package sim does not have is the smallest one that is at least as large.
//
// # Example
//
// See the example of [Recording.Replay].
package record
