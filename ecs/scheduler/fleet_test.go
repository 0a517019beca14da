package scheduler

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bayplan/bayplan/ecs"
)

// fleet is a random world under random faults and updates; after every plan it checks the
// laws that hold at every moment.
type fleet struct {
	*world
	last      int             // number of the newest deployment
	completed map[string]bool // by the events, for S6
	daemon    bool
	seen      map[string]int // how often a law had something to judge
}

func newFleet(t *rapid.T, seen map[string]int) *fleet {
	zones := []string{"a", "b", "c"}[:rapid.IntRange(1, 3).Draw(t, "zones")]
	w := newWorld(t, rapid.IntRange(0, 8).Draw(t, "desired"),
		newHosts(rapid.IntRange(1, 5).Draw(t, "hosts"), rapid.IntRange(1, 20).Draw(t, "slots"), zones...)...)
	for i := range w.hosts { // unevenly, so that zones are
		if rapid.IntRange(0, 3).Draw(t, "small") == 0 {
			w.hosts[i].slots = rapid.IntRange(0, 2).Draw(t, "slots")
		}
	}
	w.quiet = true
	f := &fleet{world: w, completed: map[string]bool{}, seen: seen}
	w.hook = f.check
	w.percents(rapid.SampledFrom([]int{0, 25, 50, 66, 90, 100}).Draw(t, "minimum"),
		rapid.SampledFrom([]int{100, 110, 125, 150, 200}).Draw(t, "maximum"))
	c := &w.v.Service.DeploymentConfiguration
	switch rapid.IntRange(0, 5).Draw(t, "kind") {
	case 0:
		f.daemon = true
		w.v.Service.SchedulingStrategy = ecs.SchedulingStrategyDaemon
		c.MaximumPercent = ecs.Some(100)
		slices.SortFunc(w.hosts, func(a, b host) int { return strings.Compare(string(a.id), string(b.id)) })
	case 1:
		c.Strategy = rapid.SampledFrom([]ecs.DeploymentStrategy{ecs.DeploymentStrategyBlueGreen,
			ecs.DeploymentStrategyLinear, ecs.DeploymentStrategyCanary}).Draw(t, "strategy")
		c.LinearConfiguration = &ecs.LinearConfiguration{StepPercent: ecs.Some(30.0),
			StepBakeTimeInMinutes: ecs.Some(1)}
		c.BakeTimeInMinutes = ecs.Some(rapid.IntRange(0, 3).Draw(t, "bake"))
		w.v.Service.LoadBalancers = []ecs.LoadBalancer{{TargetGroupArn: "tg"}}
		stages := rapid.SliceOfDistinct(rapid.SampledFrom([]ecs.LifecycleStage{ecs.LifecycleStageReconcileService,
			ecs.LifecycleStagePreScaleUp, ecs.LifecycleStagePostScaleUp,
			ecs.LifecycleStageTestTrafficShift, ecs.LifecycleStagePreProductionTrafficShift,
			ecs.LifecycleStageProductionTrafficShift}), rapid.ID[ecs.LifecycleStage]).Draw(t, "hooked")
		c.LifecycleHooks = []ecs.DeploymentLifecycleHook{{HookTargetArn: "check", LifecycleStages: stages}}
		w.answer = func(c HookCall, n int) (HookAnswer, bool) {
			s := ecs.LifecycleHookStatusSucceeded
			switch n % 8 {
			case 3:
				s = ecs.LifecycleHookStatusFailed
			case 5, 6:
				s = ecs.LifecycleHookStatusInProgress
			}
			return HookAnswer{HookID: c.HookID, Status: s}, true
		}
	}
	if rapid.IntRange(0, 7).Draw(t, "codeDeploy") == 0 && !f.daemon && c.Strategy == "" {
		w.v.Service.DeploymentController = &ecs.DeploymentController{Type: ecs.DeploymentControllerTypeCodeDeploy}
		w.v.Service.LoadBalancers = []ecs.LoadBalancer{{TargetGroupArn: "tg"}}
		routing, _ := CodeDeployTrafficRouting(rapid.SampledFrom([]string{"CodeDeployDefault.ECSAllAtOnce",
			"CodeDeployDefault.ECSLinear10PercentEvery1Minutes",
			"CodeDeployDefault.ECSCanary10Percent5Minutes"}).Draw(t, "routing"))
		w.v.Options.CodeDeploy = CodeDeploy{TrafficRouting: routing,
			TerminationWaitMinutes: rapid.IntRange(0, 3).Draw(t, "termination"),
			AutoRollback: []AutoRollbackEvent{AutoRollbackEventFailure,
				AutoRollbackEventStopOnAlarm}[:rapid.IntRange(0, 2).Draw(t, "auto")]}
	}
	if rapid.IntRange(0, 7).Draw(t, "external") == 0 &&
		!f.daemon && c.Strategy == "" && w.v.Service.DeploymentController == nil {
		w.v.Service.DeploymentController = &ecs.DeploymentController{Type: ecs.DeploymentControllerTypeExternal}
	}
	if len(zones) > 1 && rapid.Bool().Draw(t, "rebalance") {
		w.v.Service.AvailabilityZoneRebalancing = ecs.AvailabilityZoneRebalancingEnabled
		w.v.Zones = zones
	} else if !f.daemon && rapid.IntRange(0, 2).Draw(t, "providers") == 0 { // one a zone
		for i := range w.hosts {
			h := &w.hosts[i]
			if h.provider = "cp-" + h.zone; i < len(zones) {
				w.items = append(w.items, ecs.CapacityProviderStrategyItem{
					CapacityProvider: h.provider, Weight: rapid.IntRange(1, 3).Draw(t, "weight")})
			}
		}
		w.items[0].Base = rapid.IntRange(0, 2).Draw(t, "base")
	}
	if rapid.IntRange(0, 2).Draw(t, "alarms") == 0 {
		c.Alarms = &ecs.DeploymentAlarms{AlarmNames: []string{"5xx"}, Enable: true,
			Rollback: rapid.Bool().Draw(t, "alarmRollback")}
	}
	c.DeploymentCircuitBreaker = &ecs.DeploymentCircuitBreaker{Enable: rapid.Bool().Draw(t, "breaker"),
		Rollback: rapid.Bool().Draw(t, "rollback")}
	w.v.Options.StoppingCounts = rapid.IntRange(0, 3).Draw(t, "stopping") == 0
	if rapid.IntRange(0, 3).Draw(t, "early") == 0 {
		c.EarlySuccessCriteria = &ecs.DeploymentEarlySuccessCriteria{Enable: true,
			HealthyPercent:               ecs.Some(rapid.SampledFrom([]int{25, 50, 100}).Draw(t, "healthyPercent")),
			SourceServiceRevisionCleanup: rapid.SampledFrom([]string{"BLOCKING", "DEFERRED"}).Draw(t, "cleanup")}
	}
	if rapid.IntRange(0, 3).Draw(t, "rate") == 0 {
		f.rate = LaunchRate{Burst: rapid.IntRange(1, 4).Draw(t, "burst"),
			Refill: rapid.IntRange(1, 2).Draw(t, "refill"), Every: 20 * time.Second}
	}
	f.roll(fate{})
	return f
}

