package answer

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/feasible"
	"github.com/bayplan/bayplan/ecs/scheduler"
	"github.com/bayplan/bayplan/ecs/sim"
)

// Cure is a change that lets the deployment end, with what it costs, and what the simulation shows with this change
// alone.
type Cure struct {
	Change string // what to do
	Cost   string // what it costs
	Shown  string // what was simulated, or why it was not
	Ended  bool   // the simulation ended

	Rollout Rollout // of that simulation; of no points where there was none
}

// mostCured is how many instances and tasks a cluster may have whose cures are simulated one by one.
const mostCured = 200

// cures tries each change that the verdict names.
func (c *cluster) cures(v feasible.Verdict, seed uint64) (list []Cure) {
	for _, change := range v.Changes {
		cure := Cure{Change: change.String()}
		with := c.copy()
		var costs []string
		for _, e := range change.Edits {
			costs = append(costs, with.edit(e, v))
			with.keep = with.keep && !e.NewDeployment && e.Kind != feasible.EditDynamicHostPorts
		}
		cure.Cost = strings.Join(costs, "; ")
		if n := max(len(c.instances), c.service.DesiredCount, len(c.tasks)); n > mostCured {
			cure.Shown = fmt.Sprintf("not simulated: more than %d instances or tasks", mostCured)
		} else {
			cure.Shown, cure.Ended, cure.Rollout = with.shown(seed)
		}
		list = append(list, cure)
	}
	return list
}

// shown deploys in a simulated world, and says what came of it.
func (c *cluster) shown(seed uint64) (text string, ended bool, r Rollout) {
	var err error
	if c.request, err = c.ask(c.definition); err != nil {
		return "not simulated: " + err.Error(), false, r
	}
	w := newWorld(c, seed)
	if err = w.settle(); err == nil {
		_, err = w.deploy()
	}
	r = w.rollout
	p := scheduler.PercentsOf(c.service)
	r.Desired = c.service.DesiredCount
	r.Lower, r.Upper = p.Lower(r.Desired), p.Upper(r.Desired)
	switch {
	case err != nil:
		return "not simulated: " + err.Error(), false, r
	case !w.steady:
		return "not steady after " + limit(c.service).String(), false, r
	}
	least, most := r.bounds()
	return fmt.Sprintf("ends after %s; %s meanwhile, %d desired", r.End.Round(time.Second),
		span(least, most), c.service.DesiredCount), true, r
}

// span says how many tasks run.
func span(least, most int) string {
	if least == most {
		return count(least, "task") + " running"
	}
	return fmt.Sprintf("%d to %d tasks running", least, most)
}

// copy returns a cluster that may be edited.
func (c *cluster) copy() *cluster {
	with := *c
	with.instances = slices.Clone(c.instances)
	with.more = map[ecs.InstanceID]ecs.Resources{}
	with.service.PlacementConstraints = slices.Clone(c.service.PlacementConstraints)
	with.definition.PlacementConstraints = slices.Clone(c.definition.PlacementConstraints)
	with.definition.ContainerDefinitions = slices.Clone(c.definition.ContainerDefinitions)
	return &with
}

// edit makes one edit, and says what it costs.
func (c *cluster) edit(e feasible.Edit, v feasible.Verdict) (cost string) {
	percents := scheduler.PercentsOf(c.service)
	switch e.Kind {
	case feasible.EditMinimumHealthyPercent:
		c.service.DeploymentConfiguration.MinimumHealthyPercent = ecs.Some(e.Value)
		percents.MinimumHealthy = e.Value
		return fmt.Sprintf("%d of %s may be missing while it lasts", v.Desired-percents.Lower(v.Desired),
			count(v.Desired, "task"))
	case feasible.EditMaximumPercent:
		c.service.DeploymentConfiguration.MaximumPercent = ecs.Some(e.Value)
		percents.Maximum = e.Value
		return fmt.Sprintf("up to %s at once while it lasts, instead of %d", count(percents.Upper(v.Desired), "task"),
			v.Upper)
	case feasible.EditDesiredCount:
		c.service.DesiredCount = e.Value
		return fmt.Sprintf("%d of %s fewer from now on", v.Desired-e.Value, count(v.Desired, "task"))
	case feasible.EditFree:
		c.more[e.Instance] = c.more[e.Instance].Plus(e.Resources)
		return fmt.Sprintf("others give up %d CPU units and %d MiB there", e.Resources.CPU, e.Resources.Memory)
	case feasible.EditConnectAgent:
		c.change(e.Instance, func(ci *ecs.ContainerInstance) { ci.AgentConnected = true })
		return "no capacity; somebody mends the agent"
	case feasible.EditAddInstances:
		return c.add(e)
	case feasible.EditDropConstraint:
		return c.drop(e)
	case feasible.EditDynamicHostPorts:
		c.dynamic()
		return "no capacity; clients must find the port by a load balancer or by Cloud Map"
	}
	return "unknown"
}

func (c *cluster) change(id ecs.InstanceID, edit func(*ecs.ContainerInstance)) {
	for i := range c.instances {
		if c.instances[i].ID() == id {
			edit(&c.instances[i])
		}
	}
}

// add registers instances like one that may hold a task, with the room that is asked for.
func (c *cluster) add(e feasible.Edit) (cost string) {
	fleet, err := sim.FleetFor(c.definition, zones(), 1, 1)
	cost = count(e.Value, "instance") + " more, while it lasts at least"
	if err == nil {
		cost += fmt.Sprintf(", such as %d × %s", e.Value, fleet.Type.Name)
	}
	var like *ecs.ContainerInstance
	for ci := range c.suitable() {
		like = &ci
		break
	}
	if like == nil && err == nil {
		like = &fleet.Instances[0]
	}
	if like == nil {
		return cost
	}
	for i := range e.Value {
		more := *like
		more.ContainerInstanceArn = fmt.Sprintf("added-%d", i+1)
		more.Status, more.AgentConnected = ecs.ContainerInstanceStatusActive, true
		c.more[more.ID()] = e.Resources
		c.instances = append(c.instances, more)
	}
	return cost
}

// drop takes a constraint away.
func (c *cluster) drop(e feasible.Edit) (cost string) {
	same := func(p ecs.PlacementConstraint) bool {
		return p.Type == e.Constraint.Type && p.Expression == e.Constraint.Expression
	}
	if e.NewDeployment {
		c.definition.PlacementConstraints = slices.DeleteFunc(c.definition.PlacementConstraints, same)
	} else {
		c.service.PlacementConstraints = slices.DeleteFunc(c.service.PlacementConstraints, same)
	}
	if e.Constraint.Type == ecs.PlacementConstraintTypeDistinctInstance {
		return "no capacity; tasks may share an instance, and be lost with it"
	}
	return "no capacity; tasks may go where the expression kept them from"
}

// dynamic takes the static host ports away.
func (c *cluster) dynamic() {
	for i := range c.definition.ContainerDefinitions {
		d := &c.definition.ContainerDefinitions[i]
		d.PortMappings = slices.Clone(d.PortMappings)
		for k := range d.PortMappings {
			d.PortMappings[k].HostPort = ecs.Opt[int]{}
		}
	}
}
