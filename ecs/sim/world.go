package sim

import (
	"container/heap"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"iter"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/message"
)

// World is a seeded world with virtual time around a control plane: agents with containers, network
// interfaces, load balancers and their health checks. It is deterministic: the same Config and the same
// calls give the same history. It is not safe for concurrent use.
type World struct {
	config     Config
	plane      *control.Plane
	now        time.Time
	queue      happenings
	sequence   uint64
	sequences  uint64 // of an adopted world: those of agents' words begin above it
	random     *rand.Rand
	agents     map[ecs.InstanceID]*agent
	targets    map[targetKey]*target
	seen       map[message.Key]answer // what was carried out, for repeated commands
	addresses  int
	instances  int
	wake       time.Time        // the plane's WakeAt that is in the queue
	remembered int              // in seen when it was last gone through
	changes    []message.Change // the newest, at most as many as the timeline has
	older      []message.Change // and those before, as many as it has, or none
	digest     hash.Hash        // of the commands; nil: none is kept
	commands   int              // that the plane has given
	watch      func(message.Change)
	refuse     func(image string) string
	loads      map[service]int
	samples    map[metric][]cloudwatch.Sample // for a plane that pulls metrics
	hooks      map[string]ecs.LifecycleHookStatus
	auto       *autoScaling
	origin     control.State // of the plane before its first record
	journal    []control.Record
	crash      crash
	around     func(step func()) // carries out each step in place of the world
	arrives    time.Time         // when the last message that is on its way does
	keep       func([]control.Record)
	met        Met
}

// New returns a world at its start time with an empty plane.
func New(config Config) *World {
	if config.Start.IsZero() {
		config.Start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	config.Times = config.Times.withDefaults()
	if config.Faults.MaxDelay == 0 {
		config.Faults.MaxDelay = 20 * time.Second
	}
	if config.Timeline <= 0 {
		config.Timeline = 100_000
	}
	config.Plane.Seed = config.Seed
	w := &World{
		config:  config,
		plane:   control.New(config.Plane),
		now:     config.Start.UTC(),
		random:  rand.New(rand.NewPCG(config.Seed, 0x6261_7970_6c61_6e21)),
		agents:  map[ecs.InstanceID]*agent{},
		targets: map[targetKey]*target{},
		loads:   map[service]int{},
		samples: map[metric][]cloudwatch.Sample{},
		hooks:   map[string]ecs.LifecycleHookStatus{},
		seen:    map[message.Key]answer{},
	}
	if config.Digest {
		w.digest = sha256.New()
	}
	w.origin = w.plane.State()
	w.auto = newAutoScaling(w)
	return w
}

// Plane returns the world's plane, for reading only. To change it, use Do.
func (w *World) Plane() *control.Plane { return w.plane }

// Now returns the world's time.
func (w *World) Now() time.Time { return w.now }

// Elapsed returns how much time has passed since the start.
func (w *World) Elapsed() time.Duration { return w.now.Sub(w.config.Start) }

// note shows what went wrong in the world, which the plane does not know.
func (w *World) note(c message.Change) {
	c.At = ecs.At(w.now)
	w.show([]message.Change{c})
}

// show appends changes to the timeline's window, and to the function of Watch.
func (w *World) show(changes []message.Change) {
	for left := changes; len(left) > 0; {
		if len(w.changes) == w.config.Timeline {
			w.older, w.changes = w.changes, make([]message.Change, 0, w.config.Timeline)
		}
		n := min(len(left), w.config.Timeline-len(w.changes))
		w.changes = append(w.changes, left[:n]...)
		left = left[n:]
	}
	if w.watch != nil {
		for _, c := range changes {
			w.watch(c)
		}
	}
}

// Do calls f with the plane and the world's time, and then hands out what follows.
func (w *World) Do(f func(p *control.Plane, now time.Time) error) (err error) {
	w.step(func() { err = f(w.plane, w.now) })
	return err
}

// step does something of which the plane may take notice, and hands out what follows.
func (w *World) step(do func()) {
	step := func() {
		do()
		w.drain()
	}
	if w.around != nil {
		w.around(step)
		return
	}
	step()
}

// Behave sets how containers of an image behave from now on; containers that run already still end when
// their earlier behaviour says.
func (w *World) Behave(image string, b Behaviour) {
	images := map[string]Behaviour{image: b}
	for k, v := range w.config.Images { //order:any copied
		if k != image {
			images[k] = v
		}
	}
	w.config.Images = images
}

// Refuse asks refuse, in place of an earlier one, at each pull of an image why its registry does not hand it
// out; "" lets the pull go on. nil refuses nothing, as a new world does. The reason follows
// "CannotPullContainerError: " in what the agent reports.
func (w *World) Refuse(refuse func(image string) string) { w.refuse = refuse }

// SetFaults changes the fault rates of the world; the zero Faults makes it calm.
func (w *World) SetFaults(f Faults) {
	if f.MaxDelay == 0 {
		f.MaxDelay = 20 * time.Second
	}
	w.config.Faults = f
}

// Changes yields the newest changes in order, at most Config.Timeline of them.
func (w *World) Changes() iter.Seq[message.Change] {
	older, newer := w.older, w.changes
	return func(yield func(message.Change) bool) {
		for _, half := range [][]message.Change{older[min(len(newer), len(older)):], newer} {
			for _, c := range half {
				if !yield(c) {
					return
				}
			}
		}
	}
}

// Watch calls f with each change as it happens, in place of an earlier f. After Watch(nil) nothing is
// called.
func (w *World) Watch(f func(message.Change)) { w.watch = f }

// Digest returns how many commands the plane has given and, with Config.Digest, the SHA-256 of all of
// them, in hexadecimal: two runs with the same digest gave the same commands. Without, sum is empty.
func (w *World) Digest() (commands int, sum string) {
	if w.digest == nil {
		return w.commands, ""
	}
	return w.commands, hex.EncodeToString(w.digest.Sum(nil))
}

// happening is something that will happen.
type happening struct {
	at       time.Time
	sequence uint64
	do       func()
}

type happenings []happening

func (h happenings) Len() int { return len(h) }
func (h happenings) Less(i, j int) bool {
	if !h[i].at.Equal(h[j].at) {
		return h[i].at.Before(h[j].at)
	}
	return h[i].sequence < h[j].sequence
}
func (h happenings) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

// Push is heap.Interface's.
func (h *happenings) Push(x any) { *h = append(*h, x.(happening)) }

// Pop is heap.Interface's.
func (h *happenings) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}

