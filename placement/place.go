package placement

import (
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/placement/internal/request"
)

// Placement is where a task goes.
type Placement struct {
	Instance ecs.InstanceID

	// Of an Index: where it keeps the instance, so that Release need not look.
	slot, generation uint32
}

// NotPlaced is the error of a right request that fits nowhere.
type NotPlaced struct {
	Failures []ecs.Failure // one an instance looked at, in order of ID: the first need it does not meet
}

// Error returns the failures' reasons with how often each occurs, in order of first occurrence.
func (e *NotPlaced) Error() string { return countReasons(e.Failures) }

// program is a request, read, with what the specification does with it.
type program struct{ request.Program }

// compile reads a request. The error is an ecs.ErrorList with every fault.
func compile(r Request) (*program, error) {
	p, err := request.Compile(request.Task(r))
	if err != nil {
		return nil, err
	}
	return &program{*p}, nil
}

// Place returns the instance on which ECS's documented rules put one task, without changing
// anything. The steps: instances that are ACTIVE, with a connected agent, of the capacity
// provider, in a zone of the subnets, with enough CPU, memory, GPUs, ports and network
// interfaces and with the required attributes; of these, those that satisfy every
// constraint; of these, rule by rule, those that the strategy likes best. What the last rule
// leaves equal goes to the lowest ID.
//
// The error is an ecs.ErrorList (InvalidParameterException) for a wrong request, and a
// *NotPlaced for one that fits nowhere. O(n) time and memory for n instances: this is the
// specification that Index is checked against; for many placements use an Index.
// Source: Amazon ECS Developer Guide, "How Amazon ECS places tasks on container instances",
// "Use strategies to define Amazon ECS task placement" and "Define which container instances
// Amazon ECS uses for tasks".
func Place(s *Snapshot, r Request) (Placement, error) {
	p, err := compile(r)
	if err != nil {
		return Placement{}, err
	}
	candidates := p.feasible(s)
	if len(candidates) == 0 {
		return Placement{}, p.notPlaced(s)
	}
	for _, st := range p.Steps {
		candidates, _ = p.narrow(s, st, candidates)
	}
	return Placement{Instance: s.instances[candidates[0]].id}, nil
}

// feasible returns the instances that could take the task, in order of ID.
func (p *program) feasible(s *Snapshot) []int {
	var candidates []int
	for i := range s.instances {
		if p.accepts(&s.instances[i]) {
			candidates = append(candidates, i)
		}
	}
	return candidates
}

// accepts reports whether an instance could take the task.
func (p *program) accepts(in *instance) bool {
	n := p.Need
	return in.open() && p.looksAt(in.facts) &&
		n.CPU <= max(in.free.CPU, 0) && n.Memory <= max(in.free.Memory, 0) &&
		n.GPU <= max(in.free.GPU, 0) && n.ENI <= max(in.free.ENI, 0) &&
		in.tasks < MaxTasks &&
		!slices.ContainsFunc(p.HostPorts, in.uses) &&
		!slices.ContainsFunc(p.Attributes, func(a ecs.Attribute) bool { return !in.has(a) }) &&
		p.reaches(in.facts) &&
		(p.Distinct < 0 || in.count(p.Group) == 0) &&
		!slices.ContainsFunc(p.Members, func(m request.Member) bool { return !m.Expr.Match(in) })
}

// looksAt reports whether the instance is of the capacity provider and launch type.
func (p *program) looksAt(f *facts) bool {
	if p.CapacityProvider != "" && f.provider != p.CapacityProvider {
		return false
	}
	switch p.LaunchType {
	case ecs.LaunchTypeEC2:
		return !f.external
	case ecs.LaunchTypeExternal:
		return f.external
	}
	return true
}

// reaches reports whether the instance is in a zone of the task's subnets.
func (p *program) reaches(f *facts) bool {
	if len(p.Zones) == 0 {
		return true
	}
	zone, ok := f.attribute(request.AttributeZone)
	return ok && slices.Contains(p.Zones, zone)
}

// uses reports whether a host port is taken.
func (in *instance) uses(port ecs.HostPort) bool {
	_, found := slices.BinarySearchFunc(in.ports, port, ecs.CompareHostPorts)
	return found
}

// has reports whether a required attribute is there: by name, and by value where one is given.
func (f *facts) has(a ecs.Attribute) bool {
	value, ok := f.attribute(a.Name)
	return ok && (a.Value == "" || a.Value == value)
}

// notPlaced says why no instance takes the task.
func (p *program) notPlaced(s *Snapshot) *NotPlaced {
	e := &NotPlaced{}
	for i := range s.instances {
		in := &s.instances[i]
		if in.status != ecs.ContainerInstanceStatusActive || !p.looksAt(in.facts) {
			continue
		}
		reason := p.unmet(in)[0]
		e.Failures = append(e.Failures, ecs.Failure{Arn: in.arn, Reason: string(reason.Code), Detail: reason.String()})
	}
	return e
}

// countReasons writes "RESOURCE:MEMORY on 3 instances, AGENT on 1".
func countReasons(failures []ecs.Failure) string {
	if len(failures) == 0 {
		return "No Container Instances were found in your cluster."
	}
	var reasons []string
	counts := map[string]int{}
	for _, f := range failures {
		if counts[f.Reason] == 0 {
			reasons = append(reasons, f.Reason)
		}
		counts[f.Reason]++
	}
	for i, r := range reasons {
		reasons[i] = r + " on " + plural(counts[r], "instance")
	}
	return strings.Join(reasons, ", ")
}
