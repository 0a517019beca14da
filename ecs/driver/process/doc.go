// Package process runs containers as processes of the operating system, for package agent.
//
// # Start here
//
// A program registers its own programs as images in a [Config], calls [New], and gives the [Runtime] to
// agent.New. The containers need no Docker, no image and no root.
//
// # Model
//
// An image is a name of [Config].Programs, or a path that [Config].Paths allow. Its command, entryPoint,
// environment, secrets, workingDirectory, user, ulimits (core, cpu, data, fsize, nofile, stack), stopTimeout,
// health checks, dependsOn, essential and restartPolicy mean what they mean for a container. A container
// gets HOST, the address at which it must listen, PORT, its first port, and PORT_N and PORT_NAME for each of its
// mappings. It does not get the variables of its agent.
//
// Each run of a container is a process group. Its first process is a shell, the shim, which outlives the agent
// and writes the program's exit code into the record of the run. While the shim lives it holds a lock on the
// record: so the next agent knows what runs, whatever process IDs have come round, and starts nothing twice.
// Standard output and error go to a file that the processes inherit; a file that is too large is copied and
// emptied. There are no pipes: nothing ends because the agent does.
//
// # Guarantees
//
//  1. The agent on top of it passes package drivertest, restarts included (TestProcessesKeepTheContract).
//  2. The program gets SIGTERM, and its whole group SIGKILL when stopTimeout has passed; nothing of a container
//     outlives it but what has left its process group (TestStops, TestKilledFromOutside).
//  3. Containers and their exit codes survive the agent, or end with it, as Config.Die says (TestAdopted,
//     TestDies).
//  4. A program that does not exist or may not be executed, a port in use, an address, a user or a directory
//     that does not exist is a reason that names it (TestReasons).
//  5. What is not allowed is refused before anything is started, all of it at once (TestRefusals).
//  6. After any history of kills of tasks, agents and the orchestrator every service is steady, no process is
//     left over and no port is held twice (TestStorm).
//
// # Differences from ECS
//
//   - Nothing is isolated: processes share the host's files, names and network. Fields that ask for isolation
//     are refused (TestRefusals has the list).
//   - cpu, memory and memoryReservation are reserved by the plane, and not enforced. hostname, dockerLabels,
//     logConfiguration, startTimeout of the image and initProcessEnabled have no effect on processes.
//   - A variable whose name is not of letters, digits and _ is refused: a shell would drop it.
//   - A container that runs in the network mode awsvpc listens at the address of its task, which must be one of
//     the host's: package loopback gives such addresses.
//   - A process that starts a session or a group of its own leaves the container.
//   - Where the shim itself is killed, the exit code is lost.
//
// # Example
//
// See the example of [New].
package process
