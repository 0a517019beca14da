package document

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/examples/import/source"
)

// Clamp returns a number within bounds, and says so of the value if that changes it. Unit is its unit.
func Clamp(v *source.Value, n, lo, hi int, unit string) int {
	c := min(max(n, lo), hi)
	if c != n {
		v.Approximate("%d becomes %d: ECS takes %d to %d%s", n, c, lo, hi, unit)
	}
	return c
}

// CheckNumbers are the numbers of a health check with the values that they come from; nil for absent ones.
type CheckNumbers struct{ Interval, Timeout, Retries, Start *source.Value }

// HealthCheck returns a health check with its numbers within ECS's bounds. Seconds reads one of them.
func HealthCheck(command []string, n CheckNumbers, seconds func(*source.Value) (int, bool)) *ecs.HealthCheck {
	h := &ecs.HealthCheck{Command: command}
	for _, x := range []struct {
		v      *source.Value
		lo, hi int
		to     *ecs.Opt[int]
	}{{n.Interval, 5, 300, &h.Interval}, {n.Timeout, 2, 60, &h.Timeout}, {n.Start, 0, 300, &h.StartPeriod}} {
		if s, ok := seconds(x.v); ok {
			*x.to = ecs.Some(Clamp(x.v, s, x.lo, x.hi, " seconds"))
		}
	}
	if r, ok := n.Retries.Int(); ok {
		h.Retries = ecs.Some(Clamp(n.Retries, r, 1, 10, ""))
	}
	return h
}

// Environment sorts variables by name; of two with one name the later one counts.
func Environment(list []ecs.KeyValuePair) []ecs.KeyValuePair {
	byName := map[string]string{}
	var names []string
	for _, p := range list {
		if _, ok := byName[p.Name]; !ok && p.Name != "" {
			names = append(names, p.Name)
		}
		byName[p.Name] = p.Value
	}
	slices.Sort(names)
	var out []ecs.KeyValuePair
	for _, n := range names {
		out = append(out, ecs.KeyValuePair{Name: n, Value: byName[n]})
	}
	return out
}

// Unique gives every container and volume of a definition a name of its own that ECS takes, and drops volumes
// that no container mounts, which ECS refuses.
func Unique(d *ecs.TaskDefinition) {
	seen := map[string]bool{}
	for i := range d.ContainerDefinitions {
		c := &d.ContainerDefinitions[i]
		c.Name = fresh(cmp.Or(c.Name, "container-"+strconv.Itoa(i)), seen)
	}
	d.Volumes = slices.DeleteFunc(d.Volumes, func(v ecs.Volume) bool {
		for _, c := range d.ContainerDefinitions {
			for _, m := range c.MountPoints {
				if m.SourceVolume == v.Name {
					return false
				}
			}
		}
		return true
	})
}

func fresh(name string, seen map[string]bool) string {
	name = Name(name)
	for n, base := 2, name; seen[name]; n++ {
		name = base + "-" + strconv.Itoa(n)
	}
	seen[name] = true
	return name
}

// MountPath returns a path in a container without a slash at its end.
func MountPath(p string) string {
	if p = strings.TrimSpace(p); len(p) > 1 {
		p = strings.TrimRight(p, "/")
	}
	return cmp.Or(p, "/")
}

// MostContainers is how many containers a task definition has at most.
// Source: Amazon ECS Developer Guide, "Amazon ECS service quotas".
const MostContainers = 10

// Awslogs returns a log configuration that sends a container's output to CloudWatch Logs.
func (g Given) Awslogs(group, prefix string) *ecs.LogConfiguration {
	return &ecs.LogConfiguration{LogDriver: ecs.LogDriverAwslogs, Options: map[string]string{
		"awslogs-group": group, "awslogs-region": g.RegionOr(), "awslogs-stream-prefix": prefix}}
}

// Vpc returns where tasks with their own network interface attach, and whether the subnets are a placeholder.
func (g Given) Vpc(public bool) (n *ecs.NetworkConfiguration, missing bool) {
	a := ecs.AwsvpcConfiguration{Subnets: g.Subnets, SecurityGroups: g.SecurityGroups,
		AssignPublicIp: ecs.AssignPublicIpDisabled}
	if public {
		a.AssignPublicIp = ecs.AssignPublicIpEnabled
	}
	if missing = len(a.Subnets) == 0; missing {
		a.Subnets = []string{"subnet-needs-a-value"}
	}
	return &ecs.NetworkConfiguration{AwsvpcConfiguration: &a}, missing
}
