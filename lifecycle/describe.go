package lifecycle

import (
	"time"

	"github.com/bayplan/bayplan/ecs"
)

// Protected reports whether the task is protected from scale-in at the given time.
func (t Task) Protected(now time.Time) bool { return t.ProtectedUntil > ecs.At(now) }

// Describe returns the task as DescribeTasks shows it, as far as this package knows: statuses,
// health, connectivity, stop code and reason, times, and each container's name, status, exit code,
// health and the first word of its reason, or the whole reason if a dependency kept it from starting.
func (p *Program) Describe(t Task) ecs.Task {
	v := ecs.Task{
		LastStatus: ecs.TaskStatus(t.Last.String()), DesiredStatus: ecs.DesiredStatus(t.Desired.String()),
		HealthStatus: p.Health(t),
		Connectivity: ecs.Connectivity(t.Connectivity.String()), ConnectivityAt: t.ConnectivityAt,
		StopCode: t.StopCode.ECS(), StoppedReason: t.StoppedReason, Version: int64(t.Version),
		CreatedAt: t.CreatedAt, PullStartedAt: t.PullStartedAt, PullStoppedAt: t.PullStoppedAt, StartedAt: t.StartedAt,
		StoppingAt: t.StoppingAt, ExecutionStoppedAt: t.ExecutionStoppedAt, StoppedAt: t.StoppedAt,
	}
	for i := range min(int(t.N), len(p.plans)) {
		c := t.Containers[i]
		shown := ecs.Container{Name: p.plans[i].name, LastStatus: c.Status.LastStatus(), Reason: c.Reason.String(),
			HealthStatus: ecs.HealthStatusUnknown}
		if c.Broken != 0 {
			shown.Reason = p.brokenWords(i, c.Broken)
		}
		if c.Health != HealthNone {
			shown.HealthStatus = ecs.HealthStatus(c.Health.String())
		}
		if code, known := c.Exit(); known && c.Status == ContainerStatusStopped {
			shown.ExitCode = ecs.Some(code)
		}
		v.Containers = append(v.Containers, shown)
	}
	return v
}
