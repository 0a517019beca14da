package dispatch

import (
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/tasks"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/lifecycle"
)

// Carry does one thing that a task's machine asks of the world.
func (m *Room) Carry(t *tasks.Task, e lifecycle.Effect) {
	switch e.Kind {
	case lifecycle.EffectAttachENI:
		m.attachENI(t)
	case lifecycle.EffectDetachENI:
		m.Tasks.Own(t).Keys.Detach = m.Outbox.Key("DetachNetworkInterface", string(t.ID))
		m.Outbox.Close(t.Keys.Attach)
		m.Outbox.Issue(message.DetachNetworkInterface{ID: t.Keys.Detach, Cluster: t.Cluster.Record.ClusterName,
			Task: t.ID})
	case lifecycle.EffectAttachVolume:
		m.attachVolume(t)
	case lifecycle.EffectDetachVolume:
		m.detachVolume(t)
	case lifecycle.EffectRegisterTarget:
		m.registerTarget(t, int(e.Index))
	case lifecycle.EffectDeregisterTarget:
		m.deregisterTarget(t, int(e.Index))
	case lifecycle.EffectRegisterDiscovery:
		m.discover(t)
	case lifecycle.EffectDeregisterDiscovery:
		m.Tasks.Own(t).Keys.Undiscover = m.Outbox.Key("DeregisterInstance", string(t.ID))
		m.Outbox.Close(t.Keys.Discover)
		m.Outbox.Issue(message.DeregisterInstance{ID: t.Keys.Undiscover, RegistryArn: t.Registry.RegistryArn,
			Task: t.ID})
	case lifecycle.EffectStartTask:
		m.sendStart(t)
	case lifecycle.EffectStopTask:
		m.sendStop(t)
	}
}

func (m *Room) attachENI(t *tasks.Task) {
	m.Tasks.Own(t).Keys.Attach = m.Outbox.Key("AttachNetworkInterface", string(t.ID))
	c := message.AttachNetworkInterface{ID: t.Keys.Attach, Cluster: t.Cluster.Record.ClusterName, Task: t.ID,
		Instance: t.Instance}
	if t.Network != nil && t.Network.AwsvpcConfiguration != nil {
		vpc := t.Network.AwsvpcConfiguration
		c.Subnets, c.SecurityGroups, c.AssignPublicIp = vpc.Subnets, vpc.SecurityGroups,
			vpc.AssignPublicIp == ecs.AssignPublicIpEnabled
	}
	m.Outbox.Issue(c)
}

func (m *Room) discover(t *tasks.Task) {
	m.Tasks.Own(t).Keys.Discover = m.Outbox.Key("RegisterInstance", string(t.ID))
	m.Outbox.Issue(message.RegisterInstance{ID: t.Keys.Discover, RegistryArn: t.Registry.RegistryArn, Task: t.ID,
		Address: t.Address, Port: registryPort(t)})
}

// registryPort is the port under which a task is in its service registry: the registry's own, or that of its container
// port on the host. 0: it has an address only.
// Source: Amazon ECS API Reference, ServiceRegistry.
func registryPort(t *tasks.Task) int {
	r := t.Registry
	if r.Port != 0 || r.ContainerName == "" {
		return r.Port
	}
	if t.Definition.NetworkMode == ecs.NetworkModeAwsvpc {
		return r.ContainerPort
	}
	for i, c := range t.Definition.ContainerDefinitions {
		if c.Name != r.ContainerName {
			continue
		}
		for _, b := range t.Bindings.Of(i) {
			if b.ContainerPort == r.ContainerPort {
				return b.HostPort
			}
		}
	}
	return r.ContainerPort
}

func (m *Room) sendStart(t *tasks.Task) {
	m.Tasks.NewStart(t)
	m.Outbox.Issue(m.StartCommand(t))
}

// StartCommand is the command that brings a task to its agent.
func (m *Room) StartCommand(t *tasks.Task) message.StartTask {
	c := message.StartTask{ID: t.StartKey(), Cluster: t.Cluster.Record.ClusterName, Task: t.ID, TaskArn: t.ARN(),
		Instance: t.Instance, AvailabilityZone: t.Zone,
		LaunchType: t.LaunchType, Group: t.Group, TaskDefinition: *t.Definition, PrivateIPv4: t.Address,
		VolumeID: t.Volume.Attached()}
	if t.On != nil {
		c.EC2InstanceID = t.On.Record.EC2InstanceID
	}
	if t.Definition.TaskRoleArn != "" {
		c.CredentialsID = m.Core.CredentialsID(t.ID, "TaskApplication")
	}
	if t.Definition.ExecutionRoleArn != "" {
		c.ExecutionRoleCredentialsID = m.Core.CredentialsID(t.ID, "TaskExecution")
	}
	for i := range t.Bindings.Len() {
		if bindings := t.Bindings.Of(i); len(bindings) > 0 {
			if c.NetworkBindings == nil {
				c.NetworkBindings = map[string][]ecs.NetworkBinding{}
			}
			c.NetworkBindings[t.Definition.ContainerDefinitions[i].Name] = bindings
		}
	}
	return c
}

// sendStop asks the agent to stop a task; a start that has no outcome yet is no longer wanted.
func (m *Room) sendStop(t *tasks.Task) {
	m.Outbox.Close(t.StartKey())
	m.Outbox.Issue(message.StopTask{ID: m.Tasks.NewStop(t), Cluster: t.Cluster.Record.ClusterName, Task: t.ID,
		Instance: t.Instance, Reason: t.Machine.StoppedReason()})
}
