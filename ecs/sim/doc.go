// Package sim is a seeded world around a control plane, with virtual time: agents that pull,
// start and stop containers, network interfaces, volumes, load balancers with health checks, Auto
// Scaling groups. Messages can be lost, repeated, delayed and overtaken. The same seed gives
// the same history.
//
// # Start here
//
// A test that wants a cluster calls [New], makes requests with [World.Do], and waits with
// [World.RunUntil]. A test that reads as a story is a [Script]: the requests, the faults and the
// expected timeline in one text. The program examples/quickstart shows a whole run.
//
// # Model
//
// A [World] holds a plane and a queue of what will happen. [World.Do] makes requests of the plane,
// [World.Step] lets the next thing happen, [World.RunUntil] goes on until a condition holds. Commands of
// the plane reach the world as messages and are carried out once for each key. Agents run the
// containers' half of lifecycle's machine and report changes. An instance may reboot, and its agent may
// forget its tasks ([World.Reboot]).
//
// A [Script] is a story as a text, with the expected timeline. The tests of this package are scripts;
// other tests can be, too.
//
// # Guarantees
//
//  1. The same Config and calls give the same commands, bit for bit (TestSameSeedSameDigest).
//  2. A calm world brings a service that fits to a steady state (TestSteadyState).
//  3. A world whose plane crashes, or whose messages are lost, repeated and late, ends in a
//     steady state too (TestSteadyState).
//  4. A world with an instance that reboots, and whose agent has forgotten its tasks, ends in a
//     steady state too, whether the agent reports the restart or not (TestReboot).
//  5. A script has the same timeline and ends in the same state if the plane crashes in any step: before
//     its commands are sent, after that, or while its records are written to the file from which it is
//     then built again (TestScriptsCrash). BENCHMARKS.md has the number of crashes.
//  6. Errors in a script are reported with line and column (TestScriptErrors, FuzzParseScript).
//
// # Differences from ECS
//
//   - The times are chosen here ([Times], [Behaviour]); AWS does not publish its own.
//   - A container runs until it is stopped. If another container waits for it to end, it ends with code 0
//     after a second.
//   - A task answers its targets' health checks as long as all its essential containers run.
//   - A group of [World.AddAutoScalingGroup] starts instances of its types in turn, and scale-in ends only instances
//     without tasks, as with managed termination protection. Its termination policy is Default. Groups that are
//     created by [World.AutoScaling] do what their capacity providers say.
//   - Requests are spread evenly over the tasks that serve; a task's CPU utilization is its
//     share of what its image can serve ([World.SetLoad]).
//
// # Example
//
// See the examples of [World] and [Script].
package sim
