// Package sim is a seeded world around a control plane, with virtual time: agents that pull,
// start and stop containers, network interfaces, volumes, load balancers with health checks, Auto
// Scaling groups. Messages can be lost, repeated, delayed and overtaken. The same seed gives
// the same history.
//
// # Model
//
// A [World] holds a plane and a queue of what will happen. [World.Do] makes requests of the
// plane, [World.Step] lets the next thing happen, [World.RunUntil] goes on until a condition
// holds. Commands of the plane reach the world as messages and are carried out once for each
// key; agents run the container half of lifecycle's machine and report what changes. An
// instance may reboot, and its agent forget what it ran ([World.Reboot]).
//
// A [Script] is a story as a text, with the timeline that is expected: the format of this
// package's tests, and of anybody's.
//
// # Guarantees
//
//  1. The same Config and calls give the same commands, bit for bit (TestSameSeedSameDigest).
//  2. A calm world brings a service that fits to a steady state (TestSteadyState).
//  3. A world whose plane crashes, or whose messages are lost, repeated and late, ends in a
//     steady state too (TestSteadyState).
//  4. An instance that reboots, whose agent has forgotten all that it ran, ends in a steady state
//     too, whether the agent says that it was started again or not (TestReboot).
//  5. A script has the same timeline and ends in the same state if the plane is lost in any of
//     its steps: after its commands were sent, before, or while its records were written to
//     the file that it is then built again from (TestScriptsCrash).
//  6. Faults of a script are told with line and column (TestScriptErrors, FuzzParseScript).
//
// The 24 stories of this package have 1,858 steps and have come through 5,574 crashes:
//
//	go test ./ecs/sim -run TestScriptsCrash -crash.every 1 -v
//
// # Differences from ECS
//
//   - Times are this package's ([Times], [Behaviour]); nobody publishes AWS's.
//   - In this world a container runs until it is told to stop, except one whose end another
//     container awaits: that one ends with code 0 after a second.
//   - A task answers its targets' health checks as long as all its essential containers run.
//   - An Auto Scaling group starts instances of its types in turn, and ends idle ones only, the
//     newest first.
//   - Requests are spread evenly over the tasks that serve; a task's CPU utilization is its
//     share of what its image can serve ([World.SetLoad]).
//
// # Example
//
// See the examples of [World] and [Script].
package sim
