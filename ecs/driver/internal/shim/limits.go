package shim

import (
	"fmt"
	"strings"

	"github.com/bayplan/bayplan/ecs"
)

// Limit is an option of ulimit that every shell has, and the bytes of its unit.
type Limit struct {
	Name ecs.UlimitName
	flag string
	unit int
}

// Limits returns them all.
func Limits() []Limit {
	return []Limit{
		{ecs.UlimitNameCore, "c", 512}, {ecs.UlimitNameCpu, "t", 1}, {ecs.UlimitNameData, "d", 1024},
		{ecs.UlimitNameFsize, "f", 512}, {ecs.UlimitNameNofile, "n", 1}, {ecs.UlimitNameStack, "s", 1024},
	}
}

// LimitOf returns the option of a limit; false if there is none.
func LimitOf(name ecs.UlimitName) (Limit, bool) {
	for _, l := range Limits() {
		if l.Name == name {
			return l, true
		}
	}
	return Limit{}, false
}

// ulimits returns the command of the shim that sets the limits of a container.
func ulimits(d ecs.ContainerDefinition) string {
	commands := []string{"true"}
	for _, u := range d.Ulimits {
		l, ok := LimitOf(u.Name)
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
