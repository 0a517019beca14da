package lifecycle

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/explore"
)

type (
	stepLaw = explore.StepCheck[node, happening]
	goal    = explore.Goal[node, happening]
)

// laws returns L1 to L9 as checks of transitions and goals. What they know of the task definition
// they read from it, not from the program.
func (w *world) laws() ([]stepLaw, []goal) {
	fair := func(_ node, h happening) bool { return h.fair }
	wanted := func(n node) bool { return n.desired == StatusStopped && n.last < StatusStopped }
	over := func(n node) bool { return n.last >= StatusStopped }
	law := func(name string, holds func(*node, *happening, *node) string) stepLaw {
		return stepLaw{Name: name, Holds: holds}
	}
	return []stepLaw{
			law("L1_status_never_goes_back", neverBack),
			law("L2_only_table_transitions", onlyTable),
			law("L3_stopped_absorbs", stoppedAbsorbs),
			law("L5_essential_exit_stops", w.essentialStops),
			law("L6_dependsOn_up", w.dependsUp),
			law("L6_dependsOn_down", w.dependsDown),
			law("L7_no_kill_before_stopTimeout", noEarlyKill),
			law("L8_repeated_and_late_change_nothing", repeated),
			law("L9_attach_and_register_balance", balanced),
			law("refusals", refusals),
		}, []goal{
			{Name: "L4_what_should_stop_stops", From: wanted, To: over, Via: fair},
			{Name: "L4_in_bounded_steps", From: func(n node) bool {
				return wanted(n) && n.connectivity != ConnectivityDisconnected && (n.last >= StatusStopping ||
					n.flags&nodeStopNow != 0)
			},
				To: over, Via: func(_ node, h happening) bool {
					return h.fair && h.Kind != EventContainerHealth && h.Kind != EventAgentConnected
				}, Bounded: true},
			{Name: "L4_what_should_run_runs_or_stops", From: func(n node) bool { return n.desired == StatusRunning },
				To: func(n node) bool { return n.last == StatusRunning || n.desired == StatusStopped }, Via: w.lasting},
			{Name: "no_dead_end", From: func(node) bool { return true }, To: over},
		}
}

// lasting is a fair world in which what is essential does not end by itself.
func (w *world) lasting(_ node, h happening) bool {
	ends := h.Kind == EventTaskStopped || h.Kind == EventContainerExited &&
		w.d.ContainerDefinitions[h.Index].IsEssential()
	return h.fair && !ends
}

func neverBack(before *node, h *happening, after *node) string {
	if h.after.Last < before.last || h.after.Desired < before.desired {
		return fmt.Sprintf("%v → %v, desired %v → %v", before.last, h.after.Last, before.desired, h.after.Desired)
	}
	return ""
}

// followers is facts 4.3, written again.
func followers(s Status) []Status {
	switch s {
	case StatusProvisioning:
		return []Status{StatusPending, StatusDeprovisioning, StatusStopped}
	case StatusPending:
		return []Status{StatusActivating, StatusRunning, StatusStopping, StatusDeprovisioning, StatusStopped}
	case StatusActivating:
		return []Status{StatusRunning, StatusDeactivating, StatusStopping, StatusDeprovisioning, StatusStopped}
	case StatusRunning:
		return []Status{StatusDeactivating, StatusStopping, StatusDeprovisioning, StatusStopped}
	case StatusDeactivating:
		return []Status{StatusStopping, StatusDeprovisioning, StatusStopped}
	case StatusStopping:
		return []Status{StatusDeprovisioning, StatusStopped}
	case StatusDeprovisioning:
		return []Status{StatusStopped}
	case StatusStopped:
		return []Status{StatusDeleted}
	}
	return nil
}

func onlyTable(before *node, h *happening, after *node) string {
	if h.after.Last != before.last && !slices.Contains(followers(before.last), h.after.Last) {
		return fmt.Sprintf("%v → %v", before.last, h.after.Last)
	}
	return ""
}

func stoppedAbsorbs(before *node, h *happening, after *node) string {
	if before.last < StatusStopped {
		return ""
	}
	same := *h.after
	if before.last == StatusStopped && h.after.Last == StatusDeleted {
		same.Last, same.Version = StatusStopped, h.before.Version
	}
	if same != *h.before || len(h.effects) > 0 {
		return "a task that is over changed"
	}
	return ""
}

