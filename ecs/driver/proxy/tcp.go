package proxy

import (
	"cmp"
	"context"
	"errors"
	"hash/fnv"
	"io"
	"net"
	"time"

	"github.com/bayplan/bayplan/ecs/driver/internal/wall"
	"github.com/bayplan/bayplan/loadbalance"
)

// accept takes the connections of a TCP listener.
func (l *listener) accept() {
	for {
		client, err := l.socket.Accept()
		if err != nil {
			if l.proxy.ctx.Err() == nil && !errors.Is(err, net.ErrClosed) {
				l.proxy.warn("a connection was not accepted", "error", err)
				if wall.Pause(l.proxy.ctx, 100*time.Millisecond) == nil {
					continue
				}
			}
			return
		}
		l.proxy.start(func() { l.connect(client) })
	}
}

// connect joins a client's connection with one to a target, until both ends have closed. A target that does not
// accept is passed over. The connection ends with the proxy, and not with the draining of its target.
func (l *listener) connect(client net.Conn) {
	defer client.Close()
	fw := l.table.Load().DefaultAction.Forward
	name, ok := fw.Pick(l.proxy.config.Seed, l.turns.Add(1))
	g := l.proxy.group(name)
	if !ok || g == nil {
		return
	}
	ctx, end := context.WithCancelCause(l.proxy.ctx)
	defer end(nil)
	f := &flight{Context: ctx, cancel: func(error) {}, group: g}
	defer g.leave(f)
	for range tries {
		if !g.takeFlow(f, client.RemoteAddr()) {
			return
		}
		target, err := (&net.Dialer{Timeout: 10 * time.Second}).DialContext(ctx, "tcp", f.target.address)
		if err == nil {
			defer target.Close()
			stop := context.AfterFunc(ctx, func() { _, _ = client.Close(), target.Close() })
			defer stop()
			join(client, target, cmp.Or(l.proxy.config.IdleTimeout, 350*time.Second))
			return
		}
		f.tried = append(f.tried, f.target)
	}
}

// takeFlow gives a connection its target by a hash of where it comes from: of its address alone, where the group
// keeps clients at their targets.
// Source: Elastic Load Balancing, Network Load Balancers, "What is a Network Load Balancer?".
func (g *group) takeFlow(f *flight, from net.Addr) bool {
	h := fnv.New64a()
	name := from.String()
	g.mu.Lock()
	defer g.mu.Unlock()
	if host, _, err := net.SplitHostPort(name); err == nil && g.set.Stickiness.Enabled {
		name = host
	}
	_, _ = h.Write([]byte(name)) // never fails
	g.drop(f)
	serving := g.weigh(f)
	i, ok := loadbalance.AlgorithmWeightedRandom.Pick(g.weights, nil, g.proxy.config.Seed, h.Sum64())
	if !ok {
		return false
	}
	g.place(f, i, serving)
	return true
}

// join copies both ways until both ends have closed, or nothing came for a while.
func join(a, b net.Conn, idle time.Duration) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		pour(a, b, idle)
	}()
	pour(b, a, idle)
	<-done
}

// pour copies one way, and closes that way at the end.
func pour(to, from net.Conn, idle time.Duration) {
	buffer := make([]byte, 32<<10)
	for {
		_ = from.SetReadDeadline(time.Now().Add(idle)) // a connection that is gone says so at the next read
		n, err := from.Read(buffer)
		if n > 0 {
			_ = from.SetReadDeadline(time.Now().Add(idle))
			if _, lost := to.Write(buffer[:n]); lost != nil {
				err = lost
			}
		}
		half, ok := to.(interface{ CloseWrite() error })
		switch {
		case err == nil:
			continue
		case err == io.EOF && ok:
			_ = half.CloseWrite() // the other way may go on
		default:
			_, _ = to.Close(), from.Close() // a reset, or silence, ends both ways
		}
		return
	}
}
