package codedeploy

import (
	"slices"

	"github.com/bayplan/bayplan/ecs/scheduler"
)

// DeploymentGroup is what is asked of a deployment group.
// Source: AWS CodeDeploy API Reference, DeploymentGroupInfo.
type DeploymentGroup struct {
	DeploymentConfigName             string                            `json:"deploymentConfigName,omitzero"`
	ServiceRoleArn                   string                            `json:"serviceRoleArn,omitzero"`
	AlarmConfiguration               *AlarmConfiguration               `json:"alarmConfiguration,omitzero"`
	AutoRollbackConfiguration        *AutoRollbackConfiguration        `json:"autoRollbackConfiguration,omitzero"`
	DeploymentStyle                  *DeploymentStyle                  `json:"deploymentStyle,omitzero"`
	BlueGreenDeploymentConfiguration *BlueGreenDeploymentConfiguration `json:"blueGreenDeploymentConfiguration,omitzero"`
	LoadBalancerInfo                 *LoadBalancerInfo                 `json:"loadBalancerInfo,omitzero"`
	EcsServices                      []ECSService                      `json:"ecsServices,omitzero"`

	_ struct{} `unmodelled:"ec2TagFilters,onPremisesInstanceTagFilters,autoScalingGroups,triggerConfigurations,outdatedInstancesStrategy,ec2TagSet,onPremisesTagSet,terminationHookEnabled"`
}

// AlarmConfiguration is which alarms stop a deployment.
type AlarmConfiguration struct {
	Enabled                bool    `json:"enabled"`
	IgnorePollAlarmFailure bool    `json:"ignorePollAlarmFailure,omitzero" kept:""`
	Alarms                 []Alarm `json:"alarms,omitzero"`
}

// Alarm is an alarm by its name.
type Alarm struct {
	Name string `json:"name"`
}

// AutoRollbackConfiguration is what rolls a deployment back.
type AutoRollbackConfiguration struct {
	Enabled bool                          `json:"enabled"`
	Events  []scheduler.AutoRollbackEvent `json:"events,omitzero"`
}

// DeploymentStyle is BLUE_GREEN WITH_TRAFFIC_CONTROL for Amazon ECS.
type DeploymentStyle struct {
	DeploymentType   string `json:"deploymentType,omitzero"`
	DeploymentOption string `json:"deploymentOption,omitzero"`
}

// BlueGreenDeploymentConfiguration is how long a deployment waits, and what becomes of blue.
type BlueGreenDeploymentConfiguration struct {
	TerminateBlueInstancesOnDeploymentSuccess *BlueInstanceTerminationOption `json:"terminateBlueInstancesOnDeploymentSuccess,omitzero"`
	DeploymentReadyOption                     *DeploymentReadyOption         `json:"deploymentReadyOption,omitzero"`

	_ struct{} `unmodelled:"greenFleetProvisioningOption"`
}

// BlueInstanceTerminationOption is what becomes of blue.
type BlueInstanceTerminationOption struct {
	Action                       scheduler.BlueAction `json:"action,omitzero"`
	TerminationWaitTimeInMinutes int                  `json:"terminationWaitTimeInMinutes"`
}

// DeploymentReadyOption is what follows when green is ready.
type DeploymentReadyOption struct {
	ActionOnTimeout   scheduler.ReadyAction `json:"actionOnTimeout,omitzero"`
	WaitTimeInMinutes int                   `json:"waitTimeInMinutes"`
}

// LoadBalancerInfo has the two target groups of a service, and the listeners.
type LoadBalancerInfo struct {
	TargetGroupPairInfoList []TargetGroupPairInfo `json:"targetGroupPairInfoList,omitzero"`

	_ struct{} `unmodelled:"elbInfoList,targetGroupInfoList"`
}

// TargetGroupPairInfo is two target groups that take turns.
type TargetGroupPairInfo struct {
	TargetGroups     []TargetGroupInfo `json:"targetGroups,omitzero"`
	ProdTrafficRoute *TrafficRoute     `json:"prodTrafficRoute,omitzero"`
	TestTrafficRoute *TrafficRoute     `json:"testTrafficRoute,omitzero"`
}

// TargetGroupInfo is a target group by its name.
type TargetGroupInfo struct {
	Name string `json:"name"`
}

// TrafficRoute is the listeners of a kind of traffic.
type TrafficRoute struct {
	ListenerArns []string `json:"listenerArns,omitzero"`
}

// ECSService is a service of Amazon ECS by its name.
type ECSService struct {
	ServiceName string `json:"serviceName"`
	ClusterName string `json:"clusterName"`
}

// CreateDeploymentGroupInput is the input of CreateDeploymentGroup.
type CreateDeploymentGroupInput struct {
	ApplicationName     string `json:"applicationName"`
	DeploymentGroupName string `json:"deploymentGroupName"`
	DeploymentGroup

	_ struct{} `unmodelled:"tags"`
}

