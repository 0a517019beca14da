package show

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/services"
)

// DescribeServiceRevisions answers the request of that name.
func (m *Room) DescribeServiceRevisions(in api.DescribeServiceRevisionsInput) (api.ServiceRevisions, error) {
	out := api.ServiceRevisions{ServiceRevisions: []api.ServiceRevision{}, Failures: []ecs.Failure{}}
	if err := in.Validate(); err != nil {
		return out, err
	}
	for _, arn := range in.ServiceRevisionArns {
		s, err := m.Services.ServiceOf(arn)
		i := -1
		if err == nil {
			i = slices.IndexFunc(s.Revisions, func(r services.Revision) bool { return r.Arn == arn })
		}
		if i < 0 {
			out.Failures = append(out.Failures, core.Missing(arn))
			continue
		}
		out.ServiceRevisions = append(out.ServiceRevisions, m.revisionView(s, s.Revisions[i]))
	}
	return out, nil
}

func (m *Room) revisionView(s *services.Service, r services.Revision) api.ServiceRevision {
	v := api.ServiceRevision{
		ServiceRevisionArn: r.Arn, ServiceArn: s.Record.ServiceArn, ClusterArn: s.Cluster.Record.ClusterArn,
		TaskDefinition: r.TaskDefinition,
		LaunchType:     r.LaunchType, CapacityProviderStrategy: slices.Clone(r.CapacityProviderStrategy),
		LoadBalancers:     slices.Clone(r.LoadBalancers),
		ServiceRegistries: slices.Clone(r.ServiceRegistries), NetworkConfiguration: r.Network,
		ServiceConnectConfiguration: r.Connect,
		VolumeConfigurations:        slices.Clone(r.VolumeConfigurations), Monitoring: r.Monitoring,
		ResolvedConfiguration: resolvedConfiguration(s, r), CreatedAt: r.CreatedAt,
		PlatformVersion: services.PlatformVersion(r.PlatformVersion, r.LaunchType, r.CapacityProviderStrategy),
	}
	if d, err := m.Registry.Resolve(r.TaskDefinition); err == nil {
		v.PlatformFamily = platformFamily(d, r.LaunchType, r.CapacityProviderStrategy)
		for _, c := range d.ContainerDefinitions {
			v.ContainerImages = append(v.ContainerImages,
				api.ContainerImage{ContainerName: c.Name, Image: c.Image, ImageDigest: r.Digests[c.Name]})
		}
	}
	return v
}

// resolvedConfiguration is which of its target groups a revision uses.
func resolvedConfiguration(s *services.Service, r services.Revision) *api.ResolvedConfiguration {
	var v api.ResolvedConfiguration
	used := s.LoadBalancersOf(r.Deployment)
	for i, lb := range r.LoadBalancers {
		one := api.ServiceRevisionLoadBalancer{TargetGroupArn: lb.TargetGroupArn}
		if i < len(used) {
			one.TargetGroupArn = used[i].TargetGroupArn
		}
		if lb.AdvancedConfiguration != nil {
			one.ProductionListenerRule = lb.AdvancedConfiguration.ProductionListenerRule
		}
		v.LoadBalancers = append(v.LoadBalancers, one)
	}
	if v.LoadBalancers == nil {
		return nil
	}
	return &v
}
