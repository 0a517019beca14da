package crew

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/bayplan/bayplan/ecs/driver/proxy"
)

// The roles that processes of a crew have.
const (
	ProxyRole        = "proxy"
	OrchestratorRole = "orchestrator"
)

// Crew is the processes of a program. Each ends when the program does: its input is a pipe that ends then. One
// goroutine at a time uses a Crew.
type Crew struct {
	directory string
	clock     Clock
	program   string
	arguments []string
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

// New returns a crew whose processes keep everything in a directory. Each is this program with the name of its role,
// what ParsePart reads, and further arguments.
func New(directory string, clock Clock, arguments ...string) (*Crew, error) {
	program, err := os.Executable()
	return &Crew{directory: directory, clock: clock, program: program, arguments: arguments,
		members: map[string]*member{}}, err
}

// Directory is where the processes keep everything, and their logs: ROLE.log.
func (c *Crew) Directory() string { return c.directory }

// Clock is the clock of all processes.
func (c *Crew) Clock() Clock { return c.clock }

// Process returns the process of a role; nil if it was not started.
func (c *Crew) Process(role string) *exec.Cmd {
	if m := c.members[role]; m != nil {
		return m.process
	}
	return nil
}

// Start starts the process of a role and waits until it answers.
func (c *Crew) Start(ctx context.Context, role string) error {
	log, err := os.OpenFile(filepath.Join(c.directory, role+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	args := []string{role, "-directory", c.directory, "-from", c.clock.From.Format(time.RFC3339Nano),
		"-speed", fmt.Sprint(c.clock.Speed)}
	m := &member{process: exec.Command(c.program, append(args, c.arguments...)...), ended: make(chan error, 1)}
	m.process.Stdout, m.process.Stderr = log, log
	if c.socket != nil && role == OrchestratorRole {
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
	c.killed = c.killed && role != OrchestratorRole
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
	err := m.process.Process.Kill()
	<-m.ended // with its input
	return err
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
		_ = m.input.Close() // it may have ended already
		select {
		case <-m.ended:
		case <-time.After(40 * time.Second):
			all = append(all, fmt.Errorf("the %s does not end", role), m.process.Process.Kill())
		}
	}
	if c.socket != nil {
		all = append(all, c.socket.Close())
		c.socket = nil
	}
	return errors.Join(all...)
}

// tail returns the last lines of a role's log.
func (c *Crew) tail(role string) string {
	data, err := os.ReadFile(filepath.Join(c.directory, role+".log"))
	if err != nil {
		return err.Error()
	}
	return string(data[max(0, len(data)-2000):])
}
