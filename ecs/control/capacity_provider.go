package control

import (
	"slices"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
	"github.com/bayplan/bayplan/internal/check"
)

// capacityProvider is a provider of the caller's own, with what managed scaling remembers.
type capacityProvider struct {
	Record  ecs.CapacityProvider `json:"capacityProvider"`
	Memory  autoscale.Memory     `json:"memory,omitzero"`
	Metric  cloudwatch.Series    `json:"metric,omitzero"` // its reservation, a datapoint a minute
	Desired int                  `json:"desired"`         // the group's size that was last asked for
	Wake    ecs.Instant          `json:"wake,omitzero"`
}

// fargateProviders are there for everybody. Source: Amazon ECS Developer Guide, "Amazon ECS
// clusters for Fargate workloads".
func fargateProviders() []ecs.CapacityProvider {
	return []ecs.CapacityProvider{
		{Name: ecs.CapacityProviderFargate, Status: ecs.CapacityProviderStatusActive,
			Type: ecs.CapacityProviderTypeFargate},
		{Name: ecs.CapacityProviderFargateSpot, Status: ecs.CapacityProviderStatusActive,
			Type: ecs.CapacityProviderTypeFargateSpot},
	}
}

// provider finds a provider of the caller's own by name or ARN.
func (m *capacityRoom) provider(ref string) (*capacityProvider, bool) {
	i := slices.IndexFunc(m.providers, func(c *capacityProvider) bool { return c.Record.Name == core.NameOf(ref) })
	if i < 0 {
		return nil, false
	}
	return m.providers[i], true
}

// knownProviders lists the providers that a cluster's strategies may name.
func (m *capacityRoom) knownProviders(c *fleet.Cluster) []ecs.CapacityProvider {
	list := make([]ecs.CapacityProvider, 0, len(c.Record.CapacityProviders))
	for _, name := range c.Record.CapacityProviders {
		if i := slices.IndexFunc(fargateProviders(),
			func(f ecs.CapacityProvider) bool { return f.Name == name }); i >= 0 {
			list = append(list, fargateProviders()[i])
		} else if own, ok := m.provider(name); ok {
			list = append(list, own.Record)
		}
	}
	return list
}

// checkStrategy refuses a strategy whose providers the cluster does not have.
func (m *capacityRoom) checkStrategy(c *fleet.Cluster, strategy []ecs.CapacityProviderStrategyItem) error {
	if len(strategy) == 0 {
		return nil
	}
	return autoscale.CheckCapacityProviderStrategy(strategy, m.knownProviders(c))
}

// usesGroup reports whether a provider has the Auto Scaling group, told by name or ARN.
func (m *capacityRoom) usesGroup(ref string) bool {
	return slices.ContainsFunc(m.providers, func(c *capacityProvider) bool {
		group := c.Record.AutoScalingGroupProvider
		return group != nil && core.NameOf(group.AutoScalingGroupArn) == core.NameOf(ref)
	})
}

func unknownProvider(name string) error {
	return core.Fault(ecs.ClientException, "capacityProvider", "The specified capacity provider was not found: %s.",
		name)
}

// clusterWith names the first cluster that has a provider.
func (m *capacityRoom) clusterWith(provider string) (string, bool) {
	for _, c := range m.fleet.Clusters {
		if c.Record.Status == ecs.ClusterStatusActive && slices.Contains(c.Record.CapacityProviders, provider) {
			return c.Record.ClusterName, true
		}
	}
	return "", false
}

// checkProviders refuses names that no provider has.
func (m *capacityRoom) checkProviders(names []string) error {
	for i, name := range names {
		if _, ok := m.provider(name); !ok && !ecs.IsFargateProvider(name) {
			return ecs.ErrorList{ecs.Fault(ecs.InvalidParameterException, check.Index("capacityProviders", i),
				"The specified capacity provider was not found: "+name+".")}
		}
	}
	return nil
}

func (m *capacityRoom) allProviders(yield func(string, *capacityProvider) bool) {
	for _, c := range m.providers {
		if !yield(c.Record.Name, c) {
			return
		}
	}
}
