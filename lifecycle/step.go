package lifecycle

import (
	"time"
	"unicode/utf8"

	"github.com/bayplan/bayplan/ecs"
)

// Start returns a new task of the program: PROVISIONING if something must be provided first,
// otherwise PENDING. Nothing happens before it is Placed.
func (p *Program) Start(id ecs.TaskID, now time.Time) Task {
	t := Task{ID: id, Desired: StatusRunning, Last: StatusPending, CreatedAt: ecs.At(now),
		Version: 1, N: uint8(len(p.plans))}
	if p.eni || p.traits.Volume || p.traits.AwaitsRoom {
		t.Last = StatusProvisioning
	}
	for i := range p.plans {
		if p.plans[i].checked {
			t.Containers[i].Health = HealthUnknown
		}
	}
	return t
}

// Step is the transition function: it returns the task after the event and appends to dst what must now
// be done, in order. It allocates only to grow dst and to make an error.
//
// For an event that is late or repeated, Step returns the task as it was and no effect. For an event that
// it refuses, it returns the same and an *ecs.Error: ClientException for an event that cannot belong to
// the task (a container it does not have, an answer without a question), InvalidParameterException for a
// value out of range, ConflictException for ScaledIn of a protected task. Events should come in the order
// of their times; every deadline that has passed at the event's time is acted upon.
func (p *Program) Step(dst []Effect, t Task, ev Event) ([]Effect, Task, error) {
	if why := p.foreign(&t, ev); why != "" {
		return dst, t, refusal(&t, ev, ecs.ClientException, why)
	}
	switch p.rules.events[ev.Kind][t.Last] {
	case late:
		return dst, t, nil
	case refused:
		return dst, t, refusal(&t, ev, ecs.ClientException, "nothing of the kind is expected")
	}
	m := machine{p: p, t: t, dst: dst, now: ev.At}
	verdict, code, why := m.react(ev)
	switch verdict {
	case refused:
		return dst, t, refusal(&t, ev, code, why)
	case late:
		return dst, t, nil
	}
	m.settle()
	if changed(&t, &m.t) {
		m.t.Version++
	}
	return m.dst, m.t, nil
}

func refusal(t *Task, ev Event, code ecs.Code, why string) error {
	return ecs.Fault(code, "", ev.Kind.String()+" of a task that is "+t.Last.String()+": "+why)
}

// changed reports whether the API would show the change; it does not show health alone.
func changed(a, b *Task) bool {
	if a.Last != b.Last || a.Desired != b.Desired || a.Connectivity != b.Connectivity ||
		a.ENI != b.ENI || a.Volume != b.Volume {
		return true
	}
	for i := range a.Containers[:a.N] {
		x, y := a.Containers[i].Status, b.Containers[i].Status
		if x != y && x.LastStatus() != y.LastStatus() {
			return true
		}
	}
	return false
}

// machine is one step under way.
type machine struct {
	p   *Program
	t   Task
	dst []Effect
	now ecs.Instant
}

func (m *machine) emit(e Effect) { m.dst = append(m.dst, e) }

// settle brings the task as far as it can go now.
func (m *machine) settle() {
	for {
		w := m.p.rules.work[m.t.Last]
		if w&containers != 0 {
			m.containers(w&stops != 0 || m.t.StopNow)
		}
		m.work(w)
		if !m.move() {
			return
		}
	}
}

// move makes the first move that the rules allow.
func (m *machine) move() bool {
	c := m.conditions()
	for _, mv := range m.p.rules.moves[m.t.Last] {
		if c&mv.need == mv.need && c&mv.not == 0 {
			m.t.Last = mv.to
			m.entered()
			return true
		}
	}
	return false
}

func (m *machine) entered() {
	switch m.t.Last {
	case StatusRunning:
		m.t.StartedAt = m.now
	case StatusStopped:
		m.t.StoppedAt = m.now
		m.release(m.p.rules.work[StatusStopped])
		m.emit(Effect{Kind: EffectReportStopped})
	}
}

func (m *machine) conditions() (c condition) {
	t, p := &m.t, m.p
	set := func(b condition, on bool) {
		if on {
			c |= b
		}
	}
	set(stopWanted, t.Desired == StatusStopped)
	set(provisioned, t.Placed && (!p.eni || t.ENI == AttachmentAttached) &&
		(!p.traits.Volume || t.Volume == AttachmentAttached))
	set(pulling, p.traits.PullInActivating && t.PullStartedAt != 0)
	set(launched, m.launched())
	set(hasActivation, p.traits.TargetGroups > 0 || p.traits.Discovery)
	set(activated, t.TargetsRegistered == p.targets() && (!p.traits.Discovery || t.Discovery == DiscoveryEntered))
	set(targetsHeld, t.TargetsAsked&^t.TargetsGone != 0)
	set(live, m.live())
	set(attachments, t.ENI.held() || t.Volume.held())
	set(expired, t.StoppedAt != 0 && m.now >= t.StoppedAt.Add(StoppedVisible))
	return c
}

