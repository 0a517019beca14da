package ecs

func (v *ContainerDefinition) field(d *decoder, key string) bool {
	switch key {
	case "name":
		text(d, &v.Name)
	case "image":
		text(d, &v.Image)
	case "versionConsistency":
		text(d, &v.VersionConsistency)
	case "repositoryCredentials":
		pointer(d, &v.RepositoryCredentials)
	case "cpu":
		d.integer(&v.CPU)
	case "memory":
		d.integer(&v.Memory)
	case "memoryReservation":
		d.integer(&v.MemoryReservation)
	case "portMappings":
		list(d, &v.PortMappings)
	case "essential":
		d.optBoolean(&v.Essential)
	case "restartPolicy":
		pointer(d, &v.RestartPolicy)
	case "entryPoint":
		texts(d, &v.EntryPoint)
	case "command":
		texts(d, &v.Command)
	case "environment":
		list(d, &v.Environment)
	case "environmentFiles":
		list(d, &v.EnvironmentFiles)
	case "secrets":
		list(d, &v.Secrets)
	case "mountPoints":
		list(d, &v.MountPoints)
	case "volumesFrom":
		list(d, &v.VolumesFrom)
	case "links":
		texts(d, &v.Links)
	case "hostname":
		text(d, &v.Hostname)
	case "dnsServers":
		texts(d, &v.DNSServers)
	case "dnsSearchDomains":
		texts(d, &v.DNSSearchDomains)
	case "extraHosts":
		list(d, &v.ExtraHosts)
	case "disableNetworking":
		d.optBoolean(&v.DisableNetworking)
	case "dockerSecurityOptions":
		texts(d, &v.DockerSecurityOptions)
	case "dockerLabels":
		d.textMap(&v.DockerLabels)
	case "privileged":
		d.optBoolean(&v.Privileged)
	case "user":
		text(d, &v.User)
	case "workingDirectory":
		text(d, &v.WorkingDirectory)
	case "readonlyRootFilesystem":
		d.optBoolean(&v.ReadonlyRootFilesystem)
	case "interactive":
		d.optBoolean(&v.Interactive)
	case "pseudoTerminal":
		d.optBoolean(&v.PseudoTerminal)
	case "ulimits":
		list(d, &v.Ulimits)
	case "linuxParameters":
		pointer(d, &v.LinuxParameters)
	case "healthCheck":
		pointer(d, &v.HealthCheck)
	case "dependsOn":
		list(d, &v.DependsOn)
	case "startTimeout":
		d.optInteger(&v.StartTimeout)
	case "stopTimeout":
		d.optInteger(&v.StopTimeout)
	case "logConfiguration":
		pointer(d, &v.LogConfiguration)
	case "firelensConfiguration":
		pointer(d, &v.FirelensConfiguration)
	case "resourceRequirements":
		list(d, &v.ResourceRequirements)
	case "systemControls":
		list(d, &v.SystemControls)
	case "credentialSpecs":
		texts(d, &v.CredentialSpecs)
	default:
		return false
	}
	return true
}

func (v *RepositoryCredentials) field(d *decoder, key string) bool {
	switch key {
	case "credentialsParameter":
		text(d, &v.CredentialsParameter)
	default:
		return false
	}
	return true
}

func (v *PortMapping) field(d *decoder, key string) bool {
	switch key {
	case "containerPort":
		d.integer(&v.ContainerPort)
	case "hostPort":
		d.optInteger(&v.HostPort)
	case "protocol":
		text(d, &v.Protocol)
	case "name":
		text(d, &v.Name)
	case "appProtocol":
		text(d, &v.AppProtocol)
	case "containerPortRange":
		text(d, &v.ContainerPortRange)
	default:
		return false
	}
	return true
}

func (v *ContainerRestartPolicy) field(d *decoder, key string) bool {
	switch key {
	case "enabled":
		d.boolean(&v.Enabled)
	case "ignoredExitCodes":
		d.integers(&v.IgnoredExitCodes)
	case "restartAttemptPeriod":
		d.optInteger(&v.RestartAttemptPeriod)
	default:
		return false
	}
	return true
}

func (v *EnvironmentFile) field(d *decoder, key string) bool {
	switch key {
	case "value":
		text(d, &v.Value)
	case "type":
		text(d, &v.Type)
	default:
		return false
	}
	return true
}

func (v *Secret) field(d *decoder, key string) bool {
	switch key {
	case "name":
		text(d, &v.Name)
	case "valueFrom":
		text(d, &v.ValueFrom)
	default:
		return false
	}
	return true
}

