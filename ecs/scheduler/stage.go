package scheduler

import "github.com/bayplan/bayplan/ecs"

// The life-cycle events of CodeDeploy, in their order, and the two waits between them.
// Source: AWS CodeDeploy User Guide, "List of lifecycle event hooks for an Amazon ECS deployment".
const (
	StageBeforeInstall         ecs.LifecycleStage = "BeforeInstall"
	StageInstall               ecs.LifecycleStage = "Install"
	StageAfterInstall          ecs.LifecycleStage = "AfterInstall"
	StageAllowTestTraffic      ecs.LifecycleStage = "AllowTestTraffic"
	StageAfterAllowTestTraffic ecs.LifecycleStage = "AfterAllowTestTraffic"
	StageReadyWait             ecs.LifecycleStage = "READY_WAIT"
	StageBeforeAllowTraffic    ecs.LifecycleStage = "BeforeAllowTraffic"
	StageAllowTraffic          ecs.LifecycleStage = "AllowTraffic"
	StageAfterAllowTraffic     ecs.LifecycleStage = "AfterAllowTraffic"
	StageTerminationWait       ecs.LifecycleStage = "TERMINATION_WAIT"
)

// Stages is the memory of a deployment that goes by stages. The zero value: it has not
// begun, or does not go by stages.
type Stages struct {
	Stage  ecs.LifecycleStage `json:"stage,omitzero"`
	Since  ecs.Instant        `json:"since,omitzero"`  // the stage, or this step of it, was entered
	Begun  ecs.Instant        `json:"begun,omitzero"`  // the deployment was
	Source string             `json:"source,omitzero"` // deployment ID of blue; "": there is none
	Step   int                `json:"step,omitzero"`   // production steps taken
	Green  int                `json:"green,omitzero"`  // tenths of a percent of production traffic
	Test   bool               `json:"test,omitzero"`   // test traffic is on green
	Hooks  []HookState        `json:"hooks,omitzero"`  // of this stage
	Back   bool               `json:"back,omitzero"`   // rolling back: blue returns, green goes
	Over   bool               `json:"over,omitzero"`   // the last stage is behind it, or it was given up
	// Failed is the stage in which a deployment with the controller CODE_DEPLOY failed.
	Failed ecs.LifecycleStage `json:"failed,omitzero"`
}

// HookState is one hook of the current stage.
type HookState struct {
	ID      string                  `json:"hookId"`
	Index   int                     `json:"index"` // in lifecycleHooks
	Status  ecs.LifecycleHookStatus `json:"status"`
	Since   ecs.Instant             `json:"since"`
	Call    ecs.Instant             `json:"call,omitzero"` // to be invoked again then
	Attempt int                     `json:"attempt,omitzero"`
}

// CodeDeploy is the deployment group of a service with the controller CODE_DEPLOY. The zero
// value shifts all traffic at once and terminates blue at once. Source: AWS CodeDeploy API
// Reference, DeploymentGroupInfo.
type CodeDeploy struct {
	TrafficRouting TrafficRouting                `json:"trafficRoutingConfig,omitzero"`
	Hooks          []ecs.DeploymentLifecycleHook `json:"hooks,omitzero"` // lifecycleStages name CodeDeploy's events
	// ReadyAction is deploymentReadyOption.actionOnTimeout: CONTINUE_DEPLOYMENT (also when
	// absent) shifts at once, STOP_DEPLOYMENT waits ReadyWaitMinutes to be continued.
	ReadyAction      ReadyAction `json:"actionOnTimeout,omitzero"`
	ReadyWaitMinutes int         `json:"waitTimeInMinutes,omitzero"`
	// BlueAction is TERMINATE (also when absent) after TerminationWaitMinutes, or KEEP_ALIVE.
	BlueAction             BlueAction          `json:"action,omitzero"`
	TerminationWaitMinutes int                 `json:"terminationWaitTimeInMinutes,omitzero"`
	AlarmNames             []string            `json:"alarmNames,omitzero"`
	AutoRollback           []AutoRollbackEvent `json:"autoRollbackEvents,omitzero"`
}

// ReadyAction is what follows when a deployment is ready to shift traffic.
type ReadyAction string

// The values of ReadyAction.
const (
	ReadyActionContinueDeployment ReadyAction = "CONTINUE_DEPLOYMENT"
	ReadyActionStopDeployment     ReadyAction = "STOP_DEPLOYMENT"
)

// BlueAction is what becomes of blue after a successful deployment.
type BlueAction string

// The values of BlueAction.
const (
	BlueActionTerminate BlueAction = "TERMINATE"
	BlueActionKeepAlive BlueAction = "KEEP_ALIVE"
)

// AutoRollbackEvent is a cause of failure that rolls a deployment back.
type AutoRollbackEvent string

// The values of AutoRollbackEvent.
const (
	AutoRollbackEventFailure       AutoRollbackEvent = "DEPLOYMENT_FAILURE"
	AutoRollbackEventStopOnAlarm   AutoRollbackEvent = "DEPLOYMENT_STOP_ON_ALARM"
	AutoRollbackEventStopOnRequest AutoRollbackEvent = "DEPLOYMENT_STOP_ON_REQUEST"
)

// CodeDeployStatus is how far a deployment of CodeDeploy has come.
type CodeDeployStatus string

// The values of CodeDeployStatus.
const (
	CodeDeployStatusCreated    CodeDeployStatus = "Created"
	CodeDeployStatusInProgress CodeDeployStatus = "InProgress"
	CodeDeployStatusReady      CodeDeployStatus = "Ready"  // waits to be continued
	CodeDeployStatusBaking     CodeDeployStatus = "Baking" // waits to terminate blue
	CodeDeployStatusSucceeded  CodeDeployStatus = "Succeeded"
	CodeDeployStatusFailed     CodeDeployStatus = "Failed"
	CodeDeployStatusStopped    CodeDeployStatus = "Stopped"
)

// TrafficRoutingType is how CodeDeploy divides a shift of production traffic.
type TrafficRoutingType string

// The values of TrafficRoutingType.
const (
	TrafficRoutingTypeAllAtOnce       TrafficRoutingType = "AllAtOnce"
	TrafficRoutingTypeTimeBasedCanary TrafficRoutingType = "TimeBasedCanary"
	TrafficRoutingTypeTimeBasedLinear TrafficRoutingType = "TimeBasedLinear"
)

// TrafficRouting is how CodeDeploy moves production traffic.
type TrafficRouting struct {
	Type       TrafficRoutingType `json:"type,omitzero"`       // absent: AllAtOnce
	Percentage int                `json:"percentage,omitzero"` // of the canary, or of each linear step
	Interval   int                `json:"interval,omitzero"`   // minutes between shifts
}
