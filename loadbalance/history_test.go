package loadbalance

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// fault is a bug that a history can be run with, to see that its checks bite.
type fault string

const (
	faultNone             fault = ""
	faultReleaseDraining  fault = "a stopped task's ports are free though targets hold them"
	faultLateDeregister   fault = "a deregistration hits whoever stands on the port"
	faultIgnoreReserved   fault = "dynamic ports may be the agent's"
	faultWrapOntoUsed     fault = "an exhausted range starts over with its first port"
	faultLowestFree       fault = "the lowest free port is given, not the next"
	faultDrainingTraffic  fault = "draining targets get traffic"
	faultRegisterSteals   fault = "a registration takes over another task's target"
	faultExpireEarly      fault = "targets expire when they begin to drain"
	faultForgetHold       fault = "a registration does not hold the port"
	faultProtocolsMixed   fault = "udp ports come from tcp's book"
	faultReportUnchecked  fault = "a reported port is not checked"
	faultRestoreForgets   fault = "a restored book forgets targets' holds"
	faultHalfBindings     fault = "refused bindings keep the ports they had got"
	faultReRegisterBlocks fault = "a target that is registered again goes on draining"
)

// naivePort is who holds a port, as the oracle sees it.
type naivePort struct {
	owner   ecs.TaskID
	task    bool
	targets int
}

// naiveTarget is a target, as the oracle sees it.
type naiveTarget struct {
	task     ecs.TaskID
	draining bool
	unused   bool
	until    time.Time
}

// naiveTask is a task with what it should have.
type naiveTask struct {
	id       ecs.TaskID
	instance string
	ports    []ecs.HostPort
	stopped  bool
}

// history runs the books against an oracle of maps that follows the words of the package
// documentation and shares no code with them.
type history struct {
	draw   func(n int) int
	fault  fault
	config PortConfig
	layout *PortLayout
	now    time.Time

	ports  map[string]*Ports
	groups []*Targets
	ids    []string // instances that are there, in order of birth
	born   int

	held    map[string]map[ecs.HostPort]*naivePort
	last    map[string]map[ecs.TransportProtocol]uint16
	targets []map[TargetDescription]*naiveTarget
	tasks   []*naiveTask
	started int

	step   int
	broken string // the first law seen broken, and how
	counts map[string]int
}

func newHistory(config PortConfig, f fault, draw func(n int) int) *history {
	h := &history{draw: draw, fault: f, config: config, now: time.Unix(1_700_000_000, 0).UTC(),
		ports: map[string]*Ports{},
		held:  map[string]map[ecs.HostPort]*naivePort{}, last: map[string]map[ecs.TransportProtocol]uint16{},
		counts: map[string]int{}}
	layout, err := config.Layout()
	if err != nil {
		panic(err)
	}
	h.layout = layout
	for i, g := range []TargetGroup{
		{TargetGroupArn: "web", DeregistrationDelaySeconds: ecs.Some(30)},
		{TargetGroupArn: "internal", DeregistrationDelaySeconds: ecs.Some(60), SlowStartSeconds: 30},
		{TargetGroupArn: "dns", LoadBalancerType: LoadBalancerTypeNetwork, Protocol: ProtocolUDP,
			DeregistrationDelaySeconds: ecs.Some(0)},
		{TargetGroupArn: "both", LoadBalancerType: LoadBalancerTypeNetwork, Protocol: ProtocolTCPUDP,
			DeregistrationDelaySeconds: ecs.Some(45)},
	} {
		ts, err := NewTargets(g)
		if err != nil {
			panic(fmt.Sprint(i, err))
		}
		h.groups = append(h.groups, ts)
		h.targets = append(h.targets, map[TargetDescription]*naiveTarget{})
	}
	for range 3 {
		h.arrive()
	}
	return h
}

func (h *history) fail(law, format string, args ...any) {
	if h.broken == "" {
		h.broken = fmt.Sprintf("%s, step %d: %s", law, h.step, fmt.Sprintf(format, args...))
	}
}

func (h *history) arrive() {
	h.born++
	id := fmt.Sprintf("i-%d", h.born)
	p := NewPorts(h.layout)
	h.ports[id], h.held[id], h.last[id] = &p, map[ecs.HostPort]*naivePort{}, map[ecs.TransportProtocol]uint16{}
	h.ids = append(h.ids, id)
}

func (h *history) of(id string) *Ports { return h.ports[id] }

// run takes steps until they are over or a law is broken.
func (h *history) run(steps int) {
	for h.step = range steps {
		h.one()
		h.laws()
		if h.broken != "" {
			return
		}
	}
}

