package scheduler

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
)

// fate is what becomes of the tasks of a deployment.
type fate struct {
	never     bool          // stops without reaching RUNNING
	unhealthy bool          // its checks fail
	crash     time.Duration // exits so long after RUNNING; 0: does not
}

type host struct {
	id       ecs.InstanceID
	zone     string
	slots    int
	draining bool
	provider string
}

// world carries out plans: it places by free slots, spreading, and moves tasks by the clock.
type world struct {
	t       require.TestingT
	v       View
	now     time.Time
	start   time.Time
	hosts   []host
	fates   map[string]fate
	boot    time.Duration // PENDING to RUNNING
	probe   time.Duration // RUNNING to the checks' verdict
	halt    time.Duration // stop to STOPPED
	since   map[ecs.TaskID]time.Time
	next    int
	log     strings.Builder
	quiet   bool
	plans   []Plan
	green   map[Listener]string
	shares  map[string]int // of production traffic, by deployment
	answer  func(HookCall, int) (HookAnswer, bool)
	calls   []HookCall
	hook    func(w *world, p Plan) // sees every plan before it is carried out
	static  bool                   // one task of the service on an instance: a static port
	instant bool                   // a stop frees its slot at once
	occ     map[ecs.InstanceID]int // tasks on each host while a plan is carried out
	wake    time.Time
	items   []ecs.CapacityProviderStrategyItem // of what is deployed
	rate    LaunchRate                         // zero: tasks start at once
	large   map[string]bool                    // deployments whose tasks find no room any more
	bucket  LaunchBucket
	mirror  mirror
}

var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func newWorld(t require.TestingT, desired int, hosts ...host) *world {
	w := &world{t: t, now: epoch, start: epoch, hosts: hosts, fates: map[string]fate{},
		since: map[ecs.TaskID]time.Time{},
		boot:  10 * time.Second, probe: 10 * time.Second, halt: 5 * time.Second, green: map[Listener]string{}}
	w.v.Service = ecs.Service{ServiceName: "web", DesiredCount: desired, Status: ecs.ServiceStatusActive}
	return w
}

func (w *world) percents(minimum, maximum int) {
	w.v.Service.DeploymentConfiguration.MinimumHealthyPercent = ecs.Some(minimum)
	w.v.Service.DeploymentConfiguration.MaximumPercent = ecs.Some(maximum)
}

// deploy starts deployment ecs-svc/n of a revision with a container health check, so that
// tasks are healthy as soon as their probe passes.
func (w *world) deploy(n int, f fate) {
	id := fmt.Sprintf("ecs-svc/%d", n)
	w.fates[id] = f
	w.v.State = w.v.State.Deploy(Rollout{Deployment: ecs.Deployment{ID: id,
		TaskDefinition: fmt.Sprintf("web:%d", n), CapacityProviderStrategy: w.items}, ContainerHealthCheck: true},
		w.now)
	w.say("deploy %s", id)
}

func (w *world) say(format string, args ...any) {
	if !w.quiet {
		d := w.now.Sub(w.start)
		fmt.Fprintf(&w.log, "%02d:%02d  %s\n", int(d.Minutes()), int(d.Seconds())%60, fmt.Sprintf(format, args...))
	}
}

// occupy counts the tasks on each host.
func (w *world) occupy(p Plan) {
	w.occ = map[ecs.InstanceID]int{}
	named := map[ecs.TaskID]bool{}
	for _, s := range p.Stop {
		for _, id := range s.Tasks {
			named[id] = w.instant
		}
	}
	for _, t := range w.v.Tasks {
		gone := t.LastStatus == ecs.TaskStatusStopped || w.instant && t.DesiredStatus == ecs.DesiredStatusStopped
		if !gone && !named[t.ID] {
			w.occ[t.Instance]++
		}
	}
}

// place takes the host with the fewest tasks.
func (w *world) place(s Start, t *Task) (bool, string) {
	best := -1
	for i, h := range w.hosts {
		n := w.occ[h.id]
		elsewhere := s.Instance != "" && s.Instance != h.id || s.Zone != "" && s.Zone != h.zone
		if elsewhere || w.large[s.Deployment] || h.draining || n >= h.slots || w.static && n > 0 ||
			s.CapacityProvider != h.provider {
			continue
		}
		if best < 0 || n < w.occ[w.hosts[best].id] {
			best = i
		}
	}
	if best < 0 && len(w.hosts) > 0 {
		closest := w.hosts[0].id
		if s.Instance != "" {
			closest = s.Instance
		}
		return false, "was unable to place a task because no container instance met all of its requirements. " +
			"The closest matching (container-instance " +
			string(closest) + ") has insufficient CPU units available. For more information, see the " +
			"Troubleshooting section of the Amazon ECS Developer Guide."
	}
	w.next++
	t.ID = ecs.TaskID(fmt.Sprintf("t%d", w.next))
	if best >= 0 {
		t.Instance, t.Zone = w.hosts[best].id, w.hosts[best].zone
		w.occ[t.Instance]++
	}
	return true, ""
}

