package sim

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/bayplan/bayplan/autoscale/group"
	"github.com/bayplan/bayplan/autoscale/groups"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/agentconfig"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/message"
)

// autoScaling is EC2 Auto Scaling in the world: package groups decides where instances start and which go, the world
// starts and ends them.
type autoScaling struct {
	world  *World
	groups *groups.Service
	own    map[string]*ownGroup                      // those of AddAutoScalingGroup, by name
	hosts  map[string]*ec2Instance                   // instances of groups, by EC2 ID
	epochs map[string]uint64                         // of the command that set a group's size, by name
	told   map[string]message.AutoScalingGroupChange // to the plane, by name of the group
	deeds  uint64                                    // how often instances and sizes have changed
	wake   time.Time                                 // the Tick that is in the queue
	// watches is when alarms are looked at.
	watches time.Time
}

// ownGroup is a group that the world was told of, rather than one that somebody created.
type ownGroup struct {
	cluster  string
	like     []ecs.ContainerInstance
	launched map[string]int // so far, by zone
}

// ec2Instance is an instance of a group, and the container instance that it has become.
type ec2Instance struct {
	group    string
	cluster  string
	instance ecs.InstanceID // "": it boots, or has no agent
	offer    ecs.Resources
}

func newAutoScaling(w *World) *autoScaling {
	a := &autoScaling{world: w, own: map[string]*ownGroup{}, hosts: map[string]*ec2Instance{},
		epochs: map[string]uint64{},
		told:   map[string]message.AutoScalingGroupChange{}}
	plane := w.plane.Config()
	config := groups.Config{Seed: w.config.Seed, Region: plane.Region, Account: plane.Account,
		ZoneOfSubnet: plane.ZoneOfSubnet, Location: plane.Location, LookAgain: w.config.Times.Boot}
	for _, t := range InstanceTypes() {
		config.InstanceTypes = append(config.InstanceTypes, t.Name)
	}
	a.groups = groups.New(config, a)
	return a
}

// AddAutoScalingGroup adds the Auto Scaling group of a capacity provider, without instances. When the plane raises its
// size, instances like the given ones join the cluster after Times.Boot; those given for one zone take turns. When the
// plane lowers its size, surplus instances are terminated once only daemons run on them. The group replaces an instance
// that ends in another way. The capacity provider is the CapacityProviderName of the given instances, of which there
// must be at least one.
func (w *World) AddAutoScalingGroup(cluster string, like ...ecs.ContainerInstance) {
	name := like[0].CapacityProviderName
	var zones []string
	for _, ci := range like {
		if zone := zoneOf(ci); !slices.Contains(zones, zone) {
			zones = append(zones, zone)
		}
	}
	kind, _ := like[0].Attribute("ecs.instance-type")
	if !slices.ContainsFunc(InstanceTypes(), func(t InstanceType) bool { return t.Name == kind }) {
		kind = InstanceTypes()[0].Name // its instances are like those that were given, whatever their type
	}
	w.auto.own[name] = &ownGroup{cluster: cluster, like: like, launched: map[string]int{}}
	err := w.auto.groups.CreateAutoScalingGroup(w.now, groups.CreateAutoScalingGroupInput{AutoScalingGroupName: name,
		Settings: groups.Settings{MinSize: ecs.Some(0), MaxSize: ecs.Some(math.MaxInt32), AvailabilityZones: zones,
			LaunchTemplate: &groups.LaunchTemplateSpecification{LaunchTemplateName: kind}}})
	if err != nil {
		panic(fmt.Sprintf("sim: Auto Scaling group %s: %v", name, err))
	}
}

func zoneOf(ci ecs.ContainerInstance) string {
	zone, _ := ci.Attribute("ecs.availability-zone")
	return zone
}

// AutoScaling calls f with EC2 Auto Scaling of the world and the world's time, and then lets happen what follows. An
// instance that a group launches boots for Times.Boot. Then it joins the cluster that its user data names, or default,
// for the capacity provider of its group.
func (w *World) AutoScaling(f func(s *groups.Service, now time.Time) error) (err error) {
	w.step(func() {
		err = f(w.auto.groups, w.now)
		w.auto.tell()
		w.auto.arm()
	})
	return err
}

