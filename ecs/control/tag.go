package control

import (
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs"
)

// propagated returns the tags that a new task gets from its definition or from its service.
func propagated(from ecs.PropagateTags, d ecs.TaskDefinition, service []ecs.Tag) []ecs.Tag {
	switch from {
	case ecs.PropagateTagsTaskDefinition:
		return d.Tags
	case ecs.PropagateTagsService:
		return service
	}
	return nil
}

// managedTags are the tags that ECS itself gives to a task if it is asked to.
func managedTags(enabled bool, c *cluster, service string) []ecs.Tag {
	if !enabled {
		return nil
	}
	tags := []ecs.Tag{{Key: "aws:ecs:clusterName", Value: c.Record.ClusterName}}
	if service != "" {
		tags = append(tags, ecs.Tag{Key: "aws:ecs:serviceName", Value: service})
	}
	return tags
}

// joinTags joins lists of tags; of a key that is there twice the later value holds.
func joinTags(lists ...[]ecs.Tag) []ecs.Tag {
	var all []ecs.Tag
	for _, list := range lists {
		for _, tag := range list {
			all = append(slices.DeleteFunc(all, func(o ecs.Tag) bool { return o.Key == tag.Key }), tag)
		}
	}
	return all
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
		next := joinTags(*tags, in.Tags)
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
