package control

import (
	"cmp"
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/capacity"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/services"
	"github.com/bayplan/bayplan/ecs/control/internal/tasks"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/ecs/scheduler"
	"github.com/bayplan/bayplan/lifecycle"
	"github.com/bayplan/bayplan/placement"
)

// Explanation answers why a task is pending: what each task on its way to RUNNING waits for, why
// no further task is started, and what placement would say of a further one. String has it as a
// text.
type Explanation struct {
	At      ecs.Instant `json:"at"`               // when it was asked for
	Service string      `json:"service,omitzero"` // name; "" for a task that belongs to none
	Desired int         `json:"desiredCount"`     // these three are the service's
	Running int         `json:"runningCount"`
	Pending int         `json:"pendingCount"`

	Task    *TaskStanding `json:"task,omitzero"`    // of the task that was asked about, else nil
	Waiting []Waiting     `json:"waiting,omitzero"` // the tasks that are not RUNNING yet, oldest first
	Missing []Shortfall   `json:"missing,omitzero"` // the deployments that lack tasks, newest first
	Next    *Next         `json:"next,omitzero"`    // nil for a single task, and where no deployment is PRIMARY
}

// TaskStanding is the status of one task, and why it stops.
type TaskStanding struct {
	Task     ecs.TaskID         `json:"task"`
	Status   ecs.TaskStatus     `json:"lastStatus"`
	Since    ecs.Instant        `json:"since,omitzero"` // RUNNING, stopping or STOPPED since
	Code     ecs.TaskStopCode   `json:"stopCode,omitzero"`
	Reason   string             `json:"stoppedReason,omitzero"`
	Desired  ecs.DesiredStatus  `json:"desiredStatus"`
	Instance ecs.InstanceID     `json:"containerInstance,omitzero"`
	Fargate  bool               `json:"fargate,omitzero"`
	Stop     *OutstandingResult `json:"stop,omitzero"` // StopTask without outcome
}

// Waiting is what a task that is not RUNNING yet waits for.
type Waiting struct {
	Task     ecs.TaskID           `json:"task"`
	Status   ecs.TaskStatus       `json:"lastStatus"` // PROVISIONING, PENDING or ACTIVATING
	Instance ecs.InstanceID       `json:"containerInstance,omitzero"`
	Fargate  bool                 `json:"fargate,omitzero"`
	For      lifecycle.WaitReason `json:"for"`
	Since    ecs.Instant          `json:"since"`

	// Command is the command that has no outcome yet; nil where the wait is for something else.
	Command *OutstandingResult `json:"command,omitzero"`
	// AgentDisconnected reports that the instance's agent is not connected.
	AgentDisconnected bool `json:"agentDisconnected,omitzero"`
	// Container waits, and DEPENDENCY: for DependsOn to meet Condition. DependsOn is Status now.
	Container       string                 `json:"container,omitzero"`
	DependsOn       string                 `json:"dependsOn,omitzero"`
	Condition       ecs.ContainerCondition `json:"condition,omitzero"`
	DependsOnStatus ecs.ContainerStatus    `json:"dependsOnStatus,omitzero"`
	// PullStarted reports, of PULL, whether the agent has said that a pull began.
	PullStarted bool `json:"pullStarted,omitzero"`
	// Room is what ROOM waits for.
	Room *Room `json:"room,omitzero"`
}

// OutstandingResult is a command whose outcome the plane waits for.
type OutstandingResult struct {
	Operation string      `json:"operation"`        // such as StartTask
	Sent      int         `json:"sent"`             // how often it was handed out
	Failures  int         `json:"failures"`         // how often it failed
	Failure   string      `json:"failure,omitzero"` // what was said the last time
	Again     ecs.Instant `json:"again"`            // when it is handed out again
}

// Room says which capacity provider a waiting task needs room on, and what the closest instance
// lacks.
type Room struct {
	CapacityProvider string         `json:"capacityProvider"`
	Instances        int            `json:"instances"` // of the provider, not INACTIVE
	Asked            int            `json:"asked"`     // size of its Auto Scaling group that was last asked for
	Closest          ecs.InstanceID `json:"closest,omitzero"`
	Lacks            []string       `json:"lacks,omitzero"` // what the closest instance lacks
	Until            ecs.Instant    `json:"until"`          // the task stops unless it has room by then
}

