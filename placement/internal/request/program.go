package request

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/query"
)

// What attributes are called by expressions and strategies, and the one that names the zone.
const (
	AttributePrefix = "attribute:"
	AttributeZone   = "ecs.availability-zone"
)

// The limits of a request; see those of placement.
const (
	MaxStrategies    = 5
	MaxConstraints   = 10
	MaxAttributeText = 128
	MaxAmount        = 1<<31 - 1
	MaxDevices       = 1<<15 - 1
)

// Task is what wants an instance: placement.Request, field by field.
type Task struct {
	Group            string
	Need             ecs.Resources
	HostPorts        []ecs.HostPort
	Attributes       []ecs.Attribute
	Zones            []string
	CapacityProvider string
	LaunchType       ecs.LaunchType
	Constraints      []ecs.PlacementConstraint
	Strategy         []ecs.PlacementStrategy
	Deployment       string
	Seed             uint64
}

// Kind is what one rule of a strategy looks at.
type Kind uint8

const (
	SpreadAttribute Kind = iota // fewest of the group's tasks by the attribute's value
	SpreadInstance              // fewest of the group's tasks on the instance
	BinpackCPU                  // least free CPU
	BinpackMemory               // least free memory
	Random                      // whatever the seed draws
)

// Step is one rule of a strategy, read.
type Step struct {
	Kind      Kind
	Attribute string
	Rule      int // index into the strategy
}

// Member is one memberOf constraint, parsed.
type Member struct {
	Index int // into Task.Constraints
	Expr  *query.Expr
}

// Program is a Task, checked and read. It is not changed after Compile.
type Program struct {
	Task
	Rules    []ecs.PlacementStrategy // the task's strategy, or the default
	Distinct int                     // index of the distinctInstance constraint, -1 if none
	Members  []Member
	Steps    []Step // of the rules, without those that can decide nothing
}

// Compile reads a request. The error is an ecs.ErrorList with every fault.
func Compile(r Task) (*Program, error) {
	p := &Program{Task: r, Distinct: -1, Rules: r.Strategy}
	var faults ecs.ErrorList
	fault := func(field, format string, args ...any) {
		faults = append(faults, ecs.Fault(ecs.InvalidParameterException, field, fmt.Sprintf(format, args...)))
	}
	checkNeed(r, fault)
	if len(r.Strategy) > MaxStrategies {
		fault("placementStrategy", "%d strategies given, at most %d are allowed.", len(r.Strategy), MaxStrategies)
	}
	if len(p.Rules) == 0 {
		p.Rules = defaultStrategy(r.Group)
	}
	for i, rule := range p.Rules {
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

func checkNeed(r Task, fault func(field, format string, args ...any)) {
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
			fault(At("hostPorts", i, "port"), "0 is not a static host port.")
		case port.Protocol != ecs.TransportProtocolTcp && port.Protocol != ecs.TransportProtocolUdp:
			fault(At("hostPorts", i, "protocol"), "%q is neither tcp nor udp.", port.Protocol)
		case slices.Contains(r.HostPorts[:i], port):
			fault(At("hostPorts", i, "port"), "%d/%s is given twice.", port.Port, port.Protocol)
		}
	}
	for i, a := range r.Attributes {
		CheckAttribute(a, At("attributes", i, ""), fault)
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
func (p *Program) addStep(i int, rule ecs.PlacementStrategy, fault func(field, format string, args ...any)) {
	s := Step{Rule: i}
	switch rule.Type {
	case ecs.PlacementStrategyTypeRandom:
		s.Kind = Random
		if rule.Field != "" {
			fault(At("placementStrategy", i, "field"), "random takes no field; this is %q.", rule.Field)
			return
		}
	case ecs.PlacementStrategyTypeBinpack:
		switch strings.ToLower(rule.Field) {
		case "cpu":
			s.Kind = BinpackCPU
		case "memory":
			s.Kind = BinpackMemory
		default:
			fault(At("placementStrategy", i, "field"), "binpack is by cpu or memory, not by %q.", rule.Field)
			return
		}
	case ecs.PlacementStrategyTypeSpread:
		name, isAttribute := strings.CutPrefix(rule.Field, AttributePrefix)
		switch {
		case strings.EqualFold(rule.Field, "instanceId"), strings.EqualFold(rule.Field, "host"):
			s.Kind = SpreadInstance
		case isAttribute && checkName(name) == "":
			s.Kind, s.Attribute = SpreadAttribute, name
		default:
			fault(At("placementStrategy", i, "field"), "spread is by instanceId, host or attribute:NAME, not by %q.",
				rule.Field)
			return
		}
	default:
		fault(At("placementStrategy", i, "type"), "%q is not one of random, spread and binpack.", rule.Type)
		return
	}
	for _, earlier := range p.Steps {
		if earlier.Kind == Random || earlier.Kind == s.Kind && earlier.Attribute == s.Attribute {
			return
		}
	}
	p.Steps = append(p.Steps, s)
}

func (p *Program) addConstraint(i int, c ecs.PlacementConstraint) *ecs.Error {
	refuse := func(field, message string) *ecs.Error {
		return ecs.Fault(ecs.InvalidParameterException, At("placementConstraints", i, field), message)
	}
	switch c.Type {
	case ecs.PlacementConstraintTypeDistinctInstance:
		if c.Expression != "" {
			return refuse("expression", "distinctInstance expression should not be specified.")
		}
		if p.Distinct < 0 {
			p.Distinct = i
		}
	case ecs.PlacementConstraintTypeMemberOf:
		expr, err := query.Parse(c.Expression)
		if err != nil {
			e := refuse("expression", err.Error())
			e.Err = err
			return e
		}
		p.Members = append(p.Members, Member{i, expr})
	default:
		return refuse("type", fmt.Sprintf("%q is neither distinctInstance nor memberOf.", c.Type))
	}
	return nil
}

// At returns the path of a field of the i-th element of a list.
func At(list string, i int, field string) string {
	path := list + "[" + strconv.Itoa(i) + "]"
	if field != "" {
		path += "." + field
	}
	return path
}

// ServiceGroup begins the group of a service's tasks.
const ServiceGroup = "service:"

// defaultStrategy is what ECS does where nothing is asked: services spread over zones and
// then instances, standalone tasks go anywhere.
func defaultStrategy(group string) []ecs.PlacementStrategy {
	if strings.HasPrefix(group, ServiceGroup) {
		return []ecs.PlacementStrategy{
			{Type: ecs.PlacementStrategyTypeSpread, Field: AttributePrefix + AttributeZone},
			{Type: ecs.PlacementStrategyTypeSpread, Field: "instanceId"},
		}
	}
	return []ecs.PlacementStrategy{{Type: ecs.PlacementStrategyTypeRandom}}
}

// VictimSteps returns the rules that victims are compared by, up to the first random one.
func (p *Program) VictimSteps() []Step {
	if len(p.Strategy) == 0 {
		return []Step{{Kind: SpreadAttribute, Attribute: AttributeZone}, {Kind: SpreadInstance}}
	}
	if i := slices.IndexFunc(p.Steps, func(st Step) bool { return st.Kind == Random }); i >= 0 {
		return p.Steps[:i]
	}
	return p.Steps
}