// essentialStops also judges restarts: only a policy, an age, a code that is not ignored and a task
// that is wanted allow one.
func (w *world) essentialStops(before *node, h *happening, after *node) string {
	if h.Kind != EventContainerExited || !h.legit || w.p.traits.Role == RoleControlPlane &&
		before.last >= StatusStopped {
		return ""
	}
	cd := w.d.ContainerDefinitions[h.Index]
	again := slices.ContainsFunc(h.effects, func(e Effect) bool {
		return e.Kind == EffectStartContainer && e.Index == h.Index
	})
	old := false
	if r := cd.RestartPolicy; r != nil && r.Enabled && w.p.traits.Role != RoleControlPlane {
		c := h.before.Containers[h.Index]
		old = c.Status == ContainerStatusRunning &&
			noon.Sub(c.StartedAt).Seconds() >= float64(r.RestartAttemptPeriod.Or(300)) &&
			!slices.Contains(r.IgnoredExitCodes, int(h.Code)) && !h.Unknown
	}
	stopping := h.before.StopNow || before.last >= StatusStopping
	switch {
	case again && (!old || stopping):
		return "restarted without a right to"
	case !again && old && !stopping:
		return "not restarted"
	case !again && cd.IsEssential() && h.after.Desired != StatusStopped:
		return "an essential container exited and the task goes on"
	}
	return ""
}

func (w *world) position(name string) int {
	return slices.IndexFunc(w.d.ContainerDefinitions, func(c ecs.ContainerDefinition) bool { return c.Name == name })
}

// created is the condition that volumesFrom asks for, which dependsOn has no word for.
const created ecs.ContainerCondition = "CREATED"

// waits returns what container k waits for, by its definition: dependsOn, links, volumesFrom and the
// router of its logs.
func (w *world) waits(k int) []ecs.ContainerDependency {
	cd := w.d.ContainerDefinitions[k]
	list := slices.Clone(cd.DependsOn)
	add := func(name string, condition ecs.ContainerCondition) {
		list = append(list, ecs.ContainerDependency{ContainerName: name, Condition: condition})
	}
	for _, link := range cd.Links {
		name, _, _ := strings.Cut(link, ":")
		add(name, ecs.ContainerConditionStart)
	}
	for _, v := range cd.VolumesFrom {
		add(v.SourceContainer, created)
	}
	if l := cd.LogConfiguration; l != nil && l.LogDriver == ecs.LogDriverAwsfirelens {
		for _, router := range w.d.ContainerDefinitions {
			if router.FirelensConfiguration != nil {
				add(router.Name, ecs.ContainerConditionStart)
			}
		}
	}
	return list
}

// dependsUp: a container is created and started only when what it depends on is as it should be, by
// the surroundings' own knowledge.
func (w *world) dependsUp(before *node, h *happening, after *node) string {
	now := *before
	w.believe(&now, h)
	for _, e := range h.effects {
		if e.Kind == EffectStartContainer && e.Number > 0 || e.Kind != EffectStartContainer &&
			e.Kind != EffectCreateContainer &&
			(e.Kind != EffectPullImage || w.p.traits.PullDependentsUpfront) {
			continue
		}
		for _, dep := range w.waits(int(e.Index)) {
			on := now.c[w.position(dep.ContainerName)]
			gone := on.truth >= truthGone
			met := false
			switch dep.Condition {
			case created:
				met = on.truth >= truthCreated
			case ecs.ContainerConditionStart:
				met = on.truth == truthRunning || on.truth == truthRestart || gone
			case ecs.ContainerConditionComplete:
				met = on.truth == truthZero || on.truth == truthFailed
			case ecs.ContainerConditionSuccess:
				met = on.truth == truthZero
			case ecs.ContainerConditionHealthy:
				met = on.truth == truthRunning && (on.told == HealthHealthy || w.p.judges())
			}
			if !met {
				return fmt.Sprintf("%v of container %d though %s is not %s", e.Kind, e.Index,
					dep.ContainerName, dep.Condition)
			}
		}
	}
	return ""
}

