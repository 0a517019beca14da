package scheduler

import (
	"fmt"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
)

// rebalanceRetry is how long a rebalancing that found no room in a zone waits.
const rebalanceRetry = 10 * time.Minute

// rebalances reports whether Availability Zone rebalancing applies to the service:
// it is ENABLED, the service is REPLICA with no placement strategy or a spread over
// Availability Zones first, its controller is ECS, maximumPercent is above 100, and it has
// neither a Classic Load Balancer, nor the launch type EXTERNAL, nor a constraint on
// ecs.availability-zone. Source: Amazon ECS Developer Guide, "Balancing an Amazon ECS service
// across Availability Zones".
func rebalances(s *ecs.Service) bool {
	if s.AvailabilityZoneRebalancing != ecs.AvailabilityZoneRebalancingEnabled ||
		s.SchedulingStrategy == ecs.SchedulingStrategyDaemon || s.LaunchType == ecs.LaunchTypeExternal ||
		controller(s) != ecs.DeploymentControllerTypeEcs || percentsOf(s).Maximum <= 100 || classic(s) != "" {
		return false
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
	var few [16]place
	zones := r.inZones(few[:0])
	if extra := r.state.Rebalancing.Extra; extra > 0 {
		r.endMoves(zones, extra)
		return true
	}
	if spread(zones) <= 1 {
		r.untell(causeZone)
		r.untell(causeStays)
		if r.state.Rebalancing.Busy {
			r.state.Rebalancing, r.dirty = Rebalancing{}, true
			r.say("service (%s) is AZ balanced with %s.", r.v.Service.ServiceName, zoneList(zones, " tasks"))
		}
		return false
	}
	if r.now < r.state.Rebalancing.Not {
		r.wake(r.state.Rebalancing.Not)
		return false
	}
	return r.beginMoves(zones)
}

// inZones appends the zones of the view, with their tasks.
func (r *run) inZones(zones []place) []place {
	for _, name := range r.v.Zones {
		zones = append(zones, place{name: name})
		if z := &zones[len(zones)-1]; r.census != nil {
			here := r.census.zones.at(name)
			z.tasks, z.free = here.tasks, here.free
		}
	}
	if r.census != nil {
		return zones
	}
	for i := range r.v.Tasks {
		t := &r.v.Tasks[i]
		if !t.living() {
			continue
		}
		for z := range zones {
			if zones[z].name == t.Zone {
				zones[z].tasks++
				if !protected(t, r.now) {
					zones[z].free++
				}
			}
		}
	}
	return zones
}

// beginMoves starts a task in each zone that lacks one, as far as the upper bound allows and
// a zone with more has a task that may stop for it.
func (r *run) beginMoves(zones []place) bool {
	up := r.pool(r.desired(), -1).up
	if up <= 0 {
		return false
	}
	from, to, ok := nextMove(zones)
	if !ok {
		r.allProtected()
		return false
	}
	if up = r.permitted(up); up == 0 {
		return false
	}
	r.untell(causeStays)
	if !r.state.Rebalancing.Busy {
		r.say("service (%s) is not AZ balanced with %s. AZ Rebalancing in progress.",
			r.v.Service.ServiceName, zoneList(zones, ""))
	}
	moved := make([]int, len(zones))
	extra := 0
	for ; ok && extra < up; extra++ {
		zones[to].tasks++
		zones[from].tasks--
		zones[from].free--
		moved[to]++
		from, to, ok = nextMove(zones)
	}
	for z, n := range moved {
		if n > 0 {
			r.start(0, n, zones[z].name)
		}
	}
	r.state.Rebalancing, r.dirty = Rebalancing{Extra: extra, Busy: true}, true
	return true
}

// allProtected says that scale-in protection keeps tasks from being moved.
func (r *run) allProtected() {
	if !r.told(causeStays, "") {
		r.say("service (%s) was unable to AZ Rebalance because %s was unable to scale in due to tasks under "+
			"protection.", r.v.Service.ServiceName, r.state.Rollouts[0].ID)
		r.remember(causeStays, "")
	}
}

// endMoves stops one task for each extra one, each in the zone that then has most of those
// that have one to stop. What protection keeps waits for its end.
func (r *run) endMoves(zones []place, extra int) {
	b := r.pool(r.desired(), -1)
	reason := "Availability-zone rebalancing initiated by (deployment " + r.state.Rollouts[0].ID + ")"
	gone := make([]int, len(zones))
	for range extra {
		high := most(zones)
		if high < 0 {
			break
		}
		zones[high].tasks--
		zones[high].free--
		gone[high]++
	}
	for z, n := range gone {
		if n = r.stopHealthy(0, n, zones[z].name, reason, &b); n > 0 {
			r.state.Rebalancing.Extra -= n
			r.dirty = true
		}
	}
}

// zoneFailed puts off a rebalancing that found no room in a zone, and says so.
func (r *run) zoneFailed(f PlacementFailure) {
	if !r.told(causeZone, f.Zone) {
		r.say("service (%s) is unable to place a task in %s because no container instance met all of its "+
			"requirements.", r.v.Service.ServiceName, f.Zone)
		r.remember(causeZone, f.Zone)
	}
	b := &r.state.Rebalancing
	b.Extra, b.Not, r.dirty = max(0, b.Extra-f.Count), r.now.Add(rebalanceRetry), true
}

// interruptRebalancing ends a rebalancing whose service is disturbed or no longer eligible;
// what it started beyond the desired count is then scaled in like any surplus.
func (r *run) interruptRebalancing() {
	if r.state.Rebalancing == (Rebalancing{}) {
		return
	}
	if len(r.state.Rollouts) == 1 && len(r.v.Zones) > 1 && rebalances(&r.v.Service) {
		d, t := &r.state.Rollouts[0], r.tally(0)
		done := d.RolloutState == ecs.DeploymentRolloutStateCompleted && d.DesiredCount == r.desired()
		if done && t.unhealthy == 0 && t.leaving == 0 {
			return
		}
	}
	if r.state.Rebalancing.Busy {
		r.say("service (%s) stopped AZ Rebalancing.", r.v.Service.ServiceName)
	}
	r.state.Rebalancing, r.dirty = Rebalancing{}, true
}

// zoneList writes how many tasks there are in each zone: "2 tasks in a, 1 in b, and 0 in c",
// with the noun after the first number in what follows the others.
func zoneList(zones []place, noun string) string {
	parts := make([]string, len(zones))
	for i, z := range zones {
		of := noun
		if i == 0 {
			of = " tasks"
		}
		parts[i] = fmt.Sprintf("%d%s in %s", z.tasks, of, z.name)
	}
	parts[len(parts)-1] = "and " + parts[len(parts)-1]
	return strings.Join(parts, ", ")
}

// nextMove returns the zones between which a task should move: from the first with most
// that may stop, to the first with fewest.
func nextMove(zones []place) (from, to int, ok bool) {
	from = most(zones)
	for z := range zones {
		if zones[z].tasks < zones[to].tasks {
			to = z
		}
	}
	return from, to, from >= 0 && zones[from].tasks-zones[to].tasks > 1
}

// most returns the first zone with the most tasks of those with a task that may stop, or -1.
func most(zones []place) int {
	high := -1
	for z := range zones {
		if zones[z].free > 0 && (high < 0 || zones[z].tasks > zones[high].tasks) {
			high = z
		}
	}
	return high
}

// spread returns by how much the zones' numbers of tasks differ.
func spread(zones []place) int {
	least, largest := zones[0].tasks, zones[0].tasks
	for _, z := range zones {
		least, largest = min(least, z.tasks), max(largest, z.tasks)
	}
	return largest - least
}
