package scheduler

import (
	"strconv"

	"github.com/bayplan/bayplan/ecs"
)

// room is what is left of the percentages: how many tasks may start before maximumPercent
// is reached, and how many healthy ones may stop before minimumHealthyPercent is.
type room struct {
	up, down int
	flight   int // tasks that are on their way up or, where they count, down
}

// pool returns the room of rollouts taken together; only >= 0 takes that one alone.
func (r *run) pool(n, only int) room {
	pc := percentsOf(&r.v.Service)
	b := room{up: pc.Upper(n), down: -pc.Lower(n)}
	for i := range r.state.Rollouts {
		if only >= 0 && i != only {
			continue
		}
		t := r.tally(i)
		b.up -= t.live()
		b.down += t.healthy + t.leaving
		b.flight += t.pending
		if r.v.Options.StoppingCounts {
			b.up -= t.stopping
			b.flight += t.stopping
		}
	}
	return b
}

// rolling plans a REPLICA service whose deployments share the percentages: in each round old
// tasks stop first and new ones start then, which is what makes AWS's published walk-throughs
// come out. Source: Amazon ECS Developer Guide, "Amazon ECS service deployment controllers
// and strategies".
func (r *run) rolling() {
	n := max(r.v.Service.DesiredCount, 0)
	p := r.primary()
	r.rescale(p, n)
	b := r.pool(n, -1)
	if p >= 0 && !r.failed(p) {
		r.giveWay(p, n)
	}
	// Stops, the oldest first: what is too many, what has to leave, what is unhealthy.
	for i := len(r.state.Rollouts) - 1; i >= 0; i-- {
		if i != p {
			r.scaleIn(i, r.target(i, p, n), &b)
		}
	}
	for i := range r.state.Rollouts {
		r.leave(i, &b)
		r.heal(i, r.target(i, p, n), i != p, &b)
	}
	if p >= 0 {
		r.scaleIn(p, r.target(p, p, n), &b)
	}
	// Starts: older deployments replace what they lost before the newest grows.
	for i := len(r.state.Rollouts) - 1; i >= 0; i-- {
		if i != p {
			r.launch(i, r.target(i, p, n), &b)
		}
	}
	if p >= 0 {
		r.launch(p, r.target(p, p, n), &b)
	}
	r.stuck(p, n)
	r.complete(p, n)
	if !r.blocked {
		r.untell(causeProtected)
	}
}

// target returns how many tasks rollout i should have next to PRIMARY p.
func (r *run) target(i, p, n int) int {
	if i == p {
		return n + r.state.Rebalancing.Extra
	}
	return r.state.Rollouts[i].DesiredCount
}

func (r *run) failed(i int) bool {
	return r.state.Rollouts[i].RolloutState == ecs.DeploymentRolloutStateFailed
}

// rescale brings the rollouts to a new desired count: the PRIMARY takes it, older ones
// grow in proportion, so that scaling out reaches every revision; next to a failed PRIMARY
// they shrink in proportion too. One that failed only shrinks.
func (r *run) rescale(p, n int) {
	if p < 0 || r.state.Rollouts[p].DesiredCount == n {
		return
	}
	was := r.state.Rollouts[p].DesiredCount
	for i := range r.state.Rollouts {
		d := &r.state.Rollouts[i]
		if i != p && was > 0 && d.DesiredCount > 0 && (n > was && !r.failed(i) || n < was && r.failed(p)) {
			r.rollout(i).DesiredCount = d.DesiredCount * n / was
		}
	}
	d := r.rollout(p)
	d.DesiredCount, d.UpdatedAt = n, r.now
}

// giveWay lowers the desired counts of older rollouts to what the lower bound still needs of
// them beside the healthy tasks of PRIMARY p. What is not healthy is given up first, and
// older rollouts before newer ones. Where the percentages leave no step, a task that died,
// is unhealthy or has to leave is the one chance to get on: it is given up.
func (r *run) giveWay(p, n int) {
	keep := max(0, percentsOf(&r.v.Service).Lower(n)-r.tally(p).healthy)
	cut, stuck := -keep, percentsOf(&r.v.Service).Stuck(n)
	for i := range r.state.Rollouts {
		if i == p {
			continue
		}
		if good := r.tally(i).good(); stuck && r.state.Rollouts[i].DesiredCount > good {
			r.rollout(i).DesiredCount = good
		}
		cut += r.state.Rollouts[i].DesiredCount
	}
	for _, healthyToo := range [2]bool{false, true} {
		for i := len(r.state.Rollouts) - 1; i >= 0 && cut > 0; i-- {
			if i == p {
				continue
			}
			give := r.state.Rollouts[i].DesiredCount
			if !healthyToo {
				give -= r.tally(i).healthy + r.tally(i).leaving
			}
			if give = min(give, cut); give > 0 {
				d := r.rollout(i)
				d.DesiredCount -= give
				d.UpdatedAt = r.now
				cut -= give
			}
		}
	}
}

