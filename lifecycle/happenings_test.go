package lifecycle

import (
	"iter"

	"github.com/bayplan/bayplan/ecs"
)

// happenings yields every kind of event for every container and target group, those that answer
// what was asked for and those that nobody could have sent, and the passing of every deadline.
func (w *world) happenings(n node, t *Task) iter.Seq[happening] {
	return func(yield func(happening) bool) {
		say := func(e Event, legit, fair bool) bool {
			return yield(happening{Event: e, legit: legit, fair: legit && fair, before: t})
		}
		_ = w.ofTask(n, say) && w.ofContainers(n, say) && w.ofTime(n, t, yield)
	}
}

type sayer func(e Event, legit, fair bool) bool

func (w *world) ofTask(n node, say sayer) bool {
	at, f := noon.Time(), w.faults
	has := func(b uint16) bool { return n.books&b != 0 }
	placed, traits := has(bookPlaced), w.p.traits
	for i := range max(traits.TargetGroups, 1) {
		if !say(TargetRegistered(at, i), n.targetsIn&(1<<i) != 0, true) ||
			!say(TargetDeregistered(at, i), n.targetsOut&(1<<i) != 0, true) {
			return false
		}
	}
	connected := traits.Role != RoleControlPlane || n.connectivity != ConnectivityDisconnected
	return say(Tick(at), true, true) &&
		say(Placed(at), true, true) &&
		say(ENIAttached(at), has(bookENI) && !has(bookENIFailed), true) &&
		(!f || say(ENIFailed(at, ""), has(bookENI) && !has(bookENIAnswered), false)) &&
		say(ENIDetached(at), has(bookENIDetach), true) &&
		say(VolumeAttached(at), has(bookVolume) && !has(bookVolumeFailed), true) &&
		(!f || say(VolumeFailed(at, ""), has(bookVolume) && !has(bookVolumeAnswered), false)) &&
		say(VolumeDetached(at), has(bookVolumeDetach), true) &&
		say(DiscoveryRegistered(at), has(bookDiscovery), true) &&
		say(StopRequested(at, ecs.TaskStopCodeUserInitiated, ""), true, false) &&
		say(ScaledIn(at, ""), traits.Service, false) &&
		say(SpotNotice(at), w.p.fargate && placed, false) &&
		say(ProtectionEnabled(at, ecs.Opt[int]{}), traits.Service, false) &&
		say(ProtectionDisabled(at), traits.Service, false) &&
		(!f || say(AgentConnected(at), true, true) && say(AgentDisconnected(at), true, false) &&
			say(InstanceLost(at, ""), placed, false)) &&
		(!connected || say(TaskStopped(at, ecs.TaskStopCodeTaskFailedToStart, ""), has(bookStartTask), true))
}

func (w *world) ofContainers(n node, say sayer) bool {
	for i := range w.p.plans {
		ok := false
		if w.p.traits.Role == RoleControlPlane {
			ok = w.reports(n, i, say)
		} else {
			ok = w.answers(n, i, say)
		}
		if !ok {
			return false
		}
	}
	return true
}

