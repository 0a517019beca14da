package fleet

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/message"
)

// TestRegister sees what an instance is after it joined: ACTIVE, connected, and told about.
func TestRegister(t *testing.T) {
	w := newWorld()
	w.cluster("c")
	in := machine("c", "p", "z")
	in.InstanceIdentityDocument = `{"instanceId":"i-0abc"}`
	i := w.register(t, in)
	require.Equal(t, "i-0abc", i.Record.EC2InstanceID)
	require.Equal(t, []string{"c grew", "moved, zones true"}, w.heard())
	require.True(t, i.Open())
	require.Equal(t, "registered", w.core.Changes.All()[0].Text)
	require.Equal(t, map[Pool]int{{"p", "z"}: 1}, i.Cluster.Open)
	require.Same(t, &i.Ports, w.room.PortsOfTarget("i-0abc"))
	require.Nil(t, w.room.PortsOfTarget("10.0.0.1"))
	require.Equal(t, []string{"c grew", "moved, zones false"}, after(w, func() {
		w.register(t, machine("c", "p", "z"))
	}))
}

func after(w *world, f func()) []string {
	w.heard()
	f()
	return w.heard()
}

// TestRegisterAgain sees that a machine that registers once more keeps its tasks and its ARN, whether it
// tells its ARN or is known by its identity document.
func TestRegisterAgain(t *testing.T) {
	w, i, first, _ := occupied(t)
	ports := first.Bindings.HostPorts()
	again := machine("c", "", "z")
	again.ContainerInstanceArn = i.Record.ContainerInstanceArn
	again.TotalResources[0].IntegerValue = 4096
	told := after(w, func() {
		same, err := w.room.RegisterContainerInstance(again)
		require.NoError(t, err)
		require.Same(t, i, same)
	})
	require.Equal(t, []string{"returned", "moved, zones false", "c grew"}, told)
	require.Equal(t, int64(2), int64(i.Record.Version))
	require.Equal(t, ports, first.Bindings.HostPorts())
	require.Equal(t, 2, i.Tenants.Len())
	require.Empty(t, w.room.Check())

	known := machine("c", "", "z")
	known.InstanceIdentityDocument = fmt.Sprintf(`{"instanceId":%q}`, i.Record.EC2InstanceID)
	require.Same(t, i, w.register(t, known))

	elsewhere := known
	elsewhere.Cluster = "d"
	w.cluster("d")
	_, err := w.room.RegisterContainerInstance(elsewhere)
	require.ErrorIs(t, err, ecs.InvalidParameterException)
	require.ErrorContains(t, err, "is registered in the cluster c")
}

// TestRegisterRefused sees that a call which is refused leaves nothing behind.
func TestRegisterRefused(t *testing.T) {
	w, i, _, _ := occupied(t)
	crowded := machine("c", "", "")
	crowded.TotalResources = append(crowded.TotalResources, ecs.Resource{Name: ecs.ResourcePorts, Type: "STRINGSET"})
	for n := range 101 {
		list := &crowded.TotalResources[2].StringSetValue
		*list = append(*list, strconv.Itoa(1000+n))
	}
	unknown := machine("c", "", "")
	unknown.ContainerInstanceArn = "arn:aws:ecs:us-east-1:123456789012:" +
		"container-instance/c/0123456789abcdef0123456789abcdef"
	crowdedAgain := crowded
	crowdedAgain.ContainerInstanceArn = i.Record.ContainerInstanceArn
	for says, in := range map[string]api.RegisterContainerInstanceInput{
		"100": crowded, "not found": unknown, "Cluster not found": machine("other", "", ""),
		"reserved": crowdedAgain,
	} {
		_, err := w.room.RegisterContainerInstance(in)
		require.ErrorContains(t, err, says)
	}
	require.Empty(t, w.heard())
	require.Len(t, i.Cluster.Instances, 1)
	require.Equal(t, 1, int(i.Record.Version))
	require.NoError(t, errJoin(w))
	w.room.lose(i, "gone", ecs.TaskStopCodeTerminationNotice)
	late := machine("c", "", "")
	late.ContainerInstanceArn = i.Record.ContainerInstanceArn
	_, err := w.room.RegisterContainerInstance(late)
	require.ErrorContains(t, err, "is INACTIVE: register it without an ARN")
}

func errJoin(w *world) error {
	for _, err := range w.room.Check() {
		return err
	}
	return nil
}

