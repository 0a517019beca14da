package services

import (
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

// Revision is a service revision: what a deployment rolls out, kept to be rolled back to.
type Revision struct {
	Arn                      string                             `json:"arn"`
	Deployment               string                             `json:"deployment"`
	TaskDefinition           string                             `json:"taskDefinition"`
	LaunchType               ecs.LaunchType                     `json:"launchType,omitzero"`
	CapacityProviderStrategy []ecs.CapacityProviderStrategyItem `json:"capacityProviderStrategy,omitzero"`
	LoadBalancers            []ecs.LoadBalancer                 `json:"loadBalancers,omitzero"`
	ServiceRegistries        []ecs.ServiceRegistry              `json:"serviceRegistries,omitzero"`
	VolumeConfigurations     []ecs.ServiceVolumeConfiguration   `json:"volumeConfigurations,omitzero"`
	Monitoring               *api.MonitoringConfiguration       `json:"monitoring,omitzero"`
	Network                  *ecs.NetworkConfiguration          `json:"networkConfiguration,omitzero"`
	Connect                  *ecs.ServiceConnectConfiguration   `json:"serviceConnectConfiguration,omitzero"`
	PlatformVersion          string                             `json:"platformVersion,omitzero"`
	Digests                  map[string]string                  `json:"digests,omitzero"` // of images, by container
	CreatedAt                ecs.Instant                        `json:"createdAt,omitzero"`
}

// revisionOf returns the revision that a deployment rolls out; of one that is no longer kept,
// the service as it is now.
func (s *Service) revisionOf(deployment string) Revision {
	for _, r := range slices.Backward(s.Revisions) {
		if r.Deployment == deployment {
			return r
		}
	}
	return Revision{LoadBalancers: s.Record.LoadBalancers, ServiceRegistries: s.Record.ServiceRegistries,
		Monitoring: s.Monitoring}
}

// Deploy starts a new deployment of the service as it is now, which rolls out d.
func (m *Room) Deploy(s *Service, d ecs.TaskDefinition) {
	id := m.Core.DeploymentID()
	number := strings.TrimPrefix(id, "ecs-svc/")
	r := Revision{
		Arn: m.Core.ARN("ecs", "service-revision/"+s.Cluster.Record.ClusterName+"/"+s.Record.ServiceName+"/"+
			number),
		Deployment: id, TaskDefinition: d.TaskDefinitionArn, LaunchType: s.Record.LaunchType,
		CapacityProviderStrategy: s.Record.CapacityProviderStrategy,
		LoadBalancers:            s.Record.LoadBalancers, ServiceRegistries: s.Record.ServiceRegistries,
		VolumeConfigurations: s.Volumes, Monitoring: s.Monitoring,
		Network: s.Record.NetworkConfiguration, Connect: s.Connect, PlatformVersion: s.Record.PlatformVersion,
		CreatedAt: m.Core.Now(),
	}
	s.Revisions = append(s.Revisions, r)
	if len(s.Revisions) > maxRevisions {
		s.Revisions = slices.Delete(s.Revisions, 0, len(s.Revisions)-maxRevisions)
	}
	m.takeTurns(s, id)
	next := scheduler.NewRollout(id, s.Record, d)
	next.ServiceRevision, next.ServiceConnectConfiguration, next.VolumeConfigurations = r.Arn, s.Connect, s.Volumes
	m.Remembers(s, s.State.Deploy(next, m.Core.Now().Time()))
}

// maxRevisions is how many revisions of a service are kept.
const maxRevisions = 50
