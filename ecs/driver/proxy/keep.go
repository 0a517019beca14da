package proxy

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net"
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs/driver/internal/epochs"
	"github.com/bayplan/bayplan/ecs/driver/internal/wall"
	"github.com/bayplan/bayplan/loadbalance"
)

// state is what a proxy keeps.
type state struct {
	Version   int             `json:"version"`
	Key       []byte          `json:"key"` // of cookies
	Commands  epochs.Memory   `json:"commands"`
	Rules     map[string]rule `json:"rules"`
	Listeners []keptListener  `json:"listeners"`
	Groups    []keptGroup     `json:"groups"`
}

type keptListener struct {
	loadbalance.Listener
	Address string `json:"address"`
}

type keptGroup struct {
	Name string `json:"name"`
	loadbalance.TargetsState
	Live []keptTarget `json:"live"` // in the order of Targets
}

type keptTarget struct {
	Named   string `json:"named"`
	Address string `json:"address"`
}

// version is that of the file's form.
const version = 1

// restore takes over what the file has.
func (p *Proxy) restore() error {
	s := state{Version: version, Commands: epochs.New(), Rules: map[string]rule{}}
	data, err := p.file.Read()
	switch {
	case err != nil:
		return err
	case data == nil:
		s.Key = make([]byte, 32)
		_, _ = rand.Read(s.Key) // never fails
	default:
		d := json.NewDecoder(bytes.NewReader(data))
		d.DisallowUnknownFields()
		if err := d.Decode(&s); err != nil {
			return fmt.Errorf("%s is not the state of a proxy: %w", p.config.File, err)
		}
		if s.Version != version {
			return fmt.Errorf("%s has version %d, not %d", p.config.File, s.Version, version)
		}
	}
	if p.seal, err = newSeal(s.Key); err != nil {
		return fmt.Errorf("%s: %w", p.config.File, err)
	}
	if s.Commands.Epochs != nil {
		p.commands = s.Commands
	}
	if s.Rules != nil {
		p.rules = s.Rules
	}
	for _, k := range s.Groups {
		if err := p.revive(k); err != nil {
			return fmt.Errorf("%s: target group %s: %w", p.config.File, k.Name, err)
		}
	}
	for _, k := range s.Listeners {
		socket, err := net.Listen("tcp", k.Address)
		if err != nil {
			return err
		}
		p.serve(k.Listener, socket)
	}
	p.key = s.Key
	return nil
}

// revive makes a group of what was kept of it.
func (p *Proxy) revive(k keptGroup) error {
	g, err := newGroup(p, k.Name, k.TargetsState)
	if err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for i, t := range g.targets {
		if i < len(k.Live) {
			t.named, t.address = k.Live[i].Named, k.Live[i].Address
		}
		g.counts.begin(p.now())
		g.watch(t)
	}
	p.add(g)
	return nil
}

// keep writes the file. The lock is held.
func (p *Proxy) keep() error {
	if p.config.File == "" {
		return nil
	}
	return p.file.Write(p.state())
}

// state returns what is to be kept.
func (p *Proxy) state() state {
	s := state{Version: version, Key: p.key, Commands: p.commands, Rules: p.rules}
	for _, l := range p.listeners { //order:any sorted below
		s.Listeners = append(s.Listeners, keptListener{l.given, l.socket.Addr().String()})
	}
	slices.SortFunc(s.Listeners, func(a, b keptListener) int { return cmp.Compare(a.ListenerArn, b.ListenerArn) })
	for _, g := range *p.groups.Load() { //order:any sorted below
		g.mu.Lock()
		k := keptGroup{Name: g.name, TargetsState: g.book.State()}
		for _, t := range g.targets {
			k.Live = append(k.Live, keptTarget{t.named, t.address})
		}
		g.mu.Unlock()
		if len(k.Targets) > 0 {
			s.Groups = append(s.Groups, k)
		}
	}
	slices.SortFunc(s.Groups, func(a, b keptGroup) int { return cmp.Compare(a.Name, b.Name) })
	return s
}

// changed asks for the file to be written soon.
func (p *Proxy) changed() {
	select {
	case p.stale <- struct{}{}:
	default: // that was asked already
	}
}

// keepUp writes the file after health has changed, a few times a second at most.
func (p *Proxy) keepUp() {
	for {
		select {
		case <-p.ctx.Done():
			return
		case <-p.stale:
		}
		p.mu.Lock()
		err := p.keep()
		p.mu.Unlock()
		if err != nil {
			p.warn("the state cannot be kept", "error", err)
		}
		if wall.Pause(p.ctx, 200*time.Millisecond) != nil {
			return
		}
	}
}
