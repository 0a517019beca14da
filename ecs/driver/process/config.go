package process

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"sync"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/driver/internal/allowed"
	"github.com/bayplan/bayplan/ecs/driver/internal/group"
	"github.com/bayplan/bayplan/ecs/driver/internal/shim"
	"github.com/bayplan/bayplan/ecs/message"
)

// Config says what the containers of an instance may be, and where they are kept.
type Config struct {
	// Directory is where the containers of the instance, and their logs, are kept; its parent exists. Nobody
	// but one Runtime may use it.
	Directory string
	// Address is the instance's own address, where its containers listen; "": 127.0.0.1. On Linux each
	// instance may have an address of its own in 127.0.0.0/8.
	Address string

	// Programs are the images by name. An image name stands here as in the task definition.
	Programs map[string]Program
	// Paths are files, and directories with all below them, that an image, an entryPoint or a health check
	// may also name by its absolute path.
	Paths []string

	AllowShell bool // health checks of the form CMD-SHELL
	AllowUser  bool // containers with a user of their own; the agent must be root for that

	// Secrets returns the value of a secret of a task; nil: tasks with secrets fail.
	Secrets func(ctx context.Context, task message.StartTask, valueFrom string) (string, error)
	// Environment returns variables that container index of a task gets besides its own; nil: none. Those of
	// the task definition win.
	Environment func(task message.StartTask, index int) []ecs.KeyValuePair

	// Die has containers end with the program that started them. Without it they go on, and the next
	// program that uses Directory adopts them.
	Die bool

	LogSize int64 // bytes of a log file before it is rotated; 0: 10 MiB
	Logs    int   // how many rotated log files of a container are kept; 0: 1
}

// Program is what an image of Config.Programs stands for.
type Program struct {
	Path      string   // absolute
	Arguments []string // before the container's command
}

// Runtime runs containers as processes of the operating system. It implements agent.Containers. It is safe
// for concurrent use.
type Runtime struct {
	config Config
	stop   func()
	ended  sync.WaitGroup

	mu   sync.Mutex
	live map[string]*started // runs that this Runtime started, by the path of their record
	logs map[string]int      // log files of containers that run, and by how many

	environments map[string][]string // of runs that are not over, by the path of their record
}

// New returns a runtime. The error is of Config, or of a platform without process groups and a Unix shell.
func New(c Config) (*Runtime, error) {
	if err := cmp.Or(group.Supported(), allowed.Executable(shim.Shell)); err != nil {
		return nil, fmt.Errorf("process: %w", err)
	}
	c.Address, c.LogSize, c.Logs = cmp.Or(c.Address, "127.0.0.1"), cmp.Or(c.LogSize, 10<<20), cmp.Or(c.Logs, 1)
	if _, err := netip.ParseAddr(c.Address); err != nil {
		return nil, fmt.Errorf("process: address: %w", err)
	}
	for name, p := range c.Programs { //order:any the first that is found
		if !filepath.IsAbs(p.Path) {
			return nil, fmt.Errorf("process: programs[%s]: %q is not an absolute path", name, p.Path)
		}
	}
	for i, path := range c.Paths {
		if !filepath.IsAbs(path) {
			return nil, fmt.Errorf("process: paths[%d]: %q is not an absolute path", i, path)
		}
	}
	if err := os.Mkdir(c.Directory, 0o700); err != nil && !os.IsExist(err) {
		return nil, fmt.Errorf("process: %w", err)
	}
	r := &Runtime{config: c, live: map[string]*started{}, logs: map[string]int{},
		environments: map[string][]string{}}
	ctx, cancel := context.WithCancel(context.Background())
	r.stop = cancel
	r.ended.Go(func() { r.rotate(ctx) })
	return r, nil
}

// Close ends the runtime's own work, and with Config.Die its containers. Other containers go on.
func (r *Runtime) Close() {
	r.stop()
	r.ended.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.live { //order:any each by itself
		s.release()
	}
}
