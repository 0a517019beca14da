// Package shim has the first process of each run of a container, and the record that it writes: what an agent
// knows of a run that it has not started.
package shim

import "github.com/bayplan/bayplan/ecs"

// Shell runs the shim and health checks of the form CMD-SHELL.
const Shell = "/bin/sh"

// script is the first process of each run, and the leader of its group. It outlives the agent, waits for the
// program and writes what becomes of it into the record of the run, its file descriptor 3:
//
//	pid N      the shim's own ID, which is that of the group
//	refused …  why the program was not started
//	run N      the program's ID; it keeps this ID, since the second shell executes it
//	exit N     its exit code, 128 and a signal's number if that ended it
//
// While the shim lives it holds the lock of the record. At the end it kills what is left of the group. With the
// argument "die" it does so too when descriptor 4 ends, which its starter holds open. Signals to the group
// must not end the shim.
const script = `trap : TERM HUP INT QUIT USR1 USR2
echo "pid $$" >&3
if [ "$1" = die ]; then
	(trap '' TERM HUP INT QUIT USR1 USR2; read -r x <&4; kill -9 0) 3>&- &
fi
if ! eval "$2"; then
	echo "refused ulimits cannot be set to what the task definition says" >&3; exit 125
fi
shift 2
if ! [ -x "$1" ]; then
	echo "refused exec $1: permission denied for the container's user" >&3; exit 126
fi
` + Shell + ` -c 'echo "run $$" >&3; exec "$@" 2>&1 3>&- 4<&-' sh "$@"
echo "exit $?" >&3
kill -9 0
`

// Command returns the shim of a container as a program and its arguments. argv is the container's own program and
// arguments; die has the run end with the program that starts the shim.
func Command(die bool, d ecs.ContainerDefinition, argv []string) []string {
	mode := "adopt"
	if die {
		mode = "die"
	}
	return append([]string{Shell, "-c", script, "sh", mode, ulimits(d)}, argv...)
}
