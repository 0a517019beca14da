package control

import (
	"cmp"
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/lifecycle"
	"github.com/bayplan/bayplan/placement"
)

// startTask begins the life of a task that has a place.
func (m *taskRoom) startTask(t *task, why string) {
	if t.program == nil {
		m.begin(t, false)
		m.taskChanged(t, "", why)
	}
	m.step(t, lifecycle.Placed(m.core.Now().Time()))
	t.touch()
}

// dropTask forgets a task altogether.
func (m *taskRoom) dropTask(t *task) {
	m.leaveProgram(t)
	delete(m.byTask, t.ID)
	m.all[t.cluster] = slices.DeleteFunc(m.all[t.cluster], func(o *task) bool { return o == t })
	if t.owner != nil {
		t.owner.Left(t)
	}
}

// newTaskID returns an ID that no task has, even where a State's counter lags behind its tasks.
func (m *taskRoom) newTaskID() ecs.TaskID {
	for {
		id := ecs.TaskID(m.core.HexID())
		if _, taken := m.byTask[id]; !taken {
			return id
		}
	}
}

func (m *taskRoom) taskOf(ref string) (*task, bool) {
	t, ok := m.byTask[ecs.TaskID(ref)]
	return t, ok
}

func (m *taskRoom) allTasks(yield func(string, *task) bool) {
	for _, c := range m.fleet.Clusters {
		for _, t := range m.all[c] {
			if !yield(string(t.ID), t) {
				return
			}
		}
	}
}

// task is a task with everything the plane knows of it. The exported fields are its state.
type task struct {
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
	Targets    []taskTarget         `json:"targets,omitzero"`
	Registry   *ecs.ServiceRegistry `json:"serviceRegistry,omitzero"`
	Volume     *taskVolume          `json:"volume,omitzero"`     // configured at launch
	Details    []containerDetail    `json:"details,omitzero"`    // by container, what only the API shows
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
	Keys       taskKeys             `json:"keys,omitzero"`
	Wait       wait                 `json:"wait,omitzero"`
	Wake       ecs.Instant          `json:"wake,omitzero"`
	Forget     ecs.Instant          `json:"forget,omitzero"`

	definition ecs.TaskDefinition // overrides applied
	program    *lifecycle.Program
	programKey programKey
	cluster    *fleet.Cluster
	owner      owner // nil: it belongs to no service that there is
}

// TaskID returns the task's ID.
func (t *task) TaskID() ecs.TaskID { return t.ID }

// Needs returns what the task reserves of its instance.
func (t *task) Needs() ecs.Resources { return t.definition.Requirements() }

// StaticPorts returns the host ports that the task's definition names.
func (t *task) StaticPorts() []ecs.HostPort { return t.definition.StaticHostPorts() }

// InGroup returns the group that the task counts in.
func (t *task) InGroup() string { return t.Group }

// PlacedBy returns the request that the task's place answers, without its strategy.
func (t *task) PlacedBy() (placement.Request, error) {
	return placement.NewRequest(t.definition, t.Group)
}

// Place returns where the task is.
func (t *task) Place() *fleet.Seat { return &t.Seat }

// taskKeys are the keys of a task's commands, by which outcomes find it.
type taskKeys struct {
	Start      message.Key `json:"start,omitzero"`
	Stop       message.Key `json:"stop,omitzero"`
	Attach     message.Key `json:"attach,omitzero"`
	Detach     message.Key `json:"detach,omitzero"`
	Discover   message.Key `json:"discover,omitzero"`
	Undiscover message.Key `json:"undiscover,omitzero"`
}

// containerDetail is what the API shows of a container and no rule reads.
type containerDetail struct {
	Reason      string `json:"reason,omitzero"`
	ImageDigest string `json:"imageDigest,omitzero"`
	RuntimeID   string `json:"runtimeId,omitzero"`
}

func (t *task) status() ecs.TaskStatus { return ecs.TaskStatus(t.Machine.Last.String()) }

