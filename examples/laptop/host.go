package main

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/driver/loopback"
	"github.com/bayplan/bayplan/ecs/driver/metadata"
	"github.com/bayplan/bayplan/ecs/driver/process"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/examples/crew"
)

// part is what the program has told a role.
type part struct {
	crew.Part
	limits allowed
}

// arguments are the flags that parsePart reads besides those of the crew.
func (l allowed) arguments() (args []string) {
	for _, p := range l.paths {
		args = append(args, "-allow", p)
	}
	if l.shell {
		args = append(args, "-allow-shell")
	}
	if l.user {
		args = append(args, "-allow-user")
	}
	return args
}

// parsePart reads the arguments of a role, and returns a context that ends with the program.
func parsePart(ctx context.Context, args []string) (context.Context, part, error) {
	var p part
	ctx, of, err := crew.ParsePart(ctx, args, func(flags *flag.FlagSet) {
		flags.Func("allow", "path of programs", func(s string) error {
			p.limits.paths = append(p.limits.paths, s)
			return nil
		})
		flags.BoolVar(&p.limits.shell, "allow-shell", false, "")
		flags.BoolVar(&p.limits.user, "allow-user", false, "")
	})
	p.Part = of
	return ctx, p, err
}

// proxyRole runs the load balancer until the program ends.
func proxyRole(ctx context.Context, args []string) error {
	ctx, p, err := parsePart(ctx, args)
	if err != nil {
		return err
	}
	return p.Proxy(ctx, addressOf)
}

// orchestratorRole runs the control plane with the agents of all instances until the program ends; then it ends the
// tasks.
func orchestratorRole(ctx context.Context, args []string) error {
	ctx, p, err := parsePart(ctx, args)
	if err != nil {
		return err
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	interfaces, err := loopback.New(loopback.Config{File: filepath.Join(p.Directory, "interfaces.json")})
	if err != nil {
		return err
	}
	web := map[string]process.Program{webImage: {Path: program, Arguments: []string{"web"}}}
	return p.Orchestrate(ctx, crew.Orchestra{NetworkInterfaces: interfaces,
		Join: func(plane *control.Plane, now time.Time) ([]ecs.InstanceID, error) {
			return join(plane, now, p.Directory)
		},
		Open: func(i int, id ecs.InstanceID, notify func(message.Event)) (*crew.Host, error) {
			h, _, err := openHost(p, i, id, web, notify)
			return h, err
		}})
}

// openHost starts an instance, which goes on with the tasks that run. Its containers are processes.
func openHost(p part, i int, id ecs.InstanceID, images map[string]process.Program, notify func(message.Event)) (
	h *crew.Host, runtime *process.Runtime, err error) {
	name, address := crew.InstanceName(i), addresses()[i]
	booted, err := boot(p.Directory, name)
	if err != nil {
		return nil, nil, err
	}
	h, err = crew.OpenHost(crew.HostConfig{Directory: p.Directory, ID: id, Address: address, Notify: notify,
		Instance: metadata.Instance{ID: name, Type: "laptop", ImageID: "ami-laptop", Region: "us-east-1",
			AvailabilityZone: crew.ZoneOf(i), Account: "123456789012", PrivateIPv4: address, UserData: booted.text,
			Role: "arn:aws:iam::123456789012:role/ecsInstanceRole", BlockAwsvpc: booted.BlockIMDS},
		Containers: func(environment func(message.StartTask, int) []ecs.KeyValuePair) (crew.Containers, error) {
			runtime, err = process.New(process.Config{Directory: filepath.Join(p.Directory, name), Address: address,
				Programs: images, Paths: p.limits.paths, AllowShell: p.limits.shell, AllowUser: p.limits.user,
				Environment: environment})
			return runtime, err
		}})
	return h, runtime, err
}
