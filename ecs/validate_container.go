package ecs

import (
	"strings"

	"github.com/bayplan/bayplan/internal/check"
)

// containers checks the list of containers, and each.
func (v *checker) containers() {
	list := v.d.ContainerDefinitions
	switch {
	case len(list) == 0:
		v.Refuse("containerDefinitions", "Container list cannot be empty")
		return
	case len(list) > 10:
		v.Refuse("containerDefinitions", "Too many containers. A task definition has at most 10; this has %d.", v.total)
	}
	names := make(map[string]bool, len(list))
	essential, routers := false, 0
	for i := range list {
		c := &list[i]
		if c.Name != "" && names[c.Name] {
			v.Refuse(check.Path("containerDefinitions", i, "name"),
				"Container names must be unique within a task definition; %s is there twice.", c.Name)
		}
		names[c.Name] = true
		essential = essential || c.IsEssential()
		v.container(i, c)
		if c.FirelensConfiguration != nil {
			if routers++; routers == 2 {
				v.Refuse(check.Path("containerDefinitions", i, "firelensConfiguration"),
					"Only one container of a task can have a firelensConfiguration.")
			}
		}
	}
	if !essential {
		v.Refuse("containerDefinitions",
			"Task definition doesn't have any essential container. Set essential to true in one, or leave it out.")
	}
	v.sums()
	v.portsOfTask()
	if v.mode != NetworkModeNone { // whose ports are refused already
		v.overlaps()
	}
	v.dependencies()
	v.linkCycles()
	v.devices()
}

// container checks one container by itself.
func (v *checker) container(i int, c *ContainerDefinition) {
	path := check.Path("containerDefinitions", i)
	if c.Name == "" {
		v.Refuse(path+".name", "Container.name should not be null or empty.")
	} else if !check.IsName(c.Name) {
		v.Refuse(path+".name",
			"Container.name contains invalid characters. It can have up to 255 letters, numbers, underscores and "+
				"hyphens; it is %q.", check.Shortened(c.Name))
	}
	v.image(path, c)
	v.OneOf(path+".versionConsistency", choose(c.VersionConsistency))
	if r := c.RepositoryCredentials; r != nil {
		v.Present(path+".repositoryCredentials.credentialsParameter", r.CredentialsParameter)
		v.needsRole(
			"Private repository authentication requires that the task definition specify a value for executionRoleArn.")
	}
	if c.CPU < 0 {
		v.Refuse(path+".cpu", "Invalid 'cpu' setting for container '%s'; it is %d.", c.Name, c.CPU)
	}
	v.memory(path, c)
	v.ports(path, c)
	v.networking(path, c)
	v.mounts(path, c)
	v.environment(path, c)
	v.health(path, c)
	v.timeouts(path, c)
	v.logging(path, c)
	v.linux(path, c)
	if len(c.CredentialSpecs) > 1 {
		v.Refuse(path+".credentialSpecs", "A container can have only one credential spec; this has %d.",
			len(c.CredentialSpecs))
	}
	for j, s := range c.CredentialSpecs {
		if !strings.HasPrefix(s, "credentialspec:") && !strings.HasPrefix(s, "credentialspecdomainless:") {
			v.Refuse(path+".credentialSpecs"+check.Path(j),
				"A credential spec is credentialspec:ARN or credentialspecdomainless:ARN; this is %q.",
				check.Shortened(s))
		}
	}
	if c.User != "" && !isUser(c.User) {
		v.Refuse(path+".user", "A user is user, user:group, uid, uid:gid, user:gid or uid:group; this is %q.",
			check.Shortened(c.User))
	}
}

// isUser reports whether s names a user and perhaps a group; numbers are not negative.
func isUser(s string) bool {
	user, group, both := strings.Cut(s, ":")
	part := func(p string) bool { return p != "" && p[0] != '-' && !strings.ContainsAny(p, ": \t\n") }
	return part(user) && (!both || part(group))
}

// maxImage is the length of an image without its digest. Source: Amazon ECS API Reference,
// ContainerDefinition, image.
const maxImage = 255

// image checks what registration checks of an image; the rest of its text is the
// runtime's to judge, as package image does.
func (v *checker) image(path string, c *ContainerDefinition) {
	path += ".image"
	if c.Image == "" {
		v.Refuse(path, "Container.image should not be null or empty.")
		return
	}
	name, digest, pinned := strings.Cut(c.Image, "@")
	if len(name) > maxImage {
		v.Refuse(path, "An image can have at most %d characters without its digest; this has %d.", maxImage, len(name))
	}
	if hex, ok := strings.CutPrefix(digest, "sha256:"); pinned && (!ok || !check.IsHex(hex, 64)) {
		v.Refuse(path, "A digest is sha256: and 64 lower-case hexadecimal digits; this is %q.", check.Shortened(digest))
	}
}

// memory checks a container's limits against each other and the task's. Source: Amazon ECS
// API Reference, ContainerDefinition, memory and memoryReservation.
func (v *checker) memory(path string, c *ContainerDefinition) {
	if c.Memory < 0 {
		v.Refuse(path+".memory", "Invalid 'memory' setting for container '%s'; it is %d.", c.Name, c.Memory)
	}
	if c.MemoryReservation < 0 {
		v.Refuse(path+".memoryReservation", "Invalid 'memoryReservation' setting for container '%s'; it is %d.",
			c.Name, c.MemoryReservation)
	}
	if c.Memory > 0 && c.Memory < c.MemoryReservation {
		v.Refuse(path+".memory",
			"Invalid setting for container '%s'. 'memory' must be greater than or equal to 'memoryReservation'; it is "+
				"%d against %d.",
			c.Name, c.Memory, c.MemoryReservation)
	}
	if v.d.Memory == "" && c.Memory == 0 && c.MemoryReservation == 0 {
		v.Refuse(path+".memory",
			"Invalid setting for container '%s'. At least one of 'memory' or 'memoryReservation' must be specified.",
			c.Name)
	}
	if mib, ok := ParseMemory(v.d.Memory); ok && int64(c.Memory) > mib {
		v.Refuse(path+".memory",
			"The 'memory' setting for container '%s' is greater than for the task; it is %d against %d.", c.Name,
			c.Memory, mib)
	}
}

