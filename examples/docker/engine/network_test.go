package engine

import (
	"context"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/driver/agent"
	"github.com/bayplan/bayplan/ecs/driver/loopback"
	"github.com/bayplan/bayplan/ecs/message"
)

func containerAt(c *message.StartTask, index int) agent.Container {
	return agent.Container{Task: c, Index: index}
}

func ports(list ...ecs.PortMapping) func(*ecs.ContainerDefinition) {
	return func(d *ecs.ContainerDefinition) { d.PortMappings = list }
}

// TestBridge sees tasks of the network mode bridge: ports as the plane decided, and links.
//
// Seen to fail: links by the definition's name.
func TestBridge(t *testing.T) {
	needEngine(t)
	p := newPlace(t)
	one, two := freePort(t), freePort(t)
	c := p.start("t", func(c *message.StartTask) {
		c.TaskDefinition.NetworkMode = ecs.NetworkModeBridge
		c.NetworkBindings = map[string][]ecs.NetworkBinding{"web": {{ContainerPort: 80, HostPort: one, Protocol: "tcp"},
			{ContainerPortRange: "8080-8081", HostPortRange: fmt.Sprintf("%d-%d", two, two+1), Protocol: "udp"}}}
	}, does("web", words("serve"), ports(ecs.PortMapping{ContainerPort: 80},
		ecs.PortMapping{ContainerPortRange: "8080-8081", Protocol: "udp"})),
		does("client", words("get", "http://alias:80/"), func(d *ecs.ContainerDefinition) {
			d.Links, d.Essential = words("web:alias"), ecs.Some(false)
		}))
	told := p.reaches("t", ecs.TaskStatusRunning)
	require.Eventually(t, func() bool { return reach(one) == nil }, 20*time.Second, 20*time.Millisecond)
	require.Equal(t, c.NetworkBindings["web"], told.Containers[0].NetworkBindings)
	found, err := p.runtime.look(context.Background(), containerName(&c, 0))
	require.NoError(t, err)
	require.NoError(t, unbound(containerAt(&c, 0), found))
	require.Len(t, found.NetworkSettings.Ports, 3)
	c.NetworkBindings["web"][0].HostPort++
	require.ErrorContains(t, unbound(containerAt(&c, 0), found),
		"portMappings: the engine has not bound container port 80")
	require.Eventually(t, func() bool { return p.told("t").Containers[1].Status == ecs.ContainerStatusStopped },
		20*time.Second, 20*time.Millisecond)
	require.Equal(t, ecs.Some(0), p.told("t").Containers[1].ExitCode, p.log(c, 1))
}

// TestHost sees a task in the host's network.
func TestHost(t *testing.T) {
	needEngine(t)
	p := newPlace(t)
	port := freePort(t)
	p.start("t", func(c *message.StartTask) { c.TaskDefinition.NetworkMode = ecs.NetworkModeHost },
		does("a", words("serve", fmt.Sprint(port)), ports(ecs.PortMapping{ContainerPort: port})))
	p.reaches("t", ecs.TaskStatusRunning)
	require.Eventually(t, func() bool { return reach(port) == nil }, 20*time.Second, 20*time.Millisecond)
}

