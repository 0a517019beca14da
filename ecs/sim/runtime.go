package sim

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/loadbalance"
)

// answer is what the world says to a command, and when.
type answer struct {
	outcome message.CommandDone
	at      time.Time
}

// carryOut does what a command asks. A key that was carried out before is answered as then:
// not before the first answer was due, and at once after it.
func (w *World) carryOut(c message.Command) {
	if w.refused(c) {
		return
	}
	if a, ok := w.seen[c.Key()]; ok {
		if a.at.After(w.now) {
			w.at(a.at, func() { w.tell(a.outcome) })
		} else {
			w.tell(a.outcome)
		}
		return
	}
	if f := w.config.Faults.Fail; f > 0 && w.random.Float64() < f {
		w.met.Failed++
		w.tell(message.CommandDone{Key: c.Key(), Err: "the world is busy"})
		return
	}
	switch c := c.(type) {
	case message.StartTask:
		w.done(message.CommandDone{Key: c.Key()}, 0)
		w.agent(c.Cluster, c.Instance).start(c)
	case message.StopTask:
		w.done(message.CommandDone{Key: c.Key()}, 0)
		w.agent(c.Cluster, c.Instance).stop(c)
	case message.AttachNetworkInterface:
		w.addresses++
		address := fmt.Sprintf("10.0.%d.%d", w.addresses/250%250, w.addresses%250+4)
		w.done(message.CommandDone{Key: c.Key(), PrivateIPv4: address}, w.config.Times.ENI)
	case message.DetachNetworkInterface:
		w.done(message.CommandDone{Key: c.Key()}, w.config.Times.ENI)
	case message.AttachVolume:
		w.done(message.CommandDone{Key: c.Key(), VolumeID: volumeID(c.Task)}, w.config.Times.Volume)
	case message.DetachVolume:
		w.done(message.CommandDone{Key: c.Key()}, w.config.Times.Volume)
	case message.RegisterTarget:
		w.register(c)
	case message.DeregisterTarget:
		w.deregister(c)
	case message.RegisterInstance, message.DeregisterInstance:
		w.done(message.CommandDone{Key: c.Key()}, w.config.Times.Discovery)
	case message.InvokeLifecycleHook:
		w.done(message.CommandDone{Key: c.Key(), HookStatus: cmp.Or(w.hooks[c.Hook.HookTargetArn],
			ecs.LifecycleHookStatusSucceeded)}, w.config.Times.Hook)
	case message.GetMetric:
		w.done(message.CommandDone{Key: c.Key(), Datapoints: w.datapoints(c)}, 0)
	case message.SetDesiredCapacity:
		w.done(message.CommandDone{Key: c.Key()}, 0)
		if err := w.auto.resize(c); err != nil {
			panic(fmt.Sprintf("sim: %s: %v", c.Key(), err)) // the group exists
		}
	default:
		w.done(message.CommandDone{Key: c.Key()}, 0)
	}
}

// volumeID names a task's volume by the task: in a world that goes on with another one's plane,
// too, no two are alike.
func volumeID(id ecs.TaskID) string { return "vol-0" + string(id)[:min(16, len(id))] }

// done answers a command after a while.
func (w *World) done(d message.CommandDone, after time.Duration) {
	w.seen[d.Key] = answer{d, w.now.Add(after)}
	w.forgetAnswers()
	w.after(after, func() { w.tell(d) })
}

// forgetAnswers drops answers, when they have become twice as many as were left the last time, to
// commands that have an outcome and are too old to be on their way a second time.
func (w *World) forgetAnswers() {
	if len(w.seen) <= 2*w.remembered+1024 {
		return
	}
	outstanding := map[message.Key]bool{}
	for c := range w.plane.Outstanding() {
		outstanding[c.Key()] = true
	}
	for key, a := range w.seen { //order:any each by itself
		if !outstanding[key] && w.now.Sub(a.at) > time.Hour {
			delete(w.seen, key)
		}
	}
	w.remembered = len(w.seen)
}

type targetKey struct {
	group, id string
	port      int
}

