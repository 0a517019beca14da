package placement

import (
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/placement/internal/draw"
	"github.com/bayplan/bayplan/placement/internal/request"
)

// Victims returns the tasks to stop, n of those in among or as many as may be stopped, in
// the order in which they are chosen. One after the other, each time as if those before
// were gone:
//
//  1. Protected tasks are never chosen, and tasks whose desired status is STOPPED are gone already.
//  2. Tasks of other deployments than the request's come first, where it names one; then tasks on
//     instances that are not ACTIVE; then unhealthy ones.
//  3. Rule by rule of the strategy: spread keeps the values with the most tasks of the group;
//     binpack the instances that would have the most left of the resource after the stop.
//     Without a strategy: the zones, then the instances, with the most tasks of the group.
//  4. What is equal until here is drawn by the request's Seed, in order of task ID.
//
// A task's own Resources count for binpack, the request's Need where they are zero. A wrong
// request, or a Fargate one (no instances in among), is taken without strategy: the zone
// with the most tasks of among. O(n · tasks).
// Source: Amazon ECS API Reference, UpdateService; Amazon ECS Developer Guide, "Use
// strategies to define Amazon ECS task placement" and "Protect your Amazon ECS tasks from
// being terminated by scale-in events".
func Victims(s *Snapshot, r Request, among []Running, n int) []ecs.TaskID {
	return victims(s, r, among, n)
}

// book is what a choice of victims asks of a cluster.
type book interface {
	lookup(id ecs.InstanceID) (f *facts, free ecs.Resources, ok bool)
	// tally counts a group's tasks by what of the instance says.
	tally(group string, what func(f *facts) value) map[value]int64
}

func (s *Snapshot) lookup(id ecs.InstanceID) (*facts, ecs.Resources, bool) {
	i, ok := s.find(id)
	if !ok {
		return nil, ecs.Resources{}, false
	}
	return s.instances[i].facts, s.instances[i].free, true
}

func (s *Snapshot) tally(group string, what func(f *facts) value) map[value]int64 {
	counts := map[value]int64{}
	for _, sh := range s.groups[group] {
		counts[what(s.instances[sh.instance].facts)] += int64(sh.count)
	}
	return counts
}

// victim is a task that may be stopped.
type victim struct {
	task  *Running
	facts *facts // nil if the instance is not known
	class int    // 2 of the rules: lower goes first
	holds ecs.Resources
}

// target is one rule's view of the victims, kept up to date as they are chosen.
type target struct {
	step request.Step
	what func(f *facts) value // spread
	most map[value]int64      // spread: tasks by value
}

func victims(b book, r Request, among []Running, n int) []ecs.TaskID {
	p, err := compile(r)
	if err != nil {
		r.Strategy, r.Constraints = nil, nil
		p, _ = compile(Request{Group: r.Group, Deployment: r.Deployment, Seed: r.Seed})
	}
	left, free := candidates(b, p, among)
	targets := p.targets(b, left)
	d := draw.Stream(p.Seed)
	var chosen []ecs.TaskID
	for len(chosen) < n && len(left) > 0 {
		v := pick(targets, left, free, &d)
		chosen = append(chosen, left[v].task.ID)
		forget(targets, left[v], free)
		left = slices.Delete(left, v, v+1)
	}
	return chosen
}

// candidates returns the tasks that may be stopped, in order of ID, and what is free on
// their instances.
func candidates(b book, p *program, among []Running) ([]victim, map[*facts]ecs.Resources) {
	var left []victim
	free := map[*facts]ecs.Resources{}
	for i := range among {
		t := &among[i]
		if t.Protected || !t.counts() {
			continue
		}
		v := victim{task: t, holds: t.Resources}
		if v.holds == (ecs.Resources{}) {
			v.holds = p.Need
		}
		f, amount, ok := b.lookup(t.Instance)
		if ok {
			v.facts, free[f] = f, amount
		} else {
			v.facts = &facts{id: t.Instance, status: ecs.ContainerInstanceStatusActive}
			if t.Zone != "" {
				v.facts.attributes = []attribute{{request.AttributeZone, t.Zone}}
			}
		}
		switch {
		case p.Deployment != "" && t.Deployment != p.Deployment:
			v.class = 0
		case v.facts.status != ecs.ContainerInstanceStatusActive:
			v.class = 1
		case t.Health == ecs.HealthStatusUnhealthy:
			v.class = 2
		default:
			v.class = 3
		}
		left = append(left, v)
	}
	slices.SortStableFunc(left, func(a, b victim) int { return strings.Compare(string(a.task.ID), string(b.task.ID)) })
	return left, free
}

// targets prepares the rules.
func (p *program) targets(b book, left []victim) []target {
	var targets []target
	for _, st := range p.VictimSteps() {
		t := target{step: st}
		switch st.Kind {
		case request.SpreadAttribute:
			t.what = func(f *facts) value { return f.value(st.Attribute) }
		case request.SpreadInstance:
			t.what = func(f *facts) value { return request.ValueOf(string(f.id), true) }
		}
		if t.what != nil {
			t.most = b.tally(p.Group, t.what)
			for _, v := range left { // tasks that the books do not know: on Fargate, or on instances gone
				if _, _, known := b.lookup(v.task.Instance); !known {
					t.most[t.what(v.facts)]++
				}
			}
		}
		targets = append(targets, t)
	}
	return targets
}

// pick returns the index of the task to stop next.
func pick(targets []target, left []victim, free map[*facts]ecs.Resources, d *draw.Stream) int {
	best := make([]int, 0, len(left))
	class := slices.MinFunc(left, func(a, b victim) int { return a.class - b.class }).class
	for i, v := range left {
		if v.class == class {
			best = append(best, i)
		}
	}
	for _, t := range targets {
		keys := make([]int64, len(best))
		for k, i := range best {
			keys[k] = t.key(left[i], free)
		}
		most, kept := slices.Max(keys), best[:0]
		for k, i := range best {
			if keys[k] == most {
				kept = append(kept, i)
			}
		}
		best = kept
	}
	return best[d.Below(len(best))]
}

// key returns what a rule compares; the greatest is stopped.
func (t *target) key(v victim, free map[*facts]ecs.Resources) int64 {
	switch t.step.Kind {
	case request.BinpackCPU:
		return free[v.facts].CPU + v.holds.CPU
	case request.BinpackMemory:
		return free[v.facts].Memory + v.holds.Memory
	}
	return t.most[t.what(v.facts)]
}

// forget takes a chosen task out of the counts and amounts.
func forget(targets []target, v victim, free map[*facts]ecs.Resources) {
	for _, t := range targets {
		if t.most != nil {
			t.most[t.what(v.facts)]--
		}
	}
	free[v.facts] = free[v.facts].Plus(v.holds)
}