// RestoreAutoScaling sets EC2 Auto Scaling of the world to a state of groups.Service.State. Instances that had not
// booted boot again.
func (w *World) RestoreAutoScaling(state json.RawMessage) error {
	a := w.auto
	if err := a.groups.Restore(state); err != nil {
		return fmt.Errorf("sim: Auto Scaling groups: %w", err)
	}
	joined := w.joined()
	out, err := a.groups.DescribeAutoScalingGroups(groups.DescribeAutoScalingGroupsInput{})
	for ; err == nil; out, err = a.groups.DescribeAutoScalingGroups(
		groups.DescribeAutoScalingGroupsInput{NextToken: out.NextToken}) {
		for _, g := range out.AutoScalingGroups {
			for _, i := range g.Instances {
				a.restore(g, i, joined)
			}
		}
		if out.NextToken == "" {
			break
		}
	}
	a.arm()
	a.watch(w.nextMinute())
	return err
}

// restore makes an instance of a group that was restored.
func (a *autoScaling) restore(g groups.ShownGroup, i groups.ShownInstance, joined map[string]ec2Instance) {
	a.world.countInstance(i.InstanceID)
	h := joined[i.InstanceID]
	h.group = g.AutoScalingGroupName
	a.hosts[i.InstanceID] = &h
	pending := i.LifecycleState == group.LifecycleStatePending
	switch l, ok := a.groups.Launched(i.InstanceID); {
	case !ok || h.instance != "" && !pending:
	case h.instance == "" && pending:
		a.boot(i.InstanceID, a.like(l))
	case pending: // it had joined when its group was last seen
		a.world.after(0, func() {
			a.groups.Booted(a.world.now, i.InstanceID)
			a.arm()
		})
	default: // it has ended since its group was last seen
		delete(a.hosts, i.InstanceID)
		a.groups.Gone(a.world.now, i.InstanceID)
	}
}

// joined returns the container instances of the plane, by EC2 ID.
func (w *World) joined() map[string]ec2Instance {
	found := map[string]ec2Instance{}
	w.eachInstance(func(cluster string, ci ecs.ContainerInstance) {
		if ci.Status != ecs.ContainerInstanceStatusInactive {
			found[ci.EC2InstanceID] = ec2Instance{cluster: cluster[strings.LastIndexByte(cluster, '/')+1:],
				instance: ci.ID(), offer: ci.Registered()}
		}
	})
	return found
}

// AutoScalingDeeds returns a number that grows with each change of an Auto Scaling group that is not a request: an
// instance that starts, has booted or ends, a size that ECS sets.
func (w *World) AutoScalingDeeds() uint64 { return w.auto.deeds }

// arm puts the next Tick of the groups into the queue.
func (a *autoScaling) arm() {
	at, ok := a.groups.Next()
	if !ok || !a.wake.IsZero() && !at.Before(a.wake) {
		return
	}
	if at.Before(a.world.now) {
		at = a.world.now
	}
	a.wake = at
	a.world.at(at, func() {
		if a.wake.Equal(at) {
			a.wake = time.Time{}
		}
		a.groups.Tick(a.world.now)
		a.tell()
		a.arm()
	})
}

// resize carries out a command; the newest one counts.
func (a *autoScaling) resize(c message.SetDesiredCapacity) error {
	name := groups.NameOf(c.AutoScalingGroupArn)
	if _, own := a.own[c.CapacityProvider]; own {
		name = c.CapacityProvider
	}
	if c.ID.Epoch < a.epochs[name] {
		return nil
	}
	_, err := a.groups.ManagedScaling(a.world.now, name, c.DesiredCapacity)
	if errors.Is(err, groups.ValidationError) {
		return nil // a plane may have a provider of a group that does not exist
	}
	a.epochs[name] = c.ID.Epoch
	a.deeds++
	if told, ok := a.told[name]; ok {
		told.DesiredCapacity = c.DesiredCapacity // as the plane believes
		a.told[name] = told
	}
	a.tell()
	a.arm()
	return err
}

// tell reports the groups of capacity providers whose size is not what the plane believes, and new ones.
func (a *autoScaling) tell() {
	for _, g := range a.groups.Managed() {
		if _, own := a.own[g.AutoScalingGroupName]; own {
			continue
		}
		e := message.AutoScalingGroupChange{CapacityProvider: g.CapacityProvider, DesiredCapacity: g.DesiredCapacity}
		for _, name := range g.InstanceTypes {
			for _, t := range InstanceTypes() {
				if offer := t.ContainerInstance("").Registered(); t.Name == name && !slices.Contains(e.InstanceTypes,
					offer) {
					e.InstanceTypes = append(e.InstanceTypes, offer)
				}
			}
		}
		if known, ok := a.told[g.AutoScalingGroupName]; ok && known.CapacityProvider == e.CapacityProvider &&
			known.DesiredCapacity == e.DesiredCapacity && slices.Equal(known.InstanceTypes, e.InstanceTypes) {
			continue
		}
		a.told[g.AutoScalingGroupName] = e
		a.world.insist(e)
	}
}

