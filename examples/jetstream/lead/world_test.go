package lead_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/driver"
	"github.com/bayplan/bayplan/ecs/driver/agent"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/examples/jetstream/bus"
	"github.com/bayplan/bayplan/examples/jetstream/check"
	"github.com/bayplan/bayplan/examples/jetstream/journal"
	"github.com/bayplan/bayplan/examples/jetstream/lead"
	"github.com/bayplan/bayplan/examples/jetstream/remote"
	"github.com/bayplan/bayplan/examples/jetstream/serve"
	"github.com/bayplan/bayplan/examples/jetstream/stream"
	"github.com/bayplan/bayplan/examples/localecs/front"
)

// plants are the faults that the schedules must find.
type plants struct {
	unfenced  bool // the stream does not compare numbers
	unclaimed bool // a member leads without a claim
	forgetful bool // agents know neither keys nor epochs
}

// world is members and agents in virtual time.
type world struct {
	t      *testing.T
	ctx    context.Context // of all that runs
	cancel context.CancelFunc
	plants plants
	stream *stream.Memory
	bus    *bus.Memory
	seed   uint64
	all    sync.WaitGroup

	witness check.Witness
	members []*machine
	agents  []*machine

	mu     sync.Mutex
	rng    *rand.Rand
	faulty bool // messages are lost, late and repeated
	down   bool // the servers are
	starts []check.Start
}

// machine is one that a member or an agent runs on, in its present life.
type machine struct {
	name    string
	link    *link
	cancel  context.CancelFunc
	member  *lead.Member
	handler *serve.Handler
	begin   func(m *machine)
	crate   *crate        // what an agent's machine runs
	rules   string        // of a member; empty: those of the program
	off     time.Duration // of a member's clock
}

// link is the network of a machine in one life.
type link struct {
	world *world

	mu      sync.Mutex
	dead    bool
	cut     bool
	resumes chan struct{} // closed when it goes on; nil: it is not paused
}

var errDown = errors.New("the network is down")

// pass waits while the machine is paused, and says whether a message gets through.
func (l *link) pass() error {
	l.mu.Lock()
	resumes := l.resumes
	l.mu.Unlock()
	if resumes != nil {
		<-resumes
	}
	l.world.mu.Lock()
	down := l.world.down
	l.world.mu.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.dead || l.cut || down {
		return errDown
	}
	return nil
}

// draw returns how late a message is, and how often it arrives.
func (w *world) draw() (late time.Duration, times int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	late, times = time.Duration(w.rng.IntN(20))*time.Millisecond, 1
	if !w.faulty {
		return late, times
	}
	switch w.rng.IntN(10) {
	case 0:
		times = 0
	case 1:
		times = 2
	case 2:
		late = time.Duration(w.rng.IntN(4000)) * time.Millisecond
	}
	return late, times
}

// Before is that of stream.Faults.
func (l *link) Before(ctx context.Context, _ string) error {
	late, times := l.world.draw()
	time.Sleep(late)
	if err := l.pass(); err != nil || times == 0 {
		time.Sleep(300 * time.Millisecond)
		return errDown
	}
	return ctx.Err()
}

// After is that of stream.Faults.
func (l *link) After(_ context.Context, call string) error {
	if _, times := l.world.draw(); times == 0 && call == "Publish" {
		return errDown
	}
	return l.pass()
}

// arrivals is how often a message of the bus arrives.
func (l *link) arrivals() int {
	late, times := l.world.draw()
	time.Sleep(late)
	if l.pass() != nil {
		return 0
	}
	return times
}

func newWorld(t *testing.T, seed uint64, p plants) *world {
	w := &world{t: t, plants: p, seed: seed, stream: stream.NewMemory(8 << 10), bus: bus.NewMemory(),
		rng: rand.New(rand.NewPCG(seed, 1))}
	w.ctx, w.cancel = context.WithCancel(t.Context())
	if p.unfenced {
		w.stream.Unfenced()
	}
	w.all.Go(func() { w.witness.Run(w.ctx, w.stream, w.stream.Objects()) })
	for i := range 3 {
		w.members = append(w.members, &machine{name: fmt.Sprintf("member%d", i), begin: w.member})
	}
	for _, m := range w.members {
		w.start(m)
	}
	return w
}

