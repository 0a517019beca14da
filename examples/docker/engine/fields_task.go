package engine

import "github.com/bayplan/bayplan/ecs"

// taskRows are the fields of a task definition besides its containers.
func taskRows() []row {
	const plane = "the control plane's: the engine is not asked"
	type d = ecs.TaskDefinition
	type c = ecs.ContainerDefinition
	return []row{
		done("family", "a label, and part of the containers' names"),
		done("taskRoleArn", "Config.Environment says where its credentials are"),
		done("executionRoleArn", "Config.Login, Config.Secrets and Config.Objects get the task"),
		checked("networkMode", Done,
			"bridge, host and none are the engine's; awsvpc is a pause container on a network of "+
				"its own, whose namespace the others join", (*Runtime).refuseNetwork),
		done("volumes[].name", "part of the name of a volume that ends with its task"),
		checked("volumes[].host", Done,
			"Binds if Config.Allow has its sourcePath; without one a volume that ends with its "+
				"task", (*Runtime).refuseHostVolumes),
		done("volumes[].dockerVolumeConfiguration.scope", "a volume that ends with its task, or stays"),
		done("volumes[].dockerVolumeConfiguration.autoprovision", "a shared volume is made, or must exist"),
		done("volumes[].dockerVolumeConfiguration.driver", "VolumeCreate"),
		checked("volumes[].dockerVolumeConfiguration.driverOpts", Done,
			"VolumeCreate; a device must be among the allowed "+
				"mounts", (*Runtime).refuseDriverOptions),
		done("volumes[].dockerVolumeConfiguration.labels", "VolumeCreate"),
		checked("volumes[].efsVolumeConfiguration", Refused, noEFS, refuseEFS),
		checked("volumes[].fsxWindowsFileServerVolumeConfiguration", Refused, noFSx, refuseFSx),
		checked("volumes[].s3filesVolumeConfiguration", Refused, noS3Files, refuseS3Files),
		checked("volumes[].configuredAtLaunch", Refused, noEBS, refuseAtLaunch),
		done("placementConstraints", plane),
		done("requiresCompatibilities", plane),
		nearly("cpu", "a control group of the task where Config.ControlGroups has one; elsewhere NanoCPUs of each "+
			"container, at most what the host has: containers do not share the task's"),
		nearly("memory", "a control group of the task where Config.ControlGroups has one; elsewhere Memory of each "+
			"container without one: containers do not share the task's"),
		done("tags", plane),
		checked("pidMode", Done, "PidMode: host, or that of the pause container", (*Runtime).refuseHostPid),
		checked("ipcMode", Done, "IpcMode: host, none, or that of the pause container", (*Runtime).refuseHostIpc),
		never("proxyConfiguration", "traffic is not redirected", func(d d,
			_ c) bool {
			return d.ProxyConfiguration != nil
		}),
		never("inferenceAccelerators", "Elastic Inference is retired",
			func(d d, _ c) bool { return len(d.InferenceAccelerators) > 0 }),
		nearly("ephemeralStorage", "no effect: the engine's storage drivers do not limit it"),
		checked("runtimePlatform", Done, "another system or processor than the engine's is refused",
			(*Runtime).refusePlatform),
		nearly("enableFaultInjection", "no effect: there is no endpoint for it"),
		done("taskDefinitionArn", plane),
		done("revision", "a label, and part of the containers' names"),
		done("status", plane),
		done("requiresAttributes", "Runtime.Attributes has what the engine offers"),
		done("compatibilities", plane),
		done("registeredAt", plane),
		done("registeredBy", plane),
		done("deregisteredAt", plane),
		done("deleteRequestedAt", plane),
	}
}
