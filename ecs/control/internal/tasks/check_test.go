package tasks

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/programs"
	"github.com/bayplan/bayplan/ecs/control/internal/written"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/lifecycle"
	"github.com/bayplan/bayplan/loadbalance"
)

const group = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/g/0123456789abcdef"

// target makes the task's first port a target.
func (w *world) target(t require.TestingT, task *Task) {
	none := func(loadbalance.TargetGroup) error { return nil }
	require.NoError(t, w.room.Targets.Put(loadbalance.TargetGroup{TargetGroupArn: group}, none))
	k := written.Target{Group: group, Container: "a", ContainerPort: 80, Target: task.On.Record.EC2InstanceID,
		Port: uint16(task.Bindings.Of(0)[0].HostPort), Registered: true}
	require.NoError(t, w.room.Targets.Register(task.ID, k.At(task.Zone)))
	w.room.Own(task).Targets = []written.Target{k}
}

// TestCheckFinds plants each contradiction once, alone, and sees it told by its name.
func TestCheckFinds(t *testing.T) {
	for says, plant := range map[string]func(w *world, t *Task){ //order:any each alone
		"is not found by its ID": func(w *world, t *Task) {
			w.room.ByTask[t.ID] = &Task{Likeness: t.Likeness, Rare: w.room.plain}
		},
		"holds resources of no instance": func(_ *world, t *Task) { t.On.Tenants.Remove(t) },
		"and holds resources":            func(_ *world, t *Task) { t.Machine.Last = lifecycle.StatusStopped },
		"and still a target":             func(_ *world, t *Task) { t.Machine.Last = lifecycle.StatusStopped },
		"is to stop and still counts":    func(_ *world, t *Task) { t.Machine.Desired = lifecycle.StatusStopped },
		"will be shown for ever":         func(_ *world, t *Task) { t.Machine.Last = lifecycle.StatusStopped },
		"and notes": func(_ *world, t *Task) {
			t.wait, _ = written.Wait{For: lifecycle.WaitReasonPull}.Compact()
		},
		"found by their IDs":              func(w *world, _ *Task) { w.room.ByTask["other"] = nil },
		"service web, which is not there": func(_ *world, t *Task) { t.Service = "web" },
		"programs are kept":               func(w *world, t *Task) { w.use(programs.Key{}, t) },
		"counted as":                      func(w *world, t *Task) { w.use(t.key.program, t) },
		"tasks are like those":            func(_ *world, t *Task) { t.tasks++ },
		"nothing is like the tasks":       func(w *world, t *Task) { w.room.likenesses[likenessKey{}] = &Likeness{} },
		"nothing of their own share":      func(w *world, _ *Task) { w.room.plain.Address = "10.0.0.1" },
		"belongs to no task":              func(w *world, t *Task) { delete(w.room.ByTask, t.ID) },
		"does not know its target":        func(_ *world, t *Task) { t.Targets[0].Port++ },
		"does not hold its port":          func(_ *world, t *Task) { t.On.Ports = loadbalance.NewPorts(nil) },
	} {
		t.Run(says, func(t *testing.T) {
			w, task := running(t)
			w.target(t, task)
			require.Empty(t, w.room.Check())
			plant(w, task)
			require.ErrorContains(t, errors.Join(w.room.Check()...), says)
		})
	}
}

// TestHealthOfTargets sees what the targets of a task say together.
//
// Seen to fail: a target of another task that counts.
func TestHealthOfTargets(t *testing.T) {
	w, task := running(t)
	health, _, _ := w.room.HealthOfTargets(task)
	require.Empty(t, health, "it has none")
	w.target(t, task)
	health, ill, _ := w.room.HealthOfTargets(task)
	require.Equal(t, ecs.HealthStatusUnknown, health)
	require.Zero(t, ill)
	at := task.Targets[0]
	_, _, changed := w.room.Targets.Report(word(at, loadbalance.StateUnhealthy, "Target.Timeout"))
	require.True(t, changed)
	health, ill, reason := w.room.HealthOfTargets(task)
	require.Equal(t, ecs.HealthStatusUnhealthy, health)
	require.Equal(t, at, ill)
	require.NotEmpty(t, reason)
	_, _, changed = w.room.Targets.Report(word(at, loadbalance.StateHealthy, ""))
	require.True(t, changed)
	health, _, _ = w.room.HealthOfTargets(task)
	require.Equal(t, ecs.HealthStatusHealthy, health)
	other := *task
	other.ID = "other"
	health, _, _ = w.room.HealthOfTargets(&other)
	require.Equal(t, ecs.HealthStatusUnknown, health)
}

// word is what a load balancer says of a target.
func word(k written.Target, state loadbalance.State, reason string) message.TargetHealth {
	return message.TargetHealth{TargetGroupArn: k.Group, Target: k.Target, Port: int(k.Port),
		State: state, Reason: reason}
}

// use has one more user of a program, which is no kind of task.
func (w *world) use(k programs.Key, t *Task) {
	if _, err := w.room.programs.Join(k, t.Definition); err != nil {
		panic(err)
	}
}
