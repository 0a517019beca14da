package control

import (
	"errors"
	"fmt"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
)

// Observe tells the plane what happened in the world. It never fails: an event that is
// late, repeated or about something unknown changes nothing: not the state, not the time,
// and it leaves no record.
func (p *Plane) Observe(now time.Time, ev message.Event) {
	if done, ok := ev.(message.CommandDone); ok {
		ev = measured(done)
	}
	_, _ = request(p, now, "Observe", message.SealedEvent{Event: ev}, func(e message.SealedEvent) (struct{}, error) {
		if !p.observe(e.Event) {
			return struct{}{}, errNothing
		}
		return struct{}{}, nil
	})
}

// errNothing is the refusal of an event that says nothing new.
var errNothing = errors.New("control: nothing new")

// observe takes an event; false when it says nothing new, and then nothing has changed.
func (p *Plane) observe(ev message.Event) bool {
	switch e := ev.(type) {
	case message.CommandDone:
		return p.commandDone(e)
	case message.TaskStateChange:
		return p.edge(e)
	case message.InstanceReport:
		return p.instanceReport(e)
	case message.AgentConnectivity:
		i, ok := p.findInstance(e.Cluster, e.Instance)
		return ok && p.setConnected(i, e.Connected)
	case message.InstanceTerminated:
		i, ok := p.findInstance(e.Cluster, e.Instance)
		return ok && p.lose(i, fmt.Sprintf("Host EC2 (instance %s) terminated.", i.Record.EC2InstanceID), ecs.TaskStopCodeTerminationNotice)
	case message.SpotInterruption:
		return p.spotInterruption(e)
	case message.TargetHealth:
		return p.targetHealth(e)
	case message.AlarmState:
		return p.alarmState(e)
	case message.MetricSample:
		return p.metricSample(e)
	case message.CapacityForecast:
		return p.capacityForecast(e)
	case message.LifecycleHookStatus:
		return p.hookStatus(e)
	}
	return false
}

func (p *Plane) findInstance(cluster string, id ecs.InstanceID) (*instance, bool) {
	c, ok := p.byCluster[clusterName(cluster)]
	if !ok {
		return nil, false
	}
	i, ok := c.byInstance[id]
	return i, ok
}

// Tick tells the plane what time it is. It must be called at Ready.WakeAt; other calls do
// no harm, and before that time they change nothing and leave no record.
func (p *Plane) Tick(now time.Time) {
	p.alive()
	if next, ok := p.timers.next(); !ok || ecs.At(now) < next {
		return
	}
	_, _ = request(p, now, "Tick", struct{}{}, func(struct{}) (struct{}, error) {
		p.tick()
		return struct{}{}, nil
	})
}

// tick serves every deadline that has come, in the order of the timers. One that serving sets
// is served too if it has come; of these no more than there were, so that a Tick ends: the rest
// are due still, and WakeAt says so.
func (p *Plane) tick() {
	for range maxServed + 4*len(p.timers.queue) {
		t, ok := p.timers.peek()
		if !ok || t.at > p.now() {
			return
		}
		p.timers.pop()
		if at, live := p.deadline(t); live && at == t.at {
			p.serve(t)
		}
	}
}

// maxServed is how many deadlines a Tick serves beside those that are set when it begins.
const maxServed = 1024

// deadline returns the deadline that the owner of a timer has now.
func (p *Plane) deadline(t timer) (ecs.Instant, bool) {
	switch t.kind {
	case timerCommand:
		if o, ok := p.outstanding.byKey[t.ref]; ok {
			return o.Wake, true
		}
	case timerTask:
		if k, ok := p.byTask[ecs.TaskID(t.ref)]; ok {
			return k.Wake, true
		}
	case timerForget:
		if k, ok := p.byTask[ecs.TaskID(t.ref)]; ok {
			return k.Forget, true
		}
	case timerInstance:
		if i, ok := p.departedInstance(ecs.InstanceID(t.ref)); ok {
			return i.Forget, true
		}
	case timerService:
		if s, ok := p.serviceByArn(t.ref); ok {
			return s.Wake, true
		}
	case timerGroup:
		if g, ok := p.byGroup[t.ref]; ok {
			return g.wake, true
		}
	case timerProvider:
		if c, ok := p.provider(t.ref); ok {
			return c.Wake, true
		}
	case timerScaling:
		if s, ok := p.serviceByArn(t.ref); ok && s.Scaling != nil {
			return s.Scaling.Wake, true
		}
	}
	return 0, false
}

func (p *Plane) serve(t timer) {
	switch t.kind {
	case timerCommand:
		p.send(p.outstanding.byKey[t.ref])
	case timerTask:
		p.tickTask(p.byTask[ecs.TaskID(t.ref)])
	case timerForget:
		p.forgetTask(p.byTask[ecs.TaskID(t.ref)])
	case timerInstance:
		i, _ := p.departedInstance(ecs.InstanceID(t.ref))
		p.forgetInstance(i)
	case timerService:
		s, _ := p.serviceByArn(t.ref)
		p.touch(s)
	case timerGroup:
		p.expireTargets(p.byGroup[t.ref])
	case timerProvider:
		c, _ := p.provider(t.ref)
		p.evaluateProvider(c)
	case timerScaling:
		s, _ := p.serviceByArn(t.ref)
		p.evaluateScaling(s)
	}
}

// dropStale removes timers from the top that no longer mean anything, so that WakeAt is a
// time at which something will happen.
func (p *Plane) dropStale() {
	for {
		t, ok := p.timers.peek()
		if !ok {
			return
		}
		if at, live := p.deadline(t); live && at == t.at {
			return
		}
		p.timers.pop()
	}
}
