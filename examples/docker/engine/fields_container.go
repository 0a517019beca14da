package engine

import (
	"strings"

	"github.com/bayplan/bayplan/ecs"
)

// containerRows are the fields of a container definition.
func containerRows() []row {
	rows := append(processRows(), append(surroundingRows(), isolationRows()...)...)
	for i := range rows {
		rows[i].Path = containersPath + rows[i].Path
	}
	return rows
}

const machine = "the agent's: it runs package lifecycle"

// processRows are what a container runs.
func processRows() []row {
	type d = ecs.TaskDefinition
	type c = ecs.ContainerDefinition
	return []row{
		done("name", "a label, and part of the container's name"),
		checked("image", Done, "ImagePull, by the name that Config.Image returns", (*Runtime).refuseImage),
		nearly("versionConsistency", "the digest is reported; each task pulls by the name that it has"),
		checked("repositoryCredentials", Done, "ImagePull with what Config.Secrets returns",
			(*Runtime).refuseRepositoryCredentials),
		done("cpu", "CPUShares, at least 2"),
		done("memory", "Memory, at least 6 MiB"),
		done("memoryReservation", "MemoryReservation"),
		done("portMappings[].containerPort", "ExposedPorts"),
		done("portMappings[].hostPort",
			"PortBindings at Config.Address, as the plane has decided; what the engine bound is "+
				"checked"),
		done("portMappings[].protocol", "PortBindings"),
		done("portMappings[].name", "Service Connect's: the engine is not asked"),
		done("portMappings[].appProtocol", "Service Connect's: the engine is not asked"),
		done("portMappings[].containerPortRange", "PortBindings, one for each port"),
		done("essential", machine),
		done("restartPolicy", machine+", which starts the same container again"),
		done("entryPoint", "Entrypoint"),
		done("command", "Cmd"),
		done("environment", "Env"),
		checked("environmentFiles", Done, "Env, with what Config.Objects returns", (*Runtime).refuseEnvironmentFiles),
		checked("secrets", Done, "Env, with what Config.Secrets returns", (*Runtime).refuseSecrets),
		done("user", "User"),
		done("workingDirectory", "WorkingDir"),
		done("interactive", "OpenStdin"),
		done("pseudoTerminal", "Tty"),
		checked("healthCheck.command", Done, "an exec in the container", refuseHealthCheck),
		done("healthCheck.interval", machine),
		nearly("healthCheck.timeout",
			machine+"; a check that takes too long is killed where the engine is on this host, "+
				"and otherwise left to itself while no other begins"),
		done("healthCheck.retries", machine),
		done("healthCheck.startPeriod", machine),
		done("dependsOn", machine),
		done("startTimeout", machine),
		done("stopTimeout", machine+"; StopTimeout, for when the engine itself ends"),
		never("credentialSpecs", "no directory is joined", func(_ d, c c) bool { return len(c.CredentialSpecs) > 0 }),
	}
}

// surroundingRows are what a container finds around it.
func surroundingRows() []row {
	type d = ecs.TaskDefinition
	type c = ecs.ContainerDefinition
	return []row{
		checked("mountPoints", Done, "Binds", refuseMountPoints),
		done("volumesFrom", "VolumesFrom"),
		done("links", "Links"),
		done("hostname", "Hostname; under awsvpc that of the pause container"),
		done("dnsServers", "DNS; under awsvpc those of all containers, of the pause container"),
		done("dnsSearchDomains", "DNSSearch; under awsvpc as dnsServers"),
		done("extraHosts", "ExtraHosts; under awsvpc as dnsServers"),
		done("disableNetworking", "NetworkDisabled"),
		done("dockerLabels", "Labels; those of the agent win"),
		checked("logConfiguration.logDriver", Approximated, "LogConfig with the engine's own driver, json-file being "+
			"rotated; awslogs becomes a file below Config.Directory for as long as the task is remembered; "+
			"awsfirelens is refused", (*Runtime).refuseLogDriver),
		nearly("logConfiguration.options", "LogConfig; of awslogs the group, the stream prefix and nothing else count"),
		checked("logConfiguration.secretOptions", Done, "LogConfig, with what Config.Secrets returns",
			(*Runtime).refuseSecretOptions),
		never("firelensConfiguration", "logs are not routed", func(_ d,
			c c) bool {
			return c.FirelensConfiguration != nil
		}),
		nearly("linuxParameters.tmpfs", "Tmpfs"),
		done("linuxParameters.sharedMemorySize", "ShmSize"),
		done("linuxParameters.initProcessEnabled", "Init"),
		nearly("linuxParameters.maxSwap", "MemorySwap, where the host counts swap"),
		nearly("linuxParameters.swappiness", "MemorySwappiness, where the host's cgroups have it (version 1)"),
		done("ulimits", "Ulimits"),
		done("systemControls", "Sysctls; under awsvpc net.* of the pause container"),
		checked("resourceRequirements", Approximated,
			"DeviceRequests: so many GPUs, whichever they are; refused without "+
				"the runtime nvidia, and other kinds of devices always", (*Runtime).refuseResources),
	}
}

// isolationRows are what keeps a container apart from its host.
func isolationRows() []row {
	return []row{
		checked("privileged", Done, "Privileged, if Config.Allow has it", (*Runtime).refusePrivileged),
		done("readonlyRootFilesystem", "ReadonlyRootfs"),
		checked("dockerSecurityOptions", Done, "SecurityOpt; what takes confinement away only if Config.Allow has it",
			(*Runtime).refuseSecurityOptions),
		checked("linuxParameters.capabilities.add", Done, "CapAdd, if Config.Allow has it",
			(*Runtime).refuseCapabilities),
		done("linuxParameters.capabilities.drop", "CapDrop"),
		checked("linuxParameters.devices", Done, "Devices, if Config.Allow has their hostPath",
			(*Runtime).refuseDevices),
	}
}

// loosens reports whether a security option takes confinement away.
func loosens(option string) bool {
	return strings.HasSuffix(option, "unconfined") || strings.HasSuffix(option, "disable") ||
		!strings.HasPrefix(option, "no-new-privileges") && !strings.HasPrefix(option, "apparmor") &&
			!strings.HasPrefix(option, "label")
}
