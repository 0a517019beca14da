package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"time"

	"github.com/bayplan/bayplan/ecs/driver/proxy"
)

// crew is the processes of the show. Each ends when the show does: its input is a pipe that ends then.
type crew struct {
	directory string
	clock     fastClock
	limits    allowed
	program   string
	members   map[string]*member
	killed    bool     // the orchestrator was, and does not run
	socket    *os.File // of the API, which the orchestrator inherits; nil: there is none
}

// member is a process with a role.
type member struct {
	process *exec.Cmd
	input   io.Closer
	ended   chan error
}

func newCrew(directory string, clock fastClock, limits allowed) (*crew, error) {
	program, err := os.Executable()
	if err == nil && limits.userData != "" {
		err = os.WriteFile(filepath.Join(directory, userDataFile), []byte(limits.userData), 0o600)
	}
	return &crew{directory: directory, clock: clock, limits: limits, program: program,
		members: map[string]*member{}}, err
}

// start starts the process of a role and waits until it answers.
func (c *crew) start(ctx context.Context, role string) error {
	log, err := os.OpenFile(filepath.Join(c.directory, role+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	args := []string{role, "-directory", c.directory, "-from", c.clock.from.Format(time.RFC3339Nano),
		"-speed", fmt.Sprint(c.clock.speed)}
	for _, p := range c.limits.paths {
		args = append(args, "-allow", p)
	}
	args = append(args, fmt.Sprintf("-allow-shell=%t", c.limits.shell), fmt.Sprintf("-allow-user=%t", c.limits.user))
	m := &member{process: exec.Command(c.program, args...), ended: make(chan error, 1)}
	m.process.Stdout, m.process.Stderr = log, log
	if c.socket != nil && role == "orchestrator" {
		m.process.Args = append(m.process.Args, "-api")
		m.process.ExtraFiles = []*os.File{c.socket} // inheritedSocket
	}
	input, err := m.process.StdinPipe()
	if err != nil {
		return err
	}
	m.input = input
	if err := m.process.Start(); err != nil {
		return err
	}
	c.members[role] = m
	c.killed = c.killed && role != "orchestrator"
	go func() { m.ended <- m.process.Wait() }()
	for {
		if c.answers(ctx, role) {
			return nil
		}
		select {
		case err := <-m.ended:
			m.ended <- err
			return fmt.Errorf("the %s ended: %v\n%s", role, err, c.tail(role))
		default:
		}
		if err := sleep(ctx, 20*time.Millisecond); err != nil {
			return err
		}
	}
}

// answers asks a role for a sign of life.
func (c *crew) answers(ctx context.Context, role string) bool {
	if role == "proxy" {
		_, err := proxy.NewRemote(c.directory).Requests(ctx)
		return err == nil
	}
	return c.plane().alive(ctx)
}

// kill ends the orchestrator as kill -9 does.
func (c *crew) kill() error {
	m := c.members["orchestrator"]
	delete(c.members, "orchestrator")
	c.killed = true
	err := m.process.Process.Kill()
	<-m.ended // with its input
	return err
}

// end ends the processes, the orchestrator first, which ends its tasks. If it was killed, it is started again for that.
func (c *crew) end() error {
	var all []error
	if c.killed {
		limited, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		all = append(all, c.start(limited, "orchestrator"))
	}
	for _, role := range []string{"orchestrator", "proxy"} {
		m := c.members[role]
		if m == nil {
			continue
		}
		_ = m.input.Close() // it may have ended already
		select {
		case <-m.ended:
		case <-time.After(20 * time.Second):
			all = append(all, fmt.Errorf("the %s does not end", role), m.process.Process.Kill())
		}
	}
	return errors.Join(all...)
}

// tail returns the last lines of a role's log.
func (c *crew) tail(role string) string {
	data, err := os.ReadFile(filepath.Join(c.directory, role+".log"))
	if err != nil {
		return err.Error()
	}
	return string(data[max(0, len(data)-2000):])
}

// part is what the show has told a role.
type part struct {
	directory string
	clock     fastClock
	limits    allowed
	socket    net.Listener // of the API; nil: there is none
}

// parsePart reads the arguments of a role, and returns a context that ends with the show. An interrupt is the show's
// affair.
func parsePart(ctx context.Context, args []string) (context.Context, part, error) {
	var p part
	flags := flag.NewFlagSet("part", flag.ContinueOnError)
	flags.StringVar(&p.directory, "directory", "", "where the crew keeps everything")
	flags.IntVar(&p.clock.speed, "speed", 1, "of the clock")
	flags.Func("from", "when the clock began", func(s string) (err error) {
		p.clock.from, err = time.Parse(time.RFC3339Nano, s)
		return err
	})
	flags.Func("allow", "path of programs", func(s string) error {
		p.limits.paths = append(p.limits.paths, s)
		return nil
	})
	flags.BoolVar(&p.limits.shell, "allow-shell", false, "")
	flags.BoolVar(&p.limits.user, "allow-user", false, "")
	api := flags.Bool("api", false, "")
	if err := flags.Parse(args); err != nil {
		return nil, p, err
	}
	if *api {
		var err error
		if p.socket, err = inherited(); err != nil {
			return nil, p, err
		}
	}
	signal.Ignore(os.Interrupt)
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // it ends when the show does
		cancel()
	}()
	return ctx, p, nil
}

// proxyRole runs the load balancer until the show ends.
func proxyRole(ctx context.Context, args []string) error {
	ctx, p, err := parsePart(ctx, args)
	if err != nil {
		return err
	}
	return proxy.Serve(ctx, p.directory, proxy.Config{Clock: p.clock, Address: addressOf})
}
