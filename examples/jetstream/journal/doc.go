// Package journal keeps a control plane's records in a stream that several machines share: one of them writes, the
// others read along and can take over at any time.
//
// # Start here
//
// A program with one controller calls [Open], puts the Journal into driver.Runtime.Journal, and has a journal that
// survives its machine. A program with several runs package lead, which calls [Load] and [Claim].
//
// # Model
//
// A message is a line of JSON and what belongs to it. There are three kinds:
//
//	claim     who writes from here on, in a term greater than those before it
//	records   the records of one Append, or a part of them where a message cannot hold them all
//	snapshot  which object has the state up to a record, and from which message on one reads behind it
//
// A controller takes over by appending a claim behind the last message that it has read. From then on the claim is
// in the way of whatever the writer before it sends: each message names the number of the message that it must follow.
// So a decision is either read by the next writer or refused. A writer that was refused stops ([ErrFenced]). A machine
// whose clock is more than ten seconds off that of the server that leads the stream does not take over ([ErrClock]).
//
// An acknowledgement that does not come says nothing. The same message is sent again, under the same ID, until it is
// acknowledged, refused, or Config.GiveUp has passed. Then the Journal accepts nothing more.
//
// A snapshot is an object. It is read back before its message is appended. The records before the snapshot before the
// last one are purged only after that, so that there are always two to start from.
//
// Records are read by programs of the same rules only. A writer that makes room for newer ones ends with
// [Journal.Handover]: a snapshot that holds the whole State.
//
// # Guarantees
//
//  1. It passes package drivertest, with two writers, in memory and with a server (TestJournalKeepsTheContract).
//  2. Whatever requests and answers are lost, and whoever takes over, a record whose Append succeeded is read by all,
//     once, and in order (TestLaws).
//  3. A group of parts that is not whole is void: it was never acknowledged (TestHalfAGroup).
//  4. A damaged snapshot is replaced by the one before it (TestDamagedSnapshot).
//  5. A stream that is shorter than what was read, or another one, is not written to (TestShorter).
//  6. A program of newer rules goes on from what Handover has kept, and one of older rules does not write behind it
//     (TestHandover).
//  7. A controller whose clock is too far off writes nothing (TestClock).
//
// # Differences from ECS
//
// AWS does not publish how it keeps ECS's state.
//
// # Example
//
// See TestOpen.
package journal
