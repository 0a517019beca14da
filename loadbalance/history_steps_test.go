package loadbalance

import (
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs"
)

// someTask draws a task, running or not; nil if there is none.
func (h *history) someTask() *naiveTask {
	if len(h.tasks) == 0 {
		return nil
	}
	if n := len(h.tasks); h.draw(4) > 0 {
		return h.tasks[n-1-h.draw(min(n, 12))]
	}
	return h.tasks[h.draw(len(h.tasks))]
}

func (h *history) register() {
	task := h.someTask()
	if task == nil || len(task.ports) == 0 {
		return
	}
	gi := h.draw(len(h.groups))
	ts := h.groups[gi]
	d := TargetDescription{ID: task.instance, Port: task.ports[h.draw(len(task.ports))].Port}
	if h.draw(10) == 0 {
		d.Port = h.dynamicRange().First + uint16(h.draw(8)) // perhaps somebody else's
	}
	there := h.targets[gi][d]
	ok := there == nil || there.task == task.id
	for _, protocol := range ts.Group().Transport() {
		n := h.held[task.instance][ecs.HostPort{Port: d.Port, Protocol: protocol}]
		mine := n != nil && n.task && n.owner == task.id
		ok = ok && (mine || there != nil && !there.draining)
	}
	err := h.doRegister(ts, task.id, d)
	if (err == nil) != ok {
		h.fail("B1", "task %s registers %s in %s: error %v, the oracle says %v", task.id, d, ts.Group().Name(), err, ok)
	}
	if err != nil {
		h.counts["registration refused"]++
		return
	}
	if there == nil {
		for _, protocol := range ts.Group().Transport() {
			h.held[task.instance][ecs.HostPort{Port: d.Port, Protocol: protocol}].targets++
		}
	}
	if there == nil || there.draining {
		h.targets[gi][d] = &naiveTarget{task: task.id}
	}
	h.counts["registered"]++
}

func (h *history) doRegister(ts *Targets, task ecs.TaskID, d TargetDescription) error {
	switch i, found := ts.search(d.ID, d.Port); {
	case h.fault == faultRegisterSteals && found && ts.list[i].Task != task:
		ts.list[i].Task = task
		return nil
	case h.fault == faultForgetHold:
		return ts.Register(task, d, h.now, func(id string) *Ports {
			if h.of(id) == nil {
				return nil
			}
			blind := *h.of(id)
			blind.held = slices.Clone(blind.held)
			return &blind
		})
	case h.fault == faultReRegisterBlocks && found && ts.list[i].State == StateDraining && ts.list[i].Task == task:
		return nil
	}
	return ts.Register(task, d, h.now, h.of)
}

// someTarget draws a target of a group; false if it has none.
func (h *history) someTarget(gi int) (Target, bool) {
	if len(h.groups[gi].list) == 0 {
		return Target{}, false
	}
	return h.groups[gi].list[h.draw(len(h.groups[gi].list))], true
}

func (h *history) check() {
	gi := h.draw(len(h.groups))
	if t, ok := h.someTarget(gi); ok {
		a := []Answer{{Code: 200}, {Code: 200}, {Code: 500}, {Failure: ReasonTimeout}}[h.draw(4)]
		h.groups[gi].Check(t.ID, t.Port, h.now, a)
	}
}

func (h *history) stopTask() {
	task := h.someTask()
	if task == nil || h.ports[task.instance] == nil {
		return
	}
	var want []ecs.HostPort
	for _, hp := range task.ports {
		if n := h.held[task.instance][hp]; n != nil && n.owner == task.id && n.task {
			n.task = false
			if n.targets == 0 {
				delete(h.held[task.instance], hp)
				want = append(want, hp)
			}
		}
	}
	slices.SortFunc(want, ecs.CompareHostPorts)
	p := h.ports[task.instance]
	got := p.Release(nil, task.id)
	if !slices.Equal(got, want) {
		h.fail("B2", "task %s stops: %v became free, the oracle says %v", task.id, got, want)
	}
	if h.fault == faultReleaseDraining {
		p.held = slices.DeleteFunc(p.held, func(x held) bool { return x.owner == task.id })
	}
	task.stopped = true
	h.counts["stopped"]++
}

func (h *history) deregister() {
	gi := h.draw(len(h.groups))
	t, ok := h.someTarget(gi)
	if !ok {
		return
	}
	task := t.Task
	if other := h.someTask(); other != nil && h.draw(5) == 0 {
		task = other.id // one that comes too late, or was never right
	}
	ts, n := h.groups[gi], h.targets[gi][TargetDescription{ID: t.ID, Port: t.Port}]
	_, err := ts.Deregister(task, t.TargetDescription, h.now)
	if h.fault == faultLateDeregister && err != nil {
		if i, found := ts.search(t.ID, t.Port); found && ts.list[i].State != StateDraining {
			ts.list[i] = ts.group.Drain(ts.list[i], h.now)
			ts.draining++
		}
	}
	if (err == nil) != (n != nil && n.task == task) {
		h.fail("B1", "task %s deregisters %s of %+v: error %v", task, t.TargetDescription, n, err)
	}
	if err == nil && !n.draining {
		n.draining, n.until = true, h.now.Add(ts.Group().DeregistrationDelay())
		if n.unused {
			n.until = h.now
		}
	}
	h.counts["deregistered"]++
}

