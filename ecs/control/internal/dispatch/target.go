package dispatch

import (
	"fmt"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
	"github.com/bayplan/bayplan/ecs/control/internal/targets"
	"github.com/bayplan/bayplan/ecs/control/internal/tasks"
	"github.com/bayplan/bayplan/ecs/control/internal/written"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/lifecycle"
	"github.com/bayplan/bayplan/loadbalance"
)

// address says where the load balancer finds a task: its instance or its own address, and the
// port there. The error is that of a task that has none.
func (m *Room) address(t *tasks.Task, k *written.Target) error {
	group, _ := m.Targets.Group(k.Group)
	var bindings []ecs.NetworkBinding
	if c := written.ContainerIndex(t.Definition, k.Container); c < t.Bindings.Len() {
		bindings = t.Bindings.Of(c)
	}
	port, ok := loadbalance.TargetPort(t.Definition.NetworkMode, bindings, k.ContainerPort, group.Transport()[0])
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
func (m *Room) registerTarget(t *tasks.Task, i int) {
	target := &m.Tasks.Own(t).Targets[i]
	if err := m.address(t, target); err != nil {
		m.targetRefused(t, i, err)
		return
	}
	if err := m.Targets.Register(t.ID, target.At(t.Zone)); err != nil {
		m.targetRefused(t, i, err)
		return
	}
	target.Registered = true
	target.Register = m.Outbox.Key("RegisterTarget", target.Ref())
	m.targetChanged(t, *target, "register", "")
	m.Outbox.Issue(m.Targets.Complete(message.RegisterTarget{ID: target.Register, TargetGroupArn: target.Group,
		Target: target.Target, Port: int(target.Port), AvailabilityZone: t.Zone, Task: t.ID}))
}

// deregisterTarget asks the world to drain a task's target; the book follows when the
// world has answered, so that a port is never free too early.
func (m *Room) deregisterTarget(t *tasks.Task, i int) {
	if i >= len(t.Targets) || !t.Targets[i].Registered {
		m.targetGone(t, i)
		return
	}
	target := &m.Tasks.Own(t).Targets[i]
	m.Outbox.Close(target.Register)
	target.Deregister = m.Outbox.Key("DeregisterTarget", target.Ref())
	m.Outbox.Issue(m.Targets.Complete(message.DeregisterTarget{ID: target.Deregister, TargetGroupArn: target.Group,
		Target: target.Target, Port: int(target.Port), Task: t.ID}))
}

// drainTarget starts the deregistration delay in the book.
func (m *Room) drainTarget(t *tasks.Task, i int) {
	target := t.Targets[i]
	if err := m.Targets.Drain(t.ID, target.At(t.Zone)); err != nil {
		m.targetGone(t, i)
		return
	}
	group, _ := m.Targets.Group(target.Group)
	m.targetChanged(t, target, string(loadbalance.StateDraining), "deregistration delay "+
		group.DeregistrationDelay().String())
}

// TargetDrained removes a drained target from its task.
func (m *Room) TargetDrained(group string, target loadbalance.Target) {
	t, ok := m.Tasks.ByTask[target.Task]
	if !ok {
		return
	}
	m.Fleet.FreeDrained(t, target.Port)
	for i := range t.Targets {
		if k := &t.Targets[i]; k.Registered && k.Group == group && k.Target == target.ID && k.Port == target.Port {
			m.Tasks.Hold(t)
			k.Registered = false
			m.targetChanged(t, *k, "deregistered", "")
			m.targetGone(t, i)
		}
	}
}

// TargetHealth handles a load balancer's report about a target.
func (m *Room) TargetHealth(e message.TargetHealth) bool {
	before, after, changed := m.Targets.Report(e)
	if !changed {
		return m.Groups != nil && m.Groups.Report(e)
	}
	t, ok := m.Tasks.ByTask[after.Task]
	if !ok {
		return true
	}
	t.Alter()
	if after.State == before.State {
		return true
	}
	for _, k := range t.Targets {
		if k.Group == e.TargetGroupArn && k.Target == e.Target && k.Port == uint16(e.Port) {
			m.targetChanged(t, k, string(after.State), string(after.Reason))
		}
	}
	t.Touch()
	return true
}

// SuspendTargets makes the targets on an instance unused, which need not drain.
func (m *Room) SuspendTargets(i *fleet.Instance) {
	for t := range tasks.On(i) {
		for _, k := range t.Targets {
			if k.Registered && k.Target == i.Record.EC2InstanceID {
				m.Targets.Suspend(k.Group, k.Target)
			}
		}
	}
}

func (m *Room) targetChanged(t *tasks.Task, target written.Target, status, why string) {
	m.Core.Change(message.Change{Kind: message.ChangeTarget, Cluster: t.Cluster.Record.ClusterName,
		Service: t.ServiceName(), Task: t.ID, Instance: t.Instance, Zone: t.Zone,
		Status: status, Text: fmt.Sprintf("%s:%d in %s", target.Target, target.Port, targets.GroupName(target.Group)),
		Why: why})
}

func (m *Room) targetGone(t *tasks.Task, i int) {
	m.Tasks.Step(t, lifecycle.TargetDeregistered(m.Core.Now().Time(), i))
}

// targetRefused ends a task that cannot become a target.
func (m *Room) targetRefused(t *tasks.Task, i int, err error) {
	m.Tasks.Stop(t, ecs.TaskStopCodeTaskFailedToStart,
		fmt.Sprintf("target group %s: %v", targets.GroupName(t.Targets[i].Group), err))
}
