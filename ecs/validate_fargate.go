package ecs

import (
	"strings"

	"github.com/bayplan/bayplan/internal/check"
)

// fargate checks the rules of Fargate. Source: Amazon ECS Developer Guide, "Amazon ECS task
// definition differences for Fargate".
func (v *checker) fargate() {
	d := v.d
	if d.NetworkMode != NetworkModeAwsvpc {
		v.Refuse("networkMode", "Fargate only supports network mode 'awsvpc'.")
	}
	v.nest("", CheckFargateSize(*d, v.rules))
	if len(d.PlacementConstraints) > 0 {
		v.Refuse("placementConstraints", "Fargate compatible task definitions do not support constraints")
	}
	if d.IpcMode != "" {
		v.Refuse("ipcMode", "Fargate compatible task definitions do not support ipcMode")
	}
	if d.PidMode == PidModeHost {
		v.Refuse("pidMode",
			"Tasks using the Fargate launch type do not support pidMode 'host'. The supported value for pidMode is "+
				"'task'.")
	}
	if v.rules == RuleSetClassic && d.EphemeralStorage != nil {
		v.Refuse("ephemeralStorage", "Fargate compatible task definitions do not support ephemeralStorage")
	}
	v.fargatePlatform()
	v.volumesOn("Fargate", func(vol *Volume) (string, bool) {
		switch {
		case vol.DockerVolumeConfiguration != nil:
			return "dockerVolumeConfiguration", true
		case vol.Host != nil && vol.Host.SourcePath != "":
			return "host.sourcePath", true
		}
		return "fsxWindowsFileServerVolumeConfiguration", vol.FSxWindowsFileServerVolumeConfiguration != nil
	})
	for i := range d.ContainerDefinitions {
		v.fargateContainer(check.Path("containerDefinitions", i), &d.ContainerDefinitions[i])
	}
	if d.OnWindows() {
		v.fargateWindows()
	}
}

func (v *checker) fargatePlatform() {
	p := v.d.RuntimePlatform
	if p == nil {
		return
	}
	switch p.OperatingSystemFamily {
	case OSFamilyWindowsServer2016Full, OSFamilyWindowsServer2004Core, OSFamilyWindowsServer20h2Core:
		v.Refuse("runtimePlatform.operatingSystemFamily", "Fargate does not support the operating system family %s.",
			p.OperatingSystemFamily)
	}
	if v.rules == RuleSetClassic && p.CPUArchitecture == CPUArchitectureArm64 {
		v.Refuse("runtimePlatform.cpuArchitecture", "Fargate does not support the CPU architecture ARM64.")
	}
	if v.rules == RuleSetClassic && v.d.OnWindows() {
		v.Refuse("runtimePlatform.operatingSystemFamily", "Fargate does not support the operating system family %s.",
			p.OperatingSystemFamily)
	}
}

// fargateContainer checks one container.
func (v *checker) fargateContainer(path string, c *ContainerDefinition) {
	if c.Privileged.Or(false) {
		v.Refuse(path+".privileged",
			"Fargate requires that the ‘privileged’ setting be ‘false’ at the container level.")
	}
	if len(c.DockerSecurityOptions) > 0 {
		v.Refuse(path+".dockerSecurityOptions",
			"Fargate compatible task definitions do not support dockerSecurityOptions")
	}
	v.nest(path, CheckFargateDevices(c.ResourceRequirements))
	if v.rules == RuleSetClassic && c.RepositoryCredentials != nil {
		v.Refuse(path+".repositoryCredentials",
			"Fargate compatible task definitions do not support repositoryCredentials")
	}
	v.secondsOn(path, c, 2, 120, 120)
	v.fargateLinux(path+".linuxParameters", c.LinuxParameters)
	v.fargateLogging(path, c)
	if IsPrivateECR(c.Image) {
		v.needsRole("Fargate requires task definition to have execution role ARN to support ECR images.")
	}
}

// secondsOn checks an infrastructure's range of the two timeouts.
func (v *checker) secondsOn(path string, c *ContainerDefinition, lo, start, stop int) {
	if c.StartTimeout.Or(0) >= 0 {
		v.between(path+".startTimeout", c.StartTimeout, lo, start)
	}
	if c.StopTimeout.Or(0) >= 0 {
		v.between(path+".stopTimeout", c.StopTimeout, lo, stop)
	}
}

