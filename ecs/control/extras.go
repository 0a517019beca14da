package control

import (
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/lifecycle"
	"github.com/bayplan/bayplan/placement"
)

// taskTags returns the tags of a new task: those that are propagated, then the call's.
func (p *Plane) taskTags(propagate ecs.PropagateTags, d ecs.TaskDefinition, own []ecs.Tag) []ecs.Tag {
	switch propagate {
	case ecs.PropagateTagsTaskDefinition:
		return slices.Clone(d.Tags)
	case ecs.PropagateTagsService:
		return slices.Clone(own)
	}
	return nil
}

// failures gives the failures of a placement the ARNs of their instances.
func (p *Plane) failures(c *cluster, not *placement.NotPlaced) []ecs.Failure {
	list := slices.Clone(not.Failures)
	for i := range list {
		if in, ok := c.byInstance[ecs.InstanceID(nameOf(list[i].Arn))]; ok {
			list[i].Arn = in.Record.ContainerInstanceArn
		}
	}
	return list
}

// failureOn says why a named instance does not take a task.
func (p *Plane) failureOn(c *cluster, i *instance, r placement.Request) ecs.Failure {
	f := ecs.Failure{Arn: i.Record.ContainerInstanceArn, Reason: string(placement.ReasonPorts)}
	v, _, err := placement.Judge(c.index.Snapshot(), r, i.id())
	if err == nil && len(v.Reasons) > 0 {
		f.Reason, f.Detail = string(v.Reasons[0].Code), v.Reasons[0].String()
	}
	return f
}

// departedInstance finds an INACTIVE instance that is still shown.
func (p *Plane) departedInstance(id ecs.InstanceID) (*instance, bool) {
	for _, c := range p.clusters {
		if i, ok := c.byInstance[id]; ok && i.Forget != 0 {
			return i, true
		}
	}
	return nil, false
}

func (p *Plane) forgetInstance(i *instance) {
	c := i.cluster
	delete(c.byInstance, i.id())
	if p.byEC2[i.Record.EC2InstanceID] == i {
		delete(p.byEC2, i.Record.EC2InstanceID)
	}
	c.instances = slices.DeleteFunc(c.instances, func(o *instance) bool { return o == i })
}

// ProtectedTask is a task's scale-in protection.
type ProtectedTask struct {
	TaskArn           string      `json:"taskArn"`
	ProtectionEnabled bool        `json:"protectionEnabled"`
	ExpirationDate    ecs.Instant `json:"expirationDate,omitzero"`
}

// ProtectedTasks is the answer of the requests about scale-in protection.
type ProtectedTasks struct {
	ProtectedTasks []ProtectedTask `json:"protectedTasks"`
	Failures       []ecs.Failure   `json:"failures"`
}

// UpdateTaskProtection protects service tasks from scale-in and deployments, or ends that.
// A task that belongs to no service or does not run is a Failure TASK_NOT_VALID.
// Source: Amazon ECS API Reference, UpdateTaskProtection.
func (p *Plane) UpdateTaskProtection(now time.Time, in ecs.UpdateTaskProtectionInput) (ProtectedTasks, error) {
	return request(p, now, "UpdateTaskProtection", in, func(in ecs.UpdateTaskProtectionInput) (ProtectedTasks, error) {
		if err := in.Validate(); err != nil {
			return ProtectedTasks{}, err
		}
		event := lifecycle.ProtectionDisabled(p.now().Time())
		if in.ProtectionEnabled {
			event = lifecycle.ProtectionEnabled(p.now().Time(), in.ExpiresInMinutes)
		}
		return p.protection(in.Cluster, in.Tasks, func(t *task) { p.step(t, event) })
	})
}

// GetTaskProtection returns the scale-in protection of service tasks.
// Source: Amazon ECS API Reference, GetTaskProtection.
func (p *Plane) GetTaskProtection(in ecs.GetTaskProtectionInput) (ProtectedTasks, error) {
	if err := in.Validate(); err != nil {
		return ProtectedTasks{}, err
	}
	return p.protection(in.Cluster, in.Tasks, func(*task) {})
}

