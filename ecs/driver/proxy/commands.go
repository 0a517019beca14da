package proxy

import (
	"context"
	"fmt"
	"maps"
	"net"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/driver"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/loadbalance"
)

// RegisterTarget adds a target to its group and begins to check its health. It returns when the target is kept in
// the file. It changes nothing where the same command, or a newer one of the target, was carried out. Errors are
// permanent ([driver.Permanent]) for a group that the proxy cannot serve and an ID that does not fit it; one that is
// not is that the target of another task still drains, or that the file cannot be written.
func (p *Proxy) RegisterTarget(ctx context.Context, c message.RegisterTarget) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if done, err := p.begin(ctx, c.ID); done {
		return err
	}
	g, err := p.open(c.TargetGroupArn, c.TargetGroup)
	if err != nil {
		return err
	}
	if c.Port < 1 || c.Port > 65535 {
		return driver.Permanent(ecs.Fault(loadbalance.ValidationError, "port",
			fmt.Sprintf("%d is not from 1 to 65535", c.Port)))
	}
	d := loadbalance.TargetDescription{ID: c.Target, Port: uint16(c.Port), AvailabilityZone: c.AvailabilityZone}
	if err := g.config().ValidateTarget(d); err != nil {
		return driver.Permanent(err)
	}
	if err := g.register(c.Task, d, c.ID.Target); err != nil {
		return err
	}
	p.commands.Note(c.ID, p.inUse)
	return p.keep()
}

// DeregisterTarget begins to drain a target: it gets no new requests from now on, and those in flight have until the
// deregistration delay is over. It returns when that is kept in the file. A target that is unknown counts as
// drained, and the command is remembered, so that a late RegisterTarget does nothing.
func (p *Proxy) DeregisterTarget(ctx context.Context, c message.DeregisterTarget) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if done, err := p.begin(ctx, c.ID); done {
		return err
	}
	p.commands.Note(c.ID, p.inUse)
	drains := false
	if g := p.group(c.TargetGroupArn); g != nil {
		g.update(c.TargetGroup)
		drains = g.deregister(c.Task, loadbalance.TargetDescription{ID: c.Target, Port: uint16(c.Port)})
	}
	if !drains {
		p.config.Notify(message.TargetHealth{TargetGroupArn: c.TargetGroupArn, Target: c.Target, Port: c.Port,
			State: loadbalance.StateUnused, Reason: string(loadbalance.ReasonNotRegistered)})
	}
	return p.keep()
}

// ModifyTraffic replaces the weights of a listener rule, or of the default action where the command names a
// listener, for all requests that begin later. It returns when that is kept in the file. A rule that no listener has
// keeps its weights until one does. A command that carries its listener replaces the rules of it.
func (p *Proxy) ModifyTraffic(ctx context.Context, c message.ModifyTraffic) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if done, err := p.begin(ctx, c.ID); done {
		return err
	}
	for _, config := range c.TargetGroups {
		if g := p.group(config.Name()); g != nil {
			g.update(config)
		}
	}
	p.commands.Note(c.ID, p.inUse)
	p.remember(c.Rule, c)
	if c.Listener != nil {
		if l := p.listeners[c.Listener.ListenerArn]; l != nil {
			l.given = *c.Listener
		}
	}
	p.route()
	return p.keep()
}

// begin reports whether there is nothing to do for a command: its context has ended, the proxy is closed, or it, or a
// newer one, was carried out. What was carried out and could not be kept is kept now.
func (p *Proxy) begin(ctx context.Context, k message.Key) (done bool, err error) {
	if err := ctx.Err(); err != nil {
		return true, err
	}
	if p.ctx.Err() != nil {
		return true, net.ErrClosed
	}
	if !p.commands.Late(k) {
		return false, nil
	}
	if p.file.Behind() {
		return true, p.keep()
	}
	return true, nil
}

// open returns a group, which it makes if the proxy does not have it.
func (p *Proxy) open(name string, config loadbalance.TargetGroup) (*group, error) {
	if g := p.group(name); g != nil {
		g.update(config)
		return g, nil
	}
	if config.Name() == "" {
		config.TargetGroupArn = name
	}
	g, err := newGroup(p, name, loadbalance.TargetsState{Group: config})
	if err != nil {
		return nil, driver.Permanent(err)
	}
	p.add(g)
	return g, nil
}

// add makes a group known to requests.
func (p *Proxy) add(g *group) {
	all := maps.Clone(*p.groups.Load())
	all[g.name] = g
	p.groups.Store(&all)
}

// inUse reports whether what a command names, a target or a rule, is one that the proxy has.
func (p *Proxy) inUse(named string) bool {
	if _, ok := p.rules[named]; ok {
		return true
	}
	for _, g := range *p.groups.Load() { //order:any is there one
		if g.has(named) {
			return true
		}
	}
	return false
}
