package sim

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/lifecycle"
)

// Adopt returns a world around an existing plane, as after a restart of the process. Agents run again the
// tasks that the plane believes they run, load balancers check the targets that it registered, and every
// outstanding command is given out once more. The world's time is the plane's or config.Start, whichever
// is later.
//
// Images' behaviour and the rest of config apply from the beginning again: a container that ends by
// itself ends when ExitAfter has passed from now.
func Adopt(config Config, plane *control.Plane) *World {
	w := New(config)
	w.plane, w.origin = plane, plane.State()
	if plane.Now().After(w.now) {
		w.now = plane.Now()
	}
	w.count()
	for h := range plane.Held() {
		a := w.agent(h.Start.Cluster, h.Start.Instance)
		a.life, a.seen = max(a.life, h.Told.Life), max(a.seen, h.Start.ID.Epoch)
		a.adopt(h)
	}
	w.adoptTargets()
	for c := range plane.Outstanding() {
		w.take(c)
	}
	w.alarm(plane.Ready().WakeAt)
	return w
}

// Keep calls f with the plane's records as they come, so that f can make them durable. The world no
// longer keeps them in memory, so Crash cannot be used after it.
func (w *World) Keep(f func([]control.Record)) { w.keep = f }

func (w *World) keepRecords(records []control.Record) {
	if w.keep == nil {
		w.journal = append(w.journal, records...)
	} else if len(records) > 0 {
		w.keep(records)
	}
}

// Leave leaves the tasks of an instance to an agent outside this world, which reports them itself. The
// world carries out no command for that instance.
func (w *World) Leave(cluster string, id ecs.InstanceID) {
	a := w.agent(cluster, id)
	a.gone = true
	clear(a.tasks)
}

// count goes on counting addresses and EC2 instances where the old world stopped.
func (w *World) count() {
	for h := range w.plane.Held() {
		if a, err := netip.ParseAddr(h.Start.PrivateIPv4); err == nil && a.Is4() {
			b := a.As4()
			w.addresses = max(w.addresses, int(b[2])*250+int(b[3])-4)
		}
		w.countInstance(h.Start.EC2InstanceID)
	}
	w.eachInstance(func(_ string, ci ecs.ContainerInstance) { w.countInstance(ci.EC2InstanceID) })
}

// eachInstance calls do with each container instance of the plane, and the name of its cluster.
func (w *World) eachInstance(do func(cluster string, ci ecs.ContainerInstance)) {
	eachPage(func(token string) (api.Page, error) {
		return w.plane.ListClusters(api.ListClustersInput{NextToken: token})
	}, func(clusters []string) {
		for _, cluster := range clusters {
			w.eachInstanceOf(cluster, do)
		}
	})
}

func (w *World) eachInstanceOf(cluster string, do func(cluster string, ci ecs.ContainerInstance)) {
	eachPage(func(token string) (api.Page, error) {
		return w.plane.ListContainerInstances(api.ListContainerInstancesInput{Cluster: cluster, NextToken: token})
	}, func(instances []string) {
		out, err := w.plane.DescribeContainerInstances(api.DescribeContainerInstancesInput{Cluster: cluster,
			ContainerInstances: instances})
		if err != nil {
			panic(fmt.Sprintf("sim: instances of %s: %v", cluster, err)) // they were listed just now
		}
		for _, ci := range out.ContainerInstances {
			do(cluster, ci)
		}
	})
}

// eachPage calls do with what each page of a list holds, where it holds anything. That the plane
// refuses the page that it named itself would be a fault of this package.
func eachPage(list func(token string) (api.Page, error), do func(arns []string)) {
	for token := ""; ; {
		page, err := list(token)
		if err != nil {
			panic(fmt.Sprintf("sim: a page of a list: %v", err))
		}
		if len(page.Arns) > 0 {
			do(page.Arns)
		}
		if token = page.NextToken; token == "" {
			return
		}
	}
}

func (w *World) countInstance(id string) {
	if n, err := strconv.ParseInt(strings.TrimPrefix(id, "i-"), 16, 32); err == nil {
		w.instances = max(w.instances, int(n))
	}
}

