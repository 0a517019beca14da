package loadbalance

import (
	"fmt"
	"iter"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
)

// Targets is the book of one target group's targets, in order of ID and port. It changes in
// place. Its targets hold their ports from Register until Expire takes them out: that is how a
// port outlives its task.
type Targets struct {
	group    TargetGroup
	list     []Target
	draining int
}

// NewTargets returns the empty book of a target group. Errors are those of
// TargetGroup.Validate.
func NewTargets(g TargetGroup) (*Targets, error) {
	if err := g.Validate(); err != nil {
		return nil, err
	}
	return &Targets{group: g.Normalize()}, nil
}

// Group returns the target group's configuration with every default filled in.
func (ts *Targets) Group() TargetGroup {
	g := ts.group
	g.AvailabilityZones = slices.Clone(g.AvailabilityZones)
	return g
}

// Len returns the number of targets, draining ones included.
func (ts *Targets) Len() int { return len(ts.list) }

// All yields the targets in order of ID and port. The book must not change meanwhile.
func (ts *Targets) All() iter.Seq[Target] { return slices.Values(ts.list) }

// Get returns the target of that ID and port.
func (ts *Targets) Get(id string, port uint16) (Target, bool) {
	i, found := ts.search(id, port)
	if !found {
		return Target{}, false
	}
	return ts.list[i], true
}

func (ts *Targets) search(id string, port uint16) (int, bool) {
	return slices.BinarySearchFunc(ts.list, TargetDescription{ID: id, Port: port},
		func(t Target, d TargetDescription) int {
			if c := strings.Compare(t.ID, d.ID); c != 0 {
				return c
			}
			return int(t.Port) - int(d.Port)
		})
}

// Register makes the task's port a target, which holds the port from then on. A target that the task has
// already does not change; if it drains, it becomes new. Errors change nothing: ValidationError for an
// ID that does not fit the target type or port 0, ResourceInUseException if another task's target,
// draining ones included, has the ID and port, InvalidTarget if the task does not hold the port or, for
// an instance target, the instance has no Ports.
//
// The function ports returns the Ports that a target's ID stands for, which change in place: those
// of the instance, or for an ip target those of the task's address. It returns nil where there are
// none: the instance is gone, or no other task can have the address. The function may be nil.
//
// Source: Elastic Load Balancing API Reference, RegisterTargets.
func (ts *Targets) Register(task ecs.TaskID, d TargetDescription, now time.Time, ports func(id string) *Ports) error {
	if err := ts.group.validTarget(task, d); err != nil {
		return err
	}
	i, found := ts.search(d.ID, d.Port)
	if found && ts.list[i].Task != task {
		return ecs.Fault(ecs.ResourceInUseException, "port", fmt.Sprintf("%s is a target of task %s, which is %s",
			d, ts.list[i].Task, ts.list[i].State))
	}
	if found && ts.list[i].State != StateDraining {
		return nil
	}
	p := portsOf(ports, d.ID)
	if err := ts.group.holdable(p, task, d); err != nil {
		return err
	}
	t := ts.group.Start(task, d, now)
	if found {
		ts.list[i] = t
		ts.draining--
		return nil
	}
	if p != nil {
		for _, protocol := range ts.group.Transport() {
			p.hold(task, keyOf(protocol, d.Port))
		}
	}
	ts.list = slices.Insert(ts.list, i, t)
	return nil
}

// String returns "id:port", an IPv6 address in brackets.
func (d TargetDescription) String() string {
	if strings.Contains(d.ID, ":") {
		return fmt.Sprintf("[%s]:%d", d.ID, d.Port)
	}
	return fmt.Sprintf("%s:%d", d.ID, d.Port)
}

// validTarget returns why the group cannot have such a target, or nil.
func (g TargetGroup) validTarget(task ecs.TaskID, d TargetDescription) error {
	f := &faults{}
	g.validateTarget(f, d)
	if task == "" {
		f.add(ValidationError, "task", "a target needs the task that answers on it")
	}
	return f.list.Err()
}

// ValidateTarget returns why the group cannot have such a target, as ValidationError: an ID that does not fit its
// target type, or port 0.
// Source: Elastic Load Balancing API Reference, RegisterTargets.
func (g TargetGroup) ValidateTarget(d TargetDescription) error {
	f := &faults{}
	g.validateTarget(f, d)
	return f.list.Err()
}

func (g TargetGroup) validateTarget(f *faults, d TargetDescription) {
	_, err := netip.ParseAddr(d.ID)
	switch isIP := err == nil; {
	case g.TargetType == TargetTypeIP && !isIP:
		f.add(ValidationError, "id", "%q is not an IP address, as target type ip needs", d.ID)
	case g.TargetType != TargetTypeIP && (isIP || d.ID == ""):
		f.add(ValidationError, "id", "%q is not an instance ID, as target type instance needs", d.ID)
	}
	if d.Port == 0 {
		f.add(ValidationError, "port", "0 is not a port from 1 to 65535")
	}
}

