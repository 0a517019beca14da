package control

import (
	"fmt"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
)

func (m *fleetRoom) agentConnectivity(e message.AgentConnectivity) bool {
	i, ok := m.findInstance(e.Cluster, e.Instance)
	return ok && m.setConnected(i, e.Connected)
}

func (m *fleetRoom) instanceTerminated(e message.InstanceTerminated) bool {
	i, ok := m.findInstance(e.Cluster, e.Instance)
	if !ok {
		return false
	}
	why := fmt.Sprintf("Host EC2 (instance %s) terminated.", i.Record.EC2InstanceID)
	return m.lose(i, why, ecs.TaskStopCodeTerminationNotice)
}

func (m *fleetRoom) findInstance(cluster string, id ecs.InstanceID) (*instance, bool) {
	c, ok := m.byCluster[clusterName(cluster)]
	if !ok {
		return nil, false
	}
	i, ok := c.byInstance[id]
	return i, ok
}