// ShortfallReason is why a deployment starts no further task for now.
type ShortfallReason string

// The values of ShortfallReason.
const (
	ShortfallReasonRoom       ShortfallReason = "ROOM"       // the last launch found no room
	ShortfallReasonThrottle   ShortfallReason = "THROTTLE"   // launches failed one after another
	ShortfallReasonRate       ShortfallReason = "RATE"       // as many tasks were launched as LaunchRates let
	ShortfallReasonFailed     ShortfallReason = "FAILED"     // the deployment has FAILED
	ShortfallReasonStage      ShortfallReason = "STAGE"      // a stage of the deployment starts no tasks
	ShortfallReasonPercentage ShortfallReason = "PERCENTAGE" // minimumHealthyPercent and maximumPercent
)

// Shortfall is a deployment that has fewer tasks than it wants, and why it starts none now.
type Shortfall struct {
	Deployment string             `json:"deployment"`
	Tasks      int                `json:"tasks"` // how many it wants besides those that it has
	For        ShortfallReason    `json:"for"`
	Until      ecs.Instant        `json:"until,omitzero"`    // ROOM, THROTTLE and RATE: the next attempt
	Attempts   int                `json:"attempts,omitzero"` // THROTTLE: how many waves of launches failed in a row
	Stage      ecs.LifecycleStage `json:"stage,omitzero"`
}

// Next is what a further task of the PRIMARY deployment would meet.
type Next struct {
	Fargate   bool                  `json:"fargate,omitzero"`
	Daemon    bool                  `json:"daemon,omitzero"`
	Placement placement.Explanation `json:"-"` // neither on Fargate nor of a DAEMON service
	Text      string                `json:"explanation,omitzero"`
}

// Explain answers why tasks are pending. ref is the name or the ARN of a service, or the ID or the
// ARN of a task; a name that is both is the service's. Without clusterRef the cluster is the one in
// the ARN, or the default one. For a service the answer has, in this order, the tasks that are not
// RUNNING yet, the deployments that have too few tasks, and what a further task would meet. For a
// task it says where the task stands. It changes nothing. It takes O(tasks of the service +
// instances of the cluster), and O(instances) more for each task that waits for room.
//
// Waiting times are counted up to now; everything else is as the last input left it.
//
// The errors are ClusterNotFoundException and, where ref is neither, ServiceNotFoundException; for
// the ARN of a task that is not described any more, InvalidParameterException.
func (p *Plane) Explain(now time.Time, clusterRef, ref string) (Explanation, error) {
	arn, _ := ecs.ParseARN(ref)
	c, err := p.fleet.Cluster(cmp.Or(clusterRef, arn.Cluster()))
	if err != nil {
		return Explanation{}, err
	}
	t, isTask := p.tasks.ByTask[ecs.TaskID(core.NameOf(ref))]
	isTask = isTask && t.Cluster == c && (arn.Type == "" || arn.Type == ecs.ARNTypeTask)
	if arn.Type == ecs.ARNTypeTask && !isTask {
		return Explanation{}, core.Fault(ecs.InvalidParameterException, "task", "The referenced task was not found.")
	}
	if arn.Type != ecs.ARNTypeTask {
		if s, err := p.services.LivingService(c, ref); err == nil || !isTask {
			if err != nil {
				return Explanation{}, err
			}
			return p.explainService(s, ecs.At(now))
		}
	}
	e := Explanation{At: ecs.At(now)}
	if s := services.ServiceOf(t); s != nil {
		if e, err = p.explainCounts(s, ecs.At(now)); err != nil {
			return Explanation{}, err
		}
	}
	e.Task = p.standing(t)
	if t.Wait().For != "" {
		e.Waiting = []Waiting{p.waiting(t)}
	}
	return e, nil
}