func (p *Plane) protection(cluster string, tasks []string, apply func(*task)) (ProtectedTasks, error) {
	out := ProtectedTasks{ProtectedTasks: []ProtectedTask{}, Failures: []ecs.Failure{}}
	c, err := p.cluster(cluster)
	if err != nil {
		return out, err
	}
	for _, ref := range tasks {
		t, ok := p.byTask[ecs.TaskID(nameOf(ref))]
		switch {
		case !ok || t.cluster != c:
			out.Failures = append(out.Failures, missing(ref))
		case t.Service == "" || t.Machine.Last != lifecycle.StatusRunning:
			out.Failures = append(out.Failures, ecs.Failure{Arn: t.arn(p), Reason: "TASK_NOT_VALID"})
		default:
			apply(t)
			until := t.protectedUntil(p.now())
			out.ProtectedTasks = append(out.ProtectedTasks, ProtectedTask{TaskArn: t.arn(p), ProtectionEnabled: until != 0, ExpirationDate: until})
		}
	}
	return out, nil
}

// TagResource sets tags of a cluster, service, task or container instance; a key that is
// there gets the new value.
// Source: Amazon ECS API Reference, TagResource.
func (p *Plane) TagResource(now time.Time, in ecs.TagResourceInput) error {
	return accept(p, now, "TagResource", in, func(in ecs.TagResourceInput) error {
		if err := in.Validate(); err != nil {
			return err
		}
		tags, err := p.tags(in.ResourceArn)
		if err != nil {
			return err
		}
		next := slices.Clone(*tags)
		for _, tag := range in.Tags {
			next = slices.DeleteFunc(next, func(o ecs.Tag) bool { return o.Key == tag.Key })
			next = append(next, tag)
		}
		if len(next) > maxTags {
			return fault(ecs.InvalidParameterException, "tags", "A resource may have at most %d tags; these would be %d.", maxTags, len(next))
		}
		*tags = next
		return nil
	})
}

const maxTags = 50

// UntagResource removes tags by key.
// Source: Amazon ECS API Reference, UntagResource.
func (p *Plane) UntagResource(now time.Time, in ecs.UntagResourceInput) error {
	return accept(p, now, "UntagResource", in, func(in ecs.UntagResourceInput) error {
		if err := in.Validate(); err != nil {
			return err
		}
		tags, err := p.tags(in.ResourceArn)
		if err == nil {
			*tags = slices.DeleteFunc(slices.Clone(*tags), func(o ecs.Tag) bool { return slices.Contains(in.TagKeys, o.Key) })
		}
		return err
	})
}

// ListTagsForResource returns a resource's tags.
// Source: Amazon ECS API Reference, ListTagsForResource.
func (p *Plane) ListTagsForResource(in ecs.ListTagsForResourceInput) ([]ecs.Tag, error) {
	if err := in.Validate(); err != nil {
		return nil, err
	}
	tags, err := p.tags(in.ResourceArn)
	if err != nil {
		return nil, err
	}
	return slices.Clone(*tags), nil
}

// tags returns where a resource keeps its tags.
func (p *Plane) tags(arn string) (*[]ecs.Tag, error) {
	a, err := ecs.ParseARN(arn)
	if err != nil {
		return nil, err
	}
	c, ok := p.byCluster[a.Cluster()]
	if !ok {
		return nil, fault(ecs.ClusterNotFoundException, "resourceArn", "Cluster not found.")
	}
	switch a.Type {
	case ecs.ARNTypeCluster:
		return &c.Record.Tags, nil
	case ecs.ARNTypeService:
		if s, ok := c.byService[nameOf(arn)]; ok {
			return &s.Record.Tags, nil
		}
	case ecs.ARNTypeContainerInstance:
		if i, ok := c.byInstance[ecs.InstanceID(nameOf(arn))]; ok {
			return &i.Record.Tags, nil
		}
	case ecs.ARNTypeTask:
		if t, ok := p.byTask[ecs.TaskID(nameOf(arn))]; ok {
			return &t.Tags, nil
		}
	}
	return nil, fault(ecs.InvalidParameterException, "resourceArn", "The specified resource %s was not found.", arn)
}
