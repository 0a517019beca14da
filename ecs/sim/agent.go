package sim

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/lifecycle"
	"github.com/bayplan/bayplan/loadbalance"
)

// agent runs the tasks of one instance, or of Fargate.
type agent struct {
	world    *World
	cluster  string
	instance ecs.InstanceID
	tasks    map[ecs.TaskID]*agentTask
	stopped  map[ecs.TaskID]stop // of tasks that it was told to stop, had or not
	held     int                 // tasks and stops when they were last gone through
	gone     bool
	reports  bool   // a full report is in the queue
	owed     int    // full reports after that one
	life     uint64 // how often it was started again, as far as it says so
	seen     uint64 // highest epoch of a command that it carried out
	floor    uint64 // the same of its lives before
	down     bool   // its instance restarts
}

// agentTask is a task as its agent sees it.
type agentTask struct {
	agent    *agent
	command  message.StartTask
	program  *lifecycle.Program
	state    lifecycle.Task
	sequence uint64
	reasons  []string // by container
	wake     time.Time
	timer    uint64
}

// stop is the newest StopTask for a task: its epoch, and when it came.
type stop struct {
	epoch uint64
	at    time.Time
}

// cleanup is how long an agent remembers a task that has stopped. Source: Amazon ECS container agent
// configuration, ECS_ENGINE_TASK_CLEANUP_WAIT_DURATION.
const cleanup = 3 * time.Hour

// forget drops what is over for longer than cleanup, when the agent has twice as much as was left the
// last time. No command for it is on its way any more, and a report without it says the same.
func (a *agent) forget() {
	if len(a.tasks)+len(a.stopped) <= 2*a.held+64 {
		return
	}
	for id, t := range a.tasks { //order:any each by itself
		if t.state.Last >= lifecycle.StatusStopped && a.world.now.Sub(t.state.StoppedAt.Time()) > cleanup {
			delete(a.tasks, id)
		}
	}
	for id, s := range a.stopped { //order:any each by itself
		if a.tasks[id] == nil && a.world.now.Sub(s.at) > cleanup {
			delete(a.stopped, id)
		}
	}
	a.held = len(a.tasks) + len(a.stopped)
}

func (w *World) agent(cluster string, instance ecs.InstanceID) *agent {
	a, ok := w.agents[instance]
	if !ok {
		a = newAgent(w, cluster, instance)
		w.agents[instance] = a
	}
	return a
}

func (a *agent) start(c message.StartTask) {
	if _, ok := a.tasks[c.Task]; ok || a.gone || a.stopped[c.Task].epoch > c.ID.Epoch {
		return
	}
	t, ok := a.newTask(c)
	if !ok {
		return
	}
	a.forget()
	a.tasks[c.Task] = t
	t.state = t.program.Start(c.Task, a.world.now)
	t.step(lifecycle.Placed(a.world.now))
	t.report()
}

// newTask returns a task that begins, or false: of what is registered, a circle of dependencies does
// not compile. Such a task ends at once.
func (a *agent) newTask(c message.StartTask) (*agentTask, bool) {
	program, err := lifecycle.Compile(c.TaskDefinition, lifecycle.Traits{Role: lifecycle.RoleAgent,
		LaunchType: c.LaunchType})
	if err != nil {
		a.giveUp(c, "Task dependencies cannot be resolved, taskArn: "+c.TaskArn)
		return nil, false
	}
	return &agentTask{agent: a, command: c, program: program,
		reasons: make([]string, len(c.TaskDefinition.ContainerDefinitions))}, true
}

// giveUp reports a task that the agent cannot run as stopped.
func (a *agent) giveUp(c message.StartTask, why string) {
	a.world.tell(message.TaskStateChange{Cluster: a.cluster, Task: c.Task, Instance: a.instance, Life: a.life,
		Sequence: 1, Status: ecs.TaskStatusStopped, Reason: why})
}

func (a *agent) stop(c message.StopTask) {
	a.forget()
	a.stopped[c.Task] = stop{max(a.stopped[c.Task].epoch, c.ID.Epoch), a.world.now}
	t, ok := a.tasks[c.Task]
	if !ok {
		a.send(message.TaskStateChange{Cluster: a.cluster, Task: c.Task, Instance: a.instance, Life: a.life,
			Sequence: 1 << 62, Status: ecs.TaskStatusStopped})
		return
	}
	if t.state.Last >= lifecycle.StatusStopped {
		t.report()
		return
	}
	t.step(lifecycle.StopRequested(a.world.now, ecs.TaskStopCodeUserInitiated, c.Reason))
}

