package fleet

import (
	"fmt"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
)

// AgentConnectivity handles that an agent connected or disconnected; false if that is known.
func (m *Room) AgentConnectivity(e message.AgentConnectivity) bool {
	i, ok := m.FindInstance(e.Cluster, e.Instance)
	return ok && m.setConnected(i, e.Connected)
}

// InstanceTerminated handles that a machine has ended; false if that is known.
func (m *Room) InstanceTerminated(e message.InstanceTerminated) bool {
	i, ok := m.FindInstance(e.Cluster, e.Instance)
	if !ok {
		return false
	}
	why := fmt.Sprintf("Host EC2 (instance %s) terminated.", i.Record.EC2InstanceID)
	return m.lose(i, why, ecs.TaskStopCodeTerminationNotice)
}

// FindInstance finds an instance by the name of its cluster and its ID, INACTIVE ones too.
func (m *Room) FindInstance(cluster string, id ecs.InstanceID) (*Instance, bool) {
	c, ok := m.ByCluster[ClusterName(cluster)]
	if !ok {
		return nil, false
	}
	i, ok := c.ByInstance[id]
	return i, ok
}
