package scheduler

import (
	"fmt"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
)

// rebalanceRetry is how long a rebalancing that found no room in a zone waits.
const rebalanceRetry = 10 * time.Minute

// RebalancingEligible reports whether Availability Zone rebalancing applies to the service:
// it is ENABLED, the service is REPLICA with no placement strategy or a spread over
// Availability Zones first, its controller is ECS, maximumPercent is above 100, and it has
// neither a Classic Load Balancer, nor the launch type EXTERNAL, nor a constraint on
// ecs.availability-zone. Source: Amazon ECS Developer Guide, "Balancing an Amazon ECS service
// across Availability Zones".
func RebalancingEligible(s ecs.Service) bool { return rebalances(&s) }

func rebalances(s *ecs.Service) bool {
	if s.AvailabilityZoneRebalancing != ecs.AvailabilityZoneRebalancingEnabled ||
		s.SchedulingStrategy == ecs.SchedulingStrategyDaemon || s.LaunchType == ecs.LaunchTypeExternal ||
		controller(s) != ecs.DeploymentControllerTypeEcs || percentsOf(s).Maximum <= 100 {
		return false
	}
	for i := range s.LoadBalancers {
		if s.LoadBalancers[i].LoadBalancerName != "" {
			return false
		}
	}
	for i := range s.PlacementConstraints {
		if strings.Contains(s.PlacementConstraints[i].Expression, zoneAttribute) {
			return false
		}
	}
	if len(s.PlacementStrategy) == 0 {
		return true
	}
	first := s.PlacementStrategy[0]
	return first.Type == ecs.PlacementStrategyTypeSpread && strings.EqualFold(first.Field, "attribute:"+zoneAttribute)
}

const zoneAttribute = "ecs.availability-zone"

// rebalance moves tasks of a steady service from zones with many to zones with few: it
// starts first and stops once all are healthy. It reports whether anything is under way.
func (r *run) rebalance() bool {
	if len(r.v.Zones) < 2 || len(r.state.Rollouts) != 1 || !rebalances(&r.v.Service) {
		return false
	}
	var buf [16]int
	counts := buf[:0]
	for range r.v.Zones {
		counts = append(counts, 0)
	}
	for i := range r.v.Tasks {
		for z := range r.v.Zones {
			if t := &r.v.Tasks[i]; t.Zone == r.v.Zones[z] && t.DesiredStatus != ecs.DesiredStatusStopped && t.LastStatus != "STOPPED" {
				counts[z]++
			}
		}
	}
	if extra := r.state.Rebalancing.Extra; extra > 0 {
		r.endMoves(counts, extra)
		return true
	}
	if spread(counts) <= 1 {
		r.untell(causeZone)
		if r.state.Rebalancing.Busy {
			r.state.Rebalancing, r.dirty = Rebalancing{}, true
			r.say("service (%s) is AZ balanced with %s.", r.v.Service.ServiceName, r.inZones(counts))
		}
		return false
	}
	if r.now < r.state.Rebalancing.Not {
		r.wake(r.state.Rebalancing.Not)
		return false
	}
	return r.beginMoves(counts)
}

// beginMoves starts a task in each zone that lacks one, as far as the upper bound allows.
func (r *run) beginMoves(counts []int) bool {
	up := r.pool(r.desired(), -1).up
	if up <= 0 || r.tally(0).freeHealthy == 0 {
		return false
	}
	if !r.state.Rebalancing.Busy {
		r.say("service (%s) is not AZ balanced with %s. AZ Rebalancing in progress.", r.v.Service.ServiceName, r.inZones(counts))
	}
	moved := make([]int, len(counts))
	extra := 0
	for ; extra < min(up, r.tally(0).freeHealthy) && spread(counts) > 1; extra++ {
		low, high := extremes(counts)
		counts[low]++
		counts[high]--
		moved[low]++
	}
	for z, n := range moved {
		if n > 0 {
			r.start(0, n, r.v.Zones[z])
		}
	}
	r.state.Rebalancing, r.dirty = Rebalancing{Extra: extra, Busy: true}, true
	return true
}

// endMoves stops one task for each extra one, each in the zone that then has most.
func (r *run) endMoves(counts []int, extra int) {
	b := r.pool(r.desired(), -1)
	reason := "Availability-zone rebalancing initiated by (deployment " + r.state.Rollouts[0].ID + ")"
	gone := make([]int, len(counts))
	for range extra {
		_, high := extremes(counts)
		counts[high]--
		gone[high]++
	}
	for z, n := range gone {
		r.stopHealthy(0, min(n, r.freeIn(r.v.Zones[z])), r.v.Zones[z], reason, &b)
	}
	r.state.Rebalancing.Extra, r.dirty = 0, true
}

// freeIn counts the healthy tasks in a zone that may be stopped.
func (r *run) freeIn(zone string) int {
	n := 0
	for i := range r.v.Tasks {
		t := &r.v.Tasks[i]
		if _, c := r.standing(t); c == standsHealthy && t.Zone == zone && !protected(t, r.now) {
			n++
		}
	}
	return n
}

// interruptRebalancing ends a rebalancing whose service is disturbed or no longer eligible;
// what it started beyond the desired count is then scaled in like any surplus.
func (r *run) interruptRebalancing() {
	if r.state.Rebalancing == (Rebalancing{}) {
		return
	}
	if len(r.state.Rollouts) == 1 && len(r.v.Zones) > 1 && rebalances(&r.v.Service) {
		d, t := &r.state.Rollouts[0], r.tally(0)
		if t.unhealthy == 0 && t.leaving == 0 && d.RolloutState == ecs.DeploymentRolloutStateCompleted && d.DesiredCount == r.desired() {
			return
		}
	}
	if r.state.Rebalancing.Busy {
		r.say("service (%s) stopped AZ Rebalancing.", r.v.Service.ServiceName)
	}
	r.state.Rebalancing, r.dirty = Rebalancing{}, true
}

func (r *run) inZones(counts []int) string {
	parts := make([]string, len(counts))
	for i, n := range counts {
		parts[i] = fmt.Sprintf("%d tasks in %s", n, r.v.Zones[i])
	}
	if n := len(parts); n > 1 {
		parts[n-1] = "and " + parts[n-1]
	}
	return strings.Join(parts, ", ")
}

// extremes returns the first zones with the fewest and with the most tasks.
func extremes(counts []int) (low, high int) {
	for i, n := range counts {
		if n < counts[low] {
			low = i
		}
		if n > counts[high] {
			high = i
		}
	}
	return low, high
}

func spread(counts []int) int {
	low, high := extremes(counts)
	return counts[high] - counts[low]
}
