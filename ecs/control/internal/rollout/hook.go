package rollout

import (
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
	"github.com/bayplan/bayplan/ecs/control/internal/services"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

func (m *Room) invokeHook(s *services.Service, h scheduler.HookCall) {
	m.Outbox.Issue(message.InvokeLifecycleHook{ID: m.Outbox.Key("InvokeLifecycleHook", h.HookID),
		Cluster: s.Cluster.Record.ClusterName, Service: s.Record.ServiceName,
		Deployment: h.Deployment, Stage: string(h.Stage), HookID: h.HookID, Attempt: h.Attempt, Hook: h.Hook})
}

// HookStatus handles the late answer of a hook that a deployment in flight waits for.
func (m *Room) HookStatus(e message.LifecycleHookStatus) bool {
	c, ok := m.Fleet.ByCluster[fleet.ClusterName(e.Cluster)]
	if !ok {
		return false
	}
	s, ok := m.Services.Find(c, core.NameOf(e.Service))
	if !ok || !s.Awaits(e.HookID) {
		return false
	}
	m.hookAnswered(s, scheduler.HookAnswer{HookID: e.HookID, Status: ecs.LifecycleHookStatus(e.Status)})
	return true
}

func (m *Room) hookAnswered(s *services.Service, a scheduler.HookAnswer) {
	s.Answers = append(s.Answers, a)
	m.Services.Touch(s)
}
