package drivertest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/driver"
	"github.com/bayplan/bayplan/ecs/message"
)

var errBusy, errUnknown = errors.New("busy"), errors.New("unknown")

// book remembers what was carried out, in memory. fault names what it does wrong, "" nothing.
type book struct {
	fault  string
	mu     sync.Mutex
	busy   int
	epochs map[string]uint64
	values map[string]int
	order  []string
}

func newBook(fault string) *book {
	return &book{fault: fault, epochs: map[string]uint64{}, values: map[string]int{}}
}

// next is the book after a restart.
func (b *book) next() *book {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := newBook(b.fault)
	if b.fault != "forgets all in a restart" {
		n.order = slices.Clone(b.order)
	}
	if b.fault != "forgets epochs in a restart" {
		n.epochs = maps.Clone(b.epochs)
	}
	return n
}

// carry calls f if the command is new.
func (b *book) carry(ctx context.Context, k message.Key, f func() error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fault == "one at a time" {
		b.busy++
		busy := b.busy
		b.mu.Unlock()
		time.Sleep(time.Millisecond)
		b.mu.Lock()
		b.busy--
		if busy > 1 {
			return errBusy
		}
	}
	old := b.epochs[k.Target] >= k.Epoch && b.fault != "no memory of epochs"
	if b.fault == "repeats" {
		old = b.epochs[k.Target] > k.Epoch
	}
	if err := ctx.Err(); err != nil {
		if b.fault == "cancelled counts as done" {
			b.epochs[k.Target] = k.Epoch
		}
		return err
	}
	if old {
		return nil
	}
	b.epochs[k.Target] = k.Epoch
	return f()
}

func (b *book) add(ctx context.Context, k message.Key, name string) error {
	return b.carry(ctx, k, func() error {
		if b.fault == "room for one" {
			clear(b.order)
			b.order = nil
		}
		if b.fault == "adds on" {
			name += "+"
		}
		if b.fault == "repeats" || !slices.Contains(b.order, name) {
			b.order = append(b.order, name)
		}
		return nil
	})
}

func (b *book) remove(ctx context.Context, k message.Key, name string) error {
	return b.carry(ctx, k, func() error {
		if b.fault == "refuses the unknown" && !slices.Contains(b.order, name) {
			return errUnknown
		}
		if b.fault == "removes nothing" {
			return nil
		}
		b.order = slices.DeleteFunc(b.order, func(have string) bool { return have == name })
		return nil
	})
}

func (b *book) names() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.order)
}

func (b *book) set(ctx context.Context, k message.Key, value int) error {
	return b.carry(ctx, k, func() error {
		switch {
		case b.fault == "one for all":
			b.values[""] = value
		case b.fault == "repeats":
			b.values[k.Target] += value
		case b.fault == "only the first" && b.values[k.Target] != 0:
		default:
			b.values[k.Target] = value
		}
		return nil
	})
}

func (b *book) get(id string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fault == "one for all" {
		id = ""
	}
	return b.values[id]
}

// interfaces, volumes, targets, discovery, fleet and listeners are books under the interfaces' names.
type interfaces struct{ *book }

func (n interfaces) AttachNetworkInterface(ctx context.Context, c message.AttachNetworkInterface) (string, error) {
	err := n.add(ctx, c.ID, string(c.Task))
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.values[string(c.Task)] == 0 || n.fault == "a new address each time" {
		n.values[""]++
		n.values[string(c.Task)] = n.values[""]
	}
	if n.fault == "no address" {
		return "", err
	}
	return fmt.Sprintf("10.0.0.%d", n.values[string(c.Task)]), err
}

func (n interfaces) DetachNetworkInterface(ctx context.Context, c message.DetachNetworkInterface) error {
	return n.remove(ctx, c.ID, string(c.Task))
}

type volumes struct{ *book }

