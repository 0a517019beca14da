package ecstest

import (
	"fmt"

	"github.com/bayplan/bayplan/ecs"
)

func volumeFaults() []Fault {
	type cd = *ecs.ContainerDefinition
	type vol = *ecs.Volume
	efs := func(change func(e *ecs.EFSVolumeConfiguration)) func(v vol) {
		return func(v vol) {
			v.EFSVolumeConfiguration = &ecs.EFSVolumeConfiguration{
				FileSystemID: "fs-1", TransitEncryption: ecs.EFSTransitEncryptionEnabled,
				AuthorizationConfig: &ecs.EFSAuthorizationConfig{},
			}
			change(v.EFSVolumeConfiguration)
		}
	}
	fsx := func(change func(f *ecs.FSxWindowsFileServerVolumeConfiguration)) func(v vol) {
		return func(v vol) {
			v.FSxWindowsFileServerVolumeConfiguration = &ecs.FSxWindowsFileServerVolumeConfiguration{
				FileSystemID: "fs-1", RootDirectory: "share",
				AuthorizationConfig: &ecs.FSxWindowsFileServerAuthorizationConfig{CredentialsParameter: "secret",
					Domain: "example.com"},
			}
			change(v.FSxWindowsFileServerVolumeConfiguration)
		}
	}
	const efsPath, fsxPath = "efsVolumeConfiguration.", "fsxWindowsFileServerVolumeConfiguration."
	return []Fault{
		volume("volume without a name", KindBridge, "name", func(v vol) { v.Name = "" }),
		volume("volume name with a slash", KindBridge, "name", func(v vol) { v.Name = "a/b" }),
		{"two volumes of one name", KindBridge, func(d *ecs.TaskDefinition) string {
			d.Volumes = append(d.Volumes, ecs.Volume{Name: "planted"}, ecs.Volume{Name: "planted"})
			return fmt.Sprintf("volumes[%d].name", len(d.Volumes)-1)
		}},
		volume("volume of two kinds", KindBridge, "", func(v vol) {
			v.Host = &ecs.HostVolumeProperties{SourcePath: "/var"}
			v.DockerVolumeConfiguration = &ecs.DockerVolumeConfiguration{}
		}),
		volume("volume at launch that nothing mounts", KindAwsvpc, "", func(v vol) { v.ConfiguredAtLaunch = true }),
		{"two volumes at launch", KindAwsvpc, func(d *ecs.TaskDefinition) string {
			d.Volumes = append(d.Volumes, ecs.Volume{Name: "launch1", ConfiguredAtLaunch: true},
				ecs.Volume{Name: "launch2", ConfiguredAtLaunch: true})
			add(d, "", func(c cd) {
				c.MountPoints = []ecs.MountPoint{{SourceVolume: "launch1", ContainerPath: "/1"},
					{SourceVolume: "launch2", ContainerPath: "/2"}}
			})
			return fmt.Sprintf("volumes[%d].configuredAtLaunch", len(d.Volumes)-1)
		}},
		{"volume at launch of a kind", KindAwsvpc, func(d *ecs.TaskDefinition) string {
			d.Volumes = append(d.Volumes, ecs.Volume{Name: "launch1", ConfiguredAtLaunch: true,
				Host: &ecs.HostVolumeProperties{SourcePath: "/var"}})
			add(d, "", func(c cd) { c.MountPoints = []ecs.MountPoint{{SourceVolume: "launch1", ContainerPath: "/1"}} })
			return fmt.Sprintf("volumes[%d]", len(d.Volumes)-1)
		}},
		volume("unknown scope of a Docker volume", KindBridge, "dockerVolumeConfiguration.scope", func(v vol) {
			v.DockerVolumeConfiguration = &ecs.DockerVolumeConfiguration{Scope: "host"}
		}),
		volume("Docker volume of a task that is not to be made", KindBridge, "dockerVolumeConfiguration.autoprovision",
			func(v vol) {
				v.DockerVolumeConfiguration = &ecs.DockerVolumeConfiguration{Scope: ecs.ScopeTask,
					Autoprovision: ecs.Some(false)}
			}),
		volume("EFS without a file system", KindBridge, efsPath+"fileSystemId",
			efs(func(e *ecs.EFSVolumeConfiguration) { e.FileSystemID = "" })),
		volume("unknown transit encryption", KindBridge, efsPath+"transitEncryption",
			efs(func(e *ecs.EFSVolumeConfiguration) { e.TransitEncryption = "TLS" })),
		volume("EFS port without encryption", KindBridge, efsPath+"transitEncryptionPort",
			efs(func(e *ecs.EFSVolumeConfiguration) {
				e.TransitEncryption, e.TransitEncryptionPort = "", ecs.Some(2049)
			})),
		volume("EFS port 65536", KindBridge, efsPath+"transitEncryptionPort", efs(func(e *ecs.EFSVolumeConfiguration) {
			e.TransitEncryptionPort = ecs.Some(65536)
		})),
		volume("EFS authorization without encryption", KindBridge, efsPath+"authorizationConfig.iam",
			efs(func(e *ecs.EFSVolumeConfiguration) {
				e.TransitEncryption, e.AuthorizationConfig.IAM = ecs.EFSTransitEncryptionDisabled,
					ecs.EFSAuthorizationConfigIAMEnabled
			})),
		volume("unknown EFS authorization", KindBridge, efsPath+"authorizationConfig.iam",
			efs(func(e *ecs.EFSVolumeConfiguration) { e.AuthorizationConfig.IAM = "YES" })),
		volume("EFS access point with a root", KindBridge, efsPath+"rootDirectory",
			efs(func(e *ecs.EFSVolumeConfiguration) {
				e.RootDirectory, e.AuthorizationConfig.AccessPointID = "/data", "fsap-1"
			})),
		volume("EFS access point without encryption", KindBridge, efsPath+"authorizationConfig.accessPointId",
			efs(func(e *ecs.EFSVolumeConfiguration) {
				e.TransitEncryption, e.AuthorizationConfig.AccessPointID = "", "fsap-1"
			})),
		volume("FSx without a file system", KindWindows, fsxPath+"fileSystemId",
			fsx(func(f *ecs.FSxWindowsFileServerVolumeConfiguration) { f.FileSystemID = "" })),
		volume("FSx without a root", KindWindows, fsxPath+"rootDirectory",
			fsx(func(f *ecs.FSxWindowsFileServerVolumeConfiguration) { f.RootDirectory = "" })),
		volume("FSx without authorization", KindWindows, fsxPath+"authorizationConfig",
			fsx(func(f *ecs.FSxWindowsFileServerVolumeConfiguration) { f.AuthorizationConfig = nil })),
		volume("FSx without credentials", KindWindows, fsxPath+"authorizationConfig.credentialsParameter",
			fsx(func(f *ecs.FSxWindowsFileServerVolumeConfiguration) {
				f.AuthorizationConfig.CredentialsParameter = ""
			})),
		volume("FSx without a domain", KindWindows, fsxPath+"authorizationConfig.domain",
			fsx(func(f *ecs.FSxWindowsFileServerVolumeConfiguration) { f.AuthorizationConfig.Domain = "" })),
		volume("S3 files without a file system", KindAwsvpc, "s3filesVolumeConfiguration.fileSystemArn",
			func(v vol) { v.S3FilesVolumeConfiguration = &ecs.S3FilesVolumeConfiguration{} }),
		planted("mount of no volume", KindBridge, "mountPoints[0].sourceVolume", func(c cd) {
			c.MountPoints = []ecs.MountPoint{{SourceVolume: "nope", ContainerPath: "/data"}}
		}),
		planted("volumes from no container", KindBridge, "volumesFrom[0].sourceContainer", func(c cd) {
			c.VolumesFrom = []ecs.VolumeFrom{{SourceContainer: "nope"}}
		}),
	}
}

