package control

import (
	"errors"
	"slices"
	"time"

	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/capacity"
	"github.com/bayplan/bayplan/ecs/control/internal/dispatch"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
	"github.com/bayplan/bayplan/ecs/control/internal/rollout"
	"github.com/bayplan/bayplan/ecs/control/internal/scaling"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/internal/check"
)

// Observe gives the plane an event of the world. It never fails: an event that is
// late, repeated or about something unknown changes nothing: not the state, not the time,
// and it leaves no record.
func (p *Plane) Observe(now time.Time, ev message.Event) {
	_, _ = request(p, now, "Observe", measured(ev), func(e message.Event) (struct{}, error) {
		if !p.observe(e) {
			return struct{}{}, errNothing
		}
		return struct{}{}, nil
	})
}

// measured is an event without the datapoints that are not numbers, which JSON cannot hold.
func measured(ev message.Event) message.Event {
	odd := func(o cloudwatch.Sample) bool { return !check.IsFinite(o.Value) }
	e, ok := ev.(message.CommandDone)
	if !ok || !slices.ContainsFunc(e.Datapoints, odd) {
		return ev
	}
	e.Datapoints = slices.DeleteFunc(slices.Clone(e.Datapoints), odd)
	return e
}

// errNothing is the refusal of an event that says nothing new.
var errNothing = errors.New("control: nothing new")

// eventKinds has a row for each of message.Events: what takes it.
var eventKinds = []eventKind{
	event(itself, (*Plane).commandDone),
	event(dispatchOf, (*dispatch.Room).Edge),
	event(dispatchOf, (*dispatch.Room).InstanceReport),
	event(fleetOf, (*fleet.Room).AgentConnectivity),
	event(fleetOf, (*fleet.Room).InstanceTerminated),
	event(dispatchOf, (*dispatch.Room).SpotInterruption),
	event(dispatchOf, (*dispatch.Room).TargetHealth),
	event(rolloutOf, (*rollout.Room).AlarmState),
	event(scalingOf, (*scaling.Room).Sample),
	event(scalingOf, (*scaling.Room).Forecast),
	event(rolloutOf, (*rollout.Room).HookStatus),
	event(capacityOf, (*capacity.Room).GroupChange),
}

// eventKind takes an event of one kind, and returns whether it says anything new; mine is false
// for an event of another kind.
type eventKind func(p *Plane, e message.Event) (news, mine bool)

// event returns the row of the events of type E, which are a room's. An event that take refuses has
// changed nothing.
func event[Room any, E message.Event](room func(*Plane) Room, take func(Room, E) bool) eventKind {
	return func(p *Plane, e message.Event) (news, mine bool) {
		of, mine := e.(E)
		return mine && take(room(p), of), mine
	}
}

func itself(p *Plane) *Plane { return p }

// observe takes an event; false when it says nothing new, and then nothing has changed.
func (p *Plane) observe(e message.Event) bool {
	for _, take := range eventKinds {
		if news, mine := take(p, e); mine {
			return news
		}
	}
	return false
}

// Tick gives the plane the time. It must be called at Ready.WakeAt; other calls do
// no harm, and before that time they change nothing and leave no record. Where very much is due at
// once, a call does a part of it, some milliseconds of work, and WakeAt is not later than now: call
// again. Several calls serve what one would, in the same order; a service may be looked at in each of them.
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
