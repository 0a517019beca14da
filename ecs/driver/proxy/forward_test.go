package proxy

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/ports"
	"github.com/bayplan/bayplan/loadbalance"
)

// refusing returns an address on which nothing listens, and where something can.
func refusing(t *testing.T) string {
	l, err := net.Listen("tcp", ports.Apart())
	require.NoError(t, err)
	require.NoError(t, l.Close())
	return l.Addr().String()
}

// killer returns a server that is healthy, and closes each other connection once it has read the request.
func killer(t *testing.T) (address string, killed *atomic.Int64) {
	killed = &atomic.Int64{}
	address, _ = serving(t, "killed", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		killed.Add(1)
		c, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			_ = c.Close()
		}
	})
	return address, killed
}

// Requests that a target was killed under go to another where HTTP allows it, and nowhere else.
// Seen to fail: again returned true for POST (the body arrived twice); a body that was read was not kept (the PUT
// arrived empty); the target that had failed was not excluded (it had the GET three times).
func TestRetry(t *testing.T) {
	w := newWorld(t)
	bad, killed := killer(t)
	var bodies []string
	good, _ := serving(t, "good", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		bodies = append(bodies, r.Method+" "+string(body))
		fmt.Fprint(w, "good")
	})
	w.register(grouped(blue), bad)
	code, _ := w.ask("/")
	assert.Equal(t, http.StatusBadGateway, code)
	assert.Equal(t, int64(1), killed.Load(), "the same target is not tried again")
	w.register(grouped(blue), good)
	do := func(method, key string) (codes []int) {
		for range 2 { // each of the two targets is the first once
			r, err := http.NewRequest(method, w.url, strings.NewReader("text"))
			require.NoError(t, err)
			if key != "" {
				r.Header.Set("Idempotency-Key", key)
			}
			a, err := http.DefaultClient.Do(r)
			require.NoError(t, err)
			require.NoError(t, a.Body.Close())
			codes = append(codes, a.StatusCode)
		}
		return codes
	}
	for method, want := range map[string][]int{http.MethodGet: {200, 200}, http.MethodPut: {200, 200},
		http.MethodDelete: {200, 200}, http.MethodPost: {200, 502}, http.MethodPatch: {200, 502}} {
		before := killed.Load()
		assert.ElementsMatch(t, want, do(method, ""), method)
		assert.Positive(t, killed.Load()-before, "%s reached the killed target", method)
		if want[1] == 502 {
			assert.Equal(t, int64(1), killed.Load()-before, "%s reached the killed target once", method)
		}
	}
	assert.Equal(t, []int{200, 200}, do(http.MethodPost, "once"))
	for _, b := range bodies {
		assert.True(t, strings.HasSuffix(b, " text"), b)
	}
}

// A target on which nothing listens any more costs no request, whatever its method.
// Seen to fail: again asked for an idempotent method after a dial that failed.
func TestRefusedConnection(t *testing.T) {
	w := newWorld(t)
	gone, server := serving(t, "gone", nil)
	good, _ := serving(t, "good", nil)
	w.register(grouped(blue), gone)
	w.register(grouped(blue), good)
	server.Close()
	for range 4 {
		a, err := http.Post(w.url, "text/plain", strings.NewReader("text"))
		require.NoError(t, err)
		require.NoError(t, a.Body.Close())
		assert.Equal(t, http.StatusOK, a.StatusCode)
	}
}

// Seen to fail: failed answered each error with 502.
func TestGatewayErrors(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.IdleTimeout = 100 * time.Millisecond })
	code, _ := w.ask("/")
	assert.Equal(t, http.StatusServiceUnavailable, code, "no targets")
	wait := make(chan struct{})
	defer close(wait)
	slow, _ := serving(t, "slow", func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-wait:
		case <-r.Context().Done():
		}
	})
	w.register(grouped(blue), slow)
	code, _ = w.ask("/")
	assert.Equal(t, http.StatusGatewayTimeout, code, "no answer in time")
	bad, _ := killer(t)
	w.deregister(grouped(blue), slow)
	w.register(grouped(blue), bad)
	code, _ = w.ask("/")
	assert.Equal(t, http.StatusBadGateway, code, "the connection was closed")
	assert.Equal(t, map[int]int64{502: 1, 503: 1, 504: 1}, w.Errors())
}

