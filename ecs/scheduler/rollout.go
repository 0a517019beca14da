package scheduler

import (
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs"
)

// NewRollout returns what Deploy is to be given for a deployment of d: with the launch type or
// capacity provider strategy, the platform version and the network configuration of s, whether
// an essential container of d has a health check, and whether s has load balancers. id is the
// deployment's, such as "ecs-svc/1". The desired count is left to Deploy and Reconcile. The
// network configuration is shared with s.
func NewRollout(id string, s ecs.Service, d ecs.TaskDefinition) Rollout {
	return Rollout{
		Deployment: ecs.Deployment{ID: id, TaskDefinition: d.TaskDefinitionArn, LaunchType: s.LaunchType,
			CapacityProviderStrategy: slices.Clone(s.CapacityProviderStrategy),
			PlatformVersion:          s.PlatformVersion, NetworkConfiguration: s.NetworkConfiguration},
		ContainerHealthCheck: slices.ContainsFunc(d.ContainerDefinitions, func(c ecs.ContainerDefinition) bool {
			return c.IsEssential() && c.HealthCheck != nil
		}),
		LoadBalanced: len(s.LoadBalancers) > 0,
	}
}

// Deploy returns the state with a new deployment in front, PRIMARY and IN_PROGRESS; those
// before it become ACTIVE. Of d it reads what describes the revision, which [NewRollout] sets:
// ID, TaskDefinition and the other fields of ecs.Deployment that a caller sets,
// ContainerHealthCheck and LoadBalanced; and ServiceRevision. A deployment still under way is asked to stop; one
// that was being rolled back to is COMPLETED again. The state it is called on is not
// changed.
func (s State) Deploy(d Rollout, now time.Time) State {
	rs := make([]Rollout, 0, len(s.Rollouts)+1)
	rs = append(rs, Rollout{
		Deployment: d.Deployment, ServiceRevision: d.ServiceRevision,
		ContainerHealthCheck: d.ContainerHealthCheck, LoadBalanced: d.LoadBalanced,
		ServiceDeploymentStatus: ecs.ServiceDeploymentStatusPending,
	})
	n := &rs[0]
	n.Status, n.RolloutState = ecs.DeploymentStatusPrimary, ecs.DeploymentRolloutStateInProgress
	n.RolloutStateReason = "ECS deployment " + n.ID + " in progress."
	n.CreatedAt, n.UpdatedAt = ecs.At(now), ecs.At(now)
	n.PendingCount, n.RunningCount, n.FailedTasks = 0, 0, 0
	for _, old := range s.Rollouts {
		if old.Status == ecs.DeploymentStatusPrimary {
			old.Status, old.UpdatedAt = ecs.DeploymentStatusActive, ecs.At(now)
			if n.DesiredCount == 0 {
				n.DesiredCount = old.DesiredCount
			}
		}
		switch old.ServiceDeploymentStatus {
		case ecs.ServiceDeploymentStatusPending, ecs.ServiceDeploymentStatusInProgress:
			old.ServiceDeploymentStatus = ecs.ServiceDeploymentStatusStopRequested
		case ecs.ServiceDeploymentStatusRollbackInProgress:
			old.ServiceDeploymentStatus = ecs.ServiceDeploymentStatusRollbackFailed
		case ecs.ServiceDeploymentStatusSuccessful:
			// The target of a rollback that this one overtakes has been rolled out before.
			if old.RolloutState == ecs.DeploymentRolloutStateInProgress {
				old.RolloutState, old.RolloutStateReason = completed(old.ID)
			}
		}
		old.Stages = Stages{}
		rs = append(rs, old)
	}
	s.Rollouts = rs
	s.Rebalancing = Rebalancing{Busy: s.Rebalancing.Busy}
	return s
}

// demote gives a deployment that is no longer PRIMARY the desired count it keeps: what it
// had asked for if it was rolled out, and what it has otherwise.
func (r *run) demote() {
	for i := range r.state.Rollouts {
		d := &r.state.Rollouts[i]
		if d.ServiceDeploymentStatus == ecs.ServiceDeploymentStatusPending {
			r.rollout(i).ServiceDeploymentStatus = ecs.ServiceDeploymentStatusInProgress
		}
		older := d.Status != ecs.DeploymentStatusPrimary
		if d.Status == ecs.DeploymentStatusDraining || r.external() || d.Demoted == older {
			continue
		}
		d = r.rollout(i)
		d.Demoted = older
		if d.Demoted && d.RolloutState != ecs.DeploymentRolloutStateCompleted {
			d.DesiredCount = min(d.DesiredCount, r.living(d.ID))
		}
	}
}

// living counts the tasks of a deployment that are not told to stop.
func (r *run) living(id string) int {
	if r.census != nil {
		return r.census.cohorts[id].living()
	}
	n := 0
	for i := range r.v.Tasks {
		t := &r.v.Tasks[i]
		if t.Deployment == id && t.living() {
			n++
		}
	}
	return n
}