// holdable returns why the task's port cannot become a target, or nil.
func (g TargetGroup) holdable(p *Ports, task ecs.TaskID, d TargetDescription) error {
	if p == nil && g.TargetType == TargetTypeIP {
		return nil
	}
	if p == nil {
		return ecs.Fault(InvalidTarget, "id", fmt.Sprintf("instance %s is not known", d.ID))
	}
	for _, protocol := range g.Transport() {
		port := ecs.HostPort{Port: d.Port, Protocol: protocol}
		if h, held := p.Holder(port); !held || h.Task != task || !h.ByTask || h.Targets == 1<<16-1 {
			return ecs.Fault(InvalidTarget, "port", fmt.Sprintf("%s port %d is not held by task %s",
				protocol, d.Port, task))
		}
	}
	return nil
}

// Deregister starts to drain the task's target and returns it. A target that drains already does not
// change, so a deregistration may come twice. The error is InvalidTarget, and nothing changes, if no
// target has the ID and port, or if it belongs to another task by now because the deregistration comes
// too late.
// Source: Elastic Load Balancing API Reference, DeregisterTargets.
func (ts *Targets) Deregister(task ecs.TaskID, d TargetDescription, now time.Time) (Target, error) {
	i, found := ts.search(d.ID, d.Port)
	if !found || ts.list[i].Task != task {
		return Target{}, ecs.Fault(InvalidTarget, "port", fmt.Sprintf("%s is not a target of task %s", d, task))
	}
	if ts.list[i].State != StateDraining {
		ts.list[i] = ts.group.Drain(ts.list[i], now)
		ts.draining++
	}
	return ts.list[i], nil
}

// NextExpiry returns when the first draining target will be drained.
func (ts *Targets) NextExpiry() (time.Time, bool) {
	first := ecs.Instant(0)
	if ts.draining == 0 {
		return time.Time{}, false
	}
	for _, t := range ts.list {
		if t.State == StateDraining && (first == 0 || t.DrainedAt < first) {
			first = t.DrainedAt
		}
	}
	return first.Time(), true
}

// Expire removes the targets that have drained, ends their holds on their ports and appends them to dst,
// in order of ID and port. The function ports is that of Register. Ports.Free reports whether the port
// of such a target is free now.
func (ts *Targets) Expire(dst []Target, now time.Time, ports func(id string) *Ports) []Target {
	if ts.draining == 0 {
		return dst
	}
	rest := ts.list[:0]
	for _, t := range ts.list {
		if !t.Drained(now) {
			rest = append(rest, t)
			continue
		}
		ts.draining--
		ts.drop(t, ports)
		dst = append(dst, t)
	}
	clear(ts.list[len(rest):])
	ts.list = rest
	return dst
}

func portsOf(ports func(id string) *Ports, id string) *Ports {
	if ports == nil {
		return nil
	}
	return ports(id)
}

func (ts *Targets) drop(t Target, ports func(id string) *Ports) {
	if p := portsOf(ports, t.ID); p != nil {
		for _, protocol := range ts.group.Transport() {
			p.drop(t.Task, keyOf(protocol, t.Port))
		}
	}
}

// Check notes the answer to one health check and returns the target after it, as
// TargetGroup.Check says. A target that becomes healthy starts slowly only if another healthy
// one has its full share already. It returns false if there is no such target.
// Source: Elastic Load Balancing user guides, "Slow start mode".
func (ts *Targets) Check(id string, port uint16, now time.Time, a Answer) (Target, bool) {
	i, found := ts.search(id, port)
	if !found {
		return Target{}, false
	}
	before := ts.list[i]
	after := ts.group.Check(before, now, a)
	if after.RampFrom != 0 && before.State != StateHealthy && !ts.settled(now) {
		after.RampFrom = 0
	}
	ts.list[i] = after
	return after, true
}

// settled reports whether some target is healthy and takes its full share.
func (ts *Targets) settled(now time.Time) bool {
	return slices.ContainsFunc(ts.list, func(t Target) bool { return ts.group.Weight(t, now) == FullWeight })
}