// scaleIn stops what rollout i has beyond target: pending tasks, then those on draining
// instances, then healthy ones, the last two within the lower bound. Unhealthy ones are
// heal's.
func (r *run) scaleIn(i, target int, b *room) {
	t := r.tally(i)
	over := t.good() + t.leaving - target
	if over <= 0 {
		return
	}
	reason := scaling(r.state.Rollouts[i].ID)
	over -= r.stopPending(i, min(over, t.good()-target), reason, b)
	over -= r.stopLeaving(i, over, reason, b)
	r.stopHealthy(i, over-t.leaving, "", reason, b)
	if t.good() > target && t.freeHealthy == 0 && t.freePending == 0 {
		r.protectedBlock(i)
	}
}

// protectedBlock says that protection keeps rollout i from scaling in.
func (r *run) protectedBlock(i int) {
	r.blocked = true
	if id := r.state.Rollouts[i].ID; !r.told(causeProtected, id) {
		r.tell(causeProtected, id, "was unable to reach steady state because task set ("+id+
			") was unable to scale in. Reason: The number of protected tasks are more than the desired count of tasks")
	}
}

func (r *run) stopPending(i, n int, reason string, b *room) int {
	t := r.tally(i)
	n = max(0, min(n, t.freePending))
	r.stopAny(i, n, ClassPending, "", reason)
	t.pending, t.freePending, t.stopping = t.pending-n, t.freePending-n, t.stopping+n
	b.flight -= n
	b.freed(n, r.v.Options.StoppingCounts)
	return n
}

func (r *run) stopHealthy(i, n int, zone, reason string, b *room) int {
	t := r.tally(i)
	n = max(0, min(n, t.freeHealthy, b.down))
	r.stopAny(i, n, ClassHealthy, zone, reason)
	t.healthy, t.freeHealthy, t.stopping = t.healthy-n, t.freeHealthy-n, t.stopping+n
	b.down -= n
	b.freed(n, r.v.Options.StoppingCounts)
	return n
}

// stopStanding names n more tasks of rollout i with a standing, in the order of the view,
// after the *named that the plan stops already, and returns how many it found.
func (r *run) stopStanding(i, n int, c standing, named *int, reason func(*Task) string) int {
	skip, found := *named, 0
	if n <= 0 {
		return 0
	}
	r.visit(i, c, func(t *Task) bool {
		if skip--; skip < 0 {
			r.stopNamed(t.Deployment, t.ID, reason(t))
			found++
		}
		return found < n
	})
	*named += found
	return found
}

// visit goes through the tasks of rollout i with a standing, in the order of the view, for as long
// as next says. It leaves out those that may not be stopped: protection is from scaling in and
// draining, not from failing checks.
func (r *run) visit(i int, c standing, next func(*Task) bool) {
	d := &r.state.Rollouts[i]
	if r.census != nil {
		r.census.visit(d.ID, c, next)
		return
	}
	of := checksOf(&r.v.Service, d)
	for k := range r.v.Tasks {
		t := &r.v.Tasks[k]
		if t.Deployment != d.ID || c == standsLeaving && protected(t, r.now) {
			continue
		}
		if is, _ := of.judge(t, r.now); is == c && !next(t) {
			return
		}
	}
}

func (r *run) stopUnhealthy(i, n int, b *room) {
	t := r.tally(i)
	n = r.stopStanding(i, min(n, t.unhealthy), standsUnhealthy, &t.namedUnhealthy, func(t *Task) string {
		return r.unhealthyReason(i, t)
	})
	t.unhealthy, t.stopping = t.unhealthy-n, t.stopping+n
	b.freed(n, r.v.Options.StoppingCounts)
}

func (r *run) stopLeaving(i, n int, reason string, b *room) int {
	t := r.tally(i)
	n = r.stopStanding(i, min(n, t.leaving, b.down), standsLeaving, &t.namedLeaving, func(*Task) string {
		return reason
	})
	t.leaving, t.stopping = t.leaving-n, t.stopping+n
	b.down -= n
	b.freed(n, r.v.Options.StoppingCounts)
	return n
}

func (b *room) freed(n int, stoppingCounts bool) {
	if stoppingCounts {
		b.flight += n
	} else {
		b.up += n
	}
}

// leave stops healthy tasks on draining instances as far as the lower bound lets it.
func (r *run) leave(i int, b *room) {
	if r.tally(i).leaving > 0 {
		r.stopLeaving(i, r.tally(i).leaving, scaling(r.state.Rollouts[i].ID), b)
	}
}

