package control

import (
	"reflect"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/loadbalance"
)

// describeGroups makes the target groups that load balancers name and nobody described, so that
// the next service that names them must go with them.
func (p *Plane) describeGroups(list []ecs.LoadBalancer, mode ecs.NetworkMode) {
	for _, lb := range list {
		p.group(lb, mode)
		if a := lb.AdvancedConfiguration; a != nil && a.AlternateTargetGroupArn != "" {
			p.group(ecs.LoadBalancer{TargetGroupArn: a.AlternateTargetGroupArn}, mode)
		}
	}
}

// changeGroup gives a target group another configuration. As long as it has what groups are
// given that nobody described, and no target, that is its first description.
func (p *Plane) changeGroup(g *targetGroup, in loadbalance.TargetGroup) error {
	if err := in.Validate(); err != nil {
		return err
	}
	if err := p.checkUsers(in); err != nil {
		return err
	}
	if g.book.Len() > 0 || !p.undescribed(g.book.Group()) {
		return g.book.Update(in, p.core.Now().Time())
	}
	book, err := loadbalance.NewTargets(in)
	if err == nil {
		g.book = book
	}
	return err
}

// undescribed reports whether a group has the configuration of one that nobody described.
func (p *Plane) undescribed(g loadbalance.TargetGroup) bool {
	if g.TargetGroupArn == "" {
		return false
	}
	for _, mode := range []ecs.NetworkMode{ecs.NetworkModeAwsvpc, ecs.NetworkModeBridge} {
		book, err := loadbalance.NewTargets(implicitGroup(ecs.LoadBalancer{TargetGroupArn: g.TargetGroupArn}, mode))
		if err == nil && reflect.DeepEqual(book.Group(), g) {
			return true
		}
	}
	return false
}

// checkUsers refuses a configuration of a target group that a service does not go with which
// names it, in what it rolls out or what it may be rolled back to.
func (p *Plane) checkUsers(in loadbalance.TargetGroup) error {
	in.NotInUse = false // a load balancer may leave its services
	for _, c := range p.clusters {
		for _, s := range c.services {
			if s.Record.Status == ecs.ServiceStatusInactive {
				continue
			}
			if err := p.checkUser(s, in); err != nil {
				return core.Fault(loadbalance.InvalidConfigurationRequest, "targetGroupArn", "The service %s of the cluster %s uses the target group %s: %v",
					s.Record.ServiceName, c.Record.ClusterName, in.Name(), err)
			}
		}
	}
	return nil
}

func (p *Plane) checkUser(s *service, in loadbalance.TargetGroup) error {
	check := func(list []ecs.LoadBalancer, definition string) error {
		d, err := p.registry.Resolve(definition)
		if err != nil || !names(list, in.Name()) {
			return nil // it starts no task any more, or has nothing to do with the group
		}
		record := s.Record
		record.LoadBalancers = list
		return loadbalance.CheckService(record, d, func(name string) (loadbalance.TargetGroup, bool) {
			if name == in.Name() {
				return in, true
			}
			return p.namedGroup(list, d.NetworkMode, name)
		})
	}
	for _, r := range s.Revisions {
		if err := check(r.LoadBalancers, r.TaskDefinition); err != nil {
			return err
		}
	}
	for _, t := range s.TaskSets {
		if r, ok := s.rollout(t.ID); ok {
			if err := check(t.LoadBalancers, r.TaskDefinition); err != nil {
				return err
			}
		}
	}
	return nil
}

// names reports whether one of the load balancers is the group, or has it as its alternate.
func names(list []ecs.LoadBalancer, group string) bool {
	for _, lb := range list {
		if lb.TargetGroupArn == group || lb.LoadBalancerName == group || lb.AdvancedConfiguration != nil && lb.AdvancedConfiguration.AlternateTargetGroupArn == group {
			return true
		}
	}
	return false
}

// namedGroup returns the group of that name: as it is described, or what it would be for a load
// balancer in the list.
func (p *Plane) namedGroup(list []ecs.LoadBalancer, mode ecs.NetworkMode, name string) (loadbalance.TargetGroup, bool) {
	if g, ok := p.byGroup[name]; ok {
		return g.book.Group(), true
	}
	for _, lb := range list {
		if !names([]ecs.LoadBalancer{lb}, name) {
			continue
		}
		g := implicitGroup(lb, mode)
		if g.TargetGroupArn != "" {
			g.TargetGroupArn = name
		}
		return g, true
	}
	return loadbalance.TargetGroup{}, false
}
