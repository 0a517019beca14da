// Package engine runs the containers of package agent on a Docker Engine.
//
// # Start here
//
// A program fills in a [Config], calls [New] when its engine answers, and gives the [Runtime] to agent.New. It
// registers its instance with [Runtime.Attributes]. `go run ./engine/fields` prints what becomes of each field of a
// task definition.
//
// # Model
//
// A method of the [Runtime] asks the engine for one thing. It keeps no state of tasks: package agent does. Names of
// containers follow from their tasks, so that a container that was created twice is one, and labels say whose they are.
// The engine does not count the runs of a container: a small file says which run begins, before it does. So the next
// Runtime with the same directory goes on where this one ended.
//
// A task of the network mode awsvpc has a pause container with an address of its own in [Config].Subnet. The others
// join its network, and its namespaces of processes and memory where pidMode or ipcMode is task. The pause container
// runs while one of them does. Addresses come from package loopback with Config.Elsewhere, out of [TaskAddresses].
//
// What the engine cannot do is refused before anything of the task is created: [Fields] is the one table of that, and
// the refusals are in its rows. So is what a task may do to its host unless [Allowed] has it: privileged, the host's
// processes and memory, added capabilities, devices, mounts of other paths, the engine's socket.
//
// Calls to an engine that does not answer, or not with a whole answer, are made again until their context ends. That a
// container is over is a level: it is looked at after each answer that was lost, and once a minute.
//
// # Guarantees
//
//  1. The agent on top of it passes package drivertest, restarts included (TestEngineKeepsTheContract).
//  2. Every field of a task definition is in the table, and what the table refuses is refused by its name
//     (TestFields, TestRefusals). What a task may do to its host is refused unless it is allowed (TestDangers).
//  3. A task definition starts, or stops with a reason that names the field (TestReasons, TestPublicDefinitions).
//  4. A container finds around it what its definition says (TestSurroundings, TestTaskSize, TestTaskGroup, TestVolumes,
//     TestLogs, TestHealth), in each network mode (TestBridge, TestHost, TestAwsvpc, TestNamespaces).
//  5. Exit codes, the stop signal, stopTimeout, and an end for want of memory are as on Amazon ECS (TestStops,
//     TestExits). A task that loses its pause container stops (TestPauseEnds).
//  6. After a kill of a container, of the agent and the plane, or of the engine, the service is steady again, and
//     nothing is left over when it is scaled to none (TestService, TestEngineRestarts).
//  7. What runs is adopted with its exit code, and a run begins once (TestAdopted, TestRunsAreCounted). Containers with
//     the instance's labels that nobody knows are named and removed, and no others (TestOrphans). What is over is
//     cleaned up (TestCleanUp).
//  8. Answers that do not come, come late or come in half start nothing twice and leave nothing running (TestFaults,
//     TestShortRun, TestStartTooLate, TestEngineIsAway). A pull is tried again if that may help (TestPulls).
//
// # Differences from ECS
//
//   - Containers share the cpu and memory of their task, in a control group, only where Config.ControlGroups says so,
//     on the engine's host, as root, with control groups of version 1 and the driver cgroupfs. Elsewhere each container
//     is limited to them. The Amazon ECS container agent makes such a group by systemd, too.
//   - One pause container is for network, processes and memory; the Amazon ECS container agent has two. Its image is
//     made by this package. That for ARM64 was assembled and never run.
//   - Log streams of awslogs are files, for as long as the task is remembered. Lines are events; multi-line patterns
//     are not looked at.
//   - Reasons name the field of the container definition in front of the engine's words.
//   - A container of which a child was killed for want of memory, and which ended with another exit code than 137, is
//     reported with that code.
//   - A pull that failed falls back to the image that is there only with the default pull behaviour, as on Amazon ECS;
//     a pull that is once there counts as pulled for the behaviour once, whoever pulled it.
//   - A pause container whose image or network was removed by hand is not made again while its task runs.
//   - `go run ./engine/fields` lists what is refused and what is approximated, field by field.
//
// # Example
//
// See the example of [New].
package engine