func (f *fleet) roll(x fate) {
	f.last++
	f.deploy(f.last, x)
}

func (f *fleet) external() bool {
	return controller(&f.v.Service) == ecs.DeploymentControllerTypeExternal
}

// scale gives a task set another share, or has it go.
func (f *fleet) scale(i int, share float64) {
	f.v.State.Rollouts = slices.Clone(f.v.State.Rollouts)
	d := &f.v.State.Rollouts[i]
	if d.Scale = (&ecs.Scale{Value: share, Unit: "PERCENT"}); share < 0 {
		d.Status = ecs.DeploymentStatusDraining
	}
}

func drawFate(t *rapid.T) fate {
	switch rapid.IntRange(0, 5).Draw(t, "fate") {
	case 0:
		return fate{never: true}
	case 1:
		return fate{unhealthy: true}
	case 2:
		return fate{crash: time.Duration(rapid.IntRange(15, 90).Draw(t, "crash")) * time.Second}
	}
	return fate{}
}

// act does one random thing to the fleet.
func (f *fleet) act(t *rapid.T) {
	switch rapid.IntRange(0, 12).Draw(t, "act") {
	case 8:
		if f.external() && len(f.v.State.Rollouts) > 0 {
			f.scale(rapid.IntRange(0, len(f.v.State.Rollouts)-1).Draw(t, "set"),
				rapid.SampledFrom([]float64{-1, 0, 33.3, 50, 100}).Draw(t, "share"))
		}
	case 0:
		f.roll(drawFate(t))
	case 1:
		f.v.Service.DesiredCount = rapid.IntRange(0, 8).Draw(t, "desired")
	case 2:
		h := &f.hosts[rapid.IntRange(0, len(f.hosts)-1).Draw(t, "host")]
		h.draining = !h.draining
		f.v.CapacityChanged = true
	case 3: // tasks die
		if len(f.v.Tasks) > 0 {
			k := &f.v.Tasks[rapid.IntRange(0, len(f.v.Tasks)-1).Draw(t, "task")]
			if k.LastStatus == ecs.TaskStatusRunning {
				k.LastStatus, k.DesiredStatus, k.StopCode = "STOPPED", ecs.DesiredStatusStopped,
					ecs.TaskStopCodeEssentialContainerExited
			}
		}
	case 4: // health flips
		if len(f.v.Tasks) > 0 {
			k := &f.v.Tasks[rapid.IntRange(0, len(f.v.Tasks)-1).Draw(t, "task")]
			if k.ContainerHealth != "" {
				k.ContainerHealth = rapid.SampledFrom([]ecs.HealthStatus{ecs.HealthStatusHealthy,
					ecs.HealthStatusUnhealthy}).Draw(t, "health")
			}
		}
	case 5: // protection, of one task or of all in its zone
		if len(f.v.Tasks) > 0 {
			k := f.v.Tasks[rapid.IntRange(0, len(f.v.Tasks)-1).Draw(t, "task")]
			until, whole := ecs.At(f.now.Add(time.Duration(rapid.IntRange(1, 20).Draw(t, "minutes"))*time.Minute)),
				rapid.Bool().Draw(t, "zone")
			for i := range f.v.Tasks {
				if o := &f.v.Tasks[i]; o.ID == k.ID || whole && o.Zone == k.Zone {
					o.ProtectedUntil = until
				}
			}
		}
	case 9: // room comes and goes
		f.hosts[rapid.IntRange(0, len(f.hosts)-1).Draw(t, "host")].slots = rapid.IntRange(0, 20).Draw(t, "slots")
		f.v.CapacityChanged = true
	case 6:
		kind := rapid.SampledFrom([]RequestType{RequestTypeRollback, RequestTypeAbort}).Draw(t, "request")
		f.v.Requests = append(f.v.Requests, Request{Type: kind, Deployment: fmt.Sprintf("ecs-svc/%d", f.last)})
	case 7:
		f.v.Alarms = []AlarmState{{Name: "5xx",
			State: rapid.SampledFrom([]ecs.AlarmState{"OK", "ALARM"}).Draw(t, "alarm")}}
	default:
		f.run(time.Duration(rapid.IntRange(1, 300).Draw(t, "seconds")) * time.Second)
		return
	}
	f.reconcile()
}

