package control

import (
	"cmp"
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
)

func (m *serviceRoom) makeService(in api.CreateServiceInput) (*service, error) {
	if err := in.Validate(); err != nil {
		return nil, err
	}
	c, err := m.fleet.ClusterOrDefault(in.Cluster)
	if err != nil {
		return nil, err
	}
	if err := m.checkCount(in.DesiredCount.Or(0)); err != nil {
		return nil, err
	}
	if s, ok := m.find(c, in.ServiceName); ok && s.Record.Status != ecs.ServiceStatusInactive {
		return nil, core.Fault(ecs.InvalidParameterException, "serviceName", "Creation of service was not idempotent.")
	}
	record := m.newService(c, in)
	if err := m.capacity.CheckStrategy(c, record.CapacityProviderStrategy); err != nil {
		return nil, err
	}
	if err := checkNamespace(c, in.ServiceConnectConfiguration); err != nil {
		return nil, err
	}
	var d ecs.TaskDefinition
	fresh := service{Record: record, Connect: in.ServiceConnectConfiguration,
		Volumes: slices.Clone(in.VolumeConfigurations), Monitoring: in.Monitoring}
	if external(record) {
		if err := api.ValidateVolumes(record, in.VolumeConfigurations, d); err != nil {
			return nil, err
		}
		return m.addService(c, fresh, d), nil
	}
	if d, err = m.registry.ResolveForUse(in.TaskDefinition); err != nil {
		return nil, err
	}
	record.TaskDefinition = d.TaskDefinitionArn
	fresh.Record = record
	if err := m.checkService(record, d); err != nil {
		return nil, err
	}
	if err := api.ValidateVolumes(record, in.VolumeConfigurations, d); err != nil {
		return nil, err
	}
	m.targets.Make(record.LoadBalancers, d.NetworkMode)
	return m.addService(c, fresh, d), nil
}

// checkNamespace refuses Service Connect where neither the service nor its cluster names the
// namespace. Which namespaces there are is not known here.
func checkNamespace(c *fleet.Cluster, connect *ecs.ServiceConnectConfiguration) error {
	if connect == nil || !connect.Enabled || connect.Namespace != "" || c.Record.ServiceConnectDefaults != nil {
		return nil
	}
	return core.Fault(ecs.NamespaceNotFoundException, "serviceConnectConfiguration.namespace",
		"Service Connect is enabled, and neither the service nor the cluster %s names a namespace.",
		c.Record.ClusterName)
}

// checkCount refuses desired counts above the quota.
func (m *serviceRoom) checkCount(n int) error {
	if most := m.tasksPerService; n > most {
		return core.Fault(ecs.LimitExceededException, "desiredCount",
			"A service may have at most %d tasks; these would be %d.", most, n)
	}
	return nil
}

// maxDeployments is how many deployments, or task sets, of a service there may be at once. AWS
// does not list the quota; its refusals name it.
const maxDeployments = 5

func (m *serviceRoom) newService(c *fleet.Cluster, in api.CreateServiceInput) ecs.Service {
	s := ecs.Service{
		ServiceArn:                    m.core.ARN("ecs", "service/"+c.Record.ClusterName+"/"+in.ServiceName),
		ServiceName:                   in.ServiceName,
		ClusterArn:                    c.Record.ClusterArn,
		LoadBalancers:                 slices.Clone(in.LoadBalancers),
		ServiceRegistries:             slices.Clone(in.ServiceRegistries),
		Status:                        ecs.ServiceStatusActive,
		DesiredCount:                  in.DesiredCount.Or(0),
		PlatformVersion:               in.PlatformVersion,
		RoleArn:                       in.Role,
		CreatedAt:                     m.core.Now(),
		PlacementConstraints:          slices.Clone(in.PlacementConstraints),
		PlacementStrategy:             slices.Clone(in.PlacementStrategy),
		NetworkConfiguration:          in.NetworkConfiguration,
		HealthCheckGracePeriodSeconds: in.HealthCheckGracePeriodSeconds,
		SchedulingStrategy:            cmp.Or(in.SchedulingStrategy, ecs.SchedulingStrategyReplica),
		DeploymentController:          in.DeploymentController,
		Tags:                          slices.Clone(in.Tags),
		EnableECSManagedTags:          in.EnableECSManagedTags,
		PropagateTags:                 in.PropagateTags,
		EnableExecuteCommand:          in.EnableExecuteCommand,
		AvailabilityZoneRebalancing:   cmp.Or(in.AvailabilityZoneRebalancing, ecs.AvailabilityZoneRebalancingDisabled),
	}
	if in.DeploymentConfiguration != nil {
		s.DeploymentConfiguration = *in.DeploymentConfiguration
	}
	launchType, strategy := ecs.LaunchDefaults(in.LaunchType, in.CapacityProviderStrategy, c.Record)
	s.LaunchType, s.CapacityProviderStrategy = launchType, slices.Clone(strategy)
	if s.DeploymentController == nil {
		s.DeploymentController = &ecs.DeploymentController{Type: ecs.DeploymentControllerTypeEcs}
	}
	if in.AvailabilityZoneRebalancing == "" && s.MayRebalance() &&
		s.DeploymentController.Type == ecs.DeploymentControllerTypeEcs {
		s.AvailabilityZoneRebalancing = ecs.AvailabilityZoneRebalancingEnabled // it is there unless it is declined
	}
	return s
}

func (m *serviceRoom) addService(c *fleet.Cluster, fresh service, d ecs.TaskDefinition) *service {
	m.fleet.Use(c)
	s := &fresh
	s.cluster = c
	name := s.Record.ServiceName
	if old, ok := m.find(c, name); ok {
		m.removeService(old)
	}
	m.enter(c, s)
	if !external(s.Record) {
		m.deploy(s, d)
	}
	m.touch(s)
	return s
}

func (m *serviceRoom) deleteService(in api.DeleteServiceInput) (*service, error) {
	if err := in.Validate(); err != nil {
		return nil, err
	}
	c, err := m.fleet.Cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	s, err := m.livingService(c, in.Service)
	if err != nil {
		return nil, err
	}
	if s.Record.Status == ecs.ServiceStatusActive && !in.Force && !s.daemon() && s.Record.DesiredCount > 0 {
		return nil, core.Fault(ecs.InvalidParameterException, "service",
			"The service cannot be stopped while it is scaled above 0.")
	}
	s.Record.Status = ecs.ServiceStatusDraining
	s.Record.DesiredCount = 0
	m.scaling.End(scaled{m, s})
	m.touch(s)
	return s, nil
}
