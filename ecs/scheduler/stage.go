package scheduler

import "github.com/bayplan/bayplan/ecs"

// Stage is a life-cycle stage of a blue/green, linear or canary deployment, or a life-cycle
// event of CodeDeploy's.
type Stage string

// The stages of the ECS deployment controller, in their order. Source: Amazon ECS Developer
// Guide, "Amazon ECS blue/green service deployments workflow".
const (
	StageReconcileService           Stage = "RECONCILE_SERVICE"
	StagePreScaleUp                 Stage = "PRE_SCALE_UP"
	StageScaleUp                    Stage = "SCALE_UP"
	StagePostScaleUp                Stage = "POST_SCALE_UP"
	StageTestTrafficShift           Stage = "TEST_TRAFFIC_SHIFT"
	StagePostTestTrafficShift       Stage = "POST_TEST_TRAFFIC_SHIFT"
	StagePreProductionTrafficShift  Stage = "PRE_PRODUCTION_TRAFFIC_SHIFT"
	StageProductionTrafficShift     Stage = "PRODUCTION_TRAFFIC_SHIFT"
	StagePostProductionTrafficShift Stage = "POST_PRODUCTION_TRAFFIC_SHIFT"
	StageBakeTime                   Stage = "BAKE_TIME"
	StageCleanUp                    Stage = "CLEAN_UP"
)

// The life-cycle events of CodeDeploy, in their order, and the two waits between them.
// Source: AWS CodeDeploy User Guide, "List of lifecycle event hooks for an Amazon ECS deployment".
const (
	StageBeforeInstall         Stage = "BeforeInstall"
	StageInstall               Stage = "Install"
	StageAfterInstall          Stage = "AfterInstall"
	StageAllowTestTraffic      Stage = "AllowTestTraffic"
	StageAfterAllowTestTraffic Stage = "AfterAllowTestTraffic"
	StageReadyWait             Stage = "READY_WAIT"
	StageBeforeAllowTraffic    Stage = "BeforeAllowTraffic"
	StageAllowTraffic          Stage = "AllowTraffic"
	StageAfterAllowTraffic     Stage = "AfterAllowTraffic"
	StageTerminationWait       Stage = "TERMINATION_WAIT"
)

// Stages is the memory of a deployment that goes by stages. The zero value: it has not
// begun, or does not go by stages.
type Stages struct {
	Stage  Stage       `json:"stage,omitzero"`
	Since  ecs.Instant `json:"since,omitzero"`  // the stage, or this step of it, was entered
	Begun  ecs.Instant `json:"begun,omitzero"`  // the deployment was
	Source string      `json:"source,omitzero"` // deployment ID of blue; "": there is none
	Step   int         `json:"step,omitzero"`   // production steps taken
	Green  int         `json:"green,omitzero"`  // tenths of a percent of production traffic
	Test   bool        `json:"test,omitzero"`   // test traffic is on green
	Hooks  []HookState `json:"hooks,omitzero"`  // of this stage
	Back   bool        `json:"back,omitzero"`   // rolling back: blue returns, green goes
	Over   bool        `json:"over,omitzero"`   // the last stage is behind it, or it was given up
}

// HookStatus is where a hook stands.
type HookStatus string

// The values of HookStatus.
const (
	HookStatusAwaitingAction HookStatus = "AWAITING_ACTION" // a pause hook waits for somebody
	HookStatusInProgress     HookStatus = "IN_PROGRESS"
	HookStatusSucceeded      HookStatus = "SUCCEEDED"
	HookStatusFailed         HookStatus = "FAILED"
	HookStatusTimedOut       HookStatus = "TIMED_OUT"
)

// HookState is one hook of the current stage.
type HookState struct {
	ID      string      `json:"hookId"`
	Index   int         `json:"index"` // in lifecycleHooks
	Status  HookStatus  `json:"status"`
	Since   ecs.Instant `json:"since"`
	Call    ecs.Instant `json:"call,omitzero"` // to be invoked again then
	Attempt int         `json:"attempt,omitzero"`
}

// CodeDeploy is the deployment group of a service with the controller CODE_DEPLOY. The zero
// value shifts all traffic at once and terminates blue at once. Source: AWS CodeDeploy API
// Reference, DeploymentGroupInfo.
type CodeDeploy struct {
	TrafficRouting TrafficRouting                `json:"trafficRoutingConfig,omitzero"`
	Hooks          []ecs.DeploymentLifecycleHook `json:"hooks,omitzero"` // lifecycleStages name CodeDeploy's events
	// ReadyAction is deploymentReadyOption.actionOnTimeout: CONTINUE_DEPLOYMENT (also when
	// absent) shifts at once, STOP_DEPLOYMENT waits ReadyWaitMinutes to be continued.
	ReadyAction      string `json:"actionOnTimeout,omitzero"`
	ReadyWaitMinutes int    `json:"waitTimeInMinutes,omitzero"`
	// BlueAction is TERMINATE (also when absent) after TerminationWaitMinutes, or KEEP_ALIVE.
	BlueAction             string   `json:"action,omitzero"`
	TerminationWaitMinutes int      `json:"terminationWaitTimeInMinutes,omitzero"`
	AlarmNames             []string `json:"alarmNames,omitzero"`
	// AutoRollback lists DEPLOYMENT_FAILURE, DEPLOYMENT_STOP_ON_ALARM, DEPLOYMENT_STOP_ON_REQUEST.
	AutoRollback []string `json:"autoRollbackEvents,omitzero"`
}

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