// check judges a plan against the view it was made for, counting by hand.
func (f *fleet) check(w *world, p Plan) {
	f.checkPercents(p)
	f.checkTraffic(p)
	f.checkNamed(p)
	f.checkDaemons(p)
	f.checkRollback(p)
	f.checkStatus(p)
}

// checkStatus follows every service deployment through the table of facts 5.1.
func (f *fleet) checkStatus(p Plan) {
	if p.State == nil || f.external() {
		return
	}
	for _, d := range append(slices.Clone(p.State.Rollouts), p.Ended...) {
		i := indexOf(f.v.State.Rollouts, d.ID)
		require.GreaterOrEqual(f.t, i, 0)
		was, is := f.v.State.Rollouts[i].ServiceDeploymentStatus, d.ServiceDeploymentStatus
		if was != is {
			f.seen["status"]++
			through := slices.ContainsFunc(next(was),
				func(s ecs.ServiceDeploymentStatus) bool { return slices.Contains(next(s), is) })
			require.True(f.t, slices.Contains(next(was), is) || through, "%s from %s to %s", d.ID, was, is)
		}
	}
}

// next returns what a service deployment's status may become.
func next(s ecs.ServiceDeploymentStatus) []ecs.ServiceDeploymentStatus {
	switch s {
	case ecs.ServiceDeploymentStatusPending:
		return []ecs.ServiceDeploymentStatus{ecs.ServiceDeploymentStatusInProgress,
			ecs.ServiceDeploymentStatusStopRequested, ecs.ServiceDeploymentStatusRollbackRequested,
			ecs.ServiceDeploymentStatusStopped}
	case ecs.ServiceDeploymentStatusInProgress:
		return []ecs.ServiceDeploymentStatus{ecs.ServiceDeploymentStatusSuccessful,
			ecs.ServiceDeploymentStatusStopRequested, ecs.ServiceDeploymentStatusRollbackRequested,
			ecs.ServiceDeploymentStatusRollbackInProgress, ecs.ServiceDeploymentStatusStopped}
	case ecs.ServiceDeploymentStatusStopRequested:
		return []ecs.ServiceDeploymentStatus{ecs.ServiceDeploymentStatusStopped}
	case ecs.ServiceDeploymentStatusRollbackRequested:
		return []ecs.ServiceDeploymentStatus{ecs.ServiceDeploymentStatusRollbackInProgress,
			ecs.ServiceDeploymentStatusSuccessful, ecs.ServiceDeploymentStatusStopped}
	case ecs.ServiceDeploymentStatusRollbackInProgress:
		return []ecs.ServiceDeploymentStatus{ecs.ServiceDeploymentStatusRollbackSuccessful,
			ecs.ServiceDeploymentStatusRollbackFailed}
	}
	return nil
}

