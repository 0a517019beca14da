package api

import (
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
)

// Validate reports every rule of CreateCluster that the input breaks: an ErrorList of
// InvalidParameterException in order of field path, or nil.
//
// Source: Amazon ECS API Reference, CreateCluster.
func (in CreateClusterInput) Validate() error {
	c := &faults{}
	if in.ClusterName != "" {
		c.Name("clusterName", in.ClusterName)
	}
	c.clusterProviders(in.CapacityProviders, in.DefaultCapacityProviderStrategy)
	c.tags("tags", in.Tags)
	c.clusterSettings(in.Settings)
	c.clusterConfiguration(in.Configuration)
	return c.err()
}

// clusterSettings checks the settings of a cluster, of which there is one.
func (c *faults) clusterSettings(settings []ecs.ClusterSetting) {
	for i, s := range settings {
		if s.Name != "containerInsights" {
			c.Refuse(check.Path("settings", i, "name"), "name must be containerInsights; it is %q.",
				check.Shortened(s.Name))
		}
		if s.Value != "enabled" && s.Value != "disabled" && s.Value != "enhanced" {
			c.Refuse(check.Path("settings", i, "value"), "value must be one of enabled, disabled, enhanced; it is %q.",
				check.Shortened(s.Value))
		}
	}
}

// UpdateClusterInput changes a cluster, in the form of UpdateCluster. Absent members stay as they are.
type UpdateClusterInput struct {
	Cluster                string                      `json:"cluster"`
	Settings               []ecs.ClusterSetting        `json:"settings,omitzero"`
	ServiceConnectDefaults *ecs.ServiceConnectDefaults `json:"serviceConnectDefaults,omitzero"`
	Configuration          *ecs.ClusterConfiguration   `json:"configuration,omitzero" kept:""`
}

// Validate reports every rule of UpdateCluster that the input breaks.
func (in UpdateClusterInput) Validate() error {
	c := &faults{}
	if c.Present("cluster", in.Cluster) {
		c.clusterRef(in.Cluster)
	}
	c.clusterSettings(in.Settings)
	c.clusterConfiguration(in.Configuration)
	return c.err()
}

// UpdateClusterSettingsInput changes a cluster's settings, in the form of UpdateClusterSettings.
type UpdateClusterSettingsInput struct {
	Cluster  string               `json:"cluster"`
	Settings []ecs.ClusterSetting `json:"settings"`
}

// Validate reports every rule of UpdateClusterSettings that the input breaks.
func (in UpdateClusterSettingsInput) Validate() error {
	c := &faults{}
	if c.Present("cluster", in.Cluster) {
		c.clusterRef(in.Cluster)
	}
	if len(in.Settings) == 0 {
		c.Refuse("settings", "settings should not be null or empty.")
	}
	c.clusterSettings(in.Settings)
	return c.err()
}

// clusterProviders checks the providers of a cluster and its default strategy over them.
func (c *faults) clusterProviders(providers []string, strategy []ecs.CapacityProviderStrategyItem) {
	c.AtMost("capacityProviders", len(providers), maxProviders)
	known := make(map[string]bool, len(providers))
	for i, p := range providers {
		c.Name(check.Path("capacityProviders", i), p)
		if known[p] {
			c.Refuse(check.Path("capacityProviders", i), "The capacity provider %s is there twice.", p)
		}
		known[p] = true
	}
	c.providers("defaultCapacityProviderStrategy", strategy)
	for i, item := range strategy {
		if item.CapacityProvider != "" && !known[item.CapacityProvider] {
			c.Refuse(check.Path("defaultCapacityProviderStrategy", i, "capacityProvider"),
				"The specified capacity provider strategy cannot contain a capacity provider that is not associated "+
					"with the cluster. "+
					"Associate the capacity provider with the cluster or specify a valid capacity provider and "+
					"try again.")
		}
	}
}

// DeleteClusterInput removes a cluster, in the form of DeleteCluster.
type DeleteClusterInput struct {
	Cluster string `json:"cluster"`
}

// Validate reports every rule of DeleteCluster that the input breaks.
func (in DeleteClusterInput) Validate() error {
	c := &faults{}
	if c.Present("cluster", in.Cluster) {
		c.clusterRef(in.Cluster)
	}
	return c.err()
}

// DescribeClustersInput asks for clusters, in the form of DescribeClusters.
type DescribeClustersInput struct {
	Clusters []string `json:"clusters,omitzero"` // up to 100 names or ARNs; absent: default
	Include  []string `json:"include,omitzero"`
}

// Validate reports every rule of DescribeClusters that the input breaks.
func (in DescribeClustersInput) Validate() error {
	c := &faults{}
	c.ids("clusters", in.Clusters, ecs.ARNTypeCluster, 0, 100)
	c.include(in.Include, "ATTACHMENTS", "CONFIGURATIONS", "SETTINGS", "STATISTICS", "TAGS")
	return c.err()
}

// ListClustersInput lists clusters, in the form of ListClusters.
type ListClustersInput struct {
	NextToken  string       `json:"nextToken,omitzero"`
	MaxResults ecs.Opt[int] `json:"maxResults,omitzero"` // 1 to 100; absent: 100
}

// Validate reports every rule of ListClusters that the input breaks.
func (in ListClustersInput) Validate() error {
	c := &faults{}
	c.page(in.MaxResults)
	return c.err()
}

// PutClusterCapacityProvidersInput replaces the providers and the default strategy of a cluster, in the
// form of PutClusterCapacityProviders. The default strategy must be there; an empty one clears it.
type PutClusterCapacityProvidersInput struct {
	Cluster                         string                             `json:"cluster"`
	CapacityProviders               []string                           `json:"capacityProviders"`
	DefaultCapacityProviderStrategy []ecs.CapacityProviderStrategyItem `json:"defaultCapacityProviderStrategy"`
}

// Validate reports every rule of PutClusterCapacityProviders that the input breaks.
func (in PutClusterCapacityProvidersInput) Validate() error {
	c := &faults{}
	if c.Present("cluster", in.Cluster) {
		c.clusterRef(in.Cluster)
	}
	if in.CapacityProviders == nil {
		c.Refuse("capacityProviders", "capacityProviders should not be null; [] takes every provider away.")
	}
	if in.DefaultCapacityProviderStrategy == nil {
		c.Refuse("defaultCapacityProviderStrategy", "defaultCapacityProviderStrategy should not be null; [] is none.")
	}
	c.clusterProviders(in.CapacityProviders, in.DefaultCapacityProviderStrategy)
	return c.err()
}
