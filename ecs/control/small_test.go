package control_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/message"
)

// small is a plane of a few parts, told each thing by hand. After each of them Check holds, and
// what it accepts Restore accepts.
type small struct {
	t        *testing.T
	plane    *control.Plane
	now      time.Time
	commands []message.Command // given out, in order
}

func newSmall(t *testing.T) *small {
	return &small{t: t, plane: control.New(control.Config{Seed: 1}), now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
}

// look takes over what the plane wants, and looks it over.
func (s *small) look() {
	s.t.Helper()
	r := s.plane.Ready()
	s.commands = append(s.commands, r.Commands...)
	s.plane.Advance(r)
	require.NoError(s.t, s.plane.Check())
	again, err := control.Restore(s.plane.State(), control.Config{})
	require.NoError(s.t, err)
	require.Equal(s.t, stateOf(s.plane), stateOf(again))
	again, err = control.RestoreSnapshot(s.plane.Save().Snapshot(), control.Config{})
	require.NoError(s.t, err)
	require.Equal(s.t, stateOf(s.plane), stateOf(again))
}

// pass lets time pass, with a Tick whenever the plane wants one.
func (s *small) pass(d time.Duration) {
	s.t.Helper()
	for end := s.now.Add(d); ; {
		wake := s.plane.Ready().WakeAt
		if wake.IsZero() || wake.After(end) {
			s.now = end
			return
		}
		s.now = wake
		s.plane.Tick(wake)
		s.look()
	}
}

// observe tells the plane an event, and returns whether it took notice.
func (s *small) observe(e message.Event) bool {
	s.t.Helper()
	s.plane.Observe(s.now, e)
	took := len(s.plane.Ready().Records) > 0
	s.look()
	return took
}

// ask makes a request of a plane that must carry it out.
func ask[In, Out any](s *small, request func(time.Time, In) (Out, error), format string, args ...any) Out {
	s.t.Helper()
	out, err := request(s.now, input[In](format, args...))
	require.NoError(s.t, err)
	s.look()
	return out
}

// join registers an instance with 1 vCPU and 1 GiB.
func (s *small) join(more string) ecs.InstanceID {
	s.t.Helper()
	return ask(
		s,
		s.plane.RegisterContainerInstance,
		`{"totalResources":[{"name":"CPU","type":"INTEGER","integerValue":1024},{"name":"MEMORY","type":"INTEGER","integerValue":1024}],`+
			`"attributes":[{"name":"com.amazonaws.ecs.capability.docker-remote-api.1.18"},{"name":"ecs.availability-zone","value":"us-east-1a"}]%s}`,
		more,
	).ID()
}

// define registers a task definition of one container, c.
func (s *small) define(more string) {
	s.t.Helper()
	ask(
		s,
		s.plane.RegisterTaskDefinition,
		`{"family":"web","containerDefinitions":[{"name":"c","image":"c","memory":128%s}]}`,
		more,
	)
}

// serve makes a service of the definition.
func (s *small) serve(desired int) {
	s.t.Helper()
	ask(s, s.plane.CreateService, `{"serviceName":"web","taskDefinition":"web","desiredCount":%d}`, desired)
}

// started returns the last StartTask that was given out.
func (s *small) started() message.StartTask {
	s.t.Helper()
	for i := len(s.commands) - 1; i >= 0; i-- {
		if c, ok := s.commands[i].(message.StartTask); ok {
			return c
		}
	}
	require.Fail(s.t, "no StartTask was given out")
	return message.StartTask{}
}

// says is what an agent tells of a task with one container.
func says(c message.StartTask, sequence uint64, status ecs.TaskStatus) message.TaskStateChange {
	return message.TaskStateChange{Cluster: c.Cluster, Task: c.Task, Instance: c.Instance, Sequence: sequence,
		Status:     status,
		Containers: []message.ContainerStateChange{{Name: "c", Status: ecs.ContainerStatus(status)}}}
}

// runs brings the last task that was started to RUNNING.
func (s *small) runs(sequence uint64) message.StartTask {
	s.t.Helper()
	c := s.started()
	s.observe(message.CommandDone{Key: c.ID})
	s.observe(says(c, sequence, ecs.TaskStatusRunning))
	require.Equal(s.t, ecs.TaskStatus("RUNNING"), s.task(c.Task).LastStatus)
	return c
}

// task describes a task.
func (s *small) task(id ecs.TaskID) ecs.Task {
	s.t.Helper()
	out := must(s.plane.DescribeTasks(api.DescribeTasksInput{Tasks: []string{string(id)}}))
	require.Len(s.t, out.Tasks, 1, fmt.Sprint(out.Failures))
	return out.Tasks[0]
}
