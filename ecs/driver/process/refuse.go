package process

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/driver/internal/shim"
)

// refusal is a field that a process cannot honour.
type refusal[T any] struct {
	field string
	set   func(T) bool
	why   string
}

// taskRefusals are of a task definition, containerRefusals of each of its containers. What is in neither and
// not listed in the package documentation is honoured.
func taskRefusals() []refusal[ecs.TaskDefinition] {
	return []refusal[ecs.TaskDefinition]{
		{"volumes", func(d ecs.TaskDefinition) bool { return len(d.Volumes) > 0 }, "processes share the host's files"},
		{"pidMode", func(d ecs.TaskDefinition) bool { return d.PidMode == ecs.PidModeTask },
			"processes are all in the host's namespace"},
		{"ipcMode", func(d ecs.TaskDefinition) bool { return d.IpcMode != "" && d.IpcMode != ecs.IpcModeHost },
			"processes are all in the host's namespace"},
		{"networkMode", func(d ecs.TaskDefinition) bool { return d.NetworkMode == ecs.NetworkModeNone },
			"a process always has the host's network"},
		{"proxyConfiguration", func(d ecs.TaskDefinition) bool { return d.ProxyConfiguration != nil },
			"traffic is not redirected"},
		{"runtimePlatform", ecs.TaskDefinition.OnWindows, "processes are of this host"},
	}
}

func containerRefusals() []refusal[ecs.ContainerDefinition] {
	type container = ecs.ContainerDefinition
	return []refusal[container]{
		{"mountPoints", func(c container) bool { return len(c.MountPoints) > 0 }, "processes share the host's files"},
		{"volumesFrom", func(c container) bool { return len(c.VolumesFrom) > 0 }, "processes share the host's files"},
		{"readonlyRootFilesystem", func(c container) bool { return c.ReadonlyRootFilesystem.Or(false) },
			"processes share the host's files"},
		{"links", func(c container) bool { return len(c.Links) > 0 }, "processes share the host's names"},
		{"extraHosts", func(c container) bool { return len(c.ExtraHosts) > 0 }, "processes share the host's names"},
		{"dnsServers", func(c container) bool { return len(c.DNSServers) > 0 }, "processes share the host's names"},
		{"disableNetworking", func(c container) bool { return c.DisableNetworking.Or(false) },
			"a process always has the host's network"},
		{"privileged", func(c container) bool { return c.Privileged.Or(false) }, "a process has the agent's rights"},
		{"dockerSecurityOptions", func(c container) bool { return len(c.DockerSecurityOptions) > 0 },
			"a process has the agent's rights"},
		{"linuxParameters.capabilities", func(c container) bool {
			return c.LinuxParameters != nil && c.LinuxParameters.Capabilities != nil
		}, "a process has the agent's rights"},
		{"linuxParameters.devices", func(c container) bool {
			return c.LinuxParameters != nil && len(c.LinuxParameters.Devices)+len(c.LinuxParameters.Tmpfs) > 0
		}, "processes share the host's files"},
		{"systemControls", func(c container) bool { return len(c.SystemControls) > 0 }, "the kernel is the host's"},
		{"resourceRequirements", func(c container) bool { return len(c.ResourceRequirements) > 0 },
			"no GPU is reserved"},
		{"credentialSpecs", func(c container) bool { return len(c.CredentialSpecs) > 0 }, "no directory is joined"},
		{"pseudoTerminal", func(c container) bool { return c.PseudoTerminal.Or(false) || c.Interactive.Or(false) },
			"a process has a log file and no terminal"},
		{"environmentFiles", func(c container) bool { return len(c.EnvironmentFiles) > 0 },
			"no object store is read"},
		{"firelensConfiguration", func(c container) bool { return c.FirelensConfiguration != nil },
			"logs are files"},
		{"healthCheck.command", func(c container) bool {
			return c.HealthCheck != nil && len(c.HealthCheck.Command) < 2
		}, "it has no program"},
	}
}

// variable is the name of a variable that a shell passes on.
var variable = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// refused returns everything in a task definition that this runtime cannot honour.
func (r *Runtime) refused(d ecs.TaskDefinition) error {
	var faults []string
	for _, row := range taskRefusals() {
		if row.set(d) {
			faults = append(faults, row.field+": "+row.why)
		}
	}
	for i, c := range d.ContainerDefinitions {
		at := fmt.Sprintf("containerDefinitions[%d].", i)
		for _, row := range containerRefusals() {
			if row.set(c) {
				faults = append(faults, at+row.field+": "+row.why)
			}
		}
		for _, fault := range r.forbidden(c) {
			faults = append(faults, at+fault)
		}
	}
	if len(faults) == 0 {
		return nil
	}
	return fmt.Errorf("the task cannot run as processes: %s", strings.Join(faults, "; "))
}

// forbidden returns what Config does not allow a container, and what of it a process cannot have.
func (r *Runtime) forbidden(c ecs.ContainerDefinition) (faults []string) {
	if _, err := r.command(c); err != nil {
		faults = append(faults, err.Error())
	}
	if c.User != "" && !r.config.AllowUser {
		faults = append(faults, "user: the configuration does not allow it")
	}
	if c.HealthCheck != nil && len(c.HealthCheck.Command) > 1 {
		if _, err := r.check(c); err != nil {
			faults = append(faults, err.Error())
		}
	}
	for i, v := range c.Environment {
		if !variable.MatchString(v.Name) {
			faults = append(faults, fmt.Sprintf("environment[%d].name: %q is not a name of letters, digits and _",
				i, v.Name))
		}
	}
	for i, u := range c.Ulimits {
		if _, ok := shim.LimitOf(u.Name); !ok {
			known := make([]string, 0, len(shim.Limits()))
			for _, l := range shim.Limits() {
				known = append(known, string(l.Name))
			}
			faults = append(faults, fmt.Sprintf("ulimits[%d].name: %s is not one of %s", i, u.Name,
				strings.Join(known, ", ")))
		}
	}
	if len(c.Secrets) > 0 && r.config.Secrets == nil {
		faults = append(faults, "secrets: the configuration has no source of secrets")
	}
	return faults
}