// Validate returns the first thing that is wrong with the input, by CodeDeploy's code for it.
func (in CreateDeploymentGroupInput) Validate() error {
	if err := groupNames(in.ApplicationName, in.DeploymentGroupName); err != nil {
		return err
	}
	return in.DeploymentGroup.Validate()
}

func groupNames(application, group string) error {
	if err := named("applicationName", application, ApplicationNameRequired, InvalidApplicationName); err != nil {
		return err
	}
	return named("deploymentGroupName", group, DeploymentGroupNameRequired, InvalidDeploymentGroupName)
}

// longestWait is how long blue may wait to be terminated, in minutes.
// Source: AWS CodeDeploy API Reference, BlueInstanceTerminationOption.
const longestWait = 2880

// Validate returns the first thing that is wrong with a group of the compute platform ECS, by CodeDeploy's code for
// it: a role, one service, BLUE_GREEN WITH_TRAFFIC_CONTROL, one pair of two target groups with one listener, times.
// Source: AWS CodeDeploy API Reference, CreateDeploymentGroup.
func (g DeploymentGroup) Validate() error {
	if g.ServiceRoleArn == "" {
		return fault(RoleRequired, "serviceRoleArn", "serviceRoleArn is required.")
	}
	if n := len(g.EcsServices); n != 1 || g.EcsServices[0].ServiceName == "" || g.EcsServices[0].ClusterName == "" {
		return fault(InvalidECSService, "ecsServices", "A deployment group has one service with its cluster; these "+
			"are %d.", n)
	}
	if s := g.DeploymentStyle; s == nil || s.DeploymentType != "BLUE_GREEN" ||
		s.DeploymentOption != "WITH_TRAFFIC_CONTROL" {
		return fault(InvalidDeploymentStyle, "deploymentStyle",
			"For ECS deployment, deploymentType is BLUE_GREEN and deploymentOption WITH_TRAFFIC_CONTROL.")
	}
	if err := g.LoadBalancerInfo.validate(); err != nil {
		return err
	}
	if err := g.BlueGreenDeploymentConfiguration.validate(); err != nil {
		return err
	}
	if a := g.AlarmConfiguration; a != nil && (len(a.Alarms) > 10 || a.Enabled && len(a.Alarms) == 0) {
		return fault(InvalidAlarmConfig, "alarmConfiguration.alarms", "1 to 10 alarms are watched; these are %d.",
			len(a.Alarms))
	}
	return g.AutoRollbackConfiguration.Validate()
}

// Validate returns what is wrong with the events that roll back; nil is nothing.
func (a *AutoRollbackConfiguration) Validate() error {
	if a == nil {
		return nil
	}
	known := []scheduler.AutoRollbackEvent{scheduler.AutoRollbackEventFailure, scheduler.AutoRollbackEventStopOnAlarm,
		scheduler.AutoRollbackEventStopOnRequest}
	for _, e := range a.Events {
		if !slices.Contains(known, e) {
			return fault(InvalidAutoRollbackConfig, "autoRollbackConfiguration.events",
				"An event is one of %v; it is %q.",
				known, e)
		}
	}
	if a.Enabled && len(a.Events) == 0 {
		return fault(InvalidAutoRollbackConfig, "autoRollbackConfiguration.events",
			"Events are required where automatic rollbacks are enabled.")
	}
	return nil
}

func (l *LoadBalancerInfo) validate() error {
	const field = "loadBalancerInfo.targetGroupPairInfoList"
	if l == nil || len(l.TargetGroupPairInfoList) != 1 {
		return fault(InvalidLoadBalancerInfo, field, "For ECS deployment, one pair of target groups is required.")
	}
	pair := l.TargetGroupPairInfoList[0]
	if n := len(pair.TargetGroups); n != 2 || pair.TargetGroups[0] == pair.TargetGroups[1] ||
		pair.TargetGroups[0].Name == "" || pair.TargetGroups[1].Name == "" {
		return fault(InvalidTargetGroupPair, field, "A pair has two target groups with different names; it has %d.", n)
	}
	if pair.ProdTrafficRoute == nil || len(pair.ProdTrafficRoute.ListenerArns) != 1 {
		return fault(InvalidTargetGroupPair, field+".prodTrafficRoute", "A pair has one production listener.")
	}
	if t := pair.TestTrafficRoute; t != nil && (len(t.ListenerArns) > 1 ||
		slices.Contains(t.ListenerArns, pair.ProdTrafficRoute.ListenerArns[0])) {
		return fault(InvalidTargetGroupPair, field+".testTrafficRoute",
			"A pair has at most one test listener, which is not the production listener.")
	}
	return nil
}

