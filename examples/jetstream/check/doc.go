// Package check says whether a history of members and agents on several machines is one that must not happen.
//
// # Start here
//
// A test, or a program that kills its own processes, has a [Witness] read the stream from its beginning, records a
// [History], and calls [History.Faults].
//
// # Model
//
// The journal is the truth. What a client was answered must be in it; what an agent began must have been decided in it;
// each plane must be what the journal makes of it.
//
// # Guarantees
//
//  1. Each clause is seen to fail: lost, undecided, split, twice, different, unsteady (TestClauses).
//
// # Differences from ECS
//
// There are none.
//
// # Example
//
// See TestClauses.
package check