func (p *Plane) explainService(s *services.Service, now ecs.Instant) (Explanation, error) {
	e, err := p.explainCounts(s, now)
	if err != nil {
		return Explanation{}, err
	}
	for t := range s.Tasks() {
		if t.Wait().For != "" {
			e.Waiting = append(e.Waiting, p.waiting(t))
		}
	}
	for _, r := range s.State.Rollouts {
		if short, is := p.shortfall(s, r, now); is {
			e.Missing = append(e.Missing, short)
		}
	}
	i := slices.IndexFunc(s.State.Rollouts, func(r scheduler.Rollout) bool {
		return r.Status == ecs.DeploymentStatusPrimary
	})
	if i < 0 {
		return e, nil // task sets: whoever made them places
	}
	next, err := p.next(s, s.State.Rollouts[i])
	e.Next = next
	return e, err
}

func (p *Plane) explainCounts(s *services.Service, now ecs.Instant) (Explanation, error) {
	e := Explanation{At: now, Service: s.Record.ServiceName, Desired: s.Record.DesiredCount}
	if s.Daemon() {
		instances, err := p.rollout.DaemonInstances(s)
		if err != nil {
			return Explanation{}, err
		}
		e.Desired = len(instances)
	}
	for t := range s.Tasks() {
		switch {
		case t.Wait().For != "":
			e.Pending++
		case t.Status() == ecs.TaskStatusRunning:
			e.Running++
		}
	}
	return e, nil
}

// next asks placement about a further task of a deployment.
func (p *Plane) next(s *services.Service, r scheduler.Rollout) (*Next, error) {
	provider := s.ProvidersFor(scheduler.Start{Deployment: r.ID, Count: 1})[0]
	switch {
	case (tasks.Order{Provider: provider, LaunchType: r.LaunchType}).Fargate():
		return &Next{Fargate: true}, nil
	case s.Daemon():
		return &Next{Daemon: true}, nil
	}
	request, err := p.rollout.RequestFor(s, r.ID)
	if err != nil {
		return nil, err
	}
	request.CapacityProvider = provider
	e := placement.Explain(s.Cluster.Index.Snapshot(), request)
	return &Next{Placement: e, Text: e.String()}, e.Err
}

// shortfall returns why a deployment has fewer tasks than it wants; false if it has them all.
func (p *Plane) shortfall(s *services.Service, r scheduler.Rollout, now ecs.Instant) (Shortfall, bool) {
	wants := r.DesiredCount
	switch {
	case r.Scale != nil, s.Daemon(), r.Status != ecs.DeploymentStatusPrimary && !r.Demoted:
		return Shortfall{}, false // of a task set and a daemon, each instance or share is a matter of its own
	case r.Status == ecs.DeploymentStatusPrimary:
		wants = s.Record.DesiredCount
	}
	for t := range s.Tasks() {
		if t.Deployment == r.ID && t.Desired() != ecs.DesiredStatusStopped {
			wants--
		}
	}
	if wants <= 0 {
		return Shortfall{}, false
	}
	h := Shortfall{Deployment: r.ID, Tasks: wants, For: ShortfallReasonPercentage, Stage: r.Stages.Stage}
	switch {
	case r.RolloutState == ecs.DeploymentRolloutStateFailed:
		h.For = ShortfallReasonFailed
	case r.Throttle.Until > now && r.Throttle.Until >= r.PlaceAfter:
		h.For, h.Until, h.Attempts = ShortfallReasonThrottle, r.Throttle.Until, r.Throttle.Attempts
	case r.PlaceAfter > now:
		h.For, h.Until = ShortfallReasonRoom, r.PlaceAfter
	case p.spent(s, now) != 0:
		h.For, h.Until = ShortfallReasonRate, p.spent(s, now)
	case r.Stages.Stage != "":
		h.For = ShortfallReasonStage
	}
	return h, true
}

// spent returns when a service may launch tasks again; 0 where it may now.
func (p *Plane) spent(s *services.Service, now ecs.Instant) ecs.Instant {
	l := p.rollout.Launches(s)
	if !l.Limited || l.Now > 0 || l.Next <= now {
		return 0
	}
	return l.Next
}