// pick stops tasks in the order of the view.
func (w *world) pick(s Stop, candidates []int) []int {
	require.GreaterOrEqual(w.t, len(candidates), s.Count, "%+v", s)
	for _, i := range candidates[:s.Count] {
		if w.instant {
			w.occ[w.v.Tasks[i].Instance]--
		}
	}
	return candidates[:s.Count]
}

// feed brings hosts into the view.
func (w *world) feed() {
	w.v.Instances = nil
	for _, h := range w.hosts {
		if w.v.Service.SchedulingStrategy == ecs.SchedulingStrategyDaemon {
			w.v.Instances = append(w.v.Instances, Instance{ID: h.id, Draining: h.draining})
		}
		for i := range w.v.Tasks {
			if t := &w.v.Tasks[i]; t.Instance == h.id {
				t.InstanceDraining = h.draining
			}
		}
	}
}

// reconcile plans and carries out until nothing more is to be done at this moment.
func (w *world) reconcile() {
	w.feed()
	for round := 0; ; round++ {
		w.v.Launches = w.rate.Launches(w.bucket, w.now)
		p := Reconcile(w.v, w.now)
		w.mirror.check(w.t, w.v, w.now)
		for _, s := range p.Start {
			w.bucket = w.rate.Take(w.bucket, w.now, s.Count)
		}
		w.wake = p.WakeAt
		if w.hook != nil {
			w.hook(w, p)
		}
		w.plans = append(w.plans, p)
		if p.Empty() {
			return
		}
		require.Less(w.t, round, 20, "does not come to rest at %v: %+v", w.now, p)
		before := w.v
		w.shift(p)
		w.occupy(p)
		w.v = Apply(w.v, p, w.now, Choices{Place: w.place, Pick: w.pick})
		w.report(before, p)
		w.serve(p)
		if len(w.v.PlacementFailures) == 0 && len(w.v.Answers) == 0 {
			again := Reconcile(w.v, w.now)
			require.True(w.t, again.Empty(), "after %+v comes %+v\nbefore %s\nafter  %s", p, again,
				brief(before, w.now), brief(w.v, w.now))
			w.wake = again.WakeAt
			return
		}
	}
}

// shift sets traffic.
func (w *world) shift(p Plan) {
	for _, x := range p.Traffic {
		if x.Listener == ListenerProduction {
			w.shares = map[string]int{x.Source: 1000 - x.Green, x.Target: x.Green}
		}
		w.green[x.Listener] = fmt.Sprintf("%s %d, %s %d", x.Source, 1000-x.Green, x.Target, x.Green)
		w.say("traffic %s: %s", x.Listener, w.green[x.Listener])
	}
}

// serve calls hooks.
func (w *world) serve(p Plan) {
	for _, c := range p.Hooks {
		w.calls = append(w.calls, c)
		w.say("hook %s %s (attempt %d)", c.Stage, c.Hook.HookTargetArn, c.Attempt)
		if w.answer == nil {
			continue
		}
		if a, ok := w.answer(c, len(w.calls)); ok {
			w.v.Answers = append(w.v.Answers, a)
		}
	}
}

// report logs what a plan changed.
func (w *world) report(before View, p Plan) {
	had := map[ecs.TaskID]Task{}
	for _, t := range before.Tasks {
		had[t.ID] = t
	}
	started, stopped := map[string][]string{}, map[string][]string{}
	for _, t := range w.v.Tasks {
		was, ok := had[t.ID]
		switch {
		case !ok:
			at := ""
			if t.Instance != "" {
				at = "@" + string(t.Instance)
			}
			started[t.Deployment] = append(started[t.Deployment], string(t.ID)+at)
			w.since[t.ID] = w.now
		case was.DesiredStatus != t.DesiredStatus:
			stopped[t.Deployment] = append(stopped[t.Deployment], string(t.ID))
			w.since[t.ID] = w.now
		}
	}
	for _, verb := range []string{"stop", "start"} {
		of := stopped
		if verb == "start" {
			of = started
		}
		for _, d := range slices.Sorted(maps.Keys(of)) {
			w.say("%s %d of %s: %s", verb, len(of[d]), d, strings.Join(of[d], " "))
		}
	}
	for _, e := range p.Events {
		w.say("event %s", e.Message)
	}
}