func (v volumes) AttachVolume(ctx context.Context, c message.AttachVolume) (string, error) {
	err := v.add(ctx, c.ID, string(c.Task))
	switch v.fault {
	case "no volume":
		return "", err
	case "a new volume each time":
		v.mu.Lock()
		defer v.mu.Unlock()
		v.values[""]++
		return fmt.Sprintf("vol-%d", v.values[""]), err
	}
	return "vol-" + string(c.Task), err
}

func (v volumes) DetachVolume(ctx context.Context, c message.DetachVolume) error {
	return v.remove(ctx, c.ID, string(c.Task))
}

func newVolumes(fault string) Volumes { return volumesOf(newBook(fault)) }

func volumesOf(b *book) Volumes {
	return Volumes{Volumes: volumes{b}, Restart: func() Volumes { return volumesOf(b.next()) }, Attached: func() (all []ecs.TaskID) {
		for _, id := range b.names() {
			all = append(all, ecs.TaskID(id))
		}
		return all
	}}
}

func newInterfaces(fault string) NetworkInterfaces { return interfacesOf(newBook(fault)) }

func interfacesOf(b *book) NetworkInterfaces {
	restart := func() NetworkInterfaces { return interfacesOf(b.next()) }
	return NetworkInterfaces{NetworkInterfaces: interfaces{b}, Restart: restart, Attached: func() (all []ecs.TaskID) {
		for _, id := range b.names() {
			all = append(all, ecs.TaskID(id))
		}
		return all
	}}
}

type targets struct {
	*book
	notify func(message.Event)
}

func (v targets) RegisterTarget(ctx context.Context, c message.RegisterTarget) error {
	err := v.add(ctx, c.ID, fmt.Sprintf("%s:%d", c.Target, c.Port))
	if err == nil && v.fault != "says nothing" {
		v.notify(message.TargetHealth{TargetGroupArn: c.TargetGroupArn, Target: c.Target,
			Port: c.Port, State: "healthy"})
	}
	return err
}

func (v targets) DeregisterTarget(ctx context.Context, c message.DeregisterTarget) error {
	err := v.remove(ctx, c.ID, fmt.Sprintf("%s:%d", c.Target, c.Port))
	if err == nil && v.fault != "drains for ever" {
		v.notify(message.TargetHealth{TargetGroupArn: c.TargetGroupArn, Target: c.Target,
			Port: c.Port, State: "unused"})
	}
	return err
}

func newTargets(fault string, notify func(message.Event)) Targets {
	return targetsOf(newBook(fault), notify)
}

func targetsOf(b *book, notify func(message.Event)) Targets {
	return Targets{Restart: func() Targets { return targetsOf(b.next(), notify) },
		Targets: targets{b, notify}, Registered: func(string) []string { return b.names() },
		Wait: 500 * time.Millisecond}
}

type discovery struct{ *book }

func (d discovery) RegisterInstance(ctx context.Context, c message.RegisterInstance) error {
	return d.add(ctx, c.ID, string(c.Task))
}

func (d discovery) DeregisterInstance(ctx context.Context, c message.DeregisterInstance) error {
	return d.remove(ctx, c.ID, string(c.Task))
}

func newDiscovery(fault string) Discovery { return discoveryOf(newBook(fault)) }

func discoveryOf(b *book) Discovery {
	return Discovery{Restart: func() Discovery { return discoveryOf(b.next()) },
		Discovery: discovery{b}, Registered: func(string) (all []ecs.TaskID) {
			for _, id := range b.names() {
				all = append(all, ecs.TaskID(id))
			}
			return all
		}}
}

type fleet struct{ *book }

func (f fleet) SetDesiredCapacity(ctx context.Context, c message.SetDesiredCapacity) error {
	return f.set(ctx, c.ID, c.DesiredCapacity)
}

func newFleet(fault string) Fleet {
	b := newBook(fault)
	return Fleet{Fleet: fleet{b}, DesiredCapacity: b.get}
}

type listeners struct{ *book }

