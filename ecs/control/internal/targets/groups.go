package targets

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/loadbalance"
	"github.com/bayplan/bayplan/loadbalance/elbv2"
)

// Put describes a group, or changes it. A group that nobody described has no configuration of its
// own yet: as long as it has no target, what is put is its first description. users refuses a
// configuration that does not fit a service which names the group; Put calls it only for a group
// that exists.
func (b *Books) Put(in loadbalance.TargetGroup, users func(loadbalance.TargetGroup) error) error {
	g, known := b.byName[in.Name()]
	if known {
		if err := in.Validate(); err != nil {
			return err
		}
		if err := users(in); err != nil {
			return err
		}
		if g.book.Len() > 0 || !undescribed(g.book.Group()) {
			return g.book.Update(in, b.config.Core.Now().Time())
		}
	}
	book, err := loadbalance.NewTargets(in)
	switch {
	case err != nil:
		return err
	case known:
		g.book = book
	default:
		b.add(book)
	}
	return nil
}

// Make makes the groups that load balancers name and nobody described, so that the next service that
// names them must go with them.
func (b *Books) Make(list []ecs.LoadBalancer, mode ecs.NetworkMode) {
	for _, lb := range list {
		b.Of(lb, mode)
		if a := lb.AdvancedConfiguration; a != nil && a.AlternateTargetGroupArn != "" {
			b.Of(ecs.LoadBalancer{TargetGroupArn: a.AlternateTargetGroupArn}, mode)
		}
	}
}

// Of returns the name of the group of a load balancer entry, which is made if need be.
func (b *Books) Of(lb ecs.LoadBalancer, mode ecs.NetworkMode) string {
	implicit := implicit(lb, mode)
	if _, ok := b.byName[implicit.Name()]; ok {
		return implicit.Name()
	}
	book, err := loadbalance.NewTargets(implicit)
	if err != nil {
		panic(fmt.Sprintf("targets: Elastic Load Balancing's defaults are refused: %v", err))
	}
	return b.add(book).name
}

// Named returns the group of that name: as it is described, or what it would be for a load balancer in
// the list.
func (b *Books) Named(list []ecs.LoadBalancer, mode ecs.NetworkMode, name string) (loadbalance.TargetGroup, bool) {
	if g, ok := b.Group(name); ok {
		return g, true
	}
	for _, lb := range list {
		if !Names([]ecs.LoadBalancer{lb}, name) {
			continue
		}
		g := implicit(lb, mode)
		if g.TargetGroupArn != "" {
			g.TargetGroupArn = name
		}
		return g, true
	}
	return loadbalance.TargetGroup{}, false
}

// Names reports whether one of the load balancers names the group, as its target group or as its
// alternate one.
func Names(list []ecs.LoadBalancer, group string) bool {
	for _, lb := range list {
		a := lb.AdvancedConfiguration
		if lb.TargetGroupArn == group || lb.LoadBalancerName == group || a != nil &&
			a.AlternateTargetGroupArn == group {
			return true
		}
	}
	return false
}

// implicit returns the configuration of a group that nobody described.
func implicit(lb ecs.LoadBalancer, mode ecs.NetworkMode) loadbalance.TargetGroup {
	if lb.TargetGroupArn == "" {
		return loadbalance.TargetGroup{LoadBalancerName: lb.LoadBalancerName,
			LoadBalancerType: loadbalance.LoadBalancerTypeClassic}
	}
	g := loadbalance.TargetGroup{TargetGroupArn: lb.TargetGroupArn}
	if mode == ecs.NetworkModeAwsvpc {
		g.TargetType = loadbalance.TargetTypeIP
	}
	return g
}

// undescribed reports whether a group has the configuration of one that nobody described.
func undescribed(g loadbalance.TargetGroup) bool {
	if g.TargetGroupArn == "" {
		return false
	}
	for _, mode := range []ecs.NetworkMode{ecs.NetworkModeAwsvpc, ecs.NetworkModeBridge} {
		book, err := loadbalance.NewTargets(implicit(ecs.LoadBalancer{TargetGroupArn: g.TargetGroupArn}, mode))
		if err == nil && reflect.DeepEqual(book.Group(), g) {
			return true
		}
	}
	return false
}

// Change gives a group another configuration. Errors are those of loadbalance.Targets.Update, and TargetGroupNotFound.
func (b *Books) Change(in loadbalance.TargetGroup) error {
	g, ok := b.byName[in.Name()]
	if !ok {
		return elbv2.Fault(elbv2.TargetGroupNotFound, "", "One or more target groups not found")
	}
	return g.book.Update(in, b.config.Core.Now().Time())
}

// attach tells a book whether a load balancer forwards to its group, and in which zones.
func (b *Books) attach(g *Group) {
	of, ok := b.Group(g.TargetGroupArn)
	if !ok {
		return // of a State: Check names it
	}
	of.NotInUse, of.AvailabilityZones = g.on == "", slices.Clone(g.zones)
	if err := b.Change(of); err != nil {
		panic(fmt.Sprintf("targets: a group is refused that was taken: %v", err))
	}
}

// Remove forgets a group; false if it has targets.
func (b *Books) Remove(name string) bool {
	g, ok := b.byName[name]
	if ok && g.book.Len() > 0 {
		return false
	}
	delete(b.byName, name)
	b.groups = slices.DeleteFunc(b.groups, func(o *group) bool { return o == g })
	return true
}
