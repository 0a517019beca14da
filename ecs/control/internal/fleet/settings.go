package fleet

import "github.com/bayplan/bayplan/ecs/api"

// UpdateCluster changes a cluster's settings, configuration and namespace.
func (m *Room) UpdateCluster(in api.UpdateClusterInput) (*Cluster, error) {
	if err := in.Validate(); err != nil {
		return nil, err
	}
	return m.changeCluster(in)
}

// UpdateClusterSettings changes a cluster's settings.
func (m *Room) UpdateClusterSettings(in api.UpdateClusterSettingsInput) (*Cluster, error) {
	if err := in.Validate(); err != nil {
		return nil, err
	}
	return m.changeCluster(api.UpdateClusterInput{Cluster: in.Cluster, Settings: in.Settings})
}
