package lifecycle

import (
	"time"

	"github.com/bayplan/bayplan/ecs"
)

// foreign returns why the event cannot belong to a task of the program, whatever its status; ""
// if it can.
func (p *Program) foreign(t *Task, ev Event) string {
	switch {
	case int(ev.Kind) >= numEvents:
		return "no such kind of event"
	case int(t.N) != len(p.plans) || int(t.Last) >= numStatuses:
		return "a task of another program"
	case ev.At == 0:
		return "the event has no time"
	case ev.Kind >= EventPullStarted:
		return p.foreignContainer(ev)
	}
	no := func(has bool, what string) string {
		if has {
			return ""
		}
		return what
	}
	switch ev.Kind {
	case EventENIAttached, EventENIFailed, EventENIDetached:
		return no(p.eni, "it has no network interface")
	case EventVolumeAttached, EventVolumeFailed, EventVolumeDetached:
		return no(p.traits.Volume, "it has no volume to attach")
	case EventTargetRegistered, EventTargetDeregistered:
		return no(int(ev.Index) < p.traits.TargetGroups, "it has no such target group")
	case EventDiscoveryRegistered:
		return no(p.traits.Discovery, "it has no service discovery")
	case EventScaledIn, EventProtectionEnabled, EventProtectionDisabled:
		return no(p.traits.Service, "it belongs to no service")
	case EventSpotNotice:
		return no(p.fargate, "it does not run on Fargate")
	case EventTaskStopped:
		return no(p.traits.Role == RoleControlPlane, "its containers are run here")
	}
	return ""
}

func (p *Program) foreignContainer(ev Event) string {
	if int(ev.Index) >= len(p.plans) {
		return "it has no such container"
	}
	told := p.traits.Role == RoleControlPlane || p.traits.HealthByRuntime
	switch {
	case ev.Kind == EventHealthChecked && !p.plans[ev.Index].checked:
		return "the container has no health check"
	case ev.Kind == EventHealthChecked && told, ev.Kind == EventContainerHealth && !told:
		return "the health check is run elsewhere"
	}
	return ""
}

// react takes the event in. It returns acts, or late if nothing changes, or refused with code and
// message; only with acts may the task have changed.
func (m *machine) react(ev Event) (verdict byte, code ecs.Code, why string) {
	t := &m.t
	code = ecs.ClientException
	switch ev.Kind {
	case EventTick:
		return m.tick(), "", ""
	case EventPlaced:
		return set(&t.Placed), "", ""
	case EventENIAttached:
		return m.answered(&t.ENI, AttachmentAttaching, AttachmentAttached), code, "none is being attached"
	case EventVolumeAttached:
		return m.answered(&t.Volume, AttachmentAttaching, AttachmentAttached), code, "none is being attached"
	case EventENIDetached:
		return m.answered(&t.ENI, AttachmentDetaching, AttachmentDeleted), code, "none is being detached"
	case EventVolumeDetached:
		return m.answered(&t.Volume, AttachmentDetaching, AttachmentDeleted), code, "none is being detached"
	case EventENIFailed, EventVolumeFailed:
		return m.attachmentFailed(ev), code, "none is being attached"
	case EventTargetRegistered:
		return bits(ev.Index, t.TargetsAsked, &t.TargetsRegistered), code, "RegisterTarget was not asked for"
	case EventTargetDeregistered:
		return bits(ev.Index, t.TargetsLeaving, &t.TargetsGone), code, "DeregisterTarget was not asked for"
	case EventDiscoveryRegistered:
		return m.discovered(), code, "RegisterDiscovery was not asked for"
	case EventStopRequested, EventTaskStopped:
		return m.stopRequested(ev)
	case EventScaledIn:
		if t.ProtectedUntil > m.now {
			return refused, ecs.ConflictException, "it is protected from scale-in"
		}
		m.stop(StopCodeServiceSchedulerInitiated, ev.Reason)
		return acts, "", ""
	case EventSpotNotice:
		if !t.Placed {
			return refused, code, "it has no capacity to lose"
		}
		m.stop(StopCodeSpotInterruption, "")
		return set(&t.StopNow), "", ""
	case EventInstanceLost:
		return m.instanceLost(ev), code, "it is on no instance"
	case EventAgentConnected:
		return m.connected(ConnectivityConnected), "", ""
	case EventAgentDisconnected:
		return m.connected(ConnectivityDisconnected), "", ""
	case EventProtectionEnabled, EventProtectionDisabled:
		return m.protect(ev)
	}
	return m.container(ev)
}

