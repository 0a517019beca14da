package console

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/examples/whatif/answer"
)

const (
	mostSimulated = 200  // container instances: beyond them there is a verdict only
	mostJudged    = 1000 // container instances: beyond them a question takes too long for one who waits
	mostServices  = 10   // that a question about an instance is answered for
	mostAsked     = 5000 // tasks of a service
)

// question is what a page asks before it does something.
type question struct {
	Cluster string `json:"cluster"`
	// Drain is the container instance that drains; else Service is set.
	Drain   string `json:"drain"`
	Service string `json:"service"`
	// DesiredCount is the new desired count, absent for a deployment.
	DesiredCount ecs.Opt[int] `json:"desiredCount"`
	// TaskDefinition is the family and revision that is deployed; Definition is one that is not registered yet.
	TaskDefinition string          `json:"taskDefinition"`
	Definition     json.RawMessage `json:"definition"`
}

// whatIfAnswer is what would become of one service.
type whatIfAnswer struct {
	Service  string `json:"service"`
	Good     bool   `json:"good"`
	Headline string `json:"headline"`
	Text     string `json:"text"`
}

// whatIf answers a question with the package of examples/whatif. One question is answered at a time.
func (v *visit) whatIf() (any, error) {
	var q question
	if err := v.read(&q); err != nil {
		return nil, err
	}
	select {
	case v.asking <- struct{}{}:
		defer func() { <-v.asking }()
	default:
		return nil, ecs.Fault(ecs.LimitExceededException, "", "Another question is being answered. Ask again.")
	}
	out := struct {
		Answers []whatIfAnswer `json:"answers"`
		More    int            `json:"more,omitzero"` // services that are not answered for
	}{Answers: []whatIfAnswer{}}
	var documents []document
	err := v.hub.world.Read(func(p *control.Plane, _ time.Time) error {
		names, err := q.services(p)
		if err != nil || len(names) == 0 {
			return err
		}
		out.More = max(0, len(names)-mostServices)
		documents, err = q.documents(p, names[:len(names)-out.More])
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, d := range documents {
		out.Answers = append(out.Answers, d.ask())
	}
	return out, nil
}

// document is a question about one service, in the form that package answer takes.
type document struct {
	service string
	answer.Question
}

// ask asks it. What package answer refuses is an answer, too.
func (d document) ask() whatIfAnswer {
	report, err := answer.Ask(d.Question)
	a := whatIfAnswer{Service: d.service}
	var text strings.Builder
	if write := report.Text(&text); write != nil {
		err = errors.Join(err, write)
	}
	a.Text = text.String()
	a.Good, a.Headline = report.Headline.Good, report.Headline.Text
	if err != nil {
		a.Good, a.Headline = false, err.Error()
	}
	return a
}

// documents describes the cluster as it would be: one document for each service.
func (q question) documents(p *control.Plane, names []string) ([]document, error) {
	instances, err := q.instances(p)
	if err != nil {
		return nil, err
	}
	var list []document
	for _, name := range names {
		d, err := q.document(p, name)
		if err != nil {
			return nil, err
		}
		d.Instances = instances
		list = append(list, d)
	}
	return list, nil
}

// services are those that the question is about: the named one, or those with tasks on the instance that drains.
func (q question) services(p *control.Plane) (names []string, err error) {
	if q.Drain == "" {
		if q.Service == "" {
			return nil, ecs.Fault(ecs.InvalidParameterException, "service", "service or drain must be given.")
		}
		return []string{nameOf(q.Service)}, nil
	}
	tasks, err := described(p, api.ListTasksInput{Cluster: q.Cluster, ContainerInstance: q.Drain})
	for _, t := range tasks {
		if name, ok := strings.CutPrefix(t.Group, "service:"); ok && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, err
}

// instances are all container instances of the cluster as describe-container-instances prints them; the one that
// drains does so. On a cluster without any the document is nil: its tasks are on Fargate.
func (q question) instances(p *control.Plane) ([]byte, error) {
	var all api.DescribeContainerInstancesOutput
	in := api.ListContainerInstancesInput{Cluster: q.Cluster}
	for {
		page, err := p.ListContainerInstances(in)
		if err != nil {
			return nil, err
		}
		if len(page.Arns) > 0 {
			out, err := p.DescribeContainerInstances(api.DescribeContainerInstancesInput{Cluster: q.Cluster,
				ContainerInstances: page.Arns})
			if err != nil {
				return nil, err
			}
			all.ContainerInstances = append(all.ContainerInstances, out.ContainerInstances...)
		}
		if len(all.ContainerInstances) > mostJudged {
			return nil, ecs.Fault(ecs.LimitExceededException, "cluster", fmt.Sprintf(
				"The cluster has more than %d container instances: ask examples/whatif.", mostJudged))
		}
		if in.NextToken = page.NextToken; in.NextToken == "" {
			break
		}
	}
	if len(all.ContainerInstances) == 0 {
		return nil, nil
	}
	for i := range all.ContainerInstances {
		if q.Drain != "" && string(all.ContainerInstances[i].ID()) == nameOf(q.Drain) {
			all.ContainerInstances[i].Status = ecs.ContainerInstanceStatusDraining
		}
	}
	return json.Marshal(all)
}

// document describes one service with its tasks and definitions.
func (q question) document(p *control.Plane, name string) (document, error) {
	d := document{service: name}
	out, err := p.DescribeServices(api.DescribeServicesInput{Cluster: q.Cluster, Services: []string{name}})
	if err != nil {
		return d, err
	}
	if len(out.Services) == 0 {
		return d, ecs.Fault(ecs.ServiceNotFoundException, "service", "Service not found.")
	}
	s := &out.Services[0]
	running, err := definitionOf(p, s.TaskDefinition)
	if err != nil {
		return d, err
	}
	d.Keep, d.Most, d.Seed = true, mostSimulated, 1
	d.Running, d.Definition = running, running
	switch count, set := q.DesiredCount.Get(); {
	case q.Drain != "":
	case set && (count < 0 || count > mostAsked):
		return d, ecs.Fault(ecs.InvalidParameterException, "desiredCount",
			fmt.Sprintf("desiredCount must be from 0 to %d; it is %d.", mostAsked, count))
	case set:
		s.DesiredCount = count
	case len(q.Definition) > 0:
		d.Keep, d.Definition = false, q.Definition
	default:
		d.Keep = false
		if d.Definition, err = definitionOf(p, q.TaskDefinition); err != nil {
			return d, err
		}
	}
	tasks, err := described(p, api.ListTasksInput{Cluster: q.Cluster, ServiceName: name})
	if err != nil {
		return d, err
	}
	s.RunningCount = len(tasks)
	if len(tasks) > 0 {
		if d.Tasks, err = json.Marshal(api.DescribeTasksOutput{Tasks: tasks}); err != nil {
			return d, err
		}
	} else {
		d.Running = nil
	}
	d.Service, err = json.Marshal(out)
	return d, err
}

// definitionOf is a registered task definition as register-task-definition takes it.
func definitionOf(p *control.Plane, ref string) ([]byte, error) {
	out, err := p.DescribeTaskDefinition(api.DescribeTaskDefinitionInput{TaskDefinition: nameOf(ref)})
	if err != nil {
		return nil, err
	}
	in, _ := out.TaskDefinition.Input()
	return json.Marshal(in)
}

// described describes the tasks that a list has, at most mostAsked of them.
func described(p *control.Plane, in api.ListTasksInput) (tasks []ecs.Task, err error) {
	for {
		page, err := p.ListTasks(in)
		if err != nil {
			return nil, err
		}
		if len(page.Arns) > 0 {
			out, err := p.DescribeTasks(api.DescribeTasksInput{Cluster: in.Cluster, Tasks: page.Arns})
			if err != nil {
				return nil, err
			}
			tasks = append(tasks, out.Tasks...)
		}
		if in.NextToken = page.NextToken; in.NextToken == "" || len(tasks) >= mostAsked {
			return tasks, nil
		}
	}
}