// failure is why a deployment ends, in the words of its record and event.
type failure struct{ reason, event, back string }

// fail ends rollout i and, if asked to, goes back to the last completed deployment. Without
// one the service stays as it is: no task is started.
func (r *run) fail(i int, f failure, rollback bool) {
	d := r.rollout(i)
	d.RolloutStateReason, d.UpdatedAt = f.reason, r.now
	r.ssay("(deployment %s) deployment failed: %s", d.ID, f.event)
	if r.codeDeploys() && !d.Stages.Back {
		d.Stages.Failed = d.Stages.Stage
	}
	if d.Stages.Stage != "" && rollback {
		r.stepBack(i)
		return
	}
	d.RolloutState = ecs.DeploymentRolloutStateFailed
	d.Stages.Over = d.Stages.Stage != ""
	r.endRollbacks(ecs.ServiceDeploymentStatusRollbackFailed)
	to := r.lastCompleted(i)
	if !rollback || to < 0 {
		if d.ServiceDeploymentStatus != ecs.ServiceDeploymentStatusSuccessful { // as the target of a rollback is
			d.ServiceDeploymentStatus = ecs.ServiceDeploymentStatusStopped
		}
		return
	}
	if d.ServiceDeploymentStatus == ecs.ServiceDeploymentStatusSuccessful {
		r.promote(i, to, f.back)
		return
	}
	d.ServiceDeploymentStatus = ecs.ServiceDeploymentStatusRollbackInProgress
	d.Rollback = r.rollbackTo(to, f.reason)
	r.promote(i, to, f.back)
}

// rollbackTo is the record of a rollback to rollout k that begins now.
func (r *run) rollbackTo(k int, reason string) Rollback {
	return Rollback{Reason: reason, Since: r.now, ServiceRevision: r.state.Rollouts[k].ServiceRevision}
}

// promote makes rollout to the PRIMARY in place of from, IN_PROGRESS for a reason that ends
// with its ID.
func (r *run) promote(from, to int, reason string) {
	d := r.rollout(from)
	d.Status, d.Demoted = ecs.DeploymentStatusActive, true
	d.DesiredCount = r.tally(from).live()
	t := &r.state.Rollouts[to]
	t.Status, t.Demoted = ecs.DeploymentStatusPrimary, false
	t.DesiredCount, t.UpdatedAt = r.desired(), r.now
	t.RolloutState, t.RolloutStateReason = ecs.DeploymentRolloutStateInProgress, reason+t.ID
	t.Failures, t.FailedTasks = 0, 0
	t.Throttle, t.PlaceAfter = Throttle{}, 0
	t.AlarmsSeen, t.AlarmsIgnored, t.BakingSince = false, false, 0
	r.ssay("rolling back to deployment %s.", t.ID)
	r.watchAlarms()
}

// lastCompleted returns the newest rollout but i that is COMPLETED, or -1.
func (r *run) lastCompleted(i int) int {
	best := -1
	for k := range r.state.Rollouts {
		d := &r.state.Rollouts[k]
		if k != i && d.RolloutState == ecs.DeploymentRolloutStateCompleted &&
			(best < 0 || d.CreatedAt > r.state.Rollouts[best].CreatedAt) {
			best = k
		}
	}
	return best
}

// complete ends a rolling deployment whose tasks are healthy and whose predecessors are
// gone, once its alarms have been watched for the bake time. With early success criteria it
// bakes as soon as enough tasks are healthy. Sources: Amazon ECS Developer Guide, "Complete
// Amazon ECS rolling deployments early with early success criteria" and "How CloudWatch
// alarms detect Amazon ECS deployment failures".
func (r *run) complete(p, n int) {
	if p < 0 || r.state.Rollouts[p].RolloutState != ecs.DeploymentRolloutStateInProgress {
		return
	}
	need, early := n, ecs.DeploymentEarlySuccessCriteria{}
	if e := r.v.Service.DeploymentConfiguration.EarlySuccessCriteria; e != nil && e.Enable {
		need, early = min(n, max(1, (n*e.HealthyPercent.Or(100)+99)/100)), *e
	}
	ready := r.tally(p).healthy+r.tally(p).leaving >= need
	clean := r.alone(p) || early.SourceServiceRevisionCleanup == "DEFERRED"
	if bake := r.bakeTime(p); bake > 0 {
		ready = r.baked(p, ready && (clean || early.Enable), bake)
	}
	if ready && clean {
		r.succeed(p)
	}
}

// alone reports whether no rollout but p has tasks.
func (r *run) alone(p int) bool {
	for i := range r.state.Rollouts {
		if t := r.tally(i); i != p && t.live()+t.stopping > 0 {
			return false
		}
	}
	return true
}

// baked reports whether rollout p has been ready for as long as it bakes.
func (r *run) baked(p int, ready bool, bake time.Duration) bool {
	d := &r.state.Rollouts[p]
	switch {
	case !ready && d.BakingSince != 0:
		r.rollout(p).BakingSince = 0
	case ready && d.BakingSince == 0:
		r.rollout(p).BakingSince = r.now
	}
	if !ready {
		return false
	}
	until := r.state.Rollouts[p].BakingSince.Add(bake)
	r.wake(until)
	return r.now >= until
}

