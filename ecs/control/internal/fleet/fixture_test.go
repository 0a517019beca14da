package fleet

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/compact"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/deadlines"
	"github.com/bayplan/bayplan/loadbalance"
	"github.com/bayplan/bayplan/placement"
)

// world is the room with its floor, a clock that the test moves, and what the rooms above would do:
// the tasks of an instance that is gone give back what they hold.
type world struct {
	position core.Position
	core     *core.Core
	timers   deadlines.Timers
	room     *Room
	told     []string // by the room, oldest first
	waits    *guest   // is placed as soon as there is room
}

func newWorld() *world {
	w := &world{}
	w.position.Now = ecs.At(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	config := core.Config{Seed: 1, Partition: "aws", Region: "us-east-1", Account: "123456789012"}
	w.core = core.New(config, &w.position)
	w.room = New(Config{Watcher: w, Core: w.core, ZoneOfSubnet: map[string]string{"subnet-a": "a", "subnet-b": "b"}})
	w.room.Watch(&w.timers)
	return w
}

func (w *world) tell(format string, args ...any) {
	w.told = append(w.told, fmt.Sprintf(format, args...))
}

func (w *world) Grew(c *Cluster) {
	w.tell("%s grew", c.Record.ClusterName)
	if w.waits != nil {
		w.place(nil, c, w.waits)
	}
}

func (w *world) Moved(i *Instance, zones bool) { w.tell("moved, zones %t", zones) }

func (w *world) Turned(i *Instance) { w.tell("turned %s", i.Record.Status) }

func (w *world) Agent(i *Instance, connected bool) { w.tell("agent %t", connected) }

func (w *world) Returned(i *Instance) { w.tell("returned") }

func (w *world) Leaves(i *Instance) { w.tell("leaves %s", i.Record.Status) }

func (w *world) Left(i *Instance, reason string, code ecs.TaskStopCode) {
	w.tell("left %s: %s (%s)", i.Record.Status, reason, code)
	for _, t := range slices.Collect(i.Tenants.All()) {
		w.room.Uncount(t)
		w.room.Release(t)
	}
}

func (w *world) Gone(c *Cluster) { w.tell("%s gone", c.Record.ClusterName) }

// heard returns what was told since it was last asked.
func (w *world) heard() []string {
	told := w.told
	w.told = nil
	return told
}

func (w *world) wait(d time.Duration) {
	w.position.Now = w.position.Now.Add(d)
	w.timers.Serve(w.position.Now)
	w.timers.DropStale()
}

// cluster makes a cluster, or finds it.
func (w *world) cluster(name string) *Cluster {
	c, _ := w.room.MakeCluster(api.CreateClusterInput{ClusterName: name})
	return c
}

// machine is what an instance of a capacity provider in a zone registers: 1,024 CPU units and 2,048 MiB.
func machine(cluster, provider, zone string) api.RegisterContainerInstanceInput {
	in := api.RegisterContainerInstanceInput{Cluster: cluster, CapacityProviderName: provider,
		TotalResources: []ecs.Resource{
			{Name: ecs.ResourceCPU, Type: "INTEGER", IntegerValue: 1024},
			{Name: ecs.ResourceMemory, Type: "INTEGER", IntegerValue: 2048}},
		Attributes: []ecs.Attribute{{Name: "com.amazonaws.ecs.capability.docker-remote-api.1.18"}}}
	if zone != "" {
		in.Attributes = append(in.Attributes, ecs.Attribute{Name: "ecs.availability-zone", Value: zone})
	}
	return in
}

func (w *world) register(t require.TestingT, in api.RegisterContainerInstanceInput) *Instance {
	i, err := w.room.RegisterContainerInstance(in)
	require.NoError(t, err)
	return i
}

// guest is a task that the test places itself: one container of 100 CPU units and 100 MiB.
type guest struct {
	id         ecs.TaskID
	group      string
	definition ecs.TaskDefinition
	alike      compact.Bindings
	Seat
}

func (g *guest) TaskID() ecs.TaskID          { return g.id }
func (g *guest) Needs() ecs.Resources        { return g.definition.Requirements() }
func (g *guest) StaticPorts() []ecs.HostPort { return g.definition.StaticHostPorts() }
func (g *guest) InGroup() string             { return g.group }
func (g *guest) Place() *Seat                { return &g.Seat }
func (g *guest) Alike() *compact.Bindings    { return &g.alike }
func (g *guest) PlacedBy() (placement.Request, error) {
	return placement.NewRequest(g.definition, g.group)
}

// running is the guest as placement sees it.
func (g *guest) running() placement.Running {
	status := ecs.DesiredStatusStopped
	if g.Counted {
		status = ecs.DesiredStatusRunning
	}
	return placement.Running{ID: g.id, Instance: g.Instance, Group: g.group,
		DesiredStatus: status, Resources: g.Needs(),
		HostPorts: g.Bindings.HostPorts()}
}

// newGuest returns a task of a group whose container listens on a port, behind hostPort; 0 asks for
// a dynamic one.
func (w *world) newGuest(group string, hostPort int) *guest {
	return &guest{id: ecs.TaskID(w.core.HexID()), group: group, Seat: Seat{Counted: true},
		definition: ecs.TaskDefinition{Family: "f", NetworkMode: ecs.NetworkModeBridge,
			ContainerDefinitions: []ecs.ContainerDefinition{{Name: "c", Image: "i", CPU: 100, Memory: 100,
				PortMappings: []ecs.PortMapping{{ContainerPort: 80, HostPort: ecs.Some(hostPort)}}}}}}
}

// place gives a guest a place in a cluster; false if none has room.
func (w *world) place(t require.TestingT, c *Cluster, g *guest) bool {
	request, err := g.PlacedBy()
	require.NoError(t, err)
	shape, err := c.Index.Prepare(request)
	require.NoError(t, err)
	placed, ok := c.Index.Place(shape, w.core.Seed())
	if !ok {
		c.Index.Forget(shape)
		return false
	}
	i := c.ByInstance[placed.Instance]
	bindings, err := i.Ports.Bindings(g.id, g.definition)
	require.NoError(t, err)
	i.Take(g, shape, placed, bindings)
	return true
}

// occupied returns a world with an instance and two guests on it.
func occupied(t *testing.T) (w *world, i *Instance, first, second *guest) {
	t.Helper()
	w = newWorld()
	c := w.cluster("c")
	i = w.register(t, machine("c", "", "z"))
	first, second = w.newGuest("g", 0), w.newGuest("g", 0)
	require.True(t, w.place(t, c, first))
	require.True(t, w.place(t, c, second))
	require.Empty(t, w.room.Check())
	w.heard()
	return w, i, first, second
}

// behind puts a guest's first port into a target group with a deregistration delay of a minute.
func (w *world) behind(t require.TestingT, g *guest) *loadbalance.Targets {
	book, err := loadbalance.NewTargets(loadbalance.TargetGroup{DeregistrationDelaySeconds: ecs.Some(60),
		TargetGroupArn: "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/g/0123456789abcdef"})
	require.NoError(t, err)
	at := loadbalance.TargetDescription{ID: g.On.Record.EC2InstanceID, Port: g.Bindings.HostPorts()[0].Port}
	require.NoError(t, book.Register(g.id, at, w.position.Now.Time(), w.room.PortsOfTarget))
	return book
}

// drained takes the guest's port out of the target group again.
func (w *world) drained(t require.TestingT, book *loadbalance.Targets, g *guest) {
	at := loadbalance.TargetDescription{ID: g.On.Record.EC2InstanceID, Port: g.Bindings.HostPorts()[0].Port}
	_, err := book.Deregister(g.id, at, w.position.Now.Time())
	require.NoError(t, err)
	require.Len(t, book.Expire(nil, w.position.Now.Time().Add(time.Minute), w.room.PortsOfTarget), 1)
}
