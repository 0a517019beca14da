package front

import (
	"time"

	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/sim"
)

// WithoutZones makes the world of the server's own Region again, with a plane that panics when it
// is to look up a time zone.
func (s *Server) WithoutZones() {
	r := s.regions[s.config.Region]
	r.simulate(sim.New(sim.Config{Start: r.last, Plane: control.Config{Location: func(string) (*time.Location, error) {
		panic("no time zones")
	}}}))
}
