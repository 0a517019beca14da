package control

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/lifecycle"
)

// wanted reports whether a command that is outstanding has a cause: a task, a target or a
// deployment that still waits for what it does.
func (p *Plane) wanted(c message.Command) bool {
	switch c := c.(type) {
	case message.StartTask:
		t, ok := p.byTask[c.Task]
		return ok && t.Keys.Start == c.ID && !t.over() && !t.Machine.StopSent
	case message.StopTask:
		return p.wantedStop(c)
	case message.AttachNetworkInterface:
		t, ok := p.byTask[c.Task]
		return ok && t.Keys.Attach == c.ID && t.Machine.ENI == lifecycle.AttachmentAttaching
	case message.DetachNetworkInterface:
		t, ok := p.byTask[c.Task]
		return ok && t.Keys.Detach == c.ID && t.Machine.ENI == lifecycle.AttachmentDetaching
	case message.AttachVolume:
		return p.wantsVolume(c.Task, c.ID)
	case message.DetachVolume:
		return p.wantsVolume(c.Task, c.ID)
	case message.RegisterTarget:
		return p.wantedTarget(c.Task, func(t taskTarget) bool { return t.Register == c.ID && t.Registered })
	case message.DeregisterTarget:
		return p.wantedTarget(c.Task, func(t taskTarget) bool { return t.Deregister == c.ID && t.Registered })
	case message.RegisterInstance:
		t, ok := p.byTask[c.Task]
		return ok && t.Keys.Discover == c.ID && !t.stopped()
	case message.DeregisterInstance: // may outlive its task, which nobody describes any more
		t, ok := p.byTask[c.Task]
		return !ok || t.Keys.Undiscover == c.ID
	case message.ModifyTraffic:
		return p.wantedTraffic(c)
	case message.InvokeLifecycleHook:
		cl, ok := p.byCluster[c.Cluster]
		if !ok {
			return false
		}
		s, ok := cl.byService[c.Service]
		return ok && s.awaits(c.HookID)
	case message.GetMetric:
		return p.scaling.Wants(c)
	case message.SetDesiredCapacity:
		return slices.ContainsFunc(p.providers, func(o *capacityProvider) bool { return o.Record.Name == c.CapacityProvider })
	}
	return false
}

// wantedStop tells the two causes of a StopTask: the task is to stop, or it runs where it
// should not.
func (p *Plane) wantedStop(c message.StopTask) bool {
	t, ok := p.byTask[c.Task]
	if c.ID.Target != strayTarget(c.Instance, c.Task) {
		return ok && t.Keys.Stop == c.ID && !t.over() && t.Machine.StopSent
	}
	if ok && t.Instance == c.Instance && !t.over() {
		return false
	}
	i, ok := p.findInstance(c.Cluster, c.Instance)
	return c.Instance == "" || ok && i.Record.Status != ecs.ContainerInstanceStatusInactive
}

func (p *Plane) wantedTarget(id ecs.TaskID, is func(taskTarget) bool) bool {
	t, ok := p.byTask[id]
	return ok && slices.ContainsFunc(t.Targets, is)
}

func (p *Plane) wantedTraffic(c message.ModifyTraffic) bool {
	return slices.ContainsFunc(p.clusters, func(cl *cluster) bool {
		return slices.ContainsFunc(cl.services, func(s *service) bool {
			return s.Record.Status != ecs.ServiceStatusInactive && slices.Contains(s.rules(), c.Rule)
		})
	})
}
