package lifecycle

import (
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs"
)

// The world of the exhaustive search: a task, and what its surroundings know without looking into
// it. Time is abstract: a deadline has passed or has not, and any that is pending may pass next, in
// whatever order. A state holds what some rule reads and nothing else: no stamps, no reasons, no
// version, no counts of restarts; a deadline is one bit, an age the number of limits it has passed.

const (
	maxWorld = 3 // containers
	noon     = ecs.Instant(1_000_000_000_000_000_000)
	far      = noon + ecs.Instant(1000*time.Hour)
	longAgo  = noon - ecs.Instant(1000*time.Hour)
)

type small struct { // a container
	status, health, failures, flags, code, age uint8

	// What the surroundings know.
	truth truth
	told  Health // last verdict told
	sent  uint8  // signal and health check
}

const ( // small.flags
	flagDue uint8 = 1 << iota
	flagChecking
	flagGraced
)

const ( // small.sent
	sentSignal uint8 = 1 << iota
	sentCheck
)

type truth uint8

const (
	truthNone truth = iota
	truthPull
	truthPulled
	truthCreate
	truthCreated
	truthStart
	truthRunning
	truthRestart
	truthGone   // exited, or never to be heard of again; exit code unknown
	truthZero   // exited with 0
	truthFailed // exited with another code
)

type node struct {
	last, desired                 Status
	flags                         uint16
	eni, volume                   Attachment
	discovery                     Discovery
	asked, registered, left, gone uint8
	connectivity                  Connectivity

	// What was asked of the surroundings, and what they answered.
	books                 uint16
	targetsIn, targetsOut uint8
	c                     [maxWorld]small
}

const ( // node.flags
	nodePlaced uint16 = 1 << iota
	nodeAtAgent
	nodeStopSent
	nodeStopNow
	nodeReleased
	nodeProtected
	nodePulling
)

const ( // node.books
	bookENI uint16 = 1 << iota
	bookENIAnswered
	bookENIFailed
	bookENIDetach
	bookVolume
	bookVolumeAnswered
	bookVolumeFailed
	bookVolumeDetach
	bookDiscovery
	bookUndiscovered
	bookPlaced
	bookReleased
	bookStartTask
	bookLost
)

// world is a program in its surroundings.
type world struct {
	p      *Program
	d      ecs.TaskDefinition
	faults bool
	seen   *coverage

	outcome Task // of the last event; each takes its place
}

// happening is an event with what the surroundings think of it, and what came of it.
type happening struct {
	Event
	name     string
	legit    bool // it answers something asked for, or happens by itself
	fair     bool // of a world that answers, and lets time pass
	effects  []Effect
	err      error
	before   *Task // these two are valid for the checks alone
	after    *Task
	last     Status
	repeated string // what a repetition changed
}

func (h happening) String() string {
	name := h.name
	if name == "" {
		name = fmt.Sprintf("%v(%d)", h.Kind, h.Index)
	}
	return fmt.Sprintf("%s number=%d code=%d %s → %v %v err=%v", name, h.Number, h.Code, h.Health,
		h.last, h.effects, h.err)
}

func (w *world) start() node {
	return w.node(w.p.Start("t", noon.Time()), node{})
}

// --- states to tasks and back ---

