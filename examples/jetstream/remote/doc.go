// Package remote connects the agents of other machines with whichever member leads.
//
// # Start here
//
// A leader's runtime has the [Agents] of its term as driver.Runtime.Agent. A machine with a driver.Agent, such as that
// of package agent, has it [Register]ed and gives it to [Link.Serve].
//
// # Model
//
// A command is a request that the agent answers when it has made it durable. No answer is a failure that the plane
// repeats. The agent knows each command by its Key and epoch, so it does once what comes twice. It refuses a command of
// an earlier term than it has seen: that leader was followed.
//
// What an agent reports goes to the member that says it leads, up to 256 events at a time, in order, until that one
// answers that they are durable. An agent that hears of another leader, or of one after a silence, first reports all
// that it has. A beat every five seconds says that it lives; a leader that hears none for thirty says that the agent
// has disconnected.
//
// # Guarantees
//
//  1. Those of package lead: TestSchedules has agents that are killed, cut off, and told twice and late.
//  2. A command ends in five seconds, whoever is silent, with an error that the plane repeats; a refusal that is for
//     good stays one; a command of a leader that was followed reaches no agent (TestCommands).
//  3. Events reach a leader in order, again until it has answered, and never without the report that comes before them.
//     At most 4096 wait (TestEvents). What is told twice changes nothing the second time (TestObserve).
//  4. An agent that is silent for longer than thirty seconds has disconnected, until it says a word (TestBeats).
//  5. A machine that registers again is the same instance (TestRegister).
//
// # Differences from ECS
//
// AWS does not publish how its control plane talks to agents. An agent that is cut off keeps its tasks, as ECS's does.
//
// # Example
//
// See TestSchedules of package lead.
package remote
