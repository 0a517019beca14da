package front

import (
	"iter"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/ecs/sim"
	"github.com/bayplan/bayplan/examples/console"
)

// shown is the world of a Region as the console reads it. Each look lets time run up to now, as a call does.
type shown struct {
	server *Server
	name   string
	mu     sync.Mutex // of the rest; the region's is taken before it
	watch  func(message.Change)
	on     *sim.World // which is watched: a reset makes another one
}

// Read lends the plane, and makes durable what time has brought.
func (s *shown) Read(f func(p *control.Plane, now time.Time) error) error {
	r, err := s.server.made(s.name)
	if err != nil {
		return err
	}
	return r.do(func(w *sim.World) error {
		s.attach(w)
		return f(w.Plane(), w.Now())
	})
}

// attach watches the world that there is now.
func (s *shown) attach(w *sim.World) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.on != w && s.watch != nil {
		s.on = w
		w.Watch(s.watch)
	}
}

// Watch has changes reported from the next look on.
func (s *shown) Watch(f func(message.Change)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watch, s.on = f, nil
}

// Changes yields the newest changes of the world that was read.
func (s *shown) Changes() iter.Seq[message.Change] {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.on.Changes()
}

// made returns the world of a Region that there is already.
func (s *Server) made(name string) (*region, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r, there := s.regions[name]; there {
		return r, nil
	}
	return nil, ecs.Fault(ecs.InvalidParameterException, "region", "No client has called this Region yet.")
}

// clock sets the time of all worlds.
type clock struct{ *Server }

// Pace is that of the world of Config.Region.
func (c clock) Pace() console.Pace {
	r, err := c.region("")
	if err != nil {
		return console.Pace{}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return console.Pace{Speed: r.config.Speed, Paused: r.config.Manual}
}

// SetPace holds for all worlds, and for those that are made later. What passed until now, passed as fast as before.
func (c clock) SetPace(p console.Pace) error {
	c.mu.Lock()
	c.config.Speed, c.config.Manual = p.Speed, p.Paused
	c.mu.Unlock()
	for _, r := range c.all() {
		r.mu.Lock()
		if err := r.ready(); err == nil {
			r.catchUp()
		}
		r.config.Speed, r.config.Manual, r.last = p.Speed, p.Paused, r.config.Now().Truncate(resolution)
		st := r.store
		r.mu.Unlock()
		if err := r.commit(st); err != nil {
			return err
		}
	}
	return nil
}

// Step lets time pass at once, in all worlds.
func (c clock) Step(by time.Duration) error {
	for _, r := range c.all() {
		if err := r.do(func(w *sim.World) error { w.Advance(by); return nil }); err != nil {
			return err
		}
	}
	return nil
}

// newConsole returns the console of the server's worlds. It shows those that there are, and makes none. Where calls
// must be signed nobody sets the time by it.
func (s *Server) newConsole() (*console.Console, error) {
	config := console.Config{Signed: s.config.Secret != nil, Timeline: "/_local/timeline?format=html",
		World: func(name string) (console.World, error) {
			if name == "" {
				name = s.config.Region
			}
			if s.config.World != nil && name == s.config.Region {
				return seen{s.config.World}, nil
			}
			_, err := s.made(name)
			return &shown{server: s, name: name}, err
		},
		Regions: func() []string {
			s.mu.Lock()
			defer s.mu.Unlock()
			others := slices.DeleteFunc(slices.Sorted(maps.Keys(s.regions)),
				func(name string) bool { return name == s.config.Region })
			return append([]string{s.config.Region}, others...)
		}}
	if s.config.Secret == nil && s.config.World == nil {
		config.Clock = clock{s}
	}
	return console.New(config)
}