// succeed marks rollout p COMPLETED, and those it is the end of a rollback for rolled back.
func (r *run) succeed(p int) {
	d := r.rollout(p)
	d.UpdatedAt = r.now
	d.RolloutState, d.RolloutStateReason = completed(d.ID)
	d.ServiceDeploymentStatus = ecs.ServiceDeploymentStatusSuccessful
	r.ssay("(deployment %s) deployment completed.", d.ID)
	r.endRollbacks(ecs.ServiceDeploymentStatusRollbackSuccessful)
}

// completed returns the rollout state, and its reason, of a deployment that is rolled out.
func completed(id string) (ecs.DeploymentRolloutState, string) {
	return ecs.DeploymentRolloutStateCompleted, "ECS deployment " + id + " completed."
}

// endRollbacks gives the deployments that are being rolled back their last status.
func (r *run) endRollbacks(status ecs.ServiceDeploymentStatus) {
	for i := range r.state.Rollouts {
		if r.state.Rollouts[i].ServiceDeploymentStatus == ecs.ServiceDeploymentStatusRollbackInProgress {
			r.rollout(i).ServiceDeploymentStatus = status
		}
	}
}

// retire takes deployments without tasks off the list, except those that a rollback could
// still go back to, and those that one is under way from.
func (r *run) retire() {
	p := r.primary()
	for i := 0; i < len(r.state.Rollouts); i++ {
		d, t := &r.state.Rollouts[i], r.tally(i)
		if i == p || t.live()+t.stopping > 0 || r.needed(d, p) {
			continue
		}
		d = r.rollout(i)
		d.Status, d.DesiredCount = ecs.DeploymentStatusInactive, 0
		if d.ServiceDeploymentStatus == ecs.ServiceDeploymentStatusStopRequested {
			d.ServiceDeploymentStatus = ecs.ServiceDeploymentStatusStopped
		}
		r.p.Ended = append(r.p.Ended, *d)
		r.state.Rollouts = slices.Delete(r.state.Rollouts, i, i+1)
		for k := i; k < len(r.state.Rollouts); k++ {
			*r.tally(k) = *r.tally(k + 1)
		}
		if i < p {
			p--
		}
		i--
	}
}

func (r *run) needed(d *Rollout, p int) bool {
	if d.Stages.Stage != "" && !d.Stages.Over {
		return true
	}
	if r.external() {
		return d.Status != ecs.DeploymentStatusDraining
	}
	if p < 0 || r.state.Rollouts[p].RolloutState == ecs.DeploymentRolloutStateCompleted {
		return false
	}
	return d.RolloutState == ecs.DeploymentRolloutStateCompleted ||
		d.ServiceDeploymentStatus == ecs.ServiceDeploymentStatusRollbackInProgress
}

// drain stops everything: the service is being deleted.
func (r *run) drain() {
	r.stopAll()
	for i := range r.state.Rollouts {
		*r.tally(i) = tally{stopping: r.tally(i).live() + r.tally(i).stopping}
		if r.state.Rollouts[i].DesiredCount != 0 {
			r.rollout(i).DesiredCount = 0
		}
	}
}

// stopAll names every task of a known deployment that does not stop yet.
func (r *run) stopAll() {
	if r.census != nil {
		for _, e := range r.census.remaining() {
			r.stopNamed(e.cohort.id, e.id, scaling(e.cohort.id))
		}
		return
	}
	for i := range r.v.Tasks {
		t := &r.v.Tasks[i]
		k := indexOf(r.state.Rollouts, t.Deployment)
		if k < 0 {
			continue
		}
		if c, _ := checksOf(&r.v.Service, &r.state.Rollouts[k]).judge(t, r.now); c < standsExpelled {
			r.stopNamed(t.Deployment, t.ID, scaling(t.Deployment))
		}
	}
}

// Deployments returns the service's deployments as DescribeServices shows them, newest
// first, with pendingCount and runningCount of the tasks. Behind a Classic Load Balancer they
// have no rolloutState. Source: Amazon ECS API Reference, Deployment.
func (v View) Deployments() []ecs.Deployment {
	ds := make([]ecs.Deployment, len(v.State.Rollouts))
	for i := range v.State.Rollouts {
		ds[i] = v.State.Rollouts[i].Deployment
		if classic(&v.Service) != "" {
			ds[i].RolloutState, ds[i].RolloutStateReason = "", ""
		}
	}
	for i := range v.Tasks {
		t := &v.Tasks[i]
		k := indexOf(v.State.Rollouts, t.Deployment)
		switch {
		case k < 0 || t.DesiredStatus == ecs.DesiredStatusStopped:
		case t.LastStatus == ecs.TaskStatusRunning:
			ds[k].RunningCount++
		case !t.LastStatus.Over():
			ds[k].PendingCount++
		}
	}
	return ds
}
