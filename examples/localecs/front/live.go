package front

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/driver"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/ecs/sim"
	ops "github.com/bayplan/bayplan/examples/localecs/front/operation"
)

// World is a world that is not simulated: its time passes by itself, and others act in it. A [Live] is one.
type World interface {
	// Do calls f with the plane and the world's time, one call at a time. It returns f's error, or nil once what f
	// did is durable. f may still be called after ctx has ended.
	Do(ctx context.Context, f func(p *control.Plane, now time.Time) error) error
	// Watch has f called with each change from now on, instead of with the function of the last Watch.
	Watch(f func(message.Change))
	// Changes yields the newest changes that the world keeps, in order.
	Changes() iter.Seq[message.Change]
}

// Live is the world of a loop that runs.
type Live struct {
	*driver.Loop
	*Recent // whose Observe is that of the loop's Runtime
}

// mostRecent is how many changes a Recent keeps. Each is a few hundred bytes.
const mostRecent = 10_000

// Recent keeps the newest 10,000 changes that a loop shows. The zero Recent is empty. It is safe for concurrent use.
type Recent struct {
	mu      sync.Mutex
	changes []message.Change
	watch   func(message.Change)
}

// Observe takes changes, as driver.Runtime.Observe does.
func (r *Recent) Observe(changes []message.Change) {
	r.mu.Lock()
	r.changes = append(r.changes, changes...)
	if len(r.changes) > mostRecent+mostRecent/4 {
		r.changes = slices.Clone(r.changes[len(r.changes)-mostRecent:])
	}
	watch := r.watch
	r.mu.Unlock()
	if watch == nil {
		return
	}
	for _, c := range changes {
		watch(c)
	}
}

// Watch is that of [World].
func (r *Recent) Watch(f func(message.Change)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.watch = f
}

// Changes is that of [World].
func (r *Recent) Changes() iter.Seq[message.Change] {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Values(slices.Clone(r.changes[max(0, len(r.changes)-mostRecent):]))
}

// lent is a world while a call has it.
type lent interface {
	ops.World
	Changes() iter.Seq[message.Change]
}

// borrowed is a live world while a call has it.
type borrowed struct {
	plane *control.Plane
	now   time.Time
	of    World
}

func (b borrowed) Plane() *control.Plane             { return b.plane }
func (b borrowed) Now() time.Time                    { return b.now }
func (b borrowed) Changes() iter.Seq[message.Change] { return b.of.Changes() }

func (b borrowed) Do(f func(p *control.Plane, now time.Time) error) error { return f(b.plane, b.now) }

// seen is a live world as the console reads it.
type seen struct{ World }

// Read lends the plane.
func (s seen) Read(f func(p *control.Plane, now time.Time) error) error {
	return s.Do(context.Background(), f) // it must not return while f may still be called
}

// simulate has the region stand in front of a simulated world.
func (s *region) simulate(w *sim.World) { s.world, s.sim = w, w }

// lend calls f with the region of a live world, and returns what it answers when what it did is durable.
func lend[T any](ctx context.Context, s *region, f func(*region) (T, error)) (T, error) {
	var out, none T
	err := s.live.Do(ctx, func(p *control.Plane, now time.Time) (err error) {
		out, err = f(&region{config: s.config, live: s.live, world: borrowed{p, now, s.live}})
		return err
	})
	if err != nil {
		return none, err // out may still be written
	}
	return out, nil
}

// errLive is why nobody drives the time of a live world.
var errLive = errors.New("front: the world is not simulated")

// checkLive refuses what only simulated worlds have.
func (c Config) checkLive() error {
	if c.World == nil {
		if c.Images != nil {
			return errors.New("front: Images is of a World, and there is none")
		}
		return nil
	}
	for _, f := range []struct {
		name string
		set  bool
	}{{"Instances", c.Instances != 0}, {"Manual", c.Manual}, {"Journal", c.Journal != ""},
		{"SimulateAgents", c.SimulateAgents}, {"AdvanceOnPoll", c.AdvanceOnPoll}, {"Explain", c.Explain},
		{"Speed", c.Speed != 1}, {"Seed", c.Seed != 0}} {
		if f.set {
			return fmt.Errorf("front: %s is of simulated worlds, and World is not one", f.name)
		}
	}
	return nil
}

// refuseSimulated has the actions refused that a live world cannot carry out, which may have a registry.
func refuseSimulated(all map[string]table, registry bool) {
	refuse := func(service, why string, names ...string) {
		for _, name := range names {
			op := all[service][name]
			op.Decode = func(*http.Request, []byte) (any, call, error) {
				return nil, nil, ecs.Fault(ecs.UnsupportedFeatureException, "",
					fmt.Sprintf("%s is served in front of simulated worlds only: %s.", name, why))
			}
			all[service][name] = op
		}
	}
	const agents = "the container instances of this world have their agents, which report by themselves"
	refuse("ecs", agents, "RegisterContainerInstance", "DiscoverPollEndpoint", "SubmitTaskStateChange",
		"SubmitContainerStateChange", "SubmitAttachmentStateChanges")
	refuse("ecs", "nothing would keep the setting", "PutAccountSetting", "PutAccountSettingDefault",
		"DeleteAccountSetting")
	for name := range all["autoscaling"] { //order:any each by itself
		refuse("autoscaling", "this world has no Auto Scaling groups", name)
	}
	for name := range all["ecr"] { //order:any each by itself
		if registry {
			break
		}
		refuse("ecr", "this world pulls no images", name)
	}
}

// locallyLive serves what is local of a live world: what looks at it. Nobody sets its time, and nothing is told how to
// behave.
func (s *Server) locallyLive(r *http.Request) (localAnswer, error) {
	first, err := s.region(r.URL.Query().Get("region"))
	switch {
	case err != nil:
		return localAnswer{}, err
	case r.Method != http.MethodGet:
		return localAnswer{}, ecs.Fault(ecs.UnsupportedFeatureException, "", fmt.Sprintf(
			"%s %s is for simulated worlds. Here programs run, and time passes by itself.", r.Method, r.URL.Path))
	}
	return lend(r.Context(), first, func(s *region) (localAnswer, error) { return s.control(r, nil) })
}
