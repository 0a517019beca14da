package codedeploy

import (
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/scheduler"
	"github.com/bayplan/bayplan/internal/check"
)

// RevisionLocation is what a deployment rolls out, or where that is.
type RevisionLocation struct {
	RevisionType   string          `json:"revisionType,omitzero"`
	AppSpecContent *AppSpecContent `json:"appSpecContent,omitzero"`

	_ struct{} `unmodelled:"s3Location,gitHubLocation,string"`
}

// AppSpecContent is an AppSpec file, with its digest if the caller knows it.
type AppSpecContent struct {
	Content string `json:"content"`
	SHA256  string `json:"sha256,omitzero"`
}

// CreateDeploymentInput is the input of CreateDeployment.
type CreateDeploymentInput struct {
	ApplicationName            string                     `json:"applicationName"`
	DeploymentGroupName        string                     `json:"deploymentGroupName,omitzero"`
	Revision                   *RevisionLocation          `json:"revision,omitzero"`
	DeploymentConfigName       string                     `json:"deploymentConfigName,omitzero"`
	Description                string                     `json:"description,omitzero"`
	AutoRollbackConfiguration  *AutoRollbackConfiguration `json:"autoRollbackConfiguration,omitzero"`
	OverrideAlarmConfiguration *AlarmConfiguration        `json:"overrideAlarmConfiguration,omitzero"`

	_ struct{} `unmodelled:"ignoreApplicationStopFailures,targetInstances,updateOutdatedInstancesOnly,fileExistsBehavior"`
}

// CreateDeploymentOutput is the answer of CreateDeployment.
type CreateDeploymentOutput struct {
	DeploymentID string `json:"deploymentId"`
}

// DeploymentInput is the input of GetDeployment.
type DeploymentInput struct {
	DeploymentID string `json:"deploymentId"`
}

// DeploymentInfo is a deployment. Source: AWS CodeDeploy API Reference, DeploymentInfo.
type DeploymentInfo struct {
	ApplicationName                  string                            `json:"applicationName"`
	DeploymentGroupName              string                            `json:"deploymentGroupName"`
	DeploymentConfigName             string                            `json:"deploymentConfigName"`
	DeploymentID                     string                            `json:"deploymentId"`
	PreviousRevision                 *RevisionLocation                 `json:"previousRevision,omitzero"`
	Revision                         *RevisionLocation                 `json:"revision,omitzero"`
	Status                           scheduler.CodeDeployStatus        `json:"status"`
	ErrorInformation                 *ErrorInformation                 `json:"errorInformation,omitzero"`
	CreateTime                       ecs.Instant                       `json:"createTime"`
	StartTime                        ecs.Instant                       `json:"startTime,omitzero"`
	CompleteTime                     ecs.Instant                       `json:"completeTime,omitzero"`
	DeploymentOverview               DeploymentOverview                `json:"deploymentOverview"`
	Description                      string                            `json:"description,omitzero"`
	Creator                          string                            `json:"creator"`
	AutoRollbackConfiguration        *AutoRollbackConfiguration        `json:"autoRollbackConfiguration,omitzero"`
	RollbackInfo                     *RollbackInfo                     `json:"rollbackInfo,omitzero"`
	DeploymentStyle                  *DeploymentStyle                  `json:"deploymentStyle,omitzero"`
	BlueGreenDeploymentConfiguration *BlueGreenDeploymentConfiguration `json:"blueGreenDeploymentConfiguration,omitzero"`
	LoadBalancerInfo                 *LoadBalancerInfo                 `json:"loadBalancerInfo,omitzero"`
	ComputePlatform                  string                            `json:"computePlatform"`
	OverrideAlarmConfiguration       *AlarmConfiguration               `json:"overrideAlarmConfiguration,omitzero"`

	InstanceTerminationWaitTimeStarted bool `json:"instanceTerminationWaitTimeStarted"`
}

// ErrorInformation is why a deployment failed.
type ErrorInformation struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// DeploymentOverview counts the targets of a deployment by their statuses; there is one.
type DeploymentOverview struct {
	Pending    int `json:"Pending"`
	InProgress int `json:"InProgress"`
	Succeeded  int `json:"Succeeded"`
	Failed     int `json:"Failed"`
	Skipped    int `json:"Skipped"`
	Ready      int `json:"Ready"`
}