func (v *MountPoint) field(d *decoder, key string) bool {
	switch key {
	case "sourceVolume":
		text(d, &v.SourceVolume)
	case "containerPath":
		text(d, &v.ContainerPath)
	case "readOnly":
		d.optBoolean(&v.ReadOnly)
	default:
		return false
	}
	return true
}

func (v *VolumeFrom) field(d *decoder, key string) bool {
	switch key {
	case "sourceContainer":
		text(d, &v.SourceContainer)
	case "readOnly":
		d.optBoolean(&v.ReadOnly)
	default:
		return false
	}
	return true
}

func (v *HostEntry) field(d *decoder, key string) bool {
	switch key {
	case "hostname":
		text(d, &v.Hostname)
	case "ipAddress":
		text(d, &v.IPAddress)
	default:
		return false
	}
	return true
}

func (v *Ulimit) field(d *decoder, key string) bool {
	switch key {
	case "name":
		text(d, &v.Name)
	case "softLimit":
		d.integer(&v.SoftLimit)
	case "hardLimit":
		d.integer(&v.HardLimit)
	default:
		return false
	}
	return true
}

func (v *LinuxParameters) field(d *decoder, key string) bool {
	switch key {
	case "capabilities":
		pointer(d, &v.Capabilities)
	case "devices":
		list(d, &v.Devices)
	case "initProcessEnabled":
		d.optBoolean(&v.InitProcessEnabled)
	case "maxSwap":
		d.optInteger(&v.MaxSwap)
	case "sharedMemorySize":
		d.optInteger(&v.SharedMemorySize)
	case "swappiness":
		d.optInteger(&v.Swappiness)
	case "tmpfs":
		list(d, &v.Tmpfs)
	default:
		return false
	}
	return true
}

func (v *KernelCapabilities) field(d *decoder, key string) bool {
	switch key {
	case "add":
		texts(d, &v.Add)
	case "drop":
		texts(d, &v.Drop)
	default:
		return false
	}
	return true
}

func (v *Device) field(d *decoder, key string) bool {
	switch key {
	case "hostPath":
		text(d, &v.HostPath)
	case "containerPath":
		text(d, &v.ContainerPath)
	case "permissions":
		texts(d, &v.Permissions)
	default:
		return false
	}
	return true
}

func (v *Tmpfs) field(d *decoder, key string) bool {
	switch key {
	case "containerPath":
		text(d, &v.ContainerPath)
	case "size":
		d.integer(&v.Size)
	case "mountOptions":
		texts(d, &v.MountOptions)
	default:
		return false
	}
	return true
}

func (v *HealthCheck) field(d *decoder, key string) bool {
	switch key {
	case "command":
		texts(d, &v.Command)
	case "interval":
		d.optInteger(&v.Interval)
	case "timeout":
		d.optInteger(&v.Timeout)
	case "retries":
		d.optInteger(&v.Retries)
	case "startPeriod":
		d.optInteger(&v.StartPeriod)
	default:
		return false
	}
	return true
}

func (v *ContainerDependency) field(d *decoder, key string) bool {
	switch key {
	case "containerName":
		text(d, &v.ContainerName)
	case "condition":
		text(d, &v.Condition)
	default:
		return false
	}
	return true
}

func (v *LogConfiguration) field(d *decoder, key string) bool {
	switch key {
	case "logDriver":
		text(d, &v.LogDriver)
	case "options":
		d.textMap(&v.Options)
	case "secretOptions":
		list(d, &v.SecretOptions)
	default:
		return false
	}
	return true
}

func (v *FirelensConfiguration) field(d *decoder, key string) bool {
	switch key {
	case "type":
		text(d, &v.Type)
	case "options":
		d.textMap(&v.Options)
	default:
		return false
	}
	return true
}

func (v *ResourceRequirement) field(d *decoder, key string) bool {
	switch key {
	case "type":
		text(d, &v.Type)
	case "value":
		text(d, &v.Value)
	case "sharingStrategy":
		pointer(d, &v.SharingStrategy)
	default:
		return false
	}
	return true
}

func (v *SystemControl) field(d *decoder, key string) bool {
	switch key {
	case "namespace":
		text(d, &v.Namespace)
	case "value":
		text(d, &v.Value)
	default:
		return false
	}
	return true
}

func (v *SharingStrategy) field(d *decoder, key string) bool {
	switch key {
	case "nvidiaMps":
		pointer(d, &v.NvidiaMps)
	default:
		return false
	}
	return true
}

func (v *NvidiaMps) field(d *decoder, key string) bool {
	switch key {
	case "memory":
		d.optInteger(&v.Memory)
	case "maxComputePercent":
		d.optInteger(&v.MaxComputePercent)
	default:
		return false
	}
	return true
}
