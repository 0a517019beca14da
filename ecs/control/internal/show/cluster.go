package show

import (
	"strconv"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
)

// Cluster returns the record with its instances, tasks and services counted.
func (m *Room) Cluster(c *fleet.Cluster) ecs.Cluster {
	v := c.Record
	for _, i := range c.Instances {
		if i.Record.Status == ecs.ContainerInstanceStatusActive ||
			i.Record.Status == ecs.ContainerInstanceStatusDraining {
			v.RegisteredContainerInstancesCount++
		}
	}
	for t := range m.Tasks.In(c) {
		count(t.Status(), &v.RunningTasksCount, &v.PendingTasksCount)
	}
	for _, s := range m.Services.In(c) {
		if s.Record.Status == ecs.ServiceStatusActive {
			v.ActiveServicesCount++
		}
	}
	v.Statistics, v.Settings = core.Shown(v.Statistics), core.Shown(v.Settings)
	v.CapacityProviders, v.DefaultCapacityProviderStrategy = core.Shown(v.CapacityProviders),
		core.Shown(v.DefaultCapacityProviderStrategy)
	v.Tags = core.Shown(v.Tags)
	return v
}

// DescribeClusters answers the request of that name.
func (m *Room) DescribeClusters(in api.DescribeClustersInput) (api.DescribeClustersOutput, error) {
	out := api.DescribeClustersOutput{Clusters: []ecs.Cluster{}, Failures: []ecs.Failure{}}
	if err := in.Validate(); err != nil {
		return out, err
	}
	refs := in.Clusters
	if len(refs) == 0 {
		refs = []string{fleet.DefaultCluster}
	}
	for _, ref := range refs {
		if c, ok := m.Fleet.ByCluster[fleet.ClusterName(ref)]; ok {
			v := m.Cluster(c)
			if !core.Included(in.Include, "TAGS") {
				v.Tags = []ecs.Tag{}
			}
			if !core.Included(in.Include, "SETTINGS") {
				v.Settings = []ecs.ClusterSetting{}
			}
			if !core.Included(in.Include, "CONFIGURATIONS") {
				v.Configuration = nil
			}
			if core.Included(in.Include, "STATISTICS") && c.Record.Status == ecs.ClusterStatusActive {
				v.Statistics = m.statistics(c)
			}
			out.Clusters = append(out.Clusters, v)
		} else {
			out.Failures = append(out.Failures, core.Missing(m.Core.ARN("ecs", "cluster/"+fleet.ClusterName(ref))))
		}
	}
	return out, nil
}

// ListClusters answers the request of that name.
func (m *Room) ListClusters(in api.ListClustersInput) (api.Page, error) {
	if err := in.Validate(); err != nil {
		return api.Page{}, err
	}
	var arns []string
	for _, c := range m.Fleet.Clusters {
		if c.Record.Status != ecs.ClusterStatusInactive {
			arns = append(arns, c.Record.ClusterArn)
		}
	}
	return paged(core.Page(arns, in.NextToken, in.MaxResults))
}

// statistics counts the tasks and services of a cluster by launch type, in the order of the
// documentation. A service with a capacity provider strategy counts with the launch type of
// its tasks' providers, a task with its own.
// Source: Amazon ECS API Reference, Cluster, "statistics".
func (m *Room) statistics(c *fleet.Cluster) []ecs.KeyValuePair {
	const ec2, fargate = 0, 1
	var running, pending [2]int // tasks
	var active, draining [2]int // services
	for t := range m.Tasks.In(c) {
		kind := ec2
		if t.LaunchType == ecs.LaunchTypeFargate {
			kind = fargate
		}
		count(t.Status(), &running[kind], &pending[kind])
	}
	for _, s := range m.Services.In(c) {
		kind := ec2
		if s.OnFargate() {
			kind = fargate
		}
		switch s.Record.Status {
		case ecs.ServiceStatusActive:
			active[kind]++
		case ecs.ServiceStatusDraining:
			draining[kind]++
		}
	}
	var list []ecs.KeyValuePair
	for _, count := range []struct {
		name string
		n    int
	}{
		{"runningEC2TasksCount", running[ec2]}, {"runningFargateTasksCount", running[fargate]},
		{"pendingEC2TasksCount", pending[ec2]}, {"pendingFargateTasksCount", pending[fargate]},
		{"activeEC2ServiceCount", active[ec2]}, {"activeFargateServiceCount", active[fargate]},
		{"drainingEC2ServiceCount", draining[ec2]}, {"drainingFargateServiceCount", draining[fargate]},
	} {
		list = append(list, ecs.KeyValuePair{Name: count.name, Value: strconv.Itoa(count.n)})
	}
	return list
}