// RollbackInfo is which deployment rolls another one back.
type RollbackInfo struct {
	RollbackDeploymentID           string `json:"rollbackDeploymentId,omitzero"`
	RollbackTriggeringDeploymentID string `json:"rollbackTriggeringDeploymentId,omitzero"`
	RollbackMessage                string `json:"rollbackMessage,omitzero"`
}

// LastDeploymentInfo is the last deployment of a group.
type LastDeploymentInfo struct {
	DeploymentID string                     `json:"deploymentId"`
	Status       scheduler.CodeDeployStatus `json:"status"`
	EndTime      ecs.Instant                `json:"endTime,omitzero"`
	CreateTime   ecs.Instant                `json:"createTime"`
}

// GetDeploymentOutput is the answer of GetDeployment.
type GetDeploymentOutput struct {
	DeploymentInfo DeploymentInfo `json:"deploymentInfo"`
}

// BatchGetDeploymentsInput is the input of BatchGetDeployments.
type BatchGetDeploymentsInput struct {
	DeploymentIDs []string `json:"deploymentIds"`
}

// BatchGetDeploymentsOutput is the answer of BatchGetDeployments.
type BatchGetDeploymentsOutput struct {
	DeploymentsInfo []DeploymentInfo `json:"deploymentsInfo"`
}

// TimeRange is a range of times; an end that is not there is open.
type TimeRange struct {
	Start ecs.Instant `json:"start,omitzero"`
	End   ecs.Instant `json:"end,omitzero"`
}

// ListDeploymentsInput is the input of ListDeployments.
type ListDeploymentsInput struct {
	ApplicationName     string                       `json:"applicationName,omitzero"`
	DeploymentGroupName string                       `json:"deploymentGroupName,omitzero"`
	IncludeOnlyStatuses []scheduler.CodeDeployStatus `json:"includeOnlyStatuses,omitzero"`
	CreateTimeRange     *TimeRange                   `json:"createTimeRange,omitzero"`
	NextToken           string                       `json:"nextToken,omitzero"`

	_ struct{} `unmodelled:"externalId"`
}

// Validate returns InvalidDeploymentStatus for a status that AWS does not have.
// Source: AWS CodeDeploy API Reference, ListDeployments.
func (in ListDeploymentsInput) Validate() error {
	known := []scheduler.CodeDeployStatus{scheduler.CodeDeployStatusCreated, "Queued",
		scheduler.CodeDeployStatusInProgress, scheduler.CodeDeployStatusBaking, scheduler.CodeDeployStatusSucceeded,
		scheduler.CodeDeployStatusFailed, scheduler.CodeDeployStatusStopped, scheduler.CodeDeployStatusReady}
	for _, s := range in.IncludeOnlyStatuses {
		if !slices.Contains(known, s) {
			return fault(InvalidDeploymentStatus, "includeOnlyStatuses", "A status is one of %v; it is %q.", known,
				check.Shortened(string(s)))
		}
	}
	return nil
}

