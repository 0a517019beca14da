package capacity

import (
	"slices"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
	"github.com/bayplan/bayplan/internal/check"
)

// Provider is a provider of the caller's own, with what managed scaling remembers.
type Provider struct {
	Record        ecs.CapacityProvider `json:"capacityProvider"`
	Memory        autoscale.Memory     `json:"memory,omitzero"`
	Metric        cloudwatch.Series    `json:"metric,omitzero"`        // its reservation, a datapoint a minute
	Desired       int                  `json:"desired"`                // the group's size that was last asked for or told
	Told          bool                 `json:"told,omitzero"`          // the group's size and types are known from the world
	InstanceTypes []ecs.Resources      `json:"instanceTypes,omitzero"` // what the instance types of the group offer tasks
	Wake          ecs.Instant          `json:"wake,omitzero"`
}

// FargateProviders returns FARGATE and FARGATE_SPOT, which every account has. Source: Amazon ECS
// Developer Guide, "Amazon ECS clusters for Fargate workloads".
func FargateProviders() []ecs.CapacityProvider {
	return []ecs.CapacityProvider{
		{Name: ecs.CapacityProviderFargate, Status: ecs.CapacityProviderStatusActive,
			Type: ecs.CapacityProviderTypeFargate},
		{Name: ecs.CapacityProviderFargateSpot, Status: ecs.CapacityProviderStatusActive,
			Type: ecs.CapacityProviderTypeFargateSpot},
	}
}

// Provider finds a provider of the caller's own by name or ARN.
func (m *Room) Provider(ref string) (*Provider, bool) {
	i := slices.IndexFunc(m.Providers, func(c *Provider) bool { return c.Record.Name == core.NameOf(ref) })
	if i < 0 {
		return nil, false
	}
	return m.Providers[i], true
}

// knownProviders lists the providers that a cluster's strategies may name.
func (m *Room) knownProviders(c *fleet.Cluster) []ecs.CapacityProvider {
	list := make([]ecs.CapacityProvider, 0, len(c.Record.CapacityProviders))
	for _, name := range c.Record.CapacityProviders {
		if i := slices.IndexFunc(FargateProviders(),
			func(f ecs.CapacityProvider) bool { return f.Name == name }); i >= 0 {
			list = append(list, FargateProviders()[i])
		} else if own, ok := m.Provider(name); ok {
			list = append(list, own.Record)
		}
	}
	return list
}

// CheckStrategy refuses a strategy whose providers the cluster does not have.
func (m *Room) CheckStrategy(c *fleet.Cluster, strategy []ecs.CapacityProviderStrategyItem) error {
	if len(strategy) == 0 {
		return nil
	}
	return autoscale.CheckCapacityProviderStrategy(strategy, m.knownProviders(c))
}

// usesGroup reports whether a provider has the Auto Scaling group, told by name or ARN.
func (m *Room) usesGroup(ref string) bool {
	return slices.ContainsFunc(m.Providers, func(c *Provider) bool {
		group := c.Record.AutoScalingGroupProvider
		return group != nil && core.NameOf(group.AutoScalingGroupArn) == core.NameOf(ref)
	})
}

func unknownProvider(name string) error {
	return core.Fault(ecs.ClientException, "capacityProvider", "The specified capacity provider was not found: %s.",
		name)
}

// clusterWith names the first cluster that has a provider.
func (m *Room) clusterWith(provider string) (string, bool) {
	for _, c := range m.Fleet.Clusters {
		if c.Record.Status == ecs.ClusterStatusActive && slices.Contains(c.Record.CapacityProviders, provider) {
			return c.Record.ClusterName, true
		}
	}
	return "", false
}

// CheckProviders refuses names that no provider has.
func (m *Room) CheckProviders(names []string) error {
	for i, name := range names {
		if _, ok := m.Provider(name); !ok && !ecs.IsFargateProvider(name) {
			return ecs.ErrorList{ecs.Fault(ecs.InvalidParameterException, check.Index("capacityProviders", i),
				"The specified capacity provider was not found: "+name+".")}
		}
	}
	return nil
}

func (m *Room) allProviders(yield func(string, *Provider) bool) {
	for _, c := range m.Providers {
		if !yield(c.Record.Name, c) {
			return
		}
	}
}
