package dispatch

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/tasks"
	"github.com/bayplan/bayplan/ecs/control/internal/written"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/lifecycle"
)

// TestProvided follows a task that needs everything: each command is issued when its time has come, has
// a cause until it has an outcome, and none after.
//
// Seen to fail: Carry without discover, without sendStop; WantsDetach that looks at no machine.
func TestProvided(t *testing.T) {
	w := newWorld(t)
	o := w.order(t, func(d *ecs.TaskDefinition) { d.NetworkMode = ecs.NetworkModeAwsvpc })
	o.Network = &ecs.NetworkConfiguration{AwsvpcConfiguration: &ecs.AwsvpcConfiguration{Subnets: []string{"subnet-a"},
		SecurityGroups: []string{"sg-1"}, AssignPublicIp: ecs.AssignPublicIpEnabled}}
	o.Volume = &written.Volume{Configuration: ecs.TaskVolumeConfiguration{Name: "data"}}
	o.Registry = &ecs.ServiceRegistry{RegistryArn: "registry", Port: 8080}
	i := w.instance(t)
	task := w.launch(t, o, i)

	list := w.issued()
	require.Len(t, list, 2)
	eni, volume := among[message.AttachNetworkInterface](t, list), among[message.AttachVolume](t, list)
	require.Equal(t, []string{"subnet-a"}, eni.Subnets)
	require.True(t, eni.AssignPublicIp)
	require.True(t, w.room.WantsAttach(eni))
	w.done(t, eni)
	w.room.AttachDone(eni, message.CommandDone{Key: eni.ID, PrivateIPv4: "10.0.0.7"})
	require.False(t, w.room.WantsAttach(eni))
	require.Equal(t, "10.0.0.7", task.Address)

	require.Equal(t, i.Record.EC2InstanceID, volume.EC2InstanceID)
	require.Equal(t, "data", volume.Configuration.Name)
	require.True(t, w.room.WantsVolume(volume))
	w.done(t, volume)
	w.room.VolumeAttached(volume, message.CommandDone{Key: volume.ID, VolumeID: "vol-1"})
	require.False(t, w.room.WantsVolume(volume))

	start := one[message.StartTask](t, w)
	require.Equal(t, "10.0.0.7", start.PrivateIPv4)
	require.Equal(t, "vol-1", start.VolumeID)
	require.True(t, w.room.WantsStart(start))
	require.Equal(t, lifecycle.WaitReasonAgent, task.Wait().For)
	w.done(t, start)
	w.room.StartDone(start, message.CommandDone{Key: start.ID})
	require.Equal(t, lifecycle.WaitReasonReport, task.Wait().For)
	w.room.Edge(told(task, 1, ecs.ContainerStatusRunning))

	found := one[message.RegisterInstance](t, w)
	require.Equal(t, "registry 10.0.0.7 8080", found.RegistryArn+" "+found.Address+" 8080")
	require.Equal(t, 8080, found.Port)
	require.True(t, w.room.WantsDiscovery(found))
	w.done(t, found)
	w.room.DiscoveryDone(found, message.CommandDone{Key: found.ID})
	require.Equal(t, ecs.TaskStatusRunning, task.Status())

	w.tasks.Stop(task, ecs.TaskStopCodeUserInitiated, "enough")
	list = w.issued()
	back, stop := among[message.DeregisterInstance](t, list), among[message.StopTask](t, list)
	require.True(t, w.room.WantsDiscoveryBack(back))
	require.Equal(t, "enough", stop.Reason)
	require.True(t, w.room.WantsStop(stop))
	require.False(t, w.room.WantsStart(start))
	w.room.Edge(told(task, 2, ecs.ContainerStatusStopped))
	require.False(t, w.room.WantsStop(stop))

	list = w.issued()
	gone, detach := among[message.DetachNetworkInterface](t, list), among[message.DetachVolume](t, list)
	require.True(t, w.room.WantsDetach(gone))
	require.True(t, w.room.WantsVolumeBack(detach))
	require.Equal(t, "vol-1", detach.VolumeID)
	w.done(t, gone)
	w.room.DetachDone(gone, message.CommandDone{Key: gone.ID})
	w.done(t, detach)
	w.room.VolumeDetached(detach, message.CommandDone{Key: detach.ID})
	require.False(t, w.room.WantsDetach(gone))
	require.False(t, w.room.WantsVolumeBack(detach))
	require.Equal(t, ecs.TaskStatusStopped, task.Status())
	require.Empty(t, w.tasks.Check())
	w.wait(2 * time.Hour)
	require.Empty(t, w.tasks.ByTask)
	require.True(t, w.room.WantsDiscoveryBack(back), "it may outlive its task")
}

