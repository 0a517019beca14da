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
	restart := func() Volumes { return volumesOf(b.next()) }
	return Volumes{Volumes: volumes{b}, Restart: restart, Attached: func() (all []ecs.TaskID) {
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

// memory is a journal in memory.
type memory struct {
	fault  string
	kept   *[]control.Record // of all writers
	writer *int              // the last that took over
	own    int
}

func (m *memory) Append(ctx context.Context, records []control.Record) error {
	if err := ctx.Err(); err != nil {
		if m.fault == "half of what is cancelled" {
			*m.kept = append(*m.kept, records[:len(records)/2]...)
		}
		return err
	}
	if m.fault == "room for 200" && len(records) > 200 {
		records = records[:200]
	}
	if m.fault == "nothing is all" && len(records) == 0 {
		*m.kept = nil
	}
	if m.own != *m.writer && m.fault != "two writers" && (m.fault != "a word first" || m.spoken()) {
		return errBusy
	}
	for _, r := range records {
		if m.fault != "the caller's" {
			r.Input = bytes.Clone(r.Input)
		}
		if m.fault == "not the fifth" && r.Sequence == 5 {
			continue
		}
		*m.kept = append(*m.kept, r)
	}
	return nil
}

// spoken reports whether the writer that took over has appended something.
func (m *memory) spoken() bool { return len(*m.kept) > 4 }

func newMemory(fault string) Journal {
	m := &memory{fault: fault, kept: new([]control.Record), writer: new(int)}
	return Journal{Journal: m, Records: func() ([]control.Record, error) {
		if m.fault == "a ghost" {
			return records(1, uint64(len(*m.kept))+1), nil
		}
		return *m.kept, nil
	}, TakeOver: func() (driver.Journal, error) {
		next := *m
		*m.writer++
		next.own = *m.writer
		return &next, nil
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
