// Docker is an Amazon ECS on one machine with nothing simulated: ECS's API, an agent on the Docker Engine, a load
// balancer, and a registry that speaks Amazon ECR. The commands of a tutorial of ECS work as they are written:
//
//	go -C examples/docker run .          # prints what to export for the AWS CLI, and serves until you interrupt it
//	go -C examples/docker run . -demo    # pushes images, runs a service, rolls it, breaks it; then it serves
//
// tutorial.sh has the commands: log in, tag, push, pull, register, create a service, update it, look.
//
// The engine is that of DOCKER_HOST, or the system's; it must run on this machine, since the load balancer reaches
// containers at 127.0.0.1, and the engine the registry there. Everything is in a directory that ends with the program,
// or that of -directory.
//
// # Start here
//
// Package engine of this module runs containers for an agent of ecs/driver/agent. Package registry has the images.
// Package examples/crew has the processes that this program and examples/laptop consist of: load balancer and
// orchestrator, which are started again when they are killed, while containers go on.
//
// # What containers ask about themselves
//
// Where the program may, as root, it has the engine make the network 169.254.170.0/24 and answers at 169.254.170.2, as
// ECS does: AWS SDKs in containers find their task's metadata and role. Elsewhere it answers at the gateway of the
// engine's bridge, where tasks find their metadata, and SDKs accept no keys from.
//
// # Differences from ECS
//
//   - One container instance, unless -instances says more. They share the engine's memory and processors. Each has an
//     agent and an address of loopback of its own, so that two may have the same host port.
//   - The images of the account's registry, ACCOUNT.dkr.ecr.REGION.amazonaws.com, are pulled from 127.0.0.1.
//   - The registry takes HTTP, which Docker allows at addresses of 127.0.0.0/8.
//   - Keys of roles are made up: no service of AWS takes them.
//   - Whoever has the printed key may do everything, unless -policy FILE names an IAM policy.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/bayplan/bayplan/examples/crew"
	"github.com/bayplan/bayplan/examples/localecs/front"
)

// options are what the command line says.
type options struct {
	demo      bool
	address   string // of the API
	registry  string // address of the registry
	directory string // "": one that ends with the program
	host      string // of the engine
	rate      int    // requests a second of the demonstration
	restart   string // what restarts the engine
	instances int
	memory    int64 // MiB of an instance
	cpu       int64 // CPU units of an instance
	subnet    netip.Prefix
	policies  []string // FILE, or KEYID=FILE
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "docker:", err)
		stop()
		os.Exit(1)
	}
}

// roles are what this program does in the processes that it starts.
func roles() map[string]func(context.Context, []string) error {
	return map[string]func(context.Context, []string) error{
		crew.ProxyRole: proxyRole, crew.OrchestratorRole: orchestratorRole}
}

// declare declares the flags that the processes of all roles have.
func (o *options) declare(flags *flag.FlagSet) {
	flags.StringVar(&o.registry, "registry", "127.0.0.1:5000", "where the registry listens, on loopback")
	flags.StringVar(&o.host, "host", "", "the engine, such as unix:///run/docker.sock; DOCKER_HOST unless given")
	flags.IntVar(&o.instances, "instances", 1, "how many container instances, 1 to 3")
	flags.Int64Var(&o.memory, "memory", 4096, "MiB of memory that an instance has for tasks")
	flags.Int64Var(&o.cpu, "cpu", 4096, "CPU units that an instance has for tasks")
	o.subnet = netip.MustParsePrefix("10.77.0.0/24")
	flags.TextVar(&o.subnet, "subnet", o.subnet, "the network of awsvpc tasks, which nothing else uses")
	flags.Func("policy", "a `file` with an IAM policy that decides every call of the API and of the registry, or "+
		"KEYID=FILE for the calls of one access key; may be repeated", func(value string) error {
		o.policies = append(o.policies, value)
		return nil
	})
}

// arguments are the flags of declare, for the processes of the crew.
func (o options) arguments() []string {
	list := []string{"-registry", o.registry, "-host", o.host, "-instances", fmt.Sprint(o.instances),
		"-memory", fmt.Sprint(o.memory), "-cpu", fmt.Sprint(o.cpu), "-subnet", o.subnet.String()}
	for _, p := range o.policies {
		list = append(list, "-policy", p)
	}
	return list
}

