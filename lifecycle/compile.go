package lifecycle

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
)

// Program is a task definition compiled for execution. It is immutable: share it freely.
type Program struct {
	rules   *rules
	traits  Traits
	eni     bool
	fargate bool
	plans   []plan
}

// plan is what a program knows of one container.
type plan struct {
	name      string
	essential bool
	waits     []dependency
	before    uint16 // containers that must stop before it, a bit each

	startTimeout, stopTimeout time.Duration // startTimeout: how long others wait for it once it has started

	checked                             bool // has a health check
	interval, checkTimeout, startPeriod time.Duration
	retries                             uint8

	restart bool
	period  time.Duration
	ignored []int
}

type dependency struct {
	on   uint8
	kind dependencyKind
}

// Compile returns the program of a task definition with the given traits.
//
// It checks the traits, and of the definition only what a program builds on: the number and the names of
// containers, that one is essential, and that dependencies exist and have what their condition needs.
// TaskDefinition.Validate checks the rest. A circle of dependsOn, links, volumesFrom and log routers is
// refused for RoleWhole and RoleAgent. It compiles with RoleControlPlane, since ECS registers such a
// definition and only the agent finds that it cannot be resolved. Every fault is in the ErrorList:
// ClientException for the task definition, InvalidParameterException for traits (their field paths start
// with "traits").
func Compile(d ecs.TaskDefinition, t Traits) (*Program, error) {
	c := compiler{d: d, position: map[string]int{}}
	c.traits(t)
	c.names()
	r := standard
	p := &Program{rules: &r, traits: t}
	p.eni = d.NetworkMode == ecs.NetworkModeAwsvpc && t.Role != RoleAgent
	p.fargate = t.LaunchType == ecs.LaunchTypeFargate
	if t.Role == RoleAgent {
		p.traits.TargetGroups, p.traits.Discovery = 0, false
		p.traits.Volume, p.traits.AwaitsRoom = false, false
	}
	p.plans = make([]plan, len(d.ContainerDefinitions))
	for i := range p.plans {
		p.plans[i] = planned(d.ContainerDefinitions[i], t)
		p.plans[i].waits = c.dependencies(i)
	}
	if t.Role != RoleControlPlane {
		c.circles(p.plans)
	}
	if err := c.faults.Err(); err != nil {
		return nil, err
	}
	p.order()
	return p, nil
}

// order notes for each container those that must stop before it.
func (p *Program) order() {
	for i := range p.plans {
		p.plans[i].before = 0
	}
	for i := range p.plans {
		for _, w := range p.plans[i].waits {
			if p.rules.gates[w.kind].reversed {
				p.plans[w.on].before |= 1 << i
			}
		}
	}
}

func planned(cd ecs.ContainerDefinition, t Traits) plan {
	p := plan{name: cd.Name, essential: cd.IsEssential()}
	p.startTimeout = waitLimit(seconds(cd.StartTimeout.Or(0), 0))
	p.stopTimeout = max(t.StopTimeout, time.Second)
	if t.StopTimeout == 0 {
		p.stopTimeout = 30 * time.Second
	}
	if s := cd.StopTimeout.Or(0); s > 0 { // the agent takes 0 for absent
		p.stopTimeout = seconds(s, 1)
	}
	if h := cd.HealthCheck; h != nil {
		p.checked = true
		p.interval = seconds(h.Interval.Or(30), 1)
		p.checkTimeout = seconds(h.Timeout.Or(5), 1)
		p.startPeriod = seconds(h.StartPeriod.Or(0), 0)
		p.retries = uint8(min(max(h.Retries.Or(3), 1), 10))
	}
	if r := cd.RestartPolicy; r != nil && r.Enabled {
		p.restart = true
		p.period = seconds(r.RestartAttemptPeriod.Or(300), 0)
		p.ignored = slices.Clone(r.IgnoredExitCodes)
	}
	return p
}

func seconds(n, least int) time.Duration {
	return time.Duration(min(max(n, least), math.MaxInt32)) * time.Second
}

type compiler struct {
	d        ecs.TaskDefinition
	position map[string]int
	faults   ecs.ErrorList
}

func (c *compiler) fault(field, format string, args ...any) {
	c.faults = append(c.faults, ecs.Fault(ecs.ClientException, field, fmt.Sprintf(format, args...)))
}

