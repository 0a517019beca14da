package control

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/services"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

// DeploymentAlarms says which alarms a deployment watches, and which of them fired.
type DeploymentAlarms struct {
	Status              string   `json:"status"` // DISABLED, MONITORING, MONITORING_COMPLETE or TRIGGERED
	AlarmNames          []string `json:"alarmNames,omitzero"`
	TriggeredAlarmNames []string `json:"triggeredAlarmNames,omitzero"` // those in ALARM now, once TRIGGERED
}

// DeploymentRollback says why, since when and to which service revision a deployment is rolled
// back, or was.
type DeploymentRollback struct {
	Reason             string      `json:"reason,omitzero"`
	StartedAt          ecs.Instant `json:"startedAt,omitzero"`
	ServiceRevisionArn string      `json:"serviceRevisionArn,omitzero"` // the revision that it goes back to
}

// LifecycleHookDetail is the status of one hook of a deployment's present stage.
type LifecycleHookDetail struct {
	HookID        string                      `json:"hookId"`
	Status        ecs.LifecycleHookStatus     `json:"status"`
	TargetType    ecs.LifecycleHookTargetType `json:"targetType,omitzero"`    // AWS_LAMBDA or PAUSE
	TargetArn     string                      `json:"targetArn,omitzero"`     // of the function
	ExpiresAt     ecs.Instant                 `json:"expiresAt,omitzero"`     // when it times out
	TimeoutAction ecs.LifecycleHookAction     `json:"timeoutAction,omitzero"` // what follows then: ROLLBACK or CONTINUE
}

// deploymentAlarms is how the alarms of a deployment stand. Alarms that fired when it started are not
// watched.
func (p *Plane) deploymentAlarms(s *services.Service, r scheduler.Rollout) *DeploymentAlarms {
	config := s.Record.DeploymentConfiguration.Alarms
	if config == nil || !config.Enable {
		return nil
	}
	v := &DeploymentAlarms{Status: "MONITORING", AlarmNames: slices.Clone(config.AlarmNames)}
	switch {
	case r.AlarmsIgnored:
		v.Status = "DISABLED"
	case r.AlarmsTriggered:
		v.Status = "TRIGGERED"
		for _, a := range p.rollout.AlarmsOf(s) {
			if a.State == ecs.AlarmStateAlarm {
				v.TriggeredAlarmNames = append(v.TriggeredAlarmNames, a.Name)
			}
		}
	case r.ServiceDeploymentStatus.Over():
		v.Status = "MONITORING_COMPLETE"
	}
	return v
}

func deploymentRollback(r scheduler.Rollout) *DeploymentRollback {
	if r.Rollback == (scheduler.Rollback{}) {
		return nil
	}
	return &DeploymentRollback{
		Reason: r.Rollback.Reason, StartedAt: r.Rollback.Since, ServiceRevisionArn: r.Rollback.ServiceRevision,
	}
}

// hookDetails lists the hooks of the stage that a deployment is in.
func hookDetails(s *services.Service, r scheduler.Rollout) []LifecycleHookDetail {
	var list []LifecycleHookDetail
	hooks := s.Record.DeploymentConfiguration.LifecycleHooks
	for _, h := range r.Stages.Hooks {
		v := LifecycleHookDetail{HookID: h.ID, Status: h.Status}
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
func (v *ServiceRevisionSummary) weigh(r scheduler.Rollout, deployment string) {
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