func (b *BlueGreenDeploymentConfiguration) validate() error {
	if b == nil {
		return nil
	}
	const field = "blueGreenDeploymentConfiguration"
	if r := b.DeploymentReadyOption; r != nil {
		stop := r.ActionOnTimeout == scheduler.ReadyActionStopDeployment
		switch {
		case !stop && r.ActionOnTimeout != "" && r.ActionOnTimeout != scheduler.ReadyActionContinueDeployment:
			return fault(InvalidBlueGreenConfiguration, field+".deploymentReadyOption.actionOnTimeout",
				"actionOnTimeout is CONTINUE_DEPLOYMENT or STOP_DEPLOYMENT; it is %q.", r.ActionOnTimeout)
		case r.WaitTimeInMinutes < 0 || r.WaitTimeInMinutes > longestWait || stop && r.WaitTimeInMinutes == 0 ||
			!stop && r.WaitTimeInMinutes > 0:
			return fault(InvalidBlueGreenConfiguration, field+".deploymentReadyOption.waitTimeInMinutes",
				"With STOP_DEPLOYMENT the wait time is from 1 to %d minutes, and otherwise 0; it is %d.", longestWait,
				r.WaitTimeInMinutes)
		}
	}
	if t := b.TerminateBlueInstancesOnDeploymentSuccess; t != nil {
		switch {
		case t.Action != "" && t.Action != scheduler.BlueActionTerminate && t.Action != scheduler.BlueActionKeepAlive:
			return fault(InvalidBlueGreenConfiguration, field+".terminateBlueInstancesOnDeploymentSuccess.action",
				"action is TERMINATE or KEEP_ALIVE; it is %q.", t.Action)
		case t.TerminationWaitTimeInMinutes < 0 || t.TerminationWaitTimeInMinutes > longestWait:
			return fault(InvalidBlueGreenConfiguration, field+".terminateBlueInstancesOnDeploymentSuccess",
				"terminationWaitTimeInMinutes is from 0 to %d; it is %d.", longestWait, t.TerminationWaitTimeInMinutes)
		}
	}
	return nil
}

// Scheduled returns the group as the scheduler takes it, with the traffic routing of its configuration.
func (g DeploymentGroup) Scheduled(routing scheduler.TrafficRouting) scheduler.CodeDeploy {
	c := scheduler.CodeDeploy{TrafficRouting: routing}
	if b := g.BlueGreenDeploymentConfiguration; b != nil {
		if r := b.DeploymentReadyOption; r != nil {
			c.ReadyAction, c.ReadyWaitMinutes = r.ActionOnTimeout, r.WaitTimeInMinutes
		}
		if t := b.TerminateBlueInstancesOnDeploymentSuccess; t != nil {
			c.BlueAction, c.TerminationWaitMinutes = t.Action, t.TerminationWaitTimeInMinutes
		}
	}
	if a := g.AlarmConfiguration; a != nil && a.Enabled {
		for _, alarm := range a.Alarms {
			c.AlarmNames = append(c.AlarmNames, alarm.Name)
		}
	}
	if a := g.AutoRollbackConfiguration; a != nil && a.Enabled {
		c.AutoRollback = slices.Clone(a.Events)
	}
	return c
}

// Pair returns the pair of target groups of a group that is valid.
func (g DeploymentGroup) Pair() TargetGroupPairInfo {
	return g.LoadBalancerInfo.TargetGroupPairInfoList[0]
}

// CreateDeploymentGroupOutput is the answer of CreateDeploymentGroup.
type CreateDeploymentGroupOutput struct {
	DeploymentGroupID string `json:"deploymentGroupId"`
}

// DeploymentGroupInput is the input of GetDeploymentGroup and DeleteDeploymentGroup.
type DeploymentGroupInput struct {
	ApplicationName     string `json:"applicationName"`
	DeploymentGroupName string `json:"deploymentGroupName"`
}

// DeploymentGroupInfo is a deployment group as answers have it.
type DeploymentGroupInfo struct {
	ApplicationName     string `json:"applicationName"`
	DeploymentGroupID   string `json:"deploymentGroupId"`
	DeploymentGroupName string `json:"deploymentGroupName"`
	ComputePlatform     string `json:"computePlatform"`
	DeploymentGroup

	TargetRevision           *RevisionLocation   `json:"targetRevision,omitzero"`
	LastSuccessfulDeployment *LastDeploymentInfo `json:"lastSuccessfulDeployment,omitzero"`
	LastAttemptedDeployment  *LastDeploymentInfo `json:"lastAttemptedDeployment,omitzero"`
}

// GetDeploymentGroupOutput is the answer of GetDeploymentGroup.
type GetDeploymentGroupOutput struct {
	DeploymentGroupInfo DeploymentGroupInfo `json:"deploymentGroupInfo"`
}

// ListDeploymentGroupsInput is the input of ListDeploymentGroups.
type ListDeploymentGroupsInput struct {
	ApplicationName string `json:"applicationName"`
	NextToken       string `json:"nextToken,omitzero"`
}

// ListDeploymentGroupsOutput is the answer of ListDeploymentGroups.
type ListDeploymentGroupsOutput struct {
	ApplicationName  string   `json:"applicationName"`
	DeploymentGroups []string `json:"deploymentGroups"`
	NextToken        string   `json:"nextToken,omitzero"`
}
