package sim

import (
	"github.com/bayplan/bayplan/ecs"
	machine "github.com/bayplan/bayplan/ecs/driver/agent"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/lifecycle"
	"github.com/bayplan/bayplan/loadbalance"
)

// agent runs the tasks of one instance, or of Fargate: the agent of package agent in virtual time.
type agent struct {
	*machine.Machine
	world    *World
	cluster  string
	instance ecs.InstanceID
	held     int // tasks and stops when they were last gone through
	gone     bool
	reports  bool // a full report is in the queue
	owed     int  // full reports after that one
	down     bool // its instance restarts
}

// forget drops what is over for long, when the agent has twice as much as was left the last time.
func (a *agent) forget() {
	if a.Remembered() <= 2*a.held+64 {
		return
	}
	a.Forget(a.world.now)
	a.held = a.Remembered()
}

func (w *World) agent(cluster string, instance ecs.InstanceID) *agent {
	a, ok := w.agents[instance]
	if !ok {
		a = newAgent(w, cluster, machine.Settings{Instance: instance})
		w.agents[instance] = a
	}
	return a
}

func (a *agent) start(c message.StartTask) {
	if a.gone {
		return
	}
	a.forget()
	out, err := a.Start(a.world.now, c)
	if err != nil { // refuses has asked
		return
	}
	a.follow(out)
}

func (a *agent) stop(c message.StopTask) {
	a.forget()
	if a.gone {
		return
	}
	a.follow(a.Stop(a.world.now, c))
}

// observe tells the agent what a container did.
func (a *agent) observe(id ecs.TaskID, ev lifecycle.Event) {
	if !a.gone {
		a.follow(a.Observe(id, ev))
	}
}

// follow does what follows from what the agent was told.
func (a *agent) follow(out machine.Outcome) {
	for _, e := range out.Effects {
		simulated{a, a.Task(e.Task), int(e.Index)}.carryOut(e)
	}
	for _, wake := range out.Wakes {
		a.world.at(wake.At, func() {
			if !a.gone {
				a.follow(a.Tick(a.world.now, wake))
			}
		})
	}
	for _, e := range out.Changes {
		a.send(e)
	}
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

// reportAll sends all that the agent knows.
func (a *agent) reportAll() {
	a.reports = false
	if a.gone || a.down {
		return
	}
	if a.world.tell(a.Report()) {
		if a.owed == 0 {
			return
		}
		a.owed--
	}
	a.reports = true
	a.world.after(a.world.config.Times.Report, a.reportAll)
}

// serves reports whether all essential containers of a task run and answer.
func (a *agent) serves(t *machine.Task) bool {
	for i, d := range t.Command().TaskDefinition.ContainerDefinitions {
		if !d.IsEssential() {
			continue
		}
		like, started := a.world.config.Images[d.Image], t.State().Containers[i].StartedAt
		if t.Status(i) != lifecycle.ContainerStatusRunning || like.TargetHealth == loadbalance.StateUnhealthy ||
			a.world.now.Sub(started.Time()) < like.ServeDelay {
			return false
		}
	}
	return true
}