func (l listeners) ModifyTraffic(ctx context.Context, c message.ModifyTraffic) error {
	return l.set(ctx, c.ID, c.Weights[0].Weight)
}

func newListeners(fault string) Listeners {
	b := newBook(fault)
	return Listeners{Listeners: listeners{b}, Weights: func(rule string) []message.TargetGroupWeight {
		return []message.TargetGroupWeight{{TargetGroupArn: "green", Weight: 100 - b.get(rule)},
			{TargetGroupArn: "blue", Weight: b.get(rule)}}
	}}
}

// agent runs tasks in memory: each takes a moment to start and to stop.
type agent struct {
	*book
	notify func(message.Event)
	tasks  map[ecs.TaskID]*message.TaskStateChange
	seen   uint64
	number int

	forgets bool   // its tasks, when it is started again
	life    uint64 // where it forgets
	floor   uint64 // what its lives before have seen
	over    bool   // it was started again

	inherited map[ecs.TaskID]bool // from the life before

	bound map[ecs.TaskID][]ecs.NetworkBinding
	slow  map[ecs.TaskID]bool // to stop
	free  int
}

func newAgent(fault string, notify func(message.Event)) Agent {
	a := &agent{book: newBook(fault), notify: notify, tasks: map[ecs.TaskID]*message.TaskStateChange{},
		bound: map[ecs.TaskID][]ecs.NetworkBinding{}, slow: map[ecs.TaskID]bool{}}
	return a.fixture()
}

// newForgetful is a newAgent that keeps nothing but the highest epoch when it is started again.
func newForgetful(fault string, notify func(message.Event)) Agent {
	a := &agent{book: newBook(fault), notify: notify, tasks: map[ecs.TaskID]*message.TaskStateChange{}, forgets: true,
		life: 1, bound: map[ecs.TaskID][]ecs.NetworkBinding{}, slow: map[ecs.TaskID]bool{}}
	return a.fixture()
}

func (a *agent) fixture() Agent {
	container := []ecs.ContainerDefinition{{Name: "sleep"}}
	return Agent{Agent: a, Report: a.report, Restart: func() Agent { return a.restart().fixture() },
		Engine: Engine{Stubborn: ecs.TaskDefinition{Family: "stubborn", ContainerDefinitions: container},
			Serving:  ecs.TaskDefinition{Family: "serving", ContainerDefinitions: container},
			FreePort: func() int { a.free++; return 32768 + a.free }, Reaches: a.reaches},
		Wait: 500 * time.Millisecond}
}

// restart ends the agent and returns the next one.
func (a *agent) restart() *agent {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.over = true
	next := &agent{book: newBook(a.fault), notify: a.notify, tasks: map[ecs.TaskID]*message.TaskStateChange{},
		number: a.number, forgets: a.forgets, inherited: map[ecs.TaskID]bool{},
		bound: a.bound, slow: a.slow}
	if a.forgets {
		next.life, next.floor = a.life+1, max(a.floor, a.seen)
		switch a.fault {
		case "starts what is lost":
			next.floor = 0
		case "starts nothing more":
			next.floor = 1 << 60
		}
		return next
	}
	next.seen, next.epochs = a.seen, a.epochs
	if a.fault == "forgets epochs" {
		next.epochs = map[string]uint64{}
	}
	for id, t := range a.tasks { //order:any each by itself
		kept := *t
		if a.fault == "counts from 1" {
			kept.Sequence = 0
		}
		next.tasks[id], next.inherited[id] = &kept, true
		if kept.Status == ecs.TaskStatusPending && a.fault != "leaves what was starting" {
			next.later(&kept, ecs.TaskStatusRunning)
		}
	}
	return next
}

