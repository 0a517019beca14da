package proxy

import (
	"context"
	"crypto/cipher"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bayplan/bayplan/ecs/driver"
	"github.com/bayplan/bayplan/ecs/driver/internal/epochs"
	"github.com/bayplan/bayplan/ecs/driver/internal/file"
	"github.com/bayplan/bayplan/ecs/driver/internal/wall"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/loadbalance"
)

// Config is the configuration of a Proxy. The zero Config is that of a proxy that reports to nobody and keeps
// nothing.
type Config struct {
	// Notify takes the health of targets, such as Loop.Notify does. It is called from many goroutines, and must
	// neither block nor call the proxy. nil: nobody hears of it.
	Notify func(message.Event)
	// Address returns the address of a target's host: that of the instance, of an instance ID. nil, or false:
	// the target's ID is the address.
	Address func(target string) (string, bool)
	// File keeps targets, weights and listeners, with mode 0600. Empty: they are forgotten with the process.
	File  string
	Clock driver.Clock // of health checks, draining, slow start and counts; nil: the system's clock
	// Logger hears of panics, and of states that cannot be kept. nil: nobody does.
	Logger *slog.Logger
	// IdleTimeout is how long a connection may be silent, in real time; 0: 60 seconds, or 350 of a
	// connection to a Network Load Balancer.
	IdleTimeout time.Duration
	// Seed decides what is drawn: the group of a weighted forward, and ties.
	Seed uint64
}

// Proxy is a load balancer: an Application Load Balancer for the listeners that speak HTTP, and a Network Load
// Balancer for those that speak TCP. It is a [driver.Targets], [driver.Listeners] and [driver.Metrics], safe for
// concurrent use. Close ends it.
type Proxy struct {
	config Config
	seal   cipher.AEAD // of cookies
	key    []byte
	ctx    context.Context
	end    context.CancelFunc
	ends   sync.WaitGroup
	groups atomic.Pointer[map[string]*group] // by name; replaced, never changed
	stale  chan struct{}                     // something changed that the file does not have

	mu        sync.Mutex // held while a command is carried out and kept
	commands  epochs.Memory
	listeners map[string]*listener
	rules     map[string]rule
	file      file.Kept
	errors    tally
}

// New returns a proxy with the targets, weights and listeners that the file has; its listeners are open when New
// returns. Errors: a file that cannot be read or is not a proxy's, and an address that is not free.
func New(config Config) (*Proxy, error) {
	if config.Clock == nil {
		config.Clock = wall.Clock{}
	}
	if config.Notify == nil {
		config.Notify = func(message.Event) {}
	}
	p := &Proxy{config: config, file: file.Kept{Path: config.File}, stale: make(chan struct{}, 1),
		listeners: map[string]*listener{}, rules: map[string]rule{}, commands: epochs.New()}
	p.groups.Store(&map[string]*group{})
	p.ctx, p.end = context.WithCancel(context.Background())
	if err := p.restore(); err != nil {
		_ = p.Close() // the error is what matters
		return nil, err
	}
	p.start(p.keepUp)
	p.start(p.repeat)
	return p, nil
}

// start runs a goroutine that ends when the proxy is closed.
func (p *Proxy) start(f func()) {
	p.ends.Go(f)
}

// Close closes the listeners and every connection, ends the health checks and keeps the state. The error is that of
// the file.
func (p *Proxy) Close() error {
	p.mu.Lock()
	for _, l := range p.listeners { //order:any each by itself
		l.close()
	}
	p.mu.Unlock()
	p.end()
	p.ends.Wait()
	for _, g := range *p.groups.Load() { //order:any each by itself
		g.http.CloseIdleConnections()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.key == nil {
		return nil // there is no state yet
	}
	return p.keep()
}

// group returns a target group by name; nil if it has never had a target.
func (p *Proxy) group(name string) *group { return (*p.groups.Load())[name] }

func (p *Proxy) now() time.Time { return p.config.Clock.Now() }

func (p *Proxy) warn(text string, args ...any) {
	if p.config.Logger != nil {
		p.config.Logger.Warn(text, args...)
	}
}

// address returns where a target answers.
func (p *Proxy) address(id string, port uint16) string {
	host := id
	if p.config.Address != nil {
		if a, ok := p.config.Address(id); ok {
			host = a
		}
	}
	return net.JoinHostPort(host, decimal(int(port)))
}

// tell reports the health of a target of a group, whose lock is held: the latest report is the newest.
func (p *Proxy) tell(g *group, t loadbalance.Target) {
	p.config.Notify(message.TargetHealth{TargetGroupArn: g.name, Target: t.ID, Port: int(t.Port), State: t.State,
		Reason: string(t.Reason)})
}

// repeat reports the health of every target each 30 seconds, since reports are lost while no loop runs.
func (p *Proxy) repeat() {
	for p.config.Clock.Wait(p.ctx, p.now().Add(30*time.Second)) == nil {
		p.report()
	}
}

// report tells the health of every target.
func (p *Proxy) report() {
	for _, g := range *p.groups.Load() { //order:any each by itself
		g.mu.Lock()
		for t := range g.book.All() {
			p.tell(g, t)
		}
		g.mu.Unlock()
	}
}
