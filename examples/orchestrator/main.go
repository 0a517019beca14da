// Command orchestrator runs three copies of a web server as processes behind a load balancer, in the fewest lines:
// the shortest program that a platform of your own begins with.
//
//	go run ./examples/orchestrator        and then: curl http://127.0.0.1:8080
//	go run ./examples/orchestrator end    ends the servers, when the orchestrator has ended
//
// It keeps what it knows in a directory below the system's one for temporary files. When it is ended, or killed,
// the servers go on, and the next one adopts them.
package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/driver"
	"github.com/bayplan/bayplan/ecs/driver/agent"
	"github.com/bayplan/bayplan/ecs/driver/journal"
	"github.com/bayplan/bayplan/ecs/driver/process"
	"github.com/bayplan/bayplan/ecs/driver/proxy"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/loadbalance"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	directory := filepath.Join(os.TempDir(), "orchestrator")
	self, err := os.Executable()
	switch {
	case err != nil:
	case len(os.Args) > 1 && os.Args[1] == "serve":
		err = serve()
	case len(os.Args) > 1 && os.Args[1] == "end":
		err = end(ctx, directory)
	default:
		if err = os.MkdirAll(directory, 0o700); err == nil {
			fmt.Printf("http://%s is three web servers. They go on when this ends: see orchestrator end.\n", address)
			err = orchestrate(ctx, directory, self, address)
		}
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// serve is the program of the service's containers.
func serve() error {
	return http.ListenAndServe(net.JoinHostPort(os.Getenv("HOST"), os.Getenv("PORT")),
		http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "process", os.Getpid()) }))
}

// end ends the containers of an orchestrator that has ended, and removes its directory.
func end(ctx context.Context, directory string) error {
	if _, err := os.Stat(directory); errors.Is(err, fs.ErrNotExist) {
		return nil // there was none, or it has been ended
	}
	containers, err := process.New(process.Config{Directory: filepath.Join(directory, "containers")})
	if err != nil {
		return err
	}
	defer containers.Close()
	if err := containers.Sweep(ctx, nil, nil); err != nil {
		return err
	}
	return os.RemoveAll(directory)
}

// address is that of the load balancer.
const address = "127.0.0.1:8080"

const group = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/0123456789abcdef"

// orchestrate runs the orchestrator until the context ends. Its directory exists. The containers run self with
// the argument serve.
func orchestrate(ctx context.Context, directory, self, address string) error {
	plane, kept, err := journal.Open(filepath.Join(directory, "plane"), journal.Config{})
	if err != nil {
		return err
	}
	defer kept.Close()
	instance, err := prepare(plane, time.Now())
	if err != nil {
		return err
	}
	var loop atomic.Pointer[driver.Loop]
	notify := func(ev message.Event) {
		if l := loop.Load(); l != nil { // what is told too early is told again
			l.Notify(ev)
		}
	}
	agents := agent.Agents{}
	balancer, err := proxy.New(proxy.Config{File: filepath.Join(directory, "proxy"), Notify: notify,
		Address: func(string) (string, bool) { return "127.0.0.1", true }})
	if err != nil {
		return err
	}
	defer balancer.Close()
	loop.Store(driver.New(plane, driver.Runtime{Agent: agents, Targets: balancer, Listeners: balancer, Journal: kept}))
	containers, err := process.New(process.Config{Directory: filepath.Join(directory, "containers"),
		Programs: map[string]process.Program{"web": {Path: self, Arguments: []string{"serve"}}}})
	if err != nil {
		return err
	}
	defer containers.Close()
	a, err := agent.New(agent.Config{Cluster: "default", Instance: instance, Containers: containers,
		File: filepath.Join(directory, "agent"), Notify: notify})
	if err != nil {
		return err
	}
	defer a.Close()
	agents[instance] = a
	forward := loadbalance.Forward{TargetGroups: []loadbalance.WeightedTargetGroup{{TargetGroupArn: group}}}
	if _, err := balancer.Listen(ctx, loadbalance.Listener{ListenerArn: "web",
		DefaultAction: loadbalance.Action{Forward: forward}}, address); err != nil {
		return err
	}
	return loop.Load().Run(ctx)
}

// prepare registers the instance and creates the service, unless an earlier life of the plane did.
func prepare(p *control.Plane, now time.Time) (ecs.InstanceID, error) {
	if page, err := p.ListContainerInstances(api.ListContainerInstancesInput{}); err == nil && len(page.Arns) > 0 {
		return ecs.InstanceID(path.Base(page.Arns[0])), nil
	}
	web := ecs.TaskDefinition{Family: "web", ContainerDefinitions: []ecs.ContainerDefinition{{Name: "web", Image: "web",
		Memory: 64, PortMappings: []ecs.PortMapping{{ContainerPort: 80}}}}}
	capacity := func(name string) ecs.Resource {
		return ecs.Resource{Name: name, Type: "INTEGER", IntegerValue: 8192}
	}
	ci, err := p.RegisterContainerInstance(now, api.RegisterContainerInstanceInput{
		Attributes:               web.AttributesRequired(),
		InstanceIdentityDocument: `{"instanceId":"i-0123456789abcdef0"}`,
		TotalResources:           []ecs.Resource{capacity(ecs.ResourceCPU), capacity(ecs.ResourceMemory)}})
	if err != nil {
		return "", err
	}
	if err := p.PutTargetGroup(now, loadbalance.TargetGroup{TargetGroupArn: group}); err != nil {
		return "", err
	}
	if _, err := p.RegisterTaskDefinition(now, web); err != nil {
		return "", err
	}
	_, err = p.CreateService(now, api.CreateServiceInput{ServiceName: "web", TaskDefinition: "web",
		DesiredCount:  ecs.Some(3),
		LoadBalancers: []ecs.LoadBalancer{{TargetGroupArn: group, ContainerName: "web", ContainerPort: 80}}})
	return ci.ID(), err
}
