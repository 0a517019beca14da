package rollout

import (
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/services"
	"github.com/bayplan/bayplan/ecs/message"
)

// maxPasses bounds how often one input lets a service be looked at again because of what it did
// itself or another one did. A service needs a few at most in practice. One that wants more goes on
// after postponed, so that every input ends.
const maxPasses = 32

// postponed is how long a service that used up its passes waits for the next ones.
const postponed = time.Second

const postponedText = "postponed: the service wants more than one input may set off"

// Settle reconciles until nothing is left to do now.
func (m *Room) Settle() {
	for s, ok := m.Services.Next(); ok; s, ok = m.Services.Next() {
		if s.Passes == maxPasses {
			m.postpone(s)
			continue
		}
		if s.Passes++; s.Passes == 1 {
			m.looked = append(m.looked, s)
		}
		m.reconcile(s)
	}
	for _, s := range m.looked {
		s.Passes = 0
	}
	clear(m.looked)
	m.looked = m.looked[:0]
}

// postpone lets a service go on later.
func (m *Room) postpone(s *services.Service) {
	at := m.Core.Now().Add(postponed)
	if s.Record.Status == ecs.ServiceStatusInactive || s.Wake != 0 && s.Wake <= at {
		return
	}
	m.Services.Wake(s, at)
	m.Core.Change(message.Change{Kind: message.ChangeService, Cluster: s.Cluster.Record.ClusterName,
		Service: s.Record.ServiceName, Text: postponedText})
}
