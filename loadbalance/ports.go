package loadbalance

import (
	"fmt"
	"slices"

	"github.com/bayplan/bayplan/ecs"
)

// Ports is the book of one container instance's host ports, separately for TCP and UDP: which are
// reserved by the agent, which are held, and by whom. It changes in place. The zero Ports is that of an
// idle instance with an agent's default configuration on Linux.
//
// A held port has one owner, a task. It is held by the task itself, from Allocate, Reserve or Report
// until Release, and by each target that Targets.Register made of it, until that target has drained. It
// is free again when the last of these holds has ended. So no other task gets a port while a load
// balancer may still send traffic to it.
//
// An awsvpc task's address can have its own Ports, so that the ports of an address that is used again
// are protected in the same way.
type Ports struct {
	layout *PortLayout
	held   []held    // in order of key
	last   [2]uint16 // the last dynamic port given out, tcp and udp
	static uint8     // ports held by number, for maxReservedPorts
}

// held is one port in use.
type held struct {
	key     uint32 // protocol and port: keyOf
	targets uint16 // holds by targets
	byTask  bool   // held by the task itself
	static  bool   // asked for by number
	owner   ecs.TaskID
}

// NewPorts returns the book of an idle instance; nil means an agent's default configuration
// on Linux. The layout is shared, not copied.
func NewPorts(l *PortLayout) Ports { return Ports{layout: l} }

// SetLayout changes what the agent reserves and the dynamic range, as when an agent registers
// again with another configuration. Ports that are held stay held.
func (p *Ports) SetLayout(l *PortLayout) { p.layout = l }

