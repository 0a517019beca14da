package control

import (
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

// serviceIn finds a service by the references of a request.
func (m *serviceRoom) serviceIn(clusterRef, ref string) (*service, error) {
	c, err := m.fleet.Cluster(clusterRef)
	if err != nil {
		return nil, err
	}
	return m.service(c, ref)
}

// serviceOf finds the service that the ARN of a deployment or a revision names.
func (m *serviceRoom) serviceOf(arn string) (*service, error) {
	parts := strings.Split(arn, "/")
	if len(parts) != 4 {
		return nil, core.Fault(ecs.ServiceNotFoundException, "", "Service not found.")
	}
	return m.serviceIn(parts[1], parts[2])
}

// rollouts lists the deployments of a service that are kept: those of its state, newest first,
// and then those that are over.
func (s *service) rollouts() []scheduler.Rollout {
	ended := slices.Clone(s.Ended)
	slices.Reverse(ended)
	return slices.Concat(s.State.Rollouts, ended)
}

func (m *serviceRoom) deploymentArn(s *service, id string) string {
	return m.core.ARN("ecs", "service-deployment/"+s.cluster.Record.ClusterName+"/"+s.Record.ServiceName+"/"+
		core.NameOf(id))
}
