package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/driver/agent"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/lifecycle"
)

// fake is an engine's API in memory, with the faults that a test asks for.
type fake struct {
	t      *testing.T
	server *httptest.Server

	mu         sync.Mutex
	changed    *sync.Cond
	containers map[string]*fakeContainer // by name
	images     map[string]bool
	volumes    map[string]bool
	calls      map[string]int // by operation
	starts     int            // that had an effect
	logins     []string
	// fault is asked before each call, by its operation, how often it was called, and without the lock. It answers
	// by itself and returns true, or does nothing. after is asked when the call has had its effect.
	fault, after func(operation string, n int, w http.ResponseWriter, q *http.Request) bool
}

type fakeContainer struct {
	id, name string
	request  container.CreateRequest
	running  bool
	code     int
	started  string
}

// pathOf takes a call apart: /v1.41/containers/NAME/start.
var pathOf = regexp.MustCompile(`^/v[0-9.]+/([a-z]+)(?:/(.+?))?(?:/(start|kill|wait|json))?$`)

func newFake(t *testing.T) *fake {
	f := &fake{t: t, containers: map[string]*fakeContainer{}, images: map[string]bool{}, volumes: map[string]bool{},
		calls: map[string]int{}}
	f.changed = sync.NewCond(&f.mu)
	f.server = httptest.NewServer(f)
	t.Cleanup(func() {
		f.server.CloseClientConnections()
		f.server.Close()
	})
	return f
}

// runtime is a runtime of the fake engine that does not wait long.
func (f *fake) runtime(more ...func(*Config)) *Runtime {
	c := Config{Host: "tcp://" + f.server.Listener.Addr().String(), Instance: "i",
		Directory: filepath.Join(f.t.TempDir(), "containers")}
	for _, one := range more {
		one(&c)
	}
	r, err := New(context.Background(), c)
	require.NoError(f.t, err)
	r.pace = pace{inspect: 100 * time.Millisecond, act: 300 * time.Millisecond, pull: 100 * time.Millisecond,
		first: 5 * time.Millisecond, longest: 20 * time.Millisecond, pulls: 5, look: 50 * time.Millisecond,
		settle: 10 * time.Second}
	f.t.Cleanup(r.Close)
	return r
}

func (f *fake) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	w.Header().Set("Api-Version", "1.41")
	w.Header().Set("Ostype", "linux")
	if q.URL.Path == "/_ping" {
		return
	}
	parts := pathOf.FindStringSubmatch(q.URL.Path)
	if parts == nil {
		f.fail(w, http.StatusNotFound, "page not found")
		return
	}
	if parts[2] == "json" {
		parts[2], parts[3] = "", "json"
	}
	operation := strings.ToLower(q.Method) + " " + path.Join(parts[1], parts[3])
	if parts[1] == "containers" && parts[2] == "create" || parts[1] == "images" && parts[2] == "create" {
		operation = "create " + parts[1]
	}
	f.mu.Lock()
	f.calls[operation]++
	n, fault, after := f.calls[operation], f.fault, f.after
	f.mu.Unlock()
	if fault != nil && fault(operation, n, w, q) {
		return
	}
	if after == nil {
		f.answer(operation, parts[2], w, q)
		return
	}
	recorded := httptest.NewRecorder()
	f.answer(operation, parts[2], recorded, q)
	if after(operation, n, w, q) {
		return
	}
	w.Header().Set("Content-Type", recorded.Header().Get("Content-Type"))
	w.WriteHeader(recorded.Code)
	_, _ = w.Write(recorded.Body.Bytes()) // the caller may be gone
}

func (f *fake) fail(w http.ResponseWriter, code int, text string) {
	f.send(w, code, map[string]string{"message": text})
}

func (f *fake) send(w http.ResponseWriter, code int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(v) // the caller may be gone
}