// TestAwsvpc sees the containers of an awsvpc task share one address, which is free when they have ended.
//
// Seen to fail: a pause container that outlives its task (the address was not free).
func TestAwsvpc(t *testing.T) {
	needEngine(t)
	p := newPlace(t)
	interfaces, err := loopback.New(loopback.Config{Network: TaskAddresses(p.config.Subnet), Elsewhere: true})
	require.NoError(t, err)
	address, err := interfaces.AttachNetworkInterface(context.Background(), message.AttachNetworkInterface{
		ID: message.Key{Op: "AttachNetworkInterface", Target: "t", Epoch: 1}, Task: "t"})
	require.NoError(t, err)
	vpc := func(c *message.StartTask) {
		c.TaskDefinition.NetworkMode, c.PrivateIPv4 = ecs.NetworkModeAwsvpc, address
	}
	server := does("web", words("serve"), func(d *ecs.ContainerDefinition) { d.Hostname = "own" },
		ports(ecs.PortMapping{ContainerPort: 80}))
	for _, id := range []ecs.TaskID{"t", "u"} {
		c := p.start(id, vpc, server, does("client", words("get", "http://127.0.0.1/"),
			func(d *ecs.ContainerDefinition) {
				d.Essential = ecs.Some(false)
				d.DependsOn = []ecs.ContainerDependency{{ContainerName: "web", Condition: ecs.ContainerConditionStart}}
			}))
		p.reaches(id, ecs.TaskStatusRunning)
		require.Eventually(t, func() bool {
			return p.told(id).Containers[1].Status == ecs.ContainerStatusStopped
		}, 20*time.Second, 20*time.Millisecond)
		found, err := p.runtime.look(context.Background(), pauseName(&c))
		require.NoError(t, err)
		require.Equal(t, netip.MustParseAddr(address),
			found.NetworkSettings.Networks[p.config.Network].IPAddress)
		p.stop(id)
		p.reaches(id, ecs.TaskStatusStopped)
		found, err = p.runtime.look(context.Background(), pauseName(&c))
		require.NoError(t, err)
		require.False(t, runs(found), "the next task gets the address")
	}
	p.start("v", func(c *message.StartTask) {
		c.TaskDefinition.NetworkMode, c.PrivateIPv4 = ecs.NetworkModeAwsvpc, "10.99.0.1"
	}, server)
	require.Equal(t, fmt.Sprint("ContainerNetworkingError: the task's address 10.99.0.1 is not one of ",
		TaskAddresses(p.config.Subnet)), p.reaches("v", ecs.TaskStatusStopped).Reason)
}

// TestPauseEnds sees a task stop that has lost its network.
//
// Seen to fail: a Wait that does not look at the pause container.
func TestPauseEnds(t *testing.T) {
	needEngine(t)
	p := newPlace(t)
	c := p.start("t", func(c *message.StartTask) { c.TaskDefinition.NetworkMode = ecs.NetworkModeAwsvpc },
		does("a", words("sleep")))
	p.reaches("t", ecs.TaskStatusRunning)
	require.NoError(t, p.runtime.signal(context.Background(), pauseName(&c), "SIGKILL"))
	told := p.reaches("t", ecs.TaskStatusStopped)
	require.Equal(t, "ContainerNetworkingError: the pause container of the task ended", told.Containers[0].Reason)
}

// TestNamespaces sees containers share the processes and the memory of their task.
//
// Seen to fail: a pause container whose memory is private.
func TestNamespaces(t *testing.T) {
	needEngine(t)
	p := newPlace(t)
	c := p.start("t", func(c *message.StartTask) {
		c.TaskDefinition.PidMode, c.TaskDefinition.IpcMode = ecs.PidModeTask, ecs.IpcModeTask
	}, does("a", words("write", "/dev/shm/x", "shared")), does("b", words("cat", "/dev/shm/x"),
		func(d *ecs.ContainerDefinition) {
			d.DependsOn = []ecs.ContainerDependency{{ContainerName: "c", Condition: ecs.ContainerConditionSuccess}}
		}), does("c", words("exists", "/proc/1/exe"), func(d *ecs.ContainerDefinition) {
		d.Essential = ecs.Some(false)
		d.DependsOn = []ecs.ContainerDependency{{ContainerName: "a", Condition: ecs.ContainerConditionStart}}
	}))
	p.reaches("t", ecs.TaskStatusRunning)
	p.says(c, 1, "shared")
}

// TestTaskAddresses holds that tasks have the upper half of a network.
func TestTaskAddresses(t *testing.T) {
	for of, want := range map[string]string{"10.213.0.0/24": "10.213.0.128/25", "10.0.0.0/8": "10.128.0.0/9",
		"10.1.0.0/16": "10.1.128.0/17", "192.168.4.16/28": "192.168.4.24/29", "10.1.2.0/23": "10.1.3.0/24"} {
		require.Equal(t, want, TaskAddresses(netip.MustParsePrefix(of)).String(), of)
	}
}

func mustPrefix(text string) netip.Prefix { return netip.MustParsePrefix(text) }
