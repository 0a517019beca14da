package drivertest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/driver"
	"github.com/bayplan/bayplan/ecs/message"
)

// restartChecks are those of an agent that ends in mid-life and is started again. It may still
// have its tasks or not; what must hold is said for both.
func restartChecks() []check[Agent] {
	ctx := context.Background()
	return []check[Agent]{
		{"restart heals", func(p *probe, a Agent) {
			k := newKeeper(p, a)
			k.until("the service's task runs", func() string { return k.astray(1) })
			k.agent = prepared(p, k.agent.Restart())
			k.turns(100) // the agent has said for long what it has
			k.until("the service's task runs after a restart of its agent", func() string { return k.astray(1) })
			k.desire(0)
			k.until("the service's task stops after a restart of its agent", func() string { return k.astray(0) })
		}},
		{"restart while it starts", func(p *probe, a Agent) {
			k := newKeeper(p, a)
			k.turn()
			k.agent = prepared(p, k.agent.Restart())
			k.turns(100)
			k.until("the service's task runs after a restart before it ran", func() string { return k.astray(1) })
		}},
		{"restart and start late", func(p *probe, a Agent) {
			p.works(a.start(ctx, one, 1), "StartTask")
			p.reaches(one, ecs.TaskStatusRunning)
			p.works(a.stop(ctx, one, 2), "StopTask")
			p.reaches(one, ecs.TaskStatusStopped)
			a = prepared(p, a.Restart())
			_ = a.start(ctx, one, 1) // of a life that is over; it should say so
			p.dead(a, one)
		}},
		{"restart after stop before start", func(p *probe, a Agent) {
			p.works(a.stop(ctx, one, 2), "StopTask of an unknown task")
			a = prepared(p, a.Restart())
			_ = a.start(ctx, one, 1)
			p.dead(a, one)
		}},
		{"restart and start again", func(p *probe, a Agent) {
			p.works(a.start(ctx, one, 1), "StartTask")
			p.reaches(one, ecs.TaskStatusRunning)
			a = prepared(p, a.Restart())
			kept := a.live(one) > 0
			err := a.start(ctx, one, 1)
			switch {
			case kept:
				p.works(err, "StartTask of what runs, after a restart")
				p.settle()
				if n := a.live(one); n != 1 {
					p.errorf("the report lists the task %d times", n)
				}
			case !driver.IsPermanent(err):
				p.errorf("StartTask of a task that was lost in a restart does not fail for good: %v", err)
			default:
				p.dead(a, one)
			}
		}},
		{"restart and count on", func(p *probe, a Agent) {
			p.works(a.start(ctx, one, 1), "StartTask")
			p.reaches(one, ecs.TaskStatusRunning)
			life, sequence, _ := a.entry(one)
			a = prepared(p, a.Restart())
			if l, s, kept := a.entry(one); kept && (l < life || l == life && s < sequence) {
				p.errorf("life %d, sequence %d follows life %d, sequence %d", l, s, life, sequence)
			}
		}},
	}
}

// entry returns the numbers of a report's entry about a task.
func (a Agent) entry(id ecs.TaskID) (life, sequence uint64, listed bool) {
	r := a.Report()
	i := slices.IndexFunc(r.Tasks, func(t message.TaskStateChange) bool { return t.Task == id })
	if i < 0 {
		return r.Life, 0, false
	}
	return max(r.Life, r.Tasks[i].Life), r.Tasks[i].Sequence, true
}

// dead holds that a report lists a task as running neither now nor soon.
func (p *probe) dead(a Agent, id ecs.TaskID) {
	p.settle()
	if a.live(id) > 0 {
		p.errorf("task %s runs although it was stopped, or lost, before the agent was started again", id)
	}
}

// keeper is a control plane with a service of one task, for which the agent runs it. Its time
// passes a second a turn, and each 30 of them the agent reports.
type keeper struct {
	p        *probe
	plane    *control.Plane
	agent    Agent
	now      time.Time
	heard    int // events of the probe
	instance ecs.InstanceID
	turned   int
}

