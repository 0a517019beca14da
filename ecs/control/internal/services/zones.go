package services

import "github.com/bayplan/bayplan/ecs"

// Balanced reports whether the service is kept balanced over Availability Zones.
func (s *Service) Balanced() bool {
	return s.Record.AvailabilityZoneRebalancing == ecs.AvailabilityZoneRebalancingEnabled
}
