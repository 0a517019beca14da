package sim

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	machine "github.com/bayplan/bayplan/ecs/driver/agent"
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
	w.sequences = above(w.now)
	w.count()
	held := slices.Collect(plane.Held())
	w.heirs(held)
	for _, h := range held {
		w.agent(h.Start.Cluster, h.Start.Instance).adopt(h)
	}
	w.adoptTargets()
	for c := range plane.Outstanding() {
		w.take(c)
	}
	w.alarm(plane.Ready().WakeAt)
	return w
}

// heirs makes the agents that go on with what the plane holds, each in the life in which it last spoke.
func (w *World) heirs(held []control.Held) {
	lives := map[ecs.InstanceID]uint64{}
	for _, h := range held {
		lives[h.Start.Instance] = max(lives[h.Start.Instance], h.Told.Life)
	}
	for _, h := range held {
		if id := h.Start.Instance; w.agents[id] == nil {
			w.agents[id] = newAgent(w, h.Start.Cluster, machine.Settings{Instance: id, Life: lives[id]})
		}
	}
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
	a := newAgent(w, cluster, machine.Settings{Instance: id})
	a.gone = true
	w.agents[id] = a
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
		return
	}
	out, ok := a.Resume(w.now, h.Start, h.Told)
	a.follow(out)
	if !ok {
		return
	}
	if h.Stopping {
		a.follow(a.Stop(w.now, message.StopTask{Task: h.Start.Task}))
		return
	}
	t := a.Task(h.Start.Task)
	for i, d := range h.Start.TaskDefinition.ContainerDefinitions {
		b, number := w.config.Images[d.Image], int(t.State().Containers[i].Restarts)
		if b.ExitAfter > 0 && t.Status(i) == lifecycle.ContainerStatusRunning {
			simulated{a, t, i}.later(b.ExitAfter, func() lifecycle.Event {
				return lifecycle.ContainerExited(w.now, i, number, b.ExitCode)
			})
		}
	}
}

// above is a sequence number of reports that is above those of the world before.
func above(now time.Time) uint64 { return uint64(max(now.UnixNano(), 0)) }

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
