package placement

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bayplan/bayplan/ecs"
)

// standingIsVictims: over random histories of an index and of candidates, a Standing takes the tasks
// that Victims chooses among all of them, ties included, and counts what a new one counts.
func standingIsVictims(t *rapid.T) {
	l := limits{leaf: 4, mid: 4, pending: 2, given: 32, own: 3, many: 2, top: 80, probes: 7, grid: 2, touched: 6}
	if rapid.Bool().Draw(t, "usual") {
		l = usual()
	}
	m := &machine{t: t, next: by(rapid.Uint64().Draw(t, "start"))}
	m.start(l)
	request := m.request(0)
	shape, err := m.x.Prepare(request)
	require.NoError(t, err)
	m.requests, m.shapes = append(m.requests, request), append(m.shapes, shape)
	s := m.x.Standing(shape)
	among := map[ecs.TaskID]Running{}
	for _, seed := range rapid.SliceOfN(rapid.Uint64(), 1, 40).Draw(t, "seeds") {
		m.next = by(seed)
		for range m.next(4) {
			m.step()
		}
		shape, err := m.x.Prepare(request) // which the machine may have forgotten
		require.NoError(t, err)
		for range m.next(3) { // tasks of the group
			i := slices.Index(m.shapes, shape)
			if p, ok := m.x.Place(shape, 1); ok && i >= 0 {
				m.taken(i, p)
				r := candidateOf(m, p.Instance)
				among[r.ID] = r
				s.Put(r)
			} else if ok {
				require.True(t, m.x.Release(shape, p))
			}
		}
		for range m.next(4) {
			r := candidateOf(m, "")
			among[r.ID] = r
			s.Put(r)
		}
		if m.next(3) == 0 {
			id := ecs.TaskID(fmt.Sprint("t", m.next(30)))
			delete(among, id)
			s.Drop(id)
		}
		if m.next(3) > 0 {
			m.x.Forget(shape)
			continue
		}
		n, zone, draw := m.next(5), m.pick("", "", "a", "b"), uint64(m.next(9))
		var list []Running
		for _, id := range slices.Sorted(maps.Keys(among)) {
			if r := among[id]; zone == "" || r.Zone == zone {
				list = append(list, r)
			}
		}
		want := m.x.Victims(shape, list, n, "", draw)
		require.Equal(t, want, s.Take(n, zone, draw), "%+v among %+v\n%s", request, list, dump(m.x.Snapshot()))
		for _, id := range want {
			delete(among, id)
		}
		fresh := m.x.Standing(shape)
		for _, r := range among { //order:any
			fresh.Put(r)
		}
		s.sync()
		require.Equal(t, fresh.order.Lines(), s.order.Lines())
		for _, zone := range []string{"", "a"} {
			require.Equal(t, fresh.Len(zone), s.Len(zone))
		}
		fresh.Close()
		m.x.Forget(shape)
	}
	s.Close()
	require.Zero(t, m.x.touched.readers)
}

// candidateOf returns a task that may be stopped, on an instance or none; its ID may be known.
func candidateOf(m *machine, on ecs.InstanceID) Running {
	r := Running{ID: ecs.TaskID(fmt.Sprint("t", m.next(30))), Instance: on, Zone: m.pick("a", "b", "c", "")}
	if id, ok := m.instance(); ok && on == "" && m.next(4) > 0 {
		r.Instance = id
	} else if on == "" {
		r.Instance = ecs.InstanceID(m.pick("", "gone", "lost"))
	}
	if m.next(4) == 0 {
		r.Health = ecs.HealthStatusUnhealthy
	}
	if m.next(3) > 0 {
		r.Resources = ecs.Resources{CPU: int64(64 * m.next(4)), Memory: int64(64 * m.next(4))}
	}
	if m.next(8) == 0 {
		r.DesiredStatus = ecs.DesiredStatusStopped
	}
	r.Protected = m.next(8) == 0
	return r
}

// TestStandingFollowsItsLog has a Standing miss more changes than the log holds.
func TestStandingFollowsItsLog(t *testing.T) {
	x := NewIndex(snapshot([]box{{id: "i1", cpu: 1 << 20, mem: 1 << 20}, {id: "i2", cpu: 1 << 20, mem: 1 << 20}}))
	sh, err := x.Prepare(Request{Group: "g", Need: ecs.Resources{CPU: 1}, Strategy: []ecs.PlacementStrategy{byHost}})
	require.NoError(t, err)
	s := x.Standing(sh)
	for i := range 10 {
		s.Put(Running{ID: ecs.TaskID(fmt.Sprint("t", i)), Instance: []ecs.InstanceID{"i1", "i2"}[i%2]})
	}
	for range 10 {
		_, ok := x.PlaceOn(sh, "i1")
		require.True(t, ok)
	}
	for range touchedMax {
		p, ok := x.PlaceOn(sh, "i2")
		require.True(t, ok)
		x.Release(sh, p)
	}
	for _, id := range s.Take(5, "", 1) {
		require.Contains(t, []ecs.TaskID{"t0", "t2", "t4", "t6", "t8"}, id)
	}
	require.Equal(t, 5, s.Len(""))
}