func (a *agent) StartTask(ctx context.Context, c message.StartTask) error {
	if a.fault == "sleeps on" {
		time.Sleep(time.Minute)
	}
	if a.fault == "refuses what it has" && a.inherited[c.Task] {
		return errUnknown
	}
	return a.carry(ctx, c.ID, func() error {
		a.seen = max(a.seen, c.ID.Epoch)
		t, again := a.tasks[c.Task]
		if !again && c.ID.Epoch <= a.floor {
			return driver.Permanent(errUnknown)
		}
		if !again || t.Status == ecs.TaskStatusStopped {
			t = &message.TaskStateChange{Cluster: c.Cluster, Task: c.Task, Instance: c.Instance, Life: a.life}
			a.tasks[c.Task] = t
		}
		if a.fault == "another cluster" {
			t.Cluster = "other"
		}
		a.slow[c.Task] = c.TaskDefinition.Family == "stubborn"
		if !a.bind(c) {
			t.Reason = "port in use"
			a.move(t, ecs.TaskStatusPending, "")
			a.later(t, ecs.TaskStatusStopped)
			return nil
		}
		a.number++
		a.move(t, ecs.TaskStatusPending, fmt.Sprint("run-", a.number))
		a.later(t, ecs.TaskStatusRunning)
		return nil
	})
}

func (a *agent) StopTask(ctx context.Context, c message.StopTask) error {
	return a.carry(ctx, c.ID, func() error {
		a.seen = max(a.seen, c.ID.Epoch)
		t, ok := a.tasks[c.Task]
		switch {
		case !ok && (a.fault == "refuses the unknown"):
			return errUnknown
		case ok && t.Status == ecs.TaskStatusStopped && a.fault == "refuses the stopped":
			return errUnknown
		case ok && a.fault == "stops nothing of its life before" && a.inherited[c.Task]:
		case ok && a.fault != "stops nothing":
			if a.slow[c.Task] && a.fault == "kills nobody" {
				return nil
			}
			a.later(t, ecs.TaskStatusStopped)
		}
		return nil
	})
}

func (a *agent) later(t *message.TaskStateChange, status ecs.TaskStatus) {
	wait := time.Millisecond
	if a.slow[t.Task] && status == ecs.TaskStatusStopped && a.fault != "ignores stopTimeout" {
		wait = 2 * time.Second
	}
	go func() {
		time.Sleep(wait)
		a.mu.Lock()
		defer a.mu.Unlock()
		if !a.over {
			a.move(t, status, "")
		}
	}()
}

func (a *agent) move(t *message.TaskStateChange, status ecs.TaskStatus, run string) {
	if status == ecs.TaskStatusRunning && (t.Status == ecs.TaskStatusStopped ||
		t.Status == status && a.fault != "repeats") {
		return
	}
	t.Status = status
	if run == "" && len(t.Containers) > 0 {
		run = t.Containers[0].RuntimeID
	}
	if t.Sequence++; a.fault == "numbers nothing" {
		t.Sequence = 0
	}
	t.Containers = []message.ContainerStateChange{{Name: "sleep", Status: ecs.ContainerStatus(status), RuntimeID: run,
		NetworkBindings: a.bound[t.Task]}}
	if status == ecs.TaskStatusStopped {
		a.unbind(t)
	}
	a.notify(*t)
	if a.fault == "goes back" && status == ecs.TaskStatusStopped {
		t.Sequence++
		back := *t
		back.Status = ecs.TaskStatusPending
		a.notify(back)
	}
}

// bind gives a task its ports; false if another one has them.
func (a *agent) bind(c message.StartTask) bool {
	for _, bindings := range c.NetworkBindings {
		for id, held := range a.bound {
			if id != c.Task && held[0].HostPort == bindings[0].HostPort && a.fault != "reuses a port" {
				return false
			}
		}
		if a.fault == "reports other ports" {
			bindings = []ecs.NetworkBinding{{HostPort: 1}}
		}
		a.bound[c.Task] = bindings
	}
	return true
}

func (a *agent) unbind(t *message.TaskStateChange) {
	if a.slow[t.Task] && a.fault != "forgets the exit code" {
		t.Containers[0].ExitCode = ecs.Some(137)
	}
	if a.fault == "stops the neighbour" {
		clear(a.bound)
	}
	if a.fault != "keeps ports" {
		delete(a.bound, t.Task)
	}
}

