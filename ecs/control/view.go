package control

import (
	"cmp"
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
	"github.com/bayplan/bayplan/ecs/control/internal/rollout"
	"github.com/bayplan/bayplan/ecs/control/internal/services"
	"github.com/bayplan/bayplan/ecs/control/internal/tasks"
	"github.com/bayplan/bayplan/ecs/query"
	"github.com/bayplan/bayplan/ecs/scheduler"
	"github.com/bayplan/bayplan/lifecycle"
)

// included reports whether a describe request asks for what is shown on demand only.
func included(list []string, what string) bool { return slices.Contains(list, what) }

// shown is a list as AWS prints it: an empty one is there, too. It shares no memory with the
// plane's own.
func shown[T any](list []T) []T { return append([]T{}, list...) }

// DescribeClusters describes clusters in the order asked for; unknown ones are failures.
// Tags, settings, configuration and statistics are shown if they are included.
// Source: Amazon ECS API Reference, DescribeClusters.
func (p *Plane) DescribeClusters(in api.DescribeClustersInput) (api.DescribeClustersOutput, error) {
	out := api.DescribeClustersOutput{Clusters: []ecs.Cluster{}, Failures: []ecs.Failure{}}
	if err := in.Validate(); err != nil {
		return out, err
	}
	refs := in.Clusters
	if len(refs) == 0 {
		refs = []string{fleet.DefaultCluster}
	}
	for _, ref := range refs {
		if c, ok := p.fleet.ByCluster[fleet.ClusterName(ref)]; ok {
			v := p.clusterView(c)
			if !included(in.Include, "TAGS") {
				v.Tags = []ecs.Tag{}
			}
			if !included(in.Include, "SETTINGS") {
				v.Settings = []ecs.ClusterSetting{}
			}
			if !included(in.Include, "CONFIGURATIONS") {
				v.Configuration = nil
			}
			if included(in.Include, "STATISTICS") && c.Record.Status == ecs.ClusterStatusActive {
				v.Statistics = p.statistics(c)
			}
			out.Clusters = append(out.Clusters, v)
		} else {
			out.Failures = append(out.Failures, core.Missing(p.core.ARN("ecs", "cluster/"+fleet.ClusterName(ref))))
		}
	}
	return out, nil
}

// ListClusters lists the ARNs of the clusters that are not INACTIVE, in order.
func (p *Plane) ListClusters(in api.ListClustersInput) (Page, error) {
	if err := in.Validate(); err != nil {
		return Page{}, err
	}
	var arns []string
	for _, c := range p.fleet.Clusters {
		if c.Record.Status != ecs.ClusterStatusInactive {
			arns = append(arns, c.Record.ClusterArn)
		}
	}
	return page(arns, in.NextToken, in.MaxResults)
}

// DescribeContainerInstances describes instances in the order asked for. Tags and health are
// shown if they are included.
// Source: Amazon ECS API Reference, DescribeContainerInstances.
func (p *Plane) DescribeContainerInstances(
	in api.DescribeContainerInstancesInput,
) (api.DescribeContainerInstancesOutput, error) {
	out := api.DescribeContainerInstancesOutput{ContainerInstances: []ecs.ContainerInstance{},
		Failures: []ecs.Failure{}}
	if err := in.Validate(); err != nil {
		return out, err
	}
	c, err := p.fleet.Cluster(in.Cluster)
	if err != nil {
		return out, err
	}
	for _, ref := range in.ContainerInstances {
		if i, ok := c.ByInstance[ecs.InstanceID(core.NameOf(ref))]; ok {
			v := p.instanceView(i)
			if !included(in.Include, "TAGS") {
				v.Tags = []ecs.Tag{}
			}
			if !included(in.Include, "CONTAINER_INSTANCE_HEALTH") {
				v.HealthStatus = nil
			}
			out.ContainerInstances = append(out.ContainerInstances, v)
		} else {
			out.Failures = append(out.Failures,
				core.Missing(p.core.ARN("ecs", "container-instance/"+c.Record.ClusterName+"/"+core.NameOf(ref))))
		}
	}
	return out, nil
}