func loggingFaults() []Fault {
	type cd = *ecs.ContainerDefinition
	logs := func(driver ecs.LogDriver, options map[string]string) func(c cd) {
		return func(c cd) { c.LogConfiguration = &ecs.LogConfiguration{LogDriver: driver, Options: options} }
	}
	router := func(f ecs.FirelensConfiguration) func(c cd) {
		return func(c cd) { c.FirelensConfiguration = &f }
	}
	return []Fault{
		planted("no log driver", KindBridge, "logConfiguration.logDriver", logs("", nil)),
		planted("unknown log driver", KindBridge, "logConfiguration.logDriver", logs("loki", nil)),
		planted("awslogs without a group", KindBridge, "logConfiguration.options",
			logs(ecs.LogDriverAwslogs, map[string]string{"awslogs-region": "us-east-1"})),
		planted("awslogs without a region", KindBridge, "logConfiguration.options",
			logs(ecs.LogDriverAwslogs, map[string]string{"awslogs-group": "web"})),
		planted("awslogs with another driver's option", KindBridge, "logConfiguration.options.max-file",
			logs(ecs.LogDriverAwslogs, map[string]string{
				"awslogs-group": "web", "awslogs-region": "us-east-1", "max-file": "2",
			})),
		planted("awslogs that is not to make its group", KindBridge, "logConfiguration.options.awslogs-create-group",
			logs(ecs.LogDriverAwslogs, map[string]string{
				"awslogs-group": "web", "awslogs-region": "us-east-1", "awslogs-create-group": "false",
			})),
		planted("awsfirelens without a router", KindBridge, "logConfiguration.logDriver",
			logs(ecs.LogDriverAwsfirelens, nil)),
		planted("log secret without a name", KindBridge, "logConfiguration.secretOptions[0].name", func(c cd) {
			c.LogConfiguration = &ecs.LogConfiguration{LogDriver: ecs.LogDriverSplunk,
				SecretOptions: []ecs.Secret{{ValueFrom: "token"}}}
		}),
		planted("router of unknown type", KindBridge, "firelensConfiguration.type",
			router(ecs.FirelensConfiguration{Type: "logstash"})),
		planted("router without a type", KindBridge, "firelensConfiguration.type", router(ecs.FirelensConfiguration{})),
		planted("router with a configuration of no kind", KindBridge, "firelensConfiguration.options.config-file-type",
			router(ecs.FirelensConfiguration{
				Type: ecs.FirelensConfigurationTypeFluentbit, Options: map[string]string{"config-file-type": "http",
					"config-file-value": "x"},
			})),
		planted("router with a configuration of no place", KindBridge, "firelensConfiguration.options",
			router(ecs.FirelensConfiguration{
				Type: ecs.FirelensConfigurationTypeFluentbit, Options: map[string]string{"config-file-type": "file"},
			})),
		{"two routers", KindBridge, func(d *ecs.TaskDefinition) string {
			add(d, "", router(ecs.FirelensConfiguration{Type: ecs.FirelensConfigurationTypeFluentbit}))
			return add(d, "firelensConfiguration", func(c cd) {
				c.Name, c.FirelensConfiguration = "second",
					&ecs.FirelensConfiguration{Type: ecs.FirelensConfigurationTypeFluentd}
			})
		}},
	}
}

