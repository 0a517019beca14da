package control

import (
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
)

// CreateCluster makes a cluster; one that exists already is returned as it is.
// Source: Amazon ECS API Reference, CreateCluster.
func (p *Plane) CreateCluster(now time.Time, in api.CreateClusterInput) (ecs.Cluster, error) {
	return answer(p, now, "CreateCluster", in, p.createCluster, p.show.Cluster)
}

func (p *Plane) createCluster(in api.CreateClusterInput) (*fleet.Cluster, error) {
	if err := in.Validate(); err != nil {
		return nil, err
	}
	if err := p.capacity.CheckProviders(in.CapacityProviders); err != nil {
		return nil, err
	}
	c, made := p.fleet.MakeCluster(in)
	if made {
		p.capacity.ScheduleProviders()
		p.ensureNamespace(c)
	}
	return c, nil
}

func (p *Plane) updateCluster(in api.UpdateClusterInput) (*fleet.Cluster, error) {
	c, err := p.fleet.UpdateCluster(in)
	if err == nil {
		p.ensureNamespace(c)
	}
	return c, err
}

// UpdateCluster changes a cluster's settings and its namespace of Service Connect.
// Source: Amazon ECS API Reference, UpdateCluster.
func (p *Plane) UpdateCluster(now time.Time, in api.UpdateClusterInput) (ecs.Cluster, error) {
	return answer(p, now, "UpdateCluster", in, p.updateCluster, p.show.Cluster)
}

// UpdateClusterSettings changes a cluster's settings.
// Source: Amazon ECS API Reference, UpdateClusterSettings.
func (p *Plane) UpdateClusterSettings(now time.Time, in api.UpdateClusterSettingsInput) (ecs.Cluster, error) {
	return answer(p, now, "UpdateClusterSettings", in, p.fleet.UpdateClusterSettings, p.show.Cluster)
}

// DeleteCluster makes a cluster INACTIVE. It is refused while the cluster holds container
// instances, services or tasks (ClusterContainsContainerInstancesException,
// ClusterContainsServicesException, ClusterContainsTasksException).
// Source: Amazon ECS API Reference, DeleteCluster.
func (p *Plane) DeleteCluster(now time.Time, in api.DeleteClusterInput) (ecs.Cluster, error) {
	return answer(p, now, "DeleteCluster", in, p.deleteCluster, p.show.Cluster)
}

func (p *Plane) deleteCluster(in api.DeleteClusterInput) (*fleet.Cluster, error) {
	c, err := p.fleet.Cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	for _, i := range c.Instances {
		if i.Record.Status != ecs.ContainerInstanceStatusInactive {
			return nil, core.Fault(ecs.ClusterContainsContainerInstancesException, "cluster",
				"The Cluster cannot be deleted while Container Instances are active or draining.")
		}
	}
	for _, s := range p.services.In(c) {
		if s.Record.Status == ecs.ServiceStatusActive {
			return nil, core.Fault(ecs.ClusterContainsServicesException, "cluster",
				"The Cluster cannot be deleted while Services are active.")
		}
	}
	for t := range p.tasks.In(c) {
		if !t.Stopped() {
			return nil, core.Fault(ecs.ClusterContainsTasksException, "cluster",
				"The Cluster cannot be deleted while Tasks are active.")
		}
	}
	c.Record.Status = ecs.ClusterStatusInactive
	p.capacity.ScheduleProviders()
	return c, nil
}

// DescribeClusters describes clusters in the order asked for; unknown ones are failures.
// Tags, settings, configuration and statistics are shown if they are included.
// Source: Amazon ECS API Reference, DescribeClusters.
func (p *Plane) DescribeClusters(in api.DescribeClustersInput) (api.DescribeClustersOutput, error) {
	return p.show.DescribeClusters(in)
}

// ListClusters lists the ARNs of the clusters that are not INACTIVE, in order.
func (p *Plane) ListClusters(in api.ListClustersInput) (api.Page, error) {
	return p.show.ListClusters(in)
}
