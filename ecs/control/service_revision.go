package control

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/services"
)

// ServiceRevision is the workload of one deployment of a service, in the form of
// DescribeServiceRevisions.
type ServiceRevision struct {
	ServiceRevisionArn          string                             `json:"serviceRevisionArn"`
	ServiceArn                  string                             `json:"serviceArn"`
	ClusterArn                  string                             `json:"clusterArn"`
	TaskDefinition              string                             `json:"taskDefinition"` // ARN
	LaunchType                  ecs.LaunchType                     `json:"launchType,omitzero"`
	CapacityProviderStrategy    []ecs.CapacityProviderStrategyItem `json:"capacityProviderStrategy,omitzero"`
	PlatformVersion             string                             `json:"platformVersion,omitzero"` // on Fargate
	PlatformFamily              string                             `json:"platformFamily,omitzero"`  // on Fargate
	LoadBalancers               []ecs.LoadBalancer                 `json:"loadBalancers,omitzero"`
	ServiceRegistries           []ecs.ServiceRegistry              `json:"serviceRegistries,omitzero"`
	NetworkConfiguration        *ecs.NetworkConfiguration          `json:"networkConfiguration,omitzero"`
	ServiceConnectConfiguration *ecs.ServiceConnectConfiguration   `json:"serviceConnectConfiguration,omitzero"`
	VolumeConfigurations        []ecs.ServiceVolumeConfiguration   `json:"volumeConfigurations,omitzero"`
	Monitoring                  *api.MonitoringConfiguration       `json:"monitoring,omitzero"`
	// behind load balancers
	ResolvedConfiguration *ResolvedConfiguration `json:"resolvedConfiguration,omitzero"`
	ContainerImages       []ContainerImage       `json:"containerImages,omitzero"`
	GuardDutyEnabled      bool                   `json:"guardDutyEnabled"` // never here
	CreatedAt             ecs.Instant            `json:"createdAt,omitzero"`
}

// ContainerImage is the image of one container of a service revision.
type ContainerImage struct {
	ContainerName string `json:"containerName"`
	Image         string `json:"image,omitzero"`
	ImageDigest   string `json:"imageDigest,omitzero"` // once a task of the revision resolved it
}

// ResolvedConfiguration lists the target groups that a service revision uses.
type ResolvedConfiguration struct {
	LoadBalancers []ServiceRevisionLoadBalancer `json:"loadBalancers"`
}

// ServiceRevisionLoadBalancer is the target group that serves a service revision, and the
// listener rule in front of it.
type ServiceRevisionLoadBalancer struct {
	TargetGroupArn         string `json:"targetGroupArn,omitzero"`
	ProductionListenerRule string `json:"productionListenerRule,omitzero"`
}

// ServiceRevisions is the answer of DescribeServiceRevisions.
type ServiceRevisions struct {
	ServiceRevisions []ServiceRevision `json:"serviceRevisions"`
	Failures         []ecs.Failure     `json:"failures"`
}

// DescribeServiceRevisions describes revisions in the order asked for. The last 50 of a
// service are kept; others are failures.
// Source: Amazon ECS API Reference, DescribeServiceRevisions.
func (p *Plane) DescribeServiceRevisions(in api.DescribeServiceRevisionsInput) (ServiceRevisions, error) {
	out := ServiceRevisions{ServiceRevisions: []ServiceRevision{}, Failures: []ecs.Failure{}}
	if err := in.Validate(); err != nil {
		return out, err
	}
	for _, arn := range in.ServiceRevisionArns {
		s, err := p.services.ServiceOf(arn)
		i := -1
		if err == nil {
			i = slices.IndexFunc(s.Revisions, func(r services.Revision) bool { return r.Arn == arn })
		}
		if i < 0 {
			out.Failures = append(out.Failures, core.Missing(arn))
			continue
		}
		out.ServiceRevisions = append(out.ServiceRevisions, p.revisionView(s, s.Revisions[i]))
	}
	return out, nil
}

func (p *Plane) revisionView(s *services.Service, r services.Revision) ServiceRevision {
	v := ServiceRevision{
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
	if d, err := p.registry.Resolve(r.TaskDefinition); err == nil {
		v.PlatformFamily = platformFamily(d, r.LaunchType, r.CapacityProviderStrategy)
		for _, c := range d.ContainerDefinitions {
			v.ContainerImages = append(v.ContainerImages,
				ContainerImage{ContainerName: c.Name, Image: c.Image, ImageDigest: r.Digests[c.Name]})
		}
	}
	return v
}

// resolvedConfiguration is which of its target groups a revision uses.
func resolvedConfiguration(s *services.Service, r services.Revision) *ResolvedConfiguration {
	var v ResolvedConfiguration
	used := s.LoadBalancersOf(r.Deployment)
	for i, lb := range r.LoadBalancers {
		one := ServiceRevisionLoadBalancer{TargetGroupArn: lb.TargetGroupArn}
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