func set(b *bool) byte {
	if *b {
		return late
	}
	*b = true
	return acts
}

// answered moves an attachment on if it is where the answer belongs.
func (m *machine) answered(a *Attachment, from, to Attachment) byte {
	switch {
	case *a < from:
		return refused
	case *a > from:
		return late
	}
	*a = to
	return acts
}

func (m *machine) attachmentFailed(ev Event) byte {
	a, reason := &m.t.ENI, "Timeout waiting for network interface provisioning to complete."
	if ev.Kind == EventVolumeFailed {
		a, reason = &m.t.Volume, "ResourceInitializationError"
	}
	if ev.Reason != "" {
		reason = ev.Reason
	}
	verdict := m.answered(a, AttachmentAttaching, AttachmentFailed)
	if verdict == acts {
		m.stop(StopCodeTaskFailedToStart, reason)
	}
	return verdict
}

func bits(i, asked uint8, done *uint8) byte {
	switch b := uint8(1) << i; {
	case asked&b == 0:
		return refused
	case *done&b != 0:
		return late
	default:
		*done |= b
	}
	return acts
}

func (m *machine) discovered() byte {
	switch m.t.Discovery {
	case DiscoveryNone:
		return refused
	case DiscoveryRegistering:
		m.t.Discovery = DiscoveryEntered
		return acts
	}
	return late
}

func (m *machine) stopRequested(ev Event) (verdict byte, code ecs.Code, why string) {
	c, ok := stopCode(ev.StopCode)
	if ev.Kind == EventTaskStopped && ev.StopCode == "" {
		c, ok = StopCodeTaskFailedToStart, true
		if m.t.StartedAt != 0 {
			c = StopCodeEssentialContainerExited
		}
	}
	if !ok {
		return refused, ecs.InvalidParameterException, "no such stop code"
	}
	if ev.Kind == EventTaskStopped {
		if !m.t.AtAgent {
			return refused, ecs.ClientException, "StartTask was not asked for"
		}
		m.allStopped()
	}
	m.stop(c, ev.Reason)
	return acts, "", ""
}

// allStopped notes that no container runs any more, for a reason other than its own exit.
func (m *machine) allStopped() {
	for i := range m.p.plans {
		if c := &m.t.Containers[i]; c.Status != ContainerStatusStopped {
			c.Status, c.Due, c.Checking = ContainerStatusStopped, 0, false
			c.Exited, c.Code = false, 0
		}
	}
	if m.t.ExecutionStoppedAt == 0 {
		m.t.ExecutionStoppedAt = m.now
	}
	m.t.StopNow = true
}

func (m *machine) instanceLost(ev Event) byte {
	if !m.t.Placed {
		return refused
	}
	if m.t.Last == StatusDeactivating && m.t.StopNow && !m.live() {
		return late
	}
	reason := ev.Reason
	if reason == "" {
		reason = "Host EC2 terminated."
	}
	m.stop(StopCodeTerminationNotice, reason)
	m.allStopped()
	return acts
}

func (m *machine) connected(c Connectivity) byte {
	if m.t.Connectivity == c {
		return late
	}
	m.t.Connectivity = c
	if c == ConnectivityConnected {
		m.t.ConnectivityAt = m.now
	}
	return acts
}

func (m *machine) protect(ev Event) (verdict byte, code ecs.Code, why string) {
	var until ecs.Instant
	if ev.Kind == EventProtectionEnabled {
		if ev.Code < 1 || ev.Code > 2880 {
			return refused, ecs.InvalidParameterException, "expiresInMinutes must be between 1 and 2880"
		}
		until = m.now.Add(time.Duration(ev.Code) * time.Minute)
	}
	if until == m.t.ProtectedUntil {
		return late, "", ""
	}
	m.t.ProtectedUntil = until
	return acts, "", ""
}

// tick returns late if no deadline has passed.
func (m *machine) tick() byte {
	next, ok := m.p.next(&m.t)
	if !ok || next > m.now {
		return late
	}
	if m.t.ProtectedUntil != 0 && m.t.ProtectedUntil <= m.now {
		m.t.ProtectedUntil = 0
	}
	return acts
}
