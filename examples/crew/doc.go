// Package crew runs an ECS of several processes on one machine: a load balancer, an orchestrator with a control plane
// and the agents of its instances, and the program that starts both and may kill them. It is what examples/laptop,
// whose containers are processes, and examples/docker have in common. [AccessKey], [Process], [Load], [Screen] and
// [Web] serve examples/jetstream, too, whose processes are others.
//
// # Start here
//
// A program makes a [Crew] with [New] and starts [ProxyRole] and [OrchestratorRole]: each is the program again, with
// the name of the role as its first argument. There it calls [ParsePart], and then [Part.Proxy] or [Part.Orchestrate]
// with instances that [OpenHost] opened. [Crew.OpenAPI] has the orchestrator serve the ECS API, signed with a key, and
// [Crew.KeepAlive] starts again what was killed.
//
// # Model
//
// Everything is in the directory of the crew: the plane's journal, the files of agents and proxy, logs, and the
// endpoint at which [Ask] reaches the orchestrator that runs now. The socket of the API is the program's, so that a
// client that calls while the orchestrator is started again waits for its next life.
package crew
