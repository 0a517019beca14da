package ecstest

import "github.com/bayplan/bayplan/ecs"

func fargateFaults() []Fault {
	type td = *ecs.TaskDefinition
	type cd = *ecs.ContainerDefinition
	type vol = *ecs.Volume
	linux := func(l ecs.LinuxParameters) func(c cd) { return func(c cd) { c.LinuxParameters = &l } }
	logs := func(driver ecs.LogDriver) func(c cd) {
		return func(c cd) {
			c.LogConfiguration = &ecs.LogConfiguration{LogDriver: driver,
				Options: map[string]string{"awslogs-group": "web", "awslogs-region": "us-east-1"}}
		}
	}
	without := func(rule string, change func(c cd)) Fault {
		return Fault{rule, KindFargate, func(d *ecs.TaskDefinition) string {
			withoutRole(d)
			add(d, "", change)
			return "executionRoleArn"
		}}
	}
	return []Fault{
		changed("Fargate without a network mode", KindFargate, "networkMode", func(d td) { d.NetworkMode = "" }),
		changed("Fargate with host", KindFargate, "networkMode", func(d td) { d.NetworkMode = ecs.NetworkModeHost }),
		changed("Fargate without cpu", KindFargate, "cpu", func(d td) { d.CPU = "" }),
		changed("Fargate without memory", KindFargate, "memory", func(d td) { d.Memory = "" }),
		changed("Fargate with a cpu that it does not have", KindFargate, "cpu", func(d td) { d.CPU = "300" }),
		changed("Fargate with a memory that its cpu does not have", KindFargate, "memory", func(d td) {
			d.CPU, d.Memory = "2048", "3072"
		}),
		changed("Fargate with 8 vCPU off the steps", KindFargate, "memory", func(d td) {
			d.CPU, d.Memory = "8192", "17408"
		}),
		changed("Fargate with constraints", KindFargate, "placementConstraints", func(d td) {
			d.PlacementConstraints = []ecs.PlacementConstraint{{Type: ecs.PlacementConstraintTypeMemberOf,
				Expression: "attribute:stack == prod"}}
		}),
		changed("Fargate with ipcMode", KindFargate, "ipcMode", func(d td) { d.IpcMode = ecs.IpcModeTask }),
		changed("Fargate with pidMode host", KindFargate, "pidMode", func(d td) { d.PidMode = ecs.PidModeHost }),
		volume("Fargate with a Docker volume", KindFargate, "dockerVolumeConfiguration", func(v vol) {
			v.DockerVolumeConfiguration = &ecs.DockerVolumeConfiguration{}
		}),
		volume("Fargate with a host path", KindFargate, "host.sourcePath", func(v vol) {
			v.Host = &ecs.HostVolumeProperties{SourcePath: "/var"}
		}),
		volume("Fargate with FSx", KindFargate, "fsxWindowsFileServerVolumeConfiguration", func(v vol) {
			v.FSxWindowsFileServerVolumeConfiguration = &ecs.FSxWindowsFileServerVolumeConfiguration{
				FileSystemID: "fs-1", RootDirectory: "share",
				AuthorizationConfig: &ecs.FSxWindowsFileServerAuthorizationConfig{CredentialsParameter: "s",
					Domain: "d"},
			}
		}),
		planted("Fargate with a privileged container", KindFargate, "privileged", func(c cd) {
			c.Privileged = ecs.Some(true)
		}),
		planted("Fargate with security options", KindFargate, "dockerSecurityOptions", func(c cd) {
			c.DockerSecurityOptions = []string{"no-new-privileges"}
		}),
		planted("Fargate with a GPU", KindFargate, "resourceRequirements[0]", func(c cd) {
			c.ResourceRequirements = []ecs.ResourceRequirement{{Type: ecs.ResourceTypeGpu, Value: "1"}}
		}),
		planted("Fargate start timeout of 121 s", KindFargate, "startTimeout", func(c cd) {
			c.StartTimeout = ecs.Some(121)
		}),
		planted("Fargate stop timeout of 121 s", KindFargate, "stopTimeout", func(c cd) {
			c.StopTimeout = ecs.Some(121)
		}),
		planted("Fargate stop timeout of 1 s", KindFargate, "stopTimeout", func(c cd) { c.StopTimeout = ecs.Some(1) }),
		planted("Fargate with devices", KindFargate, "linuxParameters.devices",
			linux(ecs.LinuxParameters{Devices: []ecs.Device{{HostPath: "/dev/fuse"}}})),
		planted("Fargate with shared memory", KindFargate, "linuxParameters.sharedMemorySize",
			linux(ecs.LinuxParameters{SharedMemorySize: ecs.Some(64)})),
		planted("Fargate with swap", KindFargate, "linuxParameters.maxSwap",
			linux(ecs.LinuxParameters{MaxSwap: ecs.Some(64)})),
		planted("Fargate with swappiness", KindFargate, "linuxParameters.swappiness",
			linux(ecs.LinuxParameters{Swappiness: ecs.Some(60)})),
		planted("Fargate with tmpfs", KindFargate, "linuxParameters.tmpfs",
			linux(ecs.LinuxParameters{Tmpfs: []ecs.Tmpfs{{ContainerPath: "/tmp", Size: 64}}})),
		planted("Fargate with a capability", KindFargate, "linuxParameters.capabilities.add[0]",
			linux(ecs.LinuxParameters{Capabilities: &ecs.KernelCapabilities{Add: []string{"NET_ADMIN"}}})),
		planted("Fargate with json-file", KindFargate, "logConfiguration.logDriver", logs(ecs.LogDriverJsonFile)),
		planted("Fargate awslogs without a prefix", KindFargate, "logConfiguration.options",
			logs(ecs.LogDriverAwslogs)),
		planted("Fargate router configured from S3", KindFargate, "firelensConfiguration.options.config-file-type",
			func(c cd) {
				c.FirelensConfiguration = &ecs.FirelensConfiguration{Type: ecs.FirelensConfigurationTypeFluentbit,
					Options: map[string]string{
						"config-file-type": "s3", "config-file-value": "arn:aws:s3:::bucket/fluent.conf",
					}}
			}),
		without("Fargate awslogs without an execution role", func(c cd) {
			c.LogConfiguration = &ecs.LogConfiguration{LogDriver: ecs.LogDriverAwslogs, Options: map[string]string{
				"awslogs-group": "web", "awslogs-region": "us-east-1", "awslogs-stream-prefix": "web",
			}}
		}),
		without("Fargate private image without an execution role", func(c cd) {
			c.Image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/web"
		}),
		changed("Fargate on Windows Server 2016", KindFargateWindows, "runtimePlatform.operatingSystemFamily",
			func(d td) {
				d.RuntimePlatform.OperatingSystemFamily = ecs.OSFamilyWindowsServer2016Full
			}),
		changed("Fargate Windows of half a vCPU", KindFargateWindows, "memory", func(d td) {
			d.CPU, d.Memory = "512", "4096"
		}),
		volume("Fargate Windows with EFS", KindFargateWindows, "efsVolumeConfiguration", func(v vol) {
			v.EFSVolumeConfiguration = &ecs.EFSVolumeConfiguration{FileSystemID: "fs-1"}
		}),
		planted("Fargate Windows with a router", KindFargateWindows, "firelensConfiguration", func(c cd) {
			c.FirelensConfiguration = &ecs.FirelensConfiguration{Type: ecs.FirelensConfigurationTypeFluentbit}
		}),
		planted("Fargate Windows with environment files", KindFargateWindows, "environmentFiles", func(c cd) {
			c.EnvironmentFiles = []ecs.EnvironmentFile{{Type: ecs.EnvironmentFileTypeS3,
				Value: "arn:aws:s3:::bucket/web.env"}}
		}),
		planted("Fargate Windows with a reservation", KindFargateWindows, "memoryReservation", func(c cd) {
			c.MemoryReservation = 32
		}),
		planted("Fargate Windows with restarts", KindFargateWindows, "restartPolicy", func(c cd) {
			c.RestartPolicy = &ecs.ContainerRestartPolicy{Enabled: true}
		}),
		planted("Fargate Windows with gMSA", KindFargateWindows, "credentialSpecs", func(c cd) {
			c.CredentialSpecs = []string{"credentialspec:arn"}
		}),
		planted("Fargate Windows with port 3150", KindFargateWindows, "portMappings[0].containerPort",
			ports(ecs.PortMapping{ContainerPort: 3150})),
	}
}

