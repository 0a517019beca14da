package ecs

import (
	"encoding/json"
	"strings"

	"github.com/bayplan/bayplan/internal/check"
)

// Attribute is a name, and perhaps a value, attached to a container instance.
type Attribute struct {
	Name       string     `json:"name"`
	Value      string     `json:"value,omitzero"`
	TargetType TargetType `json:"targetType,omitzero"`
	TargetID   string     `json:"targetId,omitzero"`
}

// Resource is an amount that a container instance registers or has left. CPU and MEMORY are integers; GPU
// and the ports are sets of strings.
type Resource struct {
	Name           string   `json:"name"`
	Type           string   `json:"type,omitzero"` // INTEGER, LONG, DOUBLE or STRINGSET
	DoubleValue    float64  `json:"doubleValue"`
	LongValue      int64    `json:"longValue"`
	IntegerValue   int      `json:"integerValue"`
	StringSetValue []string `json:"stringSetValue,omitzero"`
}

// VersionInfo is what an agent reports of itself.
type VersionInfo struct {
	AgentVersion  string `json:"agentVersion,omitzero"`
	AgentHash     string `json:"agentHash,omitzero"`
	DockerVersion string `json:"dockerVersion,omitzero"`
}

// ContainerInstance is a machine on which an agent runs tasks, in the form of
// DescribeContainerInstances.
type ContainerInstance struct {
	ContainerInstanceArn string                  `json:"containerInstanceArn,omitzero"`
	EC2InstanceID        string                  `json:"ec2InstanceId,omitzero"`
	CapacityProviderName string                  `json:"capacityProviderName,omitzero"`
	Version              int64                   `json:"version,omitzero"`
	VersionInfo          *VersionInfo            `json:"versionInfo,omitzero"`
	RegisteredResources  []Resource              `json:"registeredResources,omitzero"`
	RemainingResources   []Resource              `json:"remainingResources,omitzero"` // free CPU, MEMORY and GPU; ports in use
	Status               ContainerInstanceStatus `json:"status,omitzero"`
	StatusReason         string                  `json:"statusReason,omitzero"`
	AgentConnected       bool                    `json:"agentConnected"`
	RunningTasksCount    int                     `json:"runningTasksCount"`
	PendingTasksCount    int                     `json:"pendingTasksCount"`
	AgentUpdateStatus    string                  `json:"agentUpdateStatus,omitzero"`
	Attributes           []Attribute             `json:"attributes,omitzero"`
	Attachments          []Attachment            `json:"attachments,omitzero"`
	RegisteredAt         Instant                 `json:"registeredAt,omitzero"`
	HealthStatus         *InstanceHealthStatus   `json:"healthStatus,omitzero"`
	GPUDevices           json.RawMessage         `json:"gpuDevices,omitzero"` // kept as written
	Tags                 []Tag                   `json:"tags,omitzero"`
}

// InstanceHealthStatus is how the parts of an instance are, shown with include=CONTAINER_INSTANCE_HEALTH.
type InstanceHealthStatus struct {
	OverallStatus string                 `json:"overallStatus,omitzero"` // OK, IMPAIRED, INSUFFICIENT_DATA or INITIALIZING
	Details       []InstanceHealthDetail `json:"details,omitzero"`
}

// InstanceHealthDetail is how one part of an instance is.
type InstanceHealthDetail struct {
	Type             string  `json:"type,omitzero"` // CONTAINER_RUNTIME, ACCELERATED_COMPUTE, DAEMON or AGENT_CONNECTIVITY
	Status           string  `json:"status,omitzero"`
	StatusReason     string  `json:"statusReason,omitzero"`
	LastUpdated      Instant `json:"lastUpdated,omitzero"`
	LastStatusChange Instant `json:"lastStatusChange,omitzero"`
}

// ID returns the last part of the instance's ARN.
func (ci ContainerInstance) ID() InstanceID { return InstanceID(lastPart(ci.ContainerInstanceArn)) }

// Attribute returns the value of the attribute of a name, letter case included, and whether there is one.
// Of two with one name the last counts.
func (ci ContainerInstance) Attribute(name string) (string, bool) {
	for i := len(ci.Attributes) - 1; i >= 0; i-- {
		if ci.Attributes[i].Name == name {
			return ci.Attributes[i].Value, true
		}
	}
	return "", false
}

// lastPart returns what follows the last slash.
func lastPart(arn string) string {
	for i := len(arn) - 1; i >= 0; i-- {
		if arn[i] == '/' {
			return arn[i+1:]
		}
	}
	return arn
}

// Validate refuses characters that an attribute cannot have, with InvalidParameterException. Source:
// Amazon ECS API Reference, Attribute.
func (a Attribute) Validate() error {
	c := &checks{code: InvalidParameterException}
	if len(a.Name) < 1 || len(a.Name) > 128 || !check.Only(a.Name, `-_./\`) {
		c.Refuse("name", `An attribute's name has 1 to 128 letters, digits and - _ . / \; this is %q.`, check.Shortened(a.Name))
	}
	if len(a.Value) > 128 || !check.Only(a.Value, `-_.@/\: `) || strings.TrimSpace(a.Value) != a.Value {
		c.Refuse("value", `An attribute's value has 1 to 128 letters, digits and - _ . @ / \ : and spaces, none at either end; this is %q.`, check.Shortened(a.Value))
	}
	c.OneOf("targetType", choose(a.TargetType))
	return c.err()
}
