package placement

import (
	"fmt"
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/stretchr/testify/require"
)

// machine plays random operations on an Index and checks each answer against Place on the
// index's own Snapshot, and the snapshot against a model that knows nothing of indexes.
type machine struct {
	t        require.TestingT
	x        *Index
	next     func(n int) int
	requests []Request
	shapes   []Shape
	tasks    []placed
	marks    []marked
	ids      int
	model    model
	reach    map[string]int // what TestReach counts; nil: nothing
}

// placed is a task the machine has running.
type placed struct {
	shape   int
	at      Placement
	stopped bool
}

// marked is a mark with what there was.
type marked struct {
	mark  Mark
	tasks []placed
	model model
}

func (m *machine) pick(list ...string) string { return list[m.next(len(list))] }

func (m *machine) box() box {
	b := box{
		zone: m.pick("a", "a", "b", "c", ""), kind: m.pick("m5.large", "m6g.medium", "c5.xlarge", "other", "other"),
		cpu: 256 * (1 + m.next(8)), mem: 512 * (1 + m.next(8)), gpu: max(0, m.next(6)-3),
		provider: m.pick("", "", "cp"), offline: m.next(12) == 0, external: m.next(12) == 0,
	}
	if m.next(10) == 0 {
		b.status = ecs.ContainerInstanceStatusDraining
	}
	if m.next(3) == 0 {
		b.ports = []uint16{22, 80}
	}
	if m.next(2) == 0 {
		b.attributes = append(b.attributes, ecs.Attribute{Name: "stack", Value: m.pick("prod", "test", "")})
	}
	if m.next(2) == 0 {
		b.attributes = append(b.attributes, ecs.Attribute{Name: "rack", Value: m.pick("1", "2", "3")})
	}
	if m.next(8) == 0 {
		b.attributes = append(b.attributes, ecs.Attribute{Name: attributeTrunk, Value: "eni-1"})
	}
	if m.next(2) == 0 {
		b.registered = february
	}
	if m.next(8) == 0 {
		b.running = m.next(4)
	}
	if m.next(8) == 0 {
		b.remaining = &ecs.Resources{CPU: int64(m.next(b.cpu + 1)), Memory: int64(m.next(b.mem + 1)),
			GPU: int64(m.next(b.gpu + 1))}
	}
	return b
}

func (m *machine) request(i int) Request {
	r := Request{
		Group: fmt.Sprint("service:", m.next(6)),
		Need:  ecs.Resources{CPU: int64(64 * m.next(6)), Memory: int64(64 * m.next(8)), ENI: int64(m.next(3) / 2)},
	}
	if m.next(8) == 0 {
		r.Need.GPU = 1
	}
	if m.next(6) == 0 {
		r.HostPorts = []ecs.HostPort{tcp(uint16(80 + m.next(2)))}
	}
	if m.next(8) == 0 {
		r.HostPorts = append(r.HostPorts, udp(80))
	}
	if m.next(6) == 0 {
		r.Attributes = []ecs.Attribute{{Name: "stack", Value: m.pick("", "prod")}}
	}
	if m.next(6) == 0 {
		r.Zones = []string{m.pick("a", "b"), "c"}
	}
	if m.next(10) == 0 {
		r.CapacityProvider = "cp"
	}
	if m.next(10) == 0 {
		r.LaunchType = ecs.LaunchType(m.pick("EC2", "EXTERNAL"))
	}
	if m.next(6) == 0 {
		r.Constraints = append(r.Constraints, distinct())
	}
	for m.next(3) == 0 && len(r.Constraints) < 4 {
		r.Constraints = append(r.Constraints, memberOf(m.pick(
			"attribute:stack == prod", "attribute:stack != prod", "not(attribute:stack == prod)",
			"attribute:rack exists",
			"attribute:ecs.instance-type =~ m5.*", "runningTasksCount < 3", "runningTasksCount <= 4",
			"runningTasksCount >= 1",
			"runningTasksCount < 0", "runningTasksCount < 99999", "runningTasksCount != 2",
			"agentConnected == true", "agentVersion > 1.9.0",
			"not(task:group == service:1)", "task:group != service:3", "task:group =~ service:[0-3]",
			"not(task:group == service:2) and attribute:rack !exists", "ec2InstanceId !~ i-i?[0-3].*",
			"runningTasksCount < 2 or attribute:stack == prod",
			"not(runningTasksCount < 1 or task:group == service:4)", "registeredAt < 2018-02-13",
			"attribute:ecs.instance-type =~ (m5|c5).*",
		)))
	}
	if m.next(10) == 0 {
		r.Constraints = append(r.Constraints, memberOf("task:group == "+m.pick(r.Group, "service:0", "service:1",
			"service:2", "service:3")))
	}
	all := []ecs.PlacementStrategy{bySpreadAZ, spread("attribute:rack"), byHost, binpack("cpu"), binpack("memory"),
		randomly(), spread("attribute:stack"), spread("attribute:ecs.instance-type")}
	switch m.next(6) {
	case 0:
		r.Group = m.pick(r.Group, "family:f")
	case 1:
		r.Strategy = []ecs.PlacementStrategy{bySpreadAZ, binpack("memory")}
	case 2:
		r.Strategy = []ecs.PlacementStrategy{all[m.next(len(all))]}
	default:
		for range 1 + m.next(5) {
			r.Strategy = append(r.Strategy, all[m.next(len(all))])
		}
	}
	return r
}

