package ecs

// The field methods below tell the decoder where the value of a key goes. They are plain
// switches: no table to build for each call, and none to keep. A test holds them against
// the structs' tags.

func (v *TaskDefinition) field(d *decoder, key string) bool {
	switch key {
	case "family":
		text(d, &v.Family)
	case "taskRoleArn":
		text(d, &v.TaskRoleArn)
	case "executionRoleArn":
		text(d, &v.ExecutionRoleArn)
	case "networkMode":
		text(d, &v.NetworkMode)
	case "containerDefinitions":
		list(d, &v.ContainerDefinitions)
	case "volumes":
		list(d, &v.Volumes)
	case "placementConstraints":
		list(d, &v.PlacementConstraints)
	case "requiresCompatibilities":
		texts(d, &v.RequiresCompatibilities)
	case "cpu":
		text(d, &v.CPU)
	case "memory":
		text(d, &v.Memory)
	case "tags":
		list(d, &v.Tags)
	case "pidMode":
		text(d, &v.PidMode)
	case "ipcMode":
		text(d, &v.IpcMode)
	case "proxyConfiguration":
		pointer(d, &v.ProxyConfiguration)
	case "inferenceAccelerators":
		list(d, &v.InferenceAccelerators)
	case "ephemeralStorage":
		pointer(d, &v.EphemeralStorage)
	case "runtimePlatform":
		pointer(d, &v.RuntimePlatform)
	case "enableFaultInjection":
		d.boolean(&v.EnableFaultInjection)
	case "taskDefinitionArn":
		text(d, &v.TaskDefinitionArn)
	case "revision":
		d.integer(&v.Revision)
	case "status":
		text(d, &v.Status)
	case "requiresAttributes":
		list(d, &v.RequiresAttributes)
	case "compatibilities":
		texts(d, &v.Compatibilities)
	case "registeredAt":
		d.instant(&v.RegisteredAt)
	case "registeredBy":
		text(d, &v.RegisteredBy)
	case "deregisteredAt":
		d.instant(&v.DeregisteredAt)
	case "deleteRequestedAt":
		d.instant(&v.DeleteRequestedAt)
	default:
		return false
	}
	return true
}

func (v *Tag) field(d *decoder, key string) bool {
	switch key {
	case "key":
		text(d, &v.Key)
	case "value":
		text(d, &v.Value)
	default:
		return false
	}
	return true
}

func (v *KeyValuePair) field(d *decoder, key string) bool {
	switch key {
	case "name":
		text(d, &v.Name)
	case "value":
		text(d, &v.Value)
	default:
		return false
	}
	return true
}

func (v *ProxyConfiguration) field(d *decoder, key string) bool {
	switch key {
	case "type":
		text(d, &v.Type)
	case "containerName":
		text(d, &v.ContainerName)
	case "properties":
		list(d, &v.Properties)
	default:
		return false
	}
	return true
}

func (v *InferenceAccelerator) field(d *decoder, key string) bool {
	switch key {
	case "deviceName":
		text(d, &v.DeviceName)
	case "deviceType":
		text(d, &v.DeviceType)
	default:
		return false
	}
	return true
}

func (v *EphemeralStorage) field(d *decoder, key string) bool {
	switch key {
	case "sizeInGiB":
		d.integer(&v.SizeInGiB)
	default:
		return false
	}
	return true
}

func (v *RuntimePlatform) field(d *decoder, key string) bool {
	switch key {
	case "cpuArchitecture":
		text(d, &v.CPUArchitecture)
	case "operatingSystemFamily":
		text(d, &v.OperatingSystemFamily)
	default:
		return false
	}
	return true
}

func (v *Volume) field(d *decoder, key string) bool {
	switch key {
	case "name":
		text(d, &v.Name)
	case "host":
		pointer(d, &v.Host)
	case "dockerVolumeConfiguration":
		pointer(d, &v.DockerVolumeConfiguration)
	case "efsVolumeConfiguration":
		pointer(d, &v.EFSVolumeConfiguration)
	case "fsxWindowsFileServerVolumeConfiguration":
		pointer(d, &v.FSxWindowsFileServerVolumeConfiguration)
	case "s3filesVolumeConfiguration":
		pointer(d, &v.S3FilesVolumeConfiguration)
	case "configuredAtLaunch":
		d.boolean(&v.ConfiguredAtLaunch)
	default:
		return false
	}
	return true
}

func (v *HostVolumeProperties) field(d *decoder, key string) bool {
	switch key {
	case "sourcePath":
		text(d, &v.SourcePath)
	default:
		return false
	}
	return true
}

func (v *DockerVolumeConfiguration) field(d *decoder, key string) bool {
	switch key {
	case "scope":
		text(d, &v.Scope)
	case "autoprovision":
		d.optBoolean(&v.Autoprovision)
	case "driver":
		text(d, &v.Driver)
	case "driverOpts":
		d.textMap(&v.DriverOpts)
	case "labels":
		d.textMap(&v.Labels)
	default:
		return false
	}
	return true
}

func (v *EFSVolumeConfiguration) field(d *decoder, key string) bool {
	switch key {
	case "fileSystemId":
		text(d, &v.FileSystemID)
	case "rootDirectory":
		text(d, &v.RootDirectory)
	case "transitEncryption":
		text(d, &v.TransitEncryption)
	case "transitEncryptionPort":
		d.optInteger(&v.TransitEncryptionPort)
	case "authorizationConfig":
		pointer(d, &v.AuthorizationConfig)
	default:
		return false
	}
	return true
}

func (v *EFSAuthorizationConfig) field(d *decoder, key string) bool {
	switch key {
	case "accessPointId":
		text(d, &v.AccessPointID)
	case "iam":
		text(d, &v.IAM)
	default:
		return false
	}
	return true
}

func (v *FSxWindowsFileServerVolumeConfiguration) field(d *decoder, key string) bool {
	switch key {
	case "fileSystemId":
		text(d, &v.FileSystemID)
	case "rootDirectory":
		text(d, &v.RootDirectory)
	case "authorizationConfig":
		pointer(d, &v.AuthorizationConfig)
	default:
		return false
	}
	return true
}

func (v *FSxWindowsFileServerAuthorizationConfig) field(d *decoder, key string) bool {
	switch key {
	case "credentialsParameter":
		text(d, &v.CredentialsParameter)
	case "domain":
		text(d, &v.Domain)
	default:
		return false
	}
	return true
}

func (v *S3FilesVolumeConfiguration) field(d *decoder, key string) bool {
	switch key {
	case "fileSystemArn":
		text(d, &v.FileSystemArn)
	case "rootDirectory":
		text(d, &v.RootDirectory)
	case "transitEncryptionPort":
		d.optInteger(&v.TransitEncryptionPort)
	case "accessPointArn":
		text(d, &v.AccessPointArn)
	default:
		return false
	}
	return true
}

func (v *PlacementConstraint) field(d *decoder, key string) bool {
	switch key {
	case "type":
		text(d, &v.Type)
	case "expression":
		text(d, &v.Expression)
	default:
		return false
	}
	return true
}

func (v *Attribute) field(d *decoder, key string) bool {
	switch key {
	case "name":
		text(d, &v.Name)
	case "value":
		text(d, &v.Value)
	case "targetType":
		text(d, &v.TargetType)
	case "targetId":
		text(d, &v.TargetID)
	default:
		return false
	}
	return true
}
