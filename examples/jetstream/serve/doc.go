// Package serve answers the ECS API on every member of a control plane, as localecs speaks it.
//
// # Start here
//
// A program gives [New] its member, has [Handler.Listen] take what other members forward, and serves the [Handler] by
// HTTP. Any balancer of TCP may stand in front of the members.
//
// # Model
//
// A follower answers Describe and List actions of ECS from its own plane, unless it is too far behind. The header
// [BehindHeader] says how far it was. Everything else goes to the leader, as the client has signed it, and is answered
// when it is durable. So does what has the header [ConsistentHeader]. While nobody leads a call waits.
//
// A leader that ends while it carries a call out leaves the call without a known outcome: the answer is
// ServerException, after which clients of AWS repeat it. Calls with a client token have one effect then.
//
// # Guarantees
//
//  1. A call to any member is carried out by the leader, and a read sees what was answered before, at most two beats
//     later (TestAnyMember).
//  2. A read with [ConsistentHeader] sees everything that was answered before (TestAnyMember).
//  3. A body or an answer that no message can carry is refused (TestTooLarge).
//
// # Differences from ECS
//
//   - ECS's API is eventually consistent, and does not say how far an answer is behind.
//   - A call whose body or answer has more than 600 KiB must be sent to the leader itself.
//   - The console and /_local/ are served by the leader.
//
// # Example
//
// See TestAnyMember.
package serve
