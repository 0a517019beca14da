package standing

import (
	"cmp"
	"slices"
	"sort"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/ordered"
	"github.com/bayplan/bayplan/placement/internal/request"
)

type taskID ecs.TaskID

// Compare orders the IDs as texts.
func (a taskID) Compare(b taskID) int { return strings.Compare(string(a), string(b)) }

// taskSet is tasks in order of ID.
type taskSet = ordered.Set[taskID]

// profile is what candidates have in common with those of other instances. What is counted by it
// changes for all of them at once, so that it is looked up when victims are chosen.
type profile struct {
	class  int // rule 2 of placement.Victims: lower goes first
	zone   string
	stray  bool           // on an instance that is not known …
	on     ecs.InstanceID // … this one
	values [request.MaxStrategies]value
}

// peers are the candidates of one profile, by what belongs to their instances.
type peers struct {
	profile
	n     int
	keys  ordered.Set[siteKey]
	byKey map[siteKey]*taskSet
}

// siteKey is what a task's instance adds to the comparison, step by step; zero for the steps that
// go by the profile.
type siteKey [request.MaxStrategies]int64

// Compare puts the greater first: it is stopped first.
func (a siteKey) Compare(b siteKey) int {
	for k := range a {
		if c := cmp.Compare(b[k], a[k]); c != 0 {
			return c
		}
	}
	return 0
}

// place puts a candidate where it belongs.
func (o *Order) place(c *candidate) {
	at := profile{class: 3, zone: c.Zone, values: c.site.Values}
	if !c.site.Known {
		at.stray, at.on = true, c.site.ID
		o.stray(c, &at, 1)
	}
	switch {
	case c.site.Known && !c.site.Active:
		at.class = 1
	case c.Unhealthy:
		at.class = 2
	}
	g, ok := o.peers[at]
	if !ok {
		g = &peers{profile: at, byKey: map[siteKey]*taskSet{}}
		o.peers[at] = g
	}
	c.peers, c.key = g, o.keyOf(c)
	set, ok := g.byKey[c.key]
	if !ok {
		set = &taskSet{}
		g.byKey[c.key] = set
		g.keys.Add(c.key)
	}
	set.Add(taskID(c.ID))
	g.n++
}

// lift takes a candidate from its place.
func (o *Order) lift(c *candidate) {
	g := c.peers
	if g.stray {
		at := g.profile
		o.stray(c, &at, -1)
	}
	set := g.byKey[c.key]
	if set.Remove(taskID(c.ID)); set.Len() == 0 {
		delete(g.byKey, c.key)
		g.keys.Remove(c.key)
	}
	if g.n--; g.n == 0 {
		delete(o.peers, g.profile)
	}
	c.peers = nil
}

// stray fills in the values of a candidate that has no instance, and counts it by them.
func (o *Order) stray(c *candidate, at *profile, d int64) {
	for k, st := range o.steps {
		var v value
		switch st.Kind {
		case request.SpreadAttribute:
			if st.Attribute == request.AttributeZone && c.Zone != "" {
				v = request.ValueOf(c.Zone, true)
			}
			at.values[k] = v
		case request.SpreadInstance:
			v = request.ValueOf(string(at.on), true)
		default:
			continue
		}
		for _, key := range []stray{{step: k, value: v, all: true}, {step: k, value: v, zone: c.Zone}} {
			if o.strays[key] += d; o.strays[key] == 0 {
				delete(o.strays, key)
			}
		}
	}
}

// keyOf returns what a candidate's instance adds to the comparison.
func (o *Order) keyOf(c *candidate) (key siteKey) {
	for k, st := range o.steps {
		switch st.Kind {
		case request.SpreadInstance:
			key[k] = c.site.Count // of a stray: none, its profile counts
		case request.BinpackCPU:
			key[k] = c.site.Free.CPU + c.Holds.CPU
		case request.BinpackMemory:
			key[k] = c.site.Free.Memory + c.Holds.Memory
		}
	}
	return key
}

// next returns the tasks that tie for being stopped next.
func (o *Order) next(zone string) []*taskSet {
	var best []int64
	var sets []*taskSet
	for _, g := range o.peers { //order:any equals are told apart by task ID
		if zone != "" && g.zone != zone {
			continue
		}
		first, _ := g.keys.First()
		key := o.comparison(g, first, zone)
		switch c := slices.Compare(key, best); {
		case best == nil || c > 0:
			best, sets = key, append(sets[:0], g.byKey[first])
		case c == 0:
			sets = append(sets, g.byKey[first])
		}
	}
	return sets
}

// comparison returns what the first tasks of a profile are compared by: the greatest are stopped.
func (o *Order) comparison(g *peers, first siteKey, zone string) []int64 {
	key := append(make([]int64, 0, 1+request.MaxStrategies), int64(-g.class))
	for k, st := range o.steps {
		n := first[k]
		switch st.Kind {
		case request.SpreadAttribute:
			n = o.most[k][g.values[k]] + o.strays[stray{step: k, value: g.values[k], all: zone == "", zone: zone}]
		case request.SpreadInstance:
			if g.stray {
				n = o.strays[stray{step: k, value: request.ValueOf(string(g.on), true), all: zone == "", zone: zone}]
			}
		}
		key = append(key, n)
	}
	return key
}

// nth returns the task with k before it in all the sets, in order of ID.
func nth(sets []*taskSet, k int) taskID {
	rank := func(id taskID) (n int) {
		for _, set := range sets {
			n += set.Rank(id)
		}
		return n
	}
	for _, set := range sets {
		i := sort.Search(set.Len(), func(i int) bool { return rank(set.At(i)) >= k })
		if i < set.Len() && rank(set.At(i)) == k {
			return set.At(i)
		}
	}
	return "" // there is none: k is not below their number
}