// launch is what a group launches: an instance and the cluster that it joins.
type launch struct {
	cluster string
	like    ecs.ContainerInstance
	why     error // what is wrong with its user data
}

// like returns what an order starts.
func (a *autoScaling) like(l groups.Launch) launch {
	if own, ok := a.own[l.AutoScalingGroupName]; ok {
		there := slices.DeleteFunc(slices.Clone(own.like),
			func(ci ecs.ContainerInstance) bool { return zoneOf(ci) != l.AvailabilityZone })
		own.launched[l.AvailabilityZone]++
		return launch{own.cluster, there[(own.launched[l.AvailabilityZone]-1)%len(there)], nil}
	}
	at := slices.IndexFunc(InstanceTypes(), func(t InstanceType) bool { return t.Name == l.InstanceType })
	like := InstanceTypes()[max(at, 0)].ContainerInstance(l.AvailabilityZone) // the groups launch no others
	script, err := base64.StdEncoding.DecodeString(l.UserData)
	if err != nil {
		return launch{"default", like, err} // the groups take no such user data
	}
	agent, err := agentconfig.Parse(string(script))
	like.Tags = agent.InstanceTags
	return launch{cmp.Or(agent.Cluster, "default"), with(like, agent.InstanceAttributes), err}
}

// RunInstance is groups.World's.
func (a *autoScaling) RunInstance(l groups.Launch) (string, error) {
	a.deeds++
	a.world.instances++
	id := ec2ID(a.world.instances)
	a.hosts[id] = &ec2Instance{group: l.AutoScalingGroupName}
	a.boot(id, a.like(l))
	return id, nil
}

// boot lets an instance join its cluster after a while.
func (a *autoScaling) boot(id string, l launch) {
	a.world.after(a.world.config.Times.Boot, func() {
		a.join(id, l)
		a.groups.Booted(a.world.now, id)
		a.arm()
	})
}

// join registers an instance that has booted. A plane that crashed over it is told again. An instance whose cluster is
// not there has no agent that does anything.
func (a *autoScaling) join(id string, l launch) {
	a.deeds++
	h, ok := a.hosts[id]
	if !ok {
		return // it ended while it booted
	}
	if l.why != nil {
		a.world.note(message.Change{Kind: message.ChangeScaling, Cluster: l.cluster, Status: id,
			Text: "user data: " + l.why.Error()})
	}
	if m, managed := a.Managed(h.group, ""); managed && m.Cluster == l.cluster {
		l.like.CapacityProviderName = m.CapacityProvider
	}
	ci, err := a.world.plane.RegisterContainerInstance(a.world.now, registration(l.cluster, l.like, id))
	if err != nil {
		if _, own := a.own[h.group]; !own {
			a.world.note(message.Change{Kind: message.ChangeScaling, Cluster: l.cluster, Status: id, Text: err.Error()})
		}
		return
	}
	h.cluster, h.instance, h.offer = l.cluster, ci.ID(), ci.Registered()
}

// TerminateInstance is groups.World's.
func (a *autoScaling) TerminateInstance(id string) {
	a.deeds++
	if h, ok := a.hosts[id]; ok && h.instance != "" {
		a.world.end(h.cluster, h.instance)
	}
	delete(a.hosts, id)
}

// DrainInstance is groups.World's.
func (a *autoScaling) DrainInstance(id string) {
	h, ok := a.hosts[id]
	if !ok || h.instance == "" {
		return
	}
	out, err := a.world.plane.DescribeContainerInstances(api.DescribeContainerInstancesInput{Cluster: h.cluster,
		ContainerInstances: []string{string(h.instance)}})
	if err != nil || len(out.ContainerInstances) == 0 ||
		out.ContainerInstances[0].Status != ecs.ContainerInstanceStatusActive {
		return // it drains already, or is gone
	}
	_, err = a.world.plane.UpdateContainerInstancesState(a.world.now, api.UpdateContainerInstancesStateInput{
		Cluster: h.cluster, ContainerInstances: []string{string(h.instance)},
		Status: ecs.ContainerInstanceStatusDraining})
	if err != nil {
		panic(fmt.Sprintf("sim: drain %s: %v", h.instance, err)) // it was active just now
	}
}

// gone reports to the groups that an instance has ended by itself.
func (a *autoScaling) gone(instance ecs.InstanceID) {
	for id, h := range a.hosts { //order:any one has it
		if h.instance == instance {
			a.deeds++
			delete(a.hosts, id)
			a.groups.Gone(a.world.now, id)
			a.arm()
			return
		}
	}
}

