package tasks

import (
	"fmt"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/compact"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
	"github.com/bayplan/bayplan/ecs/control/internal/written"
	"github.com/bayplan/bayplan/lifecycle"
	"github.com/bayplan/bayplan/placement"
)

// Start begins the life of a task that has a place.
func (m *Room) Start(t *Task, why string) {
	if !t.begun {
		m.Begin(t)
		m.Changed(t, "", why)
	}
	m.Step(t, lifecycle.Placed(m.Core.Now().Time()))
	t.Touch()
}

// Drop forgets a task altogether.
func (m *Room) Drop(t *Task) {
	m.leave(t.Likeness)
	delete(m.ByTask, t.ID)
	m.all[t.Cluster].Remove(t)
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
		for t := range m.In(c) {
			if !yield(string(t.ID), t) {
				return
			}
		}
	}
}

// Task is a task with everything the plane knows of it. What it has in common with others, and what few tasks
// have, is apart.
type Task struct {
	ID      ecs.TaskID
	Machine compact.Machine
	*Likeness
	*written.Rare
	fleet.Seat
	Places
	details   *[]written.Detail // by container; nil: nothing is known
	Life      uint64            // of the agent that told of it last
	Sequence  uint64            // of the last that it told
	start     uint64            // epoch of its StartTask
	stop      uint64            // epoch of its StopTask
	wait      written.CompactWait
	CreatedAt ecs.Instant
	Wake      ecs.Instant
	Forget    ecs.Instant
	noted     lifecycle.Health // by the scheduler
	Forgotten bool             // likewise
	begun     bool             // its machine has
	core.Marked
}

// Lifecycle returns the state of the task's machine.
func (t *Task) Lifecycle() lifecycle.Task { return t.Machine.Unpack(t.ID) }

// TaskID returns the task's ID.
func (t *Task) TaskID() ecs.TaskID { return t.ID }

// Needs returns what the task reserves of its instance.
func (t *Task) Needs() ecs.Resources { return t.need }

// StaticPorts returns the host ports that the task's definition names.
func (t *Task) StaticPorts() []ecs.HostPort { return t.static }

// InGroup returns the group that the task counts in.
func (t *Task) InGroup() string { return t.Group }

// PlacedBy returns the request that the task's place answers, without its strategy.
func (t *Task) PlacedBy() (placement.Request, error) {
	return placement.NewRequest(*t.Definition, t.Group)
}

// Place returns where the task is.
func (t *Task) Place() *fleet.Seat { return &t.Seat }

// Alike returns where the host ports of a task like it are kept.
func (t *Task) Alike() *compact.Bindings { return &t.bound }

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
func (t *Task) Health() ecs.HealthStatus {
	if t.Machine.Unchecked() {
		return ecs.HealthStatusUnknown
	}
	return t.Program.Health(t.Lifecycle())
}

// StopCode returns why the task stops; empty while it is to run.
func (t *Task) StopCode() ecs.TaskStopCode { return t.Machine.StopCode.ECS() }

// ProtectedUntil returns when the protection from scale-in ends; 0 if there is none now.
func (t *Task) ProtectedUntil(now ecs.Instant) ecs.Instant {
	if until := t.Machine.ProtectedUntil(); until > now {
		return until
	}
	return 0
}

// Noted returns the health that the scheduler has noted of the task.
func (t *Task) Noted() ecs.HealthStatus { return ecs.HealthStatus(t.noted.String()) }

// Note notes what the scheduler knows of the task's health.
func (t *Task) Note(h ecs.HealthStatus) {
	t.noted, _ = written.HealthOf(h) // it is one of them
	t.Alter()
}

// ARN returns the ARN of the task.
func (t *Task) ARN() string { return t.arn + string(t.ID) }

// ServiceName returns the name of the service that started the task, empty for none.
func (t *Task) ServiceName() string { return t.Service }

// Add makes a task that has no place yet. Registered definitions compile.
func (m *Room) Add(o Order) *Task {
	targets := written.TargetsOf(m.Targets, o.Balancers, o.Definition)
	like, _, err := m.join(o.likeness(len(targets)))
	if err != nil {
		panic(fmt.Sprintf("control: registered task definition %s does not compile: %v",
			o.Definition.TaskDefinitionArn, err))
	}
	t := &Task{ID: m.newTaskID(), Likeness: like, Rare: m.plain, CreatedAt: m.Core.Now(),
		Seat: fleet.Seat{Counted: true}}
	m.Came(t)
	if targets != nil || o.Volume != nil {
		rare := m.Own(t)
		rare.Targets, rare.Volume = targets, o.Volume.Clone()
	}
	if t.Owner != nil {
		t.Owner.Joined(t)
	}
	m.enter(t)
	return t
}

// Gone forgets the tasks of a cluster that is no longer described.
func (m *Room) Gone(c *fleet.Cluster) {
	for t := range m.In(c) {
		m.leave(t.Likeness)
		delete(m.ByTask, t.ID)
	}
	delete(m.all, c)
}

// Running is the task as placement sees it.
func (m *Room) Running(t *Task) placement.Running {
	return placement.Running{ID: t.ID, Instance: t.Instance, Group: t.Group, DesiredStatus: t.Desired(),
		LaunchType: t.LaunchType, CapacityProvider: t.CapacityProvider,
		Zone: t.Zone, Resources: t.need, Protected: t.ProtectedUntil(m.Core.Now()) != 0,
		Deployment: t.Deployment, Health: t.Health(), HostPorts: t.Bindings.HostPorts()}
}