func linuxFaults() []Fault {
	type cd = *ecs.ContainerDefinition
	linux := func(l ecs.LinuxParameters) func(c cd) { return func(c cd) { c.LinuxParameters = &l } }
	limit := func(u ecs.Ulimit) func(c cd) { return func(c cd) { c.Ulimits = []ecs.Ulimit{u} } }
	needs := func(list ...ecs.ResourceRequirement) func(c cd) {
		return func(c cd) { c.ResourceRequirements = list }
	}
	mps := &ecs.SharingStrategy{NvidiaMps: &ecs.NvidiaMps{MaxComputePercent: ecs.Some(50)}}
	return []Fault{
		planted("soft limit above the hard one", KindBridge, "ulimits[0].softLimit",
			limit(ecs.Ulimit{Name: ecs.UlimitNameNofile, SoftLimit: 2, HardLimit: 1})),
		planted("soft limit without end, hard one with", KindBridge, "ulimits[0].softLimit",
			limit(ecs.Ulimit{Name: ecs.UlimitNameMemlock, SoftLimit: -1, HardLimit: 1})),
		planted("unknown ulimit", KindBridge, "ulimits[0].name", limit(ecs.Ulimit{Name: "files"})),
		planted("device without a path", KindBridge, "linuxParameters.devices[0].hostPath",
			linux(ecs.LinuxParameters{Devices: []ecs.Device{{}}})),
		planted("unknown device permission", KindBridge, "linuxParameters.devices[0].permissions[0]",
			linux(ecs.LinuxParameters{
				Devices: []ecs.Device{{HostPath: "/dev/fuse", Permissions: []ecs.DeviceCgroupPermission{"rwm"}}},
			})),
		planted("negative swap", KindBridge, "linuxParameters.maxSwap",
			linux(ecs.LinuxParameters{MaxSwap: ecs.Some(-1)})),
		planted("swappiness of 101", KindBridge, "linuxParameters.swappiness",
			linux(ecs.LinuxParameters{Swappiness: ecs.Some(101)})),
		planted("negative shared memory", KindBridge, "linuxParameters.sharedMemorySize",
			linux(ecs.LinuxParameters{SharedMemorySize: ecs.Some(-1)})),
		planted("tmpfs without a path", KindBridge, "linuxParameters.tmpfs[0].containerPath",
			linux(ecs.LinuxParameters{Tmpfs: []ecs.Tmpfs{{Size: 1}}})),
		planted("tmpfs without a size", KindBridge, "linuxParameters.tmpfs[0].size",
			linux(ecs.LinuxParameters{Tmpfs: []ecs.Tmpfs{{ContainerPath: "/tmp"}}})),
		planted("resource without a type", KindBridge, "resourceRequirements[0].type",
			needs(ecs.ResourceRequirement{Value: "1"})),
		planted("unknown resource", KindBridge, "resourceRequirements[0].type",
			needs(ecs.ResourceRequirement{Type: "TPU", Value: "1"})),
		planted("inference accelerator", KindBridge, "resourceRequirements[0].type",
			needs(ecs.ResourceRequirement{Type: ecs.ResourceTypeInferenceAccelerator, Value: "device"})),
		planted("no number of GPUs", KindBridge, "resourceRequirements[0].value",
			needs(ecs.ResourceRequirement{Type: ecs.ResourceTypeGpu, Value: "some"})),
		planted("a third of a GPU", KindBridge, "resourceRequirements[0].value",
			needs(ecs.ResourceRequirement{Type: ecs.ResourceTypeGpu, Value: "0.33"})),
		planted("GPU by value and by sharing", KindBridge, "resourceRequirements[0].sharingStrategy",
			needs(ecs.ResourceRequirement{Type: ecs.ResourceTypeGpu, Value: "1", SharingStrategy: mps})),
		planted("GPUs asked for in two ways", KindBridge, "resourceRequirements[1]", needs(
			ecs.ResourceRequirement{Type: ecs.ResourceTypeGpu, Value: "1"},
			ecs.ResourceRequirement{Type: ecs.ResourceTypeGpu, SharingStrategy: mps})),
		planted("101 percent of a GPU", KindBridge,
			"resourceRequirements[0].sharingStrategy.nvidiaMps.maxComputePercent", needs(ecs.ResourceRequirement{
				Type:            ecs.ResourceTypeGpu,
				SharingStrategy: &ecs.SharingStrategy{NvidiaMps: &ecs.NvidiaMps{MaxComputePercent: ecs.Some(101)}},
			})),
		planted("one Neuron device", KindAwsvpc, "resourceRequirements[0].value",
			needs(ecs.ResourceRequirement{Type: ecs.ResourceTypeNeuronDevice, Value: "1"})),
		{"Neuron devices in two containers", KindAwsvpc, func(d *ecs.TaskDefinition) string {
			neuron := needs(ecs.ResourceRequirement{Type: ecs.ResourceTypeNeuronDevice, Value: "ALL"})
			add(d, "", neuron)
			return add(d, "resourceRequirements[0].type", func(c cd) { c.Name = "second"; neuron(c) })
		}},
	}
}