func (h *history) advance() {
	h.now = h.now.Add(time.Duration(h.draw(20_000)) * time.Millisecond)
	for gi, ts := range h.groups {
		for d, n := range h.targets[gi] {
			if !n.draining || n.until.After(h.now) {
				continue
			}
			delete(h.targets[gi], d)
			for _, protocol := range ts.Group().Transport() {
				hp := ecs.HostPort{Port: d.Port, Protocol: protocol}
				if x := h.held[d.ID][hp]; x != nil {
					x.targets--
					if x.targets == 0 && !x.task {
						delete(h.held[d.ID], hp)
					}
				}
			}
			h.counts["drained"]++
		}
		now := h.now
		if h.fault == faultExpireEarly {
			now = now.Add(time.Hour)
		}
		ts.Expire(nil, now, h.of)
	}
}

// agentRestarts: the agent registers anew and tells of each task what ports it has; some tasks
// are gone.
func (h *history) agentRestarts() {
	id := h.ids[h.draw(len(h.ids))]
	h.ports[id].SetLayout(h.layout)
	for _, task := range h.tasks {
		if task.instance != id || task.stopped {
			continue
		}
		reported := slices.Clone(task.ports)
		if h.draw(5) == 0 {
			reported, task.stopped = nil, true
		}
		h.report(task, reported)
	}
	h.counts["agent restarted"]++
}

// engineChooses: a container engine took another port than the proposed one.
func (h *history) engineChooses() {
	task := h.someTask()
	if task == nil || task.stopped || len(task.ports) == 0 || h.ports[task.instance] == nil {
		return
	}
	reported := slices.Clone(task.ports)
	reported[h.draw(len(reported))].Port = h.dynamicRange().First + uint16(h.draw(9))
	h.report(task, reported)
	h.counts["engine chose"]++
}

func (h *history) report(task *naiveTask, reported []ecs.HostPort) {
	id, ok := task.instance, true
	for _, hp := range reported {
		n := h.held[id][hp]
		ok = ok && (h.free(id, hp) || n != nil && n.owner == task.id)
	}
	p := h.ports[id]
	before := p.State()
	_, err := p.Report(nil, task.id, reported)
	if h.fault == faultReportUnchecked && err != nil {
		for _, hp := range reported {
			if i, found := p.search(keyOf(hp.Protocol, hp.Port)); found {
				p.held[i].owner = task.id
			}
		}
		err = nil
	}
	if (err == nil) != ok {
		h.fail("B1", "task %s reports %v: error %v, the oracle says %v", task.id, reported, err, ok)
	}
	if err != nil {
		if !equalStates(before, p.State()) {
			h.fail("refusal", "a refused report changed the book")
		}
		return
	}
	for hp, n := range h.held[id] {
		if n.owner == task.id && n.task && !slices.Contains(reported, hp) {
			if n.task = false; n.targets == 0 {
				delete(h.held[id], hp)
			}
		}
	}
	for _, hp := range reported {
		if h.held[id][hp] == nil {
			h.held[id][hp] = &naivePort{owner: task.id}
		}
		h.held[id][hp].task = true
	}
	task.ports = reported
}

func (h *history) loseInstance() {
	if len(h.ids) < 2 {
		return
	}
	i := h.draw(len(h.ids))
	id := h.ids[i]
	h.ids = slices.Delete(h.ids, i, i+1)
	delete(h.ports, id)
	delete(h.held, id)
	for _, task := range h.tasks {
		if task.instance == id {
			task.stopped = true
		}
	}
	for gi, ts := range h.groups {
		ts.Suspend(id, ReasonInvalidState, h.now)
		for d, n := range h.targets[gi] {
			if d.ID == id && !n.draining {
				n.unused = true
			}
		}
	}
	h.arrive()
	h.counts["lost"]++
}

func (h *history) saveAndRestore() {
	for _, id := range h.ids {
		s := h.ports[id].State()
		if h.fault == faultRestoreForgets {
			for i := range s.Held {
				if s.Held[i].ByTask {
					s.Held[i].Targets = 0
				}
			}
		}
		p, err := RestorePorts(h.layout, s)
		if err != nil {
			h.fail("restore", "%v", err)
			return
		}
		h.ports[id] = &p
	}
	for i, ts := range h.groups {
		restored, err := RestoreTargets(ts.State())
		if err != nil {
			h.fail("restore", "%v", err)
			return
		}
		h.groups[i] = restored
	}
}