// Seen to fail: the health of a draining target was still asked; take ignored weights of 0; expire did not cancel.
func TestDraining(t *testing.T) {
	w := newWorld(t)
	started, finish := make(chan string, 8), make(chan struct{})
	held := func(name string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/held" {
				fmt.Fprint(w, name)
				return
			}
			started <- name
			select {
			case <-finish:
				fmt.Fprint(w, name)
			case <-r.Context().Done():
			}
		}
	}
	old, _ := serving(t, "old", held("old"))
	w.register(grouped(blue), old)
	answers := make(chan string, 1)
	go func() {
		_, text := w.ask("/held")
		answers <- text
	}()
	<-started
	fresh, _ := serving(t, "new", held("new"))
	w.register(grouped(blue), fresh)
	g := grouped(blue)
	g.DeregistrationDelaySeconds = ecs.Some(3600)
	w.deregister(g, old)
	host, port := split(t, old)
	assert.Equal(t, loadbalance.StateDraining, w.last(host, port))
	assert.Equal(t, map[string]int{"new": 6}, w.shares(6), "nothing new goes to a target that drains")
	close(finish)
	assert.Equal(t, "old", <-answers, "what was in flight ends")

	finish = make(chan struct{})
	go func() {
		r, err := http.Get(w.url + "/held")
		if err == nil {
			_ = r.Body.Close()
			answers <- r.Status
		}
	}()
	<-started
	began := time.Now()
	w.deregister(grouped(blue), fresh) // a minute, which is a second here
	assert.Equal(t, "502 Bad Gateway", <-answers, "the delay is over")
	assert.GreaterOrEqual(t, time.Since(began), 900*time.Millisecond)
	host, port = split(t, fresh)
	w.until(func() bool { return w.last(host, port) == loadbalance.StateUnused }, "%s is unused", fresh)
	assert.Len(t, w.group(blue).state().Targets, 1)
}

// Seen to fail: the matcher was not asked; the check followed a redirect.
func TestHealthChecks(t *testing.T) {
	w := newWorld(t)
	status := &atomic.Int64{}
	status.Store(200)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/health" {
			w.Header().Set("Location", "/")
			w.WriteHeader(int(status.Load()))
		}
	}))
	defer s.Close()
	g := grouped(blue)
	g.HealthCheck.Path, g.HealthCheck.Matcher = "/health", "200-299"
	g.HealthCheck.IntervalSeconds, g.HealthCheck.TimeoutSeconds = 6, 5
	g.HealthCheck.HealthyThreshold = 2
	address := strings.TrimPrefix(s.URL, "http://")
	w.register(g, address)
	host, port := split(t, address)
	for _, next := range []struct {
		status int
		state  loadbalance.State
	}{{302, loadbalance.StateUnhealthy}, {204, loadbalance.StateHealthy}, {500, loadbalance.StateUnhealthy}} {
		status.Store(int64(next.status))
		w.until(func() bool { return w.last(host, port) == next.state }, "%d makes it %s", next.status, next.state)
	}
	code, _ := w.ask("/")
	assert.Equal(t, http.StatusOK, code, "a group without a healthy target fails open")
}

// A program that does not listen yet is healthy at the first check, as soon as it does. The clock stands still, so
// that there is no second one.
// Seen to fail: check gave up at the first refusal.
func TestFirstCheckWaits(t *testing.T) {
	now := atomic.Int64{}
	now.Store(1_800_000_000)
	w := newWorld(t, func(c *Config) { c.Clock = steppedClock{stillClock{&now}} })
	address := refusing(t)
	go func() {
		time.Sleep(300 * time.Millisecond)
		l, err := net.Listen("tcp", address)
		if err != nil {
			return
		}
		t.Cleanup(func() { _ = l.Close() })
		_ = http.Serve(l, http.NotFoundHandler())
	}()
	g := grouped(blue)
	g.HealthCheck.Matcher = "404"
	w.register(g, address)
}

