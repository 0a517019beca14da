package capacity

import (
	"cmp"
	"errors"
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
	"github.com/bayplan/bayplan/ecs/control/internal/tasks"
	"github.com/bayplan/bayplan/ecs/control/internal/written"
	"github.com/bayplan/bayplan/placement"
)

// standalone turns a RunTask, with the cluster's launch defaults filled in, into what to launch and
// where it may go. The caller calls Done after the launches.
func (m *Room) standalone(c *fleet.Cluster, d ecs.TaskDefinition, in api.RunTaskInput) (*Prepared, error) {
	if err := in.ValidateFor(d); err != nil {
		return nil, err
	}
	group := cmp.Or(in.Group, "family:"+d.Family)
	definition := written.Resolve(d, in.Overrides)
	want := tasks.Order{Cluster: c, Definition: &definition, Overrides: in.Overrides, Group: group,
		StartedBy: in.StartedBy, LaunchType: in.LaunchType,
		Network: in.NetworkConfiguration, Volume: written.VolumeOf(in.VolumeConfigurations),
		Tags: core.JoinTags(core.Propagated(in.PropagateTags, d, nil),
			core.ManagedTags(in.EnableECSManagedTags, c.Record.ClusterName, ""), in.Tags),
		Exec: in.EnableExecuteCommand, Platform: in.PlatformVersion}
	request, err := placement.NewRequest(definition, group)
	if err != nil {
		return nil, err
	}
	request.Constraints = append(slices.Clone(request.Constraints), in.PlacementConstraints...)
	request.Strategy = in.PlacementStrategy
	if d.NetworkMode == ecs.NetworkModeAwsvpc {
		request.Zones = m.Fleet.SubnetZones(in.NetworkConfiguration)
	}
	p := m.Prepare(want, request)
	_, err = p.shapeOf("")
	return p, err
}

// standaloneProviders returns the capacity provider of each task of the call.
func standaloneProviders(in api.RunTaskInput) []string {
	count := in.Count.Or(1)
	names := Distributed(in.CapacityProviderStrategy, nil, count)
	for len(names) < count {
		names = append(names, "")
	}
	return names
}

// checkInstances refuses a RunTask none of whose tasks can find a container instance: the
// cluster has none, or none of the capacity providers has one, and no task may wait for one.
func (m *Room) checkInstances(l tasks.Order, providers []string) error {
	for _, l.Provider = range providers {
		taken := func(i *fleet.Instance) bool {
			return i.Open() && (l.Provider == "" || i.Record.CapacityProviderName == l.Provider)
		}
		if l.Fargate() || m.waits(l) || slices.ContainsFunc(l.Cluster.Instances, taken) {
			return nil
		}
	}
	if l.Provider == "" {
		return core.Fault(ecs.InvalidParameterException, "", "No Container Instances were found in your cluster.")
	}
	return core.Fault(ecs.InvalidParameterException, "", "No Container Instances were found in your capacity provider.")
}

// launchStandalone is launch for a task that belongs to no service: what it lacked comes
// back as failures.
func (m *Room) launchStandalone(p *Prepared, provider string) (*tasks.Task, []ecs.Failure) {
	t, _ := m.launch(p, provider)
	if t != nil {
		return t, nil
	}
	_, err := placement.Place(p.Cluster.Index.Snapshot(), p.requestOf(provider))
	var not *placement.NotPlaced
	if !errors.As(err, &not) {
		return nil, []ecs.Failure{{Reason: string(placement.ReasonPorts)}}
	}
	if list := m.failures(p.Cluster, not); len(list) > 0 {
		return nil, list
	}
	return nil, []ecs.Failure{{Arn: m.Core.ARN("ecs", "capacity-provider/"+provider),
		Reason: "EMPTY CAPACITY PROVIDER"}}
}

// failures gives the failures of a placement the ARNs of their instances.
func (m *Room) failures(c *fleet.Cluster, not *placement.NotPlaced) []ecs.Failure {
	list := slices.Clone(not.Failures)
	for i := range list {
		if in, ok := c.ByInstance[ecs.InstanceID(core.NameOf(list[i].Arn))]; ok {
			list[i].Arn = in.Record.ContainerInstanceArn
		}
	}
	return list
}

// failureOn says why a named instance does not take a task.
func (p *Prepared) failureOn(i *fleet.Instance) ecs.Failure {
	f := ecs.Failure{Arn: i.Record.ContainerInstanceArn, Reason: string(placement.ReasonPorts)}
	shape, err := p.shapeOf("")
	if err != nil {
		f.Detail = err.Error()
		return f
	}
	if v, _ := p.Cluster.Index.Judge(shape, i.ID()); len(v.Reasons) > 0 {
		f.Reason, f.Detail = string(v.Reasons[0].Code), v.Reasons[0].String()
	}
	return f
}
