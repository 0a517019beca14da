package show

import (
	"cmp"
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/codedeploy"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/rollout"
	"github.com/bayplan/bayplan/ecs/control/internal/services"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

// DescribeServices answers the request of that name.
func (m *Room) DescribeServices(in api.DescribeServicesInput) (api.DescribeServicesOutput, error) {
	out := api.DescribeServicesOutput{Services: []ecs.Service{}, Failures: []ecs.Failure{}}
	if err := in.Validate(); err != nil {
		return out, err
	}
	c, err := m.Fleet.Cluster(in.Cluster)
	if err != nil {
		return out, err
	}
	for _, ref := range in.Services {
		if s, ok := m.Services.Find(c, core.NameOf(ref)); ok {
			v := m.Service(s)
			if !core.Included(in.Include, "TAGS") {
				v.Tags = nil
			}
			out.Services = append(out.Services, v)
		} else {
			out.Failures = append(out.Failures,
				core.Missing(m.Core.ARN("ecs", "service/"+c.Record.ClusterName+"/"+core.NameOf(ref))))
		}
	}
	return out, nil
}

// ListServices answers the request of that name.
func (m *Room) ListServices(in api.ListServicesInput) (api.Page, error) {
	if err := in.Validate(); err != nil {
		return api.Page{}, err
	}
	c, err := m.Fleet.Cluster(in.Cluster)
	if err != nil {
		return api.Page{}, err
	}
	var arns []string
	for _, s := range m.Services.In(c) {
		if s.Record.Status == ecs.ServiceStatusActive &&
			in.ResourceManagementType != "ECS" && // which Express services have
			(in.LaunchType == "" || s.Record.LaunchType == in.LaunchType) &&
			(in.SchedulingStrategy == "" || s.Record.SchedulingStrategy == in.SchedulingStrategy) {
			arns = append(arns, s.Record.ServiceArn)
		}
	}
	size := in.MaxResults
	if size.IsZero() {
		size = ecs.Some(defaultServicePage)
	}
	return paged(core.Page(arns, in.NextToken, size))
}

const defaultServicePage = 10

// ListServicesByNamespace answers the request of that name.
func (m *Room) ListServicesByNamespace(in api.ListServicesByNamespaceInput) (api.Page, error) {
	if err := in.Validate(); err != nil {
		return api.Page{}, err
	}
	var arns []string
	for arn, s := range m.Services.AllServices {
		if s.Record.Status == ecs.ServiceStatusActive && s.Connect != nil && s.Connect.Enabled &&
			m.Discovery.Same(s.Namespace(s.Connect), in.Namespace) {
			arns = append(arns, arn)
		}
	}
	size := in.MaxResults
	if size.IsZero() {
		size = ecs.Some(defaultServicePage)
	}
	return paged(core.Page(arns, in.NextToken, size))
}

// connected lists the names that Service Connect has made for a deployment.
func (m *Room) connected(s *services.Service, c *ecs.ServiceConnectConfiguration) (list []ecs.ServiceConnectResource) {
	if c == nil || !c.Enabled {
		return nil
	}
	for _, named := range c.Services {
		name := cmp.Or(named.DiscoveryName, named.PortName)
		if arn := m.Discovery.Named(s.Namespace(c), name); arn != "" {
			list = append(list, ecs.ServiceConnectResource{DiscoveryName: name, DiscoveryArn: arn})
		}
	}
	return list
}

// deployments lists a service's deployments with their tasks counted.
func (m *Room) deployments(s *services.Service) []ecs.Deployment {
	m.counted = slices.Grow(m.counted[:0], s.Book.Len())
	for t := range s.Tasks() {
		m.counted = append(m.counted,
			scheduler.Task{Deployment: t.Deployment, LastStatus: t.Status(), DesiredStatus: t.Desired()})
	}
	list := scheduler.View{Service: s.Record, State: s.State, Tasks: m.counted}.Deployments()
	for i := range list {
		o := &list[i]
		o.ServiceConnectResources = m.connected(s, o.ServiceConnectConfiguration)
		o.PlatformVersion = services.PlatformVersion(o.PlatformVersion, o.LaunchType, o.CapacityProviderStrategy)
		if d, err := m.Registry.Resolve(o.TaskDefinition); err == nil {
			o.PlatformFamily = platformFamily(d, o.LaunchType, o.CapacityProviderStrategy)
		}
	}
	return list
}

// Service returns the record with its tasks counted and its deployments.
func (m *Room) Service(s *services.Service) ecs.Service {
	v := s.Record
	v.Events, v.LoadBalancers = core.Shown(v.Events), core.Shown(v.LoadBalancers)
	v.ServiceRegistries = core.Shown(v.ServiceRegistries)
	v.PlacementConstraints, v.PlacementStrategy = core.Shown(v.PlacementConstraints), core.Shown(v.PlacementStrategy)
	if services.External(s.Record) || codedeploy.Deploys(s.Record) {
		v.TaskSets, v.Deployments = []ecs.TaskSet{}, []ecs.Deployment{}
		for _, r := range s.State.Rollouts {
			v.TaskSets = append(v.TaskSets, m.TaskSet(rollout.SetOf{Service: s, ID: r.ID}))
		}
	} else {
		v.Deployments = core.Shown(m.deployments(s))
	}
	for t := range s.Tasks() {
		count(t.Status(), &v.RunningCount, &v.PendingCount)
	}
	if s.Daemon() {
		v.DesiredCount = 0
		for _, d := range v.Deployments {
			if d.Status == ecs.DeploymentStatusPrimary {
				v.DesiredCount = d.DesiredCount
			}
		}
	}
	v.PlatformVersion = services.PlatformVersion(v.PlatformVersion, v.LaunchType, v.CapacityProviderStrategy)
	if d, err := m.Registry.Resolve(v.TaskDefinition); err == nil {
		v.PlatformFamily = platformFamily(d, v.LaunchType, v.CapacityProviderStrategy)
	}
	v.PropagateTags = cmp.Or(v.PropagateTags, ecs.PropagateTagsNone)
	v.HealthCheckGracePeriodSeconds = ecs.Some(v.HealthCheckGracePeriodSeconds.Or(0))
	if v.DeploymentConfiguration.DeploymentCircuitBreaker == nil && !services.External(s.Record) {
		v.DeploymentConfiguration.DeploymentCircuitBreaker = &ecs.DeploymentCircuitBreaker{}
	}
	percents := scheduler.PercentsOf(s.Record)
	v.DeploymentConfiguration.MaximumPercent = ecs.Some(percents.Maximum)
	v.DeploymentConfiguration.MinimumHealthyPercent = ecs.Some(percents.MinimumHealthy)
	return v
}