func newKeeper(p *probe, a Agent) *keeper {
	k := &keeper{p: p, plane: control.New(control.Config{Seed: 1}), agent: a}
	k.now = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	d, err := k.plane.RegisterTaskDefinition(k.now, a.TaskDefinition)
	if !p.works(err, "registering the task definition") {
		return k
	}
	large := func(name string) ecs.Resource {
		return ecs.Resource{Name: name, Type: "INTEGER", IntegerValue: 1 << 20}
	}
	ci, err := k.plane.RegisterContainerInstance(k.now, api.RegisterContainerInstanceInput{
		Attributes: d.RequiresAttributes, TotalResources: []ecs.Resource{large(ecs.ResourceCPU),
			large(ecs.ResourceMemory)}})
	p.works(err, "registering the instance")
	k.instance = ci.ID()
	in := api.CreateServiceInput{ServiceName: "drivertest", TaskDefinition: d.TaskDefinitionArn,
		DesiredCount: ecs.Some(1)}
	if d.NetworkMode == ecs.NetworkModeAwsvpc {
		vpc := &ecs.AwsvpcConfiguration{Subnets: []string{"subnet-0"}}
		in.NetworkConfiguration = &ecs.NetworkConfiguration{AwsvpcConfiguration: vpc}
	}
	_, err = k.plane.CreateService(k.now, in)
	p.works(err, "creating the service")
	return k
}

func (k *keeper) desire(n int) {
	_, err := k.plane.UpdateService(k.now, api.UpdateServiceInput{Service: "drivertest", DesiredCount: ecs.Some(n)})
	k.p.works(err, "updating the service")
}

// turn lets the plane hear what the agent told, and the agent carry out what the plane wants.
func (k *keeper) turn() {
	time.Sleep(5 * time.Millisecond)
	told := k.p.told()
	for _, ev := range told[k.heard:] {
		if e, ok := ev.(message.TaskStateChange); ok {
			e.Cluster, e.Instance = "default", k.instance
			k.plane.Observe(k.now, e)
		}
	}
	k.heard = len(told)
	if k.turned++; k.turned%30 == 0 {
		r := k.agent.Report()
		r.Cluster, r.Instance = "default", k.instance
		k.plane.Observe(k.now, r)
	}
	k.now = k.now.Add(time.Second)
	k.plane.Tick(k.now)
	ready := k.plane.Ready()
	k.plane.Advance(ready)
	for _, c := range ready.Commands {
		k.plane.Observe(k.now, k.carryOut(c))
	}
}

// carryOut has the agent carry a command out; what is not an agent's works.
func (k *keeper) carryOut(c message.Command) message.CommandDone {
	ctx, cancel := context.WithTimeout(context.Background(), k.p.wait)
	defer cancel()
	done := message.CommandDone{Key: c.Key()}
	var err error
	switch c := c.(type) {
	case message.StartTask:
		c.Instance = k.agent.Report().Instance
		err = k.agent.StartTask(ctx, c)
	case message.StopTask:
		c.Instance = k.agent.Report().Instance
		err = k.agent.StopTask(ctx, c)
	case message.AttachNetworkInterface:
		done.PrivateIPv4 = "10.0.0.4"
	}
	if err != nil {
		done.Err, done.Permanent = err.Error(), driver.IsPermanent(err)
	}
	return done
}

func (k *keeper) turns(n int) {
	for range n {
		k.turn()
	}
}

// until turns until nothing is astray: for as long as a start or a stop may take, and not fewer
// than 200 times, however slow the machine is.
func (k *keeper) until(what string, astray func() string) {
	why := astray()
	for end, n := time.Now().Add(k.p.wait), 0; why != "" && (n < 200 || time.Now().Before(end)); n++ {
		k.turn()
		why = astray()
	}
	if why != "" {
		k.p.errorf("%s: %s", what, why)
	}
}

// astray says in what the plane and the agent do not agree on n tasks that run; "" if they do.
func (k *keeper) astray(n int) string {
	page, err := k.plane.ListTasks(api.ListTasksInput{})
	if err != nil {
		return err.Error()
	}
	running := 0
	for _, arn := range page.Arns {
		out, err := k.plane.DescribeTasks(api.DescribeTasksInput{Tasks: []string{arn}})
		if err == nil && len(out.Tasks) == 1 && out.Tasks[0].LastStatus == ecs.TaskStatusRunning &&
			k.agent.live(out.Tasks[0].ID()) == 1 {
			running++
		}
	}
	live := 0
	for _, t := range k.agent.Report().Tasks {
		if t.Status != ecs.TaskStatusStopped {
			live++
		}
	}
	if len(page.Arns) == n && running == n && live == n {
		return ""
	}
	return fmt.Sprintf("the plane wants %d tasks, of which %d run at the agent, which runs %d",
		len(page.Arns), running, live)
}
