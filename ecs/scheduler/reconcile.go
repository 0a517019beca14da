package scheduler

import (
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs"
)

// Reconcile compares what is desired with what is there and returns what to do now. It is pure:
// equal arguments give equal plans. After a plan is carried out, nothing is left to do at the same
// time: Reconcile after Apply returns an empty plan.
//
// Ties: among tasks that may equally be stopped, those named are the first in the order of
// View.Tasks; older deployments give way before newer ones.
//
// It takes O(tasks × deployments), for DAEMON O(tasks × log instances) besides, and
// allocates nothing while a REPLICA service is in steady state.
func Reconcile(v View, now time.Time) Plan {
	r := run{v: v, now: ecs.At(now), state: v.State}
	return r.decide()
}

// decide makes the plan.
func (r *run) decide() Plan {
	v := &r.v
	if n := len(v.State.Rollouts); n > len(r.few) {
		r.many = make([]tally, n)
	}
	r.demote()
	r.count()
	r.answerRequests()
	r.watchAlarms()
	r.breaker()
	r.placementFailures()
	r.forgive()
	r.interruptRebalancing()
	switch {
	case v.Service.Status == ecs.ServiceStatusDraining || v.Service.Status == ecs.ServiceStatusInactive:
		r.drain()
	case v.Service.SchedulingStrategy == ecs.SchedulingStrategyDaemon:
		r.daemon()
	case r.external():
		r.taskSets()
	case r.inStages():
		r.stages()
	default:
		r.rolling()
	}
	r.retire()
	r.settle()
	return r.plan()
}

// run is one Reconcile under way.
type run struct {
	v       View
	census  *Census // knows the tasks; nil: v.Tasks does
	now     ecs.Instant
	state   State    // working copy; its slices are v's until changed
	owned   bool     // state.Rollouts is a copy
	dirty   bool     // state differs from v.State
	few     [4]tally // of each rollout; see tally
	many    []tally  // the same where few are too few
	p       Plan
	due     ecs.Instant // for WakeAt
	orphans bool        // there are tasks of no known deployment
	blocked bool        // protected tasks keep a rollout from scaling in

	launched int // starts planned so far
}

// tally counts the tasks of one rollout by standing; the free ones are not protected.
type tally struct {
	healthy, pending, unhealthy, leaving, stopping int
	freeHealthy, freePending                       int
	namedUnhealthy, namedLeaving                   int  // stops planned by name
	tripped                                        bool // its failures reached the circuit breaker's threshold
}

// live returns the tasks that are not stopping.
func (t *tally) live() int { return t.healthy + t.pending + t.unhealthy + t.leaving }

// good returns those that are, or may become, healthy where they can stay.
func (t *tally) good() int { return t.healthy + t.pending }

// tally returns the counts of rollout i.
func (r *run) tally(i int) *tally {
	if r.many != nil {
		return &r.many[i]
	}
	return &r.few[i]
}

// rollout returns rollout i to be changed.
func (r *run) rollout(i int) *Rollout {
	if !r.owned {
		r.state.Rollouts = slices.Clone(r.state.Rollouts)
		r.owned = true
	}
	r.dirty = true
	return &r.state.Rollouts[i]
}

// wake asks for another Reconcile at t.
func (r *run) wake(t ecs.Instant) {
	if t > r.now && (r.due == 0 || t < r.due) {
		r.due = t
	}
}

func (r *run) plan() Plan {
	p := r.p
	if r.dirty {
		s := r.state
		p.State = &s
	}
	p.WakeAt = r.due.Time()
	return p
}

// primary returns the position of the PRIMARY rollout, or -1.
func (r *run) primary() int {
	for i := range r.state.Rollouts {
		if r.state.Rollouts[i].Status == ecs.DeploymentStatusPrimary {
			return i
		}
	}
	return -1
}