// instanceView is the record with the amounts that remain and the tasks counted.
func (p *Plane) instanceView(i *fleet.Instance) ecs.ContainerInstance {
	v := i.Record
	v.RemainingResources = i.Remaining()
	v.Attributes, v.Attachments, v.Tags = shown(v.Attributes), shown(v.Attachments), shown(v.Tags)
	for t := range tasks.On(i) {
		switch {
		case t.Status().Starting():
			v.PendingTasksCount++
		case t.Desired() == ecs.DesiredStatusRunning:
			v.RunningTasksCount++
		}
	}
	return v
}

// ListContainerInstances lists the ARNs of instances that match the filter, an expression
// of the cluster query language, in order.
func (p *Plane) ListContainerInstances(in api.ListContainerInstancesInput) (Page, error) {
	if err := in.Validate(); err != nil {
		return Page{}, err
	}
	c, err := p.fleet.Cluster(in.Cluster)
	if err != nil {
		return Page{}, err
	}
	var filter *query.Expr
	if in.Filter != "" {
		if filter, err = query.Parse(in.Filter); err != nil {
			return Page{}, ecs.ErrorList{{Code: ecs.InvalidParameterException, Field: "filter", Message: err.Error(),
				Err: err}}
		}
	}
	var arns []string
	for _, i := range c.Instances {
		status := i.Record.Status
		if status == ecs.ContainerInstanceStatusInactive || in.Status != "" && in.Status != status {
			continue
		}
		if filter == nil || filter.Match(subject(i)) {
			arns = append(arns, i.Record.ContainerInstanceArn)
		}
	}
	return page(arns, in.NextToken, in.MaxResults)
}

// DescribeTasks describes tasks in the order asked for. A stopped task is described for an hour.
// Tags are shown if they are included. Source: Amazon ECS API Reference, DescribeTasks.
func (p *Plane) DescribeTasks(in api.DescribeTasksInput) (api.DescribeTasksOutput, error) {
	out := api.DescribeTasksOutput{Tasks: []ecs.Task{}, Failures: []ecs.Failure{}}
	if err := in.Validate(); err != nil {
		return out, err
	}
	c, err := p.fleet.Cluster(in.Cluster)
	if err != nil {
		return out, err
	}
	for _, ref := range in.Tasks {
		if t, ok := p.tasks.ByTask[ecs.TaskID(core.NameOf(ref))]; ok && t.Cluster == c {
			v := p.describe(t)
			if !included(in.Include, "TAGS") {
				v.Tags = []ecs.Tag{}
			}
			out.Tasks = append(out.Tasks, v)
		} else {
			out.Failures = append(out.Failures,
				core.Missing(p.core.ARN("ecs", "task/"+c.Record.ClusterName+"/"+core.NameOf(ref))))
		}
	}
	return out, nil
}

// ListTasks lists the ARNs of the tasks that pass every filter, in order; without a desired status
// in the input, the tasks whose desired status is RUNNING.
func (p *Plane) ListTasks(in api.ListTasksInput) (Page, error) {
	if err := in.Validate(); err != nil {
		return Page{}, err
	}
	c, err := p.fleet.Cluster(in.Cluster)
	if err != nil {
		return Page{}, err
	}
	if in.ServiceName != "" {
		if _, err := p.services.Service(c, in.ServiceName); err != nil {
			return Page{}, err
		}
	}
	in.DesiredStatus = cmp.Or(in.DesiredStatus, ecs.DesiredStatusRunning)
	in.ContainerInstance, in.ServiceName = core.NameOf(in.ContainerInstance), core.NameOf(in.ServiceName)
	matching := func(yield func(string) bool) {
		for _, t := range p.tasks.In(c) {
			if matches(t, in) && !yield(string(t.ID)) {
				return
			}
		}
	}
	return pageUnder(p.core.ARN("ecs", "task/"+c.Record.ClusterName+"/"), matching, in.NextToken, in.MaxResults)
}

// matches reports whether a task passes every filter; they hold names, not ARNs.
func matches(t *tasks.Task, in api.ListTasksInput) bool {
	return t.Desired() == in.DesiredStatus && t.Machine.Last != lifecycle.StatusDeleted &&
		(in.ContainerInstance == "" || string(t.Instance) == in.ContainerInstance) &&
		(in.Family == "" || t.Definition.Family == in.Family) &&
		(in.StartedBy == "" || t.StartedBy == in.StartedBy) &&
		(in.ServiceName == "" || t.ServiceName() == in.ServiceName) &&
		(in.LaunchType == "" || t.LaunchType == in.LaunchType)
}

