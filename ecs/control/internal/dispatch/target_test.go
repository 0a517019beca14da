package dispatch

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/tasks"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/loadbalance"
)

// balanced returns a world with a task that runs as a registered target.
func balanced(t *testing.T) (*world, *tasks.Task, message.RegisterTarget) {
	t.Helper()
	w := newWorld(t)
	task := w.launch(t, w.behind(t), w.instance(t))
	w.issued()
	require.True(t, w.room.Edge(told(task, 1, ecs.ContainerStatusRunning)))
	c := one[message.RegisterTarget](t, w)
	require.True(t, w.room.WantsTarget(c))
	w.done(t, c)
	w.room.TargetRegistered(c, message.CommandDone{Key: c.ID})
	require.Equal(t, ecs.TaskStatusRunning, task.Status())
	require.Empty(t, w.tasks.Check())
	return w, task, c
}

// TestTarget follows a target from its registration through its deregistration delay: the port is
// free again only after that.
//
// Seen to fail: TargetRegistered that announces nothing; TargetDeregistered without drainTarget;
// TargetDrained that does not tell the task.
func TestTarget(t *testing.T) {
	w, task, c := balanced(t)
	require.Equal(t, task.On.Record.EC2InstanceID, c.Target)
	require.Equal(t, time.Minute, c.TargetGroup.DeregistrationDelay(), "it carries its group")
	require.Equal(t, task.Bindings.Of(0)[0].HostPort, c.Port)
	require.Len(t, w.said, 1)
	require.Contains(t, w.said[0], "(service web) registered 1 targets in")

	w.tasks.Stop(task, ecs.TaskStopCodeUserInitiated, "")
	back := one[message.DeregisterTarget](t, w)
	require.True(t, w.room.WantsTargetBack(back))
	require.Equal(t, c.TargetGroup, back.TargetGroup)
	w.done(t, back)
	w.room.TargetDeregistered(back, message.CommandDone{Key: back.ID})
	require.Contains(t, w.said[1], "(service web) deregistered 1 targets in")
	require.True(t, task.Targets[0].Registered, "it drains")
	require.Empty(t, w.tasks.Check())
	port := ecs.HostPort{Port: task.Targets[0].Port, Protocol: ecs.TransportProtocolTcp}
	require.False(t, task.On.Ports.Free(port))
	w.wait(time.Minute)
	require.False(t, task.Targets[0].Registered)
	require.False(t, w.room.WantsTargetBack(back))
	require.Equal(t, []string{"StopTask"}, w.ops(), "the agent is asked when no target is left")
	w.room.Edge(told(task, 2, ecs.ContainerStatusStopped))
	require.True(t, task.On.Ports.Free(port))
	require.Empty(t, w.tasks.Check())
	require.Empty(t, w.fleet.Check())
}

// TestTargetRefused sees that a task which cannot become a target ends: the load balancer refuses it,
// or it has no address of the group's kind.
func TestTargetRefused(t *testing.T) {
	w := newWorld(t)
	task := w.launch(t, w.behind(t), w.instance(t))
	w.issued()
	w.room.Edge(told(task, 1, ecs.ContainerStatusRunning))
	c := one[message.RegisterTarget](t, w)
	w.done(t, c)
	w.room.TargetRegistered(c, message.CommandDone{Key: c.ID, Err: "no such group", Permanent: true})
	require.Contains(t, task.Machine.StoppedReason(), "no such group")

	w = newWorld(t)
	o := w.order(t, nil)
	o.Balancers = []ecs.LoadBalancer{{TargetGroupArn: group, ContainerName: "a", ContainerPort: 80}}
	ip := loadbalance.TargetGroup{TargetGroupArn: group, TargetType: loadbalance.TargetTypeIP}
	require.NoError(t, w.targets.Put(ip, func(loadbalance.TargetGroup) error { return nil }))
	task = w.launch(t, o, w.instance(t)) // in bridge mode, it has no address
	w.issued()
	w.room.Edge(told(task, 1, ecs.ContainerStatusRunning))
	require.Equal(t, ecs.TaskStopCodeTaskFailedToStart, task.StopCode())
	require.Contains(t, task.Machine.StoppedReason(), "target group g: the task has no target of type ip")
	require.NotContains(t, w.ops(), "RegisterTarget")
}

// TestTargetHealth sees that a load balancer's word reaches the books and the service, once.
//
// Seen to fail: TargetHealth without Touch.
func TestTargetHealth(t *testing.T) {
	w, task, _ := balanced(t)
	e := message.TargetHealth{TargetGroupArn: group, Target: task.Targets[0].Target, Port: int(task.Targets[0].Port),
		State: loadbalance.StateHealthy}
	before := w.touched
	require.True(t, w.room.TargetHealth(e))
	require.Greater(t, w.touched, before)
	require.False(t, w.room.TargetHealth(e))
	health, _, _ := w.tasks.HealthOfTargets(task)
	require.Equal(t, ecs.HealthStatusHealthy, health)
	e.Port++
	require.False(t, w.room.TargetHealth(e))
}

// TestSuspended sees that the targets of an instance that is gone do not drain: nobody would answer.
//
// Seen to fail: SuspendTargets that does nothing.
func TestSuspended(t *testing.T) {
	w, task, _ := balanced(t)
	require.True(t, w.fleet.InstanceTerminated(message.InstanceTerminated{Cluster: "c", Instance: task.Instance}))
	for _, c := range w.issued() {
		if back, ok := c.(message.DeregisterTarget); ok {
			w.done(t, back)
			w.room.TargetDeregistered(back, message.CommandDone{Key: back.ID})
		}
	}
	w.wait(0)
	require.False(t, task.Targets[0].Registered)
	require.True(t, task.Stopped())
	require.Empty(t, w.tasks.Check())
}
