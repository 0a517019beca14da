package agent

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/driver"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/lifecycle"
)

// Settings are what an agent is, and how it treats its tasks.
type Settings struct {
	Cluster  string
	Instance ecs.InstanceID // "": Fargate

	// Life is what its reports say, as message.InstanceReport has it; 0: it does not say.
	Life uint64
	// Floor is the highest epoch of a command of earlier lives whose tasks are lost. A StartTask that is
	// not above it fails for good.
	Floor uint64
	// Sequence is what the words about each task are numbered above, where an earlier life may have numbered
	// words up to it and neither of the two says its Life.
	Sequence uint64

	Cleanup      time.Duration // how long a stopped task is remembered; 0: 3 hours
	StopTimeout  time.Duration // ECS_CONTAINER_STOP_TIMEOUT; 0: 30 s
	PullBehavior lifecycle.PullBehavior
}

// cleanup is ECS_ENGINE_TASK_CLEANUP_WAIT_DURATION where nothing is set. Source: Amazon ECS Developer
// Guide, "Amazon ECS container agent configuration".
const cleanup = 3 * time.Hour

// Machine is an agent without its surroundings: it holds the tasks of one instance, or of Fargate, and is
// told of everything that happens, with the time. Each method returns what must be done. It is a function
// of what it was told: two machines that were told the same are the same. It is not safe for concurrent
// use.
type Machine struct {
	settings Settings
	seen     uint64
	tasks    map[ecs.TaskID]*Task
	stops    map[ecs.TaskID]stop // of tasks that it was told to stop, had or not
	programs programs
	changes  uint64 // of what is worth being saved
}

// stop is the newest StopTask for a task: its epoch, and when it came.
type stop struct {
	Epoch uint64      `json:"epoch"`
	At    ecs.Instant `json:"at"`
}

// NewMachine returns a machine that has no tasks.
func NewMachine(s Settings) *Machine {
	if s.Cleanup <= 0 {
		s.Cleanup = cleanup
	}
	return &Machine{settings: s, tasks: map[ecs.TaskID]*Task{}, stops: map[ecs.TaskID]stop{},
		programs: programs{}}
}

// Life returns the Life that the machine reports.
func (m *Machine) Life() uint64 { return m.settings.Life }

// Seen returns the highest epoch of a command that the machine, or an earlier life of it, was given.
func (m *Machine) Seen() uint64 { return max(m.seen, m.settings.Floor) }

// See notes the epoch of a command that comes to the agent, even if nothing is done about it.
func (m *Machine) See(epoch uint64) {
	if epoch > m.seen {
		m.seen = epoch
		m.changes++
	}
}

// Refuses returns why the machine cannot start a task: its Settings.Floor says that an earlier life may
// have started the task, and the task is lost. The error is permanent. nil: it can.
func (m *Machine) Refuses(c message.StartTask) error {
	if c.ID.Epoch > m.settings.Floor || m.tasks[c.Task] != nil {
		return nil
	}
	return driver.Permanent(fmt.Errorf("the agent was started again and has forgotten the task"))
}

// Start begins to start a task. A task that the machine has, or that a newer epoch has stopped, is left as it
// is. A task whose containers depend on each other in a circle is reported as stopped. The error is that of
// Refuses, and nothing has changed then.
func (m *Machine) Start(now time.Time, c message.StartTask) (Outcome, error) {
	out := Outcome{}
	if err := m.Refuses(c); err != nil {
		return out, err
	}
	m.See(c.ID.Epoch)
	if m.tasks[c.Task] != nil || m.stops[c.Task].Epoch > c.ID.Epoch {
		return out, nil
	}
	t, err := m.compile(c)
	if err != nil {
		out.Changes = append(out.Changes, m.unrunnable(c,
			"Task dependencies cannot be resolved, taskArn: "+c.TaskArn))
		return out, nil
	}
	m.tasks[c.Task] = t
	m.changes++
	t.state = t.program.Start(c.Task, now)
	m.step(t, lifecycle.Placed(now), &out)
	out.Changes = append(out.Changes, m.word(t))
	return out, nil
}

// compile returns a task that has not begun.
func (m *Machine) compile(c message.StartTask) (*Task, error) {
	program, err := m.programs.of(c.TaskDefinition, lifecycle.Traits{Role: lifecycle.RoleAgent,
		LaunchType: c.LaunchType, StopTimeout: m.settings.StopTimeout, PullBehavior: m.settings.PullBehavior})
	if err != nil {
		return nil, err
	}
	return &Task{command: c, program: program, sequence: m.settings.Sequence,
		told: make([]told, len(c.TaskDefinition.ContainerDefinitions))}, nil
}

