package proxy

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/bayplan/bayplan/ecs/driver/internal/wall"
	"github.com/bayplan/bayplan/loadbalance"
)

// watch begins to follow a target, from its state now. The group's lock is held.
func (g *group) watch(t *target) {
	if t.unwatch != nil {
		t.unwatch()
	}
	ctx, end := context.WithCancel(g.proxy.ctx)
	t.unwatch = end
	g.proxy.start(func() {
		defer end()
		g.follow(ctx, t)
	})
}

// follow checks the health of a target as often as its group says, or waits until it has drained.
func (g *group) follow(ctx context.Context, t *target) {
	for {
		at, drains, ok := g.due(t)
		if !ok || g.proxy.config.Clock.Wait(ctx, at) != nil {
			return
		}
		if drains {
			g.expire(g.proxy.now())
			g.proxy.changed()
			return
		}
		began := g.proxy.now()
		answer := g.check(ctx, t)
		if ctx.Err() != nil {
			return // the answer is of a state that is over
		}
		g.checked(t, began, answer)
	}
}

// due returns when something is to be done about a target: a health check, or the end of its draining; false if
// nothing is.
func (g *group) due(t *target) (at time.Time, drains, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	b, ok := g.book.Get(t.id, t.port)
	if ok && b.State == loadbalance.StateDraining {
		return b.DrainedAt.Time(), true, true
	}
	if ok {
		at, ok = g.set.NextCheck(b)
	}
	return at, false, ok
}

// checked notes the answer of a health check. The next is due an interval after this one began.
func (g *group) checked(t *target, at time.Time, a loadbalance.Answer) {
	g.mu.Lock()
	defer g.mu.Unlock()
	before, _ := g.book.Get(t.id, t.port)
	after, ok := g.book.Check(t.id, t.port, at, a)
	if ok && (after.State != before.State || after.Reason != before.Reason) {
		g.proxy.tell(g, after)
		g.proxy.changed()
	}
}

// check asks a target for its health once. A new target that refuses the connection is asked again until the check's
// time is over: its program may not listen yet.
func (g *group) check(ctx context.Context, t *target) loadbalance.Answer {
	g.mu.Lock()
	config, address := g.set, t.address
	b, _ := g.book.Get(t.id, t.port)
	g.mu.Unlock()
	if port := config.HealthCheck.Port; port != 0 {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			return loadbalance.Answer{Failure: loadbalance.ReasonInternalError}
		}
		address = net.JoinHostPort(host, decimal(port))
	}
	limited, end := g.proxy.limit(ctx, time.Duration(config.HealthCheck.TimeoutSeconds)*time.Second)
	defer end()
	for {
		a, refused := ask(limited, config, address)
		if !refused || b.State != loadbalance.StateInitial || wall.Pause(limited, 100*time.Millisecond) != nil {
			return a
		}
	}
}

// limit ends a context after a while of the proxy's clock.
func (p *Proxy) limit(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	limited, end := context.WithCancel(ctx)
	until := p.now().Add(d)
	p.start(func() {
		defer end()
		_ = p.config.Clock.Wait(limited, until) // either way it is over
	})
	return limited, end
}

// ask makes one connection to a target; refused is that nothing listens there.
func ask(ctx context.Context, config loadbalance.TargetGroup, address string) (a loadbalance.Answer, refused bool) {
	var err error
	switch {
	case config.HealthCheck.Protocol == loadbalance.ProtocolTCP:
		var c net.Conn
		if c, err = (&net.Dialer{}).DialContext(ctx, "tcp", address); err == nil {
			_ = c.Close() // it was there, which is all that counts
		}
	default:
		a.Code, err = get(ctx, config, address)
	}
	switch {
	case err == nil:
		return a, false
	case ctx.Err() != nil:
		return loadbalance.Answer{Failure: loadbalance.ReasonTimeout}, false
	}
	return loadbalance.Answer{Failure: loadbalance.ReasonFailedHealthChecks}, unreached(err)
}

// get makes the request of a health check, and returns the status code of HTTP, or of gRPC.
func get(ctx context.Context, config loadbalance.TargetGroup, address string) (code int, err error) {
	gRPC := config.ProtocolVersion == loadbalance.ProtocolVersionGRPC
	method, body := http.MethodGet, io.Reader(nil)
	if gRPC {
		method, body = http.MethodPost, bytes.NewReader(make([]byte, 5)) // an empty message
	}
	r, err := http.NewRequestWithContext(ctx, method, "http://"+address+config.HealthCheck.Path, body)
	if err != nil {
		return 0, err
	}
	r.Header.Set("User-Agent", "ELB-HealthChecker/2.0")
	if gRPC {
		r.Header.Set("Content-Type", "application/grpc")
		r.Header.Set("Te", "trailers")
	}
	once := transport(config, 0)
	once.DisableKeepAlives = !gRPC
	defer once.CloseIdleConnections()
	answer, err := once.RoundTrip(r)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	if !gRPC {
		return answer.StatusCode, nil
	}
	if _, err := io.Copy(io.Discard, io.LimitReader(answer.Body, 1<<20)); err != nil {
		return 0, err
	}
	status := answer.Trailer.Get("Grpc-Status")
	if status == "" {
		status = answer.Header.Get("Grpc-Status")
	}
	return strconv.Atoi(status)
}

func decimal(n int) string { return strconv.Itoa(n) }
