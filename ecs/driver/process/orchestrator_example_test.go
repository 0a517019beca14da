package process_test

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/agentconfig"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/driver"
	"github.com/bayplan/bayplan/ecs/driver/agent"
	"github.com/bayplan/bayplan/ecs/driver/journal"
	"github.com/bayplan/bayplan/ecs/driver/process"
	"github.com/bayplan/bayplan/ecs/driver/proxy"
)

// An orchestrator: a durable control plane, an instance whose containers are processes, and a load balancer. Killed and
// run again with the same directory, it goes on with the tasks that run.
func Example_orchestrator() {
	_ = orchestrate // a program calls it with a directory, and sends its requests by driver.Call
}

func orchestrate(ctx context.Context, dir string, programs map[string]process.Program) (err error) {
	plane, kept, err := journal.Open(filepath.Join(dir, "journal"), journal.Config{Plane: control.Config{Seed: 1}})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, kept.Close()) }()
	page, _ := plane.ListContainerInstances(api.ListContainerInstancesInput{}) // a new plane has no cluster yet
	if len(page.Arns) == 0 {
		in, err := agentconfig.Config{}.Registration(agentconfig.Machine{CPU: 4096, Memory: 8192})
		if err != nil {
			return err
		}
		in.InstanceIdentityDocument = `{"instanceId": "i-0123456789abcdef0"}`
		instance, err := plane.RegisterContainerInstance(time.Now(), in)
		if err != nil {
			return err
		}
		page.Arns = []string{instance.ContainerInstanceArn}
	}
	id := ecs.ContainerInstance{ContainerInstanceArn: page.Arns[0]}.ID()
	containers, err := process.New(process.Config{Directory: filepath.Join(dir, "containers"), Programs: programs})
	if err != nil {
		return err
	}
	defer containers.Close()
	rt := &parts{agents: agent.Agents{}}
	loop := driver.New(plane, driver.Runtime{Agent: rt.agents, Targets: rt, Listeners: rt, Journal: kept})
	rt.Proxy, err = proxy.New(proxy.Config{File: filepath.Join(dir, "proxy"), Notify: loop.Notify,
		Address: func(string) (string, bool) { return "127.0.0.1", true }})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rt.Close()) }()
	a, err := agent.New(agent.Config{Cluster: "default", Instance: id, Containers: containers,
		Notify: loop.Notify, File: filepath.Join(dir, "agent")})
	if err != nil {
		return err
	}
	defer a.Close()
	rt.agents[id] = a
	return loop.Run(ctx)
}

// parts is what the loop calls; it is complete when the loop runs.
type parts struct {
	*proxy.Proxy
	agents agent.Agents
}
