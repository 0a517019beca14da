package scheduler

import (
	"time"

	"github.com/bayplan/bayplan/ecs"
)

// Plan is what is to be done about one service now. Every part is fresh. The order of
// carrying it out is Traffic, Stop, Start, Hooks: no task stops before its traffic has moved,
// and the room that stops free is counted on.
type Plan struct {
	Start   []Start            `json:"start,omitzero"`
	Stop    []Stop             `json:"stop,omitzero"`
	Traffic []Traffic          `json:"traffic,omitzero"` // to set, in this order
	Hooks   []HookCall         `json:"hooks,omitzero"`   // to invoke
	Notes   []Note             `json:"notes,omitzero"`   // to write into Task.Noted
	Forget  []ecs.TaskID       `json:"forget,omitzero"`  // stopped tasks that are accounted for
	Events  []ecs.ServiceEvent `json:"events,omitzero"`  // new ones, oldest first; their ID is the owner's to give
	Ended   []Rollout          `json:"ended,omitzero"`   // deployments that leave State.Rollouts, as they ended
	State   *State             `json:"state,omitzero"`   // replaces View.State; nil: unchanged
	// WakeAt is when the answer may change without any change of the View; zero: never.
	WakeAt time.Time `json:"wakeAt,omitzero"`
}

// Empty reports whether nothing is to be done or remembered; WakeAt does not count.
func (p Plan) Empty() bool {
	return len(p.Start) == 0 && len(p.Stop) == 0 && len(p.Traffic) == 0 && len(p.Hooks) == 0 &&
		len(p.Notes) == 0 && len(p.Forget) == 0 && len(p.Events) == 0 && p.State == nil
}

// Start asks for tasks of one deployment. Where they go is a question of placement, unless
// the instance or zone is named.
type Start struct {
	Deployment       string         `json:"deployment"`
	Count            int            `json:"count"`
	Instance         ecs.InstanceID `json:"instance,omitzero"` // DAEMON: there and nowhere else
	Zone             string         `json:"zone,omitzero"`     // rebalancing: in that zone only
	CapacityProvider string         `json:"capacityProvider,omitzero"`
}

// Class is a standing that tasks of one deployment share, for a Stop of any of them.
type Class string

// The values of Class.
const (
	ClassPending Class = "PENDING" // on their way to counting as healthy
	ClassHealthy Class = "HEALTHY" // counting as healthy
)

// Stop asks for the end of tasks: either of those named in Tasks, or of any Count of Class
// in Deployment. Which ones is then a question of placement, among View.Candidates.
type Stop struct {
	Deployment string           `json:"deployment"`
	Tasks      []ecs.TaskID     `json:"tasks,omitzero"`
	Count      int              `json:"count"` // len(Tasks) if those are named
	Class      Class            `json:"class,omitzero"`
	Zone       string           `json:"zone,omitzero"` // any task in that zone, for rebalancing
	StopCode   ecs.TaskStopCode `json:"stopCode"`
	Reason     string           `json:"reason"` // the task's stoppedReason
}

// Note is a change of Task.Noted.
type Note struct {
	Task   ecs.TaskID       `json:"task"`
	Health ecs.HealthStatus `json:"health"`
}

// Listener is a listener, or listener rule, that a blue/green deployment moves.
type Listener string

// The values of Listener.
const (
	ListenerProduction Listener = "PRODUCTION"
	ListenerTest       Listener = "TEST"
)

// Traffic is how a listener's traffic is to be split between two deployments: Green tenths
// of a percent to Target and the others to Source. A test listener at 0 has no target.
type Traffic struct {
	Listener Listener `json:"listener"`
	Source   string   `json:"source,omitzero"` // deployment ID of blue; "": there is none
	Target   string   `json:"target"`          // deployment ID of green
	Green    int      `json:"green"`           // 0 to FullTraffic: tenths of a percent
}

// HookCall is a life-cycle hook to invoke. The outcome comes back as a HookAnswer.
type HookCall struct {
	Deployment string                      `json:"deployment"`
	Stage      ecs.LifecycleStage          `json:"stage"`
	Hook       ecs.DeploymentLifecycleHook `json:"hook"`
	HookID     string                      `json:"hookId"` // also the key for answering
	Attempt    int                         `json:"attempt"`
}

// HookAnswer is what a hook said. A status that is none of the constants counts as FAILED.
type HookAnswer struct {
	HookID        string                  `json:"hookId"`
	Status        ecs.LifecycleHookStatus `json:"hookStatus"`
	CallBackDelay int                     `json:"callBackDelay,omitzero"` // seconds, with IN_PROGRESS; zero: 30
}
