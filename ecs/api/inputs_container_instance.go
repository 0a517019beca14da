package api

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/query"
	"github.com/bayplan/bayplan/internal/check"
)

// Validate returns every rule of RegisterContainerInstance that the input breaks, as an ErrorList of
// InvalidParameterException in order of field path, or nil. Attributes whose names begin with ecs. or
// com.amazonaws. belong to the agent, and are not among the 10 that a user may set.
//
// Source: Amazon ECS API Reference, RegisterContainerInstance and Resource.
func (in RegisterContainerInstanceInput) Validate() error {
	c := &faults{}
	c.clusterRef(in.Cluster)
	if in.ContainerInstanceArn != "" {
		c.id("containerInstanceArn", in.ContainerInstanceArn, ecs.ARNTypeContainerInstance)
	}
	seen := make(map[string]bool, len(in.TotalResources))
	for i, r := range in.TotalResources {
		path := check.Path("totalResources", i)
		if seen[r.Name] {
			c.Refuse(path+".name", "The resource %s is there twice.", r.Name)
		}
		seen[r.Name] = true
		c.resource(path, r)
	}
	c.platformDevices(in)
	if in.InstanceIdentityDocumentSignature != "" && in.InstanceIdentityDocument == "" {
		c.Refuse("instanceIdentityDocumentSignature",
			"instanceIdentityDocumentSignature belongs to instanceIdentityDocument.")
	}
	custom := 0
	for i, a := range in.Attributes {
		if !builtIn(a.Name) {
			custom++
		}
		c.nest(check.Path("attributes", i), a.Validate())
	}
	if custom > maxAttributes {
		c.others = append(c.others, tooManyAttributes("attributes", custom))
	}
	c.tags("tags", in.Tags)
	return c.err()
}

// platformDevices checks that each device is a GPU that the resource GPU counts, too, as agents
// register them.
func (c *faults) platformDevices(in RegisterContainerInstanceInput) {
	var counted []string
	for _, r := range in.TotalResources {
		if r.Name == ecs.ResourceGPU {
			counted = r.StringSetValue
		}
	}
	for i, p := range in.PlatformDevices {
		if p.Type != ecs.ResourceGPU {
			c.Refuse(check.Path("platformDevices", i, "type"), "type must be GPU; it is %q.", check.Shortened(p.Type))
		}
		if c.Present(check.Path("platformDevices", i, "id"), p.ID) && !slices.Contains(counted, p.ID) {
			c.Refuse(check.Path("platformDevices", i, "id"), "The device %s is not one of the resource GPU.",
				check.Shortened(p.ID))
		}
	}
}

// maxAttributes is how many attributes of its user a resource can have, and how many one
// call can name. Source: Amazon ECS API Reference, PutAttributes.
const maxAttributes = 10

func tooManyAttributes(path string, n int) *ecs.Error {
	return ecs.Fault(ecs.AttributeLimitExceededException, path,
		fmt.Sprintf("You can apply up to %d custom attributes for each resource; this has %d.", maxAttributes, n))
}

// builtIn reports whether an attribute is set by ECS or its agent.
func builtIn(name string) bool {
	return strings.HasPrefix(name, "ecs.") || strings.HasPrefix(name, "com.amazonaws.")
}

func (c *faults) resource(path string, r ecs.Resource) {
	c.Present(path+".name", r.Name)
	switch r.Type {
	case "INTEGER", "LONG", "DOUBLE":
		if r.Integer() < 0 {
			c.Refuse(path, "The resource %s is negative: %d.", r.Name, r.Integer())
		}
	case "STRINGSET":
		if r.Name != ecs.ResourcePorts && r.Name != ecs.ResourcePortsUDP {
			break
		}
		for i, s := range r.StringSetValue {
			if n, err := strconv.ParseUint(s, 10, 16); err != nil || n == 0 {
				c.Refuse(path+".stringSetValue"+check.Path(i), "%q is not a port.", check.Shortened(s))
			}
		}
		if len(r.StringSetValue) > maxReservedPorts {
			c.Refuse(path+".stringSetValue", "At most %d ports can be reserved on an instance; these are %d.",
				maxReservedPorts, len(r.StringSetValue))
		}
	default:
		c.Refuse(path+".type", "type must be one of INTEGER, DOUBLE, LONG, STRINGSET; it is %q.",
			check.Shortened(r.Type))
	}
}

// maxReservedPorts is how many host ports can be reserved on an instance at a time. Source:
// Amazon ECS API Reference, PortMapping.
const maxReservedPorts = 100

// DeregisterContainerInstanceInput removes an instance from its cluster, in the form of
// DeregisterContainerInstance.
type DeregisterContainerInstanceInput struct {
	Cluster           string `json:"cluster,omitzero"`
	ContainerInstance string `json:"containerInstance"` // ID or ARN
	Force             bool   `json:"force,omitzero"`    // even with tasks running
}

// Validate reports every rule of DeregisterContainerInstance that the input breaks.
func (in DeregisterContainerInstanceInput) Validate() error {
	c := &faults{}
	c.clusterRef(in.Cluster)
	c.id("containerInstance", in.ContainerInstance, ecs.ARNTypeContainerInstance)
	return c.err()
}

// UpdateContainerInstancesStateInput drains instances, or makes them ACTIVE again, in the form of
// UpdateContainerInstancesState.
type UpdateContainerInstancesStateInput struct {
	Cluster            string                      `json:"cluster,omitzero"`
	ContainerInstances []string                    `json:"containerInstances"` // 1 to 10 IDs or ARNs
	Status             ecs.ContainerInstanceStatus `json:"status"`             // ACTIVE or DRAINING
}

