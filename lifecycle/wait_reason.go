package lifecycle

// WaitReason is what a task on its way to RUNNING waits for.
type WaitReason string

// The values of WaitReason, in the order in which a task meets them.
const (
	WaitReasonRoom             WaitReason = "ROOM"              // no instance has room, but one may come
	WaitReasonNetworkInterface WaitReason = "NETWORK_INTERFACE" // AttachNetworkInterface has no outcome yet
	WaitReasonVolume           WaitReason = "VOLUME"            // its volume is not attached yet
	WaitReasonAgent            WaitReason = "AGENT"             // StartTask has no outcome yet
	WaitReasonReport           WaitReason = "REPORT"            // the agent has reported nothing since StartTask
	WaitReasonPull             WaitReason = "PULL"              // no image is known to be pulled
	WaitReasonDependency       WaitReason = "DEPENDENCY"        // a container waits for another one, by dependsOn
	WaitReasonContainer        WaitReason = "CONTAINER"         // a container is created or started
	WaitReasonTargets          WaitReason = "TARGETS"           // RegisterTarget has no outcome yet
	WaitReasonDiscovery        WaitReason = "DISCOVERY"         // RegisterInstance has no outcome yet
)