// turn returns when task t changes by itself, and into what.
func (w *world) turn(t *Task) (time.Time, func()) {
	f, since := w.fates[t.Deployment], w.since[t.ID]
	switch {
	case t.LastStatus == ecs.TaskStatusStopped:
		return time.Time{}, nil
	case t.DesiredStatus == ecs.DesiredStatusStopped:
		return since.Add(w.halt), func() { t.LastStatus = ecs.TaskStatusStopped }
	case t.LastStatus != ecs.TaskStatusRunning && f.never:
		return since.Add(w.boot), func() {
			t.LastStatus, t.DesiredStatus, t.StopCode = "STOPPED", ecs.DesiredStatusStopped,
				ecs.TaskStopCodeTaskFailedToStart
			w.say("%s of %s failed to start", t.ID, t.Deployment)
		}
	case t.LastStatus != ecs.TaskStatusRunning:
		return since.Add(w.boot), func() { t.LastStatus, t.StartedAt = "RUNNING", ecs.At(w.now) }
	case t.ContainerHealth == "":
		return t.StartedAt.Time().Add(w.probe), func() {
			t.ContainerHealth = ecs.HealthStatusHealthy
			if f.unhealthy {
				t.ContainerHealth = ecs.HealthStatusUnhealthy
			}
		}
	case f.crash > 0:
		return t.StartedAt.Time().Add(f.crash), func() {
			t.LastStatus, t.DesiredStatus, t.StopCode = "STOPPED", ecs.DesiredStatusStopped,
				ecs.TaskStopCodeEssentialContainerExited
			w.say("%s of %s exited", t.ID, t.Deployment)
		}
	}
	return time.Time{}, nil
}

// advance moves the clock to the next change, at most to the limit, and makes the changes of
// that moment. It returns false when nothing will change before the limit.
func (w *world) advance(limit time.Time) bool {
	at := limit
	if !w.wake.IsZero() && w.wake.Before(at) {
		at = w.wake
	}
	for i := range w.v.Tasks {
		if u, f := w.turn(&w.v.Tasks[i]); f != nil && u.Before(at) {
			at = u
		}
	}
	if at.After(w.now) {
		w.now = at
	}
	for i := range w.v.Tasks {
		if u, f := w.turn(&w.v.Tasks[i]); f != nil && !u.After(w.now) {
			f()
		}
	}
	return w.now.Before(limit)
}

// run reconciles and advances for a time.
func (w *world) run(d time.Duration) {
	limit := w.now.Add(d)
	for steps := 0; ; steps++ {
		require.Less(w.t, steps, 20_000, "no end at %v", w.now)
		w.reconcile()
		if !w.advance(limit) {
			w.reconcile()
			return
		}
	}
}

// steady reports whether the service said it is.
func (w *world) steady() bool {
	return slices.ContainsFunc(w.v.State.Said, func(s Said) bool { return s.Cause == causeSteady })
}

// runUntilSteady runs until the service is steady, at most so long.
func (w *world) runUntilSteady(d time.Duration) bool {
	for limit := w.now.Add(d); ; {
		w.reconcile()
		if w.steady() {
			return true
		}
		if !w.advance(limit) {
			w.reconcile()
			return w.steady()
		}
	}
}

func newHosts(n, slots int, zones ...string) []host {
	hs := make([]host, n)
	for i := range hs {
		hs[i] = host{id: ecs.InstanceID(fmt.Sprintf("i-%d", i+1)), slots: slots, zone: zones[i%len(zones)]}
	}
	return hs
}

// brief shows a view's deployments and how their tasks stand.
func brief(v View, now time.Time) string {
	var b strings.Builder
	for i := range v.State.Rollouts {
		d := &v.State.Rollouts[i]
		fmt.Fprintf(&b, "%s %s %s %d:", d.ID, d.Status, d.RolloutState, d.DesiredCount)
		for k := range v.Tasks {
			if t := &v.Tasks[k]; t.Deployment == d.ID {
				c, _ := checksOf(&v.Service, d).judge(t, ecs.At(now))
				fmt.Fprintf(&b, " %s=%d", t.ID, c)
				if protected(t, ecs.At(now)) {
					b.WriteByte('P')
				}
			}
		}
		b.WriteString("; ")
	}
	return b.String()
}
