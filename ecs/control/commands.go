package control

import (
	"fmt"
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs/control/internal/capacity"
	"github.com/bayplan/bayplan/ecs/control/internal/dispatch"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
	"github.com/bayplan/bayplan/ecs/control/internal/rollout"
	"github.com/bayplan/bayplan/ecs/control/internal/scaling"
	"github.com/bayplan/bayplan/ecs/message"
)

// commandKind is what the plane knows of one kind of command. Both functions are false, and change
// nothing, for a command of another kind.
type commandKind struct {
	wanted func(*Plane, message.Command) bool                      // whether one without an outcome has a cause
	done   func(*Plane, message.Command, message.CommandDone) bool // takes its outcome
}

// commandKinds has a row for each of message.Commands: the cause that such a command needs, and
// what its outcome changes. A cause is a task, a target or a deployment that waits for the command.
var commandKinds = []commandKind{
	command(dispatchOf, (*dispatch.Room).WantsStart, (*dispatch.Room).StartDone),
	command(dispatchOf, (*dispatch.Room).WantsStop, (*dispatch.Room).StopDone),
	command(dispatchOf, (*dispatch.Room).WantsAttach, (*dispatch.Room).AttachDone),
	command(dispatchOf, (*dispatch.Room).WantsDetach, (*dispatch.Room).DetachDone),
	command(dispatchOf, (*dispatch.Room).WantsVolume, (*dispatch.Room).VolumeAttached),
	command(dispatchOf, (*dispatch.Room).WantsVolumeBack, (*dispatch.Room).VolumeDetached),
	command(dispatchOf, (*dispatch.Room).WantsTarget, (*dispatch.Room).TargetRegistered),
	command(dispatchOf, (*dispatch.Room).WantsTargetBack, (*dispatch.Room).TargetDeregistered),
	command(dispatchOf, (*dispatch.Room).WantsDiscovery, (*dispatch.Room).DiscoveryDone),
	command(dispatchOf, (*dispatch.Room).WantsDiscoveryBack, (*dispatch.Room).DiscoveryGone),
	command(rolloutOf, (*rollout.Room).WantsTraffic, nothing[*rollout.Room, message.ModifyTraffic]),
	command(rolloutOf, (*rollout.Room).WantsHook, (*rollout.Room).HookDone),
	command(capacityOf, (*capacity.Room).WantsCapacity, nothing[*capacity.Room, message.SetDesiredCapacity]),
	command(scalingOf, (*scaling.Room).Wants, (*scaling.Room).Read),
}

// command returns the row of the commands of type C, which are a room's.
func command[Room any, C message.Command](
	room func(*Plane) Room, wanted func(Room, C) bool, done func(Room, C, message.CommandDone),
) commandKind {
	return commandKind{
		wanted: func(p *Plane, c message.Command) bool { of, ok := c.(C); return ok && wanted(room(p), of) },
		done: func(p *Plane, c message.Command, e message.CommandDone) bool {
			of, ok := c.(C)
			if ok {
				done(room(p), of, e)
			}
			return ok
		},
	}
}

// nothing takes the outcome of a command that only the world had to know.
func nothing[Room any, C message.Command](Room, C, message.CommandDone) {}

func fleetOf(p *Plane) *fleet.Room       { return p.fleet }
func dispatchOf(p *Plane) *dispatch.Room { return p.dispatch }
func capacityOf(p *Plane) *capacity.Room { return p.capacity }
func rolloutOf(p *Plane) *rollout.Room   { return p.rollout }
func scalingOf(p *Plane) *scaling.Room   { return p.scaling }

// wanted reports whether a command without an outcome has a cause.
func (p *Plane) wanted(c message.Command) bool {
	return slices.ContainsFunc(commandKinds, func(k commandKind) bool { return k.wanted(p, c) })
}

// commandDone takes the outcome of a command. One whose key is not outstanding is a
// repetition, or the intent is gone: nothing new.
func (p *Plane) commandDone(e message.CommandDone) bool {
	if e.Err != "" && !e.Permanent {
		return p.commandFailed(e.Key, e.Err)
	}
	c, ok := p.outbox.Close(e.Key)
	if !ok {
		return false
	}
	if e.Err != "" {
		p.core.Change(message.Change{Kind: message.ChangeCommand, Status: e.Key.Op, Text: e.Key.String() +
			" failed for good: " + e.Err})
	}
	return slices.ContainsFunc(commandKinds, func(k commandKind) bool { return k.done(p, c, e) })
}

// commandFailed makes a command wait for its next attempt; false if it is not outstanding or
// waits already.
func (p *Plane) commandFailed(k message.Key, why string) bool {
	attempt, in, ok := p.outbox.Failed(k, why)
	if ok {
		text := fmt.Sprintf("%s failed (%s): attempt %d in %s", k, why, attempt, in.Round(time.Millisecond))
		p.core.Change(message.Change{Kind: message.ChangeCommand, Status: k.Op, Text: text})
	}
	return ok
}
