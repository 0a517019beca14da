// Package targets is the room of the control plane that keeps target groups, Classic Load Balancers
// among them, and the books of their targets. Groups belong to no service and outlive tasks.
//
// It knows no task: of a target's task it knows the ID, and of an instance the book of its ports.
package targets

import (
	"cmp"
	"fmt"
	"iter"
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/deadlines"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/loadbalance"
)

// Config is what Books are made with.
type Config struct {
	Core *core.Core
	Own  bool // the plane keeps the load balancers

	// Ports returns the book of ports of an instance by its EC2 ID; nil for an address, or an
	// instance that is gone.
	Ports func(target string) *loadbalance.Ports

	// Drained is called for each target whose deregistration delay is over, after it has left its
	// group and given its port back.
	Drained func(group string, t loadbalance.Target)
}

// Books are all target groups.
type Books struct {
	config Config
	kind   *deadlines.Kind
	groups []*group // in the order in which they came
	byName map[string]*group
}

// group is a target group, or a Classic Load Balancer, with the book of its targets.
type group struct {
	name string // ARN, or the Classic Load Balancer's name
	book *loadbalance.Targets
	wake ecs.Instant // when the next target has drained
}

// At is where a target stands.
type At struct {
	Group  string // name
	Target string // EC2 instance ID or address
	Port   uint16
	Zone   string
}

func (a At) description() loadbalance.TargetDescription {
	return loadbalance.TargetDescription{ID: a.Target, Port: a.Port, AvailabilityZone: a.Zone}
}

// New returns books without groups, which are registered with the timers.
func New(config Config, timers *deadlines.Timers) *Books {
	b := &Books{config: config, byName: map[string]*group{}}
	b.kind = timers.Register(deadlines.Owner{Name: "target group", Due: b.due, Serve: b.expire, All: b.deadlines})
	return b
}

func (b *Books) due(name string) (ecs.Instant, bool) {
	g, ok := b.byName[name]
	if !ok {
		return 0, false
	}
	return g.wake, true
}

func (b *Books) deadlines() iter.Seq2[string, ecs.Instant] {
	return func(yield func(string, ecs.Instant) bool) {
		for _, g := range b.groups {
			if !yield(g.name, g.wake) {
				return
			}
		}
	}
}

func (b *Books) add(book *loadbalance.Targets) *group {
	g := &group{name: book.Group().Name(), book: book}
	b.groups = append(b.groups, g)
	b.byName[g.name] = g
	return g
}

// watch sets when a group must be looked at.
func (b *Books) watch(g *group) {
	at, ok := g.book.NextExpiry()
	g.wake = 0
	if ok {
		g.wake = ecs.At(at)
		b.kind.Set(g.wake, g.name)
	}
}

// expire takes the targets out of a group that have drained.
func (b *Books) expire(name string) {
	g := b.byName[name]
	gone := g.book.Expire(nil, b.config.Core.Now().Time(), b.config.Ports)
	b.watch(g)
	for _, t := range gone {
		b.config.Drained(g.name, t)
	}
}

// Register puts a task's target into a group, which holds its port.
func (b *Books) Register(task ecs.TaskID, at At) error {
	return b.byName[at.Group].book.Register(task, at.description(), b.config.Core.Now().Time(), b.config.Ports)
}

// Drain begins the deregistration delay of a task's target. The error is that of a target that is not
// in the book.
func (b *Books) Drain(task ecs.TaskID, at At) error {
	g := b.byName[at.Group]
	if _, err := g.book.Deregister(task, at.description(), b.config.Core.Now().Time()); err != nil {
		return err
	}
	b.watch(g)
	return nil
}

// Report notes a load balancer's report about a target, and returns the target before and after it;
// false if the report says nothing new.
func (b *Books) Report(e message.TargetHealth) (before, after loadbalance.Target, changed bool) {
	g, ok := b.byName[e.TargetGroupArn]
	if !ok {
		return before, after, false
	}
	before, _ = g.book.Get(e.Target, uint16(e.Port))
	health := loadbalance.TargetHealth{State: loadbalance.State(e.State), Reason: loadbalance.Reason(e.Reason)}
	after, err := g.book.Report(e.Target, uint16(e.Port), b.config.Core.Now().Time(), health)
	return before, after, err == nil && after != before
}

// Suspend makes the targets of an instance in a group unused: they need not drain.
func (b *Books) Suspend(group, target string) {
	b.byName[group].book.Suspend(target, loadbalance.ReasonInvalidState, b.config.Core.Now().Time())
}

// Get returns a target of a group.
func (b *Books) Get(at At) (loadbalance.Target, bool) {
	return b.byName[at.Group].book.Get(at.Target, at.Port)
}

// Group returns a group's configuration by its name.
func (b *Books) Group(name string) (loadbalance.TargetGroup, bool) {
	g, ok := b.byName[name]
	if !ok {
		return loadbalance.TargetGroup{}, false
	}
	return g.book.Group(), true
}

// All yields each target with its group.
func (b *Books) All() iter.Seq2[loadbalance.TargetGroup, loadbalance.Target] {
	return func(yield func(loadbalance.TargetGroup, loadbalance.Target) bool) {
		for _, g := range b.groups {
			for t := range g.book.All() {
				if !yield(g.book.Group(), t) {
					return
				}
			}
		}
	}
}

// State returns the groups in the order in which they came.
func (b *Books) State() (all []loadbalance.TargetsState) {
	for _, g := range b.groups {
		all = append(all, g.book.State())
	}
	return all
}

// Sorted returns the groups in the order of their names.
func (b *Books) Sorted() []loadbalance.TargetsState {
	all := append(make([]loadbalance.TargetsState, 0, len(b.groups)), b.State()...)
	slices.SortFunc(all, func(x, y loadbalance.TargetsState) int { return cmp.Compare(x.Group.Name(), y.Group.Name()) })
	return all
}

// Restore adds groups from a state.
func (b *Books) Restore(groups []loadbalance.TargetsState) error {
	for _, state := range groups {
		book, err := loadbalance.RestoreTargets(state)
		if err != nil {
			return fmt.Errorf("target group %s: %w", state.Group.Name(), err)
		}
		b.watch(b.add(book))
	}
	return nil
}
