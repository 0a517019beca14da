package control

import (
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
)

// upstairs tells the rooms above the fleet of what happens in it. Services look before tasks that
// wait are placed: the order of IDs and seeds is behaviour.
type upstairs struct{ p *Plane }

func (u upstairs) Grew(c *fleet.Cluster) {
	u.p.services.Grew(c)
	u.p.capacity.PlaceWaiting(c)
}

func (u upstairs) Moved(i *fleet.Instance, zones bool) { u.p.rollout.InstanceMoved(i, zones) }

func (u upstairs) Turned(i *fleet.Instance) { u.p.dispatch.Turned(i) }

func (u upstairs) Agent(i *fleet.Instance, connected bool) { u.p.dispatch.Agent(i, connected) }

func (u upstairs) Returned(i *fleet.Instance) { u.p.dispatch.Returned(i) }

func (u upstairs) Leaves(i *fleet.Instance) { u.p.dispatch.SuspendTargets(i) }

func (u upstairs) Left(i *fleet.Instance, reason string, code ecs.TaskStopCode) {
	u.p.dispatch.Lost(i, reason, code)
}

func (u upstairs) Gone(c *fleet.Cluster) {
	u.p.tasks.Gone(c)
	u.p.capacity.Gone(c)
	u.p.services.Gone(c)
}
