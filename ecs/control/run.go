package control

import (
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/tasks"
)

// RunTask places and starts standalone tasks, at most count of them. If fewer find a place, the
// answer has a Failure for each instance that the next task was tried on. With a client token a
// repeated call returns the tasks of the first, for a day or until they are no longer shown.
// Source: Amazon ECS API Reference, RunTask.
func (p *Plane) RunTask(now time.Time, in api.RunTaskInput) (api.RunTaskOutput, error) {
	return request(p, now, "RunTask", in, p.runTask)
}

func (p *Plane) runTask(in api.RunTaskInput) (api.RunTaskOutput, error) {
	known := func(arn string) bool { return p.tasks.ByTask[ecs.TaskID(core.NameOf(arn))] != nil }
	arns, done, err := p.recall(in.ClientToken, in, known)
	switch {
	case err != nil:
		return api.RunTaskOutput{}, err
	case done:
		var list []*tasks.Task
		for _, arn := range arns {
			if t, ok := p.tasks.ByTask[ecs.TaskID(core.NameOf(arn))]; ok {
				list = append(list, t)
			}
		}
		return api.RunTaskOutput{Tasks: p.described(list), Failures: []ecs.Failure{}}, nil
	}
	list, failures, err := p.capacity.Run(in)
	if err != nil {
		return api.RunTaskOutput{}, err
	}
	if in.ClientToken != "" {
		for _, t := range list {
			arns = append(arns, t.ARN())
		}
	}
	p.remember(in.ClientToken, in, arns...)
	return api.RunTaskOutput{Tasks: p.described(list), Failures: core.Shown(failures)}, nil
}

// StartTask starts a task on each named instance, without placement: an instance that
// cannot take it is a Failure.
// Source: Amazon ECS API Reference, StartTask.
func (p *Plane) StartTask(now time.Time, in api.StartTaskInput) (api.StartTaskOutput, error) {
	return request(p, now, "StartTask", in, p.startTaskRequest)
}

func (p *Plane) startTaskRequest(in api.StartTaskInput) (api.StartTaskOutput, error) {
	list, failures, err := p.capacity.Start(in)
	if err != nil {
		return api.StartTaskOutput{}, err
	}
	return api.StartTaskOutput{Tasks: p.described(list), Failures: core.Shown(failures)}, nil
}

// described returns what a request answers of tasks; nothing for a record that is re-executed, which answers nobody.
func (p *Plane) described(list []*tasks.Task) []ecs.Task {
	if p.following {
		return nil
	}
	return p.show.TaskList(list)
}

// StopTask stops a task and takes its tags away; one that is stopping or stopped already stays
// as it is.
// Source: Amazon ECS API Reference, StopTask.
func (p *Plane) StopTask(now time.Time, in api.StopTaskInput) (ecs.Task, error) {
	return answer(p, now, "StopTask", in, p.capacity.StopTask, p.show.Task)
}

// DescribeTasks describes tasks in the order asked for. A stopped task is described for an hour.
// Tags are shown if they are included. Source: Amazon ECS API Reference, DescribeTasks.
func (p *Plane) DescribeTasks(in api.DescribeTasksInput) (api.DescribeTasksOutput, error) {
	return p.show.DescribeTasks(in)
}

// ListTasks lists the ARNs of the tasks that pass every filter, in order; without a desired status
// in the input, the tasks whose desired status is RUNNING.
func (p *Plane) ListTasks(in api.ListTasksInput) (api.Page, error) {
	return p.show.ListTasks(in)
}
