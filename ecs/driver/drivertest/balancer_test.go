package drivertest

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/internal/ports"
	"github.com/bayplan/bayplan/loadbalance"
)

// balancer is a load balancer that is no more than the checks ask for, or less, by its fault.
type balancer struct {
	t      *testing.T
	fault  string
	notify func(message.Event)

	mu      sync.Mutex
	server  *http.Server
	ended   chan struct{} // the server no longer listens
	address string
	epochs  map[string]uint64
	targets []*backend
	weights []message.TargetGroupWeight
	turn    int
}

type backend struct {
	group, address string
	command        message.RegisterTarget
	drains         bool
	ctx            context.Context
	cut            context.CancelFunc
}

func newBalancer(t *testing.T, fault string, notify func(message.Event)) *balancer {
	b := &balancer{t: t, fault: fault, notify: notify, epochs: map[string]uint64{}}
	t.Cleanup(func() { b.end() })
	return b
}

func (b *balancer) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.server != nil {
		_ = b.server.Close()
		<-b.ended
	}
}

func (b *balancer) fixture() LoadBalancer {
	return LoadBalancer{Targets: b, Listeners: b, Wait: time.Second,
		Listen: func(l loadbalance.Listener) (string, error) {
			b.mu.Lock()
			for _, g := range l.DefaultAction.Forward.TargetGroups {
				b.weights = append(b.weights, message.TargetGroupWeight{TargetGroupArn: g.TargetGroupArn,
					Weight: g.Weight.Or(0)})
			}
			b.mu.Unlock()
			return b.open(ports.Apart())
		},
		Restart: func() LoadBalancer {
			b.end()
			next := newBalancer(b.t, b.fault, b.notify)
			b.mu.Lock()
			defer b.mu.Unlock()
			next.weights = b.weights
			if b.fault != "forgets epochs in a restart" {
				next.epochs = b.epochs
			}
			if b.fault != "forgets targets in a restart" {
				next.targets = b.targets
			}
			at := b.address
			if b.fault == "moves in a restart" {
				at = ports.Apart()
			}
			_, err := next.open(at)
			if err != nil {
				b.t.Error(err)
			}
			return next.fixture()
		}}
}

func (b *balancer) open(at string) (string, error) {
	l, err := net.Listen("tcp", at)
	if err != nil {
		return "", err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.address = l.Addr().String()
	server, ended := &http.Server{Handler: b}, make(chan struct{})
	b.server, b.ended = server, ended
	go func() {
		defer close(ended)
		_ = server.Serve(l)
	}()
	return b.address, nil
}

// old reports whether a command comes late, and notes its epoch.
func (b *balancer) old(k message.Key) bool {
	late := b.epochs[k.Target] > k.Epoch && b.fault != "no memory of epochs"
	b.epochs[k.Target] = max(b.epochs[k.Target], k.Epoch)
	return late
}

func (b *balancer) RegisterTarget(_ context.Context, c message.RegisterTarget) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.old(c.ID) {
		return nil
	}
	t := &backend{group: c.TargetGroupArn, address: net.JoinHostPort(c.Target, fmt.Sprint(c.Port)), command: c}
	t.ctx, t.cut = context.WithCancel(context.Background())
	if b.fault != "loses a target" || len(b.targets) != 1 {
		b.targets = append(b.targets, t)
	}
	b.notify(message.TargetHealth{TargetGroupArn: c.TargetGroupArn, Target: c.Target, Port: c.Port, State: "healthy"})
	return nil
}

func (b *balancer) DeregisterTarget(_ context.Context, c message.DeregisterTarget) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.old(c.ID) {
		return nil
	}
	for _, t := range b.targets {
		if t.group != c.TargetGroupArn || t.command.Target != c.Target || t.command.Port != c.Port {
			continue
		}
		t.drains = true
		delay := c.TargetGroup.DeregistrationDelay()
		if b.fault == "drains at once" {
			delay = 0
			t.cut()
		}
		if b.fault == "says unused at once" {
			delay = 0
		}
		time.AfterFunc(delay, func() {
			if b.fault != "drains for ever" {
				b.notify(message.TargetHealth{TargetGroupArn: c.TargetGroupArn, Target: c.Target, Port: c.Port,
					State: "unused"})
			}
		})
	}
	return nil
}

func (b *balancer) ModifyTraffic(_ context.Context, c message.ModifyTraffic) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.old(c.ID) && b.fault != "weighs nothing" {
		b.weights = c.Weights
	}
	return nil
}

// pick returns the next target.
func (b *balancer) pick() *backend {
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []*backend
	for _, w := range b.weights {
		for _, t := range b.targets {
			if t.group == w.TargetGroupArn && w.Weight > 0 && (!t.drains || b.fault == "sends to what drains") {
				list = append(list, t)
			}
		}
	}
	if len(list) == 0 {
		return nil
	}
	if b.turn++; b.fault == "has a favourite" {
		b.turn = 0
	}
	return list[b.turn%len(list)]
}

func (b *balancer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	t := b.pick()
	if t == nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	out, err := http.NewRequestWithContext(t.ctx, r.Method, "http://"+t.address+r.URL.Path, nil)
	if err != nil {
		panic(err)
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Do(out)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	defer answer.Body.Close()
	_, _ = io.Copy(w, answer.Body)
}

// A simple load balancer passes every check, and every check fails for one with a fault. This takes real time,
// since requests are real.
func TestLoadBalancerChecks(t *testing.T) {
	TestLoadBalancer(t, func(t *testing.T, notify func(message.Event)) LoadBalancer {
		return newBalancer(t, "", notify).fixture()
	})
	faults := []string{"loses a target", "drains at once", "says unused at once", "drains for ever", "weighs nothing",
		"sends to what drains", "has a favourite", "no memory of epochs", "forgets epochs in a restart",
		"forgets targets in a restart", "moves in a restart"}
	var mu sync.Mutex
	found := map[string][]string{}
	t.Run("faults", func(t *testing.T) { // all at once, since they mostly wait
		var all sync.WaitGroup
		for _, c := range balancerChecks() {
			for _, fault := range faults {
				all.Go(func() {
					faults := try(t, c, func(t *testing.T, p *probe) *balanced {
						v := newBalancer(t, fault, p.notify).fixture()
						p.wait = v.Wait
						return newBalanced(t, v)
					})
					if len(faults) > 0 {
						mu.Lock()
						defer mu.Unlock()
						found[fault] = append(found[fault], c.name)
					}
				})
			}
		}
		all.Wait()
	})
	for _, fault := range faults {
		require.NotEmpty(t, found[fault], "fault %q is not found", fault)
	}
	for _, c := range balancerChecks() {
		require.True(t, slices.ContainsFunc(faults, func(f string) bool { return slices.Contains(found[f], c.name) }),
			"check %q fails for no fault", c.name)
	}
}