// IsDeploymentID reports whether a text has the form of a deployment's ID: d- and nine capital letters and digits.
func IsDeploymentID(s string) bool {
	rest, ok := strings.CutPrefix(s, "d-")
	return ok && len(rest) == 9 && strings.Trim(rest, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
}

// ListDeploymentsOutput is the answer of ListDeployments.
type ListDeploymentsOutput struct {
	Deployments []string `json:"deployments"`
	NextToken   string   `json:"nextToken,omitzero"`
}

// StopDeploymentInput is the input of StopDeployment.
type StopDeploymentInput struct {
	DeploymentID        string        `json:"deploymentId"`
	AutoRollbackEnabled ecs.Opt[bool] `json:"autoRollbackEnabled,omitzero"`
}

// StopDeploymentOutput is the answer of StopDeployment.
type StopDeploymentOutput struct {
	Status        string `json:"status"`
	StatusMessage string `json:"statusMessage"`
}

// ContinueDeploymentInput is the input of ContinueDeployment.
type ContinueDeploymentInput struct {
	DeploymentID       string `json:"deploymentId"`
	DeploymentWaitType string `json:"deploymentWaitType,omitzero"` // absent: READY_WAIT
}

// HookExecutionStatusInput is the input of PutLifecycleEventHookExecutionStatus.
type HookExecutionStatusInput struct {
	DeploymentID                  string `json:"deploymentId"`
	LifecycleEventHookExecutionID string `json:"lifecycleEventHookExecutionId"`
	Status                        string `json:"status"`
}

// HookExecutionStatusOutput is its answer.
type HookExecutionStatusOutput struct {
	LifecycleEventHookExecutionID string `json:"lifecycleEventHookExecutionId"`
}

// ListDeploymentTargetsInput is the input of ListDeploymentTargets.
type ListDeploymentTargetsInput struct {
	DeploymentID string `json:"deploymentId"`
	NextToken    string `json:"nextToken,omitzero"`

	_ struct{} `unmodelled:"targetFilters"`
}

// ListDeploymentTargetsOutput is the answer of ListDeploymentTargets.
type ListDeploymentTargetsOutput struct {
	TargetIDs []string `json:"targetIds"`
}

// GetDeploymentTargetInput is the input of GetDeploymentTarget.
type GetDeploymentTargetInput struct {
	DeploymentID string `json:"deploymentId"`
	TargetID     string `json:"targetId"`
}

// GetDeploymentTargetOutput is the answer of GetDeploymentTarget.
type GetDeploymentTargetOutput struct {
	DeploymentTarget DeploymentTarget `json:"deploymentTarget"`
}

// BatchGetDeploymentTargetsInput is the input of BatchGetDeploymentTargets.
type BatchGetDeploymentTargetsInput struct {
	DeploymentID string   `json:"deploymentId"`
	TargetIDs    []string `json:"targetIds"`
}

// BatchGetDeploymentTargetsOutput is the answer of BatchGetDeploymentTargets.
type BatchGetDeploymentTargetsOutput struct {
	DeploymentTargets []DeploymentTarget `json:"deploymentTargets"`
}

// DeploymentTarget is the service that a deployment is about.
type DeploymentTarget struct {
	DeploymentTargetType string    `json:"deploymentTargetType"`
	EcsTarget            ECSTarget `json:"ecsTarget"`
}

// ECSTarget is how far the deployment of a service has come. Source: AWS CodeDeploy API Reference, ECSTarget.
type ECSTarget struct {
	DeploymentID    string           `json:"deploymentId"`
	TargetID        string           `json:"targetId"`
	TargetArn       string           `json:"targetArn"`
	LastUpdatedAt   ecs.Instant      `json:"lastUpdatedAt,omitzero"`
	LifecycleEvents []LifecycleEvent `json:"lifecycleEvents"`
	Status          string           `json:"status"`
	TaskSetsInfo    []TaskSetInfo    `json:"taskSetsInfo"`
}

// The values of the status of a life-cycle event and of a target.
const (
	EventPending    = "Pending"
	EventInProgress = string(scheduler.CodeDeployStatusInProgress)
	EventSucceeded  = string(scheduler.CodeDeployStatusSucceeded)
	EventFailed     = string(scheduler.CodeDeployStatusFailed)
	EventSkipped    = "Skipped"
)

// LifecycleEvent is a life-cycle event of a deployment.
type LifecycleEvent struct {
	LifecycleEventName string       `json:"lifecycleEventName"`
	Diagnostics        *Diagnostics `json:"diagnostics,omitzero"`
	StartTime          ecs.Instant  `json:"startTime,omitzero"`
	Status             string       `json:"status"`
}

// Diagnostics is what is known of the hook of an event.
type Diagnostics struct {
	ErrorCode  string `json:"errorCode,omitzero"`
	ScriptName string `json:"scriptName,omitzero"`
	Message    string `json:"message,omitzero"`
	LogTail    string `json:"logTail,omitzero"`
}

// TaskSetInfo is a task set of a deployment: blue or green.
type TaskSetInfo struct {
	Identifier    string           `json:"identifer"` // as AWS spells it
	DesiredCount  int              `json:"desiredCount"`
	PendingCount  int              `json:"pendingCount"`
	RunningCount  int              `json:"runningCount"`
	Status        string           `json:"status"`
	TrafficWeight float64          `json:"trafficWeight"`
	TargetGroup   *TargetGroupInfo `json:"targetGroup,omitzero"`
	TaskSetLabel  string           `json:"taskSetLabel"`
}
