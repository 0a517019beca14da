package ecs

import "github.com/bayplan/bayplan/internal/check"

// windows checks what Windows containers cannot have, on whatever they run. Source: Amazon
// ECS Developer Guide, "Amazon ECS task definition parameters", the notes on Windows.
func (v *checker) windows() {
	d := v.d
	refuse := func(present bool, path string) {
		if present {
			v.Refuse(path, "Windows containers do not support %s.", check.LastKey(path))
		}
	}
	refuse(d.NetworkMode == NetworkModeHost, "networkMode")
	refuse(d.PidMode != "", "pidMode")
	refuse(d.IpcMode != "" && !d.requires(CompatibilityFargate), "ipcMode")
	refuse(d.ProxyConfiguration != nil, "proxyConfiguration")
	for i, vol := range d.Volumes {
		if k := vol.DockerVolumeConfiguration; k != nil {
			refuse(k.Driver != "" && k.Driver != "local",
				check.Path("volumes", i, "dockerVolumeConfiguration", "driver"))
		}
	}
	awsvpc := v.mode == NetworkModeAwsvpc // which has refused these itself
	for i := range d.ContainerDefinitions {
		c := &d.ContainerDefinitions[i]
		path := check.Path("containerDefinitions", i)
		refuse(!awsvpc && c.DisableNetworking.Or(false), path+".disableNetworking")
		refuse(!awsvpc && len(c.DNSServers) > 0, path+".dnsServers")
		refuse(!awsvpc && len(c.DNSSearchDomains) > 0, path+".dnsSearchDomains")
		refuse(!awsvpc && len(c.ExtraHosts) > 0, path+".extraHosts")
		refuse(!awsvpc && len(c.Links) > 0, path+".links")
		refuse(c.LinuxParameters != nil, path+".linuxParameters")
		refuse(c.Privileged.Or(false) && !d.requires(CompatibilityFargate), path+".privileged")
		refuse(c.ReadonlyRootFilesystem.Or(false), path+".readonlyRootFilesystem")
		refuse(c.User != "", path+".user")
		refuse(len(c.Ulimits) > 0, path+".ulimits")
		refuse(len(c.SystemControls) > 0, path+".systemControls")
		for j, r := range c.ResourceRequirements {
			refuse(r.Type == ResourceTypeGpu && !d.requires(CompatibilityFargate),
				path+".resourceRequirements"+check.Path(j))
		}
	}
}

// external checks what external instances cannot have; that they have no proxy follows from
// their having no awsvpc. Source: Amazon ECS Developer Guide,
// "Amazon ECS clusters for external instances", Considerations.
func (v *checker) external() {
	d := v.d
	if v.mode == NetworkModeAwsvpc {
		v.Refuse("networkMode", "External instances do not support network mode 'awsvpc'.")
	}
	for i, c := range d.ContainerDefinitions {
		for j, r := range c.ResourceRequirements {
			if r.Type == ResourceTypeNeuronDevice {
				v.Refuse(check.Path("containerDefinitions", i, "resourceRequirements", j),
					"External instances do not support %s resource requirements.", r.Type)
			}
		}
	}
	v.volumesOn("External", func(vol *Volume) (string, bool) {
		switch {
		case vol.EFSVolumeConfiguration != nil:
			return "efsVolumeConfiguration", true
		case vol.FSxWindowsFileServerVolumeConfiguration != nil:
			return "fsxWindowsFileServerVolumeConfiguration", true
		}
		return "configuredAtLaunch", vol.ConfiguredAtLaunch
	})
}

// managedInstances checks what Amazon ECS Managed Instances cannot have. Source: Amazon ECS
// Developer Guide, "Amazon ECS task definition parameters for Amazon ECS Managed
// Instances".
func (v *checker) managedInstances() {
	d := v.d
	refuse := func(present bool, path string) {
		if present {
			v.Refuse(path, "Managed Instances compatible task definitions do not support %s", check.LastKey(path))
		}
	}
	if v.d.NetworkMode != "" && v.mode != NetworkModeAwsvpc && v.mode != NetworkModeHost {
		v.Refuse("networkMode", "Managed Instances support the network modes 'awsvpc' and 'host'; it is '%s'.", v.mode)
	}
	if d.OnWindows() {
		v.Refuse("runtimePlatform.operatingSystemFamily",
			"Managed Instances support the operating system family LINUX only.")
	}
	refuse(d.EphemeralStorage != nil && d.requires(CompatibilityFargate), "ephemeralStorage")
	refuse(d.ProxyConfiguration != nil, "proxyConfiguration")
	v.volumesOn("Managed Instances", func(vol *Volume) (string, bool) {
		if vol.DockerVolumeConfiguration != nil {
			return "dockerVolumeConfiguration", true
		}
		return "fsxWindowsFileServerVolumeConfiguration", vol.FSxWindowsFileServerVolumeConfiguration != nil
	})
	for i := range d.ContainerDefinitions {
		v.managedContainer(check.Path("containerDefinitions", i), &d.ContainerDefinitions[i], refuse)
	}
}

func (v *checker) managedContainer(path string, c *ContainerDefinition, refuse func(bool, string)) {
	fargate := v.d.requires(CompatibilityFargate) // whose narrower rules speak first
	awsvpc := v.mode == NetworkModeAwsvpc
	bridge := v.mode == NetworkModeBridge
	refuse(len(c.DockerSecurityOptions) > 0 && !fargate, path+".dockerSecurityOptions")
	refuse(c.DisableNetworking.Or(false) && !awsvpc, path+".disableNetworking")
	refuse(len(c.Links) > 0 && bridge, path+".links")
	refuse(c.Hostname != "" && !awsvpc, path+".hostname")
	refuse(len(c.DNSServers) > 0 && !awsvpc, path+".dnsServers")
	if !fargate {
		v.secondsOn(path, c, 0, 600, 86400)
	}
	if l := c.LogConfiguration; l != nil && Valid(l.LogDriver) && !fargate {
		switch l.LogDriver {
		case LogDriverAwslogs:
			v.needsRole(
				"Managed Instances require task definition to have execution role ARN to support log driver awslogs.")
		case LogDriverSplunk, LogDriverAwsfirelens:
		default:
			v.Refuse(path+".logConfiguration.logDriver",
				"%s is not a valid log driver. Must be one of [awslogs,splunk,awsfirelens]", l.LogDriver)
		}
	}
	if IsPrivateECR(c.Image) && !fargate {
		v.needsRole("Managed Instances require task definition to have execution role ARN to support ECR images.")
	}
}

// CompatibleWith returns the infrastructures whose rules the definition keeps, in the order of Values:
// EC2 always. Registration stores them as compatibilities, which RunTask and CreateService read. AWS does
// not publish its rule.
func (d TaskDefinition) CompatibleWith() []Compatibility {
	d.NetworkMode = d.mode()
	fits := []Compatibility{CompatibilityEC2}
	for _, c := range []Compatibility{CompatibilityFargate, CompatibilityExternal, CompatibilityManagedInstances} {
		try := d
		try.RequiresCompatibilities = []Compatibility{c}
		v := &checker{checks: checks{code: ClientException}, d: &try, mode: try.mode()}
		switch c {
		case CompatibilityFargate:
			v.fargate()
		case CompatibilityExternal:
			v.external()
		case CompatibilityManagedInstances:
			v.managedInstances()
		}
		if v.None() {
			fits = append(fits, c)
		}
	}
	return fits
}
