package scheduler

import "github.com/bayplan/bayplan/ecs"

// View is all that a decision about one service rests on: what is asked of it, what the
// scheduler remembers of it, and what is there. It is a value with JSON; Reconcile neither
// changes nor keeps it.
//
// Answers, Requests and PlacementFailures are shown once: the owner puts each into one View and
// leaves it out of the next.
type View struct {
	Service   ecs.Service  `json:"service"` // Deployments, Events and the counts are not read
	State     State        `json:"state,omitzero"`
	Options   Options      `json:"options,omitzero"`
	Tasks     []Task       `json:"tasks,omitzero"`     // of this service, in an order that does not depend on chance
	Instances []Instance   `json:"instances,omitzero"` // DAEMON only: see Instance; in order of ID
	Zones     []string     `json:"zones,omitzero"`     // Availability Zones that could take a task, sorted
	Alarms    []AlarmState `json:"alarms,omitzero"`    // those the deployment configuration names

	Answers           []HookAnswer       `json:"answers,omitzero"`
	Requests          []Request          `json:"requests,omitzero"`
	PlacementFailures []PlacementFailure `json:"placementFailures,omitzero"`
	// CapacityChanged says that an instance joined, or resources became free, since a
	// placement failed: tasks that found no room are tried again at once.
	CapacityChanged bool `json:"capacityChanged,omitzero"`
	// Launches is how many tasks the launch rates let start now; the others wait for WakeAt.
	Launches Launches `json:"launches,omitzero"`
}

// Options are choices that ecs.Service has no field for. The zero value is today's ECS.
type Options struct {
	// StoppingCounts lets tasks that are stopping fill maximumPercent too. AWS's texts
	// disagree; by default only RUNNING and PENDING tasks do.
	StoppingCounts bool `json:"stoppingCounts,omitzero"`
	// NetworkLoadBalancer adds ten minutes to every shift of traffic of the strategies
	// BLUE_GREEN, LINEAR and CANARY.
	NetworkLoadBalancer bool `json:"networkLoadBalancer,omitzero"`
	// CodeDeploy is the deployment group of a service with the controller CODE_DEPLOY.
	CodeDeploy CodeDeploy `json:"codeDeploy,omitzero"`
}

// Task is one task of the service as the scheduler sees it. A stopped task is shown until
// a plan names it in Forget.
type Task struct {
	ID              ecs.TaskID        `json:"id"`
	Deployment      string            `json:"deployment"` // ID of its Rollout, the task's startedBy
	LastStatus      ecs.TaskStatus    `json:"lastStatus"`
	DesiredStatus   ecs.DesiredStatus `json:"desiredStatus"`
	CreatedAt       ecs.Instant       `json:"createdAt,omitzero"`
	StartedAt       ecs.Instant       `json:"startedAt,omitzero"`       // RUNNING since; zero: never RUNNING
	ContainerHealth ecs.HealthStatus  `json:"containerHealth,omitzero"` // of all essential containers with a check
	// TargetHealth is HEALTHY when every target group reports every target of the task
	// healthy, UNHEALTHY when one reports one unhealthy, and UNKNOWN or "" otherwise.
	TargetHealth ecs.HealthStatus `json:"targetHealth,omitzero"`
	TargetGroup  string           `json:"targetGroup,omitzero"`  // ARN of the UNHEALTHY one; "": a Classic one is
	TargetPort   uint16           `json:"targetPort,omitzero"`   // of the target that is; zero: not told
	TargetReason string           `json:"targetReason,omitzero"` // why it is; "": no event

	Instance         ecs.InstanceID `json:"instance,omitzero"` // "": not placed, or Fargate
	InstanceDraining bool           `json:"instanceDraining,omitzero"`
	Zone             string         `json:"zone,omitzero"`
	CapacityProvider string         `json:"capacityProvider,omitzero"`
	ProtectedUntil   ecs.Instant    `json:"protectedUntil,omitzero"` // scale-in protection; zero: none

	StopCode ecs.TaskStopCode `json:"stopCode,omitzero"` // of a stopped task
	// Noted is the health that earlier plans counted this task with; plans change it by Note.
	Noted ecs.HealthStatus `json:"noted,omitzero"`
}

// Instance is a container instance that a DAEMON service asks about: every one that meets
// the constraints of the service and its task definition, ACTIVE or DRAINING. A daemon task
// on an instance that is not listed violates the constraints.
type Instance struct {
	ID           ecs.InstanceID `json:"id"`
	Draining     bool           `json:"draining,omitzero"`
	Disconnected bool           `json:"disconnected,omitzero"` // keeps its daemon, gets no new one
	ReplicaTasks int            `json:"replicaTasks,omitzero"` // of REPLICA services there: on draining they stop first
}

// AlarmState is the state of one CloudWatch alarm.
type AlarmState struct {
	Name  string         `json:"name"`
	State ecs.AlarmState `json:"state"`
}

// PlacementFailure says that tasks of the last plan found no place.
type PlacementFailure struct {
	Deployment string `json:"deployment"`
	Count      int    `json:"count"`
	Zone       string `json:"zone,omitzero"` // as in the Start
	// Reason is the sentence behind "(service X) " for the event, such as the one that
	// placement's Verdict.Summary returns; "": no event. With a zone the sentence is the
	// scheduler's own.
	Reason string `json:"reason,omitzero"`
}