// dependsDown: a container gets its stop signal only when those that depend on it do not run.
func (w *world) dependsDown(before *node, h *happening, after *node) string {
	now := *before
	w.believe(&now, h)
	for _, e := range h.effects {
		if e.Kind != EffectStopContainer {
			continue
		}
		for k, cd := range w.d.ContainerDefinitions {
			for _, dep := range w.waits(k) {
				runs := now.c[k].truth == truthRunning || now.c[k].truth == truthStart || now.c[k].truth == truthRestart
				if w.position(dep.ContainerName) == int(e.Index) && runs {
					return fmt.Sprintf("container %d is stopped before %s", e.Index, cd.Name)
				}
			}
		}
	}
	return ""
}

func noEarlyKill(before *node, h *happening, after *node) string {
	for _, e := range h.effects {
		if e.Kind == EffectKillContainer && (h.name != fmt.Sprintf("deadline of container %d", e.Index) ||
			before.c[e.Index].sent&sentSignal == 0) {
			return fmt.Sprintf("SIGKILL to container %d", e.Index)
		}
	}
	return ""
}

// repeated: the same once more does nothing; what nobody was asked for, or was answered before,
// does nothing the first time.
func repeated(before *node, h *happening, after *node) string {
	if h.repeated != "" {
		return "the repetition " + h.repeated
	}
	if !h.legit && (*h.after != *h.before || len(h.effects) > 0) {
		return "an answer that is late or was not asked for changed the task"
	}
	return ""
}

// refusals: a refused event changes nothing, and what may truly happen is never refused.
func refusals(before *node, h *happening, after *node) string {
	switch {
	case h.err == nil:
		return ""
	case *h.after != *h.before || len(h.effects) > 0:
		return "a refused event changed the task"
	case !h.legit, h.Kind == EventScaledIn && before.flags&nodeProtected != 0,
		(h.Kind == EventProtectionEnabled || h.Kind == EventProtectionDisabled) && before.last != StatusRunning:
		return ""
	}
	return "refused: " + h.err.Error()
}

// balanced: when a task is STOPPED, everything asked for was undone, once.
func balanced(before *node, h *happening, after *node) string {
	books, in, out := before.books, before.targetsIn, before.targetsOut
	set := func(b uint16) string {
		if books&b != 0 {
			return "asked twice"
		}
		books |= b
		return ""
	}
	if h.legit && h.err == nil {
		switch h.Kind {
		case EventPlaced:
			books |= bookPlaced
		case EventENIFailed:
			books |= bookENIFailed
		case EventVolumeFailed:
			books |= bookVolumeFailed
		}
	}
	for _, e := range h.effects {
		twice := ""
		switch e.Kind {
		case EffectAttachENI:
			twice = set(bookENI)
		case EffectDetachENI:
			twice = set(bookENIDetach)
		case EffectAttachVolume:
			twice = set(bookVolume)
		case EffectDetachVolume:
			twice = set(bookVolumeDetach)
		case EffectRegisterDiscovery:
			twice = set(bookDiscovery)
		case EffectDeregisterDiscovery:
			twice = set(bookUndiscovered)
		case EffectReleaseResources:
			twice = set(bookReleased)
		case EffectStartTask:
			twice = set(bookStartTask)
		case EffectRegisterTarget:
			if in&(1<<e.Index) != 0 {
				twice = "asked twice"
			}
			in |= 1 << e.Index
		case EffectDeregisterTarget:
			if out&(1<<e.Index) != 0 {
				twice = "asked twice"
			}
			out |= 1 << e.Index
		}
		if twice != "" {
			return e.Kind.String() + " " + twice
		}
	}
	if before.last >= StatusStopped || h.after.Last < StatusStopped {
		return ""
	}
	pair := func(done, undone uint16) bool { return (books&done != 0) == (books&undone != 0) }
	switch {
	case in != out:
		return fmt.Sprintf("registered with %b, deregistered from %b", in, out)
	case books&bookENIFailed == 0 && !pair(bookENI, bookENIDetach), books&bookVolumeFailed == 0 &&
		!pair(bookVolume, bookVolumeDetach):
		return "attached and not detached"
	case !pair(bookDiscovery, bookUndiscovered):
		return "still in service discovery"
	case !pair(bookPlaced, bookReleased):
		return "resources not released"
	}
	return ""
}
