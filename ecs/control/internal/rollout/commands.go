package rollout

import (
	"cmp"
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
	"github.com/bayplan/bayplan/ecs/control/internal/services"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

// WantsTraffic reports whether a service has the listener rule that a command shifts.
func (m *Room) WantsTraffic(c message.ModifyTraffic) bool {
	return slices.ContainsFunc(m.Fleet.Clusters, func(cl *fleet.Cluster) bool {
		return slices.ContainsFunc(m.Services.In(cl), func(s *services.Service) bool {
			return s.Record.Status != ecs.ServiceStatusInactive && slices.Contains(s.Rules(), c.Rule)
		})
	})
}

// WantsHook reports whether a deployment waits for the answer of a hook.
func (m *Room) WantsHook(c message.InvokeLifecycleHook) bool {
	s, ok := m.serviceOfHook(c)
	return ok && s.Awaits(c.HookID)
}

func (m *Room) serviceOfHook(c message.InvokeLifecycleHook) (*services.Service, bool) {
	cl, ok := m.Fleet.ByCluster[c.Cluster]
	if !ok {
		return nil, false
	}
	return m.Services.Find(cl, c.Service)
}

// maxCallBackDelay is the longest time, in seconds, that a hook may ask for before it is called
// again: as long as a stage may last.
const maxCallBackDelay = 24 * 60 * 60

// HookDone takes the outcome of InvokeLifecycleHook: the answer of the hook.
func (m *Room) HookDone(c message.InvokeLifecycleHook, e message.CommandDone) {
	s, ok := m.serviceOfHook(c)
	if !ok {
		return
	}
	if s.CodeDeploy != nil && e.HookStatus == ecs.LifecycleHookStatusInProgress {
		return // the function reports by PutLifecycleEventHookExecutionStatus
	}
	status := cmp.Or(e.HookStatus, ecs.LifecycleHookStatusFailed)
	if e.Err != "" {
		status = ecs.LifecycleHookStatusFailed
	}
	m.hookAnswered(s, scheduler.HookAnswer{HookID: c.HookID, Status: status,
		CallBackDelay: min(e.CallBackDelay, maxCallBackDelay)})
}