// DescribeServices describes services in the order asked for. A deleted service is described until
// its name is used again. Tags are shown if they are included. Source: Amazon ECS API Reference,
// DescribeServices.
func (p *Plane) DescribeServices(in api.DescribeServicesInput) (api.DescribeServicesOutput, error) {
	out := api.DescribeServicesOutput{Services: []ecs.Service{}, Failures: []ecs.Failure{}}
	if err := in.Validate(); err != nil {
		return out, err
	}
	c, err := p.fleet.Cluster(in.Cluster)
	if err != nil {
		return out, err
	}
	for _, ref := range in.Services {
		if s, ok := p.services.Find(c, core.NameOf(ref)); ok {
			v := p.serviceView(s)
			if !included(in.Include, "TAGS") {
				v.Tags = nil
			}
			out.Services = append(out.Services, v)
		} else {
			out.Failures = append(out.Failures,
				core.Missing(p.core.ARN("ecs", "service/"+c.Record.ClusterName+"/"+core.NameOf(ref))))
		}
	}
	return out, nil
}

// ListServices lists the ARNs of the services that are ACTIVE, in order.
func (p *Plane) ListServices(in api.ListServicesInput) (Page, error) {
	if err := in.Validate(); err != nil {
		return Page{}, err
	}
	c, err := p.fleet.Cluster(in.Cluster)
	if err != nil {
		return Page{}, err
	}
	var arns []string
	for _, s := range p.services.In(c) {
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
	return page(arns, in.NextToken, size)
}

const defaultServicePage = 10

// deployments lists a service's deployments with their tasks counted.
func (p *Plane) deployments(s *services.Service) []ecs.Deployment {
	p.counted = slices.Grow(p.counted[:0], len(s.Tasks()))
	for _, t := range s.Tasks() {
		p.counted = append(p.counted,
			scheduler.Task{Deployment: t.Deployment, LastStatus: t.Status(), DesiredStatus: t.Desired()})
	}
	list := scheduler.View{Service: s.Record, State: s.State, Tasks: p.counted}.Deployments()
	for i := range list {
		o := &list[i]
		o.PlatformVersion = services.PlatformVersion(o.PlatformVersion, o.LaunchType, o.CapacityProviderStrategy)
		if d, err := p.registry.Resolve(o.TaskDefinition); err == nil {
			o.PlatformFamily = platformFamily(d, o.LaunchType, o.CapacityProviderStrategy)
		}
	}
	return list
}

// serviceView is the record with its tasks counted and its deployments.
func (p *Plane) serviceView(s *services.Service) ecs.Service {
	v := s.Record
	v.Events, v.LoadBalancers, v.ServiceRegistries = shown(v.Events), shown(v.LoadBalancers), shown(v.ServiceRegistries)
	v.PlacementConstraints, v.PlacementStrategy = shown(v.PlacementConstraints), shown(v.PlacementStrategy)
	if services.External(s.Record) {
		v.TaskSets, v.Deployments = []ecs.TaskSet{}, []ecs.Deployment{}
		for _, r := range s.State.Rollouts {
			v.TaskSets = append(v.TaskSets, p.taskSetView(rollout.SetOf{Service: s, ID: r.ID}))
		}
	} else {
		v.Deployments = shown(p.deployments(s))
	}
	for _, t := range s.Tasks() {
		switch t.Status() {
		case ecs.TaskStatusRunning:
			v.RunningCount++
		case ecs.TaskStatusProvisioning, ecs.TaskStatusPending, ecs.TaskStatusActivating:
			v.PendingCount++
		}
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
	if d, err := p.registry.Resolve(v.TaskDefinition); err == nil {
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

// subject shows an instance, and the tasks on it that are to run, to the cluster query language.
func subject(i *fleet.Instance) query.Instance {
	var groups []string
	for t := range tasks.On(i) {
		if t.Counted {
			groups = append(groups, t.Group)
		}
	}
	return i.Record.Subject(groups...)
}