// Validate reports every rule of UpdateContainerInstancesState that the input breaks.
func (in UpdateContainerInstancesStateInput) Validate() error {
	c := &faults{}
	c.clusterRef(in.Cluster)
	c.ids("containerInstances", in.ContainerInstances, ecs.ARNTypeContainerInstance, 1, 10)
	if in.Status != ecs.ContainerInstanceStatusActive && in.Status != ecs.ContainerInstanceStatusDraining {
		c.Refuse("status", "Container instance status should be one of [ACTIVE, DRAINING]; it is %q.",
			check.Shortened(string(in.Status)))
	}
	return c.err()
}

// DescribeContainerInstancesInput asks for instances by ID, in the form of
// DescribeContainerInstances.
type DescribeContainerInstancesInput struct {
	Cluster            string   `json:"cluster,omitzero"`
	ContainerInstances []string `json:"containerInstances"` // 1 to 100 IDs or ARNs
	Include            []string `json:"include,omitzero"`
}

// Validate reports every rule of DescribeContainerInstances that the input breaks.
func (in DescribeContainerInstancesInput) Validate() error {
	c := &faults{}
	c.clusterRef(in.Cluster)
	c.ids("containerInstances", in.ContainerInstances, ecs.ARNTypeContainerInstance, 1, 100)
	c.include(in.Include, "CONTAINER_INSTANCE_HEALTH", "TAGS")
	return c.err()
}

// ListContainerInstancesInput lists instances, in the form of ListContainerInstances.
type ListContainerInstancesInput struct {
	Cluster    string                      `json:"cluster,omitzero"`
	Filter     string                      `json:"filter,omitzero"` // the cluster query language
	NextToken  string                      `json:"nextToken,omitzero"`
	MaxResults ecs.Opt[int]                `json:"maxResults,omitzero"` // 1 to 100; absent: 100
	Status     ecs.ContainerInstanceStatus `json:"status,omitzero"`     // absent: all but INACTIVE
}

// Validate reports every rule of ListContainerInstances that the input breaks.
func (in ListContainerInstancesInput) Validate() error {
	c := &faults{}
	c.clusterRef(in.Cluster)
	if _, err := query.Parse(in.Filter); err != nil && in.Filter != "" {
		c.Refuse("filter", "Invalid expression %q: %v", check.Shortened(in.Filter), err)
	}
	c.page(in.MaxResults)
	if c.OneOf("status", choose(in.Status)) && in.Status == ecs.ContainerInstanceStatusInactive {
		c.Refuse("status", "INACTIVE container instances are not listed.")
	}
	return c.err()
}

// PutAttributesInput sets attributes of instances, in the form of PutAttributes.
type PutAttributesInput struct {
	Cluster    string          `json:"cluster,omitzero"`
	Attributes []ecs.Attribute `json:"attributes"` // 1 to 10
}

// Validate returns every rule of PutAttributes that the input breaks. Refusing names that begin with ecs.
// is this library's choice.
func (in PutAttributesInput) Validate() error {
	c := &faults{}
	c.clusterRef(in.Cluster)
	c.attributes(in.Attributes)
	for i, a := range in.Attributes {
		if builtIn(a.Name) {
			c.Refuse(check.Path("attributes", i, "name"), "The attribute %s is set by Amazon ECS.", a.Name)
		}
	}
	return c.err()
}

// attributes checks the attributes of one call.
func (c *faults) attributes(list []ecs.Attribute) {
	if len(list) == 0 {
		c.Refuse("attributes", "attributes should not be null or empty.")
	}
	c.AtMost("attributes", len(list), maxAttributes)
	for i, a := range list {
		c.nest(check.Path("attributes", i), a.Validate())
		c.id(check.Path("attributes", i, "targetId"), a.TargetID, ecs.ARNTypeContainerInstance)
	}
}

// DeleteAttributesInput removes attributes of instances, in the form of DeleteAttributes.
type DeleteAttributesInput struct {
	Cluster    string          `json:"cluster,omitzero"`
	Attributes []ecs.Attribute `json:"attributes"` // 1 to 10; values do not count
}

// Validate reports every rule of DeleteAttributes that the input breaks.
func (in DeleteAttributesInput) Validate() error {
	c := &faults{}
	c.clusterRef(in.Cluster)
	c.attributes(in.Attributes)
	return c.err()
}

// ListAttributesInput lists attributes, in the form of ListAttributes.
type ListAttributesInput struct {
	Cluster        string         `json:"cluster,omitzero"`
	TargetType     ecs.TargetType `json:"targetType"`
	AttributeName  string         `json:"attributeName,omitzero"`
	AttributeValue string         `json:"attributeValue,omitzero"`
	NextToken      string         `json:"nextToken,omitzero"`
	MaxResults     ecs.Opt[int]   `json:"maxResults,omitzero"` // 1 to 100; absent: 100
}

// Validate reports every rule of ListAttributes that the input breaks.
func (in ListAttributesInput) Validate() error {
	c := &faults{}
	c.clusterRef(in.Cluster)
	if c.Present("targetType", string(in.TargetType)) {
		c.OneOf("targetType", choose(in.TargetType))
	}
	if in.AttributeValue != "" && in.AttributeName == "" {
		c.Refuse("attributeValue", "attributeValue belongs to attributeName.")
	}
	c.page(in.MaxResults)
	return c.err()
}
