package control

import (
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

func (m *rolloutRoom) invokeHook(s *service, h scheduler.HookCall) {
	m.outbox.Issue(message.InvokeLifecycleHook{ID: m.outbox.Key("InvokeLifecycleHook", h.HookID),
		Cluster: s.cluster.Record.ClusterName, Service: s.Record.ServiceName,
		Deployment: h.Deployment, Stage: string(h.Stage), HookID: h.HookID, Attempt: h.Attempt, Hook: h.Hook})
}

// hookStatus takes the late answer of a hook that a deployment in flight waits for.
func (m *rolloutRoom) hookStatus(e message.LifecycleHookStatus) bool {
	c, ok := m.fleet.ByCluster[fleet.ClusterName(e.Cluster)]
	if !ok {
		return false
	}
	s, ok := m.services.find(c, core.NameOf(e.Service))
	if !ok || !s.awaits(e.HookID) {
		return false
	}
	m.hookAnswered(s, scheduler.HookAnswer{HookID: e.HookID, Status: ecs.LifecycleHookStatus(e.Status)})
	return true
}

func (m *rolloutRoom) hookAnswered(s *service, a scheduler.HookAnswer) {
	s.answers = append(s.answers, a)
	m.services.touch(s)
}