// standing returns where a task is in its life.
func (p *Plane) standing(t *tasks.Task) *TaskStanding {
	m := t.Machine
	v := &TaskStanding{Task: t.ID, Status: t.Status(), Code: t.StopCode(), Reason: m.StoppedReason(),
		Desired:  t.Desired(),
		Instance: t.Instance, Fargate: t.LaunchType == ecs.LaunchTypeFargate}
	switch {
	case t.Stopped():
		v.Since = m.StoppedAt()
	case t.Desired() == ecs.DesiredStatusStopped:
		v.Since, v.Stop = m.StoppingAt(), p.outstandingResult(t.StopKey())
	case t.Wait().For == "":
		v.Since = m.StartedAt
	}
	return v
}

// waiting returns what a task waits for, with what is known about it now.
func (p *Plane) waiting(t *tasks.Task) Waiting {
	w := Waiting{Task: t.ID, Status: t.Status(), Instance: t.Instance, Fargate: t.LaunchType == ecs.LaunchTypeFargate,
		For: t.Wait().For, Since: t.Wait().Since}
	w.AgentDisconnected = t.On != nil && !t.On.Record.AgentConnected
	switch t.Wait().For {
	case lifecycle.WaitReasonRoom:
		w.Room = p.room(t)
	case lifecycle.WaitReasonPull:
		w.PullStarted = t.Machine.PullStartedAt != 0
	case lifecycle.WaitReasonNetworkInterface:
		w.Command = p.outstandingResult(t.Keys.Attach)
	case lifecycle.WaitReasonVolume:
		if t.Volume != nil {
			w.Command = p.outstandingResult(t.Volume.Attach)
		}
	case lifecycle.WaitReasonAgent:
		w.Command = p.outstandingResult(t.StartKey())
	case lifecycle.WaitReasonDiscovery:
		w.Command = p.outstandingResult(t.Keys.Discover)
	case lifecycle.WaitReasonTargets:
		for _, target := range t.Targets {
			if w.Command = p.outstandingResult(target.Register); w.Command != nil {
				break
			}
		}
	case lifecycle.WaitReasonContainer:
		w.Container = t.Definition.ContainerDefinitions[t.Wait().Container].Name
	case lifecycle.WaitReasonDependency:
		d, on := t.Definition.ContainerDefinitions[t.Wait().Container], t.Definition.ContainerDefinitions[t.Wait().On]
		w.Container, w.DependsOn, w.DependsOnStatus = d.Name, on.Name,
			t.Machine.Container(int(t.Wait().On)).Status.LastStatus()
		for _, dep := range d.DependsOn {
			if dep.ContainerName == on.Name {
				w.Condition = dep.Condition
			}
		}
	}
	return w
}

func (p *Plane) outstandingResult(k message.Key) *OutstandingResult {
	o, ok := p.outbox.Find(k)
	if !ok {
		return nil
	}
	return &OutstandingResult{Operation: k.Op, Sent: o.Sent, Failures: o.Failures, Failure: o.Failure, Again: o.Wake}
}

// room returns what a task lacks that waits for its capacity provider to grow.
func (p *Plane) room(t *tasks.Task) *Room {
	r := &Room{CapacityProvider: t.CapacityProvider, Until: t.CreatedAt.Add(capacity.ProvisioningTimeout)}
	for _, i := range t.Cluster.Instances {
		if i.Record.CapacityProviderName == t.CapacityProvider &&
			i.Record.Status != ecs.ContainerInstanceStatusInactive {
			r.Instances++
		}
	}
	if c, ok := p.capacity.Provider(t.CapacityProvider); ok {
		r.Asked = c.Desired
	}
	if t.Request == nil {
		return r
	}
	e := placement.Explain(t.Cluster.Index.Snapshot(), *t.Request)
	r.Closest = e.Closest
	for _, m := range e.Remedies {
		r.Lacks = append(r.Lacks, string(m.Reason.Code)+", "+m.Reason.String())
	}
	return r
}
