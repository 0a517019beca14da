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
func (p *Plane) settle() {
	for len(p.dirty) > 0 {
		s := p.dirty[0]
		p.dirty = p.dirty[1:]
		s.dirty = false
		if s.passes == maxPasses {
			p.postpone(s)
			continue
		}
		if s.passes++; s.passes == 1 {
			p.looked = append(p.looked, s)
		}
		p.reconcile(s)
	}
	p.dirty = nil
	for _, s := range p.looked {
		s.passes = 0
	}
	clear(p.looked)
	p.looked = p.looked[:0]
	p.timers.DropStale()
}

// postpone lets a service go on later.
func (p *Plane) postpone(s *service) {
	at := p.core.Now().Add(postponed)
	if s.Record.Status == ecs.ServiceStatusInactive || s.Wake != 0 && s.Wake <= at {
		return
	}
	s.Wake = at
	p.kinds.service.Set(at, s.Record.ServiceArn)
	p.core.Change(message.Change{Kind: message.ChangeService, Cluster: s.cluster.Record.ClusterName, Service: s.Record.ServiceName, Text: postponedText})
}
