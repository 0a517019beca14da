package control

import (
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
)

// RegisterContainerInstance joins an instance to a cluster, ACTIVE and with a connected agent. With
// the ARN of a known instance, or the identity document of a machine that the cluster has, it
// registers that instance again: with new amounts and attributes, and with the same tasks. A
// machine is in one cluster only. The default cluster is made when first used. Source: Amazon ECS
// API Reference, RegisterContainerInstance.
func (p *Plane) RegisterContainerInstance(
	now time.Time, in api.RegisterContainerInstanceInput,
) (ecs.ContainerInstance, error) {
	return answer(p, now, "RegisterContainerInstance", in, p.fleet.RegisterContainerInstance, p.show.Instance)
}

// DeregisterContainerInstance makes an instance INACTIVE and shows it for another hour. While tasks
// run on it, the call needs force; ECS then loses these tasks, and their services start
// replacements. Source: Amazon ECS API Reference, DeregisterContainerInstance.
func (p *Plane) DeregisterContainerInstance(
	now time.Time, in api.DeregisterContainerInstanceInput,
) (ecs.ContainerInstance, error) {
	return answer(p, now, "DeregisterContainerInstance", in, p.fleet.DeregisterContainerInstance, p.show.Instance)
}

// UpdateContainerInstancesState sets instances ACTIVE or DRAINING; DRAINING may follow
// ACTIVE only. An unknown instance is a Failure, a wrong status refuses the call.
// Source: Amazon ECS API Reference, UpdateContainerInstancesState.
func (p *Plane) UpdateContainerInstancesState(
	now time.Time, in api.UpdateContainerInstancesStateInput,
) (api.UpdateContainerInstancesStateOutput, error) {
	return request(p, now, "UpdateContainerInstancesState", in, p.updateContainerInstancesState)
}

func (p *Plane) updateContainerInstancesState(
	in api.UpdateContainerInstancesStateInput,
) (out api.UpdateContainerInstancesStateOutput, err error) {
	found, missing, err := p.fleet.SetInstances(in)
	if err != nil {
		return out, err
	}
	out.ContainerInstances, out.Failures = make([]ecs.ContainerInstance, 0, len(found)), missing
	for _, i := range found {
		out.ContainerInstances = append(out.ContainerInstances, p.show.Instance(i))
	}
	return out, nil
}

// PutAttributes sets custom attributes of instances; a name that is there gets the new value.
// Source: Amazon ECS API Reference, PutAttributes.
func (p *Plane) PutAttributes(now time.Time, in api.PutAttributesInput) ([]ecs.Attribute, error) {
	return request(p, now, "PutAttributes", in, p.fleet.PutAttributes)
}

// DeleteAttributes removes attributes of instances by name.
// Source: Amazon ECS API Reference, DeleteAttributes.
func (p *Plane) DeleteAttributes(now time.Time, in api.DeleteAttributesInput) ([]ecs.Attribute, error) {
	return request(p, now, "DeleteAttributes", in, p.fleet.DeleteAttributes)
}

// DescribeContainerInstances describes instances in the order asked for. Tags and health are
// shown if they are included.
// Source: Amazon ECS API Reference, DescribeContainerInstances.
func (p *Plane) DescribeContainerInstances(
	in api.DescribeContainerInstancesInput,
) (api.DescribeContainerInstancesOutput, error) {
	return p.show.DescribeContainerInstances(in)
}

// ListContainerInstances lists the ARNs of instances that match the filter, an expression
// of the cluster query language, in order.
func (p *Plane) ListContainerInstances(in api.ListContainerInstancesInput) (api.Page, error) {
	return p.show.ListContainerInstances(in)
}

// ListAttributes lists the attributes of a cluster's instances, in order of instance and
// name: those of the given name, and value, or all.
// Source: Amazon ECS API Reference, ListAttributes.
func (p *Plane) ListAttributes(in api.ListAttributesInput) (api.ListAttributesOutput, error) {
	return p.show.ListAttributes(in)
}
