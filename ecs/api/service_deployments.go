package api

import "github.com/bayplan/bayplan/ecs"

// ServiceDeployments is the answer of DescribeServiceDeployments.
type ServiceDeployments struct {
	ServiceDeployments []ServiceDeployment `json:"serviceDeployments"`
	Failures           []ecs.Failure       `json:"failures"`
}

// ServiceDeploymentPage is a page of ListServiceDeployments, and the token of the next one, ""
// after the last.
type ServiceDeploymentPage struct {
	ServiceDeployments []ServiceDeploymentBrief `json:"serviceDeployments"`
	NextToken          string                   `json:"nextToken,omitzero"`
}

// ServiceDeployment is one deployment of a service, with the members of DescribeServiceDeployments
// that the plane keeps.
type ServiceDeployment struct {
	ServiceDeploymentArn    string                      `json:"serviceDeploymentArn"`
	ServiceArn              string                      `json:"serviceArn"`
	ClusterArn              string                      `json:"clusterArn"`
	TargetServiceRevision   ServiceRevisionSummary      `json:"targetServiceRevision"`
	SourceServiceRevisions  []ServiceRevisionSummary    `json:"sourceServiceRevisions"` // that it replaces
	Status                  ecs.ServiceDeploymentStatus `json:"status"`
	StatusReason            string                      `json:"statusReason,omitzero"`
	LifecycleStage          ecs.LifecycleStage          `json:"lifecycleStage,omitzero"`
	LifecycleHookDetails    []LifecycleHookDetail       `json:"lifecycleHookDetails,omitzero"` // of the present stage
	Alarms                  *DeploymentAlarms           `json:"alarms,omitzero"`               // where it watches any
	Rollback                *DeploymentRollback         `json:"rollback,omitzero"`             // if it is
	DeploymentConfiguration ecs.DeploymentConfiguration `json:"deploymentConfiguration,omitzero"`
	CircuitBreaker          CircuitBreaker              `json:"deploymentCircuitBreaker"`
	CreatedAt               ecs.Instant                 `json:"createdAt,omitzero"`
	StartedAt               ecs.Instant                 `json:"startedAt,omitzero"`
	FinishedAt              ecs.Instant                 `json:"finishedAt,omitzero"`
	StoppedAt               ecs.Instant                 `json:"stoppedAt,omitzero"`
	UpdatedAt               ecs.Instant                 `json:"updatedAt,omitzero"`
}

// ServiceDeploymentBrief is a deployment as ListServiceDeployments shows it.
type ServiceDeploymentBrief struct {
	ServiceDeploymentArn     string                      `json:"serviceDeploymentArn"`
	ServiceArn               string                      `json:"serviceArn"`
	ClusterArn               string                      `json:"clusterArn"`
	TargetServiceRevisionArn string                      `json:"targetServiceRevisionArn,omitzero"`
	Status                   ecs.ServiceDeploymentStatus `json:"status"`
	StatusReason             string                      `json:"statusReason,omitzero"`
	CreatedAt                ecs.Instant                 `json:"createdAt,omitzero"`
	StartedAt                ecs.Instant                 `json:"startedAt,omitzero"`
	FinishedAt               ecs.Instant                 `json:"finishedAt,omitzero"`
}

// ServiceRevisionSummary counts the tasks of a service revision. In a deployment that shifts
// traffic it also has the share of traffic that the revision is to have, in percent.
type ServiceRevisionSummary struct {
	Arn                              string           `json:"arn"`
	RequestedTaskCount               int              `json:"requestedTaskCount"`
	RunningTaskCount                 int              `json:"runningTaskCount"`
	PendingTaskCount                 int              `json:"pendingTaskCount"`
	RequestedProductionTrafficWeight ecs.Opt[float64] `json:"requestedProductionTrafficWeight,omitzero"`
	RequestedTestTrafficWeight       ecs.Opt[float64] `json:"requestedTestTrafficWeight,omitzero"`
}

// CircuitBreaker says how many failures the circuit breaker of a deployment has counted, and at how
// many it ends the deployment.
type CircuitBreaker struct {
	Status       string `json:"status"` // DISABLED, MONITORING, MONITORING_COMPLETE or TRIGGERED
	FailureCount int    `json:"failureCount"`
	Threshold    int    `json:"threshold"`
}

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