// answer does what a call asks for.
func (f *fake) answer(operation, name string, w http.ResponseWriter, q *http.Request) {
	defer context.AfterFunc(q.Context(), func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.changed.Broadcast()
	})()
	f.mu.Lock()
	defer f.mu.Unlock()
	c := f.containers[name]
	for _, other := range f.containers {
		if other.id == name {
			c = other
		}
	}
	if c == nil && strings.Contains(operation, "containers/") && operation != "get containers/json" {
		f.fail(w, http.StatusNotFound, "No such container: "+name)
		return
	}
	switch operation {
	case "get info":
		f.send(w, 200, map[string]any{"OSType": "linux", "Architecture": "x86_64", "NCPU": 2})
	case "create containers":
		f.create(w, q)
	case "get containers/json":
		if name == "" {
			list := []map[string]any{}
			for _, c := range f.containers {
				state := map[bool]string{true: "running", false: "exited"}[c.running]
				list = append(list, map[string]any{"Id": c.id, "Names": []string{"/" + c.name}, "State": state,
					"Labels": c.request.Labels})
			}
			f.send(w, 200, list)
		} else if c == nil {
			f.fail(w, http.StatusNotFound, "No such container: "+name)
		} else {
			f.send(w, 200, f.inspect(c))
		}
	case "post containers/start":
		if !c.running {
			f.starts++
			c.running, c.started = true, fmt.Sprintf("2026-01-01T00:00:%02dZ", f.starts)
		}
		w.WriteHeader(http.StatusNoContent)
	case "post containers/kill":
		f.kill(w, c)
	case "post containers/wait":
		for c.running && q.Context().Err() == nil {
			f.changed.Wait()
		}
		f.send(w, 200, map[string]int{"StatusCode": c.code})
	case "delete containers":
		delete(f.containers, c.name)
		w.WriteHeader(http.StatusNoContent)
	case "get volumes":
		f.send(w, 200, map[string]any{"Volumes": []string{}})
	case "create images":
		f.logins = append(f.logins, q.Header.Get("X-Registry-Auth"))
		f.images[q.URL.Query().Get("fromImage")] = true
		f.send(w, 200, map[string]string{"status": "done"})
	case "get images/json":
		if !f.images["docker.io/library/"+name] {
			f.fail(w, http.StatusNotFound, "No such image: "+name)
			return
		}
		f.send(w, 200, map[string]any{"Id": "sha256:1", "RepoDigests": []string{name + "@sha256:abc"}})
	default:
		f.fail(w, http.StatusNotFound, "page not found: "+operation)
	}
}

func (f *fake) create(w http.ResponseWriter, q *http.Request) {
	name := q.URL.Query().Get("name")
	if c := f.containers[name]; c != nil {
		f.fail(w, http.StatusConflict,
			`Conflict. The container name "/`+name+`" is already in use by container "`+c.id+`".`)
		return
	}
	c := &fakeContainer{id: fmt.Sprintf("id%d", len(f.containers)+1), name: name}
	if err := json.NewDecoder(q.Body).Decode(&c.request); err != nil {
		f.fail(w, http.StatusBadRequest, err.Error())
		return
	}
	f.containers[name] = c
	f.send(w, http.StatusCreated, map[string]string{"Id": c.id})
}

func (f *fake) kill(w http.ResponseWriter, c *fakeContainer) {
	if !c.running {
		f.fail(w, http.StatusConflict, "Cannot kill container: "+c.id+": Container "+c.id+" is not running")
		return
	}
	f.end(c, 137)
	w.WriteHeader(http.StatusNoContent)
}

// end ends a container. The caller has the lock.
func (f *fake) end(c *fakeContainer, code int) {
	c.running, c.code = false, code
	f.changed.Broadcast()
}

func (f *fake) inspect(c *fakeContainer) map[string]any {
	state := map[string]any{"Running": c.running, "ExitCode": c.code, "StartedAt": "0001-01-01T00:00:00Z"}
	if c.started != "" {
		state["StartedAt"] = c.started
	}
	return map[string]any{"Id": c.id, "Name": "/" + c.name, "State": state, "Config": c.request.Config,
		"HostConfig": c.request.HostConfig}
}

// runs reports how many containers run.
func (f *fake) runs() (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.containers {
		if c.running {
			n++
		}
	}
	return n
}

// breaks is a fault: the first n calls of an operation end as the kind says.
func breaks(kind, operation string, n int) func(string, int, http.ResponseWriter, *http.Request) bool {
	return func(called string, count int, w http.ResponseWriter, q *http.Request) bool {
		if called != operation || count > n {
			return false
		}
		switch kind {
		case "hangs":
			_, _ = io.Copy(io.Discard, q.Body) // or the server does not see that the caller is gone
			<-q.Context().Done()
		case "half":
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte(`{"Id": "id`)) // and no more
		case "half, well":
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(`{"Id": "id`))
		case "empty":
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(`{}`))
		case "gone":
			if conn, _, err := w.(http.Hijacker).Hijack(); err == nil {
				_ = conn.(*net.TCPConn).SetLinger(0) // a reset
				_ = conn.Close()
			}
		}
		return true
	}
}

