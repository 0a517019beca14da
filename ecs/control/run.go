package control

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/placement"
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

// standalone turns a RunTask, with the cluster's launch defaults filled in, into what to launch
// and where it may go.
func (p *Plane) standalone(c *cluster, d ecs.TaskDefinition, in api.RunTaskInput) (launch, placement.Request, error) {
	if err := in.ValidateFor(d); err != nil {
		return launch{}, placement.Request{}, err
	}
	group := cmp.Or(in.Group, "family:"+d.Family)
	want := launch{cluster: c, definition: resolve(d, in.Overrides), overrides: in.Overrides, group: group, startedBy: in.StartedBy, launchType: in.LaunchType,
		network: in.NetworkConfiguration, volume: volumeOf(in.VolumeConfigurations), tags: joinTags(propagated(in.PropagateTags, d, nil), managedTags(in.EnableECSManagedTags, c, ""), in.Tags), exec: in.EnableExecuteCommand, platform: in.PlatformVersion}
	request, err := placement.NewRequest(want.definition, group)
	if err != nil {
		return launch{}, placement.Request{}, err
	}
	request.Constraints = append(slices.Clone(request.Constraints), in.PlacementConstraints...)
	request.Strategy = in.PlacementStrategy
	if d.NetworkMode == ecs.NetworkModeAwsvpc {
		request.Zones = p.subnetZones(in.NetworkConfiguration)
	}
	shape, err := c.index.Prepare(request)
	if err != nil {
		return launch{}, placement.Request{}, err
	}
	c.index.Forget(shape)
	return want, request, nil
}

// standaloneProviders returns the capacity provider of each task of the call.
func standaloneProviders(in api.RunTaskInput) []string {
	count := in.Count.Or(1)
	names := distributed(in.CapacityProviderStrategy, nil, count)
	for len(names) < count {
		names = append(names, "")
	}
	return names
}

// checkInstances refuses a RunTask none of whose tasks can find a container instance: the
// cluster has none, or none of the capacity providers has one, and no task may wait for one.
func (p *Plane) checkInstances(l launch, providers []string) error {
	for _, l.provider = range providers {
		taken := func(i *instance) bool {
			return i.open() && (l.provider == "" || i.Record.CapacityProviderName == l.provider)
		}
		if l.fargate() || p.waits(l) || slices.ContainsFunc(l.cluster.instances, taken) {
			return nil
		}
	}
	if l.provider == "" {
		return core.Fault(ecs.InvalidParameterException, "", "No Container Instances were found in your cluster.")
	}
	return core.Fault(ecs.InvalidParameterException, "", "No Container Instances were found in your capacity provider.")
}

// launchStandalone is launch for a task that belongs to no service: what it lacked comes
// back as failures.
func (p *Plane) launchStandalone(want launch, request placement.Request) (*task, []ecs.Failure) {
	t, _ := p.launch(want, request)
	if t != nil {
		return t, nil
	}
	request.CapacityProvider = want.provider
	_, err := placement.Place(want.cluster.index.Snapshot(), request)
	var not *placement.NotPlaced
	if !errors.As(err, &not) {
		return nil, []ecs.Failure{{Reason: string(placement.ReasonPorts)}}
	}
	if list := p.failures(want.cluster, not); len(list) > 0 {
		return nil, list
	}
	return nil, []ecs.Failure{{Arn: p.core.ARN("ecs", "capacity-provider/"+want.provider), Reason: "EMPTY CAPACITY PROVIDER"}}
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

// failures gives the failures of a placement the ARNs of their instances.
func (p *Plane) failures(c *cluster, not *placement.NotPlaced) []ecs.Failure {
	list := slices.Clone(not.Failures)
	for i := range list {
		if in, ok := c.byInstance[ecs.InstanceID(core.NameOf(list[i].Arn))]; ok {
			list[i].Arn = in.Record.ContainerInstanceArn
		}
	}
	return list
}

// failureOn says why a named instance does not take a task.
func (p *Plane) failureOn(c *cluster, i *instance, r placement.Request) ecs.Failure {
	f := ecs.Failure{Arn: i.Record.ContainerInstanceArn, Reason: string(placement.ReasonPorts)}
	shape, err := c.index.Prepare(r)
	if err != nil {
		return f
	}
	defer c.index.Forget(shape)
	if v, _ := c.index.Judge(shape, i.id()); len(v.Reasons) > 0 {
		f.Reason, f.Detail = string(v.Reasons[0].Code), v.Reasons[0].String()
	}
	return f
}
