// Laptop runs a service of real processes behind a real load balancer on this machine, under constant load, and shows
// that a rollout, a canary, a killed task, a killed orchestrator and scaling fail no request:
//
//	go run ./examples/laptop            # under two minutes; the last line is the verdict
//	go run ./examples/laptop -short     # without the scale-in
//
// It runs your own service until it is interrupted, too. An image is then the path of a program that -allow admits:
//
//	go run ./examples/laptop -task-definition task.json -service service.json -allow /usr/local/bin
//
// With -api it serves the same plane through the ECS API, for the AWS CLI, with a key that it prints, and a console for
// the browser:
//
//	go run ./examples/laptop -api -allow /usr/bin/python3
//
// Three processes work together, each this program again: the proxy, the orchestrator (a control plane with the agents
// of three instances), and the show, which starts the other two and kills the orchestrator on the way. Tasks are
// processes, and outlive the orchestrator. The plane's clock runs fast, so that alarms of minutes take seconds.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"github.com/bayplan/bayplan/examples/crew"
)

// options are what the command line says.
type options struct {
	short                   bool
	rate                    int
	speed                   int
	taskDefinition, service string
	limits                  allowed
	api                     bool
	address                 string // of the API
}

// allowed is what the tasks of the user's own definitions may be.
type allowed struct {
	paths       []string
	shell, user bool
	userData    string // of the instances; it runs when they boot
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "laptop:", err)
		stop()
		os.Exit(1)
	}
}

// run is the program: the show, or one of the roles that the show starts.
func run(ctx context.Context, args []string, out io.Writer) error {
	if len(args) > 0 {
		if play, ok := roles()[args[0]]; ok {
			return play(ctx, args[1:])
		}
	}
	var o options
	flags := flag.NewFlagSet("laptop", flag.ContinueOnError)
	flags.BoolVar(&o.short, "short", false, "leave the scale-in out, and let the plane's clock run faster")
	flags.IntVar(&o.rate, "rate", 700, "requests a second")
	flags.IntVar(&o.speed, "speed", 0, "seconds of the plane's clock in each real one; 0: 30, or 60 with -short")
	flags.Func("user-data", "a `file` with the user data of the instances; a script in it runs when each boots",
		func(path string) error {
			data, err := os.ReadFile(path)
			o.limits.userData = string(data)
			return err
		})
	flags.StringVar(&o.taskDefinition, "task-definition", "", "a `file` with a task definition of your own to run")
	flags.StringVar(&o.service, "service", "", "a `file` with the service of it, as CreateService takes it")
	flags.Func("allow", "a `path` of a program, or of a directory of programs, that an image may name; may be repeated",
		func(path string) error {
			if _, err := os.Stat(path); err != nil {
				return err
			}
			path, err := filepath.Abs(path)
			o.limits.paths = append(o.limits.paths, path)
			return err
		})
	flags.BoolVar(&o.limits.shell, "allow-shell", false, "allow health checks of the form CMD-SHELL")
	flags.BoolVar(&o.limits.user, "allow-user", false, "allow containers with a user of their own")
	flags.BoolVar(&o.api, "api", false, "serve the ECS API for the AWS CLI, and the console, until you interrupt it")
	flags.StringVar(&o.address, "addr", "127.0.0.1:8091", "where -api listens, on loopback")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return err
	}
	if err := o.check(flags.Args()); err != nil {
		return err
	}
	directory, err := os.MkdirTemp("", "laptop")
	if err != nil {
		return err
	}
	c, err := newCrew(directory, o)
	if err != nil {
		return err
	}
	err = perform(ctx, c, o, out)
	return errors.Join(err, c.End(), os.RemoveAll(directory))
}

// check refuses what the command line must not say, and sets the speed of the clock.
func (o *options) check(rest []string) error {
	switch {
	case len(rest) > 0:
		return fmt.Errorf("%q is not a flag", rest[0])
	case (o.taskDefinition == "") != (o.service == ""):
		return errors.New("-task-definition and -service go together")
	case o.rate < 1 || o.rate > 5000:
		return fmt.Errorf("-rate %d is not from 1 to 5000", o.rate)
	case o.speed < 0 || o.speed > 300:
		return fmt.Errorf("-speed %d is not from 1 to 300", o.speed)
	case o.api && o.short:
		return errors.New("-short is of the show, and -api plays none")
	case o.speed == 0 && (o.api || o.taskDefinition != ""):
		o.speed = 1
	case o.speed == 0 && o.short:
		o.speed = 60
	case o.speed == 0:
		o.speed = 30
	}
	return crew.CheckLoopback(o.address)
}

// newCrew returns the crew, whose processes have what the tasks may be.
func newCrew(directory string, o options) (*crew.Crew, error) {
	c, err := crew.New(directory, crew.Clock{From: time.Now(), Speed: o.speed}, o.limits.arguments()...)
	if err == nil && o.limits.userData != "" {
		err = os.WriteFile(filepath.Join(directory, userDataFile), []byte(o.limits.userData), 0o600)
	}
	return c, err
}

// perform starts the crew and plays the show, or serves the API and runs the user's own service.
func perform(ctx context.Context, c *crew.Crew, o options, out io.Writer) error {
	var url string
	var key crew.AccessKey
	if o.api {
		var err error
		if url, key, err = c.OpenAPI(o.address); err != nil {
			return err
		}
	}
	if err := c.Start(ctx, crew.ProxyRole); err != nil {
		return err
	}
	if err := c.Start(ctx, crew.OrchestratorRole); err != nil {
		return err
	}
	if o.api {
		greet(out, url, key)
	}
	if o.api || o.taskDefinition != "" {
		return attend(ctx, c, o, out)
	}
	return show(ctx, c, o, out)
}

// roles are what this program does in the processes that the show, or a task, starts.
func roles() map[string]func(context.Context, []string) error {
	return map[string]func(context.Context, []string) error{"proxy": proxyRole, "orchestrator": orchestratorRole,
		"web": webRole}
}

// addresses are those of the three instances. Where loopback has one address only, there is one instance.
func addresses() []string {
	if runtime.GOOS == "linux" {
		return []string{"127.0.0.11", "127.0.0.12", "127.0.0.13"}
	}
	return []string{"127.0.0.1"}
}
