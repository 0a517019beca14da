package standing

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/placement/internal/request"
)

type value = request.Value

// Order is the tasks that may be stopped, and the instances with these or with tasks of their group.
type Order struct {
	steps []request.Step // those that victims are compared by

	sites  map[ecs.InstanceID]*site
	bySlot map[uint32]*site // those that are known
	tasks  map[ecs.TaskID]*candidate
	most   []map[value]int64 // by step: tasks of the group by the value of an attribute, on known instances
	strays map[stray]int64   // candidates on other instances

	peers map[profile]*peers
}

// Site is what is known of an instance.
type Site struct {
	ID     ecs.InstanceID
	Known  bool   // where it is not, the rest is zero
	Slot   uint32 // no two known ones have the same
	Active bool
	Count  int64 // tasks of the group
	Free   ecs.Resources
	Values [request.MaxStrategies]request.Value // by step, of attributes
}

// Task is a task that may be stopped.
type Task struct {
	ID        ecs.TaskID
	Instance  ecs.InstanceID
	Zone      string
	Unhealthy bool
	Holds     ecs.Resources
}

// site is an instance with the candidates on it.
type site struct {
	Site
	candidates []*candidate
}

// candidate is a task with its place.
type candidate struct {
	Task
	site  *site
	peers *peers // with which it is placed
	key   siteKey
}

// stray is what strays are counted by: one step's value, among all candidates or in one zone.
type stray struct {
	step  int
	value value
	all   bool
	zone  string
}

// New returns an Order by the steps of a strategy, with nothing in it.
func New(steps []request.Step) *Order {
	o := &Order{
		steps: steps, sites: map[ecs.InstanceID]*site{}, bySlot: map[uint32]*site{},
		tasks: map[ecs.TaskID]*candidate{}, most: make([]map[value]int64, len(steps)),
		strays: map[stray]int64{}, peers: map[profile]*peers{},
	}
	for k := range o.most {
		o.most[k] = map[value]int64{}
	}
	return o
}

// Len returns how many tasks a choice is among: all, or those of a zone.
func (o *Order) Len(zone string) int {
	n := 0
	for _, g := range o.peers { //order:any they are added up
		if zone == "" || g.zone == zone {
			n += g.n
		}
	}
	return n
}

// Tasks yields the tasks, in no order.
func (o *Order) Tasks() iter.Seq[Task] {
	return func(yield func(Task) bool) {
		for _, c := range o.tasks { //order:any the caller has them in none
			if !yield(c.Task) {
				return
			}
		}
	}
}

// Has reports whether an instance is kept.
func (o *Order) Has(id ecs.InstanceID) bool { return o.sites[id] != nil }

// In returns the known instance that was told to be in a slot.
func (o *Order) In(slot uint32) (ecs.InstanceID, bool) {
	if at, ok := o.bySlot[slot]; ok {
		return at.ID, true
	}
	return "", false
}

// Set says what an instance is now. One without tasks is not kept. O(candidates on it · log tasks).
func (o *Order) Set(now Site) {
	at, ok := o.sites[now.ID]
	switch {
	case !ok:
		at = &site{Site: now}
		o.sites[now.ID] = at
		o.count(at, 1)
	case at.Site != now:
		o.change(at, now)
	}
	o.leave(at)
}

// Put adds a task, whose ID is not there. Of its instance, where that is not kept, now says what it is.
// O(log tasks).
func (o *Order) Put(t Task, now func(ecs.InstanceID) Site) {
	at, ok := o.sites[t.Instance]
	if !ok {
		at = &site{Site: now(t.Instance)}
		o.sites[t.Instance] = at
		o.count(at, 1)
	}
	c := &candidate{Task: t, site: at}
	at.candidates = append(at.candidates, c)
	o.tasks[t.ID] = c
	o.place(c)
}

// Drop takes a task out, if it is there.
func (o *Order) Drop(id ecs.TaskID) {
	if c, ok := o.tasks[id]; ok {
		o.drop(c)
		o.leave(c.site)
	}
}

func (o *Order) drop(c *candidate) {
	o.lift(c)
	delete(o.tasks, c.ID)
	c.site.candidates = slices.DeleteFunc(c.site.candidates, func(other *candidate) bool { return other == c })
}

// Take takes the task out that goes next, as if it were gone from its instance too: Set says of that,
// later, what has become of it. Draw returns one of n for those that tie, in order of ID.
func (o *Order) Take(zone string, draw func(n int) int) (Task, bool) {
	sets := o.next(zone)
	total := 0
	for _, set := range sets {
		total += set.Len()
	}
	if total == 0 {
		return Task{}, false
	}
	c := o.tasks[ecs.TaskID(nth(sets, draw(total)))]
	o.drop(c)
	if now := c.site.Site; now.Known {
		now.Count--
		now.Free = now.Free.Plus(c.Holds)
		o.change(c.site, now)
	}
	o.leave(c.site)
	return c.Task, true
}

// leave drops an instance on which there is nothing to count.
func (o *Order) leave(at *site) {
	if len(at.candidates) == 0 && at.Count == 0 {
		delete(o.sites, at.ID)
		if o.bySlot[at.Slot] == at {
			delete(o.bySlot, at.Slot)
		}
	}
}

// count adds an instance's tasks to those by value, or takes them out.
func (o *Order) count(at *site, sign int64) {
	if at.Known && sign > 0 {
		o.bySlot[at.Slot] = at
	} else if o.bySlot[at.Slot] == at {
		delete(o.bySlot, at.Slot)
	}
	for k, st := range o.steps {
		if st.Kind != request.SpreadAttribute || at.Count == 0 {
			continue
		}
		if o.most[k][at.Values[k]] += sign * at.Count; o.most[k][at.Values[k]] == 0 {
			delete(o.most[k], at.Values[k])
		}
	}
}

// change changes an instance, and gives its candidates their new places.
func (o *Order) change(at *site, now Site) {
	for _, c := range at.candidates {
		o.lift(c)
	}
	o.count(at, -1)
	at.Site = now
	o.count(at, 1)
	for _, c := range at.candidates {
		o.place(c)
	}
}

// Lines writes down all that is counted: two Orders of one strategy with the same lines go on alike.
func (o *Order) Lines() []string {
	var lines []string
	for _, at := range o.sites { //order:any sorted below
		line := fmt.Sprintf("%+v, %d candidates", at.Site, len(at.candidates))
		if at.Known && o.bySlot[at.Slot] != at {
			line += ", not by slot"
		}
		lines = append(lines, line)
	}
	for k, most := range o.most {
		lines = append(lines, fmt.Sprint("most ", k, most))
	}
	for at, n := range o.strays { //order:any sorted below
		lines = append(lines, fmt.Sprintf("stray %+v: %d", at, n))
	}
	for at, g := range o.peers { //order:any sorted below
		lines = append(lines, fmt.Sprintf("%+v: %d", at, g.n))
		for key := range g.keys.All() {
			lines = append(lines, fmt.Sprintf("%+v: %v %v", at, key, slices.Collect(g.byKey[key].All())))
		}
	}
	slices.SortFunc(lines, strings.Compare)
	return lines
}
