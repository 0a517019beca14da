package sim

import (
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	machine "github.com/bayplan/bayplan/ecs/driver/agent"
	"github.com/bayplan/bayplan/ecs/message"
)

// Reboot restarts an instance: its containers end, commands fail until it is back after Times.Reboot, and
// its agent has forgotten its tasks by then. The agent keeps only the highest epoch that it knew. A
// StartTask with an epoch that is not higher fails for good. The agent registers again with another Life,
// and reports. If silent is true, it only reports, as if nothing had happened. Reboot does nothing to an
// instance that was terminated.
func (w *World) Reboot(cluster string, id ecs.InstanceID, silent bool) {
	old := w.agent(cluster, id)
	if old.gone || id == "" {
		return
	}
	old.gone = true // what its containers would do never happens
	life := old.Life()
	if !silent {
		life++
	}
	a := newAgent(w, cluster, machine.Settings{Instance: id, Life: life, Floor: old.Seen()})
	a.down = true
	w.agents[id] = a
	if !silent {
		w.message(func() {
			if a.down { // else it is known to have come back
				w.plane.Observe(w.now, message.AgentConnectivity{Cluster: cluster, Instance: id})
			}
		})
	}
	w.after(w.config.Times.Reboot, func() { a.boot(silent) })
}

// boot lets the agent of an instance speak again.
func (a *agent) boot(silent bool) {
	a.down = false
	if !silent {
		a.world.after(a.world.config.Times.Message, a.register)
	}
	// Once is not enough for an agent that does not say its life: it might be late.
	a.owed, a.reports = 3, true
	a.world.after(2*a.world.config.Times.Message, a.reportAll)
}

// register registers the instance again, as it was. One that was deregistered meanwhile is refused,
// and the timeline says so.
func (a *agent) register() {
	p := a.world.plane
	out, err := p.DescribeContainerInstances(api.DescribeContainerInstancesInput{Cluster: a.cluster,
		ContainerInstances: []string{string(a.instance)}})
	if err != nil || len(out.ContainerInstances) == 0 || a.gone {
		return
	}
	ci := out.ContainerInstances[0]
	_, err = p.RegisterContainerInstance(a.world.now, api.RegisterContainerInstanceInput{Cluster: a.cluster,
		ContainerInstanceArn: ci.ContainerInstanceArn, TotalResources: ci.RegisteredResources,
		VersionInfo: ci.VersionInfo})
	if err != nil {
		a.world.note(message.Change{Kind: message.ChangeInstance, Cluster: a.cluster, Instance: a.instance,
			Text: "the agent cannot register the instance again: " + err.Error()})
	}
}

// refuses answers a command that the agent cannot carry out; false if it can.
func (a *agent) refuses(c message.Command) bool {
	if a.down && !a.gone {
		a.world.tell(message.CommandDone{Key: c.Key(), Err: "the instance does not answer"})
		return true
	}
	if start, ok := c.(message.StartTask); ok {
		if err := a.Refuses(start); err != nil {
			a.world.tell(message.CommandDone{Key: c.Key(), Err: err.Error(), Permanent: true})
			return true
		}
	}
	a.See(c.Key().Epoch)
	return false
}

// newAgent returns an agent of the cluster that has no tasks.
func newAgent(w *World, cluster string, s machine.Settings) *agent {
	s.Cluster, s.Sequence = cluster, w.sequences
	return &agent{Machine: machine.NewMachine(s), world: w, cluster: cluster, instance: s.Instance}
}

// refused answers a command to an agent that cannot carry it out; false if it can.
func (w *World) refused(c message.Command) bool {
	switch c := c.(type) {
	case message.StartTask:
		return w.agent(c.Cluster, c.Instance).refuses(c)
	case message.StopTask:
		return w.agent(c.Cluster, c.Instance).refuses(c)
	}
	return false
}
