package control

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
)

// ServiceRevision is the workload of one deployment of a service, in the form of
// DescribeServiceRevisions as far as the plane keeps it.
type ServiceRevision struct {
	ServiceRevisionArn       string                             `json:"serviceRevisionArn"`
	ServiceArn               string                             `json:"serviceArn"`
	ClusterArn               string                             `json:"clusterArn"`
	TaskDefinition           string                             `json:"taskDefinition"` // ARN
	LaunchType               ecs.LaunchType                     `json:"launchType,omitzero"`
	CapacityProviderStrategy []ecs.CapacityProviderStrategyItem `json:"capacityProviderStrategy,omitzero"`
	ContainerImages          []ContainerImage                   `json:"containerImages,omitzero"`
	CreatedAt                ecs.Instant                        `json:"createdAt,omitzero"` // absent once its deployment is forgotten
}

// ContainerImage is the image of one container of a service revision.
type ContainerImage struct {
	ContainerName string `json:"containerName"`
	Image         string `json:"image,omitzero"`
}

// ServiceRevisions lists the revisions of a service that are kept, newest first: the last 50.
// Source: Amazon ECS API Reference, DescribeServiceRevisions.
func (p *Plane) ServiceRevisions(clusterRef, ref string) ([]ServiceRevision, error) {
	c, err := p.cluster(clusterRef)
	if err != nil {
		return nil, err
	}
	s, err := c.service(ref)
	if err != nil {
		return nil, err
	}
	list := make([]ServiceRevision, 0, len(s.Revisions))
	for _, r := range slices.Backward(s.Revisions) {
		list = append(list, p.revisionView(s, r))
	}
	return list, nil
}

func (p *Plane) revisionView(s *service, r revision) ServiceRevision {
	v := ServiceRevision{
		ServiceRevisionArn: r.Arn, ServiceArn: s.Record.ServiceArn, ClusterArn: s.cluster.Record.ClusterArn, TaskDefinition: r.TaskDefinition,
		LaunchType: r.LaunchType, CapacityProviderStrategy: slices.Clone(r.CapacityProviderStrategy),
	}
	if d, err := p.registry.Resolve(r.TaskDefinition); err == nil {
		for _, c := range d.ContainerDefinitions {
			v.ContainerImages = append(v.ContainerImages, ContainerImage{ContainerName: c.Name, Image: c.Image})
		}
	}
	for _, o := range slices.Concat(s.State.Rollouts, s.Ended) {
		if o.ID == r.Deployment {
			v.CreatedAt = o.CreatedAt
		}
	}
	return v
}
