package targets

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/loadbalance"
	"github.com/bayplan/bayplan/loadbalance/elbv2"
)

// Registered is a target that RegisterTargets added, and no task: nothing is known of who answers on its port, so
// that it holds none. Its health is what the load balancer reports.
type Registered struct {
	ID       string                   `json:"id"`
	Port     uint16                   `json:"port"`
	Zone     string                   `json:"availabilityZone,omitzero"`
	Health   loadbalance.TargetHealth `json:"health"`
	Register message.Key              `json:"register"`
}

// mostTargets is how many targets RegisterTargets may add to a group.
// Source: Elastic Load Balancing, "Quotas for your Application Load Balancers".
const mostTargets = 1000

// RegisterTargets adds targets to a group, all or none. One that is there already, a task's too, stays as it is.
func (m *Groups) RegisterTargets(in elbv2.TargetsInput) error {
	g, of, list, err := m.described(in)
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(d loadbalance.TargetDescription) bool {
		_, task := m.books.Get(At{Group: in.TargetGroupArn, Target: d.ID, Port: d.Port})
		return task || g.at(d.ID, d.Port) >= 0
	})
	for _, d := range list {
		if err := of.ValidateTarget(d); err != nil {
			return err
		}
	}
	if n := len(g.Registered) + len(list); n > mostTargets {
		return elbv2.Fault(elbv2.TooManyTargets, "Targets", "A target group can have at most %d targets; these would "+
			"be %d.", mostTargets, n)
	}
	g = m.kept(g)
	for _, d := range list {
		if g.at(d.ID, d.Port) >= 0 {
			continue // it is there twice
		}
		r := Registered{ID: d.ID, Port: d.Port, Zone: d.AvailabilityZone, Register: m.Outbox.Key("RegisterTarget",
			in.TargetGroupArn+" "+d.String()), Health: loadbalance.TargetHealth{State: loadbalance.StateInitial,
			Reason: loadbalance.ReasonRegistrationInProgress}}
		g.Registered = append(g.Registered, r)
		m.Outbox.Issue(m.books.Complete(message.RegisterTarget{ID: r.Register, TargetGroupArn: in.TargetGroupArn,
			Target: r.ID, Port: int(r.Port), AvailabilityZone: r.Zone}))
	}
	return nil
}

// DeregisterTargets removes targets from a group, all or none. One that is not there is removed; the error of one that
// a task has is InvalidTarget.
func (m *Groups) DeregisterTargets(in elbv2.TargetsInput) error {
	g, _, list, err := m.described(in)
	if err != nil {
		return err
	}
	for _, d := range list {
		if t, ok := m.books.Get(At{Group: in.TargetGroupArn, Target: d.ID, Port: d.Port}); ok && t.Task != "" {
			return elbv2.Fault(elbv2.InvalidTarget, "Targets", "The target %s is of the Amazon ECS task %s, which "+
				"deregisters it when it stops.", d, t.Task)
		}
	}
	for _, d := range list {
		i := g.at(d.ID, d.Port)
		if i < 0 {
			continue
		}
		m.Outbox.Close(g.Registered[i].Register)
		g.Registered = slices.Delete(g.Registered, i, i+1)
		m.Outbox.Issue(m.books.Complete(message.DeregisterTarget{ID: m.Outbox.Key("DeregisterTarget",
			in.TargetGroupArn+" "+d.String()), TargetGroupArn: in.TargetGroupArn, Target: d.ID, Port: int(d.Port)}))
	}
	return nil
}

// described returns the group that a request names and the targets in it; a target without a port has the group's.
func (m *Groups) described(
	in elbv2.TargetsInput,
) (g *Group, of loadbalance.TargetGroup, list []loadbalance.TargetDescription, err error) {
	if err := in.Validate(); err != nil {
		return nil, of, nil, err
	}
	if g, err = m.group(in.TargetGroupArn); err != nil {
		return nil, of, nil, err
	}
	of, _ = m.books.Group(in.TargetGroupArn)
	for _, t := range in.Targets {
		list = append(list, loadbalance.TargetDescription{ID: t.Id, Port: uint16(t.Port.Or(g.Port)),
			AvailabilityZone: t.AvailabilityZone})
	}
	return g, of, list, nil
}

// at returns where a target is in the list of those that were registered; -1 if it is not.
func (g *Group) at(id string, port uint16) int {
	return slices.IndexFunc(g.Registered, func(r Registered) bool { return r.ID == id && r.Port == port })
}

