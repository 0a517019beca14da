package placement

import (
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/stretchr/testify/require"
)

// naive returns where ECS's rules let a task go, read without the package's help from the world's
// own book: one instance, or several where the seed decides; none where it fits nowhere.
func (w *world) naive(r Request) []ecs.InstanceID {
	var left []box
	for _, b := range w.boxes {
		if w.takes(b, r) {
			left = append(left, b)
		}
	}
	rules := r.Strategy
	if len(rules) == 0 && strings.HasPrefix(r.Group, "service:") {
		rules = []ecs.PlacementStrategy{bySpreadAZ, byHost}
	}
	drawn := len(rules) == 0
	for _, rule := range rules {
		if drawn = rule.Type == ecs.PlacementStrategyTypeRandom; drawn {
			break
		}
		least := int64(1 << 62)
		for _, b := range left {
			least = min(least, w.standing(b, r.Group, rule))
		}
		left = slices.DeleteFunc(left, func(b box) bool { return w.standing(b, r.Group, rule) != least })
	}
	var ids []ecs.InstanceID
	for _, b := range left {
		ids = append(ids, ecs.InstanceID(b.id))
	}
	if slices.Sort(ids); !drawn && len(ids) > 1 {
		return ids[:1]
	}
	return ids
}

// standing is what a rule compares.
func (w *world) standing(b box, group string, rule ecs.PlacementStrategy) int64 {
	if rule.Type == ecs.PlacementStrategyTypeBinpack {
		left := w.left(b)
		if rule.Field == "cpu" {
			return left.CPU
		}
		return left.Memory
	}
	name, ofAttribute := strings.CutPrefix(rule.Field, "attribute:")
	n := int64(0)
	for _, task := range w.tasks {
		if w.requests[task.shape].Group != group {
			continue
		}
		there := w.boxes[slices.IndexFunc(w.boxes, func(b box) bool { return b.id == string(task.at.Instance) })]
		if there.id == b.id || ofAttribute && there.of(name) == b.of(name) {
			n++
		}
	}
	return n
}

// of returns an attribute, "(absent)" where there is none.
func (b box) of(name string) string {
	for _, a := range b.instance().Attributes {
		if a.Name == name {
			return a.Value
		}
	}
	return "(absent)"
}

// left is what the tasks in the book leave of an instance.
func (w *world) left(b box) ecs.Resources {
	left := ecs.Resources{CPU: int64(b.cpu), Memory: int64(b.mem), GPU: int64(b.gpu), ENI: b.interfaces()}
	for _, task := range w.tasks {
		if string(task.at.Instance) == b.id {
			left = left.Minus(w.requests[task.shape].Need)
		}
	}
	return left
}

// takes reports whether an instance could take the task.
func (w *world) takes(b box, r Request) bool {
	groups, tasks := map[string]int{}, 0
	for _, task := range w.tasks {
		if string(task.at.Instance) != b.id {
			continue
		}
		groups[w.requests[task.shape].Group]++
		tasks++
		for _, p := range w.requests[task.shape].HostPorts {
			if slices.Contains(r.HostPorts, p) {
				return false
			}
		}
	}
	for _, p := range b.ports {
		if slices.Contains(r.HostPorts, tcp(p)) {
			return false
		}
	}
	for _, a := range r.Attributes {
		if v := b.of(a.Name); v == "(absent)" || a.Value != "" && a.Value != v {
			return false
		}
	}
	left := w.left(b)
	if r.Need.CPU > left.CPU || r.Need.Memory > left.Memory || r.Need.GPU > left.GPU || r.Need.ENI > left.ENI ||
		b.offline || b.status != "" ||
		len(r.Zones) > 0 && !slices.Contains(r.Zones, b.zone) ||
		r.CapacityProvider != "" && r.CapacityProvider != b.provider ||
		r.LaunchType == ecs.LaunchTypeEC2 && b.external || r.LaunchType == ecs.LaunchTypeExternal && !b.external {
		return false
	}
	return !slices.ContainsFunc(r.Constraints, func(c ecs.PlacementConstraint) bool {
		return !w.holds(c.Expression, b, r.Group, groups, tasks)
	})
}

// holds reads the constraints that the machine draws, one by one.
func (w *world) holds(expression string, b box, group string, groups map[string]int, tasks int) bool {
	stack, rack := b.of("stack"), b.of("rack") != "(absent)"
	has := stack != "(absent)" && stack != ""
	if near, ok := strings.CutPrefix(expression, "task:group == "); ok {
		return groups[near] > 0
	}
	switch expression {
	case "": // distinctInstance
		return groups[group] == 0
	case "attribute:stack == prod":
		return stack == "prod"
	case "attribute:stack != prod":
		return has && stack != "prod"
	case "not(attribute:stack == prod)":
		return stack != "prod"
	case "attribute:rack exists":
		return rack
	case "attribute:ecs.instance-type =~ m5.*":
		return strings.HasPrefix(b.kind, "m5")
	case "attribute:ecs.instance-type =~ (m5|c5).*":
		return strings.HasPrefix(b.kind, "m5") || strings.HasPrefix(b.kind, "c5")
	case "runningTasksCount < 3":
		return tasks < 3
	case "runningTasksCount <= 4":
		return tasks <= 4
	case "runningTasksCount >= 1":
		return tasks >= 1
	case "runningTasksCount < 0":
		return false
	case "runningTasksCount < 99999", "agentConnected == true", "agentVersion > 1.9.0":
		return true
	case "runningTasksCount != 2":
		return tasks != 2
	case "registeredAt < 2018-02-13":
		return b.registered == february
	case "not(task:group == service:1)":
		return groups["service:1"] == 0
	case "task:group != service:3":
		return len(groups) > 1 || len(groups) == 1 && groups["service:3"] == 0
	case "task:group =~ service:[0-3]":
		return groups["service:0"]+groups["service:1"]+groups["service:2"]+groups["service:3"] > 0
	case "not(task:group == service:2) and attribute:rack !exists":
		return groups["service:2"] == 0 && !rack
	case "ec2InstanceId !~ i-i?[0-3].*":
		return b.id[1] > '3' || b.id[0] != 'i'
	case "runningTasksCount < 2 or attribute:stack == prod":
		return tasks < 2 || stack == "prod"
	case "not(runningTasksCount < 1 or task:group == service:4)":
		return tasks >= 1 && groups["service:4"] == 0
	}
	require.Fail(w.t, "an expression of which the book knows nothing", expression)
	return false
}
