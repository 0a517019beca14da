package control

import (
	"cmp"
	"reflect"
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/scaling"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

// service is a service with what the scheduler remembers of it.
type service struct {
	Record    ecs.Service                      `json:"service"` // as asked for; counts and deployments are computed
	State     scheduler.State                  `json:"state"`   // the scheduler's memory
	Connect   *ecs.ServiceConnectConfiguration `json:"serviceConnectConfiguration,omitzero"`
	Revisions []revision                       `json:"revisions,omitzero"` // what deployments rolled out, newest last
	Ended     []scheduler.Rollout              `json:"ended,omitzero"`     // deployments that are over, newest last
	Alternate []string                         `json:"alternate,omitzero"` // deployments on the alternate target groups
	TaskSets  []taskSet                        `json:"taskSets,omitzero"`  // of the controller EXTERNAL
	Unplaced  []scheduler.PlacementFailure     `json:"unplaced,omitzero"`  // to be told to the scheduler
	Grown     bool                             `json:"grown,omitzero"`     // the cluster gained room since a placement failed
	Wake      ecs.Instant                      `json:"wake,omitzero"`      // when the scheduler wants to be asked again
	Scaling   *scaling.Target                  `json:"scaling,omitzero"`
	Launched  scheduler.LaunchBucket           `json:"launched,omitzero"` // what its launch rate remembers

	Volumes    []ecs.ServiceVolumeConfiguration `json:"volumeConfigurations,omitzero"`
	Monitoring *api.MonitoringConfiguration     `json:"monitoring,omitzero"`

	answers  []scheduler.HookAnswer // told once, within one input
	requests []scheduler.Request
	cluster  *cluster
	tasks    []*task // not forgotten by the scheduler, in order of creation
	dirty    bool
	passes   int // within one input
}

func (s *service) group() string { return "service:" + s.Record.ServiceName }

func (s *service) daemon() bool { return s.Record.SchedulingStrategy == ecs.SchedulingStrategyDaemon }

// touch notes that a service must be looked at before the input ends.
func (p *Plane) touch(s *service) {
	if s != nil && !s.dirty {
		s.dirty = true
		p.dirty = append(p.dirty, s)
	}
}

// serviceByArn finds a service by its ARN, deleted ones too.
func (p *Plane) serviceByArn(arn string) (*service, bool) {
	a, err := ecs.ParseARN(arn)
	if err != nil {
		return nil, false
	}
	c, ok := p.byCluster[a.Cluster()]
	if !ok {
		return nil, false
	}
	s, ok := c.byService[core.NameOf(arn)]
	return s, ok
}

// service finds a service by name or ARN: an INACTIVE one, too, as long as its name is not used
// again. What it did may still be looked at.
func (c *cluster) service(ref string) (*service, error) {
	if s, ok := c.byService[core.NameOf(ref)]; ok {
		return s, nil
	}
	return nil, core.Fault(ecs.ServiceNotFoundException, "service", "Service not found.")
}

// livingService finds a service that is not INACTIVE.
func (c *cluster) livingService(ref string) (*service, error) {
	s, err := c.service(ref)
	if err == nil && s.Record.Status == ecs.ServiceStatusInactive {
		return nil, core.Fault(ecs.ServiceNotFoundException, "service", "Service not found.")
	}
	return s, err
}

// activeService finds a service that may be changed.
func (c *cluster) activeService(ref string) (*service, error) {
	s, err := c.service(ref)
	if err == nil && s.Record.Status != ecs.ServiceStatusActive {
		return nil, core.Fault(ecs.ServiceNotActiveException, "service", "Service was not ACTIVE.")
	}
	return s, err
}

// CreateService makes a service and starts its first deployment. The default cluster is
// made when first used. The same client token with the same input returns the service that
// is there; with another input it is refused.
// Source: Amazon ECS API Reference, CreateService.
func (p *Plane) CreateService(now time.Time, in api.CreateServiceInput) (ecs.Service, error) {
	return request(p, now, "CreateService", in, p.createService)
}

func (p *Plane) createService(in api.CreateServiceInput) (ecs.Service, error) {
	if s, done, err := p.repeatedService(in); done {
		return s, err
	}
	if err := in.Validate(); err != nil {
		return ecs.Service{}, err
	}
	c, err := p.clusterOrDefault(in.Cluster)
	if err != nil {
		return ecs.Service{}, err
	}
	if err := p.checkCount(in.DesiredCount.Or(0)); err != nil {
		return ecs.Service{}, err
	}
	if s, ok := c.byService[in.ServiceName]; ok && s.Record.Status != ecs.ServiceStatusInactive {
		return ecs.Service{}, core.Fault(ecs.InvalidParameterException, "serviceName", "Creation of service was not idempotent.")
	}
	record := p.newService(c, in)
	if err := p.checkStrategy(c, record.CapacityProviderStrategy); err != nil {
		return ecs.Service{}, err
	}
	if err := checkNamespace(c, in.ServiceConnectConfiguration); err != nil {
		return ecs.Service{}, err
	}
	if external(record) {
		if err := api.ValidateVolumes(record, in.VolumeConfigurations, ecs.TaskDefinition{}); err != nil {
			return ecs.Service{}, err
		}
		return p.addService(c, service{Record: record, Connect: in.ServiceConnectConfiguration, Volumes: slices.Clone(in.VolumeConfigurations), Monitoring: in.Monitoring}, in)
	}
	d, err := p.registry.ResolveForUse(in.TaskDefinition)
	if err != nil {
		return ecs.Service{}, err
	}
	record.TaskDefinition = d.TaskDefinitionArn
	if err := p.checkService(record, d); err != nil {
		return ecs.Service{}, err
	}
	if err := api.ValidateVolumes(record, in.VolumeConfigurations, d); err != nil {
		return ecs.Service{}, err
	}
	p.targets.Make(record.LoadBalancers, d.NetworkMode)
	return p.addService(c, service{Record: record, Connect: in.ServiceConnectConfiguration, Volumes: slices.Clone(in.VolumeConfigurations), Monitoring: in.Monitoring}, in)
}

// checkNamespace refuses Service Connect where neither the service nor its cluster names the
// namespace. Which namespaces there are is not known here.
func checkNamespace(c *cluster, connect *ecs.ServiceConnectConfiguration) error {
	if connect == nil || !connect.Enabled || connect.Namespace != "" || c.Record.ServiceConnectDefaults != nil {
		return nil
	}
	return core.Fault(ecs.NamespaceNotFoundException, "serviceConnectConfiguration.namespace",
		"Service Connect is enabled, and neither the service nor the cluster %s names a namespace.", c.Record.ClusterName)
}

// checkCount refuses desired counts above the quota.
func (p *Plane) checkCount(n int) error {
	if most := p.config.TasksPerService; n > most {
		return core.Fault(ecs.LimitExceededException, "desiredCount", "A service may have at most %d tasks; these would be %d.", most, n)
	}
	return nil
}

// maxDeployments is how many deployments, or task sets, of a service there may be at once. AWS
// does not list the quota; its refusals name it.
const maxDeployments = 5

func external(s ecs.Service) bool {
	return s.DeploymentController != nil && s.DeploymentController.Type == ecs.DeploymentControllerTypeExternal
}

func (p *Plane) newService(c *cluster, in api.CreateServiceInput) ecs.Service {
	s := ecs.Service{
		ServiceArn:                    p.core.ARN("ecs", "service/"+c.Record.ClusterName+"/"+in.ServiceName),
		ServiceName:                   in.ServiceName,
		ClusterArn:                    c.Record.ClusterArn,
		LoadBalancers:                 slices.Clone(in.LoadBalancers),
		ServiceRegistries:             slices.Clone(in.ServiceRegistries),
		Status:                        ecs.ServiceStatusActive,
		DesiredCount:                  in.DesiredCount.Or(0),
		PlatformVersion:               in.PlatformVersion,
		RoleArn:                       in.Role,
		CreatedAt:                     p.core.Now(),
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
	if in.AvailabilityZoneRebalancing == "" && s.MayRebalance() && s.DeploymentController.Type == ecs.DeploymentControllerTypeEcs {
		s.AvailabilityZoneRebalancing = ecs.AvailabilityZoneRebalancingEnabled // it is there unless it is declined
	}
	return s
}

func (p *Plane) addService(c *cluster, fresh service, in api.CreateServiceInput) (ecs.Service, error) {
	p.use(c)
	s := &fresh
	s.cluster = c
	name := s.Record.ServiceName
	if old, ok := c.byService[name]; ok {
		p.removeService(old)
	}
	c.services = append(c.services, s)
	c.byService[name] = s
	if !external(s.Record) {
		p.deploy(s)
	}
	p.remember(in.ClientToken, in, s.Record.ServiceArn)
	p.touch(s)
	return p.serviceView(s), nil
}

// UpdateService changes a service. What changes the tasks themselves starts a deployment;
// the rest takes effect as it is.
// Source: Amazon ECS API Reference, UpdateService.
func (p *Plane) UpdateService(now time.Time, in api.UpdateServiceInput) (ecs.Service, error) {
	return request(p, now, "UpdateService", in, p.updateService)
}

func (p *Plane) updateService(in api.UpdateServiceInput) (ecs.Service, error) {
	if err := in.Validate(); err != nil {
		return ecs.Service{}, err
	}
	c, err := p.cluster(in.Cluster)
	if err != nil {
		return ecs.Service{}, err
	}
	s, err := c.activeService(in.Service)
	if err != nil {
		return ecs.Service{}, err
	}
	if err := p.checkCount(in.DesiredCount.Or(0)); err != nil {
		return ecs.Service{}, err
	}
	if in.TaskDefinition != "" {
		d, err := p.registry.ResolveForUse(in.TaskDefinition)
		if err != nil {
			return ecs.Service{}, err
		}
		in.TaskDefinition = d.TaskDefinitionArn
	}
	if err := in.ValidateFor(s.Record); err != nil {
		return ecs.Service{}, err
	}
	next := updated(s.Record, in)
	if !next.MayRebalance() && in.AvailabilityZoneRebalancing == "" {
		next.AvailabilityZoneRebalancing = ecs.AvailabilityZoneRebalancingDisabled // the update rules it out
	}
	if err := p.checkStrategy(c, in.CapacityProviderStrategy.Or(nil)); err != nil {
		return ecs.Service{}, err
	}
	if err := checkNamespace(c, in.ServiceConnectConfiguration); err != nil {
		return ecs.Service{}, err
	}
	volumes := slices.Clone(in.VolumeConfigurations.Or(s.Volumes))
	mode := ecs.NetworkMode("")
	if next.TaskDefinition != "" {
		d, err := p.registry.Resolve(next.TaskDefinition)
		if err != nil {
			return ecs.Service{}, err
		}
		if err := p.checkService(next, d); err != nil {
			return ecs.Service{}, err
		}
		if err := api.ValidateVolumes(next, volumes, d); err != nil {
			return ecs.Service{}, err
		}
		mode = d.NetworkMode
	}
	starts := startsDeployment(p.serviceView(s), in) || s.monitorsAnew(in)
	if open := len(s.State.Rollouts); starts && open >= maxDeployments {
		return ecs.Service{}, core.Fault(ecs.InvalidParameterException, "service", "%d active deployments exist, unable to create new deployment.", open)
	}
	p.targets.Make(next.LoadBalancers, mode)
	dropped := s.rules()
	s.Record = next
	s.Connect = cmp.Or(in.ServiceConnectConfiguration, s.Connect)
	s.Volumes, s.Monitoring = volumes, cmp.Or(in.Monitoring, s.Monitoring)
	for _, rule := range dropped {
		if !slices.Contains(s.rules(), rule) {
			p.outbox.Abandon("ModifyTraffic", rule)
		}
	}
	if starts {
		p.deploy(s)
	}
	p.touch(s)
	return p.serviceView(s), nil
}

// startsDeployment reports whether an update starts a deployment of the service, which is as it is shown.
func startsDeployment(old ecs.Service, in api.UpdateServiceInput) bool {
	next := updated(old, in)
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

// monitorsAnew reports whether an update changes what the service revision shows of monitoring.
func (s *service) monitorsAnew(in api.UpdateServiceInput) bool {
	return in.Monitoring != nil && !reflect.DeepEqual(in.Monitoring, s.Monitoring) && !external(s.Record)
}

// updated returns the record after the update: absent fields stay, empty lists clear.
func updated(s ecs.Service, in api.UpdateServiceInput) ecs.Service {
	s.DesiredCount = in.DesiredCount.Or(s.DesiredCount)
	s.TaskDefinition = cmp.Or(in.TaskDefinition, s.TaskDefinition)
	if strategy, ok := in.CapacityProviderStrategy.Get(); ok {
		s.LaunchType, s.CapacityProviderStrategy = relaunched(s, strategy), slices.Clone(strategy)
	}
	if in.DeploymentConfiguration != nil {
		s.DeploymentConfiguration = *in.DeploymentConfiguration
	}
	s.AvailabilityZoneRebalancing = cmp.Or(in.AvailabilityZoneRebalancing, s.AvailabilityZoneRebalancing)
	if in.NetworkConfiguration != nil {
		s.NetworkConfiguration = in.NetworkConfiguration
	}
	s.PlacementConstraints = slices.Clone(in.PlacementConstraints.Or(s.PlacementConstraints))
	s.PlacementStrategy = slices.Clone(in.PlacementStrategy.Or(s.PlacementStrategy))
	s.PlatformVersion = cmp.Or(in.PlatformVersion, s.PlatformVersion)
	if !in.HealthCheckGracePeriodSeconds.IsZero() {
		s.HealthCheckGracePeriodSeconds = in.HealthCheckGracePeriodSeconds
	}
	s.EnableExecuteCommand = in.EnableExecuteCommand.Or(s.EnableExecuteCommand)
	s.EnableECSManagedTags = in.EnableECSManagedTags.Or(s.EnableECSManagedTags)
	s.PropagateTags = cmp.Or(in.PropagateTags, s.PropagateTags)
	s.LoadBalancers = slices.Clone(in.LoadBalancers.Or(s.LoadBalancers))
	s.ServiceRegistries = slices.Clone(in.ServiceRegistries.Or(s.ServiceRegistries))
	return s
}

// relaunched returns the launch type of a service whose strategy is changed: none beside a
// strategy, and where the strategy is taken away, that of the tasks which it started.
func relaunched(s ecs.Service, strategy []ecs.CapacityProviderStrategyItem) ecs.LaunchType {
	switch {
	case len(strategy) > 0:
		return ""
	case len(s.CapacityProviderStrategy) == 0:
		return s.LaunchType
	case ecs.OnFargate("", s.CapacityProviderStrategy):
		return ecs.LaunchTypeFargate
	}
	return ecs.LaunchTypeEC2
}

// DeleteService ends a service: DRAINING while its tasks stop, INACTIVE then. A REPLICA
// service that is not scaled to 0 needs force.
// Source: Amazon ECS API Reference, DeleteService.
func (p *Plane) DeleteService(now time.Time, in api.DeleteServiceInput) (ecs.Service, error) {
	return request(p, now, "DeleteService", in, p.deleteService)
}

func (p *Plane) deleteService(in api.DeleteServiceInput) (ecs.Service, error) {
	if err := in.Validate(); err != nil {
		return ecs.Service{}, err
	}
	c, err := p.cluster(in.Cluster)
	if err != nil {
		return ecs.Service{}, err
	}
	s, err := c.livingService(in.Service)
	if err != nil {
		return ecs.Service{}, err
	}
	if s.Record.Status == ecs.ServiceStatusActive && !in.Force && !s.daemon() && s.Record.DesiredCount > 0 {
		return ecs.Service{}, core.Fault(ecs.InvalidParameterException, "service", "The service cannot be stopped while it is scaled above 0.")
	}
	s.Record.Status = ecs.ServiceStatusDraining
	s.Record.DesiredCount = 0
	p.scaling.End(scaled{p, s})
	p.touch(s)
	return p.serviceView(s), nil
}

// removeService forgets an INACTIVE service, to make room for a new one of its name.
func (p *Plane) removeService(s *service) {
	c := s.cluster
	c.services = slices.DeleteFunc(c.services, func(o *service) bool { return o == s })
	delete(c.byService, s.Record.ServiceName)
	for _, t := range c.tasks {
		if t.service == s {
			t.service, t.Orphan = nil, true
		}
	}
}
