package control

import (
	"cmp"
	"slices"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

// ScalableTargets lists the scalable targets in order of resource ID; those with the given
// resource IDs, or all.
func (p *Plane) ScalableTargets(resourceIDs ...string) []autoscale.ScalableTarget {
	var list []autoscale.ScalableTarget
	p.eachScaling(resourceIDs, func(c *scaling) { list = append(list, c.Target) })
	return list
}

// ScalingPolicies lists the scaling policies of the given resources, or of all, in order of
// resource ID and then of making.
func (p *Plane) ScalingPolicies(resourceIDs ...string) []autoscale.PutScalingPolicyInput {
	var list []autoscale.PutScalingPolicyInput
	p.eachScaling(resourceIDs, func(c *scaling) {
		for _, policy := range c.Policies {
			list = append(list, policy.Input)
		}
	})
	return list
}

// ScheduledActions lists the scheduled actions of the given resources, or of all, in order
// of resource ID and then of making.
func (p *Plane) ScheduledActions(resourceIDs ...string) []autoscale.ScheduledAction {
	var list []autoscale.ScheduledAction
	p.eachScaling(resourceIDs, func(c *scaling) {
		for _, a := range c.Actions {
			list = append(list, a.Action)
		}
	})
	return list
}

func (p *Plane) eachScaling(resourceIDs []string, f func(*scaling)) {
	var all []*scaling
	for _, c := range p.clusters {
		for _, s := range c.services {
			if s.Scaling != nil && (len(resourceIDs) == 0 || slices.Contains(resourceIDs, s.Scaling.Target.ResourceID)) {
				all = append(all, s.Scaling)
			}
		}
	}
	slices.SortFunc(all, func(a, b *scaling) int { return cmp.Compare(a.Target.ResourceID, b.Target.ResourceID) })
	for _, c := range all {
		f(c)
	}
}

// ServiceDeployment is one deployment of a service, in the form of DescribeServiceDeployments
// as far as the plane keeps it.
type ServiceDeployment struct {
	ServiceDeploymentArn     string                            `json:"serviceDeploymentArn"`
	ServiceArn               string                            `json:"serviceArn"`
	ClusterArn               string                            `json:"clusterArn"`
	TargetServiceRevisionArn string                            `json:"targetServiceRevisionArn,omitzero"`
	Status                   scheduler.ServiceDeploymentStatus `json:"status"`
	StatusReason             string                            `json:"statusReason,omitzero"`
	LifecycleStage           scheduler.Stage                   `json:"lifecycleStage,omitzero"`
	CreatedAt                ecs.Instant                       `json:"createdAt,omitzero"`
	UpdatedAt                ecs.Instant                       `json:"updatedAt,omitzero"`
	Hooks                    []scheduler.HookState             `json:"hooks,omitzero"` // of the present stage
}

// ServiceDeployments lists the deployments of a service that are under way or are what it
// runs, newest first.
func (p *Plane) ServiceDeployments(clusterRef, ref string) ([]ServiceDeployment, error) {
	c, err := p.cluster(clusterRef)
	if err != nil {
		return nil, err
	}
	s, err := c.service(ref)
	if err != nil {
		return nil, err
	}
	list := make([]ServiceDeployment, len(s.State.Rollouts))
	for i, r := range s.State.Rollouts {
		list[i] = ServiceDeployment{
			ServiceDeploymentArn: p.arn("service-deployment/" + c.Record.ClusterName + "/" + s.Record.ServiceName + "/" + nameOf(r.ID)),
			ServiceArn:           s.Record.ServiceArn, ClusterArn: c.Record.ClusterArn, TargetServiceRevisionArn: r.ServiceRevision,
			Status: r.ServiceDeploymentStatus, StatusReason: r.RolloutStateReason, LifecycleStage: r.Stages.Stage,
			CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt, Hooks: slices.Clone(r.Stages.Hooks),
		}
	}
	return list, nil
}

// ListAttributes lists the attributes of a cluster's instances, in order of instance and
// name: those of the given name, and value, or all.
// Source: Amazon ECS API Reference, ListAttributes.
func (p *Plane) ListAttributes(in ecs.ListAttributesInput) ([]ecs.Attribute, error) {
	if err := in.Validate(); err != nil {
		return nil, err
	}
	c, err := p.cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	list := []ecs.Attribute{}
	for _, i := range c.instances {
		if i.Record.Status == ecs.ContainerInstanceStatusInactive {
			continue
		}
		for _, a := range i.Record.Attributes {
			if (in.AttributeName == "" || a.Name == in.AttributeName) && (in.AttributeValue == "" || a.Value == in.AttributeValue) {
				list = append(list, ecs.Attribute{Name: a.Name, Value: a.Value, TargetType: ecs.TargetTypeContainerInstance, TargetID: i.Record.ContainerInstanceArn})
			}
		}
	}
	slices.SortFunc(list, func(a, b ecs.Attribute) int {
		return cmp.Or(cmp.Compare(a.TargetID, b.TargetID), cmp.Compare(a.Name, b.Name))
	})
	return list, nil
}

// Explain says why a task of a service would be placed where it would, or why nowhere: the
// text of placement's explanation for the newest deployment.
func (p *Plane) Explain(clusterRef, ref string) (string, error) {
	c, err := p.cluster(clusterRef)
	if err != nil {
		return "", err
	}
	s, err := c.service(ref)
	if err != nil {
		return "", err
	}
	request, err := p.requestForPrimary(s)
	if err != nil {
		return "", err
	}
	shape, err := c.index.Prepare(request)
	if err != nil {
		return "", err
	}
	return c.index.Explain(shape, 0).String(), nil
}