// Report notes what a load balancer, which does its own health checks, says about a target, and returns
// the target after it. Only Deregister and Register begin and end draining: a report does not change a
// draining target, and makes no target drain. Errors change nothing: InvalidTarget if there is no such
// target, ValidationError for a state that is not one, or a reason that belongs to another state.
// Source: Elastic Load Balancing API Reference, DescribeTargetHealth.
func (ts *Targets) Report(id string, port uint16, now time.Time, h TargetHealth) (Target, error) {
	i, found := ts.search(id, port)
	if !found {
		return Target{}, ecs.Fault(InvalidTarget, "port", fmt.Sprintf("%s is not a target",
			TargetDescription{ID: id, Port: port}))
	}
	f := &faults{}
	if !h.State.Valid() {
		f.add(ValidationError, "state", "%q is not one of %v", h.State, h.State.Values())
	}
	if h.Reason != "" && h.Reason.State() != h.State {
		f.add(ValidationError, "reason", "%q is not a reason to be %q", h.Reason, h.State)
	}
	if err := f.list.Err(); err != nil {
		return ts.list[i], err
	}
	t := ts.list[i]
	if t.State == StateDraining || h.State == StateDraining {
		return t, nil
	}
	if t.State != h.State {
		settled := ts.settled(now)
		t = t.begin(h.State, h.Reason, now)
		if t.State == StateHealthy && settled && ts.group.SlowStartSeconds > 0 {
			t.RampFrom = t.Since
		}
	}
	t.Reason = h.Reason
	ts.list[i] = t
	return t, nil
}

// Suspend makes all targets of the ID unused that are not draining, for the reason: InvalidState when
// the instance stopped or is lost, IpUnusable. It returns how many changed. A reason that does not
// belong to unused is replaced by InvalidState.
func (ts *Targets) Suspend(id string, reason Reason, now time.Time) int {
	if reason.State() != StateUnused {
		reason = ReasonInvalidState
	}
	return ts.each(id, func(t Target) Target {
		if t.State == StateDraining || t.State == StateUnused && t.Reason == reason {
			return t
		}
		return t.begin(StateUnused, reason, now)
	})
}

// Resume starts all unused targets of the ID again, as when the instance is back. It returns
// how many changed.
func (ts *Targets) Resume(id string, now time.Time) int {
	return ts.each(id, func(t Target) Target {
		if t.State != StateUnused || !ts.group.serves(t.AvailabilityZone) {
			return t
		}
		return ts.group.Start(t.Task, t.TargetDescription, now)
	})
}

// each replaces the targets of the ID and returns how many changed.
func (ts *Targets) each(id string, f func(Target) Target) int {
	changed := 0
	i, _ := ts.search(id, 0)
	for ; i < len(ts.list) && ts.list[i].ID == id; i++ {
		if t := f(ts.list[i]); t != ts.list[i] {
			ts.list[i] = t
			changed++
		}
	}
	return changed
}

// Update changes the target group's configuration. Targets that traffic can no longer reach become
// unused, those that it reaches now become initial, and turning health checks off or on makes them
// unavailable or initial; draining ones keep the delay with which they began. Errors change nothing:
// those of TargetGroup.Validate, and InvalidConfigurationRequest for another name, target type, protocol
// or kind of load balancer, which cannot change.
// Source: Elastic Load Balancing API Reference, ModifyTargetGroup.
func (ts *Targets) Update(g TargetGroup, now time.Time) error {
	if err := g.Validate(); err != nil {
		return err
	}
	g = g.Normalize()
	f := &faults{}
	fixed := func(field, was, is string) {
		if was != is {
			f.add(InvalidConfigurationRequest, field, "%q cannot become %q", was, is)
		}
	}
	fixed("targetGroupArn", ts.group.Name(), g.Name())
	fixed("loadBalancerType", string(ts.group.LoadBalancerType), string(g.LoadBalancerType))
	fixed("targetType", string(ts.group.TargetType), string(g.TargetType))
	fixed("protocol", string(ts.group.Protocol), string(g.Protocol))
	if err := f.list.Err(); err != nil {
		return err
	}
	was := ts.group
	ts.group = g
	for i, t := range ts.list {
		t = g.adopt(was, t, now)
		t.Passed, t.Failed = min(t.Passed, g.HealthCheck.HealthyThreshold), min(t.Failed,
			g.HealthCheck.UnhealthyThreshold)
		ts.list[i] = t
	}
	return nil
}

// adopt returns the target under a new configuration of its group.
func (g TargetGroup) adopt(was TargetGroup, t Target, now time.Time) Target {
	fresh := g.Start(t.Task, t.TargetDescription, now)
	switch {
	case t.State == StateDraining:
		return t
	case t.State == StateUnused:
		if was.serves(t.AvailabilityZone) || fresh.State == StateUnused {
			return t // unused for its instance's sake, or still
		}
		return fresh
	case fresh.State == StateUnused, was.HealthCheck.Enabled.Or(true) != g.HealthCheck.Enabled.Or(true):
		return fresh
	}
	return t
}