// group is what the percentages apply to: the whole service, or one revision of two.
func (f *fleet) group(deployment string) string {
	if staged(&f.v.Service) || f.external() {
		return deployment
	}
	return ""
}

type census struct{ live, healthy, stopsHealthy, starts int }

// checkPercents is S1 and S2.
func (f *fleet) checkPercents(p Plan) {
	all := map[string]*census{}
	at := func(d string) *census {
		g := f.group(d)
		if all[g] == nil {
			all[g] = &census{}
		}
		return all[g]
	}
	listed := map[ecs.TaskID]bool{}
	for _, s := range p.Stop {
		for _, id := range s.Tasks {
			listed[id] = true
		}
	}
	for _, k := range f.v.Tasks {
		if f.daemon && f.drainedOrUnknown(k) {
			continue
		}
		c := at(k.Deployment)
		going := k.DesiredStatus == ecs.DesiredStatusStopped || k.LastStatus == ecs.TaskStatusStopped
		healthy := !going && k.LastStatus == ecs.TaskStatusRunning &&
			(k.ContainerHealth == ecs.HealthStatusHealthy || k.InstanceDraining && !f.daemon && k.ContainerHealth == "")
		switch {
		case !going && !listed[k.ID], f.v.Options.StoppingCounts && k.LastStatus != ecs.TaskStatusStopped:
			c.live++
		}
		if healthy {
			c.healthy++
		}
		if healthy && listed[k.ID] {
			c.stopsHealthy++
		}
	}
	for _, s := range p.Stop {
		if s.Class != "" && !f.v.Options.StoppingCounts {
			at(s.Deployment).live -= s.Count
		}
		if s.Class == ClassHealthy {
			at(s.Deployment).stopsHealthy += s.Count
		}
	}
	for _, s := range p.Start {
		at(s.Deployment).starts += s.Count
	}
	after := f.v.State
	if p.State != nil {
		after = *p.State
	}
	for g, c := range all { //order:any each is judged by itself
		n := f.v.Service.DesiredCount
		if f.daemon {
			n = 0
			for _, h := range f.hosts {
				if !h.draining {
					n++
				}
			}
		}
		if i := indexOf(after.Rollouts, g); i >= 0 {
			n = after.Rollouts[i].DesiredCount
		}
		pc := PercentsOf(f.v.Service)
		if c.starts > 0 {
			f.seen["S1"]++
			require.LessOrEqual(f.t, 100*(c.live+c.starts), n*pc.Maximum,
				"S1: %d live and %d to start of %d desired: %+v", c.live, c.starts, n, p)
		}
		if c.stopsHealthy > 0 {
			f.seen["S2"]++
			require.GreaterOrEqual(f.t, 100*(c.healthy-c.stopsHealthy), n*pc.MinimumHealthy,
				"S2: %d healthy, %d of them to stop, of %d desired: %+v", c.healthy, c.stopsHealthy, n, p)
		}
	}
}