// BenchmarkStanding stops a task of a service, starts one in its place, and so on: with a Standing, and
// with Victims among all tasks.
func BenchmarkStanding(b *testing.B) {
	for _, chain := range []string{"spread(az) > binpack(memory)", "default"} {
		for _, n := range []int{100, 5000} {
			for _, way := range []string{"Standing", "Victims"} {
				b.Run(fmt.Sprintf("%s/tasks=%d/%s", chain, n, way), func(b *testing.B) {
					benchVictims(b, chain, n, way)
				})
			}
		}
	}
}

func benchVictims(b *testing.B, chain string, n int, way string) {
	var boxes []box
	for i := range n / 10 {
		boxes = append(boxes, box{id: fmt.Sprint("i", i), zone: fmt.Sprint("z", i%3), cpu: 1 << 20, mem: 1 << 20})
	}
	x := NewIndex(snapshot(boxes))
	r := Request{Group: "service:web", Need: ecs.Resources{CPU: 1, Memory: 1}}
	if chain != "default" {
		r.Strategy = []ecs.PlacementStrategy{bySpreadAZ, binpack("memory")}
	}
	sh, err := x.Prepare(r)
	require.NoError(b, err)
	s, tasks := x.Standing(sh), map[ecs.TaskID]Placement{}
	var among []Running
	start := func(i int) {
		p, _ := x.PlaceOn(sh, ecs.InstanceID(fmt.Sprint("i", i%len(boxes))))
		t := Running{ID: ecs.TaskID(fmt.Sprintf("%08d", i)), Instance: p.Instance, Group: r.Group}
		tasks[t.ID] = p
		among = append(among, t)
		s.Put(t)
	}
	for i := range n {
		start(i)
	}
	b.ReportAllocs()
	for i := n; b.Loop(); i++ {
		var ids []ecs.TaskID
		if way == "Standing" {
			ids = s.Take(1, "", uint64(i))
		} else {
			ids = x.Victims(sh, among, 1, "", uint64(i))
			s.Drop(ids[0])
		}
		x.Release(sh, tasks[ids[0]])
		delete(tasks, ids[0])
		at := slices.IndexFunc(among, func(t Running) bool { return t.ID == ids[0] })
		among = slices.Delete(among, at, at+1)
		start(i)
	}
}

// TestStandingOfAReusedSlot has an instance take the place of one that has gone, before the Standing
// looks: the candidates of the first have no instance any more.
func TestStandingOfAReusedSlot(t *testing.T) {
	x := NewIndex(snapshot([]box{{id: "i1", zone: "a", cpu: 4, mem: 4}}))
	sh, err := x.Prepare(Request{Group: "g", Strategy: []ecs.PlacementStrategy{binpack("memory")}})
	require.NoError(t, err)
	s := x.Standing(sh)
	tasks := []Running{{ID: "t1", Instance: "i1"}, {ID: "t2", Instance: "i2"}}
	s.Put(tasks[0])
	require.NoError(t, x.Remove("i1"))
	require.NoError(t, x.Upsert(box{id: "i2", zone: "a", cpu: 4, mem: 1}.instance()))
	s.Put(tasks[1])
	require.Equal(t, []ecs.TaskID{"t2"}, x.Victims(sh, tasks, 1, "", 1))
	require.Equal(t, []ecs.TaskID{"t2"}, s.Take(1, "", 1))
}

// TestStandingAfterRollback looks while an instance is gone, and again when a rollback has put it back.
func TestStandingAfterRollback(t *testing.T) {
	x := NewIndex(snapshot([]box{{id: "i1", zone: "a", cpu: 4, mem: 4}, {id: "i2", zone: "a", cpu: 4, mem: 2}}))
	sh, err := x.Prepare(Request{Group: "g", Strategy: []ecs.PlacementStrategy{binpack("memory")}})
	require.NoError(t, err)
	s := x.Standing(sh)
	tasks := []Running{{ID: "t1", Instance: "i1"}, {ID: "t2", Instance: "i2"}}
	s.Put(tasks[0])
	mark := x.Mark()
	require.NoError(t, x.Remove("i1"))
	s.Put(tasks[1])
	x.Rollback(mark)
	require.Equal(t, []ecs.TaskID{"t1"}, x.Victims(sh, tasks, 1, "", 1))
	require.Equal(t, []ecs.TaskID{"t1"}, s.Take(1, "", 1))
}