// start begins a life of a machine.
func (w *world) start(m *machine) {
	m.link = &link{world: w}
	m.begin(m)
}

// kill ends a life as kill -9 does: nothing of it reaches anybody any more.
func (w *world) kill(m *machine) {
	m.link.mu.Lock()
	m.link.dead = true
	m.link.mu.Unlock()
	m.cancel()
}

// member begins a life of a member.
func (w *world) member(m *machine) {
	ctx, cancel := context.WithCancel(w.ctx)
	m.cancel = cancel
	b, mine, recent := w.bus.Client(m.link.arrivals), w.stream.Client(m.link), &front.Recent{}
	every, off := -1, m.off
	if w.seed%2 == 1 {
		every = 60
	}
	member := lead.New(lead.Config{Name: m.name, Prefix: "test", Stream: mine, Objects: mine.Objects(), Bus: b,
		Journal: journal.Config{SnapshotEvery: every, Rules: m.rules, Unclaimed: w.plants.unclaimed,
			Now: func() time.Time { return time.Now().Add(off) }},
		Runtime: func(term uint64) driver.Runtime {
			return driver.Runtime{Agent: remote.Agents{Bus: b, Prefix: "test", Term: term}, Observe: recent.Observe}
		},
		Watch: func(ctx context.Context, loop *driver.Loop) error {
			return remote.Watch(ctx, b, "test", m.name, loop)
		}})
	handler, err := serve.New(serve.Config{Member: member, Name: m.name, Bus: b, Prefix: "test", Recent: recent})
	require.NoError(w.t, err)
	forwarded, err := handler.Listen()
	require.NoError(w.t, err)
	w.mu.Lock()
	m.member, m.handler = member, handler
	w.mu.Unlock()
	w.all.Go(func() {
		defer forwarded()
		for ctx.Err() == nil {
			_ = member.Run(ctx) // with a planted fault, what it says is not readable
			time.Sleep(time.Second)
		}
	})
}

// enroll begins an agent of an instance that the plane has.
func (w *world) enroll(id ecs.InstanceID) {
	file := filepath.Join(w.t.TempDir(), "agent")
	m := &machine{name: string(id), crate: &crate{world: w, instance: id, runs: map[string]*run{}}}
	m.begin = func(m *machine) { w.agent(m, id, file) }
	w.agents = append(w.agents, m)
	w.start(m)
}

// agent begins a life of an agent, which finds what runs.
func (w *world) agent(m *machine, id ecs.InstanceID, file string) {
	ctx, cancel := context.WithCancel(w.ctx)
	m.cancel = cancel
	l := remote.NewLink(remote.Config{Bus: w.bus.Client(m.link.arrivals), Prefix: "test", Cluster: "default",
		Instance: id})
	a, err := agent.New(agent.Config{Cluster: "default", Instance: id, Containers: m.crate, File: file,
		Notify: l.Notify})
	require.NoError(w.t, err)
	var served remote.Reporter = a
	if w.plants.forgetful {
		served = forgetful{a, m.crate}
	}
	w.all.Go(func() {
		_ = l.Serve(ctx, served) // it ends with its context
		a.Close()
	})
}

// forgetful starts what it is told to, each time.
type forgetful struct {
	remote.Reporter
	crate *crate
}

func (f forgetful) StartTask(ctx context.Context, c message.StartTask) error {
	f.crate.note(agent.Container{Task: &c})
	return f.Reporter.StartTask(ctx, c)
}

// crate is the containers of an instance. They outlive the agent.
type crate struct {
	world    *world
	instance ecs.InstanceID
	mu       sync.Mutex
	runs     map[string]*run
}

