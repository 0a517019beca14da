package control

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/loadbalance"
)

// targetGroup is a target group, or a Classic Load Balancer, with the book of its targets.
type targetGroup struct {
	name string // ARN, or the Classic Load Balancer's name
	book *loadbalance.Targets
	wake ecs.Instant // when the next target has drained
}

// PutTargetGroup describes a target group, or changes it. Groups that services name before
// they are described come into being with Elastic Load Balancing's defaults, as those services'
// task definitions want them; until one of them has a target, all of it may still be described
// otherwise, as far as every service that names it goes with it.
// Errors are those of loadbalance.TargetGroup.Validate and loadbalance.Targets.Update, and
// ResourceInUseException for a change that a service which names the group does not go with.
func (p *Plane) PutTargetGroup(now time.Time, in loadbalance.TargetGroup) error {
	_, err := request(p, now, "PutTargetGroup", in, func(in loadbalance.TargetGroup) (struct{}, error) {
		if g, ok := p.byGroup[in.Name()]; ok {
			return struct{}{}, p.changeGroup(g, in)
		}
		book, err := loadbalance.NewTargets(in)
		if err != nil {
			return struct{}{}, err
		}
		p.addGroup(&targetGroup{name: in.Name(), book: book})
		return struct{}{}, nil
	})
	return err
}

func (p *Plane) addGroup(g *targetGroup) {
	p.groups = append(p.groups, g)
	p.byGroup[g.name] = g
}

// TargetGroups returns the target groups with their targets, in order of name.
func (p *Plane) TargetGroups() []loadbalance.TargetsState {
	sorted := slices.SortedFunc(slices.Values(p.groups), func(a, b *targetGroup) int { return cmp.Compare(a.name, b.name) })
	all := make([]loadbalance.TargetsState, len(sorted))
	for i, g := range sorted {
		all[i] = g.book.State()
	}
	return all
}

// implicitGroup returns what a group is that nobody described.
func implicitGroup(lb ecs.LoadBalancer, mode ecs.NetworkMode) loadbalance.TargetGroup {
	if lb.TargetGroupArn == "" {
		return loadbalance.TargetGroup{LoadBalancerName: lb.LoadBalancerName, LoadBalancerType: loadbalance.LoadBalancerTypeClassic}
	}
	g := loadbalance.TargetGroup{TargetGroupArn: lb.TargetGroupArn}
	if mode == ecs.NetworkModeAwsvpc {
		g.TargetType = loadbalance.TargetTypeIP
	}
	return g
}

// checkService refuses a service that breaks a rule as it will be, with the definition of its
// tasks.
func (p *Plane) checkService(s ecs.Service, d ecs.TaskDefinition) error {
	if err := s.ValidateFor(d); err != nil {
		return err
	}
	return p.checkBalancers(s, d)
}

// checkBalancers refuses load balancers that do not go with the task definition.
func (p *Plane) checkBalancers(s ecs.Service, d ecs.TaskDefinition) error {
	return loadbalance.CheckService(s, d, func(name string) (loadbalance.TargetGroup, bool) {
		return p.namedGroup(s.LoadBalancers, d.NetworkMode, name)
	})
}

// group returns the group of a load balancer entry, made if need be.
func (p *Plane) group(lb ecs.LoadBalancer, mode ecs.NetworkMode) *targetGroup {
	implicit := implicitGroup(lb, mode)
	if g, ok := p.byGroup[implicit.Name()]; ok {
		return g
	}
	book, err := loadbalance.NewTargets(implicit)
	if err != nil {
		panic(fmt.Sprintf("control: Elastic Load Balancing's defaults are refused: %v", err))
	}
	g := &targetGroup{name: implicit.Name(), book: book}
	p.addGroup(g)
	return g
}

// taskTarget is a task's standing in one target group.
type taskTarget struct {
	Group         string      `json:"group"`
	Container     string      `json:"container"`
	ContainerPort int         `json:"containerPort"`
	Target        string      `json:"target,omitzero"` // EC2 instance ID or address; "" until it is registered first
	Port          uint16      `json:"port,omitzero"`
	Registered    bool        `json:"registered,omitzero"` // in the book, draining included
	Register      message.Key `json:"register,omitzero"`
	Deregister    message.Key `json:"deregister,omitzero"`
}

func (t taskTarget) ref() string { return t.Group + " " + t.Target + ":" + strconv.Itoa(int(t.Port)) }