// unrunnable is the word about a task that the agent cannot run.
func (m *Machine) unrunnable(c message.StartTask, why string) message.TaskStateChange {
	return message.TaskStateChange{Cluster: m.settings.Cluster, Task: c.Task, Instance: m.settings.Instance,
		Life: m.settings.Life, Sequence: 1, Status: ecs.TaskStatusStopped, Reason: why}
}

// lastWord is the sequence of the word about a task that the machine does not have: no other follows.
const lastWord = 1 << 62

// Stop begins to stop a task. The machine remembers the stop, so that an older StartTask that comes late
// starts nothing. A task that the machine does not have is reported as stopped.
func (m *Machine) Stop(now time.Time, c message.StopTask) Outcome {
	out := Outcome{}
	m.See(c.ID.Epoch)
	m.changes++
	m.stops[c.Task] = stop{max(m.stops[c.Task].Epoch, c.ID.Epoch), ecs.At(now)}
	t, ok := m.tasks[c.Task]
	switch {
	case !ok:
		gone := m.unrunnable(message.StartTask{Task: c.Task}, "")
		gone.Sequence = lastWord
		out.Changes = append(out.Changes, gone)
	case t.Over():
		out.Changes = append(out.Changes, m.word(t))
	default:
		m.step(t, lifecycle.StopRequested(now, ecs.TaskStopCodeUserInitiated, c.Reason), &out)
	}
	return out
}

// Observe tells the machine what a container did: the answer to an Effect, or an exit. An event of a task
// that the machine does not have, or that comes late, changes nothing.
func (m *Machine) Observe(id ecs.TaskID, ev lifecycle.Event) Outcome {
	out := Outcome{}
	if t, ok := m.tasks[id]; ok {
		m.step(t, ev, &out)
	}
	return out
}

// Identify notes what the runtime calls a container and its image; "" leaves what is known. The next word
// about the task has it.
func (m *Machine) Identify(id ecs.TaskID, index int, runtimeID, imageDigest string) {
	t, ok := m.tasks[id]
	if !ok || index < 0 || index >= len(t.told) {
		return
	}
	m.changes++
	if runtimeID != "" {
		t.told[index].RuntimeID = runtimeID
	}
	if imageDigest != "" {
		t.told[index].ImageDigest = imageDigest
	}
}

// Tick wakes the task of w. Nothing happens if a newer Wake has replaced w.
func (m *Machine) Tick(now time.Time, w Wake) Outcome {
	out := Outcome{}
	if t, ok := m.tasks[w.Task]; ok && t.wake == w {
		t.wake.At = time.Time{}
		m.step(t, lifecycle.Tick(now), &out)
	}
	return out
}

// Next returns the earliest Wake, the first in order of task where several are, and false if time alone
// changes nothing.
func (m *Machine) Next() (first Wake, ok bool) {
	for _, t := range m.tasks { //order:any the least
		w := t.wake
		if !w.At.IsZero() && (!ok || w.At.Before(first.At) || w.At.Equal(first.At) && w.Task < first.Task) {
			first, ok = w, true
		}
	}
	return first, ok
}

// Task returns a task, nil if the machine does not have it.
func (m *Machine) Task(id ecs.TaskID) *Task { return m.tasks[id] }

// Tasks returns the tasks in order of ID.
func (m *Machine) Tasks() []*Task {
	return slices.SortedFunc(maps.Values(m.tasks), func(a, b *Task) int {
		return cmp.Compare(a.command.Task, b.command.Task)
	})
}

// Remembered returns how many tasks and stops the machine holds.
func (m *Machine) Remembered() int { return len(m.tasks) + len(m.stops) }

// Forget drops what has been over for longer than Settings.Cleanup: no command for it is on its way any
// more. It returns the tasks that it dropped, in order of ID, so that their containers can be removed.
func (m *Machine) Forget(now time.Time) (forgotten []message.StartTask) {
	for _, t := range m.tasks { //order:any sorted below
		if t.Over() && now.Sub(t.state.StoppedAt.Time()) > m.settings.Cleanup {
			forgotten = append(forgotten, t.command)
			delete(m.tasks, t.command.Task)
			m.changes++
		}
	}
	for id, s := range m.stops { //order:any each by itself
		if m.tasks[id] == nil && now.Sub(s.At.Time()) > m.settings.Cleanup {
			delete(m.stops, id)
			m.changes++
		}
	}
	slices.SortFunc(forgotten, func(a, b message.StartTask) int { return cmp.Compare(a.Task, b.Task) })
	return forgotten
}
