package main

import (
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/agentconfig"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/examples/crew"
)

// addressOf returns the loopback address of an instance.
func addressOf(target string) (string, bool) { return crew.AddressOf(addresses(), target) }

// join registers the instances with a plane that does not have them, and returns their IDs in order. It boots those
// that have not booted.
func join(plane *control.Plane, now time.Time, directory string) ([]ecs.InstanceID, error) {
	return crew.Join(plane, now, len(addresses()), func(i int) (in api.RegisterContainerInstanceInput, err error) {
		booted, err := boot(directory, crew.InstanceName(i))
		if err != nil {
			return in, err
		}
		// As amazon-ecs-init sets them: the endpoint of credentials always answers here.
		booted.EnableTaskIAMRole, booted.EnableTaskIAMRoleNetworkHost = true, true
		return booted.Registration(agentconfig.Machine{CPU: 4096, Memory: 4096})
	})
}

// same reports whether two lists have the same members.
func same(a, b []string) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}
