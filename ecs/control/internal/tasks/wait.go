package tasks

import (
	"github.com/bayplan/bayplan/ecs/control/internal/written"
	"github.com/bayplan/bayplan/lifecycle"
)

// Wait returns what the task waits for.
func (t *Task) Wait() written.Wait { return t.wait.Wait() }

// NoteWait records since when a task waits for what it waits for now.
func (m *Room) NoteWait(t *Task) {
	now := m.waitOf(t)
	before := t.Wait()
	if now.Since = before.Since; now != before {
		now.Since = m.Core.Now()
	}
	if now.For == "" {
		now.Since = 0
	}
	t.wait, _ = now.Compact() // it is one of the reasons
}

// waitOf returns what a task waits for now, without since when.
func (m *Room) waitOf(t *Task) written.Wait {
	machine := &t.Machine
	switch {
	case machine.Desired == lifecycle.StatusStopped || machine.Last >= lifecycle.StatusRunning:
		return written.Wait{}
	case machine.Last == lifecycle.StatusActivating:
		return written.Wait{For: t.activation()}
	case !machine.Placed:
		return written.Wait{For: lifecycle.WaitReasonRoom}
	case machine.ENI == lifecycle.AttachmentAttaching:
		return written.Wait{For: lifecycle.WaitReasonNetworkInterface}
	case machine.Volume == lifecycle.AttachmentAttaching:
		return written.Wait{For: lifecycle.WaitReasonVolume}
	case t.Sequence > 0:
		return written.ContainerWait(&t.Machine, t.Definition)
	case m.Outbox.Open(t.StartKey()):
		return written.Wait{For: lifecycle.WaitReasonAgent}
	}
	return written.Wait{For: lifecycle.WaitReasonReport}
}

// activation returns what a task whose containers run waits for before it is RUNNING.
func (t *Task) activation() lifecycle.WaitReason {
	if t.Machine.Discovery == lifecycle.DiscoveryRegistering {
		return lifecycle.WaitReasonDiscovery
	}
	return lifecycle.WaitReasonTargets
}