// TestRefusedForGood sees that what cannot be had ends the task, with the reason.
//
// Seen to fail: AttachDone, and VolumeAttached, that do not look at Err.
func TestRefusedForGood(t *testing.T) {
	for op, order := range map[string]func(w *world) tasks.Order{ //order:any each alone
		"AttachNetworkInterface": func(w *world) tasks.Order {
			return w.order(t, func(d *ecs.TaskDefinition) { d.NetworkMode = ecs.NetworkModeAwsvpc })
		},
		"AttachVolume": func(w *world) tasks.Order {
			o := w.order(t, nil)
			o.Volume = &written.Volume{}
			return o
		},
		"StartTask": func(w *world) tasks.Order { return w.order(t, nil) },
	} {
		t.Run(op, func(t *testing.T) {
			w := newWorld(t)
			task := w.launch(t, order(w), w.instance(t))
			list := w.issued()
			require.Equal(t, op, list[0].Key().Op)
			w.done(t, list[0])
			e := message.CommandDone{Key: list[0].Key(), Err: "no such thing", Permanent: true}
			switch c := list[0].(type) {
			case message.AttachNetworkInterface:
				w.room.AttachDone(c, e)
			case message.AttachVolume:
				w.room.VolumeAttached(c, e)
			case message.StartTask:
				w.room.StartDone(c, e)
			}
			require.Equal(t, ecs.DesiredStatusStopped, task.Desired())
			require.Contains(t, task.Machine.StoppedReason(), "no such thing")
			require.Equal(t, ecs.TaskStopCodeTaskFailedToStart, task.StopCode())
			require.NotContains(t, w.ops(), "StartTask")
		})
	}
}

// TestStopRefusedForGood sees that an agent which cannot stop a task does not have it.
func TestStopRefusedForGood(t *testing.T) {
	w, task := running(t)
	w.tasks.Stop(task, ecs.TaskStopCodeUserInitiated, "enough")
	stop := one[message.StopTask](t, w)
	w.done(t, stop)
	w.room.StopDone(stop, message.CommandDone{Key: stop.ID})
	require.False(t, task.Stopped(), "it was only asked")
	w.room.StopDone(stop, message.CommandDone{Key: stop.ID, Err: "unknown", Permanent: true})
	require.True(t, task.Stopped())
}

// TestOutcomesOfNobody sees that outcomes for tasks that are gone change nothing.
func TestOutcomesOfNobody(t *testing.T) {
	w, task := running(t)
	before := *task
	e := message.CommandDone{PrivateIPv4: "10.0.0.1", VolumeID: "vol-1"}
	w.room.StartDone(message.StartTask{Task: "nobody"}, e)
	w.room.StopDone(message.StopTask{Task: "nobody"}, e)
	w.room.AttachDone(message.AttachNetworkInterface{Task: "nobody"}, e)
	w.room.DetachDone(message.DetachNetworkInterface{Task: "nobody"}, e)
	w.room.VolumeAttached(message.AttachVolume{Task: "nobody"}, e)
	w.room.VolumeAttached(message.AttachVolume{Task: task.ID}, e) // it has no volume
	w.room.VolumeDetached(message.DetachVolume{Task: "nobody"}, e)
	w.room.TargetRegistered(message.RegisterTarget{Task: "nobody"}, e)
	w.room.TargetDeregistered(message.DeregisterTarget{Task: "nobody"}, e)
	w.room.DiscoveryDone(message.RegisterInstance{Task: "nobody"}, e)
	require.Equal(t, before, *task)
	require.Empty(t, w.ops())
}

// TestStartCommand sees what an agent is told: the ports by container, and IDs of credentials only for
// the roles that the task has.
//
// Seen to fail: StartCommand that gives an ID to a task without a role.
func TestStartCommand(t *testing.T) {
	w := newWorld(t)
	i := w.instance(t)
	plain := w.launch(t, w.order(t, nil), i)
	c := one[message.StartTask](t, w)
	require.Equal(t, plain.Bindings.Of(0), c.NetworkBindings["a"])
	require.NotZero(t, c.NetworkBindings["a"][0].HostPort)
	require.Equal(t, plain.ARN(), c.TaskArn)
	require.Empty(t, c.CredentialsID)
	require.Empty(t, c.ExecutionRoleCredentialsID)
	w.launch(t, w.order(t, func(d *ecs.TaskDefinition) { d.TaskRoleArn = "arn:aws:iam::123456789012:role/r" }), i)
	c = one[message.StartTask](t, w)
	require.NotEmpty(t, c.CredentialsID)
	require.Empty(t, c.ExecutionRoleCredentialsID)
}
