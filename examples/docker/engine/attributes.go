package engine

import (
	"slices"
	"strconv"

	"github.com/bayplan/bayplan/ecs"
)

// Attributes returns the capabilities of the instance, in order of name: what it says of itself when it registers. A
// task definition that requires another one is not placed on it. Source: Amazon ECS container agent.
func (r *Runtime) Attributes() []ecs.Attribute {
	list := []ecs.Attribute{{Name: "ecs.os-type", Value: r.host.os},
		{Name: "ecs.cpu-architecture", Value: r.host.architecture}}
	add := func(prefix string, names ...string) {
		for _, name := range names {
			list = append(list, ecs.Attribute{Name: prefix + name})
		}
	}
	add(ecs.CapabilityPrefix, "container-health-check", "container-ordering", "container-restart-policy",
		"docker-plugin.local", "execution-role-awslogs", "increased-task-cpu-limit", "network.container-port-range",
		"pid-ipc-namespace-sharing", "task-cpu-mem-limit")
	for minor := 17; minor <= min(r.host.api, 44); minor++ {
		add(ecs.OldCapabilityPrefix, "docker-remote-api.1."+strconv.Itoa(minor))
	}
	add(ecs.OldCapabilityPrefix, "logging-driver.awslogs", "logging-driver.none")
	for _, driver := range r.host.logDrivers {
		if driver != string(ecs.LogDriverAwslogs) {
			add(ecs.OldCapabilityPrefix, "logging-driver."+driver)
		}
	}
	if r.config.Environment != nil {
		add(ecs.OldCapabilityPrefix, "task-iam-role", "task-iam-role-network-host")
	}
	if r.config.Login != nil {
		add(ecs.OldCapabilityPrefix, "ecr-auth")
		add(ecs.CapabilityPrefix, "execution-role-ecr-pull")
	}
	if r.config.Secrets != nil {
		add(ecs.CapabilityPrefix, "private-registry-authentication.secretsmanager",
			"secrets.asm.bootstrap.log-driver", "secrets.asm.environment-variables",
			"secrets.ssm.bootstrap.log-driver", "secrets.ssm.environment-variables")
	}
	if r.config.Objects != nil {
		add(ecs.CapabilityPrefix, "env-files.s3")
	}
	if r.config.Subnet.IsValid() {
		add(ecs.CapabilityPrefix, "task-eni")
	}
	if r.config.Allow.Privileged {
		add(ecs.OldCapabilityPrefix, "privileged-container")
	}
	if r.host.apparmor {
		add(ecs.OldCapabilityPrefix, "apparmor")
	}
	if r.host.selinux {
		add(ecs.OldCapabilityPrefix, "selinux")
	}
	if r.host.nvidia {
		add(ecs.CapabilityPrefix, "gpu-driver-version")
	}
	slices.SortFunc(list, func(a, b ecs.Attribute) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return list
}
