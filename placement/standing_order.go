package placement

import (
	"cmp"
	"slices"
	"sort"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/ordered"
)

func compareText[T ~string](a, b T) int { return strings.Compare(string(a), string(b)) }

// profile is what candidates have in common with those of other instances. What is counted by it
// changes for all of them at once, so that it is looked up when victims are chosen.
type profile struct {
	class  int // as in victims: lower goes first
	zone   string
	stray  bool           // on an instance that the index does not have …
	on     ecs.InstanceID // … this one
	values [MaxStrategies]value
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
type siteKey [MaxStrategies]int64

// Compare puts the greater first: it is stopped first.
func (a siteKey) Compare(b siteKey) int {
	for k := range a {
		if c := cmp.Compare(b[k], a[k]); c != 0 {
			return c
		}
	}
	return 0
}

// victimSteps returns the rules that victims are compared by, up to the first random one.
func (p *program) victimSteps() []step {
	if len(p.Strategy) == 0 {
		return []step{{kind: spreadAttribute, attribute: attributeZone}, {kind: spreadInstance}}
	}
	if i := slices.IndexFunc(p.steps, func(st step) bool { return st.kind == random }); i >= 0 {
		return p.steps[:i]
	}
	return p.steps
}

// place puts a candidate where it belongs.
func (s *Standing) place(c *candidate) {
	at := profile{class: 3, zone: c.zone, values: c.site.values}
	if !c.site.known {
		at.stray, at.on = true, c.site.id
		s.stray(c, &at, 1)
	}
	switch {
	case c.site.known && !c.site.active:
		at.class = 1
	case c.unhealthy:
		at.class = 2
	}
	g, ok := s.peers[at]
	if !ok {
		g = &peers{profile: at, byKey: map[siteKey]*taskSet{}}
		s.peers[at] = g
	}
	c.peers, c.key = g, s.keyOf(c)
	set, ok := g.byKey[c.key]
	if !ok {
		set = &taskSet{}
		g.byKey[c.key] = set
		g.keys.Add(c.key)
	}
	set.Add(c.id)
	g.n++
}

// lift takes a candidate from its place.
func (s *Standing) lift(c *candidate) {
	g := c.peers
	if g.stray {
		at := g.profile
		s.stray(c, &at, -1)
	}
	set := g.byKey[c.key]
	if set.Remove(c.id); set.Len() == 0 {
		delete(g.byKey, c.key)
		g.keys.Remove(c.key)
	}
	if g.n--; g.n == 0 {
		delete(s.peers, g.profile)
	}
	c.peers = nil
}

// stray fills in the values of a candidate that has no instance, and counts it by them.
func (s *Standing) stray(c *candidate, at *profile, d int64) {
	for k, st := range s.steps {
		var v value
		switch st.kind {
		case spreadAttribute:
			if st.attribute == attributeZone && c.zone != "" {
				v = value{c.zone, true}
			}
			at.values[k] = v
		case spreadInstance:
			v = value{string(at.on), true}
		default:
			continue
		}
		for _, key := range []stray{{step: k, value: v, all: true}, {step: k, value: v, zone: c.zone}} {
			if s.strays[key] += d; s.strays[key] == 0 {
				delete(s.strays, key)
			}
		}
	}
}

// keyOf returns what a candidate's instance adds to the comparison.
func (s *Standing) keyOf(c *candidate) (key siteKey) {
	for k, st := range s.steps {
		switch st.kind {
		case spreadInstance:
			key[k] = c.site.count // of a stray: none, its profile counts
		case binpackCPU:
			key[k] = c.site.free.CPU + c.holds.CPU
		case binpackMemory:
			key[k] = c.site.free.Memory + c.holds.Memory
		}
	}
	return key
}

// next returns the tasks that tie for being stopped next.
func (s *Standing) next(zone string) []*taskSet {
	var best []int64
	var sets []*taskSet
	for _, g := range s.peers { //order:any equals are told apart by task ID
		if zone != "" && g.zone != zone {
			continue
		}
		first, _ := g.keys.First()
		key := s.comparison(g, first, zone)
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
func (s *Standing) comparison(g *peers, first siteKey, zone string) []int64 {
	key := append(make([]int64, 0, 1+MaxStrategies), int64(-g.class))
	for k, st := range s.steps {
		n := first[k]
		switch st.kind {
		case spreadAttribute:
			n = s.most[k][g.values[k]] + s.strays[stray{step: k, value: g.values[k], all: zone == "", zone: zone}]
		case spreadInstance:
			if g.stray {
				n = s.strays[stray{step: k, value: value{string(g.on), true}, all: zone == "", zone: zone}]
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
