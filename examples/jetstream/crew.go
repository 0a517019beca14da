package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/bayplan/bayplan/ecs/driver/process"
	shared "github.com/bayplan/bayplan/examples/crew"
	"github.com/bayplan/bayplan/examples/jetstream/bus"
	"github.com/bayplan/bayplan/examples/jetstream/check"
	"github.com/bayplan/bayplan/examples/jetstream/stream"
)

// crew is the processes of this program on this machine, each a shared.Process. It is not a shared.Crew: its processes
// have many names, behind links that can be cut, and a show does to them what it likes. So start does not wait until
// one answers, nobody starts again what has ended, and end ends all of them at once.
type crew struct {
	directory, program string
	key                shared.AccessKey
	servers            []server
	members            []string // names
	agents             []string
	ports              map[string]int // of the members' API
	links              map[string]*link
	rules              map[string]string // of members that are of another version

	mu      sync.Mutex
	running map[string]*shared.Process

	nc      *nats.Conn // of the crew itself, past all links
	stream  stream.Stream
	witness check.Witness
	stop    context.CancelFunc
}

// server is a NATS server.
type server struct {
	name                   string
	port, monitor, cluster int
}

// addresses are those of the five machines with agents. Where loopback has one address only, there is one machine.
func addresses() []string {
	if runtime.GOOS != "linux" {
		return []string{"127.0.0.1"}
	}
	return []string{"127.0.0.21", "127.0.0.22", "127.0.0.23", "127.0.0.24", "127.0.0.25"}
}

// addressOf returns the address of a machine.
func addressOf(target string) (string, bool) { return shared.AddressOf(addresses(), target) }

