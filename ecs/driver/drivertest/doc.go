// Package drivertest checks implementations of package driver's interfaces, as
// testing/fstest does file systems.
//
// # Model
//
// For each interface there is a function that a test calls with a way to make a fresh
// implementation, and with views of it through which effects can be seen:
//
//	func TestAgent(t *testing.T) {
//		drivertest.TestAgent(t, func(t *testing.T, notify func(control.Event)) drivertest.Agent {
//			a := newAgent(t.TempDir(), notify)
//			return drivertest.Agent{Agent: a, Report: a.report}
//		})
//	}
//
// Each check is a subtest on a fresh implementation. The contract is what package driver
// says: the same Key has its effect once; what a newer epoch has undone stays undone; what
// is not there counts as removed; a context that has ended leaves nothing half done.
//
// # Guarantees
//
//  1. A simple implementation in memory passes every check (TestReference).
//  2. Every check fails for an implementation with one fault (TestEveryCheckFails).
//
// # Differences from ECS
//
// These contracts are this library's own.
//
// # Example
//
// See the example of [TestFleet].
package drivertest
