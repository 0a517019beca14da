package show

import (
	"cmp"
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
	"github.com/bayplan/bayplan/ecs/control/internal/tasks"
	"github.com/bayplan/bayplan/ecs/query"
)

// DescribeContainerInstances answers the request of that name.
func (m *Room) DescribeContainerInstances(
	in api.DescribeContainerInstancesInput,
) (api.DescribeContainerInstancesOutput, error) {
	out := api.DescribeContainerInstancesOutput{ContainerInstances: []ecs.ContainerInstance{},
		Failures: []ecs.Failure{}}
	if err := in.Validate(); err != nil {
		return out, err
	}
	c, err := m.Fleet.Cluster(in.Cluster)
	if err != nil {
		return out, err
	}
	for _, ref := range in.ContainerInstances {
		if i, ok := c.ByInstance[ecs.InstanceID(core.NameOf(ref))]; ok {
			v := m.Instance(i)
			if !core.Included(in.Include, "TAGS") {
				v.Tags = []ecs.Tag{}
			}
			if !core.Included(in.Include, "CONTAINER_INSTANCE_HEALTH") {
				v.HealthStatus = nil
			}
			out.ContainerInstances = append(out.ContainerInstances, v)
		} else {
			out.Failures = append(out.Failures,
				core.Missing(m.Core.ARN("ecs", "container-instance/"+c.Record.ClusterName+"/"+core.NameOf(ref))))
		}
	}
	return out, nil
}

// Instance returns the record with the amounts that remain and the tasks counted.
func (m *Room) Instance(i *fleet.Instance) ecs.ContainerInstance {
	v := i.Record
	v.RemainingResources = i.Remaining()
	v.Attributes, v.Attachments, v.Tags = core.Shown(v.Attributes), core.Shown(v.Attachments), core.Shown(v.Tags)
	for t := range tasks.On(i) {
		switch {
		case t.Status().Starting():
			v.PendingTasksCount++
		case t.Desired() == ecs.DesiredStatusRunning:
			v.RunningTasksCount++
		}
	}
	return v
}

// ListContainerInstances answers the request of that name.
func (m *Room) ListContainerInstances(in api.ListContainerInstancesInput) (api.Page, error) {
	if err := in.Validate(); err != nil {
		return api.Page{}, err
	}
	c, err := m.Fleet.Cluster(in.Cluster)
	if err != nil {
		return api.Page{}, err
	}
	var filter *query.Expr
	if in.Filter != "" {
		if filter, err = query.Parse(in.Filter); err != nil {
			return api.Page{}, ecs.ErrorList{{Code: ecs.InvalidParameterException, Field: "filter",
				Message: err.Error(), Err: err}}
		}
	}
	var arns []string
	for _, i := range c.Instances {
		status := i.Record.Status
		if status == ecs.ContainerInstanceStatusInactive || in.Status != "" && in.Status != status {
			continue
		}
		if filter == nil || filter.Match(subject(i)) {
			arns = append(arns, i.Record.ContainerInstanceArn)
		}
	}
	return paged(core.Page(arns, in.NextToken, in.MaxResults))
}

// subject shows an instance, and the tasks on it that are to run, to the cluster query language.
func subject(i *fleet.Instance) query.Instance {
	var groups []string
	for t := range tasks.On(i) {
		if t.Counted {
			groups = append(groups, t.Group)
		}
	}
	return i.Record.Subject(groups...)
}

// ListAttributes answers the request of that name.
func (m *Room) ListAttributes(in api.ListAttributesInput) (api.ListAttributesOutput, error) {
	if err := in.Validate(); err != nil {
		return api.ListAttributesOutput{}, err
	}
	c, err := m.Fleet.Cluster(in.Cluster)
	if err != nil {
		return api.ListAttributesOutput{}, err
	}
	list := []ecs.Attribute{}
	for _, i := range c.Instances {
		if i.Record.Status == ecs.ContainerInstanceStatusInactive {
			continue
		}
		for _, a := range i.Record.Attributes {
			if (in.AttributeName == "" || a.Name == in.AttributeName) &&
				(in.AttributeValue == "" || a.Value == in.AttributeValue) {
				list = append(list,
					ecs.Attribute{Name: a.Name, Value: a.Value, TargetType: ecs.TargetTypeContainerInstance,
						TargetID: i.Record.ContainerInstanceArn})
			}
		}
	}
	key := func(a ecs.Attribute) string { return a.TargetID + "\x00" + a.Name }
	slices.SortFunc(list, func(a, b ecs.Attribute) int { return cmp.Compare(key(a), key(b)) })
	list, token, err := core.Cut(list, in.NextToken, in.MaxResults.Or(core.MaxPage), core.MaxPage, key, false)
	return api.ListAttributesOutput{Attributes: list, NextToken: token}, err
}
