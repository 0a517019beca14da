package front

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control"
)

// What describe calls show only when they are asked to include it.
const (
	tagsIncluded       = "TAGS"
	statisticsIncluded = "STATISTICS"
	settingsIncluded   = "SETTINGS"
)

// withoutTags clears the tags of what was described unless they are to be included.
func withoutTags[T any](include []string, list []T, tags func(*T) *[]ecs.Tag) {
	if slices.Contains(include, tagsIncluded) {
		return
	}
	for i := range list {
		*tags(&list[i]) = nil
	}
}

func describeClusters(p *control.Plane, in ecs.DescribeClustersInput) (any, error) {
	out, err := p.DescribeClusters(in)
	withoutTags(in.Include, out.Clusters, func(c *ecs.Cluster) *[]ecs.Tag { return &c.Tags })
	for i := range out.Clusters {
		c := &out.Clusters[i]
		if !slices.Contains(in.Include, settingsIncluded) {
			c.Settings = nil
		}
		if slices.Contains(in.Include, statisticsIncluded) && c.Status == ecs.ClusterStatusActive {
			c.Statistics, _ = p.ClusterStatistics(c.ClusterName)
		}
	}
	return out, err
}

func describeContainerInstances(p *control.Plane, in ecs.DescribeContainerInstancesInput) (any, error) {
	out, err := p.DescribeContainerInstances(in)
	withoutTags(in.Include, out.ContainerInstances, func(c *ecs.ContainerInstance) *[]ecs.Tag { return &c.Tags })
	if !slices.Contains(in.Include, "CONTAINER_INSTANCE_HEALTH") {
		for i := range out.ContainerInstances {
			out.ContainerInstances[i].HealthStatus = nil
		}
	}
	return out, err
}

func describeTasks(p *control.Plane, in ecs.DescribeTasksInput) (any, error) {
	out, err := p.DescribeTasks(in)
	withoutTags(in.Include, out.Tasks, func(t *ecs.Task) *[]ecs.Tag { return &t.Tags })
	return out, err
}

func describeServices(p *control.Plane, in ecs.DescribeServicesInput) (any, error) {
	out, err := p.DescribeServices(in)
	withoutTags(in.Include, out.Services, func(s *ecs.Service) *[]ecs.Tag { return &s.Tags })
	return out, err
}

func describeTaskSets(p *control.Plane, in ecs.DescribeTaskSetsInput) (any, error) {
	out, err := p.DescribeTaskSets(in)
	withoutTags(in.Include, out.TaskSets, func(s *ecs.TaskSet) *[]ecs.Tag { return &s.Tags })
	return out, err
}

func describeCapacityProviders(p *control.Plane, in ecs.DescribeCapacityProvidersInput) (any, error) {
	out, err := p.DescribeCapacityProviders(in)
	if err != nil {
		return nil, err
	}
	withoutTags(in.Include, out.CapacityProviders, func(c *ecs.CapacityProvider) *[]ecs.Tag { return &c.Tags })
	size := 10
	if len(in.CapacityProviders) > 0 {
		size = max(size, len(in.CapacityProviders)) // the named ones come in one answer
	}
	byName := slices.SortedFunc(slices.Values(out.CapacityProviders), func(a, b ecs.CapacityProvider) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	list, token, err := cut(byName, paging{in.NextToken, in.MaxResults}, size, false, func(c ecs.CapacityProvider) string { return c.Name })
	if err != nil {
		return nil, err
	}
	answer := object{"capacityProviders": list, "failures": notNil(out.Failures)}
	if token != "" {
		answer["nextToken"] = token
	}
	return answer, nil
}

func listAttributes(p *control.Plane, in ecs.ListAttributesInput) (any, error) {
	all, err := p.ListAttributes(in)
	if err != nil {
		return nil, err
	}
	list, token, err := cut(all, paging{in.NextToken, in.MaxResults}, 100, false, func(a ecs.Attribute) string { return a.TargetID + "\x00" + a.Name })
	return paged("attributes", list, token, err)
}
