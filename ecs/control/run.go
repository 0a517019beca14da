package control

import (
	"cmp"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
)

// RunTask places and starts standalone tasks: as many of count as find a place; for the
// others there is a Failure for each instance that was looked at. With a client token a
// repeated call returns the tasks of the first, for a day or until they are no longer shown.
// Source: Amazon ECS API Reference, RunTask.
func (p *Plane) RunTask(now time.Time, in api.RunTaskInput) (api.RunTaskOutput, error) {
	return request(p, now, "RunTask", in, p.runTask)
}

func (p *Plane) runTask(in api.RunTaskInput) (api.RunTaskOutput, error) {
	known := func(arn string) bool { return p.tasks.byTask[ecs.TaskID(core.NameOf(arn))] != nil }
	arns, done, err := p.recall(in.ClientToken, in, known)
	switch {
	case err != nil:
		return api.RunTaskOutput{}, err
	case done:
		var list []*task
		for _, arn := range arns {
			if t, ok := p.tasks.byTask[ecs.TaskID(core.NameOf(arn))]; ok {
				list = append(list, t)
			}
		}
		return api.RunTaskOutput{Tasks: p.describeAll(list), Failures: []ecs.Failure{}}, nil
	}
	list, failures, err := p.capacity.run(in)
	if err != nil {
		return api.RunTaskOutput{}, err
	}
	for _, t := range list {
		arns = append(arns, p.tasks.taskArn(t))
	}
	p.remember(in.ClientToken, in, arns...)
	return api.RunTaskOutput{Tasks: p.describeAll(list), Failures: shown(failures)}, nil
}

// run launches standalone tasks, as many as find a place; failures say what the next one lacked.
func (m *capacityRoom) run(in api.RunTaskInput) (list []*task, failures []ecs.Failure, err error) {
	if err := in.Validate(); err != nil {
		return nil, nil, err
	}
	c, err := m.fleet.clusterOrDefault(in.Cluster)
	if err != nil {
		return nil, nil, err
	}
	d, err := m.registry.ResolveForUse(in.TaskDefinition)
	if err != nil {
		return nil, nil, err
	}
	in.LaunchType, in.CapacityProviderStrategy = ecs.LaunchDefaults(in.LaunchType, in.CapacityProviderStrategy, c.Record)
	if err := m.checkStrategy(c, in.CapacityProviderStrategy); err != nil {
		return nil, nil, err
	}
	want, request, err := m.standalone(c, d, in)
	if err != nil {
		return nil, nil, err
	}
	providers := standaloneProviders(in)
	if err := m.checkInstances(want, providers); err != nil {
		return nil, nil, err
	}
	m.fleet.use(c)
	for _, provider := range providers {
		want.provider = provider
		t, failures := m.launchStandalone(want, request)
		if t == nil {
			return list, failures, nil
		}
		list = append(list, t)
	}
	return list, nil, nil
}

// StartTask starts a task on each named instance, without placement: an instance that
// cannot take it is a Failure.
// Source: Amazon ECS API Reference, StartTask.
func (p *Plane) StartTask(now time.Time, in api.StartTaskInput) (api.StartTaskOutput, error) {
	return request(p, now, "StartTask", in, p.startTaskRequest)
}

func (p *Plane) startTaskRequest(in api.StartTaskInput) (api.StartTaskOutput, error) {
	list, failures, err := p.capacity.start(in)
	if err != nil {
		return api.StartTaskOutput{}, err
	}
	return api.StartTaskOutput{Tasks: p.describeAll(list), Failures: shown(failures)}, nil
}

// start launches a standalone task on each named instance that can take it.
func (m *capacityRoom) start(in api.StartTaskInput) (list []*task, failures []ecs.Failure, err error) {
	if err := in.Validate(); err != nil {
		return nil, nil, err
	}
	c, err := m.fleet.cluster(in.Cluster)
	if err != nil {
		return nil, nil, err
	}
	d, err := m.registry.ResolveForUse(in.TaskDefinition)
	if err != nil {
		return nil, nil, err
	}
	run := api.RunTaskInput{VolumeConfigurations: in.VolumeConfigurations, Group: in.Group, StartedBy: in.StartedBy, Overrides: in.Overrides,
		NetworkConfiguration: in.NetworkConfiguration, LaunchType: ecs.LaunchTypeEC2, Tags: in.Tags, PropagateTags: in.PropagateTags,
		EnableECSManagedTags: in.EnableECSManagedTags, EnableExecuteCommand: in.EnableExecuteCommand}
	want, request, err := m.standalone(c, d, run)
	if err != nil {
		return nil, nil, err
	}
	for _, ref := range in.ContainerInstances {
		i, ok := c.byInstance[ecs.InstanceID(core.NameOf(ref))]
		switch {
		case !ok:
			failures = append(failures, missing(ref))
		case i.Record.Status == ecs.ContainerInstanceStatusInactive:
			failures = append(failures, ecs.Failure{Arn: i.Record.ContainerInstanceArn, Reason: string(ecs.ContainerInstanceStatusInactive)})
		default:
			want.instance = i.id()
			if t, _ := m.launch(want, request); t != nil {
				list = append(list, t)
			} else {
				failures = append(failures, m.failureOn(c, i, request))
			}
		}
	}
	return list, failures, nil
}

// StopTask stops a task and takes its tags away; one that is stopping or stopped already stays
// as it is.
// Source: Amazon ECS API Reference, StopTask.
func (p *Plane) StopTask(now time.Time, in api.StopTaskInput) (ecs.Task, error) {
	return answer(p, now, "StopTask", in, p.tasks.stopTask, p.describe)
}

func (m *taskRoom) stopTask(in api.StopTaskInput) (*task, error) {
	if err := in.Validate(); err != nil {
		return nil, err
	}
	c, err := m.fleet.cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	t, ok := m.byTask[ecs.TaskID(core.NameOf(in.Task))]
	if !ok || t.cluster != c {
		return nil, core.Fault(ecs.InvalidParameterException, "task", "The referenced task was not found.")
	}
	m.stop(t, ecs.TaskStopCodeUserInitiated, cmp.Or(in.Reason, "Task stopped by user"))
	t.Tags = nil
	return t, nil
}
