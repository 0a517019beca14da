package ecs

import (
	"strconv"
	"strings"
)

// TaskDefinition is a blueprint of a task, in the form of RegisterTaskDefinition and, with
// the fields that ECS adds, of DescribeTaskDefinition. The zero value of a field is its absence.
type TaskDefinition struct {
	Family                  string                 `json:"family"`                           // 1 to 255 letters, digits, _ and -
	TaskRoleArn             string                 `json:"taskRoleArn,omitzero"`             // role of the containers' own code
	ExecutionRoleArn        string                 `json:"executionRoleArn,omitzero"`        // role for pulls, logs and secrets
	NetworkMode             NetworkMode            `json:"networkMode,omitzero"`             // absent: bridge on Linux, NAT on Windows
	ContainerDefinitions    []ContainerDefinition  `json:"containerDefinitions"`             // 1 to 10
	Volumes                 []Volume               `json:"volumes,omitzero"`                 //
	PlacementConstraints    []PlacementConstraint  `json:"placementConstraints,omitzero"`    // memberOf only
	RequiresCompatibilities []Compatibility        `json:"requiresCompatibilities,omitzero"` // what to validate against
	CPU                     string                 `json:"cpu,omitzero"`                     // task size: "256" units, ".25 vCPU"
	Memory                  string                 `json:"memory,omitzero"`                  // task size: "512" MiB, "1 GB"
	Tags                    []Tag                  `json:"tags,omitzero"`                    // at most 50
	PidMode                 PidMode                `json:"pidMode,omitzero"`                 //
	IpcMode                 IpcMode                `json:"ipcMode,omitzero"`                 //
	ProxyConfiguration      *ProxyConfiguration    `json:"proxyConfiguration,omitzero"`      // App Mesh
	InferenceAccelerators   []InferenceAccelerator `json:"inferenceAccelerators,omitzero"`   // retired; refused
	EphemeralStorage        *EphemeralStorage      `json:"ephemeralStorage,omitzero"`        // Fargate
	RuntimePlatform         *RuntimePlatform       `json:"runtimePlatform,omitzero"`         //
	EnableFaultInjection    bool                   `json:"enableFaultInjection,omitzero"`    //

	// What ECS adds on registration.
	TaskDefinitionArn  string               `json:"taskDefinitionArn,omitzero"`
	Revision           int                  `json:"revision,omitzero"`
	Status             TaskDefinitionStatus `json:"status,omitzero"`
	RequiresAttributes []Attribute          `json:"requiresAttributes,omitzero"`
	Compatibilities    []Compatibility      `json:"compatibilities,omitzero"`
	RegisteredAt       Instant              `json:"registeredAt,omitzero"`
	RegisteredBy       string               `json:"registeredBy,omitzero"`
	DeregisteredAt     Instant              `json:"deregisteredAt,omitzero"`
	DeleteRequestedAt  Instant              `json:"deleteRequestedAt,omitzero"`
	extra
}

// Container returns the container of a name, which shares memory with d, and whether there is one.
func (d TaskDefinition) Container(name string) (*ContainerDefinition, bool) {
	for i := range d.ContainerDefinitions {
		if d.ContainerDefinitions[i].Name == name {
			return &d.ContainerDefinitions[i], true
		}
	}
	return nil, false
}

// Tag is a label on a resource.
type Tag struct {
	Key   string `json:"key"`
	Value string `json:"value,omitzero"`
	extra
}

// KeyValuePair is a name with a value, such as an environment variable.
type KeyValuePair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	extra
}

// ProxyConfiguration names the container that is the proxy of App Mesh.
type ProxyConfiguration struct {
	Type          ProxyConfigurationType `json:"type,omitzero"`
	ContainerName string                 `json:"containerName"`
	Properties    []KeyValuePair         `json:"properties,omitzero"`
	extra
}

// InferenceAccelerator is Elastic Inference's retired device.
type InferenceAccelerator struct {
	DeviceName string `json:"deviceName"`
	DeviceType string `json:"deviceType"`
	extra
}

// EphemeralStorage is the size of a Fargate task's own disk.
type EphemeralStorage struct {
	SizeInGiB int `json:"sizeInGiB"` // 21 to 200
	extra
}

// RuntimePlatform is the operating system and CPU that a task needs.
type RuntimePlatform struct {
	CPUArchitecture       CPUArchitecture `json:"cpuArchitecture,omitzero"`
	OperatingSystemFamily OSFamily        `json:"operatingSystemFamily,omitzero"`
	extra
}

// SplitTaskDefinition reads a reference to a task definition: family, family:revision or an ARN. The
// revision is 0 for a family alone, which means the latest ACTIVE one. Errors: InvalidParameterException
// for the ARN of another kind of resource, and for a revision that is not a number from 1.
func SplitTaskDefinition(ref string) (name string, revision int, err error) {
	if strings.HasPrefix(ref, "arn:") {
		a, err := ParseARN(ref)
		if err != nil || a.Type != ARNTypeTaskDefinition {
			return "", 0, Fault(InvalidParameterException, "taskDefinition", "Invalid arn syntax.")
		}
		return a.ID(), a.Revision(), nil
	}
	name, number, ok := strings.Cut(ref, ":")
	if !ok {
		return name, 0, nil
	}
	revision, err = strconv.Atoi(number)
	if err != nil || revision <= 0 {
		return "", 0, Fault(InvalidParameterException, "taskDefinition", "Invalid revision number. Number: "+number)
	}
	return name, revision, nil
}
