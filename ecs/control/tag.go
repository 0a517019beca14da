package control

import (
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs"
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
