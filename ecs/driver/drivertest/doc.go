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
//     TestRestartChecksFail, TestLoadBalancerChecks).
//  3. An agent that is restarted passes if it still has its tasks. It also passes if it has lost them but
//     has kept the highest epoch (TestRestart). An agent that forgets which tasks were stopped, or that
//     starts lost tasks again, fails.
//
// Fixtures. The checks use the cluster "default", ARNs of account 123456789012 in us-east-1, target groups named
// drivertest, blue and green, and tasks whose IDs are 32 digits. [TestTargets] registers targets such as a:8080,
// which nobody serves. [TestLoadBalancer] has HTTP servers of its own on 127.0.0.1, and target groups with a
// deregistration delay of two seconds. [Engine] says what an agent's containers must be able to do. Each wait
// ends after the Wait of the fixture.
//
// # Differences from ECS
//
// These contracts are this library's own.
//
// # Example
//
// See the example of [TestFleet].
package drivertest