func (h *history) one() {
	switch n := h.draw(100); {
	case n < 22:
		h.startTask()
	case n < 45:
		h.register()
	case n < 60:
		h.check()
	case n < 72:
		h.stopTask()
	case n < 84:
		h.deregister()
	case n < 92:
		h.advance()
	case n < 95:
		h.agentRestarts()
	case n < 97:
		h.engineChooses()
	case n < 98:
		h.loseInstance()
	default:
		h.saveAndRestore()
	}
}

// free is the oracle's word on a port.
func (h *history) free(id string, hp ecs.HostPort) bool {
	reserved := h.config.ReservedPorts.Or([]uint16{22, 2375, 2376, 51678, 51679})
	if hp.Protocol == ecs.TransportProtocolUdp {
		reserved = h.config.ReservedPortsUDP
	}
	return h.held[id][hp] == nil && !slices.Contains(reserved, hp.Port)
}

func (h *history) dynamicRange() Range {
	if h.config.DynamicHostPortRange.Len() > 0 {
		return h.config.DynamicHostPortRange
	}
	return Range{32768, 60999}
}

// next is the oracle's next fit: try one port after the other.
func (h *history) next(
	id string, protocol ecs.TransportProtocol, n int, taken map[ecs.HostPort]bool, last uint16,
) (uint16, bool) {
	r := h.dynamicRange()
	fits := func(first int) bool {
		for k := first; k < first+n; k++ {
			hp := ecs.HostPort{Port: uint16(k), Protocol: protocol}
			if k > int(r.Last) || !h.free(id, hp) || taken[hp] {
				return false
			}
		}
		return true
	}
	start := int(r.First)
	if r.First <= last && last < r.Last {
		start = int(last) + 1
	}
	for k := start; k <= int(r.Last); k++ {
		if fits(k) {
			return uint16(k), true
		}
	}
	for k := int(r.First); k < start; k++ {
		if fits(k) {
			return uint16(k), true
		}
	}
	return 0, false
}

func (h *history) definition() ecs.TaskDefinition {
	protocol := func() ecs.TransportProtocol {
		return []ecs.TransportProtocol{"", ecs.TransportProtocolTcp, ecs.TransportProtocolUdp}[h.draw(3)]
	}
	var mappings []ecs.PortMapping
	switch h.draw(6) {
	case 0:
		port := []int{80, 443, 32769, 32771}[h.draw(4)]
		mappings = []ecs.PortMapping{{ContainerPort: 8080, HostPort: ecs.Some(port), Protocol: protocol()},
			{ContainerPort: 9090}}
	case 1:
		mappings = []ecs.PortMapping{{ContainerPortRange: []string{"7000-7001", "7000-7002"}[h.draw(2)],
			Protocol: protocol()}}
	case 2: // both protocols on one static port, for TCP_UDP
		port := []int{53, 32772}[h.draw(2)]
		mappings = []ecs.PortMapping{{ContainerPort: 53, HostPort: ecs.Some(port), Protocol: "tcp"},
			{ContainerPort: 53, HostPort: ecs.Some(port), Protocol: "udp"}}
	default:
		mappings = []ecs.PortMapping{{ContainerPort: 8080, Protocol: protocol()}}
		if h.draw(3) == 0 {
			mappings = append(mappings, ecs.PortMapping{ContainerPort: 9090,
				HostPort: ecs.Some(0), Protocol: protocol()})
		}
	}
	return ecs.TaskDefinition{Family: "f", NetworkMode: ecs.NetworkModeBridge,
		ContainerDefinitions: []ecs.ContainerDefinition{{Name: "c", PortMappings: mappings}}}
}

func (h *history) startTask() {
	id := h.ids[h.draw(len(h.ids))]
	h.started++
	task := &naiveTask{id: ecs.TaskID(fmt.Sprintf("t%d", h.started)), instance: id}
	d := h.definition()
	want, ok := h.expectBindings(id, d)
	before := h.ports[id].State()
	got, err := h.bind(id, task.id, d)
	switch {
	case (err == nil) != ok:
		h.fail("B2", "bindings of %v: error %v, the oracle says %v", d.ContainerDefinitions[0].PortMappings, err, ok)
		return
	case err != nil:
		h.counts["refused"]++
		if !equalStates(before, h.ports[id].State()) {
			h.fail("refusal", "refused bindings changed the book")
		}
		return
	}
	for _, hp := range HostPorts(got[0]) {
		if !h.free(id, hp) {
			h.fail("B2", "%v was given though %+v holds it or the agent reserves it", hp, h.held[id][hp])
			return
		}
		h.held[id][hp] = &naivePort{owner: task.id, task: true}
		task.ports = append(task.ports, hp)
	}
	if fmt.Sprint(got[0]) != fmt.Sprint(want) {
		h.fail("B2", "next fit: got %v, the oracle says %v", got[0], want)
	}
	h.tasks = append(h.tasks, task)
	h.counts["started"]++
}

