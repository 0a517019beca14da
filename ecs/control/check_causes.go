package control

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/lifecycle"
)

// wanted reports whether a command that is outstanding has a cause: a task, a target or a
// deployment that still waits for what it does.
func (p *Plane) wanted(c Command) bool {
	switch c := c.(type) {
	case StartTask:
		t, ok := p.byTask[c.Task]
		return ok && t.Keys.Start == c.ID && !t.over() && !t.Machine.StopSent
	case StopTask:
		return p.wantedStop(c)
	case AttachNetworkInterface:
		t, ok := p.byTask[c.Task]
		return ok && t.Keys.Attach == c.ID && t.Machine.ENI == lifecycle.AttachmentAttaching
	case DetachNetworkInterface:
		t, ok := p.byTask[c.Task]
		return ok && t.Keys.Detach == c.ID && t.Machine.ENI == lifecycle.AttachmentDetaching
	case AttachVolume:
		return p.wantsVolume(c.Task, c.ID)
	case DetachVolume:
		return p.wantsVolume(c.Task, c.ID)
	case RegisterTarget:
		return p.wantedTarget(c.Task, func(t taskTarget) bool { return t.Register == c.ID && t.Registered })
	case DeregisterTarget:
		return p.wantedTarget(c.Task, func(t taskTarget) bool { return t.Deregister == c.ID && t.Registered })
	case RegisterInstance:
		t, ok := p.byTask[c.Task]
		return ok && t.Keys.Discover == c.ID && !t.stopped()
	case DeregisterInstance: // may outlive its task, which nobody describes any more
		t, ok := p.byTask[c.Task]
		return !ok || t.Keys.Undiscover == c.ID
	case ModifyTraffic:
		return p.wantedTraffic(c)
	case InvokeLifecycleHook:
		cl, ok := p.byCluster[c.Cluster]
		if !ok {
			return false
		}
		s, ok := cl.byService[c.Service]
		return ok && s.awaits(c.HookID)
	case GetMetric:
		return p.wantedMetric(c)
	case SetDesiredCapacity:
		return slices.ContainsFunc(p.providers, func(o *capacityProvider) bool { return o.Record.Name == c.CapacityProvider })
	}
	return false
}

// wantedStop tells the two causes of a StopTask: the task is to stop, or it runs where it
// should not.
func (p *Plane) wantedStop(c StopTask) bool {
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

func (p *Plane) wantedTraffic(c ModifyTraffic) bool {
	return slices.ContainsFunc(p.clusters, func(cl *cluster) bool {
		return slices.ContainsFunc(cl.services, func(s *service) bool {
			return s.Record.Status != ecs.ServiceStatusInactive && slices.Contains(s.rules(), c.Rule)
		})
	})
}