func (t *task) stopped() bool { return t.Machine.Last >= lifecycle.StatusStopped }

// over reports whether the agent has nothing more to do for the task.
func (t *task) over() bool { return t.Machine.Last >= lifecycle.StatusDeprovisioning }

func (t *task) desired() ecs.DesiredStatus {
	if t.Machine.Desired == lifecycle.StatusStopped {
		return ecs.DesiredStatusStopped
	}
	return ecs.DesiredStatusRunning
}

func (t *task) startedAt() ecs.Instant { return t.Machine.StartedAt }

func (t *task) health() ecs.HealthStatus { return t.program.Health(t.Machine) }

func (t *task) stopCode() ecs.TaskStopCode { return t.Machine.StopCode.ECS() }

func (t *task) protectedUntil(now ecs.Instant) ecs.Instant {
	if t.Machine.ProtectedUntil > now {
		return t.Machine.ProtectedUntil
	}
	return 0
}

func (m *taskRoom) taskArn(t *task) string {
	return m.core.ARN("ecs", "task/"+t.cluster.Record.ClusterName+"/"+string(t.ID))
}

func (t *task) serviceName() string { return t.Service }

// containerIndex returns where a container stands in its definition, -1 if nowhere.
func containerIndex(d ecs.TaskDefinition, name string) int {
	return slices.IndexFunc(d.ContainerDefinitions, func(c ecs.ContainerDefinition) bool { return c.Name == name })
}

// newTask makes a task that has no place yet.
func (m *taskRoom) newTask(o order) *task {
	t := &task{
		ID: m.newTaskID(), TaskDefinitionArn: o.definition.TaskDefinitionArn, Overrides: o.overrides, Deployment: o.deployment,
		Group: o.group, StartedBy: o.startedBy, LaunchType: cmp.Or(o.launchType, ecs.LaunchTypeEC2), CapacityProvider: o.provider,
		PlatformVersion: o.platform, Network: o.network, Volume: o.volume.clone(), Exec: o.exec, Tags: o.tags, CreatedAt: m.core.Now(),
		definition: o.definition, cluster: o.cluster, Seat: fleet.Seat{Counted: true}, owner: o.owner, Service: o.service, Registry: o.registry,
		Details: make([]containerDetail, len(o.definition.ContainerDefinitions)), Targets: m.targetsOf(o.balancers, o.definition),
	}
	if t.owner != nil {
		t.owner.Joined(t)
	}
	m.all[t.cluster] = append(m.all[t.cluster], t)
	m.byTask[t.ID] = t
	return t
}

// orphan leaves the tasks of a service that is no longer described to themselves.
func (m *taskRoom) orphan(c *fleet.Cluster, of owner) {
	for _, t := range m.all[c] {
		if t.owner == of {
			t.owner, t.Orphan = nil, true
		}
	}
}

// gone forgets the tasks of a cluster that is no longer described.
func (m *taskRoom) gone(c *fleet.Cluster) {
	for _, t := range m.all[c] {
		m.leaveProgram(t)
		delete(m.byTask, t.ID)
	}
	delete(m.all, c)
}

// running is the task as placement sees it.
func (m *taskRoom) running(t *task) placement.Running {
	r := placement.Running{ID: t.ID, Instance: t.Instance, Group: t.Group, DesiredStatus: t.desired(), LaunchType: t.LaunchType, CapacityProvider: t.CapacityProvider,
		Zone: t.Zone, Resources: t.definition.Requirements(), Protected: t.protectedUntil(m.core.Now()) != 0, Deployment: t.Deployment, Health: t.health()}
	for _, list := range t.Bindings {
		for _, b := range list {
			if b.HostPort != 0 {
				r.HostPorts = append(r.HostPorts, ecs.HostPort{Port: uint16(b.HostPort), Protocol: b.Protocol})
			}
		}
	}
	return r
}