// expectBindings is what Bindings should give, and moves the oracle's last ports on.
func (h *history) expectBindings(id string, d ecs.TaskDefinition) (want []ecs.NetworkBinding, ok bool) {
	taken := map[ecs.HostPort]bool{}
	mappings := d.ContainerDefinitions[0].PortMappings
	want = make([]ecs.NetworkBinding, len(mappings))
	for i, m := range mappings {
		if port := m.HostPort.Or(0); port != 0 {
			hp := ecs.HostPort{Port: uint16(port), Protocol: m.TransportProtocol()}
			if !h.free(id, hp) {
				return nil, false
			}
			taken[hp] = true
			want[i] = ecs.NetworkBinding{BindIP: "0.0.0.0", ContainerPort: m.ContainerPort,
				HostPort: port, Protocol: hp.Protocol}
		}
	}
	last := map[ecs.TransportProtocol]uint16{"tcp": h.last[id]["tcp"], "udp": h.last[id]["udp"]}
	for i, m := range mappings {
		n := 1
		if m.ContainerPortRange != "" {
			n = 2 + strings.Count(m.ContainerPortRange, "2")
		} else if m.HostPort.Or(0) != 0 {
			continue
		}
		protocol := m.TransportProtocol()
		port, found := h.next(id, protocol, n, taken, last[protocol])
		if !found {
			h.counts["exhausted"]++
			return nil, false
		}
		for k := range n {
			taken[ecs.HostPort{Port: port + uint16(k), Protocol: protocol}] = true
		}
		last[protocol] = port + uint16(n) - 1
		want[i] = ecs.NetworkBinding{BindIP: "0.0.0.0", ContainerPort: m.ContainerPort,
			HostPort: int(port), Protocol: protocol}
		if n > 1 {
			want[i] = ecs.NetworkBinding{BindIP: "0.0.0.0", ContainerPortRange: m.ContainerPortRange,
				HostPortRange: fmt.Sprintf("%d-%d", port, last[protocol]), Protocol: protocol}
		}
	}
	h.last[id] = last
	return want, true
}

// bind is Bindings, or a broken one.
func (h *history) bind(id string, task ecs.TaskID, d ecs.TaskDefinition) ([][]ecs.NetworkBinding, error) {
	p := h.ports[id]
	switch h.fault {
	case faultIgnoreReserved:
		layout := p.layout
		p.layout = &PortLayout{dynamic: layout.Range()}
		defer func() { p.layout = layout }()
	case faultLowestFree:
		last := p.last
		p.last = [2]uint16{}
		got, err := p.Bindings(task, d)
		if err != nil {
			p.last = last
		}
		return got, err
	case faultProtocolsMixed:
		got, err := p.Bindings(task, d)
		if err == nil {
			for i := range got[0] {
				got[0][i].Protocol = ecs.TransportProtocolTcp
			}
		}
		return got, err
	case faultHalfBindings:
		before := p.State()
		got, err := p.Bindings(task, d)
		if err != nil && equalStates(before, p.State()) {
			_, _ = p.Allocate(task, ecs.TransportProtocolTcp)
		}
		return got, err
	case faultWrapOntoUsed:
		got, err := p.Bindings(task, d)
		if err != nil {
			b := ecs.NetworkBinding{HostPort: int(p.layout.Range().First), Protocol: ecs.TransportProtocolTcp}
			return [][]ecs.NetworkBinding{{b}}, nil
		}
		return got, nil
	}
	return p.Bindings(task, d)
}

// laws compares the books with the oracle and with each other.
func (h *history) laws() {
	owners := map[string]ecs.TaskID{}
	for gi, ts := range h.groups {
		h.groupLaws(gi, ts)
		for _, t := range ts.list {
			for _, protocol := range ts.Group().Transport() {
				place := fmt.Sprint(t.ID, protocol, t.Port)
				if owner, ok := owners[place]; ok && owner != t.Task {
					h.fail("B1", "%s %s belongs to tasks %s and %s", protocol, t.TargetDescription, owner, t.Task)
				}
				owners[place] = t.Task
				if p := h.ports[t.ID]; p != nil {
					if holder, _ := p.Holder(ecs.HostPort{Port: t.Port, Protocol: protocol}); holder.Task != t.Task {
						h.fail("B1", "%s %s is a target of %s and held by %+v", protocol,
							t.TargetDescription, t.Task, holder)
					}
				}
			}
		}
	}
	for _, id := range h.ids {
		p := h.ports[id]
		if p.Len() != len(h.held[id]) {
			h.fail("B2", "%s: %d ports are held, the oracle says %d", id, p.Len(), len(h.held[id]))
		}
		for held := range p.Held() {
			n := h.held[id][held.HostPort]
			if n == nil || n.owner != held.Task || n.task != held.ByTask || n.targets != held.Targets {
				h.fail("B1", "%s: %+v, the oracle says %+v", id, held, n)
			}
		}
	}
}

