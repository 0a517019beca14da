// Package stream is what the control plane needs of NATS JetStream: a stream in which a message is appended only
// behind a given sequence number, and a store of objects in chunks.
//
// # Start here
//
// [Open] returns both in JetStream, and refuses settings that do not keep what was acknowledged. [NewMemory] returns
// them in memory, with faults that a test asks for.
//
// # Model
//
// Every message has a sequence number, one higher than the message before it. Publish names the number of the last
// message that the writer knows: if there is a newer one, the error is [ErrConflict], and nothing is stored. That is
// the fence: of two writers one gets an error. An acknowledgement may be lost while the message is stored. The same
// message, with the same ID, may be published again: it is stored once. A server with replicas looks for the ID first.
// A server alone compares the numbers first, and calls the writer's own message a conflict: Publish looks whose it is.
//
// A message has a kind, which is the last part of its subject. All kinds share the numbers.
//
// # Guarantees
//
//  1. The stream in memory and that of a server do the same for the same calls (TestBothAreTheSame).
//  2. A message that was published again is acknowledged with its first number (TestBothAreTheSame/again).
//  3. Settings that lose what was acknowledged are refused by name (TestSettings).
//
// # Differences from ECS
//
// AWS does not publish how it keeps ECS's state.
//
// # Example
//
// See TestBothAreTheSame.
package stream
