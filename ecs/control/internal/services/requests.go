package services

import (
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

// ServiceIn finds a service by the references of a request.
func (m *Room) ServiceIn(clusterRef, ref string) (*Service, error) {
	c, err := m.Fleet.Cluster(clusterRef)
	if err != nil {
		return nil, err
	}
	return m.Service(c, ref)
}

// ServiceOf finds the service that the ARN of a deployment or a revision names.
func (m *Room) ServiceOf(arn string) (*Service, error) {
	parts := strings.Split(arn, "/")
	if len(parts) != 4 {
		return nil, core.Fault(ecs.ServiceNotFoundException, "", "Service not found.")
	}
	return m.ServiceIn(parts[1], parts[2])
}

// Rollouts lists the deployments of a service that are kept: those of its state, newest first,
// and then those that are over.
func (s *Service) Rollouts() []scheduler.Rollout {
	ended := slices.Clone(s.Ended)
	slices.Reverse(ended)
	return slices.Concat(s.State.Rollouts, ended)
}

// DeploymentArn returns the ARN of a deployment of a service.
func (m *Room) DeploymentArn(s *Service, id string) string {
	return m.Core.ARN("ecs", "service-deployment/"+s.Cluster.Record.ClusterName+"/"+s.Record.ServiceName+"/"+
		core.NameOf(id))
}