// run is the program, or one of the roles that it starts.
func run(ctx context.Context, args []string, out io.Writer) error {
	if len(args) > 0 {
		if play, ok := roles()[args[0]]; ok {
			return play(ctx, args[1:])
		}
	}
	var o options
	flags := flag.NewFlagSet("docker", flag.ContinueOnError)
	flags.BoolVar(&o.demo, "demo", false, "show a service: push, run, roll, break, roll back, kill; then serve")
	flags.StringVar(&o.address, "addr", "127.0.0.1:8092", "where the API listens, on loopback")
	flags.StringVar(&o.directory, "directory", "", "where everything is kept; one that ends with the program if empty")
	flags.IntVar(&o.rate, "rate", 200, "requests a second of -demo")
	flags.StringVar(&o.restart, "restart-engine", "", "a command of the shell that restarts the engine, for -demo")
	o.declare(flags)
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return err
	}
	if err := o.check(flags.Args()); err != nil {
		return err
	}
	directory, err := o.open()
	if err != nil {
		return err
	}
	c, err := crew.New(directory, crew.Clock{From: time.Now(), Speed: 1}, o.arguments()...)
	if err != nil {
		return err
	}
	err = errors.Join(perform(ctx, c, o, out), c.End())
	if o.directory == "" {
		err = errors.Join(err, os.RemoveAll(directory))
	}
	return err
}

// check refuses what the command line must not say.
func (o options) check(rest []string) error {
	if len(rest) > 0 {
		return fmt.Errorf("%q is not a flag", rest[0])
	}
	if o.instances < 1 || o.instances > len(addresses()) {
		return fmt.Errorf("-instances %d is not from 1 to %d", o.instances, len(addresses()))
	}
	_, err := o.rights()
	return errors.Join(err, crew.CheckLoopback(o.address), crew.CheckLoopback(o.registry))
}

// rights returns the policies that decide calls; nil: there are none, and whoever has a key may do everything.
func (o options) rights() (policies front.Policies, err error) {
	for _, value := range o.policies {
		if policies == nil {
			policies = front.Policies{}
		}
		if _, err := policies.Add(value); err != nil {
			return nil, fmt.Errorf("-policy: %w", err)
		}
	}
	return policies, nil
}

// open returns the directory of everything.
func (o options) open() (string, error) {
	if o.directory == "" {
		return os.MkdirTemp("", "docker-ecs")
	}
	directory, err := filepath.Abs(o.directory)
	if err != nil {
		return "", err
	}
	return directory, os.MkdirAll(directory, 0o700)
}

// perform starts the crew, shows the demonstration, and keeps the crew alive until it is interrupted.
func perform(ctx context.Context, c *crew.Crew, o options, out io.Writer) error {
	out = &crew.Lines{To: out}
	return attend(ctx, c, o, out, func(ctx context.Context, of crew.Caller) error {
		greet(out, o, of.URL, of.Key)
		if o.demo {
			if err := demonstrate(ctx, c, o, of, out); err != nil {
				return err
			}
		}
		return c.KeepAlive(ctx, out)
	})
}

// attend starts the crew, and has the load balancer listen as callers of the API say, while do runs.
func attend(
	ctx context.Context, c *crew.Crew, o options, out io.Writer, do func(context.Context, crew.Caller) error,
) error {
	url, key, err := c.OpenAPI(o.address)
	if err != nil {
		return err
	}
	for _, role := range []string{crew.ProxyRole, crew.OrchestratorRole} {
		if err := c.Start(ctx, role); err != nil {
			return err
		}
	}
	ctx, stop := context.WithCancel(ctx)
	var follows sync.WaitGroup
	defer follows.Wait()
	defer stop()
	follows.Go(func() { crew.NewBalancing(c, out).Follow(ctx) })
	return do(ctx, crew.Caller{URL: url, Key: key})
}

// greet prints how to call the API.
func greet(out io.Writer, o options, url string, key crew.AccessKey) {
	fmt.Fprintf(out, `Amazon ECS at %[1]s, whose tasks are containers of the Docker Engine; Amazon ECR at %[2]s

%[3]s  export REGISTRY=%[2]s
  aws ecr get-login-password | docker login -u AWS --password-stdin $REGISTRY
  aws ecs list-container-instances

The console, in a browser: %[1]s/
Whoever has this key runs containers on your engine. It is good until you interrupt this program.
`, url, o.registry, key.Exports(url))
}
