package lifecycle

import "time"

// EffectKind is what must be done.
type EffectKind uint8

// The kinds of effects. Those from EffectStartTask on are for the instance, those from
// EffectPullImage on for its container runtime.
const (
	EffectAttachENI           EffectKind = iota // answer ENIAttached or ENIFailed
	EffectDetachENI                             // answer ENIDetached
	EffectAttachVolume                          // answer VolumeAttached or VolumeFailed
	EffectDetachVolume                          // answer VolumeDetached
	EffectRegisterTarget                        // answer TargetRegistered; Index is the target group
	EffectDeregisterTarget                      // answer TargetDeregistered once drained; Index is the target group
	EffectRegisterDiscovery                     // answer DiscoveryRegistered
	EffectDeregisterDiscovery                   // no answer
	EffectReleaseResources                      // CPU, memory and ports of the instance are free; no answer
	EffectReportStopped                         // the task is STOPPED; no answer
	EffectStartTask                             // hand the task to its agent
	EffectStopTask                              // have the agent stop it
	EffectPullImage                             // answer Pulled or PullFailed; Index is the container, here and below
	EffectCreateContainer                       // answer ContainerCreated or ContainerFailed
	EffectStartContainer                        // answer ContainerStarted with Number, or ContainerFailed
	// send the image's STOPSIGNAL, SIGTERM if none; answer ContainerExited with Number
	EffectStopContainer
	EffectKillContainer // send SIGKILL; answer ContainerExited with Number
	EffectCheckHealth   // run the health check; answer HealthChecked with Number within Timeout
	numEffects          = int(EffectCheckHealth) + 1
)

var effectWords = [numEffects]string{"AttachENI", "DetachENI", "AttachVolume", "DetachVolume",
	"RegisterTarget", "DeregisterTarget",
	"RegisterDiscovery", "DeregisterDiscovery", "ReleaseResources", "ReportStopped", "StartTask", "StopTask",
	"PullImage", "CreateContainer", "StartContainer", "StopContainer", "KillContainer", "CheckHealth"}

// String returns the kind's name, such as "AttachENI".
func (k EffectKind) String() string {
	if int(k) < numEffects {
		return effectWords[k]
	}
	return "EffectKind(?)"
}

// Effect is something that must now be done for a task. Carrying it out twice must have the same result
// as once: an embedder that crashed carries it out again.
type Effect struct {
	Kind    EffectKind
	Index   uint8         // target group or container
	Number  uint16        // of the start, restart or health check: the answer carries it
	Timeout time.Duration // StopContainer: how long until KillContainer; CheckHealth: until it counts as failed
}

// ForAgent reports whether the effect is carried out on the instance. It is true for StartTask and
// StopTask, which the agent carries out, and for every effect that the container runtime carries out. All
// other effects are for the control plane.
func (e Effect) ForAgent() bool { return e.Kind >= EffectStartTask }

// ForRuntime reports whether the effect is for the container runtime and concerns container Index.
func (e Effect) ForRuntime() bool { return e.Kind >= EffectPullImage }
