package control

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/internal/check"
)

// Observe gives the plane an event of the world. It never fails: an event that is
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

// measured is an outcome without the datapoints that are not numbers, which JSON cannot hold.
func measured(e message.CommandDone) message.CommandDone {
	odd := func(o cloudwatch.Sample) bool { return !check.IsFinite(o.Value) }
	if slices.ContainsFunc(e.Datapoints, odd) {
		e.Datapoints = slices.DeleteFunc(slices.Clone(e.Datapoints), odd)
	}
	return e
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
		return p.scaling.Sample(e)
	case message.CapacityForecast:
		return p.scaling.Forecast(e)
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

// Tick gives the plane the time. It must be called at Ready.WakeAt; other calls do
// no harm, and before that time they change nothing and leave no record.
func (p *Plane) Tick(now time.Time) {
	p.alive()
	if next, ok := p.timers.Next(); !ok || ecs.At(now) < next {
		return
	}
	_, _ = request(p, now, "Tick", struct{}{}, func(struct{}) (struct{}, error) {
		p.timers.Serve(p.core.Now())
		return struct{}{}, nil
	})
}
