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
//			return fixture(newAgent(t.TempDir(), notify))
//		})
//	}
//
//	func fixture(a *agent) drivertest.Agent {
//		return drivertest.Agent{Agent: a, Report: a.report, Restart: func() drivertest.Agent {
//			a.kill() // as a crash would: nothing is saved, nothing told
//			return fixture(newAgent(a.dir, a.notify))
//		}}
//	}
//
// Each check is a subtest on a fresh implementation. The contract is what package driver
// says: the same Key has its effect once; what a newer epoch has undone stays undone; what
// is not there counts as removed; a context that has ended leaves nothing half done.
//
// # Guarantees
//
//  1. A simple implementation in memory passes every check (TestReference).
//  2. Every check fails for an implementation with one fault (TestEveryCheckFails,
//     TestRestartChecksFail).
//  3. An agent that is started again in mid-life passes if it still has its tasks, and if it has
//     lost them and keeps one number (TestRestart). One that forgets which tasks were stopped,
//     or starts again what it lost, does not.
//
// # Differences from ECS
//
// These contracts are this library's own.
//
// # Example
//
// See the example of [TestFleet].
package drivertest
