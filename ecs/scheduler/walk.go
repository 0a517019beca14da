package scheduler

import (
	"time"

	"github.com/bayplan/bayplan/ecs"
)

const (
	stageLimit      = 24 * time.Hour
	installLimit    = time.Hour
	deploymentLimit = 30 * 24 * time.Hour
	networkShift    = 10 * time.Minute // a Network Load Balancer takes that much longer
)

func (r *run) codeDeploys() bool {
	return controller(&r.v.Service) == ecs.DeploymentControllerTypeCodeDeploy
}

// inStages reports whether the service's deployments go by stages, or one under way does.
func (r *run) inStages() bool { return staged(&r.v.Service) || r.walking() >= 0 }

// walking returns the rollout that is within its stages, or -1.
func (r *run) walking() int {
	for i := range r.state.Rollouts {
		if s := &r.state.Rollouts[i].Stages; s.Stage != "" && !s.Over {
			return i
		}
	}
	return -1
}

// goingBack reports whether a deployment by stages is rolling back.
func (r *run) goingBack() bool {
	i := r.walking()
	return i >= 0 && r.state.Rollouts[i].Stages.Back
}

// stages plans a service with two revisions side by side: green walks through its stages
// as far as it can, and each revision is brought to the number of tasks its stage gives it.
func (r *run) stages() {
	n := r.desired()
	g := r.walking()
	if p := r.primary(); g < 0 && p >= 0 && r.state.Rollouts[p].RolloutState == ecs.DeploymentRolloutStateInProgress {
		g = p
	}
	if g >= 0 {
		r.walk(g)
	}
	p := r.primary()
	if p >= 0 && r.walking() < 0 && r.state.Rebalancing.Extra > 0 && r.state.Rollouts[p].DesiredCount == n {
		r.setTarget(p, n, n+r.state.Rebalancing.Extra)
		return
	}
	for i := range r.state.Rollouts {
		r.set(i, r.share(i, p, n))
	}
	if !r.blocked {
		r.untell(causeProtected)
	}
}

// share returns how many tasks of n rollout i has next to PRIMARY p.
func (r *run) share(i, p, n int) int {
	g := r.walking()
	if g < 0 {
		switch {
		case i == p:
			return n
		case p >= 0 && r.failed(p) &&
			(i == r.lastCompleted(p) || r.state.Rollouts[i].ID == r.state.Rollouts[p].Stages.Source):
			return n
		case r.codeDeploys() && r.v.Options.CodeDeploy.BlueAction == BlueActionKeepAlive &&
			r.state.Rollouts[i].RolloutState == ecs.DeploymentRolloutStateCompleted:
			return r.state.Rollouts[i].DesiredCount
		}
		return 0
	}
	s := &r.state.Rollouts[g].Stages
	switch {
	case i == g && s.Back:
		if s.Stage == ecs.LifecycleStageCleanUp {
			return 0
		}
		return n // what it has of them: a failed deployment starts none
	case i == g:
		if r.before(g, actScaleUp) {
			return 0
		}
		return n
	case r.state.Rollouts[i].ID == s.Source && (s.Back || s.Stage != ecs.LifecycleStageCleanUp):
		return n
	}
	return 0
}

// before reports whether rollout g has yet to reach the stage that does a.
func (r *run) before(g int, a act) bool {
	d := &r.state.Rollouts[g]
	for _, rule := range r.rules(d) {
		if rule.act == a {
			return false
		}
		if rule.stage == d.Stages.Stage {
			return true
		}
	}
	return false
}

// walk takes green through every stage that is over by now.
func (r *run) walk(g int) {
	if r.state.Rollouts[g].Stages.Stage == "" {
		d := r.rollout(g)
		d.Stages.Begun = r.now
		if b := r.blue(g); b >= 0 {
			d.Stages.Source = r.state.Rollouts[b].ID
		}
		if r.thirds(g) { // an unfinished deployment may have taken traffic
			r.setTraffic(d, ListenerProduction, 0)
			r.setTraffic(d, ListenerTest, 0)
		}
		r.enter(g, 0)
	}
	for !r.state.Rollouts[g].Stages.Over {
		if !r.tread(g) {
			return
		}
	}
}