// send reports to the plane. If the message is lost, a full report follows.
func (a *agent) send(e message.TaskStateChange) {
	if a.gone {
		return
	}
	a.world.tell(e)
	if a.world.calm() || a.reports {
		return
	}
	a.reports = true
	a.world.after(a.world.config.Times.Report, a.reportAll)
}

// sorted returns the tasks in order of ID.
func (a *agent) sorted() []*agentTask {
	list := make([]*agentTask, 0, len(a.tasks))
	for _, t := range a.tasks { //order:any sorted below
		list = append(list, t)
	}
	slices.SortFunc(list, func(a, b *agentTask) int {
		return strings.Compare(string(a.command.Task), string(b.command.Task))
	})
	return list
}

// reportAll sends all that the agent knows.
func (a *agent) reportAll() {
	a.reports = false
	if a.gone || a.down {
		return
	}
	r := message.InstanceReport{Cluster: a.cluster, Instance: a.instance, Life: a.life, Seen: a.seen}
	for _, t := range a.sorted() {
		t.sequence++
		r.Tasks = append(r.Tasks, t.change())
	}
	if a.world.tell(r) {
		if a.owed == 0 {
			return
		}
		a.owed--
	}
	a.reports = true
	a.world.after(a.world.config.Times.Report, a.reportAll)
}

// step gives the event to the task's machine, and the containers do what follows.
func (t *agentTask) step(ev lifecycle.Event) {
	if t.agent.gone {
		return
	}
	before := t.state
	effects, next, err := t.program.Step(nil, t.state, ev)
	if err != nil { // a container that never started cannot exit, as when KillTask ends a task early
		return
	}
	t.state = next
	t.brokenDependencies()
	for _, e := range effects {
		if e.ForRuntime() {
			t.runtime(e)
		}
	}
	t.arm()
	if visible(before) != visible(t.state) {
		t.report()
	}
}

// brokenDependencies notes why containers were never started.
func (t *agentTask) brokenDependencies() {
	for i := range t.reasons {
		if t.state.Containers[i].Broken != 0 && t.reasons[i] == "" {
			t.reasons[i] = t.program.Describe(t.state).Containers[i].Reason
		}
	}
}

// arm wakes the machine when it wants to be.
func (t *agentTask) arm() {
	at, ok := t.program.Next(t.state)
	if !ok || at.Equal(t.wake) {
		return
	}
	t.wake = at
	t.timer++
	timer := t.timer
	t.agent.world.at(at, func() {
		if t.timer == timer {
			t.wake = time.Time{}
			t.step(lifecycle.Tick(t.agent.world.now))
		}
	})
}

// view is what a report shows of a task.
type view struct {
	last       lifecycle.Status
	containers [lifecycle.MaxContainers]struct {
		status ecs.ContainerStatus
		health lifecycle.Health
		code   int32
	}
	pullStarted, pullStopped ecs.Instant
}

func visible(t lifecycle.Task) view {
	v := view{last: t.Last, pullStarted: t.PullStartedAt, pullStopped: t.PullStoppedAt}
	for i := range t.N {
		c := t.Containers[i]
		v.containers[i].status, v.containers[i].health, v.containers[i].code = c.Status.LastStatus(), c.Health, c.Code
	}
	return v
}

func (t *agentTask) report() {
	t.sequence++
	t.agent.send(t.change())
}

// change is all that the agent knows of the task.
func (t *agentTask) change() message.TaskStateChange {
	e := message.TaskStateChange{Cluster: t.agent.cluster, Task: t.command.Task, Instance: t.agent.instance,
		Life: t.agent.life, Sequence: t.sequence,
		Status: ecs.TaskStatusPending, PullStartedAt: t.state.PullStartedAt, PullStoppedAt: t.state.PullStoppedAt,
		ExecutionStoppedAt: t.state.ExecutionStoppedAt}
	switch {
	case t.state.Last >= lifecycle.StatusStopped:
		e.Status, e.Reason = ecs.TaskStatusStopped, t.state.StoppedReason
	case t.state.Last == lifecycle.StatusRunning:
		e.Status = ecs.TaskStatusRunning
	}
	for i, d := range t.command.TaskDefinition.ContainerDefinitions {
		c := t.state.Containers[i]
		change := message.ContainerStateChange{Name: d.Name, Status: c.Status.LastStatus(), Reason: t.reasons[i]}
		if code, ok := c.Exit(); ok && change.Status == ecs.ContainerStatusStopped {
			change.ExitCode = ecs.Some(code)
		}
		if c.Health != lifecycle.HealthNone {
			change.Health = ecs.HealthStatus(c.Health.String())
		}
		if change.Status == ecs.ContainerStatusRunning {
			change.NetworkBindings = t.command.NetworkBindings[d.Name]
		}
		e.Containers = append(e.Containers, change)
	}
	return e
}

