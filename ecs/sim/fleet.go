package sim

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/ecs/query"
	"github.com/bayplan/bayplan/lifecycle"
	"github.com/bayplan/bayplan/placement"
)

// Fleet is n instances of one type, chosen for a task definition.
type Fleet struct {
	Type      InstanceType
	Instances []ecs.ContainerInstance // without ARNs, ready to be registered
	Tasks     int                     // how many tasks of the definition all instances hold together
	Why       string                  // why it is this type
}

// FleetFor returns n instances, spread over the zones in turn, for the given number of tasks. Their type
// is the first of InstanceTypes of which n instances hold all the tasks. If no type does, for instance
// because every task takes the same host port, it is the type that holds most. Each instance has the
// capabilities that the definition requires and the attributes that its constraints name. If no type
// holds a single task, the error says which type comes closest, and what it lacks.
func FleetFor(d ecs.TaskDefinition, zones []string, n, tasks int) (Fleet, error) {
	request, err := placement.NewRequest(d, "")
	if err != nil {
		return Fleet{}, err
	}
	asked := append(pinned(d.PlacementConstraints), d.RequiresAttributes...)
	var best Fleet
	var tried []ecs.ContainerInstance // one of each type
	lacks := ""
	for _, t := range InstanceTypes() {
		if !suits(d, t) {
			continue
		}
		f := Fleet{Type: t}
		for i := range n {
			f.Instances = append(f.Instances, with(t.ContainerInstance(zones[i%len(zones)]), asked))
		}
		var lack string
		if f.Tasks, lack, err = capacity(f.Instances, request, tasks); err != nil {
			return Fleet{}, err
		}
		f.Why = fmt.Sprintf("%s: a task needs %s", t, needs(d.Requirements()))
		if len(tried) > 0 {
			f.Why += fmt.Sprintf("; the %d types tried before it hold fewer than %d tasks (%s)",
				len(tried), tasks, lacks)
		}
		if f.Tasks >= tasks {
			return f, nil
		}
		if f.Tasks > best.Tasks {
			best = f
		}
		lacks = t.Name + ": " + lack
		tried = append(tried, named(f.Instances[0], t.Name))
	}
	if best.Tasks > 0 {
		return best, nil
	}
	return Fleet{}, tooLarge(d, request, tried)
}

// tooLarge says which of the instances, one of each type, comes nearest to holding the task,
// and what it lacks.
func tooLarge(d ecs.TaskDefinition, r placement.Request, types []ecs.ContainerInstance) error {
	snapshot, err := placement.NewSnapshot(slices.Values(types), nil)
	if err != nil {
		return err
	}
	explanation := placement.Explain(snapshot, r)
	var lacks []string
	for v := range explanation.Verdicts() {
		if v.Instance == explanation.Closest {
			for _, reason := range v.Reasons {
				lacks = append(lacks, fmt.Sprintf("%s %s", reason.Code, reason))
			}
		}
	}
	return fmt.Errorf("no instance type could hold the task: it needs %s; the closest is %s: %s",
		needs(d.Requirements()), explanation.Closest, strings.Join(lacks, ", "))
}

// pinned returns attributes of a user's own without which the constraints cannot hold: one that
// must have a value, be one of a list, or exist.
func pinned(constraints []ecs.PlacementConstraint) (attributes []ecs.Attribute) {
	for _, c := range constraints {
		expression, err := query.Parse(c.Expression)
		if c.Type != ecs.PlacementConstraintTypeMemberOf || err != nil {
			continue
		}
		for _, all := range expression.Conjuncts() {
			subject, op, values, ok := all.Comparison()
			name, custom := strings.CutPrefix(subject, "attribute:")
			if !ok || !custom || strings.HasPrefix(name, "ecs.") {
				continue
			}
			switch op {
			case query.OpEquals, query.OpIn:
				attributes = append(attributes, ecs.Attribute{Name: name, Value: values[0]})
			case query.OpExists:
				attributes = append(attributes, ecs.Attribute{Name: name})
			}
		}
	}
	return attributes
}

// named returns the instance under an ID.
func named(ci ecs.ContainerInstance, id string) ecs.ContainerInstance {
	ci.ContainerInstanceArn = id
	return ci
}