// target is what the load balancer knows of one target.
type target struct {
	key   targetKey
	task  ecs.TaskID
	group loadbalance.TargetGroup
	state loadbalance.Target
	epoch uint64 // of the command that made it
}

func (w *World) register(c message.RegisterTarget) {
	key := targetKey{c.TargetGroupArn, c.Target, c.Port}
	if old, ok := w.targets[key]; ok && old.epoch > c.ID.Epoch {
		w.done(message.CommandDone{Key: c.ID}, 0)
		return
	}
	t := &target{key: key, task: c.Task, group: c.TargetGroup, epoch: c.ID.Epoch}
	description := loadbalance.TargetDescription{ID: c.Target, Port: uint16(c.Port),
		AvailabilityZone: c.AvailabilityZone}
	w.done(message.CommandDone{Key: c.ID}, w.config.Times.Register)
	w.after(w.config.Times.Register, func() {
		if newer, ok := w.targets[key]; ok && newer.epoch > t.epoch {
			return
		}
		t.state = t.group.Start(c.Task, description, w.now)
		w.targets[key] = t
		w.checkTarget(t)
	})
}

func (w *World) deregister(c message.DeregisterTarget) {
	key := targetKey{c.TargetGroupArn, c.Target, c.Port}
	w.done(message.CommandDone{Key: c.ID}, w.config.Times.Register)
	if t, ok := w.targets[key]; ok && t.epoch < c.ID.Epoch {
		t.state, t.epoch = c.TargetGroup.Drain(t.state, w.now), c.ID.Epoch
	}
	// A tombstone, so that a late registration does not bring the target back.
	if _, ok := w.targets[key]; !ok {
		w.targets[key] = &target{key: key, epoch: c.ID.Epoch,
			state: loadbalance.Target{State: loadbalance.StateDraining}}
	}
}

// checkTarget checks a target's health when that is due, and reports changes.
func (w *World) checkTarget(t *target) {
	at, ok := t.group.NextCheck(t.state)
	if !ok || w.targets[t.key] != t {
		return
	}
	if at.Before(w.now.Add(w.config.Times.CheckReply)) {
		at = w.now.Add(w.config.Times.CheckReply)
	}
	w.at(at, func() {
		if w.targets[t.key] != t {
			return
		}
		before := t.state.State
		answer := loadbalance.Answer{Failure: loadbalance.ReasonTimeout}
		if w.answers(t) {
			answer = loadbalance.Answer{Code: passing(t.group)}
		}
		t.state = t.group.Check(t.state, w.now, answer)
		if t.state.State != before {
			w.tellTarget(t)
		}
		w.checkTarget(t)
	})
}

// passing returns a status code that the group's health check accepts.
func passing(g loadbalance.TargetGroup) int {
	for code := range 600 {
		if g.Judge(loadbalance.Answer{Code: code}) == "" {
			return code
		}
	}
	return 200
}

// tellTarget reports a target's health. In a world with faults it reports again until no
// message can be lost or overtaken any more.
func (w *World) tellTarget(t *target) {
	e := message.TargetHealth{TargetGroupArn: t.key.group, Target: t.key.id, Port: t.key.port, State: t.state.State,
		Reason: string(t.state.Reason)}
	if w.tell(e) && w.calm() {
		return
	}
	w.after(w.config.Times.Report, func() {
		if w.targets[t.key] == t && t.state.State == loadbalance.State(e.State) {
			w.tellTarget(t)
		}
	})
}

// calm reports whether every message arrives once and in order.
func (w *World) calm() bool { return w.config.Faults == (Faults{MaxDelay: w.config.Faults.MaxDelay}) }

// answers reports whether a task answers its health checks.
func (w *World) answers(t *target) bool {
	for _, a := range w.sortedAgents() {
		if k := a.Task(t.task); k != nil {
			return a.serves(k)
		}
	}
	return false
}

func (w *World) sortedAgents() []*agent {
	list := make([]*agent, 0, len(w.agents))
	for _, a := range w.agents { //order:any sorted below
		list = append(list, a)
	}
	slices.SortFunc(list, func(a, b *agent) int {
		if a.instance < b.instance {
			return -1
		}
		return 1
	})
	return list
}
