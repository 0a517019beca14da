package console

import (
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/message"
)

// mostTold bounds the lists of a page: events, changes, tasks.
const mostTold = 200

// taskPage is what the page of a task shows.
type taskPage struct {
	Now     ecs.Instant          `json:"now"`
	Task    *ecs.Task            `json:"task"`          // null: it is described no more
	Answer  *control.Explanation `json:"answer"`        // null likewise
	Text    string               `json:"text,omitzero"` // of the answer
	Why     string               `json:"why,omitzero"`  // it was placed where it is
	Changes []message.Change     `json:"changes"`       // its life, oldest first
	Essence []containerLife      `json:"containers"`    // in the order of the task
}

// containerLife is what the definition says of a container of the task.
type containerLife struct {
	Name      string   `json:"name"`
	Essential bool     `json:"essential"`
	DependsOn []string `json:"dependsOn,omitempty"`
}

// task shows one task.
func (v *visit) task() (any, error) {
	id := nameOf(v.asked("task"))
	out := taskPage{Changes: []message.Change{}, Essence: []containerLife{}}
	err := v.hub.world.Read(func(p *control.Plane, now time.Time) error {
		out.Now = ecs.At(now)
		for c := range v.hub.world.Changes() {
			if string(c.Task) != id {
				continue
			}
			if c.Why != "" && out.Why == "" {
				out.Why = c.Why
			}
			c.Why = ""
			out.Changes = append(out.Changes, c)
		}
		out.Changes = out.Changes[max(0, len(out.Changes)-mostTold):]
		described, err := p.DescribeTasks(api.DescribeTasksInput{Cluster: v.asked("cluster"), Tasks: []string{id}})
		if err != nil {
			return err
		}
		if len(described.Tasks) == 0 {
			if len(out.Changes) == 0 {
				return ecs.Fault(ecs.InvalidParameterException, "task", "The referenced task was not found.")
			}
			return nil
		}
		t := maskedTask(described.Tasks[0])
		out.Task = &t
		out.Essence = lives(p, t)
		if answer, err := p.Explain(now, v.asked("cluster"), t.TaskArn); err == nil {
			out.Answer, out.Text = &answer, answer.String()
		}
		return nil
	})
	return out, err
}

// lives is what the task's definition says of its containers.
func lives(p *control.Plane, t ecs.Task) []containerLife {
	list := []containerLife{}
	d, err := p.DescribeTaskDefinition(api.DescribeTaskDefinitionInput{TaskDefinition: t.TaskDefinitionArn})
	if err != nil {
		return list
	}
	for _, c := range d.TaskDefinition.ContainerDefinitions {
		life := containerLife{Name: c.Name, Essential: c.IsEssential()}
		for _, on := range c.DependsOn {
			life.DependsOn = append(life.DependsOn, on.ContainerName+" "+string(on.Condition))
		}
		list = append(list, life)
	}
	return list
}

// instance shows one container instance.
func (v *visit) instance() (any, error) {
	var out struct {
		Now      ecs.Instant            `json:"now"`
		Instance *ecs.ContainerInstance `json:"instance"`
	}
	err := v.hub.world.Read(func(p *control.Plane, now time.Time) error {
		out.Now = ecs.At(now)
		described, err := p.DescribeContainerInstances(api.DescribeContainerInstancesInput{
			Cluster: v.asked("cluster"), ContainerInstances: []string{nameOf(v.asked("instance"))}})
		if err != nil {
			return err
		}
		if len(described.ContainerInstances) == 0 {
			return ecs.Fault(ecs.InvalidParameterException, "instance", "The container instance was not found.")
		}
		out.Instance = &described.ContainerInstances[0]
		return nil
	})
	return out, err
}

// definition shows a task definition.
func (v *visit) definition() (any, error) {
	var d ecs.TaskDefinition
	err := v.hub.world.Read(func(p *control.Plane, _ time.Time) error {
		out, err := p.DescribeTaskDefinition(api.DescribeTaskDefinitionInput{
			TaskDefinition: v.asked("taskDefinition")})
		d = out.TaskDefinition
		return err
	})
	return maskedDefinition(d), err
}
