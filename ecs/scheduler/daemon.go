package scheduler

import (
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
)

// berth is what a DAEMON service has on one instance.
type berth struct {
	task  int32 // index of the task that stays, +1; 0: none
	taken bool  // some task is there, be it stopping
}

// daemon plans a DAEMON service: one task on each ACTIVE instance that meets the
// constraints, none elsewhere. In a deployment the old task of an instance stops before the
// new one starts, as many at once as the lower bound allows. On a draining instance the
// daemon outlives the replica tasks. Source: Amazon ECS Developer Guide, "Amazon ECS services".
func (r *run) daemon() {
	n, p := r.desired(), r.primary()
	if p >= 0 && r.state.Rollouts[p].DesiredCount != n {
		d := r.rollout(p)
		d.DesiredCount, d.UpdatedAt = n, r.now
	}
	b := room{down: -percentsOf(&r.v.Service).Lower(n)}
	for i := range r.state.Rollouts {
		b.down += r.tally(i).healthy
	}
	old := 0
	if r.census != nil {
		old = r.daemons(p, &b)
	} else {
		berths := make([]berth, len(r.v.Instances))
		r.berthAll(berths, p, &b)
		old = r.renew(berths, p, &b)
		r.healDaemon(berths, p)
		if p >= 0 && !r.failed(p) {
			r.startDaemons(berths, p)
		}
	}
	for i := range r.state.Rollouts {
		if d := &r.state.Rollouts[i]; i != p && d.DesiredCount != r.tally(i).live() {
			r.rollout(i).DesiredCount = r.tally(i).live()
		}
	}
	if old > 0 && p >= 0 && !r.failed(p) && percentsOf(&r.v.Service).Lower(n) >= n {
		r.tell(causeStuck, "", stuckText)
	} else {
		r.untell(causeStuck)
	}
	r.complete(p, n)
}

// berthAll gives every task its instance and stops those that have none: where the
// constraints are violated, on draining instances that are free of replica tasks, and second
// ones on an instance.
func (r *run) berthAll(berths []berth, p int, b *room) {
	violated := false
	for i := range r.v.Tasks {
		t := &r.v.Tasks[i]
		k, c := r.standing(t)
		if k < 0 || c == standsStopped {
			continue
		}
		at, found := slices.BinarySearchFunc(r.v.Instances, t.Instance, func(a Instance, id ecs.InstanceID) int {
			return strings.Compare(string(a.ID), string(id))
		})
		switch {
		case c == standsStopping:
			if found {
				berths[at].taken = true
			} else if t.Instance != "" {
				violated = true
			}
		case !found && t.Instance == "":
		case !found:
			violated = true
			r.dismiss(k, t.ID, c, b, scaling(t.Deployment))
		case r.v.Instances[at].Draining:
			if r.v.Instances[at].ReplicaTasks == 0 {
				r.dismiss(k, t.ID, c, b, scaling(t.Deployment))
			} else if c == standsHealthy {
				b.down-- // it is none of the desired
			}
			berths[at].taken = true
		case berths[at].task != 0:
			was := &r.v.Tasks[berths[at].task-1]
			if j, cw := r.standing(was); k == p && j != p || cw == standsUnhealthy {
				berths[at].task = int32(i + 1)
				k, c, t = j, cw, was
			}
			r.dismiss(k, t.ID, c, b, scaling(t.Deployment))
		default:
			berths[at] = berth{task: int32(i + 1), taken: true}
		}
	}
	r.tellViolated(violated)
}

// tellViolated says that there are tasks where the constraints forbid them.
func (r *run) tellViolated(violated bool) {
	if violated {
		r.tell(causeDaemon, "", "SERVICE_DAEMON_PLACEMENT_CONSTRAINT_VIOLATED")
	} else {
		r.untell(causeDaemon)
	}
}

// standing returns the rollout of a task, or -1, and how the task counts.
func (r *run) standing(t *Task) (int, standing) {
	k := indexOf(r.state.Rollouts, t.Deployment)
	if k < 0 {
		return k, standsStopped
	}
	c, _ := checksOf(&r.v.Service, &r.state.Rollouts[k]).judge(t, r.now)
	return k, c
}

// dismiss stops one daemon task and keeps the tallies right.
func (r *run) dismiss(k int, id ecs.TaskID, c standing, b *room, reason string) {
	n := r.tally(k)
	switch c {
	case standsHealthy:
		n.healthy--
		b.down--
	case standsPending:
		n.pending--
	case standsUnhealthy:
		n.unhealthy--
	}
	n.stopping++
	r.stopNamed(r.state.Rollouts[k].ID, id, reason)
}

// renew stops old tasks where they stand, within the lower bound, and returns how many stay.
func (r *run) renew(berths []berth, p int, b *room) int {
	left := 0
	if p >= 0 && r.failed(p) {
		return 0
	}
	for i := range berths {
		if berths[i].task == 0 {
			continue
		}
		t := &r.v.Tasks[berths[i].task-1]
		k, c := r.standing(t)
		if k == p {
			continue
		}
		if c != standsUnhealthy && protected(t, r.now) || c == standsHealthy && b.down <= 0 {
			left++
			continue
		}
		r.dismiss(k, t.ID, c, b, scaling(t.Deployment))
		berths[i].task = 0
	}
	return left
}

// healDaemon stops one unhealthy task when no other is on its way: an instance has no room
// for a replacement next to it.
func (r *run) healDaemon(berths []berth, p int) {
	if !r.mayHeal(p) {
		return
	}
	for i := range berths {
		if berths[i].task == 0 {
			continue
		}
		t := &r.v.Tasks[berths[i].task-1]
		if k, c := r.standing(t); k == p && c == standsUnhealthy {
			r.dismiss(k, t.ID, c, &room{}, r.unhealthyReason(k, t))
			berths[i].task = 0
			return
		}
	}
}

func (r *run) mayHeal(p int) bool {
	return p >= 0 && !r.failed(p) && r.tally(p).unhealthy > 0 && r.tally(p).pending == 0 && r.tally(p).stopping == 0
}

// startDaemons starts a task of rollout p on each instance that is free.
func (r *run) startDaemons(berths []berth, p int) {
	free := 0
	for i := range berths {
		if in := &r.v.Instances[i]; !berths[i].taken && !in.Draining && !in.Disconnected {
			free++
		}
	}
	free = r.daemonsToStart(p, free)
	for i := range berths {
		if in := &r.v.Instances[i]; free > 0 && !berths[i].taken && !in.Draining && !in.Disconnected {
			free--
			r.startOn(p, in.ID)
		}
	}
}

// daemonsToStart returns on how many of so many vacant instances a task of rollout p starts now.
func (r *run) daemonsToStart(p, free int) int {
	if free == 0 || !r.mayLaunch(p) {
		return 0
	}
	if free = r.permitted(free); free == 0 {
		return 0
	}
	r.launched += free
	if r.state.Rollouts[p].PlaceAfter != 0 {
		r.rollout(p).PlaceAfter = 0
	}
	return free
}

func (r *run) startOn(p int, id ecs.InstanceID) {
	r.p.Start = append(r.p.Start, Start{Deployment: r.state.Rollouts[p].ID, Count: 1, Instance: id})
	r.tally(p).pending++
}
