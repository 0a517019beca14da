// Package sim is a seeded world around a control plane, with virtual time: agents that pull,
// start and stop containers, network interfaces, load balancers with health checks. Messages
// can be lost, repeated, delayed and overtaken. The same seed gives the same history.
//
// # Model
//
// A [World] holds a plane and a queue of what will happen. [World.Do] makes requests of the
// plane, [World.Step] lets the next thing happen, [World.RunUntil] goes on until a condition
// holds. Commands of the plane reach the world as messages and are carried out once for each
// key; agents run the container half of lifecycle's machine and report what changes.
//
// # Guarantees
//
//  1. The same Config and calls give the same commands, bit for bit (TestSameSeedSameDigest).
//  2. A calm world brings a service that fits to a steady state (TestSteadyState).
//
// # Differences from ECS
//
//   - Times are this package's ([Times], [Behaviour]); nobody publishes AWS's.
//   - In this world a container runs until it is told to stop, except one whose end another
//     container awaits: that one ends with code 0 after a second.
//   - A task answers its targets' health checks as long as all its essential containers run.
//
// # Example
//
// See the example of [World].
package sim
