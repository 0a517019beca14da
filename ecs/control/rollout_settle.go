package control

import (
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
)

// maxPasses bounds how often one input lets a service be looked at again because of what it did
// itself or another one did. It never takes more than a few; a service that wants more waits for
// postponed, so that no input takes for ever.
const maxPasses = 32

// postponed is when a service goes on that had its passes.
const postponed = time.Second

const postponedText = "postponed: the service wants more than one input may set off"

// settle reconciles until nothing is left to do now.
func (m *rolloutRoom) settle() {
	for s, ok := m.services.next(); ok; s, ok = m.services.next() {
		if s.passes == maxPasses {
			m.postpone(s)
			continue
		}
		if s.passes++; s.passes == 1 {
			m.looked = append(m.looked, s)
		}
		m.reconcile(s)
	}
	for _, s := range m.looked {
		s.passes = 0
	}
	clear(m.looked)
	m.looked = m.looked[:0]
}

// postpone lets a service go on later.
func (m *rolloutRoom) postpone(s *service) {
	at := m.core.Now().Add(postponed)
	if s.Record.Status == ecs.ServiceStatusInactive || s.Wake != 0 && s.Wake <= at {
		return
	}
	m.services.wake(s, at)
	m.core.Change(message.Change{Kind: message.ChangeService, Cluster: s.cluster.Record.ClusterName,
		Service: s.Record.ServiceName, Text: postponedText})
}