// Wants reports whether a target that RegisterTargets added waits for the command.
func (m *Groups) Wants(c message.RegisterTarget) bool {
	g, ok := m.byArn[c.TargetGroupArn]
	return ok && slices.ContainsFunc(g.Registered, func(r Registered) bool { return r.Register == c.ID })
}

// Report takes a load balancer's word about a target that RegisterTargets added; false if it says nothing new.
func (m *Groups) Report(e message.TargetHealth) bool {
	g, ok := m.byArn[e.TargetGroupArn]
	if !ok {
		return false
	}
	i := g.at(e.Target, uint16(e.Port))
	health := loadbalance.TargetHealth{State: e.State, Reason: loadbalance.Reason(e.Reason)}
	if i < 0 || g.Registered[i].Health == health || !e.State.Valid() {
		return false
	}
	g.Registered[i].Health = health
	return true
}

// DescribeTargetHealth describes the targets of a group, in order of ID and port, or those that are asked for, in that
// order. One that is asked for and not registered is unused.
func (m *Groups) DescribeTargetHealth(
	in elbv2.DescribeTargetHealthInput,
) (out elbv2.DescribeTargetHealthOutput, err error) {
	if err := in.Validate(); err != nil {
		return out, err
	}
	g, err := m.group(in.TargetGroupArn)
	if err != nil {
		return out, err
	}
	all := m.health(g)
	out.TargetHealthDescriptions = []elbv2.TargetHealthDescription{}
	if len(in.Targets) == 0 {
		out.TargetHealthDescriptions = append(out.TargetHealthDescriptions, all...)
	}
	of, _ := m.books.Group(in.TargetGroupArn)
	for _, asked := range in.Targets {
		n := len(out.TargetHealthDescriptions)
		for _, t := range all {
			if t.Target.Id == asked.Id && (asked.Port.IsZero() || asked.Port == t.Target.Port) {
				out.TargetHealthDescriptions = append(out.TargetHealthDescriptions, t)
			}
		}
		if len(out.TargetHealthDescriptions) == n {
			missing := loadbalance.Target{Reason: loadbalance.ReasonNotRegistered}.Health()
			missing.State = loadbalance.StateUnused
			if asked.Port.IsZero() && g.Port > 0 {
				asked.Port = ecs.Some(g.Port)
			}
			out.TargetHealthDescriptions = append(out.TargetHealthDescriptions, shownHealth(of, asked, missing))
		}
	}
	return out, nil
}

// health describes all targets of a group, in order of ID and port.
func (m *Groups) health(g *Group) (list []elbv2.TargetHealthDescription) {
	book, ok := m.books.byName[g.TargetGroupArn]
	if !ok {
		return nil
	}
	of := book.book.Group()
	show := func(id string, port uint16, health loadbalance.TargetHealth) {
		list = append(list, shownHealth(of, elbv2.TargetDescription{Id: id, Port: ecs.Some(int(port))}, health))
	}
	for t := range book.book.All() {
		show(t.ID, t.Port, t.Health())
	}
	for _, r := range g.Registered {
		if _, task := book.book.Get(r.ID, r.Port); !task {
			health := loadbalance.Target{State: r.Health.State, Reason: r.Health.Reason}.Health()
			if of.NotInUse {
				health = loadbalance.Target{State: loadbalance.StateUnused, Reason: loadbalance.ReasonNotInUse}.Health()
			}
			show(r.ID, r.Port, health)
		}
	}
	slices.SortFunc(list, func(a, b elbv2.TargetHealthDescription) int {
		return cmp.Or(cmp.Compare(a.Target.Id, b.Target.Id), cmp.Compare(a.Target.Port.Or(0), b.Target.Port.Or(0)))
	})
	return list
}

// shownHealth describes a target; its health is checked on the group's port for that, or else on its own.
func shownHealth(
	of loadbalance.TargetGroup, target elbv2.TargetDescription, h loadbalance.TargetHealth,
) elbv2.TargetHealthDescription {
	port := "traffic-port" // of a target that is not registered, in a group that has no port either
	if n := cmp.Or(of.HealthCheck.Port, target.Port.Or(0)); n > 0 {
		port = strconv.Itoa(n)
	}
	return elbv2.TargetHealthDescription{Target: target, HealthCheckPort: port,
		TargetHealth: elbv2.TargetHealth{State: h.State, Reason: h.Reason, Description: h.Description}}
}
