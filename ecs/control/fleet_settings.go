package control

import (
	"github.com/bayplan/bayplan/ecs/api"
)

func (m *fleetRoom) updateCluster(in api.UpdateClusterInput) (*cluster, error) {
	if err := in.Validate(); err != nil {
		return nil, err
	}
	return m.changeCluster(in)
}

func (m *fleetRoom) updateClusterSettings(in api.UpdateClusterSettingsInput) (*cluster, error) {
	if err := in.Validate(); err != nil {
		return nil, err
	}
	return m.changeCluster(api.UpdateClusterInput{Cluster: in.Cluster, Settings: in.Settings})
}