type run struct{ over chan struct{} }

// of returns a run, and whether it has begun.
func (k *crate) of(c agent.Container) (string, *run, bool) {
	name := fmt.Sprint(c.Task.Task, " ", c.Index, " ", c.Run)
	k.mu.Lock()
	defer k.mu.Unlock()
	r, ok := k.runs[name]
	return name, r, ok
}

func (k *crate) note(c agent.Container) {
	k.world.mu.Lock()
	defer k.world.mu.Unlock()
	k.world.starts = append(k.world.starts, check.Start{Instance: k.instance, Key: c.Task.ID, Task: c.Task.Task,
		Index: c.Index, Run: c.Run})
}

func (k *crate) Pull(context.Context, agent.Container) (string, error)   { return "", nil }
func (k *crate) Create(context.Context, agent.Container) (string, error) { return "id", nil }
func (k *crate) Start(_ context.Context, c agent.Container) error {
	name, _, begun := k.of(c)
	if begun {
		return nil
	}
	k.mu.Lock()
	k.runs[name] = &run{make(chan struct{})}
	k.mu.Unlock()
	k.note(c)
	return nil
}
func (k *crate) Wait(ctx context.Context, c agent.Container) (agent.Exit, error) {
	_, r, begun := k.of(c)
	if !begun {
		return agent.Exit{Lost: true}, nil
	}
	select {
	case <-r.over:
		return agent.Exit{Code: 143}, nil
	case <-ctx.Done():
		return agent.Exit{}, ctx.Err()
	}
}
func (k *crate) Stop(_ context.Context, c agent.Container) error {
	_, r, begun := k.of(c)
	k.mu.Lock()
	defer k.mu.Unlock()
	if begun {
		select {
		case <-r.over:
		default:
			close(r.over)
		}
	}
	return nil
}
func (k *crate) Kill(ctx context.Context, c agent.Container) error       { return k.Stop(ctx, c) }
func (k *crate) CheckHealth(context.Context, agent.Container) error      { return nil }
func (k *crate) Remove(context.Context, message.StartTask) error         { return nil }
func (k *crate) Sweep(context.Context, []ecs.TaskID, []ecs.TaskID) error { return nil }

// errRefused is the error of a call that the plane has refused.
var errRefused = errors.New("refused")

// call asks one member after the other until one has carried the request out, or until the end. A refusal of the plane
// ends it: whatever came before may have been carried out.
func (w *world) call(ctx context.Context, op string, in, out any) error {
	for i := 0; ; i++ {
		err := w.ask(ctx, w.members[i%len(w.members)], op, in, out)
		if err == nil || errors.Is(err, errRefused) || ctx.Err() != nil {
			return err
		}
		time.Sleep(300 * time.Millisecond)
	}
}

// ask makes one attempt, with the leader's answer.
func (w *world) ask(ctx context.Context, m *machine, op string, in, out any) error {
	input, err := json.Marshal(in)
	require.NoError(w.t, err)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://localhost/", bytes.NewReader(input))
	require.NoError(w.t, err)
	r.Header.Set("X-Amz-Target", "AmazonEC2ContainerServiceV20141113."+op)
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set(serve.ConsistentHeader, "1")
	w.mu.Lock()
	handler := m.handler
	w.mu.Unlock()
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, r)
	switch {
	case answer.Code == http.StatusOK:
		return json.Unmarshal(answer.Body.Bytes(), out)
	case answer.Code < 500:
		return fmt.Errorf("%w: %s", errRefused, answer.Body)
	}
	return fmt.Errorf("%d: %s", answer.Code, answer.Body)
}

// planes returns the planes of the members that answer.
func (w *world) planes() (all []check.Plane) {
	for _, m := range w.members {
		_, err := m.member.Read(w.ctx, func(p *control.Plane, _ time.Time) error {
			all = append(all, check.Look(m.name, p))
			return nil
		})
		if err != nil {
			w.t.Log(m.name, err)
		}
	}
	return all
}
