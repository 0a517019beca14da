package scheduler

import (
	"encoding/json"
	"flag"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/ordered"
)

// mirror keeps a census of a view as its owner does: it puts what changed and what is due, and
// nothing else. Every plan of every world in the tests of this package is held against it.
type mirror struct {
	census *Census
	at     map[ecs.TaskID]Entry
	was    map[ecs.TaskID]Task
	on     map[ecs.InstanceID]Instance
	judged map[string]string // by deployment with tasks: what its tasks were judged by
	puts   int               // of tasks that the view had before
	checks int
	voids  int
}

// follow brings the census to the view.
func (m *mirror) follow(v View, now time.Time) {
	if m.census == nil {
		m.begin(v, now)
		return
	}
	there := make(map[ecs.TaskID]*Task, len(v.Tasks))
	for i := range v.Tasks {
		there[v.Tasks[i].ID] = &v.Tasks[i]
	}
	for id, e := range m.at { //order:any
		if there[id] == nil {
			m.census.Drop(e)
			delete(m.at, id)
			delete(m.was, id)
		}
	}
	listed := map[ecs.InstanceID]bool{}
	for _, i := range v.Instances {
		if listed[i.ID] = true; m.on[i.ID] != i {
			m.on[i.ID] = i
			m.census.PutInstance(i)
		}
	}
	for id := range m.on { //order:any
		if !listed[id] {
			m.census.DropInstance(id)
			delete(m.on, id)
		}
	}
	for i := range v.Tasks {
		if t := v.Tasks[i]; m.was[t.ID] != t {
			m.put(t, now)
		}
	}
	for _, id := range m.census.Due(now) {
		m.put(*there[id], now)
	}
}

func (m *mirror) put(t Task, now time.Time) {
	if m.at[t.ID] != 0 {
		m.puts++
	}
	m.at[t.ID], m.was[t.ID] = m.census.Put(m.at[t.ID], t, now), t
}

func (m *mirror) begin(v View, now time.Time) {
	*m = mirror{at: map[ecs.TaskID]Entry{}, was: map[ecs.TaskID]Task{}, checks: m.checks, puts: m.puts, voids: m.voids}
	m.on = map[ecs.InstanceID]Instance{}
	for _, i := range v.Instances {
		m.on[i.ID] = i
	}
	tasks := v.Tasks
	v.Tasks = nil
	m.census, _ = CensusOf(v, now)
	m.census.Grow(len(tasks))
	for _, t := range tasks { // compare has them counted by CensusOf
		m.at[t.ID], m.was[t.ID] = m.census.Put(0, t, now), t
	}
}

// noCensus lets a law see a planted fault before the census does. No check of the code as it stands
// sets it.
var noCensus = flag.Bool("census.none", false, "compare no plan with that of a census")

// check holds the census's plan against the specification's, byte for byte, and the census
// against one of the whole view.
func (m *mirror) check(t require.TestingT, v View, now time.Time) {
	if *noCensus {
		return
	}
	m.follow(v, now)
	whole := v
	v.Tasks, v.Instances = nil, nil
	p, ok := m.census.Reconcile(v, now)
	judged := judgedBy(whole)
	if !ok {
		require.NotEqual(t, m.judged, judged, "the census is void for no reason")
		m.voids++
		m.begin(whole, now)
		p, ok = m.census.Reconcile(v, now)
	}
	require.True(t, ok)
	m.judged = judged
	want := Reconcile(whole, now)
	if !reflect.DeepEqual(want, p) { // then their JSON is the same, too
		require.Equal(t, text(t, want), text(t, p), "of a census, at %v: %s", now, text(t, whole))
		require.Equal(t, want, p)
	}
	if m.checks++; m.checks%16 == 1 {
		m.compare(t, whole, now, want)
	}
}

