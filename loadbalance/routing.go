package loadbalance

import (
	"slices"
	"strings"
	"time"
)

// Weights appends to dst the weight of each target for new traffic, in the order of All, for
// Algorithm.Pick. A draining or unused target has 0. Others have TargetGroup.Weight, so that only
// healthy and unchecked targets take part; if no target is healthy or unchecked, the group fails open:
// every target that is unhealthy or initial takes a full share. O(n), no allocation if dst has room.
// Source: Elastic Load Balancing user guides, "Health checks for your target groups".
func (ts *Targets) Weights(dst []int, now time.Time) []int {
	first, healthy := len(dst), false
	for _, t := range ts.list {
		w := ts.group.Weight(t, now)
		healthy = healthy || w > 0
		dst = append(dst, w)
	}
	if !healthy {
		for i, t := range ts.list {
			if t.State == StateUnhealthy || t.State == StateInitial {
				dst[first+i] = FullWeight
			}
		}
	}
	return dst
}

// FailsOpen reports whether new traffic goes to targets that are not known to be healthy, because no
// target is.
func (ts *Targets) FailsOpen() bool {
	open := false
	for _, t := range ts.list {
		switch t.State {
		case StateHealthy, StateUnavailable:
			return false
		case StateUnhealthy, StateInitial:
			open = true
		}
	}
	return open
}

// ZoneHealth counts the targets of an Availability Zone by state.
type ZoneHealth struct {
	AvailabilityZone string `json:"availabilityZone,omitzero"`
	Initial          int    `json:"initial"`
	Healthy          int    `json:"healthy"`
	Unhealthy        int    `json:"unhealthy"`
	Unused           int    `json:"unused"`
	Draining         int    `json:"draining"`
	Unavailable      int    `json:"unavailable"`
}

// Zones returns the counts for each zone that has targets, in order of zone.
func (ts *Targets) Zones() []ZoneHealth {
	var zones []ZoneHealth
	for _, t := range ts.list {
		i, found := slices.BinarySearchFunc(zones, t.AvailabilityZone, func(z ZoneHealth, name string) int {
			return strings.Compare(z.AvailabilityZone, name)
		})
		if !found {
			zones = slices.Insert(zones, i, ZoneHealth{AvailabilityZone: t.AvailabilityZone})
		}
		switch z := &zones[i]; t.State {
		case StateInitial:
			z.Initial++
		case StateHealthy:
			z.Healthy++
		case StateUnhealthy:
			z.Unhealthy++
		case StateUnused:
			z.Unused++
		case StateDraining:
			z.Draining++
		case StateUnavailable:
			z.Unavailable++
		}
	}
	return zones
}
