package scheduler

import (
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs"
)

// watchAlarms ends the PRIMARY deployment when one of its alarms fires. Alarms that fire
// when a deployment starts are ignored, all of them, for as long as it lasts. Source: Amazon
// ECS Developer Guide, "How CloudWatch alarms detect Amazon ECS deployment failures".
func (r *run) watchAlarms() {
	p := r.primary()
	names, rollback := r.alarms()
	if len(names) == 0 || r.external() || r.goingBack() || !r.underWay(p) {
		return
	}
	firing := false
	for _, a := range r.v.Alarms {
		firing = firing || a.State == ecs.AlarmStateAlarm && slices.Contains(names, a.Name)
	}
	d := &r.state.Rollouts[p]
	if !d.AlarmsSeen {
		d = r.rollout(p)
		d.AlarmsSeen, d.AlarmsIgnored = true, firing
		return
	}
	if firing && !d.AlarmsIgnored {
		r.rollout(p).AlarmsTriggered = true
		r.fail(p, failure{
			reason: "ECS deployment failed: alarm detected.",
			event:  "alarm detected.",
			back:   "ECS deployment alarm: rolling back to deploymentId ",
		}, rollback)
	}
}

// underWay reports whether there is a PRIMARY rollout p and it is IN_PROGRESS.
func (r *run) underWay(p int) bool {
	return p >= 0 && r.state.Rollouts[p].RolloutState == ecs.DeploymentRolloutStateInProgress
}

// alarms returns the names of the alarms to watch, and whether they roll back.
func (r *run) alarms() (names []string, rollback bool) {
	if controller(&r.v.Service) == ecs.DeploymentControllerTypeCodeDeploy {
		c := &r.v.Options.CodeDeploy
		return c.AlarmNames, slices.Contains(c.AutoRollback, AutoRollbackEventStopOnAlarm)
	}
	if a := r.v.Service.DeploymentConfiguration.Alarms; a != nil && a.Enable {
		return a.AlarmNames, a.Rollback
	}
	return nil, false
}

// alarmBakeTime is how long alarms are watched where nothing else is asked for. AWS works it
// out from the alarms' settings and calls less than five minutes typical.
const alarmBakeTime = 5 * time.Minute

// bakeTime returns how long rolling deployment p watches its alarms at the end.
func (r *run) bakeTime(p int) time.Duration {
	if names, _ := r.alarms(); len(names) == 0 || r.state.Rollouts[p].AlarmsIgnored {
		return 0
	}
	if m, ok := r.v.Service.DeploymentConfiguration.BakeTimeInMinutes.Get(); ok {
		return time.Duration(m) * time.Minute
	}
	return alarmBakeTime
}

// answerRequests does what operators ask of the PRIMARY deployment while it is in flight.
// Source: Amazon ECS API Reference, StopServiceDeployment.
func (r *run) answerRequests() {
	for _, q := range r.v.Requests {
		p := r.primary()
		if r.external() || !r.underWay(p) || r.state.Rollouts[p].ID != q.Deployment {
			continue
		}
		switch q.Type {
		case RequestTypeRollback:
			r.fail(p, failure{
				reason: "ECS deployment stopped: rollback requested.",
				event:  "rollback requested.",
				back:   "ECS deployment rollback requested: rolling back to deploymentId ",
			}, true)
		case RequestTypeAbort:
			r.fail(p, failure{reason: "ECS deployment stopped.", event: "stopped on request."}, false)
		}
	}
}
