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
	VolumeConfigurations     []ecs.ServiceVolumeConfiguration   `json:"volumeConfigurations,omitzero"`
	Monitoring               *ecs.MonitoringConfiguration       `json:"monitoring,omitzero"`
	GuardDutyEnabled         bool                               `json:"guardDutyEnabled"`   // never here
	CreatedAt                ecs.Instant                        `json:"createdAt,omitzero"` // absent once its deployment is forgotten
}

// ContainerImage is the image of one container of a service revision.
type ContainerImage struct {
	ContainerName string `json:"containerName"`
	Image         string `json:"image,omitzero"`
}

// ServiceRevisions is the answer of DescribeServiceRevisions.
type ServiceRevisions struct {
	ServiceRevisions []ServiceRevision `json:"serviceRevisions"`
	Failures         []ecs.Failure     `json:"failures"`
}

// DescribeServiceRevisions describes revisions in the order asked for. The last 50 of a
// service are kept; others are failures.
// Source: Amazon ECS API Reference, DescribeServiceRevisions.
func (p *Plane) DescribeServiceRevisions(in ecs.DescribeServiceRevisionsInput) (ServiceRevisions, error) {
	out := ServiceRevisions{ServiceRevisions: []ServiceRevision{}, Failures: []ecs.Failure{}}
	if err := in.Validate(); err != nil {
		return out, err
	}
	for _, arn := range in.ServiceRevisionArns {
		s, err := p.serviceOf(arn)
		i := -1
		if err == nil {
			i = slices.IndexFunc(s.Revisions, func(r revision) bool { return r.Arn == arn })
		}
		if i < 0 {
			out.Failures = append(out.Failures, missing(arn))
			continue
		}
		out.ServiceRevisions = append(out.ServiceRevisions, p.revisionView(s, s.Revisions[i]))
	}
	return out, nil
}

func (p *Plane) revisionView(s *service, r revision) ServiceRevision {
	v := ServiceRevision{
		ServiceRevisionArn: r.Arn, ServiceArn: s.Record.ServiceArn, ClusterArn: s.cluster.Record.ClusterArn, TaskDefinition: r.TaskDefinition,
		LaunchType: r.LaunchType, CapacityProviderStrategy: slices.Clone(r.CapacityProviderStrategy),
		VolumeConfigurations: slices.Clone(r.VolumeConfigurations), Monitoring: r.Monitoring,
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
