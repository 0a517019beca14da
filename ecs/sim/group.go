package sim

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/autoscale/group"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/lifecycle"
)

// scalingGroup is the Auto Scaling group of a capacity provider: package group decides where instances
// start and which go, the world starts and ends them.
type scalingGroup struct {
	world    *World
	cluster  string
	like     []ecs.ContainerInstance
	state    group.AutoScalingGroup
	epoch    uint64                    // of the command that set its size
	launched map[string]int            // so far, by zone
	members  map[string]ecs.InstanceID // those that have joined the cluster, by EC2 ID
}

// AddAutoScalingGroup adds the Auto Scaling group of a capacity provider, without instances. When the
// plane raises its size, instances like the given ones join the cluster after Times.Boot; those given for
// one zone take turns. When the plane lowers its size, surplus instances are terminated once only daemons
// run on them. The group replaces an instance that ends in another way. The capacity provider is the
// CapacityProviderName of the given instances, of which there must be at least one.
func (w *World) AddAutoScalingGroup(cluster string, like ...ecs.ContainerInstance) {
	g := &scalingGroup{world: w, cluster: cluster, like: like, launched: map[string]int{},
		members: map[string]ecs.InstanceID{}}
	g.state = group.AutoScalingGroup{AutoScalingGroupName: like[0].CapacityProviderName, MaxSize: math.MaxInt32}
	for _, ci := range like {
		if zone := zoneOf(ci); !slices.Contains(g.state.AvailabilityZones, zone) {
			g.state.AvailabilityZones = append(g.state.AvailabilityZones, zone)
		}
	}
	w.groups[like[0].CapacityProviderName] = g
}

func zoneOf(ci ecs.ContainerInstance) string {
	zone, _ := ci.Attribute("ecs.availability-zone")
	return zone
}

// resize carries out a command; the newest one counts.
func (g *scalingGroup) resize(c message.SetDesiredCapacity) error {
	if c.ID.Epoch < g.epoch {
		return nil
	}
	g.epoch = c.ID.Epoch
	next, err := g.state.SetDesiredCapacity(c.DesiredCapacity)
	if err != nil {
		return err
	}
	g.state = next
	return g.settle()
}

// settle brings the group to its desired capacity, as far as it can. While instances that are too
// many are busy it looks again later.
func (g *scalingGroup) settle() error {
	if err := g.protect(); err != nil {
		return err
	}
	plan := g.state.Plan(g.world.now)
	for _, zone := range plan.Launch {
		if err := g.launch(zone); err != nil {
			return err
		}
	}
	for _, id := range plan.Terminate {
		g.world.end(g.cluster, g.members[id])
		if err := g.remove(id); err != nil {
			return err
		}
	}
	if epoch := g.epoch; plan.Protected > 0 {
		g.later(g.world.config.Times.Boot, func() error {
			if g.epoch != epoch {
				return nil
			}
			return g.settle()
		})
	}
	return nil
}

// later does something after a while. What goes wrong there is a fault of this package.
func (g *scalingGroup) later(d time.Duration, do func() error) {
	g.world.after(d, func() {
		if err := do(); err != nil {
			panic(fmt.Sprintf("sim: Auto Scaling group %s: %v", g.state.AutoScalingGroupName, err))
		}
	})
}

// launch starts an instance in a zone.
func (g *scalingGroup) launch(zone string) error {
	g.world.instances++
	number := g.world.instances
	next, err := g.state.Launch(group.Instance{InstanceID: ec2ID(number), AvailabilityZone: zone,
		LaunchTime: ecs.At(g.world.now)})
	if err != nil {
		return err
	}
	g.state = next
	there := slices.DeleteFunc(slices.Clone(g.like), func(ci ecs.ContainerInstance) bool { return zoneOf(ci) != zone })
	like := there[g.launched[zone]%len(there)]
	g.launched[zone]++
	g.later(g.world.config.Times.Boot, func() error { return g.join(like, number) })
	return nil
}

// join registers an instance that has booted. A plane that crashed over it is told again.
func (g *scalingGroup) join(like ecs.ContainerInstance, number int) error {
	ci, err := g.world.plane.RegisterContainerInstance(g.world.now, registration(g.cluster, like, number))
	if err != nil {
		return nil // the cluster is gone, for one: an instance without a cluster does nothing
	}
	id := ec2ID(number)
	if _, again := g.members[id]; again {
		return nil
	}
	g.members[id] = ci.ID()
	if g.state, err = g.state.Enter(id, group.LifecycleStateInService); err != nil {
		return err
	}
	return g.settle()
}

// replace has the group see that an instance has been terminated.
func (g *scalingGroup) replace(instance ecs.InstanceID) error {
	for _, id := range slices.Sorted(maps.Keys(g.members)) {
		if g.members[id] == instance {
			if err := g.remove(id); err != nil {
				return err
			}
			return g.settle()
		}
	}
	return nil
}

// remove takes an instance that has ended out of the group.
func (g *scalingGroup) remove(id string) error {
	delete(g.members, id)
	for _, s := range []group.LifecycleState{group.LifecycleStateTerminating, group.LifecycleStateTerminated} {
		next, err := g.state.Enter(id, s)
		if err != nil {
			return err
		}
		g.state = next
	}
	return nil
}

func ec2ID(number int) string { return fmt.Sprintf("i-%017x", number) }

// registration is what an instance reports when it joins.
func registration(cluster string, like ecs.ContainerInstance, number int) api.RegisterContainerInstanceInput {
	return api.RegisterContainerInstanceInput{
		Cluster: cluster, TotalResources: like.RegisteredResources, Attributes: like.Attributes,
		VersionInfo: like.VersionInfo, Tags: like.Tags,
		CapacityProviderName:     like.CapacityProviderName,
		InstanceIdentityDocument: fmt.Sprintf(`{"instanceId":%q}`, ec2ID(number)),
	}
}

// protect has ECS protect from scale-in the instances on which something runs but daemons, as it does with
// managed termination protection.
func (g *scalingGroup) protect() error {
	ended := ecs.AutoScalingGroupProvider{ManagedTerminationProtection: "ENABLED"}
	for _, id := range slices.Sorted(maps.Keys(g.members)) {
		tasks, daemons := g.running(g.members[id])
		next, err := g.state.SetInstanceProtection(id, !autoscale.Removable(ended, true, tasks, daemons))
		if err != nil {
			return err
		}
		g.state = next
	}
	return nil
}

// running counts the tasks of an instance that have not stopped, and the daemons' among them.
func (g *scalingGroup) running(id ecs.InstanceID) (tasks, daemons int) {
	for _, t := range g.world.agent(g.cluster, id).sorted() {
		if t.state.Last >= lifecycle.StatusStopped {
			continue
		}
		tasks++
		if g.daemon(t.command.Group) {
			daemons++
		}
	}
	return tasks, daemons
}

func (g *scalingGroup) daemon(taskGroup string) bool {
	name, ok := serviceOf(taskGroup)
	if !ok {
		return false
	}
	out, err := g.world.plane.DescribeServices(api.DescribeServicesInput{Cluster: g.cluster, Services: []string{name}})
	return err == nil && len(out.Services) > 0 && out.Services[0].SchedulingStrategy == ecs.SchedulingStrategyDaemon
}