// checkTraffic is S2 for two revisions side by side: one with production traffic keeps the
// minimum of the service's desired count.
func (f *fleet) checkTraffic(p Plan) {
	shares := f.shares
	for _, x := range p.Traffic {
		if x.Listener == ListenerProduction {
			shares = map[string]int{x.Source: 1000 - x.Green, x.Target: x.Green}
		}
	}
	for d, share := range shares { //order:any each is judged by itself
		if share == 0 || d == "" {
			continue
		}
		healthy, stops := 0, 0
		for _, k := range f.v.Tasks {
			up := k.Deployment == d && k.DesiredStatus == ecs.DesiredStatusRunning &&
				k.LastStatus == ecs.TaskStatusRunning
			if up && (k.ContainerHealth == ecs.HealthStatusHealthy || k.InstanceDraining && k.ContainerHealth == "") {
				healthy++
				for _, s := range p.Stop {
					if slices.Contains(s.Tasks, k.ID) {
						stops++
					}
				}
			}
		}
		for _, s := range p.Stop {
			if s.Deployment == d && s.Class == ClassHealthy {
				stops += s.Count
			}
		}
		if stops > 0 {
			f.seen["traffic"]++
			require.GreaterOrEqual(f.t, 100*(healthy-stops),
				f.v.Service.DesiredCount*PercentsOf(f.v.Service).MinimumHealthy,
				"S2: %s has %d tenths of a percent of traffic, %d healthy, %d of them to stop: %+v", d, share,
				healthy, stops, p)
		}
	}
}

func (f *fleet) drainedOrUnknown(k Task) bool {
	for _, h := range f.hosts {
		if h.id == k.Instance {
			return h.draining
		}
	}
	return true
}