// targets returns a bit for each target group.
func (p *Program) targets() uint8 { return 1<<p.traits.TargetGroups - 1 }

func (m *machine) launched() bool {
	for i := range m.p.plans {
		s := m.t.Containers[i].Status
		if !s.steady() && (s != ContainerStatusStopped || m.p.plans[i].essential) {
			return false
		}
	}
	return m.t.Placed
}

// live reports whether a container runs or may: of those an agent has, all that it did not report
// STOPPED.
func (m *machine) live() bool {
	for i := range m.p.plans {
		s := m.t.Containers[i].Status
		if s.alive() || m.t.AtAgent && s != ContainerStatusStopped {
			return true
		}
	}
	return false
}

// work does what the status asks for besides containers. Each part does nothing the second time.
func (m *machine) work(w work) {
	t, p := &m.t, m.p
	if w&attach != 0 && t.Placed && t.Desired == StatusRunning {
		m.attach(p.eni, &t.ENI, EffectAttachENI)
		m.attach(p.traits.Volume, &t.Volume, EffectAttachVolume)
	}
	if w&register != 0 && t.Desired == StatusRunning && m.launched() {
		m.targets(p.targets()&^t.TargetsAsked, &t.TargetsAsked, EffectRegisterTarget)
		if p.traits.Discovery && t.Discovery == DiscoveryNone {
			t.Discovery = DiscoveryRegistering
			m.emit(Effect{Kind: EffectRegisterDiscovery})
		}
	}
	if w&deregister != 0 {
		m.targets(t.TargetsAsked&^t.TargetsLeaving, &t.TargetsLeaving, EffectDeregisterTarget)
	}
	if w&undiscover != 0 && (t.Discovery == DiscoveryRegistering || t.Discovery == DiscoveryEntered) {
		t.Discovery = DiscoveryRemoved
		m.emit(Effect{Kind: EffectDeregisterDiscovery})
	}
	m.release(w)
	if w&detach != 0 {
		m.detach(&t.ENI, EffectDetachENI)
		m.detach(&t.Volume, EffectDetachVolume)
	}
}

func (m *machine) release(w work) {
	if w&release != 0 && m.t.Placed && !m.t.Released && !m.live() {
		m.t.Released = true
		m.emit(Effect{Kind: EffectReleaseResources})
	}
}

func (m *machine) attach(wanted bool, a *Attachment, kind EffectKind) {
	if wanted && *a == AttachmentNone {
		*a = AttachmentAttaching
		m.emit(Effect{Kind: kind})
	}
}

func (m *machine) detach(a *Attachment, kind EffectKind) {
	if *a == AttachmentAttaching || *a == AttachmentAttached {
		*a = AttachmentDetaching
		m.emit(Effect{Kind: kind})
	}
}

func (m *machine) targets(which uint8, asked *uint8, kind EffectKind) {
	for i := range uint8(MaxTargetGroups) {
		if which&(1<<i) != 0 {
			*asked |= 1 << i
			m.emit(Effect{Kind: kind, Index: i})
		}
	}
}

// stop wants the task STOPPED. Code and reason are those of the first cause.
func (m *machine) stop(code StopCode, reason string) {
	if m.t.Desired == StatusStopped {
		return
	}
	if reason == "" {
		reason = code.reason()
	}
	m.t.Desired, m.t.StopCode, m.t.StoppedReason = StatusStopped, code, cut(reason)
	m.t.StoppingAt, m.t.ProtectedUntil = m.now, 0
}

// reason returns ECS's words for a cause that came without any.
func (c StopCode) reason() string {
	switch c {
	case StopCodeEssentialContainerExited:
		return "Essential container in task exited"
	case StopCodeUserInitiated:
		return "Task stopped by user"
	case StopCodeSpotInterruption:
		return "Your Spot Task was interrupted."
	}
	return ""
}

// cut shortens a reason to 1,024 bytes, as the agent does, without breaking a character.
func cut(s string) string {
	const most = 1024
	if len(s) <= most {
		return s
	}
	n := most
	for n > most-utf8.UTFMax && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