func (m *machine) start(l limits) {
	m.model = model{}
	var cis []ecs.ContainerInstance
	for range m.next(24) {
		b := m.box()
		b.id = m.newID()
		cis = append(cis, b.instance())
		m.model.register(b)
	}
	s, err := NewSnapshot(slices.Values(cis), nil)
	require.NoError(m.t, err)
	m.x = newIndex(s, l)
	for i := range 2 + m.next(7) {
		m.prepare(i)
	}
}

func (m *machine) newID() string {
	m.ids++
	return fmt.Sprint(m.next(8), "-", m.ids)
}

func (m *machine) prepare(i int) {
	r := m.request(i)
	sh, err := m.x.Prepare(r)
	require.NoError(m.t, err, "%v", r)
	m.requests, m.shapes = append(m.requests, r), append(m.shapes, sh)
}

// forget gives a shape back, and prepares another request in its place; the same request, if
// there are tasks of it.
func (m *machine) forget() {
	i := m.next(len(m.shapes))
	old := m.shapes[i]
	m.x.Forget(old)
	used := func(tasks []placed) bool {
		return slices.ContainsFunc(tasks, func(p placed) bool { return p.shape == i })
	}
	if !used(m.tasks) && !slices.ContainsFunc(m.marks, func(h marked) bool { return used(h.tasks) }) {
		m.requests[i] = m.request(i)
		m.count("step", "forget")
	} else {
		m.count("step", "forget and prepare")
	}
	var err error
	m.shapes[i], err = m.x.Prepare(m.requests[i])
	require.NoError(m.t, err)
	if m.shapes[i] != old && !slices.Contains(m.shapes, old) {
		require.Panics(m.t, func() { m.x.PlaceOn(old, "") }, "a shape that has ended names no other")
	}
}

func (m *machine) instance() (ecs.InstanceID, bool) {
	if m.x.Len() == 0 {
		return "", false
	}
	return m.x.ids[m.x.byID[m.next(m.x.Len())]], true
}

func (m *machine) step() {
	switch op := m.next(102); {
	case op < 55:
		m.place()
	case op < 62:
		m.placeN()
	case op < 78:
		m.release()
	case op < 81:
		m.placeOn()
	case op < 84:
		m.togglePorts()
	case op < 90:
		m.upsert()
	case op < 91:
		if id, ok := m.instance(); ok {
			in := m.model[id]
			in.status = []ecs.ContainerInstanceStatus{ecs.ContainerInstanceStatusActive,
				ecs.ContainerInstanceStatusDraining}[m.next(2)]
			in.connected = m.next(4) > 0
			require.True(m.t, m.x.SetStatus(id, in.status, in.connected))
			m.count("step", "status")
		}
	case op < 92:
		if id, ok := m.instance(); ok {
			require.NoError(m.t, m.x.Remove(id))
			delete(m.model, id)
			m.count("step", "remove")
		}
	case op < 95:
		m.mark()
	case op < 98:
		m.rollback()
	case op < 99 && len(m.shapes) < 14:
		m.prepare(0)
		m.count("step", "prepare")
	default:
		m.forget()
	}
	m.model.equals(m.t, m.x)
	kept := m.x.Snapshot()
	m.x.shown = nil
	require.Equal(m.t, m.x.Snapshot(), kept, "the one kept is of before")
}

// want returns what the specification says about shape i.
func (m *machine) want(s *Snapshot, i int, seed uint64) (ecs.InstanceID, bool) {
	r := m.requests[i]
	r.Seed = seed
	p, err := Place(s, r)
	if err != nil {
		require.IsType(m.t, &NotPlaced{}, err)
	}
	return p.Instance, err == nil
}

