package tasks

import (
	"cmp"
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/lifecycle"
	"github.com/bayplan/bayplan/placement"
)

// Start begins the life of a task that has a place.
func (m *Room) Start(t *Task, why string) {
	if t.Program == nil {
		m.Begin(t, false)
		m.Changed(t, "", why)
	}
	m.Step(t, lifecycle.Placed(m.Core.Now().Time()))
	t.Touch()
}

// Drop forgets a task altogether.
func (m *Room) Drop(t *Task) {
	m.leaveProgram(t)
	delete(m.ByTask, t.ID)
	m.all[t.Cluster] = slices.DeleteFunc(m.all[t.Cluster], func(o *Task) bool { return o == t })
	if t.Owner != nil {
		t.Owner.Left(t)
	}
}

// newTaskID returns an ID that no task has, even where a State's counter lags behind its tasks.
func (m *Room) newTaskID() ecs.TaskID {
	for {
		id := ecs.TaskID(m.Core.HexID())
		if _, taken := m.ByTask[id]; !taken {
			return id
		}
	}
}

func (m *Room) taskOf(ref string) (*Task, bool) {
	t, ok := m.ByTask[ecs.TaskID(ref)]
	return t, ok
}

func (m *Room) allTasks(yield func(string, *Task) bool) {
	for _, c := range m.Fleet.Clusters {
		for _, t := range m.all[c] {
			if !yield(string(t.ID), t) {
				return
			}
		}
	}
}

// Task is a task with everything the plane knows of it. The exported fields are its state.
type Task struct {
	ID                ecs.TaskID                `json:"id"`
	Machine           lifecycle.Task            `json:"machine"`
	TaskDefinitionArn string                    `json:"taskDefinition"`
	Overrides         *ecs.TaskOverride         `json:"overrides,omitzero"`
	Service           string                    `json:"service,omitzero"` // name
	Deployment        string                    `json:"deployment,omitzero"`
	Group             string                    `json:"group"`
	StartedBy         string                    `json:"startedBy,omitzero"`
	LaunchType        ecs.LaunchType            `json:"launchType,omitzero"`
	CapacityProvider  string                    `json:"capacityProvider,omitzero"`
	PlatformVersion   string                    `json:"platformVersion,omitzero"`
	Network           *ecs.NetworkConfiguration `json:"networkConfiguration,omitzero"`
	fleet.Seat
	Address    string               `json:"address,omitzero"` // awsvpc
	Targets    []Target             `json:"targets,omitzero"`
	Registry   *ecs.ServiceRegistry `json:"serviceRegistry,omitzero"`
	Volume     *Volume              `json:"volume,omitzero"`     // configured at launch
	Details    []Detail             `json:"details,omitzero"`    // by container, what only the API shows
	Request    *placement.Request   `json:"request,omitzero"`    // while it waits for room
	AwaitsRoom bool                 `json:"awaitsRoom,omitzero"` // was started without a place
	Life       uint64               `json:"life,omitzero"`       // of the agent that told of it last
	Sequence   uint64               `json:"sequence,omitzero"`   // of the last that it told
	Doubt      ecs.Instant          `json:"doubt,omitzero"`      // since when reports contradict that
	Exec       bool                 `json:"exec,omitzero"`
	Tags       []ecs.Tag            `json:"tags,omitzero"`
	CreatedAt  ecs.Instant          `json:"createdAt"`
	Noted      ecs.HealthStatus     `json:"noted,omitzero"`
	Forgotten  bool                 `json:"forgotten,omitzero"` // by the scheduler
	Orphan     bool                 `json:"orphan,omitzero"`    // its service is gone, and the name another's
	Keys       Keys                 `json:"keys,omitzero"`
	Wait       Wait                 `json:"wait,omitzero"`
	Wake       ecs.Instant          `json:"wake,omitzero"`
	Forget     ecs.Instant          `json:"forget,omitzero"`

	Definition ecs.TaskDefinition `json:"-"` // overrides applied
	Program    *lifecycle.Program `json:"-"`
	programKey programKey
	Cluster    *fleet.Cluster `json:"-"`
	Owner      Owner          `json:"-"` // nil: it belongs to no service that there is
}

// TaskID returns the task's ID.
func (t *Task) TaskID() ecs.TaskID { return t.ID }

// Needs returns what the task reserves of its instance.
func (t *Task) Needs() ecs.Resources { return t.Definition.Requirements() }

// StaticPorts returns the host ports that the task's definition names.
func (t *Task) StaticPorts() []ecs.HostPort { return t.Definition.StaticHostPorts() }

// InGroup returns the group that the task counts in.
func (t *Task) InGroup() string { return t.Group }

// PlacedBy returns the request that the task's place answers, without its strategy.
func (t *Task) PlacedBy() (placement.Request, error) {
	return placement.NewRequest(t.Definition, t.Group)
}

// Place returns where the task is.
func (t *Task) Place() *fleet.Seat { return &t.Seat }

// Keys are the keys of a task's commands, by which outcomes find it.
type Keys struct {
	Start      message.Key `json:"start,omitzero"`
	Stop       message.Key `json:"stop,omitzero"`
	Attach     message.Key `json:"attach,omitzero"`
	Detach     message.Key `json:"detach,omitzero"`
	Discover   message.Key `json:"discover,omitzero"`
	Undiscover message.Key `json:"undiscover,omitzero"`
}

