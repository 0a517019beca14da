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
	out := api.RunTaskOutput{Tasks: []ecs.Task{}, Failures: []ecs.Failure{}}
	known := func(arn string) bool { return p.byTask[ecs.TaskID(core.NameOf(arn))] != nil }
	if arns, done, err := p.recall(in.ClientToken, in, known); done {
		for _, arn := range arns {
			if t, ok := p.byTask[ecs.TaskID(core.NameOf(arn))]; ok {
				out.Tasks = append(out.Tasks, p.describe(t))
			}
		}
		return out, err
	}
	if err := in.Validate(); err != nil {
		return api.RunTaskOutput{}, err
	}
	c, err := p.clusterOrDefault(in.Cluster)
	if err != nil {
		return api.RunTaskOutput{}, err
	}
	d, err := p.registry.ResolveForUse(in.TaskDefinition)
	if err != nil {
		return api.RunTaskOutput{}, err
	}
	resulting := in
	resulting.LaunchType, resulting.CapacityProviderStrategy = ecs.LaunchDefaults(in.LaunchType, in.CapacityProviderStrategy, c.Record)
	if err := p.checkStrategy(c, resulting.CapacityProviderStrategy); err != nil {
		return api.RunTaskOutput{}, err
	}
	want, request, err := p.standalone(c, d, resulting)
	if err != nil {
		return api.RunTaskOutput{}, err
	}
	providers := standaloneProviders(resulting)
	if err := p.checkInstances(want, providers); err != nil {
		return api.RunTaskOutput{}, err
	}
	p.use(c)
	var arns []string
	for _, provider := range providers {
		want.provider = provider
		t, failures := p.launchStandalone(want, request)
		if t == nil {
			out.Failures = append(out.Failures, failures...)
			break
		}
		out.Tasks = append(out.Tasks, p.describe(t))
		arns = append(arns, t.arn(p))
	}
	p.remember(in.ClientToken, in, arns...)
	return out, nil
}

// StartTask starts a task on each named instance, without placement: an instance that
// cannot take it is a Failure.
// Source: Amazon ECS API Reference, StartTask.
func (p *Plane) StartTask(now time.Time, in api.StartTaskInput) (api.StartTaskOutput, error) {
	return request(p, now, "StartTask", in, p.startTaskRequest)
}

func (p *Plane) startTaskRequest(in api.StartTaskInput) (api.StartTaskOutput, error) {
	out := api.StartTaskOutput{Tasks: []ecs.Task{}, Failures: []ecs.Failure{}}
	if err := in.Validate(); err != nil {
		return api.StartTaskOutput{}, err
	}
	c, err := p.cluster(in.Cluster)
	if err != nil {
		return api.StartTaskOutput{}, err
	}
	d, err := p.registry.ResolveForUse(in.TaskDefinition)
	if err != nil {
		return api.StartTaskOutput{}, err
	}
	run := api.RunTaskInput{VolumeConfigurations: in.VolumeConfigurations, Group: in.Group, StartedBy: in.StartedBy, Overrides: in.Overrides, NetworkConfiguration: in.NetworkConfiguration,
		LaunchType: ecs.LaunchTypeEC2, Tags: in.Tags, PropagateTags: in.PropagateTags, EnableECSManagedTags: in.EnableECSManagedTags, EnableExecuteCommand: in.EnableExecuteCommand}
	want, request, err := p.standalone(c, d, run)
	if err != nil {
		return api.StartTaskOutput{}, err
	}
	for _, ref := range in.ContainerInstances {
		i, ok := c.byInstance[ecs.InstanceID(core.NameOf(ref))]
		switch {
		case !ok:
			out.Failures = append(out.Failures, missing(ref))
		case i.Record.Status == ecs.ContainerInstanceStatusInactive:
			out.Failures = append(out.Failures, ecs.Failure{Arn: i.Record.ContainerInstanceArn, Reason: string(ecs.ContainerInstanceStatusInactive)})
		default:
			want.instance = i.id()
			if t, _ := p.launch(want, request); t != nil {
				out.Tasks = append(out.Tasks, p.describe(t))
			} else {
				out.Failures = append(out.Failures, p.failureOn(c, i, request))
			}
		}
	}
	return out, nil
}

// StopTask stops a task and takes its tags away; one that is stopping or stopped already stays
// as it is.
// Source: Amazon ECS API Reference, StopTask.
func (p *Plane) StopTask(now time.Time, in api.StopTaskInput) (ecs.Task, error) {
	return request(p, now, "StopTask", in, func(in api.StopTaskInput) (ecs.Task, error) {
		if err := in.Validate(); err != nil {
			return ecs.Task{}, err
		}
		c, err := p.cluster(in.Cluster)
		if err != nil {
			return ecs.Task{}, err
		}
		t, ok := p.byTask[ecs.TaskID(core.NameOf(in.Task))]
		if !ok || t.cluster != c {
			return ecs.Task{}, core.Fault(ecs.InvalidParameterException, "task", "The referenced task was not found.")
		}
		p.stop(t, ecs.TaskStopCodeUserInitiated, cmp.Or(in.Reason, "Task stopped by user"))
		t.Tags = nil
		return p.describe(t), nil
	})
}
