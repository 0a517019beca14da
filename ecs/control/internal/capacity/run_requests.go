package capacity

import (
	"cmp"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/tasks"
)

// Run launches standalone tasks, as many as find a place; failures say what the next one lacked.
func (m *Room) Run(in api.RunTaskInput) (list []*tasks.Task, failures []ecs.Failure, err error) {
	if err := in.Validate(); err != nil {
		return nil, nil, err
	}
	c, err := m.Fleet.ClusterOrDefault(in.Cluster)
	if err != nil {
		return nil, nil, err
	}
	d, err := m.Registry.ResolveForUse(in.TaskDefinition)
	if err != nil {
		return nil, nil, err
	}
	in.LaunchType, in.CapacityProviderStrategy = ecs.LaunchDefaults(in.LaunchType, in.CapacityProviderStrategy,
		c.Record)
	if err := m.CheckStrategy(c, in.CapacityProviderStrategy); err != nil {
		return nil, nil, err
	}
	p, err := m.standalone(c, d, in)
	if err != nil {
		return nil, nil, err
	}
	defer p.Done()
	providers := standaloneProviders(in)
	if err := m.checkInstances(p.Order, providers); err != nil {
		return nil, nil, err
	}
	m.Fleet.Use(c)
	for _, provider := range providers {
		t, failures := m.launchStandalone(p, provider)
		if t == nil {
			return list, failures, nil
		}
		list = append(list, t)
	}
	return list, nil, nil
}

// Start launches a standalone task on each named instance that can take it.
func (m *Room) Start(in api.StartTaskInput) (list []*tasks.Task, failures []ecs.Failure, err error) {
	if err := in.Validate(); err != nil {
		return nil, nil, err
	}
	c, err := m.Fleet.Cluster(in.Cluster)
	if err != nil {
		return nil, nil, err
	}
	d, err := m.Registry.ResolveForUse(in.TaskDefinition)
	if err != nil {
		return nil, nil, err
	}
	run := api.RunTaskInput{VolumeConfigurations: in.VolumeConfigurations, Group: in.Group, StartedBy: in.StartedBy,
		Overrides:            in.Overrides,
		NetworkConfiguration: in.NetworkConfiguration, LaunchType: ecs.LaunchTypeEC2, Tags: in.Tags,
		PropagateTags:        in.PropagateTags,
		EnableECSManagedTags: in.EnableECSManagedTags, EnableExecuteCommand: in.EnableExecuteCommand}
	p, err := m.standalone(c, d, run)
	if err != nil {
		return nil, nil, err
	}
	defer p.Done()
	for _, ref := range in.ContainerInstances {
		i, ok := c.ByInstance[ecs.InstanceID(core.NameOf(ref))]
		switch {
		case !ok:
			failures = append(failures, core.Missing(ref))
		case i.Record.Status == ecs.ContainerInstanceStatusInactive:
			failures = append(failures,
				ecs.Failure{Arn: i.Record.ContainerInstanceArn, Reason: string(ecs.ContainerInstanceStatusInactive)})
		default:
			p.Instance = i.ID()
			if t, _ := m.Launch(p, ""); t != nil {
				list = append(list, t)
			} else {
				failures = append(failures, p.failureOn(i))
			}
		}
	}
	return list, failures, nil
}

// StopTask stops a task by request, and takes its tags away. An unknown task is an InvalidParameterException.
func (m *Room) StopTask(in api.StopTaskInput) (*tasks.Task, error) {
	if err := in.Validate(); err != nil {
		return nil, err
	}
	c, err := m.Fleet.Cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	t, ok := m.Tasks.ByTask[ecs.TaskID(core.NameOf(in.Task))]
	if !ok || t.Cluster != c {
		return nil, core.Fault(ecs.InvalidParameterException, "task", "The referenced task was not found.")
	}
	m.Tasks.Stop(t, ecs.TaskStopCodeUserInitiated, cmp.Or(in.Reason, "Task stopped by user"))
	m.Tasks.Retag(t, nil)
	return t, nil
}
