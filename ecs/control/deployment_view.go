package control

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

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
// runs, newest first, and then the last of those that are over.
func (p *Plane) ServiceDeployments(clusterRef, ref string) ([]ServiceDeployment, error) {
	c, err := p.cluster(clusterRef)
	if err != nil {
		return nil, err
	}
	s, err := c.service(ref)
	if err != nil {
		return nil, err
	}
	var list []ServiceDeployment
	ended := slices.Clone(s.Ended)
	slices.Reverse(ended)
	for _, r := range slices.Concat(s.State.Rollouts, ended) {
		list = append(list, ServiceDeployment{
			ServiceDeploymentArn: p.arn("service-deployment/" + c.Record.ClusterName + "/" + s.Record.ServiceName + "/" + nameOf(r.ID)),
			ServiceArn:           s.Record.ServiceArn, ClusterArn: c.Record.ClusterArn, TargetServiceRevisionArn: r.ServiceRevision,
			Status: r.ServiceDeploymentStatus, StatusReason: r.RolloutStateReason, LifecycleStage: r.Stages.Stage,
			CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt, Hooks: slices.Clone(r.Stages.Hooks),
		})
	}
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
