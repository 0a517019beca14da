package services

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
)

// MakeService makes a service and starts its first deployment, unless its deployments are somebody else's.
// It refuses what the request's rules, the cluster, the definition or the target groups do not allow.
func (m *Room) MakeService(in api.CreateServiceInput) (*Service, error) {
	if err := in.Validate(); err != nil {
		return nil, err
	}
	c, err := m.Fleet.ClusterOrDefault(in.Cluster)
	if err != nil {
		return nil, err
	}
	if err := m.checkCount(in.DesiredCount.Or(0)); err != nil {
		return nil, err
	}
	if s, ok := m.Find(c, in.ServiceName); ok && s.Record.Status != ecs.ServiceStatusInactive {
		return nil, core.Fault(ecs.InvalidParameterException, "serviceName", "Creation of service was not idempotent.")
	}
	record := in.Make(c.Record, m.Core.ARN("ecs", "service/"+c.Record.ClusterName+"/"+in.ServiceName),
		m.Core.Now())
	if err := m.Capacity.CheckStrategy(c, record.CapacityProviderStrategy); err != nil {
		return nil, err
	}
	if err := checkNamespace(c, in.ServiceConnectConfiguration); err != nil {
		return nil, err
	}
	var d ecs.TaskDefinition
	fresh := Service{Record: record, Connect: in.ServiceConnectConfiguration,
		Volumes: slices.Clone(in.VolumeConfigurations), Monitoring: in.Monitoring}
	if External(record) {
		if err := api.ValidateVolumes(record, in.VolumeConfigurations, d); err != nil {
			return nil, err
		}
		return m.addService(c, fresh, d), nil
	}
	if d, err = m.Registry.ResolveForUse(in.TaskDefinition); err != nil {
		return nil, err
	}
	record.TaskDefinition = d.TaskDefinitionArn
	fresh.Record = record
	if err := m.CheckService(record, d); err != nil {
		return nil, err
	}
	if err := api.ValidateVolumes(record, in.VolumeConfigurations, d); err != nil {
		return nil, err
	}
	m.Targets.Make(record.LoadBalancers, d.NetworkMode)
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
func (m *Room) checkCount(n int) error {
	if most := m.TasksPerService; n > most {
		return core.Fault(ecs.LimitExceededException, "desiredCount",
			"A service may have at most %d tasks; these would be %d.", most, n)
	}
	return nil
}

// MaxDeployments is how many deployments, or task sets, of a service there may be at once. AWS
// does not list the quota; its refusals name it.
const MaxDeployments = 5

func (m *Room) addService(c *fleet.Cluster, fresh Service, d ecs.TaskDefinition) *Service {
	m.Fleet.Use(c)
	s := &fresh
	s.Cluster = c
	name := s.Record.ServiceName
	if old, ok := m.Find(c, name); ok {
		m.removeService(old)
	}
	m.enter(c, s)
	if !External(s.Record) {
		m.Deploy(s, d)
	}
	m.Touch(s)
	return s
}

// DeleteService ends a service: DRAINING while its tasks stop. One that is scaled above 0 needs force.
func (m *Room) DeleteService(in api.DeleteServiceInput) (*Service, error) {
	if err := in.Validate(); err != nil {
		return nil, err
	}
	c, err := m.Fleet.Cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	s, err := m.LivingService(c, in.Service)
	if err != nil {
		return nil, err
	}
	if s.Record.Status == ecs.ServiceStatusActive && !in.Force && !s.Daemon() && s.Record.DesiredCount > 0 {
		return nil, core.Fault(ecs.InvalidParameterException, "service",
			"The service cannot be stopped while it is scaled above 0.")
	}
	s.Hold()
	s.Record.Status = ecs.ServiceStatusDraining
	s.Record.DesiredCount = 0
	m.Scaling.End(scaled{m, s})
	m.Touch(s)
	return s, nil
}
