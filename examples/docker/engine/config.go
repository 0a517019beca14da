package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/moby/moby/client"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/driver/agent"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/lifecycle"
)

// Config says which engine runs the containers of an instance, and what they may be.
type Config struct {
	Host     string         // of the engine, such as unix:///run/docker.sock; "": DOCKER_HOST, or else the system's
	Cluster  string         // a label of each container
	Instance ecs.InstanceID // whose containers these are; instances on one engine differ in it

	// Directory is where the Runtime keeps which runs have begun, and the logs of awslogs; its parent exists.
	// Nobody but one Runtime may use it.
	Directory string
	// Address is the address of the engine's host at which host ports are bound; the zero value: all of them.
	Address netip.Addr
	// Subnet is the network of awsvpc tasks; the zero value: they are refused. Nothing else on the engine's host
	// may use it. Instances on one engine may share it.
	Subnet netip.Prefix
	// Network is the name of that network on the engine; "": bayplan-awsvpc.
	Network string

	PullBehavior lifecycle.PullBehavior // as in agent.Config
	// Image returns the name by which the engine pulls an image of a task definition; nil: the same.
	Image func(image string) string
	// Login returns who pulls an image, by its name on the engine, where no repositoryCredentials say; nil: nobody.
	Login func(ctx context.Context, task message.StartTask, image string) (Login, error)
	// Secrets returns the value of a secret of a task; nil: tasks with secrets are refused.
	Secrets func(ctx context.Context, task message.StartTask, valueFrom string) (string, error)
	// Objects returns the object of Amazon S3 that an environment file is; nil: tasks with such files are refused.
	Objects func(ctx context.Context, task message.StartTask, arn string) ([]byte, error)
	// Environment returns variables that container index of a task gets besides its own; nil: none. Those of
	// the task definition win.
	Environment func(task message.StartTask, index int) []ecs.KeyValuePair

	// ControlGroups is where the engine's host has its control groups, such as /sys/fs/cgroup. There the runtime makes
	// one for each task, whose cpu and memory its containers share. It must be root on that host, and the engine must
	// have the driver cgroupfs and version 1; where it is not so, the log says why. "", or then: each container is
	// limited by itself.
	ControlGroups string

	Allow Allowed

	LogSize int64        // bytes of a log file before it is rotated; 0: 10 MiB
	Logger  *slog.Logger // nil: no log
}

// Allowed is what containers may do to the engine's host. The zero value allows nothing of it.
type Allowed struct {
	Privileged bool // privileged, and security options that take the engine's confinement away
	HostPid    bool // pidMode host
	HostIpc    bool // ipcMode host
	Socket     bool // mounts of the engine's socket
	// Mounts are paths of the engine's host that containers may mount, with all below them.
	Mounts       []string
	Capabilities []string // that containers may add, such as SYS_PTRACE
	Devices      []string // by their path on the host
}

// Login is who pulls an image. The zero value is nobody.
type Login struct{ Username, Password string }

// Runtime runs containers on a Docker Engine. It implements agent.Containers. It is safe for concurrent use.
type Runtime struct {
	config  Config
	engine  *client.Client
	host    host
	pace    pace
	ctx     context.Context // of what goes on between calls
	stop    func()
	ended   sync.WaitGroup
	grouped bool // tasks have control groups

	mu     sync.Mutex
	tasks  map[ecs.TaskID]*sync.Mutex // guard the pause container of each task
	checks map[string]string          // the health check of each container that was last begun, by their IDs
	open   map[string]int             // log files that are written, and by how many
}

// host is what the engine says of itself.
type host struct {
	os, architecture string
	name             string
	cpus             int
	logDrivers       []string
	nvidia           bool
	api              int // the minor version that client and engine have agreed on
	apparmor         bool
	selinux          bool
	groupDriver      string // of control groups
	groupVersion     string
}

var _ agent.Containers = (*Runtime)(nil)

// New returns a runtime when the engine has answered. The error is of Config, or of the engine.
func New(ctx context.Context, c Config) (*Runtime, error) {
	c.Network, c.LogSize = cmp.Or(c.Network, "bayplan-awsvpc"), cmp.Or(c.LogSize, 10<<20)
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("engine: %w", err)
	}
	options := []client.Opt{client.FromEnv}
	if c.Host != "" {
		options = append(options, client.WithHost(c.Host))
	}
	engine, err := client.New(options...)
	if err != nil {
		return nil, fmt.Errorf("engine: %w", err)
	}
	r := &Runtime{config: c, engine: engine, pace: usual(), tasks: map[ecs.TaskID]*sync.Mutex{},
		checks: map[string]string{}, open: map[string]int{}}
	within, cancel := context.WithTimeout(ctx, r.pace.inspect)
	defer cancel()
	if r.host, err = ask(within, engine); err != nil {
		return nil, errors.Join(fmt.Errorf("engine: %w", err), engine.Close())
	}
	if err := os.Mkdir(c.Directory, 0o700); err != nil && !os.IsExist(err) {
		return nil, errors.Join(fmt.Errorf("engine: %w", err), engine.Close())
	}
	if c.ControlGroups != "" {
		err := r.noGroups()
		if r.grouped = err == nil; err != nil {
			r.warn("each container is limited by itself", err)
		}
	}
	r.ctx, r.stop = context.WithCancel(context.Background())
	return r, nil
}

// check returns what is wrong with a configuration.
func (c Config) check() error {
	if err := name(string(c.Instance)); err != nil {
		return fmt.Errorf("instance: %w", err)
	}
	if s := c.Subnet; s != (netip.Prefix{}) && (!s.IsValid() || !s.Addr().Is4() || s.Bits() < 8 || s.Bits() > 28 ||
		s != s.Masked()) {
		return fmt.Errorf("subnet: %s is not an IPv4 network of 16 to 2^24 addresses", s)
	}
	for i, m := range c.Allow.Mounts {
		if !filepath.IsAbs(m) {
			return fmt.Errorf("allow.mounts[%d]: %q is not an absolute path", i, m)
		}
	}
	return nil
}

// Close ends the runtime's own work. Containers go on.
func (r *Runtime) Close() {
	r.stop()
	r.ended.Wait()
	_ = r.engine.Close() // idle connections
}

// TaskAddresses returns the part of a Subnet that tasks may have: its upper half. The engine has the rest.
func TaskAddresses(subnet netip.Prefix) netip.Prefix {
	a := subnet.Addr().As4()
	a[subnet.Bits()/8] |= 1 << (7 - subnet.Bits()%8)
	return netip.PrefixFrom(netip.AddrFrom4(a), subnet.Bits()+1)
}

// pace is how long the runtime waits. Source: Amazon ECS container agent, time limits of the Docker calls.
type pace struct {
	inspect time.Duration // for a short answer
	act     time.Duration // for a container to be created, started or removed
	pull    time.Duration // for a sign of life of a pull
	first   time.Duration // before the second try
	longest time.Duration // before any other
	pulls   int           // how often a pull is tried
	look    time.Duration // from one look at a container that runs to the next
	settle  time.Duration // for what is undone after a call has ended
}

func usual() pace {
	return pace{inspect: 30 * time.Second, act: 3 * time.Minute, pull: time.Minute, first: 1100 * time.Millisecond,
		longest: 5 * time.Second, pulls: 5, look: time.Minute, settle: 2 * time.Minute}
}

// warn logs what went wrong with no caller to hear it.
func (r *Runtime) warn(what string, err error, more ...any) {
	if r.config.Logger != nil {
		r.config.Logger.Warn(what, append([]any{"instance", r.config.Instance, "error", err}, more...)...)
	}
}
