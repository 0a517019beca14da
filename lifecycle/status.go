package lifecycle

import "github.com/bayplan/bayplan/ecs"

// Status is the stage of its life cycle that a task is in. The values are ordered: a task's status only
// grows, though it may skip values. Source: Amazon ECS Developer Guide, "Amazon ECS task lifecycle".
type Status uint8

// The statuses of a task, in their order.
const (
	StatusProvisioning   Status = iota // waits for capacity, network interface, volumes
	StatusPending                      // with the agent: images are pulled, containers created and started
	StatusActivating                   // containers run; target groups and service discovery learn of them
	StatusRunning                      // in service
	StatusDeactivating                 // target groups drain and forget the task
	StatusStopping                     // containers get the stop signal, then SIGKILL
	StatusDeprovisioning               // network interface and volumes are detached
	StatusStopped                      // over; still described for an hour
	StatusDeleted                      // over and forgotten
	numStatuses          = int(StatusDeleted) + 1
)

var statusWords = [numStatuses]string{"PROVISIONING", "PENDING", "ACTIVATING", "RUNNING", "DEACTIVATING", "STOPPING",
	"DEPROVISIONING", "STOPPED", "DELETED"}

// String returns the API's word, such as "RUNNING".
func (s Status) String() string { return word(statusWords[:], uint8(s), "Status") }

// MarshalText writes the API's word.
func (s Status) MarshalText() ([]byte, error) {
	return marshal(statusWords[:], uint8(s), "task status")
}

// UnmarshalText reads the API's word. Any other is an InvalidParameterException and leaves the
// status as it was.
func (s *Status) UnmarshalText(text []byte) error {
	return unmarshal(statusWords[:], (*uint8)(s), text, "task status")
}

// StopCode is why a task stopped. Source: Amazon ECS API Reference, Task, stopCode.
type StopCode uint8

// The stop codes.
const (
	StopCodeNone StopCode = iota // nothing asked the task to stop
	StopCodeTaskFailedToStart
	StopCodeEssentialContainerExited
	StopCodeUserInitiated
	StopCodeServiceSchedulerInitiated
	StopCodeSpotInterruption
	StopCodeTerminationNotice
	StopCodeInfrastructureHealth
	numStopCodes = int(StopCodeInfrastructureHealth) + 1
)

var stopCodeWords = [numStopCodes]string{"", string(ecs.TaskStopCodeTaskFailedToStart),
	string(ecs.TaskStopCodeEssentialContainerExited),
	string(ecs.TaskStopCodeUserInitiated), string(ecs.TaskStopCodeServiceSchedulerInitiated),
	string(ecs.TaskStopCodeSpotInterruption), string(ecs.TaskStopCodeTerminationNotice),
	string(ecs.TaskStopCodeInfrastructureHealth)}

// ECS returns the code as package ecs writes it; "" for StopCodeNone.
func (c StopCode) ECS() ecs.TaskStopCode { return ecs.TaskStopCode(c.String()) }

// String returns the API's word; "" for StopCodeNone.
func (c StopCode) String() string { return word(stopCodeWords[:], uint8(c), "StopCode") }

// MarshalText writes the API's word.
func (c StopCode) MarshalText() ([]byte, error) {
	return marshal(stopCodeWords[:], uint8(c), "stop code")
}

// UnmarshalText reads the API's word; any other is an InvalidParameterException.
func (c *StopCode) UnmarshalText(text []byte) error {
	return unmarshal(stopCodeWords[:], (*uint8)(c), text, "stop code")
}

// stopCode returns the StopCode of the API's word, and false for a word the API does not have.
func stopCode(c ecs.TaskStopCode) (StopCode, bool) {
	var s StopCode
	err := s.UnmarshalText([]byte(c))
	return s, err == nil && s != StopCodeNone
}

// Health is a container's health according to its health checks.
type Health uint8

// The values of Health.
const (
	HealthNone Health = iota // the container has no health check
	HealthUnknown
	HealthHealthy
	HealthUnhealthy
	numHealths = int(HealthUnhealthy) + 1
)