// Managed is groups.World's. A group that the world was told of has managed termination protection, and none of what
// managed scaling adds to a group.
func (a *autoScaling) Managed(name, arn string) (groups.Management, bool) {
	if own, ok := a.own[name]; ok {
		return groups.Management{CapacityProvider: name, Cluster: own.cluster, Provider: ecs.AutoScalingGroupProvider{
			ManagedTerminationProtection: "ENABLED", ManagedDraining: "DISABLED"}}, true
	}
	in := api.DescribeCapacityProvidersInput{}
	for {
		out, err := a.world.plane.DescribeCapacityProviders(in)
		if err != nil {
			panic(fmt.Sprintf("sim: capacity providers: %v", err)) // there is nothing to refuse
		}
		for _, c := range out.CapacityProviders {
			p := c.AutoScalingGroupProvider
			if p == nil || groups.NameOf(p.AutoScalingGroupArn) != name {
				continue
			}
			if cluster, ok := a.clusterWith(c.Name); ok {
				return groups.Management{CapacityProvider: c.Name, Cluster: cluster, Provider: *p}, true
			}
		}
		if in.NextToken = out.NextToken; in.NextToken == "" {
			return groups.Management{}, false
		}
	}
}

// clusterWith returns the first cluster that has a capacity provider.
func (a *autoScaling) clusterWith(provider string) (name string, found bool) {
	plane := a.world.plane
	eachPage(func(token string) (api.Page, error) {
		return plane.ListClusters(api.ListClustersInput{NextToken: token})
	}, func(arns []string) {
		out, err := plane.DescribeClusters(api.DescribeClustersInput{Clusters: arns})
		if err != nil {
			panic(fmt.Sprintf("sim: clusters: %v", err)) // they were listed just now
		}
		for _, c := range out.Clusters {
			if !found && slices.Contains(c.CapacityProviders, provider) {
				name, found = c.ClusterName, true
			}
		}
	})
	return name, found
}

func ec2ID(number int) string { return fmt.Sprintf("i-%017x", number) }

// registration is what an instance reports when it joins.
func registration(cluster string, like ecs.ContainerInstance, id string) api.RegisterContainerInstanceInput {
	return api.RegisterContainerInstanceInput{
		Cluster: cluster, TotalResources: like.RegisteredResources, Attributes: like.Attributes,
		VersionInfo: like.VersionInfo, Tags: like.Tags,
		CapacityProviderName:     like.CapacityProviderName,
		InstanceIdentityDocument: fmt.Sprintf(`{"instanceId":%q}`, id),
	}
}

// Tasks is groups.World's: the tasks of an instance that have not stopped, and the daemons' among them.
func (a *autoScaling) Tasks(id string) (tasks, daemons int) {
	h, ok := a.hosts[id]
	if !ok || h.instance == "" {
		return 0, 0
	}
	for _, t := range a.world.agent(h.cluster, h.instance).Tasks() {
		if t.Over() {
			continue
		}
		tasks++
		if a.daemon(h.cluster, t.Command().Group) {
			daemons++
		}
	}
	return tasks, daemons
}

func (a *autoScaling) daemon(cluster, taskGroup string) bool {
	name, ok := serviceOf(taskGroup)
	if !ok {
		return false
	}
	out, err := a.world.plane.DescribeServices(api.DescribeServicesInput{Cluster: cluster, Services: []string{name}})
	return err == nil && len(out.Services) > 0 && out.Services[0].SchedulingStrategy == ecs.SchedulingStrategyDaemon
}

// Metric is groups.World's. The world measures how busy the CPUs of a group's instances are, by the load of services.
func (a *autoScaling) Metric(m groups.Metric) (float64, bool) {
	if m.Namespace != "" || m.MetricName != groups.ASGAverageCPUUtilization {
		return 0, false
	}
	sum, n := 0.0, 0
	for _, id := range a.groups.Instances(m.AutoScalingGroupName) {
		if h := a.hosts[id]; h != nil && h.instance != "" {
			sum += a.busy(h)
			n++
		}
	}
	if n == 0 {
		return 0, false
	}
	return sum / float64(n), true
}

// busy is how busy the CPU of an instance is, in percent: what its tasks use of it.
func (a *autoScaling) busy(h *ec2Instance) float64 {
	used := 0.0
	agent := a.world.agent(h.cluster, h.instance)
	for _, t := range agent.Tasks() {
		name, ok := serviceOf(t.Command().Group)
		s := service{h.cluster, name}
		if load := a.world.loads[s]; ok && load > 0 && agent.serves(t) {
			if _, capacity := a.world.serving(s); capacity > 0 {
				share := min(1, float64(load)/float64(capacity))
				used += float64(share * float64(t.Command().TaskDefinition.Requirements().CPU))
			}
		}
	}
	return min(100, 100*used/float64(max(h.offer.CPU, 1)))
}
