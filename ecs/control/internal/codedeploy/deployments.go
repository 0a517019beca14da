package codedeploy

import (
	"encoding/base64"
	"fmt"
	"slices"

	"github.com/bayplan/bayplan/ecs"
	cd "github.com/bayplan/bayplan/ecs/codedeploy"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/services"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

// CreateDeployment starts a deployment of a group's service; there is one at a time.
func (m *Room) CreateDeployment(in cd.CreateDeploymentInput) (out cd.CreateDeploymentOutput, err error) {
	g, err := m.group(in.ApplicationName, in.DeploymentGroupName)
	if err != nil {
		return out, err
	}
	if err := in.AutoRollbackConfiguration.Validate(); err != nil {
		return out, err
	}
	spec, err := in.Revision.Spec()
	if err != nil {
		return out, err
	}
	name := in.DeploymentConfigName
	if name == "" {
		name = g.Record.DeploymentConfigName
	}
	config, err := m.config(name)
	if err != nil {
		return out, err
	}
	for _, d := range g.Deployments {
		if !over(m.info(d).Status) {
			return out, core.Fault(cd.DeploymentLimitExceeded, "deploymentGroupName",
				"The Deployment Group '%s' already has an active Deployment '%s'", g.Name, d.ID)
		}
	}
	s, err := m.service(g.Record)
	if err != nil {
		return out, err
	}
	by, err := m.replacementOf(g, s, spec, in, config)
	if err != nil {
		return out, err
	}
	id, err := m.replace(s, by)
	if err != nil {
		return out, core.Fault(cd.InvalidRevision, "revision", "The service cannot be deployed so: %s", core.Says(err))
	}
	d := &Deployment{ID: m.deploymentID(), Rollback: m.deploymentID(), Rollout: id, Config: name, At: m.Core.Now(),
		Input: in}
	for _, before := range g.Deployments { // its rollout may be forgotten before the next one ends
		if before.Last == nil {
			last := m.info(before)
			before.Last = &last
		}
	}
	if len(g.Deployments) >= mostDeployments {
		m.forget(g, 1)
	}
	g.Deployments = append(g.Deployments, d)
	m.enter(g, d)
	return cd.CreateDeploymentOutput{DeploymentID: d.ID}, nil
}

// replace starts the deployment of a service, and puts green behind the listeners, without traffic as yet.
func (m *Room) replace(s *services.Service, by replacement) (string, error) {
	if !m.Balancers.Groups.Own() {
		return m.start(s, by)
	}
	source := primary(s)
	if err := m.behind(by, s.LoadBalancersOf(source)[0].TargetGroupArn); err != nil {
		return "", err
	}
	id, err := m.start(s, by)
	if err == nil {
		m.Rollout.ShiftTraffic(s, scheduler.Traffic{Listener: scheduler.ListenerProduction, Source: source, Target: id})
		m.Rollout.ShiftTraffic(s, scheduler.Traffic{Listener: scheduler.ListenerTest, Source: source, Target: id})
	}
	return id, err
}

// behind refuses listeners that do not forward to blue, or cannot forward to green.
// Source: AWS CodeDeploy User Guide, "Troubleshoot Amazon ECS deployment issues".
func (m *Room) behind(by replacement, blue string) error {
	for _, arn := range []string{by.CodeDeploy.Production, by.CodeDeploy.Test} {
		if arn == "" {
			continue
		}
		is, err := m.Balancers.Behind(arn, blue, by.LoadBalancers[0].TargetGroupArn)
		if err == nil && !is {
			err = fmt.Errorf("primary taskset target group must be behind listener %s", arn)
		}
		if err != nil {
			return fmt.Errorf("the ELB could not be updated due to the following error: %w", err)
		}
	}
	return nil
}

// replacementOf is what a deployment changes of its service.
func (m *Room) replacementOf(
	g *Group, s *services.Service, spec cd.AppSpec, in cd.CreateDeploymentInput, config cd.DeploymentConfig,
) (by replacement, err error) {
	if by.Definition, err = m.Registry.ResolveForUse(spec.TaskDefinition); err != nil {
		return by, core.Fault(cd.InvalidRevision, "revision", "The task definition %s cannot be used: %s",
			spec.TaskDefinition, core.Says(err))
	}
	_, green, err := m.turn(g.Record, s)
	if err != nil {
		return by, err
	}
	by.LoadBalancers = []ecs.LoadBalancer{{TargetGroupArn: green, ContainerName: spec.ContainerName,
		ContainerPort: spec.ContainerPort}}
	by.Network, by.Platform = spec.NetworkConfiguration, spec.PlatformVersion
	by.Strategy = spec.CapacityProviderStrategy
	asked := g.Record
	if in.AutoRollbackConfiguration != nil {
		asked.AutoRollbackConfiguration = in.AutoRollbackConfiguration
	}
	if in.OverrideAlarmConfiguration != nil {
		asked.AlarmConfiguration = in.OverrideAlarmConfiguration
	}
	by.CodeDeploy.Group = asked.Scheduled(config.TrafficRoutingConfig.Routing())
	by.CodeDeploy.Group.Hooks = spec.Lifecycle(func(name string) string {
		return m.Core.ARN("lambda", "function:"+name)
	})
	pair := g.Record.Pair()
	by.CodeDeploy.Production = pair.ProdTrafficRoute.ListenerArns[0]
	if t := pair.TestTrafficRoute; t != nil && len(t.ListenerArns) > 0 {
		by.CodeDeploy.Test = t.ListenerArns[0]
	}
	return by, nil
}

// over reports whether a deployment has ended.
func over(s scheduler.CodeDeployStatus) bool {
	return slices.Contains([]scheduler.CodeDeployStatus{scheduler.CodeDeployStatusSucceeded,
		scheduler.CodeDeployStatusFailed, scheduler.CodeDeployStatusStopped}, s)
}

// find finds a deployment by its ID, or that of its rollback.
func (m *Room) find(id string) (*Deployment, error) {
	d, ok := m.byID[id]
	switch {
	case id == "":
		return nil, core.Fault(cd.DeploymentIDRequired, "deploymentId", "deploymentId is required.")
	case !ok && !cd.IsDeploymentID(id):
		return nil, core.Fault(cd.InvalidDeploymentID, "deploymentId",
			"A deployment ID is d- and nine capital letters and digits.")
	case !ok || id == d.Rollback && !m.rollsBack(d):
		return nil, core.Fault(cd.DeploymentDoesNotExist, "deploymentId",
			"The deployment %s could not be found", id)
	}
	return d, nil
}

// rollout returns the rollout of a deployment, with its service; false once it is forgotten.
func (m *Room) rollout(d *Deployment) (*services.Service, scheduler.Rollout, bool) {
	s, err := m.service(d.of.Record)
	if err != nil || d.Last != nil {
		return nil, scheduler.Rollout{}, false
	}
	for _, r := range slices.Concat(s.State.Rollouts, s.Ended) {
		if r.ID == d.Rollout {
			return s, r, true
		}
	}
	return s, scheduler.Rollout{}, false
}

// rollsBack reports whether a deployment is, or was, rolled back.
func (m *Room) rollsBack(d *Deployment) bool { return m.info(d).RollbackInfo != nil }

// active finds the rollout of a deployment that is under way.
func (m *Room) active(id string) (*Deployment, *services.Service, scheduler.Rollout, error) {
	d, err := m.find(id)
	if err != nil {
		return nil, nil, scheduler.Rollout{}, err
	}
	s, r, ok := m.rollout(d)
	if !ok || id == d.Rollback || over(m.info(d).Status) {
		return nil, nil, r, core.Fault(cd.DeploymentAlreadyCompleted, "deploymentId",
			"The deployment %s is already completed.", id)
	}
	return d, s, r, nil
}

// StopDeployment stops a deployment under way: rolled back if the call or its group says so, else where it is.
func (m *Room) StopDeployment(in cd.StopDeploymentInput) (out cd.StopDeploymentOutput, err error) {
	d, s, r, err := m.active(in.DeploymentID)
	if err != nil {
		return out, err
	}
	kind := scheduler.RequestTypeAbort
	events := s.CodeDeploy.Group.AutoRollback
	if in.AutoRollbackEnabled.Or(slices.Contains(events, scheduler.AutoRollbackEventStopOnRequest)) {
		kind = scheduler.RequestTypeRollback
	}
	d.Stopped = true
	m.ask(s, scheduler.Request{Type: kind, Deployment: r.ID})
	return cd.StopDeploymentOutput{Status: cd.EventSucceeded,
		StatusMessage: "No more commands will be scheduled for execution in the deployment instances"}, nil
}

func (m *Room) ask(s *services.Service, q scheduler.Request) {
	s.Requests = append(s.Requests, q)
	m.Services.Touch(s)
}

// ContinueDeployment ends the wait that a deployment is in.
func (m *Room) ContinueDeployment(in cd.ContinueDeploymentInput) (struct{}, error) {
	_, s, r, err := m.active(in.DeploymentID)
	if err != nil {
		return struct{}{}, err
	}
	wait := scheduler.StageReadyWait
	switch in.DeploymentWaitType {
	case "", string(scheduler.StageReadyWait):
	case string(scheduler.StageTerminationWait):
		wait = scheduler.StageTerminationWait
	default:
		return struct{}{}, core.Fault(cd.InvalidDeploymentWaitType, "deploymentWaitType",
			"deploymentWaitType is READY_WAIT or TERMINATION_WAIT; it is %q.", in.DeploymentWaitType)
	}
	if r.Stages.Stage != wait {
		return struct{}{}, core.Fault(cd.DeploymentIsNotInReadyState, "deploymentId",
			"The deployment %s is not in the wait %s.", in.DeploymentID, wait)
	}
	m.ask(s, scheduler.Request{Type: scheduler.RequestTypeContinueDeployment, Deployment: r.ID})
	return struct{}{}, nil
}

// PutLifecycleEventHookExecutionStatus takes what a hook says of itself.
func (m *Room) PutLifecycleEventHookExecutionStatus(
	in cd.HookExecutionStatusInput,
) (out cd.HookExecutionStatusOutput, err error) {
	_, s, r, err := m.active(in.DeploymentID)
	if err != nil {
		return out, err
	}
	status, ok := map[string]ecs.LifecycleHookStatus{cd.EventSucceeded: ecs.LifecycleHookStatusSucceeded,
		cd.EventFailed: ecs.LifecycleHookStatusFailed}[in.Status]
	if !ok {
		return out, core.Fault(cd.InvalidHookExecutionStatus, "status", "status is Succeeded or Failed; it is %q.",
			in.Status)
	}
	id, err := base64.RawURLEncoding.DecodeString(in.LifecycleEventHookExecutionID)
	known := err == nil && slices.ContainsFunc(r.Stages.Hooks,
		func(h scheduler.HookState) bool { return h.ID == string(id) })
	if !known {
		return out, core.Fault(cd.InvalidHookExecutionID, "lifecycleEventHookExecutionId",
			"No hook of the deployment %s that is under way has this ID.", in.DeploymentID)
	}
	if !m.Rollout.HookStatus(message.LifecycleHookStatus{Cluster: s.Cluster.Record.ClusterName,
		Service: s.Record.ServiceName, HookID: string(id), Status: status}) {
		return out, core.Fault(cd.LifecycleEventAlreadyCompleted, "lifecycleEventHookExecutionId",
			"The hook has ended.")
	}
	return cd.HookExecutionStatusOutput{LifecycleEventHookExecutionID: in.LifecycleEventHookExecutionID}, nil
}

// executionID is how a hook's function is told of itself.
func executionID(hook string) string { return base64.RawURLEncoding.EncodeToString([]byte(hook)) }
