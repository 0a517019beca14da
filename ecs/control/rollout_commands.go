package control

import (
	"cmp"
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

func (m *rolloutRoom) wantsTraffic(c message.ModifyTraffic) bool {
	return slices.ContainsFunc(m.fleet.Clusters, func(cl *fleet.Cluster) bool {
		return slices.ContainsFunc(m.services.in(cl), func(s *service) bool {
			return s.Record.Status != ecs.ServiceStatusInactive && slices.Contains(s.rules(), c.Rule)
		})
	})
}

func (m *rolloutRoom) wantsHook(c message.InvokeLifecycleHook) bool {
	s, ok := m.serviceOfHook(c)
	return ok && s.awaits(c.HookID)
}

func (m *rolloutRoom) serviceOfHook(c message.InvokeLifecycleHook) (*service, bool) {
	cl, ok := m.fleet.ByCluster[c.Cluster]
	if !ok {
		return nil, false
	}
	return m.services.find(cl, c.Service)
}

// maxCallBackDelay is the longest that a hook may ask to be left alone, in seconds: a stage's
// longest time.
const maxCallBackDelay = 24 * 60 * 60

func (m *rolloutRoom) hookDone(c message.InvokeLifecycleHook, e message.CommandDone) {
	s, ok := m.serviceOfHook(c)
	if !ok {
		return
	}
	status := cmp.Or(e.HookStatus, ecs.LifecycleHookStatusFailed)
	if e.Err != "" {
		status = ecs.LifecycleHookStatusFailed
	}
	m.hookAnswered(s, scheduler.HookAnswer{HookID: c.HookID, Status: status,
		CallBackDelay: min(e.CallBackDelay, maxCallBackDelay)})
}