// TestFaults sees a container created, started once and ended whatever answers of the engine do not come, come late or
// come in half, before a call had its effect and after.
//
// Seen to fail: an answer without an ID taken for one.
func TestFaults(t *testing.T) {
	for _, operation := range []string{"create containers", "get containers/json", "post containers/start",
		"post containers/wait", "post containers/kill"} {
		for _, kind := range []string{"hangs", "half", "half, well", "empty", "gone"} {
			for _, late := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s %s %t", operation, kind, late), func(t *testing.T) {
					t.Parallel()
					f := newFake(t)
					if fault := breaks(kind, operation, 2); late {
						f.after = fault
					} else {
						f.fault = fault
					}
					if kind != "hangs" && kind != "gone" && (strings.HasSuffix(operation, "start") ||
						strings.HasSuffix(operation, "kill") || strings.HasSuffix(operation, "wait")) && !late {
						t.Skip("an engine that answers has done it")
					}
					wholeLife(t, f)
				})
			}
		}
	}
}

func wholeLife(t *testing.T, f *fake) {
	r := f.runtime()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	c := command("t", does("a", nil))
	one := containerAt(&c, 0)
	for range 2 {
		id, err := r.Create(ctx, one)
		require.NoError(t, err)
		require.Equal(t, "id1", id)
	}
	for range 2 {
		require.NoError(t, r.Start(ctx, one))
	}
	exit := make(chan agent.Exit, 1)
	go func() {
		e, err := r.Wait(ctx, one)
		if err != nil {
			e.Reason = err.Error()
		}
		exit <- e
	}()
	require.NoError(t, r.Kill(ctx, one))
	require.Equal(t, agent.Exit{Code: 137}, <-exit)
	require.NoError(t, r.Kill(ctx, one), "it does not run")
	require.Len(t, f.containers, 1)
	require.Equal(t, 1, f.starts)
	require.NoError(t, r.Remove(ctx, c))
	require.Empty(t, f.containers)
}

// TestShortRun sees a container that ended before the answer to its start was lost not started again.
//
// Seen to fail: a start that is repeated without a look.
func TestShortRun(t *testing.T) {
	f := newFake(t)
	f.after = func(operation string, n int, w http.ResponseWriter, q *http.Request) bool {
		if operation != "post containers/start" || n > 1 {
			return false
		}
		f.mu.Lock()
		for _, c := range f.containers {
			f.end(c, 5)
		}
		f.mu.Unlock()
		return breaks("gone", operation, 1)(operation, n, w, q)
	}
	r := f.runtime()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	c := command("t", does("a", nil))
	_, err := r.Create(ctx, containerAt(&c, 0))
	require.NoError(t, err)
	require.NoError(t, r.Start(ctx, containerAt(&c, 0)))
	exit, err := r.Wait(ctx, containerAt(&c, 0))
	require.NoError(t, err)
	require.Equal(t, agent.Exit{Code: 5}, exit)
	require.Equal(t, 1, f.starts)
}

// TestStartTooLate sees a start that takes too long fail, and the container that runs after all killed.
//
// Seen to fail: a start that takes too long and is left to itself.
func TestStartTooLate(t *testing.T) {
	f := newFake(t)
	r := f.runtime()
	r.pace.act = time.Minute
	release := make(chan struct{})
	f.fault = func(operation string, n int, w http.ResponseWriter, q *http.Request) bool {
		if operation == "post containers/start" {
			<-release
		}
		return false
	}
	c := command("t", does("a", nil))
	_, err := r.Create(context.Background(), containerAt(&c, 0))
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, r.Start(ctx, containerAt(&c, 0)), context.DeadlineExceeded)
	close(release)
	require.Eventually(t, func() bool {
		f.mu.Lock()
		defer f.mu.Unlock()
		return f.starts == 1 && f.calls["post containers/kill"] == 1 && f.containers[containerName(&c, 0)].code == 137
	}, 10*time.Second, time.Millisecond)
	require.Zero(t, f.runs())
}

// TestEngineIsAway sees a Wait outlast an engine that does not answer, and end with its context.
//
// Seen to fail: an engine that is away taken for the end of the container.
func TestEngineIsAway(t *testing.T) {
	f := newFake(t)
	r := f.runtime()
	c := command("t", does("a", nil))
	one := containerAt(&c, 0)
	_, err := r.Create(context.Background(), one)
	require.NoError(t, err)
	require.NoError(t, r.Start(context.Background(), one))
	f.mu.Lock()
	f.fault = func(operation string, _ int, w http.ResponseWriter, q *http.Request) bool {
		return breaks("gone", operation, 1<<30)(operation, 1, w, q)
	}
	f.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	_, err = r.Wait(ctx, one)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	f.mu.Lock()
	f.fault = nil
	f.end(f.containers[containerName(&c, 0)], 9)
	f.mu.Unlock()
	ctx, cancel = context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	exit, err := r.Wait(ctx, one)
	require.NoError(t, err)
	require.Equal(t, agent.Exit{Code: 9}, exit)
}

