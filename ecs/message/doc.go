// Package message defines what a control plane and the world say to each other: commands of the plane,
// events of the world, and changes that a person would watch.
//
// # Start here
//
// A runtime implements the interfaces of package driver, whose methods take one [Command] each, and
// reports [Event] values. A display reads [Change] values.
//
// # Model
//
// A [Command] is something that the world must do. It has a [Key], which never changes its meaning: the
// same Key is the same intent, however often the command is issued. Its outcome is a [CommandDone]. A
// command carries all that carrying it out takes: whoever does that need not ask the plane.
//
// An [Event] is something that happened. Events may be lost, repeated, late and out of order.
// [TaskStateChange] is an edge: something about one task changed. [InstanceReport] is a level: all the
// tasks that an agent knows.
//
// Both sets are closed. Each is one table, in the file of its types, and [Commands] and [Events] list
// them. In JSON a command or an event is {"type": "StartTask", "value": {…}}: [SealedCommand] and
// [SealedEvent] write and read that.
//
// [Retry] says how often a command is issued again, and when.
//
// # Guarantees
//
//  1. Each kind is read as the type that its name says, and as the value that was written (TestKinds).
//  2. A name that is not in the set is an error that names it (TestUnknownKinds).
//  3. The waits of Retry grow to its maximum, have jitter between a half and the whole, and follow from
//     the seed, the key and the attempt (TestRetry).
//
// # Differences from ECS
//
// AWS does not publish how its control plane talks to agents and load balancers: these words are this
// module's own. The times of Retry are chosen here.
//
// # Example
//
// See the example of the package.
package message