// blue returns the rollout that green g is to take over from: the last completed one, or
// where there is none the newest that has healthy tasks; -1 if there is neither.
func (r *run) blue(g int) int {
	if b := r.lastCompleted(g); b >= 0 {
		return b
	}
	best := -1
	for i := range r.state.Rollouts {
		if t := r.tally(i); i != g && t.healthy+t.leaving > 0 &&
			(best < 0 || r.state.Rollouts[i].CreatedAt > r.state.Rollouts[best].CreatedAt) {
			best = i
		}
	}
	return best
}

// tread takes green one stage on, or begins its way back, and reports whether it did.
func (r *run) tread(g int) bool {
	d := &r.state.Rollouts[g]
	at := r.at(d)
	rule := r.rules(d)[at]
	waiting, failed := r.runHooks(g)
	switch {
	case d.Stages.Back:
	case failed:
		return r.halt(g, "a lifecycle hook failed", AutoRollbackEventFailure)
	case r.overdue(g, rule):
		return r.halt(g, "a lifecycle stage took too long", AutoRollbackEventFailure)
	}
	if !r.acted(g, rule.act) || waiting {
		return false
	}
	d = &r.state.Rollouts[g]
	if rule.act == actShift && !d.Stages.Back && d.Stages.Green < FullTraffic {
		if !r.codeDeploys() {
			at-- // before each step of traffic comes its own stage
		}
		r.enter(g, at)
		return true
	}
	if at+1 < len(r.rules(d)) {
		r.enter(g, at+1)
		return true
	}
	r.arrive(g)
	return true
}

// at returns the position of d's stage among its rules.
func (r *run) at(d *Rollout) int {
	for i, rule := range r.rules(d) {
		if rule.stage == d.Stages.Stage {
			return i
		}
	}
	return 0
}

// enter begins a stage, or another step of it: it sets traffic and calls the hooks.
func (r *run) enter(g, at int) {
	d := r.rollout(g)
	rule := r.rules(d)[at]
	if rule.act == actReconcile && !r.codeDeploys() && !r.thirds(g) {
		at++
		rule = r.rules(d)[at]
	}
	d.Stages.Stage, d.Stages.Since = rule.stage, r.now
	switch rule.act {
	case actTest:
		r.shiftTest(g)
	case actShift:
		r.shiftProduction(g)
	}
	d.Stages.Hooks = nil
	if rule.hooks {
		r.callHooks(g)
	}
}

// thirds reports whether there are tasks of neither green nor blue.
func (r *run) thirds(g int) bool {
	s := &r.state.Rollouts[g].Stages
	for i := range r.state.Rollouts {
		if t := r.tally(i); i != g && r.state.Rollouts[i].ID != s.Source && t.live()+t.stopping > 0 {
			return true
		}
	}
	return false
}

// acted reports whether what the stage does is done.
func (r *run) acted(g int, a act) bool {
	d := &r.state.Rollouts[g]
	switch a {
	case actReconcile:
		return !r.thirds(g)
	case actScaleUp:
		return r.tally(g).healthy >= r.desired()
	case actTest:
		return r.waited(d, r.traffic().settle)
	case actShift:
		return r.waited(d, r.traffic().settle+r.stepBake(d))
	case actReady:
		return r.v.Options.CodeDeploy.ReadyAction != ReadyActionStopDeployment || r.continued(d)
	case actBake:
		return r.continued(d) && r.codeDeploys() || r.waited(d, r.stageBake())
	case actCleanUp:
		return r.cleaned(g)
	}
	return true
}

// cleaned reports whether the revision that had to go is gone.
func (r *run) cleaned(g int) bool {
	d := &r.state.Rollouts[g]
	if d.Stages.Back {
		return r.tally(g).live()+r.tally(g).stopping == 0
	}
	if r.codeDeploys() && r.v.Options.CodeDeploy.BlueAction == BlueActionKeepAlive {
		return true
	}
	b := indexOf(r.state.Rollouts, d.Stages.Source)
	return b < 0 || r.tally(b).live()+r.tally(b).stopping == 0
}