func (a *agent) reaches(port int) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, held := range a.bound {
		if held[0].HostPort == port {
			return nil
		}
	}
	return errUnknown
}

func (a *agent) report() message.InstanceReport {
	a.mu.Lock()
	defer a.mu.Unlock()
	r := message.InstanceReport{Cluster: "default", Instance: "i", Life: a.life, Seen: a.seen}
	for id, t := range a.tasks {
		if a.fault == "reports half" && id == one {
			continue
		}
		r.Tasks = append(r.Tasks, *t)
	}
	return r
}

// memory is a journal in memory.
type memory struct {
	fault string
	kept  []control.Record
}

func (m *memory) Append(ctx context.Context, records []control.Record) error {
	if err := ctx.Err(); err != nil {
		if m.fault == "half of what is cancelled" {
			m.kept = append(m.kept, records[:len(records)/2]...)
		}
		return err
	}
	if m.fault == "room for 200" && len(records) > 200 {
		records = records[:200]
	}
	if m.fault == "nothing is all" && len(records) == 0 {
		m.kept = nil
	}
	for _, r := range records {
		if m.fault != "the caller's" {
			r.Input = bytes.Clone(r.Input)
		}
		if m.fault == "not the fifth" && r.Sequence == 5 {
			continue
		}
		m.kept = append(m.kept, r)
	}
	return nil
}

func newMemory(fault string) Journal {
	m := &memory{fault: fault}
	return Journal{Journal: m, Records: func() ([]control.Record, error) {
		if m.fault == "a ghost" {
			return records(1, uint64(len(m.kept))+1), nil
		}
		return m.kept, nil
	}}
}

// clock is time, or nearly.
type clock struct {
	fault string
	mu    sync.Mutex
	looks int
	waits int
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.looks++; c.fault == "jumps back" && c.looks%10 == 0 {
		return time.Now().Add(-time.Minute)
	}
	return time.Now()
}

func (c *clock) Wait(ctx context.Context, until time.Time) error {
	c.mu.Lock()
	c.waits++
	crowd := c.waits > 1
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.waits--
	}()
	switch c.fault {
	case "early":
		return nil
	case "hangs on the past":
		if !until.After(time.Now()) {
			time.Sleep(time.Hour)
		}
	case "ignores the context":
		ctx = context.Background()
	case "one waits":
		if crowd {
			return errBusy
		}
	}
	timer := time.NewTimer(time.Until(until))
	defer timer.Stop()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// measured is a Metrics in memory.
type measured struct {
	fault   string
	mu      sync.Mutex
	samples map[string][]cloudwatch.Sample
}

func newMetrics(fault string) Metrics {
	m := &measured{fault: fault, samples: map[string][]cloudwatch.Sample{}}
	return Metrics{Metrics: m, Measure: m.measure}
}

func (m *measured) measure(service string, d cloudwatch.Sample) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fault == "one for all" {
		service = ""
	}
	m.samples[service] = append(m.samples[service], d)
}

func (m *measured) GetMetric(ctx context.Context, c message.GetMetric) (list []cloudwatch.Sample, err error) {
	if ctx.Err() != nil && m.fault != "cancelled reads" {
		return nil, ctx.Err()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	service := c.Service
	switch m.fault {
	case "one for all":
		service = ""
	case "something":
		if len(m.samples[service]) == 0 {
			return []cloudwatch.Sample{{At: c.From}}, nil
		}
	case "everything":
		return m.samples[service], nil
	}
	for _, d := range m.samples[service] {
		if c.From <= d.At && d.At < c.To {
			list = append(list, d)
		}
	}
	switch {
	case m.fault == "loses the last" && len(list) > 0:
		list = list[:len(list)-1]
	case m.fault == "reads once" || m.fault == "cancelled reads" && ctx.Err() != nil:
		m.samples[service] = nil
	}
	return list, nil
}