func (v *checker) fargateLinux(path string, l *LinuxParameters) {
	if l == nil {
		return
	}
	refuse := func(present bool, name string) {
		if present {
			v.Refuse(path+"."+name, "Fargate compatible task definitions do not support %s", name)
		}
	}
	refuse(len(l.Devices) > 0, "devices")
	refuse(l.SharedMemorySize.Or(0) > 0, "sharedMemorySize")
	refuse(l.MaxSwap.Or(0) > 0, "maxSwap")
	refuse(!l.Swappiness.IsZero(), "swappiness")
	refuse(len(l.Tmpfs) > 0, "tmpfs")
	if l.Capabilities == nil {
		return
	}
	for j, name := range l.Capabilities.Add {
		if name != "SYS_PTRACE" || v.rules == RuleSetClassic {
			v.Refuse(path+".capabilities.add"+check.Path(j), "%s is not allowed on Fargate.", check.Shortened(name))
		}
	}
}

func (v *checker) fargateLogging(path string, c *ContainerDefinition) {
	if f := c.FirelensConfiguration; f != nil {
		if f.Options["config-file-type"] == "s3" {
			v.Refuse(path+".firelensConfiguration.options.config-file-type",
				"Fargate launch type does not support FirelensConfiguration config file from 's3'")
		}
	}
	l := c.LogConfiguration
	if l == nil || !Valid(l.LogDriver) {
		return
	}
	path += ".logConfiguration"
	switch {
	case l.LogDriver == LogDriverAwslogs:
		if l.Options["awslogs-stream-prefix"] == "" && !secretOption(l, "awslogs-stream-prefix") {
			v.Refuse(path+".options",
				"Fargate requires log configuration options to include awslogs-stream-prefix to support log driver "+
					"awslogs.")
		}
		v.needsRole("Fargate requires task definition to have execution role ARN to support log driver awslogs.")
	case v.rules == RuleSetClassic:
		v.Refuse(path+".logDriver", "%s is not a valid log driver. Must be one of [awslogs]", l.LogDriver)
	case l.LogDriver != LogDriverSplunk && l.LogDriver != LogDriverAwsfirelens:
		v.Refuse(path+".logDriver", "%s is not a valid log driver. Must be one of [awslogs,splunk,awsfirelens]",
			l.LogDriver)
	}
}

// fargateWindows checks what Windows cannot have on Fargate beyond Windows's own rules.
// Source: Amazon ECS Developer Guide, "Amazon ECS on AWS Fargate for Windows".
func (v *checker) fargateWindows() {
	for i, vol := range v.d.Volumes {
		if vol.EFSVolumeConfiguration != nil {
			v.Refuse(check.Path("volumes", i, "efsVolumeConfiguration"),
				"Windows containers on Fargate do not support EFS volumes.")
		}
		if vol.ConfiguredAtLaunch {
			v.Refuse(check.Path("volumes", i, "configuredAtLaunch"),
				"Windows containers on Fargate do not support EBS volumes.")
		}
	}
	for i := range v.d.ContainerDefinitions {
		c := &v.d.ContainerDefinitions[i]
		path := check.Path("containerDefinitions", i)
		refuse := func(present bool, field string) {
			if present {
				v.Refuse(path+"."+field, "Windows containers on Fargate do not support %s.",
					field[strings.LastIndexByte(field, '.')+1:])
			}
		}
		refuse(c.FirelensConfiguration != nil, "firelensConfiguration")
		refuse(len(c.EnvironmentFiles) > 0, "environmentFiles")
		refuse(c.MemoryReservation > 0, "memoryReservation")
		refuse(c.RestartPolicy != nil, "restartPolicy")
		refuse(len(c.CredentialSpecs) > 0, "credentialSpecs")
		for j, m := range c.PortMappings {
			if m.ContainerPort == 3150 {
				v.Refuse(path+".portMappings"+check.Path(j, "containerPort"),
					"The container port 3150 is reserved for Windows containers on Fargate.")
			}
		}
	}
}