// waited reports whether the stage has lasted for w, and wakes the scheduler when it has.
func (r *run) waited(d *Rollout, w time.Duration) bool {
	until := d.Stages.Since.Add(w)
	r.wake(until)
	return r.now >= until
}

func (r *run) continued(d *Rollout) bool {
	for _, q := range r.v.Requests {
		if q.Type == RequestTypeContinueDeployment && q.Deployment == d.ID {
			return true
		}
	}
	return false
}

func (r *run) stageBake() time.Duration {
	if r.codeDeploys() {
		if r.v.Options.CodeDeploy.BlueAction == BlueActionKeepAlive {
			return 0
		}
		return time.Duration(r.v.Options.CodeDeploy.TerminationWaitMinutes) * time.Minute
	}
	return time.Duration(r.v.Service.DeploymentConfiguration.BakeTimeInMinutes.Or(0)) * time.Minute
}

// overdue reports whether the stage, or the deployment, has taken longer than ECS allows.
func (r *run) overdue(g int, rule stageRule) bool {
	s := &r.state.Rollouts[g].Stages
	end := s.Begun.Add(deploymentLimit)
	switch {
	case rule.act == actReady && r.v.Options.CodeDeploy.ReadyAction == ReadyActionStopDeployment:
		if !r.continued(&r.state.Rollouts[g]) {
			end = min(end, s.Since.Add(minutes(r.v.Options.CodeDeploy.ReadyWaitMinutes)))
		}
	case rule.act == actScaleUp && r.codeDeploys():
		end = min(end, s.Since.Add(installLimit))
	case rule.act != actBake && !r.paused(g):
		end = min(end, s.Since.Add(max(stageLimit, r.stepBake(&r.state.Rollouts[g])+r.traffic().settle+1)))
	}
	r.wake(end)
	return r.now >= end
}

// halt ends the walk of green: natively by rolling back, with CodeDeploy only where the
// deployment group says so for that cause.
func (r *run) halt(g int, why string, cause AutoRollbackEvent) bool {
	r.fail(g, failure{
		reason: "ECS deployment failed: " + why + ".",
		event:  why + ".",
		back:   "ECS deployment failed: rolling back to deploymentId ",
	}, r.rollsBack(cause))
	return true
}

// stepBack turns green round: traffic returns to blue, which is PRIMARY again. Without a
// completed blue, both stay as they are, green FAILED.
func (r *run) stepBack(g int) {
	d := r.rollout(g)
	b := indexOf(r.state.Rollouts, d.Stages.Source)
	if b < 0 || r.state.Rollouts[b].RolloutState != ecs.DeploymentRolloutStateCompleted {
		d.RolloutState, d.ServiceDeploymentStatus = ecs.DeploymentRolloutStateFailed, ecs.ServiceDeploymentStatusStopped
		d.Stages.Over = true
		return
	}
	d.RolloutState = ecs.DeploymentRolloutStateFailed
	d.ServiceDeploymentStatus = ecs.ServiceDeploymentStatusRollbackInProgress
	d.Rollback = r.rollbackTo(b, d.RolloutStateReason)
	shifted, tested := d.Stages.Green > 0, d.Stages.Test
	d.Stages.Back = true
	r.promote(g, b, "ECS deployment "+d.ID+" failed: rolling back to deploymentId ")
	switch {
	case shifted:
		r.enter(g, 0)
	case tested:
		r.enter(g, 1)
	default:
		r.enter(g, 2)
	}
}

// arrive ends the walk: green is rolled out, or blue is back.
func (r *run) arrive(g int) {
	d := r.rollout(g)
	d.Stages.Over, d.Stages.Hooks = true, nil
	if !d.Stages.Back {
		r.succeed(g)
		return
	}
	if b := indexOf(r.state.Rollouts, d.Stages.Source); b >= 0 {
		r.succeed(b)
	}
}