// heal stops unhealthy tasks of rollout i whose replacements are healthy or have failed as
// well; where the upper bound keeps replacements from starting first, one at a time stops
// first. A failed deployment replaces nothing; an older one loses what it is over its target.
// Source: Amazon ECS Developer Guide, "Amazon ECS services".
func (r *run) heal(i, target int, old bool, b *room) {
	t := r.tally(i)
	if t.unhealthy == 0 || r.failed(i) && !old {
		return
	}
	r.stopUnhealthy(i, min(t.unhealthy, t.healthy+t.unhealthy-target), b)
	if t.unhealthy > 0 && b.flight == 0 && target > t.good() && b.up <= 0 && !r.failed(i) {
		r.stopUnhealthy(i, 1-b.up, b) // what makes room for one
	}
}

// unhealthyReason returns why an unhealthy task is stopped, and says so for a target.
func (r *run) unhealthyReason(i int, t *Task) string {
	if !r.state.Rollouts[i].LoadBalanced || t.TargetHealth != ecs.HealthStatusUnhealthy {
		return "Task failed container health checks"
	}
	where, in := "", "(target-group "+t.TargetGroup+")"
	if t.Instance != "" {
		where = " (instance " + string(t.Instance) + ")"
	}
	if name := classic(&r.v.Service); name != "" {
		in = "(elb " + name + ")"
	} else if t.TargetPort != 0 {
		where += " (port " + strconv.Itoa(int(t.TargetPort)) + ")"
	}
	if t.TargetReason != "" {
		r.ssay("(task %s)%s is unhealthy in %s due to (reason %s)", t.ID, where, in, t.TargetReason)
	}
	return "Task failed ELB health checks in " + in
}

// classic returns the name of the service's Classic Load Balancer, or "".
func classic(s *ecs.Service) string {
	for i := range s.LoadBalancers {
		if name := s.LoadBalancers[i].LoadBalancerName; name != "" {
			return name
		}
	}
	return ""
}

// launch starts what rollout i lacks of target, within the upper bound and its throttle.
func (r *run) launch(i, target int, b *room) {
	d := &r.state.Rollouts[i]
	if r.failed(i) {
		return
	}
	want := target - r.tally(i).good()
	want = min(want, b.up)
	if want <= 0 || !r.mayLaunch(i) {
		return
	}
	if want = r.permitted(want); want == 0 {
		return
	}
	if d.PlaceAfter != 0 {
		r.rollout(i).PlaceAfter = 0
	}
	r.start(i, want, "")
	b.up -= want
}

// start plans n tasks of rollout i, split over the providers of its strategy.
func (r *run) start(i, n int, zone string) {
	d := &r.state.Rollouts[i]
	r.tally(i).pending += n
	r.launched += n
	if len(d.CapacityProviderStrategy) == 0 {
		r.p.Start = append(r.p.Start, Start{Deployment: d.ID, Count: n, Zone: zone})
		return
	}
	for j, m := range ecs.Distribute(d.CapacityProviderStrategy, r.onProviders(d), n) {
		if m > 0 {
			r.p.Start = append(r.p.Start, Start{Deployment: d.ID, Count: m, Zone: zone,
				CapacityProvider: d.CapacityProviderStrategy[j].CapacityProvider})
		}
	}
}

// onProviders counts the living tasks of a rollout on each provider of its strategy.
func (r *run) onProviders(d *Rollout) []int {
	running := make([]int, len(d.CapacityProviderStrategy))
	if r.census != nil {
		for j := range running {
			running[j] = r.census.cohorts[d.ID].providers.at(d.CapacityProviderStrategy[j].CapacityProvider).tasks
		}
		return running
	}
	for k := range r.v.Tasks {
		t := &r.v.Tasks[k]
		if t.Deployment != d.ID || !t.living() {
			continue
		}
		for j := range running {
			if d.CapacityProviderStrategy[j].CapacityProvider == t.CapacityProvider {
				running[j]++
			}
		}
	}
	return running
}

// stuck says that the percentages leave a deployment no step.
func (r *run) stuck(p, n int) {
	old := 0
	for i := range r.state.Rollouts {
		if i != p {
			old += r.tally(i).live()
		}
	}
	if p < 0 || old == 0 || r.failed(p) || !percentsOf(&r.v.Service).Stuck(n) {
		r.untell(causeStuck)
		return
	}
	r.tell(causeStuck, "", stuckText)
}

const stuckText = "was unable to stop or start tasks during a deployment because of the service deployment " +
	"configuration. Update the minimumHealthyPercent or maximumPercent value and try again."
