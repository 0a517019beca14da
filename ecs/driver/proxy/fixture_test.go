package proxy

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/driver/internal/wall"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/internal/ports"
	"github.com/bayplan/bayplan/loadbalance"
)

const (
	blue  = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/blue/0123456789abcdef"
	green = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/green/fedcba9876543210"
	front = "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/web/0123456789abcdef/0123456789abcdef"
)

// fastClock is a clock that runs many times as fast as time.
type fastClock struct {
	from time.Time
	fast int
}

func (c fastClock) Now() time.Time {
	return c.from.Add(time.Since(c.from) * time.Duration(c.fast))
}

func (c fastClock) Wait(ctx context.Context, until time.Time) error {
	return wall.Pause(ctx, until.Sub(c.Now())/time.Duration(c.fast))
}

// world is a proxy with what it reports.
type world struct {
	*Proxy
	t     *testing.T
	url   string
	epoch uint64

	mu   sync.Mutex
	told []message.TargetHealth
}

// newWorld returns a proxy whose clock runs 60 times as fast as time, with a listener that forwards to blue.
func newWorld(t *testing.T, change ...func(*Config)) *world {
	w := &world{t: t}
	config := Config{Clock: fastClock{time.Now(), 60}, File: filepath.Join(t.TempDir(), "proxy.json"), Notify: w.notify}
	for _, f := range change {
		f(&config)
	}
	w.open(config)
	w.listen(loadbalance.Listener{ListenerArn: front, DefaultAction: to(blue, 1)})
	return w
}

func (w *world) open(config Config) {
	w.Proxy = opened(w.t, config)
}

// opened returns a proxy that ends with the test.
func opened(t testing.TB, config Config) *Proxy {
	p, err := New(config)
	require.NoError(t, err)
	t.Cleanup(func() { _ = p.Close() })
	return p
}

func (w *world) listen(l loadbalance.Listener) string {
	address, err := w.Listen(context.Background(), l, ports.Apart())
	require.NoError(w.t, err)
	w.url = "http://" + address
	return address
}

func (w *world) notify(e message.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.told = append(w.told, e.(message.TargetHealth))
}

// last returns the last word about a target; "" if there is none.
func (w *world) last(id string, port int) loadbalance.State {
	w.mu.Lock()
	defer w.mu.Unlock()
	state := loadbalance.State("")
	for _, h := range w.told {
		if h.Target == id && h.Port == port {
			state = h.State
		}
	}
	return state
}

// to is an action that forwards to groups by weight.
func to(groups ...any) (a loadbalance.Action) {
	for i := 0; i < len(groups); i += 2 {
		a.Forward.TargetGroups = append(a.Forward.TargetGroups, loadbalance.WeightedTargetGroup{
			TargetGroupArn: groups[i].(string), Weight: ecs.Some(groups[i+1].(int))})
	}
	return a
}

// grouped is a target group of addresses.
func grouped(name string) loadbalance.TargetGroup {
	return loadbalance.TargetGroup{TargetGroupArn: name, TargetType: loadbalance.TargetTypeIP,
		DeregistrationDelaySeconds: ecs.Some(60), HealthCheck: loadbalance.HealthCheck{IntervalSeconds: 60,
			TimeoutSeconds: 50}}
}

func (w *world) key(op, target string) message.Key {
	w.epoch++
	return message.Key{Op: op, Target: target, Epoch: w.epoch}
}

// register makes an address of a server a target and waits until it is healthy.
func (w *world) register(g loadbalance.TargetGroup, address string) {
	host, port := split(w.t, address)
	w.target(w.t, g, address)
	w.until(func() bool { return w.last(host, port) == loadbalance.StateHealthy }, "%s is healthy", address)
}

// target makes an address a target.
func (w *world) target(t testing.TB, g loadbalance.TargetGroup, address string) {
	host, port := split(t, address)
	require.NoError(t, w.RegisterTarget(context.Background(), message.RegisterTarget{
		ID:             w.key("RegisterTarget", g.TargetGroupArn+" "+address),
		TargetGroupArn: g.TargetGroupArn, Target: host, Port: port, Task: ecs.TaskID(address), TargetGroup: g}))
}

func (w *world) deregister(g loadbalance.TargetGroup, address string) {
	host, port := split(w.t, address)
	require.NoError(w.t, w.DeregisterTarget(context.Background(), message.DeregisterTarget{
		ID:             w.key("DeregisterTarget", g.TargetGroupArn+" "+address),
		TargetGroupArn: g.TargetGroupArn, Target: host, Port: port, Task: ecs.TaskID(address), TargetGroup: g}))
}

func (w *world) until(f func() bool, what string, args ...any) {
	w.t.Helper()
	for end := time.Now().Add(20 * time.Second); !f(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			w.t.Fatalf("never: "+what, args...)
		}
	}
}

func split(t testing.TB, address string) (string, int) {
	host, port, err := net.SplitHostPort(address)
	require.NoError(t, err)
	n, err := strconv.Atoi(port)
	require.NoError(t, err)
	return host, n
}

// serving returns the address of a server that answers with its name, or as the handler does.
func serving(t *testing.T, name string, h http.HandlerFunc) (string, *httptest.Server) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Task", name)
		if h != nil && r.UserAgent() != "ELB-HealthChecker/2.0" {
			h(w, r)
			return
		}
		fmt.Fprint(w, name)
	}))
	t.Cleanup(s.Close)
	u, err := url.Parse(s.URL)
	require.NoError(t, err)
	return u.Host, s
}
