package show

import (
	"cmp"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/tasks"
	"github.com/bayplan/bayplan/lifecycle"
)

// DescribeTasks answers the request of that name.
func (m *Room) DescribeTasks(in api.DescribeTasksInput) (api.DescribeTasksOutput, error) {
	out := api.DescribeTasksOutput{Tasks: []ecs.Task{}, Failures: []ecs.Failure{}}
	if err := in.Validate(); err != nil {
		return out, err
	}
	c, err := m.Fleet.Cluster(in.Cluster)
	if err != nil {
		return out, err
	}
	for _, ref := range in.Tasks {
		if t, ok := m.Tasks.ByTask[ecs.TaskID(core.NameOf(ref))]; ok && t.Cluster == c {
			v := m.Task(t)
			if !core.Included(in.Include, "TAGS") {
				v.Tags = []ecs.Tag{}
			}
			out.Tasks = append(out.Tasks, v)
		} else {
			out.Failures = append(out.Failures,
				core.Missing(m.Core.ARN("ecs", "task/"+c.Record.ClusterName+"/"+core.NameOf(ref))))
		}
	}
	return out, nil
}

// ListTasks answers the request of that name.
func (m *Room) ListTasks(in api.ListTasksInput) (api.Page, error) {
	if err := in.Validate(); err != nil {
		return api.Page{}, err
	}
	c, err := m.Fleet.Cluster(in.Cluster)
	if err != nil {
		return api.Page{}, err
	}
	if in.ServiceName != "" {
		if _, err := m.Services.Service(c, in.ServiceName); err != nil {
			return api.Page{}, err
		}
	}
	in.DesiredStatus = cmp.Or(in.DesiredStatus, ecs.DesiredStatusRunning)
	in.ContainerInstance, in.ServiceName = core.NameOf(in.ContainerInstance), core.NameOf(in.ServiceName)
	matching := func(yield func(string) bool) {
		for t := range m.Tasks.In(c) {
			if matches(t, in) && !yield(string(t.ID)) {
				return
			}
		}
	}
	prefix := m.Core.ARN("ecs", "task/"+c.Record.ClusterName+"/")
	return paged(core.PageUnder(prefix, matching, in.NextToken, in.MaxResults))
}

// matches reports whether a task passes every filter; they hold names, not ARNs.
func matches(t *tasks.Task, in api.ListTasksInput) bool {
	return t.Desired() == in.DesiredStatus && t.Machine.Last != lifecycle.StatusDeleted &&
		(in.ContainerInstance == "" || string(t.Instance) == in.ContainerInstance) &&
		(in.Family == "" || t.Definition.Family == in.Family) &&
		(in.StartedBy == "" || t.StartedBy == in.StartedBy) &&
		(in.ServiceName == "" || t.ServiceName() == in.ServiceName) &&
		(in.LaunchType == "" || t.LaunchType == in.LaunchType)
}
