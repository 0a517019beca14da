package ecs

// ServiceDeploymentStatus is where a service deployment is in its life.
type ServiceDeploymentStatus string

// The values of ServiceDeploymentStatus.
const (
	ServiceDeploymentStatusPending            ServiceDeploymentStatus = "PENDING"
	ServiceDeploymentStatusSuccessful         ServiceDeploymentStatus = "SUCCESSFUL"
	ServiceDeploymentStatusStopped            ServiceDeploymentStatus = "STOPPED"
	ServiceDeploymentStatusStopRequested      ServiceDeploymentStatus = "STOP_REQUESTED"
	ServiceDeploymentStatusInProgress         ServiceDeploymentStatus = "IN_PROGRESS"
	ServiceDeploymentStatusRollbackRequested  ServiceDeploymentStatus = "ROLLBACK_REQUESTED"
	ServiceDeploymentStatusRollbackInProgress ServiceDeploymentStatus = "ROLLBACK_IN_PROGRESS"
	ServiceDeploymentStatusRollbackSuccessful ServiceDeploymentStatus = "ROLLBACK_SUCCESSFUL"
	ServiceDeploymentStatusRollbackFailed     ServiceDeploymentStatus = "ROLLBACK_FAILED"
)

func (ServiceDeploymentStatus) listed() string {
	return string(ServiceDeploymentStatusPending + " " + ServiceDeploymentStatusSuccessful + " " +
		ServiceDeploymentStatusStopped + " " + ServiceDeploymentStatusStopRequested + " " +
		ServiceDeploymentStatusInProgress + " " + ServiceDeploymentStatusRollbackRequested + " " +
		ServiceDeploymentStatusRollbackInProgress + " " + ServiceDeploymentStatusRollbackSuccessful + " " +
		ServiceDeploymentStatusRollbackFailed)
}

// Over reports whether nothing comes after the status.
func (v ServiceDeploymentStatus) Over() bool {
	switch v {
	case ServiceDeploymentStatusSuccessful, ServiceDeploymentStatusStopped,
		ServiceDeploymentStatusRollbackSuccessful, ServiceDeploymentStatusRollbackFailed:
		return true
	}
	return false
}

// LifecycleStage is a stage of a deployment of the strategies BLUE_GREEN, LINEAR and CANARY, or a
// life-cycle event of CodeDeploy. Package scheduler has their order.
type LifecycleStage string

// The values of LifecycleStage.
const (
	LifecycleStageReconcileService           LifecycleStage = "RECONCILE_SERVICE"
	LifecycleStagePreScaleUp                 LifecycleStage = "PRE_SCALE_UP"
	LifecycleStageScaleUp                    LifecycleStage = "SCALE_UP"
	LifecycleStagePostScaleUp                LifecycleStage = "POST_SCALE_UP"
	LifecycleStageTestTrafficShift           LifecycleStage = "TEST_TRAFFIC_SHIFT"
	LifecycleStagePostTestTrafficShift       LifecycleStage = "POST_TEST_TRAFFIC_SHIFT"
	LifecycleStagePreProductionTrafficShift  LifecycleStage = "PRE_PRODUCTION_TRAFFIC_SHIFT"
	LifecycleStageProductionTrafficShift     LifecycleStage = "PRODUCTION_TRAFFIC_SHIFT"
	LifecycleStagePostProductionTrafficShift LifecycleStage = "POST_PRODUCTION_TRAFFIC_SHIFT"
	LifecycleStageBakeTime                   LifecycleStage = "BAKE_TIME"
	LifecycleStageCleanUp                    LifecycleStage = "CLEAN_UP"
)

// LifecycleHookStatus is where a life-cycle hook stands.
type LifecycleHookStatus string

// The values of LifecycleHookStatus.
const (
	LifecycleHookStatusAwaitingAction LifecycleHookStatus = "AWAITING_ACTION" // a pause hook waits to be answered
	LifecycleHookStatusInProgress     LifecycleHookStatus = "IN_PROGRESS"
	LifecycleHookStatusSucceeded      LifecycleHookStatus = "SUCCEEDED"
	LifecycleHookStatusFailed         LifecycleHookStatus = "FAILED"
	LifecycleHookStatusTimedOut       LifecycleHookStatus = "TIMED_OUT"
)

// LifecycleHookTargetType is what a life-cycle hook is.
type LifecycleHookTargetType string

// The values of LifecycleHookTargetType.
const (
	LifecycleHookTargetTypeAWSLambda LifecycleHookTargetType = "AWS_LAMBDA"
	LifecycleHookTargetTypePause     LifecycleHookTargetType = "PAUSE"
)

func (LifecycleHookTargetType) listed() string {
	return string(LifecycleHookTargetTypeAWSLambda + " " + LifecycleHookTargetTypePause)
}

// LifecycleHookAction is what follows a hook that timed out or was answered.
type LifecycleHookAction string

// The values of LifecycleHookAction.
const (
	LifecycleHookActionContinue LifecycleHookAction = "CONTINUE"
	LifecycleHookActionRollback LifecycleHookAction = "ROLLBACK"
)

func (LifecycleHookAction) listed() string {
	return string(LifecycleHookActionContinue + " " + LifecycleHookActionRollback)
}

// StopServiceDeploymentStopType is how StopServiceDeployment ends one.
type StopServiceDeploymentStopType string

// The values of StopServiceDeploymentStopType.
const (
	StopServiceDeploymentStopTypeAbort    StopServiceDeploymentStopType = "ABORT"
	StopServiceDeploymentStopTypeRollback StopServiceDeploymentStopType = "ROLLBACK"
)

func (StopServiceDeploymentStopType) listed() string {
	return string(StopServiceDeploymentStopTypeAbort + " " + StopServiceDeploymentStopTypeRollback)
}

// StabilityStatus is whether a task set has come to its count.
type StabilityStatus string

// The values of StabilityStatus.
const (
	StabilityStatusSteadyState StabilityStatus = "STEADY_STATE"
	StabilityStatusStabilizing StabilityStatus = "STABILIZING"
)