// adopt has the agent run what the plane holds it to have.
func (a *agent) adopt(h control.Held) {
	w := a.world
	if h.Told.Status == ecs.TaskStatusPending && !h.Stopping {
		a.start(h.Start) // again, since it had not come up
		if t, ok := a.tasks[h.Start.Task]; ok {
			t.sequence = later(w.now)
		}
		return
	}
	t, ok := a.newTask(h.Start)
	if !ok {
		return
	}
	state, err := t.resume(t.program.Start(h.Start.Task, w.now), h.Told)
	if err != nil {
		a.giveUp(h.Start, err.Error())
		return
	}
	t.sequence, t.state = later(w.now), state
	a.tasks[h.Start.Task] = t
	t.arm()
	if h.Stopping {
		t.step(lifecycle.StopRequested(w.now, ecs.TaskStopCodeUserInitiated, ""))
		t.report()
		return
	}
	for i := range h.Start.TaskDefinition.ContainerDefinitions {
		b := w.config.Images[h.Start.TaskDefinition.ContainerDefinitions[i].Image]
		if number := int(t.state.Containers[i].Restarts); b.ExitAfter > 0 &&
			t.state.Containers[i].Status == lifecycle.ContainerStatusRunning {
			t.later(b.ExitAfter, func() lifecycle.Event {
				return lifecycle.ContainerExited(w.now, i, number, b.ExitCode)
			})
		}
	}
}

// later is a sequence number of reports that is above those of the world before.
func later(now time.Time) uint64 { return uint64(max(now.UnixNano(), 0)) }

// resume runs a task's machine to where the old agent had it: every pull, create and start
// succeeds at once, and what had stopped stops. The error is of what the old agent has told, if the
// machine refuses it.
func (t *agentTask) resume(state lifecycle.Task, told message.TaskStateChange) (lifecycle.Task, error) {
	now := t.agent.world.now
	due := []lifecycle.Event{lifecycle.Placed(now)}
	for len(due) > 0 {
		effects, next, err := t.program.Step(nil, state, due[0])
		due = due[1:]
		if err != nil {
			return lifecycle.Task{}, err
		}
		state = next
		for _, e := range effects {
			due = append(due, t.answers(e, told)...)
		}
	}
	return state, nil
}

// answers is what the container engine has answered to an effect by now.
func (t *agentTask) answers(e lifecycle.Effect, told message.TaskStateChange) []lifecycle.Event {
	now, i := t.agent.world.now, int(e.Index)
	switch e.Kind {
	case lifecycle.EffectPullImage:
		return []lifecycle.Event{lifecycle.Pulled(now, i)}
	case lifecycle.EffectCreateContainer:
		return []lifecycle.Event{lifecycle.ContainerCreated(now, i)}
	case lifecycle.EffectCheckHealth:
		healthy := i >= len(told.Containers) || told.Containers[i].Health != ecs.HealthStatusUnhealthy
		return []lifecycle.Event{lifecycle.HealthChecked(now, i, int(e.Number), healthy)}
	case lifecycle.EffectStartContainer:
		events := []lifecycle.Event{lifecycle.ContainerStarted(now, i, int(e.Number))}
		if i < len(told.Containers) && told.Containers[i].Status == ecs.ContainerStatusStopped {
			events = append(events, lifecycle.ContainerExited(now, i, int(e.Number), told.Containers[i].ExitCode.Or(0)))
		}
		return events
	case lifecycle.EffectStopContainer, lifecycle.EffectKillContainer:
		return []lifecycle.Event{lifecycle.ContainerExited(now, i, int(t.state.Containers[i].Restarts), 0)}
	}
	return nil
}

// adoptTargets checks the targets that are registered.
func (w *World) adoptTargets() {
	for _, g := range w.plane.TargetGroups() {
		for _, state := range g.Targets {
			key := targetKey{g.Group.Name(), state.ID, int(state.Port)}
			t := &target{key: key, task: state.Task, group: g.Group, state: state}
			w.targets[key] = t
			w.checkTarget(t)
		}
	}
}