// checkNamed is S7: no protected task is stopped but for failing its checks or, on a draining
// instance, not being healthy, and enough others are left to choose from.
func (f *fleet) checkNamed(p Plan) {
	for _, s := range p.Stop {
		for _, k := range f.v.Tasks {
			if k.Deployment == s.Deployment && k.ProtectedUntil > ecs.At(f.now) {
				f.seen["S7"]++
			}
		}
		if s.Class != "" {
			candidates := f.v.Candidates(s, f.now)
			require.GreaterOrEqual(f.t, len(candidates), s.Count)
			for _, i := range candidates {
				require.LessOrEqual(f.t, f.v.Tasks[i].ProtectedUntil, ecs.At(f.now), "S7")
			}
			continue
		}
		for _, id := range s.Tasks {
			k := f.v.Tasks[taskIndex(f.v.Tasks, id)]
			if k.ProtectedUntil <= ecs.At(f.now) || f.daemon && k.InstanceDraining {
				continue
			}
			healthy := k.LastStatus == ecs.TaskStatusRunning && k.ContainerHealth != ecs.HealthStatusUnhealthy
			pending := k.LastStatus != ecs.TaskStatusRunning && !k.InstanceDraining
			require.False(f.t, healthy || pending, "S7: %s is protected and stops: %+v", id, p)
		}
	}
}

// checkDaemons is the standing half of S8: never two daemons on an instance, none started
// where one is or where it must not be.
func (f *fleet) checkDaemons(p Plan) {
	if !f.daemon {
		return
	}
	for _, s := range p.Start {
		f.seen["S8"]++
		require.Equal(f.t, 1, s.Count)
		i := slices.IndexFunc(f.hosts, func(h host) bool { return h.id == s.Instance })
		require.GreaterOrEqual(f.t, i, 0, "S8: a daemon without an instance")
		require.False(f.t, f.hosts[i].draining, "S8: a daemon on a draining instance")
		for _, k := range f.v.Tasks {
			require.False(f.t, k.Instance == s.Instance && k.LastStatus != ecs.TaskStatusStopped,
				"S8: a second daemon on %s", s.Instance)
		}
	}
}

// checkRollback is S6, by the events alone: back to the newest of the deployments on the list
// whose last word was that it completed.
func (f *fleet) checkRollback(p Plan) {
	failed := ""
	for _, e := range p.Events {
		if i := strings.Index(e.Message, "(deployment "); i >= 0 {
			id, rest, _ := strings.Cut(e.Message[i+len("(deployment "):], ")")
			f.completed[id] = strings.HasPrefix(rest, " deployment completed")
			if strings.HasPrefix(rest, " deployment failed") {
				failed = id
			}
		}
		if _, to, ok := strings.Cut(e.Message, "rolling back to deployment "); ok {
			f.seen["S6"]++
			to = strings.TrimSuffix(to, ".")
			best := ""
			for id, done := range f.completed { //order:any the largest is taken
				if done && id != failed && (len(id) > len(best) || len(id) == len(best) && id > best) {
					best = id
				}
			}
			require.Equal(f.t, best, to, "S6")
		}
	}
	for _, d := range p.Ended {
		delete(f.completed, d.ID)
	}
}

// mend takes every fault out of the world and rolls out a good revision.
func (f *fleet) mend() {
	for i := range f.hosts {
		f.hosts[i].draining, f.hosts[i].slots = false, 100
	}
	for id := range f.fates { //order:any all become good
		f.fates[id] = fate{}
	}
	for i := range f.v.Tasks {
		f.v.Tasks[i].ProtectedUntil = 0
		if f.v.Tasks[i].ContainerHealth != "" {
			f.v.Tasks[i].ContainerHealth = ecs.HealthStatusHealthy
		}
	}
	f.v.CapacityChanged, f.v.Alarms = true, nil
	f.answer = func(c HookCall, _ int) (HookAnswer, bool) {
		return HookAnswer{HookID: c.HookID, Status: ecs.LifecycleHookStatusSucceeded}, true
	}
	f.roll(fate{})
	for i := range f.v.State.Rollouts {
		if f.external() && i > 0 {
			f.scale(i, -1)
		}
	}
}

// check of one random history; law picks what is asserted at its end.
func history(seen map[string]int, end func(t *rapid.T, f *fleet)) func(*rapid.T) {
	return func(t *rapid.T) {
		f := newFleet(t, seen)
		for range rapid.IntRange(1, 25).Draw(t, "acts") {
			f.act(t)
		}
		end(t, f)
	}
}
