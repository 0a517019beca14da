package show

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/services"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

// deploymentAlarms is how the alarms of a deployment stand. Alarms that fired when it started are not
// watched.
func (m *Room) deploymentAlarms(s *services.Service, r scheduler.Rollout) *api.DeploymentAlarms {
	config := s.Record.DeploymentConfiguration.Alarms
	if config == nil || !config.Enable {
		return nil
	}
	v := &api.DeploymentAlarms{Status: "MONITORING", AlarmNames: slices.Clone(config.AlarmNames)}
	switch {
	case r.AlarmsIgnored:
		v.Status = "DISABLED"
	case r.AlarmsTriggered:
		v.Status = "TRIGGERED"
		for _, a := range m.Rollout.AlarmsOf(s) {
			if a.State == ecs.AlarmStateAlarm {
				v.TriggeredAlarmNames = append(v.TriggeredAlarmNames, a.Name)
			}
		}
	case r.ServiceDeploymentStatus.Over():
		v.Status = "MONITORING_COMPLETE"
	}
	return v
}

func deploymentRollback(r scheduler.Rollout) *api.DeploymentRollback {
	if r.Rollback == (scheduler.Rollback{}) {
		return nil
	}
	return &api.DeploymentRollback{
		Reason: r.Rollback.Reason, StartedAt: r.Rollback.Since, ServiceRevisionArn: r.Rollback.ServiceRevision,
	}
}

// hookDetails lists the hooks of the stage that a deployment is in.
func hookDetails(s *services.Service, r scheduler.Rollout) []api.LifecycleHookDetail {
	var list []api.LifecycleHookDetail
	hooks := s.Record.DeploymentConfiguration.LifecycleHooks
	for _, h := range r.Stages.Hooks {
		v := api.LifecycleHookDetail{HookID: h.ID, Status: h.Status}
		if h.Index < len(hooks) {
			limit, action := scheduler.HookTimeout(hooks[h.Index])
			v.ExpiresAt, v.TimeoutAction = h.Since.Add(limit), action
			if v.TargetType = ecs.LifecycleHookTargetTypePause; hooks[h.Index].TargetType != v.TargetType {
				v.TargetType, v.TargetArn = ecs.LifecycleHookTargetTypeAWSLambda, hooks[h.Index].HookTargetArn
			}
		}
		list = append(list, v)
	}
	return list
}

// weigh sets what share of production and of test traffic a revision is to have, in percent, of
// a deployment that shifts traffic.
func weigh(v *api.ServiceRevisionSummary, r scheduler.Rollout, deployment string) {
	if r.Stages.Begun == 0 || deployment != r.ID && deployment != r.Stages.Source {
		return
	}
	production, test := r.Stages.Green, 0
	if r.Stages.Test {
		test = 1000
	}
	if deployment != r.ID {
		production, test = 1000-production, 1000-test
	}
	v.RequestedProductionTrafficWeight = ecs.Some(float64(production) / 10)
	v.RequestedTestTrafficWeight = ecs.Some(float64(test) / 10)
}