// limits returns what ages of container i some rule still asks for, in order.
func (w *world) limits(t *Task, i int) (list []time.Duration) {
	c, p := &t.Containers[i], &w.p.plans[i]
	if !c.Status.steady() || c.StartedAt == 0 || w.p.traits.Role == RoleControlPlane || w.ending(t) {
		return nil
	}
	running := c.Status == ContainerStatusRunning
	if p.restart && running {
		list = append(list, p.period)
	}
	if running && p.checked && w.p.judges() && !c.Graced && p.startPeriod > 0 {
		list = append(list, p.startPeriod)
	}
	if w.awaited(t, i, ContainerStatusCreating) {
		list = append(list, p.startTimeout)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// awaited reports whether a container that is not yet as far as status waits for container i and
// its exit code or health.
func (w *world) awaited(t *Task, i int, status ContainerStatus) bool {
	if w.ending(t) {
		return false
	}
	for k := range w.p.plans {
		for _, d := range w.p.plans[k].waits {
			if int(d.on) == i && d.kind != dependsStart && d.kind != dependsCreate && t.Containers[k].Status < status {
				return true
			}
		}
	}
	return false
}

func (w *world) task(n node) Task {
	t := w.p.Start("t", noon.Time())
	t.Last, t.Desired, t.ENI, t.Volume, t.Discovery = n.last, n.desired, n.eni, n.volume, n.discovery
	t.TargetsAsked, t.TargetsRegistered, t.TargetsLeaving, t.TargetsGone = n.asked, n.registered, n.left, n.gone
	t.Connectivity = n.connectivity
	has := func(b uint16) bool { return n.flags&b != 0 }
	t.Placed, t.AtAgent, t.StopSent, t.StopNow, t.Released = has(nodePlaced), has(nodeAtAgent), has(nodeStopSent),
		has(nodeStopNow), has(nodeReleased)
	if has(nodeProtected) {
		t.ProtectedUntil = far
	}
	if has(nodePulling) {
		t.PullStartedAt = noon
	}
	if t.Last == StatusStopped {
		t.StoppedAt = noon
	}
	for i := range w.p.plans {
		s, c := n.c[i], &t.Containers[i]
		c.Status, c.Health, c.Failures = ContainerStatus(s.status), Health(s.health), s.failures
		c.Checking, c.Graced = s.flags&flagChecking != 0, s.flags&flagGraced != 0
		if s.flags&flagDue != 0 {
			c.Due = far
		}
		c.Exited, c.Code = s.code != 0, int32(max(s.code, 1)-1)
		if w.p.plans[i].restart {
			c.Restarts = 1
		}
		if w.p.plans[i].checked {
			c.Checks = 1
		}
		if s.age > 0 {
			c.StartedAt = noon
		}
	}
	if t.Last >= StatusStopped {
		for i := range w.p.plans {
			t.Containers[i].Status = ContainerStatusStopped
		}
		return t
	}
	for i := range w.p.plans { // when all statuses are known
		if age := n.c[i].age; age > 1 {
			t.Containers[i].StartedAt = noon.Add(-w.limits(&t, i)[age-2])
		}
	}
	return t
}

// node returns the state of a task, with the books of the surroundings taken from b.
func (w *world) node(t Task, b node) node {
	if t.Last >= StatusStopped { // nothing is read any more
		return node{last: t.Last, desired: StatusStopped}
	}
	n := b
	n.last, n.desired, n.eni, n.volume, n.discovery = t.Last, t.Desired, t.ENI, t.Volume, t.Discovery
	n.asked, n.registered, n.left, n.gone = t.TargetsAsked, t.TargetsRegistered, t.TargetsLeaving, t.TargetsGone
	if t.Last >= StatusDeactivating {
		n.registered = 0
	}
	if n.books&bookENI != 0 && t.ENI != AttachmentAttaching { // an answer comes too late from now on
		n.books |= bookENIAnswered
	}
	if n.books&bookVolume != 0 && t.Volume != AttachmentAttaching {
		n.books |= bookVolumeAnswered
	}
	if t.Last >= StatusStopping { // what is balanced is done with
		n.asked, n.left, n.gone, n.discovery = 0, 0, 0, DiscoveryNone
		if n.targetsIn == n.targetsOut {
			n.targetsIn, n.targetsOut = w.p.targets(), w.p.targets()
		}
		if both := bookDiscovery | bookUndiscovered; w.p.traits.Discovery &&
			(n.books&both == 0 || n.books&both == both) {
			n.books |= both
		}
	}
	if n.connectivity = 0; w.p.traits.Role == RoleControlPlane {
		n.connectivity = t.Connectivity
	}
	n.flags = 0
	set := func(b uint16, on bool) {
		if on {
			n.flags |= b
		}
	}
	set(nodePlaced, t.Placed)
	set(nodeAtAgent, t.AtAgent)
	set(nodeStopSent, t.StopSent)
	set(nodeStopNow, w.ending(&t))
	set(nodeReleased, t.Released)
	set(nodeProtected, t.ProtectedUntil != 0)
	set(nodePulling, w.p.traits.PullInActivating && t.PullStartedAt != 0 && t.Last == StatusPending)
	for i := range w.p.plans {
		n.c[i] = w.small(&t, i, n.c[i])
	}
	return n
}

// leads reports whether anything still waits for container i.
func (w *world) leads(t *Task, i int) bool {
	for k := range w.p.plans {
		for _, d := range w.p.plans[k].waits {
			if int(d.on) == i && t.Containers[k].Status < ContainerStatusStarting && !w.ending(t) {
				return true
			}
		}
	}
	return false
}

// ending reports whether containers are wanted STOPPED.
func (w *world) ending(t *Task) bool { return t.StopNow || w.p.rules.work[t.Last]&stops != 0 }

func (w *world) small(t *Task, i int, s small) small {
	c := &t.Containers[i]
	s.status, s.health, s.failures, s.flags, s.code, s.age = uint8(c.Status), 0, 0, 0, 0, 0
	ending := w.ending(t) // health is not asked any more
	runs := !ending && (c.Status == ContainerStatusRunning || w.p.traits.Role == RoleControlPlane &&
		c.Status < ContainerStatusStopped)
	if runs || !ending && c.Status < ContainerStatusRunning {
		s.health, s.failures = uint8(c.Health), c.Failures
	} else if c.Health != HealthNone {
		s.health = uint8(HealthUnknown)
	}
	if !runs || !w.p.plans[i].checked {
		s.told = HealthNone
	}
	if c.Due != 0 {
		s.flags |= flagDue
	}
	if c.Checking {
		s.flags |= flagChecking
	} else {
		s.sent &^= sentCheck // an answer that still comes has an old number
	}
	if p := w.p.plans[i].startPeriod; p > 0 && c.Status == ContainerStatusRunning && !ending && w.p.judges() {
		if c.Graced = c.Graced || noon >= c.StartedAt.Add(p); c.Graced { // it is over, or as good as
			s.flags |= flagGraced
		}
	}
	if w.awaited(t, i, ContainerStatusStarting) && c.Exited {
		s.code = 1 + uint8(min(c.Code, 1))
	}
	if c.StartedAt != 0 && (c.Status != ContainerStatusStopped || w.leads(t, i)) {
		s.age = 1
		for _, l := range w.limits(t, i) {
			if noon >= c.StartedAt.Add(l) {
				s.age++
			}
		}
	}
	if c.Status == ContainerStatusStopped {
		s.sent = 0
		if s.truth < truthGone || !w.awaited(t, i, ContainerStatusStarting) {
			s.truth = truthGone
		}
	}
	return s
}

// --- what may happen ---

// next yields everything that may happen in a state, and much that may not.
func (w *world) next(n node) iter.Seq2[happening, node] {
	return func(yield func(happening, node) bool) {
		t := w.task(n)
		for h := range w.happenings(n, &t) {
			after := w.step(n, &h)
			if !yield(h, after) {
				return
			}
		}
	}
}

// step lets it happen and keeps the books.
func (w *world) step(n node, h *happening) node {
	h.effects, w.outcome, h.err = w.p.Step(nil, *h.before, h.Event)
	h.after, h.last = &w.outcome, w.outcome.Last
	if w.seen != nil {
		w.seen.note(w, h)
	}
	if h.err == nil {
		h.repeated = w.repeat(h)
		w.believe(&n, h)
		for _, e := range h.effects {
			w.keep(&n, e)
		}
	}
	return w.node(w.outcome, n)
}

// repeat tells what the same event does once more.
func (w *world) repeat(h *happening) string {
	switch again, twice, err := w.p.Step(nil, *h.after, h.Event); {
	case err != nil:
		return "refused: " + err.Error()
	case len(again) > 0:
		return fmt.Sprint("asks for ", again)
	case twice != *h.after:
		return "changes the task"
	}
	return ""
}

// believe notes what the surroundings have told.
func (w *world) believe(n *node, h *happening) {
	if !h.legit {
		return
	}
	switch h.Kind {
	case EventPlaced:
		n.books |= bookPlaced
	case EventENIAttached:
		n.books |= bookENIAnswered
	case EventENIFailed:
		n.books |= bookENIAnswered | bookENIFailed
	case EventVolumeAttached:
		n.books |= bookVolumeAnswered
	case EventVolumeFailed:
		n.books |= bookVolumeAnswered | bookVolumeFailed
	case EventInstanceLost:
		for i := range w.p.plans {
			n.c[i].truth = truthGone
		}
	}
	if h.Kind < EventPullStarted || w.p.traits.Role == RoleControlPlane {
		return
	}
	c := &n.c[h.Index]
	switch h.Kind {
	case EventPulled:
		c.truth = truthPulled
	case EventContainerCreated:
		c.truth = truthCreated
	case EventPullFailed, EventContainerFailed:
		if c.truth == truthRestart && c.code > 0 { // it stays as it exited
			c.truth = truthZero + truth(c.code-1)
			break
		}
		c.truth = truthGone
	case EventContainerStarted:
		c.truth = truthRunning
	case EventContainerExited:
		c.truth, c.sent, c.told = truthGone, 0, HealthNone
		if !h.Unknown {
			c.truth = truthZero + truth(min(h.Code, 1))
		}
	case EventContainerHealth:
		c.told = Health(slices.Index(healthWords[:], string(h.Health)))
	case EventHealthChecked:
		c.sent &^= sentCheck
	}
}

// keep notes what the surroundings have been asked for.
func (w *world) keep(n *node, e Effect) {
	switch e.Kind {
	case EffectAttachENI:
		n.books |= bookENI
	case EffectDetachENI:
		n.books |= bookENIDetach
	case EffectAttachVolume:
		n.books |= bookVolume
	case EffectDetachVolume:
		n.books |= bookVolumeDetach
	case EffectRegisterTarget:
		n.targetsIn |= 1 << e.Index
	case EffectDeregisterTarget:
		n.targetsOut |= 1 << e.Index
	case EffectRegisterDiscovery:
		n.books |= bookDiscovery
	case EffectDeregisterDiscovery:
		n.books |= bookUndiscovered
	case EffectReleaseResources:
		n.books |= bookReleased
	case EffectStartTask:
		n.books |= bookStartTask
	case EffectPullImage:
		n.c[e.Index].truth = truthPull
	case EffectCreateContainer:
		n.c[e.Index].truth = truthCreate
	case EffectStartContainer:
		n.c[e.Index].truth = truthStart
		if e.Number > 0 {
			n.c[e.Index].truth = truthRestart
		}
	case EffectStopContainer:
		n.c[e.Index].sent = sentSignal
	case EffectCheckHealth:
		n.c[e.Index].sent |= sentCheck
	}
}
