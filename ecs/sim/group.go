package sim

import (
	"fmt"
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/lifecycle"
)

// scalingGroup is the Auto Scaling group of a capacity provider.
type scalingGroup struct {
	world     *World
	cluster   string
	like      []ecs.ContainerInstance
	desired   int
	epoch     uint64 // of the command that set it
	launching int
	launched  int
	joined    int // number of the last one that did
	instances []ecs.InstanceID
}

// AddAutoScalingGroup adds the Auto Scaling group of a capacity provider, without instances. When the
// plane sets its size, instances like the given ones, in turn, join the cluster after
// Times.Boot; or as many as are too many are terminated once nothing runs on them but
// daemons. The provider is that of the instances.
func (w *World) AddAutoScalingGroup(cluster string, like ...ecs.ContainerInstance) {
	w.groups[like[0].CapacityProviderName] = &scalingGroup{world: w, cluster: cluster, like: like}
}

// resize carries out a command; the newest one counts.
func (g *scalingGroup) resize(c message.SetDesiredCapacity) {
	if c.ID.Epoch < g.epoch {
		return
	}
	g.desired, g.epoch = c.DesiredCapacity, c.ID.Epoch
	for len(g.instances)+g.launching < g.desired {
		g.launching++
		like := g.like[g.launched%len(g.like)]
		g.launched++
		number := g.world.instances + 1
		g.world.instances = number
		g.world.after(g.world.config.Times.Boot, func() { g.join(like, number) })
	}
	g.trim()
}

// join registers an instance that has booted, unless it is too many by now. A plane that
// crashed over it is told again.
func (g *scalingGroup) join(like ecs.ContainerInstance, number int) {
	if number != g.joined && len(g.instances) >= g.desired {
		g.launching--
		return
	}
	ci, err := g.world.plane.RegisterContainerInstance(g.world.now, registration(g.cluster, like, number))
	if err != nil || number == g.joined {
		return
	}
	g.joined = number
	g.launching--
	g.instances = append(g.instances, ci.ID())
}

// registration is what an instance tells when it joins.
func registration(cluster string, like ecs.ContainerInstance, number int) ecs.RegisterContainerInstanceInput {
	return ecs.RegisterContainerInstanceInput{
		Cluster: cluster, TotalResources: like.RegisteredResources, Attributes: like.Attributes, VersionInfo: like.VersionInfo, Tags: like.Tags,
		CapacityProviderName:     like.CapacityProviderName,
		InstanceIdentityDocument: fmt.Sprintf(`{"instanceId":"i-%017x"}`, number),
	}
}

// trim terminates idle instances as long as there are too many, the newest first, and looks
// again later for the others.
func (g *scalingGroup) trim() {
	excess := len(g.instances) - g.desired
	for i := len(g.instances) - 1; i >= 0 && excess > 0; i-- {
		if id := g.instances[i]; g.idle(id) {
			g.instances = slices.Delete(g.instances, i, i+1)
			g.world.Terminate(g.cluster, id)
			excess--
		}
	}
	if epoch := g.epoch; excess > 0 {
		g.world.after(g.world.config.Times.Boot, func() {
			if g.epoch == epoch {
				g.trim()
			}
		})
	}
}

// idle reports whether nothing runs on an instance but daemons.
func (g *scalingGroup) idle(id ecs.InstanceID) bool {
	for _, t := range g.world.agent(g.cluster, id).sorted() {
		if t.state.Last < lifecycle.StatusStopped && !g.daemon(t.command.Group) {
			return false
		}
	}
	return true
}

func (g *scalingGroup) daemon(taskGroup string) bool {
	name, ok := serviceOf(taskGroup)
	if !ok {
		return false
	}
	out, err := g.world.plane.DescribeServices(ecs.DescribeServicesInput{Cluster: g.cluster, Services: []string{name}})
	return err == nil && len(out.Services) > 0 && out.Services[0].SchedulingStrategy == ecs.SchedulingStrategyDaemon
}
