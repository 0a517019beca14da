package proxy

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httputil"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/loadbalance"
)

// group is a target group: its book, and what goes on with each of its targets.
type group struct {
	proxy   *Proxy
	name    string
	http    *http.Transport        // to the targets
	reverse *httputil.ReverseProxy // over http

	mu          sync.Mutex
	book        *loadbalance.Targets
	set         loadbalance.TargetGroup // the configuration of the book
	targets     []*target               // those of the book, in its order
	turn        uint64                  // of the next request
	weights     []int                   // room for pick
	outstanding []int
	counts      counts
}

// target is what goes on with a target.
type target struct {
	id      string
	port    uint16
	named   string               // by commands
	address string               // on which it answers
	flights map[*flight]struct{} // requests that it has
	unwatch context.CancelFunc
}

func newGroup(p *Proxy, name string, state loadbalance.TargetsState) (*group, error) {
	config := state.Group.Normalize()
	for _, no := range []loadbalance.Protocol{loadbalance.ProtocolHTTPS, loadbalance.ProtocolTLS,
		loadbalance.ProtocolSSL, loadbalance.ProtocolUDP, loadbalance.ProtocolTCPUDP} {
		if config.Protocol == no || config.HealthCheck.Protocol == no {
			return nil, ecs.Fault(loadbalance.InvalidConfigurationRequest, "protocol",
				fmt.Sprintf("the proxy speaks HTTP and TCP to its targets, and not %s", no))
		}
	}
	book, err := loadbalance.RestoreTargets(state)
	if err != nil {
		return nil, err
	}
	g := &group{proxy: p, name: name, book: book, set: book.Group()}
	g.http = transport(config, p.config.IdleTimeout)
	g.reverse = g.forwarder()
	for t := range book.All() {
		g.targets = append(g.targets, &target{id: t.ID, port: t.Port, address: p.address(t.ID, t.Port),
			flights: map[*flight]struct{}{}})
	}
	return g, nil
}

// config returns the configuration of the group.
func (g *group) config() loadbalance.TargetGroup {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.set
}

// state returns the book of the group.
func (g *group) state() loadbalance.TargetsState {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.book.State()
}

// update takes over a configuration from a command; what cannot change stays.
func (g *group) update(config loadbalance.TargetGroup) {
	if config.Name() == "" {
		return // the command has none
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if reflect.DeepEqual(config.Normalize(), g.set) || g.book.Update(config, g.proxy.now()) != nil {
		return
	}
	g.set = g.book.Group()
	for _, t := range g.targets {
		g.watch(t)
	}
}

// has reports whether commands name one of the targets so.
func (g *group) has(named string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.ContainsFunc(g.targets, func(t *target) bool { return t.named == named })
}

// register makes a task's port a target.
func (g *group) register(
	task ecs.TaskID, d loadbalance.TargetDescription, named string,
) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	ports, err := heldBy(task, g.set, d)
	if err != nil {
		return err
	}
	now := g.proxy.now()
	if err := g.book.Register(task, d, now, func(string) *loadbalance.Ports { return ports }); err != nil {
		return err
	}
	t := g.find(d.ID, d.Port)
	if t == nil {
		t = &target{id: d.ID, port: d.Port, flights: map[*flight]struct{}{}}
		i := 0
		for b := range g.book.All() {
			if b.ID == d.ID && b.Port == d.Port {
				break
			}
			i++
		}
		g.targets = slices.Insert(g.targets, i, t)
	}
	t.named, t.address = named, g.proxy.address(d.ID, d.Port)
	g.counts.begin(now)
	g.watch(t)
	registered, _ := g.book.Get(d.ID, d.Port)
	g.proxy.tell(g, registered)
	return nil
}

// heldBy returns a book in which the task holds the port: whose it is, the plane has decided.
func heldBy(
	task ecs.TaskID, g loadbalance.TargetGroup, d loadbalance.TargetDescription,
) (*loadbalance.Ports, error) {
	layout, err := loadbalance.PortConfig{ReservedPorts: ecs.Some([]uint16{})}.Layout()
	if err != nil {
		return nil, err
	}
	ports := loadbalance.NewPorts(layout)
	for _, protocol := range g.Transport() {
		if err := ports.Reserve(task, ecs.HostPort{Port: d.Port, Protocol: protocol}); err != nil {
			return nil, err
		}
	}
	return &ports, nil
}

// deregister begins to drain a target; false if the task does not have it.
func (g *group) deregister(task ecs.TaskID, d loadbalance.TargetDescription) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	drains, err := g.book.Deregister(task, d, g.proxy.now())
	if err != nil {
		return false
	}
	g.watch(g.find(d.ID, d.Port))
	g.proxy.tell(g, drains)
	return true
}

// find returns what goes on with a target; nil if there is none.
func (g *group) find(id string, port uint16) *target {
	for _, t := range g.targets {
		if t.id == id && t.port == port {
			return t
		}
	}
	return nil
}

// expire removes the targets that have drained and cuts what they still have in flight.
func (g *group) expire(now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, e := range g.book.Expire(nil, now, nil) {
		t := g.find(e.ID, e.Port)
		for f := range t.flights { //order:any each by itself
			f.cancel(errDrained)
		}
		t.unwatch()
		g.targets = slices.DeleteFunc(g.targets, func(o *target) bool { return o == t })
		e.State, e.Reason = loadbalance.StateUnused, loadbalance.ReasonNotRegistered
		g.proxy.tell(g, e)
	}
}
