package process

import (
	"fmt"
	"strings"

	"github.com/bayplan/bayplan/ecs"
)

// shell runs the shim and health checks of the form CMD-SHELL.
const shell = "/bin/sh"

// shim is the first process of each run, and the leader of its group. It outlives the agent, waits for the
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
const shim = `trap : TERM HUP INT QUIT USR1 USR2
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
` + shell + ` -c 'echo "run $$" >&3; exec "$@" 2>&1 3>&- 4<&-' sh "$@"
echo "exit $?" >&3
kill -9 0
`

// limit is an option of ulimit that every shell has, and the bytes of its unit.
type limit struct {
	name ecs.UlimitName
	flag string
	unit int
}

func limits() []limit {
	return []limit{
		{ecs.UlimitNameCore, "c", 512}, {ecs.UlimitNameCpu, "t", 1}, {ecs.UlimitNameData, "d", 1024},
		{ecs.UlimitNameFsize, "f", 512}, {ecs.UlimitNameNofile, "n", 1}, {ecs.UlimitNameStack, "s", 1024},
	}
}

// limitOf returns the option of a limit; false if there is none.
func limitOf(name ecs.UlimitName) (limit, bool) {
	for _, l := range limits() {
		if l.name == name {
			return l, true
		}
	}
	return limit{}, false
}

// ulimits returns the command of the shim that sets the limits of a container.
func ulimits(d ecs.ContainerDefinition) string {
	commands := []string{"true"}
	for _, u := range d.Ulimits {
		l, ok := limitOf(u.Name)
		if !ok {
			continue // it is refused
		}
		value := func(v int) string {
			if v < 0 {
				return "unlimited"
			}
			return fmt.Sprint(v / l.unit)
		}
		commands = append(commands, fmt.Sprintf("ulimit -S%s %s", l.flag, value(u.SoftLimit)),
			fmt.Sprintf("ulimit -H%s %s", l.flag, value(u.HardLimit)))
	}
	return strings.Join(commands, " && ")
}
