package drivertest

import (
	"cmp"
	"context"
	"slices"
	"testing"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/driver"
	"github.com/bayplan/bayplan/ecs/message"
)

// Agent is the driver.Agent under test, with functions that show and restart it.
type Agent struct {
	driver.Agent

	// Report returns all the tasks that the agent knows, as it reports them from time to time.
	Report func() message.InstanceReport

	// Restart ends the agent as a crash of its process or a reboot of its instance does, at once and
	// without a report. It returns the agent that is started in its place, with the files and containers
	// that the old one left. The old one reports nothing more. Nil: the checks of restarts are left out,
	// which are half of the contract.
	Restart func() Agent

	// TaskDefinition has containers that run until they are stopped. The zero value stands for one
	// container of busybox, which sleeps.
	TaskDefinition ecs.TaskDefinition

	Engine // what else its containers can do

	Wait time.Duration // how long a start or a stop may take; zero: 10 seconds
}

// TestAgent checks an agent: what it does with a command that is repeated, late, out of order or
// cancelled, what it reports, and what happens to its tasks when it is restarted. For the restart, a
// control plane runs a service on the agent. The agent reports by notify.
func TestAgent(t *testing.T, fresh func(t *testing.T, notify func(message.Event)) Agent) {
	suite(t, append(agentChecks(), engineChecks()...), func(t *testing.T, p *probe) Agent {
		return prepared(p, fresh(t, p.notify))
	})
	testRestart(t, fresh)
}

// testRestart checks an agent that is started again in mid-life.
func testRestart(t *testing.T, fresh func(t *testing.T, notify func(message.Event)) Agent) {
	suite(t, restartChecks(), func(t *testing.T, p *probe) Agent {
		a := prepared(p, fresh(t, p.notify))
		if a.Restart == nil {
			t.Skip("the agent has no Restart")
		}
		return a
	})
}

func prepared(p *probe, a Agent) Agent {
	p.wait = cmp.Or(a.Wait, p.wait)
	if a.TaskDefinition.Family == "" {
		a.TaskDefinition = ecs.TaskDefinition{Family: "drivertest", Revision: 1,
			ContainerDefinitions: []ecs.ContainerDefinition{
				{Name: "sleep", Image: "public.ecr.aws/docker/library/busybox:latest", Memory: 16,
					Command: []string{"sleep", "3600"}}}}
	}
	return a
}

const one, two = ecs.TaskID("00000000000000000000000000000001"), ecs.TaskID("00000000000000000000000000000002")

func (a Agent) start(ctx context.Context, id ecs.TaskID, epoch uint64) error {
	return a.startAt(ctx, id, epoch, a.TaskDefinition, 0)
}

func (a Agent) stop(ctx context.Context, id ecs.TaskID, epoch uint64) error {
	return a.StopTask(ctx, message.StopTask{ID: message.Key{Op: "StopTask", Target: string(id), Epoch: epoch},
		Cluster: "default", Task: id, Instance: a.Report().Instance})
}

// state returns the last thing told of a task, and how many times its containers ran.
func (p *probe) state(id ecs.TaskID) (last message.TaskStateChange, runs int) {
	running := map[string]bool{}
	ids := map[string]bool{}
	for _, ev := range p.told() {
		change, ok := ev.(message.TaskStateChange)
		if !ok || change.Task != id {
			continue
		}
		last = change
		for _, c := range change.Containers {
			isRunning := c.Status == ecs.ContainerStatusRunning
			if isRunning && (!running[c.Name] || c.RuntimeID != "" && !ids[c.RuntimeID]) {
				runs++
			}
			ids[c.RuntimeID] = isRunning || ids[c.RuntimeID]
			running[c.Name] = isRunning
		}
	}
	return last, runs
}

func (p *probe) reaches(id ecs.TaskID, status ecs.TaskStatus) bool {
	return p.eventually("TaskStateChange of "+string(id)+" to "+string(status), func() bool {
		last, _ := p.state(id)
		return last.Status == status
	})
}

// live counts how often a report lists a task that has not stopped.
func (a Agent) live(id ecs.TaskID) (n int) {
	for _, t := range a.Report().Tasks {
		if t.Task == id && t.Status != ecs.TaskStatusStopped {
			n++
		}
	}
	return n
}

// ranOnce holds that a task's containers ran as often as there are containers.
func (p *probe) ranOnce(a Agent, id ecs.TaskID) {
	p.settle()
	if _, runs := p.state(id); runs != len(a.TaskDefinition.ContainerDefinitions) {
		p.errorf("%d containers ran %d times", len(a.TaskDefinition.ContainerDefinitions), runs)
	}
}

// gone holds that a task does not run, now and soon.
func (p *probe) gone(a Agent, id ecs.TaskID) {
	p.settle()
	if last, _ := p.state(id); last.Status == ecs.TaskStatusRunning || a.live(id) > 0 {
		p.errorf("task %s runs although it was stopped", id)
	}
}