// sums checks what the containers ask together against the task's size.
func (v *checker) sums() {
	var cpu, reserved int64
	for _, c := range v.d.ContainerDefinitions {
		cpu += int64(c.CPU)
		reserved += int64(c.MemoryReservation)
	}
	if units, ok := ParseCPU(v.d.CPU); ok && cpu > units {
		v.Refuse("cpu",
			"The sum of all container 'cpu' values cannot be greater than the value of the task 'cpu'; it is %d "+
				"against %d.", cpu, units)
	}
	if mib, ok := ParseMemory(v.d.Memory); ok && reserved > mib {
		v.Refuse("memory",
			"The sum of all container 'memoryReservation' values cannot be greater than the value of the task "+
				"'memory'; it is %d against %d.", reserved, mib)
	}
}

// environment checks variables, their files and secrets.
func (v *checker) environment(path string, c *ContainerDefinition) {
	if len(c.EnvironmentFiles) > 10 {
		v.Refuse(path+".environmentFiles",
			"The maximum number of environment files was exceeded. Specify ten or less and try again.")
	}
	for j, f := range c.EnvironmentFiles {
		if v.Present(path+".environmentFiles"+check.Path(j, "type"), string(f.Type)) {
			v.OneOf(path+".environmentFiles"+check.Path(j, "type"), choose(f.Type))
		}
		if !strings.HasPrefix(f.Value, "arn:") || !strings.Contains(f.Value, ":s3:::") ||
			!strings.HasSuffix(f.Value, ".env") {
			v.Refuse(path+".environmentFiles"+check.Path(j, "value"),
				"An environment file is the ARN of an S3 object that ends in .env; this is %q.",
				check.Shortened(f.Value))
		}
	}
	taken := make(map[string]bool, len(c.Environment)+len(c.Secrets))
	for _, kv := range c.Environment {
		taken[kv.Name] = true
	}
	for j, s := range c.Secrets {
		v.secret(path+".secrets"+check.Path(j), s)
		if taken[s.Name] && s.Name != "" {
			v.Refuse(path+".secrets"+check.Path(j, "name"),
				"The secret name must be unique and not shared with any new or existing environment variables set on "+
					"the container, such as '%s'.", s.Name)
		}
		taken[s.Name] = true
	}
}

// secret checks a secret, and that there is a role to read it.
func (v *checker) secret(path string, s Secret) {
	v.Present(path+".name", s.Name)
	v.Present(path+".valueFrom", s.ValueFrom)
	v.needsRole("When you are specifying container secrets, you must also specify a value for 'executionRoleArn'")
}

// health checks a health check's command and ranges. Source: Amazon ECS API Reference,
// HealthCheck.
func (v *checker) health(path string, c *ContainerDefinition) {
	h := c.HealthCheck
	if h == nil {
		return
	}
	path += ".healthCheck"
	switch {
	case len(h.Command) == 0:
		v.Refuse(path+".command", "The health check of container '%s' needs a command.", c.Name)
	case v.rules == RuleSetClassic && h.Command[0] != "CMD" && h.Command[0] != "CMD-SHELL":
		v.Refuse(path+".command",
			"The health check command of container '%s' must start with CMD or CMD-SHELL; it starts with %q.", c.Name,
			check.Shortened(h.Command[0]))
	}
	v.within(path+".interval", c.Name, h.Interval, 5, 300)
	v.within(path+".timeout", c.Name, h.Timeout, 2, 60)
	v.within(path+".retries", c.Name, h.Retries, 1, 10)
	v.within(path+".startPeriod", c.Name, h.StartPeriod, 0, 300)
}

func (v *checker) within(path, name string, n Opt[int], lo, hi int) {
	value, ok := n.Get()
	if ok && value < lo {
		v.Refuse(path,
			"Health check %s must be greater than or equal to the minimum allowed value %d for container '%s'; "+
				"it is %d.", check.LastKey(path), lo, name, value)
	}
	if ok && value > hi {
		v.Refuse(path,
			"Health check %s must be less than or equal to the maximum allowed value %d for container '%s'; it is %d.",
			check.LastKey(path), hi, name, value)
	}
}

// timeouts checks what every infrastructure asks of timeouts and restarts.
func (v *checker) timeouts(path string, c *ContainerDefinition) {
	if c.StartTimeout.Or(0) < 0 {
		v.Refuse(path+".startTimeout", "startTimeout cannot be negative; it is %d.", c.StartTimeout.Or(0))
	}
	if c.StopTimeout.Or(0) < 0 {
		v.Refuse(path+".stopTimeout", "stopTimeout cannot be negative; it is %d.", c.StopTimeout.Or(0))
	}
	if r := c.RestartPolicy; r != nil {
		if n, ok := r.RestartAttemptPeriod.Get(); ok && (n < 60 || n > 1800) {
			v.Refuse(path+".restartPolicy.restartAttemptPeriod",
				"The 'restartAttemptPeriod' setting for container '%s' must be between 60 and 1800; it is %d.", c.Name,
				n)
		}
		v.AtMost(path+".restartPolicy.ignoredExitCodes", len(r.IgnoredExitCodes), 50)
	}
}