// count judges every task: it fills the tallies, accounts for stopped tasks and for changes
// of health, and stops at once what must not wait.
func (r *run) count() {
	if r.census != nil {
		r.census.count(r)
		return
	}
	for i := range r.v.Tasks {
		t := &r.v.Tasks[i]
		k := indexOf(r.state.Rollouts, t.Deployment)
		if k < 0 {
			r.orphan(t)
			continue
		}
		c, at := checksOf(&r.v.Service, &r.state.Rollouts[k]).judge(t, r.now)
		if at != 0 {
			r.wake(at)
		}
		r.observe(k, t, c)
		r.add(k, t, c)
	}
}

// orphan stops a task whose deployment is no longer known.
func (r *run) orphan(t *Task) {
	switch {
	case t.LastStatus.Over():
		r.p.Forget = append(r.p.Forget, t.ID)
	case t.DesiredStatus == ecs.DesiredStatusStopped:
		r.orphans = true
	default:
		r.orphans = true
		r.stopNamed(t.Deployment, t.ID, scaling(t.Deployment))
	}
}

func (r *run) add(k int, t *Task, c standing) {
	n := r.tally(k)
	free := !protected(t, r.now)
	if !free {
		r.wake(t.ProtectedUntil)
	}
	switch c {
	case standsPending:
		n.pending++
		if free {
			n.freePending++
		}
	case standsHealthy:
		n.healthy++
		if free {
			n.freeHealthy++
		}
	case standsUnhealthy:
		n.unhealthy++
	case standsLeaving:
		n.leaving++
	case standsExpelled:
		n.stopping++
		r.stopNamed(t.Deployment, t.ID, scaling(t.Deployment))
	case standsStopping:
		n.stopping++
	}
}

func scaling(deployment string) string {
	return "Scaling activity initiated by (deployment " + deployment + ")"
}

// stopNamed plans the stop of one task, together with others for the same reason.
func (r *run) stopNamed(deployment string, id ecs.TaskID, reason string) {
	for i := range r.p.Stop {
		if s := &r.p.Stop[i]; s.Deployment == deployment && s.Class == "" && s.Reason == reason {
			s.Tasks = append(s.Tasks, id)
			s.Count++
			return
		}
	}
	r.p.Stop = append(r.p.Stop, Stop{Deployment: deployment, Tasks: []ecs.TaskID{id}, Count: 1,
		StopCode: ecs.TaskStopCodeServiceSchedulerInitiated, Reason: reason})
}

// stopAny plans the stop of n tasks of a class.
func (r *run) stopAny(k, n int, class Class, zone, reason string) {
	if n > 0 {
		r.p.Stop = append(r.p.Stop, Stop{Deployment: r.state.Rollouts[k].ID, Count: n, Class: class, Zone: zone,
			StopCode: ecs.TaskStopCodeServiceSchedulerInitiated, Reason: reason})
	}
}

// settle says that the service is steady, once it is, and stops saying so when it is not.
func (r *run) settle() {
	if !r.steady() {
		r.untell(causeSteady)
		return
	}
	r.untell(causePlacement)
	if r.rebalance() {
		r.untell(causeSteady)
		return
	}
	r.tell(causeSteady, "", "has reached a steady state.")
}

// steady reports whether every task that should be there is there and healthy, and no other.
func (r *run) steady() bool {
	if r.orphans || r.v.Service.Status == ecs.ServiceStatusDraining || r.v.Service.Status == ecs.ServiceStatusInactive {
		return false
	}
	for i := range r.state.Rollouts {
		d, n := &r.state.Rollouts[i], r.tally(i)
		switch d.RolloutState {
		case ecs.DeploymentRolloutStateInProgress, ecs.DeploymentRolloutStateFailed:
			return false
		}
		want := d.DesiredCount
		if d.Status == ecs.DeploymentStatusPrimary {
			want += r.state.Rebalancing.Extra
		}
		if n.healthy != want || n.live() != want || n.stopping > 0 {
			return false
		}
	}
	return len(r.state.Rollouts) > 0
}
