package drivertest

import (
	"context"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/driver"
	"github.com/bayplan/bayplan/ecs/message"
)

// Engine says what the containers of an agent can do, for checks that need more than containers that sleep.
// What is zero is left out.
type Engine struct {
	// Stubborn has one container that does not heed its stop signal and has a stopTimeout of two seconds.
	Stubborn ecs.TaskDefinition

	// Serving has one container that listens at its container port 80, which the plane binds to a host port.
	Serving ecs.TaskDefinition
	// FreePort returns a host port at which nobody listens.
	FreePort func() int
	// Reaches returns nil if a container listens at a host port.
	Reaches func(hostPort int) error
}

const three, four = ecs.TaskID("00000000000000000000000000000003"), ecs.TaskID("00000000000000000000000000000004")

// startAt starts a task whose container port 80 is bound to a host port, if there is one.
func (a Agent) startAt(
	ctx context.Context, id ecs.TaskID, epoch uint64, d ecs.TaskDefinition, hostPort int,
) error {
	c := message.StartTask{ID: message.Key{Op: "StartTask", Target: string(id), Epoch: epoch}, Cluster: "default",
		Task: id, TaskArn: "arn:aws:ecs:us-east-1:123456789012:task/default/" + string(id),
		Instance: a.Report().Instance, TaskDefinition: d}
	if hostPort > 0 {
		c.NetworkBindings = map[string][]ecs.NetworkBinding{d.ContainerDefinitions[0].Name: {
			{ContainerPort: 80, HostPort: hostPort, Protocol: ecs.TransportProtocolTcp}}}
	}
	return a.StartTask(ctx, c)
}

// patiently calls f while checks wait longer.
func (p *probe) patiently(longer time.Duration, f func() bool) bool {
	p.wait += longer
	defer func() { p.wait -= longer }()
	return f()
}

func engineChecks() []check[Agent] {
	return []check[Agent]{
		{"stop timeout", func(p *probe, a Agent) {
			if a.Stubborn.Family == "" {
				return
			}
			p.works(a.startAt(context.Background(), one, 1, a.Stubborn, 0), "StartTask")
			p.reaches(one, ecs.TaskStatusRunning)
			p.settle() // it takes a moment until the container does not heed the signal
			begin := time.Now()
			p.works(a.stop(context.Background(), one, 2), "StopTask")
			if !p.patiently(2*time.Second, func() bool { return p.reaches(one, ecs.TaskStatusStopped) }) {
				return
			}
			if took := time.Since(begin); took < 1900*time.Millisecond {
				p.errorf("a container that does not heed its stop signal was killed after %s, not after 2s",
					took)
			}
			last, _ := p.state(one)
			if len(last.Containers) != 1 || last.Containers[0].ExitCode != ecs.Some(137) {
				p.errorf("a container that was killed did not exit with code 137: %+v", last.Containers)
			}
		}},
		{"ports", func(p *probe, a Agent) {
			if a.Serving.Family != "" {
				p.ports(a, a.FreePort(), a.FreePort())
			}
		}},
	}
}

// ports holds that tasks have the ports that the plane gave them, and no two the same.
func (p *probe) ports(a Agent, first, second int) {
	serves := func(id ecs.TaskID, epoch uint64, port int) {
		p.works(a.startAt(context.Background(), id, epoch, a.Serving, port), "StartTask")
		p.reaches(id, ecs.TaskStatusRunning)
		p.eventually("a container at its host port", func() bool { return a.Reaches(port) == nil })
		last, _ := p.state(id)
		if len(last.Containers) != 1 || len(last.Containers[0].NetworkBindings) != 1 ||
			last.Containers[0].NetworkBindings[0].HostPort != port {
			p.errorf("the container at host port %d is reported as %+v", port, last.Containers)
		}
	}
	serves(one, 1, first)
	serves(two, 2, second)
	p.works(a.stop(context.Background(), one, 3), "StopTask")
	p.reaches(one, ecs.TaskStatusStopped)
	if a.Reaches(first) == nil {
		p.errorf("somebody listens at host port %d of a task that has stopped", first)
	}
	if err := a.Reaches(second); err != nil {
		p.errorf("the end of one task took the port of another: %v", err)
	}
	serves(three, 4, first)

	err := a.startAt(context.Background(), four, 5, a.Serving, second)
	if err != nil && driver.IsPermanent(err) {
		return
	}
	p.reaches(four, ecs.TaskStatusStopped)
	if last, _ := p.state(four); last.Reason == "" {
		p.errorf("a task whose port is in use stopped without a reason")
	}
	if last, _ := p.state(two); last.Status != ecs.TaskStatusRunning {
		p.errorf("a task lost its port to another")
	}
}