// compare holds the census against a new one, and the plan of that one against the specification's.
func (m *mirror) compare(t require.TestingT, v View, now time.Time, want Plan) {
	for i := range v.State.Rollouts {
		for _, class := range []Class{ClassPending, ClassHealthy} {
			s := Stop{Deployment: v.State.Rollouts[i].ID, Class: class}
			var among []int
			for k := range v.Tasks {
				if v.Tasks[k].Deployment == s.Deployment && m.census.Class(m.at[v.Tasks[k].ID]) == class {
					among = append(among, k)
				}
			}
			require.Equal(t, v.Candidates(s, now), among, "%+v", s)
		}
	}
	fresh, at := CensusOf(v, now)
	tasks := v.Tasks
	v.Tasks, v.Instances = nil, nil
	p, ok := fresh.Reconcile(v, now)
	require.True(t, ok)
	require.Equal(t, text(t, want), text(t, p), "of a new census")
	require.Equal(t, sheet(fresh), sheet(m.census), "the census at %v: %s", now, tasks)
	for i := range tasks {
		require.Equal(t, fresh.Class(at[i]), m.census.Class(m.at[tasks[i].ID]))
	}
}

// judgedBy says by what the tasks of each deployment are judged.
func judgedBy(v View) map[string]string {
	by := map[string]string{}
	for _, k := range v.Tasks {
		by[k.Deployment] = "unknown"
		if i := indexOf(v.State.Rollouts, k.Deployment); i >= 0 {
			d := &v.State.Rollouts[i]
			by[k.Deployment] = fmt.Sprint(v.Service.HealthCheckGracePeriodSeconds.Or(0), d.ContainerHealthCheck,
				d.LoadBalanced)
		}
	}
	return by
}

func text(t require.TestingT, v any) string {
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return string(b)
}

// sheet writes down all that a census counts, in an order of its own.
func sheet(c *Census) []string {
	var rows []string
	row := func(format string, args ...any) { rows = append(rows, fmt.Sprintf(format, args...)) }
	ids := func(q *queue) (ids []ecs.TaskID) {
		for m := range q.All() {
			ids = append(ids, c.entries[m.slot].id)
		}
		if len(ids) != q.Len() {
			ids = append(ids, "MISCOUNTED")
		}
		return ids
	}
	counted := func(p *places) []place {
		list := slices.DeleteFunc(slices.Clone(p.list), func(p place) bool { return p.tasks == 0 })
		slices.SortFunc(list, func(a, b place) int { return strings.Compare(a.name, b.name) })
		return list
	}
	for _, g := range c.cohorts { //order:any sorted below
		row("%s: %v %+v at %d: %d tasks, %d over, %d expelled, %+v; unhealthy %v, leaving %v, providers %v",
			g.id, g.known, g.checks, g.at, g.tasks, g.over, g.expelled, g.tally, ids(&g.unhealthy), ids(&g.leaving),
			counted(&g.providers))
	}
	names := func(s *ordered.Set[moored]) (names []string) {
		for m := range s.All() {
			name := string(m.id)
			if m.slot != 0 || s != &c.posts.vacant && s != &c.posts.crowded {
				name += "/" + string(c.entries[m.slot].id)
			}
			names = append(names, name)
		}
		return names
	}
	for id, g := range c.cohorts { //order:any sorted below
		b := &g.berths
		row("%s: %d alone, going %v, healthy %v, unhealthy %v", id, b.n, names(&b.going), names(&b.healthy),
			names(&b.unhealthy))
	}
	for id, p := range c.posts.byID { //order:any sorted below
		var on []ecs.TaskID
		for _, slot := range p.tasks {
			on = append(on, c.entries[slot].id)
		}
		row("post %s: %+v %v %v", id, p.Instance, p.listed, on)
	}
	slices.Sort(rows)
	row("posts: %d active, %d strays, %d held, vacant %v, crowded %v", c.posts.active, c.posts.strays, c.posts.held,
		names(&c.posts.vacant), names(&c.posts.crowded))
	row("zones %v", counted(&c.zones))
	row("restless %v", ids(&c.restless))
	row("due %v", ids(&c.due))
	var all []*entry
	for i := range c.entries {
		if c.entries[i].seq != 0 {
			all = append(all, &c.entries[i])
		}
	}
	slices.SortFunc(all, func(a, b *entry) int { return int(a.seq) - int(b.seq) })
	for _, e := range all {
		row("%s: of %s, %d, due %d, protected %v, restless %v, %v; kept %v", e.id, e.cohort.id, e.standing, e.due,
			e.protected, e.restless, e.started, e.kept)
	}
	return rows
}