func (m *machine) place() {
	i, seed, s := m.next(len(m.shapes)), uint64(m.next(1000)), m.x.Snapshot()
	id, ok := m.want(s, i, seed)
	m.count("step", "place")
	m.countOffer(s, i, ok)
	p, got := m.x.Place(m.shapes[i], seed)
	if got != ok || p.Instance != id {
		require.Fail(m.t, "index is not place", "%+v\nwant %v %v, got %v %v\n%s", m.requests[i], id, ok,
			p.Instance, got, dump(s))
	}
	if ok {
		m.taken(i, p)
	}
}

// taken books a task that the index has placed.
func (m *machine) taken(i int, p Placement) {
	m.tasks = append(m.tasks, placed{shape: i, at: p})
	m.model.hold(p.Instance, m.requests[i], 1, true)
}

func (m *machine) placeN() {
	i, seed, n := m.next(len(m.shapes)), uint64(m.next(1000)), 1+m.next(12)
	m.count("step", "placeN")
	// The copies one by one, on the same index, taken back.
	mark := m.x.Mark()
	var want []ecs.InstanceID
	for k := range n {
		id, ok := m.want(m.x.Snapshot(), i, seed+uint64(k))
		p, got := m.x.Place(m.shapes[i], seed+uint64(k))
		require.Equal(m.t, ok, got)
		require.Equal(m.t, id, p.Instance)
		if !ok {
			break
		}
		want = append(want, id)
	}
	m.x.Rollback(mark)
	got := m.x.PlaceN(nil, m.shapes[i], n, seed)
	var ids []ecs.InstanceID
	for _, p := range got {
		ids = append(ids, p.Instance)
		m.taken(i, p)
	}
	require.Equal(m.t, want, ids, "%+v", m.requests[i])
}

func (m *machine) release() {
	if len(m.tasks) == 0 {
		return
	}
	k := m.next(len(m.tasks))
	task := &m.tasks[k]
	r, there := m.requests[task.shape], m.x.Has(task.at.Instance)
	switch {
	case task.stopped:
		require.Equal(m.t, there, m.x.ReleaseStopped(m.shapes[task.shape], task.at))
		m.model.hold(task.at.Instance, r, -1, false)
	case m.next(4) == 0:
		require.Equal(m.t, there, m.x.Stop(m.shapes[task.shape], task.at))
		m.model.count(task.at.Instance, r, -1)
		task.stopped = true
		m.count("step", "stop")
		return
	default:
		require.Equal(m.t, there, m.x.Release(m.shapes[task.shape], task.at))
		m.model.hold(task.at.Instance, r, -1, true)
	}
	m.count("step", "release")
	m.tasks = slices.Delete(m.tasks, k, k+1)
}

func (m *machine) placeOn() {
	id, ok := m.instance()
	if !ok {
		return
	}
	m.count("step", "placeOn")
	i := m.next(len(m.shapes))
	v, there, err := Judge(m.x.Snapshot(), m.requests[i], id)
	require.NoError(m.t, err)
	require.True(m.t, there)
	judged, _ := m.x.Judge(m.shapes[i], id)
	require.Equal(m.t, v, judged)
	p, got := m.x.PlaceOn(m.shapes[i], id)
	require.Equal(m.t, len(v.Reasons) == 0, got, "%v", v)
	if got {
		m.taken(i, p)
	}
}

func (m *machine) togglePorts() {
	if id, ok := m.instance(); ok {
		m.count("step", "ports")
		port := tcp(uint16(79 + m.next(4)))
		in := m.model[id]
		taken := in.ports[port]
		require.Equal(m.t, !taken, m.x.TakePorts(id, []ecs.HostPort{port}))
		if taken {
			require.True(m.t, m.x.FreePorts(id, []ecs.HostPort{port}))
		}
		in.port(port, !taken)
	}
}

func (m *machine) upsert() {
	b := m.box()
	b.id = m.newID()
	if id, ok := m.instance(); ok && m.next(4) > 0 {
		b.id = string(id)
		m.count("step", "upsert, known")
	} else {
		m.count("step", "upsert, new")
	}
	require.NoError(m.t, m.x.Upsert(b.instance()))
	m.model.register(b)
}

func (m *machine) mark() {
	if len(m.marks) < 3 {
		m.count("step", "mark")
		m.marks = append(m.marks, marked{m.x.Mark(), slices.Clone(m.tasks), m.model.clone()})
	}
}

func (m *machine) rollback() {
	if len(m.marks) == 0 {
		return
	}
	k := m.next(len(m.marks))
	h := m.marks[k]
	m.marks = m.marks[:k]
	if m.next(3) == 0 {
		m.x.Keep(h.mark)
		m.count("step", "keep")
		return
	}
	m.x.Rollback(h.mark)
	m.count("step", "rollback")
	m.tasks, m.model = h.tasks, h.model
}