// TestPulls sees images pulled as the pull behaviour says, again if that may help, with who pulls, and no longer than
// there is a sign of life.
//
// Seen to fail: a pull without its login; a cached image that always replaces a failed pull.
func TestPulls(t *testing.T) {
	broken := func(text string) func(string, int, http.ResponseWriter, *http.Request) bool {
		return func(operation string, _ int, w http.ResponseWriter, _ *http.Request) bool {
			if operation == "create images" {
				_, _ = fmt.Fprintf(w, `{"errorDetail":{"message":%q},"error":%q}`, text, text)
			}
			return operation == "create images"
		}
	}
	for name, c := range map[string]struct {
		behavior lifecycle.PullBehavior
		cached   bool
		fault    func(string, int, http.ResponseWriter, *http.Request) bool
		want     string // of the error
		pulls    int
	}{
		"default":              {pulls: 1},
		"default, cached":      {cached: true, pulls: 1},
		"default, cached, bad": {cached: true, fault: broken("connection refused"), pulls: 5},
		"default, bad":         {fault: broken("connection refused"), pulls: 5, want: "image: connection refused"},
		"always, cached, bad": {behavior: lifecycle.PullBehaviorAlways, cached: true,
			fault: broken("connection refused"),
			pulls: 5, want: "image: connection refused"},
		"once, cached":     {behavior: lifecycle.PullBehaviorOnce, cached: true},
		"once":             {behavior: lifecycle.PullBehaviorOnce, pulls: 1},
		"prefer-cached":    {behavior: lifecycle.PullBehaviorPreferCached, cached: true},
		"prefer-cached, 0": {behavior: lifecycle.PullBehaviorPreferCached, pulls: 1},
		"hopeless":         {fault: broken("manifest unknown"), pulls: 1, want: "image: manifest unknown"},
		"gone twice":       {fault: breaks("gone", "create images", 2), pulls: 3},
		"half":             {fault: breaks("half", "create images", 2), pulls: 3},
		"hangs":            {fault: breaks("hangs", "create images", 9), pulls: 5, want: "no sign of life for 100ms"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			f.images["docker.io/library/app:1"] = c.cached
			f.images["docker.io/library/app"] = c.cached
			f.fault = c.fault
			r := f.runtime(func(config *Config) {
				config.PullBehavior = c.behavior
				config.Login = func(_ context.Context, _ message.StartTask, image string) (Login, error) {
					return Login{"AWS", image}, nil
				}
			})
			task := command("t", does("a", nil, func(d *ecs.ContainerDefinition) { d.Image = "app" }))
			digest, err := r.Pull(context.Background(), containerAt(&task, 0))
			if c.want != "" {
				require.ErrorContains(t, err, c.want)
			} else {
				require.NoError(t, err)
				require.Equal(t, "sha256:abc", digest)
			}
			f.mu.Lock()
			defer f.mu.Unlock()
			require.Equal(t, c.pulls, f.calls["create images"])
			for _, login := range f.logins {
				require.NotEmpty(t, login)
			}
		})
	}
}

// TestConfig sees what a Runtime cannot work with become an error of New.
//
// Seen to fail: a network with bits behind its prefix.
func TestConfig(t *testing.T) {
	f := newFake(t)
	for want, set := range map[string]func(*Config){
		"instance: ":                 func(c *Config) { c.Instance = "../x" },
		"subnet: 10.0.0.1/24":        func(c *Config) { c.Subnet = mustPrefix("10.0.0.1/24") },
		"subnet: fd00::/64":          func(c *Config) { c.Subnet = mustPrefix("fd00::/64") },
		`allow.mounts[0]: "srv"`:     func(c *Config) { c.Allow.Mounts = []string{"srv"} },
		"no such file or directory":  func(c *Config) { c.Directory += "/a/b" },
		"failed to connect to the d": func(c *Config) { c.Host = "unix:///nowhere/docker.sock" },
	} {
		c := Config{Host: "tcp://" + f.server.Listener.Addr().String(), Instance: "i",
			Directory: filepath.Join(t.TempDir(), "d")}
		set(&c)
		_, err := New(context.Background(), c)
		require.ErrorContains(t, err, want)
	}
}
