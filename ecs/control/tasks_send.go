package control

import (
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
)

// shownFor is how long stopped tasks and departed instances are described. A task is DELETED
// after that, for deletedFor, before it is MISSING.
const (
	deletedFor = time.Minute
)

func (m *taskRoom) attachENI(t *task) {
	t.Keys.Attach = m.outbox.Key("AttachNetworkInterface", string(t.ID))
	c := message.AttachNetworkInterface{ID: t.Keys.Attach, Cluster: t.cluster.Record.ClusterName, Task: t.ID, Instance: t.Instance}
	if t.Network != nil && t.Network.AwsvpcConfiguration != nil {
		vpc := t.Network.AwsvpcConfiguration
		c.Subnets, c.SecurityGroups, c.AssignPublicIp = vpc.Subnets, vpc.SecurityGroups, vpc.AssignPublicIp == ecs.AssignPublicIpEnabled
	}
	m.outbox.Issue(c)
}

func (m *taskRoom) discover(t *task) {
	t.Keys.Discover = m.outbox.Key("RegisterInstance", string(t.ID))
	m.outbox.Issue(message.RegisterInstance{ID: t.Keys.Discover, RegistryArn: t.Registry.RegistryArn, Task: t.ID, Address: t.Address, Port: t.Registry.Port})
}

func (m *taskRoom) sendStart(t *task) {
	t.Keys.Start = m.outbox.Key("StartTask", string(t.ID))
	m.outbox.Issue(m.startCommand(t))
}

// startCommand is the command that brings a task to its agent.
func (m *taskRoom) startCommand(t *task) message.StartTask {
	c := message.StartTask{ID: t.Keys.Start, Cluster: t.cluster.Record.ClusterName, Task: t.ID, TaskArn: m.taskArn(t), Instance: t.Instance, AvailabilityZone: t.Zone,
		LaunchType: t.LaunchType, Group: t.Group, TaskDefinition: t.definition, PrivateIPv4: t.Address, VolumeID: t.Volume.id()}
	if t.On != nil {
		c.EC2InstanceID = t.On.Record.EC2InstanceID
	}
	if t.definition.TaskRoleArn != "" {
		c.CredentialsID = m.core.CredentialsID(t.ID, "TaskApplication")
	}
	if t.definition.ExecutionRoleArn != "" {
		c.ExecutionRoleCredentialsID = m.core.CredentialsID(t.ID, "TaskExecution")
	}
	for i, bindings := range t.Bindings {
		if len(bindings) > 0 {
			if c.NetworkBindings == nil {
				c.NetworkBindings = map[string][]ecs.NetworkBinding{}
			}
			c.NetworkBindings[t.definition.ContainerDefinitions[i].Name] = bindings
		}
	}
	return c
}

// sendStop asks the agent to stop a task; a start that has no outcome yet is no longer wanted.
func (m *taskRoom) sendStop(t *task) {
	m.outbox.Close(t.Keys.Start)
	t.Keys.Stop = m.outbox.Key("StopTask", string(t.ID))
	m.outbox.Issue(message.StopTask{ID: t.Keys.Stop, Cluster: t.cluster.Record.ClusterName, Task: t.ID, Instance: t.Instance, Reason: t.Machine.StoppedReason})
}