func TestLeastOutstandingRequests(t *testing.T) {
	w := newWorld(t)
	busy := make(chan struct{})
	var taken atomic.Int64
	held := func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/held" {
			taken.Add(1)
			<-busy
		}
	}
	g := grouped(blue)
	g.Algorithm = loadbalance.AlgorithmLeastOutstandingRequests
	for _, name := range []string{"a", "b"} {
		address, _ := serving(t, name, held)
		w.register(g, address)
	}
	for n := range 6 {
		go func() {
			if r, err := http.Get(w.url + "/held"); err == nil {
				_ = r.Body.Close()
			}
		}()
		w.until(func() bool { return taken.Load() == int64(n+1) }, "%d are held", n+1)
	}
	p := w.group(blue)
	p.mu.Lock()
	var each []int
	for _, t := range p.targets {
		each = append(each, len(t.flights))
	}
	p.mu.Unlock()
	assert.Equal(t, []int{3, 3}, each)
	close(busy)
}

func TestStickiness(t *testing.T) {
	w := newWorld(t)
	g := grouped(blue)
	g.Stickiness.Enabled, g.Stickiness.DurationSeconds = true, 604800
	var first string
	for _, name := range []string{"a", "b", "c"} {
		address, _ := serving(t, name, nil)
		w.register(g, address)
		first = address
	}
	ask := func(cookie *http.Cookie) (string, *http.Cookie) {
		r, err := http.NewRequest(http.MethodGet, w.url, nil)
		require.NoError(t, err)
		if cookie != nil {
			r.AddCookie(cookie)
		}
		a, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		defer a.Body.Close()
		require.Len(t, a.Cookies(), 1)
		return a.Header.Get("Task"), a.Cookies()[0]
	}
	name, cookie := ask(nil)
	for range 5 {
		again, _ := ask(cookie)
		assert.Equal(t, name, again)
	}
	assert.Equal(t, "AWSALB", cookie.Name)
	assert.NotContains(t, cookie.Value, strings.Split(first, ":")[1])
	forged := *cookie
	forged.Value = strings.ToUpper(cookie.Value)
	seen := map[string]bool{}
	for range 6 {
		other, _ := ask(&forged)
		seen[other] = true
	}
	assert.Len(t, seen, 3, "a cookie that is not the proxy's is nobody's")
}

// Seen to fail: the answer's body was wrapped, so that it was no io.Writer any more.
func TestWebSocket(t *testing.T) {
	w := newWorld(t)
	address, _ := serving(t, "a", func(rw http.ResponseWriter, r *http.Request) {
		c, buffered, err := rw.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		defer c.Close()
		fmt.Fprintf(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: %s\r\n\r\n",
			r.Header.Get("Upgrade"))
		_, _ = io.Copy(c, buffered)
	})
	w.register(grouped(blue), address)
	c, err := net.Dial("tcp", strings.TrimPrefix(w.url, "http://"))
	require.NoError(t, err)
	defer c.Close()
	fmt.Fprint(c, "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
	in := bufio.NewReader(c)
	a, err := http.ReadResponse(in, nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusSwitchingProtocols, a.StatusCode)
	for _, text := range []string{"one\n", "two\n"} {
		fmt.Fprint(c, text)
		got, err := in.ReadString('\n')
		require.NoError(t, err)
		assert.Equal(t, text, got)
	}
	w.deregister(grouped(blue), address)
	_, err = in.ReadByte()
	assert.ErrorIs(t, err, io.EOF, "the end of draining ends it")
}

// The body of a long answer reaches the client as it comes.
// Seen to fail: FlushInterval was 0 (the test hung).
func TestStreams(t *testing.T) {
	w := newWorld(t)
	next := make(chan struct{})
	address, _ := serving(t, "a", func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Length", "2")
		fmt.Fprint(rw, "1")
		rw.(http.Flusher).Flush()
		<-next
		fmt.Fprint(rw, "2")
	})
	w.register(grouped(blue), address)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, w.url, nil)
	require.NoError(t, err)
	a, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer a.Body.Close()
	one := make([]byte, 1)
	_, err = io.ReadFull(a.Body, one)
	require.NoError(t, err)
	close(next)
	rest, err := io.ReadAll(a.Body)
	require.NoError(t, err)
	assert.Equal(t, "2", string(rest))
}