// Detail is what the API shows of a container and no rule reads.
type Detail struct {
	Reason      string `json:"reason,omitzero"`
	ImageDigest string `json:"imageDigest,omitzero"`
	RuntimeID   string `json:"runtimeId,omitzero"`
}

// Status returns the lastStatus of the task.
func (t *Task) Status() ecs.TaskStatus { return ecs.TaskStatus(t.Machine.Last.String()) }

// Stopped reports whether the task is STOPPED, or DELETED.
func (t *Task) Stopped() bool { return t.Machine.Last >= lifecycle.StatusStopped }

// Over reports whether the agent has nothing more to do for the task.
func (t *Task) Over() bool { return t.Machine.Last >= lifecycle.StatusDeprovisioning }

// Desired returns the desiredStatus of the task.
func (t *Task) Desired() ecs.DesiredStatus {
	if t.Machine.Desired == lifecycle.StatusStopped {
		return ecs.DesiredStatusStopped
	}
	return ecs.DesiredStatusRunning
}

// StartedAt returns when the task became RUNNING first; 0 if it never was.
func (t *Task) StartedAt() ecs.Instant { return t.Machine.StartedAt }

// Health returns the healthStatus of the task, by its containers.
func (t *Task) Health() ecs.HealthStatus { return t.Program.Health(t.Machine) }

// StopCode returns why the task stops; empty while it is to run.
func (t *Task) StopCode() ecs.TaskStopCode { return t.Machine.StopCode.ECS() }

// ProtectedUntil returns when the protection from scale-in ends; 0 if there is none now.
func (t *Task) ProtectedUntil(now ecs.Instant) ecs.Instant {
	if t.Machine.ProtectedUntil > now {
		return t.Machine.ProtectedUntil
	}
	return 0
}

// ARN returns the ARN of a task.
func (m *Room) ARN(t *Task) string {
	return m.Core.ARN("ecs", "task/"+t.Cluster.Record.ClusterName+"/"+string(t.ID))
}

// ServiceName returns the name of the service that started the task, empty for none.
func (t *Task) ServiceName() string { return t.Service }

// ContainerIndex returns where a container stands in its definition, -1 if nowhere.
func ContainerIndex(d ecs.TaskDefinition, name string) int {
	return slices.IndexFunc(d.ContainerDefinitions, func(c ecs.ContainerDefinition) bool { return c.Name == name })
}

// Add makes a task that has no place yet.
func (m *Room) Add(o Order) *Task {
	t := &Task{
		ID: m.newTaskID(), TaskDefinitionArn: o.Definition.TaskDefinitionArn, Overrides: o.Overrides,
		Deployment: o.Deployment,
		Group:      o.Group, StartedBy: o.StartedBy, LaunchType: cmp.Or(o.LaunchType, ecs.LaunchTypeEC2),
		CapacityProvider: o.Provider,
		PlatformVersion:  o.Platform, Network: o.Network, Volume: o.Volume.clone(), Exec: o.Exec, Tags: o.Tags,
		CreatedAt:  m.Core.Now(),
		Definition: o.Definition, Cluster: o.Cluster, Seat: fleet.Seat{Counted: true}, Owner: o.Owner,
		Service: o.Service, Registry: o.Registry,
		Details: make([]Detail, len(o.Definition.ContainerDefinitions)),
		Targets: m.targetsOf(o.Balancers, o.Definition),
	}
	if t.Owner != nil {
		t.Owner.Joined(t)
	}
	m.all[t.Cluster] = append(m.all[t.Cluster], t)
	m.ByTask[t.ID] = t
	return t
}

// Orphan makes the tasks of a service that is no longer described belong to no service.
func (m *Room) Orphan(c *fleet.Cluster, of Owner) {
	for _, t := range m.all[c] {
		if t.Owner == of {
			t.Owner, t.Orphan = nil, true
		}
	}
}

// Gone forgets the tasks of a cluster that is no longer described.
func (m *Room) Gone(c *fleet.Cluster) {
	for _, t := range m.all[c] {
		m.leaveProgram(t)
		delete(m.ByTask, t.ID)
	}
	delete(m.all, c)
}

// Running is the task as placement sees it.
func (m *Room) Running(t *Task) placement.Running {
	r := placement.Running{ID: t.ID, Instance: t.Instance, Group: t.Group, DesiredStatus: t.Desired(),
		LaunchType: t.LaunchType, CapacityProvider: t.CapacityProvider,
		Zone: t.Zone, Resources: t.Definition.Requirements(), Protected: t.ProtectedUntil(m.Core.Now()) != 0,
		Deployment: t.Deployment, Health: t.Health()}
	for _, list := range t.Bindings {
		for _, b := range list {
			if b.HostPort != 0 {
				r.HostPorts = append(r.HostPorts, ecs.HostPort{Port: uint16(b.HostPort), Protocol: b.Protocol})
			}
		}
	}
	return r
}

// StopTask stops a task by request, and takes its tags away. An unknown task is an InvalidParameterException.
func (m *Room) StopTask(in api.StopTaskInput) (*Task, error) {
	if err := in.Validate(); err != nil {
		return nil, err
	}
	c, err := m.Fleet.Cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	t, ok := m.ByTask[ecs.TaskID(core.NameOf(in.Task))]
	if !ok || t.Cluster != c {
		return nil, core.Fault(ecs.InvalidParameterException, "task", "The referenced task was not found.")
	}
	m.Stop(t, ecs.TaskStopCodeUserInitiated, cmp.Or(in.Reason, "Task stopped by user"))
	t.Tags = nil
	return t, nil
}