// targetsOf returns where a task of a deployment will be registered.
func (p *Plane) targetsOf(s *service, deployment string, d ecs.TaskDefinition) []taskTarget {
	var targets []taskTarget
	for _, lb := range s.loadBalancersOf(deployment) {
		if containerIndex(d, lb.ContainerName) >= 0 {
			targets = append(targets, taskTarget{Group: p.group(lb, d.NetworkMode).name, Container: lb.ContainerName, ContainerPort: lb.ContainerPort})
		}
	}
	return targets
}

// address says where the load balancer finds a task: its instance or its own address, and the
// port there. The error is that of a task that has none.
func (p *Plane) address(t *task, k *taskTarget) error {
	group := p.byGroup[k.Group].book.Group()
	var bindings []ecs.NetworkBinding
	if c := containerIndex(t.definition, k.Container); c < len(t.Bindings) {
		bindings = t.Bindings[c]
	}
	port, ok := loadbalance.TargetPort(t.definition.NetworkMode, bindings, k.ContainerPort, group.Transport()[0])
	if !ok {
		port = uint16(k.ContainerPort)
	}
	k.Target, k.Port = t.Address, port
	if group.Normalize().TargetType == loadbalance.TargetTypeInstance {
		k.Target = ""
		if t.instance != nil {
			k.Target = t.instance.Record.EC2InstanceID
		}
	}
	if k.Target == "" {
		return fmt.Errorf("the task has no target of type %s", group.Normalize().TargetType)
	}
	return nil
}

// loadBalancersOf returns the load balancers of a deployment: those of its task set or service
// revision, and of two target groups that deployments take in turn, the one that is its own.
func (s *service) loadBalancersOf(deployment string) []ecs.LoadBalancer {
	list := slices.Clone(s.revisionOf(deployment).LoadBalancers)
	if set, ok := s.taskSetOf(deployment); ok {
		list = slices.Clone(set.LoadBalancers)
	}
	if slices.Contains(s.Alternate, deployment) {
		for i, lb := range list {
			if lb.AdvancedConfiguration != nil {
				list[i].TargetGroupArn = lb.AdvancedConfiguration.AlternateTargetGroupArn
			}
		}
	}
	return list
}

// registerTarget puts a task's port into a target group and tells the world.
func (p *Plane) registerTarget(t *task, i int) {
	target := &t.Targets[i]
	if err := p.address(t, target); err != nil {
		p.targetRefused(t, i, err)
		return
	}
	g := p.byGroup[target.Group]
	description := loadbalance.TargetDescription{ID: target.Target, Port: target.Port, AvailabilityZone: t.Zone}
	if err := g.book.Register(t.ID, description, p.core.Now().Time(), p.portsOfTarget); err != nil {
		p.targetRefused(t, i, err)
		return
	}
	target.Registered = true
	target.Register = p.outbox.Key("RegisterTarget", target.ref())
	p.targetChanged(t, *target, "register", "")
	p.outbox.Issue(message.RegisterTarget{ID: target.Register, TargetGroupArn: g.name, Target: target.Target, Port: int(target.Port), AvailabilityZone: t.Zone, Task: t.ID})
}

// deregisterTarget asks the world to drain a task's target; the book follows when the
// world has answered, so that a port is never free too early.
func (p *Plane) deregisterTarget(t *task, i int) {
	if i >= len(t.Targets) || !t.Targets[i].Registered {
		p.targetGone(t, i)
		return
	}
	target := &t.Targets[i]
	p.outbox.Close(target.Register)
	target.Deregister = p.outbox.Key("DeregisterTarget", target.ref())
	p.outbox.Issue(message.DeregisterTarget{ID: target.Deregister, TargetGroupArn: target.Group, Target: target.Target, Port: int(target.Port), Task: t.ID})
}

// drainTarget starts the deregistration delay in the book.
func (p *Plane) drainTarget(t *task, i int) {
	target := t.Targets[i]
	g := p.byGroup[target.Group]
	description := loadbalance.TargetDescription{ID: target.Target, Port: target.Port, AvailabilityZone: t.Zone}
	if _, err := g.book.Deregister(t.ID, description, p.core.Now().Time()); err != nil {
		p.targetGone(t, i)
		return
	}
	p.targetChanged(t, target, string(loadbalance.StateDraining), "deregistration delay "+g.book.Group().DeregistrationDelay().String())
	p.watchGroup(g)
}