func (w *World) at(t time.Time, do func()) {
	w.sequence++
	heap.Push(&w.queue, happening{t, w.sequence, do})
}

func (w *World) after(d time.Duration, do func()) { w.at(w.now.Add(d), do) }

// Next returns when the next thing happens, and false if nothing will ever happen.
func (w *World) Next() (time.Time, bool) {
	if len(w.queue) == 0 {
		return time.Time{}, false
	}
	return w.queue[0].at, true
}

// Records yields every record of the plane so far, in order.
func (w *World) Records() iter.Seq[control.Record] { return slices.Values(w.journal) }

// Step lets the next thing happen. It returns false if nothing will ever happen.
func (w *World) Step() bool {
	if len(w.queue) == 0 {
		return false
	}
	h := heap.Pop(&w.queue).(happening)
	if h.at.After(w.now) {
		w.now = h.at
	}
	w.step(h.do)
	return true
}

// Advance lets everything happen that is due within d, and moves the time forward by d.
func (w *World) Advance(d time.Duration) {
	end := w.now.Add(d)
	for len(w.queue) > 0 && !w.queue[0].at.After(end) {
		w.Step()
	}
	w.now = end
}

// RunUntil lets things happen until done returns true. Messages that are on their way to the plane when
// it is called arrive first. The error says what the plane still waits for when the limit is reached or
// nothing ever happens again.
func (w *World) RunUntil(done func(*control.Plane) bool, limit time.Duration) error {
	for arrives := w.arrives; len(w.queue) > 0 && !w.queue[0].at.After(arrives); {
		w.Step()
	}
	end := w.now.Add(limit)
	for !done(w.plane) {
		if len(w.queue) == 0 || w.queue[0].at.After(end) {
			return fmt.Errorf("sim: not done after %s; outstanding: %v", limit, w.outstanding())
		}
		w.Step()
	}
	return nil
}

func (w *World) outstanding() []string {
	var keys []string
	for c := range w.plane.Outstanding() {
		keys = append(keys, c.Key().String())
	}
	return keys
}

// drain takes over what the plane wants.
func (w *World) drain() {
	for {
		r := w.plane.Ready()
		if len(r.Records) == 0 && len(r.Commands) == 0 && len(r.Changes) == 0 {
			w.alarm(r.WakeAt)
			return
		}
		w.keepRecords(r.Records)
		if w.crash == crashTorn {
			return // nobody sees what did not become durable
		}
		w.show(r.Changes)
		w.auto.alarmed(r.Changes)
		w.plane.Advance(r)
		if w.crash == crashUnsent {
			continue // what was to be sent never is
		}
		for _, c := range r.Commands {
			w.take(c)
		}
	}
}

// alarm puts the plane's next Tick into the queue.
func (w *World) alarm(at time.Time) {
	if at.IsZero() || !w.wake.IsZero() && !at.Before(w.wake) && w.wake.After(w.now) {
		return
	}
	w.wake = at
	w.at(at, func() {
		if w.wake.Equal(at) {
			w.wake = time.Time{}
		}
		w.plane.Tick(w.now)
	})
}

func (w *World) take(c message.Command) {
	w.commands++
	if w.digest != nil {
		data, err := json.Marshal(c)
		if err != nil {
			panic(fmt.Sprintf("sim: command %s has no JSON: %v", c.Key(), err))
		}
		fmt.Fprintf(w.digest, "%d %s %s\n", w.now.UnixNano(), c.Key(), data)
	}
	w.message(func() { w.carryOut(c) })
}

// message delivers something from one side to the other, as far as the faults let it, and
// reports whether it will arrive.
func (w *World) message(deliver func()) bool {
	f := w.config.Faults
	if f.Loss > 0 && w.random.Float64() < f.Loss {
		w.met.Lost++
		return false
	}
	times := 1
	if f.Repeat > 0 && w.random.Float64() < f.Repeat {
		w.met.Repeated++
		times = 2
	}
	for range times {
		delay := w.config.Times.Message
		if f.Delay > 0 && w.random.Float64() < f.Delay {
			w.met.Delayed++
			delay += time.Duration(w.random.Int64N(int64(f.MaxDelay)))
		}
		w.after(delay, deliver)
		if at := w.now.Add(delay); at.After(w.arrives) {
			w.arrives = at
		}
	}
	return true
}

// Tell sends an event to the plane, as any other message: it takes its time, and under
// faults it may be lost, repeated or late.
func (w *World) Tell(e message.Event) { w.tell(e) }

// tell sends an event to the plane. It returns whether the event will arrive.
func (w *World) tell(e message.Event) bool {
	return w.message(func() { w.plane.Observe(w.now, e) })
}

// insist sends an event until it arrives.
func (w *World) insist(e message.Event) {
	if !w.tell(e) {
		w.after(w.config.Times.Report, func() { w.insist(e) })
	}
}
