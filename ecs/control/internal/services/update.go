package services

import (
	"cmp"
	"reflect"
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

// UpdateService changes a service. What changes its tasks starts a deployment; five at once are the most.
func (m *Room) UpdateService(in api.UpdateServiceInput) (*Service, error) {
	if err := in.Validate(); err != nil {
		return nil, err
	}
	c, err := m.Fleet.Cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	s, err := m.ActiveService(c, in.Service)
	if err != nil {
		return nil, err
	}
	if err := m.checkCount(in.DesiredCount.Or(0)); err != nil {
		return nil, err
	}
	if in.TaskDefinition != "" {
		d, err := m.Registry.ResolveForUse(in.TaskDefinition)
		if err != nil {
			return nil, err
		}
		in.TaskDefinition = d.TaskDefinitionArn
	}
	if err := in.ValidateFor(s.Record); err != nil {
		return nil, err
	}
	next := in.Apply(s.Record)
	if !next.MayRebalance() && in.AvailabilityZoneRebalancing == "" {
		next.AvailabilityZoneRebalancing = ecs.AvailabilityZoneRebalancingDisabled // the update rules it out
	}
	if err := m.Capacity.CheckStrategy(c, in.CapacityProviderStrategy.Or(nil)); err != nil {
		return nil, err
	}
	if err := checkNamespace(c, in.ServiceConnectConfiguration); err != nil {
		return nil, err
	}
	volumes := slices.Clone(in.VolumeConfigurations.Or(s.Volumes))
	var d ecs.TaskDefinition // of task sets, none
	if next.TaskDefinition != "" {
		if d, err = m.Registry.Resolve(next.TaskDefinition); err != nil {
			return nil, err
		}
		if err := m.CheckService(next, d); err != nil {
			return nil, err
		}
		if err := api.ValidateVolumes(next, volumes, d); err != nil {
			return nil, err
		}
	}
	starts := startsDeployment(s.rolledOut(), in) || s.monitorsAnew(in)
	if open := len(s.State.Rollouts); starts && open >= MaxDeployments {
		return nil, core.Fault(ecs.InvalidParameterException, "service",
			"%d active deployments exist, unable to create new deployment.", open)
	}
	m.Targets.Make(next.LoadBalancers, d.NetworkMode)
	dropped := s.Rules()
	s.Hold()
	s.Record = next
	s.Connect = cmp.Or(in.ServiceConnectConfiguration, s.Connect)
	s.Volumes, s.Monitoring = volumes, cmp.Or(in.Monitoring, s.Monitoring)
	for _, rule := range dropped {
		if !slices.Contains(s.Rules(), rule) {
			m.Outbox.Abandon("ModifyTraffic", rule)
		}
	}
	if starts {
		m.Deploy(s, d)
	}
	m.Touch(s)
	return s, nil
}

// rolledOut is the service with all that a deployment rolls out, as it is shown.
func (s *Service) rolledOut() ecs.Service {
	v := s.Record
	v.PlatformVersion = PlatformVersion(v.PlatformVersion, v.LaunchType, v.CapacityProviderStrategy)
	if !External(v) {
		v.Deployments = scheduler.View{Service: s.Record, State: s.State}.Deployments()
	}
	return v
}

// startsDeployment reports whether an update starts a deployment of the service, which is as it is shown.
func startsDeployment(old ecs.Service, in api.UpdateServiceInput) bool {
	next := in.Apply(old)
	isPrimary := func(d ecs.Deployment) bool { return d.Status == ecs.DeploymentStatusPrimary }
	next.Deployments = slices.Clone(old.Deployments)
	if !slices.ContainsFunc(next.Deployments, isPrimary) {
		next.Deployments = append(next.Deployments, ecs.Deployment{Status: ecs.DeploymentStatusPrimary})
	}
	d := &next.Deployments[slices.IndexFunc(next.Deployments, isPrimary)]
	d.ServiceConnectConfiguration = cmp.Or(in.ServiceConnectConfiguration, d.ServiceConnectConfiguration)
	d.VolumeConfigurations = in.VolumeConfigurations.Or(d.VolumeConfigurations)
	return scheduler.StartsDeployment(old, next, in.ForceNewDeployment)
}

// monitorsAnew reports whether an update changes the monitoring of the service revision.
func (s *Service) monitorsAnew(in api.UpdateServiceInput) bool {
	return in.Monitoring != nil && !reflect.DeepEqual(in.Monitoring, s.Monitoring) && !External(s.Record)
}
