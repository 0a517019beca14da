package control

import (
	"fmt"
	"strconv"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
	"github.com/bayplan/bayplan/ecs/control/internal/targets"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/loadbalance"
)

// taskTarget is a task's standing in one target group.
type taskTarget struct {
	Group         string      `json:"group"`
	Container     string      `json:"container"`
	ContainerPort int         `json:"containerPort"`
	Target        string      `json:"target,omitzero"` // EC2 instance ID or address; "" until it is registered first
	Port          uint16      `json:"port,omitzero"`
	Registered    bool        `json:"registered,omitzero"` // in the book, draining included
	Register      message.Key `json:"register,omitzero"`
	Deregister    message.Key `json:"deregister,omitzero"`
}

func (t taskTarget) at(zone string) targets.At {
	return targets.At{Group: t.Group, Target: t.Target, Port: t.Port, Zone: zone}
}

func (t taskTarget) ref() string { return t.Group + " " + t.Target + ":" + strconv.Itoa(int(t.Port)) }

// targetsOf returns where a task behind load balancers will be registered.
func (m *taskRoom) targetsOf(balancers []ecs.LoadBalancer, d ecs.TaskDefinition) []taskTarget {
	var list []taskTarget
	for _, lb := range balancers {
		if containerIndex(d, lb.ContainerName) >= 0 {
			list = append(list, taskTarget{Group: m.targets.Of(lb, d.NetworkMode), Container: lb.ContainerName, ContainerPort: lb.ContainerPort})
		}
	}
	return list
}

// address says where the load balancer finds a task: its instance or its own address, and the
// port there. The error is that of a task that has none.
func (m *taskRoom) address(t *task, k *taskTarget) error {
	group, _ := m.targets.Group(k.Group)
	var bindings []ecs.NetworkBinding
	if c := containerIndex(t.definition, k.Container); c < len(t.Bindings) {
		bindings = t.Bindings[c]
	}
	port, ok := loadbalance.TargetPort(t.definition.NetworkMode, bindings, k.ContainerPort, group.Transport()[0])
	if !ok {
		port = uint16(k.ContainerPort)
	}
	k.Target, k.Port = t.Address, port
	if group.Normalize().TargetType == loadbalance.TargetTypeInstance {
		k.Target = ""
		if t.On != nil {
			k.Target = t.On.Record.EC2InstanceID
		}
	}
	if k.Target == "" {
		return fmt.Errorf("the task has no target of type %s", group.Normalize().TargetType)
	}
	return nil
}

// registerTarget puts a task's port into a target group and tells the world.
func (m *taskRoom) registerTarget(t *task, i int) {
	target := &t.Targets[i]
	if err := m.address(t, target); err != nil {
		m.targetRefused(t, i, err)
		return
	}
	if err := m.targets.Register(t.ID, target.at(t.Zone)); err != nil {
		m.targetRefused(t, i, err)
		return
	}
	target.Registered = true
	target.Register = m.outbox.Key("RegisterTarget", target.ref())
	m.targetChanged(t, *target, "register", "")
	m.outbox.Issue(message.RegisterTarget{ID: target.Register, TargetGroupArn: target.Group, Target: target.Target, Port: int(target.Port), AvailabilityZone: t.Zone, Task: t.ID})
}

// deregisterTarget asks the world to drain a task's target; the book follows when the
// world has answered, so that a port is never free too early.
func (m *taskRoom) deregisterTarget(t *task, i int) {
	if i >= len(t.Targets) || !t.Targets[i].Registered {
		m.targetGone(t, i)
		return
	}
	target := &t.Targets[i]
	m.outbox.Close(target.Register)
	target.Deregister = m.outbox.Key("DeregisterTarget", target.ref())
	m.outbox.Issue(message.DeregisterTarget{ID: target.Deregister, TargetGroupArn: target.Group, Target: target.Target, Port: int(target.Port), Task: t.ID})
}

// drainTarget starts the deregistration delay in the book.
func (m *taskRoom) drainTarget(t *task, i int) {
	target := t.Targets[i]
	if err := m.targets.Drain(t.ID, target.at(t.Zone)); err != nil {
		m.targetGone(t, i)
		return
	}
	group, _ := m.targets.Group(target.Group)
	m.targetChanged(t, target, string(loadbalance.StateDraining), "deregistration delay "+group.DeregistrationDelay().String())
}

// targetDrained takes a target from its task that has drained.
func (m *taskRoom) targetDrained(group string, target loadbalance.Target) {
	t, ok := m.byTask[target.Task]
	if !ok {
		return
	}
	m.fleet.FreeDrained(t, target.Port)
	for i := range t.Targets {
		if k := &t.Targets[i]; k.Registered && k.Group == group && k.Target == target.ID && k.Port == target.Port {
			k.Registered = false
			m.targetChanged(t, *k, "deregistered", "")
			m.targetGone(t, i)
		}
	}
}

// targetHealth takes a load balancer's word about a target.
func (m *taskRoom) targetHealth(e message.TargetHealth) bool {
	before, after, changed := m.targets.Report(e)
	if !changed {
		return false
	}
	t, ok := m.byTask[after.Task]
	if !ok || after.State == before.State {
		return true
	}
	for _, k := range t.Targets {
		if k.Group == e.TargetGroupArn && k.Target == e.Target && k.Port == uint16(e.Port) {
			m.targetChanged(t, k, string(after.State), string(after.Reason))
		}
	}
	t.touch()
	return true
}

// suspendTargets makes the targets on an instance unused, which need not drain.
func (m *taskRoom) suspendTargets(i *fleet.Instance) {
	for t := range on(i) {
		for _, k := range t.Targets {
			if k.Registered && k.Target == i.Record.EC2InstanceID {
				m.targets.Suspend(k.Group, k.Target)
			}
		}
	}
}

// healthOfTargets returns what a task's targets say together, and one that is unhealthy with
// its reason.
func (m *taskRoom) healthOfTargets(t *task) (health ecs.HealthStatus, ill taskTarget, reason string) {
	if len(t.Targets) == 0 || t.Targets[0].Target == "" {
		return "", taskTarget{}, "" // none yet
	}
	list := make([]loadbalance.Target, 0, len(t.Targets))
	for _, k := range t.Targets {
		target, ok := m.targets.Get(k.at(t.Zone))
		if !ok || target.Task != t.ID {
			return ecs.HealthStatusUnknown, taskTarget{}, ""
		}
		if target.State == loadbalance.StateUnhealthy && ill.Group == "" {
			ill, reason = k, target.Health().Description
		}
		list = append(list, target)
	}
	return loadbalance.TaskHealth(list...), ill, reason
}

func (m *taskRoom) targetChanged(t *task, target taskTarget, status, why string) {
	m.core.Change(message.Change{Kind: message.ChangeTarget, Cluster: t.cluster.Record.ClusterName, Service: t.serviceName(), Task: t.ID, Instance: t.Instance, Zone: t.Zone,
		Status: status, Text: fmt.Sprintf("%s:%d in %s", target.Target, target.Port, groupName(target.Group)), Why: why})
}

// groupName returns "tg" of "arn:aws:elasticloadbalancing:…:targetgroup/tg/0123456789abcdef".
func groupName(arn string) string {
	if a, err := ecs.ParseARN(arn); err == nil {
		return a.ID()
	}
	rest := arn
	for i := 0; i < len(rest); i++ {
		if rest[i] == '/' {
			rest = rest[i+1:]
			break
		}
	}
	for i := range len(rest) {
		if rest[i] == '/' {
			return rest[:i]
		}
	}
	return rest
}
