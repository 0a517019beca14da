// Package lead runs the same control plane on several machines: one member leads, and the others read along and take
// over when it is gone.
//
// # Start here
//
// A program gives [New] a stream, a bus and a runtime, and calls [Member.Run]. The leader changes the plane by
// [Member.Do]; every member reads it by [Member.Read]. Package serve answers requests of the ECS API that way.
//
// # Model
//
// The claim in the stream is the election, as package journal has it. A beat each second says only who leads: a member
// that hears neither a beat nor a record for three beats claims at once, and after one beat if NATS says that the
// leader has no connection. If the guess was wrong, the leader before it is fenced, and follows. While NATS does not
// answer nobody claims, and each waits another three beats after that.
//
// A follower's plane is warm: it has applied every record. To lead it reads what is left, claims, and hands out again
// what is outstanding. A leader that is fenced throws its plane away, since it may hold what was never acknowledged,
// and reads the stream again.
//
// A leader that resigns to a member keeps its whole state, and the others leave the claim to that member for a while.
// So a version with other rules takes over: [Member.Resign].
//
// Times are those of the leader's clock, which must therefore be right: a member does not claim while its clock is more
// than ten seconds off that of the server that leads the stream, and says so in its log. The others claim in its place.
// It is compared with the server's, not with that of the leader before: one leader whose clock was wrong would keep
// every other member from claiming. If it is the server's clock that is wrong, nobody claims until it is set.
//
// # Guarantees
//
//  1. Whatever is killed, paused, cut off, repeated and late: no acknowledged request is lost, no command of a leader
//     that was followed begins anything, all planes are the same, and every service becomes steady (TestSchedules;
//     package check says what that means).
//  2. Without the fence, the claim, or the agents' memory, that does not hold (TestSchedulesAreSeenToFail).
//  3. A member that is too far behind does not answer (TestReads).
//  4. Members of newer rules replace those of older ones under load, and nothing is lost (TestUpgrade). All of its
//     members run the same code, and the newer ones say another name of their rules: it shows the change of hands and
//     how records of other rules are refused, not that two versions of the code understand one another's state.
//  5. A member whose clock is off does not lead, also where a leader has resigned to it (TestClock).
//
// # Differences from ECS
//
// AWS does not publish how its control plane is made.
//
// # Example
//
// See TestReads.
package lead
