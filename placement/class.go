package placement

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs/query"
	"github.com/bayplan/bayplan/placement/internal/request"
	"github.com/bayplan/bayplan/placement/internal/trees"
)

// traits beside the subjects of the query language
const (
	traitProvider = "capacityProvider"
	traitExternal = "external"
)

// classes sorts instances by the traits that some shape's filter looks at, so that a filter
// is evaluated once a class.
type classes struct {
	traits []*trait
	splits int               // classes made of others by the value of one more trait
	kids   [][few]uint32     // these, by class and the number of one of the first few values; 0: none
	next   map[branch]uint32 // and for the other values
	rep    []*facts          // one instance of each class that has any
}

// trait is one thing that filters look at.
type trait struct {
	subject   string
	attribute string // that it is; "": none
	numbers
}

// branch is a class and a value of the next trait.
type branch struct{ class, value uint32 }

func (c *classes) reset() { *c = classes{next: map[branch]uint32{}} }

// look adds a trait.
func (c *classes) look(subject string) {
	t := &trait{subject: subject}
	if name, ok := strings.CutPrefix(subject, request.AttributePrefix); ok {
		t.attribute = name
	}
	c.traits = append(c.traits, t)
}

// read returns what the trait is on an instance.
func (t *trait) read(f *facts) value {
	if t.attribute != "" {
		return f.value(t.attribute)
	}
	switch t.subject {
	case traitProvider:
		return request.ValueOf(f.provider, true)
	case traitExternal:
		return request.ValueOf("", f.external)
	case "registeredAt":
		return request.ValueOf(strconv.FormatInt(int64(f.registeredAt), 10), true)
	}
	return request.ValueOf(f.Lookup(t.subject))
}

// classify returns the class of an instance; fresh where it is the first of it.
func (c *classes) classify(f *facts) (class uint32, fresh bool) {
	for i, t := range c.traits {
		id, _ := t.of(t.read(f))
		if class, fresh = c.split(class, id); i < len(c.traits)-1 {
			fresh = false
		}
	}
	for int(class) >= len(c.rep) {
		c.rep = append(c.rep, nil)
	}
	if c.rep[class] == nil {
		c.rep[class], fresh = f, true
	}
	return class, fresh
}

// split returns the class of the instances of a class that have a value of the next trait, and
// whether it is new.
func (c *classes) split(class, id uint32) (kid uint32, fresh bool) {
	for int(class) >= len(c.kids) {
		c.kids = append(c.kids, [few]uint32{})
	}
	if id < few {
		kid = c.kids[class][id]
	} else {
		kid = c.next[branch{class, id}]
	}
	if kid > 0 {
		return kid, false
	}
	c.splits++
	kid = uint32(c.splits)
	if id < few {
		c.kids[class][id] = kid
	} else {
		c.next[branch{class, id}] = kid
	}
	return kid, true
}

// filter is what a shape asks of an instance that does not change while it is registered.
type filter struct {
	p       *program
	exprs   []*query.Expr
	allowed trees.Bitmap // classes

	key      string   // in Index.filters
	subjects []string // traits that it looks at
	users    int      // shapes
}

// still answers expressions that read what does not change.
type still struct{ *facts }

func (still) TasksRunning() int            { return 0 }
func (still) TaskGroup(int) (string, bool) { return "", false }
func (s still) Registered() time.Time      { return s.facts.Registered() }

func (f *filter) accepts(in *facts) bool {
	for _, a := range f.p.Attributes {
		if !in.has(a) {
			return false
		}
	}
	return f.p.looksAt(in) && f.p.reaches(in) &&
		!slices.ContainsFunc(f.exprs, func(e *query.Expr) bool { return !e.Match(still{in}) })
}

// filterOf returns the filter of a program and of its static expressions, for one shape; equal
// ones are shared. Traits that no filter looked at before make the classes anew: O(n).
func (x *Index) filterOf(p *program, exprs []*query.Expr) *filter {
	var key strings.Builder
	var subjects []string
	part := func(s string) { key.WriteString(strconv.Quote(s)) }
	part(p.CapacityProvider)
	part(string(p.LaunchType))
	if p.CapacityProvider != "" {
		subjects = append(subjects, traitProvider)
	}
	if p.LaunchType != "" {
		subjects = append(subjects, traitExternal)
	}
	key.WriteByte('|')
	for _, z := range p.Zones {
		part(z)
		subjects = append(subjects, request.AttributePrefix+request.AttributeZone)
	}
	key.WriteByte('|')
	for _, a := range p.Attributes {
		part(a.Name)
		part(a.Value)
		subjects = append(subjects, request.AttributePrefix+a.Name)
	}
	key.WriteByte('|')
	for _, e := range exprs {
		part(e.String())
		for s := range e.Subjects() {
			subjects = append(subjects, s)
		}
	}
	f, ok := x.filters[key.String()]
	if !ok {
		f = &filter{p: p, exprs: exprs, key: key.String(), subjects: subjects}
		x.filters[f.key] = f
		if x.lacks(subjects) {
			x.reclassify()
		} else {
			f.judge(x.classes.rep)
		}
	}
	f.users++
	return f
}

// judge evaluates a filter on every class.
func (f *filter) judge(rep []*facts) {
	f.allowed = trees.Bitmap{}
	for class, in := range rep {
		if in != nil && f.accepts(in) {
			f.allowed.Set(uint32(class))
		}
	}
}

// lacks reports whether some subject is not among the traits.
func (x *Index) lacks(subjects []string) bool {
	return slices.ContainsFunc(subjects, func(s string) bool {
		return !slices.ContainsFunc(x.classes.traits, func(t *trait) bool { return t.subject == s })
	})
}

// reclassify makes the classes of the traits that some filter looks at, and judges them. O(n).
func (x *Index) reclassify() {
	subjects := map[string]bool{}
	for _, f := range x.filters { //order:any sorted below
		for _, s := range f.subjects {
			subjects[s] = true
		}
	}
	x.classes.reset()
	for _, s := range slices.Sorted(maps.Keys(subjects)) {
		x.classes.look(s)
	}
	for _, slot := range x.byID {
		x.records[slot].class, _ = x.classes.classify(x.cold[slot].facts)
	}
	for _, f := range x.filters { //order:any each filter is judged by itself
		f.judge(x.classes.rep)
	}
	x.rechoose()
}