func (c *compiler) traits(t Traits) {
	refuse := func(field, format string, args ...any) {
		c.faults = append(c.faults, ecs.Fault(ecs.InvalidParameterException, "traits."+field,
			fmt.Sprintf(format, args...)))
	}
	if t.Role > RoleAgent {
		refuse("role", "role %d is not known", t.Role)
	}
	if t.PullBehavior > PullBehaviorPreferCached {
		refuse("pullBehavior", "pull behavior %d is not known", t.PullBehavior)
	}
	if t.TargetGroups < 0 || t.TargetGroups > MaxTargetGroups {
		refuse("targetGroups", "a task has from 0 to %[2]d target groups, got %[1]d", t.TargetGroups, MaxTargetGroups)
	}
	if t.StopTimeout < 0 {
		refuse("stopTimeout", "%v must not be negative", t.StopTimeout)
	}
	if t.LaunchType != "" && !ecs.Valid(t.LaunchType) {
		refuse("launchType", "launch type %q is not known", t.LaunchType)
	}
}

func (c *compiler) names() {
	list := c.d.ContainerDefinitions
	if n := len(list); n == 0 || n > MaxContainers {
		c.fault("containerDefinitions", "a task definition has from 1 to %[2]d containers, got %[1]d", n, MaxContainers)
	}
	essential := false
	for i, cd := range list {
		essential = essential || cd.IsEssential()
		if k, taken := c.position[cd.Name]; taken {
			c.fault(fmt.Sprintf("containerDefinitions[%d].name", i), "container %d also has the name %q", k, cd.Name)
			continue
		}
		c.position[cd.Name] = i
	}
	if len(list) > 0 && !essential {
		c.fault("containerDefinitions", "Task definition doesn't have any essential container")
	}
}

// dependencies returns what container i waits for: dependsOn, links, volumesFrom and its log router.
func (c *compiler) dependencies(i int) (list []dependency) {
	cd := c.d.ContainerDefinitions[i]
	path := func(what string, j int) string { return fmt.Sprintf("containerDefinitions[%d].%s[%d]", i, what, j) }
	add := func(name, field string, kind dependencyKind) {
		k, ok := c.position[name]
		if !ok {
			c.fault(field, "Cannot depend on container + '%s' because it does not exist", name)
			return
		}
		if d := (dependency{uint8(k), kind}); k < MaxContainers && !slices.Contains(list, d) {
			list = append(list, d)
		}
	}
	for j, dep := range cd.DependsOn {
		kind, ok := kindOf(dep.Condition)
		if !ok {
			c.fault(path("dependsOn", j)+".condition", "condition %q is not known", dep.Condition)
			continue
		}
		add(dep.ContainerName, path("dependsOn", j)+".containerName", kind)
		c.meets(dep, kind, path("dependsOn", j)+".condition")
	}
	for j, link := range cd.Links {
		name, _, _ := strings.Cut(link, ":")
		add(name, path("links", j), dependsStart)
	}
	for j, v := range cd.VolumesFrom {
		add(v.SourceContainer, path("volumesFrom", j)+".sourceContainer", dependsCreate)
	}
	if cd.LogConfiguration != nil && cd.LogConfiguration.LogDriver == ecs.LogDriverAwsfirelens {
		for k, other := range c.d.ContainerDefinitions {
			if other.FirelensConfiguration != nil && k != i {
				add(other.Name, path("logConfiguration", 0), dependsStart)
			}
		}
	}
	return list
}

// meets checks that the container depended on has what the condition asks for.
func (c *compiler) meets(dep ecs.ContainerDependency, kind dependencyKind, field string) {
	k, ok := c.position[dep.ContainerName]
	if !ok {
		return
	}
	on := c.d.ContainerDefinitions[k]
	switch {
	case (kind == dependsComplete || kind == dependsSuccess) && on.IsEssential():
		c.fault(field,
			"A dependency container with SUCCESS or COMPLETE condition cannot be an essential container: '%s'", on.Name)
	case kind == dependsHealthy && on.HealthCheck == nil:
		c.fault(field, "A dependency container with HEALTHY condition must have health check configured: '%s'", on.Name)
	}
}

func kindOf(c ecs.ContainerCondition) (dependencyKind, bool) {
	switch c {
	case ecs.ContainerConditionStart:
		return dependsStart, true
	case ecs.ContainerConditionComplete:
		return dependsComplete, true
	case ecs.ContainerConditionSuccess:
		return dependsSuccess, true
	case ecs.ContainerConditionHealthy:
		return dependsHealthy, true
	}
	return 0, false
}

// circles refuses containers that wait, directly or not, for themselves.
func (c *compiler) circles(plans []plan) {
	reach := make([][]bool, len(plans))
	for i, p := range plans {
		reach[i] = make([]bool, len(plans))
		for _, w := range p.waits {
			reach[i][w.on] = true
		}
	}
	for k := range reach {
		for i := range reach {
			for j := range reach {
				reach[i][j] = reach[i][j] || reach[i][k] && reach[k][j]
			}
		}
	}
	for i := range reach {
		if reach[i][i] {
			c.fault(fmt.Sprintf("containerDefinitions[%d]", i),
				"Task dependencies cannot be resolved: container '%s' waits for itself", plans[i].name)
		}
	}
}