// answers are what a runtime says of container i: to what it was asked, to an earlier start or
// health check, and out of turn.
func (w *world) answers(n node, i int, say sayer) bool {
	at, c, p := noon.Time(), n.c[i], w.p.plans[i]
	number := 0
	if p.restart {
		number = 1
		if c.truth == truthRestart {
			number = 2
		}
	}
	stale := number - 1
	starting := c.truth == truthStart || c.truth == truthRestart
	up := starting || c.truth == truthRunning
	create := c.truth == truthCreate
	health := w.p.traits.HealthByRuntime && c.truth == truthRunning
	return say(PullStarted(at, i), c.truth == truthPull, true) &&
		say(Pulled(at, i), c.truth == truthPull, true) &&
		(!w.faults || say(PullFailed(at, i, ""), c.truth == truthPull, false)) &&
		say(ContainerCreated(at, i), create, true) &&
		(!w.faults || say(ContainerFailed(at, i, ""), create || starting, false)) &&
		say(ContainerStarted(at, i, number), starting, true) &&
		say(ContainerExited(at, i, number, 0), up, true) &&
		say(ContainerExited(at, i, number, 1), up, true) &&
		(!w.faults || say(ContainerLost(at, i, number), up, false)) &&
		(stale < 0 || say(ContainerStarted(at, i, stale), false, false) && say(ContainerExited(at, i, stale, 1), false,
			false)) &&
		say(ContainerStarted(at, i, number+1), false, false) &&
		say(ContainerExited(at, i, number+1, 1), false, false) &&
		say(ContainerHealth(at, i, ecs.HealthStatusHealthy), health, true) &&
		say(ContainerHealth(at, i, ecs.HealthStatusUnhealthy), health, true) &&
		say(HealthChecked(at, i, 1, true), c.sent&sentCheck != 0, true) &&
		say(HealthChecked(at, i, 1, false), c.sent&sentCheck != 0, true) &&
		say(HealthChecked(at, i, 0, true), false, false) &&
		say(HealthChecked(at, i, 2, true), false, false)
}

// reports are what an agent says of container i, in order but with gaps; nothing while it is
// disconnected.
func (w *world) reports(n node, i int, say sayer) bool {
	at, c := noon.Time(), n.c[i]
	if n.connectivity == ConnectivityDisconnected {
		return true
	}
	connected := n.books&bookStartTask != 0
	below := func(s ContainerStatus) bool { return connected && ContainerStatus(c.status) < s }
	running := connected && ContainerStatus(c.status) == ContainerStatusRunning
	return say(PullStarted(at, i), below(ContainerStatusPulling), true) &&
		say(Pulled(at, i), below(ContainerStatusPulled), true) &&
		say(PullFailed(at, i, ""), below(ContainerStatusRunning), false) &&
		say(ContainerCreated(at, i), below(ContainerStatusCreated), true) &&
		say(ContainerFailed(at, i, ""), below(ContainerStatusStopped), false) &&
		say(DependencyBroken(at, i, ""), below(ContainerStatusStopped), false) &&
		say(ContainerStarted(at, i, 0), below(ContainerStatusRunning), true) &&
		say(ContainerExited(at, i, 0, 0), below(ContainerStatusStopped), true) &&
		say(ContainerExited(at, i, 0, 1), below(ContainerStatusStopped), true) &&
		say(ContainerHealth(at, i, ecs.HealthStatusHealthy), running, true) &&
		say(ContainerHealth(at, i, ecs.HealthStatusUnhealthy), running, true) &&
		say(HealthChecked(at, i, 1, true), false, false)
}

// ofTime lets each pending deadline pass, and each container grow older.
func (w *world) ofTime(n node, t *Task, yield func(happening) bool) bool {
	tick := func(name string, now *Task) bool {
		return yield(happening{Event: Tick(noon.Time()), name: name, legit: true, fair: true, before: now})
	}
	if t.Last == StatusStopped {
		now := *t
		now.StoppedAt = noon.Add(-StoppedVisible)
		return tick("an hour passes", &now)
	}
	if t.ProtectedUntil != 0 {
		now := *t
		now.ProtectedUntil = noon
		if !tick("protection expires", &now) {
			return false
		}
	}
	for i := range w.p.plans {
		now := *t
		c := &now.Containers[i]
		if limits := w.limits(t, i); int(n.c[i].age) <= len(limits) && n.c[i].age > 0 {
			c.StartedAt = noon.Add(-limits[n.c[i].age-1])
			if !tick("container "+string('0'+rune(i))+" is "+limits[n.c[i].age-1].String()+" old", &now) {
				return false
			}
		}
		now = *t
		if c.Due != 0 {
			c.Due = noon
			if !tick("deadline of container "+string('0'+rune(i)), &now) {
				return false
			}
		}
	}
	return true
}
