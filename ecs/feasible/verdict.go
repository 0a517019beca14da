package feasible

import (
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/scheduler"
	"github.com/bayplan/bayplan/placement"
)

// Outcome says whether a deployment ends.
type Outcome string

// The values of Outcome.
const (
	// OutcomeEnds: whatever tasks are chosen to stop and wherever the new ones go, the
	// service reaches a steady state.
	OutcomeEnds Outcome = "ENDS"
	// OutcomeDepends: some choices of tasks to stop lead to a steady state and others into a
	// state that has no next step.
	OutcomeDepends Outcome = "DEPENDS"
	// OutcomeBlocked: no choice leads to a steady state.
	OutcomeBlocked Outcome = "BLOCKED"
)

// Verdict is what Deployment finds.
type Verdict struct {
	Outcome    Outcome `json:"outcome"`
	Service    string  `json:"service,omitzero"`
	Deployment string  `json:"deployment"` // ID of the PRIMARY one
	Desired    int     `json:"desired"`
	Lower      int     `json:"lower"` // tasks that must stay healthy: minimumHealthyPercent of Desired, rounded up
	Upper      int     `json:"upper"` // tasks there may be: maximumPercent of Desired, rounded down
	Placed     int     `json:"placed"`
	Old        int     `json:"old"` // tasks that are to go: those of older deployments, and those on draining instances
	// Rest is where the deployment comes to rest, or may come to rest; nil where it ends.
	Rest *Rest `json:"rest,omitzero"`
	// Facts block the deployment together: with all else out of the way it would still not
	// end, or not by every choice, and without any one of them it would. Percentages first,
	// then what holds for the whole service, then instances by ID.
	Facts []Fact `json:"facts,omitzero"`
	// Changes each make the deployment end by every choice, applied alone; the smallest first.
	Changes []Change `json:"changes,omitzero"`
}

// Ends reports whether the deployment reaches a steady state by every choice.
func (v Verdict) Ends() bool { return v.Outcome == OutcomeEnds }

// Rest is a state without a next step.
type Rest struct {
	Placed int `json:"placed"` // tasks of the PRIMARY deployment, against Desired
	Old    int `json:"old"`    // tasks that ought to go and cannot
}

// The codes of facts that are not about the needs of a task. Package placement has the codes for those.
const (
	CodeMinimumHealthyPercent placement.ReasonCode = "MINIMUM_HEALTHY_PERCENT"
	CodeMaximumPercent        placement.ReasonCode = "MAXIMUM_PERCENT"
	// CodeStrategy is a deployment strategy that keeps every old task until every new one is there.
	CodeStrategy placement.ReasonCode = "DEPLOYMENT_STRATEGY"
	// CodeFailed is a deployment that was ended: the scheduler starts no more tasks for it.
	CodeFailed placement.ReasonCode = "DEPLOYMENT_FAILED"
	// CodeNoInstances is a cluster without an ACTIVE container instance, or without one of the
	// capacity provider that Detail names.
	CodeNoInstances placement.ReasonCode = "NO_CONTAINER_INSTANCES"
)

// Fact is one thing in a deployment's way: a percentage, something that the task asks of
// every instance (a constraint, static host ports), or what one instance lacks.
type Fact struct {
	Code     placement.ReasonCode `json:"code"`
	Instance ecs.InstanceID       `json:"instance,omitzero"` // "": the fact is about the whole service
	Percent  int                  `json:"percent,omitzero"`  // the percentage, in a fact about one
	Tasks    int                  `json:"tasks,omitzero"`    // what Percent comes to
	// Need is what one more task needs of the instance, and Have is what the instance has left in the
	// state of Verdict.Rest: CPU units, MiB, GPUs or network interfaces.
	Need       int64                        `json:"need,omitzero"`
	Have       int64                        `json:"have,omitzero"`
	Constraint ecs.PlacementConstraint      `json:"placementConstraint,omitzero"`
	HostPorts  []ecs.HostPort               `json:"hostPorts,omitzero"` // static ones: each once an instance
	Strategy   ecs.DeploymentStrategy       `json:"strategy,omitzero"`
	Controller ecs.DeploymentControllerType `json:"controller,omitzero"`
	Detail     string                       `json:"detail,omitzero"` // in placement's words
}

// EditKind is what an Edit changes.
type EditKind string

// The values of EditKind.
const (
	EditMinimumHealthyPercent EditKind = "MINIMUM_HEALTHY_PERCENT" // UpdateService: Value is the percentage
	EditMaximumPercent        EditKind = "MAXIMUM_PERCENT"         // UpdateService: Value is the percentage
	EditDesiredCount          EditKind = "DESIRED_COUNT"           // UpdateService: Value is the count
	EditFree                  EditKind = "FREE"                    // make Resources more free on Instance
	EditConnectAgent          EditKind = "CONNECT_AGENT"           // connect the agent of Instance
	// EditAddInstances registers Value container instances, each with at least Resources and room for one
	// task of the deployment, and without tasks of the service.
	EditAddInstances EditKind = "ADD_INSTANCES"
	// EditDropConstraint takes Constraint away: from the service (UpdateService) or, with
	// NewDeployment, from the task definition.
	EditDropConstraint EditKind = "DROP_CONSTRAINT"
	// EditDynamicHostPorts is a new revision of the task definition with hostPort 0.
	EditDynamicHostPorts EditKind = "DYNAMIC_HOST_PORTS"
)

// Edit is one part of a Change.
type Edit struct {
	Kind       EditKind                `json:"kind"`
	Value      int                     `json:"value,omitzero"`
	Instance   ecs.InstanceID          `json:"instance,omitzero"`
	Resources  ecs.Resources           `json:"resources,omitzero"`
	Constraint ecs.PlacementConstraint `json:"placementConstraint,omitzero"`
	// NewDeployment says that the edit is of the task definition: it takes effect by a new
	// deployment, which makes the current one an older one.
	NewDeployment bool `json:"newDeployment,omitzero"`
}

// Change is a way out: its edits together make the deployment end.
type Change struct {
	Edits []Edit `json:"edits"`
}

// Deployment says whether the service's current deployment, the PRIMARY one, brings the
// service to a steady state; if not, why not and what would help.
//
// The view is what scheduler.Reconcile would be shown, and the snapshot the cluster at the same moment:
// every task of the view that has not STOPPED holds its room there. Every task finds room if there is no
// snapshot, and on Fargate, by launch type or capacity providers. requests holds the placement request of
// one task for each deployment in View.State, by deployment ID: placement.NewRequest of its task
// definition, with what the service adds to it. The arguments are neither kept nor changed.
//
// Health is not judged: Deployment assumes that every task that runs or is placed becomes healthy, and
// that every task that should stop goes away. It also assumes that the tasks of other services stay as
// the snapshot shows them.
//
// The error is an ecs.ErrorList: InvalidParameterException for a view without PRIMARY deployment, a
// missing request or one that placement refuses, and for a daemon's instance that is missing from the
// snapshot; ServiceNotActiveException for a service that is being deleted; UnsupportedFeatureException
// for task sets and for a deployment over several capacity providers of instances.
//
// It takes O(instances + tasks) and, if the deployment is blocked, O(needs) times that in the
// worst case; 5,000 tasks on 5,000 instances take milliseconds.
func Deployment(v scheduler.View, s *placement.Snapshot, requests map[string]placement.Request) (Verdict, error) {
	m, err := newModel(&v, s, requests)
	if err != nil {
		return Verdict{}, err
	}
	if v.Service.SchedulingStrategy == ecs.SchedulingStrategyDaemon {
		return m.daemonVerdict(), nil
	}
	return m.verdict(), nil
}