// TestDefaultCluster sees that the default cluster is made with its first instance, and not by a call
// that is refused.
func TestDefaultCluster(t *testing.T) {
	w := newWorld()
	again := machine("", "", "")
	again.ContainerInstanceArn = "arn:aws:ecs:us-east-1:123456789012:" +
		"container-instance/default/0123456789abcdef0123456789abcdef"
	_, err := w.room.RegisterContainerInstance(again)
	require.Error(t, err)
	require.Empty(t, w.room.Clusters)
	i := w.register(t, machine("", "", ""))
	require.Equal(t, DefaultCluster, i.Cluster.Record.ClusterName)
	c, err := w.room.Cluster("")
	require.NoError(t, err)
	require.Same(t, i.Cluster, c)
}

// TestReservedPorts sees that an instance which does not say what its agent keeps has the agent's
// defaults, by operating system.
func TestReservedPorts(t *testing.T) {
	w := newWorld()
	w.cluster("c")
	numbers := func(i *Instance) (list []uint16) {
		for _, p := range i.Ports.InUse() {
			list = append(list, p.Port)
		}
		return list
	}
	require.Equal(t, []uint16{22, 2375, 2376, 51678, 51679}, numbers(w.register(t, machine("c", "", ""))))
	windows := machine("c", "", "")
	windows.Attributes = append(windows.Attributes, ecs.Attribute{Name: "ecs.os-type", Value: "windows"})
	require.Contains(t, numbers(w.register(t, windows)), uint16(3389))
	own := machine("c", "", "")
	own.TotalResources = append(own.TotalResources,
		ecs.Resource{Name: ecs.ResourcePorts, Type: "STRINGSET", StringSetValue: []string{"9"}})
	require.Equal(t, []uint16{9}, numbers(w.register(t, own)))
}

// TestLayouts sees that instances that are alike have one layout of ports, and that layouts go with the
// instances.
func TestLayouts(t *testing.T) {
	w := newWorld()
	w.cluster("c")
	w.register(t, machine("c", "", "a"))
	w.register(t, machine("c", "", "b"))
	require.Len(t, w.room.layouts, 1)
	for n := range 200 {
		in := machine("c", "", "")
		in.TotalResources = append(in.TotalResources,
			ecs.Resource{Name: ecs.ResourcePorts, Type: "STRINGSET", StringSetValue: []string{strconv.Itoa(1000 + n)}})
		i := w.register(t, in)
		w.room.lose(i, "gone", ecs.TaskStopCodeTerminationNotice)
		w.wait(departedShown)
		require.LessOrEqual(t, len(w.room.layouts), 2*2+spareLayouts+1)
	}
	require.Len(t, w.room.Clusters[0].Instances, 2)
}

// TestDeparture sees that an instance that is deregistered or terminated ends its tasks, gives its room to
// nobody, and is described for an hour.
func TestDeparture(t *testing.T) {
	w, i, first, _ := occupied(t)
	in := api.DeregisterContainerInstanceInput{Cluster: "c", ContainerInstance: string(i.ID())}
	_, err := w.room.DeregisterContainerInstance(in)
	require.ErrorContains(t, err, "Found running tasks on the instance")
	in.Force = true
	w.waits = w.newGuest("g", 0)
	told := after(w, func() {
		_, err = w.room.DeregisterContainerInstance(in)
		require.NoError(t, err)
	})
	require.Equal(t,
		[]string{"leaves ACTIVE", "left INACTIVE: Container instance deregistration forced by user (UserInitiated)",
			"c grew", "c grew", "moved, zones true"}, told)
	require.False(t, first.Seated)
	require.False(t, w.waits.Seated, "the room that is left is nobody's")
	require.False(t, i.Cluster.Has(i.ID()))
	require.Nil(t, w.room.PortsOfTarget(i.Record.EC2InstanceID))
	require.Empty(t, w.room.Check())

	require.False(t, w.room.InstanceTerminated(message.InstanceTerminated{Cluster: "c", Instance: i.ID()}),
		"it is gone already")
	require.False(t, w.room.AgentConnectivity(message.AgentConnectivity{Cluster: "c",
		Instance: i.ID(), Connected: true}))
	w.wait(time.Hour - time.Second)
	_, there := w.room.FindInstance("c", i.ID())
	require.True(t, there)
	w.wait(time.Second)
	_, there = w.room.FindInstance("c", i.ID())
	require.False(t, there)
	require.Empty(t, w.timers.Check())
}

