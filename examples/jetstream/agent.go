package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/agentconfig"
	"github.com/bayplan/bayplan/ecs/driver/agent"
	"github.com/bayplan/bayplan/ecs/driver/process"
	"github.com/bayplan/bayplan/ecs/driver/proxy"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/examples/jetstream/bus"
	"github.com/bayplan/bayplan/examples/jetstream/check"
	"github.com/bayplan/bayplan/examples/jetstream/remote"
)

// agentOptions are what the command line of an agent says.
type agentOptions struct {
	servers
	name, zone         string
	directory, address string
	paths              []string
	cpu, memory        int64
	starts             string // a file for the starts of the demo's own program
	disturb            bool
}

func (o *agentOptions) parse(args []string) error {
	flags := flag.NewFlagSet("agent", flag.ContinueOnError)
	o.flags(flags)
	flags.StringVar(&o.name, "name", "", "the EC2 instance ID of the machine")
	flags.StringVar(&o.zone, "zone", "us-east-1a", "its Availability Zone")
	flags.StringVar(&o.directory, "directory", "", "where the agent keeps its tasks")
	flags.StringVar(&o.address, "address", "127.0.0.1", "of the machine, where containers listen")
	flags.Int64Var(&o.cpu, "cpu", 4096, "CPU units of the machine")
	flags.Int64Var(&o.memory, "memory", 4096, "MiB of the machine")
	flags.StringVar(&o.starts, "starts", "", "a `file` in which the demo's program notes its starts")
	flags.BoolVar(&o.disturb, "disturb", false, "carry each command out twice, the second time late")
	flags.Func("allow", "a `path` of programs that an image may name; may be repeated", func(path string) error {
		path, err := filepath.Abs(path)
		o.paths = append(o.paths, path)
		return err
	})
	if err := flags.Parse(args); err != nil {
		return err
	}
	if o.name == "" || o.directory == "" {
		return errors.New("an agent needs -name and -directory")
	}
	return nil
}

// agentRole is the agent of a machine until it is interrupted. Its tasks go on; those of a crew end with it.
func agentRole(ctx context.Context, args []string) error {
	var o agentOptions
	if err := o.parse(args); err != nil {
		return err
	}
	ctx = o.crewedContext(ctx)
	if err := os.MkdirAll(o.directory, 0o700); err != nil {
		return err
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	nc, err := o.connect(o.name)
	if err != nil {
		return err
	}
	defer nc.Close()
	b := bus.New(nc)
	id, err := o.join(ctx, b)
	if err != nil {
		return err
	}
	containers, err := process.New(process.Config{Directory: filepath.Join(o.directory, "containers"),
		Address: o.address, Paths: o.paths, Environment: o.environment,
		Programs: map[string]process.Program{webImage: {Path: program, Arguments: []string{"web"}}}})
	if err != nil {
		return err
	}
	defer containers.Close()
	link := remote.NewLink(remote.Config{Bus: b, Prefix: o.prefix, Cluster: "default", Instance: id})
	a, err := agent.New(agent.Config{Cluster: "default", Instance: id, Containers: containers, Notify: link.Notify,
		File: filepath.Join(o.directory, "agent.json"), Report: 10 * time.Second, Cleanup: 10 * time.Minute,
		Logger: slog.New(slog.NewTextHandler(os.Stderr, nil))})
	if err != nil {
		return err
	}
	var served remote.Reporter = a
	if o.disturb {
		served = repeated{a}
	}
	err = link.Serve(ctx, served)
	a.Close()
	if o.crewed {
		limited, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		return containers.Sweep(limited, nil, nil)
	}
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// join returns the ID of the machine's container instance. The first time it registers the machine.
func (o *agentOptions) join(ctx context.Context, b bus.Bus) (ecs.InstanceID, error) {
	file := filepath.Join(o.directory, "instance")
	known, err := os.ReadFile(file)
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return ecs.InstanceID(known), err
	}
	in, err := agentconfig.Config{}.Registration(agentconfig.Machine{CPU: o.cpu, Memory: o.memory})
	if err != nil {
		return "", err
	}
	in.InstanceIdentityDocument = fmt.Sprintf(`{"instanceId": %q, "availabilityZone": %q}`, o.name, o.zone)
	in.Attributes = append(in.Attributes, ecs.Attribute{Name: "ecs.availability-zone", Value: o.zone})
	id, err := remote.Register(ctx, b, o.prefix, in)
	if err != nil {
		return "", err
	}
	return id, os.WriteFile(file, []byte(id), 0o600)
}

// environment tells the demo's program what it is, so that it notes its own start.
func (o *agentOptions) environment(task message.StartTask, index int) []ecs.KeyValuePair {
	if o.starts == "" {
		return nil
	}
	start, err := json.Marshal(check.Start{Instance: task.Instance, Key: task.ID, Task: task.Task, Index: index})
	if err != nil {
		return nil // plain values
	}
	return []ecs.KeyValuePair{{Name: "START", Value: string(start)}, {Name: "STARTS", Value: o.starts}}
}

// repeated gives an agent each command a second time, up to three seconds later, as a network that repeats messages
// would.
type repeated struct{ remote.Reporter }

func (r repeated) again(key message.Key, f func(context.Context) error) {
	time.AfterFunc(time.Duration(key.Epoch%4)*time.Second, func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = f(ctx) // nobody waits for it
	})
}

// StartTask starts the task twice.
func (r repeated) StartTask(ctx context.Context, c message.StartTask) error {
	r.again(c.ID, func(ctx context.Context) error { return r.Reporter.StartTask(ctx, c) })
	return r.Reporter.StartTask(ctx, c)
}

// StopTask stops the task twice.
func (r repeated) StopTask(ctx context.Context, c message.StopTask) error {
	r.again(c.ID, func(ctx context.Context) error { return r.Reporter.StopTask(ctx, c) })
	return r.Reporter.StopTask(ctx, c)
}

// proxyRole runs the load balancer of a crew.
func proxyRole(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("proxy", flag.ContinueOnError)
	directory := flags.String("directory", "", "where the proxy keeps its targets")
	if err := flags.Parse(args); err != nil {
		return err
	}
	return proxy.Serve(crewed(ctx), *directory, proxy.Config{Address: addressOf})
}
