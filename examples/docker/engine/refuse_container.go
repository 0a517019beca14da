package engine

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
)

const noSecrets = "the configuration has no source of secrets"

func (r *Runtime) refuseRepositoryCredentials(_ ecs.TaskDefinition, c ecs.ContainerDefinition) []string {
	if c.RepositoryCredentials != nil && r.config.Secrets == nil {
		return []string{"repositoryCredentials: " + noSecrets}
	}
	return nil
}

func (r *Runtime) refuseSecrets(_ ecs.TaskDefinition, c ecs.ContainerDefinition) []string {
	if len(c.Secrets) > 0 && r.config.Secrets == nil {
		return []string{"secrets: " + noSecrets}
	}
	return nil
}

func (r *Runtime) refuseSecretOptions(_ ecs.TaskDefinition, c ecs.ContainerDefinition) []string {
	if c.LogConfiguration != nil && len(c.LogConfiguration.SecretOptions) > 0 && r.config.Secrets == nil {
		return []string{"logConfiguration.secretOptions: " + noSecrets}
	}
	return nil
}

func (r *Runtime) refuseEnvironmentFiles(_ ecs.TaskDefinition, c ecs.ContainerDefinition) []string {
	if len(c.EnvironmentFiles) > 0 && r.config.Objects == nil {
		return []string{"environmentFiles: the configuration has no source of objects"}
	}
	return nil
}

func (r *Runtime) refuseLogDriver(_ ecs.TaskDefinition, c ecs.ContainerDefinition) []string {
	if c.LogConfiguration == nil {
		return nil
	}
	switch l := c.LogConfiguration; {
	case l.LogDriver == ecs.LogDriverAwslogs:
		if _, err := r.stream(c, "task", "id"); err != nil {
			return []string{fmt.Sprintf("logConfiguration.options: %v", err)}
		}
	case l.LogDriver == ecs.LogDriverAwsfirelens:
		return []string{"logConfiguration.logDriver: logs are not routed by awsfirelens"}
	case !slices.Contains(r.host.logDrivers, string(l.LogDriver)) && l.LogDriver != "none":
		return []string{fmt.Sprintf("logConfiguration.logDriver: the engine has no %s", l.LogDriver)}
	}
	return nil
}

func refuseMountPoints(_ *Runtime, _ ecs.TaskDefinition, c ecs.ContainerDefinition) (faults []string) {
	for i, m := range c.MountPoints {
		if strings.Contains(m.ContainerPath, ":") {
			faults = append(faults, fmt.Sprintf("mountPoints[%d].containerPath: %q has a colon", i, m.ContainerPath))
		}
	}
	return faults
}

func refuseHealthCheck(_ *Runtime, _ ecs.TaskDefinition, c ecs.ContainerDefinition) []string {
	if c.HealthCheck == nil {
		return nil
	}
	if _, err := checkCommand(c.HealthCheck.Command); err != nil {
		return []string{"healthCheck.command: " + err.Error()}
	}
	return nil
}

func (r *Runtime) refusePrivileged(_ ecs.TaskDefinition, c ecs.ContainerDefinition) []string {
	if c.Privileged.Or(false) && !r.config.Allow.Privileged {
		return []string{"privileged: the configuration does not allow it"}
	}
	return nil
}

func (r *Runtime) refuseSecurityOptions(_ ecs.TaskDefinition, c ecs.ContainerDefinition) (faults []string) {
	for i, option := range c.DockerSecurityOptions {
		if loosens(option) && !r.config.Allow.Privileged {
			faults = append(faults, fmt.Sprintf("dockerSecurityOptions[%d]: the configuration does not allow %q", i,
				option))
		}
	}
	return faults
}

func (r *Runtime) refuseCapabilities(_ ecs.TaskDefinition, c ecs.ContainerDefinition) (faults []string) {
	if c.LinuxParameters == nil || c.LinuxParameters.Capabilities == nil {
		return nil
	}
	for i, name := range c.LinuxParameters.Capabilities.Add {
		if !r.config.Allow.Privileged && !slices.ContainsFunc(r.config.Allow.Capabilities, func(allowed string) bool {
			return capability(allowed) == capability(name)
		}) {
			faults = append(faults,
				fmt.Sprintf("linuxParameters.capabilities.add[%d]: the configuration does not allow %s",
					i, name))
		}
	}
	return faults
}

// capability is the name of a capability in its short form.
func capability(name string) string { return strings.TrimPrefix(strings.ToUpper(name), "CAP_") }

func (r *Runtime) refuseDevices(_ ecs.TaskDefinition, c ecs.ContainerDefinition) (faults []string) {
	if c.LinuxParameters == nil {
		return nil
	}
	for i, d := range c.LinuxParameters.Devices {
		if !r.config.Allow.Privileged && (!within(r.config.Allow.Devices, d.HostPath) ||
			!within(r.config.Allow.Devices, resolved(d.HostPath))) {
			faults = append(faults,
				fmt.Sprintf("linuxParameters.devices[%d].hostPath: the configuration does not allow %q",
					i, d.HostPath))
		}
	}
	return faults
}

func (r *Runtime) refuseResources(_ ecs.TaskDefinition, c ecs.ContainerDefinition) (faults []string) {
	for i, q := range c.ResourceRequirements {
		switch at := fmt.Sprintf("resourceRequirements[%d].", i); {
		case q.Type != ecs.ResourceTypeGpu:
			faults = append(faults, fmt.Sprintf("%stype: %s is not reserved", at, q.Type))
		case q.SharingStrategy != nil:
			faults = append(faults, at+"sharingStrategy: GPUs are not shared")
		case !r.host.nvidia:
			faults = append(faults, at+"type: the engine has no runtime nvidia")
		default:
			if _, err := gpus(q.Value); err != nil {
				faults = append(faults, fmt.Sprintf("%svalue: %v", at, err))
			}
		}
	}
	return faults
}