// search returns where key stands, or would stand, among the held ports.
func (p *Ports) search(key uint32) (int, bool) {
	lo, hi := 0, len(p.held)
	for lo < hi {
		if mid := int(uint(lo+hi) >> 1); p.held[mid].key < key {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo, lo < len(p.held) && p.held[lo].key == key
}

// runEnd returns the index after the run of neighbouring ports that starts at index i. In a
// sorted list without repeats key[j]-key[i] = j-i holds for the run and for nothing after it,
// so the end is found by halving.
func (p *Ports) runEnd(i int) int {
	lo, hi := i, len(p.held)
	for lo < hi {
		if mid := int(uint(lo+hi) >> 1); p.held[mid].key-p.held[i].key == uint32(mid-i) {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// firstFree returns the lowest key in lo..hi that is neither held nor reserved.
func (p *Ports) firstFree(lo, hi uint32) (uint32, bool) {
	reserved := p.layout.keys()
	for lo <= hi {
		if i, found := p.search(lo); found {
			lo = p.held[p.runEnd(i)-1].key + 1
		} else if _, found := slices.BinarySearch(reserved, lo); found {
			lo++
		} else {
			return lo, true
		}
	}
	return 0, false
}

// freeRun returns how many free ports, at most n, follow from the free key on.
func (p *Ports) freeRun(key uint32, n int) int {
	run := n
	if i, _ := p.search(key); i < len(p.held) {
		run = min(run, int(p.held[i].key-key))
	}
	reserved := p.layout.keys()
	if i, _ := slices.BinarySearch(reserved, key); i < len(reserved) {
		run = min(run, int(reserved[i]-key))
	}
	return run
}

// firstRun returns the lowest key in lo..hi from which n free ports follow within lo..hi.
func (p *Ports) firstRun(lo, hi uint32, n int) (uint32, bool) {
	for {
		key, ok := p.firstFree(lo, hi)
		if !ok || int(hi-key)+1 < n {
			return 0, false
		}
		run := p.freeRun(key, n)
		if run == n {
			return key, true
		}
		lo = key + uint32(run)
	}
}

// Allocate gives the task a dynamic port: the first free one after the last that was given out, and
// continues at the start of the range after its end, so that a port that was just freed is used again
// last. Reserved and held ports are passed over; a port of a draining target is held. If no port of the
// range is free, the error is a LimitExceededException with the numbers, and nothing changes. It takes
// O(log n) to find the port and O(n) to note it, for n held ports, and allocates only when the book
// grows. AWS leaves the choice to the container engine, which leaves it to the kernel.
func (p *Ports) Allocate(task ecs.TaskID, protocol ecs.TransportProtocol) (uint16, error) {
	r, err := p.AllocateRange(task, protocol, 1)
	return r.First, err
}

// AllocateRange gives the task n consecutive dynamic ports, as a containerPortRange needs them. In all
// else it is as Allocate. Errors are those of Allocate, and InvalidParameterException for n below 1 or
// no task.
func (p *Ports) AllocateRange(task ecs.TaskID, protocol ecs.TransportProtocol, n int) (Range, error) {
	if n < 1 || task == "" {
		return Range{}, ecs.Fault(ecs.InvalidParameterException, "",
			fmt.Sprintf("a task and at least one port are required, got task %[2]q and %[1]d ports", n, task))
	}
	dynamic := p.layout.Range()
	first, last := keyOf(protocol, dynamic.First), keyOf(protocol, dynamic.Last)
	start := first
	if given := p.last[first>>16]; dynamic.Contains(given) && given != dynamic.Last {
		start = keyOf(protocol, given) + 1
	}
	key, ok := p.firstRun(start, last, n)
	if !ok {
		key, ok = p.firstRun(first, last, n)
	}
	if !ok {
		return Range{}, p.exhausted(protocol, n)
	}
	i, _ := p.search(key)
	p.makeRoom(n)
	for j := range n {
		p.held = slices.Insert(p.held, i+j, held{key: key + uint32(j), byTask: true, owner: task})
	}
	r := Range{First: uint16(key), Last: uint16(key) + uint16(n-1)}
	p.last[key>>16] = r.Last
	return r, nil
}

// makeRoom makes room for n more held ports. There are very many books, each with few ports: it grows by an eighth, and
// not to twice the length.
func (p *Ports) makeRoom(n int) {
	if len(p.held)+n <= cap(p.held) {
		return
	}
	next := make([]held, len(p.held), len(p.held)+n+len(p.held)/8)
	copy(next, p.held)
	p.held = next
}

// exhausted says why there are not n more ports.
func (p *Ports) exhausted(protocol ecs.TransportProtocol, n int) *ecs.Error {
	r := p.layout.Range()
	u := p.usage(hostPort(keyOf(protocol, 1)).Protocol)
	what := "no free " + string(hostPort(keyOf(protocol, 1)).Protocol) + " port"
	if n > 1 {
		what = fmt.Sprintf("no run of %d free %s ports", n, hostPort(keyOf(protocol, 1)).Protocol)
	}
	return ecs.Fault(ecs.LimitExceededException, "", fmt.Sprintf(
		"%s in %v: of %d ports %d are held by tasks, %d by targets whose task has stopped and %d reserved, %d are free",
		what, r, r.Len(), u.tasks, u.targets, u.reserved, u.free))
}

// usage is how many ports of the dynamic range are used, and by what.
type usage struct {
	tasks    int // held by a task
	targets  int // no longer held by their task, but by its targets
	reserved int // kept by the agent and not held
	free     int
}

// usage returns how the ports of the dynamic range are used for one protocol. O(n) for n held
// ports.
func (p *Ports) usage(protocol ecs.TransportProtocol) usage {
	r := p.layout.Range()
	first, last := keyOf(protocol, r.First), keyOf(protocol, r.Last)
	u := usage{free: r.Len()}
	for _, key := range p.layout.keys() {
		if _, found := p.search(key); !found && first <= key && key <= last {
			u.reserved++
		}
	}
	for _, h := range p.held {
		switch {
		case h.key < first || last < h.key:
		case h.byTask:
			u.tasks++
		default:
			u.targets++
		}
	}
	u.free -= u.tasks + u.targets + u.reserved
	return u
}

// Reserve gives the task the port it asks for by number. Repeating it changes nothing.
// Errors change nothing either: InvalidParameterException for port 0 or no task,
// ResourceInUseException for a port that the agent reserves or that another task or its
// draining targets hold, LimitExceededException for more than 100 ports by number, those of the agent
// included.
func (p *Ports) Reserve(task ecs.TaskID, port ecs.HostPort) error {
	key := keyOf(port.Protocol, port.Port)
	if err := p.mayHold(task, key); err != nil {
		return err
	}
	i, found := p.search(key)
	if found && p.held[i].byTask {
		return nil
	}
	if n := len(p.layout.keys()) + int(p.static); n >= maxReservedPorts && !(found && p.held[i].static) {
		return ecs.Fault(ecs.LimitExceededException, "hostPort", fmt.Sprintf(
			"%d host ports of the instance are reserved, %d of them by the agent; at most %d can be",
			n, len(p.layout.keys()), maxReservedPorts))
	}
	if !found {
		p.held = slices.Insert(p.held, i, held{key: key, owner: task})
	}
	if !p.held[i].static {
		p.held[i].static = true
		p.static++
	}
	p.held[i].byTask = true
	return nil
}

// mayHold returns why the task may not hold the port, or nil. A port that is the task's already
// is not refused.
func (p *Ports) mayHold(task ecs.TaskID, key uint32) error {
	port := hostPort(key)
	if port.Port == 0 || task == "" {
		return ecs.Fault(ecs.InvalidParameterException, "hostPort",
			fmt.Sprintf("a task and a port from 1 to 65535 are required, got task %[3]q and %[1]s port %[2]d",
				port.Protocol, port.Port, task))
	}
	if i, found := p.search(key); found {
		if h := p.held[i]; h.owner != task {
			return ecs.Fault(ecs.ResourceInUseException, "hostPort", fmt.Sprintf("%s port %d is held by %s",
				port.Protocol, port.Port, h.holder()))
		}
		return nil
	}
	if _, found := slices.BinarySearch(p.layout.keys(), key); found {
		return ecs.Fault(ecs.ResourceInUseException, "hostPort", fmt.Sprintf("%s port %d is reserved by the agent",
			port.Protocol, port.Port))
	}
	return nil
}

func (h held) holder() string {
	if h.byTask {
		return "task " + string(h.owner)
	}
	return fmt.Sprintf("%d targets of task %s, which has stopped", h.targets, h.owner)
}

// Release ends the task's own hold on all of its ports, as when it has stopped, and appends to dst those
// that are free now, in order: without those that are still targets and those that the agent has
// reserved since. A task without ports changes nothing. O(n) for n held ports.
func (p *Ports) Release(dst []ecs.HostPort, task ecs.TaskID) []ecs.HostPort {
	return p.release(dst, task, nil)
}

// release is Release but for the keys to keep, which are in order.
func (p *Ports) release(dst []ecs.HostPort, task ecs.TaskID, keep []uint32) []ecs.HostPort {
	n := 0
	for i := range p.held {
		h := &p.held[i]
		if h.byTask && h.owner == task {
			_, kept := slices.BinarySearch(keep, h.key)
			h.byTask = kept
			if !kept && h.targets == 0 {
				p.forget(*h)
				if _, reserved := slices.BinarySearch(p.layout.keys(), h.key); !reserved {
					dst = append(dst, hostPort(h.key))
				}
				continue
			}
		}
		if n != i {
			p.held[n] = *h
		}
		n++
	}
	clear(p.held[n:])
	p.held = p.held[:n]
	return dst
}

func (p *Ports) forget(h held) {
	if h.static {
		p.static--
	}
}

// Report makes the task hold exactly the reported ports and appends to dst those that became free, in
// order. A runtime's report takes precedence over the choice of Allocate: a container engine may have
// chosen another port, and an agent that restarted reports the ports of its tasks. A reported port is
// checked like any other: it must not be reserved by the agent nor be held by another task or its
// draining targets. It need not be in the dynamic range, which the engine may know better. Errors are
// those of Reserve, all at once, and change nothing.
func (p *Ports) Report(dst []ecs.HostPort, task ecs.TaskID, reported []ecs.HostPort) ([]ecs.HostPort, error) {
	keys := make([]uint32, len(reported))
	var faults ecs.ErrorList
	for i, port := range reported {
		keys[i] = keyOf(port.Protocol, port.Port)
		for e := range ecs.Errors(p.mayHold(task, keys[i])) {
			faults = append(faults, ecs.Fault(e.Code, fmt.Sprintf("[%d].%s", i, e.Field), e.Message))
		}
	}
	if err := faults.Err(); err != nil {
		return dst, err
	}
	slices.Sort(keys)
	dst = p.release(dst, task, keys)
	for _, key := range keys {
		i, found := p.search(key)
		if !found {
			p.held = slices.Insert(p.held, i, held{key: key, owner: task})
		}
		p.held[i].byTask = true
	}
	return dst, nil
}

// hold adds a target's hold on a port that the task itself holds.
func (p *Ports) hold(task ecs.TaskID, key uint32) {
	if i, found := p.search(key); found && p.held[i].owner == task {
		p.held[i].targets++
	}
}

// drop ends a target's hold; the port is free if that was its last.
func (p *Ports) drop(task ecs.TaskID, key uint32) {
	i, found := p.search(key)
	if !found || p.held[i].owner != task || p.held[i].targets == 0 {
		return
	}
	p.held[i].targets--
	if h := p.held[i]; h.targets == 0 && !h.byTask {
		p.forget(h)
		p.held = slices.Delete(p.held, i, i+1)
	}
}