// TestMachineReturns sees that a machine that is registered after its instance had departed is a new
// instance, which stays when the old one is forgotten.
func TestMachineReturns(t *testing.T) {
	w, i, _, _ := occupied(t)
	w.room.lose(i, "gone", ecs.TaskStopCodeTerminationNotice)
	in := machine("c", "", "")
	in.InstanceIdentityDocument = fmt.Sprintf(`{"instanceId":%q}`, i.Record.EC2InstanceID)
	fresh := w.register(t, in)
	require.NotSame(t, i, fresh)
	w.wait(departedShown)
	require.Equal(t, []*Instance{fresh}, fresh.Cluster.Instances)
	require.Same(t, &fresh.Ports, w.room.PortsOfTarget(i.Record.EC2InstanceID))
}

// TestConnectivity sees that a word about an agent that is known already changes nothing.
func TestConnectivity(t *testing.T) {
	w, i, _, _ := occupied(t)
	word := message.AgentConnectivity{Cluster: "c", Instance: i.ID(), Connected: true}
	require.False(t, w.room.AgentConnectivity(word))
	word.Connected = false
	require.True(t, w.room.AgentConnectivity(word))
	require.Equal(t, []string{"agent false", "moved, zones true"}, w.heard())
	require.False(t, w.place(t, i.Cluster, w.newGuest("g", 0)), "no agent would start it")
	word.Connected = true
	require.True(t, w.room.AgentConnectivity(word))
	require.Equal(t, []string{"agent true", "moved, zones true", "c grew"}, w.heard())
	require.True(t, w.room.InstanceTerminated(message.InstanceTerminated{Cluster: "c", Instance: i.ID()}))
	require.Contains(t, w.heard()[1], "Host EC2 (instance "+i.Record.EC2InstanceID+") terminated.")
	require.False(t, w.room.InstanceTerminated(message.InstanceTerminated{Cluster: "x", Instance: i.ID()}))
}

// TestSetInstances sees that a call which names an instance in a wrong status changes none, and that
// unknown ones are failures.
func TestSetInstances(t *testing.T) {
	w, i, _, _ := occupied(t)
	gone := w.register(t, machine("c", "", "z"))
	w.room.lose(gone, "gone", ecs.TaskStopCodeTerminationNotice)
	set := func(status ecs.ContainerInstanceStatus, refs ...string) ([]*Instance, []ecs.Failure, error) {
		return w.room.SetInstances(api.UpdateContainerInstancesStateInput{Cluster: "c",
			ContainerInstances: refs, Status: status})
	}
	w.heard()
	found, missing, err := set(ecs.ContainerInstanceStatusDraining, string(i.ID()), string(gone.ID()), "x")
	require.NoError(t, err)
	require.Equal(t, []*Instance{i}, found)
	require.Equal(t, []ecs.Failure{{Arn: string(gone.ID()), Reason: "MISSING"}, {Arn: "x", Reason: "MISSING"}}, missing)
	require.Equal(t, []string{"turned DRAINING", "moved, zones true"}, w.heard())
	_, _, err = set(ecs.ContainerInstanceStatusDraining, string(i.ID()))
	require.NoError(t, err)
	require.Empty(t, w.heard(), "it is DRAINING already")
	i.Record.Status = ecs.ContainerInstanceStatusRegistering
	_, _, err = set(ecs.ContainerInstanceStatusActive, string(i.ID()))
	require.ErrorContains(t, err, "is REGISTERING and cannot be set to ACTIVE")
	_, _, err = set("GONE", string(i.ID()))
	require.Error(t, err)
}

// TestDrainedPort sees that a port which a target still holds stays taken when its task has gone, and is
// free when the target has drained.
func TestDrainedPort(t *testing.T) {
	w, i, first, _ := occupied(t)
	port := first.Bindings.HostPorts()[0]
	book := w.behind(t, first)
	w.room.Uncount(first)
	w.room.Release(first)
	require.Contains(t, i.Cluster.Index.PortsInUse(i.ID()), port)
	require.Empty(t, w.room.Check())
	w.heard()
	w.room.FreeDrained(first, port.Port)
	require.Empty(t, w.heard(), "the target is there")
	w.drained(t, book, first)
	w.room.FreeDrained(first, port.Port)
	require.Equal(t, []string{"c grew"}, w.heard())
	require.NotContains(t, i.Cluster.Index.PortsInUse(i.ID()), port)
	require.Empty(t, w.room.Check())
}
