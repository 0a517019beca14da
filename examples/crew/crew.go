package crew

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"

	"github.com/bayplan/bayplan/ecs/driver/proxy"
)

// The roles that processes of a crew have.
const (
	ProxyRole        = "proxy"
	OrchestratorRole = "orchestrator"
)

// Crew is the processes of a program: one for each of the two roles. Start waits until the process answers, and End
// ends the orchestrator first, which ends its tasks. One goroutine at a time uses a Crew. The processes of
// examples/jetstream have other names and other needs, and share Process only.
type Crew struct {
	directory string
	clock     Clock
	program   string
	arguments []string
	members   map[string]*Process // by role
	killed    bool                // the orchestrator was, and does not run
	socket    *os.File            // of the API, which the orchestrator inherits; nil: there is none
}

// New returns a crew whose processes keep everything in a directory. Each is this program with the name of its role,
// what ParsePart reads, and further arguments.
func New(directory string, clock Clock, arguments ...string) (*Crew, error) {
	program, err := os.Executable()
	return &Crew{directory: directory, clock: clock, program: program, arguments: arguments,
		members: map[string]*Process{}}, err
}

// Directory is where the processes keep everything, and their logs: ROLE.log.
func (c *Crew) Directory() string { return c.directory }

// Clock is the clock of all processes.
func (c *Crew) Clock() Clock { return c.clock }

// Process returns the process of a role; nil if it was not started.
func (c *Crew) Process(role string) *exec.Cmd {
	if m := c.members[role]; m != nil {
		return m.command
	}
	return nil
}

// Start starts the process of a role and waits until it answers.
func (c *Crew) Start(ctx context.Context, role string) error {
	args := []string{role, "-directory", c.directory, "-from", c.clock.From.Format(time.RFC3339Nano),
		"-speed", fmt.Sprint(c.clock.Speed)}
	command := exec.Command(c.program, append(args, c.arguments...)...)
	if c.socket != nil && role == OrchestratorRole {
		command.Args = append(command.Args, "-api")
		command.ExtraFiles = []*os.File{c.socket} // inheritedSocket
	}
	m, err := StartProcess(c.directory, role, command)
	if err != nil {
		return err
	}
	c.members[role] = m
	c.killed = c.killed && role != OrchestratorRole
	for {
		if c.answers(ctx, role) {
			return nil
		}
		select {
		case <-m.Ended():
			return fmt.Errorf("the %s ended: %v\n%s", role, m.Why(), m.Tail())
		default:
		}
		if err := Sleep(ctx, 20*time.Millisecond); err != nil {
			return err
		}
	}
}

// answers asks a role for a sign of life.
func (c *Crew) answers(ctx context.Context, role string) bool {
	if role == ProxyRole {
		_, err := proxy.NewRemote(c.directory).Requests(ctx)
		return err == nil
	}
	return c.Plane().Alive(ctx)
}

// Kill ends the orchestrator as kill -9 does.
func (c *Crew) Kill() error {
	m := c.members[OrchestratorRole]
	delete(c.members, OrchestratorRole)
	c.killed = true
	return m.Kill()
}

// End ends the processes, the orchestrator first, which ends its tasks. If it was killed, it is started again for that.
func (c *Crew) End() error {
	var all []error
	if c.killed {
		limited, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		all = append(all, c.Start(limited, OrchestratorRole))
	}
	for _, role := range []string{OrchestratorRole, ProxyRole} {
		m := c.members[role]
		if m == nil {
			continue
		}
		m.Leave()
		select {
		case <-m.Ended():
		case <-time.After(40 * time.Second):
			all = append(all, fmt.Errorf("the %s does not end", role), m.Kill())
		}
	}
	if c.socket != nil {
		all = append(all, c.socket.Close())
		c.socket = nil
	}
	return errors.Join(all...)
}
