package codedeploy

import (
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	cd "github.com/bayplan/bayplan/ecs/codedeploy"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/services"
	"github.com/bayplan/bayplan/ecs/control/internal/targets"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

// info shows a deployment.
func (m *Room) info(d *Deployment) cd.DeploymentInfo {
	if d.Last != nil {
		return *d.Last
	}
	g := d.of
	info := cd.DeploymentInfo{ApplicationName: g.Application, DeploymentGroupName: g.Name,
		DeploymentConfigName: d.Config,
		DeploymentID:         d.ID, Revision: d.Input.Revision, Status: scheduler.CodeDeployStatusFailed,
		CreateTime: d.At,
		StartTime:  d.At, Description: d.Input.Description, Creator: "user",
		AutoRollbackConfiguration: d.Input.AutoRollbackConfiguration, DeploymentStyle: g.Record.DeploymentStyle,
		BlueGreenDeploymentConfiguration: waits(g.Record.BlueGreenDeploymentConfiguration),
		LoadBalancerInfo:                 g.Record.LoadBalancerInfo, ComputePlatform: cd.ComputePlatformECS,
		OverrideAlarmConfiguration: d.Input.OverrideAlarmConfiguration}
	if info.AutoRollbackConfiguration == nil {
		info.AutoRollbackConfiguration = g.Record.AutoRollbackConfiguration
	}
	if _, r, ok := m.rollout(d); ok {
		info.Status = r.CodeDeployStatus()
		info.InstanceTerminationWaitTimeStarted = r.Stages.Stage == scheduler.StageTerminationWait
		if over(info.Status) {
			info.CompleteTime = r.UpdatedAt
		}
		if info.Status == scheduler.CodeDeployStatusFailed || info.Status == scheduler.CodeDeployStatusStopped {
			info.ErrorInformation = why(d, r)
		}
		if r.Rollback.Since != 0 {
			info.RollbackInfo = &cd.RollbackInfo{RollbackDeploymentID: d.Rollback,
				RollbackMessage: "The deployment is rolled back to the last good revision."}
		}
	} else {
		info.ErrorInformation = &cd.ErrorInformation{Code: "INVALID_ECS_SERVICE",
			Message: "The service does not have the deployment any more."}
	}
	if d.Stopped && info.Status == scheduler.CodeDeployStatusFailed {
		info.Status = scheduler.CodeDeployStatusStopped
	}
	info.DeploymentOverview = overview(info.Status)
	return info
}

// overview counts the one target of a deployment.
func overview(s scheduler.CodeDeployStatus) (o cd.DeploymentOverview) {
	switch s {
	case scheduler.CodeDeployStatusCreated:
		o.Pending = 1
	case scheduler.CodeDeployStatusReady:
		o.Ready = 1
	case scheduler.CodeDeployStatusSucceeded:
		o.Succeeded = 1
	case scheduler.CodeDeployStatusFailed, scheduler.CodeDeployStatusStopped:
		o.Failed = 1
	default:
		o.InProgress = 1
	}
	return o
}

// why says why a deployment failed. Source: AWS CodeDeploy User Guide, "Troubleshoot Amazon ECS deployment issues".
func why(d *Deployment, r scheduler.Rollout) *cd.ErrorInformation {
	reason := r.Rollback.Reason
	if reason == "" {
		reason = r.RolloutStateReason
	}
	switch {
	case d.Stopped:
		return &cd.ErrorInformation{Code: "MANUAL_STOP", Message: "The deployment was stopped by a user."}
	case r.AlarmsTriggered:
		return &cd.ErrorInformation{Code: "ALARM_ACTIVE", Message: "One or more alarms have been activated according " +
			"to the Amazon CloudWatch metrics you selected, and the affected deployments have been stopped."}
	case strings.Contains(reason, "a lifecycle hook failed"):
		return &cd.ErrorInformation{Code: "HOOK_EXECUTION_FAILURE", Message: "The deployment failed because one or " +
			"more of the lifecycle event validation functions failed."}
	case strings.Contains(reason, "took too long"):
		return &cd.ErrorInformation{Code: "TIMEOUT", Message: "The deployment timed out while waiting for the " +
			"replacement task set to become healthy. This time out period is 60 minutes."}
	}
	return &cd.ErrorInformation{Code: "ECS_UPDATE_ERROR", Message: reason}
}

// rollbackInfo shows the deployment that rolls another one back.
func (m *Room) rollbackInfo(d *Deployment) cd.DeploymentInfo {
	info := m.info(d)
	info.DeploymentID, info.Creator, info.ErrorInformation = d.Rollback, "codeDeployRollback", nil
	info.RollbackInfo = &cd.RollbackInfo{RollbackTriggeringDeploymentID: d.ID}
	info.Revision, info.Status = nil, scheduler.CodeDeployStatusSucceeded
	if _, r, ok := m.rollout(d); ok && !r.Stages.Over {
		info.Status, info.CompleteTime = scheduler.CodeDeployStatusInProgress, 0
	}
	info.DeploymentOverview = overview(info.Status)
	return info
}

// GetDeployment shows a deployment.
func (m *Room) GetDeployment(in cd.DeploymentInput) (out cd.GetDeploymentOutput, err error) {
	d, err := m.find(in.DeploymentID)
	switch {
	case err != nil:
	case in.DeploymentID == d.Rollback:
		out.DeploymentInfo = m.rollbackInfo(d)
	default:
		out.DeploymentInfo = m.info(d)
	}
	return out, err
}

// BatchGetDeployments shows deployments; those that are not there are left out.
func (m *Room) BatchGetDeployments(in cd.BatchGetDeploymentsInput) (out cd.BatchGetDeploymentsOutput, err error) {
	out.DeploymentsInfo = []cd.DeploymentInfo{}
	const most = 25
	if n := len(in.DeploymentIDs); n > most {
		return out, core.Fault(cd.BatchLimitExceeded, "deploymentIds", "A call names at most %d; these are %d.", most,
			n)
	}
	for _, id := range in.DeploymentIDs {
		if one, err := m.GetDeployment(cd.DeploymentInput{DeploymentID: id}); err == nil {
			out.DeploymentsInfo = append(out.DeploymentsInfo, one.DeploymentInfo)
		}
	}
	return out, nil
}

// ListDeployments lists the IDs of deployments, of a group or of all, in order.
func (m *Room) ListDeployments(in cd.ListDeploymentsInput) (out cd.ListDeploymentsOutput, err error) {
	if err := in.Validate(); err != nil {
		return out, err
	}
	var groups []*Group
	if in.ApplicationName != "" || in.DeploymentGroupName != "" {
		g, err := m.group(in.ApplicationName, in.DeploymentGroupName)
		if err != nil {
			return out, err
		}
		groups = []*Group{g}
	} else {
		for _, a := range m.state.Applications {
			groups = append(groups, a.Groups...)
		}
	}
	var ids []string
	for _, g := range groups {
		for _, d := range g.Deployments {
			all := []cd.DeploymentInfo{m.info(d)}
			if all[0].RollbackInfo != nil {
				all = append(all, m.rollbackInfo(d))
			}
			for _, i := range all {
				if lists(in, i) {
					ids = append(ids, i.DeploymentID)
				}
			}
		}
	}
	out.Deployments, out.NextToken, err = page(ids, in.NextToken)
	return out, err
}

// lists reports whether a list has a deployment.
func lists(in cd.ListDeploymentsInput, i cd.DeploymentInfo) bool {
	if len(in.IncludeOnlyStatuses) > 0 && !slices.Contains(in.IncludeOnlyStatuses, i.Status) {
		return false
	}
	r := in.CreateTimeRange
	return r == nil || (r.Start == 0 || i.CreateTime >= r.Start) && (r.End == 0 || i.CreateTime <= r.End)
}

// targetID is the name of the one target of a deployment.
func targetID(g *Group) string {
	of := g.Record.EcsServices[0]
	return core.NameOf(of.ClusterName) + ":" + core.NameOf(of.ServiceName)
}

// ListDeploymentTargets lists the one target of a deployment.
func (m *Room) ListDeploymentTargets(in cd.ListDeploymentTargetsInput) (out cd.ListDeploymentTargetsOutput, err error) {
	d, err := m.find(in.DeploymentID)
	if err == nil && in.NextToken != "" {
		err = core.Fault(cd.InvalidNextToken, "nextToken", "There is one page.")
	}
	if err != nil {
		return out, err
	}
	return cd.ListDeploymentTargetsOutput{TargetIDs: []string{targetID(d.of)}}, nil
}

// GetDeploymentTarget shows how far the service of a deployment has come.
func (m *Room) GetDeploymentTarget(in cd.GetDeploymentTargetInput) (out cd.GetDeploymentTargetOutput, err error) {
	d, err := m.find(in.DeploymentID)
	switch {
	case err != nil:
		return out, err
	case in.TargetID == "":
		return out, core.Fault(cd.DeploymentTargetIDRequired, "targetId", "targetId is required.")
	case in.TargetID != targetID(d.of):
		return out, core.Fault(cd.DeploymentTargetDoesNotExist, "targetId", "The target %s does not exist.",
			in.TargetID)
	}
	out.DeploymentTarget = cd.DeploymentTarget{DeploymentTargetType: "ECSTarget", EcsTarget: m.target(d,
		in.DeploymentID)}
	return out, nil
}

// BatchGetDeploymentTargets shows targets of a deployment.
func (m *Room) BatchGetDeploymentTargets(
	in cd.BatchGetDeploymentTargetsInput,
) (out cd.BatchGetDeploymentTargetsOutput, err error) {
	out.DeploymentTargets = []cd.DeploymentTarget{}
	for _, id := range in.TargetIDs {
		one, err := m.GetDeploymentTarget(cd.GetDeploymentTargetInput{DeploymentID: in.DeploymentID, TargetID: id})
		if err != nil {
			return out, err
		}
		out.DeploymentTargets = append(out.DeploymentTargets, one.DeploymentTarget)
	}
	return out, nil
}

func (m *Room) target(d *Deployment, id string) cd.ECSTarget {
	t := cd.ECSTarget{DeploymentID: id, TargetID: targetID(d.of), LifecycleEvents: []cd.LifecycleEvent{},
		TaskSetsInfo: []cd.TaskSetInfo{}, Status: status(m.info(d).Status)}
	of := d.of.Record.EcsServices[0]
	t.TargetArn = m.Core.ARN("ecs", "service/"+core.NameOf(of.ClusterName)+"/"+core.NameOf(of.ServiceName))
	s, r, ok := m.rollout(d)
	if !ok {
		return t
	}
	t.LastUpdatedAt = r.UpdatedAt
	t.LifecycleEvents = events(s, r)
	if blue, ok := s.Rollout(r.Stages.Source); ok {
		t.TaskSetsInfo = append(t.TaskSetsInfo, taskSet(s, blue, "Blue", scheduler.FullTraffic-r.Stages.Green))
	}
	t.TaskSetsInfo = append(t.TaskSetsInfo, taskSet(s, r, "Green", r.Stages.Green))
	return t
}

// status is the status of the target of a deployment.
func status(s scheduler.CodeDeployStatus) string {
	switch s {
	case scheduler.CodeDeployStatusSucceeded:
		return cd.EventSucceeded
	case scheduler.CodeDeployStatusFailed, scheduler.CodeDeployStatusStopped:
		return cd.EventFailed
	case scheduler.CodeDeployStatusCreated:
		return cd.EventPending
	}
	return cd.EventInProgress
}

// events shows the life-cycle events of a rollout: those before its stage have succeeded.
func events(s *services.Service, r scheduler.Rollout) (list []cd.LifecycleEvent) {
	stage, broken := r.Stages.Stage, r.Stages.Failed != ""
	if broken {
		stage = r.Stages.Failed
	}
	all := scheduler.CodeDeployStages()
	at := slices.Index(all, stage)
	done := r.RolloutState == ecs.DeploymentRolloutStateCompleted || stage == ecs.LifecycleStageCleanUp && !broken
	for i, event := range all {
		switch event {
		case scheduler.StageReadyWait, scheduler.StageTerminationWait, ecs.LifecycleStageCleanUp:
			continue // AWS shows no event for them
		}
		e := cd.LifecycleEvent{LifecycleEventName: string(event), Status: cd.EventPending}
		switch {
		case done || i < at:
			e.Status = cd.EventSucceeded
		case i > at && broken:
			e.Status = cd.EventSkipped
		case i == at && broken:
			e.Status = cd.EventFailed
		case i == at:
			e.Status, e.StartTime = cd.EventInProgress, r.Stages.Since
			e.Diagnostics = underWay(s, r)
		}
		list = append(list, e)
	}
	return list
}

// underWay says under which ID the hook of the stage may report.
func underWay(s *services.Service, r scheduler.Rollout) *cd.Diagnostics {
	for _, h := range r.Stages.Hooks {
		if hooks := s.CodeDeploy.Group.Hooks; h.Index < len(hooks) && h.Status == ecs.LifecycleHookStatusInProgress {
			return &cd.Diagnostics{ScriptName: hooks[h.Index].HookTargetArn,
				Message: "LifecycleEventHookExecutionId " + executionID(h.ID)}
		}
	}
	return nil
}

func taskSet(s *services.Service, r scheduler.Rollout, label string, tenths int) cd.TaskSetInfo {
	t := cd.TaskSetInfo{Identifier: r.ID, DesiredCount: r.DesiredCount, TrafficWeight: float64(tenths) / 10,
		Status: string(ecs.DeploymentStatusActive), TaskSetLabel: label}
	if r.ID == primary(s) {
		t.Status = string(ecs.DeploymentStatusPrimary)
	}
	if list := s.LoadBalancersOf(r.ID); len(list) > 0 {
		t.TargetGroup = &cd.TargetGroupInfo{Name: targets.GroupName(list[0].TargetGroupArn)}
	}
	for task := range s.Tasks() {
		switch {
		case task.Deployment != r.ID:
		case task.Status() == ecs.TaskStatusRunning:
			t.RunningCount++
		case task.Status().Starting():
			t.PendingCount++
		}
	}
	return t
}