var healthWords = [numHealths]string{"", string(ecs.HealthStatusUnknown), string(ecs.HealthStatusHealthy),
	string(ecs.HealthStatusUnhealthy)}

// String returns the API's word; "" for HealthNone.
func (h Health) String() string { return word(healthWords[:], uint8(h), "Health") }

// MarshalText writes the API's word.
func (h Health) MarshalText() ([]byte, error) { return marshal(healthWords[:], uint8(h), "health") }

// UnmarshalText reads the API's word; any other is an InvalidParameterException.
func (h *Health) UnmarshalText(text []byte) error {
	return unmarshal(healthWords[:], (*uint8)(h), text, "health")
}

// Connectivity says whether the task's agent is connected to the control plane.
type Connectivity uint8

// The values of Connectivity.
const (
	ConnectivityNone Connectivity = iota // no agent has been heard of yet
	ConnectivityConnected
	ConnectivityDisconnected
	numConnectivities = int(ConnectivityDisconnected) + 1
)

var connectivityWords = [numConnectivities]string{"", string(ecs.ConnectivityConnected),
	string(ecs.ConnectivityDisconnected)}

// String returns the API's word; "" for ConnectivityNone.
func (c Connectivity) String() string { return word(connectivityWords[:], uint8(c), "Connectivity") }

// MarshalText writes the API's word.
func (c Connectivity) MarshalText() ([]byte, error) {
	return marshal(connectivityWords[:], uint8(c), "connectivity")
}

// UnmarshalText reads the API's word; any other is an InvalidParameterException.
func (c *Connectivity) UnmarshalText(text []byte) error {
	return unmarshal(connectivityWords[:], (*uint8)(c), text, "connectivity")
}

// Attachment is the status of a task's network interface or volume.
type Attachment uint8

// The statuses of an attachment.
const (
	AttachmentNone Attachment = iota // never asked for
	AttachmentAttaching
	AttachmentAttached
	AttachmentFailed
	AttachmentDetaching
	AttachmentDeleted
	numAttachments = int(AttachmentDeleted) + 1
)

var attachmentWords = [numAttachments]string{"", "ATTACHING", "ATTACHED", "FAILED", "DETACHING", "DELETED"}

// String returns the API's word; "" for AttachmentNone.
func (a Attachment) String() string { return word(attachmentWords[:], uint8(a), "Attachment") }

// MarshalText writes the API's word.
func (a Attachment) MarshalText() ([]byte, error) {
	return marshal(attachmentWords[:], uint8(a), "attachment status")
}

// UnmarshalText reads the API's word; any other is an InvalidParameterException.
func (a *Attachment) UnmarshalText(text []byte) error {
	return unmarshal(attachmentWords[:], (*uint8)(a), text, "attachment status")
}

// held reports whether there is, or may be, something to detach.
func (a Attachment) held() bool {
	return a == AttachmentAttaching || a == AttachmentAttached || a == AttachmentDetaching
}

// Discovery is the status of a task's entry in service discovery.
type Discovery uint8

// The values of Discovery.
const (
	DiscoveryNone Discovery = iota
	DiscoveryRegistering
	DiscoveryEntered
	DiscoveryRemoved
	numDiscoveries = int(DiscoveryRemoved) + 1
)

var discoveryWords = [numDiscoveries]string{"", "REGISTERING", "REGISTERED", "REMOVED"}

// String returns a word for the value; "" for DiscoveryNone.
func (d Discovery) String() string { return word(discoveryWords[:], uint8(d), "Discovery") }

// MarshalText writes the word of String.
func (d Discovery) MarshalText() ([]byte, error) {
	return marshal(discoveryWords[:], uint8(d), "discovery")
}

// UnmarshalText reads the word of String; any other is an InvalidParameterException.
func (d *Discovery) UnmarshalText(text []byte) error {
	return unmarshal(discoveryWords[:], (*uint8)(d), text, "discovery")
}
