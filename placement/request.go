package placement

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/placement/internal/request"
)

// Request is one task that wants an instance. NewRequest fills it from a task definition;
// what a service or RunTask adds (constraints, strategy, subnets' zones, capacity provider)
// the caller sets. Under a capacity provider strategy ecs.Distribute says how many tasks each
// provider takes by base and weight: one Request a provider. Tasks on Fargate have no instance:
// they are FargateZone's.
type Request struct {
	Group string `json:"group,omitzero"` // "service:web", "family:batch"
	// what the task reserves; ENI 1 under awsvpc
	Need      ecs.Resources  `json:"need,omitzero"`
	HostPorts []ecs.HostPort `json:"hostPorts,omitzero"` // static host ports, each once
	// required: by name, and by value where one is given
	Attributes []ecs.Attribute `json:"attributes,omitzero"`
	// Availability Zones of the task's subnets; none: any
	Zones []string `json:"zones,omitzero"`
	// only its instances are looked at; "": all
	CapacityProvider string `json:"capacityProvider,omitzero"`
	// EC2 or EXTERNAL narrow the instances; "": all
	LaunchType ecs.LaunchType `json:"launchType,omitzero"`
	// the definition's, then the service's or call's: at most 10
	Constraints []ecs.PlacementConstraint `json:"placementConstraints,omitzero"`
	// at most 5; none: ECS's default for the group
	Strategy   []ecs.PlacementStrategy `json:"placementStrategy,omitzero"`
	Deployment string                  `json:"deployment,omitzero"` // the PRIMARY one: Victims prefers tasks of others
	// for what is left to chance: the same seed, the same choice
	Seed uint64 `json:"seed,omitzero"`
}

// The limits of placement.
// Source: Amazon ECS API Reference, RunTask, PlacementConstraint and Attribute.
const (
	// 5 rules in a placement strategy
	MaxStrategies = request.MaxStrategies
	// 10 constraints of a task: its definition's and its service's together
	MaxConstraints = request.MaxConstraints
	// 10 attributes of an instance that are neither ECS's nor the agent's
	MaxCustomAttributes = 10
	// 128 characters of an attribute's name, and of its value
	MaxAttributeText = request.MaxAttributeText
	// 32,767 tasks that one instance takes; the library's own limit
	MaxTasks = 1<<15 - 1
	// 2,147,483,647 CPU units or MiB of one instance or task; the library's own limit
	MaxAmount = request.MaxAmount
	// 32,767 GPUs, and as many network interfaces, of one instance or task; the library's own limit
	MaxDevices = request.MaxDevices
)

// NewRequest returns the request of one task of definition d in the group: its
// requirements, static host ports, required attributes and placement constraints. An empty
// group is "family:" and the definition's family, as for a standalone task. The error is an
// ecs.ErrorList of InvalidParameterException: the definition's constraints are memberOf only.
// Source: Amazon ECS API Reference, RegisterTaskDefinition and RunTask.
func NewRequest(d ecs.TaskDefinition, group string) (Request, error) {
	if group == "" {
		group = "family:" + d.Family
	}
	r := Request{
		Group:       group,
		Need:        d.Requirements(),
		HostPorts:   d.StaticHostPorts(),
		Attributes:  slices.Clone(d.RequiresAttributes),
		Constraints: slices.Clone(d.PlacementConstraints),
	}
	var faults ecs.ErrorList
	for i, c := range d.PlacementConstraints {
		if c.Type == ecs.PlacementConstraintTypeDistinctInstance {
			field := request.At("placementConstraints", i, "type")
			faults = append(faults, ecs.Fault(ecs.InvalidParameterException, field,
				"constraint.type 'distinctInstance' is not supported."))
		}
	}
	if len(faults) > 0 {
		return Request{}, faults.Err()
	}
	if _, err := compile(r); err != nil {
		return Request{}, err
	}
	return r, nil
}