// RequestType is what an operator asks of a deployment in flight.
type RequestType string

// The values of RequestType.
const (
	// RequestTypeRollback is StopServiceDeployment with stopType ROLLBACK.
	RequestTypeRollback RequestType = "ROLLBACK"
	// RequestTypeAbort is StopServiceDeployment with stopType ABORT: the deployment ends
	// where it is, without a rollback.
	RequestTypeAbort RequestType = "ABORT"
	// RequestTypeContinueHook is ContinueServiceDeployment with action CONTINUE.
	RequestTypeContinueHook RequestType = "CONTINUE_HOOK"
	// RequestTypeRollbackHook is ContinueServiceDeployment with action ROLLBACK.
	RequestTypeRollbackHook RequestType = "ROLLBACK_HOOK"
	// RequestTypeContinueDeployment is CodeDeploy's ContinueDeployment: the wait type
	// READY_WAIT or TERMINATION_WAIT that is under way ends now.
	RequestTypeContinueDeployment RequestType = "CONTINUE_DEPLOYMENT"
)

// Request is what an operator asks of a deployment in flight. A request that no longer applies is
// ignored.
type Request struct {
	Type       RequestType `json:"type"`
	Deployment string      `json:"deployment"`
	HookID     string      `json:"hookId,omitzero"` // for the two about a hook
}

// State is what the scheduler remembers of a service between plans. The zero State is a
// service's first; Deploy adds to it, and every Plan with a State replaces it.
type State struct {
	Rollouts    []Rollout   `json:"rollouts,omitzero"` // newest first; one is PRIMARY
	Said        []Said      `json:"said,omitzero"`     // sentences that are not repeated for now
	Rebalancing Rebalancing `json:"rebalancing,omitzero"`
}

// Said is the sentence of an event, its cause, and when the event was last shown.
type Said struct {
	Cause   string      `json:"cause"`
	Message string      `json:"message,omitzero"`
	At      ecs.Instant `json:"at"`
}

// Rebalancing is an Availability Zone rebalancing under way.
type Rebalancing struct {
	Extra int         `json:"extra,omitzero"` // tasks started beyond the desired count
	Busy  bool        `json:"busy,omitzero"`
	Not   ecs.Instant `json:"notBefore,omitzero"` // no new attempt before, after a failed placement
}

// Rollout is one deployment of a service, with the scheduler's memory of it. In a service
// with the controller EXTERNAL it is a task set. PendingCount and RunningCount stay zero
// here: View.Deployments counts them.
type Rollout struct {
	ecs.Deployment
	ServiceRevision      string `json:"serviceRevision,omitzero"`      // ARN of the immutable snapshot it rolls out
	ContainerHealthCheck bool   `json:"containerHealthCheck,omitzero"` // an essential container defines a health check
	LoadBalanced         bool   `json:"loadBalanced,omitzero"`         // its tasks are targets of a load balancer

	// ServiceDeploymentStatus is the deployment's standing in DescribeServiceDeployments.
	ServiceDeploymentStatus ecs.ServiceDeploymentStatus `json:"serviceDeploymentStatus,omitzero"`

	Demoted    bool        `json:"demoted,omitzero"`  // DesiredCount is what is left of an older deployment
	Started    bool        `json:"started,omitzero"`  // a task of it has been RUNNING
	Failures   int         `json:"failures,omitzero"` // the circuit breaker's count
	Throttle   Throttle    `json:"throttle,omitzero"`
	PlaceAfter ecs.Instant `json:"placeAfter,omitzero"` // no launch before: the last found no room

	AlarmsSeen      bool        `json:"alarmsSeen,omitzero"` // the alarms were looked at when it started …
	AlarmsIgnored   bool        `json:"alarmsIgnored,omitzero"`
	AlarmsTriggered bool        `json:"alarmsTriggered,omitzero"` // one of them ended it
	BakingSince     ecs.Instant `json:"bakingSince,omitzero"`     // a rolling deployment's bake time

	Scale    *ecs.Scale `json:"scale,omitzero"`    // EXTERNAL: share of the service's desired count
	Stages   Stages     `json:"stages,omitzero"`   // BLUE_GREEN, LINEAR, CANARY and CODE_DEPLOY
	Rollback Rollback   `json:"rollback,omitzero"` // how it was rolled back
}

// Rollback is the rollback of a deployment. The zero value: there is none.
type Rollback struct {
	Reason          string      `json:"reason,omitzero"`
	Since           ecs.Instant `json:"since,omitzero"`
	ServiceRevision string      `json:"serviceRevision,omitzero"` // ARN of what it goes back to
}

// Throttle is the memory of launches that failed one after another.
type Throttle struct {
	Attempts int         `json:"attempts,omitzero"` // failed waves of launches without a RUNNING task between
	Failed   ecs.Instant `json:"failed,omitzero"`   // the last of them was seen
	Until    ecs.Instant `json:"until,omitzero"`    // no launch before
}
