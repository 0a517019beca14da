package ecs

import (
	"slices"
	"strings"
)

// The two prefixes of the capabilities that an agent advertises.
const (
	CapabilityPrefix    = "ecs.capability."
	OldCapabilityPrefix = "com.amazonaws.ecs.capability."
)

// AttributesRequired returns the capabilities that an instance must have to run tasks of the definition,
// in alphabetical order. Registration stores them as requiresAttributes. The package documentation lists
// the commonest.
//
// AWS publishes no rule for them: the names are those that the container agent advertises, and what
// requires them was read off definitions that AWS printed. AWS prints no capability for a task's size,
// and the agent has one.
//
// Source: the capabilities of amazon-ecs-agent; Amazon ECS API Reference, TaskDefinition,
// requiresAttributes.
func (d TaskDefinition) AttributesRequired() []Attribute {
	r := &required{}
	r.task(d)
	for i := range d.ContainerDefinitions {
		r.container(d, &d.ContainerDefinitions[i])
	}
	for i := range d.Volumes {
		r.volume(&d.Volumes[i])
	}
	if len(r.names) > 0 {
		r.old("docker-remote-api.1.18")
	}
	slices.Sort(r.names)
	attributes := []Attribute{}
	for _, name := range slices.Compact(r.names) {
		attributes = append(attributes, Attribute{Name: name})
	}
	return attributes
}

// required gathers names of capabilities.
type required struct{ names []string }

func (r *required) need(name string) { r.names = append(r.names, CapabilityPrefix+name) }
func (r *required) old(name string)  { r.names = append(r.names, OldCapabilityPrefix+name) }

func (r *required) task(d TaskDefinition) {
	if d.TaskRoleArn != "" && d.NetworkMode == NetworkModeHost {
		r.old("task-iam-role-network-host")
	} else if d.TaskRoleArn != "" {
		r.old("task-iam-role")
	}
	if d.NetworkMode == NetworkModeAwsvpc {
		r.need("task-eni")
	}
	if !d.OnWindows() { // which ignores a task's size; its agents limit none
		r.size(d)
	}
	if d.PidMode != "" || d.IpcMode != "" {
		r.need("pid-ipc-namespace-sharing")
	}
	if d.ProxyConfiguration != nil {
		r.need("aws-appmesh")
	}
	if d.EnableFaultInjection {
		r.need("fault-injection")
	}
}

// size adds what limiting a whole task needs.
func (r *required) size(d TaskDefinition) {
	if d.CPU != "" || d.Memory != "" {
		r.need("task-cpu-mem-limit")
	}
	if units, ok := ParseCPU(d.CPU); ok && units > 10240 {
		r.need("increased-task-cpu-limit")
	}
}

func (r *required) container(d TaskDefinition, c *ContainerDefinition) {
	if IsPrivateECR(c.Image) {
		r.old("ecr-auth")
		if d.ExecutionRoleArn != "" {
			r.need("execution-role-ecr-pull")
		}
	}
	if c.RepositoryCredentials != nil {
		r.need("private-registry-authentication.secretsmanager")
	}
	if c.Privileged.Or(false) {
		r.old("privileged-container")
	}
	if c.MemoryReservation > 0 {
		r.old("docker-remote-api.1.21")
	}
	if len(c.DependsOn) > 0 || !c.StartTimeout.IsZero() || !c.StopTimeout.IsZero() {
		r.need("container-ordering")
	}
	if c.HealthCheck != nil {
		r.need("container-health-check")
		r.old("docker-remote-api.1.24")
	}
	if c.RestartPolicy != nil && c.RestartPolicy.Enabled {
		r.need("container-restart-policy")
	}
	if len(c.EnvironmentFiles) > 0 {
		r.need("env-files.s3")
	}
	for _, m := range c.PortMappings {
		if m.ContainerPortRange != "" {
			r.need("network.container-port-range")
		}
	}
	for _, req := range c.ResourceRequirements {
		if req.Type == ResourceTypeGpu {
			r.need("gpu-driver-version")
		}
	}
	if l := c.LinuxParameters; l != nil && l.InitProcessEnabled.Or(false) {
		r.old("docker-remote-api.1.25")
	}
	r.security(c)
	r.logging(d, c)
	for _, s := range c.Secrets {
		r.need("secrets." + store(s.ValueFrom) + ".environment-variables")
	}
}

// security adds what security options and credential specs need.
func (r *required) security(c *ContainerDefinition) {
	for _, option := range c.DockerSecurityOptions {
		switch {
		case strings.HasPrefix(option, "label:"), strings.HasPrefix(option, "label="):
			r.old("selinux")
		case strings.HasPrefix(option, "apparmor"):
			r.old("apparmor")
		case strings.HasPrefix(option, "credentialspec"):
			r.need("gmsa")
		}
	}
	for _, spec := range c.CredentialSpecs {
		if strings.HasPrefix(spec, "credentialspecdomainless:") {
			r.need("gmsa-domainless")
		} else {
			r.need("gmsa")
		}
	}
}

func (r *required) logging(d TaskDefinition, c *ContainerDefinition) {
	if l := c.LogConfiguration; l != nil {
		r.old("logging-driver." + string(l.LogDriver))
		switch l.LogDriver {
		case LogDriverAwslogs:
			r.old("docker-remote-api.1.19")
			if l.Options["mode"] != "" || l.Options["max-buffer-size"] != "" {
				r.old("docker-remote-api.1.28")
			}
			if l.Options["awslogs-create-group"] != "" {
				r.old("docker-remote-api.1.29")
			}
			if d.ExecutionRoleArn != "" {
				r.need("execution-role-awslogs")
			}
		case LogDriverAwsfirelens:
			if l.Options["log-driver-buffer-limit"] != "" {
				r.need("logging-driver.awsfirelens.log-driver-buffer-limit")
			}
		}
		for _, s := range l.SecretOptions {
			r.need("secrets." + store(s.ValueFrom) + ".bootstrap.log-driver")
		}
	}
	if f := c.FirelensConfiguration; f != nil {
		r.need("firelens." + string(f.Type))
		if kind := f.Options["config-file-type"]; kind != "" {
			r.need("firelens.options.config." + kind)
		}
		if c.User != "" && c.User != "0" && c.User != "root" {
			r.need("firelens.non-root-user")
		}
	}
}

// store returns where a secret is kept: asm for Secrets Manager, else ssm.
func store(valueFrom string) string {
	if strings.Contains(valueFrom, ":secretsmanager:") {
		return "asm"
	}
	return "ssm"
}

func (r *required) volume(v *Volume) {
	if k := v.DockerVolumeConfiguration; k != nil && k.Driver != "" && k.Driver != "local" {
		r.need("docker-plugin." + k.Driver)
	}
	if k := v.EFSVolumeConfiguration; k != nil {
		r.need("efs")
		r.old("docker-remote-api.1.25")
		if k.AuthorizationConfig != nil {
			r.need("efsAuth")
		}
	}
	if v.FSxWindowsFileServerVolumeConfiguration != nil {
		r.need("fsxWindowsFileServer")
	}
	if v.S3FilesVolumeConfiguration != nil {
		r.need("storage.s3-files")
	}
	if v.ConfiguredAtLaunch {
		r.need("storage.ebs-task-volume-attach")
	}
}