// otherFaults are those of Windows, external instances and Managed Instances.
func otherFaults() []Fault {
	type td = *ecs.TaskDefinition
	type cd = *ecs.ContainerDefinition
	type vol = *ecs.Volume
	proxy := func(d td) {
		d.ProxyConfiguration = &ecs.ProxyConfiguration{ContainerName: "container0", Properties: []ecs.KeyValuePair{
			{Name: "IgnoredUID", Value: "1337"}, {Name: "ProxyIngressPort", Value: "15000"},
			{Name: "ProxyEgressPort", Value: "15001"}, {Name: "AppPorts", Value: "9080"},
		}}
	}
	return []Fault{
		changed("Windows with pidMode", KindWindows, "pidMode", func(d td) { d.PidMode = ecs.PidModeTask }),
		changed("Windows with ipcMode", KindWindows, "ipcMode", func(d td) { d.IpcMode = ecs.IpcModeTask }),
		changed("Windows with host", KindWindows, "networkMode", func(d td) {
			d.NetworkMode = ecs.NetworkModeHost
			for i := range d.ContainerDefinitions {
				d.ContainerDefinitions[i].PortMappings = nil
			}
		}),
		volume("Windows with a volume driver", KindWindows, "dockerVolumeConfiguration.driver", func(v vol) {
			v.DockerVolumeConfiguration = &ecs.DockerVolumeConfiguration{Driver: "rexray"}
		}),
		planted("Windows with disabled networking", KindWindows, "disableNetworking", func(c cd) {
			c.DisableNetworking = ecs.Some(true)
		}),
		planted("Windows with DNS servers", KindWindows, "dnsServers", func(c cd) {
			c.DNSServers = []string{"10.0.0.2"}
		}),
		planted("Windows with DNS search domains", KindWindows, "dnsSearchDomains", func(c cd) {
			c.DNSSearchDomains = []string{"example.com"}
		}),
		planted("Windows with extra hosts", KindWindows, "extraHosts", func(c cd) {
			c.ExtraHosts = []ecs.HostEntry{{Hostname: "db", IPAddress: "10.0.0.1"}}
		}),
		planted("Windows with links", KindWindows, "links", func(c cd) { c.Links = []string{"container0"} }),
		planted("Windows with Linux parameters", KindWindows, "linuxParameters", func(c cd) {
			c.LinuxParameters = &ecs.LinuxParameters{InitProcessEnabled: ecs.Some(true)}
		}),
		planted("Windows with a privileged container", KindWindows, "privileged", func(c cd) {
			c.Privileged = ecs.Some(true)
		}),
		planted("Windows with a read-only root", KindWindows, "readonlyRootFilesystem", func(c cd) {
			c.ReadonlyRootFilesystem = ecs.Some(true)
		}),
		planted("Windows with a user", KindWindows, "user", func(c cd) { c.User = "web" }),
		planted("Windows with ulimits", KindWindows, "ulimits", func(c cd) {
			c.Ulimits = []ecs.Ulimit{{Name: ecs.UlimitNameCore}}
		}),
		planted("Windows with system controls", KindWindows, "systemControls", func(c cd) {
			c.SystemControls = []ecs.SystemControl{{Namespace: "net.core.somaxconn", Value: "1"}}
		}),
		planted("Windows with a GPU", KindWindows, "resourceRequirements[0]", func(c cd) {
			c.ResourceRequirements = []ecs.ResourceRequirement{{Type: ecs.ResourceTypeGpu, Value: "1"}}
		}),
		changed("external with awsvpc", KindExternal, "networkMode", func(d td) {
			d.NetworkMode = ecs.NetworkModeAwsvpc
			for i := range d.ContainerDefinitions {
				d.ContainerDefinitions[i].PortMappings = nil
			}
		}),
		volume("external with EFS", KindExternal, "efsVolumeConfiguration", func(v vol) {
			v.EFSVolumeConfiguration = &ecs.EFSVolumeConfiguration{FileSystemID: "fs-1"}
		}),
		volume("external with FSx", KindExternal, "fsxWindowsFileServerVolumeConfiguration", func(v vol) {
			v.FSxWindowsFileServerVolumeConfiguration = &ecs.FSxWindowsFileServerVolumeConfiguration{
				FileSystemID: "fs-1", RootDirectory: "share",
				AuthorizationConfig: &ecs.FSxWindowsFileServerAuthorizationConfig{CredentialsParameter: "s",
					Domain: "d"},
			}
		}),
		planted("external with Neuron devices", KindExternal, "resourceRequirements[0]", func(c cd) {
			c.ResourceRequirements = []ecs.ResourceRequirement{{Type: ecs.ResourceTypeNeuronDevice, Value: "ALL"}}
		}),
		changed("managed instances with none", KindManagedInstances, "networkMode", func(d td) {
			d.NetworkMode = ecs.NetworkModeNone
			for i := range d.ContainerDefinitions {
				d.ContainerDefinitions[i].PortMappings = nil
			}
		}),
		changed("managed instances with Windows", KindManagedInstances, "runtimePlatform.operatingSystemFamily",
			func(d td) {
				d.RuntimePlatform = &ecs.RuntimePlatform{OperatingSystemFamily: ecs.OSFamilyWindowsServer2022Core}
				for i := range d.ContainerDefinitions {
					d.ContainerDefinitions[i].Ulimits = nil
				}
			}),
		changed("managed instances with a proxy", KindManagedInstances, "proxyConfiguration", proxy),
		volume("managed instances with a Docker volume", KindManagedInstances, "dockerVolumeConfiguration",
			func(v vol) { v.DockerVolumeConfiguration = &ecs.DockerVolumeConfiguration{} }),
		planted("managed instances with security options", KindManagedInstances, "dockerSecurityOptions",
			func(c cd) { c.DockerSecurityOptions = []string{"no-new-privileges"} }),
		planted("managed instances start timeout of 601 s", KindManagedInstances, "startTimeout", func(c cd) {
			c.StartTimeout = ecs.Some(601)
		}),
		planted("managed instances stop timeout of 86401 s", KindManagedInstances, "stopTimeout", func(c cd) {
			c.StopTimeout = ecs.Some(86401)
		}),
		planted("managed instances with syslog", KindManagedInstances, "logConfiguration.logDriver", func(c cd) {
			c.LogConfiguration = &ecs.LogConfiguration{LogDriver: ecs.LogDriverSyslog}
		}),
		{"managed instances private image without an execution role", KindManagedInstances,
			func(d *ecs.TaskDefinition) string {
				withoutRole(d)
				add(d, "", func(c cd) { c.Image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/web" })
				return "executionRoleArn"
			}},
		{"managed instances hostname under host", KindManagedInstances, func(d *ecs.TaskDefinition) string {
			d.NetworkMode = ecs.NetworkModeHost
			return add(d, "hostname", func(c cd) { c.Hostname = "web" })
		}},
	}
}