// serves reports whether all essential containers run and answer.
func (t *agentTask) serves() bool {
	for i, d := range t.command.TaskDefinition.ContainerDefinitions {
		if !d.IsEssential() {
			continue
		}
		if t.state.Containers[i].Status != lifecycle.ContainerStatusRunning ||
			t.agent.world.config.Images[d.Image].TargetHealth == loadbalance.StateUnhealthy {
			return false
		}
	}
	return true
}

// runtime is the container engine.
func (t *agentTask) runtime(e lifecycle.Effect) {
	w := t.agent.world
	i := int(e.Index)
	d := t.command.TaskDefinition.ContainerDefinitions[i]
	b := w.config.Images[d.Image]
	switch e.Kind {
	case lifecycle.EffectPullImage:
		t.later(0, func() lifecycle.Event { return lifecycle.PullStarted(w.now, i) })
		t.later(b.pullDelay(), func() lifecycle.Event {
			if why := cmp.Or(b.PullError, t.refusal(d, b)); why != "" {
				t.reasons[i] = "CannotPullContainerError: " + why
				return lifecycle.PullFailed(w.now, i, t.reasons[i])
			}
			return lifecycle.Pulled(w.now, i)
		})
	case lifecycle.EffectCreateContainer:
		t.later(200*time.Millisecond, func() lifecycle.Event { return lifecycle.ContainerCreated(w.now, i) })
	case lifecycle.EffectStartContainer:
		t.startContainer(i, int(e.Number), b)
	case lifecycle.EffectStopContainer:
		number := int(t.state.Containers[i].Restarts)
		if !b.IgnoreSIGTERM {
			t.later(b.stopDelay(), func() lifecycle.Event { return lifecycle.ContainerExited(w.now, i, number, 0) })
		}
	case lifecycle.EffectKillContainer:
		number := int(t.state.Containers[i].Restarts)
		t.later(100*time.Millisecond, func() lifecycle.Event {
			return lifecycle.ContainerExited(w.now, i, number, 137)
		})
	case lifecycle.EffectCheckHealth:
		ok := b.Health == "" || b.Health == ecs.HealthStatusHealthy
		t.later(w.config.Times.CheckReply, func() lifecycle.Event {
			return lifecycle.HealthChecked(w.now, i, int(e.Number), ok)
		})
	}
}

// refusal says why a registry does not hand out an image, "" if it does.
func (t *agentTask) refusal(d ecs.ContainerDefinition, b Behaviour) string {
	if refuse := t.agent.world.refuse; refuse != nil {
		if why := refuse(d.Image); why != "" {
			return why
		}
	}
	switch {
	case !b.Private:
		return ""
	case t.command.TaskDefinition.ExecutionRoleArn == "":
		return "pull access denied for " + d.Image + ": the task has no execution role"
	case !strings.Contains(d.Image, ".dkr.ecr.") && d.RepositoryCredentials == nil:
		return "pull access denied for " + d.Image +
			", repository does not exist or may require authorization: no basic auth credentials"
	}
	return ""
}

func (t *agentTask) startContainer(i, number int, b Behaviour) {
	w := t.agent.world
	if b.StartError != "" {
		t.later(b.startDelay(), func() lifecycle.Event {
			t.reasons[i] = "CannotStartContainerError: " + b.StartError
			return lifecycle.ContainerFailed(w.now, i, t.reasons[i])
		})
		return
	}
	t.later(b.startDelay(), func() lifecycle.Event { return lifecycle.ContainerStarted(w.now, i, number) })
	switch {
	case b.ExitAfter > 0:
		t.later(b.startDelay()+b.ExitAfter, func() lifecycle.Event {
			return lifecycle.ContainerExited(w.now, i, number, b.ExitCode)
		})
	case t.awaited(i):
		t.later(b.startDelay()+time.Second, func() lifecycle.Event {
			return lifecycle.ContainerExited(w.now, i, number, 0)
		})
	}
}

// awaited reports whether another container waits for the end of this one.
func (t *agentTask) awaited(i int) bool {
	name := t.command.TaskDefinition.ContainerDefinitions[i].Name
	return slices.ContainsFunc(t.command.TaskDefinition.ContainerDefinitions, func(c ecs.ContainerDefinition) bool {
		return slices.ContainsFunc(c.DependsOn, func(d ecs.ContainerDependency) bool {
			return d.ContainerName == name && (d.Condition == ecs.ContainerConditionComplete ||
				d.Condition == ecs.ContainerConditionSuccess)
		})
	})
}

func (t *agentTask) later(d time.Duration, ev func() lifecycle.Event) {
	t.agent.world.after(d, func() { t.step(ev()) })
}
