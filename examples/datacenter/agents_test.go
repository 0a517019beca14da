package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
)

// A task whose instance ends before the task runs takes none from those that run, whatever status it began in.
//
// Seen to fail: observe that waits for PROVISIONING, which a task with a place does not show.
func TestSeen(t *testing.T) {
	s := newSeen()
	tell := func(task ecs.TaskID, service string, statuses ...ecs.TaskStatus) {
		for _, status := range statuses {
			s.observe([]message.Change{{Kind: message.ChangeTask, Task: task, Service: service,
				Status: string(status)}})
		}
	}
	tell("a", "", ecs.TaskStatusPending, ecs.TaskStatusRunning)
	tell("b", "web", ecs.TaskStatusProvisioning, ecs.TaskStatusPending, ecs.TaskStatusRunning)
	tell("c", "web", ecs.TaskStatusPending, ecs.TaskStatusStopped)
	tell("d", "web", ecs.TaskStatusProvisioning, ecs.TaskStatusStopped)
	require.Equal(t, 2, s.running())
	tell("a", "", ecs.TaskStatusStopped)
	require.Equal(t, 1, s.running())
	all, alone := s.stopped()
	require.Equal(t, []int{3, 1}, []int{all, alone})
}
