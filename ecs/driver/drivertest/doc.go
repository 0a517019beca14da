// Package drivertest checks implementations of package driver's interfaces, as
// testing/fstest checks file systems.
//
// # Start here
//
// The author of an implementation of package driver's interfaces calls the function of that
// interface in a test: [TestAgent] first, since every runtime needs an agent.
//
// # Model
//
// Each interface has a function. A test calls it with a function that makes a fresh implementation, and
// with functions that show what the implementation has done:
//
//	func TestAgent(t *testing.T) {
//		drivertest.TestAgent(t, func(t *testing.T, notify func(message.Event)) drivertest.Agent {
//			return fixture(newAgent(t.TempDir(), notify))
//		})
//	}
//
//	func fixture(a *agent) drivertest.Agent {
//		return drivertest.Agent{Agent: a, Report: a.report, Restart: func() drivertest.Agent {
//			a.kill() // as a crash would: nothing is saved, nothing reported
//			return fixture(newAgent(a.dir, a.notify))
//		}}
//	}
//
// Each check is a subtest on a fresh implementation. The contract is that of package driver: the
// same Key has its effect once; a late command of an older epoch does not bring back what a newer
// epoch has undone; removing what does not exist succeeds; a context that has ended leaves nothing
// half done.
//
// # Guarantees
//
//  1. A simple implementation in memory passes every check (TestReference).
//  2. Every check fails for an implementation with one fault (TestEveryCheckFails,
//     TestRestartChecksFail).
//  3. An agent that is restarted passes if it still has its tasks. It also passes if it has lost them but
//     has kept the highest epoch (TestRestart). An agent that forgets which tasks were stopped, or that
//     starts lost tasks again, fails.
//
// # Differences from ECS
//
// These contracts are this library's own.
//
// # Example
//
// See the example of [TestFleet].
package drivertest