// capacity returns how many tasks of the request the instances hold, up to most, and what
// the first instance lacks for one more.
func capacity(instances []ecs.ContainerInstance, r placement.Request, most int) (int, string, error) {
	fleet := slices.Clone(instances)
	for i := range fleet {
		fleet[i] = named(fleet[i], "instance-"+strconv.Itoa(i))
	}
	snapshot, err := placement.NewSnapshot(slices.Values(fleet), nil)
	if err != nil {
		return 0, "", err
	}
	index := placement.NewIndex(snapshot)
	shape, err := index.Prepare(r)
	if err != nil {
		return 0, "", err
	}
	for n := range most {
		if _, ok := index.Place(shape, uint64(n)); !ok {
			verdict, _, err := placement.Judge(index.Snapshot(), r, fleet[0].ID())
			if err != nil || len(verdict.Reasons) == 0 {
				return n, "", err
			}
			return n, fmt.Sprintf("%s %s", verdict.Reasons[0].Code, verdict.Reasons[0]), nil
		}
	}
	return most, "", nil
}

func needs(r ecs.Resources) string {
	s := fmt.Sprintf("%d CPU units, %d MiB", r.CPU, r.Memory)
	if r.GPU > 0 {
		s += fmt.Sprintf(", %d GPU", r.GPU)
	}
	if r.ENI > 0 {
		s += ", a network interface"
	}
	return s
}

// suits reports whether the definition's platform is the type's.
func suits(d ecs.TaskDefinition, t InstanceType) bool {
	if d.RuntimePlatform == nil {
		return !t.Windows && t.Architecture == "x86_64"
	}
	p := *d.RuntimePlatform
	windows := strings.HasPrefix(string(p.OperatingSystemFamily), "WINDOWS")
	architecture := "x86_64"
	if p.CPUArchitecture == ecs.CPUArchitectureArm64 {
		architecture = "arm64"
	}
	return windows == t.Windows && architecture == t.Architecture
}

// AddInstances registers n instances like the given one in the cluster and returns their IDs.
func (w *World) AddInstances(n int, cluster string, like ecs.ContainerInstance) ([]ecs.InstanceID, error) {
	return w.AddFleet(cluster, slices.Repeat([]ecs.ContainerInstance{like}, n))
}

// AddFleet registers instances in the cluster and returns their IDs.
func (w *World) AddFleet(cluster string, instances []ecs.ContainerInstance) ([]ecs.InstanceID, error) {
	ids := make([]ecs.InstanceID, 0, len(instances))
	for _, like := range instances {
		w.instances++
		in := registration(cluster, like, ec2ID(w.instances))
		err := w.Do(func(p *control.Plane, now time.Time) error {
			ci, err := p.RegisterContainerInstance(now, in)
			ids = append(ids, ci.ID())
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// KillTask kills a task's containers, as a crash would; false if no agent has the task.
func (w *World) KillTask(id ecs.TaskID) bool {
	for _, a := range w.sortedAgents() {
		t := a.Task(id)
		if t == nil || t.Over() {
			continue
		}
		for i := range t.State().N {
			if t.Status(int(i)) < lifecycle.ContainerStatusStarting {
				continue // there is nothing to kill
			}
			number := int(t.State().Containers[i].Restarts)
			a.observe(id, lifecycle.ContainerExited(w.now, int(i), number, 137))
		}
		w.drain()
		return true
	}
	return false
}

// Running reports whether an agent runs the task: all its essential containers.
func (w *World) Running(id ecs.TaskID) bool {
	for _, a := range w.sortedAgents() {
		if t := a.Task(id); t != nil && !a.gone {
			return t.State().Last == lifecycle.StatusRunning
		}
	}
	return false
}

// Terminate ends an instance with all that runs on it. If it is an Auto Scaling group's, the group
// replaces it.
func (w *World) Terminate(cluster string, id ecs.InstanceID) {
	w.end(cluster, id)
	w.auto.gone(id)
}

func (w *World) end(cluster string, id ecs.InstanceID) {
	a := w.agent(cluster, id)
	a.gone = true
	w.insist(message.InstanceTerminated{Cluster: cluster, Instance: id})
}