// newCrew returns a crew whose processes do not run yet.
func newCrew(directory string, short bool) (*crew, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := &crew{directory: directory, program: program, ports: map[string]int{}, links: map[string]*link{},
		running: map[string]*shared.Process{}, rules: map[string]string{}, members: []string{"a", "b", "c"},
		stop: func() {}}
	if c.key, err = shared.NewKey(filepath.Join(directory, "api.key"), "MEMBER"); err != nil {
		return nil, err
	}
	servers, agents := 3, len(addresses())
	if short {
		servers, agents = 1, min(2, agents)
	}
	ports, err := freePorts(3*servers + len(c.members))
	if err != nil {
		return nil, err
	}
	to := []string{}
	for i := range servers {
		s := server{fmt.Sprintf("nats%d", i+1), ports[3*i], ports[3*i+1], ports[3*i+2]}
		c.servers = append(c.servers, s)
		to = append(to, fmt.Sprintf("127.0.0.1:%d", s.port))
	}
	for i, name := range c.members {
		c.ports[name] = ports[3*servers+i]
	}
	for i := range agents {
		c.agents = append(c.agents, shared.InstanceName(i))
	}
	for _, name := range slices.Concat(c.members, c.agents) {
		if c.links[name], err = newLink(to); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// freePorts returns ports on which nobody listens.
func freePorts(n int) (ports []int, err error) {
	for range n {
		socket, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer socket.Close()
		address, ok := socket.Addr().(*net.TCPAddr)
		if !ok {
			return nil, fmt.Errorf("%s is not an address of TCP", socket.Addr())
		}
		ports = append(ports, address.Port)
	}
	return ports, nil
}

// begin starts all processes, and waits until a member leads and every agent has joined.
func (c *crew) begin(ctx context.Context) error {
	for _, s := range c.servers {
		if err := c.start(s.name); err != nil {
			return err
		}
	}
	urls := []string{}
	for _, s := range c.servers {
		urls = append(urls, fmt.Sprintf("nats://127.0.0.1:%d", s.port))
	}
	own := servers{urls: strings.Join(urls, ",")}
	nc, err := own.connect("crew")
	if err != nil {
		return err
	}
	c.nc = nc
	limited, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	s, objects, err := c.open(limited)
	if err != nil {
		return err
	}
	c.stream = s
	watching, stop := context.WithCancel(context.WithoutCancel(ctx))
	c.stop = stop
	go c.witness.Run(watching, s, objects)
	for _, name := range slices.Concat([]string{"proxy"}, c.members, c.agents) {
		if err := c.start(name); err != nil {
			return err
		}
	}
	_, err = leaderOf(limited, bus.New(nc), "bayplan")
	return err
}

// open opens the journal, which the members find then.
func (c *crew) open(ctx context.Context) (stream.Stream, stream.Objects, error) {
	for {
		s, objects, err := stream.Open(ctx, c.nc, stream.Settings{Name: "bayplan", Replicas: len(c.servers),
			MaxBytes: 256 << 20, Monitors: list(c.monitors())})
		if err == nil || ctx.Err() != nil {
			return s, objects, err
		}
		select {
		case <-ctx.Done():
		case <-time.After(200 * time.Millisecond):
		}
	}
}

func (c *crew) monitors() string {
	all := []string{}
	for _, s := range c.servers {
		all = append(all, fmt.Sprintf("http://127.0.0.1:%d", s.monitor))
	}
	return strings.Join(all, ",")
}

// args returns the arguments of a process by its name.
func (c *crew) args(name string) []string {
	if i := slices.IndexFunc(c.servers, func(s server) bool { return s.name == name }); i >= 0 {
		s := c.servers[i]
		args := []string{"nats", "-name", name, "-directory", filepath.Join(c.directory, name),
			"-port", fmt.Sprint(s.port), "-monitor", fmt.Sprint(s.monitor)}
		if len(c.servers) > 1 {
			peers := []string{}
			for _, p := range c.servers {
				peers = append(peers, fmt.Sprintf("127.0.0.1:%d", p.cluster))
			}
			args = append(args, "-cluster", fmt.Sprint(s.cluster), "-peers", strings.Join(peers, ","))
		}
		return args
	}
	if name == "proxy" {
		return []string{"proxy", "-directory", c.directory}
	}
	common := []string{"-crewed", "-name", name, "-nats", c.links[name].url()}
	if slices.Contains(c.members, name) {
		// A server that is down cannot say whether it forces writes to the disk: the crew has asked at its start.
		return append([]string{"member", "-replicas", fmt.Sprint(len(c.servers)), "-unsynced", "-snapshot-every", "300",
			"-addr", fmt.Sprintf("127.0.0.1:%d", c.ports[name]), "-key", filepath.Join(c.directory, "api.key"),
			"-max-bytes", fmt.Sprint(256 << 20), "-proxy", c.directory,
			"-rules", c.rules[name]}, common...)
	}
	i := slices.Index(c.agents, name)
	return append([]string{"agent", "-disturb", "-directory", c.machine(name), "-address", addresses()[i],
		"-zone", "us-east-1" + string(rune('a'+i%3)), "-starts", c.starts()}, common...)
}

func (c *crew) machine(agent string) string { return filepath.Join(c.directory, agent) }
func (c *crew) starts() string              { return filepath.Join(c.directory, "starts") }

// start starts a process.
func (c *crew) start(name string) error {
	p, err := shared.StartProcess(c.directory, name, exec.Command(c.program, c.args(name)...))
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.running[name] = p
	return nil
}

// signal sends a signal to a process. One that is killed is gone when it returns.
func (c *crew) signal(name string, s syscall.Signal) error {
	c.mu.Lock()
	p := c.running[name]
	if s == syscall.SIGKILL {
		delete(c.running, name)
	}
	c.mu.Unlock()
	if p == nil {
		return fmt.Errorf("%s does not run", name)
	}
	if err := p.Signal(s); err != nil {
		return fmt.Errorf("%s: %w\n%s", name, err, p.Tail())
	}
	if s == syscall.SIGKILL {
		<-p.Ended()
	}
	return nil
}

// fallen lists the processes that have ended by themselves, with the ends of their logs.
func (c *crew) fallen() (all []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for name, p := range c.running { //order:any each by itself
		select {
		case <-p.Ended():
			all = append(all, name+" has ended: "+p.Tail())
		default:
		}
	}
	return all
}

// end ends all processes, and the tasks that agents have left.
func (c *crew) end() error {
	c.stop()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range c.running { //order:any each by itself
		_ = p.Signal(syscall.SIGCONT) // it may have ended already
		p.Leave()
	}
	limited, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	var all []error
	for name, p := range c.running { //order:any each by itself
		select {
		case <-p.Ended():
		case <-limited.Done():
			all = append(all, fmt.Errorf("%s does not end", name), p.Kill())
		}
	}
	if c.nc != nil {
		c.nc.Close()
	}
	for _, l := range c.links { //order:any each by itself
		l.set(true)
		_ = l.socket.Close() // nothing is accepted any more
	}
	for _, name := range c.agents {
		all = append(all, c.sweep(name))
	}
	return errors.Join(all...)
}

// sweep ends the tasks of an agent that was killed.
func (c *crew) sweep(agent string) error {
	directory := filepath.Join(c.machine(agent), "containers")
	if _, err := os.Stat(directory); err != nil {
		return nil // it has started nothing
	}
	rt, err := process.New(process.Config{Directory: directory})
	if err != nil {
		return err
	}
	defer rt.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return rt.Sweep(ctx, nil, nil)
}
