package placement

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/placement/internal/request"
)

// ReasonCode is why an instance does not take a task: ECS's failure reasons, and two words
// of this library for what ECS passes over in silence.
// Source: Amazon ECS Developer Guide, "Amazon ECS API failure reasons".
type ReasonCode string

// The reasons, in the order in which they are looked at.
const (
	ReasonCPU              ReasonCode = "RESOURCE:CPU"
	ReasonMemory           ReasonCode = "RESOURCE:MEMORY"
	ReasonGPU              ReasonCode = "RESOURCE:GPU"
	ReasonPorts            ReasonCode = "RESOURCE:PORTS"
	ReasonENI              ReasonCode = "RESOURCE:ENI"
	ReasonTasks            ReasonCode = "RESOURCE:TASKS" // MaxTasks; this library's word
	ReasonAttribute        ReasonCode = "ATTRIBUTE"
	ReasonAgent            ReasonCode = "AGENT"
	ReasonInactive         ReasonCode = "INACTIVE"          // any status but ACTIVE
	ReasonCapacityProvider ReasonCode = "CAPACITY_PROVIDER" // another provider or launch type; this library's word
	ReasonLocation         ReasonCode = "LOCATION"
	ReasonDistinctInstance ReasonCode = "DistinctInstance placement constraint unsatisfied."
	ReasonMemberOf         ReasonCode = "MemberOf placement constraint unsatisfied."
)

// Reason is one need of a request that an instance does not meet.
type Reason struct {
	Code       ReasonCode
	Constraint int // index into Request.Constraints, -1 if none
	// of amounts, GPUs, interfaces, below zero where it is owed; tasks of the group for distinctInstance
	Need, Have int64
	Port       ecs.HostPort  // of RESOURCE:PORTS
	Attribute  ecs.Attribute // of ATTRIBUTE: what is required
	Detail     string        // the status, the zone, the provider, the expression and what it read
}

// String returns the numbers or names behind the code: "needs 900, has 640".
func (r Reason) String() string {
	switch r.Code {
	case ReasonCPU, ReasonMemory, ReasonGPU, ReasonENI, ReasonTasks:
		return fmt.Sprintf("needs %s, has %s", thousands(r.Need), thousands(r.Have))
	case ReasonPorts:
		return fmt.Sprintf("%d/%s is in use", r.Port.Port, r.Port.Protocol)
	case ReasonAttribute:
		if r.Attribute.Value != "" {
			return fmt.Sprintf("%s is not %s", r.Attribute.Name, r.Attribute.Value)
		}
		return "lacks " + r.Attribute.Name
	}
	return r.Detail
}

// Verdict is what a request finds on one instance: reasons in the order of the codes and,
// within one code, of the request; none where the instance could take the task.
type Verdict struct {
	Instance ecs.InstanceID
	Reasons  []Reason
}

// Judge returns what a request finds on one instance, for calls that name the instance, and
// whether the snapshot has it. The error is an ecs.ErrorList for a wrong request.
func Judge(s *Snapshot, r Request, id ecs.InstanceID) (Verdict, bool, error) {
	p, err := compile(r)
	if err != nil {
		return Verdict{}, false, err
	}
	i, ok := s.find(id)
	if !ok {
		return Verdict{Instance: id}, false, nil
	}
	return Verdict{Instance: id, Reasons: p.unmet(&s.instances[i])}, true, nil
}

// unmet returns every need that the instance does not meet.
func (p *program) unmet(in *instance) []Reason {
	var all []Reason
	add := func(r Reason) { all = append(all, r) }
	amount := func(code ReasonCode, need, have int64) {
		if need > max(have, 0) {
			add(Reason{Code: code, Constraint: -1, Need: need, Have: have})
		}
	}
	amount(ReasonCPU, p.Need.CPU, in.free.CPU)
	amount(ReasonMemory, p.Need.Memory, in.free.Memory)
	amount(ReasonGPU, p.Need.GPU, in.free.GPU)
	for _, port := range p.HostPorts {
		if in.uses(port) {
			add(Reason{Code: ReasonPorts, Constraint: -1, Port: port})
		}
	}
	amount(ReasonENI, p.Need.ENI, in.free.ENI)
	amount(ReasonTasks, 1, int64(MaxTasks-in.tasks))
	for _, a := range p.Attributes {
		if !in.has(a) {
			add(Reason{Code: ReasonAttribute, Constraint: -1, Attribute: a})
		}
	}
	if !in.connected {
		add(Reason{Code: ReasonAgent, Constraint: -1, Detail: "the agent is not connected"})
	}
	if in.status != ecs.ContainerInstanceStatusActive {
		add(Reason{Code: ReasonInactive, Constraint: -1,
			Detail: "the instance is " + orNone(string(in.status), "of no status")})
	}
	if !p.looksAt(in.facts) {
		add(Reason{Code: ReasonCapacityProvider, Constraint: -1, Detail: p.elsewhere(in.facts)})
	}
	if !p.reaches(in.facts) {
		zone, _ := in.attribute(request.AttributeZone)
		add(Reason{Code: ReasonLocation, Constraint: -1,
			Detail: fmt.Sprintf("the instance is in %s, the subnets in %s", orNone(zone, "no zone"),
				strings.Join(p.Zones, ", "))})
	}
	if n := in.count(p.Group); p.Distinct >= 0 && n > 0 {
		add(Reason{Code: ReasonDistinctInstance, Constraint: p.Distinct, Have: int64(n),
			Detail: fmt.Sprintf("has %s of %s", plural(n, "task"), p.Group)})
	}
	for _, m := range p.Members {
		if !m.Expr.Match(in) {
			add(Reason{Code: ReasonMemberOf, Constraint: m.Index,
				Detail: m.Expr.String() + " (" + p.reading(m, in) + ")"})
		}
	}
	return all
}

// elsewhere says why the instance is not looked at.
func (p *program) elsewhere(f *facts) string {
	if p.CapacityProvider != "" && f.provider != p.CapacityProvider {
		return "the instance is of " + orNone(f.provider, "no capacity provider") + ", not of " + p.CapacityProvider
	}
	return "the instance is not of launch type " + string(p.LaunchType)
}

// reading says what the subjects of an expression are on the instance, in order of subject.
func (p *program) reading(m request.Member, in *instance) string {
	var parts []string
	for subject := range m.Expr.Subjects() {
		name := strings.TrimPrefix(subject, request.AttributePrefix)
		text, ok := in.Lookup(subject)
		switch subject {
		case "runningTasksCount":
			text, ok = strconv.Itoa(in.tasks), true
		case "task:group":
			var names []string
			for _, h := range in.groups {
				names = append(names, h.group)
			}
			text, ok = strings.Join(names, ", "), len(names) > 0
		case "registeredAt":
			text, ok = in.registeredAt.String(), in.registeredAt != 0
		}
		switch {
		case !ok:
			parts = append(parts, name+" is absent")
		case text == "":
			parts = append(parts, name+" has no value")
		default:
			parts = append(parts, name+" is "+strconv.Quote(text))
		}
	}
	return strings.Join(parts, ", ")
}

func orNone(s, none string) string {
	if s == "" {
		return none
	}
	return s
}

// plural returns "1 task", "2 tasks".
func plural(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return thousands(int64(n)) + " " + noun
}

// thousands writes 1536 as "1,536".
func thousands(n int64) string {
	digits := []byte(strconv.FormatInt(n, 10))
	first := 0
	if n < 0 {
		first = 1
	}
	for i := len(digits) - 3; i > first; i -= 3 {
		digits = slices.Insert(digits, i, ',')
	}
	return string(digits)
}
