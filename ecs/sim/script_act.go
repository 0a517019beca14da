package sim

import (
	"strconv"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/message"
)

// host is a container instance by its cluster.
type host struct {
	cluster string
	id      ecs.InstanceID
}

func (r *run) update(c command) error {
	key, value := c.args[1].option()
	if key != "to" || value == "" {
		return fault(c.line, c.args[1].column, "update does not take %q", c.args[1].text)
	}
	in := api.UpdateServiceInput{Cluster: r.cluster, Service: c.args[0].text, TaskDefinition: value}
	if n, err := strconv.Atoi(value); err == nil {
		in.TaskDefinition, in.DesiredCount = "", ecs.Some(n)
	}
	r.ask("UpdateService", func(p *control.Plane, now time.Time) error {
		_, err := p.UpdateService(now, in)
		return err
	})
	return nil
}

// task finds a task by its name.
func (r *run) task(c command) (ecs.TaskID, string, error) {
	name := c.args[0]
	t, ok := r.line.tasks[name.text]
	if !ok {
		return "", "", fault(c.line, name.column, "there is no task %s yet", name.text)
	}
	return t.id, t.cluster, nil
}

func (r *run) kill(c command) error {
	id, _, err := r.task(c)
	if err == nil && !r.world.KillTask(id) {
		return fault(c.line, c.args[0].column, "no agent runs task %s", c.args[0].text)
	}
	return err
}

func (r *run) stop(c command) error {
	id, cluster, err := r.task(c)
	if err == nil {
		r.ask("StopTask", func(p *control.Plane, now time.Time) error {
			_, err := p.StopTask(now, api.StopTaskInput{Cluster: cluster, Task: string(id)})
			return err
		})
	}
	return err
}

// host finds an instance by its name.
func (r *run) host(c command) (host, error) {
	name := c.args[0]
	h, ok := r.line.hosts[name.text]
	if !ok {
		return h, fault(c.line, name.column, "there is no instance %s", name.text)
	}
	return h, nil
}

// spot gives notice to an instance or to a task on Fargate Spot.
func (r *run) spot(c command) error {
	if t, ok := r.line.tasks[c.args[0].text]; ok {
		r.world.Tell(message.SpotInterruption{Cluster: t.cluster, Task: t.id})
		return nil
	}
	h, err := r.host(c)
	if err == nil {
		r.world.Tell(message.SpotInterruption{Cluster: h.cluster, Instance: h.id})
	}
	return err
}

func (r *run) terminate(c command) error {
	if zone, ok := strings.CutPrefix(c.args[0].text, "zone="); ok {
		if err := r.world.TerminateZone(r.cluster, zone); err != nil {
			return fault(c.line, c.args[0].column, "%v", err)
		}
		return nil
	}
	h, err := r.host(c)
	if err == nil {
		r.world.Terminate(h.cluster, h.id)
	}
	return err
}

func (r *run) reboot(c command) error {
	silent := len(c.args) == 2
	if silent && c.args[1].text != "silent" {
		return fault(c.line, c.args[1].column, "reboot does not take %q", c.args[1].text)
	}
	h, err := r.host(c)
	if err == nil {
		r.world.Reboot(h.cluster, h.id, silent)
	}
	return err
}

// connect and disconnect report the connection of an instance's agent.
func (r *run) connect(c command) error {
	h, err := r.host(c)
	if err == nil {
		r.world.Tell(message.AgentConnectivity{Cluster: h.cluster, Instance: h.id, Connected: c.verb.text == "connect"})
	}
	return err
}

// drain and activate set an instance's status.
func (r *run) drain(c command) error {
	h, err := r.host(c)
	if err != nil {
		return err
	}
	status := ecs.ContainerInstanceStatusDraining
	if c.verb.text == "activate" {
		status = ecs.ContainerInstanceStatusActive
	}
	r.ask("UpdateContainerInstancesState", func(p *control.Plane, now time.Time) error {
		_, err := p.UpdateContainerInstancesState(now, api.UpdateContainerInstancesStateInput{Cluster: h.cluster,
			ContainerInstances: []string{string(h.id)}, Status: status})
		return err
	})
	return nil
}