func (h *history) groupLaws(gi int, ts *Targets) {
	if ts.Len() != len(h.targets[gi]) {
		h.fail("B1", "group %s has %d targets, the oracle says %d", ts.Group().Name(), ts.Len(), len(h.targets[gi]))
	}
	weights := ts.Weights(nil, h.now)
	for i, t := range ts.list {
		if h.fault == faultDrainingTraffic && t.State == StateDraining {
			weights[i] = FullWeight
		}
		n := h.targets[gi][TargetDescription{ID: t.ID, Port: t.Port}]
		if n == nil || n.task != t.Task || n.draining != (t.State == StateDraining) {
			h.fail("B1", "group %s: target %+v, the oracle says %+v", ts.Group().Name(), t, n)
			return
		}
		if (n.draining || n.unused) && weights[i] != 0 {
			h.fail("B3", "group %s: %s is %s and has weight %d", ts.Group().Name(), t.TargetDescription, t.State,
				weights[i])
		}
	}
}

func equalStates(a, b PortsState) bool {
	return a.LastTCP == b.LastTCP && a.LastUDP == b.LastUDP && slices.Equal(a.Held, b.Held)
}

// eight is a range of eight ports of which the agent keeps one.
func eight() PortConfig {
	return PortConfig{DynamicHostPortRange: Range{32768, 32775}, ReservedPorts: ecs.Some([]uint16{22, 32770}),
		ReservedPortsUDP: []uint16{32774}}
}

func seeded(seed uint64) func(n int) int { return rand.New(rand.NewPCG(seed, 6)).IntN }

var histories = flag.Int("histories", 2, "how many histories of 10,000 steps on either range")

// TestHistories runs long random histories, half of them on a range of eight ports.
func TestHistories(t *testing.T) {
	for name, config := range map[string]PortConfig{"wide": {}, "eight ports": eight()} {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(*histories) {
				h := newHistory(config, faultNone, seeded(seed))
				h.run(10_000)
				require.Empty(t, h.broken)
				for _, what := range []string{"started", "refused", "registered", "registration refused", "stopped",
					"deregistered", "drained", "agent restarted", "engine chose", "lost"} {
					require.Greater(t, h.counts[what], 50, what)
				}
				if name == "eight ports" {
					require.Greater(t, h.counts["exhausted"], 300)
				}
			}
		})
	}
}

// TestHistoriesBite sees every check of the histories fail on a planted bug, and by the law
// that the bug breaks.
func TestHistoriesBite(t *testing.T) {
	for f, law := range map[fault]string{
		faultReleaseDraining: "B1", faultLateDeregister: "B1", faultIgnoreReserved: "B2",
		faultWrapOntoUsed: "B2", faultLowestFree: "B2",
		faultDrainingTraffic: "B3", faultRegisterSteals: "B1", faultExpireEarly: "B1", faultForgetHold: "B1",
		faultProtocolsMixed:  "B2",
		faultReportUnchecked: "B1", faultRestoreForgets: "B1", faultHalfBindings: "refusal",
		faultReRegisterBlocks: "B1",
	} {
		t.Run(strings.ReplaceAll(string(f), " ", "_"), func(t *testing.T) {
			h := newHistory(eight(), f, seeded(1))
			h.run(10_000)
			require.True(t, strings.HasPrefix(h.broken, law), "%q is not a breach of %s", h.broken, law)
			t.Log(h.broken)
		})
	}
}

// rapidHistory is a history whose steps rapid draws, so that a breach shrinks.
func rapidHistory(t *rapid.T) {
	config := PortConfig{}
	if rapid.Bool().Draw(t, "eight ports") {
		config = eight()
	}
	h := newHistory(config, faultNone, func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "draw") })
	h.run(rapid.IntRange(100, 400).Draw(t, "steps"))
	if h.broken != "" {
		t.Fatal(h.broken)
	}
}

// noise is input enough for rapid to draw a whole history from.
func noise(seed uint64) []byte {
	r := rand.New(rand.NewPCG(seed, 7))
	text := make([]byte, 1<<16)
	for i := range text {
		text[i] = byte(r.IntN(256))
	}
	return text
}

func FuzzHistory(f *testing.F) {
	for seed := range uint64(4) {
		f.Add(noise(seed))
	}
	f.Fuzz(rapid.MakeFuzz(rapidHistory))
}