func (p *Plane) watchGroup(g *targetGroup) {
	at, ok := g.book.NextExpiry()
	g.wake = 0
	if ok {
		g.wake = ecs.At(at)
		p.kinds.group.Set(g.wake, g.name)
	}
}

// expireTargets takes the targets out that have drained.
func (p *Plane) expireTargets(g *targetGroup) {
	gone := g.book.Expire(nil, p.core.Now().Time(), p.portsOfTarget)
	p.watchGroup(g)
	for _, target := range gone {
		t, ok := p.byTask[target.Task]
		if !ok {
			continue
		}
		p.freeDrained(t, target.Port)
		for i := range t.Targets {
			if k := &t.Targets[i]; k.Registered && k.Group == g.name && k.Target == target.ID && k.Port == target.Port {
				k.Registered = false
				p.targetChanged(t, *k, "deregistered", "")
				p.targetGone(t, i)
			}
		}
	}
}

// portsOfTarget returns the book of ports of a target's instance, nil for an address or an
// instance that is gone.
func (p *Plane) portsOfTarget(id string) *loadbalance.Ports {
	if i, ok := p.byEC2[id]; ok && i.Record.Status != ecs.ContainerInstanceStatusInactive {
		return &i.Ports
	}
	return nil
}

// targetHealth takes a load balancer's word about a target.
func (p *Plane) targetHealth(e message.TargetHealth) bool {
	g, ok := p.byGroup[e.TargetGroupArn]
	if !ok {
		return false
	}
	before, _ := g.book.Get(e.Target, uint16(e.Port))
	after, err := g.book.Report(e.Target, uint16(e.Port), p.core.Now().Time(), loadbalance.TargetHealth{State: loadbalance.State(e.State), Reason: loadbalance.Reason(e.Reason)})
	if err != nil || after == before {
		return false
	}
	t, ok := p.byTask[after.Task]
	if !ok || after.State == before.State {
		return true
	}
	for _, k := range t.Targets {
		if k.Group == g.name && k.Target == e.Target && k.Port == uint16(e.Port) {
			p.targetChanged(t, k, string(after.State), string(after.Reason))
		}
	}
	p.touch(t.service)
	return true
}

// suspendTargets makes the targets on an instance unused, which need not drain.
func (p *Plane) suspendTargets(i *instance) {
	for _, t := range i.tasks {
		for _, k := range t.Targets {
			if k.Registered && k.Target == i.Record.EC2InstanceID {
				p.byGroup[k.Group].book.Suspend(k.Target, loadbalance.ReasonInvalidState, p.core.Now().Time())
			}
		}
	}
}

// healthOfTargets returns what a task's targets say together, and one that is unhealthy with
// its reason.
func (p *Plane) healthOfTargets(t *task) (health ecs.HealthStatus, ill taskTarget, reason string) {
	if len(t.Targets) == 0 || t.Targets[0].Target == "" {
		return "", taskTarget{}, "" // none yet
	}
	list := make([]loadbalance.Target, 0, len(t.Targets))
	for _, k := range t.Targets {
		target, ok := p.byGroup[k.Group].book.Get(k.Target, k.Port)
		if !ok || target.Task != t.ID {
			return ecs.HealthStatusUnknown, taskTarget{}, ""
		}
		if target.State == loadbalance.StateUnhealthy && ill.Group == "" {
			ill, reason = k, target.Health().Description
		}
		list = append(list, target)
	}
	return loadbalance.TaskHealth(list...), ill, reason
}

func (p *Plane) targetChanged(t *task, target taskTarget, status, why string) {
	p.core.Change(message.Change{Kind: message.ChangeTarget, Cluster: t.cluster.Record.ClusterName, Service: t.serviceName(), Task: t.ID, Instance: t.Instance, Zone: t.Zone,
		Status: status, Text: fmt.Sprintf("%s:%d in %s", target.Target, target.Port, groupName(target.Group)), Why: why})
}

// groupName returns "tg" of "arn:aws:elasticloadbalancing:…:targetgroup/tg/0123456789abcdef".
func groupName(arn string) string {
	if a, err := ecs.ParseARN(arn); err == nil {
		return a.ID()
	}
	rest := arn
	for i := 0; i < len(rest); i++ {
		if rest[i] == '/' {
			rest = rest[i+1:]
			break
		}
	}
	for i := range len(rest) {
		if rest[i] == '/' {
			return rest[:i]
		}
	}
	return rest
}