func agentChecks() []check[Agent] {
	ctx := context.Background()
	return []check[Agent]{
		{"start", func(p *probe, a Agent) {
			if p.works(a.start(ctx, one, 1), "StartTask") && p.reaches(one, ecs.TaskStatusRunning) {
				p.ranOnce(a, one)
				last, _ := p.state(one)
				if last.Cluster != "default" || last.Instance != a.Report().Instance {
					p.errorf("TaskStateChange is of %q on %q", last.Cluster, last.Instance)
				}
			}
		}},
		{"start twice", func(p *probe, a Agent) {
			p.works(a.start(ctx, one, 1), "StartTask")
			p.works(a.start(ctx, one, 1), "StartTask again")
			p.reaches(one, ecs.TaskStatusRunning)
			p.works(a.start(ctx, one, 1), "StartTask of what runs")
			p.ranOnce(a, one)
			if n := a.live(one); n != 1 {
				p.errorf("the report lists the task %d times", n)
			}
		}},
		{"stop", func(p *probe, a Agent) {
			p.works(a.start(ctx, one, 1), "StartTask")
			p.reaches(one, ecs.TaskStatusRunning)
			if p.works(a.stop(ctx, one, 2), "StopTask") && p.reaches(one, ecs.TaskStatusStopped) {
				p.gone(a, one)
			}
		}},
		{"stop twice", func(p *probe, a Agent) {
			p.works(a.start(ctx, one, 1), "StartTask")
			p.reaches(one, ecs.TaskStatusRunning)
			p.works(a.stop(ctx, one, 2), "StopTask")
			p.works(a.stop(ctx, one, 2), "StopTask again")
			p.reaches(one, ecs.TaskStatusStopped)
			p.works(a.stop(ctx, one, 2), "StopTask of what has stopped")
			p.works(a.stop(ctx, one, 3), "StopTask of what has stopped, for a new reason")
		}},
		{"stop what is unknown", func(p *probe, a Agent) {
			p.works(a.stop(ctx, one, 1), "StopTask of an unknown task")
		}},
		{"stop before start", func(p *probe, a Agent) {
			p.works(a.stop(ctx, one, 2), "StopTask of an unknown task")
			_ = a.start(ctx, one, 1) // late; it may say so
			p.gone(a, one)
		}},
		{"start again late", func(p *probe, a Agent) {
			p.works(a.start(ctx, one, 1), "StartTask")
			p.reaches(one, ecs.TaskStatusRunning)
			p.works(a.stop(ctx, one, 2), "StopTask")
			p.reaches(one, ecs.TaskStatusStopped)
			_ = a.start(ctx, one, 1)
			p.gone(a, one)
		}},
		{"cancelled", func(p *probe, a Agent) {
			begin := time.Now()
			_ = a.start(cancelled(), one, 1)
			if time.Since(begin) > p.wait {
				p.errorf("StartTask with a cancelled context took %s", time.Since(begin))
			}
			p.works(a.start(ctx, one, 1), "StartTask after one that was cancelled")
			p.reaches(one, ecs.TaskStatusRunning)
			p.ranOnce(a, one)
		}},
		{"what it reports", func(p *probe, a Agent) {
			p.works(a.start(ctx, one, 1), "StartTask")
			p.reaches(one, ecs.TaskStatusRunning)
			p.works(a.stop(ctx, one, 2), "StopTask")
			p.reaches(one, ecs.TaskStatusStopped)
			p.settle()
			p.inOrder(one)
		}},
		{"report", func(p *probe, a Agent) {
			p.works(a.start(ctx, one, 1), "StartTask")
			p.works(a.start(ctx, two, 2), "StartTask")
			p.reaches(one, ecs.TaskStatusRunning)
			p.reaches(two, ecs.TaskStatusRunning)
			if r := a.Report(); a.live(one) != 1 || a.live(two) != 1 || r.Seen < 2 {
				p.errorf("the report has %d tasks and Seen %d, not 2 and 2", len(r.Tasks), r.Seen)
			}
		}},
		{"side by side", func(p *probe, a Agent) {
			sides(8, func(id string) { p.works(a.start(ctx, ecs.TaskID(id), 1), "StartTask") })
			sides(8, func(id string) { p.reaches(ecs.TaskID(id), ecs.TaskStatusRunning) })
		}},
	}
}

// inOrder holds that sequences grow from 1 on and that statuses do not go back.
func (p *probe) inOrder(id ecs.TaskID) {
	order := []ecs.TaskStatus{"", ecs.TaskStatusPending, ecs.TaskStatusRunning, ecs.TaskStatusStopped}
	var sequence uint64
	rank := 0
	for _, ev := range p.told() {
		change, ok := ev.(message.TaskStateChange)
		if !ok || change.Task != id {
			continue
		}
		if change.Sequence <= sequence {
			p.errorf("sequence %d follows %d", change.Sequence, sequence)
		}
		now := slices.Index(order, change.Status)
		if now < rank {
			p.errorf("status %q follows %q", change.Status, order[rank])
		}
		sequence, rank = change.Sequence, now
	}
}
