package control

import (
	"github.com/bayplan/bayplan/ecs"
)

func (s *service) balanced() bool {
	return s.Record.AvailabilityZoneRebalancing == ecs.AvailabilityZoneRebalancingEnabled
}
