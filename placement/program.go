package placement

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/query"
)

const (
	attributePrefix   = "attribute:"
	attributeZone     = "ecs.availability-zone"
	attributeType     = "ecs.instance-type"
	attributeTrunk    = "ecs.awsvpc-trunk-id"
	attributeExternal = "ecs.capability.external"
)

// stepKind is what one rule of a strategy looks at.
type stepKind uint8

const (
	spreadAttribute stepKind = iota // fewest of the group's tasks by the attribute's value
	spreadInstance                  // fewest of the group's tasks on the instance
	binpackCPU
	binpackMemory
	random
)

// step is one rule of a strategy, read.
type step struct {
	kind      stepKind
	attribute string
	rule      int // index into the strategy
}

// member is one memberOf constraint, parsed.
type member struct {
	index int // into Request.Constraints
	expr  *query.Expr
}

// program is a Request, checked and read. It is not changed after compile.
type program struct {
	Request
	strategy []ecs.PlacementStrategy // the request's, or the default
	distinct int                     // index of the distinctInstance constraint, -1 if none
	members  []member
	steps    []step // without rules that can decide nothing
}

// compile reads a request. The error is an ecs.ErrorList with every fault.
func compile(r Request) (*program, error) {
	p := &program{Request: r, distinct: -1, strategy: r.Strategy}
	var faults ecs.ErrorList
	fault := func(field, format string, args ...any) {
		faults = append(faults, ecs.Fault(ecs.InvalidParameterException, field, fmt.Sprintf(format, args...)))
	}
	checkNeed(r, fault)
	if len(r.Strategy) > MaxStrategies {
		fault("placementStrategy", "%d strategies given, at most %d are allowed.", len(r.Strategy), MaxStrategies)
	}
	if len(p.strategy) == 0 {
		p.strategy = defaultStrategy(r.Group)
	}
	for i, rule := range p.strategy {
		p.addStep(i, rule, fault)
	}
	if len(r.Constraints) > MaxConstraints {
		fault("placementConstraints", "%d constraints given, at most %d are allowed.",
			len(r.Constraints), MaxConstraints)
	}
	for i, c := range r.Constraints {
		if e := p.addConstraint(i, c); e != nil {
			faults = append(faults, e)
		}
	}
	if err := faults.Err(); err != nil {
		return nil, err
	}
	return p, nil
}

func checkNeed(r Request, fault func(field, format string, args ...any)) {
	for _, a := range []struct {
		field      string
		need, most int64
	}{
		{"cpu", r.Need.CPU, MaxAmount}, {"memory", r.Need.Memory, MaxAmount},
		{"gpu", r.Need.GPU, MaxDevices}, {"eni", r.Need.ENI, MaxDevices},
	} {
		if a.need < 0 || a.need > a.most {
			fault("need."+a.field, "%d is not between 0 and %d.", a.need, a.most)
		}
	}
	for i, port := range r.HostPorts {
		switch {
		case port.Port == 0:
			fault(at("hostPorts", i, "port"), "0 is not a static host port.")
		case port.Protocol != ecs.TransportProtocolTcp && port.Protocol != ecs.TransportProtocolUdp:
			fault(at("hostPorts", i, "protocol"), "%q is neither tcp nor udp.", port.Protocol)
		case slices.Contains(r.HostPorts[:i], port):
			fault(at("hostPorts", i, "port"), "%d/%s is given twice.", port.Port, port.Protocol)
		}
	}
	for i, a := range r.Attributes {
		checkAttribute(a, at("attributes", i, ""), fault)
	}
	switch {
	case r.LaunchType != "" && !ecs.Valid(r.LaunchType):
		fault("launchType", "%q is not a launch type.", r.LaunchType)
	case r.LaunchType == ecs.LaunchTypeFargate:
		fault("launchType", "a task on FARGATE has no container instance: FargateZone chooses its zone.")
	case ecs.IsFargateProvider(r.CapacityProvider):
		fault("capacityProvider", "a task on %s has no container instance: FargateZone chooses its zone.",
			r.CapacityProvider)
	}
	if utf8.RuneCountInString(r.Group) > 255 {
		fault("group", "%d characters given, at most 255 are allowed.", utf8.RuneCountInString(r.Group))
	}
}

// addStep reads one rule. Rules that can decide nothing any more are left out: repeated
// ones, and all after random.
func (p *program) addStep(i int, rule ecs.PlacementStrategy, fault func(field, format string, args ...any)) {
	s := step{rule: i}
	switch rule.Type {
	case ecs.PlacementStrategyTypeRandom:
		s.kind = random
		if rule.Field != "" {
			fault(at("placementStrategy", i, "field"), "random takes no field; this is %q.", rule.Field)
			return
		}
	case ecs.PlacementStrategyTypeBinpack:
		switch strings.ToLower(rule.Field) {
		case "cpu":
			s.kind = binpackCPU
		case "memory":
			s.kind = binpackMemory
		default:
			fault(at("placementStrategy", i, "field"), "binpack is by cpu or memory, not by %q.", rule.Field)
			return
		}
	case ecs.PlacementStrategyTypeSpread:
		name, isAttribute := strings.CutPrefix(rule.Field, attributePrefix)
		switch {
		case strings.EqualFold(rule.Field, "instanceId"), strings.EqualFold(rule.Field, "host"):
			s.kind = spreadInstance
		case isAttribute && checkName(name) == "":
			s.kind, s.attribute = spreadAttribute, name
		default:
			fault(at("placementStrategy", i, "field"), "spread is by instanceId, host or attribute:NAME, not by %q.",
				rule.Field)
			return
		}
	default:
		fault(at("placementStrategy", i, "type"), "%q is not one of random, spread and binpack.", rule.Type)
		return
	}
	for _, earlier := range p.steps {
		if earlier.kind == random || earlier.kind == s.kind && earlier.attribute == s.attribute {
			return
		}
	}
	p.steps = append(p.steps, s)
}

func (p *program) addConstraint(i int, c ecs.PlacementConstraint) *ecs.Error {
	refuse := func(field, message string) *ecs.Error {
		return ecs.Fault(ecs.InvalidParameterException, at("placementConstraints", i, field), message)
	}
	switch c.Type {
	case ecs.PlacementConstraintTypeDistinctInstance:
		if c.Expression != "" {
			return refuse("expression", "distinctInstance expression should not be specified.")
		}
		if p.distinct < 0 {
			p.distinct = i
		}
	case ecs.PlacementConstraintTypeMemberOf:
		expr, err := query.Parse(c.Expression)
		if err != nil {
			e := refuse("expression", err.Error())
			e.Err = err
			return e
		}
		p.members = append(p.members, member{i, expr})
	default:
		return refuse("type", fmt.Sprintf("%q is neither distinctInstance nor memberOf.", c.Type))
	}
	return nil
}

// at returns the path of a field of the i-th element of a list.
func at(list string, i int, field string) string {
	path := list + "[" + strconv.Itoa(i) + "]"
	if field != "" {
		path += "." + field
	}
	return path
}
